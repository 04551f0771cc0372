#include "platform/redis/link.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

namespace stateset::redis {
namespace {

constexpr std::chrono::milliseconds idle_pace{250};  // how soon an idle link notices a loss

struct Question {
    std::vector<Command> commands;
    Link::Done done;
    Clock::time_point deadline;
};

}  // namespace

struct Link::State {
    Options options;
    Connection connection;  // the thread's alone

    mutable std::mutex mutex;
    std::condition_variable wake;
    mutable std::condition_variable came_up;
    std::deque<Question> queue;
    std::size_t queued_commands = 0;
    bool stopping = false;
    std::atomic<bool> up = false;
    std::atomic<std::uint64_t> asked = 0, unavailable = 0, round_trips = 0;
    std::thread thread;

    State(Address address, Options from)
        : options(std::move(from)),
          connection(std::move(address), {.connect_timeout = options.connect_timeout,
                                          .command_timeout = options.patience,
                                          .log = options.log}) {}

    void work();
    void reconnect(std::unique_lock<std::mutex>&);
    void serve(std::unique_lock<std::mutex>&);
    std::deque<Question> take();
    void carry_out(std::deque<Question>);
    void refuse_waiting(std::unique_lock<std::mutex>&, const std::string& why);
    void answer(Question&, const Replies&);
};

Link::Link(Address address, Options options)
    : state_(new State(std::move(address), std::move(options))) {
    state_->thread = std::thread([state = state_.get()] { state->work(); });
}

Link::~Link() { stop(); }

void Link::stop() {
    {
        std::scoped_lock lock(state_->mutex);
        state_->stopping = true;
    }
    state_->wake.notify_all();
    if (state_->thread.joinable()) state_->thread.join();
}

void Link::ask(std::vector<Command> commands, Done done) {
    auto& state = *state_;
    ++state.asked;
    Question question{.commands = std::move(commands),
                      .done = std::move(done),
                      .deadline = Clock::now() + state.options.patience};
    bool full = false;
    {
        std::scoped_lock lock(state.mutex);
        full = state.queued_commands + question.commands.size() > state.options.queue_limit;
        if (state.up && !full && !state.stopping) {
            state.queued_commands += question.commands.size();
            state.queue.push_back(std::move(question));
            state.wake.notify_one();
            return;
        }
    }
    state.answer(question, {.unavailable = full ? "too many questions wait" : "no connection"});
}

Replies Link::ask_and_wait(std::vector<Command> commands, std::chrono::milliseconds at_most) {
    auto promise = std::make_shared<std::promise<Replies>>();
    auto future = promise->get_future();
    ask(std::move(commands), [promise](const Replies& replies) { promise->set_value(replies); });
    if (future.wait_for(at_most) != std::future_status::ready) {
        return {.unavailable = "no answer within its time"};
    }
    return future.get();
}

bool Link::up() const { return state_->up; }

bool Link::wait_until_up(std::chrono::milliseconds at_most) const {
    std::unique_lock lock(state_->mutex);
    return state_->came_up.wait_for(lock, at_most, [this] { return state_->up.load(); });
}

Link::Counters Link::counters() const {
    return {.asked = state_->asked,
            .unavailable = state_->unavailable,
            .round_trips = state_->round_trips};
}

void Link::State::work() {
    std::unique_lock lock(mutex);
    while (!stopping) {
        if (connection.is_open()) {
            serve(lock);
        } else {
            reconnect(lock);
        }
    }
    refuse_waiting(lock, "the link is stopped");
}

// Whoever asks meanwhile is refused at once, so nobody waits for a connection.
void Link::State::reconnect(std::unique_lock<std::mutex>& lock) {
    refuse_waiting(lock, "the connection is lost");
    wake.wait_until(lock, connection.retry_at(), [this] { return stopping; });
    if (stopping) return;
    lock.unlock();
    bool open = connection.open();
    lock.lock();
    up = open;
    if (open) came_up.notify_all();
}

void Link::State::serve(std::unique_lock<std::mutex>& lock) {
    wake.wait_for(lock, idle_pace, [this] { return stopping || !queue.empty(); });
    if (stopping) return;
    auto group = take();
    lock.unlock();
    carry_out(std::move(group));
    lock.lock();
}

// The questions at the head, as many as fit into a round trip.
std::deque<Question> Link::State::take() {
    std::deque<Question> group;
    std::size_t commands = 0;
    while (!queue.empty() &&
           (group.empty() || commands + queue.front().commands.size() <= options.most_together)) {
        commands += queue.front().commands.size();
        group.push_back(std::move(queue.front()));
        queue.pop_front();
    }
    queued_commands -= commands;
    return group;
}

void Link::State::carry_out(std::deque<Question> group) {
    std::vector<Command> commands;
    auto now = Clock::now();
    for (auto& question : group) {
        if (question.deadline < now) continue;
        commands.insert(commands.end(), std::make_move_iterator(question.commands.begin()),
                        std::make_move_iterator(question.commands.end()));
    }
    ++round_trips;
    auto replies = connection.ask(commands);
    if (!replies) up = false;
    auto next = replies.all.begin();
    for (auto& question : group) {
        Replies own{.unavailable = replies.unavailable, .connection = replies.connection};
        if (question.deadline < now) {
            own.unavailable = "it waited too long";
        } else if (replies) {
            auto end = next + static_cast<std::ptrdiff_t>(question.commands.size());
            own.all.assign(std::make_move_iterator(next), std::make_move_iterator(end));
            next = end;
        }
        answer(question, own);
    }
}

void Link::State::refuse_waiting(std::unique_lock<std::mutex>& lock, const std::string& why) {
    up = false;
    auto waiting = std::exchange(queue, {});
    queued_commands = 0;
    lock.unlock();
    for (auto& question : waiting) answer(question, {.unavailable = why});
    lock.lock();
}

void Link::State::answer(Question& question, const Replies& replies) {
    if (!replies) ++unavailable;
    try {
        question.done(replies);
    } catch (const std::exception& failure) {
        if (options.log) options.log(std::string("an answer was not taken: ") + failure.what());
    }
}

}  // namespace stateset::redis
