// What customers are told: a real mail server, a provider of text messages, the real binary.

#include <atomic>
#include <map>
#include <set>

#include "support/cluster.hpp"
#include "support/journey.hpp"
#include "support/smtp.hpp"

namespace stateset::support {
namespace {

using namespace std::chrono_literals;

constexpr const char* schedule =
    "0,200ms,200ms,200ms,200ms,200ms,200ms,200ms,200ms,200ms,200ms,200ms,200ms,200ms,200ms";

Headers settings(const MailServer& mail) {
    return {{"STATESET_SMTP", mail.url()},
            {"STATESET_SMTP_FROM", "Café & Co <orders@shop.example>"},
            {"STATESET_NOTIFICATION_SCHEDULE", schedule}};
}

Headers settings(const MailServer& mail, const Receiver& sms) {
    auto all = settings(mail);
    all.emplace_back("STATESET_SMS_URL", sms.url("/sms"));
    all.emplace_back("STATESET_SMS_TOKEN", "t0ken");
    return all;
}

class Notifications : public ::testing::Test {
  protected:
    explicit Notifications(MailServer::Options options = {}, Headers more = {})
        : mail(options), server({.environment = with(settings(mail, sms), more)}) {}

    static Headers with(Headers all, const Headers& more) {
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }

    MailServer mail;
    Receiver sms;
    Server server;
    Story story{server};
    Given& given = story.given;
    Client& when = story.when;
    Then& then = story.then;

    // `more` is further JSON members.
    Customer customer(const std::string& more = "") {
        auto email = given.unique("ada") + "@example.com";
        auto made = given.must(when.post("/customers", R"({"email":")" + email + "\"" +
                                                           (more.empty() ? "" : "," + more) + "}"),
                               201, "a customer");
        return {.id = made.id(), .email = email, .json = made.json()};
    }
    Order order_of(const Customer& whom) {
        auto mug = given.product("MUG", "49.99").with_stock(5);
        return given.order(mug, 2, R"("customer_id":")" + whom.id + "\"");
    }
    Order shipped_order_of(const Customer& whom) {
        return given.shipped(given.paid(given.processed(order_of(whom))));
    }
    Json messages(const std::string& query) {
        return when.get("/notifications/messages?limit=100&" + query)["data"];
    }
    // Waits until the customer has a message about this type of event with this status.
    Json message_with(const Customer& whom, std::string_view status,
                      std::string_view type = "order.created", std::string_view channel = "email") {
        Json found;
        eventually(10s, [&] {
            found = messages("customer_id=" + whom.id + "&status=" + std::string(status) +
                             "&event_type=" + std::string(type) +
                             "&channel=" + std::string(channel))[0];
            return found.exists();
        });
        return found;
    }
    std::string template_id(const std::string& type, const std::string& channel = "email",
                            const std::string& language = "en") {
        auto found = when.get("/notifications/templates?event_type=" + type +
                              "&channel=" + channel + "&language=" + language);
        return found["data"][0]["id"].text();
    }
    // The log is read in order: when this customer has been told, all before have been.
    void let_the_log_be_read() {
        auto last = customer();
        order_of(last);
        ASSERT_TRUE(eventually(10s, [&] { return mail.received_by(last.email).size() == 1; }));
    }
};

