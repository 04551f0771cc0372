// The client side of the binary, as people and scripts use it: real child processes that speak to
// the real server.

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <mutex>
#include <set>

#include "platform/auth/crypto.hpp"
#include "support/arrivals.hpp"
#include "support/command_line.hpp"
#include "support/journey.hpp"

namespace stateset::support {
namespace {

using namespace std::chrono_literals;

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != text.npos;
}

std::size_t count_of(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
    return count;
}

class Cli : public Journey {
  protected:
    Cli() { user.set("STATESET_API_KEY", key()); }

    std::string key() {
        static auto* made = new std::string(server.key({"*"}));
        return *made;
    }
    // Runs a command that must succeed, with --json.
    Json done(std::vector<std::string> words) {
        words.emplace_back("--json");
        auto ran = user(words);
        EXPECT_EQ(ran.status, 0) << ran;
        return ran.json();
    }
    Ran signed_in() {
        user.set("STATESET_API_KEY", "");
        return user({"login", "--email", Server::admin_email, "--password-stdin"},
                    std::string(Server::admin_password) + "\n");
    }
    std::filesystem::path profile() const { return user.config() / "profiles" / "default.json"; }
    // As if the access token had been taken an hour ago.
    void let_the_token_run_out() const {
        auto text = content_of_file(profile());
        auto at = text.find("\"expires_at\":") + 14;
        text.replace(at, text.find_first_of("\n,}", at) - at, "1");
        std::ofstream(profile()) << text;
    }

