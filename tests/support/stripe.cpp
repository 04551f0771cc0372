#include "support/stripe.hpp"

#include <algorithm>

#include "platform/auth/crypto.hpp"
#include "platform/core/id.hpp"
#include "platform/core/time.hpp"
#include "platform/http/url_text.hpp"

namespace stateset::support {
namespace {

constexpr const char* version = "2026-08-26.dahlia";

std::map<std::string, std::string> parsed(std::string_view text) {
    std::map<std::string, std::string> form;
    while (!text.empty()) {
        auto pair = text.substr(0, text.find('&'));
        auto equals = std::min(pair.find('='), pair.size());
        form[std::string(pair.substr(0, equals))] =
            http::percent_decoded(pair.substr(std::min(equals + 1, pair.size())), true)
                .value_or("?");
        text.remove_prefix(std::min(pair.size() + 1, text.size()));
    }
    return form;
}

Receiver::Answer said(int status, std::string body) {
    return {.status = status,
            .body = std::move(body),
            .headers = {{"Content-Type", "application/json"}, {"Request-Id", "req_test"}}};
}

Receiver::Answer problem(int status, const std::string& type, const std::string& code,
                         const std::string& more = {}) {
    return said(status, R"({"error":{"type":")" + type + R"(","code":")" + code +
                            R"(","message":"As the test wants it.","param":null)" + more + "}}");
}

Receiver::Answer unexpected_state(const std::string& intent) {
    return problem(400, "invalid_request_error", "payment_intent_unexpected_state",
                   R"(,"payment_intent":)" + intent);
}

// Stripe's own test cards.
std::string decline_of(const std::string& method) {
    if (method == "pm_card_visa_chargeDeclined") return "generic_decline";
    if (method == "pm_card_visa_chargeDeclinedInsufficientFunds") return "insufficient_funds";
    return method == "pm_card_authenticationRequired" ? "authentication_required" : "";
}

}  // namespace

StripeServer::StripeServer() {
    receiver_.answers([this](const Received& request) { return answer(request); });
}

std::vector<std::string> StripeServer::flags() const {
    return {"--stripe-key", key, "--stripe-url", receiver_.url(""), "--stripe-webhook-secret",
            webhook_secret};
}

void StripeServer::next(Mishap mishap) {
    std::scoped_lock lock(mutex_);
    mishaps_.push_back(std::move(mishap));
}

std::string StripeServer::complaints() const {
    std::scoped_lock lock(mutex_);
    std::string all;
    for (const auto& one : complaints_) all += one + "\n";
    return all;
}

std::size_t StripeServer::intents() const {
    std::scoped_lock lock(mutex_);
    return intents_.size();
}

std::size_t StripeServer::captures(const std::string& intent) const {
    std::scoped_lock lock(mutex_);
    return intents_.at(intent).captures;
}

std::size_t StripeServer::refunds() const {
    std::scoped_lock lock(mutex_);
    return refunds_.size();
}

std::string StripeServer::operation_of(const std::string& intent) const {
    std::scoped_lock lock(mutex_);
    return intents_.at(intent).operation;
}

std::string StripeServer::last_intent() const {
    std::scoped_lock lock(mutex_);
    return last_;
}

void StripeServer::cancel(const std::string& intent) {
    std::scoped_lock lock(mutex_);
    intents_.at(intent).status = "canceled";
}

Receiver::Answer StripeServer::answer(const Received& request) {
    check_headers(request);
    if (request.method == "GET") return read(request);
    Mishap mishap;
    {
        std::scoped_lock lock(mutex_);
        bool fresh = met_.insert(request.header("Idempotency-Key")).second;
        if (fresh && !mishaps_.empty()) {
            mishap = std::move(mishaps_.front());
            mishaps_.erase(mishaps_.begin());
        }
    }
    auto failure = problem(mishap.status, "api_error", "told_to");
    if (mishap.status != 0 && !mishap.acts_anyway) return failure;
    auto told = act(request);
    if (mishap.status != 0) return failure;
    if (mishap.meanwhile) mishap.meanwhile();
    told.hang_up = mishap.lose_answer;
    told.delay = mishap.delay;
    return told;
}

