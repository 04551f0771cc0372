#pragma once
// Failures that all instances count together, by name (an account, an address), over the last
// minute or so. It only adds to what each instance counts for itself: whoever asks must keep its
// own count, which holds when nobody answers here.

#include <string>

namespace stateset {

class SharedFailures {
  public:
    virtual ~SharedFailures() = default;

    // Never blocks; a failure that cannot be told is lost here.
    virtual void failed(const std::string& name) = 0;

    // Seconds until this name may try again; 0 when it may now, or when nobody answers within 20
    // ms. Waits for that: never on an event loop.
    virtual int wait_s(const std::string& name) = 0;
};

}  // namespace stateset
