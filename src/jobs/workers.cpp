#include "jobs/workers.hpp"

#include <condition_variable>
#include <latch>
#include <mutex>
#include <thread>
#include <utility>

#include "jobs/csv.hpp"
#include "jobs/rows.hpp"
#include "jobs/window.hpp"
#include "sql.hpp"

namespace stateset::jobs {
namespace {

constexpr std::int64_t most_jobs = 50;  // that take turns
constexpr int windows_a_turn = 20;      // 1,200 lines
constexpr int pages_a_turn = 5;
constexpr std::int64_t rows_a_page = 500;     // some 200 KB of orders
constexpr std::int64_t most_errors = 10'000;  // that are listed; further ones are counted
constexpr int weight_of_line = 8;
constexpr std::int64_t chunks_forgotten_at_once = 20;  // each may have 1 MiB
constexpr std::chrono::milliseconds patience{250};     // when others make jobs too
constexpr std::chrono::seconds rest{30};
constexpr std::chrono::hours between_cleanings{1};

// How the command of a line ends that is not to take effect. Nobody outside is ever told these, so
// no page names them.
const Code stopped{"import_stopped", 409, "The import does not go on", ""};
const Code passed{"dry_run_passed", 409, "The line would have been done", ""};

struct Most {
    std::int64_t most;
};

struct Numbered {
    Uuid job_id;
    std::int64_t number;
};

struct Old {
    Uuid before;
    std::int64_t most;
};

struct OldChunk {
    Tenant tenant;
    Uuid id;
};

struct RunningJob {
    Tenant tenant;
    Uuid id;
};

// UUIDv7 begin with milliseconds.
Uuid first_id_at(Time time) { return {static_cast<std::uint64_t>(time.micros / 1000) << 16, 0}; }

bool worth_another_try(const Refusal& refusal) { return refusal.code().status == 503; }

}  // namespace

struct Workers::State {
    Committer& committer;
    ReadPool& reads;
    Options options;

    std::mutex mutex;
    std::condition_variable wake;
    bool stopping = false, wake_now = false;
    bool deferred = false;  // a step failed for a reason that passes
    std::thread thread;
    std::chrono::steady_clock::time_point clean_at{};
    // The chunk that was read last: its lines fill many windows.
    std::optional<Chunk> chunk;

    void work();
    bool may_go_on();
    bool turn();  // true: something was done
    template <class F>
    bool guarded(std::string_view what, F&& step);
    void clean();

    bool advance_import(const RunningJob&);
    bool advance_window(Tenant, const Actor&, Import&);
    std::vector<Outcome> carry_out(const Actor&, const Import&, const Window&);
    Import settle(Tenant, const Import&, const Window&, const std::vector<Outcome>&);
    std::string chunk_text(Tenant, Uuid job, std::int64_t number);
    template <class Job>
    void fail(Tenant, Id<Job>, const std::string& why);
    template <class Job>
    std::optional<Actor> actor_of(Tenant, const Job&, std::string_view permission);

