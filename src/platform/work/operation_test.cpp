#include "platform/work/operation.hpp"

#include <gtest/gtest.h>

#include <future>

#include "platform/store/sqlite.hpp"
#include "platform/store/store_testing.hpp"

namespace stateset::work {
namespace {

using store_testing::eventually;
using store_testing::Folder;
using store_testing::here;

// A gateway of these tests: what it was asked, and what it shall say.
struct Outside {
    std::mutex mutex;
    std::vector<Operation> calls;
    std::deque<bool> known;  // of the next calls; when none is left: true
    std::vector<std::function<void(Result)>> held;
    bool hold = false;

    void call(const Operation& operation, std::function<void(Result)> done) {
        std::unique_lock lock(mutex);
        calls.push_back(operation);
        if (hold) return held.push_back(std::move(done));
        bool answer = known.empty() || known.front();
        if (!known.empty()) known.pop_front();
        lock.unlock();
        done({.known = answer, .data = {"true"}});
    }
    void answer(std::size_t index, const Result& result) {
        std::unique_lock lock(mutex);
        auto done = held[index];
        lock.unlock();
        done(result);
    }
    std::size_t count() {
        std::scoped_lock lock(mutex);
        return calls.size();
    }
};

// One process on a database: stopping it is a stop, forgetting to settle a crash.
struct Process {
    explicit Process(const std::string& file, Outside& outside,
                     Operations::Options options = {.instance = "one",
                                                    .first_retry = milliseconds(30),
                                                    .poll = milliseconds(10)})
        : committer(store::sqlite::open_store(file), {}),
          reads([file] { return store::sqlite::open_reader(file); },
                std::make_shared<const Cursors>("secret"), {}),
          operations(committer, reads, waiting,
                     {{.name = "test",
                       .call =
                           [&](const Operation& operation, std::function<void(Result)> done) {
                               outside.call(operation, std::move(done));
                           },
                       .settle = [](Tx&, const Operation& operation,
                                    const Result& result) -> std::optional<store::Answer> {
                           return store::Answer{.status = result.known ? 201 : 202,
                                                .body = to_string(operation.subject)};
                       }}},
                     std::move(options)) {
        operations.start();
    }
    ~Process() {
        operations.stop();
        reads.stop();
        committer.stop();
    }
    Uuid begin_one(bool wait = true) {
        return committer.run(system_actor(here), [&](Tx& tx) {
            return wait ? begin(tx, "test", {1, 2}, {"{}"})
                        : begin_later(tx, "test", {1, 2}, {"{}"});
        });
    }
    Operation read(Uuid id) {
        return committer.run(system_actor(here), [&](Tx& tx) { return tx.get<Operation>(id); });
    }
    bool done(Uuid id) { return read(id).state == OperationState::done; }

