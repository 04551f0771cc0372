#include "platform/auth/signed_message.hpp"

#include "platform/auth/crypto.hpp"
#include "platform/core/money.hpp"

namespace stateset::auth {
namespace {

constexpr std::int64_t tolerance_s = 300;  // as the specification suggests

}  // namespace

bool signature_holds(std::string_view secret_bytes, const SignedMessage& message, Time now) {
    auto sent_s = decimal_from(message.timestamp, 0);
    auto now_s = now.micros / seconds(1).micros;
    if (!sent_s || *sent_s < now_s - tolerance_s || *sent_s > now_s + tolerance_s) return false;
    auto expected = webhook_signature(secret_bytes, std::string(message.id), *sent_s, message.body);
    bool holds = false;
    for (auto rest = message.signature; !rest.empty();) {
        auto end = std::min(rest.find(' '), rest.size());
        if (equal_in_constant_time(rest.substr(0, end), expected)) holds = true;
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return holds;
}

}  // namespace stateset::auth
