#pragma once
// The one table in which refusals become statuses of gRPC, as `Code` itself is the one in which
// they become those of HTTP.

#include <string_view>

namespace stateset::grpc {

// The canonical codes with their numbers on the wire.
enum class Canonical {
    ok = 0,
    cancelled = 1,
    unknown = 2,
    invalid_argument = 3,
    deadline_exceeded = 4,
    not_found = 5,
    already_exists = 6,
    permission_denied = 7,
    resource_exhausted = 8,
    failed_precondition = 9,
    aborted = 10,
    out_of_range = 11,
    unimplemented = 12,
    internal = 13,
    unavailable = 14,
    data_loss = 15,
    unauthenticated = 16,
};

// `code` is "insufficient_stock", `http_status` its status there.
Canonical canonical(std::string_view code, int http_status);
std::string_view name(Canonical);  // "FAILED_PRECONDITION"

}  // namespace stateset::grpc
