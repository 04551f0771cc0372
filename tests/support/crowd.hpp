#pragma once
// Clients that take orders their whole way, one after the other, while a test breaks something;
// they remember what they were answered. A write whose answer never came, or was "not now", is sent
// again unchanged until it has one, as a careful client does.
//
//     Crowd crowd(server.admin(), customer, sku);
//     crowd.start();
//     server.kill();
//     server.start();
//     crowd.stop();
//     crowd.expect_nothing_lost_or_doubled();

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "support/client.hpp"

namespace stateset::support {

class Crowd {
  public:
    static constexpr int size = 8;
    // Each buys two of this product at a time; there should be enough of it.
    Crowd(const Client& client, const std::string& customer, const std::string& sku);
    ~Crowd();

    void start();
    // Returns when all have an answer to what they began last.
    void stop();

    // Each of them has got an answer that it waited for within this time from now.
    ::testing::AssertionResult all_advance_within(std::chrono::milliseconds);
    std::size_t orders() const;  // acknowledged so far

    // When they have stopped: every answer there was, also those that came too late or not at all.
    struct Seen {
        std::map<int, int> statuses;  // how often; 0: no answer came
        std::chrono::milliseconds longest{0};
        int without_retry_after = 0;  // of those that were 503
    };
    Seen seen() const;
    // What was acknowledged is there, once, and nothing else is; and the last answers are given
    // again byte for byte.
    void expect_nothing_lost_or_doubled();

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

std::ostream& operator<<(std::ostream&, const Crowd::Seen&);

}  // namespace stateset::support
