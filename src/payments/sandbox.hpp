#pragma once
// A gateway for trying things out: it moves no money and answers by the token it is given. Like any
// outside party it keeps its own books, by operation id, in tables that nothing else reads and
// through commands of its own; so asking it again, also after a crash, gets the truth.
//
//     tok_ok                  approved
//     tok_declined            declined: card_declined
//     tok_insufficient_funds  declined: insufficient_funds
//     tok_timeout             approved, but the first call gets no answer
//     tok_timeout_declined    declined, but the first call gets no answer
//     tok_capture_declined    authorized; a later capture is declined
//     tok_refund_declined     approved; its refunds are declined
//     tok_refund_timeout      approved; the first call of a refund gets no answer
//
// Any other token is declined with invalid_token.

#include "payments/gateway.hpp"
#include "platform/store/committer.hpp"

namespace stateset::payments {

// Money it holds or took. Belongs to the installation: a gateway knows no tenants.
struct SandboxCharge {
    Uuid id;  // of the operation that authorized it
    std::string reference;
    std::string token;
    Currency currency;
    Money amount, captured, refunded;
    bool voided = false;
    Time created_at;
};

// A call that it got, and what it decided. The same operation again changes nothing.
struct SandboxCall {
    Uuid id;  // of the operation
    std::string kind;
    bool approved = false;
    std::optional<std::string> reference, code, message;
    Time created_at;
};

class Sandbox final : public Gateway {
  public:
    explicit Sandbox(Committer& committer) : committer_(committer) {}

    std::string_view name() const override { return "sandbox"; }
    void authorize(const Charge&, Done) override;
    void capture(const Step&, Done) override;
    void void_(const Step&, Done) override;
    void refund(const Step&, Done) override;
    void ask(const Question&, Done) override;

  private:
    // `decide` runs in a command of the gateway's own; what it says is told after the commit.
    void keep(std::function<Heard(Tx&)> decide, Done);

    Committer& committer_;
};

}  // namespace stateset::payments

template <>
struct stateset::store::Table<stateset::payments::SandboxCharge>
    : stateset::store::Named<"sandbox_charges", "sandbox_charge"> {
    using unique = Keys<Key<&stateset::payments::SandboxCharge::reference>>;
};
template <>
struct stateset::store::Table<stateset::payments::SandboxCall>
    : stateset::store::Named<"sandbox_calls", "sandbox_call"> {};
