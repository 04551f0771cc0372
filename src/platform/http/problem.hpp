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
inline constexpr Code malformed_request{"malformed_request", 400, "This is not HTTP",
                                        "Mend the client: the connection was closed."};
inline constexpr Code request_timeout{"request_timeout", 408, "The request came too slowly",
                                      "Send it whole, on a new connection."};
inline constexpr Code body_too_large{"body_too_large", 413, "The body is too large",
                                     "Split the request; a body may have 1 MiB."};
inline constexpr Code target_too_long{"target_too_long", 414, "The address is too long",
                                      "Shorten the query; an address may have 8 KiB."};
inline constexpr Code headers_too_large{"headers_too_large", 431, "The headers are too large",
                                        "Send fewer or shorter headers, 16 KiB at most."};
inline constexpr Code internal_error{"internal_error", 500, "Something went wrong here",
                                     "Report it; with an idempotency key it is safe to retry."};
inline constexpr Code too_many_connections{"too_many_connections", 503, "Too many connections",
                                           "Keep connections alive and use fewer of them."};
inline constexpr Code version_not_supported{"version_not_supported", 505,
                                            "Not this version of HTTP", "Speak HTTP/1.1."};
inline constexpr Code rate_limited{"rate_limited", 429, "Too many requests",
                                   "Wait as Retry-After says."};
// Those that the server finds before there is a request.
inline constexpr const Code* of_framing[] = {
    &malformed_request, &request_timeout, &body_too_large,       &target_too_long,
    &headers_too_large, &internal_error,  &too_many_connections, &version_not_supported};
}  // namespace codes

Response problem(const Refusal&, std::string_view instance, std::string_view request_id);
// For what the server finds before there is a request: errors of framing.
Response bare_problem(int status, std::string_view code, std::string_view detail);

}  // namespace stateset::http
