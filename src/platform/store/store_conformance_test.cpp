// What a store must do. One suite, run on every store there is.

#include "platform/store/store_testing.hpp"
#include "platform/store/stored.hpp"

namespace stateset::store {

template struct Stored<store_testing::Shelf>;
template struct Stored<store_testing::Cart>;
template struct Stored<store_testing::Line>;

namespace {

using namespace store_testing;

struct Sort {
    virtual ~Sort() = default;
    virtual std::unique_ptr<Store> open() = 0;  // again: the same data, as after a restart
    virtual bool knows_checks() const = 0;      // and foreign keys
};

struct OnDisk final : Sort {
    OnDisk() { make_database(folder.file()); }
    std::unique_ptr<Store> open() override { return sqlite::open_store(folder.file()); }
    bool knows_checks() const override { return true; }
    Folder folder;
};

struct OnServer final : Sort {
    std::unique_ptr<Store> open() override { return postgres::open_store({.url = database.url()}); }
    bool knows_checks() const override { return true; }
    PostgresDatabase database;
};

struct InMemory final : Sort {
    std::unique_ptr<Store> open() override { return std::make_unique<MemoryStore>(); }
    bool knows_checks() const override { return false; }
};

class AnyStore : public ::testing::TestWithParam<std::string_view> {
  protected:
    void SetUp() override {
        if (GetParam() == "sqlite") {
            kind = std::make_unique<OnDisk>();
        } else if (GetParam() == "postgres") {
            if (!PostgresDatabase::available()) GTEST_SKIP() << PostgresDatabase::how;
            kind = std::make_unique<OnServer>();
        } else {
            kind = std::make_unique<InMemory>();
        }
        store = kind->open();
    }

    template <class T>
    static Written written(const T& entity, Tenant tenant = here) {
        return {tenant, to_row(entity)};
    }
    static Cart cart(std::uint64_t number) {
        return {.id = uuid(number), .version = 1, .number = "C" + std::to_string(number)};
    }
    static Line line(std::uint64_t number, std::uint64_t parent, std::string sku) {
        return {.id = uuid(number),
                .cart_id = uuid(parent),
                .version = 1,
                .sku = std::move(sku),
                .quantity = Quantity::of(1)};
    }
    void commit(std::vector<TableChanges> changes, Uuid batch = uuid(999)) {
        store->begin();
        try {
            store->write(changes);
            store->commit(batch);
        } catch (...) {
            store->rollback();
            throw;
        }
    }
    template <class T>
    void add(std::vector<T> entities, Tenant tenant = here) {
        TableChanges changes{.table = &info<T>(), .added = {}, .changed = {}, .removed = {}};
        for (const auto& entity : entities) changes.added.push_back(written(entity, tenant));
        commit({changes});
    }
    template <class T>
    std::vector<T> load(std::vector<Want> wants) {
        std::vector<T> found;
        store->begin();
        try {
            store->load(
                wants, [&](const Want&, Row row) { found.push_back(from_row<T>(row)); },
                [](const Want&) {});
        } catch (...) {
            store->rollback();
            throw;
        }
        store->rollback();
        return found;
    }
    template <class T>
    static Want by_id(Value id, Tenant tenant = here) {
        return {Want::By::id, &info<T>(), 0, tenant, {std::move(id)}, true};
    }
    static Want by_number(std::string number, Tenant tenant = here) {
        return {Want::By::unique, &info<Cart>(), 0, tenant, {std::move(number)}, true};
    }
    static Want lines_of(std::uint64_t parent, Tenant tenant = here) {
        return {Want::By::parent, &info<Line>(), 0, tenant, {uuid(parent)}, true};
    }
    // "unique", "constraint", or "none".
    template <class F>
    static std::string conflict_of(F&& work) {
        try {
            work();
        } catch (const Conflict& conflict) {
            return conflict.unique ? "unique" : "constraint";
        }
        return "none";
    }

