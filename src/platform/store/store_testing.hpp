#pragma once
// What the tests of the store share: a few nouns with every kind of column, a temporary folder with
// a migrated database, and a Committer on a store in memory whose faults and pace a test decides.

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <random>

#include "embedded.hpp"
#include "platform/store/committer.hpp"
#include "platform/store/memory_store.hpp"
#include "platform/store/postgres.hpp"
#include "platform/store/sqlite.hpp"

namespace stateset::store_testing {

using CartId = Id<struct CartTag>;
using LineId = Id<struct LineTag>;
using ShelfId = NumberId<struct ShelfTag>;

enum class Mood { calm, busy, void_ };

// Every kind of column.
struct Stop {
    std::string city;
    std::optional<Money> fee;
    std::vector<std::string> notes;
    Metadata labels;
    bool operator==(const Stop&) const = default;
};
struct Shelf {
    ShelfId id;
    bool open = false;
    std::int64_t count = 0;
    Mood mood = Mood::calm;
    std::string name;
    Text<64> label;
    Uuid token;
    Money price;
    std::optional<Money> discount;
    Currency currency;
    Quantity stock;
    Time seen_at;
    Date opened_on;
    std::optional<std::string> remark;
    std::optional<Time> closed_at;
    std::optional<CartId> cart_id;
    Stop stop;
    std::optional<Stop> next_stop;
    std::vector<Stop> stops;
    Metadata metadata;
    RawJson free;
    Secret<std::string> secret;
    bool operator==(const Shelf&) const = default;
};

// A root with children.
struct Cart {
    CartId id;
    std::int64_t version = 0;
    std::string number;
    std::optional<std::string> nickname;
    std::int64_t balance = 0;
    Secret<std::int64_t> event_sequence;
    Time created_at;
    Time updated_at;
    bool operator==(const Cart&) const = default;
};
struct Line {
    LineId id;
    CartId cart_id;
    std::int64_t version = 0;
    std::string sku;
    Quantity quantity;
    bool operator==(const Line&) const = default;
};

inline constexpr auto tables = R"(
create table shelves (
    tenant integer not null, id integer not null, open integer not null, count integer not null,
    mood text not null, name text not null, label text not null, token blob not null,
    price integer not null, discount integer, currency text not null, stock integer not null,
    seen_at integer not null, opened_on integer not null, remark text, closed_at integer,
    cart_id blob, stop text not null, next_stop text, stops text not null,
    metadata text not null, free text not null, secret text not null, primary key (tenant, id)
) strict;
create table carts (
    tenant integer not null, id blob not null, version integer not null, number text not null,
    nickname text, balance integer not null check (balance >= -1000000),
    event_sequence integer not null, created_at integer not null, updated_at integer not null,
    primary key (tenant, id), unique (tenant, number), unique (tenant, nickname)
) strict, without rowid;
create table cart_lines (
    tenant integer not null, id blob not null, cart_id blob not null, version integer not null,
    sku text not null, quantity integer not null check (quantity > 0),
    primary key (tenant, id), unique (tenant, cart_id, sku),
    foreign key (tenant, cart_id) references carts (tenant, id)
) strict, without rowid;
)";

inline constexpr auto postgres_tables = R"(
create table shelves (
    tenant bigint not null, id bigint not null, open boolean not null, count bigint not null,
    mood text not null, name text not null, label text not null, token uuid not null,
    price bigint not null, discount bigint, currency text not null, stock bigint not null,
    seen_at timestamptz not null, opened_on date not null, remark text, closed_at timestamptz,
    cart_id uuid, stop jsonb not null, next_stop jsonb, stops jsonb not null,
    metadata jsonb not null, free json not null, secret text not null, primary key (tenant, id)
);
create table carts (
    tenant bigint not null, id uuid not null, version bigint not null,
    number text collate "C" not null, nickname text collate "C",
    balance bigint not null check (balance >= -1000000), event_sequence bigint not null,
    created_at timestamptz not null, updated_at timestamptz not null,
    primary key (tenant, id), unique (tenant, number) deferrable,
    unique (tenant, nickname) deferrable
) with (fillfactor = 80);
create table cart_lines (
    tenant bigint not null, id uuid not null, cart_id uuid not null, version bigint not null,
    sku text collate "C" not null, quantity bigint not null check (quantity > 0),
    primary key (tenant, id), unique (tenant, cart_id, sku) deferrable,
    foreign key (tenant, cart_id) references carts (tenant, id) deferrable initially deferred
);
)";

}  // namespace stateset::store_testing