TEST_F(Notifications, tell_a_customer_once_that_the_order_has_shipped) {
    auto ada = customer(R"("first_name":"Ada")");
    auto order = shipped_order_of(ada);
    ASSERT_TRUE(eventually(10s, [&] { return mail.received_by(ada.email).size() == 2; }));
    let_the_log_be_read();
    auto mails = mail.received_by(ada.email);
    ASSERT_EQ(mails.size(), 2u);
    auto created = mails[0], shipped = mails[1];
    if (created.header("Subject").ends_with("shipped")) std::swap(created, shipped);
    EXPECT_EQ(created.header("Subject"), "Your order " + order.number);
    EXPECT_EQ(shipped.header("Subject"), "Your order " + order.number + " has shipped");
    EXPECT_EQ(shipped.from, "orders@shop.example");
    EXPECT_EQ(shipped.header("To"), ada.email);
    EXPECT_EQ(shipped.header("From"), "Café & Co <orders@shop.example>");
    auto number = when.get("/shipments/" + order.shipment)["tracking_number"].text();
    EXPECT_EQ(shipped.part("text/plain"),
              "Hello Ada,\n\nyour order " + order.number + " has shipped.\nsandbox: " + number);
    EXPECT_EQ(shipped.part("text/html"), "<p>Hello Ada,</p>\n<p>your order " + order.number +
                                             " has shipped.<br>\nsandbox: " + number + "</p>\n");
    EXPECT_NE(created.part("text/plain").find("2 × MUG"), std::string::npos)
        << created.part("text/plain");
    EXPECT_NE(created.part("text/plain").find("Total: 99.98 USD"), std::string::npos);

    auto message = message_with(ada, "delivered", "order.shipped");
    EXPECT_EQ(shipped.header("Message-ID"), "<" + message["id"].text() + "@shop.example>");
    EXPECT_EQ(message["to"], ada.email);
    EXPECT_EQ(message["order_id"], order.id);
    EXPECT_EQ(message["attempts"].size(), 1u);
    EXPECT_EQ(message["attempts"][0]["status_code"], 250);
    EXPECT_TRUE(message["attempts"][0]["error"].is_null());
    EXPECT_EQ(when.get("/notifications/messages/" + message["id"].text())["text"],
              message["text"].text());
    EXPECT_EQ(messages("order_id=" + order.id).size(), 2u);
}

TEST_F(Notifications, are_in_the_customers_language_or_else_in_english) {
    auto grete = customer(R"("language":"de","first_name":"Grete")");
    auto chloe = customer(R"("language":"fr")");
    auto of_grete = order_of(grete), of_chloe = order_of(chloe);
    ASSERT_TRUE(mail.waits_for(2));
    auto german = mail.received_by(grete.email).at(0), french = mail.received_by(chloe.email).at(0);
    EXPECT_EQ(german.header("Subject"), "Ihre Bestellung " + of_grete.number);
    EXPECT_NE(german.part("text/plain").find("vielen Dank für Ihre Bestellung"), std::string::npos);
    EXPECT_EQ(french.header("Subject"), "Your order " + of_chloe.number);
    EXPECT_EQ(message_with(grete, "delivered")["language"], "de");
    then(when.post("/notifications/templates",
                   R"({"event_type":"order.created","channel":"email","language":"fr",)"
                   R"("subject":"Commande {{order.order_number}}","text":"Merci !"})"))
        .created();
    auto second = order_of(chloe);
    ASSERT_TRUE(mail.waits_for(3));
    EXPECT_EQ(mail.received_by(chloe.email).at(1).header("Subject"), "Commande " + second.number);
}

TEST_F(Notifications, say_what_the_tenants_own_template_says_and_nothing_when_it_is_disabled) {
    auto id = template_id("order.created");
    EXPECT_EQ(when.get("/notifications/templates/" + id)["customized"].is_true(), false);
    then(when.remove("/notifications/templates/" + id)).refused(409, "template_is_built_in");
    auto changed = when.patch(
        "/notifications/templates/" + id,
        R"({"subject":"Got it: {{order.order_number}}","html":"<b>{{order.total}}</b>"})",
        {{"If-Match", "\"1\""}});
    then(changed).succeeded().has("/id", id).has("/version", "2");
    EXPECT_TRUE(changed["customized"].is_true());
    then(when.patch("/notifications/templates/" + id, "{}", {{"If-Match", "\"1\""}}))
        .refused(412, "precondition_failed");
    EXPECT_EQ(template_id("order.created"), id) << "it stands in for the built-in one";
    auto ada = customer();
    auto order = order_of(ada);
    ASSERT_TRUE(mail.waits_for(1));
    EXPECT_EQ(mail.received()[0].header("Subject"), "Got it: " + order.number);
    EXPECT_EQ(mail.received()[0].part("text/html"), "<b>99.98</b>");

    auto other = server.other_tenant(given.unique("other"));
    EXPECT_EQ(other.get("/notifications/templates/" + id)["subject"],
              "Your order {{order.order_number}}");
    then(when.patch("/notifications/templates/" + id, R"({"enabled":false})")).succeeded();
    auto bob = customer();
    order_of(bob);
    then(when.remove("/notifications/templates/" + id)).has_code(204);
    EXPECT_FALSE(when.get("/notifications/templates/" + id)["customized"].is_true());
    let_the_log_be_read();
    EXPECT_TRUE(mail.received_by(bob.email).size() <= 1u);
}

