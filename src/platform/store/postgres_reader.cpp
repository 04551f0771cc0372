// Reads on PostgreSQL. A question costs a round trip, so jobs share one: what they all ask is
// noted, then asked together, and like questions (the same statement with other values) become one
// statement. All answers of a snapshot agree with each other: where more than one statement is
// needed they share a `repeatable read` transaction, and when that has to start over, everything
// is asked again.

#include <algorithm>
#include <map>
#include <set>
#include <thread>

#include "platform/core/refusal.hpp"
#include "platform/store/postgres.hpp"
#include "platform/store/tx.hpp"

namespace stateset::store::postgres {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int jobs_together = 64;
constexpr int most_timeouts = 3;  // one fetch lasts no longer than so many statements may
constexpr std::chrono::milliseconds replica_answers{200};  // or it is as good as dead
constexpr std::chrono::microseconds look_again{300};       // at a replica that is behind

bool starts_name(char c) { return (c >= 'a' && c <= 'z') || c == '_'; }
bool in_name(char c) { return starts_name(c) || (c >= '0' && c <= '9'); }

// Where what begins at `at` ends, if it is nothing to look into: a string, a quoted name, a
// comment, a cast. Else `at`.
std::size_t skipped(std::string_view sql, std::size_t at) {
    auto after = [&](std::string_view end, std::size_t from) {
        auto found = sql.find(end, from);
        return found == sql.npos ? sql.size() : found + end.size();
    };
    auto rest = sql.substr(at);
    if (rest.starts_with("'")) return after("'", at + 1);
    if (rest.starts_with("\"")) return after("\"", at + 1);
    if (rest.starts_with("--")) return after("\n", at);
    if (rest.starts_with("/*")) return after("*/", at + 2);
    if (rest.starts_with("::")) return at + 2;
    return at;
}

// The statement with each `:name` replaced by what `as` says for the place of that name among
// `names`, which it fills.
template <class F>
std::string translated(std::string_view sql, std::vector<std::string>& names, F&& as) {
    std::string result;
    for (std::size_t at = 0; at < sql.size();) {
        auto end = skipped(sql, at);
        if (end == at && sql[at] == ':' && at + 1 < sql.size() && starts_name(sql[at + 1])) {
            end = at + 1;
            while (end < sql.size() && in_name(sql[end])) ++end;
            auto name = sql.substr(at + 1, end - at - 1);
            auto found = std::ranges::find(names, name);
            auto place = static_cast<std::size_t>(found - names.begin());
            if (found == names.end()) names.emplace_back(name);
            result += as(place + 1);
        } else {
            end = std::max(end, at + 1);
            result += sql.substr(at, end - at);
        }
        at = end;
    }
    return result;
}

// One statement of a slice.
struct Text {
    std::string one;   // answers one question
    std::string many;  // answers like questions: the number of each, of the row in it, and the row
    std::vector<std::string> names;
    std::vector<Oid> types, array_types;  // empty until the server was asked
    bool known = false;
    bool only_one = false;  // it cannot be asked set-wise
    bool leads_on = false;  // what it answers is used to ask more

    explicit Text(std::string_view sql) {
        one = translated(sql, names, [](auto place) { return "$" + std::to_string(place); });
        auto inner =
            translated(sql, names, [](auto place) { return "asked.p" + std::to_string(place); });
        while (!inner.empty() && (inner.back() == ';' || inner.back() == '\n')) inner.pop_back();
        std::string marks, columns;
        for (std::size_t i = 1; i <= names.size(); ++i) {
            marks += (i > 1 ? ", $" : "$") + std::to_string(i);
            columns += "p" + std::to_string(i) + ", ";
        }
        only_one = names.empty();
        // The row's number keeps the statement's own order, and keeps the planner from pulling the
        // statement apart: it is run once for each question, as it would be alone.
        many = "select asked.n, answer.* from unnest(" + marks + ") with ordinality as asked(" +
               columns +
               "n) cross join lateral (select row_number() over () as o, inside.* from (\n" +
               inner + "\n) as inside) as answer";
    }
};

struct Answer {
    bool known = false;
    std::exception_ptr failure;  // instead of the rest
    std::shared_ptr<const std::vector<std::string>> columns;
    std::vector<Row> rows;
};
using Questions = std::map<std::pair<Text*, std::vector<Value>>, Answer>;

// What one statement asks.
struct Unit {
    Text* text;
    std::vector<Questions::value_type*> questions;
    bool answered = false;
};

class PostgresReader final : public Reader {
  public:
    explicit PostgresReader(ReaderOptions options)
        : options_(std::move(options)),
          primary_({.url = options_.primary,
                    .role = Role::reader,
                    .statement_timeout = options_.statement_timeout,
                    .lock_timeout = options_.statement_timeout}) {
        if (options_.replica.empty()) return;
        replica_ =
            std::make_unique<Connection>(Settings{.url = options_.replica,
                                                  .role = Role::replica,
                                                  .statement_timeout = options_.statement_timeout,
                                                  .lock_timeout = options_.statement_timeout});
    }

