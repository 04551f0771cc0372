#include "platform/json/decode.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <stdexcept>

namespace stateset::json {
namespace {

constexpr std::size_t longest_suggestion = 48;  // names beyond it are no misspellings of ours

std::string quoted(std::string_view name) { return "`" + std::string(name) + "`"; }

}  // namespace

void Faults::add(std::string pointer, std::string_view code, std::string message) {
    if (full()) return;
    list_.push_back({std::move(pointer), std::string(code), std::move(message), {}});
}

void Faults::refuse_if_any() const {
    if (empty()) return;
    const auto& first = list_.front();
    auto detail = list_.size() > 1        ? std::to_string(list_.size()) + " faults; see `errors`"
                  : first.pointer.empty() ? "The document " + first.message
                                          : first.pointer + " " + first.message;
    throw Refusal(codes::invalid, std::move(detail), list_);
}

namespace detail {
namespace {

std::size_t code_points(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

// C0 but line feed and tab, DEL, and C1 (U+0080 to U+009F, in UTF-8 C2 80 to C2 9F).
bool has_control_character(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto c = static_cast<unsigned char>(text[i]);
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F) return true;
        if (c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) {
            return true;
        }
    }
    return false;
}

std::string counted(std::size_t n, std::string_view what) {
    std::string noun(what);
    if (n == 1 && noun.ends_with('s')) noun.pop_back();
    return std::to_string(n) + " " + noun;
}

// Why a decimal's text did not become an integer: "" when it is no decimal at all.
std::string_view reason(std::string_view text, int digits) {
    bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    auto mantissa_end = std::min(text.find_first_of("eE"), text.size());
    auto mantissa = text.substr(0, mantissa_end);
    auto point = std::min(mantissa.find('.'), mantissa.size());
    auto whole = mantissa.substr(0, point);
    auto fraction = point < mantissa.size() ? mantissa.substr(point + 1) : std::string_view();
    auto digits_only = [](std::string_view part) {
        return std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
    };
    if (whole.empty() || !digits_only(whole) || !digits_only(fraction)) return {};
    if (point < mantissa.size() && fraction.empty()) return {};
    int exponent = 0;
    if (mantissa_end < text.size()) {
        auto written = text.substr(mantissa_end + 1);
        if (written.starts_with('+')) written.remove_prefix(1);
        auto [end, failed] =
            std::from_chars(written.data(), written.data() + written.size(), exponent);
        if (end != written.data() + written.size() || failed == std::errc::invalid_argument) {
            return {};
        }
        if (failed == std::errc::result_out_of_range) {
            exponent = written.starts_with('-') ? -1'000'000'000 : 1'000'000'000;
        }
    }
    auto last = fraction.find_last_not_of('0');
    auto used = last == fraction.npos ? 0 : static_cast<std::int64_t>(last) + 1;
    if (used - exponent > digits) return "too_precise";
    return negative ? "too_small" : "too_large";
}

}  // namespace

void Place::refuse(std::string_view code, std::string message) const {
    if (faults_.full()) return;
    faults_.add(pointer_ != nullptr ? *pointer_ : node_.pointer(), code, std::move(message));
}

void take_text(std::string_view text, std::string& to, std::size_t least, std::size_t most,
               Place place) {
    if (!place.stored()) {
        if (first_invalid_utf8(text) != text.npos) {
            return place.refuse("malformed", "must be valid UTF-8");
        }
        if (has_control_character(text)) {
            return place.refuse("control_character", "must not contain control characters");
        }
        if (!size_fits(code_points(text), least, most, "characters", place)) return;
    }
    to = text;
}

void take_email(std::string_view text, std::string& to, Place place) {
    constexpr std::size_t longest = 254, longest_local = 64, longest_label = 63;
    if (place.stored()) {
        to = text;
        return;
    }
    if (text.size() > longest) {
        return place.refuse("too_long", "must have at most 254 characters");
    }
    auto letter_or_digit = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    // Dot-separated words, none of them empty.
    auto words = [&](std::string_view part, std::size_t most, std::string_view also) {
        std::size_t length = 0, count = 1;
        for (char c : part) {
            if (c == '.') {
                if (length == 0) return std::size_t{0};
                length = 0;
                ++count;
            } else if (++length > most || !(letter_or_digit(c) || also.contains(c))) {
                return std::size_t{0};
            }
        }
        return length == 0 ? 0 : count;
    };
    auto at = text.find('@');
    auto local = text.substr(0, std::min(at, text.size()));
    auto domain = at == text.npos ? std::string_view() : text.substr(at + 1);
    bool sane = local.size() <= longest_local &&
                words(local, longest_local, "!#$%&'*+-/=?^_`{|}~") > 0 &&
                words(domain, longest_label, "-") > 1 && domain.front() != '-' &&
                domain.back() != '-' && !domain.contains(".-") && !domain.contains("-.");
    if (!sane) {
        return place.refuse("malformed", "must be an e-mail address such as ada@example.com");
    }
    to = text;
    for (char& c : to) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
}

void take_whole(std::string_view text, std::int64_t& to, std::int64_t least, std::int64_t most,
                Place place) {
    auto value = decimal_from(text, 0);
    auto why = value ? std::string_view() : reason(text, 0);
    if (!value && why.empty()) return place.refuse("malformed", "must be a whole number");
    if (why == "too_precise") return place.refuse("too_precise", "must be a whole number");
    if (why == "too_large" || (value && *value > most)) {
        return place.refuse("too_large", "must be at most " + std::to_string(most));
    }
    if (why == "too_small" || (value && *value < least)) {
        return place.refuse("too_small", "must be at least " + std::to_string(least));
    }
    to = *value;
}

void take_decimal(std::string_view text, std::int64_t& scaled, int digits, Place place) {
    if (auto value = decimal_from(text, digits)) {
        scaled = *value;
        return;
    }
    auto why = reason(text, digits);
    if (why.empty()) return place.refuse("malformed", "must be a decimal such as 12.5");
    if (why == "too_precise") {
        return place.refuse(why, "must have at most " + std::to_string(digits) + " decimals");
    }
    place.refuse(why, why == "too_large" ? "is too large" : "is too small");
}

void take_bool(std::string_view text, bool& to, Place place) {
    if (text != "true" && text != "false") {
        return place.refuse("malformed", "must be true or false");
    }
    to = text == "true";
}

void take_uuid(std::string_view text, Uuid& to, Place place) {
    auto id = uuid_from(text);
    if (!id) return place.refuse("malformed", "must be an id: a UUID with hyphens");
    to = *id;
}

void take_money(std::string_view text, Money& to, Place place) {
    auto space = std::min(text.find(' '), text.size());
    auto currency = space == text.size() ? std::nullopt : currency_from(text.substr(space + 1));
    // Only storage has money that never got a currency: a default.
    bool known = currency || (place.stored() && space == text.size());
    auto unit = currency.value_or(Currency{});
    auto minor = decimal_from(text.substr(0, space), minor_digits(unit));
    if (!known || !minor) return place.refuse("malformed", "must be money such as 19.99 USD");
    to = {*minor, unit};
}

void take_currency(std::string_view text, Currency& to, Place place) {
    auto currency = currency_from(text);
    if (text.empty() && place.stored()) currency = Currency{};
    if (!currency) {
        return place.refuse("unknown_value", "must be a currency code in use, such as USD");
    }
    to = *currency;
}

void take_time(std::string_view text, Time& to, Place place) {
    auto time = time_from(text);
    if (!time) {
        return place.refuse("malformed", "must be a time such as 2026-11-22T10:15:30Z (RFC 3339)");
    }
    to = *time;
}

void take_date(std::string_view text, Date& to, Place place) {
    auto date = date_from(text);
    if (!date) return place.refuse("malformed", "must be a date such as 2026-11-22");
    to = *date;
}

void refuse_word(std::string_view, std::span<const std::string_view> allowed, Place place) {
    std::string words;
    for (auto word : allowed) {
        if (word.empty()) continue;
        if (!words.empty()) words += ", ";
        words += word;
    }
    place.refuse("unknown_value", "must be one of: " + words);
}

void refuse_kind(const Node& node, std::string_view expected, Faults& faults) {
    constexpr std::string_view names[] = {"null",     "true or false", "a number",
                                          "a string", "an array",      "an object"};
    auto kind = node.kind();
    Place(node, faults)
        .refuse(kind == Kind::null ? "not_nullable" : "wrong_type",
                "must be " + std::string(expected) + ", not " +
                    std::string(names[static_cast<std::size_t>(kind)]));
}

bool size_fits(std::size_t size, std::size_t least, std::size_t most, std::string_view what,
               Place place) {
    if (place.stored()) return true;
    if (size < least) {
        place.refuse("too_short", "must have at least " + counted(least, what));
        return false;
    }
    if (size > most) {
        place.refuse("too_long", "must have at most " + counted(most, what));
        return false;
    }
    return true;
}

bool key_fits(const Node& member, Faults& faults) {
    if (faults.stored()) return true;
    Place place(member, faults);
    auto key = member.key();
    if (has_control_character(key)) {
        place.refuse("control_character", "its key must not contain control characters");
        return false;
    }
    if (key.empty()) {
        place.refuse("too_short", "its key must not be empty");
        return false;
    }
    if (code_points(key) > longest_metadata_key) {
        place.refuse("too_long",
                     "its key must have at most " + counted(longest_metadata_key, "characters"));
        return false;
    }
    return true;
}

namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        auto diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            auto replaced = diagonal + (a[i - 1] != b[j - 1] ? 1 : 0);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row.back();
}

}  // namespace

}  // namespace detail

