// Paying through Stripe: the real binary against a strict Stripe of our own on loopback, which
// checks every header and parameter, loses answers, is slow and sends its events; and against
// stripe-mock, Stripe's own, which knows the whole API by its description.

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "platform/core/time.hpp"
#include "support/journey.hpp"
#include "support/stripe.hpp"

namespace stateset::support {
namespace {

constexpr std::chrono::seconds settled_within{20};  // the first retries come after 2 and 4 s

std::string pay_body(const Order& order, std::string_view method, std::string_view more = {}) {
    return R"({"order_id":")" + order.id + R"(","method":{"type":"card","token":")" +
           std::string(method) + R"("})" + (more.empty() ? "" : "," + std::string(more)) + "}";
}

// A server and a Stripe of its own for each test: what happened at Stripe is counted.
class StripePayments : public ::testing::Test {
  protected:
    StripeServer stripe;
    Server server{{.arguments = stripe.flags()}};
    Story story{server};
    Given& given = story.given;
    Client& when = story.when;
    Then& then = story.then;

    Reply pay(const Order& order, std::string_view method = "pm_card_visa",
              std::string_view more = {}) {
        return when.post("/payments", pay_body(order, method, more));
    }
    bool becomes(const std::string& path, std::string_view member, std::string_view wanted) {
        return eventually(settled_within, [&] { return when.get(path)[member] == wanted; });
    }
    // How often the order's timeline has it.
    std::ptrdiff_t published(const Order& order, std::string_view type) {
        auto events = when.get("/orders/" + order.id + "/timeline");
        std::ptrdiff_t count = 0;
        for (std::size_t i = 0; i < events["data"].size(); ++i) {
            if (events["data"][i]["type"] == type) ++count;
        }
        return count;
    }
    void TearDown() override {
        EXPECT_EQ(stripe.complaints(), "");
        EXPECT_EQ(server.log().find(StripeServer::key), std::string::npos) << "the key is logged";
        EXPECT_EQ(server.log().find(StripeServer::webhook_secret), std::string::npos);
        server.stop();
        auto verified = server.run({"verify"});
        EXPECT_EQ(verified.status, 0) << verified.output;
    }
};

TEST_F(StripePayments, paying_makes_and_confirms_an_intent_in_one_request) {
    auto order = given.processed_order();
    auto reply = pay(order);
    then(reply).created().has("/status", "captured").has("/gateway", "stripe");
    EXPECT_EQ(reply["gateway_reference"].text(), stripe.last_intent());
    EXPECT_EQ(reply.body.find("pm_card"), std::string::npos) << "the token is shown";
    then.order(order.id).has_payment_status("paid");
    ASSERT_EQ(stripe.requests().size(), 1u);
    EXPECT_NE(stripe.requests()[0].body.find("amount=9998&currency=usd"), std::string::npos)
        << stripe.requests()[0].body;
}

TEST_F(StripePayments, a_decline_is_told_in_the_banks_words) {
    auto order = given.processed_order();
    auto reply = pay(order, "pm_card_visa_chargeDeclined");
    then(reply).refused(402, "payment_declined");
    EXPECT_EQ(reply.at("/errors/0/code"), "card_declined") << reply;
    then.order(order.id).has_status("cancelled");
    then.stock_is(order.sku, {"15", "0", "15"});
    EXPECT_EQ(
        pay(given.order(), "pm_card_visa_chargeDeclinedInsufficientFunds").at("/errors/0/code"),
        "insufficient_funds");
    EXPECT_EQ(pay(given.order(), "pm_card_authenticationRequired").at("/errors/0/code"),
              "authentication_required");
    EXPECT_EQ(pay(given.order(), "pm_of_nobody").at("/errors/0/code"), "resource_missing");
}

TEST_F(StripePayments, an_authorization_is_captured_in_part_or_voided) {
    auto order = given.processed_order();
    auto reply = pay(order, "pm_card_visa", R"("capture":false)");
    then(reply).created().has("/status", "authorized");
    auto captured = when.post("/payments/" + reply.id() + "/capture", R"({"amount":"40.00"})");
    then(captured).has_code(200).has("/captured", "40.00");
    auto other = pay(given.processed_order(), "pm_card_visa", R"("capture":false)");
    then(when.post("/payments/" + other.id() + "/void")).has("/status", "voided");
}