    sql::Dialect dialect() const override { return sql::Dialect::postgres; }
    int together() const override { return jobs_together; }

    void begin() override {
        questions_.clear();
        alone_.clear();
        chosen_ = nullptr;
    }

    void end() noexcept override {
        end_transaction("commit");
        questions_.clear();
    }

    void query(std::string_view sql, const Parameters& parameters,
               const std::function<void(const std::vector<std::string_view>&)>& columns,
               const std::function<void(Row)>& row) override {
        auto& text = text_of(sql);
        std::vector<Value> values;
        for (const auto& name : text.names) values.push_back(given(parameters, name, sql));
        const auto& answer = questions_[{&text, std::move(values)}];
        if (!answer.known) throw Miss{};
        if (answer.failure) std::rethrow_exception(answer.failure);
        columns({answer.columns->begin(), answer.columns->end()});
        for (const auto& found : answer.rows) row(found);
    }

    void fetch() override {
        for (bool again = false;; again = true) {
            // The connection may have been dead for long; a new one will tell.
            try {
                return fetch_all();
            } catch (const Lost&) {
                forget();
                if (again) throw;
            } catch (const Outdated&) {
                forget();
                if (again) throw;
            }
        }
    }

  private:
    Text& text_of(std::string_view sql) {
        auto found = texts_.find(sql);
        if (found == texts_.end()) {
            found = texts_.emplace(std::string(sql), std::make_unique<Text>(sql)).first;
        }
        return *found->second;
    }

    static const Value& given(const Parameters& parameters, const std::string& name,
                              std::string_view sql) {
        auto found =
            std::ranges::find_if(parameters, [&](auto& known) { return known.first == name; });
        if (found != parameters.end()) return found->second;
        throw std::logic_error("nobody gives the parameter :" + name +
                               " of: " + std::string(sql.substr(0, 200)));
    }

    // Asks until every question is answered or has failed. What fails is taken out and the rest
    // asked again, in the same snapshot.
    void fetch_all() {
        auto deadline = Clock::now() + most_timeouts * options_.statement_timeout;
        if (!in_transaction_) {  // what was answered without one cannot be continued
            for (auto& [question, answer] : questions_) question.first->leads_on |= answer.known;
            start_over();
        }
        while (true) {
            choose();
            learn_types();
            auto units = units_of_open_questions();
            if (units.empty()) return;
            if (Clock::now() > deadline) return fail_all(units);
            try {
                ask(units);
                if (!behind()) return;
            } catch (const Lost&) {
                if (chosen_ == &primary_) throw;
                in_transaction_ = false;
                leave_replica();
            } catch (const Outdated&) {
                throw;
            } catch (...) {
                spoiled_ = in_transaction_;
                if (chosen_ == &primary_) {
                    blame(units, std::current_exception());
                } else {
                    leave_replica();  // a conflict with what it replays, or worse
                }
            }
        }
    }

    void forget() {
        start_over();
        in_transaction_ = spoiled_ = false;
        chosen_ = nullptr;
    }

    void leave_replica() {
        end_transaction("rollback");
        start_over();
        chosen_ = &primary_;
        fresh_ = true;
    }

    void start_over() {
        for (auto& [question, answer] : questions_) {
            if (!answer.failure) answer = {};
        }
    }

    void end_transaction(const std::string& how) noexcept {
        spoiled_ = false;
        if (!std::exchange(in_transaction_, false) || !chosen_->is_open()) return;
        try {
            chosen_->send(how, {}, {});
            chosen_->leave();
        } catch (const std::exception&) {
            chosen_->drop();  // the server ends it
        }
    }