    bool advance_export(const RunningJob&);
    bool write_page(Tenant, Export&);
};

Workers::Workers(Committer& committer, ReadPool& reads, Options options)
    : state_(new State{.committer = committer, .reads = reads, .options = std::move(options)}) {
    committer.listen([state = state_.get()](const std::vector<store::TableChanges>& changes) {
        for (const auto& table : changes) {
            if (table.table != &store::info<Import>() && table.table != &store::info<Export>()) {
                continue;
            }
            std::scoped_lock lock(state->mutex);
            state->wake_now = true;
            state->wake.notify_all();
        }
    });
}

Workers::~Workers() { stop(); }

void Workers::start() {
    state_->thread = std::thread([state = state_.get()] { state->work(); });
}

void Workers::stop() {
    {
        std::scoped_lock lock(state_->mutex);
        state_->stopping = true;
        state_->wake.notify_all();
    }
    if (state_->thread.joinable()) state_->thread.join();
}

void Workers::State::work() {
    std::unique_lock lock(mutex);
    while (!stopping) {
        wake_now = false;
        lock.unlock();
        bool busy = may_go_on() && turn();
        lock.lock();
        if (busy || stopping) continue;
        if (std::exchange(deferred, false)) {
            wake.wait_for(lock, patience, [this] { return stopping; });
            continue;
        }
        auto until = options.shared || !options.duty.held()
                         ? patience
                         : std::chrono::duration_cast<std::chrono::milliseconds>(rest);
        wake.wait_for(lock, until, [this] { return stopping || wake_now; });
    }
}

bool Workers::State::may_go_on() {
    std::scoped_lock lock(mutex);
    return !stopping && options.duty.held();
}

// One failure stops no other job.
template <class F>
bool Workers::State::guarded(std::string_view what, F&& step) {
    try {
        return step();
    } catch (const std::exception& failure) {
        if (options.log) options.log(std::string(what) + ": " + failure.what());
        deferred = true;
        return false;
    }
}

bool Workers::State::turn() {
    bool any = false;
    auto running = [&](const sql::Query& query) {
        return reads.run(no_tenant,
                         [&](Reads& from) { return from.all<RunningJob>(query, Most{most_jobs}); });
    };
    any |= guarded("imports", [&] {
        bool some = false;
        for (const auto& job : running(sql::jobs::running_imports)) {
            some |= may_go_on() && guarded("an import", [&] { return advance_import(job); });
        }
        return some;
    });
    any |= guarded("exports", [&] {
        bool some = false;
        for (const auto& job : running(sql::jobs::running_exports)) {
            some |= may_go_on() && guarded("an export", [&] { return advance_export(job); });
        }
        return some;
    });
    guarded("forgetting files", [&] {
        clean();
        return true;
    });
    return any;
}

void Workers::State::clean() {
    if (std::chrono::steady_clock::now() < clean_at) return;
    clean_at = std::chrono::steady_clock::now() + between_cleanings;
    for (;;) {
        Old wanted{first_id_at(options.clock() - content_kept), chunks_forgotten_at_once};
        auto old = reads.run(no_tenant, [&](Reads& from) {
            return from.all<OldChunk>(sql::jobs::old_chunks, wanted);
        });
        for (const auto& one : old) {
            if (!may_go_on()) return;
            committer.run(system_actor(one.tenant), [&](Tx& tx) {
                if (auto* there = tx.find<Chunk>(one.id)) tx.remove(*there);
            });
        }
        if (old.size() < static_cast<std::size_t>(chunks_forgotten_at_once)) return;
    }
}

template <class Job>
void Workers::State::fail(Tenant tenant, Id<Job> id, const std::string& why) {
    committer.run(system_actor(tenant), [&](Tx& tx) {
        const auto& found = tx.get<Job>(id);
        if (found.status != Status::running) return;
        auto& job = tx.edit(found);
        job.status = next(lifecycle, job.status, Action::fail);
        job.failure = why;
        job.finished_at = tx.now();
    });
}

// Who asked for it, if they may still; else the job fails.
template <class Job>
std::optional<Actor> Workers::State::actor_of(Tenant tenant, const Job& job,
                                              std::string_view permission) {
    auto now = options.clock();
    auto actor = reads.run(tenant, [&](Reads& from) {
        return standing_of(from, tenant, job.actor, job.actor_id.value, now);
    });
    if (actor && actor->may(permission)) return actor;
    fail(tenant, job.id,
         "Who asked for it may not do this any more: it needs the permission " +
             std::string(permission) + ".");
    return std::nullopt;
}

// ---- imports

bool Workers::State::advance_import(const RunningJob& which) {
    auto job = reads.run(which.tenant, [&](Reads& from) {
        return from.one<Import>(sql::jobs::one_import, OneImport{which.id});
    });
    auto actor = actor_of(which.tenant, job, permission_to_import(job.kind));
    if (!actor) return true;
    for (int i = 0; i < windows_a_turn && job.status == Status::running; ++i) {
        if (!may_go_on()) return false;
        if (!advance_window(which.tenant, *actor, job)) return false;
    }
    return true;
}

// False: not now; the window is begun again later, and leaves out what was done.
bool Workers::State::advance_window(Tenant tenant, const Actor& actor, Import& job) {
    auto window = window_of(
        job, [&](std::int64_t number) { return chunk_text(tenant, job.id.value, number); });
    auto outcomes = carry_out(actor, job, window);
    for (const auto& outcome : outcomes) {
        if (!outcome.refusal) continue;
        if (&outcome.refusal->code() == &stopped) {
            job.status = Status::cancelled;  // or another worker is at it
            return true;
        }
        deferred |= worth_another_try(*outcome.refusal);
    }
    if (deferred) return false;
    job = settle(tenant, job, window, outcomes);
    return true;
}

std::string Workers::State::chunk_text(Tenant tenant, Uuid job, std::int64_t number) {
    if (!chunk || chunk->job_id != job || chunk->number != number) {
        chunk = reads.run(tenant, [&](Reads& from) {
            return from.one<Chunk>(sql::jobs::chunk, Numbered{job, number});
        });
    }
    return chunk->content;
}

namespace {

// The mark and the line's effects are one transaction.
void do_line(Tx& tx, ImportId id, std::int64_t position, std::size_t at, const Line& line) {
    const auto& job = tx.get<Import>(id);
    bool mine = job.status == Status::running && job.position.value == position;
    require(mine, stopped, "The import was cancelled, or is somebody else's.");
    auto mark = std::int64_t{1} << at;
    if (job.marks.value & mark) return;
    if (!job.dry_run) {
        auto& marked = tx.edit(job);
        marked.marks.value |= mark;
        ++marked.lines_done;
        ++marked.lines_read;
    }
    line.act(tx, tx.actor());
    require(!job.dry_run, passed, "Nothing is wrong with the line.");
}

}  // namespace

// All lines at once, so that they share transactions. Those that cannot be read have no outcome.
std::vector<Outcome> Workers::State::carry_out(const Actor& actor, const Import& job,
                                               const Window& window) {
    std::vector<Outcome> outcomes(window.entries.size());
    std::latch all(static_cast<std::ptrdiff_t>(outcomes.size()));
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const auto& line = window.entries[i].what;
        if (!line.faults.empty()) {
            all.count_down();
            continue;
        }
        committer.submit({.work =
                              [&, i](Tx& tx) {
                                  do_line(tx, job.id, job.position.value, i, line);
                                  return store::Answer{};
                              },
                          .actor = actor,
                          .request_id = "import-" + to_string(job.id),
                          .weight = weight_of_line,
                          .done =
                              [&outcomes, &all, i](Outcome outcome) {
                                  outcomes[i] = std::move(outcome);
                                  all.count_down();
                              }});
    }
    all.wait();
    return outcomes;
}