namespace stateset::store {
template <>
struct Table<store_testing::Shelf> : Named<"shelves", "shelf"> {};
template <>
struct Table<store_testing::Cart> : Named<"carts", "cart"> {
    using unique = Keys<Key<&store_testing::Cart::number>, Key<&store_testing::Cart::nickname>>;
};
template <>
struct Table<store_testing::Line> : Named<"cart_lines", "cart_line"> {
    using parent = Child<"carts", &store_testing::Line::cart_id>;
    using unique = Keys<Key<&store_testing::Line::cart_id, &store_testing::Line::sku>>;
};
}  // namespace stateset::store

namespace stateset::store_testing {

// A folder that is gone after the test.
class Folder {
  public:
    Folder() {
        auto pattern = (std::filesystem::temp_directory_path() / "stateset-store-XXXXXX").string();
        if (!::mkdtemp(pattern.data())) throw std::runtime_error("no temporary folder");
        path_ = pattern;
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    std::string path() const { return path_; }
    std::string file() const { return path_ + "/test.db"; }

  private:
    std::string path_;
};

inline void make_database(const std::string& file) {
    store::sqlite::Connection connection(file, store::sqlite::Access::write);
    store::sqlite::migrate(connection, store::Migrate::apply,
                           embedded::sqlite_migrations.first(1));  // the heart's
    connection.run(tables);
}

// A database that is gone after the test, on the PostgreSQL server that STATESET_TEST_POSTGRES
// names (a URL of somebody who may create databases).
class PostgresDatabase {
  public:
    static bool available() { return std::getenv("STATESET_TEST_POSTGRES"); }
    static constexpr auto how = "set STATESET_TEST_POSTGRES to the URL of a PostgreSQL server";

    PostgresDatabase() : server_(std::getenv("STATESET_TEST_POSTGRES")) {
        std::random_device random;
        name_ = "stateset_test_" + std::to_string(::getpid()) + "_" + std::to_string(random());
        store::postgres::Connection admin = connection_to(server_);
        admin.run("create database " + name_);
        store::postgres::migrate(url(), store::Migrate::apply,
                                 embedded::postgres_migrations.first(1));  // the heart's
        connect().run(postgres_tables);
    }
    ~PostgresDatabase() {
        looking_.reset();
        try {
            connection_to(server_).run("drop database " + name_ + " with (force)");
        } catch (const std::exception& failure) {
            ADD_FAILURE() << failure.what();
        }
    }
    PostgresDatabase(const PostgresDatabase&) = delete;

    std::string url() const {
        auto authority = server_.find("://") + 3;
        auto path = std::min(server_.find_first_of("/?", authority), server_.size());
        auto query = std::min(server_.find('?', authority), server_.size());
        return server_.substr(0, path) + "/" + name_ + server_.substr(query);
    }
    const std::string& name() const { return name_; }
    // Somebody else at work in it.
    store::postgres::Connection connect() const { return connection_to(url()); }
    // What is committed, in no order.
    std::vector<store::Row> rows(const store::TableInfo& table) const {
        std::string columns;
        for (const auto& column : table.columns) {
            columns += (columns.empty() ? "" : ", ") + std::string(column.name);
        }
        return looking().ask("select " + columns + " from " + std::string(table.name));
    }
    void empty() const {
        looking().run(
            "delete from cart_lines; delete from carts; delete from shelves; "
            "delete from events; delete from idempotency_records; "
            "delete from number_blocks");
    }

  private:
    static store::postgres::Connection connection_to(const std::string& url) {
        return store::postgres::Connection({.url = url,
                                            .role = store::postgres::Role::migrator,
                                            .statement_timeout = std::chrono::seconds(30),
                                            .lock_timeout = std::chrono::seconds(30)},
                                           store::postgres::Connection::Start::now);
    }

    store::postgres::Connection& looking() const {
        if (!looking_) looking_.reset(new auto(connect()));
        return *looking_;
    }

