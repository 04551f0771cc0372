#pragma once
// What stock needs without being asked: reservations end when their time is over, and balances
// follow the settings of their location. Candidates are found by a query; each is then looked at
// again under its lock, in a command of its own. An order's reservations end together, by a flow
// that knows orders. Of several instances the one with the duty does it.

#include <functional>
#include <memory>
#include <string_view>

#include "inventory/inventory.hpp"
#include "platform/store/committer.hpp"
#include "platform/work/lease.hpp"

namespace stateset::inventory {

class Upkeep {
  public:
    struct Options {
        Span poll = seconds(1);
        bool shared = false;  // other processes change locations too, and do not tell us
        work::Duty duty;
        // Ends an order's reservations, if they are still due.
        std::function<void(Tx&, Id<orders::Order>)> expire_order;
        std::function<void(std::string_view)> log;  // errors that only the operator may see
    };
    Upkeep(Committer&, ReadPool&, Options);  // before the Committer has work
    ~Upkeep();
    void start();
    void stop();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// A lot's day is over: what is active becomes expired, and what nobody holds of it is set apart.
// Looks again; does nothing otherwise.
void expire_lot_if_over(Tx&, LotId);

}  // namespace stateset::inventory