    CommandLine user{server.url()};
};

TEST_F(Cli, the_main_job_is_done_by_commands_alone) {
    auto sku = given.unique("CLI");
    auto login = signed_in();
    ASSERT_EQ(login.status, 0) << login;
    EXPECT_TRUE(holds(login.out, Server::admin_email)) << login;

    auto customer = done({"customers", "create", "--email", given.unique("ada") + "@example.com",
                          "--first-name", "Ada", "--metadata", "source=cli"});
    EXPECT_EQ(customer["metadata"]["source"], "cli");
    done({"products", "create", "--name", "A mug, white", "--sku", sku, "--price", "49.99",
          "--currency", "USD", "--track-inventory", "--tag", "kitchen", "--tag", "new"});
    done({"inventory", "items", "receive", sku, "--quantity", "15"});
    auto order = done({"orders", "place", "--customer-id", customer["id"].text(), "--item",
                       "sku=" + sku + ",quantity=2", "--shipping-address.line1", "1 High Street",
                       "--shipping-address.city", "London", "--shipping-address.country", "GB"});
    EXPECT_EQ(order["total"], "99.98");
    EXPECT_EQ(order["shipping_address"]["city"], "London");
    auto number = order["order_number"].text();

    done({"orders", "process", number});
    auto payment = done({"payments", "pay", "--order-id", number, "--method.type", "card",
                         "--method.token", "tok_ok", "--no-capture"});
    EXPECT_EQ(payment["status"], "authorized") << "--no-capture is capture: false";
    done({"payments", "capture", payment["id"].text()});
    auto shipment = done({"shipments", "create", "--order-id", number, "--carrier", "sandbox"});
    done({"shipments", "ship", shipment["id"].text()});
    done({"shipments", "deliver", shipment["id"].text()});
    EXPECT_EQ(done({"orders", "get", number})["status"], "delivered");
    EXPECT_EQ(done({"payments", "list", "--order-id", number})["data"].size(), 1u);

    auto timeline = user({"orders", "timeline", number, "--output", "jsonl", "--fields", "type"});
    EXPECT_TRUE(holds(timeline.out, R"({"type":"order.delivered"})")) << timeline;
    auto logout = user({"logout"});
    EXPECT_EQ(logout.status, 0) << logout;
    EXPECT_EQ(user({"orders", "get", number}).status, 3);
}

TEST_F(Cli, an_answer_is_a_table_for_people_and_json_or_csv_for_programs) {
    auto order =
        given.order(given.product("MUG", "12.50"), 3, R"("notes":"a\nb","tags":["one","two"])");
    auto table = user({"orders", "list", "--order-number", order.number});
    ASSERT_EQ(table.status, 0) << table;
    EXPECT_TRUE(table.out.starts_with("ORDER_NUMBER  STATUS")) << table;
    EXPECT_TRUE(holds(table.out, order.number + "  ")) << table;
    EXPECT_TRUE(holds(table.out, "37.50")) << table;
    EXPECT_FALSE(holds(table.out, "\x1b[")) << "no colours where nobody sees them";
    user.set("COLUMNS", "40");
    auto narrow = user({"orders", "list", "--order-number", order.number});
    EXPECT_LE(narrow.out.find('\n'), 40u) << narrow;
    user.set("COLUMNS", "");

    auto one = user({"orders", "get", order.number});
    EXPECT_TRUE(holds(one.out, "order_number")) << one;
    EXPECT_TRUE(holds(one.out, "\nitems\n  ID")) << "lines are a table within" << one;

    auto raw = user({"orders", "get", order.id, "--json"});
    EXPECT_EQ(raw.out, when.get("/orders/" + order.id).body + "\n") << "byte for byte";
    auto pretty = user({"orders", "get", order.id, "-o", "json"});
    EXPECT_EQ(pretty.json().dump(), raw.json().dump());
    EXPECT_TRUE(holds(pretty.out, "\n  \"order_number\": ")) << pretty;

    auto csv = user({"orders", "list", "--order-number", order.number, "--output", "csv",
                     "--fields", "order_number,notes,tags,total"});
    EXPECT_EQ(csv.out,
              "order_number,notes,tags,total\r\n" + order.number + ",\"a\nb\",one|two,37.50\r\n");
    auto none = user({"orders", "list", "--order-number", "SO-0", "--output", "csv"});
    EXPECT_TRUE(none.out.starts_with("id,version,order_number,")) << "a header without rows";
    EXPECT_EQ(none.out.find("\r\n") + 2, none.out.size()) << none;
    auto nobody = user({"orders", "list", "--order-number", "SO-0"});
    EXPECT_EQ(nobody.out, "");
    EXPECT_EQ(nobody.status, 0);
}

TEST_F(Cli, a_walk_through_all_pages_shows_each_once_and_stops_where_it_is_told_to) {
    auto brand = given.unique("Pottery");
    for (int i = 0; i < 5; ++i) given.product("PAGE", "1.00", R"("brand":")" + brand + "\"");
    std::vector<std::string> walk{"products", "list",     "--brand", brand,      "--all", "--limit",
                                  "2",        "--fields", "sku",     "--output", "jsonl"};
    auto all = user(walk);
    EXPECT_EQ(all.status, 0) << all;
    EXPECT_EQ(count_of(all.out, "\n"), 5u) << all;
    std::set<std::string> lines;
    for (std::size_t begin = 0; begin < all.out.size();) {
        auto end = all.out.find('\n', begin);
        lines.insert(all.out.substr(begin, end - begin));
        begin = end + 1;
    }
    EXPECT_EQ(lines.size(), 5u);
    walk.insert(walk.end(), {"--max", "3"});
    auto cut = user(walk);
    EXPECT_EQ(cut.status, 1) << "what is cut off must not pass for all" << cut;
    EXPECT_EQ(count_of(cut.out, "\n"), 3u) << cut;
    auto json = done({"products", "list", "--brand", brand, "--all", "--limit", "2"});
    EXPECT_EQ(json["data"].size(), 5u);
    EXPECT_TRUE(json["next_cursor"].is_null());
}

