#include "platform/store/reads.hpp"

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

#include "platform/auth/crypto.hpp"
#include "platform/store/sqlite.hpp"
#include "platform/store/tx.hpp"

namespace stateset {
namespace store {
namespace {

// Does the line with this condition take part? "status", "!status", "sort=oldest", "archived=1".
bool takes_part(std::string_view condition, const Parameters& parameters) {
    bool negated = condition.starts_with('!');
    if (negated) condition.remove_prefix(1);
    auto equals = condition.find('=');
    auto name = condition.substr(0, equals);
    for (const auto& [known, value] : parameters) {
        if (known != name) continue;
        bool given = value.index() != 0;
        if (equals != condition.npos) {
            auto* text = std::get_if<std::string>(&value);
            auto* number = std::get_if<std::int64_t>(&value);
            auto word = text ? *text : number ? std::to_string(*number) : "";
            given = given && word == condition.substr(equals + 1);
        }
        return given != negated;
    }
    return negated;
}

// By each of its conditions, the first of which is at `mark`.
bool takes_part_by_all(std::string_view line, std::size_t mark, const Parameters& parameters) {
    for (; mark != line.npos; mark = line.find("--? ", mark + 4)) {
        auto condition = line.substr(mark + 4);
        condition = condition.substr(0, condition.find_first_of(" \t\r"));
        if (!takes_part(condition, parameters)) return false;
    }
    return true;
}

}  // namespace

std::string rendered(std::string_view text, const Parameters& parameters) {
    std::string result;
    std::string_view rest = text;
    while (!rest.empty()) {
        auto end = rest.find('\n');
        auto line = rest.substr(0, end);
        rest = end == rest.npos ? std::string_view{} : rest.substr(end + 1);
        auto mark = line.find("--? ");
        if (mark == line.npos && line.starts_with("--")) continue;
        if (!takes_part_by_all(line, mark, parameters)) continue;
        result.append(line.substr(0, mark)).append(1, '\n');
    }
    return result;
}

namespace sqlite {
namespace {

class SqliteReader final : public Reader {
  public:
    explicit SqliteReader(const std::string& file) : connection_(file, Access::read) {}

    sql::Dialect dialect() const override { return sql::Dialect::sqlite; }
    void begin() override { connection_.run("begin"); }
    void end() noexcept override {
        try {
            connection_.run("commit");
        } catch (const std::exception&) {
            // A read transaction that cannot end has ended with its connection's error, told by the
            // query.
        }
    }
    void query(std::string_view sql, const Parameters& parameters,
               const std::function<void(const std::vector<std::string_view>&)>& columns,
               const std::function<void(Row)>& row) override {
        auto& statement = connection_.prepared(std::string(sql));
        for (int at = 1; at <= statement.parameters(); ++at) {
            auto name = statement.parameter_name(at);
            auto given = std::ranges::find_if(
                parameters, [&](auto& known) { return name.substr(1) == known.first; });
            if (given == parameters.end()) {
                throw std::logic_error("nobody gives the parameter " + std::string(name) +
                                       " of: " + std::string(sql.substr(0, 200)));
            }
            statement.bind(at, given->second);
        }
        std::vector<std::string_view> names;
        for (int i = 0; i < statement.columns(); ++i) names.push_back(statement.column_name(i));
        columns(names);
        try {
            while (statement.step()) {
                Row found;
                found.reserve(names.size());
                for (int i = 0; i < statement.columns(); ++i) found.push_back(statement.column(i));
                row(std::move(found));
            }
        } catch (...) {
            statement.reset();
            throw;
        }
        statement.reset();
    }