    std::string server_, name_;
    mutable std::unique_ptr<store::postgres::Connection> looking_;
};

inline constexpr Tenant here = 1, elsewhere = 2;

// Ids 1, 2, 3 …, so that a run can be told by looking.
class CountedIds final : public Ids {
  public:
    Uuid next(Time) override { return {0x7000, ++last_}; }

  private:
    std::atomic<std::uint64_t> last_ = 0;
};

inline Uuid uuid(std::uint64_t number) { return {0x0198'0000'0000'7000, number}; }

// Polls, so that no test sleeps for luck.
template <class F>
::testing::AssertionResult eventually(F&& holds) {
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < deadline) {
        if (holds()) return ::testing::AssertionSuccess();
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return ::testing::AssertionFailure() << "it did not happen within 20 s";
}

// Holds back whoever passes, until it is opened.
class Gate {
  public:
    void pass() {
        std::unique_lock lock(mutex_);
        ++waiting_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return open_; });
        --waiting_;
    }
    void open() {
        std::scoped_lock lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }
    template <class T>
    bool somebody_waits_before(const std::future<T>& end) {
        std::unique_lock lock(mutex_);
        while (waiting_ == 0) {
            if (end.wait_for(std::chrono::seconds(0)) == std::future_status::ready) return false;
            changed_.wait_for(lock, std::chrono::milliseconds(1));
        }
        return true;
    }
    void wait_until_somebody_waits() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return waiting_ > 0; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int waiting_ = 0;
    bool open_ = false;
};

// A store whose faults a test decides, as those of a store in memory.
class Faulty final : public store::Store {
  public:
    using Step = store::MemoryStore::Step;
    using Fault = store::MemoryStore::Fault;
    Faulty(std::unique_ptr<store::Store> inner, std::function<Fault(Step)> faults)
        : inner_(std::move(inner)), faults_(std::move(faults)) {}

    void begin(store::Locks locks) override {
        meet(Step::begin);
        inner_->begin(locks);
    }
    void load(std::span<const store::Want> wants,
              const std::function<void(const store::Want&, store::Row)>& found,
              const std::function<void(const store::Want&)>& held) override {
        meet(Step::load);
        inner_->load(wants, found, held);
    }
    void write(std::span<const store::TableChanges> changes) override {
        meet(Step::write);
        inner_->write(changes);
    }
    void check() override { inner_->check(); }
    void commit(Uuid batch) override {
        auto fault = faults_(Step::commit);
        if (fault == Fault::unknown_done) inner_->commit(batch);
        if (fault != Fault::none) fail(fault);
        inner_->commit(batch);
    }
    void rollback() noexcept override { inner_->rollback(); }
    bool committed(Uuid batch) override {
        meet(Step::committed);
        return inner_->committed(batch);
    }
    std::int64_t lease_numbers(Tenant tenant, std::string_view sequence, std::int64_t first,
                               std::int64_t count) override {
        meet(Step::lease);
        return inner_->lease_numbers(tenant, sequence, first, count);
    }
    std::uint64_t statements() const override { return inner_->statements(); }

  private:
    void meet(Step step) {
        auto fault = faults_(step);
        if (fault != Fault::none) fail(fault);
    }
    [[noreturn]] static void fail(Fault fault) {
        if (fault == Fault::transient) throw store::Transient("injected");
        if (fault == Fault::unavailable) throw store::Unavailable("injected");
        throw store::CommitUnknown("injected");
    }

    std::unique_ptr<store::Store> inner_;
    std::function<Fault(Step)> faults_;
};

// A Committer and its store, in memory unless a test brings another.
struct Kernel {
    using Step = store::MemoryStore::Step;
    using Fault = store::MemoryStore::Fault;

    explicit Kernel(
        Committer::Options options = {},
        std::function<Fault(Step)> faults = [](Step) { return Fault::none; },
        std::unique_ptr<store::Store> slow = nullptr) {
        auto made = std::make_unique<store::MemoryStore>();
        made->faults = std::move(faults);
        memory = made.get();
        start(std::move(made), std::move(options), std::move(slow));
    }
    Kernel(std::unique_ptr<store::Store> other, Committer::Options options,
           std::function<std::vector<store::Row>(const store::TableInfo&)> look = {},
           std::unique_ptr<store::Store> slow = nullptr)
        : look(std::move(look)) {
        start(std::move(other), std::move(options), std::move(slow));
    }

