#include "payments/stripe.hpp"

#include "payments/stripe_words.hpp"
#include "platform/net/client.hpp"

namespace stateset::payments {
namespace {

using Clock = std::chrono::steady_clock;
using stripe::Reply;

constexpr std::size_t most_answer_bytes = 256 * 1024;  // a hundred refunds

bool loopback(std::string_view url) {
    return url.starts_with("http://127.0.0.1:") || url.starts_with("http://localhost:");
}

const Heard not_representable{.verdict = Verdict::declined,
                              .code = "amount_not_representable",
                              .message = "Stripe cannot take this amount in this currency."};

}  // namespace

// What one call to the gateway needs while its requests go back and forth.
class Stripe::Line {
  public:
    explicit Line(Options options)
        : options_(std::move(options)),
          client_({.allow_private_addresses = options_.url != stripe_api}) {}

    Clock::time_point deadline() const {
        return Clock::now() + std::chrono::microseconds(options_.patience.micros);
    }

    void post(const std::string& path, const stripe::Form& form, Uuid operation,
              std::function<void(const Reply&)> done) {
        auto request = asking("POST", path, deadline());
        request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
        request.headers.emplace_back("Idempotency-Key", to_string(operation));
        request.body = stripe::encoded(form);
        send(std::move(request), std::move(done));
    }

    void get(const std::string& path, Clock::time_point deadline,
             std::function<void(const Reply&)> done) {
        send(asking("GET", path, deadline), std::move(done));
    }

  private:
    net::Outgoing asking(const char* method, const std::string& path, Clock::time_point deadline) {
        auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
        return {.method = method,
                .url = options_.url + path,
                .headers = {{"Authorization", "Bearer " + options_.key},
                            {"Stripe-Version", std::string(stripe::version)}},
                .timeout = std::max(left, std::chrono::milliseconds(1)),
                .most_answer_bytes = most_answer_bytes};
    }

    void send(net::Outgoing request, std::function<void(const Reply&)> done) {
        client_.send(std::move(request), [log = options_.log,
                                          done = std::move(done)](const net::Answer& answer) {
            bool whole = answer.failure == net::Answer::Failure::none;
            if (log && !whole) log("no answer: " + answer.error);
            if (log && (answer.status == 401 || answer.status == 403 || answer.status >= 500)) {
                log("answered " + std::to_string(answer.status) + " to request " +
                    std::string(answer.header("request-id")));
            }
            done({.status = whole ? answer.status : 0, .body = answer.body});
        });
    }

    Options options_;
    net::Client client_;
};

Stripe::Stripe(Options options) {
    while (options.url.ends_with('/')) options.url.pop_back();
    if (!options.url.starts_with("https://") && !loopback(options.url)) {
        throw std::invalid_argument("wants https://…, or http:// on 127.0.0.1");
    }
    line_ = std::make_shared<Line>(std::move(options));
}

Stripe::~Stripe() = default;

void Stripe::authorize(const Charge& charge, Done done) {
    auto amount = stripe::amount(charge.amount);
    if (!amount) return done(not_representable);
    line_->post("/v1/payment_intents", stripe::charge_form(charge, *amount), charge.operation,
                [done = std::move(done)](const Reply& reply) {
                    done(stripe::told_by(reply, Deed::authorize, {}));
                });
}

void Stripe::capture(const Step& step, Done done) {
    auto amount = stripe::amount(step.amount);
    if (!amount) return done(not_representable);
    line_->post(stripe::intent_path(step.reference) + "/capture",
                {{"amount_to_capture", std::to_string(*amount)}}, step.operation,
                [done = std::move(done), amount](const Reply& reply) {
                    done(stripe::told_by(reply, Deed::capture, amount));
                });
}

void Stripe::void_(const Step& step, Done done) {
    line_->post(stripe::intent_path(step.reference) + "/cancel", {}, step.operation,
                [done = std::move(done)](const Reply& reply) {
                    done(stripe::told_by(reply, Deed::void_, {}));
                });
}

void Stripe::refund(const Step& step, Done done) {
    auto amount = stripe::amount(step.amount);
    if (!amount) return done(not_representable);
    line_->post("/v1/refunds",
                {{"payment_intent", step.reference},
                 {"amount", std::to_string(*amount)},
                 {"metadata[operation_id]", to_string(step.operation)}},
                step.operation, [done = std::move(done)](const Reply& reply) {
                    done(stripe::told_by(reply, Deed::refund, {}));
                });
}

// An intent's state and the list of its refunds are the truth. An authorization has no intent to
// look at: it is searched for by our mark, and what the search does not find yet is asked for by
// sending it again with its key, as long as Stripe remembers the key.
void Stripe::ask(const Question& question, Done done) {
    auto deadline = line_->deadline();
    if (question.deed == Deed::refund) {
        return line_->get(stripe::refunds_path(question.reference), deadline,
                          [done = std::move(done), id = question.operation](const Reply& reply) {
                              done(stripe::found_refund(reply, id));
                          });
    }
    auto read = [done, deed = question.deed, amount = stripe::amount(question.amount)](
                    const Reply& reply) { done(stripe::read_intent(reply, deed, amount)); };
    if (question.deed != Deed::authorize) {
        return line_->get(stripe::intent_path(question.reference), deadline, read);
    }
    bool key_known = system_now() - question.since < stripe::key_lifetime;
    line_->get(stripe::search_path(question.operation), deadline,
               [line = line_, deadline, read, done, key_known,
                id = question.operation](const Reply& reply) {
                   auto found = stripe::found_intent(reply, id);
                   if (found.reference) {
                       return line->get(stripe::intent_path(*found.reference), deadline, read);
                   }
                   // Accounts without search answer 400.
                   if (key_known && (found.verdict == Verdict::absent || reply.status == 400)) {
                       return done({.verdict = Verdict::absent});
                   }
                   if (found.verdict != Verdict::absent) return done({});
                   done({.verdict = Verdict::declined,
                         .code = "never_arrived",
                         .message = "Stripe knows no such payment."});
               });
}

}  // namespace stateset::payments
