// What several instances on one PostgreSQL do by themselves, without anybody asking: they share the
// work, take over that of the dead, and hear of each other's changes within the time promised.

#include <postgresql/libpq-fe.h>

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "support/cluster.hpp"
#include "support/journey.hpp"

namespace stateset::support {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds lease{2000};         // as tests/support/cluster.cpp gives them
constexpr milliseconds busy_machine{3000};  // on top of what is promised
constexpr milliseconds kept{1000};          // a credential, by instances that nobody tells
constexpr seconds patience{30};

// A connection that a test keeps, for a transaction that stays open.
class Session {
  public:
    explicit Session(const Cluster& cluster)
        : connection_(PQconnectdb(cluster.addresses()["primary"].text().c_str())) {
        if (PQstatus(connection_) != CONNECTION_OK) fail();
    }
    ~Session() { PQfinish(connection_); }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    // The first value of the first row, "" when there is none.
    std::string ask(const std::string& sql) {
        auto* result = PQexec(connection_, sql.c_str());
        auto status = PQresultStatus(result);
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) fail();
        std::string value = PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "";
        PQclear(result);
        return value;
    }

  private:
    [[noreturn]] void fail() const { throw std::runtime_error(PQerrorMessage(connection_)); }
    PGconn* connection_;
};

class ClusterWorkers : public ::testing::Test {
  protected:
    Cluster cluster{
        {.serve = {"--webhook-allow-private", "true", "--reservation-lifetime-s", "1"}}};
    Story story{cluster.admin()};
    Given& given = story.given;
    Client& when = story.when;
    Receiver receiver;

    std::vector<Client> each() const {
        std::vector<Client> all;
        for (int i = 1; i <= cluster.instances(); ++i) all.push_back(cluster.at_instance(i));
        return all;
    }
    std::string endpoint(std::string_view events) {
        auto made = given.must(
            when.post("/webhooks/endpoints", R"({"url":")" + receiver.url() + R"(","events":)" +
                                                 std::string(events) + "}"),
            201, "an endpoint");
        return made.id();
    }
    std::map<std::string, int> arrivals() const {
        std::map<std::string, int> count;
        for (const auto& one : receiver.received()) ++count[one.header("webhook-id")];
        return count;
    }
    void tell_all(const std::string& verb) {
        for (int i = 1; i <= cluster.instances(); ++i) {
            cluster.tell(verb + " instance " + std::to_string(i));
        }
    }
};

TEST_F(ClusterWorkers, send_the_events_of_one_thing_once_and_in_order_whoever_committed_them) {
    constexpr int customers = 12, changes = 25;
    endpoint(R"(["customer.*"])");
    receiver.answers([calls = std::make_shared<std::atomic<int>>(0)](const Received&) {
        return Receiver::Answer{.delay = milliseconds(++*calls % 4 * 5)};
    });
    std::vector<std::string> ids;
    for (int i = 0; i < customers; ++i) ids.push_back(given.customer().id);
    auto instances = each();
    parallel(customers, [&](int i) {
        auto clients = instances;
        for (int n = 0; n < changes; ++n) {
            auto& client = clients[static_cast<std::size_t>(n) % clients.size()];
            auto changed = client.patch("/customers/" + ids[static_cast<std::size_t>(i)],
                                        R"({"last_name":"N)" + std::to_string(n) + "\"}");
            EXPECT_EQ(changed.status, 200) << changed;
        }
    });
    constexpr std::size_t events = customers * (changes + 1);
    EXPECT_TRUE(receiver.waits_for(events, patience));
    std::map<std::string, std::int64_t> last;
    for (const auto& one : receiver.received()) {
        auto customer = one.json()["data"];
        auto version = std::stoll(customer["version"].text());
        EXPECT_LT(last[customer["id"].text()], version) << "out of order";
        last[customer["id"].text()] = version;
    }
    EXPECT_EQ(arrivals().size(), events);
    EXPECT_EQ(receiver.count(), events) << "something was sent twice";
}