    // The command's outcome, later.
    std::future<Outcome> submit(std::function<store::Answer(Tx&)> work, Envelope envelope = {}) {
        auto promise = std::make_shared<std::promise<Outcome>>();
        auto future = promise->get_future();
        envelope.work = std::move(work);
        if (envelope.actor.tenant == no_tenant) envelope.actor.tenant = here;
        envelope.done = [promise](Outcome outcome) { promise->set_value(std::move(outcome)); };
        committer->submit(std::move(envelope));
        return future;
    }
    // Submits all of them while the Committer is busy, so that they share one batch.
    std::vector<Outcome> together(std::vector<std::function<store::Answer(Tx&)>> commands,
                                  const std::vector<Envelope>* envelopes = nullptr) {
        Gate gate;
        std::future<Outcome> first;
        do {  // an injected fault may end it before it came to the gate
            first = submit([&](Tx&) {
                gate.pass();
                return store::Answer{};
            });
        } while (!gate.somebody_waits_before(first));
        std::vector<std::future<Outcome>> futures;
        for (std::size_t i = 0; i < commands.size(); ++i) {
            auto envelope = envelopes ? copy_of((*envelopes)[i]) : Envelope{};
            futures.push_back(submit(std::move(commands[i]), std::move(envelope)));
        }
        gate.open();
        first.get();
        std::vector<Outcome> outcomes;
        for (auto& future : futures) outcomes.push_back(future.get());
        return outcomes;
    }
    template <class F>
    auto run(F&& command) {
        return committer->run(system_actor(here), std::forward<F>(command));
    }

    Cart cart(std::uint64_t number, std::int64_t balance = 0) {
        return run([=](Tx& tx) {
            return tx.add(Cart{
                .id = uuid(number), .number = "C" + std::to_string(number), .balance = balance});
        });
    }
    std::optional<Cart> find(std::uint64_t number) {
        return run([=](Tx& tx) -> std::optional<Cart> {
            auto* cart = tx.find<Cart>(CartId(uuid(number)));
            return cart ? std::optional(*cart) : std::nullopt;
        });
    }
    std::int64_t balance(std::uint64_t number) { return find(number).value().balance; }

    // The committed rows of a table.
    std::vector<store::Row> rows(const store::TableInfo& table) const {
        return look ? look(table) : memory->rows(table);
    }
    std::vector<store::Event> events() const {
        std::vector<store::Event> result;
        for (auto& row : rows(store::info<store::Event>())) {
            result.push_back(store::from_row<store::Event>(row));
        }
        std::ranges::sort(result, [](auto& a, auto& b) { return a.sequence < b.sequence; });
        return result;
    }
    std::vector<std::string> logged() const {
        std::scoped_lock lock(log_mutex);
        return log;
    }

    store::MemoryStore* memory = nullptr;  // null: `look` looks at another
    std::function<std::vector<store::Row>(const store::TableInfo&)> look;
    mutable std::mutex log_mutex;
    std::vector<std::string> log;
    std::unique_ptr<Committer> committer;

  private:
    void start(std::unique_ptr<store::Store> made, Committer::Options options,
               std::unique_ptr<store::Store> slow = nullptr) {
        options.log = [this](std::string_view text) {
            std::scoped_lock lock(log_mutex);
            log.emplace_back(text);
        };
        committer =
            std::make_unique<Committer>(std::move(made), std::move(options), std::move(slow));
    }
    static Envelope copy_of(const Envelope& from) {
        return {.work = from.work,
                .actor = from.actor,
                .request_id = from.request_id,
                .deadline = from.deadline,
                .idempotency = from.idempotency,
                .expected = from.expected,
                .weight = from.weight,
                .dry = from.dry,
                .done = {}};
    }
};

inline std::string code_of(const Outcome& outcome) {
    return outcome.refusal ? std::string(outcome.refusal->code().name) : "ok";
}
template <class F>
std::string code_of_refusal(F&& work) {
    try {
        work();
        return "ok";
    } catch (const Refusal& refusal) {
        return std::string(refusal.code().name);
    }
}

}  // namespace stateset::store_testing
