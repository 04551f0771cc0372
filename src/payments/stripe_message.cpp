#include "payments/stripe_message.hpp"

#include "platform/auth/crypto.hpp"
#include "platform/core/money.hpp"
#include "platform/json/decode.hpp"

namespace stateset::payments::stripe {
namespace {

constexpr std::int64_t tolerance_s = 300;  // as Stripe's own libraries have it

struct Marks {
    std::optional<std::string> operation_id;
};
struct Object {
    std::string id, object;
    std::optional<RawJson> payment_intent;  // an id, or all of it
    std::optional<Marks> metadata;
};
struct Data {
    Object object;
};
struct Said {
    std::string id, type;
    Data data;
};

std::optional<std::string> intent_of(const Object& object) {
    if (object.object == "payment_intent") return object.id;
    if (!object.payment_intent) return std::nullopt;
    auto tape = json::parse(object.payment_intent->text);
    if (tape.root().kind() != json::Kind::string) return std::nullopt;
    return std::string(tape.root().text());
}

}  // namespace

bool signature_holds(std::string_view secret, std::string_view header, std::string_view body,
                     Time now) {
    std::string_view time;
    for (auto rest = header; !rest.empty() && time.empty();) {
        auto part = rest.substr(0, rest.find(','));
        if (part.starts_with("t=")) time = part.substr(2);
        rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    }
    auto sent_s = decimal_from(time, 0);
    auto now_s = now.micros / seconds(1).micros;
    if (!sent_s || *sent_s < now_s - tolerance_s || *sent_s > now_s + tolerance_s) return false;
    auto expected =
        auth::hex(auth::hmac_sha256(secret, std::string(time) + "." + std::string(body)));
    bool holds = false;
    for (auto rest = header; !rest.empty();) {
        auto part = rest.substr(0, rest.find(','));
        bool signature = part.starts_with("v1=");
        if (signature && auth::equal_in_constant_time(part.substr(3), expected)) holds = true;
        rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    }
    return holds;
}

std::optional<Event> event_of(std::string_view body) {
    try {
        auto said = json::read<Said>(body);
        const auto& object = said.data.object;
        Event event{.id = said.id, .type = said.type, .operation = {}, .intent = intent_of(object)};
        if (object.metadata && object.metadata->operation_id) {
            event.operation = uuid_from(*object.metadata->operation_id);
        }
        if (!event.operation && !event.intent) return std::nullopt;
        return event;
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

}  // namespace stateset::payments::stripe
