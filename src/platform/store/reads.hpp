#pragma once
// Queries. A query function takes `Reads`: one snapshot of the database, in the caller's tenant,
// and asks it named SQL:
//
//     OrderView one(Reads& reads, const Actor&, const ById& wanted) {
//         auto order = reads.one<Order>(sql::orders::by_id, wanted);   // refuses with not_found
//
// Columns are matched to members by name, so that `select *` follows the struct. `ReadPool` owns
// the threads and their connections; nothing here writes.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "platform/core/actor.hpp"
#include "platform/core/refusal.hpp"
#include "platform/store/query.hpp"
#include "platform/store/table.hpp"

namespace stateset {

// One page of a list, on the wire {"data":[…],"next_cursor":"…"|null}.
template <class T>
struct Page {
    std::vector<T> data;
    std::optional<std::string> next_cursor;
};

namespace store {

using Parameters = std::vector<std::pair<std::string_view, Value>>;  // null: not given

// A connection that can read. One thread at a time. Where a question costs a round trip, many jobs
// share a snapshot: `query` answers from what was fetched in it, or notes the question and throws
// Miss; `fetch` asks all that was noted at once, and the jobs that missed run again.
class Reader {
  public:
    virtual ~Reader() = default;
    virtual sql::Dialect dialect() const = 0;
    virtual int together() const { return 1; }  // how many jobs gain from sharing a snapshot
    virtual void begin() = 0;                   // a snapshot
    virtual void end() noexcept = 0;
    // Calls `columns` once with the names, then `row` for each row.
    virtual void query(std::string_view sql, const Parameters&,
                       const std::function<void(const std::vector<std::string_view>&)>& columns,
                       const std::function<void(Row)>& row) = 0;
    virtual void fetch() {}
};

// The statement with the lines that take part; see query.hpp.
std::string rendered(std::string_view text, const Parameters&);

template <class T>
struct ParameterOf {
    static Value to(const T& value) { return to_value(value); }
};
template <std::size_t Max, std::size_t Min>
struct ParameterOf<Text<Max, Min>> {
    static Value to(const Text<Max, Min>& value) { return value.value; }
};
template <std::int64_t Min, std::int64_t Max>
struct ParameterOf<Int<Min, Max>> {
    static Value to(const Int<Min, Max>& value) { return value.value; }
};
template <>
struct ParameterOf<Email> {
    static Value to(const Email& value) { return value.value; }
};
template <class T>
struct ParameterOf<std::optional<T>> {
    static Value to(const std::optional<T>& value) {
        return value ? ParameterOf<T>::to(*value) : Value{};
    }
};

}  // namespace store

// Makes and checks cursors: opaque, tamper-evident, bound to the tenant, the query and its filters.
class Cursors {
  public:
    explicit Cursors(std::string secret) : secret_(std::move(secret)) {}
    std::string seal(Tenant, std::string_view query, std::string_view filters,
                     const std::vector<store::Value>& key) const;
    // Throws `invalid` at "?cursor" when it was not made here or for other filters.
    std::vector<store::Value> open(Tenant, std::string_view query, std::string_view filters,
                                   std::string_view cursor) const;

  private:
    std::string secret_;
};

class Reads {
  public:
    // `spent` so far on what this query reads.
    Reads(store::Reader&, const Cursors&, Tenant, std::chrono::microseconds spent = {});

    Tenant tenant() const { return tenant_; }
    int statements() const { return statements_; }
    std::chrono::microseconds time() const { return time_; }

    template <class T, class P>
    std::vector<T> all(const sql::Query& query, const P& parameters) {
        std::vector<T> result;
        run<T>(query, parameters_of(parameters), result);
        return result;
    }
    template <class T, class P>
    std::optional<T> maybe(const sql::Query& query, const P& parameters) {
        auto rows = all<T>(query, parameters);
        return rows.empty() ? std::nullopt : std::optional<T>(std::move(rows.front()));
    }
    template <class T, class P>
    T one(const sql::Query& query, const P& parameters) {
        auto row = maybe<T>(query, parameters);
        if (!row) throw Refusal(codes::not_found, "There is nothing with this id.");
        return std::move(*row);
    }