TEST_F(Notifications, of_a_disabled_template_are_not_written) {
    then(when.patch("/notifications/templates/" + template_id("order.created"),
                    R"({"enabled":false})"))
        .succeeded();
    auto ada = customer();
    auto order = shipped_order_of(ada);
    ASSERT_TRUE(mail.waits_for(1));
    EXPECT_EQ(mail.received()[0].header("Subject"), "Your order " + order.number + " has shipped");
    EXPECT_EQ(messages("customer_id=" + ada.id).size(), 1u);
}

TEST_F(Notifications, follow_what_the_customer_wants_to_hear_by) {
    auto deaf = customer(
        R"("phone":"+44 20 7946 0001","email_notifications":false,"sms_notifications":false)");
    auto by_sms = customer(R"("phone":"+44 20 7946 0002","email_notifications":false)");
    auto by_both = customer(R"("phone":"+44 20 7946 0003")");
    for (const auto& each : {deaf, by_sms, by_both}) order_of(each);
    ASSERT_TRUE(mail.waits_for(1));
    ASSERT_TRUE(sms.waits_for(2));
    let_the_log_be_read();
    EXPECT_EQ(messages("customer_id=" + deaf.id).size(), 0u);
    EXPECT_EQ(messages("customer_id=" + by_sms.id).size(), 1u);
    EXPECT_EQ(messages("customer_id=" + by_both.id).size(), 2u);
    EXPECT_TRUE(mail.received_by(by_sms.email).empty());
    EXPECT_EQ(sms.count(), 2u);
}

TEST_F(Notifications, by_sms_carry_number_text_and_id_and_the_token) {
    sms.answers([calls = std::make_shared<std::atomic<int>>(0)](const Received&) {
        return Receiver::Answer{.status = ++*calls == 1 ? 503 : 202};
    });
    auto ada = customer(R"("phone":"+44 20 7946 0000")");
    auto order = order_of(ada);
    auto message = message_with(ada, "delivered", "order.created", "sms");
    ASSERT_EQ(sms.count(), 2u) << "tried again after 503";
    EXPECT_EQ(message["attempts"].size(), 2u);
    EXPECT_EQ(message["attempts"][0]["status_code"], 503);
    for (const auto& sent : sms.received()) {
        EXPECT_EQ(sent.path, "/sms");
        EXPECT_EQ(sent.header("Authorization"), "Bearer t0ken");
        EXPECT_EQ(sent.header("Idempotency-Key"), message["id"].text());
        EXPECT_EQ(sent.json().keys(), (std::vector<std::string>{"to", "text", "id"}));
        EXPECT_EQ(sent.json()["to"], "+44 20 7946 0000");
        EXPECT_EQ(sent.json()["id"], message["id"].text());
        EXPECT_EQ(sent.json()["text"],
                  "Thank you for your order " + order.number + " (99.98 USD).");
    }
    sms.answers({.status = 400});
    order_of(ada);
    EXPECT_EQ(message_with(ada, "dead", "order.created", "sms")["attempts"].size(), 1u)
        << "what is refused for good is not tried again";
}