    std::unique_ptr<Sort> kind;  // outlives what works on it
    std::unique_ptr<Store> store;
};

TEST_P(AnyStore, a_row_is_found_by_its_id_and_by_its_unique_key) {
    add<Cart>({cart(1), cart(2)});
    EXPECT_EQ(load<Cart>({by_id<Cart>(uuid(2))}), std::vector{cart(2)});
    EXPECT_EQ(load<Cart>({by_number("C1")}), std::vector{cart(1)});
    EXPECT_EQ(load<Cart>({by_id<Cart>(uuid(1)), by_number("C2")}), (std::vector{cart(1), cart(2)}));
}

TEST_P(AnyStore, what_is_absent_is_not_found) {
    add<Cart>({cart(1)});
    EXPECT_TRUE(load<Cart>({by_id<Cart>(uuid(2)), by_number("C2"), by_number("c1")}).empty());
    EXPECT_TRUE(load<Line>({lines_of(1), lines_of(2)}).empty());
}

TEST_P(AnyStore, a_composite_unique_key_is_asked_for_with_all_its_values) {
    add<Cart>({cart(1), cart(2)});
    add<Line>({line(11, 1, "MUG"), line(12, 2, "MUG")});
    Want want{Want::By::unique, &info<Line>(), 0, here, {uuid(2), std::string("MUG")}, true};
    EXPECT_EQ(load<Line>({want}), std::vector{line(12, 2, "MUG")});
}

TEST_P(AnyStore, children_come_complete_and_in_the_order_of_their_ids) {
    add<Cart>({cart(1), cart(2)});
    add<Line>({line(13, 1, "C"), line(11, 1, "B"), line(12, 1, "A"), line(14, 2, "A")});
    EXPECT_EQ(load<Line>({lines_of(1)}),
              (std::vector{line(11, 1, "B"), line(12, 1, "A"), line(13, 1, "C")}));
}

TEST_P(AnyStore, each_row_is_handed_over_with_the_want_it_answers) {
    add<Cart>({cart(1), cart(2)});
    add<Line>({line(11, 1, "A"), line(12, 2, "A"), line(13, 2, "B")});
    std::vector<Want> wants{lines_of(1), lines_of(2)};
    std::vector<int> rows(2);
    store->begin();
    store->load(
        wants,
        [&](const Want& want, Row row) {
            auto place = static_cast<std::size_t>(&want - wants.data());
            EXPECT_EQ(from_row<Line>(row).cart_id, CartId(uuid(place + 1)));
            ++rows[place];
        },
        [](const Want&) {});
    store->rollback();
    EXPECT_EQ(rows, (std::vector{1, 2}));
}

TEST_P(AnyStore, tenants_never_see_or_change_each_others_rows) {
    auto mine = cart(1), theirs = cart(1);
    theirs.balance = 7;
    add<Cart>({mine}, here);
    add<Cart>({theirs}, elsewhere);  // the same id and the same unique key
    add<Line>({line(11, 1, "MINE")}, here);
    EXPECT_EQ(load<Cart>({by_id<Cart>(uuid(1), here)}), std::vector{mine});
    EXPECT_EQ(load<Cart>({by_number("C1", elsewhere)}), std::vector{theirs});
    EXPECT_TRUE(load<Line>({lines_of(1, elsewhere)}).empty());

    mine.balance = 5;
    commit({{&info<Cart>(), {}, {written(mine)}, {}}});
    EXPECT_EQ(load<Cart>({by_id<Cart>(uuid(1), elsewhere)}), std::vector{theirs});
    commit({{&info<Cart>(), {}, {}, {{elsewhere, uuid(1)}}}});
    EXPECT_EQ(load<Cart>({by_id<Cart>(uuid(1), here)}), std::vector{mine});
    EXPECT_TRUE(load<Cart>({by_id<Cart>(uuid(1), elsewhere)}).empty());
}

TEST_P(AnyStore, every_kind_of_column_comes_back_as_it_went_in) {
    auto euro = currency_from("EUR").value();
    Stop stop{.city = "Zürich \"quoted\"\n",
              .fee = Money{-1999, euro},
              .notes = {"", "b\\"},
              .labels = {{"", "empty"}, {"k", "v"}}};
    Shelf full{.id = ShelfId(-5),
               .open = true,
               .count = std::numeric_limits<std::int64_t>::min(),
               .mood = Mood::void_,
               .name = "tab\tand 🦄",
               .label = {"label"},
               .token = {~std::uint64_t{0}, 1},
               .price = {std::numeric_limits<std::int64_t>::max(), euro},
               .discount = Money{-1, euro},
               .currency = euro,
               .stock = {-12'345},
               .seen_at = {-1},
               .opened_on = {-719'528},
               .remark = "",
               .closed_at = Time{1'789'000'000'123'456},
               .cart_id = CartId(uuid(7)),
               .stop = stop,
               .next_stop = Stop{},
               .stops = {stop, {}},
               .metadata = {{"a", "1"}},
               .free = {R"({"any":[1,2.50,null]})"},
               .secret = {"hush"}};
    Shelf bare{.id = ShelfId(6)};
    add<Shelf>({full, bare});
    EXPECT_EQ(load<Shelf>({by_id<Shelf>(std::int64_t{-5})}), std::vector{full});
    EXPECT_EQ(load<Shelf>({by_id<Shelf>(std::int64_t{6})}), std::vector{bare});

    bare.remark = "now", full.remark.reset(), full.next_stop.reset(), full.discount.reset();
    commit({{&info<Shelf>(), {}, {written(full), written(bare)}, {}}});
    EXPECT_EQ(load<Shelf>({by_id<Shelf>(std::int64_t{-5}), by_id<Shelf>(std::int64_t{6})}),
              (std::vector{full, bare}));
}

TEST_P(AnyStore, adds_parents_before_children_and_removes_children_before_parents) {
    commit({{&info<Cart>(), {written(cart(1))}, {}, {}},
            {&info<Line>(), {written(line(11, 1, "A")), written(line(12, 1, "B"))}, {}, {}}});
    EXPECT_EQ(load<Line>({lines_of(1)}).size(), 2u);
    commit({{&info<Cart>(), {}, {}, {{here, uuid(1)}}},
            {&info<Line>(), {}, {}, {{here, uuid(11)}, {here, uuid(12)}}}});
    EXPECT_TRUE(load<Cart>({by_id<Cart>(uuid(1))}).empty());
    EXPECT_TRUE(load<Line>({lines_of(1)}).empty());
}

TEST_P(AnyStore, a_child_may_move_to_a_parent_added_in_the_same_batch_while_its_old_one_goes) {
    add<Cart>({cart(1)});
    add<Line>({line(11, 1, "A")});
    commit({{&info<Cart>(), {written(cart(2))}, {}, {{here, uuid(1)}}},
            {&info<Line>(), {}, {written(line(11, 2, "A"))}, {}}});
    EXPECT_EQ(load<Line>({lines_of(2)}), std::vector{line(11, 2, "A")});
    EXPECT_TRUE(load<Cart>({by_id<Cart>(uuid(1))}).empty());
}

TEST_P(AnyStore, rows_of_one_batch_may_swap_hand_on_and_take_over_unique_keys) {
    add<Cart>({cart(1), cart(2), cart(3), cart(4), cart(5)});
    auto one = cart(1), two = cart(2), three = cart(3), four = cart(4), six = cart(6);
    std::swap(one.number, two.number);  // a swap
    three.number = "C4";                // a chain
    four.number = "C9";
    six.number = "C5";  // that of a removed row
    commit({{&info<Cart>(),
             {written(six)},
             {written(one), written(two), written(three), written(four)},
             {{here, uuid(5)}}}});
    EXPECT_EQ(load<Cart>({by_number("C1"), by_number("C2"), by_number("C4"), by_number("C5"),
                          by_number("C9")}),
              (std::vector{two, one, three, six, four}));
    EXPECT_TRUE(load<Cart>({by_number("C3")}).empty());
}

TEST_P(AnyStore, parents_that_swap_their_keys_keep_their_children) {
    add<Cart>({cart(1), cart(2)});
    add<Line>({line(11, 1, "A")});
    auto one = cart(1), two = cart(2);
    std::swap(one.number, two.number);
    commit({{&info<Cart>(), {}, {written(one), written(two)}, {}}});
    EXPECT_EQ(load<Line>({lines_of(1)}), std::vector{line(11, 1, "A")});
}

TEST_P(AnyStore, a_rollback_leaves_nothing) {
    add<Cart>({cart(1)});
    auto changed = cart(1);
    changed.balance = 9;
    store->begin();
    store->write(
        std::vector<TableChanges>{{&info<Cart>(), {written(cart(2))}, {written(changed)}, {}}});
    store->rollback();
    EXPECT_EQ(load<Cart>({by_id<Cart>(uuid(1)), by_id<Cart>(uuid(2))}), std::vector{cart(1)});
    EXPECT_FALSE(store->committed(uuid(1)));
}

TEST_P(AnyStore, a_second_row_with_a_unique_key_or_an_id_is_a_conflict_and_nothing_is_written) {
    add<Cart>({cart(1)});
    auto double_number = cart(2), double_id = cart(1);
    double_number.number = "C1";
    double_id.number = "C3";
    EXPECT_EQ(conflict_of([&] { add<Cart>({cart(5), double_number}); }), "unique");
    EXPECT_EQ(conflict_of([&] { add<Cart>({cart(5), double_id}); }), "unique");
    add<Cart>({cart(4)});
    auto renamed = cart(4);
    renamed.number = "C1";
    EXPECT_EQ(conflict_of([&] { commit({{&info<Cart>(), {}, {written(renamed)}, {}}}); }),
              "unique");
    EXPECT_EQ(load<Cart>({by_number("C1"), by_id<Cart>(uuid(4)), by_id<Cart>(uuid(5))}),
              (std::vector{cart(1), cart(4)}));
}

TEST_P(AnyStore, absent_values_never_collide_in_a_unique_key) {
    add<Cart>({cart(1), cart(2)});  // both without a nickname
    auto three = cart(3), four = cart(4);
    three.nickname = four.nickname = "Bo";
    EXPECT_EQ(conflict_of([&] { add<Cart>({three, four}); }), "unique");
}

TEST_P(AnyStore, a_broken_check_or_foreign_key_is_a_conflict_of_another_kind) {
    if (!kind->knows_checks()) GTEST_SKIP() << "a store in memory knows keys only";
    add<Cart>({cart(1)});
    auto none = line(11, 1, "A");
    none.quantity = {};
    EXPECT_EQ(conflict_of([&] { add<Line>({none}); }), "constraint");
    EXPECT_EQ(conflict_of([&] { add<Line>({line(12, 2, "A")}); }), "constraint");
    add<Line>({line(13, 1, "A")});
    EXPECT_EQ(conflict_of([&] { commit({{&info<Cart>(), {}, {}, {{here, uuid(1)}}}}); }),
              "constraint");
    EXPECT_EQ(load<Line>({lines_of(1)}), std::vector{line(13, 1, "A")});
}

TEST_P(AnyStore, a_check_says_what_the_commit_would_and_commits_nothing) {
    if (!kind->knows_checks()) return;
    auto checked = [&](std::vector<TableChanges> changes) {
        store->begin();
        auto conflict = conflict_of([&] {
            store->write(changes);
            store->check();
        });
        store->rollback();
        return conflict;
    };
    TableChanges carts{&info<Cart>(), {written(cart(1))}, {}, {}};
    TableChanges lines{&info<Line>(), {written(line(11, 1, "A"))}, {}, {}};
    EXPECT_EQ(checked({lines}), "constraint") << "there is no such cart";
    EXPECT_EQ(checked({carts, lines}), "none");
    EXPECT_EQ(checked({carts}), "none") << "nothing was committed";
    auto poor = cart(2);
    poor.balance = -1'000'001;
    EXPECT_EQ(checked({{&info<Cart>(), {written(poor)}, {}, {}}}), "constraint");
    EXPECT_TRUE(load<Cart>({by_id<Cart>(uuid(1)), by_id<Cart>(uuid(2))}).empty());
    commit({carts, lines});
    EXPECT_EQ(checked({{&info<Cart>(), {}, {}, {{here, uuid(1)}}}}), "constraint");
}

TEST_P(AnyStore, a_changed_row_that_is_gone_asks_for_another_try) {
    EXPECT_THROW(commit({{&info<Cart>(), {}, {written(cart(1))}, {}}}), Transient);
}

TEST_P(AnyStore, the_last_batch_can_be_asked_for) {
    EXPECT_FALSE(store->committed(uuid(1)));
    commit({{&info<Cart>(), {written(cart(1))}, {}, {}}}, uuid(1));
    EXPECT_TRUE(store->committed(uuid(1)));
    EXPECT_FALSE(store->committed(uuid(2)));
    commit({{&info<Cart>(), {written(cart(2))}, {}, {}}}, uuid(2));
    EXPECT_TRUE(store->committed(uuid(2)));
}

TEST_P(AnyStore, numbers_are_leased_once_also_after_reopening) {
    EXPECT_EQ(store->lease_numbers(here, "order", 1001, 10), 1001);
    EXPECT_EQ(store->lease_numbers(here, "order", 1001, 5), 1011);
    EXPECT_EQ(store->lease_numbers(elsewhere, "order", 1001, 5), 1001);
    EXPECT_EQ(store->lease_numbers(here, "return", 1, 5), 1);
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(store->lease_numbers(here, "order", 1001, 0), 1016) << "a look takes none";
        EXPECT_EQ(store->lease_numbers(here, "other", 7, 0), 7);
    }
    if (GetParam() == "memory") return;  // its data ends with it
    store.reset();
    store = kind->open();
    EXPECT_EQ(store->lease_numbers(here, "order", 1001, 1), 1016);
}

TEST_P(AnyStore, more_than_ten_thousand_children_are_refused) {
    add<Cart>({cart(1)});
    std::vector<Line> lines;
    for (std::uint64_t i = 0; i < 10'000; ++i) {
        lines.push_back(line(100 + i, 1, "S" + std::to_string(i)));
    }
    add<Line>(lines);
    EXPECT_EQ(load<Line>({lines_of(1)}).size(), 10'000u);
    add<Line>({line(50, 1, "ONE MORE")});
    EXPECT_THROW(load<Line>({lines_of(1)}), std::length_error);
    EXPECT_EQ(load<Line>({by_id<Line>(uuid(50))}).size(), 1u) << "the store must go on";
}

TEST_P(AnyStore, statements_are_counted) {
    auto before = store->statements();
    add<Cart>({cart(1)});
    EXPECT_GT(store->statements(), before);
}

INSTANTIATE_TEST_SUITE_P(Stores, AnyStore, ::testing::Values("sqlite", "memory"),
                         [](auto& param) { return std::string(param.param); });

INSTANTIATE_TEST_SUITE_P(Postgres, AnyStore, ::testing::Values("postgres"),
                         [](auto& param) { return std::string(param.param); });

TEST(SqliteStore, every_commit_is_there_after_reopening) {
    Folder folder;
    make_database(folder.file());
    auto store = sqlite::open_store(folder.file());
    Cart cart{.id = uuid(1), .version = 1, .number = "C1"};
    store->begin();
    store->write(std::vector<TableChanges>{{&info<Cart>(), {{here, to_row(cart)}}, {}, {}}});
    store->commit(uuid(5));
    store.reset();
    store = sqlite::open_store(folder.file());
    EXPECT_TRUE(store->committed(uuid(5)));
}

TEST(SqliteConnection, it_is_set_up_for_durability_and_says_so) {
    Folder folder;
    sqlite::Connection writer(folder.file(), sqlite::Access::write);
    sqlite::Connection reader(folder.file(), sqlite::Access::read);
    auto setting = [](sqlite::Connection& connection, std::string name) {
        auto& asked = connection.prepared("pragma " + name);
        asked.step();
        auto value = asked.column(0);
        asked.reset();
        auto* text = std::get_if<std::string>(&value);
        return text ? *text : std::to_string(std::get<std::int64_t>(value));
    };
    EXPECT_EQ(setting(writer, "journal_mode"), "wal");
    EXPECT_EQ(setting(writer, "synchronous"), "2");
    EXPECT_EQ(setting(writer, "foreign_keys"), "1");
    EXPECT_EQ(setting(writer, "wal_autocheckpoint"), "0");
    EXPECT_EQ(setting(writer, "busy_timeout"), "5000");
    EXPECT_EQ(setting(reader, "query_only"), "1");
    EXPECT_EQ(setting(reader, "foreign_keys"), "1");
    EXPECT_THROW(reader.run("create table t (a)"), Unavailable);
}

TEST(SqliteConnection, what_cannot_be_opened_is_unavailable_and_named) {
    Folder folder;
    for (auto access : {sqlite::Access::write, sqlite::Access::read}) {
        try {
            sqlite::Connection connection(folder.path() + "/absent/x.db", access);
            ADD_FAILURE() << "opened";
        } catch (const Unavailable& failure) {
            EXPECT_NE(std::string(failure.what()).find("/absent/x.db"), std::string::npos);
        }
    }
    std::ofstream(folder.file()) << std::string(5000, 'x');
    EXPECT_THROW(sqlite::Connection(folder.file(), sqlite::Access::write), Unavailable);
    std::filesystem::remove(folder.file());
    std::filesystem::create_directory(folder.file());
    EXPECT_THROW(sqlite::Connection(folder.file(), sqlite::Access::write), Unavailable);
}

TEST(SqliteConnection, a_full_disk_is_unavailable_and_leaves_nothing) {
    Folder folder;
    sqlite::Connection connection(folder.file(), sqlite::Access::write);
    connection.run("pragma max_page_count = 20");
    connection.run("create table big (a text)");
    connection.run("begin immediate");
    auto fill = [&] {
        for (int i = 0; i < 1000; ++i)
            connection.run("insert into big values (hex(zeroblob(900)))");
    };
    EXPECT_THROW(fill(), Unavailable);
    try {
        connection.run("rollback");
    } catch (const std::exception&) {
        // Rolled back already.
    }
    auto& count = connection.prepared("select count(*) from big");
    ASSERT_TRUE(count.step());
    EXPECT_EQ(count.column(0), Value(std::int64_t{0}));
    count.reset();
}

}  // namespace
}  // namespace stateset::store
