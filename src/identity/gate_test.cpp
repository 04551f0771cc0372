// The gate where other processes commit too: what it remembers counts for a bounded time.

#include "identity/gate.hpp"

#include "flows/administer.hpp"
#include "identity/sessions.hpp"
#include "platform/http/problem.hpp"
#include "platform/store/store_testing.hpp"

namespace stateset::identity {
namespace {

using store_testing::eventually;

// A reader whose pace and health the test decides.
struct Database {
    std::atomic<int> snapshots = 0;
    std::atomic<bool> away = false;
    std::mutex mutex;
    std::condition_variable changed;
    bool held = false;

    void hold(bool value) {
        std::scoped_lock lock(mutex);
        held = value;
        changed.notify_all();
    }
    void pass() {
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return !held; });
    }
};

class WatchedReader final : public store::Reader {
  public:
    WatchedReader(std::unique_ptr<store::Reader> inner, Database& database)
        : inner_(std::move(inner)), database_(database) {}
    sql::Dialect dialect() const override { return inner_->dialect(); }
    void begin() override {
        ++database_.snapshots;
        database_.pass();
        if (database_.away) throw store::Unavailable("the server is away");
        inner_->begin();
    }
    void end() noexcept override { inner_->end(); }
    void query(std::string_view sql, const store::Parameters& parameters,
               const std::function<void(const std::vector<std::string_view>&)>& columns,
               const std::function<void(store::Row)>& row) override {
        inner_->query(sql, parameters, columns, row);
    }

  private:
    std::unique_ptr<store::Reader> inner_;
    Database& database_;
};

// Who keeps the one stamp for both instances.
class OneStamp final : public Freshness {
  public:
    bool bump(const std::vector<std::string>&) override {
        ++bumps;
        return true;
    }
    void current(std::vector<std::string> keys,
                 std::function<void(std::vector<Stamp>)> done) override {
        done(std::vector<Stamp>(keys.size(), {std::to_string(bumps), Clock::now()}));
    }
    std::atomic<int> bumps = 0;
};

class SharedGate : public ::testing::Test {
  protected:
    static constexpr Tenant first = 1;
    using Steady = std::chrono::steady_clock::time_point;

    SharedGate() {
        {
            store::sqlite::Connection connection(folder.file(), store::sqlite::Access::write);
            store::sqlite::migrate(connection, store::Migrate::apply);
        }
        committer = open_committer();
        elsewhere = open_committer();
        gate = std::make_unique<Gate>(*committer,
                                      Gate::Options{.keep_for = seconds(1),
                                                    .steady_clock = [this] { return steady(); },
                                                    .shared = &stamp});
        reads = std::make_unique<ReadPool>(
            [this] {
                return std::make_unique<WatchedReader>(store::sqlite::open_reader(folder.file()),
                                                       database);
            },
            std::make_shared<const Cursors>("secret"), ReadPool::Options{.threads = 2});
        gate->open(*reads, make_keyring().signing);
        flows::first_tenant(*committer, *reads);
        make_key_of_root();
    }
    ~SharedGate() override {
        database.hold(false);
        reads->stop();
        elsewhere->stop();
        committer->stop();
    }
    std::unique_ptr<Committer> open_committer() {
        return std::make_unique<Committer>(store::sqlite::open_store(folder.file()),
                                           Committer::Options{});
    }
    void make_key_of_root() {
        auto actor = system_actor(first);
        HashedUser wanted{.wanted = {.email = {"root@example.com"}, .roles = {{{"admin"}}}},
                          .password = "hash"};
        auto root = elsewhere->run(actor, [&](Tx& tx) { return create_user(tx, actor, wanted); });
        actor.user_id = root.id.value;
        auto made = make_key({.name = {"till"}, .scopes = {{{"*"}}}});
        auto issued = elsewhere->run(actor, [&](Tx& tx) { return create_key(tx, actor, made); });
        key = issued.key;
        key_id = issued.api_key->id;
    }
    void revoke(Committer& by) {
        by.run(system_actor(first), [&](Tx& tx) { revoke_key(tx, tx.actor(), {key_id}); });
    }

    // What came of a request; 0 while nothing has: 200 or the refusal's status.
    struct Asked {
        std::shared_ptr<std::atomic<int>> status = std::make_shared<std::atomic<int>>(0);
        int wait() const {
            EXPECT_TRUE(eventually([this] { return *status != 0; }));
            return *status;
        }
    };
    Asked ask() {
        Asked asked;
        gate->identify(
            key, [asked](const Actor&) { *asked.status = 200; },
            [asked](const Refusal& refusal) { *asked.status = refusal.code().status; });
        return asked;
    }
    Steady steady() const { return Steady(std::chrono::microseconds(micros)); }
    void pass(Span span) { micros += span.micros; }

