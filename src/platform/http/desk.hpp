#pragma once
// Threads for what is heavy on the processor or must ask twice: hashing passwords, logging in,
// checking a signature. A procedure `R f(Desk&, const Actor&, const In&)` runs here and may wait
// for reads and commands. The threads are few, so that hashing never starves the event loops; work
// beyond the queue is refused.

#include <functional>
#include <memory>

#include "platform/http/message.hpp"
#include "platform/store/committer.hpp"
#include "platform/store/reads.hpp"

namespace stateset {

struct Desk {
    Committer& committer;
    ReadPool& reads;
    const http::Request& request;  // headers and raw body
    std::string_view request_id;
};

namespace http {

class DeskPool {
  public:
    struct Options {
        int threads = 2;               // at most two password hashes at once
        std::size_t queue_limit = 64;  // a hash takes 40 ms: more would wait beyond their deadline
    };
    explicit DeskPool(Options);
    ~DeskPool();
    bool submit(std::function<void()> work);  // false: the queue is full
    void stop();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace http
}  // namespace stateset