TEST_F(Cli, the_exit_status_tells_what_went_wrong) {
    auto order = given.shipped_order();
    EXPECT_EQ(user({"orders", "get", order.id}).status, 0);
    EXPECT_EQ(user({"orders", "list", "--limit", "0"}).status, 2);
    EXPECT_EQ(user({"orders", "get", "SO-0"}).status, 4);
    EXPECT_EQ(user({"orders", "get", "019ab000-0000-7000-8000-000000000001"}).status, 4);
    auto conflict = user({"orders", "cancel", order.id});
    EXPECT_EQ(conflict.status, 5) << conflict;
    EXPECT_TRUE(holds(conflict.err, "illegal_transition")) << conflict;
    EXPECT_EQ(conflict.out, "") << "errors are no output";
    EXPECT_EQ(user({"orders", "update", order.id, "--notes", "x", "--if-match", "99"}).status, 5);
    auto declined = given.processed_order();
    EXPECT_EQ(user({"payments", "pay", "--order-id", declined.id, "--method.type", "card",
                    "--method.token", "tok_declined"})
                  .status,
              1);
    user.set("STATESET_API_KEY", server.key({"products:read"}));
    EXPECT_EQ(user({"orders", "list"}).status, 7);
    user.set("STATESET_API_KEY", "sk_test_nobody");
    EXPECT_EQ(user({"orders", "list"}).status, 3);
    user.set("STATESET_API_KEY", "");
    auto nobody = user({"orders", "list"});
    EXPECT_EQ(nobody.status, 3);
    EXPECT_TRUE(holds(nobody.err, "stateset login")) << nobody;
    user.set("STATESET_API_KEY", key());
    EXPECT_EQ(user({"orders", "list", "--server", "127.0.0.1:1", "--retries", "0"}).status, 6);
}

TEST_F(Cli, what_is_wrong_with_a_command_is_said_before_anything_is_sent) {
    user.set("STATESET_SERVER", "http://127.0.0.1:1");  // where nobody hears it
    auto wrong = user({"orders", "list", "--statsu", "pending", "--limit", "many", "--status",
                       "pendng", "--created-after", "yesterday"});
    EXPECT_EQ(wrong.status, 2);
    EXPECT_TRUE(holds(wrong.err, "--statsu: is not known here; did you mean status?")) << wrong;
    EXPECT_TRUE(holds(wrong.err, "--limit: must be a whole number, not \"many\"")) << wrong;
    EXPECT_TRUE(holds(wrong.err, "did you mean pending?")) << wrong;
    EXPECT_TRUE(holds(wrong.err, "--created-after: must be a time")) << wrong;
    auto lacking = user({"orders", "place", "--item", "sku=MUG"});
    EXPECT_EQ(lacking.status, 2);
    EXPECT_TRUE(holds(lacking.err, "--customer-id: is required")) << lacking;
    EXPECT_TRUE(holds(lacking.err, "--item: lacks quantity")) << lacking;
    auto member = user({"orders", "place", "--item", "sku=MUG,quantty=1"});
    EXPECT_TRUE(holds(member.err, "did you mean quantity?")) << member;
    EXPECT_TRUE(holds(user({"ordes", "list"}).err, "did you mean orders?"));
    EXPECT_TRUE(holds(user({"orders", "lst"}).err, "did you mean list?"));
    EXPECT_EQ(user({"orders", "lst"}).status, 2);
    EXPECT_EQ(user({"orders", "get"}).status, 2);
    EXPECT_EQ(user({"orders", "get", "1", "2"}).status, 2);
    EXPECT_EQ(user({"customers", "get", "ada"}).status, 2) << "customers have no numbers";
    EXPECT_EQ(user({}).status, 2);
    EXPECT_EQ(user({"orders"}).status, 2);
    EXPECT_EQ(user({"orders", "--help"}).status, 0);
    EXPECT_EQ(user({"help", "orders", "place"}).out, user({"orders", "place", "--help"}).out);
}

