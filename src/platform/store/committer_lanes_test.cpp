// What a batch does about rows that another process holds: it waits once, then goes on without the
// commands that need them, which the slow lane takes.

#include "platform/store/store_testing.hpp"

namespace stateset {
namespace {

using namespace store_testing;
using store::Answer;
using store::Want;

std::function<Answer(Tx&)> add_to(std::uint64_t number, std::int64_t amount) {
    return [=](Tx& tx) {
        tx.edit<Cart>(CartId(uuid(number))).balance += amount;
        return Answer{};
    };
}

// Says that another process holds the cart with this number, while it does.
struct Holder {
    std::atomic<bool> holds = false;
    std::function<bool(const Want&)> of(std::uint64_t number) {
        return [this, number](const Want& want) {
            return holds && want.by == Want::By::id && want.key[0] == store::Value(uuid(number));
        };
    }
};

struct Lanes {
    std::unique_ptr<store::MemoryStore> slow = std::make_unique<store::MemoryStore>();
    store::MemoryStore& slow_memory = *slow;
    Kernel kernel{{}, [](Kernel::Step) { return Kernel::Fault::none; }, std::move(slow)};
};

TEST(Lanes, commands_that_need_no_held_row_go_on_without_those_that_do) {
    Lanes lanes;
    Holder other;
    lanes.kernel.memory->held_elsewhere = other.of(1);
    lanes.slow_memory.held_elsewhere = other.of(1);
    lanes.kernel.cart(1);
    lanes.kernel.cart(2);
    other.holds = true;
    auto outcomes = lanes.kernel.together({add_to(1, 1), add_to(2, 5), add_to(2, 6)});
    EXPECT_EQ(code_of(outcomes[0]), "timed_out") << "the slow lane gave up as well";
    EXPECT_EQ(outcomes[0].refusal->retry_after_s(), 1);
    EXPECT_EQ(code_of(outcomes[1]), "ok");
    EXPECT_EQ(code_of(outcomes[2]), "ok");
    EXPECT_EQ(lanes.kernel.balance(2), 11);
    other.holds = false;
    EXPECT_EQ(lanes.kernel.balance(1), 0);
}

TEST(Lanes, a_command_that_met_a_held_row_is_carried_out_by_the_slow_lane) {
    Lanes lanes;
    Holder other;
    lanes.kernel.memory->held_elsewhere = other.of(1);
    lanes.kernel.cart(1);
    other.holds = true;
    auto commits = lanes.slow_memory.commits();
    // The slow lane's store has no such cart: that it looked shows who carried the command out.
    EXPECT_EQ(code_of(lanes.kernel.together({add_to(1, 1)})[0]), "not_found");
    EXPECT_EQ(lanes.slow_memory.commits(), commits);
}

TEST(Lanes, listeners_hear_of_both_lanes) {
    auto slow = std::make_unique<store::MemoryStore>();
    Committer committer(std::make_unique<store::MemoryStore>(), {}, std::move(slow));
    std::atomic<int> heard = 0;
    committer.listen([&](const auto&) { ++heard; });
    committer.run(system_actor(here), [](Tx& tx) { tx.add(Cart{.id = uuid(1), .number = "C1"}); });
    EXPECT_EQ(heard, 1);
}

TEST(Lanes, after_a_held_row_no_batch_waits_for_a_while) {
    Lanes lanes;
    Holder other;
    lanes.kernel.memory->held_elsewhere = other.of(1);
    lanes.slow_memory.held_elsewhere = other.of(1);
    lanes.kernel.cart(1);
    other.holds = true;
    auto retries = [&] { return lanes.kernel.committer->counters().retries; };
    lanes.kernel.together({add_to(1, 1)});
    EXPECT_EQ(retries(), 1);
    lanes.kernel.together({add_to(1, 1)});
    EXPECT_EQ(retries(), 1) << "the second batch waited again";
}

TEST(Lanes, a_batch_that_failed_for_a_deadlock_loads_all_it_noted_in_one_pass) {
    std::atomic<int> commits = 0;
    Kernel kernel({}, [&](Kernel::Step step) {
        bool fails = step == Kernel::Step::commit && ++commits == 3;
        return fails ? Kernel::Fault::transient : Kernel::Fault::none;
    });
    kernel.cart(1);
    kernel.cart(2);
    auto chain = [](Tx& tx) {
        tx.get<Cart>(CartId(uuid(1)));
        tx.edit<Cart>(CartId(uuid(2))).balance = 7;
        return Answer{};
    };
    auto outcome = kernel.submit(chain).get();
    EXPECT_EQ(code_of(outcome), "ok");
    EXPECT_EQ(outcome.stats.rounds, 1) << "everything was there when it ran again";
    EXPECT_EQ(kernel.balance(2), 7);
}

TEST(Lanes, what_a_busy_batch_asked_for_is_there_before_the_next_one_asks) {
    Kernel kernel;
    kernel.cart(1);
    std::vector<std::function<Answer(Tx&)>> busy(10, add_to(1, 1));
    EXPECT_EQ(kernel.together(busy)[0].stats.rounds, 2);
    EXPECT_EQ(kernel.together(busy)[0].stats.rounds, 1);
    EXPECT_EQ(kernel.together({add_to(1, 1)})[0].stats.rounds, 2) << "a batch of one asks itself";
    EXPECT_EQ(kernel.balance(1), 21);
}

}  // namespace
}  // namespace stateset
