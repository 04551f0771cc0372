#include "platform/grpc/code.hpp"

#include <array>
#include <utility>

namespace stateset::grpc {
namespace {

using enum Canonical;

// What says more than its HTTP status does.
constexpr std::pair<std::string_view, Canonical> by_code[] = {
    {"already_exists", already_exists},
    {"request_in_progress", aborted},  // try the whole thing again
    {"outcome_unknown", unknown},      // it may have happened: only with the same key again
};

constexpr std::pair<int, Canonical> by_status[] = {
    {400, invalid_argument},    {401, unauthenticated},
    {402, failed_precondition}, {403, permission_denied},
    {404, not_found},           {405, unimplemented},
    {408, deadline_exceeded},   {409, failed_precondition},
    {410, not_found},           {412, aborted},  // a lost race: read again and decide anew
    {413, resource_exhausted},  {414, invalid_argument},
    {415, invalid_argument},    {422, invalid_argument},
    {426, unimplemented},       {429, resource_exhausted},
    {431, resource_exhausted},  {501, unimplemented},
    {502, unavailable},         {503, unavailable},
    {504, deadline_exceeded},
};

constexpr std::array<std::string_view, 17> names{
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

}  // namespace

Canonical canonical(std::string_view code, int http_status) {
    for (const auto& [known, status] : by_code) {
        if (known == code) return status;
    }
    for (const auto& [known, status] : by_status) {
        if (known == http_status) return status;
    }
    return http_status < 400 ? ok : internal;
}

std::string_view name(Canonical code) { return names[static_cast<std::size_t>(code)]; }

}  // namespace stateset::grpc
