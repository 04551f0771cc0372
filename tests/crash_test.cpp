// The server is killed in the middle of its work, again and again, and must neither lose nor double
// anything: what was acknowledged is there, what was not can be sent again with the same key, every
// event reaches the webhook, and the books agree. STATESET_KILLS sets how often (50 in the test
// run; 500 under ./dev test --long).

#include <atomic>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <random>
#include <set>

#include "support/journey.hpp"

namespace stateset::support {
namespace {

constexpr int clients = 8;
constexpr std::chrono::milliseconds shortest_life{40}, longest_life{400};

int kills() {
    if (auto* text = std::getenv("STATESET_KILLS")) return std::atoi(text);
    return std::getenv("STATESET_LONG") ? 500 : 50;
}

// A write and what came of it. One whose answer never came is sent again, unchanged, after the
// restart.
struct Write {
    std::string path, body, key;
    Reply reply;
    bool unanswered() const { return reply.status == 0 || reply.status == 503; }
    bool running() const { return reply.code() == "request_in_progress"; }
    Reply& send(Client& client) {
        reply = client.post(path, body, {{"Idempotency-Key", key}});
        return reply;
    }
};

// One client that takes orders their whole way, one after the other, across every death of the
// server.
class Buyer {
  public:
    Buyer(Client client, std::string name, std::string customer, std::string sku)
        : client_(std::move(client)),
          name_(std::move(name)),
          customer_(std::move(customer)),
          sku_(std::move(sku)) {}

    // Works until `stopped` or until the server is gone.
    void buy(const std::atomic<bool>& stopped) {
        while (!stopped) {
            if (!pending_.path.empty() && !settle()) return;
            next();
            pending_.send(client_);
        }
        if (!pending_.path.empty()) settle();
    }

    // The last write, when it was interrupted, is sent again until it has an answer.
    bool settle() {
        while (pending_.unanswered() || pending_.running()) {
            pending_.send(client_);
            if (pending_.reply.status == 0) return false;
        }
        note();
        return true;
    }

    const std::deque<Write>& acknowledged() const { return acknowledged_; }
    const std::vector<std::string>& faults() const { return faults_; }
    int orders() const { return orders_; }

  private:
    void next() {
        auto key = name_ + "-" + std::to_string(++count_);
        if (order_.empty()) {
            ++orders_;
            pending_ = {"/orders",
                        R"({"customer_id":")" + customer_ + R"(","notes":")" + key +
                            R"(","items":[{"sku":")" + sku_ + R"(","quantity":2}]})",
                        key,
                        {}};
        } else if (step_ == 1) {
            pending_ = {"/orders/" + order_ + "/process", "", key, {}};
        } else if (step_ == 2 && count_ % 5 == 0) {
            pending_ = {"/orders/" + order_ + "/cancel", "", key, {}};
            step_ = 5;
        } else if (step_ == 2) {
            pending_ = {
                "/payments",
                R"({"order_id":")" + order_ + R"(","method":{"type":"card","token":"tok_ok"}})",
                key,
                {}};
        } else if (step_ == 3) {
            pending_ = {
                "/shipments", R"({"order_id":")" + order_ + R"(","carrier":"sandbox"})", key, {}};
        } else {
            pending_ = {"/shipments/" + shipment_ + "/ship", "", key, {}};
        }
    }

    void note() {
        auto& reply = pending_.reply;
        if (!reply.ok()) {
            faults_.push_back(pending_.path + " → " + std::to_string(reply.status) + " " +
                              reply.body);
            order_.clear();
            step_ = 0;
            pending_ = {};
            return;
        }
        if (step_ == 0) order_ = reply.id();
        if (step_ == 3) shipment_ = reply.id();
        if (++step_ > 4) {
            step_ = 0;
            order_.clear();
        }
        acknowledged_.push_back(std::exchange(pending_, {}));
    }

    Client client_;
    std::string name_, customer_, sku_, order_, shipment_;
    int step_ = 0, count_ = 0, orders_ = 0;
    Write pending_;
    std::deque<Write> acknowledged_;
    std::vector<std::string> faults_;
};