TEST_F(Cli, a_fault_that_the_server_finds_is_told_by_its_flag) {
    auto customer = given.customer();
    auto ran = user({"orders", "place", "--customer-id", customer.id, "--item",
                     "sku=NOBODY-HAS-THIS,quantity=1", "--shipping-address.country", "England"});
    EXPECT_NE(ran.status, 0);
    EXPECT_TRUE(holds(ran.err, "--shipping-address.country: ")) << ran;
    auto line = user({"orders", "place", "--customer-id", customer.id, "--item",
                      "sku=NOBODY-HAS-THIS,quantity=1"});
    EXPECT_NE(line.status, 0);
    EXPECT_TRUE(holds(line.err, "--item[1] sku: ")) << line;
}

TEST_F(Cli, a_body_comes_from_a_file_or_standard_input_and_flags_go_over_it) {
    auto sku = given.unique("FILE");
    user.file("product.json", R"({"name":"From a file","sku":")" + sku +
                                  R"(","price":"1.00","currency":"USD","tags":["a"]})");
    auto made =
        done({"products", "create", "--data", "@product.json", "--price", "2.00", "--tag", "b"});
    EXPECT_EQ(made["price"], "2.00");
    EXPECT_EQ(made["tags"].dump(), R"(["a","b"])");
    auto changed = user({"products", "update", made["id"].text(), "--data", "-", "--json"},
                        R"({"description":"By standard input."})");
    EXPECT_EQ(changed.json()["description"], "By standard input.") << changed;
    auto cleared = done({"products", "update", made["id"].text(), "--clear", "description",
                         "--if-match", changed.json()["version"].text()});
    EXPECT_TRUE(cleared["description"].is_null()) << cleared;
    EXPECT_EQ(user({"products", "create", "--data", "{"}).status, 2);
    EXPECT_EQ(user({"products", "create", "--data", "@nowhere.json"}).status, 2);
}

TEST_F(Cli, a_password_is_asked_for_at_the_terminal_without_being_shown) {
    user.set("STATESET_API_KEY", "");
    auto ran = user.at_terminal({"login"}, {Server::admin_email, Server::admin_password});
    EXPECT_EQ(ran.status, 0) << ran;
    EXPECT_TRUE(holds(ran.out, "E-mail: ")) << ran;
    EXPECT_FALSE(holds(ran.out, Server::admin_password)) << ran;
    EXPECT_FALSE(holds(content_of_file(profile()), Server::admin_password));
    given.order();
    EXPECT_TRUE(holds(user.at_terminal({"orders", "list"}, {}).out, "\x1b[1m")) << "has colours";
    user.set("NO_COLOR", "1");
    EXPECT_FALSE(holds(user.at_terminal({"orders", "list"}, {}).out, "\x1b["));
    auto wrong = user({"login", "--email", Server::admin_email, "--password-stdin"}, "no\n");
    EXPECT_EQ(wrong.status, 3) << wrong;
    EXPECT_EQ(user({"whoami"}).status, 0) << "the former login stays";
    EXPECT_EQ(user({"login", "--email", Server::admin_email}).status, 2) << "nobody to ask";
}

