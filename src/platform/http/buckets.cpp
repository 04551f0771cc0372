#include "platform/http/buckets.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "platform/redis/link.hpp"

namespace stateset::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using Clock = Buckets::Clock;

constexpr std::size_t shelf_count = 16;          // so that loops seldom wait for each other
constexpr std::int64_t parts_of_burst = 64;      // one of them may pass before it is told
constexpr milliseconds busy_pace{20};            // how often a bucket that runs dry is told
constexpr milliseconds lost_pace{50};            // how often one tries whose last telling failed
constexpr std::chrono::seconds share_memory{1};  // over which the share is learned
constexpr std::chrono::seconds share_kept{30}, share_return{60};  // then it grows back

// Charges what passed at an instance, and answers how full the bucket was and is.
// KEYS: the bucket, the time in µs at which it is full. ARGV: 1 what a request costs and 2 the
// capacity, in µs; 3 requests to charge; 4 when the bucket was full as this instance heard last, on
// this clock, or 0, and then 5 in how many µs it thinks it will be.
// A bucket that is full much later than it could be was written by another clock.
constexpr const char* charge = R"(
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local known = tonumber(ARGV[4])
if known == 0 then known = now + ARGV[5] end
local before = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), known, now)
if before > now + 2 * ARGV[2] + 1000000 then before = now + ARGV[2] end
local after = math.floor(before + ARGV[3] * ARGV[1])
local term = math.ceil((after - now) / 1000) + 1000
redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', string.format('%.0f', term))
return {before, after, now}
)";

struct Bucket {
    Clock::time_point full_at{};  // as far as is known here

    // Only where buckets are shared:
    std::int64_t untold = 0;             // passed here and not told yet
    std::int64_t shared_full_at_us = 0;  // on Redis' clock, as heard last; 0: not heard
    Clock::time_point told_at{};
    Clock::time_point alone_since{};  // since when nobody is heard; zero: heard
    float here = 0, elsewhere = 0;    // requests lately, to know the share when alone
    bool telling = false;

    bool alone() const { return alone_since != Clock::time_point{}; }
};

struct Shelf {
    mutable std::mutex mutex;
    std::unordered_map<std::string, Bucket> buckets;
};

// What is told about a bucket.
struct Report {
    std::int64_t passed = 0;
    std::int64_t known_full_at_us = 0;
    std::int64_t thought_debt_us = 0;
    Clock::time_point asked_at;
    Clock::duration since_last{};
};

std::int64_t micros(nanoseconds time) {
    return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

}  // namespace

struct Buckets::State : std::enable_shared_from_this<State> {
    Rate rate;
    nanoseconds one;  // what a request costs
    nanoseconds capacity;
    std::size_t most_in_shelf;
    Sharing sharing;
    std::array<Shelf, shelf_count> shelves;

