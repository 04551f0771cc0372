// What is particular about the store and the reader on PostgreSQL: connections that break at any
// moment, rows that others hold, the order of the log, questions asked together.

#include "platform/store/postgres.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include <thread>

#include "platform/store/store_testing.hpp"

namespace stateset::store::postgres {
namespace {

using namespace store_testing;
using namespace std::chrono_literals;

// ---- types

std::string bytes_of(std::initializer_list<int> bytes) {
    std::string result;
    for (int byte : bytes) result += static_cast<char>(byte);
    return result;
}

TEST(PostgresTypes, values_have_the_bytes_that_the_manual_says) {
    EXPECT_EQ(encoded(std::int64_t{-2}, oid::bigint),
              bytes_of({255, 255, 255, 255, 255, 255, 255, 254}));
    EXPECT_EQ(encoded(std::int64_t{1}, oid::boolean), bytes_of({1}));
    EXPECT_EQ(encoded(std::int64_t{946'684'800'000'001}, oid::timestamptz),
              bytes_of({0, 0, 0, 0, 0, 0, 0, 1}));
    EXPECT_EQ(encoded(std::int64_t{10'958}, oid::date), bytes_of({0, 0, 0, 1}));
    EXPECT_EQ(encoded(std::string("{}"), oid::jsonb), "\1{}");
    EXPECT_EQ(encoded(Uuid{1, 2}, oid::uuid),
              bytes_of({0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2}));
    EXPECT_EQ(encoded(Value{}, oid::text), std::nullopt);
}

TEST(PostgresTypes, an_array_tells_its_nulls) {
    ArrayOf array(oid::boolean);
    array.push(std::int64_t{1});
    array.push(Value{});
    EXPECT_EQ(array.bytes(), bytes_of({0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0,   16,  0,   0,  0,
                                       2, 0, 0, 0, 1, 0, 0, 0, 1, 1, 255, 255, 255, 255}));
    EXPECT_EQ(ArrayOf(oid::text).bytes(), bytes_of({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 25}));
    EXPECT_EQ(element_of(array_of(oid::uuid)), oid::uuid);
}

TEST(PostgresTypes, a_value_of_another_kind_is_a_mistake_and_not_guessed) {
    EXPECT_THROW(encoded(std::string("7"), oid::bigint), std::logic_error);
    EXPECT_THROW(encoded(std::int64_t{7}, oid::text), std::logic_error);
    EXPECT_THROW(encoded(std::string("x"), oid::uuid), std::logic_error);
    EXPECT_THROW(encoded(std::int64_t{1} << 40, 23), std::logic_error);
    EXPECT_THROW(encoded(std::int64_t{1}, 600), std::runtime_error);  // a point
    EXPECT_THROW(decoded("abc", oid::bigint), std::runtime_error);
}

// ---- a server

class Postgres : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!PostgresDatabase::available()) GTEST_SKIP() << PostgresDatabase::how;
        database = std::make_unique<PostgresDatabase>();
        other = std::make_unique<Connection>(
            Settings{.url = database->url(), .role = Role::migrator}, Connection::Start::now);
    }

    static Cart cart(std::uint64_t number, std::int64_t balance = 0) {
        return {.id = uuid(number),
                .version = 1,
                .number = "C" + std::to_string(number),
                .balance = balance};
    }
    static Line line(std::uint64_t number, std::uint64_t parent) {
        return {.id = uuid(number),
                .cart_id = uuid(parent),
                .version = 1,
                .sku = std::to_string(number),
                .quantity = Quantity::of(1)};
    }
    static Event event(std::uint64_t number) {
        return {.id = uuid(number),
                .type = "cart.opened",
                .sequence = 1,
                .aggregate_type = "cart",
                .aggregate_id = std::to_string(number),
                .data = {R"({"b": 1, "a": 2.50})"},
                .actor = "system"};
    }
    template <class T>
    static TableChanges adding(std::vector<T> entities) {
        TableChanges changes{.table = &info<T>(), .added = {}, .changed = {}, .removed = {}};
        for (const auto& entity : entities) changes.added.push_back({here, to_row(entity)});
        return changes;
    }
    template <class T>
    static TableChanges changing(std::vector<T> entities) {
        TableChanges changes{.table = &info<T>(), .added = {}, .changed = {}, .removed = {}};
        for (const auto& entity : entities) changes.changed.push_back({here, to_row(entity)});
        return changes;
    }
    static void commit(Store& store, std::vector<TableChanges> changes, Uuid batch = uuid(999)) {
        store.begin();
        try {
            store.write(changes);
            store.commit(batch);
        } catch (...) {
            store.rollback();
            throw;
        }
    }
    template <class T>
    static Want by_id(std::uint64_t id, bool lock = true) {
        return {Want::By::id, &info<T>(), 0, here, {uuid(id)}, lock};
    }
    static Want by_number(std::uint64_t number) {
        return {Want::By::unique, &info<Cart>(), 0, here, {"C" + std::to_string(number)}, true};
    }
    static Want lines_of(std::uint64_t parent) {
        return {Want::By::parent, &info<Line>(), 0, here, {uuid(parent)}, true};
    }
    // Begins a transaction and loads; the caller ends it.
    struct Loaded {
        int found = 0;
        std::vector<std::size_t> held;  // places among the wants
    };
    static Loaded load(Store& store, const std::vector<Want>& wants, Locks locks = Locks::wait) {
        Loaded loaded;
        store.begin(locks);
        store.load(
            wants, [&](const Want&, Row) { ++loaded.found; },
            [&](const Want& want) {
                loaded.held.push_back(static_cast<std::size_t>(&want - wants.data()));
            });
        return loaded;
    }

    std::int64_t number(const std::string& sql) {
        return std::get<std::int64_t>(other->ask(sql).at(0).at(0));
    }
    // Ends all other connections to this database.
    void end_connections() {
        other->ask(
            "select pg_terminate_backend(pid) from pg_stat_activity where pid <> "
            "pg_backend_pid() and datname = current_database()");
    }

    std::unique_ptr<Store> open(StoreOptions options = {}) {
        if (options.url.empty()) options.url = database->url();
        return open_store(options);
    }

    std::unique_ptr<PostgresDatabase> database;
    std::unique_ptr<Connection> other;  // somebody else
};

// Stands between a store and its server, and loses what it is told to lose.
class Proxy {
  public:
    explicit Proxy(std::string url) : url_(std::move(url)) {
        auto address = shown(url_);  // "127.0.0.1:5432/name"
        auto colon = address.find(':');
        server_.sin_family = AF_INET;
        server_.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
        inet_pton(AF_INET, address.substr(0, colon).c_str(), &server_.sin_addr);
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in mine{};
        mine.sin_family = AF_INET;
        mine.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof mine;
        if (bind(listener_, reinterpret_cast<sockaddr*>(&mine), size) != 0 ||
            listen(listener_, 8) != 0 ||
            getsockname(listener_, reinterpret_cast<sockaddr*>(&mine), &size) != 0) {
            throw std::runtime_error("no proxy");
        }
        auto at = url_.find('@'), path = url_.find('/', at);
        proxied_ = url_.substr(0, at + 1) + "127.0.0.1:" + std::to_string(ntohs(mine.sin_port)) +
                   url_.substr(path);
        thread_ = std::thread([this] { work(); });
    }
    ~Proxy() {
        stopping_ = true;
        thread_.join();
        close(listener_);
        for (auto& pair : pairs_) {
            close(pair.client);
            close(pair.server);
        }
    }
    const std::string& url() const { return proxied_; }