TEST_F(Cli, a_profile_is_private_and_not_used_when_others_can_read_it) {
    ASSERT_EQ(signed_in().status, 0);
    struct stat found{};
    ASSERT_EQ(stat(profile().c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0600u);
    ASSERT_EQ(stat(profile().parent_path().c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0700u);

    chmod(profile().c_str(), 0640);
    auto refused = user({"whoami"});
    EXPECT_EQ(refused.status, 2);
    EXPECT_TRUE(holds(refused.err, "chmod 600 " + profile().string())) << refused;
    chmod(profile().c_str(), 0600);
    chmod(user.config().c_str(), 0755);
    EXPECT_EQ(user({"whoami"}).status, 2) << "others could have put it there";
    chmod(user.config().c_str(), 0700);
    EXPECT_EQ(user({"whoami"}).status, 0);
}

TEST_F(Cli, profiles_keep_servers_apart) {
    ASSERT_EQ(signed_in().status, 0);
    user.set("STATESET_API_KEY", key());
    auto by_key = user({"login", "--profile", "by-key"});
    ASSERT_EQ(by_key.status, 0) << by_key;
    user.set("STATESET_API_KEY", "");
    auto list = user({"profiles", "--json"});
    EXPECT_EQ(list.json()["data"].size(), 2u) << list;
    EXPECT_TRUE(holds(user({"whoami"}).out, "profile   by-key"));
    EXPECT_TRUE(holds(user({"whoami", "--profile", "default"}).out, "profile   default"));
    user.set("STATESET_PROFILE", "default");
    EXPECT_TRUE(holds(user({"whoami"}).out, "profile   default"));
    user.set("STATESET_PROFILE", "");
    EXPECT_EQ(user({"profiles", "use", "default"}).status, 0);
    EXPECT_EQ(user({"profiles", "use", "defalt"}).status, 2);
    EXPECT_EQ(user({"whoami", "--profile", "../x"}).status, 2);

    Receiver elsewhere;  // must never see a token that is not for it
    auto url = elsewhere.url("");
    auto ran = user({"orders", "list", "--server", url});
    EXPECT_EQ(ran.status, 3) << ran;
    EXPECT_EQ(elsewhere.count(), 0u);
    user.set("STATESET_SERVER", "");
    EXPECT_EQ(user({"whoami"}).status, 0) << "a profile knows its server";
}

TEST_F(Cli, a_login_that_has_run_out_is_renewed_once_for_all_processes) {
    ASSERT_EQ(signed_in().status, 0);
    auto before = content_of_file(profile());
    let_the_token_run_out();
    auto runs = parallel(4, [&](int) { return user({"whoami", "--verbose"}); });
    std::size_t renewed = 0;
    for (const auto& ran : runs) {
        EXPECT_EQ(ran.status, 0) << ran;
        renewed += count_of(ran.err, "> POST " + server.url() + "/api/v1/auth/refresh");
        EXPECT_FALSE(holds(ran.err, "Bearer")) << "no secret is told";
    }
    EXPECT_EQ(renewed, 1u);
    EXPECT_NE(content_of_file(profile()), before);

    // A token that only the server knows to be bad is renewed as well.
    auto text = content_of_file(profile());
    auto at = text.find("\"access_token\": \"") + 17;
    text.replace(at, text.find('"', at) - at, "spoilt");
    std::ofstream(profile()) << text;
    EXPECT_EQ(user({"whoami"}).status, 0);

    text = content_of_file(profile());
    at = text.find("\"refresh_token\": \"") + 18;
    text.replace(at, text.find('"', at) - at, "spoilt");
    std::ofstream(profile()) << text;
    let_the_token_run_out();
    auto over = user({"whoami"});
    EXPECT_EQ(over.status, 3) << over;
    EXPECT_TRUE(holds(over.err, "stateset login")) << over;
}

TEST_F(Cli, a_write_whose_answer_is_lost_is_sent_again_and_done_once) {
    auto customer = given.customer();
    auto sku = given.product().sku;
    std::mutex mutex;
    std::vector<std::string> keys;
    Receiver lossy;  // stands before the server
    lossy.answers([&](const Received& request) {
        std::scoped_lock lock(mutex);
        auto through =
            server.anybody().send(request.method, request.path, request.body,
                                  {{"Authorization", request.header("authorization")},
                                   {"Idempotency-Key", request.header("idempotency-key")},
                                   {"Content-Type", request.header("content-type")}});
        keys.push_back(request.header("idempotency-key"));
        if (keys.size() == 1) return Receiver::Answer{.hang_up = true};
        if (keys.size() == 2) {
            return Receiver::Answer{.status = 503,
                                    .body = R"({"code":"overloaded","detail":"busy"})",
                                    .headers = {{"Retry-After", "0"}}};
        }
        return Receiver::Answer{.status = through.status, .body = through.body};
    });
    user.set("STATESET_SERVER", lossy.url(""));
    auto order = done(
        {"orders", "place", "--customer-id", customer.id, "--item", "sku=" + sku + ",quantity=1"});
    EXPECT_EQ(keys.size(), 3u);
    EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), 1u);
    auto list = when.get("/orders?customer_id=" + customer.id);
    EXPECT_EQ(list["data"].size(), 1u) << list;
    EXPECT_EQ(list["data"][0]["id"], order["id"].text());

    user.set("STATESET_SERVER", server.url());
    auto words = std::vector<std::string>{"customers",         "create",
                                          "--email",           given.unique("key") + "@example.com",
                                          "--idempotency-key", given.unique("key")};
    EXPECT_EQ(done(words)["id"], done(words)["id"].text()) << "the same again";
}

