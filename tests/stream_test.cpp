// The log as it grows, by Server-Sent Events and by WebSocket: what comes, to whom, from where on,
// and what becomes of those who do not read it.

#include <atomic>
#include <fstream>
#include <set>
#include <thread>

#include "support/arrivals.hpp"
#include "support/crowd.hpp"
#include "support/journey.hpp"
#include "support/listener.hpp"

namespace stateset::support {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// The position of the newest event.
std::string head(Client& client) {
    wait_for_the_log(client);
    std::string position, cursor;
    while (true) {
        auto page = client.get("/events?limit=100" + (cursor.empty() ? "" : "&cursor=" + cursor));
        if (page["data"].size() > 0)
            position = page["data"][page["data"].size() - 1]["position"].text();
        cursor = page["next_cursor"].text();
        if (!page["next_cursor"].is_string()) return position;
    }
}

// Every position of the log, and how often.
std::vector<std::string> whole_log(Client& client) {
    std::vector<std::string> positions;
    std::string after;
    while (true) {
        auto page = client.get("/events?limit=100" + (after.empty() ? "" : "&after=" + after));
        for (const auto& event : page["data"].elements()) {
            positions.push_back(event["position"].text());
        }
        if (page["data"].size() == 0) return positions;
        after = positions.back();
    }
}

struct Key {
    std::string id, key;
};
Key make_key(Client& client, std::string_view scopes) {
    auto reply =
        client.post("/api-keys", R"({"name":"listener","scopes":)" + std::string(scopes) + "}");
    EXPECT_EQ(reply.status, 201) << reply;
    return {reply.id(), reply["key"].text()};
}

class Streams : public Journey {
  protected:
    std::string address = server.address();
    std::string everything = server.key({"*"});