    Committer committer;
    ReadPool reads;
    http::Waiting waiting;
    Operations operations;
};

class OperationsWorker : public ::testing::Test {
  protected:
    OperationsWorker() {
        store::sqlite::Connection connection(folder.file(), store::sqlite::Access::write);
        store::sqlite::migrate(connection, store::Migrate::apply);
    }
    Folder folder;
    Outside outside;
};

TEST_F(OperationsWorker, calls_what_was_begun_and_settles_it_once) {
    Process process(folder.file(), outside);
    auto now = process.begin_one(), later = process.begin_one(false);
    EXPECT_TRUE(eventually([&] { return process.done(now) && process.done(later); }));
    EXPECT_EQ(outside.count(), 2u);
    EXPECT_FALSE(process.read(now).lease_until);
}

TEST_F(OperationsWorker, asks_again_while_the_outcome_is_unknown) {
    outside.known = {false, false};
    Process process(folder.file(), outside);
    auto id = process.begin_one();
    EXPECT_TRUE(eventually([&] { return process.done(id); }));
    ASSERT_EQ(outside.count(), 3u);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(outside.calls[static_cast<std::size_t>(i)].attempts, i);
}

TEST_F(OperationsWorker, gives_the_outcome_to_the_request_that_waits) {
    outside.hold = true;
    Process process(folder.file(), outside);
    std::promise<store::Answer> answered;
    auto id = process.begin_one();
    process.waiting.add(id, [&](const store::Answer& answer) { answered.set_value(answer); });
    EXPECT_TRUE(eventually([&] { return outside.count() == 1; }));
    outside.answer(0, {.known = true, .data = {"true"}});
    EXPECT_EQ(answered.get_future().get().status, 201);
}

TEST_F(OperationsWorker, completes_the_idempotency_record_of_the_request) {
    Process process(folder.file(), outside);
    std::promise<void> committed;
    store::IdempotencyKey key{.scope = "scope", .fingerprint = "print", .seal_key = {}};
    process.committer.submit({.work =
                                  [](Tx& tx) {
                                      return store::Answer{
                                          .status = 202,
                                          .operation = begin(tx, "test", {1, 2}, {"{}"})};
                                  },
                              .actor = system_actor(here),
                              .idempotency = key,
                              .done = [&](const Outcome&) { committed.set_value(); }});
    committed.get_future().get();
    EXPECT_TRUE(eventually([&] {
        return process.committer.run(system_actor(here), [](Tx& tx) {
            auto* record = tx.find<&store::IdempotencyRecord::scope>("scope");
            return record && record->progress == store::Progress::done && record->status == 201;
        });
    }));
}

TEST_F(OperationsWorker, a_stale_outcome_changes_nothing) {
    outside.hold = true;
    Process process(folder.file(), outside,
                    {.instance = "one", .lease = milliseconds(20), .poll = milliseconds(5)});
    auto id = process.begin_one(false);
    EXPECT_TRUE(eventually([&] { return outside.count() >= 2; })) << "the lease ran out";
    outside.answer(1, {.known = true, .data = {"true"}});
    EXPECT_TRUE(eventually([&] { return process.done(id); }));
    auto settled = process.read(id);
    for (std::size_t i = 0; i < outside.count(); ++i) {
        if (i != 1) outside.answer(i, {});
    }
    process.operations.stop();
    EXPECT_EQ(process.read(id).attempts, settled.attempts);
    EXPECT_EQ(process.read(id).state, OperationState::done);
}

TEST_F(OperationsWorker, a_new_process_takes_over_at_once_what_a_dead_one_had_leased) {
    auto id = [&] {
        // Committed and leased, never called: the process died in between.
        Committer committer(store::sqlite::open_store(folder.file()), {});
        return committer.run(system_actor(here),
                             [](Tx& tx) { return begin(tx, "test", {1, 2}, {"{}"}); });
    }();
    Process process(folder.file(), outside,
                    {.instance = "two", .poll = milliseconds(10), .sole = true});
    EXPECT_TRUE(eventually([&] { return process.done(id); }));
}

TEST_F(OperationsWorker, is_hurried_by_word_from_outside) {
    outside.known = {false};
    Process process(folder.file(), outside,
                    {.instance = "one", .first_retry = hours(1), .poll = hours(1)});
    auto id = process.begin_one();
    EXPECT_TRUE(eventually([&] { return process.read(id).attempts == 1; }));
    process.committer.run(system_actor(here), [&](Tx& tx) { hurry(tx, id); });
    EXPECT_TRUE(eventually([&] { return process.done(id); }));
}

TEST_F(OperationsWorker, survives_a_call_that_throws) {
    Committer committer(store::sqlite::open_store(folder.file()), {});
    ReadPool reads([file = folder.file()] { return store::sqlite::open_reader(file); },
                   std::make_shared<const Cursors>("secret"), {});
    http::Waiting waiting;
    Operations operations(
        committer, reads, waiting,
        {{.name = "test",
          .call =
              [](const Operation&, const std::function<void(Result)>&) {
                  throw std::runtime_error("unreadable");
              },
          .settle = [](Tx&, const Operation&, const Result&) -> std::optional<store::Answer> {
              return std::nullopt;
          }}},
        {.instance = "one"});
    operations.start();
    auto id =
        committer.run(system_actor(here), [](Tx& tx) { return begin(tx, "test", {1, 2}, {"{}"}); });
    EXPECT_TRUE(eventually([&] {
        return committer.run(system_actor(here),
                             [&](Tx& tx) { return tx.get<Operation>(id).attempts; }) == 1;
    }));
    operations.stop();
}

}  // namespace
}  // namespace stateset::work
