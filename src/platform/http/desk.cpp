#include "platform/http/desk.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace stateset::http {

struct DeskPool::State {
    Options options;
    std::mutex mutex;
    std::condition_variable wake;
    std::deque<std::function<void()>> queue;
    bool stopping = false;
    std::vector<std::thread> threads;

    void serve() {
        while (true) {
            std::function<void()> work;
            {
                std::unique_lock lock(mutex);
                wake.wait(lock, [this] { return stopping || !queue.empty(); });
                if (queue.empty()) return;
                work = std::move(queue.front());
                queue.pop_front();
            }
            work();
        }
    }
};

DeskPool::DeskPool(Options options) : state_(std::make_unique<State>()) {
    state_->options = options;
    for (int i = 0; i < options.threads; ++i) {
        state_->threads.emplace_back([state = state_.get()] { state->serve(); });
    }
}

DeskPool::~DeskPool() { stop(); }

bool DeskPool::submit(std::function<void()> work) {
    std::scoped_lock lock(state_->mutex);
    if (state_->stopping || state_->queue.size() >= state_->options.queue_limit) return false;
    state_->queue.push_back(std::move(work));
    state_->wake.notify_one();
    return true;
}

void DeskPool::stop() {
    {
        std::scoped_lock lock(state_->mutex);
        state_->stopping = true;
    }
    state_->wake.notify_all();
    for (auto& thread : state_->threads) {
        if (thread.joinable()) thread.join();
    }
}

}  // namespace stateset::http
