// Copies: used while they count, never after their thing has changed, and read once by many.

#include "platform/cache/copies.hpp"

#include <gtest/gtest.h>

#include "platform/store/table.hpp"

namespace stateset::cache {
namespace {

const store::TableInfo things{
    .name = "things", .noun = "thing", .columns = {{"id", store::Kind::uuid}}};
constexpr Key key{"things", 1, {7, 7}};
constexpr Key other{"things", 1, {7, 8}};

// What a caller got.
struct Caller {
    std::string body;
    Copies::Ticket ticket;
    bool reads = false;
    void get(Copies& copies, const Key& which) {
        copies.get(
            which, [this](const Copies::Copy& copy) { body = copy->body; },
            [this](Copies::Ticket given) {
                reads = true;
                ticket = std::move(given);
            });
    }
};

std::vector<store::TableChanges> change(const Key& of) {
    return {{.table = &things, .added = {}, .changed = {{of.tenant, {of.id}}}, .removed = {}}};
}

struct Alone {
    Alone() { copies.keep("things"); }
    void fill(const Key& which, std::string body) {
        Caller caller;
        caller.get(copies, which);
        copies.land(caller.ticket, {.body = std::move(body)});
    }
    Copies copies{Copies::Options{}};
};

TEST(Copies, a_second_caller_gets_the_copy_of_the_first) {
    Alone alone;
    alone.fill(key, "one");
    Caller second;
    second.get(alone.copies, key);
    EXPECT_EQ(second.body, "one");
    EXPECT_FALSE(second.reads);
}

TEST(Copies, a_changed_thing_is_read_again_and_another_is_not) {
    Alone alone;
    alone.fill(key, "one");
    alone.fill(other, "two");
    alone.copies.committed(change(key));
    Caller caller, neighbour;
    caller.get(alone.copies, key);
    neighbour.get(alone.copies, other);
    EXPECT_TRUE(caller.reads);
    EXPECT_EQ(neighbour.body, "two");
}

TEST(Copies, things_of_other_tenants_and_tables_are_others) {
    Alone alone;
    alone.fill(key, "one");
    Caller tenant, table;
    tenant.get(alone.copies, {"things", 2, key.id});
    table.get(alone.copies, {"other_things", 1, key.id});
    EXPECT_TRUE(tenant.reads);
    EXPECT_TRUE(table.reads);
}

TEST(Copies, a_read_during_which_its_thing_changed_is_not_kept) {
    Alone alone;
    Caller reader, later;
    reader.get(alone.copies, key);
    alone.copies.committed(change(key));
    alone.copies.land(reader.ticket, {.body = "old"});
    later.get(alone.copies, key);
    EXPECT_TRUE(later.reads);
}

TEST(Copies, callers_that_come_together_wait_for_one_read) {
    Alone alone;
    Caller first, second, third;
    first.get(alone.copies, key);
    second.get(alone.copies, key);
    third.get(alone.copies, key);
    EXPECT_FALSE(second.reads || third.reads);
    alone.copies.land(first.ticket, {.body = "one"});
    EXPECT_EQ(second.body, "one");
    EXPECT_EQ(third.body, "one");
}

TEST(Copies, who_comes_after_a_change_does_not_wait_for_a_read_from_before_it) {
    Alone alone;
    Caller before, joined, after;
    before.get(alone.copies, key);
    joined.get(alone.copies, key);
    alone.copies.committed(change(key));
    after.get(alone.copies, key);
    EXPECT_TRUE(after.reads);
    alone.copies.land(before.ticket, {.body = "old"});
    EXPECT_EQ(joined.body, "") << "what it waited for is out of date; it waits for the newer read";
    alone.copies.land(after.ticket, {.body = "new"});
    EXPECT_EQ(joined.body, "new");
}

TEST(Copies, after_a_failed_read_those_who_waited_read_for_themselves) {
    Alone alone;
    Caller first, second;
    first.get(alone.copies, key);
    second.get(alone.copies, key);
    alone.copies.fail(first.ticket);
    EXPECT_TRUE(second.reads);
}

TEST(Copies, they_hold_no_more_bytes_than_they_may) {
    Copies copies({.most_bytes = 16'000, .shared = nullptr});
    for (std::uint64_t i = 0; i < 1000; ++i) {
        Caller caller;
        caller.get(copies, {"things", 1, {1, i}});
        copies.land(caller.ticket, {.body = std::string(500, 'x')});
    }
    std::size_t kept = 0;
    for (std::uint64_t i = 0; i < 1000; ++i) {
        Caller caller;
        caller.get(copies, {"things", 1, {1, i}});
        kept += caller.reads ? 0 : 1;
        copies.fail(caller.ticket);
    }
    EXPECT_LE(kept * 500, 16'000u);
    EXPECT_GT(kept, 0u);
}

TEST(Copies, when_there_is_no_room_the_longest_unused_go) {
    Copies copies({.most_bytes = 16'000, .shared = nullptr});
    auto ask = [&](std::uint64_t which) {
        Caller caller;
        caller.get(copies, {"things", 1, {1, which}});
        if (caller.reads) copies.land(caller.ticket, {.body = std::string(500, 'x')});
        return caller.reads;
    };
    ask(0);
    for (std::uint64_t i = 1; i < 1000; ++i) {
        ask(i);
        EXPECT_FALSE(ask(i)) << "the newest was not kept";
        EXPECT_FALSE(ask(0)) << "what is used all the time was not kept";
    }
}

// ---- several instances

// One who keeps stamps for two instances, and can be away.
class Stamps final : public Freshness {
  public:
    bool bump(const std::vector<std::string>& keys) override {
        for (const auto& one : keys) ++versions_[one];
        return !away;
    }
    void current(std::vector<std::string> keys,
                 std::function<void(std::vector<Stamp>)> done) override {
        std::vector<Stamp> stamps;
        for (const auto& one : keys) {
            auto token = away ? "" : "v" + std::to_string(versions_[one]);
            stamps.push_back({token, Clock::now() + later});
        }
        done(std::move(stamps));
    }
    bool away = false;
    std::chrono::milliseconds later{0};

  private:
    std::map<std::string, int> versions_;
};

struct Two {
    Stamps stamps;
    Copies here{{.shared = &stamps}}, there{{.shared = &stamps}};
    Two() {
        here.keep("things");
        there.keep("things");
        Caller caller;
        caller.get(here, key);
        here.land(caller.ticket, {.body = "one"});
    }
    bool kept() {
        Caller caller;
        caller.get(here, key);
        here.fail(caller.ticket);
        return !caller.reads;
    }
};

TEST(SharedCopies, a_copy_counts_until_another_instance_changes_its_thing) {
    Two two;
    EXPECT_TRUE(two.kept());
    two.there.committed(change(key));
    EXPECT_FALSE(two.kept());
}

TEST(SharedCopies, nothing_is_used_or_kept_while_nobody_can_say_what_counts) {
    Two two;
    two.stamps.away = true;
    EXPECT_FALSE(two.kept());
    Caller caller;
    caller.get(two.here, other);
    EXPECT_TRUE(caller.reads);
    EXPECT_EQ(caller.ticket, nullptr);
}

TEST(SharedCopies, a_copy_ends_with_its_longest_age) {
    Two two;
    two.stamps.later = Freshness::longest_age;
    EXPECT_FALSE(two.kept());
}

}  // namespace
}  // namespace stateset::cache