TEST_F(ClusterWorkers, take_over_within_a_lease_what_a_dead_instance_was_about_to_send) {
    endpoint(R"(["customer.created"])");
    receiver.answers({.delay = milliseconds(60'000)});
    given.customer();
    ASSERT_TRUE(receiver.waits_for(1));
    tell_all("kill");
    receiver.answers(Receiver::Answer{});
    receiver.forget();
    auto died = Clock::now();
    cluster.tell("start instance 3");
    ASSERT_TRUE(receiver.waits_for(1, patience));
    EXPECT_LT(Clock::now() - died, lease + busy_machine);
}

TEST_F(ClusterWorkers, do_not_take_over_what_an_instance_that_lives_takes_long_to_send) {
    endpoint(R"(["customer.created"])");
    receiver.answers({.delay = 3 * lease});
    given.customer();
    given.customer();
    ASSERT_TRUE(receiver.waits_for(2));
    EXPECT_TRUE(eventually(patience, [&] {
        return when.get("/webhooks/deliveries?status=delivered")["data"].size() == 2;
    }));
    EXPECT_EQ(receiver.count(), 2u);
}

TEST_F(ClusterWorkers, take_over_the_duties_of_an_instance_that_died) {
    endpoint(R"(["customer.*"])");
    for (int i = 1; i <= cluster.instances(); ++i) {
        auto instance = "instance " + std::to_string(i);
        cluster.tell("kill " + instance);
        receiver.forget();
        given.must(cluster.at_instance(i % cluster.instances() + 1)
                       .post("/customers", R"({"email":"a)" + std::to_string(i) +
                                               R"(@example.com","first_name":"A"})"),
                   201, "a customer");
        EXPECT_TRUE(receiver.waits_for(1, 3 * lease + busy_machine)) << "after " << instance;
        cluster.tell("start " + instance);
    }
}

TEST_F(ClusterWorkers, refuse_within_a_second_a_key_that_was_revoked_at_another) {
    auto made = given.must(when.post("/api-keys", R"({"name":"lost","scopes":["orders:read"]})"),
                           201, "a key");
    auto key = made["key"].text();
    std::vector<Client> clients;
    for (auto& one : each()) clients.push_back(one.as(key));
    for (auto& one : clients) EXPECT_EQ(one.get("/orders").status, 200);
    auto revoked = each().front().remove("/api-keys/" + made.id());
    auto since = Clock::now();
    ASSERT_EQ(revoked.status, 204) << revoked;
    EXPECT_EQ(clients.front().get("/orders").status, 401) << "where it was revoked, at once";
    bool over = false;
    while (!over) {
        over = Clock::now() - since > kept;
        for (auto& one : clients) {
            auto status = one.get("/orders").status;
            EXPECT_TRUE(status == 401 || (status == 200 && !over)) << status;
        }
    }
}

TEST_F(ClusterWorkers, are_administered_from_beside_while_they_run) {
    EXPECT_EQ(cluster.run({"migrate", "--check"}).status, 0) << "nothing is pending";
    auto made = cluster.run({"admin", "keys", "create", "--name", "beside"});
    ASSERT_EQ(made.status, 0) << made.output;
    auto key = made.output.substr(made.output.rfind("sk_"));
    key.erase(key.find_last_not_of('\n') + 1);
    for (auto& one : each()) EXPECT_EQ(one.as(key).get("/orders").status, 200);
    auto tenant = cluster.run({"admin", "tenants", "create", "--name", "Branch"});
    EXPECT_EQ(tenant.status, 0) << tenant.output;
    EXPECT_NE(cluster.run({"admin", "tenants", "create", "--name", "Branch"}).status, 0);
    auto verified = cluster.run({"verify"});
    EXPECT_EQ(verified.status, 0) << verified.output;
}

TEST_F(ClusterWorkers, end_each_reservation_once_when_its_time_is_over) {
    constexpr int orders = 60;
    auto mug = given.product("MUG").with_stock(1000);
    auto customer = given.customer().id;
    auto instances = each();
    auto body = R"({"customer_id":")" + customer + R"(","items":[{"sku":")" + mug.sku +
                R"(","quantity":2}]})";
    parallel(orders, [&](int i) {
        Client client(instances[static_cast<std::size_t>(i) % instances.size()]);
        auto placed = client.post("/orders", body);
        ASSERT_EQ(placed.status, 201) << placed;
        auto processed = client.post("/orders/" + placed.id() + "/process");
        EXPECT_EQ(processed.status, 200) << processed;
    });
    EXPECT_TRUE(eventually(patience, [&] {
        return story.then.stock(mug.sku) == Stock{"1000", "0", "1000"};
    })) << story.then.stock(mug.sku);
    Session session(cluster);
    EXPECT_EQ(session.ask("select count(*) from events where type = 'inventory.expired'"),
              std::to_string(orders));
    auto verified = cluster.run({"verify"});
    EXPECT_EQ(verified.status, 0) << verified.output;
}