    State(Rate of, std::size_t most, Sharing with)
        : rate(of),
          one(1'000'000'000 / of.per_second),
          capacity(one * of.burst),
          most_in_shelf(most / shelf_count + 1),
          sharing(std::move(with)) {}

    Shelf& shelf_of(std::string_view name) {
        return shelves[std::hash<std::string_view>{}(name) % shelf_count];
    }
    void make_room(Shelf&, Clock::time_point now) const;
    Verdict take_from(Bucket&, Clock::time_point now) const;
    void go_alone(Bucket&, Clock::time_point now) const;
    nanoseconds cost(const Bucket&, Clock::time_point now) const;
    std::optional<Report> due(Bucket&, Clock::time_point now) const;
    void tell(const std::string& name, const Report&);
    void hear(const std::string& name, const Report&, const redis::Replies&);
    void adopt(Bucket&, const Report&, const std::vector<redis::Reply>& told) const;
};

Buckets::Buckets(Rate rate, std::size_t most) : Buckets(rate, most, Sharing{}) {}

Buckets::Buckets(Rate rate, std::size_t most, Sharing sharing)
    : state_(std::make_shared<State>(rate, most, std::move(sharing))) {}

Rate Buckets::rate() const { return state_->rate; }

Buckets::Verdict Buckets::take(std::string_view name, Clock::time_point now) {
    std::string key(name);
    std::optional<Report> report;
    Verdict verdict;
    {
        auto& shelf = state_->shelf_of(name);
        std::scoped_lock lock(shelf.mutex);
        if (shelf.buckets.size() >= state_->most_in_shelf) state_->make_room(shelf, now);
        auto& bucket = shelf.buckets[key];
        if (state_->sharing.link && !state_->sharing.link->up()) state_->go_alone(bucket, now);
        verdict = state_->take_from(bucket, now);
        if (state_->sharing.link && verdict.passes) {
            if (!bucket.alone()) ++bucket.untold;
            report = state_->due(bucket, now);
        }
    }
    if (report) state_->tell(key, *report);
    return verdict;
}

std::size_t Buckets::held() const {
    std::size_t all = 0;
    for (const auto& shelf : state_->shelves) {
        std::scoped_lock lock(shelf.mutex);
        all += shelf.buckets.size();
    }
    return all;
}

// Full ones go; when all are in use, a quarter of them, so that the search is not for each request.
void Buckets::State::make_room(Shelf& shelf, Clock::time_point now) const {
    std::erase_if(shelf.buckets, [&](const auto& one) { return one.second.full_at <= now; });
    if (shelf.buckets.size() < most_in_shelf) return;
    for (auto left = most_in_shelf / 4 + 1; left > 0 && !shelf.buckets.empty(); --left) {
        shelf.buckets.erase(shelf.buckets.begin());
    }
}

Buckets::Verdict Buckets::State::take_from(Bucket& bucket, Clock::time_point now) const {
    auto filled = std::max(bucket.full_at, now) + cost(bucket, now);
    auto debt = filled - now;
    // Alone a request may cost more than a small bucket holds: one passes when it is full.
    bool fits = debt <= capacity || (bucket.alone() && bucket.full_at <= now);
    if (!fits) {
        return {.wait = debt - capacity, .until_full = bucket.full_at - now};
    }
    bucket.full_at = filled;
    return {.passes = true,
            .remaining = std::max(capacity - debt, Clock::duration::zero()) / one,
            .until_full = debt};
}

void Buckets::State::go_alone(Bucket& bucket, Clock::time_point now) const {
    if (bucket.alone()) return;
    bucket.alone_since = now;
    bucket.untold = 0;
    bucket.shared_full_at_us = 0;
}

// Alone, a request costs so much more as this instance's share is smaller.
nanoseconds Buckets::State::cost(const Bucket& bucket, Clock::time_point now) const {
    if (!bucket.alone() || bucket.here <= 0 || bucket.elsewhere <= 0) return one;
    auto share = bucket.here / (bucket.here + bucket.elsewhere);
    auto growing = std::chrono::duration<float>(now - bucket.alone_since - share_kept);
    share += (1 - share) * std::clamp(growing / share_return, 0.0F, 1.0F);
    return nanoseconds(std::llround(static_cast<float>(one.count()) / share));
}

// What is to be told now, if anything. One telling of a bucket is on its way at a time.
std::optional<Report> Buckets::State::due(Bucket& bucket, Clock::time_point now) const {
    if (bucket.telling || !sharing.link->up()) return std::nullopt;
    auto since = now - bucket.told_at;
    bool enough = bucket.untold >= std::max<std::int64_t>(1, rate.burst / parts_of_burst);
    bool busy = bucket.untold > 0 && bucket.full_at - now > capacity / 2 && since >= busy_pace;
    if (!(bucket.alone() ? since >= lost_pace : enough || busy)) return std::nullopt;
    Report report{.passed = bucket.untold, .asked_at = now, .since_last = since};
    report.known_full_at_us = bucket.shared_full_at_us;
    if (report.known_full_at_us == 0) {
        auto others = bucket.full_at - now - bucket.untold * one;
        report.thought_debt_us = std::max<std::int64_t>(0, micros(others));
    }
    bucket.untold = 0;
    bucket.told_at = now;
    bucket.telling = true;
    return report;
}

void Buckets::State::tell(const std::string& name, const Report& report) {
    redis::Command command{"EVAL",
                           charge,
                           "1",
                           "rate:" + sharing.kind + ":" + name,
                           std::to_string(static_cast<double>(one.count()) / 1'000),
                           std::to_string(micros(capacity)),
                           std::to_string(report.passed),
                           std::to_string(report.known_full_at_us),
                           std::to_string(report.thought_debt_us)};
    sharing.link->ask({std::move(command)},
                      [self = shared_from_this(), name, report](const redis::Replies& replies) {
                          self->hear(name, report, replies);
                      });
}

void Buckets::State::hear(const std::string& name, const Report& report,
                          const redis::Replies& replies) {
    std::optional<Report> next;
    {
        auto& shelf = shelf_of(name);
        std::scoped_lock lock(shelf.mutex);
        auto found = shelf.buckets.find(name);
        if (found == shelf.buckets.end()) return;
        auto& bucket = found->second;
        auto now = Clock::now();
        bucket.telling = false;
        bool answered = replies && replies.all[0].list.size() == 3;
        if (answered) {
            adopt(bucket, report, replies.all[0].list);
            next = due(bucket, now);
        } else {
            go_alone(bucket, now);
        }
    }
    if (next) tell(name, *next);
}

// `told`: when the bucket was full before and after the charge, and the time there, in µs.
void Buckets::State::adopt(Bucket& bucket, const Report& report,
                           const std::vector<redis::Reply>& told) const {
    auto before = told[0].number, after = told[1].number, there = told[2].number;
    auto one_us = static_cast<float>(one.count()) / 1'000;
    auto elapsed = std::chrono::duration<float>(report.since_last) / share_memory;
    auto faded = std::exp2(-elapsed);
    bucket.here = bucket.here * faded + static_cast<float>(report.passed);
    bucket.elsewhere *= faded;
    if (report.known_full_at_us != 0) {
        auto without_others = std::max(report.known_full_at_us, there);
        bucket.elsewhere +=
            static_cast<float>(std::max<std::int64_t>(0, before - without_others)) / one_us;
    }
    bucket.shared_full_at_us = after;
    bucket.full_at =
        report.asked_at + std::chrono::microseconds(after - there) + bucket.untold * one;
    bucket.alone_since = {};
}

}  // namespace stateset::http
