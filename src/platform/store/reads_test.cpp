// Named reads: which lines take part, pages that neither skip nor repeat, and what is refused.

#include "platform/store/reads.hpp"

#include "platform/store/store_testing.hpp"

namespace stateset {
namespace {

using namespace store_testing;

struct ListCarts {
    std::optional<std::string> number;
    std::optional<Text<20>> nickname;
    std::optional<std::string> sort;
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
};
struct ById {
    CartId id;
};
struct Nothing {};
struct Small {
    CartId id;
    std::int64_t balance = 0;
};

constexpr sql::Query list_by_id{"carts.list", R"(-- Carts, oldest first.
select * from carts
where tenant = :tenant
  and number = :number      --? number
  and nickname = :nickname  --? nickname
  and id > :after_id        --? after_id
order by id
limit :limit
)"};
constexpr sql::Query list_by_balance{"carts.list_by_balance", R"(-- Carts, poorest first.
select * from carts
where tenant = :tenant
  and (balance, id) > (:after_key, :after_id)  --? after_id
order by balance, id
limit :limit
)"};
constexpr sql::Query by_id{"carts.by_id", R"(-- One cart.
select * from carts where tenant = :tenant and id = :id
)"};

// ---- rendering

TEST(Rendering, a_conditional_line_takes_part_when_its_parameter_is_given) {
    sql::Query query{"q", "-- why\na --? x\nb --? !x\nc --? s=new\nd --? !s=new\ne\n--? never\n"};
    auto lines = [&](store::Parameters given) {
        auto text = store::rendered(query.text, given);
        std::erase_if(text, [](char c) { return c == '\n' || c == ' '; });
        return text;
    };
    EXPECT_EQ(lines({}), "bde");
    EXPECT_EQ(lines({{"x", store::Value{}}}), "bde") << "null is not given";
    EXPECT_EQ(lines({{"x", std::int64_t{0}}}), "ade");
    EXPECT_EQ(lines({{"x", std::string()}}), "ade");
    EXPECT_EQ(lines({{"s", std::string("new")}}), "bce");
    EXPECT_EQ(lines({{"s", std::string("old")}}), "bde");
}

TEST(Rendering, a_line_may_be_for_one_number_only) {
    auto lines = [](store::Value given) {
        return store::rendered("yes --? x=1\nno --? x=0\n", {{"x", std::move(given)}});
    };
    EXPECT_EQ(lines(std::int64_t{1}), "yes \n");
    EXPECT_EQ(lines(std::int64_t{0}), "no \n");
    EXPECT_EQ(lines({}), "");
}

TEST(Rendering, of_several_conditions_all_must_hold) {
    auto lines = [](store::Parameters given) {
        return store::rendered("a --? x --? s=old\nb --? x --? !s=old\n", given);
    };
    store::Value x{std::int64_t{1}}, old{std::string("old")};
    EXPECT_EQ(lines({{"x", x}, {"s", old}}), "a \n");
    EXPECT_EQ(lines({{"x", x}}), "b \n");
    EXPECT_EQ(lines({{"s", old}}), "");
}

TEST(Rendering, blanks_behind_a_condition_do_not_count) {
    sql::Query query{"q", "a --? x  \r\nb\n"};
    EXPECT_EQ(store::rendered(query.text, {{"x", std::int64_t{1}}}), "a \nb\n");
}

// ---- cursors

TEST(Cursor, it_opens_only_for_the_tenant_the_query_and_the_filters_it_was_made_for) {
    Cursors cursors("secret");
    std::vector<store::Value> key{std::string("a\nb|\x01"), uuid(7)};
    auto cursor = cursors.seal(here, "q", "f", key);
    EXPECT_EQ(cursors.open(here, "q", "f", cursor), key);
    auto refused = [&](auto&& open) { return code_of_refusal(open) == "invalid"; };
    EXPECT_TRUE(refused([&] { cursors.open(elsewhere, "q", "f", cursor); }));
    EXPECT_TRUE(refused([&] { cursors.open(here, "other", "f", cursor); }));
    EXPECT_TRUE(refused([&] { cursors.open(here, "q", "g", cursor); }));
    EXPECT_TRUE(refused([&] { Cursors("other").open(here, "q", "f", cursor); }));
    EXPECT_TRUE(refused([&] { cursors.open(here, "q", "f", ""); }));
    EXPECT_TRUE(refused([&] { cursors.open(here, "q", "f", "AAAA"); }));
    EXPECT_TRUE(refused([&] { cursors.open(here, "q", "f", "no base64 url!"); }));
}

TEST(Cursor, no_changed_letter_passes) {
    Cursors cursors("secret");
    auto cursor = cursors.seal(here, "q", "f", {std::int64_t{-5}, uuid(7)});
    for (std::size_t i = 0; i < cursor.size(); ++i) {
        auto changed = cursor;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_EQ(code_of_refusal([&] { cursors.open(here, "q", "f", changed); }), "invalid");
    }
    EXPECT_EQ(code_of_refusal([&] { cursors.open(here, "q", "f", cursor + "A"); }), "invalid");
}

TEST(Cursor, every_kind_of_key_comes_back) {
    Cursors cursors("secret");
    std::vector<store::Value> key{store::Value{},
                                  std::numeric_limits<std::int64_t>::min(),
                                  std::numeric_limits<std::int64_t>::max(),
                                  std::string(),
                                  std::string("Zürich"),
                                  uuid(1)};
    EXPECT_EQ(cursors.open(here, "q", "", cursors.seal(here, "q", "", key)), key);
}

// ---- reading

class Reading : public ::testing::Test {
  protected:
    Reading() {
        make_database(folder.file());
        committer = std::make_unique<Committer>(store::sqlite::open_store(folder.file()),
                                                Committer::Options{});
        pool = open({.threads = 2, .queue_limit = 2048, .log = [this](std::string_view text) {
                         std::scoped_lock lock(mutex);
                         log.emplace_back(text);
                     }});
    }
    std::unique_ptr<ReadPool> open(ReadPool::Options options) {
        return std::make_unique<ReadPool>(
            [this] { return store::sqlite::open_reader(folder.file()); },
            std::make_shared<Cursors>("secret"), std::move(options));
    }
    void add(std::uint64_t number, std::int64_t balance = 0, Tenant tenant = here) {
        committer->run(system_actor(tenant), [&](Tx& tx) {
            tx.add(Cart{.id = uuid(number),
                        .number = "C" + std::to_string(number),
                        .nickname = number % 2 == 0 ? std::optional("even" + std::to_string(number))
                                                    : std::nullopt,
                        .balance = balance});
        });
    }
    template <class F>
    auto read(F&& work, Tenant tenant = here) {
        return pool->run(tenant, std::forward<F>(work));
    }
    Page<Cart> page(ListCarts wanted, Tenant tenant = here) {
        return read([&](Reads& reads) { return reads.page<Cart>(list_by_id, wanted); }, tenant);
    }
    static std::vector<std::uint64_t> numbers(const Page<Cart>& page) {
        std::vector<std::uint64_t> result;
        for (auto& cart : page.data) result.push_back(cart.id.value.low);
        return result;
    }

