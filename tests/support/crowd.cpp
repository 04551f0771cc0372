#include "support/crowd.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>

#include "support/together.hpp"

namespace stateset::support {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds pause{10};  // before a write is sent again
constexpr std::chrono::seconds patience{90};    // with one write, over all its sendings
constexpr std::chrono::seconds patience_after_all{5};

// A write and what came of it.
struct Write {
    std::string path, body, key;
    Reply reply;

    bool begun() const { return !path.empty(); }
    // Nothing, a balancer that lost its server, "not now", or "not yet".
    bool unanswered() const {
        return reply.status == 0 || (reply.status >= 502 && reply.status <= 504) ||
               reply.status == 202 || reply.code() == "request_in_progress";
    }
};

class Buyer {
  public:
    Buyer(Client client, std::string name, std::string customer, std::string sku)
        : client_(std::move(client)),
          name_(std::move(name)),
          customer_(std::move(customer)),
          sku_(std::move(sku)) {}

    void buy(const std::atomic<bool>& stopped) {
        while (!stopped) {
            next();
            settle();
        }
    }

    // Sends the last write once more; it must be answered as it was.
    void expect_the_same_answer() {
        if (acknowledged_.empty()) return;
        auto last = acknowledged_.back();
        auto again = client_.post(last.path, last.body, {{"Idempotency-Key", last.key}});
        EXPECT_EQ(again.status, last.reply.status);
        EXPECT_EQ(again.body, last.reply.body);
    }

    // What it is waiting for: a path, and the last answer.
    std::string waits_for() const {
        std::scoped_lock lock(mutex_);
        return waits_for_;
    }
    const std::deque<Write>& acknowledged() const { return acknowledged_; }
    const std::vector<std::string>& faults() const { return faults_; }
    const Crowd::Seen& seen() const { return seen_; }
    std::size_t steps() const { return steps_; }
    std::size_t orders() const { return orders_; }

  private:
    void next() {
        auto key = name_ + "-" + std::to_string(++count_);
        auto of_order = R"({"order_id":")" + order_ + R"(",)";
        if (order_.empty()) {
            pending_ = {"/orders",
                        R"({"customer_id":")" + customer_ + R"(","notes":")" + key +
                            R"(","items":[{"sku":")" + sku_ + R"(","quantity":2}]})",
                        key,
                        {}};
        } else if (step_ == 1) {
            pending_ = {"/orders/" + order_ + "/process", "", key, {}};
        } else if (step_ == 2 && count_ % 5 == 0) {
            pending_ = {"/orders/" + order_ + "/cancel", "", key, {}};
            step_ = last_step;
        } else if (step_ == 2) {
            pending_ = {
                "/payments", of_order + R"("method":{"type":"card","token":"tok_ok"}})", key, {}};
        } else if (step_ == 3) {
            pending_ = {"/shipments", of_order + R"("carrier":"sandbox"})", key, {}};
        } else {
            pending_ = {"/shipments/" + shipment_ + "/ship", "", key, {}};
        }
    }

    void settle() {
        auto end = Clock::now() + patience;
        send();
        while (pending_.unanswered() && Clock::now() < end) {
            std::this_thread::sleep_for(pause);
            send();
        }
        note();
    }

    void send() {
        auto begun = Clock::now();
        pending_.reply =
            client_.post(pending_.path, pending_.body, {{"Idempotency-Key", pending_.key}});
        auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun);
        seen_.longest = std::max(seen_.longest, took);
        ++seen_.statuses[pending_.reply.status];
        {
            std::ostringstream text;
            text << pending_.path << " → " << pending_.reply;
            std::scoped_lock lock(mutex_);
            waits_for_ = text.str();
        }
        bool told_when = pending_.reply.has_header("Retry-After");
        if (pending_.reply.status == 503 && !told_when) ++seen_.without_retry_after;
    }

    void note() {
        auto& reply = pending_.reply;
        if (!reply.ok()) {
            std::ostringstream text;
            text << pending_.path << " → " << reply;
            faults_.push_back(text.str());
            order_.clear();
            step_ = 0;
            return;
        }
        if (step_ == 0) order_ = reply.id();
        if (step_ == 0) ++orders_;
        if (step_ == 3) shipment_ = reply.id();
        if (++step_ > last_step) {
            step_ = 0;
            order_.clear();
        }
        acknowledged_.push_back(std::exchange(pending_, {}));
        ++steps_;
    }

    static constexpr int last_step = 4;
    Client client_;
    std::string name_, customer_, sku_, order_, shipment_;
    int step_ = 0, count_ = 0;
    Write pending_;
    std::deque<Write> acknowledged_;
    std::vector<std::string> faults_;
    Crowd::Seen seen_;
    std::atomic<std::size_t> steps_ = 0, orders_ = 0;
    mutable std::mutex mutex_;
    std::string waits_for_;
};

