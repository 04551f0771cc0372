// Money is asked for, arrives, is let go and given back; the gateway says yes, no, or nothing.

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
const Actor actor = system_actor(tenant);

std::string name_of(PaymentId id) { return "payment " + to_string(id).substr(24); }

std::optional<Action> pay(Random& random, Model& model, World&) {
    auto id = any_key(random, model.orders,
                      is_one_of(Status::pending, Status::processing, Status::on_hold));
    if (!id) return std::nullopt;
    std::optional<std::int64_t> amount;
    auto total = model.orders.at(*id).total();
    if (total > 0 && random.chance(30)) amount = random.between(1, total);
    bool capture = !random.chance(25);
    auto made = std::make_shared<PaymentId>();
    auto work = [=](Tx& tx) {
        flows::PayOrder wanted{
            .order_id = *id,
            .method = {.type = payments::MethodType::card, .token = Text<255>{"tok_ok"}},
            .capture = capture};
        if (amount) wanted.amount = amount_of(*amount);
        return flows::pay_order(tx, actor, wanted).interim.id;
    };
    auto expect = [=](Model& now) -> std::string {
        if (now.orders.at(*id).status == Status::cancelled) return "illegal_transition";
        auto left = now.orders.at(*id).total();
        now.of_order(*id, now.payments, [&](const Paid& one) { left -= one.counted(); });
        if (left <= 0) return "nothing_owed";
        if (amount.value_or(left) > left) return "exceeds_owed";
        now.payments[*made] = {.order = *id, .amount = amount.value_or(left), .capture = capture};
        now.keep_expiry(*id);
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

// ---- what the gateway says

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

void settle_by_hand(Model& model, const payments::CallData& data, std::string_view kind,
                    bool approved) {
    auto& payment = model.payments.at(data.payment_id);
    bool cancelled = model.orders.at(payment.order).status == Status::cancelled;
    if (kind == payments::refund_call) {
        payment.refunding -= data.amount.minor;
        if (approved) {
            payment.refunded += data.amount.minor;
            payment.status = payment.refunded == payment.captured ? Payment::refunded
                                                                  : Payment::partially_refunded;
        }
        return model.keep_expiry(payment.order);
    }
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
    model.keep_expiry(payment.order);
}

const payments::Gateways no_gateways;

std::optional<Action> gateway_answers(Random& random, Model&, World& world) {
    auto operations = world.all<work::Operation>();
    std::erase_if(operations, [](const auto& one) {
        return one.state == work::OperationState::done || !one.kind.starts_with("payment.");
    });
    if (operations.empty()) return std::nullopt;
    auto operation = random.one_of(operations);
    payments::Heard heard{.verdict = payments::Verdict::approved,
                          .reference = "ref-" + to_string(operation.id)};
    if (random.chance(15)) heard = {.verdict = payments::Verdict::declined};
    if (random.chance(15)) heard = {};
    auto word = std::string(reflect::name(heard.verdict));
    auto settled = std::make_shared<bool>(false);
    return Action{operation.kind + ": the gateway says " + word,
                  keeping(settled,
                          [=](Tx& tx) {
                              static const auto kinds = flows::payment_operations(no_gateways);
                              auto kind =
                                  std::ranges::find(kinds, operation.kind, &work::Kind::name);
                              return work::settle(tx, *kind, operation, payments::result_of(heard),
                                                  {.first = seconds(2), .most = seconds(300)})
                                  .has_value();
                          }),
                  [=](Model& now) {
                      if (*settled && heard.verdict != payments::Verdict::unknown) {
                          settle_by_hand(now, payments::call_data(operation), operation.kind,
                                         heard.verdict == payments::Verdict::approved);
                      }
                      return ok;
                  }};
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
            .ways = {{8, pay}, {2, capture}, {1, void_}, {2, refund}, {14, gateway_answers}},
            .compare = compare};
}

}  // namespace stateset::sim
