// Queries must stay as fast with a hundred thousand rows as with ten: the planner has to use the
// indexes made for them.

#include <sqlite3.h>

#include <filesystem>

#include "platform/store/reads.hpp"
#include "sql.hpp"
#include "support/journey.hpp"

namespace stateset::support {
namespace {

class Plans : public Journey {
  protected:
    void SetUp() override {
        ONLY_ON_SQLITE("the plans of PostgreSQL follow from how much is stored");
        auto file = "file:" + (server.data() / "stateset.db").string() + "?mode=ro";
        ASSERT_EQ(sqlite3_open_v2(file.c_str(), &database_, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI,
                                  nullptr),
                  SQLITE_OK);
    }
    void TearDown() override { sqlite3_close(database_); }

    std::string plan(const std::string& sql) {
        sqlite3_stmt* statement = nullptr;
        std::string text;
        EXPECT_EQ(sqlite3_prepare_v2(database_, ("explain query plan " + sql).c_str(), -1,
                                     &statement, nullptr),
                  SQLITE_OK)
            << sqlite3_errmsg(database_) << " in " << sql;
        while (sqlite3_step(statement) == SQLITE_ROW) {
            text += reinterpret_cast<const char*>(sqlite3_column_text(statement, 3));
            text += "\n";
        }
        sqlite3_finalize(statement);
        return text;
    }

  private:
    sqlite3* database_ = nullptr;
};

TEST_F(Plans, children_are_found_by_their_parent_and_not_by_walking_the_tenant) {
    const std::pair<const char*, const char*> children[] = {{"order_items", "order_id"},
                                                            {"inventory_reservations", "order_id"},
                                                            {"payments", "order_id"},
                                                            {"shipments", "order_id"},
                                                            {"refunds", "payment_id"},
                                                            {"shipment_items", "shipment_id"},
                                                            {"returns", "order_id"},
                                                            {"return_items", "return_id"},
                                                            {"inventory_balances", "item_id"},
                                                            {"inventory_lot_balances", "item_id"},
                                                            {"inventory_serials", "balance_id"},
                                                            {"product_variants", "product_id"},
                                                            {"customer_addresses", "customer_id"}};
    for (const auto& [table, parent] : children) {
        auto used = plan("select * from " + std::string(table) + " where tenant = ? and " + parent +
                         " = ? order by id limit ?");
        EXPECT_NE(used.find(std::string(parent) + "=?"), used.npos) << table << ": " << used;
    }
}

TEST_F(Plans, the_newest_orders_are_read_from_the_end_without_sorting) {
    auto used = plan("select * from orders where tenant = ? order by id desc limit 21");
    EXPECT_EQ(used.find("TEMP B-TREE"), used.npos) << used;
}

// Searches must not walk a million orders: each part of `q` has an index, the notes one of the
// orders that have some.
TEST_F(Plans, orders_are_searched_by_indexes) {
    const store::Parameters searches[] = {
        {{"q", std::string("lovelace")}},
        {{"tag", std::string("gift")}},
        {{"backordered", std::int64_t{1}}},
    };
    for (auto parameters : searches) {
        std::string name(parameters.front().first);
        parameters.emplace_back("tenant", std::int64_t{1});
        parameters.emplace_back("limit", std::int64_t{21});
        for (const auto* sort : {"newest", "oldest"}) {
            auto sorted = parameters;
            sorted.emplace_back("sort", std::string(sort));
            auto used = plan(store::rendered(sql::orders::list.in(sql::Dialect::sqlite), sorted));
            EXPECT_EQ(used.find("SCAN"), used.npos) << name << ": " << used;
            EXPECT_EQ(used.find("PRIMARY KEY (tenant=?)\n"), used.npos) << name << ": " << used;
        }
    }
    const store::Parameters turns{{"most", std::int64_t{200}}};
    auto used = plan(store::rendered(sql::flows::turns.in(sql::Dialect::sqlite), turns));
    EXPECT_NE(used.find("inventory_items_owed"), used.npos) << used;
    EXPECT_NE(used.find("backorders_for"), used.npos) << used;
}

}  // namespace
}  // namespace stateset::support