// What was disturbed a moment ago may still say "not now".
Reply read(Client& client, const std::string& path) {
    Reply reply;
    eventually(patience_after_all, [&] {
        reply = client.get(path);
        return reply.status != 503;
    });
    EXPECT_EQ(reply.status, 200) << reply;
    return reply;
}

// All orders by the note they carry, walked page by page.
std::multiset<std::string> notes_of_all_orders(Client& client) {
    std::multiset<std::string> notes;
    std::string cursor;
    do {
        auto page = read(client, "/orders?limit=100" + cursor);
        for (auto& order : page["data"].elements()) notes.insert(order["notes"].text());
        cursor = page["next_cursor"].is_string() ? "&cursor=" + page["next_cursor"].text() : "";
    } while (!cursor.empty());
    return notes;
}

}  // namespace

struct Crowd::Parts {
    Client client;
    std::deque<Buyer> buyers;
    std::atomic<bool> stopped = false;
    std::vector<std::thread> threads;
};

Crowd::Crowd(const Client& client, const std::string& customer, const std::string& sku)
    : parts_(new Parts{.client = client}) {
    for (int i = 0; i < size; ++i) {
        parts_->buyers.emplace_back(client, "buyer" + std::to_string(i), customer, sku);
    }
}

Crowd::~Crowd() { stop(); }

void Crowd::start() {
    for (auto& buyer : parts_->buyers) {
        parts_->threads.emplace_back([this, &buyer] { buyer.buy(parts_->stopped); });
    }
}

void Crowd::stop() {
    parts_->stopped = true;
    for (auto& thread : parts_->threads) thread.join();
    parts_->threads.clear();
}

::testing::AssertionResult Crowd::all_advance_within(std::chrono::milliseconds time) {
    std::map<const Buyer*, std::size_t> before;
    for (const auto& buyer : parts_->buyers) before[&buyer] = buyer.steps();
    auto advanced = [](const auto& one) { return one.first->steps() > one.second; };
    if (eventually(time, [&] { return std::ranges::all_of(before, advanced); })) {
        return ::testing::AssertionSuccess();
    }
    auto failure = ::testing::AssertionFailure();
    for (const auto& one : before) {
        if (!advanced(one)) failure << one.first->waits_for() << "\n";
    }
    return failure;
}

std::size_t Crowd::orders() const {
    std::size_t sum = 0;
    for (const auto& buyer : parts_->buyers) sum += buyer.orders();
    return sum;
}

Crowd::Seen Crowd::seen() const {
    Seen all;
    for (const auto& buyer : parts_->buyers) {
        const auto& one = buyer.seen();
        for (auto [status, count] : one.statuses) all.statuses[status] += count;
        all.longest = std::max(all.longest, one.longest);
        all.without_retry_after += one.without_retry_after;
    }
    return all;
}

void Crowd::expect_nothing_lost_or_doubled() {
    std::multiset<std::string> wanted;
    for (auto& buyer : parts_->buyers) {
        EXPECT_TRUE(buyer.faults().empty()) << buyer.faults().front();
        for (const auto& write : buyer.acknowledged()) {
            if (write.path == "/orders") wanted.insert(write.key);
        }
        buyer.expect_the_same_answer();
    }
    EXPECT_FALSE(wanted.empty());
    EXPECT_EQ(notes_of_all_orders(parts_->client), wanted);
}

std::ostream& operator<<(std::ostream& out, const Crowd::Seen& seen) {
    out << "answers:";
    for (auto [status, count] : seen.statuses) out << " " << status << " × " << count;
    return out << ", " << seen.without_retry_after
               << " × 503 without Retry-After, the longest took " << seen.longest.count() << " ms";
}

}  // namespace stateset::support