TEST_F(Notifications, wait_for_a_mail_server_that_is_down) {
    mail.stop();
    auto ada = customer();
    order_of(ada);
    ASSERT_TRUE(eventually(
        10s, [&] { return messages("customer_id=" + ada.id)[0]["attempts"].size() >= 2; }));
    auto waiting = messages("customer_id=" + ada.id)[0];
    EXPECT_EQ(waiting["status"], "pending");
    EXPECT_TRUE(waiting["attempts"][0]["status_code"].is_null());
    EXPECT_NE(waiting["attempts"][0]["error"].text(), "");
    mail.start();
    ASSERT_TRUE(mail.waits_for(1));
    message_with(ada, "delivered");
    EXPECT_EQ(mail.count(), 1u);
}

TEST_F(Notifications, refused_for_good_are_dead_until_somebody_tries_them_again) {
    mail.answers_recipients([](const std::string&) { return "550 5.1.1 no such user"; });
    auto ada = customer();
    order_of(ada);
    auto dead = message_with(ada, "dead");
    ASSERT_EQ(dead["attempts"].size(), 1u);
    EXPECT_EQ(dead["attempts"][0]["status_code"], 550);
    EXPECT_EQ(dead["attempts"][0]["error"], "550 5.1.1 no such user");
    EXPECT_TRUE(dead["next_attempt_at"].is_null());
    mail.answers_recipients({});
    auto path = "/notifications/messages/" + dead["id"].text() + "/retry";
    then(when.post(path)).succeeded().has("/status", "pending");
    auto delivered = message_with(ada, "delivered");
    EXPECT_EQ(delivered["attempts"].size(), 2u);
    EXPECT_EQ(mail.count(), 1u);
    then(when.post(path)).refused(409, "illegal_transition");
}

TEST_F(Notifications, refused_for_now_or_not_answered_are_sent_again_under_the_same_id) {
    std::atomic<int> calls = 0;
    mail.answers_recipients(
        [&](const std::string&) { return ++calls == 1 ? "450 4.2.1 come later" : ""; });
    std::atomic<int> contents = 0;
    mail.answers_content([&](const std::string&) { return ++contents == 1 ? "hang up" : ""; });
    auto ada = customer();
    order_of(ada);
    auto delivered = message_with(ada, "delivered");
    ASSERT_EQ(delivered["attempts"].size(), 3u) << delivered;
    EXPECT_EQ(delivered["attempts"][0]["status_code"], 450);
    EXPECT_TRUE(delivered["attempts"][1]["status_code"].is_null());
    auto mails = mail.received_by(ada.email);
    ASSERT_EQ(mails.size(), 2u) << "the server had it before it hung up";
    EXPECT_EQ(mails[0].content, mails[1].content);
    EXPECT_EQ(mails[0].header("Message-ID"), mails[1].header("Message-ID"));
}

TEST_F(Notifications, that_a_crash_cut_off_are_sent_again_under_the_same_id) {
    std::atomic<bool> blocked = true;
    mail.answers_content([&](const std::string&) {
        eventually(20s, [&] { return !blocked; });
        return "";
    });
    auto ada = customer();
    order_of(ada);
    ASSERT_TRUE(mail.waits_for(1));
    server.kill();
    blocked = false;
    server.start();
    ASSERT_TRUE(mail.waits_for(2));
    EXPECT_EQ(mail.received()[0].content, mail.received()[1].content);
    auto delivered = message_with(ada, "delivered");
    EXPECT_EQ(delivered["attempts"].size(), 1u) << "what was cut off is not counted";
    let_the_log_be_read();
    EXPECT_EQ(mail.received_by(ada.email).size(), 2u);
}

TEST_F(Notifications, are_told_in_full_when_the_server_dies_between_event_and_mail) {
    mail.stop();
    std::set<std::string> wanted;
    for (int i = 0; i < 5; ++i) {
        auto one = customer();
        order_of(one);
        wanted.insert(one.email);
        if (i % 2 == 0) {
            server.kill();
            server.start();
        }
    }
    mail.start();
    ASSERT_TRUE(mail.waits_for(wanted.size()));
    let_the_log_be_read();
    for (const auto& email : wanted) EXPECT_EQ(mail.received_by(email).size(), 1u) << email;
}

