#include "platform/redis/freshness.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>

#include "platform/auth/crypto.hpp"

namespace stateset::redis {
namespace {

constexpr std::size_t most_keys_together = 2'000;  // in one MGET: longer ones delay others
constexpr const char* epoch_key = "f:epoch";

struct Question {
    std::vector<std::string> keys;
    std::function<void(std::vector<Freshness::Stamp>)> done;
    Clock::time_point asked_at;
};

std::vector<Freshness::Stamp> unknown(std::size_t count) {
    return std::vector<Freshness::Stamp>(count);
}

bool all_done(const Replies& replies) {
    return replies && std::ranges::none_of(replies.all, &Reply::is_error);
}

}  // namespace

struct SharedFreshness::State : std::enable_shared_from_this<State> {
    Link& link;
    Options options;
    const std::string instance = auth::hex(auth::random_bytes(8));
    std::atomic<std::uint64_t> made = 0;

    std::mutex mutex;
    std::deque<Question> waiting;
    bool asking = false;
    std::atomic<Clock::rep> owed_since = 0;  // the last bump that failed; 0: none

    State(Link& to, Options from) : link(to), options(from) {}

    std::string new_token() { return instance + "." + std::to_string(++made); }
    Command new_epoch() { return {"SET", epoch_key, new_token()}; }
    bool owes(Clock::rep since) const;
    void paid(Clock::rep since) { owed_since.compare_exchange_strong(since, 0); }
    std::deque<Question> take();
    void ask_waiting();
    void tell(std::deque<Question>&, const Replies&);
};

SharedFreshness::SharedFreshness(Link& link) : SharedFreshness(link, Options{}) {}

SharedFreshness::SharedFreshness(Link& link, Options options)
    : state_(std::make_shared<State>(link, options)) {}

SharedFreshness::~SharedFreshness() = default;

bool SharedFreshness::bump(const std::vector<std::string>& keys) {
    if (keys.empty()) return true;
    auto& state = *state_;
    auto owed = state.owed_since.load();
    bool all = keys.size() > state.options.most_tokens;
    std::vector<Command> commands;
    if (all || state.owes(owed)) commands.push_back(state.new_epoch());
    if (!all) {
        auto token = state.new_token();
        auto term = std::to_string(state.options.token_term.count());
        for (const auto& key : keys) commands.push_back({"SET", "f:" + key, token, "PX", term});
    }
    bool done = all_done(state.link.ask_and_wait(std::move(commands), state.options.bump_patience));
    if (done) {
        state.paid(owed);
    } else {
        state.owed_since = Clock::now().time_since_epoch().count();
    }
    return done;
}

void SharedFreshness::current(std::vector<std::string> keys,
                              std::function<void(std::vector<Stamp>)> done) {
    if (keys.empty() || !state_->link.up()) return done(unknown(keys.size()));
    {
        std::scoped_lock lock(state_->mutex);
        state_->waiting.push_back(
            {.keys = std::move(keys), .done = std::move(done), .asked_at = Clock::now()});
        if (state_->asking) return;
        state_->asking = true;
    }
    state_->ask_waiting();
}

bool SharedFreshness::State::owes(Clock::rep since) const {
    return since != 0 && Clock::now().time_since_epoch() - Clock::duration(since) <= longest_age;
}

std::deque<Question> SharedFreshness::State::take() {
    std::scoped_lock lock(mutex);
    std::deque<Question> group;
    std::size_t keys = 0;
    while (!waiting.empty() &&
           (group.empty() || keys + waiting.front().keys.size() <= most_keys_together)) {
        keys += waiting.front().keys.size();
        group.push_back(std::move(waiting.front()));
        waiting.pop_front();
    }
    asking = !group.empty();
    return group;
}

// One question is on its way at a time. Its answer may come before `ask` returns, when the link is
// down: whichever of the two is later goes on with those that came meanwhile.
void SharedFreshness::State::ask_waiting() {
    while (true) {
        auto group = std::make_shared<std::deque<Question>>(take());
        if (group->empty()) return;
        std::vector<Command> commands;
        auto owed = owed_since.load();
        if (owes(owed)) commands.push_back(new_epoch());
        commands.push_back({"SET", epoch_key, new_token(), "NX"});
        Command keys{"MGET", epoch_key};
        for (const auto& question : *group) {
            for (const auto& key : question.keys) keys.push_back("f:" + key);
        }
        commands.push_back(std::move(keys));
        auto other_is_done = std::make_shared<std::atomic<bool>>(false);
        link.ask(std::move(commands),
                 [self = shared_from_this(), group, owed, other_is_done](const Replies& replies) {
                     if (all_done(replies)) self->paid(owed);
                     if (other_is_done->exchange(true)) self->ask_waiting();
                     self->tell(*group, replies);
                 });
        if (!other_is_done->exchange(true)) return;
    }
}

void SharedFreshness::State::tell(std::deque<Question>& group, const Replies& replies) {
    bool read = all_done(replies) && !replies.all.back().list.empty() &&
                replies.all.back().list[0].kind == Reply::Kind::text;
    const auto* next = read ? replies.all.back().list.data() : nullptr;
    auto prefix = read ? std::to_string(replies.connection) + ":" + next->text + ":" : "";
    for (auto& question : group) {
        auto stamps = unknown(question.keys.size());
        for (auto& stamp : stamps) {
            stamp.asked_at = question.asked_at;
            if (read) stamp.token = prefix + (++next)->text;
        }
        question.done(std::move(stamps));
    }
}

}  // namespace stateset::redis