    // ---- what to ask

    void learn_types() {
        for (auto& [question, answer] : questions_) {
            auto* text = question.first;
            if (text->known || answer.failure) continue;
            try {
                hurry();
                text->types = chosen_->shape(text->one).parameters;
                for (auto type : text->types) text->array_types.push_back(array_of(type));
                text->known = true;
            } catch (const std::exception&) {
                if (!chosen_->is_open()) throw;
                answer = {.known = true, .failure = std::current_exception()};
                spoiled_ = in_transaction_;
                go_on();
            }
        }
    }

    // After a failure, before anything else is sent: the transaction and its snapshot live on.
    void go_on() {
        if (std::exchange(spoiled_, false)) {
            chosen_->send("rollback to savepoint before", {}, {});
        }
    }

    // Those that have been trouble come last.
    std::vector<Unit> units_of_open_questions() {
        std::vector<Unit> units;
        for (auto& question : questions_) {
            if (question.second.known) continue;
            auto* text = question.first.first;
            bool same = !units.empty() && units.back().text == text;
            if (!same || text->only_one || alone_.contains(text)) units.push_back({text, {}});
            units.back().questions.push_back(&question);
        }
        std::ranges::partition(units, [&](auto& unit) { return !alone_.contains(unit.text); });
        return units;
    }

    void fail_all(std::vector<Unit>& units) {
        for (auto& unit : units) {
            for (auto* question : unit.questions) fail(*question, timed_out());
        }
    }

    static std::exception_ptr timed_out() {
        return std::make_exception_ptr(
            Refusal(codes::timed_out, "The query took too long.").retry_after(1));
    }

    static void fail(Questions::value_type& question, std::exception_ptr failure) {
        question.second = {.known = true, .failure = std::move(failure)};
    }

    // The first unit without an answer failed, and took the others with it.
    void blame(std::vector<Unit>& units, std::exception_ptr failure) {
        auto culprit = std::ranges::find(units, false, &Unit::answered);
        if (culprit == units.end()) std::rethrow_exception(failure);
        bool mistake = false;
        try {
            std::rethrow_exception(failure);
        } catch (const TimedOut&) {
            failure = timed_out();
        } catch (const Failed& failed) {
            mistake = failed.sqlstate.starts_with("42");
        } catch (...) {
        }
        if (culprit->questions.size() > 1) {
            alone_.insert(culprit->text);
            if (mistake) culprit->text->only_one = true;
        } else {
            fail(*culprit->questions.front(), std::move(failure));
        }
    }

    // ---- asking

    void ask(std::vector<Unit>& units) {
        std::vector<std::vector<Argument>> arguments;
        for (auto& unit : units) {
            try {
                arguments.push_back(arguments_of(unit));
            } catch (...) {
                for (auto& other : units) other.answered = &other != &unit;  // not to blame
                throw;
            }
        }
        ask_freshness();
        if (!in_transaction_ && (units.size() > 1 || units.front().text->leads_on)) {
            chosen_->send("begin isolation level repeatable read read only", {}, {});
            chosen_->send("savepoint before", {}, {});
            in_transaction_ = true;
        }
        go_on();
        for (std::size_t i = 0; i < units.size(); ++i) {
            auto& unit = units[i];
            bool single = unit.questions.size() == 1;
            chosen_->send(single ? unit.text->one : unit.text->many,
                          single ? unit.text->types : unit.text->array_types,
                          std::move(arguments[i]), [&unit, single](const Reply& reply) {
                              single ? take_one(unit, reply) : take_many(unit, reply);
                              unit.answered = true;
                          });
        }
        chosen_->finish();
    }

    static std::vector<Argument> arguments_of(const Unit& unit) {
        std::vector<Argument> result;
        for (std::size_t i = 0; i < unit.text->types.size(); ++i) {
            auto type = unit.text->types[i];
            if (unit.questions.size() == 1) {
                result.push_back(encoded(unit.questions.front()->first.second[i], type));
                continue;
            }
            ArrayOf array(type);
            for (auto* question : unit.questions) array.push(question->first.second[i]);
            result.push_back(array.bytes());
        }
        return result;
    }