    Folder folder;
    std::mutex mutex;
    std::vector<std::string> log;
    std::unique_ptr<Committer> committer;
    std::unique_ptr<ReadPool> pool;
};

using Numbers = std::vector<std::uint64_t>;

TEST_F(Reading, one_is_found_by_name_of_its_columns_in_its_tenant_only) {
    add(1, 5);
    auto one = [](Reads& reads) { return reads.one<Cart>(by_id, ById{uuid(1)}); };
    EXPECT_EQ(read(one).balance, 5);
    EXPECT_EQ(read([](Reads& reads) { return reads.one<Small>(by_id, ById{uuid(1)}); }).balance, 5);
    EXPECT_EQ(code_of_refusal([&] { read(one, elsewhere); }), "not_found");
    auto maybe = [](Reads& reads) { return reads.maybe<Cart>(by_id, ById{uuid(9)}).has_value(); };
    EXPECT_FALSE(read(maybe));
}

TEST_F(Reading, ids_are_bounded_where_the_times_they_were_made_at_are) {
    constexpr Time noon{1'800'000'000'000'000};
    auto made_at = [](Time time) { return Uuid{std::uint64_t(time.micros / 1000) << 16, 0}; };
    struct Made {
        std::optional<Time> created_after, created_before;
        std::optional<Int<1, 100>> limit;
        std::optional<std::string> cursor;
    };
    constexpr sql::Query query{"carts.made", R"(-- Carts by the time in their ids.
select * from carts
where tenant = :tenant
  and id > :ids_after   --? created_after
  and id < :ids_before  --? created_before
order by id
limit :limit
)"};
    for (auto offset : {hours(-1), minutes(-9), minutes(0), minutes(9), hours(1)}) {
        committer->run(system_actor(here), [&](Tx& tx) {
            tx.add(Cart{.id = made_at(noon + offset), .number = to_string(noon + offset)});
        });
    }
    auto found = [&](Made wanted) {
        return read([&](Reads& reads) { return reads.page<Cart>(query, wanted); }).data.size();
    };
    EXPECT_EQ(found({}), 5u);
    EXPECT_EQ(found({.created_after = noon}), 4u) << "one may have its id from a bit before";
    EXPECT_EQ(found({.created_before = noon}), 4u) << "or from a bit after";
    EXPECT_EQ(found({.created_after = noon, .created_before = noon}), 3u);
    EXPECT_EQ(found({.created_before = Time{-1}}), 0u);
    EXPECT_EQ(found({.created_after = Time{std::numeric_limits<std::int64_t>::max() / 2}}), 0u);
}

TEST_F(Reading, filters_take_part_only_when_given) {
    for (std::uint64_t i = 1; i <= 4; ++i) add(i);
    EXPECT_EQ(numbers(page({})), (Numbers{1, 2, 3, 4}));
    EXPECT_EQ(numbers(page({.number = "C3"})), (Numbers{3}));
    EXPECT_EQ(numbers(page({.nickname = Text<20>{"even2"}})), (Numbers{2}));
    EXPECT_EQ(numbers(page({.number = "C3", .nickname = Text<20>{"even2"}})), Numbers{});
    EXPECT_EQ(numbers(page({.number = "' or 1=1 --"})), Numbers{});
}

TEST_F(Reading, pages_follow_each_other_and_the_last_has_no_cursor) {
    for (std::uint64_t i = 1; i <= 5; ++i) add(i);
    auto first = page({.limit = Int<1, 100>{2}});
    EXPECT_EQ(numbers(first), (Numbers{1, 2}));
    auto second = page({.limit = Int<1, 100>{3}, .cursor = first.next_cursor});
    EXPECT_EQ(numbers(second), (Numbers{3, 4, 5}));
    EXPECT_EQ(second.next_cursor, std::nullopt);
}

TEST_F(Reading, a_cursor_of_other_filters_or_of_another_tenant_is_refused) {
    for (std::uint64_t i = 1; i <= 3; ++i) add(i);
    auto cursor = page({.limit = Int<1, 100>{1}}).next_cursor;
    ASSERT_TRUE(cursor.has_value());
    EXPECT_EQ(code_of_refusal([&] { page({.number = "C1", .cursor = cursor}); }), "invalid");
    EXPECT_EQ(code_of_refusal([&] { page({.cursor = cursor}, elsewhere); }), "invalid");
    EXPECT_EQ(code_of_refusal([&] { page({.cursor = "x"}); }), "invalid");
    EXPECT_EQ(numbers(page({.cursor = cursor})), (Numbers{2, 3}));
}

TEST_F(Reading, a_walk_during_inserts_and_removals_shows_each_lasting_row_exactly_once) {
    constexpr std::uint64_t lasting = 100;
    for (std::uint64_t i = 1; i <= lasting; ++i) {
        add(i * 1000, static_cast<std::int64_t>(i * 7 % 10));  // many equal sort keys
    }
    std::atomic<bool> done = false;
    std::atomic<int> written = 0;
    std::jthread writer([&] {
        for (std::uint64_t i = 0; !done; ++i) {
            auto number = (i * 37 % lasting) * 1000 + 500 + i % 400;
            add(number, static_cast<std::int64_t>(i % 10));
            committer->run(system_actor(here),
                           [&](Tx& tx) { tx.remove(tx.get<Cart>(CartId(uuid(number)))); });
            ++written;
        }
    });
    for (int walk = 0; walk < 5; ++walk) {
        std::map<std::uint64_t, int> seen;
        ListCarts wanted{.limit = Int<1, 100>{7}};
        do {
            int before = written;
            auto page = read([&](Reads& reads) {
                return reads.page<Cart>(list_by_balance, wanted, [](const Cart& cart) {
                    return store::to_value(cart.balance);
                });
            });
            for (auto& cart : page.data) ++seen[cart.id.value.low];
            wanted.cursor = page.next_cursor;
            ASSERT_TRUE(eventually([&] { return written > before; }));
        } while (wanted.cursor);
        for (std::uint64_t i = 1; i <= lasting; ++i) EXPECT_EQ(seen[i * 1000], 1);
    }
    done = true;
}

TEST_F(Reading,
       a_statement_without_a_column_of_the_struct_is_an_error_that_only_the_operator_sees) {
    add(1);
    sql::Query partial{"carts.partial", "select id from carts where tenant = :tenant"};
    try {
        read([&](Reads& reads) { return reads.all<Small>(partial, Nothing{}); });
        ADD_FAILURE() << "it was answered";
    } catch (const Refusal& refusal) {
        EXPECT_EQ(refusal.code().name, "internal");
        EXPECT_EQ(refusal.detail().find("balance"), std::string::npos);
    }
    ASSERT_EQ(log.size(), 1u);
    EXPECT_EQ(log[0], "statement carts.partial has no column balance");
}

TEST_F(Reading, a_parameter_that_nobody_gives_and_a_broken_statement_are_errors) {
    sql::Query unknown{"q", "select * from carts where number = :nubmer"};
    sql::Query broken{"q", "select * from nowhere"};
    for (auto& query : {unknown, broken}) {
        EXPECT_EQ(code_of_refusal([&] {
                      read([&](Reads& reads) { return reads.all<Cart>(query, Nothing{}); });
                  }),
                  "internal");
    }
    EXPECT_EQ(read([](Reads&) { return 7; }), 7) << "the connection goes on";
}

TEST_F(Reading, one_read_sees_one_snapshot) {
    add(1, 1);
    Gate gate;
    auto balances = std::async(std::launch::async, [&] {
        return read([&](Reads& reads) {
            auto before = reads.one<Cart>(by_id, ById{uuid(1)}).balance;
            gate.pass();
            return std::pair(before, reads.one<Cart>(by_id, ById{uuid(1)}).balance);
        });
    });
    gate.wait_until_somebody_waits();
    committer->run(system_actor(here), [](Tx& tx) { tx.edit<Cart>(CartId(uuid(1))).balance = 2; });
    gate.open();
    EXPECT_EQ(balances.get(), (std::pair<std::int64_t, std::int64_t>(1, 1)));
    EXPECT_EQ(read([](Reads& reads) { return reads.one<Cart>(by_id, ById{uuid(1)}).balance; }), 2);
}

TEST_F(Reading, work_beyond_the_limit_of_the_queue_is_refused_at_once) {
    auto narrow = open({.threads = 1, .queue_limit = 2});
    Gate gate;
    std::atomic<int> answered = 0;
    narrow->submit(here, [&](Reads&) { gate.pass(), ++answered; }, [](const Refusal&) {});
    gate.wait_until_somebody_waits();
    auto count = [&](Reads&) { ++answered; };
    std::string refused;
    auto note = [&](const Refusal& refusal) { refused = refusal.code().name; };
    narrow->submit(here, count, note);
    narrow->submit(here, count, note);
    EXPECT_EQ(refused, "");
    narrow->submit(here, count, note);
    EXPECT_EQ(refused, "overloaded");
    gate.open();
    narrow->stop();
    EXPECT_EQ(answered, 3) << "what was queued is answered";
    narrow->submit(here, count, note);
    EXPECT_EQ(answered, 3);
}

TEST_F(Reading, a_pool_on_a_file_that_is_not_there_is_not_made) {
    EXPECT_THROW(ReadPool([this] { return store::sqlite::open_reader(folder.path() + "/no.db"); },
                          std::make_shared<Cursors>("s"), {}),
                 store::Unavailable);
}

TEST_F(Reading, an_exception_of_any_kind_is_answered_and_the_thread_goes_on) {
    EXPECT_EQ(code_of_refusal([&] { read([](Reads&) -> int { throw 42; }); }), "internal");
    EXPECT_EQ(read([](Reads&) { return 1; }), 1);
}

}  // namespace
}  // namespace stateset