TEST_F(StripePayments, refunds_go_back_through_stripe_and_cancelling_refunds_the_rest) {
    auto order = given.processed_order();
    auto payment = pay(order).id();
    auto part = when.post("/payments/" + payment + "/refund", R"({"amount":"9.98"})");
    then(part).created().has("/status", "succeeded").has("/gateway_reference", "re_1");
    then(when.post("/orders/" + order.id + "/cancel")).has_code(200);
    EXPECT_TRUE(becomes("/payments/" + payment, "status", "refunded"));
    EXPECT_EQ(stripe.refunds(), 2u);
}

TEST_F(StripePayments, a_lost_answer_is_asked_for_and_captures_once) {
    stripe.next({.lose_answer = true});
    auto order = given.processed_order();
    auto reply = pay(order);
    then(reply).has_code(202).has("/status", "processing");
    EXPECT_TRUE(becomes("/payments/" + reply.id(), "status", "captured"));
    EXPECT_EQ(stripe.intents(), 1u);
    EXPECT_EQ(stripe.captures(stripe.last_intent()), 1u);
    EXPECT_EQ(published(order, "payment.captured"), 1);
}

TEST_F(StripePayments, busy_and_failing_answers_leave_it_open_until_stripe_has_one) {
    for (int status : {409, 429, 500, 401}) stripe.next({.status = status});
    std::vector<std::string> open;
    for (int i = 0; i < 4; ++i) {
        auto reply = pay(given.processed_order());
        then(reply).has_code(202).has("/status", "processing");
        open.push_back(reply.id());
    }
    for (const auto& id : open) EXPECT_TRUE(becomes("/payments/" + id, "status", "captured"));
    EXPECT_EQ(stripe.intents(), 4u);
}

TEST_F(StripePayments, captures_voids_and_refunds_that_end_in_an_error_take_effect_once) {
    auto first = pay(given.processed_order(), "pm_card_visa", R"("capture":false)").id();
    auto intent = stripe.last_intent();
    auto second = pay(given.processed_order(), "pm_card_visa", R"("capture":false)").id();
    stripe.next({.status = 500, .acts_anyway = true});
    then(when.post("/payments/" + first + "/capture")).has_code(202);
    stripe.next({.status = 500, .acts_anyway = true});
    then(when.post("/payments/" + second + "/void")).has_code(202);
    EXPECT_TRUE(becomes("/payments/" + first, "status", "captured"));
    EXPECT_TRUE(becomes("/payments/" + second, "status", "voided"));
    stripe.next({.status = 500, .acts_anyway = true});
    then(when.post("/payments/" + first + "/refund", R"({"amount":"10.00"})")).has_code(202);
    EXPECT_TRUE(becomes("/payments/" + first, "refunded", "10.00"));
    EXPECT_EQ(stripe.captures(intent), 1u);
    EXPECT_EQ(stripe.refunds(), 1u);
}

// The event comes while the call is under way, and again when it has returned.
TEST_F(StripePayments, an_event_racing_the_answer_captures_once) {
    auto order = given.processed_order();
    stripe.next({.delay = std::chrono::milliseconds(300), .meanwhile = [&] {
                     stripe.send_event(server, "payment_intent.succeeded", stripe.last_intent(),
                                       "evt_race");
                 }});
    // `meanwhile` runs after Stripe has acted, on its own thread, before it answers.
    then(pay(order)).created().has("/status", "captured");
    for (int again = 0; again < 3; ++again) {
        then(
            stripe.send_event(server, "payment_intent.succeeded", stripe.last_intent(), "evt_race"))
            .has_code(204);
    }
    EXPECT_EQ(published(order, "payment.captured"), 1);
    EXPECT_EQ(published(order, "order.paid"), 1);
    EXPECT_EQ(stripe.captures(stripe.last_intent()), 1u);
}

TEST_F(StripePayments, events_in_a_crowd_after_a_lost_answer_settle_it_once) {
    stripe.next({.lose_answer = true});
    auto order = given.processed_order();
    auto reply = pay(order);
    then(reply).has_code(202);
    auto statuses = parallel(8, [&](int i) {
        return stripe
            .send_event(server, "payment_intent.succeeded", stripe.last_intent(),
                        "evt_" + std::to_string(i % 3))
            .status;
    });
    // The same event twice at once: one of them may be told to come again.
    for (auto status : statuses) EXPECT_TRUE(status == 204 || status == 409) << status;
    EXPECT_TRUE(becomes("/payments/" + reply.id(), "status", "captured"));
    EXPECT_EQ(published(order, "payment.captured"), 1);
    EXPECT_EQ(stripe.captures(stripe.last_intent()), 1u);
}