    static auto columns_of(const Reply& reply, int from) {
        auto names = std::make_shared<std::vector<std::string>>();
        for (int c = from; c < reply.columns(); ++c) names->emplace_back(reply.name(c));
        return names;
    }

    static Row row_of(const Reply& reply, int row, int from) {
        Row result;
        result.reserve(static_cast<std::size_t>(reply.columns() - from));
        for (int c = from; c < reply.columns(); ++c) result.push_back(reply.value(row, c));
        return result;
    }

    static void take_one(Unit& unit, const Reply& reply) {
        auto& answer = unit.questions.front()->second;
        answer.columns = columns_of(reply, 0);
        for (int i = 0; i < reply.rows(); ++i) answer.rows.push_back(row_of(reply, i, 0));
        answer.known = true;
    }

    static void take_many(Unit& unit, const Reply& reply) {
        auto columns = columns_of(reply, 2);
        std::vector<std::vector<std::pair<std::int64_t, int>>> places(unit.questions.size());
        for (int i = 0; i < reply.rows(); ++i) {
            auto question = static_cast<std::size_t>(std::get<std::int64_t>(reply.value(i, 0)) - 1);
            places[question].emplace_back(std::get<std::int64_t>(reply.value(i, 1)), i);
        }
        for (std::size_t q = 0; q < places.size(); ++q) {
            auto& answer = unit.questions[q]->second;
            std::ranges::sort(places[q]);
            for (const auto& [_, row] : places[q]) answer.rows.push_back(row_of(reply, row, 2));
            answer.columns = columns;
            answer.known = true;
        }
    }

    // ---- which server: the replica as long as it has replayed all that was durable at the primary
    // when the snapshot's first question was about to be asked. So nobody is shown less than what
    // was acknowledged before.

    void choose() {
        if (chosen_) {
            chosen_->open();
            return;
        }
        needed_ = 0;
        fresh_ = true;
        chosen_ = &primary_;
        primary_.open();
        if (!replica_) return;
        try {
            replica_->open();
        } catch (const Unavailable&) {
            return;
        }
        auto rows = primary_.ask("select pg_current_wal_flush_lsn()");
        needed_ = std::get<std::int64_t>(rows[0][0]);
        fresh_ = false;
        chosen_ = replica_.get();
    }

    static constexpr const char* replayed =
        "select coalesce(pg_last_wal_replay_lsn() >= $1, false)";

    // Before the transaction, so that its snapshot is younger than the answer.
    void ask_freshness() {
        if (fresh_) return;
        constexpr Oid types[] = {oid::lsn};
        chosen_->send(replayed, types, {encoded(needed_, oid::lsn)}, [this](const Reply& reply) {
            fresh_ = reply.value(0, 0) == Value(std::int64_t{1});
        });
        chosen_->sync();
        hurry();
    }

    void hurry() {
        if (chosen_ != &primary_) chosen_->answer_within(options_.patience + replica_answers);
    }

    // The replica had not come far enough: what it answered does not count.
    bool behind() {
        if (fresh_) return false;
        end_transaction("rollback");
        start_over();
        auto deadline = Clock::now() + options_.patience;
        constexpr Oid types[] = {oid::lsn};
        while (!fresh_ && Clock::now() < deadline) {
            std::this_thread::sleep_for(look_again);
            hurry();
            fresh_ = chosen_->ask(replayed, types, {encoded(needed_, oid::lsn)})[0][0] ==
                     Value(std::int64_t{1});
        }
        if (!fresh_) leave_replica();
        return true;
    }

    ReaderOptions options_;
    Connection primary_;
    std::unique_ptr<Connection> replica_;
    Connection* chosen_ = nullptr;  // for this snapshot
    std::int64_t needed_ = 0;       // the primary's place in its log
    bool fresh_ = true;             // whoever was chosen has come that far
    bool in_transaction_ = false;
    bool spoiled_ = false;  // by a failure, since its savepoint
    std::map<std::string, std::unique_ptr<Text>, std::less<>> texts_;
    Questions questions_;
    std::set<const Text*> alone_;  // asked singly in this snapshot
};

}  // namespace

std::unique_ptr<Reader> open_reader(ReaderOptions options) {
    return std::make_unique<PostgresReader>(std::move(options));
}

}  // namespace stateset::store::postgres
