#pragma once
// The one place where a refusal becomes an HTTP answer (RFC 9457). Errors that the server itself
// finds take the same shape; what is inside a 5xx stays inside.

#include "platform/core/refusal.hpp"
#include "platform/http/message.hpp"

namespace stateset::http {

namespace codes {
inline constexpr Code unauthenticated{"unauthenticated", 401, "Who are you?",
                                      "Send a valid access token or API key."};
inline constexpr Code forbidden{"forbidden", 403, "You may not do this",
                                "Ask an administrator for the permission named in `detail`."};
inline constexpr Code no_such_route{"no_such_route", 404, "There is no such address",
                                    "Compare the path with /openapi.json."};
inline constexpr Code method_not_allowed{"method_not_allowed", 405, "Not with this method",
                                         "Use one of the methods in Allow."};
inline constexpr Code unsupported_media_type{"unsupported_media_type", 415, "Not this kind of body",
                                             "Send application/json."};
inline constexpr Code rate_limited{"rate_limited", 429, "Too many requests",
                                   "Wait as Retry-After says."};
}  // namespace codes

Response problem(const Refusal&, std::string_view instance, std::string_view request_id);
// For what has no Code of its own: errors of framing.
Response bare_problem(int status, std::string_view code, std::string_view detail);

}  // namespace stateset::http
