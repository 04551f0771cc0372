#include "notifications/occasions.hpp"

#include <algorithm>
#include <array>

#include "payments/payments.hpp"
#include "shipments/shipments.hpp"

namespace stateset::notifications {
namespace {

constexpr std::size_t longest_subject = 250, longest_sms = 1'000;  // characters

constexpr std::array<std::string_view, 24> told_types{
    "order.created",      "order.processing",   "order.on_hold",    "order.released",
    "order.paid",         "order.cancelled",    "order.shipped",    "order.partially_shipped",
    "order.delivered",    "payment.captured",   "payment.failed",   "refund.succeeded",
    "refund.failed",      "shipment.created",   "shipment.shipped", "shipment.in_transit",
    "shipment.delivered", "shipment.exception", "return.requested", "return.approved",
    "return.rejected",    "return.received",    "return.completed", "return.cancelled"};

// What a template may name of a return.
struct ReturnedItem {
    std::string sku;
    std::int64_t quantity = 0;
    std::optional<std::string> reason;
};
struct Returned {
    std::string rma_number, status;
    Currency currency;
    Money refund_amount;
    std::optional<std::string> notes;
    std::vector<ReturnedItem> items;
};

std::string_view noun_of(std::string_view event_type) {
    return event_type.substr(0, event_type.find('.'));
}

Names around(std::string_view noun, Names own) {
    Names all;
    all.members.emplace("customer", names_of<Person>());
    if (noun == "order") {
        all.members.emplace("shipments", names_of<std::vector<Tracking>>());
    } else {
        all.members.emplace("order", names_of<OrderInShort>());
    }
    all.members.emplace(noun, std::move(own));
    return all;
}

const std::map<std::string_view, Names>& names_of_nouns() {
    static const std::map<std::string_view, Names> all{
        {"order", around("order", names_of<orders::OrderView>())},
        {"payment", around("payment", names_of<payments::Payment>())},
        {"refund", around("refund", names_of<payments::Refund>())},
        {"shipment", around("shipment", names_of<shipments::ShipmentView>())},
        {"return", around("return", names_of<Returned>())},
    };
    return all;
}

std::string shortened(std::string text, std::size_t most) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        bool begins = (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
        if (begins && count++ == most) return text.substr(0, i);
    }
    return text;
}

std::string on_one_line(std::string text) {
    std::ranges::replace_if(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
    return shortened(std::move(text), longest_subject);
}

std::string trimmed(std::string text) {
    auto last = text.find_last_not_of(" \t\r\n");
    text.resize(last == text.npos ? 0 : last + 1);
    return text;
}

void add_required(std::vector<Fault>& faults, bool there, const char* pointer) {
    if (!there) faults.push_back({pointer, "required", "is required for e-mail", {}});
}
void add_not_allowed(std::vector<Fault>& faults, bool there, const char* pointer) {
    if (there) faults.push_back({pointer, "not_allowed", "is only for e-mail", {}});
}

constexpr std::string_view example_order = R"({"id":"0198c9f2-6b7a-7c40-8000-0000000003e9",
"order_number":"SO-1001","status":"processing","currency":"USD","subtotal":"99.98",
"discount_total":"0.00","tax_total":"0.00","shipping_total":"5.00","total":"104.98",
"items":[{"sku":"MUG","name":"Enamel mug","quantity":2,"unit_price":"49.99","total":"99.98"}]})";

}  // namespace

const Names* names_for(std::string_view event_type) {
    if (std::ranges::find(told_types, event_type) == told_types.end()) return nullptr;
    return &names_of_nouns().at(noun_of(event_type));
}

std::string data_of(const Story& story) {
    auto noun = noun_of(story.event_type);
    std::string data = "{\"customer\":" + json::to_text(story.customer);
    if (noun == "order") {
        data += ",\"shipments\":" + json::to_text(story.shipments);
    } else {
        data += ",\"order\":" + json::to_text(story.order);
    }
    return data.append(",\"").append(noun).append("\":").append(story.data.text).append("}");
}

std::string example_of(std::string_view event_type) {
    static const std::map<std::string_view, std::string_view> nouns{
        {"payment", R"({"amount":"104.98","currency":"USD","status":"captured"})"},
        {"refund", R"({"amount":"49.99","currency":"USD","status":"succeeded"})"},
        {"shipment", R"({"carrier":"sandbox","tracking_number":"SBX1001","status":"shipped"})"},
        {"return",
         R"({"rma_number":"RMA-1001","currency":"USD","refund_amount":"49.99","items":[]})"},
    };
    auto noun = noun_of(event_type);
    std::string data =
        R"({"customer":{"email":"ada@example.com","first_name":"Ada","last_name":"Lovelace",)"
        R"("phone":"+44 20 7946 0000","language":"en"},"shipments":[{"carrier":"sandbox",)"
        R"("service":null,"tracking_number":"SBX1001"}],"order":)";
    data += example_order;
    auto found = nouns.find(noun);
    if (found != nouns.end()) data.append(",\"").append(noun).append("\":").append(found->second);
    return data + "}";
}

Wording worded(Channel channel, const Wording& from, std::string_view data) {
    auto tape = json::parse(data, {.depth = 64, .nodes = 1'000'000});
    auto root = tape.root();
    Wording made{.text = trimmed(render(from.text, root, Form::text))};
    if (channel == Channel::sms) {
        made.text = shortened(std::move(made.text), longest_sms);
        return made;
    }
    made.subject = on_one_line(render(from.subject.value_or(""), root, Form::text));
    made.html = from.html ? render(*from.html, root, Form::html) : html_of(made.text);
    return made;
}

std::vector<Fault> faults_of(std::string_view event_type, Channel channel, const Wording& wording) {
    std::vector<Fault> faults;
    const auto* names = names_for(event_type);
    if (!names) {
        return {{"/event_type", "unknown", "is no event that customers are told about", {}}};
    }
    auto check = [&](const std::optional<std::string>& source, const char* pointer) {
        if (!source) return;
        auto found = faults_of(*source, *names, pointer);
        faults.insert(faults.end(), found.begin(), found.end());
    };
    if (channel == Channel::email) {
        add_required(faults, wording.subject.has_value(), "/subject");
        if (wording.subject && wording.subject->find_first_of("\n\t") != std::string::npos) {
            faults.push_back({"/subject", "malformed", "is one line", {}});
        }
    } else {
        add_not_allowed(faults, wording.subject.has_value(), "/subject");
        add_not_allowed(faults, wording.html.has_value(), "/html");
    }
    check(wording.subject, "/subject");
    check(wording.text, "/text");
    check(wording.html, "/html");
    return faults;
}

}  // namespace stateset::notifications