std::string_view nearest(std::string_view name, std::span<const std::string_view> known) {
    if (name.size() > longest_suggestion) return {};
    std::string_view best;
    auto least = std::max<std::size_t>(1, name.size() / 3) + 1;
    for (auto each : known) {
        auto distance = detail::edit_distance(name, each);
        if (distance < least) {
            least = distance;
            best = each;
        }
    }
    return best;
}

namespace detail {

void refuse_unknown(const Node& object, const std::vector<std::string_view>& known,
                    const DecodeOptions& options, Faults& faults) {
    for (auto member = object.first(); member && !faults.full(); member = member.next()) {
        auto name = member.key();
        if (contains(known, name)) continue;
        std::string message = "is not a field here";
        if (contains(options.elsewhere, name)) {
            message = "is not taken from the document";
        } else if (auto meant = json::nearest(name, known); !meant.empty()) {
            message += "; did you mean " + quoted(meant) + "?";
        }
        Place(member, faults).refuse("unknown_field", std::move(message));
    }
}

void refuse_missing(const Node& object, std::string_view name, Faults& faults) {
    if (faults.full()) return;
    faults.add(object.pointer() + "/" + pointer_token(name), "required", "is required");
}

void throw_unreadable(const Faults& faults) {
    std::string what = "stored JSON does not fit its type:";
    for (const auto& fault : faults.list()) what += " [" + fault.pointer + "] " + fault.message;
    throw std::runtime_error(what);
}

}  // namespace detail

}  // namespace stateset::json