    store_testing::Folder folder;
    Database database;
    OneStamp stamp;
    std::atomic<std::int64_t> micros = 1'000'000'000;
    std::unique_ptr<Committer> committer, elsewhere;
    std::unique_ptr<Gate> gate;
    std::unique_ptr<ReadPool> reads;
    std::string key;
    ApiKeyId key_id;
};

TEST_F(SharedGate, refuses_a_key_that_another_instance_revoked_a_second_ago) {
    EXPECT_EQ(ask().wait(), 200);
    revoke(*elsewhere);
    EXPECT_EQ(ask().wait(), 200) << "nobody told us yet";
    pass(seconds(1));
    EXPECT_EQ(ask().wait(), 401);
}

TEST_F(SharedGate, refuses_a_key_as_soon_as_it_hears_that_another_instance_changed_something) {
    EXPECT_EQ(ask().wait(), 200);
    revoke(*elsewhere);
    stamp.bump({});
    EXPECT_TRUE(eventually([&] { return ask().wait() == 401; })) << "no time has passed for it";
}

TEST_F(SharedGate, tells_the_others_what_this_instance_changed) {
    auto before = stamp.bumps.load();
    revoke(*committer);
    EXPECT_EQ(stamp.bumps, before + 1);
}

TEST_F(SharedGate, refuses_at_once_what_this_instance_revoked) {
    EXPECT_EQ(ask().wait(), 200);
    revoke(*committer);
    EXPECT_EQ(ask().wait(), 401);
}

TEST_F(SharedGate, looks_a_credential_up_once_for_all_who_ask_when_its_time_is_over) {
    EXPECT_EQ(ask().wait(), 200);
    pass(seconds(1));
    auto before = database.snapshots.load();
    database.hold(true);
    std::vector<Asked> asked;
    for (int i = 0; i < 100; ++i) asked.push_back(ask());
    EXPECT_TRUE(eventually([&] { return database.snapshots > before; }));
    for (const auto& one : asked) EXPECT_EQ(*one.status, 0) << "it waits";
    database.hold(false);
    for (const auto& one : asked) EXPECT_EQ(one.wait(), 200);
    EXPECT_EQ(database.snapshots, before + 1);
}

TEST_F(SharedGate, looks_a_busy_credential_up_ahead_of_time_and_lets_nobody_wait_for_it) {
    EXPECT_EQ(ask().wait(), 200);
    revoke(*elsewhere);
    pass(milliseconds(600));
    auto before = database.snapshots.load();
    database.hold(true);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(*ask().status, 200) << "answered at once";
    EXPECT_TRUE(eventually([&] { return database.snapshots > before; }));
    database.hold(false);
    EXPECT_TRUE(eventually([&] { return ask().wait() == 401; })) << "what it found counts";
}

TEST_F(SharedGate, lets_nobody_pass_with_503_when_the_database_is_away_for_longer) {
    EXPECT_EQ(ask().wait(), 200);
    database.away = true;
    pass(milliseconds(999));
    EXPECT_EQ(ask().wait(), 200);
    pass(milliseconds(1));
    EXPECT_EQ(ask().wait(), 503);
    database.away = false;
    EXPECT_EQ(ask().wait(), 200);
}

TEST_F(SharedGate, answers_nobody_from_a_look_up_that_began_before_a_commit_of_this_instance) {
    auto before = database.snapshots.load();
    database.hold(true);
    auto early = ask();
    EXPECT_TRUE(eventually([&] { return database.snapshots > before; }));
    revoke(*committer);
    auto late = ask();
    EXPECT_TRUE(eventually([&] { return database.snapshots == before + 2; }));
    database.hold(false);
    EXPECT_EQ(late.wait(), 401);
    early.wait();
    EXPECT_EQ(ask().wait(), 401) << "what the early one found is not kept";
}

TEST_F(SharedGate, waits_for_no_look_up_that_has_been_under_way_for_longer_than_a_copy_counts) {
    auto before = database.snapshots.load();
    database.hold(true);
    ask();
    EXPECT_TRUE(eventually([&] { return database.snapshots == before + 1; }));
    pass(seconds(1));
    auto late = ask();
    EXPECT_TRUE(eventually([&] { return database.snapshots == before + 2; }));
    database.hold(false);
    EXPECT_EQ(late.wait(), 200);
}

}  // namespace
}  // namespace stateset::identity
