#include "platform/store/postgres_copy.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "platform/store/folder_lock.hpp"
#include "platform/store/store_testing.hpp"

namespace stateset::store::postgres {
namespace {

using store_testing::Folder;
using store_testing::PostgresDatabase;

// A folder whose data has a value of every kind, and an empty database.
class PostgresCopy : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!PostgresDatabase::available()) GTEST_SKIP() << PostgresDatabase::how;
        database.emplace();
        auto file = folder.path() + "/stateset.db";
        store_testing::make_database(file);
        sqlite::Connection connection(file, sqlite::Access::write);
        sqlite::migrate(connection, Migrate::apply);
        connection.run(R"(
insert into shelves values
    (1, 7, 1, -3, 'calm', 'Größe', 'x', x'0198c9f26b7a7c319d0e3f5a8b1c2d4e', 4999, null, 'USD',
     25000, 1795428930123456, 20414, null, 1795428930000000, null, '{"at":"a"}', null, '[]',
     '{"k":"v"}', '{ "kept" : "as sent" }', 'sealed');
insert into shelves select tenant, id + 1, 0, count, mood, name, label, token, price, 5, currency,
    stock, seen_at, opened_on, 'a remark', null, token, stop, stop, stops, metadata, free, secret
    from shelves;
insert into events (position, tenant, id, type, sequence, aggregate_type, aggregate_id, order_id,
    data, actor, request_id, occurred_at)
    values (41, 1, x'0198c9f26b7a7c319d0e3f5a8b1c2d4f', 'a.b', 1, 'a', '7', null, '{"b": 1}',
    'system', 'r', 1795428930000000))");
    }

    std::string shown(Connection& to, const std::string& sql) {
        auto rows = to.ask("select cast((" + sql + ") as text)");
        return std::get<std::string>(rows.at(0).at(0));
    }

    Folder folder;
    std::optional<PostgresDatabase> database;
};

TEST_F(PostgresCopy, keeps_every_kind_of_value_as_it_was) {
    std::int64_t rows = 0, all = -1;
    auto copied =
        copy_folder(folder.path(), database->url(), [&](std::int64_t done, std::int64_t of) {
            EXPECT_GE(done, rows);
            rows = done;
            all = of;
        });
    EXPECT_GT(rows, 0);
    EXPECT_EQ(rows, all) << "at the end it is known to be the end";
    auto shelves = std::ranges::find(copied, "shelves", &Copied::table);
    ASSERT_NE(shelves, copied.end());
    EXPECT_EQ(shelves->rows, 2);
    auto to = database->connect();
    EXPECT_EQ(shown(to, "select s from shelves s where id = 7"),
              "(1,7,t,-3,calm,Größe,x,0198c9f2-6b7a-7c31-9d0e-3f5a8b1c2d4e,4999,,USD,25000,"
              "\"2026-11-23 10:15:30.123456+00\",2025-11-22,,\"2026-11-23 10:15:30+00\",,"
              "\"{\"\"at\"\": \"\"a\"\"}\",,[],\"{\"\"k\"\": \"\"v\"\"}\","
              "\"{ \"\"kept\"\" : \"\"as sent\"\" }\",sealed)");
    EXPECT_EQ(shown(to,
                    "select count(*) from shelves where not open and remark = 'a remark' "
                    "and discount = 5 and closed_at is null and cart_id = token"),
              "1");
}

TEST_F(PostgresCopy, goes_on_behind_the_end_of_the_log) {
    copy_folder(folder.path(), database->url());
    auto to = database->connect();
    EXPECT_EQ(shown(to, "select position from events"), "41");
    EXPECT_EQ(shown(to, "select base from log_epoch"), "1048576");
    EXPECT_EQ(shown(to, "select log_horizon() > 41"), "true");
}

TEST_F(PostgresCopy, is_refused_where_there_is_something_already) {
    copy_folder(folder.path(), database->url());
    try {
        copy_folder(folder.path(), database->url());
        FAIL() << "it copied twice";
    } catch (const std::runtime_error& refused) {
        EXPECT_NE(std::string(refused.what()).find("is not empty"), std::string::npos)
            << refused.what();
    }
    auto to = database->connect();
    EXPECT_EQ(shown(to, "select count(*) from shelves"), "2");
}

TEST_F(PostgresCopy, is_refused_while_somebody_uses_the_folder_or_nothing_is_in_it) {
    {
        FolderLock somebody(folder.path());
        EXPECT_THROW(copy_folder(folder.path(), database->url()), std::runtime_error);
    }
    Folder empty;
    EXPECT_THROW(copy_folder(empty.path(), database->url()), std::runtime_error);
}

TEST_F(PostgresCopy, copies_nothing_when_something_cannot_be_copied) {
    sqlite::Connection(folder.path() + "/stateset.db", sqlite::Access::write)
        .run("update shelves set metadata = 'no json' where id = 8");
    EXPECT_THROW(copy_folder(folder.path(), database->url()), std::exception);
    auto to = database->connect();
    EXPECT_EQ(shown(to, "select count(*) from shelves"), "0");
    EXPECT_EQ(shown(to, "select count(*) from events"), "0");
}

}  // namespace
}  // namespace stateset::store::postgres