    // A page of a list. `wanted` has `limit` and `cursor`; the statement uses :after_key, :after_id
    // and :limit, and is ordered by (key, id). `key(row)` is what it is sorted by; without it, by
    // id alone. Ids follow time, so that :ids_after and :ids_before spare it from walking what
    // lies outside of created_after and created_before, roughly.
    template <class T, class P>
    Page<T> page(const sql::Query& query, const P& wanted) {
        return page<T>(query, wanted, [](const T&) { return store::Value{}; });
    }
    template <class T, class P, class F>
    Page<T> page(const sql::Query& query, const P& wanted, F&& key) {
        auto parameters = parameters_of(wanted);
        auto filters = filters_text(parameters);
        std::int64_t limit = wanted.limit ? wanted.limit->value : default_limit;
        add_bounds(parameters);
        add_page(parameters, query, filters, wanted.cursor, limit + 1);
        Page<T> page;
        run<T>(query, std::move(parameters), page.data);
        if (static_cast<std::int64_t>(page.data.size()) > limit) {
            page.data.pop_back();
            const auto& last = page.data.back();
            page.next_cursor = cursors_->seal(tenant_, query.name, filters,
                                              {key(last), store::to_value(id_of(last))});
        }
        return page;
    }

  private:
    static constexpr std::int64_t default_limit = 20;

    template <class T>
    static const auto& id_of(const T& row) {
        if constexpr (requires { row.id; }) {
            return row.id;
        } else {
            return row.position;  // of an event
        }
    }
    template <class P>
    store::Parameters parameters_of(const P& from) {
        store::Parameters result{{"tenant", tenant_}};
        reflect::for_each_field(from, [&]<class M>(std::string_view name, const M& member) {
            if (name == "limit" || name == "cursor") return;
            result.emplace_back(name, store::ParameterOf<M>::to(member));
        });
        return result;
    }
    template <class T>
    void run(const sql::Query& query, store::Parameters parameters, std::vector<T>& into) {
        std::vector<int> places(reflect::field_count<T>, -1);
        ask(
            query, parameters,
            [&](const std::vector<std::string_view>& columns) {
                place(columns, reflect::field_names<T>, places, query);
            },
            [&](store::Row row) {
                store::Row ordered(places.size());
                for (std::size_t i = 0; i < places.size(); ++i) {
                    ordered[i] = std::move(row[static_cast<std::size_t>(places[i])]);
                }
                into.push_back(store::from_row<T>(ordered));
            });
    }
    void ask(const sql::Query&, const store::Parameters&,
             const std::function<void(const std::vector<std::string_view>&)>&,
             const std::function<void(store::Row)>&);
    static void place(const std::vector<std::string_view>& columns,
                      std::span<const std::string_view> fields, std::vector<int>& places,
                      const sql::Query&);
    static std::string filters_text(const store::Parameters&);
    static void add_bounds(store::Parameters&);
    void add_page(store::Parameters&, const sql::Query&, std::string_view filters,
                  const std::optional<std::string>& cursor, std::int64_t limit) const;

    store::Reader* reader_;
    const Cursors* cursors_;
    Tenant tenant_;
    int statements_ = 0;
    std::chrono::microseconds time_;
};

// Threads with a read connection each, opened at once: the constructor throws what `open` throws.
// Work beyond the queue's limit, and work that waited too long for a thread, is refused with
// `overloaded`. Work may run several times before it is done (see Reader): it has no effect before
// its last query.
class ReadPool {
  public:
    struct Options {
        int threads = 2;
        std::size_t queue_limit = 2048;
        std::chrono::milliseconds patience{2000};   // how long work may wait for a thread
        std::function<void(std::string_view)> log;  // errors that only the operator may see
    };
    ReadPool(std::function<std::unique_ptr<store::Reader>()> open, std::shared_ptr<const Cursors>,
             Options);
    ~ReadPool();

    // Runs `work` on one of the threads with a snapshot of its own. `failed` gets the Refusal that
    // it threw.
    void submit(Tenant, std::function<void(Reads&)> work,
                std::function<void(const Refusal&)> failed);
    // The same, waited for. Throws the Refusal. Never on an event loop.
    template <class F>
    auto run(Tenant tenant, F&& work) {
        std::optional<std::invoke_result_t<F, Reads&>> result;
        wait(tenant, [&](Reads& reads) { result.emplace(work(reads)); });
        return std::move(*result);
    }
    void stop();

  private:
    struct State;
    void wait(Tenant, std::function<void(Reads&)> work);
    std::unique_ptr<State> state_;
};

namespace store::sqlite {
std::unique_ptr<Reader> open_reader(const std::string& file);
}

}  // namespace stateset
