#pragma once
// What moves the money. A gateway is asked with no transaction open; each call carries the id of
// our operation, which it takes as an idempotency key: the same call twice is one effect, and what
// became of it can be asked for later. A call that brings no answer in time is `unknown`, never a
// guess.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "platform/core/id.hpp"
#include "platform/core/money.hpp"
#include "platform/core/time.hpp"

namespace stateset::payments {

struct Charge {
    Uuid operation;
    Money amount;
    std::string token;
    bool capture = true;  // else only authorize
};

// A further step of a charge: `reference` is what the gateway called it.
struct Step {
    Uuid operation;
    std::string reference;
    Money amount;
};

enum class Verdict {
    approved,
    declined,
    unknown,  // no answer: it may or may not have happened
    absent    // only of `ask`: the gateway never got this call
};

// An earlier call whose outcome is not known.
enum class Deed { authorize, capture, void_, refund };
struct Question {
    Uuid operation;
    Deed deed = Deed::authorize;
    std::string reference;  // of the charge; empty for authorizations
    Money amount;
    Time since;  // when the operation began
};

struct Heard {
    Verdict verdict = Verdict::unknown;
    std::optional<std::string> reference;      // of the charge or the refund
    std::optional<std::string> code, message;  // why it was declined, in the gateway's words
};

class Gateway {
  public:
    using Done = std::function<void(Heard)>;  // exactly once, from any thread, within seconds

    virtual ~Gateway() = default;
    virtual std::string_view name() const = 0;
    virtual void authorize(const Charge&, Done) = 0;
    virtual void capture(const Step&, Done) = 0;
    virtual void void_(const Step&, Done) = 0;
    virtual void refund(const Step&, Done) = 0;
    virtual void ask(const Question&, Done) = 0;
};

// The gateways of this installation, by name. Filled before the first call.
class Gateways {
  public:
    void add(std::unique_ptr<Gateway> gateway) { all_.push_back(std::move(gateway)); }
    Gateway* find(std::string_view name) const {
        for (const auto& gateway : all_) {
            if (gateway->name() == name) return gateway.get();
        }
        return nullptr;
    }

  private:
    std::vector<std::unique_ptr<Gateway>> all_;
};

}  // namespace stateset::payments
