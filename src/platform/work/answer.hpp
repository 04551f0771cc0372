#pragma once
// The answers that an operation's outcome gives to the request that began it; they are stored under
// its idempotency key like those of a route.

#include <string>
#include <string_view>

#include "platform/core/refusal.hpp"
#include "platform/json/writer.hpp"
#include "platform/store/idempotency.hpp"

namespace stateset::work {

// The noun as GET shows it, with its version as ETag.
template <class T>
store::Answer showing(int status, const T& shown, std::int64_t version, std::string location = {}) {
    return {.status = status,
            .body = json::to_text(shown),
            .etag = "\"" + std::to_string(version) + "\"",
            .location = std::move(location)};
}

// A negative outcome that has effects: problem+json with the refusal's status. `instance` is where
// the noun it is about can be read.
store::Answer refusing(const Refusal&, std::string_view instance, std::string_view request_id);

}  // namespace stateset::work
