// How a data file comes to its newest shape, and when a binary refuses to touch it.

#include "platform/store/store_testing.hpp"

namespace stateset::store::sqlite {
namespace {

using namespace store_testing;
using embedded::Migration;
using Names = std::vector<std::string>;

constexpr Migration one{1, "0001_one", "create table one (a integer); insert into one values (7);"};
constexpr Migration two{2, "0002_two", "create table two (a integer);"};
constexpr Migration broken{
    3, "0003_broken", "create table three (a); delete from one; insert into absent values (1)"};

class Migrations : public ::testing::Test {
  protected:
    MigrationReport migrate(std::vector<Migration> known, Migrate how = Migrate::apply) {
        return sqlite::migrate(connection, how, known);
    }
    std::string refusal_of(std::vector<Migration> known) {
        try {
            migrate(std::move(known));
        } catch (const std::exception& failure) {
            return failure.what();
        }
        return "none";
    }
    std::int64_t number(const std::string& sql) {
        auto& asked = connection.prepared(sql);
        asked.step();
        auto value = std::get<std::int64_t>(asked.column(0));
        asked.reset();
        return value;
    }
    bool has_table(const std::string& name) {
        return number("select count(*) from sqlite_schema where name = '" + name + "'") == 1;
    }

    Folder folder;
    Connection connection{folder.file(), Access::write};
};

TEST_F(Migrations, each_is_applied_once_and_in_order) {
    EXPECT_EQ(migrate({one}).applied, (Names{"0001_one"}));
    EXPECT_EQ(migrate({one, two}).applied, (Names{"0002_two"}));
    EXPECT_TRUE(migrate({one, two}).applied.empty());
    EXPECT_EQ(number("select count(*) from one"), 1);
    EXPECT_TRUE(has_table("two"));
}

TEST_F(Migrations, they_stay_applied_in_the_file) {
    migrate({one});
    Connection again(folder.file(), Access::write);
    EXPECT_TRUE(sqlite::migrate(again, Migrate::apply, std::vector{one}).applied.empty());
}

TEST_F(Migrations, checking_tells_what_is_pending_and_applies_nothing) {
    migrate({one});
    auto report = migrate({one, two}, Migrate::check_only);
    EXPECT_EQ(report.pending, (Names{"0002_two"}));
    EXPECT_TRUE(report.applied.empty());
    EXPECT_FALSE(has_table("two"));
}

TEST_F(Migrations, one_that_changed_since_it_was_applied_is_refused) {
    migrate({one});
    auto changed = one;
    changed.text = "create table one (a text);";
    EXPECT_NE(refusal_of({changed, two}).find("0001_one has changed"), std::string::npos);
    EXPECT_FALSE(has_table("two")) << "nothing is applied on doubtful ground";
}

TEST_F(Migrations, data_of_a_newer_binary_is_refused_before_anything_is_applied) {
    Migration newer{9, "0009_newer", "create table nine (a);"};
    migrate({one, newer});
    EXPECT_NE(refusal_of({one, two}).find("newer version (migration 0009_newer)"),
              std::string::npos);
    EXPECT_FALSE(has_table("two"));
}

TEST_F(Migrations, a_failing_one_leaves_nothing_and_those_before_it_stay) {
    EXPECT_NE(refusal_of({one, two, broken}), "none");
    EXPECT_TRUE(has_table("two"));
    EXPECT_FALSE(has_table("three"));
    EXPECT_EQ(number("select count(*) from one"), 1);
    auto mended = broken;
    mended.text = "create table three (a);";
    EXPECT_EQ(migrate({one, two, mended}).applied, (Names{"0003_broken"}));
}

TEST_F(Migrations, the_binarys_own_apply_to_an_empty_file_and_to_themselves) {
    EXPECT_EQ(sqlite::migrate(connection, Migrate::apply).applied.size(),
              embedded::sqlite_migrations.size());
    EXPECT_TRUE(sqlite::migrate(connection, Migrate::apply).applied.empty());
    std::int64_t last = 0;
    for (const auto& migration : embedded::sqlite_migrations) {
        EXPECT_GT(migration.version, last) << migration.name << ": numbers must be unique";
        last = migration.version;
    }
}

}  // namespace
}  // namespace stateset::store::sqlite