TEST_F(Cli, a_dry_run_answers_and_stores_nothing) {
    auto email = given.unique("dry") + "@example.com";
    auto ran = user({"customers", "create", "--email", email, "--dry-run"});
    EXPECT_EQ(ran.status, 0) << ran;
    EXPECT_TRUE(holds(ran.out, email)) << ran;
    EXPECT_TRUE(holds(ran.err, "nothing was stored")) << ran;
    EXPECT_EQ(when.get("/customers?email=" + escaped(email))["data"].size(), 0u);
}

TEST_F(Cli, what_is_under_way_can_be_waited_for) {
    auto order = given.processed_order();
    auto words = std::vector<std::string>{"payments",      "pay",  "--order-id",     order.id,
                                          "--method.type", "card", "--method.token", "tok_timeout"};
    auto waiting = words;
    waiting.insert(waiting.end(), {"--wait", "--json"});
    auto settled = user(waiting);
    EXPECT_EQ(settled.status, 0) << settled;
    EXPECT_EQ(settled.json()["status"], "captured") << settled;
    words[3] = given.processed_order().id;
    auto told = user(words);
    EXPECT_EQ(told.status, 0) << told;
    EXPECT_TRUE(holds(told.err, "--wait waits for it")) << told;
}

TEST_F(Cli, events_are_shown_and_forwarded_as_the_server_would_send_them) {
    Receiver receiver;
    auto order = given.order();
    auto listening = user.start(
        {"events", "listen", "--type", "order.*", "--forward-to", receiver.url(), "--count", "2"});
    ASSERT_TRUE(listening->says("whsec_"));
    auto text = listening->err();
    auto at = text.find("whsec_");
    auto secret = *auth::webhook_secret_bytes(text.substr(at, text.find('\n', at) - at));
    then(when.post("/orders/" + order.id + "/hold")).succeeded();
    then(when.post("/orders/" + order.id + "/release")).succeeded();
    auto ran = listening->ends();
    EXPECT_EQ(ran.status, 0) << ran;
    EXPECT_TRUE(holds(ran.out, "order.on_hold  order " + order.id + "  → 204 (")) << ran;
    ASSERT_TRUE(receiver.waits_for(2));
    for (const auto& message : receiver.received()) {
        EXPECT_EQ(message.json().keys(), (std::vector<std::string>{"type", "timestamp", "data"}));
        EXPECT_EQ(
            message.header("webhook-signature"),
            auth::webhook_signature(secret, message.header("webhook-id"),
                                    std::stoll(message.header("webhook-timestamp")), message.body));
        EXPECT_EQ(message.json()["data"]["id"], order.id);
    }
}

TEST_F(Cli, listening_goes_on_behind_the_last_event_when_the_stream_breaks) {
    Server own;
    Story at(own);
    CommandLine listener(own.url());
    listener.set("STATESET_API_KEY", own.key({"*"}));
    auto order = at.given.order();
    auto listening = listener.start({"events", "listen", "--type", "order.*", "--json"});
    ASSERT_TRUE(listening->says("listening to"));
    at.then(at.when.post("/orders/" + order.id + "/hold")).succeeded();
    ASSERT_TRUE(listening->says("order.on_hold"));
    own.stop();
    ASSERT_TRUE(listening->says("resuming"));
    own.start();
    at.then(at.when.post("/orders/" + order.id + "/release")).succeeded();
    ASSERT_TRUE(listening->says("order.released")) << listening->err();
    EXPECT_EQ(count_of(listening->out(), "\n"), 2u) << "each once: " << listening->out();
}

