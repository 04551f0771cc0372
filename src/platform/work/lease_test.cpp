#include "platform/work/lease.hpp"

#include "platform/store/store_testing.hpp"

namespace stateset::work {
namespace {

using store_testing::eventually;
using store_testing::Folder;

constexpr Span term = milliseconds(300);

// One instance on a database that several share.
struct Instance {
    Instance(const std::string& file, std::string name, Committer::Options options = {})
        : committer(store::sqlite::open_store(file), std::move(options)),
          reads([file] { return store::sqlite::open_reader(file); },
                std::make_shared<const Cursors>("secret"), {}),
          duties(committer, reads, {.instance = std::move(name), .term = term}),
          duty(duties.duty("test")) {}
    ~Instance() {
        duties.stop();
        reads.stop();
        committer.stop();
    }

    Committer committer;
    ReadPool reads;
    Duties duties;
    Duty duty;
};

class DutiesOfInstances : public ::testing::Test {
  protected:
    Folder folder;
    DutiesOfInstances() {
        store::sqlite::Connection connection(folder.file(), store::sqlite::Access::write);
        store::sqlite::migrate(connection, store::Migrate::apply, embedded::sqlite_migrations);
    }
    // Forgets an instance's lease in the database, as if another had taken it.
    void usurp(Committer& by, std::string owner) {
        by.run(system_actor(no_tenant),
               [&](Tx& tx) { tx.edit(*tx.find<&Lease::name>(std::string("test"))).owner = owner; });
    }
};

TEST_F(DutiesOfInstances, are_held_at_once_when_nobody_else_has_them_and_stay_held) {
    Instance one(folder.file(), "one");
    EXPECT_FALSE(one.duty.held());
    one.duties.start();
    EXPECT_TRUE(one.duty.held());
    auto renewed = [&] {
        return one.committer.run(system_actor(no_tenant), [](Tx& tx) {
            return tx.find<&Lease::name>(std::string("test"))->version > 5;
        });
    };
    EXPECT_TRUE(eventually(renewed));
    EXPECT_TRUE(one.duty.held());
}

TEST_F(DutiesOfInstances, are_held_by_one_only_however_many_start_at_the_same_moment) {
    std::vector<std::unique_ptr<Instance>> instances;
    std::vector<std::jthread> starts;
    for (int i = 0; i < 4; ++i) {
        instances.push_back(std::make_unique<Instance>(folder.file(), std::to_string(i)));
    }
    for (auto& one : instances) starts.emplace_back([&one] { one->duties.start(); });
    starts.clear();
    auto holders = [&] {
        return std::ranges::count_if(instances, [](auto& one) { return one->duty.held(); });
    };
    auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(3 * term.micros);
    while (std::chrono::steady_clock::now() < end) ASSERT_EQ(holders(), 1);
}

TEST_F(DutiesOfInstances, that_are_given_back_are_taken_by_another) {
    Instance two(folder.file(), "two");
    {
        Instance one(folder.file(), "one");
        one.duties.start();
        two.duties.start();
        EXPECT_TRUE(one.duty.held());
        EXPECT_FALSE(two.duty.held());
        one.duties.stop();
        EXPECT_FALSE(one.duty.held());
    }
    EXPECT_TRUE(eventually([&] { return two.duty.held(); }));
}

// Its Committer is gone, so nothing of it is renewed or given back any more.
TEST_F(DutiesOfInstances, of_the_dead_are_taken_over_but_not_before_these_could_have_stopped) {
    auto one = std::make_unique<Instance>(folder.file(), "one");
    one->duties.start();
    Instance two(folder.file(), "two");
    two.duties.start();
    one->committer.stop();
    bool both = false;
    EXPECT_TRUE(eventually([&] {
        both = both || (one->duty.held() && two.duty.held());
        return two.duty.held();
    }));
    EXPECT_FALSE(both);
    EXPECT_FALSE(one->duty.held());
}

TEST_F(DutiesOfInstances, are_taken_over_also_when_the_clock_of_the_dead_was_hours_ahead) {
    Committer::Options ahead{.clock = [] { return system_now() + hours(5); }};
    auto one = std::make_unique<Instance>(folder.file(), "one", ahead);
    one->duties.start();
    Instance two(folder.file(), "two");
    two.duties.start();
    EXPECT_FALSE(two.duty.held());
    one->committer.stop();
    EXPECT_TRUE(eventually([&] { return two.duty.held(); }));
}

TEST_F(DutiesOfInstances, end_within_their_term_when_another_has_the_lease) {
    Instance one(folder.file(), "one");
    one.duties.start();
    EXPECT_TRUE(one.duty.held());
    Committer other(store::sqlite::open_store(folder.file()), {});
    usurp(other, "other");
    EXPECT_TRUE(eventually([&] { return !one.duty.held(); }));
}

TEST_F(DutiesOfInstances, come_with_a_warning_when_the_clock_is_wrong) {
    Committer committer(store::sqlite::open_store(folder.file()), {});
    ReadPool reads([this] { return store::sqlite::open_reader(folder.file()); },
                   std::make_shared<const Cursors>("secret"), {});
    auto warnings_when_off_by = [&](Span skew) {
        std::string said;
        Duties duties(committer, reads,
                      {.instance = "one",
                       .clock = [=] { return system_now() + skew; },
                       .log = [&](std::string_view text) { said = text; }});
        duties.duty("test");
        duties.start();
        duties.stop();
        return said;
    };
    EXPECT_EQ(warnings_when_off_by({}), "");
    EXPECT_NE(warnings_when_off_by(seconds(5)).find("ms ahead of the database's"),
              std::string::npos);
    EXPECT_NE(warnings_when_off_by(seconds(-5)).find("ms behind the database's"),
              std::string::npos);
}

TEST_F(DutiesOfInstances, of_a_sole_process_are_always_held_and_nothing_is_written) {
    Committer committer(store::sqlite::open_store(folder.file()), {});
    ReadPool reads([this] { return store::sqlite::open_reader(folder.file()); },
                   std::make_shared<const Cursors>("secret"), {});
    Duties duties(committer, reads, {.instance = "one", .sole = true, .term = milliseconds(10)});
    auto duty = duties.duty("test");
    duties.start();
    EXPECT_TRUE(duty.held());
    duties.stop();
    EXPECT_TRUE(duty.held());
    EXPECT_EQ(committer.counters().commands, 0u);
}

}  // namespace
}  // namespace stateset::work