// A transaction that began to write an event before the others and commits after them.
TEST_F(ClusterWorkers, skip_no_event_however_late_its_transaction_commits) {
    endpoint(R"(["customer.*"])");
    auto first = given.customer().id;
    ASSERT_TRUE(receiver.waits_for(1));
    Session late(cluster), other(cluster);
    late.ask("begin");
    late.ask("select pg_current_xact_id()");
    auto before = when.get("/events?limit=100")["data"];
    auto after = before[before.size() - 1]["position"].text();
    for (auto& client : each()) {
        auto changed = client.patch("/customers/" + first, R"({"last_name":"Early"})");
        EXPECT_EQ(changed.status, 200) << changed;
        client.patch("/customers/" + first, R"({"last_name":"Bird"})");
    }
    EXPECT_EQ(other.ask("select count(*) from events where type = 'customer.updated'"), "6");
    EXPECT_EQ(other.ask("select count(*) from events where type = 'customer.updated' "
                        "and position < log_horizon()"),
              "0");
    auto waiting = receiver.count();
    late.ask(
        "insert into events (position, tenant, id, type, sequence, aggregate_type, aggregate_id, "
        "data, actor, request_id, occurred_at) select base + (pg_current_xact_id()::text::bigint "
        "<< 20), 1, "
        "gen_random_uuid(), 'customer.late', 1, 'customer', gen_random_uuid()::text, '{}', "
        "'system', '', now() from log_epoch");
    EXPECT_EQ(receiver.count(), waiting) << "nothing passes it";
    late.ask("commit");
    ASSERT_TRUE(receiver.waits_for(1 + 1 + 6));
    EXPECT_EQ(receiver.count(), 8u);
    auto feed = when.get("/events?types=customer.*&after=" + after)["data"];
    ASSERT_EQ(feed.size(), 7u);
    EXPECT_EQ(feed[0]["type"], "customer.late") << "it began before the others";
    for (std::size_t i = 1; i < 7; ++i) EXPECT_EQ(feed[i]["type"], "customer.updated");
}

// Somebody at a prompt holds the row of one item's balance.
TEST_F(ClusterWorkers, serve_everybody_else_while_one_row_is_held) {
    auto held = given.product().with_stock(10), free = given.product().with_stock(1'000'000);
    auto reserve = [](Client client, const Product& product) {
        return client.post("/inventory/items/" + product.sku + "/reserve",
                           R"({"location_id":1,"quantity":"1"})");
    };
    Session prompt(cluster);
    prompt.ask("begin");
    prompt.ask(
        "select 1 from inventory_balances b join inventory_items i on i.id = b.item_id "
        "where i.item_number = '" +
        held.sku + "' for update of b");
    std::atomic<bool> answered = false;
    std::optional<Reply> blocked;
    std::jthread stuck([&, client = cluster.at_instance(1)] {
        blocked = reserve(client, held);
        answered = true;
    });
    int served = 0;
    while (!answered) {
        auto reply = reserve(cluster.at_instance(1), free);
        ASSERT_EQ(reply.status, 201) << reply;
        ++served;
    }
    stuck.join();
    EXPECT_EQ(blocked->status, 503) << *blocked;
    EXPECT_EQ((*blocked)["code"], "timed_out");
    EXPECT_NE(blocked->header("retry-after"), "");
    EXPECT_GT(served, 20) << "they waited behind it";
    prompt.ask("commit");
    auto again = reserve(cluster.at_instance(1), held);
    EXPECT_EQ(again.status, 201) << again;
}

TEST_F(ClusterWorkers, give_up_a_slow_query_and_answer_the_others) {
    auto order = given.order();
    Session prompt(cluster);
    prompt.ask("begin");
    prompt.ask("lock table customers in access exclusive mode");
    auto slow = cluster.at_instance(1).get("/customers");
    EXPECT_EQ(slow.status, 503) << slow;
    EXPECT_NE(slow.header("retry-after"), "");
    auto other = cluster.at_instance(1).get("/orders?limit=1");
    EXPECT_EQ(other.status, 200) << other;
    prompt.ask("rollback");
    EXPECT_EQ(cluster.at_instance(1).get("/customers").status, 200);
}

}  // namespace
}  // namespace stateset::support
