#pragma once
// Requests that wait for work which goes on outside their transaction (a payment at its gateway).
// The outcome reaches them here; who waits in vain is told so by its own deadline, and the work
// goes on all the same.

#include <functional>
#include <mutex>
#include <unordered_map>

#include "platform/core/id.hpp"
#include "platform/store/idempotency.hpp"

namespace stateset::http {

class Waiting {
  public:
    using Resume = std::function<void(store::Answer)>;

    void add(Uuid operation, Resume resume) {
        std::scoped_lock lock(mutex_);
        waiting_.emplace(operation, std::move(resume));
    }
    // False when nobody waits (any more).
    bool finish(Uuid operation, store::Answer answer) {
        Resume resume;
        {
            std::scoped_lock lock(mutex_);
            auto found = waiting_.find(operation);
            if (found == waiting_.end()) return false;
            resume = std::move(found->second);
            waiting_.erase(found);
        }
        resume(std::move(answer));
        return true;
    }
    void forget(Uuid operation) {
        std::scoped_lock lock(mutex_);
        waiting_.erase(operation);
    }

  private:
    std::mutex mutex_;
    std::unordered_map<Uuid, Resume> waiting_;
};

}  // namespace stateset::http