namespace {

std::vector<Fault> faults_of(const Entry& entry, const Outcome& outcome) {
    if (!entry.what.faults.empty()) return entry.what.faults;
    if (!outcome.refusal || &outcome.refusal->code() == &passed) return {};
    if (!outcome.refusal->faults().empty()) return outcome.refusal->faults();
    return {{"", std::string(outcome.refusal->code().name), outcome.refusal->detail(), {}}};
}

void note_errors(Tx& tx, Import& job, const Entry& entry, const std::vector<Fault>& faults) {
    if (job.lines_failed > most_errors) return;
    for (const auto& fault : faults) {
        LineError error{.id = tx.new_id(),
                        .import_id = job.id,
                        .line = entry.line,
                        .field = {},
                        .pointer = fault.pointer,
                        .code = fault.code,
                        .detail = fault.message};
        auto header = header_at(fault.pointer, job.columns.value);
        if (!header.empty()) error.field = header;
        tx.add(std::move(error));
    }
}

void take_window(Tx& tx, Import& job, const Window& window, const std::vector<Outcome>& outcomes) {
    job.columns.value = window.columns;
    for (std::size_t i = 0; i < window.entries.size(); ++i) {
        auto faults = faults_of(window.entries[i], outcomes[i]);
        bool marked = job.marks.value & (std::int64_t{1} << i);
        if (marked) continue;
        ++job.lines_read;
        ++(faults.empty() ? job.lines_done : job.lines_failed);
        note_errors(tx, job, window.entries[i], faults);
    }
    job.marks.value = 0;
    job.position.value += static_cast<std::int64_t>(window.entries.size());
    job.at_chunk.value = window.at_chunk;
    job.at_byte.value = window.at_byte;
    job.at_line.value = window.at_line;
    job.bytes_before.value = window.bytes_before;
    auto passed_bytes = window.bytes_before + window.at_byte;
    job.progress =
        job.bytes > 0 ? std::min<std::int64_t>(100, passed_bytes * 100 / job.bytes) : 100;
    if (window.failure) {
        job.status = next(lifecycle, job.status, Action::fail);
        job.failure = window.failure;
    } else if (window.last) {
        job.status = next(lifecycle, job.status, Action::complete);
        job.progress = 100;
    }
    if (job.status != Status::running) job.finished_at = tx.now();
}

}  // namespace