// All orders by the note they carry, walked page by page.
std::multiset<std::string> notes_of_all_orders(Client& client) {
    std::multiset<std::string> notes;
    std::string cursor;
    do {
        auto page = client.get("/orders?limit=100" + cursor);
        EXPECT_EQ(page.status, 200) << page;
        for (auto& order : page["data"].elements()) notes.insert(order["notes"].text());
        cursor = page["next_cursor"].is_null() ? "" : "&cursor=" + page["next_cursor"].text();
    } while (!cursor.empty());
    return notes;
}

std::map<std::string, std::string> events_by_id(Client& client, std::string_view types) {
    std::map<std::string, std::string> events;
    std::string after;
    while (true) {
        auto page = client.get("/events?limit=100&types=" + std::string(types) + after);
        EXPECT_EQ(page.status, 200) << page;
        auto found = page["data"].elements();
        for (auto& event : found) events[event["id"].text()] = event["type"].text();
        if (found.empty()) return events;
        after = "&after=" + found.back()["position"].text();
    }
}

TEST(Crash, killing_the_server_at_any_moment_loses_nothing_and_doubles_nothing) {
    Server server;
    Receiver receiver;
    Story story(server);
    auto& [given, when, then] = story;
    auto sku = given.product("MUG").with_stock(1'000'000).sku;
    auto customer = given.customer().id;
    auto endpoint = when.post("/webhooks/endpoints",
                              R"({"url":")" + receiver.url() + R"(","events":["order.*"]})");
    ASSERT_EQ(endpoint.status, 201) << endpoint;

    std::vector<Buyer> buyers;
    for (int i = 0; i < clients; ++i) {
        buyers.emplace_back(server.admin(), "buyer" + std::to_string(i), customer, sku);
    }
    std::mt19937 random(20261122);
    std::uniform_int_distribution<std::int64_t> life(shortest_life.count(), longest_life.count());
    for (int death = 0; death < kills(); ++death) {
        std::atomic<bool> stopped = false;
        std::thread work([&] {
            parallel(clients, [&](int i) { buyers[static_cast<std::size_t>(i)].buy(stopped); });
        });
        // The moment of death is chance, not a wait for something.
        std::this_thread::sleep_for(std::chrono::milliseconds(life(random)));
        server.kill();
        stopped = true;
        work.join();
        server.start();
    }
    parallel(clients, [&](int i) { EXPECT_TRUE(buyers[static_cast<std::size_t>(i)].settle()); });

    std::multiset<std::string> wanted;
    for (auto& buyer : buyers) {
        EXPECT_TRUE(buyer.faults().empty()) << buyer.faults().front();
        for (auto& write : buyer.acknowledged()) {
            if (write.path == "/orders") wanted.insert(write.key);
        }
    }
    EXPECT_EQ(notes_of_all_orders(when), wanted);
    EXPECT_GT(wanted.size(), static_cast<std::size_t>(kills()));

    // The last answers are given again byte for byte.
    for (auto& buyer : buyers) {
        if (buyer.acknowledged().empty()) continue;
        auto last = buyer.acknowledged().back();
        auto first = last.reply;
        auto again = last.send(when);
        EXPECT_EQ(again.status, first.status);
        EXPECT_EQ(again.body, first.body);
    }

    auto events = events_by_id(when, "order.*");
    auto all_arrived = [&] {
        std::set<std::string> arrived;
        for (auto& request : receiver.received()) arrived.insert(request.header("webhook-id"));
        return arrived.size() >= events.size();
    };
    EXPECT_TRUE(eventually(std::chrono::seconds(120), all_arrived));
    std::map<std::string, std::set<std::string>> bodies;  // of each webhook-id
    for (auto& request : receiver.received()) {
        bodies[request.header("webhook-id")].insert(request.body);
    }
    EXPECT_EQ(bodies.size(), events.size());
    for (auto& [id, versions] : bodies) EXPECT_EQ(versions.size(), 1u) << id;

    auto verified = server.run({"verify"});
    EXPECT_EQ(verified.status, 0) << verified.output;
}

}  // namespace
}  // namespace stateset::support