TEST_F(Notifications, let_no_name_become_a_header_or_markup) {
    then(when.patch("/notifications/templates/" + template_id("order.created"),
                    R"({"subject":"{{customer.first_name}} {{customer.last_name}}",)"
                    R"("html":"<p>{{customer.last_name}}</p>"})"))
        .succeeded();
    auto eve = customer(R"("first_name":"Eve\nBcc: all@example.com\n\nfree text",)"
                        R"("last_name":"<script>'\"&{{order.total}}")");
    order_of(eve);
    ASSERT_TRUE(mail.waits_for(1));
    auto sent = mail.received()[0];
    EXPECT_EQ(sent.to, std::vector<std::string>{eve.email});
    EXPECT_EQ(sent.count("Bcc"), 0u);
    EXPECT_EQ(sent.count("Subject"), 1u);
    EXPECT_EQ(sent.header("Subject"),
              "Eve Bcc: all@example.com  free text <script>'\"&{{order.total}}");
    EXPECT_EQ(sent.part("text/html"), "<p>&lt;script&gt;&#39;&quot;&amp;{{order.total}}</p>");
    EXPECT_NE(sent.part("text/plain").find("Hello Eve\nBcc: all@example.com"), std::string::npos);
}

TEST_F(Notifications, keep_lines_that_begin_with_a_dot) {
    then(when.patch("/notifications/templates/" + template_id("order.created"),
                    R"({"text":".\n..two\nlast {{order.order_number}}"})"))
        .succeeded();
    auto order = order_of(customer());
    ASSERT_TRUE(mail.waits_for(1));
    EXPECT_EQ(mail.received()[0].part("text/plain"), ".\n..two\nlast " + order.number);
}

TEST_F(Notifications, to_an_erased_customer_are_forgotten_and_no_more_are_written) {
    mail.stop();
    auto ada = customer();
    auto order = given.paid(given.processed(order_of(ada)));
    ASSERT_TRUE(eventually(10s, [&] { return messages("customer_id=" + ada.id).size() == 1; }));
    then(when.post("/customers/" + ada.id + "/erase")).succeeded();
    EXPECT_TRUE(eventually(10s, [&] { return messages("customer_id=" + ada.id).size() == 0; }));
    given.shipped(order);
    mail.start();
    let_the_log_be_read();
    EXPECT_TRUE(mail.received_by(ada.email).empty());
    EXPECT_EQ(messages("customer_id=" + ada.id).size(), 0u);
}

TEST_F(Notifications, can_be_previewed_without_being_sent) {
    auto id = template_id("order.created"), sms_id = template_id("order.created", "sms");
    auto path = "/notifications/templates/" + id + "/preview";
    auto example = when.post(path);
    then(example).succeeded().has("/subject", "Your order SO-1001");
    EXPECT_NE(example["text"].text().find("2 × Enamel mug"), std::string::npos);
    EXPECT_TRUE(example["html"].text().starts_with("<p>"));
    auto given_data = when.post(
        path, R"({"data":{"order":{"order_number":"X-1"}},"text":"{{order.order_number}}!"})");
    then(given_data).succeeded().has("/subject", "Your order X-1").has("/text", "X-1!");
    auto ada = customer(R"("first_name":"Ada")");
    auto order = order_of(ada);
    auto event = when.get("/orders/" + order.id + "/timeline")["data"][0]["id"].text();
    auto past = when.post(path, R"({"event_id":")" + event + "\"}");
    then(past).succeeded().has("/subject", "Your order " + order.number).has("/to", ada.email);
    EXPECT_TRUE(past["text"].text().starts_with("Hello Ada,\n\nthank you for your order"));
    auto text = when.post("/notifications/templates/" + sms_id + "/preview");
    then(text).succeeded();
    EXPECT_TRUE(text["html"].is_null());

    then(when.post(path, R"({"text":"{{order.nombre}}"})")).refused(400, "invalid").names("/text");
    then(when.post(path, R"({"event_id":"0198c9f2-0000-7000-8000-00000000dead"})"))
        .refused(400, "invalid")
        .names("/event_id");
    then(when.post("/notifications/templates/" + template_id("order.shipped") + "/preview",
                   R"({"event_id":")" + event + "\"}"))
        .refused(400, "invalid")
        .names("/event_id");
    then(when.post(path, R"({"data":[]})")).refused(400, "invalid").names("/data");
    let_the_log_be_read();
    EXPECT_EQ(mail.received_by(ada.email).size(), 1u);
    EXPECT_EQ(mail.count(), 2u);
}

