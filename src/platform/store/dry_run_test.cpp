// A dry run is told what would come of it, and nobody can tell that it ran.

#include "platform/store/committer.hpp"
#include "platform/store/store_testing.hpp"

namespace stateset {
namespace {

using namespace store_testing;
using store::Answer;
using store::IdempotencyRecord;
using Command = std::function<Answer(Tx&)>;
using Fault = Kernel::Fault;
using Step = Kernel::Step;

Command take(std::uint64_t number, std::int64_t amount) {
    return [=](Tx& tx) {
        auto& cart = tx.edit<Cart>(CartId(uuid(number)));
        require(cart.balance >= amount, codes::illegal_transition, "not enough");
        cart.balance -= amount;
        tx.emit("cart.taken", cart);
        return Answer{.status = static_cast<int>(200 + cart.balance)};
    };
}

Command add_cart(std::uint64_t id, std::string number, std::int64_t balance = 0) {
    return [=](Tx& tx) {
        tx.add(Cart{.id = uuid(id), .number = number, .balance = balance});
        return Answer{.status = 201};
    };
}

Command add_numbered() {
    return [](Tx& tx) {
        auto number = tx.next_number("order", 1001);
        tx.add(Cart{.id = tx.new_id(), .number = "SO-" + std::to_string(number)});
        return Answer{.status = static_cast<int>(number)};
    };
}

Envelope dry() {
    Envelope envelope;
    envelope.dry = true;
    return envelope;
}

struct DryBatch : ::testing::TestWithParam<std::string_view> {
    DryBatch() {
        if (GetParam() == "sqlite") {
            make_database(folder.file());
            kernel.emplace(store::sqlite::open_store(folder.file()), Committer::Options{});
        } else if (GetParam() == "postgres") {
            if (!PostgresDatabase::available()) return;
            server.emplace();
            kernel.emplace(store::postgres::open_store({.url = server->url()}),
                           Committer::Options{});
        } else {
            kernel.emplace();
        }
    }
    void SetUp() override {
        if (!kernel) GTEST_SKIP() << PostgresDatabase::how;
    }
    std::string tried(Command command) {
        return code_of(kernel->submit(std::move(command), dry()).get());
    }
    std::string done(Command command) { return code_of(kernel->submit(std::move(command)).get()); }