void StripeServer::check_headers(const Received& request) {
    std::scoped_lock lock(mutex_);
    auto wants = [&](bool holds, const std::string& what) {
        if (!holds) complaints_.push_back(request.method + " " + request.path + ": " + what);
    };
    wants(request.header("Authorization") == std::string("Bearer ") + key, "whose key is it?");
    wants(request.header("Stripe-Version") == version, "which version?");
    wants(request.header("Expect").empty(), "Expect");
    if (request.method != "POST") return wants(request.body.empty(), "a GET with a body");
    wants(request.header("Content-Type") == "application/x-www-form-urlencoded", "no form");
    wants(uuid_from(request.header("Idempotency-Key")).has_value(), "no operation's key");
}

void StripeServer::check_names(const Form& form, const std::vector<std::string>& known) {
    for (const auto& [name, _] : form) {
        if (std::ranges::find(known, name) == known.end()) {
            complaints_.push_back("unknown parameter " + name);
        }
    }
}

Receiver::Answer StripeServer::act(const Received& request) {
    std::scoped_lock lock(mutex_);
    return act_once(request);
}

Receiver::Answer StripeServer::act_once(const Received& request) {
    auto& remembered = remembered_[request.header("Idempotency-Key")];
    auto fingerprint = request.path + "?" + request.body;
    if (!remembered.request.empty()) {
        if (remembered.request != fingerprint) {
            complaints_.push_back("a key with another request: " + fingerprint);
            return problem(400, "idempotency_error", "other_parameters");
        }
        auto again = remembered.answer;
        again.headers.emplace_back("Idempotent-Replayed", "true");
        return again;
    }
    auto form = parsed(request.body);
    auto told = request.path == "/v1/payment_intents" ? create(form)
                : request.path == "/v1/refunds"       ? refund(form)
                                                      : step(request.path, form);
    remembered = {fingerprint, told};
    return told;
}

Receiver::Answer StripeServer::create(const Form& form) {
    check_names(form,
                {"amount", "currency", "capture_method", "confirm", "payment_method",
                 "error_on_requires_action", "payment_method_types[0]", "metadata[operation_id]"});
    auto at = [&](const char* name) {
        auto found = form.find(name);
        if (found == form.end()) complaints_.push_back(std::string("missing parameter ") + name);
        return found == form.end() ? std::string() : found->second;
    };
    if (at("confirm") != "true") complaints_.push_back("not confirmed");
    if (at("error_on_requires_action") != "true") complaints_.push_back("would wait for actions");
    auto number = std::to_string(intents_.size() + 1);
    // Unique beyond this server: another's intents may be in the same database.
    Intent intent{.id = "pi_" + auth::hex(auth::random_bytes(8)) + number,
                  .status = at("capture_method") == "manual" ? "requires_capture" : "succeeded",
                  .currency = at("currency"),
                  .operation = at("metadata[operation_id]"),
                  .amount = std::stoll(at("amount"))};
    auto decline = decline_of(at("payment_method"));
    if (!at("payment_method").starts_with("pm_card_visa") && decline.empty()) {
        return problem(400, "invalid_request_error", "resource_missing");
    }
    if (!decline.empty()) {
        bool asks = decline == "authentication_required";
        return problem(402, "card_error", asks ? decline : "card_declined",
                       R"(,"decline_code":")" + decline + R"(")");
    }
    if (intent.status == "succeeded") {
        intent.received = intent.amount;
        intent.captures = 1;
    }
    last_ = intent.id;
    return said(200, shown(intents_[intent.id] = intent));
}

Receiver::Answer StripeServer::step(const std::string& path, const Form& form) {
    auto rest = path.substr(std::string("/v1/payment_intents/").size());
    auto id = rest.substr(0, rest.find('/')), verb = rest.substr(rest.find('/') + 1);
    if (!intents_.contains(id)) return problem(404, "invalid_request_error", "resource_missing");
    auto& intent = intents_[id];
    if (intent.status != "requires_capture") return unexpected_state(shown(intent));
    if (verb == "cancel") {
        check_names(form, {});
        intent.status = "canceled";
        return said(200, shown(intent));
    }
    check_names(form, {"amount_to_capture"});
    intent.status = "succeeded";
    intent.received = std::stoll(form.at("amount_to_capture"));
    ++intent.captures;
    return said(200, shown(intent));
}

