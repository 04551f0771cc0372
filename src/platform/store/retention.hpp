#pragma once
// Forgets what was kept for a while: idempotency records after a day, and what other slices name. A
// few at a time, so that a backlog never stands in the way of anybody's write. A record whose
// request is still running stays. Of several instances the one with the duty does it.

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "platform/store/committer.hpp"
#include "platform/store/reads.hpp"
#include "platform/work/lease.hpp"

namespace stateset::store {

class Retention {
  public:
    struct Options {
        Span keep = hours(24);
        std::chrono::milliseconds every{60'000};
        std::int64_t at_once = 500;  // rows of one command
        // What else is forgotten: each does one round of at most so many rows, all made before this
        // time, and answers how many there were.
        struct Chore {
            Span keep;
            std::function<std::size_t(Time before, std::int64_t most)> forget;
        };
        std::vector<Chore> chores;
        work::Duty duty;
        std::function<void(std::string_view)> log;
    };
    Retention(Committer&, ReadPool&, Options);
    ~Retention();
    void stop();

    // One round; how many records it forgot.
    std::size_t forget();

  private:
    void work();
    void all_of(const std::function<std::size_t()>& round);

    Committer& committer_;
    ReadPool& reads_;
    Options options_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

}  // namespace stateset::store
