#include "payments/sandbox.hpp"

#include "platform/store/gather.hpp"

namespace stateset::payments {
namespace {

struct Decline {
    std::string_view code, message;
};
constexpr Decline card_declined{"card_declined", "The card was declined."};
constexpr Decline insufficient_funds{"insufficient_funds", "The card has not enough funds."};
constexpr Decline invalid_token{"invalid_token", "The gateway does not know this token."};
constexpr Decline unknown_charge{"unknown_charge", "The gateway does not know this charge."};
constexpr Decline not_possible{"charge_not_possible", "The charge is not in a state for this."};
constexpr Decline too_much{"amount_too_large", "The charge does not hold that much."};
constexpr Decline refund_declined{"refund_declined", "The card takes no refunds."};

// What the token says of the first call of each kind.
struct Script {
    std::string_view token;
    std::optional<Decline> authorize = {};
    bool authorize_silent = false;
    std::optional<Decline> capture = {}, refund = {};
    bool refund_silent = false;
};
const Script scripts[] = {
    {.token = "tok_ok"},
    {.token = "tok_declined", .authorize = card_declined},
    {.token = "tok_insufficient_funds", .authorize = insufficient_funds},
    {.token = "tok_timeout", .authorize_silent = true},
    {.token = "tok_timeout_declined", .authorize = card_declined, .authorize_silent = true},
    {.token = "tok_capture_declined", .capture = insufficient_funds},
    {.token = "tok_refund_declined", .refund = refund_declined},
    {.token = "tok_refund_timeout", .refund_silent = true},
};

Script script_of(std::string_view token) {
    for (const auto& script : scripts) {
        if (script.token == token) return script;
    }
    return {.token = token, .authorize = invalid_token};
}

Heard heard_of(const SandboxCall& call) {
    return {.verdict = call.approved ? Verdict::approved : Verdict::declined,
            .reference = call.reference,
            .code = call.code,
            .message = call.message};
}

Heard booked(Tx& tx, Uuid operation, std::string_view kind, std::optional<Decline> decline,
             std::optional<std::string> reference, bool silent = false) {
    SandboxCall call{.id = operation,
                     .kind = std::string(kind),
                     .approved = !decline,
                     .reference = std::move(reference)};
    if (decline) {
        call.reference.reset();
        call.code = decline->code;
        call.message = decline->message;
    }
    auto heard = heard_of(tx.add(std::move(call)));
    return silent ? Heard{} : heard;
}

Heard authorized(Tx& tx, const Charge& wanted) {
    if (auto* known = tx.find<SandboxCall>(wanted.operation)) return heard_of(*known);
    auto script = script_of(wanted.token);
    auto reference = "sbx_" + to_string(wanted.operation);
    if (!script.authorize) {
        Money nothing{0, wanted.amount.currency};
        tx.add(SandboxCharge{.id = wanted.operation,
                             .reference = reference,
                             .token = wanted.token,
                             .currency = wanted.amount.currency,
                             .amount = wanted.amount,
                             .captured = wanted.capture ? wanted.amount : nothing,
                             .refunded = nothing});
    }
    return booked(tx, wanted.operation, "authorize", script.authorize, reference,
                  script.authorize_silent);
}

// Decides a step on a charge the gateway knows, once.
template <class F>
Heard stepped(Tx& tx, const Step& wanted, std::string_view kind, F decide) {
    gather(
        tx, [&] { tx.find<SandboxCall>(wanted.operation); },
        [&] { tx.find<&SandboxCharge::reference>(wanted.reference); });
    if (auto* known = tx.find<SandboxCall>(wanted.operation)) return heard_of(*known);
    auto* charge = tx.find<&SandboxCharge::reference>(wanted.reference);
    if (!charge) return booked(tx, wanted.operation, kind, unknown_charge, {});
    return decide(tx.edit(*charge), script_of(charge->token));
}

Heard captured(Tx& tx, const Step& wanted) {
    return stepped(tx, wanted, "capture", [&](SandboxCharge& charge, const Script& script) {
        auto decline = script.capture;
        if (charge.voided || charge.captured.minor > 0) decline = not_possible;
        if (!decline && wanted.amount > charge.amount) decline = too_much;
        if (!decline) charge.captured = wanted.amount;
        return booked(tx, wanted.operation, "capture", decline, charge.reference);
    });
}

Heard voided(Tx& tx, const Step& wanted) {
    return stepped(tx, wanted, "void", [&](SandboxCharge& charge, const Script&) {
        std::optional<Decline> decline;
        if (charge.voided || charge.captured.minor > 0) decline = not_possible;
        if (!decline) charge.voided = true;
        return booked(tx, wanted.operation, "void", decline, charge.reference);
    });
}

Heard refunded(Tx& tx, const Step& wanted) {
    return stepped(tx, wanted, "refund", [&](SandboxCharge& charge, const Script& script) {
        auto decline = script.refund;
        if (!decline && wanted.amount > charge.captured - charge.refunded) decline = too_much;
        if (!decline) charge.refunded += wanted.amount;
        return booked(tx, wanted.operation, "refund", decline,
                      "sbx_re_" + to_string(wanted.operation), script.refund_silent);
    });
}

}  // namespace

void Sandbox::authorize(const Charge& charge, Done done) {
    keep([charge](Tx& tx) { return authorized(tx, charge); }, std::move(done));
}

void Sandbox::capture(const Step& step, Done done) {
    keep([step](Tx& tx) { return captured(tx, step); }, std::move(done));
}

void Sandbox::void_(const Step& step, Done done) {
    keep([step](Tx& tx) { return voided(tx, step); }, std::move(done));
}

void Sandbox::refund(const Step& step, Done done) {
    keep([step](Tx& tx) { return refunded(tx, step); }, std::move(done));
}

void Sandbox::ask(const Question& question, Done done) {
    keep(
        [operation = question.operation](Tx& tx) {
            auto* known = tx.find<SandboxCall>(operation);
            return known ? heard_of(*known) : Heard{.verdict = Verdict::absent};
        },
        std::move(done));
}

void Sandbox::keep(std::function<Heard(Tx&)> decide, Done done) {
    auto heard = std::make_shared<Heard>();
    committer_.submit(
        {.work =
             [decide = std::move(decide), heard](Tx& tx) {
                 *heard = decide(tx);
                 return store::Answer{};
             },
         .actor = system_actor(no_tenant),
         .done = [heard, done = std::move(done)](
                     const Outcome& outcome) { done(outcome.refusal ? Heard{} : *heard); }});
}

}  // namespace stateset::payments