  private:
    Connection connection_;
};

}  // namespace

std::unique_ptr<Reader> open_reader(const std::string& file) {
    return std::make_unique<SqliteReader>(file);
}

}  // namespace sqlite
}  // namespace store

namespace {

constexpr std::size_t cursor_tag_bytes = 16;

// A cursor's values as text: kind, then the value, one a line; null is an empty line.
std::string cursor_text(const std::vector<store::Value>& key) {
    std::string text;
    for (const auto& value : key) {
        if (auto* number = std::get_if<std::int64_t>(&value)) text += "n" + std::to_string(*number);
        if (auto* words = std::get_if<std::string>(&value)) text += "t" + auth::base64url(*words);
        if (auto* id = std::get_if<Uuid>(&value)) text += "u" + to_string(*id);
        text += "\n";
    }
    return text;
}

std::vector<store::Value> cursor_values(std::string_view text) {
    std::vector<store::Value> key;
    while (!text.empty()) {
        auto end = text.find('\n');
        auto line = text.substr(0, end);
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
        if (line.empty()) {
            key.emplace_back();
        } else if (line[0] == 'n') {
            std::int64_t number = 0;
            std::from_chars(line.data() + 1, line.data() + line.size(), number);
            key.emplace_back(number);
        } else if (line[0] == 't') {
            key.emplace_back(auth::from_base64url(line.substr(1)).value_or(""));
        } else {
            key.emplace_back(uuid_from(line.substr(1)).value_or(Uuid{}));
        }
    }
    return key;
}

// An id holds the time it was made at. That is not exactly created_at: it lies before it when the
// command had to run again, and after it while the clock, once set back, catches up.
constexpr Span ids_stray = minutes(10);

// Where ids of that time begin.
Uuid ids_at(Time time) {
    constexpr std::int64_t last_ms = (std::int64_t{1} << 48) - 1;
    auto ms = std::clamp<std::int64_t>(time.micros / 1000, 0, last_ms);
    return {static_cast<std::uint64_t>(ms) << 16, 0};
}

}  // namespace

std::string Cursors::seal(Tenant tenant, std::string_view query, std::string_view filters,
                          const std::vector<store::Value>& key) const {
    auto text = cursor_text(key);
    auto bound =
        std::to_string(tenant) + "|" + std::string(query) + "|" + std::string(filters) + "|" + text;
    return auth::base64url(auth::hmac_sha256(secret_, bound).substr(0, cursor_tag_bytes) + text);
}

std::vector<store::Value> Cursors::open(Tenant tenant, std::string_view query,
                                        std::string_view filters, std::string_view cursor) const {
    auto raw = auth::from_base64url(cursor);
    if (raw && raw->size() > cursor_tag_bytes) {
        auto key = cursor_values(std::string_view(*raw).substr(cursor_tag_bytes));
        if (auth::equal_in_constant_time(seal(tenant, query, filters, key), cursor)) return key;
    }
    throw invalid("?cursor", "malformed", "is not a cursor of this list with these filters");
}

Reads::Reads(store::Reader& reader, const Cursors& cursors, Tenant tenant,
             std::chrono::microseconds spent)
    : reader_(&reader), cursors_(&cursors), tenant_(tenant), time_(spent) {}

void Reads::ask(const sql::Query& query, const store::Parameters& parameters,
                const std::function<void(const std::vector<std::string_view>&)>& columns,
                const std::function<void(store::Row)>& row) {
    auto begun = std::chrono::steady_clock::now();
    reader_->query(store::rendered(query.in(reader_->dialect()), parameters), parameters, columns,
                   row);
    time_ += std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - begun);
    ++statements_;
}

void Reads::place(const std::vector<std::string_view>& columns,
                  std::span<const std::string_view> fields, std::vector<int>& places,
                  const sql::Query& query) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
        for (std::size_t c = 0; c < columns.size(); ++c) {
            if (columns[c] == fields[i]) places[i] = static_cast<int>(c);
        }
        if (places[i] < 0) {
            throw std::logic_error("statement " + std::string(query.name) + " has no column " +
                                   std::string(fields[i]));
        }
    }
}

std::string Reads::filters_text(const store::Parameters& parameters) {
    std::string text;
    for (const auto& [name, value] : parameters) {
        if (value.index() == 0 || name == "tenant") continue;
        text.append(name).append("=").append(cursor_text({value}));
    }
    return text;
}

void Reads::add_bounds(store::Parameters& parameters) {
    auto bound = [&](std::string_view name, std::string_view of, Span stray) {
        auto given = std::ranges::find(parameters, of, &store::Parameters::value_type::first);
        auto* micros =
            given == parameters.end() ? nullptr : std::get_if<std::int64_t>(&given->second);
        auto value = micros ? store::Value(ids_at(Time{*micros} + stray)) : store::Value{};
        parameters.emplace_back(name, std::move(value));
    };
    bound("ids_after", "created_after", ids_stray * -1);
    bound("ids_before", "created_before", ids_stray);
}

void Reads::add_page(store::Parameters& parameters, const sql::Query& query,
                     std::string_view filters, const std::optional<std::string>& cursor,
                     std::int64_t limit) const {
    parameters.emplace_back("limit", limit);
    if (!cursor) {
        parameters.emplace_back("after_key", store::Value{});
        parameters.emplace_back("after_id", store::Value{});
        return;
    }
    auto key = cursors_->open(tenant_, query.name, filters, *cursor);
    if (key.size() != 2) throw invalid("?cursor", "malformed", "is not a cursor of this list");
    parameters.emplace_back("after_key", std::move(key[0]));
    parameters.emplace_back("after_id", std::move(key[1]));
}

struct ReadPool::State {
    using Clock = std::chrono::steady_clock;
    // A query asks its questions one after the other; one that asks others each time it runs again
    // would never end.
    static constexpr int most_rounds = 100;
    struct Job {
        Tenant tenant;
        std::function<void(Reads&)> work;
        std::function<void(const Refusal&)> failed;
        Clock::time_point asked_at = Clock::now();
    };
    std::vector<std::unique_ptr<store::Reader>> readers;
    std::shared_ptr<const Cursors> cursors;
    Options options;
    std::mutex mutex;
    std::condition_variable wake;
    std::deque<Job> queue;
    bool stopping = false;
    std::vector<std::thread> threads;