Receiver::Answer StripeServer::refund(const Form& form) {
    check_names(form, {"payment_intent", "amount", "metadata[operation_id]"});
    auto found = intents_.find(form.at("payment_intent"));
    if (found == intents_.end()) {
        return problem(404, "invalid_request_error", "resource_missing");
    }
    auto& intent = found->second;
    auto amount = std::stoll(form.at("amount"));
    if (intent.refunded + amount > intent.received) {
        return problem(400, "invalid_request_error", "charge_already_refunded");
    }
    intent.refunded += amount;
    refunds_.push_back({.id = "re_" + std::to_string(refunds_.size() + 1),
                        .intent = intent.id,
                        .operation = form.at("metadata[operation_id]"),
                        .amount = amount});
    return said(200, shown(refunds_.back()));
}

Receiver::Answer StripeServer::read(const Received& request) {
    std::scoped_lock lock(mutex_);
    auto question = request.path.find('?');
    auto path = request.path.substr(0, question);
    auto query = question == std::string::npos ? Form{} : parsed(request.path.substr(question + 1));
    std::string list;
    auto add = [&](const std::string& one) { list += (list.empty() ? "" : ",") + one; };
    if (path == "/v1/payment_intents/search") {
        check_names(query, {"limit", "query"});
        for (const auto& [_, one] : intents_) {
            if (query["query"] == "metadata[\"operation_id\"]:\"" + one.operation + "\"") {
                add(shown(one));
            }
        }
        return said(200, R"({"object":"search_result","data":[)" + list + "]}");
    }
    if (path == "/v1/refunds") {
        check_names(query, {"limit", "payment_intent"});
        for (const auto& one : refunds_) {
            if (one.intent == query["payment_intent"]) add(shown(one));
        }
        return said(200, R"({"object":"list","data":[)" + list + "]}");
    }
    auto found = intents_.find(path.substr(path.rfind('/') + 1));
    if (found == intents_.end()) {
        return problem(404, "invalid_request_error", "resource_missing");
    }
    return said(200, shown(found->second));
}

std::string StripeServer::shown(const Intent& intent) const {
    return R"({"id":")" + intent.id + R"(","object":"payment_intent","amount":)" +
           std::to_string(intent.amount) + R"(,"amount_received":)" +
           std::to_string(intent.received) + R"(,"currency":")" + intent.currency +
           R"(","latest_charge":null,"last_payment_error":null,"status":")" + intent.status +
           R"(","metadata":{"operation_id":")" + intent.operation + R"("}})";
}

std::string StripeServer::shown(const Refund& refund) const {
    return R"({"id":")" + refund.id + R"(","object":"refund","amount":)" +
           std::to_string(refund.amount) + R"(,"payment_intent":")" + refund.intent +
           R"(","status":"succeeded","metadata":{"operation_id":")" + refund.operation + R"("}})";
}

std::string StripeServer::event_body(const std::string& type, const std::string& intent,
                                     const std::string& event_id) const {
    std::scoped_lock lock(mutex_);
    return R"({"id":")" + event_id + R"(","object":"event","api_version":")" + version +
           R"(","type":")" + type + R"(","data":{"object":)" + shown(intents_.at(intent)) + "}}";
}

std::string StripeServer::signature(std::string_view secret, std::int64_t time_s,
                                    std::string_view body) {
    auto time = std::to_string(time_s);
    return "t=" + time +
           ",v1=" + auth::hex(auth::hmac_sha256(secret, time + "." + std::string(body)));
}

Reply StripeServer::send_event(Server& server, const std::string& type, const std::string& intent,
                               const std::string& event_id) const {
    auto body = event_body(type, intent, event_id);
    auto now_s = system_now().micros / seconds(1).micros;
    return server.anybody().post("/payments/gateways/stripe/webhook", body,
                                 {{"Stripe-Signature", signature(webhook_secret, now_s, body)}});
}

}  // namespace stateset::support
