#include "payments/calls.hpp"

namespace stateset::payments {
namespace {

void act(Gateway& gateway, const work::Operation& operation, const CallData& data,
         Gateway::Done done) {
    if (operation.kind == authorize_call) {
        return gateway.authorize({.operation = operation.id,
                                  .amount = data.amount,
                                  .token = data.token,
                                  .capture = data.capture},
                                 std::move(done));
    }
    Step step{.operation = operation.id, .reference = data.reference, .amount = data.amount};
    if (operation.kind == capture_call) return gateway.capture(step, std::move(done));
    if (operation.kind == void_call) return gateway.void_(step, std::move(done));
    if (operation.kind == refund_call) return gateway.refund(step, std::move(done));
    throw std::logic_error("no payment operation: " + operation.kind);
}

Deed deed_of(std::string_view kind) {
    if (kind == authorize_call) return Deed::authorize;
    if (kind == capture_call) return Deed::capture;
    return kind == void_call ? Deed::void_ : Deed::refund;
}

}  // namespace

RawJson stored(const CallData& data) { return {json::stored_text(data)}; }

CallData call_data(const work::Operation& operation) {
    return json::read<CallData>(operation.data.text);
}

void answer_for_all(Tx& tx, Uuid id, const std::vector<RefundId>& refunds) {
    auto& operation = tx.edit<work::Operation>(id);
    auto data = call_data(operation);
    data.order_refunds = refunds;
    operation.data = stored(data);
}

Heard heard(const work::Result& result) {
    return result.known ? json::read<Heard>(result.data.text) : Heard{};
}

work::Result result_of(const Heard& heard) {
    bool known = heard.verdict == Verdict::approved || heard.verdict == Verdict::declined;
    return {.known = known, .data = {json::stored_text(heard)}};
}

void call(const Gateways& gateways, const work::Operation& operation,
          std::function<void(work::Result)> done) {
    auto data = call_data(operation);
    auto* gateway = gateways.find(data.gateway);
    if (!gateway) return done(result_of({}));
    auto tell = [done](const Heard& heard) { done(result_of(heard)); };
    if (operation.attempts == 0) return act(*gateway, operation, data, tell);
    Question question{.operation = operation.id,
                      .deed = deed_of(operation.kind),
                      .reference = data.reference,
                      .amount = data.amount,
                      .since = operation.created_at};
    gateway->ask(question, [gateway, operation, data, tell](const Heard& heard) {
        if (heard.verdict == Verdict::absent) return act(*gateway, operation, data, tell);
        tell(heard);
    });
}

}  // namespace stateset::payments
