#include "platform/work/lease.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "sql.hpp"

namespace stateset::work {
namespace {

using Clock = std::chrono::steady_clock;

Clock::duration duration(Span span) { return std::chrono::microseconds(span.micros); }

constexpr Span most_skew = seconds(1);
constexpr std::chrono::seconds skew_pace{60};

struct Everything {};
struct Now {
    Time now;
};

}  // namespace

struct Duties::State {
    struct Post {
        std::string name;
        std::shared_ptr<Duty::HeldUntil> held_until;
        // The version of another's lease that was seen last, and since when.
        std::int64_t seen_version = 0;
        Clock::time_point seen_since;
    };
    // One lease that is to be taken, renewed or given back, if it still has the version we saw.
    struct Step {
        Post* post = nullptr;
        std::int64_t version = 0;  // 0: there is no such lease yet
        bool done = false;
    };

    Committer& committer;
    ReadPool& reads;
    Options options;
    std::vector<Post> posts;

    std::mutex mutex;
    std::condition_variable wake;
    bool stopping = false;
    std::thread thread;
    Clock::time_point compare_clocks_at;

    void work();
    void turn();
    void compare_clocks();
    std::vector<Step> next_steps();
    bool ours(Post&, const Lease&, Clock::time_point asked) const;
    void take(std::vector<Step>);
    void give_back();
    void log(const std::string& text) const {
        if (options.log) options.log("duties: " + text);
    }
};

Duties::Duties(Committer& committer, ReadPool& reads, Options options)
    : state_(new State{.committer = committer, .reads = reads, .options = std::move(options)}) {}

Duties::~Duties() { stop(); }

Duty Duties::duty(std::string name) {
    if (state_->options.sole) return {};
    auto held_until =
        std::make_shared<Duty::HeldUntil>(Clock::time_point::min().time_since_epoch().count());
    state_->posts.push_back({.name = std::move(name), .held_until = held_until});
    return Duty(held_until);
}

void Duties::start() {
    if (state_->posts.empty()) return;
    state_->turn();
    state_->thread = std::thread([state = state_.get()] { state->work(); });
}

void Duties::stop() {
    {
        std::scoped_lock lock(state_->mutex);
        state_->stopping = true;
    }
    state_->wake.notify_all();
    if (!state_->thread.joinable()) return;
    state_->thread.join();
    state_->give_back();
}

void Duties::State::work() {
    std::unique_lock lock(mutex);
    while (!stopping) {
        auto next = Clock::now() + duration(options.pace());
        wake.wait_until(lock, next, [this] { return stopping; });
        if (stopping) return;
        lock.unlock();
        turn();
        lock.lock();
    }
}

void Duties::State::turn() {
    try {
        take(next_steps());
        if (Clock::now() >= compare_clocks_at) compare_clocks();
    } catch (const std::exception& failure) {
        log(failure.what());  // what is held is held until its term is over
    }
}

// The database's time lies between the two moments if our clock is right.
void Duties::State::compare_clocks() {
    compare_clocks_at = Clock::now() + skew_pace;
    auto before = options.clock();
    auto there = reads.run(no_tenant, [](Reads& snapshot) {
        return snapshot.one<Now>(sql::work::clock, Everything{}).now;
    });
    auto ahead = before - there, behind = there - options.clock();
    if (std::max(ahead, behind) <= most_skew) return;
    log("this machine's clock is " + std::to_string(std::max(ahead, behind).micros / 1000) +
        " ms " + (ahead > behind ? "ahead of" : "behind") + " the database's");
}

// What is ours, free, or of an owner from whom nothing was seen for a term.
std::vector<Duties::State::Step> Duties::State::next_steps() {
    auto asked = Clock::now();
    auto leases = reads.run(no_tenant, [](Reads& snapshot) {
        return snapshot.all<Lease>(sql::work::leases, Everything{});
    });
    std::vector<Step> steps;
    for (auto& post : posts) {
        auto lease = std::ranges::find(leases, post.name, &Lease::name);
        if (lease == leases.end()) {
            steps.push_back({.post = &post});
        } else if (ours(post, *lease, asked)) {
            steps.push_back({.post = &post, .version = lease->version});
        }
    }
    return steps;
}

bool Duties::State::ours(Post& post, const Lease& lease, Clock::time_point asked) const {
    if (lease.owner == options.instance || lease.owner.empty()) return true;
    if (lease.version != post.seen_version) {
        post.seen_version = lease.version;
        post.seen_since = Clock::now();  // after the snapshot, as `asked` is before the next
        return false;
    }
    return asked - post.seen_since >= duration(options.term);
}

void Duties::State::take(std::vector<Step> steps) {
    if (steps.empty()) return;
    auto asked = Clock::now();
    committer.run(system_actor(no_tenant), [&](Tx& tx) {
        auto found = tx.each(
            steps, [&](const Step& step) { return tx.find<&Lease::name>(step.post->name); });
        for (std::size_t i = 0; i < steps.size(); ++i) {
            auto& [post, version, done] = steps[i];
            done = version == (found[i] ? found[i]->version : 0);
            if (!done) continue;  // another was faster
            auto until = tx.now() + options.term;
            if (found[i]) {
                auto& lease = tx.edit(*found[i]);
                lease.owner = options.instance;
                lease.until = until;
            } else {
                tx.add(Lease{.id = tx.new_id(),
                             .name = post->name,
                             .owner = options.instance,
                             .until = until});
            }
        }
    });
    auto until = asked + duration(options.term) * 4 / 5;
    for (const auto& [post, version, done] : steps) {
        if (done) *post->held_until = until.time_since_epoch().count();
    }
}

void Duties::State::give_back() {
    for (auto& post : posts) *post.held_until = Clock::time_point::min().time_since_epoch().count();
    try {
        committer.run(system_actor(no_tenant), [&](Tx& tx) {
            auto found =
                tx.each(posts, [&](const Post& post) { return tx.find<&Lease::name>(post.name); });
            for (const auto* lease : found) {
                if (lease && lease->owner == options.instance) tx.edit(*lease).owner.clear();
            }
        });
    } catch (const std::exception& failure) {
        log(failure.what());  // they run out
    }
}

}  // namespace stateset::work
