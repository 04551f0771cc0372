#include "payments/stripe_words.hpp"

#include <algorithm>

#include "platform/json/decode.hpp"

namespace stateset::payments::stripe {
namespace {

// Where Stripe's count of digits differs from two. ISK and UGX have no fractions, but are counted
// in hundredths nevertheless.
constexpr std::string_view without_digits =
    "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF";
constexpr std::string_view with_three_digits = "BHD JOD KWD OMR TND";

struct Problem {
    struct Error {
        std::optional<std::string> type, code, decline_code, message;
        std::optional<Intent> payment_intent;
    };
    Error error;
};
struct Intents {
    std::vector<Intent> data;
};
struct Refunds {
    std::vector<Refund> data;
};

int digits(Currency currency) {
    if (without_digits.find(currency.text()) != without_digits.npos) return 0;
    return with_three_digits.find(currency.text()) != with_three_digits.npos ? 3 : 2;
}

template <class T>
std::optional<T> read(std::string_view body) {
    try {
        return json::read<T>(body);
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

bool is_of(const std::optional<Tags>& tags, Uuid operation) {
    return tags && tags->operation_id && uuid_from(*tags->operation_id) == operation;
}

// The bank's own word where it has one: insufficient_funds rather than card_declined.
Heard declined(const Reason& reason) {
    auto code = reason.code;
    if (reason.decline_code && reason.decline_code != "generic_decline") code = reason.decline_code;
    if (!code) code = reason.type.value_or("declined");
    return {.verdict = Verdict::declined, .code = code, .message = reason.message};
}

Heard declined(std::string code, std::string message) {
    return {.verdict = Verdict::declined, .code = std::move(code), .message = std::move(message)};
}

Heard approved(const std::string& reference) {
    return {.verdict = Verdict::approved, .reference = reference};
}

Heard told_of_charge(const Intent& intent) {
    if (intent.status == "succeeded" || intent.status == "requires_capture") {
        return approved(intent.id);
    }
    if (intent.status == "processing") return {};
    if (intent.status == "requires_payment_method") {
        return declined(intent.last_payment_error.value_or(Reason{.code = "card_declined"}));
    }
    if (intent.status == "canceled") return declined("canceled", "The intent was canceled.");
    return declined("authentication_required", "The bank wants to hear from the customer.");
}

Heard told_of_capture(const Intent& intent, std::optional<std::int64_t> amount) {
    if (intent.status == "requires_capture") return {.verdict = Verdict::absent};
    if (intent.status == "canceled") return declined("canceled", "The intent was canceled.");
    if (intent.status != "succeeded") return {};
    if (amount && intent.amount_received && intent.amount_received != amount) {
        return declined("captured_elsewhere", "Another amount was captured.");
    }
    return approved(intent.id);
}

Heard told_of_void(const Intent& intent) {
    if (intent.status == "canceled") return approved(intent.id);
    if (intent.status == "succeeded") return declined("already_captured", "It was captured.");
    return {.verdict = intent.status == "processing" ? Verdict::unknown : Verdict::absent};
}

Heard refused(const Reply& reply, Deed deed, std::optional<std::int64_t> amount) {
    auto problem = read<Problem>(reply.body);
    if (!problem) return {};
    const auto& error = problem->error;
    if (error.type == "idempotency_error") return {};
    // It was not in the state for this; perhaps because this was done already.
    if (error.payment_intent && deed != Deed::authorize && deed != Deed::refund) {
        auto told = told_by(*error.payment_intent, deed, amount);
        if (told.verdict == Verdict::approved) return told;
    }
    return declined({.type = error.type,
                     .code = error.code,
                     .decline_code = error.decline_code,
                     .message = error.message});
}

}  // namespace

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string out;
    for (char c : text) {
        auto byte = static_cast<unsigned char>(c);
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '.' || c == '_' || c == '~';
        if (plain) {
            out += c;
        } else {
            out += {'%', hex[byte >> 4], hex[byte & 15]};
        }
    }
    return out;
}

std::string encoded(const Form& form) {
    std::string out;
    for (const auto& [key, value] : form) {
        if (!out.empty()) out += '&';
        out += key + "=" + percent_encoded(value);
    }
    return out;
}

std::optional<std::int64_t> amount(Money money) {
    auto scaled = money.minor;
    int have = minor_digits(money.currency), want = digits(money.currency);
    for (; have < want; ++have) {
        if (__builtin_mul_overflow(scaled, 10, &scaled)) return std::nullopt;
    }
    for (; have > want; --have) {
        if (scaled % 10 != 0) return std::nullopt;
        scaled /= 10;
    }
    // The card networks take no thousandths.
    if (want == 3 && scaled % 10 != 0) return std::nullopt;
    return scaled;
}

Form charge_form(const Charge& charge, std::int64_t amount) {
    std::string currency;
    for (char c : charge.amount.currency.text()) currency += static_cast<char>(c | 0x20);
    Form form{{"amount", std::to_string(amount)},
              {"currency", currency},
              {"capture_method", charge.capture ? "automatic" : "manual"},
              {"confirm", "true"},
              {"error_on_requires_action", "true"},  // nobody is here who could act
              {"payment_method_types[0]", "card"},
              {"metadata[operation_id]", to_string(charge.operation)}};
    if (charge.token.starts_with("tok_")) {
        form.emplace_back("payment_method_data[type]", "card");
        form.emplace_back("payment_method_data[card][token]", charge.token);
    } else {
        form.emplace_back("payment_method", charge.token);
    }
    return form;
}

std::string intent_path(std::string_view reference) {
    return "/v1/payment_intents/" + percent_encoded(reference);
}

std::string search_path(Uuid operation) {
    return "/v1/payment_intents/search?limit=1&query=" +
           percent_encoded("metadata[\"operation_id\"]:\"" + to_string(operation) + "\"");
}

std::string refunds_path(std::string_view reference) {
    return "/v1/refunds?limit=100&payment_intent=" + percent_encoded(reference);
}

Heard told_by(const Intent& intent, Deed deed, std::optional<std::int64_t> amount) {
    if (deed == Deed::capture) return told_of_capture(intent, amount);
    return deed == Deed::void_ ? told_of_void(intent) : told_of_charge(intent);
}

Heard told_by(const Refund& refund) {
    if (refund.status == "succeeded") return approved(refund.id);
    if (refund.status == "failed" || refund.status == "canceled") {
        return declined(refund.failure_reason.value_or(*refund.status), "The refund failed.");
    }
    return {};  // pending: it will be asked for again
}

Heard told_by(const Reply& reply, Deed deed, std::optional<std::int64_t> amount) {
    if (reply.status == 400 || reply.status == 402 || reply.status == 404) {
        return refused(reply, deed, amount);
    }
    if (reply.status != 200) return {};
    if (deed == Deed::refund) {
        auto refund = read<Refund>(reply.body);
        return refund ? told_by(*refund) : Heard{};
    }
    return read_intent(reply, deed, amount);
}

Heard read_intent(const Reply& reply, Deed deed, std::optional<std::int64_t> amount) {
    if (reply.status != 200) return {};
    auto intent = read<Intent>(reply.body);
    return intent ? told_by(*intent, deed, amount) : Heard{};
}

Heard found_intent(const Reply& reply, Uuid operation) {
    if (reply.status != 200) return {};
    auto page = read<Intents>(reply.body);
    if (!page) return {};
    for (const auto& intent : page->data) {
        if (is_of(intent.metadata, operation)) return approved(intent.id);
    }
    return {.verdict = Verdict::absent};
}

Heard found_refund(const Reply& reply, Uuid operation) {
    if (reply.status != 200) return {};
    auto page = read<Refunds>(reply.body);
    if (!page) return {};
    for (const auto& refund : page->data) {
        if (is_of(refund.metadata, operation)) return told_by(refund);
    }
    return {.verdict = Verdict::absent};
}

}  // namespace stateset::payments::stripe
