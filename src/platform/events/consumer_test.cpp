#include "platform/events/consumer.hpp"

#include "platform/store/store_testing.hpp"

namespace stateset::events {
namespace {

using namespace store_testing;

// What a consumer has dealt with lives in a cart's balance, so that it commits with the cursor.
class Consumers : public ::testing::Test {
  protected:
    Folder folder;
    std::unique_ptr<Committer> committer;
    std::unique_ptr<ReadPool> reads;
    std::unique_ptr<Consumer> consumer;
    std::atomic<bool> listening = true;
    std::atomic<int> looks = 0;
    std::atomic<int> failures = 0;  // reactions that fail before they succeed
    std::mutex mutex;
    std::vector<std::int64_t> seen;  // sequences of committed reactions

    Consumers() {
        make_database(folder.file());
        open();
        committer->run(system_actor(here), [](Tx& tx) { tx.add(Cart{.id = uuid(1)}); });
    }
    ~Consumers() override { close(); }

    void open() {
        committer = std::make_unique<Committer>(store::sqlite::open_store(folder.file()),
                                                Committer::Options{});
        reads = std::make_unique<ReadPool>(
            [this] { return store::sqlite::open_reader(folder.file()); },
            std::make_shared<const Cursors>("secret"), ReadPool::Options{});
        consumer = std::make_unique<Consumer>(
            *committer, *reads,
            Consumer::Handler{.anybody =
                                  [this](Reads&) {
                                      ++looks;
                                      return listening.load();
                                  },
                              .react = [this](Reads&, const auto& chunk) { return react(chunk); }},
            Consumer::Options{.name = "test",
                              .chunk = 7,
                              .poll = milliseconds(20),
                              .listeners = &store::info<Cart>()});
    }
    void close() {
        if (consumer) consumer->stop();
        if (reads) reads->stop();
        if (committer) committer->stop();
    }
    void emit(int count) {
        for (int i = 0; i < count; ++i) {
            committer->run(system_actor(here),
                           [](Tx& tx) { tx.emit("cart.changed", tx.edit<Cart>(CartId(uuid(1)))); });
        }
    }
    Reaction react(const std::vector<Logged>& chunk) {
        if (failures-- > 0) throw std::runtime_error("not now");
        std::vector<std::int64_t> sequences;
        for (const auto& event : chunk) sequences.push_back(event.sequence);
        auto through = chunk[(chunk.size() - 1) / 2].position;  // half of it, to be asked again
        auto covered = static_cast<std::int64_t>((chunk.size() - 1) / 2 + 1);
        return {.command =
                    [this, sequences, covered](Tx& tx) {
                        tx.in(here, [&] { tx.edit<Cart>(CartId(uuid(1))).balance += covered; });
                        std::scoped_lock lock(mutex);
                        seen.insert(seen.end(), sequences.begin(), sequences.begin() + covered);
                    },
                .through = through};
    }
    std::int64_t balance() {
        return committer->run(system_actor(here),
                              [](Tx& tx) { return tx.get<Cart>(CartId(uuid(1))).balance; });
    }
};

TEST_F(Consumers, deal_with_each_event_once_and_in_order) {
    consumer->start();
    emit(30);
    EXPECT_TRUE(eventually([&] { return balance() == 30; }));
    std::scoped_lock lock(mutex);
    EXPECT_TRUE(std::ranges::is_sorted(seen));
}

TEST_F(Consumers, go_on_where_they_were_after_a_restart) {
    consumer->start();
    emit(10);
    EXPECT_TRUE(eventually([&] { return balance() == 10; }));
    close();
    open();
    emit(5);
    consumer->start();
    EXPECT_TRUE(eventually([&] { return balance() == 15; }));
}

TEST_F(Consumers, try_again_after_a_failure_and_skip_nothing) {
    failures = 2;
    consumer->start();
    emit(12);
    EXPECT_TRUE(eventually([&] { return balance() == 12; }));
}

TEST_F(Consumers, of_one_name_never_deal_with_an_event_twice) {
    Consumer other(*committer, *reads,
                   {.anybody = [](Reads&) { return true; },
                    .react = [this](Reads&, const auto& chunk) { return react(chunk); }},
                   {.name = "test", .chunk = 5, .poll = milliseconds(1)});
    consumer->start();
    other.start();
    emit(60);
    EXPECT_TRUE(eventually([&] { return balance() == 60; }));
    emit(10);
    EXPECT_TRUE(eventually([&] { return balance() == 70; }));
    other.stop();
}

TEST_F(Consumers, without_the_duty_read_nothing) {
    work::Duties duties(*committer, *reads, {.instance = "one"});
    auto duty = duties.duty("test");  // never started, so never held
    std::atomic<int> looks_without = 0;
    Consumer idle(
        *committer, *reads, {.anybody = [&](Reads&) { return ++looks_without > 0; }, .react = {}},
        {.name = "test", .poll = milliseconds(1), .glance = milliseconds(1), .duty = duty});
    idle.start();
    consumer->start();
    emit(10);
    EXPECT_TRUE(eventually([&] { return balance() == 10; }));
    idle.stop();
    EXPECT_EQ(looks_without, 0);
}

// What another process commits nobody tells us about.
TEST_F(Consumers, notice_by_a_glance_what_another_process_committed) {
    Committer elsewhere(store::sqlite::open_store(folder.file()), {});
    Consumer glancing(*committer, *reads,
                      {.anybody = [](Reads&) { return true; },
                       .react = [this](Reads&, const auto& chunk) { return react(chunk); }},
                      {.name = "test", .poll = hours(1), .glance = milliseconds(1)});
    glancing.start();
    for (int i = 1; i <= 20; ++i) {
        elsewhere.run(system_actor(here),
                      [](Tx& tx) { tx.emit("cart.changed", tx.edit<Cart>(CartId(uuid(1)))); });
        EXPECT_TRUE(eventually([&] { return balance() == i; }));
    }
    glancing.stop();
}

TEST_F(Consumers, commit_nothing_while_nobody_listens_and_skip_what_nobody_wanted) {
    listening = false;
    consumer->start();
    emit(20);
    auto batches = committer->counters().batches;
    auto before = looks.load();
    EXPECT_TRUE(eventually([&] { return looks >= before + 2; }));
    EXPECT_EQ(committer->counters().batches, batches);
    listening = true;
    emit(3);
    EXPECT_TRUE(eventually([&] { return balance() == 3; }));
}

}  // namespace
}  // namespace stateset::events