    // Products are told of at once and by one event each.
    std::string sku_of(const Json& event) { return event["data"]["sku"].text(); }
};

TEST_F(Streams, begin_with_what_comes_next_and_show_events_as_the_list_does) {
    given.product("BEFORE");
    EventListener listener(address, everything, "?types=product.created");
    then(listener.answer()).has_code(200);
    EXPECT_EQ(listener.answer().header("Content-Type"), "text/event-stream");
    auto product = given.product("AFTER");
    auto event = listener.next();
    while (event.exists() && sku_of(event) != product.sku) event = listener.next();
    ASSERT_TRUE(event.exists());
    auto listed = when.get("/events?types=product.created&after=" + event["position"].text());
    EXPECT_EQ(listed["data"].size(), 0u) << "nothing came later";
    auto order = given.order();
    EventListener of_order(address, everything,
                           "?aggregate_id=" + order.id + "&after=" + event["position"].text());
    auto told = of_order.next();
    auto timeline = when.get("/orders/" + order.id + "/timeline");
    EXPECT_EQ(told, timeline["data"][0]);
}

TEST_F(Streams, go_on_after_the_last_id_without_a_gap_and_without_a_second_time) {
    auto start = head(when);
    std::vector<std::string> wanted;
    for (int i = 0; i < 150; ++i) wanted.push_back(given.product("ROW").sku);
    std::vector<std::string> seen;
    std::string last;
    while (seen.size() < wanted.size()) {
        Headers headers;
        if (!last.empty()) headers.emplace_back("Last-Event-ID", last);
        EventListener listener(address, everything, "?types=product.created&after=" + start,
                               headers);
        then(listener.answer()).has_code(200);
        for (int i = 0; i < 40 && seen.size() < wanted.size(); ++i) {
            auto event = listener.next();
            ASSERT_TRUE(event.exists()) << "after " << seen.size();
            seen.push_back(sku_of(event));
        }
        last = listener.last_id();
    }
    EXPECT_EQ(seen, wanted);
}

TEST_F(Streams, refuse_what_is_no_position_no_pattern_and_no_parameter) {
    EventListener no_place(address, everything, "?after=yesterday");
    then(no_place.answer()).refused(400, "invalid").names("?after");
    EventListener no_id(address, everything, "", {{"Last-Event-ID", "x"}});
    then(no_id.answer()).refused(400, "invalid").names("Last-Event-ID");
    EventListener no_pattern(address, everything, "?types=Order!");
    then(no_pattern.answer()).refused(400, "invalid").names("?types");
    EventListener in_address(address, "", "?access_token=" + everything);
    then(in_address.answer()).refused(401, "unauthenticated");
    WebSocketListener no_such(address, everything, "?no_such=1");
    then(no_such.answer()).refused(400, "invalid").names("?no_such");
    auto asked = when.send("HEAD", "/events/stream");
    EXPECT_EQ(asked.status, 200);
}

TEST_F(Streams, show_only_what_is_asked_for) {
    auto start = "after=" + head(when);
    auto order = given.paid_order(), other = given.order();
    EventListener by_type(address, everything, "?types=payment.*,order.paid&" + start);
    auto types = by_type.types_until("order.paid");
    ASSERT_FALSE(types.empty());
    EXPECT_EQ(types.back(), "order.paid");
    EventListener by_noun(address, everything, "?aggregate_type=order&" + start);
    EXPECT_EQ(by_noun.next()["aggregate_id"], order.id);
    EventListener by_id(address, everything, "?aggregate_id=" + other.id + "&" + start);
    auto event = by_id.next();
    EXPECT_EQ(event["type"], "order.created");
    EXPECT_EQ(event["aggregate_id"], other.id);
    EXPECT_FALSE(by_id.next(milliseconds(300)).exists());
}

TEST_F(Streams, show_only_nouns_that_the_caller_may_read) {
    auto start = head(when);
    auto order = given.paid_order();
    auto last = given.order();
    std::set<std::string> all, some;
    EventListener everyones(address, everything, "?after=" + start);
    EventListener viewers(address, server.key({"events:read", "orders:read"}), "?after=" + start);
    WebSocketListener over_socket(address, server.key({"events:read", "payments:*"}),
                                  "?after=" + start);
    auto until_last = [&](EventListener& listener, std::set<std::string>& nouns) {
        while (true) {
            auto event = listener.next();
            ASSERT_TRUE(event.exists());
            nouns.insert(event["aggregate_type"].text());
            if (event["aggregate_id"] == last.id) return;
        }
    };
    until_last(everyones, all);
    until_last(viewers, some);
    EXPECT_TRUE(all.contains("payment") && all.contains("customer") && all.contains("balance"));
    EXPECT_EQ(some, std::set<std::string>{"order"});
    EXPECT_EQ(over_socket.next()["aggregate_id"], order.payment);

    EventListener powerless(address, server.key({"orders:read"}));
    then(powerless.answer()).refused(403, "forbidden");
    EventListener nobody(address, "");
    then(nobody.answer()).refused(401, "unauthenticated");
}

TEST_F(Streams, never_show_what_belongs_to_another_tenant) {
    auto other = server.other_tenant(given.unique("elsewhere"));
    auto key = make_key(other, R"(["*"])").key;
    auto start = head(when);
    EventListener theirs(address, key, "?types=product.*&after=" + start),
        ours(address, everything, "?types=product.*");
    WebSocketListener their_socket(address, key, "?types=product.*");
    auto product = given.product();
    Given given_there{other};
    auto there = given_there.product("THERE");
    EXPECT_EQ(sku_of(theirs.next()), there.sku) << "and nothing before it";
    EXPECT_EQ(sku_of(their_socket.next()), there.sku);
    EXPECT_EQ(sku_of(ours.next()), product.sku);
    EXPECT_FALSE(ours.next(milliseconds(300)).exists());
}

TEST_F(Streams, end_when_the_credentials_do) {
    auto key = make_key(when, R"(["events:read","products:read"])");
    EventListener listener(address, key.key, "?types=product.*");
    WebSocketListener socket(address, key.key, "?types=product.*");
    ASSERT_EQ(listener.answer().status, 200);
    ASSERT_EQ(socket.answer().status, 101);
    given.product();
    EXPECT_TRUE(listener.next().exists());
    EXPECT_TRUE(socket.next().exists());
    EXPECT_TRUE(when.remove("/api-keys/" + key.id).ok());
    EXPECT_TRUE(listener.ends(milliseconds(2'500)));
    EXPECT_EQ(socket.closed_with(milliseconds(2'500)), 1008);
    EventListener again(address, key.key);
    then(again.answer()).refused(401, "unauthenticated");
}

TEST_F(Streams, open_as_websockets_after_a_sound_handshake_only) {
    WebSocketListener sound(address, everything);
    EXPECT_EQ(sound.answer().status, 101);
    EXPECT_EQ(sound.answer().header("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    EXPECT_EQ(sound.answer().header("Connection"), "Upgrade");
    then(when.get("/events/ws")).refused(426, "upgrade_required");
    WebSocketListener old(address, everything, "",
                          {{"Upgrade", "websocket"},
                           {"Connection", "Upgrade"},
                           {"Sec-WebSocket-Version", "8"},
                           {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}});
    then(old.answer()).refused(426, "upgrade_required");
    EXPECT_EQ(old.answer().header("Sec-WebSocket-Version"), "13");
    WebSocketListener keyless(
        address, everything, "",
        {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Version", "13"}});
    then(keyless.answer()).refused(400, "malformed_handshake");
}

TEST_F(Streams, take_subscriptions_over_websocket) {
    auto start = head(when);
    auto order = given.order();
    WebSocketListener socket(address, everything, "?types=webhook.test");
    socket.send_text(R"({"type":"subscribe","types":["order.*"],"aggregate_id":")" + order.id +
                     R"(","after":")" + start + "\"}");
    auto answer = socket.next();
    EXPECT_EQ(answer["type"], "subscribed");
    EXPECT_EQ(answer["after"], start);
    EXPECT_EQ(socket.next()["type"], "order.created");
    given.processed(order);
    EXPECT_EQ(socket.next()["type"], "order.processing");
    socket.send_text(R"({"type":"subscribe","types":["product.*"]})");
    EXPECT_EQ(socket.next()["type"], "subscribed");
    auto product = given.product();
    EXPECT_EQ(sku_of(socket.next()), product.sku);

    for (const char* text :
         {"hello", "[]", R"({"type":"unsubscribe"})", R"({"types":[]})",
          R"({"type":"subscribe","types":["A"]})", R"({"type":"subscribe","after":"x"})"}) {
        WebSocketListener confused(address, everything, "?types=webhook.test");
        confused.send_text(text);
        EXPECT_EQ(confused.closed_with(), 1008) << text;
        EXPECT_TRUE(confused.hung_up()) << text;
    }
}

TEST_F(Streams, answer_pings_and_closes_and_hang_up_on_broken_frames) {
    using Socket = WebSocketListener;
    Socket polite(address, everything, "?types=webhook.test");
    polite.send(Socket::frame(0x89, "are you there"));
    auto pong = polite.receive();
    EXPECT_EQ(pong.opcode, 10);
    EXPECT_EQ(pong.payload, "are you there");
    polite.send(Socket::frame(0x88, "\x03\xe8"));
    EXPECT_EQ(polite.closed_with(), 1000);
    EXPECT_TRUE(polite.hung_up());

    auto first = Socket::frame(0x01, "a");
    const std::pair<std::string, int> broken[] = {
        {"\x81\x01"
         "a",
         1002},                                              // not masked
        {Socket::frame(0x82, "a"), 1003},                    // binary
        {Socket::frame(0xc1, "a"), 1002},                    // a reserved bit
        {Socket::frame(0x83, "a"), 1002},                    // no such opcode
        {Socket::frame(0x80, "a"), 1002},                    // nothing to continue
        {first + Socket::frame(0x81, "a"), 1002},            // amid fragments
        {Socket::frame(0x09, "a"), 1002},                    // a fragmented ping
        {Socket::frame(0x89, std::string(126, 'p')), 1002},  // too long for a ping
        {Socket::frame(0x81, "\xff"), 1007},                 // no UTF-8
        {Socket::frame(0x81, std::string(16 * 1024 + 1, ' ')), 1009},
    };
    for (const auto& [bytes, code] : broken) {
        Socket socket(address, everything, "?types=webhook.test");
        socket.send(bytes);
        EXPECT_EQ(socket.closed_with(), code) << bytes.substr(0, 8);
        EXPECT_TRUE(socket.hung_up());
    }
}

// One that reads nothing while the log grows by megabytes costs neither memory nor the others'
// time, and has missed nothing when it reads on.
TEST(SlowStreams, cost_no_memory_and_delay_nobody) {
    Server server({.arguments = {"--caller-streams", "100"}});
    Story story(server);
    auto everything = server.key({"*"});
    constexpr int small_buffer = 4 * 1024, slow = 40, products = 150;
    auto resident = [&] {
        std::ifstream file("/proc/" + std::to_string(server.process()) + "/status");
        for (std::string line; std::getline(file, line);) {
            if (line.starts_with("VmRSS:")) return std::stol(line.substr(6)) / 1024;
        }
        return 0l;
    };
    std::vector<std::unique_ptr<EventListener>> sleepers;
    for (int i = 0; i < slow; ++i) {
        sleepers.push_back(std::make_unique<EventListener>(
            server.address(), everything, "?types=product.created", Headers{}, small_buffer));
        ASSERT_EQ(sleepers.back()->answer().status, 200);
    }
    EventListener awake(server.address(), everything, "?types=product.created");
    auto more = R"("description":")" + std::string(10'000, 'd') + "\"";
    story.given.product("WARM", "1.00", more);
    EXPECT_TRUE(awake.next().exists());
    auto before = resident();
    std::vector<std::string> made;
    milliseconds longest{0};
    for (int i = 0; i < products; ++i) {
        made.push_back(story.given.product("ROW", "1.00", more).sku);
        auto began = std::chrono::steady_clock::now();
        EXPECT_EQ(awake.next()["data"]["sku"], made.back());
        auto took =
            std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - began);
        longest = std::max(longest, took);
    }
    EXPECT_LT(longest, milliseconds(2'000));
    // 40 times 1.6 MB would be 64 MB; each may have some 128 KiB under way.
    EXPECT_LT(resident() - before, 30) << "MiB more than " << before;
    for (auto at : {0, slow - 1}) {
        auto& sleeper = *sleepers[static_cast<std::size_t>(at)];
        std::vector<std::string> seen;
        EXPECT_TRUE(sleeper.next().exists()) << "the first one";
        while (seen.size() < made.size()) {
            auto event = sleeper.next();
            if (!event.exists()) break;
            seen.push_back(event["data"]["sku"].text());
        }
        EXPECT_EQ(seen, made);
    }
}

// Reads the whole log, from one connection to the next, whatever becomes of the server.
class Follower {
  public:
    Follower(std::string address, std::string key)
        : thread_([this, address, key] { follow(address, key); }) {}
    ~Follower() { stop(); }
    void stop() {
        stopping_ = true;
        if (thread_.joinable()) thread_.join();
    }
    std::size_t connections() const { return connections_; }
    std::string last() const {
        std::scoped_lock lock(mutex_);
        return seen_.empty() ? "" : seen_.back();
    }
    std::vector<std::string> seen() const {
        std::scoped_lock lock(mutex_);
        return seen_;
    }

  private:
    void follow(const std::string& address, const std::string& key) {
        while (!stopping_) {
            auto from = last().empty() ? "?after=0000000000000000000" : "?after=" + last();
            EventListener listener(address, key, from);
            if (listener.answer().status != 200) {
                std::this_thread::sleep_for(milliseconds(20));  // as a client waits to come back
                continue;
            }
            ++connections_;
            while (!stopping_) {
                auto event = listener.next(milliseconds(200));
                if (!event.exists() && listener.ends(milliseconds(0))) break;
                if (!event.exists()) continue;
                std::scoped_lock lock(mutex_);
                seen_.push_back(event["position"].text());
            }
        }
    }

    mutable std::mutex mutex_;
    std::vector<std::string> seen_;
    std::atomic<std::size_t> connections_ = 0;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

TEST(StreamsAndRestarts, show_all_that_a_crowd_writes_once_while_the_server_comes_and_goes) {
    Server server;
    Story story(server);
    Follower follower(server.address(), server.key({"*"}));
    Crowd crowd(server.admin(), story.given.customer().id,
                story.given.product("MUG").with_stock(1'000'000).sku);
    crowd.start();
    auto grows_by = [&](std::size_t orders) {
        auto enough = crowd.orders() + orders;
        return eventually(seconds(30), [&] { return crowd.orders() >= enough; });
    };
    EXPECT_TRUE(grows_by(30));
    server.restart();
    EXPECT_TRUE(grows_by(30));
    server.kill();
    server.start();
    EXPECT_TRUE(grows_by(30));
    crowd.stop();
    wait_for_the_log(story.when);
    auto all = whole_log(story.when);
    EXPECT_TRUE(eventually(seconds(10), [&] { return follower.seen().size() >= all.size(); }));
    follower.stop();
    EXPECT_GE(follower.connections(), 3u);
    EXPECT_EQ(follower.seen(), all);
}

TEST(StreamsAndRestarts, say_good_bye_when_the_server_stops) {
    Server server;
    auto key = server.key({"*"});
    EventListener listener(server.address(), key);
    WebSocketListener socket(server.address(), key);
    ASSERT_EQ(listener.answer().status, 200);
    ASSERT_EQ(socket.answer().status, 101);
    std::thread stopping_reader([&] {
        EXPECT_EQ(socket.closed_with(), 1001);
        EXPECT_TRUE(socket.hung_up());
        EXPECT_TRUE(listener.ends());
    });
    auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(server.stop(), 0);
    stopping_reader.join();
    EXPECT_LT(std::chrono::steady_clock::now() - began, seconds(8));
}

TEST(StreamLimits, are_kept_for_each_caller_and_for_the_server) {
    Server server({.arguments = {"--streams", "3", "--caller-streams", "2"}});
    Client admin = server.admin();
    auto one = server.key({"*"}), other = server.key({"*"});
    auto first = std::make_unique<EventListener>(server.address(), one);
    WebSocketListener second(server.address(), one);
    ASSERT_EQ(second.answer().status, 101);
    EventListener third(server.address(), one);
    EXPECT_EQ(third.answer().code(), "too_many_streams");
    EXPECT_EQ(third.answer().status, 429);
    EXPECT_FALSE(third.answer().header("Retry-After").empty());
    EventListener others(server.address(), other);
    EXPECT_EQ(others.answer().status, 200);
    WebSocketListener full(server.address(), other);
    EXPECT_EQ(full.answer().status, 503);
    EXPECT_EQ(full.answer().code(), "overloaded");
    first.reset();
    EXPECT_TRUE(eventually(seconds(5), [&] {
        return EventListener(server.address(), one).answer().status == 200;
    })) << "its place is free again";
}

TEST(SilentStreams, are_kept_alive_and_given_up_when_nobody_answers) {
    Server server({.arguments = {"--stream-heartbeat-s", "1"}});
    auto key = server.key({"*"});
    EventListener listener(server.address(), key, "?types=webhook.test");
    WebSocketListener alive(server.address(), key, "?types=webhook.test");
    WebSocketListener dead(server.address(), key, "?types=webhook.test");
    EXPECT_TRUE(listener.comment(seconds(3)));
    auto end = std::chrono::steady_clock::now() + seconds(6);
    int pings = 0;
    while (std::chrono::steady_clock::now() < end) {
        auto frame = alive.receive(milliseconds(1'500));
        if (frame.opcode != 9) break;
        ++pings;
        alive.send(WebSocketListener::frame(0x8a, frame.payload));
    }
    EXPECT_GE(pings, 4);
    EXPECT_EQ(dead.closed_with(milliseconds(3'000)), 1008);
}

}  // namespace
}  // namespace stateset::support