TEST_F(Cli, every_trigger_makes_its_event_happen) {
    auto list = user({"trigger"});
    ASSERT_EQ(list.status, 0) << list;
    std::vector<std::string> types;
    for (std::size_t begin = 0; begin < list.out.size();) {
        auto end = list.out.find('\n', begin);
        types.push_back(list.out.substr(begin, end - begin));
        begin = end + 1;
    }
    EXPECT_GT(types.size(), 40u);
    wait_for_the_log(when);
    // Two at a time: most of it is waiting.
    parallel(2, [&](int half) {
        for (auto i = static_cast<std::size_t>(half); i < types.size(); i += 2) {
            auto ran = user({"trigger", types[i], "--json"});
            EXPECT_EQ(ran.status, 0) << types[i] << "\n" << ran;
            EXPECT_EQ(ran.json()["type"], types[i]) << ran;
        }
    });
    EXPECT_EQ(user({"trigger", "order.shiped"}).status, 2);
    user.set("STATESET_SERVER", "https://shop.example");
    auto far = user({"trigger", "order.shipped"});
    EXPECT_EQ(far.status, 2) << "no made-up orders at somebody's shop";
    EXPECT_TRUE(holds(far.err, "--yes")) << far;
}

TEST_F(Cli, a_sample_is_sent_without_a_server) {
    Receiver receiver;
    auto secret = auth::make_webhook_secret();
    user.set("STATESET_SERVER", "http://127.0.0.1:1");
    for (const char* type : {"order.shipped", "inventory.reserved", "warranty.registered"}) {
        auto ran = user({"trigger", type, "--to", receiver.url(), "--secret", secret});
        EXPECT_EQ(ran.status, 0) << ran;
    }
    ASSERT_EQ(receiver.count(), 3u);
    auto message = receiver.received()[0];
    EXPECT_EQ(message.type(), "order.shipped");
    EXPECT_EQ(message.json()["data"]["status"], "shipped");
    EXPECT_EQ(
        message.header("webhook-signature"),
        auth::webhook_signature(*auth::webhook_secret_bytes(secret), message.header("webhook-id"),
                                std::stoll(message.header("webhook-timestamp")), message.body));
    receiver.answers({.status = 500, .body = "no"});
    EXPECT_EQ(user({"trigger", "order.shipped", "--to", receiver.url()}).status, 1);
}

TEST_F(Cli, files_are_imported_and_exported) {
    auto word = given.unique("csv");
    std::string lines = "email,first_name,metadata.origin\n";
    for (int i = 0; i < 50; ++i) {
        lines += word + std::to_string(i) + "@example.com,Ada,ünited\n";
    }
    user.file("customers.csv", lines);
    auto tried = user({"import", "customers.csv", "--kind", "customers", "--dry-run"});
    EXPECT_EQ(tried.status, 0) << tried;
    auto ran = user({"import", "customers.csv", "--kind", "customers"});
    EXPECT_EQ(ran.status, 0) << ran;
    EXPECT_TRUE(holds(ran.out, "imported 50 of 50 lines")) << ran;
    EXPECT_TRUE(holds(ran.err, "100 %")) << ran;
    auto again = user({"import", "-", "--kind", "customers", "--format", "csv"}, lines);
    EXPECT_EQ(again.status, 1) << again;
    EXPECT_TRUE(holds(again.err, "line 2: ")) << again;
    EXPECT_TRUE(holds(again.err, "stateset imports errors list")) << again;

    auto since = when.get("/customers?email=" + word + "0%40example.com")["data"][0];
    auto out = user({"export", "out.jsonl", "--kind", "customers", "--created-after",
                     since["created_at"].text()});
    EXPECT_EQ(out.status, 0) << out;
    auto written = content_of_file(user.folder() / "out.jsonl");
    EXPECT_TRUE(holds(written, word + "49@example.com")) << out;
    auto piped = user({"export", "--kind", "customers", "--format", "jsonl", "--created-after",
                       since["created_at"].text()});
    EXPECT_TRUE(holds(piped.out, word + "49@example.com")) << piped.err;
    EXPECT_EQ(user({"import", "nowhere.csv", "--kind", "customers"}).status, 2);
    EXPECT_EQ(user({"import", "customers.csv", "--kind", "cats"}).status, 2);
}