TEST_F(Notifications, are_only_saved_with_names_that_exist) {
    auto refused = when.post(
        "/notifications/templates",
        R"({"event_type":"refund.failed","channel":"email","language":"en",)"
        R"("subject":"{{order.numbre}}","text":"{{refund.amount}} {{#a}}","html":"{{refund}}"})");
    then(refused).refused(400, "invalid").names("/subject").names("/text").names("/html");
    EXPECT_NE(refused.body.find("`order.numbre` is no name"), std::string::npos) << refused;
    auto id = template_id("order.shipped");
    then(when.patch("/notifications/templates/" + id, R"({"text":"{{password}}"})"))
        .refused(400, "invalid")
        .names("/text");
    then(when.patch("/notifications/templates/" + id, R"({"subject":null})"))
        .refused(400, "invalid")
        .names("/subject");
    const std::pair<const char*, const char*> table[] = {
        {R"("event_type":"order.updated","channel":"sms","language":"en","text":"x")",
         "/event_type"},
        {R"("event_type":"order.paid","channel":"sms","language":"EN","text":"x")", "/language"},
        {R"("event_type":"order.paid","channel":"email","language":"en","text":"x")", "/subject"},
        {R"("event_type":"order.paid","channel":"sms","language":"en","subject":"x","text":"x")",
         "/subject"},
        {R"("event_type":"order.paid","channel":"sms","language":"en","html":"x","text":"x")",
         "/html"},
        {R"("event_type":"order.paid","channel":"fax","language":"en","text":"x")", "/channel"},
    };
    for (const auto& [body, pointer] : table) {
        then(when.post("/notifications/templates", "{" + std::string(body) + "}"))
            .refused(400, "invalid")
            .names(pointer);
    }
    then(when.post("/notifications/templates",
                   R"({"event_type":"order.shipped","channel":"sms","language":"en","text":"x"})"))
        .refused(409, "already_exists");
}

TEST_F(Notifications, have_templates_that_are_listed_once_each) {
    std::set<std::string> ids;
    std::string cursor;
    do {
        auto page = when.get("/notifications/templates?limit=10" +
                             (cursor.empty() ? "" : "&cursor=" + escaped(cursor)));
        ASSERT_EQ(page.status, 200) << page;
        for (const auto& one : page["data"].elements()) {
            EXPECT_TRUE(ids.insert(one["id"].text()).second);
        }
        cursor = page["next_cursor"].is_string() ? page["next_cursor"].text() : "";
    } while (!cursor.empty());
    EXPECT_EQ(ids.size(), 28u);
    server.restart();
    EXPECT_TRUE(ids.contains(template_id("order.shipped"))) << "they are made once";
}

class NotificationsWithLogin : public Notifications {
  protected:
    NotificationsWithLogin()
        : Notifications({.wants_login = true},
                        {{"STATESET_SMTP_USER", "shop"}, {"STATESET_SMTP_PASSWORD", "s3cret"}}) {}
};

TEST_F(NotificationsWithLogin, log_in_at_the_mail_server) {
    auto ada = customer();
    order_of(ada);
    ASSERT_TRUE(mail.waits_for(1));
    EXPECT_EQ(mail.received()[0].user, "shop");
    EXPECT_EQ(mail.received()[0].password, "s3cret");
    EXPECT_EQ(server.log().find("s3cret"), std::string::npos);
}

class NotificationsWithWrongPassword : public Notifications {
  protected:
    NotificationsWithWrongPassword()
        : Notifications({.wants_login = true},
                        {{"STATESET_SMTP_USER", "shop"}, {"STATESET_SMTP_PASSWORD", "wrong"}}) {}
};

TEST_F(NotificationsWithWrongPassword, are_not_given_up_for_a_fault_of_ours) {
    auto ada = customer();
    order_of(ada);
    ASSERT_TRUE(eventually(
        10s, [&] { return messages("customer_id=" + ada.id)[0]["attempts"].size() >= 2; }));
    auto waiting = messages("customer_id=" + ada.id)[0];
    EXPECT_EQ(waiting["status"], "pending");
    EXPECT_EQ(waiting["attempts"][0]["status_code"], 535) << waiting;
    EXPECT_EQ(waiting.dump().find("wrong"), std::string::npos);
}

class NotificationsSwitchedOff : public Journey {};

TEST_F(NotificationsSwitchedOff, without_a_provider_nothing_is_written) {
    auto order = given.shipped_order();
    // The webhooks' consumer reads the same log; ours has nothing to be waited for.
    auto messages = when.get("/notifications/messages?order_id=" + order.id);
    EXPECT_EQ(messages["data"].size(), 0u) << messages;
    EXPECT_GE(when.get("/notifications/templates?limit=100")["data"].size(), 28u);
}

TEST(NotificationSettings, that_cannot_work_keep_the_server_from_starting) {
    const std::vector<std::vector<std::string>> wrong{
        {"--smtp", "smtp://127.0.0.1:25"},
        {"--smtp", "http://127.0.0.1:25", "--smtp-from", "a@b.example"},
        {"--smtp", "smtp://user:password@127.0.0.1:25", "--smtp-from", "a@b.example"},
        {"--smtp", "smtp://127.0.0.1:25", "--smtp-from", "nobody"},
        {"--sms-url", "ftp://127.0.0.1/"},
        {"--notification-schedule", "soon"}};
    for (const auto& arguments : wrong) {
        Server server({.arguments = arguments, .start = false});
        EXPECT_THROW(server.start(), std::runtime_error) << ::testing::PrintToString(arguments);
    }
}

TEST(ClusterNotifications, are_sent_once_whichever_instance_does_it) {
    constexpr int customers = 30;
    MailServer mail;
    Cluster cluster({.serve = {"--smtp", mail.url(), "--smtp-from", "orders@shop.example",
                               "--notification-schedule", "0,1s,1s,1s"}});
    Story story(cluster.admin());
    auto mug = story.given.product().with_stock(1000);
    auto place = [&](int i) {
        Client client(cluster.at_instance(i % cluster.instances() + 1));
        auto email = "c" + std::to_string(i) + "@example.com";
        auto made = client.post("/customers", R"({"email":")" + email + "\"}");
        auto placed =
            client.post("/orders", R"({"customer_id":")" + made.id() + R"(","items":[{"sku":")" +
                                       mug.sku + R"(","quantity":1}]})");
        EXPECT_EQ(placed.status, 201) << placed;
    };
    // Longer than a lease lasts, so that a sender that lives must keep its own.
    mail.answers_content([](const std::string& recipient) {
        std::this_thread::sleep_for(recipient.starts_with("c0@") ? 5s : 30ms);
        return "";
    });
    parallel(customers, place);
    ASSERT_TRUE(mail.waits_for(customers, 30s));
    EXPECT_TRUE(eventually(30s, [&] {
        return story.when.get("/notifications/messages?status=delivered&limit=100")["data"]
                   .size() == customers;
    }));
    EXPECT_EQ(mail.count(), static_cast<std::size_t>(customers)) << "something was sent twice";
}

}  // namespace
}  // namespace stateset::support