    std::atomic<bool> holds_requests = false, holds_answers = false;
    std::atomic<std::uint64_t> requested = 0;  // bytes that came from clients
    // Ends the clients' connections; the server is not told.
    void cut() {
        cutting_ = true;
        while (cutting_) std::this_thread::sleep_for(1ms);
    }

  private:
    struct Pair {
        int client, server;
    };
    void work() {
        while (!stopping_) {
            if (cutting_) {
                for (auto& pair : pairs_) shutdown(pair.client, SHUT_RDWR);
                lost_.insert(lost_.end(), pairs_.begin(), pairs_.end());
                pairs_.clear();
                cutting_ = false;
            }
            pollfd waiting{listener_, POLLIN, 0};
            if (poll(&waiting, 1, 1) > 0) accept_one();
            std::erase_if(pairs_, [&](Pair& pair) {
                bool open =
                    holds_requests ? count_only(pair) : pass(pair.client, pair.server, &requested);
                open = open && (holds_answers || pass(pair.server, pair.client, nullptr));
                if (!open) {
                    close(pair.client);
                    close(pair.server);
                }
                return !open;
            });
        }
        for (auto& pair : lost_) {
            close(pair.client);
            close(pair.server);
        }
    }
    void accept_one() {
        Pair pair{accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC),
                  ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        if (connect(pair.server, reinterpret_cast<sockaddr*>(&server_), sizeof server_) == 0) {
            pairs_.push_back(pair);
        }
    }
    static bool pass(int from, int to, std::atomic<std::uint64_t>* count) {
        char buffer[65'536];
        while (true) {
            auto size = recv(from, buffer, sizeof buffer, MSG_DONTWAIT);
            if (size < 0) return errno == EAGAIN;
            if (size == 0) return false;
            for (ssize_t sent = 0; sent < size;) {
                auto now =
                    send(to, buffer + sent, static_cast<std::size_t>(size - sent), MSG_NOSIGNAL);
                if (now < 0) return false;
                sent += now;
            }
            if (count) *count += static_cast<std::uint64_t>(size);
        }
    }
    bool count_only(const Pair& pair) {
        char buffer[65'536];
        auto size = recv(pair.client, buffer, sizeof buffer, MSG_DONTWAIT | MSG_PEEK);
        if (size > 0) requested += static_cast<std::uint64_t>(size);
        return size != 0;
    }

    std::string url_, proxied_;
    sockaddr_in server_{};
    int listener_ = -1;
    std::vector<Pair> pairs_, lost_;
    std::atomic<bool> cutting_ = false, stopping_ = false;
    std::thread thread_;
};

using PostgresStore = Postgres;

// ---- the commit that nobody heard of

TEST_F(PostgresStore, a_commit_whose_answer_was_lost_is_found_by_its_marker) {
    Proxy proxy(database->url());
    auto store = open({.url = proxy.url()});
    commit(*store, {adding<Cart>({cart(1)})}, uuid(1));
    proxy.holds_answers = true;
    auto ended = std::async(std::launch::async,
                            [&] { commit(*store, {changing<Cart>({cart(1, 5)})}, uuid(2)); });
    EXPECT_TRUE(eventually([&] { return number("select sum(balance) from carts") == 5; }));
    proxy.cut();
    proxy.holds_answers = false;
    EXPECT_THROW(ended.get(), CommitUnknown);
    EXPECT_TRUE(store->committed(uuid(2)));
    EXPECT_FALSE(store->committed(uuid(1)));
}

TEST_F(PostgresStore, a_commit_that_never_arrived_is_not_done_and_holds_nothing_any_more) {
    Proxy proxy(database->url());
    auto store = open({.url = proxy.url()});
    commit(*store, {adding<Cart>({cart(1)})}, uuid(1));
    load(*store, {by_id<Cart>(1)});  // the row is locked
    store->write(std::vector{changing<Cart>({cart(1, 5)})});
    proxy.holds_requests = true;
    auto before = proxy.requested.load();
    auto ended = std::async(std::launch::async, [&] { store->commit(uuid(2)); });
    EXPECT_TRUE(eventually([&] { return proxy.requested > before; }));
    proxy.cut();  // the server still waits for more
    proxy.holds_requests = false;
    EXPECT_THROW(ended.get(), CommitUnknown);
    store->rollback();
    EXPECT_FALSE(store->committed(uuid(2)));
    EXPECT_EQ(number("select count(*) from carts where balance = 5"), 0);
    auto second = open({.lock_timeout = 50ms});
    EXPECT_EQ(load(*second, {by_id<Cart>(1)}).found, 1) << "the former connection holds the row";
    second->rollback();
}

TEST_F(PostgresStore, a_server_that_freezes_is_given_up_a_little_after_the_statements_bound) {
    Proxy proxy(database->url());
    auto store = open({.url = proxy.url(), .statement_timeout = 200ms});
    commit(*store, {adding<Cart>({cart(1)})}, uuid(1));
    proxy.holds_answers = true;
    auto begun = std::chrono::steady_clock::now();
    EXPECT_THROW(commit(*store, {changing<Cart>({cart(1, 5)})}, uuid(2)), CommitUnknown);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
    proxy.cut();
    proxy.holds_answers = false;
    EXPECT_TRUE(store->committed(uuid(2)));
}

TEST_F(PostgresStore, connections_that_the_server_ended_cost_another_try_and_nothing_else) {
    auto store = open();
    commit(*store, {adding<Cart>({cart(1)})}, uuid(1));
    end_connections();
    EXPECT_THROW(load(*store, {by_id<Cart>(1)}), Transient);
    store->rollback();
    EXPECT_EQ(load(*store, {by_id<Cart>(1)}).found, 1);
    end_connections();
    store->write(std::vector{changing<Cart>({cart(1, 5)})});
    EXPECT_THROW(store->commit(uuid(2)), CommitUnknown);
    store->rollback();
    EXPECT_FALSE(store->committed(uuid(2)));
    commit(*store, {changing<Cart>({cart(1, 6)})}, uuid(3));
    EXPECT_EQ(number("select sum(balance) from carts"), 6);
}

TEST_F(PostgresStore, nobody_waits_for_a_server_that_is_away) {
    auto store = open({.url = "postgres://nobody@127.0.0.1:1/none"});
    EXPECT_THROW(store->begin(), Unavailable);
    auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < 100; ++i) EXPECT_THROW(store->begin(), Unavailable);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 1s);
}

TEST_F(PostgresStore, a_server_that_takes_no_writes_is_unavailable_until_it_does_again) {
    auto store = open();
    commit(*store, {adding<Cart>({cart(1)})}, uuid(1));
    other->run("alter database " + database->name() + " set default_transaction_read_only = on");
    end_connections();
    EXPECT_THROW(load(*store, {by_id<Cart>(1)}), Transient);
    store->rollback();
    EXPECT_THROW(store->begin(), Unavailable);
    other->run("alter database " + database->name() + " reset default_transaction_read_only");
    EXPECT_TRUE(eventually([&] {
        try {
            return load(*store, {by_id<Cart>(1)}).found == 1;
        } catch (const Unavailable&) {
            return false;
        }
    }));
    store->rollback();
}

TEST_F(PostgresStore, a_connection_whose_server_became_read_only_is_given_up) {
    auto url = database->url();
    auto store = open({.url = url + (url.find('?') == url.npos ? "?" : "&") +
                              "target_session_attrs=any&options=-c%20"
                              "default_transaction_read_only%3Don"});
    EXPECT_THROW(store->begin(), Unavailable) << "it cannot write its own rows";
}

// ---- rows that others hold

TEST_F(PostgresStore, a_row_that_is_held_for_long_ends_the_wait) {
    auto store = open({.lock_timeout = 50ms});
    commit(*store, {adding<Cart>({cart(1), cart(2)})});
    other->run("begin; select from carts where number = 'C1' for update");
    EXPECT_THROW(load(*store, {by_id<Cart>(1)}), LockTimeout);
    store->rollback();
    EXPECT_EQ(load(*store, {by_id<Cart>(2), by_id<Cart>(1, false)}).found, 2);
    store->rollback();
    other->run("rollback");
    EXPECT_EQ(load(*store, {by_id<Cart>(1)}).found, 1);
    store->rollback();
}

TEST_F(PostgresStore, rows_that_others_hold_are_told_from_rows_that_are_not_there) {
    auto store = open();
    commit(*store, {adding<Cart>({cart(1), cart(2), cart(3)}),
                    adding<Line>({line(11, 1), line(12, 1), line(21, 2)})});
    other->run(
        "begin; select from carts where number = 'C1' for no key update; "
        "select from cart_lines where sku = '12' for no key update");
    std::vector<Want> wants{by_id<Cart>(1), by_id<Cart>(2), by_id<Cart>(9),
                            by_number(1),   by_number(3),   by_number(9),
                            lines_of(1),    lines_of(2),    lines_of(9)};
    auto loaded = load(*store, wants, Locks::skip);
    EXPECT_EQ(loaded.held, (std::vector<std::size_t>{0, 3, 6}));
    EXPECT_EQ(loaded.found, 4);  // carts 2 and 3, lines 11 and 21
    store->rollback();
    other->run("rollback");
    EXPECT_TRUE(load(*store, wants, Locks::skip).held.empty());
    store->rollback();
}

TEST_F(PostgresStore, two_that_wait_for_each_other_are_parted_and_one_tries_again) {
    auto one = open({.lock_timeout = 10s, .statement_timeout = 10s});
    auto two = open({.lock_timeout = 10s, .statement_timeout = 10s});
    commit(*one, {adding<Cart>({cart(1), cart(2)})});
    load(*one, {by_id<Cart>(1)});
    load(*two, {by_id<Cart>(2)});
    auto failure_of = [&](Store& store, std::uint64_t wanted) {
        try {
            store.load(
                std::vector{by_id<Cart>(wanted)}, [](const Want&, Row) {}, [](const Want&) {});
        } catch (const LockTimeout&) {
            return "timeout";
        } catch (const Transient&) {
            store.rollback();
            return "again";
        }
        return "none";
    };
    auto first = std::async(std::launch::async, [&] { return failure_of(*one, 2); });
    std::string second = failure_of(*two, 1);
    EXPECT_EQ(first.get() + std::string(" ") + second,
              second == "none" ? "again none" : "none again");
    one->rollback();
    two->rollback();
}

// ---- the log

TEST_F(PostgresStore, positions_follow_the_order_of_an_aggregates_changes) {
    auto early = open(), late = open();
    commit(*early, {adding<Cart>({cart(1), cart(2)})});
    load(*early, {by_id<Cart>(1)});  // the smaller transaction id
    commit(*late, {changing<Cart>({cart(2, 1)}), adding<Event>({event(1), event(2)})});
    early->write(std::vector{changing<Cart>({cart(2, 2)}), adding<Event>({event(3), event(4)})});
    early->commit(uuid(3));
    auto ids = other->ask("select aggregate_id from events order by position");
    std::string order;
    for (auto& row : ids) order += std::get<std::string>(row[0]);
    EXPECT_EQ(order, "1234");
    EXPECT_EQ(number("select cast(xmin as text)::bigint from events limit 1"),
              number("select (position - (select base from log_epoch)) >> 20 & 4294967295 "
                     "from events order by position limit 1"));
}

TEST_F(PostgresStore, the_horizon_stays_behind_whoever_may_still_write_an_event) {
    auto slow = open(), quick = open();
    commit(*slow, {adding<Cart>({cart(1)})});
    load(*slow, {by_id<Cart>(1)});
    slow->write(std::vector{changing<Cart>({cart(1, 1)}), adding<Event>({event(1)})});
    commit(*quick, {adding<Event>({event(2)})});
    auto visible = "select count(*) from events where position < log_horizon()";
    EXPECT_EQ(number("select count(*) from events"), 1);
    EXPECT_EQ(number(visible), 0) << "an event before it may come yet";
    slow->commit(uuid(5));
    EXPECT_TRUE(eventually([&] { return number(visible) == 2; }));
}

TEST_F(PostgresStore, data_moved_to_another_cluster_goes_on_behind_the_end_of_its_log) {
    commit(*open(), {adding<Event>({event(1)})});
    other->run(
        "update events set position = position + (1::bigint << 50); "
        "update log_epoch set system_identifier = 7");
    commit(*open(), {adding<Event>({event(2)})});
    auto ids = other->ask("select aggregate_id from events order by position");
    EXPECT_EQ(ids.at(1).at(0), Value(std::string("2")));
    EXPECT_EQ(number("select base % 1048576 from log_epoch"), 0);
    // Once no transaction is under way that began before, in whichever database.
    auto visible = "select count(*) from events where position < log_horizon()";
    EXPECT_TRUE(eventually([&] { return number(visible) == 2; }));
    other->run("delete from log_epoch");
    commit(*open(), {adding<Event>({event(3)})});
    EXPECT_EQ(number("select count(*) from events"), 3);
}

// ---- several that write

TEST_F(PostgresStore, two_instances_at_the_same_rows_lose_and_double_nothing) {
    commit(*open(), {adding<Cart>({cart(1), cart(2), cart(3)})});
    auto instance = [&] {
        return std::make_unique<Kernel>(
            open({.lock_timeout = 50ms}), Committer::Options{},
            [&](const auto& table) { return database->rows(table); }, open({.lock_timeout = 2s}));
    };
    std::unique_ptr<Kernel> instances[] = {instance(), instance()};
    constexpr int threads = 4, times = 100;
    std::atomic<int> done = 0, refused = 0;
    {
        std::vector<std::jthread> callers;
        for (int t = 0; t < 2 * threads; ++t) {
            callers.emplace_back([&, t] {
                for (int i = 0; i < times; ++i) {
                    auto work = [&](Tx& tx) {
                        auto from = CartId(uuid(static_cast<std::uint64_t>(1 + (t + i) % 3)));
                        auto to = CartId(uuid(static_cast<std::uint64_t>(1 + (t + 2 * i) % 3)));
                        tx.edit<Cart>(from).balance -= 1;
                        auto& cart = tx.edit<Cart>(to);
                        cart.balance += 2;
                        tx.emit("cart.deposited", cart);
                        return Answer{};
                    };
                    auto outcome = instances[t % 2]->submit(work).get();
                    ++(outcome.refusal ? refused : done);
                }
            });
        }
    }
    EXPECT_EQ(done, 2 * threads * times) << refused << " were refused";
    EXPECT_EQ(number("select sum(balance) from carts"), done);
    EXPECT_EQ(number("select count(*) from events"), done);
    EXPECT_EQ(number("select count(*) from (select sequence, row_number() over (partition by "
                     "aggregate_id order by position) as place from events) e "
                     "where sequence <> place"),
              0)
        << "the log tells an aggregate's changes in their order";
}

// ---- values

TEST_F(PostgresStore, batches_far_larger_than_any_buffer_go_through) {
    auto store = open();
    std::vector<Shelf> shelves;
    for (int i = 0; i < 3000; ++i) {
        shelves.push_back({.id = ShelfId(i + 1), .name = std::string(3000, 'x')});
    }
    commit(*store, {adding(shelves)});
    std::vector<Want> wants;
    for (int i = 0; i < 3000; ++i) {
        wants.push_back({Want::By::id, &info<Shelf>(), 0, here, {std::int64_t{i + 1}}, true});
        shelves[static_cast<std::size_t>(i)].name[0] = 'y';
    }
    EXPECT_EQ(load(*store, wants).found, 3000);
    auto statements = store->statements();
    store->write(std::vector{changing(shelves)});
    store->commit(uuid(3));
    EXPECT_LE(store->statements() - statements, 4u);
    EXPECT_EQ(number("select count(*) from shelves where name like 'yx%'"), 3000);
}

TEST_F(PostgresStore, a_null_character_is_refused_and_spoils_nothing) {
    auto store = open();
    using namespace std::string_literals;
    EXPECT_THROW(commit(*store, {adding<Shelf>({{.id = ShelfId(1), .name = "a\0b"s}})}), Failed);
    EXPECT_THROW(commit(*store, {adding<Shelf>({{.id = ShelfId(1), .metadata = {{"a", "b\0"s}}}})}),
                 Failed);
    commit(*store, {adding<Shelf>({{.id = ShelfId(1), .free = {R"("\u0000")"}}})});
    EXPECT_EQ(number("select count(*) from shelves"), 1);
}

TEST_F(PostgresStore, documents_keep_their_text) {
    auto store = open();
    commit(*store, {adding<Event>({event(1)})});
    EXPECT_EQ(other->ask("select data from events").at(0).at(0),
              Value(std::string(R"({"b": 1, "a": 2.50})")));
}

TEST_F(Postgres, every_type_makes_the_way_there_and_back_and_as_null) {
    std::pair<const char*, Value> samples[] = {
        {"boolean", std::int64_t{1}},
        {"smallint", std::int64_t{-32'768}},
        {"integer", std::int64_t{-2'147'483'648}},
        {"bigint", std::numeric_limits<std::int64_t>::min()},
        {"bigint", std::numeric_limits<std::int64_t>::max()},
        {"numeric", std::numeric_limits<std::int64_t>::min()},
        {"numeric", std::numeric_limits<std::int64_t>::max()},
        {"numeric", std::int64_t{0}},
        {"numeric", std::int64_t{-40'000'000}},
        {"numeric", std::int64_t{10'203}},
        {"text", std::string("Zürich 🦄\n")},
        {"varchar", std::string()},
        {"name", std::string("x")},
        {"uuid", Uuid{~std::uint64_t{0}, 1}},
        {"timestamptz", std::int64_t{-1}},
        {"timestamptz", std::int64_t{1'789'000'000'123'456}},
        {"date", std::int64_t{-719'528}},
        {"json", std::string(R"({"b":  1})")},
        {"jsonb", std::string(R"({"b": 1})")},
        {"pg_lsn", std::int64_t{1} << 40},
    };
    for (const auto& [type, value] : samples) {
        auto sql = "select $1::" + std::string(type) + ", unnest($2::" + type + "[])";
        auto shape = other->shape(sql);
        ArrayOf array(shape.parameters[0]);
        array.push(Value{});
        array.push(value);
        auto rows =
            other->ask(sql, shape.parameters, {encoded(value, shape.parameters[0]), array.bytes()});
        ASSERT_EQ(rows.size(), 2u) << type;
        EXPECT_EQ(rows[0], (Row{value, {}})) << type;
        EXPECT_EQ(rows[1], (Row{value, value})) << type;
    }
    EXPECT_EQ(number("select 100000000::numeric"), 100'000'000);
    EXPECT_EQ(number("select 1.000::numeric"), 1);
    EXPECT_THROW(other->ask("select 0.5::numeric"), std::runtime_error);
    EXPECT_THROW(other->ask("select 1e30::numeric"), std::runtime_error);
}

TEST_F(Postgres, an_address_is_shown_without_its_password) {
    EXPECT_EQ(shown("postgres://me:secret@one:5,two:6/shop?sslmode=require"), "one:5,two:6/shop");
    EXPECT_THROW(shown("postgres://["), std::runtime_error);
}

// ---- migrations

using embedded::Migration;
constexpr Migration one{101, "0101_one", "create table one (a bigint); insert into one values (7)"};
constexpr Migration two{102, "0102_two", "create table two (a bigint)"};
constexpr Migration broken{102, "0102_two", "delete from one; insert into absent values (1)"};

class PostgresMigrations : public Postgres {
  protected:
    MigrationReport bring(std::vector<Migration> more, Migrate how = Migrate::apply) {
        std::vector<Migration> known(embedded::postgres_migrations.begin(),
                                     embedded::postgres_migrations.begin() + 1);
        known.insert(known.end(), more.begin(), more.end());
        return migrate(database->url(), how, known);
    }
    using Names = std::vector<std::string>;
};

TEST_F(PostgresMigrations, what_is_missing_is_told_and_then_applied_once) {
    EXPECT_EQ(bring({one, two}, Migrate::check_only).pending, (Names{"0101_one", "0102_two"}));
    EXPECT_EQ(number("select count(*) from pg_class where relname = 'one'"), 0);
    EXPECT_EQ(bring({one}).applied, Names{"0101_one"});
    EXPECT_EQ(bring({one, two}).applied, Names{"0102_two"});
    EXPECT_TRUE(bring({one, two}).applied.empty());
    EXPECT_EQ(number("select count(*) from one"), 1);
}

TEST_F(PostgresMigrations, a_broken_one_leaves_nothing_of_itself) {
    EXPECT_THROW(bring({one, broken}), std::runtime_error);
    EXPECT_EQ(number("select count(*) from one"), 1);
    EXPECT_EQ(bring({one, two}).applied, Names{"0102_two"});
}

TEST_F(PostgresMigrations, changed_ones_and_newer_data_are_refused) {
    bring({one, two});
    EXPECT_THROW(bring({one}), std::runtime_error);
    EXPECT_THROW(bring({one, broken}), std::runtime_error);
}

TEST_F(PostgresMigrations, instances_that_start_together_take_turns) {
    std::vector<std::future<MigrationReport>> reports;
    for (int i = 0; i < 4; ++i) {
        reports.push_back(std::async(std::launch::async, [&] { return bring({one, two}); }));
    }
    std::size_t applied = 0;
    for (auto& report : reports) applied += report.get().applied.size();
    EXPECT_EQ(applied, 2u);
}

// ---- reading

class PostgresReader : public Postgres {
  protected:
    void SetUp() override {
        Postgres::SetUp();
        if (IsSkipped()) return;
        store = open();
        commit(*store, {adding<Cart>({cart(1, 10), cart(2, 20), cart(3, 30)}),
                        adding<Line>({line(13, 1), line(12, 1), line(11, 1), line(21, 2)})});
        reader = open_reader({.primary = database->url(), .statement_timeout = 500ms});
    }
    void TearDown() override {
        reader.reset();
        store.reset();
    }

    // The rows, or what went wrong: "miss", "timed_out", "failed".
    struct Told {
        std::vector<Row> rows;
        std::vector<std::string> columns;
        std::string problem;
    };
    Told ask(std::string_view sql, const Parameters& parameters = {}) {
        Told told;
        try {
            reader->query(
                sql, parameters,
                [&](auto& columns) { told.columns.assign(columns.begin(), columns.end()); },
                [&](Row row) { told.rows.push_back(std::move(row)); });
        } catch (const Miss&) {
            told.problem = "miss";
        } catch (const Refusal& refusal) {
            told.problem = refusal.code().name;
        } catch (const std::exception&) {
            told.problem = "failed";
        }
        return told;
    }
    // In a snapshot of its own.
    Told answer(std::string_view sql, const Parameters& parameters = {}) {
        reader->begin();
        ask(sql, parameters);
        reader->fetch();
        auto told = ask(sql, parameters);
        reader->end();
        return told;
    }
    static Parameters balance_of(std::uint64_t number) {
        return {{"tenant", here}, {"id", uuid(number)}};
    }
    static constexpr std::string_view balance =
        "select balance\nfrom carts where tenant = :tenant and id = :id\n";
    static std::vector<Row> single(std::int64_t number) { return {{number}}; }

    std::unique_ptr<Store> store;
    std::unique_ptr<Reader> reader;
};

TEST_F(PostgresReader, a_question_misses_until_it_was_fetched) {
    reader->begin();
    EXPECT_EQ(ask(balance, balance_of(1)).problem, "miss");
    EXPECT_EQ(ask(balance, balance_of(2)).problem, "miss");
    EXPECT_EQ(ask(balance, balance_of(9)).problem, "miss");
    reader->fetch();
    EXPECT_EQ(ask(balance, balance_of(1)).rows, single(10));
    EXPECT_EQ(ask(balance, balance_of(2)).rows, single(20));
    EXPECT_EQ(ask(balance, balance_of(9)).problem, "");
    EXPECT_TRUE(ask(balance, balance_of(9)).rows.empty());
    EXPECT_EQ(ask(balance, balance_of(9)).columns, std::vector<std::string>{"balance"});
    EXPECT_EQ(ask(balance, balance_of(3)).problem, "miss");
    reader->end();
    reader->begin();
    EXPECT_EQ(ask(balance, balance_of(1)).problem, "miss") << "a new snapshot";
    reader->end();
}

TEST_F(PostgresReader, like_questions_each_keep_their_order_and_their_limit) {
    auto sql =
        "select sku, 'a:b' as text\nfrom cart_lines where tenant = :tenant and cart_id = :cart_id "
        "and sku <> ':x' -- :not_one\norder by sku::bigint desc limit :limit;\n";
    auto lines = [&](std::uint64_t cart, std::int64_t limit) {
        return ask(sql, {{"tenant", here}, {"cart_id", uuid(cart)}, {"limit", limit}});
    };
    auto skus = [&](std::uint64_t cart, std::int64_t limit) {
        std::string result;
        for (auto& row : lines(cart, limit).rows) result += std::get<std::string>(row[0]) + " ";
        return result;
    };
    reader->begin();
    lines(1, 2), lines(1, 5), lines(2, 5), lines(3, 5);
    reader->fetch();
    EXPECT_EQ(skus(1, 2), "13 12 ");
    EXPECT_EQ(skus(1, 5), "13 12 11 ");
    EXPECT_EQ(skus(2, 5), "21 ");
    EXPECT_EQ(skus(3, 5), "");
    EXPECT_EQ(lines(1, 2).rows[0][1], Value(std::string("a:b")));
    reader->end();
}

TEST_F(PostgresReader, statements_with_parts_of_their_own_can_be_asked_together) {
    auto sql =
        "with mine as (select * from cart_lines where tenant = :tenant and cart_id = :id)\n"
        "select count(*) as lines, coalesce(sum(quantity), 0) as quantity,\n"
        "  (select number from carts c where c.tenant = :tenant and c.id = :id) as number,\n"
        "  cast(:missing as text) as missing from mine\n";
    auto of = [&](std::uint64_t cart) {
        return ask(sql, {{"tenant", here}, {"id", uuid(cart)}, {"missing", Value{}}});
    };
    reader->begin();
    of(1), of(2), of(9);
    reader->fetch();
    EXPECT_EQ(of(1).rows,
              (std::vector<Row>{{std::int64_t{3}, std::int64_t{30'000}, std::string("C1"), {}}}));
    EXPECT_EQ(of(9).rows, (std::vector<Row>{{std::int64_t{0}, std::int64_t{0}, {}, {}}}));
    reader->end();
}

TEST_F(PostgresReader, all_answers_of_a_snapshot_agree) {
    for (int round = 0; round < 2; ++round) {  // the second knows that more will be asked
        reader->begin();
        ask(balance, balance_of(1));
        reader->fetch();
        auto first = ask(balance, balance_of(1)).rows;
        other->run("update carts set balance = balance + 1");
        ask("select sum(balance) as all from carts where tenant = :tenant", {{"tenant", here}});
        reader->fetch();
        auto all =
            ask("select sum(balance) as all from carts where tenant = :tenant", {{"tenant", here}});
        auto again = ask(balance, balance_of(1));
        ASSERT_EQ(again.rows.size(), 1u) << again.problem;
        EXPECT_EQ(std::get<std::int64_t>(all.rows[0][0]),
                  30 + 3 * std::get<std::int64_t>(again.rows[0][0]));
        EXPECT_TRUE(round == 0 || again.rows == first);
        reader->end();
    }
}

TEST_F(PostgresReader, only_the_one_who_asked_amiss_is_told_so) {
    auto divide =
        "select 10 / cast(:by as bigint) as result from carts where tenant = :tenant "
        "and id = :id";
    auto by = [&](std::int64_t number) {
        return ask(divide, {{"by", number}, {"tenant", here}, {"id", uuid(1)}});
    };
    reader->begin();
    by(0), by(5), by(2);
    ask(balance, balance_of(1));
    ask("select nothing from nowhere");
    ask(balance, {{"tenant", here}, {"id", std::string("no id")}});
    reader->fetch();
    EXPECT_EQ(by(0).problem, "failed");
    EXPECT_EQ(by(5).rows, single(2));
    EXPECT_EQ(by(2).rows, single(5));
    EXPECT_EQ(ask("select nothing from nowhere").problem, "failed");
    EXPECT_EQ(ask(balance, {{"tenant", here}, {"id", std::string("no id")}}).problem, "failed");
    EXPECT_EQ(ask(balance, balance_of(1)).rows, single(10));
    EXPECT_THROW(reader->query(
                     balance, {{"tenant", here}}, [](auto&) {}, [](Row) {}),
                 std::logic_error)
        << "nobody gives :id";
    reader->end();
    EXPECT_EQ(answer(balance, balance_of(2)).rows, single(20));
}

TEST_F(PostgresReader, a_slow_question_ends_alone) {
    auto slow = "select count(*) as n from pg_sleep(cast(:ms as bigint) / 1000.0)";
    auto sleep = [&](std::int64_t ms) { return ask(slow, {{"ms", ms}}); };
    reader->begin();
    sleep(2000), sleep(1);
    ask(balance, balance_of(1));
    reader->fetch();
    EXPECT_EQ(sleep(2000).problem, "timed_out");
    EXPECT_EQ(sleep(1).rows, single(1));
    EXPECT_EQ(ask(balance, balance_of(1)).rows, single(10));
    reader->end();
}

TEST_F(PostgresReader, many_slow_questions_end_within_a_bound) {
    auto slow = "select count(*) as n from pg_sleep(cast(:ms as bigint) / 1000.0)";
    reader->begin();
    for (std::int64_t i = 0; i < 64; ++i) ask(slow, {{"ms", 5000 + i}});
    auto begun = std::chrono::steady_clock::now();
    reader->fetch();
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 4s);
    EXPECT_EQ(ask(slow, {{"ms", std::int64_t{5007}}}).problem, "timed_out");
    reader->end();
}

TEST_F(PostgresReader, a_lost_connection_is_not_noticed_by_who_asks) {
    EXPECT_EQ(answer(balance, balance_of(1)).rows, single(10));
    end_connections();
    EXPECT_EQ(answer(balance, balance_of(1)).rows, single(10));
    reader->begin();
    ask(balance, balance_of(1));
    reader->fetch();
    ask(balance, balance_of(2));
    reader->fetch();
    end_connections();  // in the middle of a transaction
    ask(balance, balance_of(3));
    reader->fetch();
    EXPECT_EQ(ask(balance, balance_of(1)).rows, single(10));
    EXPECT_EQ(ask(balance, balance_of(3)).rows, single(30));
    reader->end();
}

TEST_F(PostgresReader, a_table_that_grew_a_column_is_read_with_it) {
    auto sql = "select * from carts where tenant = :tenant and id = :id";
    auto before = answer(sql, balance_of(1)).columns.size();
    other->run("alter table carts add column colour text not null default 'red'");
    EXPECT_EQ(answer(sql, balance_of(1)).columns.size(), before + 1);
}

TEST_F(PostgresReader, no_transaction_stays_open_and_nothing_can_be_written) {
    reader->begin();
    ask(balance, balance_of(1));
    ask("select 1 as one");
    reader->fetch();
    reader->end();
    EXPECT_TRUE(eventually([&] {
        return number(
                   "select count(*) from pg_stat_activity where datname = current_database() "
                   "and state like 'idle in transaction%'") == 0;
    }));
    EXPECT_EQ(answer("delete from carts returning 1 as one").problem, "failed");
    EXPECT_EQ(number("select count(*) from carts"), 3);
}

TEST_F(PostgresReader, a_replica_that_cannot_prove_its_freshness_is_not_asked) {
    // The primary itself: it replays nothing.
    reader = open_reader({.primary = database->url(), .replica = database->url(), .patience = 1ms});
    EXPECT_EQ(answer(balance, balance_of(1)).rows, single(10));
    reader =
        open_reader({.primary = database->url(), .replica = "postgres://nobody@127.0.0.1:1/none"});
    EXPECT_EQ(answer(balance, balance_of(1)).rows, single(10));
}

TEST_F(PostgresReader, what_a_replica_answers_is_as_fresh_as_the_primary) {
    const char* server = std::getenv("STATESET_TEST_POSTGRES_REPLICA");
    if (!server) GTEST_SKIP() << "set STATESET_TEST_POSTGRES_REPLICA to a streaming replica's URL";
    auto replica = std::string(server);
    replica =
        replica.substr(0, replica.find('/', replica.find("://") + 3)) + "/" + database->name();
    reader = open_reader({.primary = database->url(), .replica = replica, .patience = 100ms});
    auto sql =
        "select balance, pg_is_in_recovery() as replica from carts where tenant = :tenant "
        "and id = :id";
    auto ask_one = [&] { return answer(sql, balance_of(1)).rows.at(0); };
    ASSERT_TRUE(eventually([&] { return ask_one()[1] == Value(std::int64_t{1}); }))
        << "the replica answers nothing";
    for (std::int64_t i = 0; i < 300; ++i) {
        commit(*store, {changing<Cart>({cart(1, i)})});
        ASSERT_EQ(ask_one()[0], Value(i));
    }
}

TEST_F(PostgresReader, without_a_server_it_is_unavailable) {
    reader = open_reader({.primary = "postgres://nobody@127.0.0.1:1/none"});
    reader->begin();
    ask(balance, balance_of(1));
    EXPECT_THROW(reader->fetch(), Unavailable);
    reader->end();
}

}  // namespace
}  // namespace stateset::store::postgres