TEST_F(StripePayments, an_authorization_that_stripe_cancels_by_itself_is_voided) {
    auto payment = pay(given.processed_order(), "pm_card_visa", R"("capture":false)").id();
    stripe.cancel(stripe.last_intent());
    then(stripe.send_event(server, "payment_intent.canceled", stripe.last_intent(), "evt_1"))
        .has_code(204);
    EXPECT_TRUE(becomes("/payments/" + payment, "status", "voided"));
}

TEST_F(StripePayments, events_without_a_good_signature_are_refused) {
    then(pay(given.processed_order())).created();
    auto body = stripe.event_body("payment_intent.succeeded", stripe.last_intent(), "evt_1");
    auto now_s = system_now().micros / seconds(1).micros;
    auto tell = [&](const std::string& signature) {
        return server.anybody().post("/payments/gateways/stripe/webhook", body,
                                     {{"Stripe-Signature", signature}});
    };
    auto good = StripeServer::signature(StripeServer::webhook_secret, now_s, body);
    auto old = StripeServer::signature(StripeServer::webhook_secret, now_s - 600, body);
    auto anothers = StripeServer::signature("whsec_other", now_s, body);
    then(tell("")).refused(401, "bad_signature");
    then(tell(old)).refused(401, "bad_signature");
    then(tell(anothers)).refused(401, "bad_signature");
    then(tell(good + "0")).refused(401, "bad_signature");
    then(tell(good)).has_code(204);
    // While the secret rotates Stripe signs with both.
    then(tell(anothers + good.substr(good.find(",v1=")))).has_code(204);
}

TEST_F(StripePayments, the_gateway_is_chosen_by_payment) {
    auto order = given.processed_order();
    then(pay(order, "tok_ok", R"("gateway":"sandbox","amount":"10.00")"))
        .created()
        .has("/gateway", "sandbox");
    then(pay(order, "pm_card_visa", R"("gateway":"stripe")")).created().has("/gateway", "stripe");
    then(pay(given.order(), "pm_card_visa", R"("gateway":"adyen")"))
        .refused(400, "invalid")
        .names("/gateway");
    EXPECT_EQ(stripe.intents(), 1u);
}

TEST_F(StripePayments, yen_are_counted_whole) {
    auto product = given.product("YEN", "1200", R"("currency":"JPY")").with_stock(5);
    auto order = given.order(product, 2);
    then(pay(order)).created().has("/amount", "2400");
    EXPECT_NE(stripe.requests()[0].body.find("amount=2400&currency=jpy"), std::string::npos);
}

TEST_F(StripePayments, a_kill_before_the_answer_charges_once) {
    auto order = given.processed_order();
    stripe.next({.meanwhile = [&] { ::kill(server.process(), SIGKILL); }});
    when.post("/payments", pay_body(order, "pm_card_visa"), {{"Idempotency-Key", "killed"}});
    server.kill();
    server.start();
    Reply reply;
    EXPECT_TRUE(eventually(settled_within, [&] {
        reply = when.post("/payments", pay_body(order, "pm_card_visa"),
                          {{"Idempotency-Key", "killed"}});
        return reply.status == 201;
    })) << reply;
    EXPECT_EQ(stripe.intents(), 1u);
    EXPECT_EQ(stripe.captures(stripe.last_intent()), 1u);
    then.order(order.id).has_payment_status("paid");
}

TEST(StripeSettings, a_live_key_puts_the_sandbox_away_and_strangers_urls_are_refused) {
    StripeServer stripe;
    auto flags = stripe.flags();
    flags[1] = "sk_live_51NeverShown";
    Server server({.arguments = flags});
    Story story(server);
    story
        .then(story.when.post("/payments",
                              pay_body(story.given.order(), "tok_ok", R"("gateway":"sandbox")")))
        .refused(400, "invalid")
        .names("/gateway");
    server.stop();
    auto refused =
        server.run({"serve", "--stripe-key", "sk_test_1", "--stripe-url", "http://stripe.example"});
    EXPECT_NE(refused.status, 0);
    EXPECT_NE(refused.output.find("--stripe-url"), std::string::npos) << refused.output;
    EXPECT_EQ(refused.output.find("sk_test_1"), std::string::npos) << refused.output;
}