    Folder folder;
    std::optional<PostgresDatabase> server;
    std::optional<Kernel> kernel;
};

TEST_P(DryBatch, answers_as_the_real_one_and_leaves_everything_as_it_was) {
    kernel->cart(1, 10);
    auto before = kernel->find(1);
    auto outcome = kernel->submit(take(1, 3), dry()).get();
    EXPECT_EQ(outcome.answer.value().status, 207);
    EXPECT_EQ(kernel->find(1), before);
    EXPECT_EQ(kernel->submit(take(1, 3)).get().answer.value().status, 207);
    EXPECT_EQ(kernel->balance(1), 7);
}

TEST_P(DryBatch, is_refused_as_the_real_one) {
    kernel->cart(1, 10);
    auto twice = [](Tx& tx) {
        tx.add(Cart{.id = uuid(8), .number = "C8"});
        tx.add(Cart{.id = uuid(9), .number = "C8"});
        return Answer{};
    };
    auto orphan = [](Tx& tx) {
        tx.remove(tx.get<Cart>(CartId(uuid(1))));
        return Answer{};
    };
    kernel->run([](Tx& tx) {
        tx.get<Cart>(CartId(uuid(1)));
        tx.add(Line{.id = uuid(11), .cart_id = uuid(1), .sku = "A", .quantity = Quantity::of(1)});
    });
    EXPECT_EQ(tried(take(1, 11)), "illegal_transition");
    EXPECT_EQ(tried(take(2, 1)), "not_found");
    EXPECT_EQ(tried(add_cart(2, "C1")), "already_exists") << "a key that the database has";
    EXPECT_EQ(tried(add_cart(1, "C5")), "already_exists") << "an id that it has";
    EXPECT_EQ(tried(twice), "already_exists");
    if (GetParam() != "memory") {
        EXPECT_EQ(tried(add_cart(3, "C3", -1'000'001)), "internal") << "a check of the table";
        EXPECT_EQ(tried(orphan), "internal") << "a reference that nothing would stand behind";
        EXPECT_EQ(done(orphan), "internal");
    }
    EXPECT_EQ(kernel->find(3), std::nullopt);
    EXPECT_EQ(tried(take(1, 10)), "ok");
    EXPECT_EQ(kernel->balance(1), 10);
}

TEST_P(DryBatch, takes_no_number) {
    auto number = [&](Envelope envelope) {
        auto outcome = kernel->submit(add_numbered(), std::move(envelope)).get();
        EXPECT_EQ(code_of(outcome), "ok");
        return outcome.answer ? outcome.answer->status : 0;
    };
    EXPECT_EQ(number(dry()), 1001) << "nobody has leased any yet";
    EXPECT_EQ(number(dry()), 1001);
    EXPECT_EQ(number({}), 1001);
    EXPECT_EQ(number(dry()), 1002);
    EXPECT_EQ(number({}), 1002);
    auto many = [](Tx& tx) {
        std::int64_t last = 0;
        for (int i = 0; i < 500; ++i) last = tx.next_number("order");
        return Answer{.status = static_cast<int>(last)};
    };
    EXPECT_EQ(kernel->submit(many, dry()).get().answer.value().status, 1502);
    EXPECT_EQ(number({}), 1003);
}

TEST_P(DryBatch, neither_sees_its_neighbours_of_the_batch_nor_is_seen_by_them) {
    kernel->cart(1, 10);
    std::vector<Command> commands;
    std::vector<Envelope> envelopes;
    for (int i = 0; i < 20; ++i) {
        commands.push_back(take(1, 1));
        envelopes.push_back(i % 2 ? dry() : Envelope{});
    }
    commands.push_back(add_cart(2, "C2"));
    envelopes.push_back(dry());
    commands.push_back(add_cart(2, "C2"));
    envelopes.push_back({});
    auto outcomes = kernel->together(commands, &envelopes);
    for (int i = 0; i < 20; i += 2) EXPECT_EQ(code_of(outcomes[static_cast<std::size_t>(i)]), "ok");
    EXPECT_EQ(kernel->balance(1), 0);
    EXPECT_EQ(code_of(outcomes[1]), "illegal_transition") << "it ran after all ten were taken";
    EXPECT_EQ(code_of(outcomes[20]), "already_exists") << "it ran after the real one";
    EXPECT_EQ(code_of(outcomes[21]), "ok");
}

TEST_P(DryBatch, neither_looks_up_nor_keeps_an_idempotency_key) {
    kernel->cart(1, 10);
    auto envelope = [](bool dry, std::string fingerprint) {
        Envelope made;
        made.dry = dry;
        made.idempotency = store::IdempotencyKey{
            .scope = "scope", .fingerprint = std::move(fingerprint), .seal_key = {}};
        return made;
    };
    auto outcome = [&](bool dry, std::string fingerprint) {
        return kernel->submit(take(1, 1), envelope(dry, std::move(fingerprint))).get();
    };
    EXPECT_EQ(outcome(true, "a").answer.value().status, 209);
    EXPECT_EQ(outcome(false, "b").answer.value().status, 209) << "the key is still free";
    auto tried = outcome(true, "c");
    EXPECT_EQ(tried.answer.value().status, 208) << "also when it is taken";
    EXPECT_FALSE(tried.replayed);
    EXPECT_TRUE(outcome(false, "b").replayed);
}

TEST_P(DryBatch, checks_if_match) {
    kernel->cart(1, 10);
    auto at_version = [&](std::int64_t version) {
        auto envelope = dry();
        envelope.expected = Expected{uuid(1), version};
        return code_of(kernel->submit(take(1, 1), std::move(envelope)).get());
    };
    EXPECT_EQ(at_version(1), "ok");
    EXPECT_EQ(at_version(1), "ok");
    EXPECT_EQ(at_version(2), "precondition_failed");
}

INSTANTIATE_TEST_SUITE_P(InMemory, DryBatch, ::testing::Values("memory"));
INSTANTIATE_TEST_SUITE_P(OnSqlite, DryBatch, ::testing::Values("sqlite"));
INSTANTIATE_TEST_SUITE_P(OnPostgres, DryBatch, ::testing::Values("postgres"));

TEST(DryBatches, are_heard_by_nobody_and_never_committed) {
    std::atomic<int> commits = 0;
    Kernel kernel({}, [&](Step step) {
        if (step == Step::commit) ++commits;
        return Fault::none;
    });
    int heard = 0;
    kernel.committer->listen([&](auto&) { ++heard; });
    kernel.cart(1, 10);
    kernel.submit(take(1, 3), dry()).get();
    kernel.submit(add_numbered(), dry()).get();
    EXPECT_EQ(heard, 1);
    EXPECT_EQ(commits, 1);
    EXPECT_TRUE(kernel.events().empty());
    EXPECT_TRUE(kernel.rows(store::info<IdempotencyRecord>()).empty());
}

TEST(DryBatches, settle_also_when_the_database_stumbles) {
    std::atomic<int> steps = 0;
    Kernel kernel({}, [&](Step) { return ++steps % 5 == 0 ? Fault::transient : Fault::none; });
    kernel.cart(1, 1000);
    for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(code_of(kernel.submit(take(1, 1), dry()).get()), "ok");
        EXPECT_EQ(kernel.submit(add_numbered(), dry()).get().answer.value().status, 1001);
    }
    EXPECT_EQ(kernel.balance(1), 1000);
}

TEST(DryBatches, come_too_late_as_all_do) {
    Kernel kernel;
    kernel.cart(1, 10);
    auto envelope = dry();
    envelope.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
    EXPECT_EQ(code_of(kernel.submit(take(1, 1), std::move(envelope)).get()), "timed_out");
}

TEST(DryBatches, of_a_row_that_another_holds_wait_in_the_slow_lane) {
    auto slow = std::make_unique<store::MemoryStore>();
    auto* patient = slow.get();
    std::atomic<bool> met = false;
    patient->faults = [&](Step step) {
        met = met || step == Step::begin;
        return Fault::none;
    };
    Kernel kernel({}, [](Step) { return Fault::none; }, std::move(slow));
    kernel.cart(1, 10);
    kernel.memory->held_elsewhere = [](const store::Want&) { return true; };
    auto outcome = kernel.submit(take(1, 1), dry()).get();
    EXPECT_TRUE(met);
    EXPECT_EQ(code_of(outcome), "not_found") << "the slow lane's store is another, and empty";
    kernel.memory->held_elsewhere = [](const store::Want&) { return false; };
}

}  // namespace
}  // namespace stateset
