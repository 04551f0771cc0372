// Money is asked for, arrives, is let go and given back; the gateway says yes, no, or nothing.

#include "flows/manual_payments.hpp"
#include "flows/pay_order.hpp"
#include "flows/refund_order.hpp"
#include "nouns.hpp"
#include "payments/gateway.hpp"
#include "platform/work/settle.hpp"

namespace stateset::sim {
namespace {

using orders::Status;
using payments::PaymentId;
using Payment = payments::Status;

std::string name_of(PaymentId id) { return "payment " + to_string(id).substr(24); }

std::optional<Action> pay(Random& random, Model& model, World&) {
    auto id = any_key(random, model.orders,
                      is_one_of(Status::pending, Status::processing, Status::on_hold));
    if (!id) return std::nullopt;
    std::optional<std::int64_t> amount;
    auto total = model.orders.at(*id).total();
    if (total > 0 && random.chance(30)) amount = random.between(1, total);
    bool transfer = random.chance(20), capture = transfer || !random.chance(25);
    std::optional<Date> due_on;
    if (transfer && random.chance(50)) due_on = Date{model.stock.today.days + random.between(0, 1)};
    auto made = std::make_shared<PaymentId>();
    auto work = [=](Tx& tx) {
        flows::PayOrder wanted{.order_id = *id};
        wanted.method.type = payments::MethodType::bank_transfer;
        wanted.due_on = due_on;
        if (!transfer) {
            wanted.method = {.type = payments::MethodType::card, .token = Text<255>{"tok_ok"}};
            wanted.capture = capture;
        }
        if (amount) wanted.amount = amount_of(*amount);
        return flows::pay_order(tx, actor, wanted).interim.id;
    };
    auto expect = [=](Model& now) -> std::string {
        if (now.orders.at(*id).status == Status::cancelled) return "illegal_transition";
        auto left = now.orders.at(*id).total();
        now.of_order(*id, now.payments, [&](const Paid& one) { left -= one.counted(); });
        if (left <= 0) return "nothing_owed";
        if (amount.value_or(left) > left) return "exceeds_owed";
        now.payments[*made] = {.order = *id,
                               .amount = amount.value_or(left),
                               .capture = capture,
                               .busy = !transfer,
                               .by_hand = transfer};
        now.refresh(*id);
        return ok;
    };
    return Action{"pay order " + to_string(*id).substr(24), keeping(made, work), expect};
}

// A capture or a void of what is authorized.
std::string begin_step(Model& model, PaymentId id, bool legal_while_processing) {
    auto& payment = model.payments.at(id);
    bool processing = payment.status == Payment::processing;
    if (payment.status != Payment::authorized && !(processing && legal_while_processing)) {
        return "illegal_transition";
    }
    if (payment.waits_by_hand()) return "illegal_transition";
    if (processing || payment.busy) return "payment_busy";
    return ok;
}

std::optional<Action> capture(Random& random, Model& model, World&) {
    auto id = any_key(random, model.payments, [](const Paid& one) {
        return one.status == Payment::authorized && !one.busy;
    });
    if (!id) return std::nullopt;
    std::optional<std::int64_t> amount;
    if (random.chance(40)) amount = random.between(1, model.payments.at(*id).amount + 1);
    return Action{"capture " + name_of(*id), doing([=](Tx& tx) {
                      flows::CapturePayment wanted{.id = *id};
                      if (amount) wanted.amount = amount_of(*amount);
                      flows::capture_payment(tx, actor, wanted);
                  }),
                  [=](Model& now) {
                      auto answer = begin_step(now, *id, true);
                      if (answer != ok) return answer;
                      auto& payment = now.payments.at(*id);
                      if (amount.value_or(0) > payment.amount) {
                          return std::string("exceeds_authorized");
                      }
                      payment.busy = true;
                      return ok;
                  }};
}

std::optional<Action> void_(Random& random, Model& model, World&) {
    auto id = any_key(random, model.payments, [](const Paid& one) {
        return one.status == Payment::authorized && !one.busy;
    });
    if (!id) return std::nullopt;
    return Action{"void " + name_of(*id),
                  doing([id](Tx& tx) { flows::void_payment(tx, actor, {.id = *id}); }),
                  [id](Model& now) {
                      auto answer = begin_step(now, *id, false);
                      if (answer == ok) now.payments.at(*id).busy = true;
                      return answer;
                  }};
}

std::optional<Action> refund(Random& random, Model& model, World&) {
    auto id = any_key(random, model.payments, [](const Paid& one) { return one.refundable() > 0; });
    if (!id) return std::nullopt;
    std::optional<std::int64_t> amount;
    if (random.chance(60)) amount = random.between(1, model.payments.at(*id).amount);
    return Action{"refund " + name_of(*id), doing([=](Tx& tx) {
                      flows::RefundPayment wanted{.id = *id};
                      if (amount) wanted.amount = amount_of(*amount);
                      flows::refund_payment(tx, actor, wanted);
                  }),
                  [=](Model& now) -> std::string {
                      auto& payment = now.payments.at(*id);
                      bool money = payment.status == Payment::captured ||
                                   payment.status == Payment::partially_refunded ||
                                   payment.status == Payment::refunded;
                      if (!money) return "illegal_transition";
                      auto wanted = amount.value_or(payment.refundable());
                      if (payment.refundable() <= 0 || wanted > payment.refundable()) {
                          return "refund_exceeds_captured";
                      }
                      payment.refunding += wanted;
                      return ok;
                  }};
}

std::optional<Action> refund_order(Random& random, Model& model, World&) {
    auto id = any_key(random, model.orders,
                      is_one_of(Status::shipped, Status::delivered, Status::processing));
    if (!id) return std::nullopt;
    std::optional<std::int64_t> amount;
    if (random.chance(60)) amount = random.between(1, 4000);
    return Action{"refund order " + to_string(*id).substr(24), doing([=](Tx& tx) {
                      flows::RefundOrder wanted{.id = *id};
                      if (amount) wanted.amount = amount_of(*amount);
                      flows::refund_order(tx, actor, wanted);
                  }),
                  [=](Model& now) -> std::string {
                      auto left = now.refundable(*id);
                      if (left <= 0 || amount > left) return "refund_exceeds_captured";
                      now.refund(*id, amount.value_or(left));
                      return ok;
                  }};
}

// ---- what the gateway says, or who has seen the bank statement

// Goods in a shipment, and other money, keep the order of a declined payment alive.
bool decline_cancels(Model& model, orders::OrderId id) {
    auto status = model.orders.at(id).status;
    bool early =
        status == Status::pending || status == Status::processing || status == Status::on_hold;
    bool parcel = std::ranges::any_of(model.parcels, [&](const auto& one) {
        return one.second.order == id && one.second.status != shipments::Status::cancelled;
    });
    bool money = std::ranges::any_of(model.payments, [&](const auto& one) {
        return one.second.order == id && one.second.counted() > one.second.refunded;
    });
    return early && !parcel && !money;
}

void take_money(Model& model, Paid& payment, std::int64_t amount) {
    payment.status = Payment::captured;
    payment.captured = amount;
    if (model.orders.at(payment.order).status == Status::cancelled) model.give_back(payment);
}

// A refund has ended; perhaps it was one of a return.
struct Ended {
    payments::RefundId id;
    PaymentId payment;
    std::int64_t amount = 0;
    std::optional<returns::ReturnId> of;
};

void end_refund(Model& model, const Ended& refund, bool approved) {
    auto& payment = model.payments.at(refund.payment);
    model.ended_refunds.insert(refund.id);
    payment.refunding -= refund.amount;
    if (approved) {
        payment.refunded += refund.amount;
        payment.status =
            payment.refunded == payment.captured ? Payment::refunded : Payment::partially_refunded;
    }
    if (refund.of) {
        auto& goods = model.returns.at(*refund.of);
        goods.refunding -= refund.amount;
        if (approved) goods.refunded += refund.amount;
    }
    model.refresh(payment.order);
}

void settle_by_hand(Model& model, const payments::CallData& data, std::string_view kind,
                    bool approved) {
    auto& payment = model.payments.at(data.payment_id);
    bool cancelled = model.orders.at(payment.order).status == Status::cancelled;
    payment.busy = false;
    if (kind == payments::authorize_call && !approved) {
        payment.status = Payment::failed;
        if (decline_cancels(model, payment.order)) model.cancel(payment.order);
    } else if (kind == payments::authorize_call && !payment.capture) {
        payment.status = Payment::authorized;
        if (cancelled) model.give_back(payment);
    } else if (kind == payments::void_call) {
        if (approved) payment.status = Payment::voided;
    } else if (approved) {
        take_money(model, payment, data.amount.minor);
    } else if (cancelled) {
        model.give_back(payment);
    }
    model.refresh(payment.order);
}

Ended ended(const payments::Refund& row) {
    return {row.id, row.payment_id, row.amount.minor, row.return_id};
}

const payments::Gateways no_gateways;

std::optional<Action> gateway_answers(Random& random, Model&, World& world) {
    auto operations = world.all<work::Operation>();
    std::erase_if(operations, [](const auto& one) {
        return one.state == work::OperationState::done || !one.kind.starts_with("payment.");
    });
    if (operations.empty()) return std::nullopt;
    auto operation = random.one_of(operations);
    std::optional<Ended> refund;
    for (const auto& row : world.all<payments::Refund>()) {
        if (row.id == payments::call_data(operation).refund_id) refund = ended(row);
    }
    payments::Heard heard{.verdict = payments::Verdict::approved,
                          .reference = "ref-" + to_string(operation.id)};
    if (random.chance(refund ? 40 : 15)) heard = {.verdict = payments::Verdict::declined};
    if (random.chance(15)) heard = {};
    auto word = std::string(reflect::name(heard.verdict));
    auto settled = std::make_shared<bool>(false);
    return Action{
        operation.kind + ": the gateway says " + word,
        keeping(settled,
                [=](Tx& tx) {
                    static const auto kinds = flows::payment_operations(no_gateways);
                    auto kind = std::ranges::find(kinds, operation.kind, &work::Kind::name);
                    return work::settle(tx, *kind, operation, payments::result_of(heard),
                                        {.first = seconds(2), .most = seconds(300)})
                        .has_value();
                }),
        [=](Model& now) {
            if (!*settled || heard.verdict == payments::Verdict::unknown) return ok;
            bool approved = heard.verdict == payments::Verdict::approved;
            if (refund) {
                end_refund(now, *refund, approved);
            } else {
                settle_by_hand(now, payments::call_data(operation), operation.kind, approved);
            }
            return ok;
        }};
}

std::optional<Action> mark_paid(Random& random, Model& model, World&) {
    auto id = any_key(random, model.payments, [](const Paid& one) { return one.waits_by_hand(); });
    if (!id) return std::nullopt;
    return Action{"the money has come: " + name_of(*id),
                  doing([id](Tx& tx) { flows::mark_paid(tx, actor, {.id = *id}); }),
                  [id](Model& now) -> std::string {
                      auto& payment = now.payments.at(*id);
                      if (!payment.waits_by_hand()) return "illegal_transition";
                      take_money(now, payment, payment.amount);
                      now.refresh(payment.order);
                      return ok;
                  }};
}

void call_off(Model& model, PaymentId id) {
    auto& payment = model.payments.at(id);
    payment.status = Payment::failed;
    model.refresh(payment.order);
}

std::optional<Action> cancel_payment(Random& random, Model& model, World&) {
    auto id = any_key(random, model.payments, [](const Paid& one) { return one.waits_by_hand(); });
    if (!id) return std::nullopt;
    return Action{"nobody expects " + name_of(*id) + " any more",
                  doing([id](Tx& tx) { flows::cancel_payment(tx, actor, {.id = *id}); }),
                  [id](Model& now) -> std::string {
                      if (!now.payments.at(*id).waits_by_hand()) return "illegal_transition";
                      call_off(now, *id);
                      return ok;
                  }};
}

std::optional<Action> day_is_over(Random& random, Model&, World& world) {
    auto operations = world.all<work::Operation>();
    std::erase_if(operations, [&](const auto& one) {
        return one.state == work::OperationState::done || one.kind != flows::overdue_call ||
               one.next_attempt_at > world.now();
    });
    if (operations.empty()) return std::nullopt;
    auto operation = random.one_of(operations);
    auto work = [=](Tx& tx) {
        static const auto kinds = flows::payment_operations(no_gateways);
        auto kind = std::ranges::find(kinds, operation.kind, &work::Kind::name);
        work::settle(tx, *kind, operation, {.known = true, .data = {"{}"}},
                     {.first = seconds(2), .most = seconds(300)});
    };
    return Action{"a due day is over", doing(work),
                  [id = payments::call_data(operation).payment_id](Model& now) {
                      if (now.payments.at(id).waits_by_hand()) call_off(now, id);
                      return ok;
                  }};
}

// A refund by hand: the money went back, or it will not.
std::optional<Action> end_by_hand(Random& random, Model& model, World& world, bool paid) {
    auto all = world.all<payments::Refund>();
    std::vector<payments::Refund> open;
    std::ranges::copy_if(all, std::back_inserter(open), [&](const payments::Refund& one) {
        return one.status == payments::RefundStatus::processing &&
               model.payments.at(one.payment_id).by_hand;
    });
    if (open.empty() && (all.empty() || !random.chance(20))) return std::nullopt;
    auto row = random.one_of(open.empty() ? all : open);
    bool was_open = row.status == payments::RefundStatus::processing;
    auto refund = ended(row);
    auto work = [id = refund.id, paid](Tx& tx) {
        paid ? flows::mark_refund_paid(tx, actor, {.id = id})
             : flows::cancel_refund(tx, actor, {.id = id});
    };
    return Action{paid ? "a refund was paid" : "a refund is not paid", doing(work),
                  [refund, paid, was_open](Model& now) -> std::string {
                      bool waits = was_open && now.payments.at(refund.payment).by_hand &&
                                   !now.ended_refunds.contains(refund.id);
                      if (!waits) return "illegal_transition";
                      end_refund(now, refund, paid);
                      return ok;
                  }};
}

std::optional<Action> mark_refund_paid(Random& random, Model& model, World& world) {
    return end_by_hand(random, model, world, true);
}
std::optional<Action> cancel_refund(Random& random, Model& model, World& world) {
    return end_by_hand(random, model, world, false);
}

void compare(const World& world, Model& model) {
    auto found = world.all<payments::Payment>();
    require_same(static_cast<std::int64_t>(found.size()),
                 static_cast<std::int64_t>(model.payments.size()), "the number of payments");
    for (const auto& payment : found) {
        const auto& modelled = model.payments.at(payment.id);
        auto what = name_of(payment.id);
        require_same(payment.status, modelled.status, what);
        require_same(payment.captured.minor, modelled.captured, what + ", captured");
        require_same(payment.refunded.minor, modelled.refunded, what + ", refunded");
        require_same(payment.refunding.minor, modelled.refunding, what + ", refunding");
    }
}

}  // namespace

Noun payments_() {
    return {.name = "payments",
            .ways = {{12, pay, "POST /payments"},
                     {3, capture, "POST /payments/{id}/capture"},
                     {2, void_, "POST /payments/{id}/void"},
                     {3, refund, "POST /payments/{id}/refund"},
                     {2, refund_order, "POST /orders/{id}/refund"},
                     {18, gateway_answers, "worker: operations"},
                     {4, mark_paid, "POST /payments/{id}/mark-paid"},
                     {1, cancel_payment, "POST /payments/{id}/cancel"},
                     {1, day_is_over, "worker: due days"},
                     {2, mark_refund_paid, "POST /refunds/{id}/mark-paid"},
                     {1, cancel_refund, "POST /refunds/{id}/cancel"}},
            .compare = compare};
}

}  // namespace stateset::sim