Import Workers::State::settle(Tenant tenant, const Import& was, const Window& window,
                              const std::vector<Outcome>& outcomes) {
    return committer.run(system_actor(tenant), [&](Tx& tx) {
        const auto& found = tx.get<Import>(was.id);
        bool mine = found.status == Status::running && found.position.value == was.position.value &&
                    found.at_byte.value == was.at_byte.value;
        if (!mine) return found;
        auto& job = tx.edit(found);
        take_window(tx, job, window, outcomes);
        return job;
    });
}

// ---- exports

bool Workers::State::advance_export(const RunningJob& which) {
    auto job = reads.run(which.tenant, [&](Reads& from) {
        return from.one<Export>(sql::jobs::one_export, OneExport{which.id});
    });
    if (!actor_of(which.tenant, job, permission_to_export(job.kind))) return true;
    for (int i = 0; i < pages_a_turn && job.status == Status::running; ++i) {
        if (!may_go_on() || !write_page(which.tenant, job)) return false;
    }
    return true;
}

namespace {

std::string written(const Export& job, const Rows& rows) {
    std::string text;
    const auto& columns = columns_to_export(job.kind);
    if (job.format == Format::csv && job.chunks == 0) {
        std::vector<std::string> names;
        for (const auto& column : columns) names.push_back(column.name);
        append_record(text, names);
    }
    for (const auto& object : rows.objects) {
        if (job.format == Format::csv) {
            append_record(text, cells_of(object, columns));
        } else {
            text += object + "\n";
        }
    }
    return text;
}

}  // namespace

bool Workers::State::write_page(Tenant tenant, Export& was) {
    auto rows = reads.run(tenant, [&](Reads& from) { return rows_after(from, was, rows_a_page); });
    auto text = written(was, rows);
    was = committer.run(system_actor(tenant), [&](Tx& tx) {
        const auto& found = tx.get<Export>(was.id);
        bool mine = found.status == Status::running &&
                    found.walked_to.value == was.walked_to.value && found.chunks == was.chunks;
        if (!mine) return found;
        auto& job = tx.edit(found);
        job.rows += static_cast<std::int64_t>(rows.objects.size());
        job.bytes += static_cast<std::int64_t>(text.size());
        if (rows.up_to) job.walked_to.value = rows.up_to;
        if (!text.empty()) {
            tx.add(Chunk{.id = tx.new_id(),
                         .job_id = job.id.value,
                         .number = ++job.chunks,
                         .content = text});
        }
        if (!rows.more) {
            job.status = next(lifecycle, job.status, Action::complete);
            job.finished_at = tx.now();
        }
        return job;
    });
    return true;
}

}  // namespace stateset::jobs