TEST_F(Cli, a_label_is_bytes_for_a_file) {
    auto shipment = given.shipped_order().shipment;
    auto saved = user({"shipments", "get-label", shipment, "--to", "label.pdf"});
    EXPECT_EQ(saved.status, 0) << saved;
    EXPECT_TRUE(content_of_file(user.folder() / "label.pdf").starts_with("%PDF"));
    EXPECT_TRUE(user({"shipments", "get-label", shipment}).out.starts_with("%PDF"));
    EXPECT_EQ(user.at_terminal({"shipments", "get-label", shipment}, {}).status, 2);
}

TEST_F(Cli, shells_accept_the_completion_and_it_offers_what_there_is) {
    auto accepted = [&](const std::string& shell, const std::string& check) {
        auto script = user({"completion", shell});
        ASSERT_EQ(script.status, 0) << script;
        auto file = user.file("completion." + shell, script.out);
        EXPECT_EQ(std::system((check + " " + file.string()).c_str()), 0) << script;
    };
    accepted("bash", "bash -n");
    for (const char* shell : {"zsh", "fish"}) {
        auto there = std::system(("command -v " + std::string(shell) + " >/dev/null").c_str()) == 0;
        if (there) accepted(shell, shell == std::string("zsh") ? "zsh -n" : "fish --no-execute");
        EXPECT_EQ(user({"completion", shell}).status, 0);
    }
    EXPECT_EQ(user({"completion", "tcsh"}).status, 2);
    user.set("STATESET_SERVER", "http://127.0.0.1:1");
    auto offers = [&](std::vector<std::string> words) {
        words.insert(words.begin(), "__complete");
        return user(words).out;
    };
    EXPECT_TRUE(holds(offers({"ord"}), "orders\t"));
    EXPECT_TRUE(holds(offers({"ser"}), "serve\t"));
    EXPECT_TRUE(holds(offers({"orders", "p"}), "place\tPlace an order"));
    EXPECT_TRUE(holds(offers({"inventory", ""}), "items\t"));
    EXPECT_TRUE(holds(offers({"orders", "list", "--st"}), "--status\t"));
    EXPECT_EQ(offers({"orders", "list", "--status", "pen"}).substr(0, 8), "pending\t");
    EXPECT_TRUE(holds(offers({"orders", "list", "--status=pen"}), "--status=pending\t"));
    EXPECT_TRUE(holds(offers({"trigger", "order.sh"}), "order.shipped\t"));
    EXPECT_EQ(offers({"import", ""}), "@files\n");

    // As a shell does it, from the words of a line to what it offers.
    auto bash = user.file("try.sh", "PATH=" + user.folder().string() +
                                        ":$PATH; source completion.bash\nCOMP_WORDS=(stateset "
                                        "orders li); COMP_CWORD=2; _stateset; echo "
                                        "\"${COMPREPLY[*]}\" >offered\n");
    const char* named = std::getenv("STATESET_BINARY");
    std::filesystem::create_symlink(named ? named : STATESET_BINARY, user.folder() / "stateset");
    auto there = "cd " + user.folder().string() + " && bash ";
    ASSERT_EQ(std::system((there + bash.string()).c_str()), 0);
    EXPECT_EQ(content_of_file(user.folder() / "offered"), "list\n");
}

}  // namespace
}  // namespace stateset::support