// Stripe's own mock server, installed by `./dev test` beside the binary where Go can fetch it.
class StripeMock {
  public:
    static std::filesystem::path binary() {
        return std::filesystem::path(STATESET_BINARY).parent_path() / "tools/stripe-mock";
    }
    StripeMock() {
        int out[2];
        if (::pipe2(out, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
        process_ = ::fork();
        if (process_ == 0) {
            ::dup2(out[1], 1);
            ::execl(binary().c_str(), "stripe-mock", "-http-addr", "127.0.0.1:0", "-https-addr",
                    "127.0.0.1:0", "-strict-version-check", nullptr);
            ::_exit(127);
        }
        ::close(out[1]);
        output_ = out[0];  // kept open: it goes on telling what it is asked
        wait_for_address(output_);
    }
    ~StripeMock() {
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
        ::close(output_);
    }
    std::string address() const { return address_; }

  private:
    pid_t process_ = -1;
    int output_ = -1;
    std::string address_;

    // "Listening for HTTP at address: 127.0.0.1:40123"
    void wait_for_address(int out) {
        const std::string before = "HTTP at address: ";
        std::string text;
        char bytes[4096];
        for (ssize_t count; (count = ::read(out, bytes, sizeof bytes)) > 0;) {
            text.append(bytes, static_cast<std::size_t>(count));
            auto at = text.find(before);
            auto end = text.find('\n', at);
            if (at == text.npos || end == text.npos) continue;
            address_ = text.substr(at + before.size(), end - at - before.size());
            return;
        }
        throw std::runtime_error("stripe-mock does not start: " + text);
    }
};

// Everything we ever say to Stripe is put to its mock, which knows every route and parameter.
TEST_F(StripePayments, every_request_is_one_that_stripes_own_mock_accepts) {
    if (!std::filesystem::exists(StripeMock::binary())) {
        GTEST_SKIP() << "stripe-mock is not installed (./dev test does it where Go can fetch it)";
    }
    auto payment = pay(given.processed_order()).id();
    when.post("/payments/" + payment + "/refund", R"({"amount":"9.98"})");
    for (auto* verb : {"/capture", "/void"}) {
        auto held = pay(given.processed_order(), "pm_card_visa", R"("capture":false)").id();
        stripe.next({.status = 500});
        when.post("/payments/" + held + verb);
        EXPECT_TRUE(eventually(settled_within, [&] {
            return when.get("/payments/" + held)["status"] != "authorized";
        }));
    }
    stripe.next({.status = 500});
    auto lost = pay(given.processed_order()).id();
    EXPECT_TRUE(becomes("/payments/" + lost, "status", "captured"));
    stripe.next({.status = 500});
    auto refund = when.post("/payments/" + lost + "/refund").id();
    EXPECT_TRUE(becomes("/refunds/" + refund, "status", "succeeded"));

    StripeMock mock;
    Client client(mock.address());
    auto requests = stripe.requests();
    EXPECT_GE(requests.size(), 11u);
    for (const auto& request : requests) {
        Headers headers;
        for (const auto* name :
             {"Authorization", "Stripe-Version", "Idempotency-Key", "Content-Type"}) {
            if (!request.header(name).empty()) headers.emplace_back(name, request.header(name));
        }
        // Client puts everything below /api/v1, which is not where Stripe is.
        std::string text = request.method + " " + request.path + " HTTP/1.1\r\nHost: stripe\r\n";
        for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
        text += "Connection: close\r\nContent-Length: " + std::to_string(request.body.size()) +
                "\r\n\r\n" + request.body;
        auto answer = client.raw(text);
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 200"))
            << request.method << " " << request.path << "\n"
            << request.body << "\n"
            << answer;
    }
}

// The whole way: to the mock and back. It keeps nothing, and its intents are always unpaid.
TEST(StripeOwnMock, answers_the_server_and_its_unpaid_intent_is_a_decline) {
    if (!std::filesystem::exists(StripeMock::binary())) {
        GTEST_SKIP() << "stripe-mock is not installed (./dev test does it where Go can fetch it)";
    }
    StripeMock mock;
    Server server(
        {.arguments = {"--stripe-key", "sk_test_123", "--stripe-url", "http://" + mock.address()}});
    Story story(server);
    auto reply = story.when.post("/payments", pay_body(story.given.order(), "pm_card_visa"));
    story.then(reply).refused(402, "payment_declined");
}

}  // namespace
}  // namespace stateset::support
