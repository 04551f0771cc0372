#include "support/journey.hpp"

#include <unistd.h>

#include <atomic>
#include <random>
#include <stdexcept>

namespace stateset::support {
namespace {

#define FAILS_AT(place) ADD_FAILURE_AT((place).file_name(), static_cast<int>((place).line()))

std::string object(std::string members, std::string_view more) {
    if (!more.empty()) members.append(",").append(more);
    return "{" + members + "}";
}

std::string json_text(std::string_view text) { return "\"" + std::string(text) + "\""; }

// The types of an order's own events, oldest first.
std::vector<std::string> events_of(Client& client, const std::string& order_id) {
    std::vector<std::string> types;
    std::string cursor;
    do {
        auto path = "/orders/" + order_id + "/timeline";
        if (!cursor.empty()) path += "?cursor=" + escaped(cursor);
        auto page = client.get(path);
        for (const auto& event : page["data"].elements()) types.push_back(event["type"].text());
        cursor = page["next_cursor"].is_string() ? page["next_cursor"].text() : "";
    } while (!cursor.empty());
    return types;
}

}  // namespace

Product& Product::with_stock(std::int64_t quantity) { return with_stock(std::to_string(quantity)); }

Product& Product::with_stock(std::string_view quantity, std::int64_t location_id) {
    given->stock(sku, quantity, location_id);
    return *this;
}

std::string Given::unique(std::string_view word) {
    static const std::string process = [] {
        std::random_device random;
        char text[16];
        std::snprintf(text, sizeof text, "%06x", random() & 0xffffff);
        return std::string(text);
    }();
    static std::atomic<int> count = 0;
    return std::string(word) + "-" + process + "-" + std::to_string(++count);
}

Reply Given::must(Reply reply, int status, std::string_view what) const {
    if (reply.status == status) return reply;
    std::ostringstream text;
    text << what << ": expected " << status << ", got " << reply;
    throw std::runtime_error(text.str());
}

Product Given::product(std::string_view word, std::string_view price, std::string_view more) {
    auto sku = unique(word);
    auto members = R"("name":)" + json_text(word) + R"(,"sku":)" + json_text(sku) + R"(,"price":)" +
                   json_text(price);
    if (more.find("\"currency\"") == more.npos) members += R"(,"currency":"USD")";
    if (more.find("\"track_inventory\"") == more.npos) members += R"(,"track_inventory":true)";
    auto reply = must(client_.post("/products", object(members, more)), 201, "product");
    return {.id = reply.id(),
            .sku = sku,
            .price = std::string(price),
            .json = reply.json(),
            .given = this};
}

void Given::stock(const std::string& sku, std::string_view quantity, std::int64_t location_id) {
    auto body = R"({"location_id":)" + std::to_string(location_id) + R"(,"quantity":)" +
                json_text(quantity) + "}";
    must(client_.post("/inventory/items/" + sku + "/receive", body), 200, "stock");
}

Customer Given::customer() {
    auto email = unique("ada") + "@example.com";
    auto body =
        R"({"email":)" + json_text(email) + R"(,"first_name":"Ada","last_name":"Lovelace"})";
    auto reply = must(client_.post("/customers", body), 201, "customer");
    return {.id = reply.id(), .email = email, .json = reply.json()};
}

Order Given::order() { return order(product().with_stock(15), 2); }

Order Given::order(const Product& product, std::int64_t quantity, std::string_view more) {
    return order({{product.sku, quantity}}, more);
}

Order Given::order(const std::vector<Wanted>& wanted, std::string_view more) {
    std::string items;
    for (const auto& [sku, quantity] : wanted) {
        items += (items.empty() ? "" : ",") + (R"({"sku":)" + json_text(sku)) + R"(,"quantity":)" +
                 std::to_string(quantity) + "}";
    }
    auto members = R"("items":[)" + items + "]";
    if (more.find("\"customer_id\"") == more.npos) {
        members += R"(,"customer_id":)" + json_text(customer().id);
    }
    auto reply = must(client_.post("/orders", object(members, more)), 201, "order");
    return remembered({.id = reply.id(),
                       .number = reply["order_number"].text(),
                       .total = reply["total"].text(),
                       .sku = wanted.empty() ? "" : wanted.front().first,
                       .payment = {},
                       .shipment = {},
                       .json = reply.json()});
}

Order Given::processed_order() { return processed(order()); }
Order Given::paid_order() { return paid(processed_order()); }
Order Given::shipped_order() { return shipped(paid_order()); }
Order Given::delivered_order() { return delivered(shipped_order()); }

Order Given::processed(Order order) {
    order.json = must(client_.post("/orders/" + order.id + "/process"), 200, "process").json();
    return remembered(std::move(order));
}

Order Given::paid(Order order, std::string_view token) {
    auto body = R"({"order_id":)" + json_text(order.id) + R"(,"method":{"type":"card","token":)" +
                json_text(token) + R"(},"capture":true})";
    order.payment = must(client_.post("/payments", body), 201, "payment").id();
    return remembered(std::move(order));
}

Order Given::shipped(Order order) {
    auto body = R"({"order_id":)" + json_text(order.id) + R"(,"carrier":"sandbox"})";
    order.shipment = must(client_.post("/shipments", body), 201, "shipment").id();
    must(client_.post("/shipments/" + order.shipment + "/ship"), 200, "ship");
    return remembered(std::move(order));
}

Order Given::delivered(Order order) {
    must(client_.post("/shipments/" + order.shipment + "/deliver"), 200, "deliver");
    return remembered(std::move(order));
}

Order Given::remembered(Order order) {
    events_[order.id] = events_of(client_, order.id).size();
    auto now = client_.get("/orders/" + order.id);
    if (now.ok()) order.json = now.json();
    return order;
}

std::size_t Given::events_known_of(const std::string& order_id) const {
    auto found = events_.find(order_id);
    return found == events_.end() ? 0 : found->second;
}

const Answered& Answered::has_code(int status) const {
    if (reply_.status != status) FAILS_AT(place_) << "expected " << status << ", got " << reply_;
    return *this;
}

const Answered& Answered::succeeded() const {
    if (!reply_.ok()) FAILS_AT(place_) << "expected success, got " << reply_;
    return *this;
}

const Answered& Answered::created() const {
    has_code(201);
    if (!reply_.has_header("Location")) FAILS_AT(place_) << "no Location with " << reply_;
    return *this;
}

const Answered& Answered::refused(int status, std::string_view code) const {
    bool as_said = reply_.status == status && reply_.code() == code &&
                   reply_.header("Content-Type").starts_with("application/problem+json");
    if (!as_said) {
        FAILS_AT(place_) << "expected " << status << " " << code << ", got " << reply_;
    }
    return *this;
}

const Answered& Answered::names(std::string_view pointer) const {
    for (const auto& fault : reply_["errors"].elements()) {
        if (fault["pointer"] == pointer) return *this;
    }
    FAILS_AT(place_) << "no fault at " << pointer << " in " << reply_;
    return *this;
}

const Answered& Answered::has(std::string_view pointer, std::string_view value) const {
    if (reply_.at(pointer) != value) {
        FAILS_AT(place_) << pointer << " should be " << value << ", is " << reply_.at(pointer)
                         << " in " << reply_;
    }
    return *this;
}

Standing::Standing(Client& client, Given& given, std::string path, std::string id, Place place)
    : client_(client),
      given_(given),
      path_(std::move(path)),
      id_(std::move(id)),
      place_(place),
      reply_(client.get(path_ + "/" + id_)) {
    if (reply_.status != 200) FAILS_AT(place_) << path_ << "/" << id_ << ": " << reply_;
}

Standing& Standing::has(std::string_view pointer, std::string_view value) {
    Answered(reply_, place_).has(pointer, value);
    return *this;
}

Standing& Standing::and_published(const std::vector<std::string>& types) {
    auto all = events_of(client_, id_);
    auto known = std::min(given_.events_known_of(id_), all.size());
    std::vector<std::string> since(all.begin() + static_cast<std::ptrdiff_t>(known), all.end());
    if (since != types) {
        FAILS_AT(place_) << "expected the events " << ::testing::PrintToString(types)
                         << ", published were " << ::testing::PrintToString(since);
    }
    return *this;
}

std::ostream& operator<<(std::ostream& out, const Stock& stock) {
    return out << stock.on_hand << " on hand, " << stock.allocated << " allocated, "
               << stock.available << " available";
}

Stock Then::stock(const std::string& sku, std::int64_t location_id) {
    auto item = client_.get("/inventory/items/" + sku);
    for (const auto& balance : item["balances"].elements()) {
        if (balance["location_id"] == location_id) {
            return {balance["on_hand"].text(), balance["allocated"].text(),
                    balance["available"].text()};
        }
    }
    return {"0", "0", "0"};
}

void Then::stock_is(const std::string& sku, const Stock& wanted, Place place) {
    auto found = stock(sku);
    if (!(found == wanted)) {
        FAILS_AT(place) << sku << " should have " << wanted << "; it has " << found;
    }
}

}  // namespace stateset::support