    void serve(store::Reader& reader) {
        while (true) {
            auto jobs = take(static_cast<std::size_t>(reader.together()));
            if (jobs.empty()) return;
            auto patient_since = Clock::now() - options.patience;
            std::erase_if(jobs, [&](Job& job) {
                if (job.asked_at >= patient_since) return false;
                job.failed(overloaded("The queue of reads is too long."));
                return true;
            });
            if (!jobs.empty()) answer(reader, jobs);
        }
    }

    std::vector<Job> take(std::size_t most) {
        std::unique_lock lock(mutex);
        wake.wait(lock, [this] { return stopping || !queue.empty(); });
        std::vector<Job> jobs;
        while (!queue.empty() && jobs.size() < most) {
            jobs.push_back(std::move(queue.front()));
            queue.pop_front();
        }
        return jobs;
    }

    // All in one snapshot. Jobs that miss run again when their questions have been asked together.
    void answer(store::Reader& reader, std::vector<Job>& jobs) {
        std::vector<Job*> waiting;
        for (auto& job : jobs) waiting.push_back(&job);
        auto failure = failure_of([&] {
            reader.begin();
            struct End {
                store::Reader& reader;
                ~End() { reader.end(); }
            } end{reader};
            std::chrono::microseconds fetching{0};
            for (int rounds = 1;; ++rounds) {
                std::erase_if(waiting, [&](Job* job) { return answered(reader, *job, fetching); });
                if (waiting.empty()) return;
                if (rounds == most_rounds) throw std::logic_error("a read never asks the same");
                auto begun = Clock::now();
                reader.fetch();
                fetching +=
                    std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begun);
            }
        });
        for (auto* job : waiting) job->failed(*failure);
    }

    // False when it missed.
    bool answered(store::Reader& reader, Job& job, std::chrono::microseconds fetching) {
        bool missed = false;
        auto failure = failure_of([&] {
            try {
                Reads reads(reader, *cursors, job.tenant, fetching);
                job.work(reads);
            } catch (const store::Miss&) {
                missed = true;
            }
        });
        if (failure) job.failed(*failure);
        return !missed;
    }

    // What `work` threw, as its callers may see it.
    template <class F>
    std::optional<Refusal> failure_of(F&& work) const {
        constexpr const char* failed = "The query could not be completed.";
        try {
            work();
            return std::nullopt;
        } catch (const Refusal& refusal) {
            return refusal;
        } catch (const store::Unavailable& failure) {
            log(failure.what());
            return Refusal(codes::unavailable, "The database cannot be read at the moment.")
                .retry_after(1);
        } catch (const store::Transient& failure) {
            log(failure.what());
            return Refusal(codes::unavailable, "The database is busy.").retry_after(1);
        } catch (const std::exception& failure) {
            log(failure.what());
            return Refusal(codes::internal, failed);
        } catch (...) {
            log("a query threw something that is no exception");
            return Refusal(codes::internal, failed);
        }
    }

    // What the database said is for the operator only.
    void log(std::string_view reason) const {
        if (options.log) options.log(reason);
    }

    static Refusal overloaded(const char* why) {
        return Refusal(codes::overloaded, why).retry_after(1);
    }
};

ReadPool::ReadPool(std::function<std::unique_ptr<store::Reader>()> open,
                   std::shared_ptr<const Cursors> cursors, Options options)
    : state_(std::make_unique<State>()) {
    state_->cursors = std::move(cursors);
    state_->options = std::move(options);
    for (int i = 0; i < state_->options.threads; ++i) state_->readers.push_back(open());
    for (auto& reader : state_->readers) {
        state_->threads.emplace_back([state = state_.get(), &reader] { state->serve(*reader); });
    }
}

ReadPool::~ReadPool() { stop(); }

void ReadPool::submit(Tenant tenant, std::function<void(Reads&)> work,
                      std::function<void(const Refusal&)> failed) {
    {
        std::scoped_lock lock(state_->mutex);
        if (!state_->stopping && state_->queue.size() < state_->options.queue_limit) {
            state_->queue.push_back(
                {.tenant = tenant, .work = std::move(work), .failed = std::move(failed)});
            state_->wake.notify_one();
            return;
        }
    }
    failed(State::overloaded("The queue of reads is full."));
}

void ReadPool::wait(Tenant tenant, std::function<void(Reads&)> work) {
    std::promise<std::optional<Refusal>> promise;
    auto future = promise.get_future();
    submit(
        tenant,
        [&](Reads& reads) {
            work(reads);
            promise.set_value(std::nullopt);
        },
        [&](const Refusal& refusal) { promise.set_value(refusal); });
    if (auto refusal = future.get()) throw *refusal;
}

void ReadPool::stop() {
    {
        std::scoped_lock lock(state_->mutex);
        state_->stopping = true;
    }
    state_->wake.notify_all();
    for (auto& thread : state_->threads) {
        if (thread.joinable()) thread.join();
    }
}

}  // namespace stateset
