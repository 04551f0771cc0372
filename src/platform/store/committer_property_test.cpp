// Random commands, random batches and random faults against a model that does one thing after
// another: what was acknowledged happened once, what was refused did not happen, and what is
// unknown happened once or not at all.

#include <rapidcheck.h>

#include <random>

#include "platform/store/store_testing.hpp"

namespace stateset {
namespace {

using namespace store_testing;
using store::Answer;
using Fault = Kernel::Fault;
using Step = Kernel::Step;

constexpr int accounts = 4;

// One transfer, deposit, opening or closing. Each leaves a line with its number, so that its effect
// can be told from all others.
struct Move {
    enum class Kind { deposit, transfer, open, close, rename };
    Kind kind;
    int from, to;
    std::int64_t amount;
    int key;  // of idempotency; below 0: none
};

Move any_move(std::mt19937& random) {
    auto pick = [&](int most) { return static_cast<int>(random() % static_cast<unsigned>(most)); };
    constexpr Move::Kind kinds[] = {Move::Kind::deposit,  Move::Kind::deposit, Move::Kind::transfer,
                                    Move::Kind::transfer, Move::Kind::open,    Move::Kind::close,
                                    Move::Kind::rename};
    return {kinds[pick(std::size(kinds))], pick(accounts), pick(accounts), pick(20),
            pick(4) == 0 ? pick(12) : -1};
}

CartId account(int number) { return uuid(static_cast<std::uint64_t>(number) + 1); }

Answer carry_out(Tx& tx, const Move& move) {
    switch (move.kind) {
        case Move::Kind::deposit: {
            auto& to = tx.edit<Cart>(account(move.to));
            to.balance += move.amount;
            tx.add(Line{.id = tx.new_id(),
                        .cart_id = to.id,
                        .sku = std::to_string(tx.next_number("line")),
                        .quantity = Quantity::of(move.amount + 1)});
            tx.emit("cart.deposited", to);
            break;
        }
        case Move::Kind::transfer: {
            auto& from = tx.edit<Cart>(account(move.from));
            from.balance -= move.amount;
            auto& to = tx.edit<Cart>(account(move.to));
            to.balance += move.amount;
            require(from.balance >= 0, codes::illegal_transition, "too little");
            break;
        }
        case Move::Kind::open: {
            tx.add(Cart{.id = account(move.to), .number = "N" + std::to_string(move.amount % 5)});
            break;
        }
        case Move::Kind::close: {
            auto& cart = tx.get<Cart>(account(move.from));
            require(cart.balance == 0, codes::illegal_transition, "not empty");
            for (auto* line : tx.all<Line>(cart.id)) tx.remove(*line);
            tx.remove(cart);
            break;
        }
        case Move::Kind::rename: {
            auto* cart = tx.find<&Cart::number>("N" + std::to_string(move.from));
            require(cart, codes::not_found, "no such number");
            tx.edit(*cart).number = "N" + std::to_string(move.amount % 5);
            break;
        }
    }
    return {};
}

// The same by hand.
struct Model {
    struct Account {
        std::int64_t balance = 0;
        std::string number;
        int lines = 0;
        bool operator==(const Account&) const = default;
    };
    std::map<int, Account> accounts;
    std::set<int> keys;  // of idempotency, done
    bool operator==(const Model&) const = default;

    bool taken(const std::string& number, int except) const {
        return std::ranges::any_of(accounts, [&](auto& entry) {
            return entry.first != except && entry.second.number == number;
        });
    }
    // False: refused, nothing changed.
    bool carry_out(const Move& move) {
        if (move.key >= 0 && keys.contains(move.key)) return true;
        if (!change(move)) return false;
        if (move.key >= 0) keys.insert(move.key);
        return true;
    }
    bool change(const Move& move) {
        auto from = accounts.find(move.from), to = accounts.find(move.to);
        auto number = "N" + std::to_string(move.amount % 5);
        switch (move.kind) {
            case Move::Kind::deposit:
                if (to == accounts.end()) return false;
                to->second.balance += move.amount;
                ++to->second.lines;
                return true;
            case Move::Kind::transfer:
                if (from == accounts.end() || to == accounts.end()) return false;
                if (from != to && from->second.balance < move.amount) return false;
                from->second.balance -= move.amount;
                to->second.balance += move.amount;
                return true;
            case Move::Kind::open:
                if (to != accounts.end() || taken(number, -1)) return false;
                accounts[move.to] = {0, number, 0};
                return true;
            case Move::Kind::close:
                if (from == accounts.end() || from->second.balance != 0) return false;
                accounts.erase(from);
                return true;
            case Move::Kind::rename:
                for (auto& [id, one] : accounts) {
                    if (one.number != "N" + std::to_string(move.from)) continue;
                    if (taken(number, id)) return false;
                    one.number = number;
                    return true;
                }
                return false;
        }
        return false;
    }
};

Model model_of(const Kernel& kernel, const std::set<int>& keys) {
    Model model{.accounts = {}, .keys = keys};
    for (auto row : kernel.rows(store::info<Cart>())) {
        auto cart = store::from_row<Cart>(row);
        model.accounts[static_cast<int>(cart.id.value.low) - 1] = {cart.balance, cart.number, 0};
    }
    for (auto row : kernel.rows(store::info<Line>())) {
        auto line = store::from_row<Line>(row);
        auto owner = model.accounts.find(static_cast<int>(line.cart_id.value.low) - 1);
        if (owner == model.accounts.end()) throw std::logic_error("a line without its cart");
        ++owner->second.lines;
    }
    return model;
}

Envelope envelope_of(const Move& move) {
    Envelope envelope;
    if (move.key >= 0) {
        envelope.idempotency =
            store::IdempotencyKey{"key" + std::to_string(move.key), "same", std::string(32, 'k')};
    }
    return envelope;
}

// What is known after a batch: each answer agrees with the model that does the moves in the order
// the Committer finished them, and the store is as the model says.
void check_batch(Kernel& kernel, Model& model, const std::vector<Move>& moves) {
    std::vector<int> order;
    std::vector<std::function<Answer(Tx&)>> commands;
    std::vector<Envelope> envelopes;
    for (int i = 0; i < static_cast<int>(moves.size()); ++i) {
        auto& move = moves[static_cast<std::size_t>(i)];
        commands.push_back([&move, &order, i](Tx& tx) {
            std::erase(order, i);
            order.push_back(i);  // the last run of each is the one that counts
            return carry_out(tx, move);
        });
        envelopes.push_back(envelope_of(move));
    }
    auto outcomes = kernel.together(commands, &envelopes);
    std::set<std::string> unsure{"unavailable", "outcome_unknown", "overloaded"};
    bool lost = std::ranges::any_of(
        outcomes, [&](auto& outcome) { return unsure.contains(code_of(outcome)); });
    auto expected = model;
    for (int i : order) {
        auto at = static_cast<std::size_t>(i);
        if (lost) break;
        if (outcomes[at].replayed) continue;  // its work did not count
        RC_ASSERT((code_of(outcomes[at]) == "ok") == expected.carry_out(moves[at]));
    }
    for (std::size_t i = 0; i < outcomes.size() && !lost; ++i) {
        if (outcomes[i].replayed) RC_ASSERT(expected.keys.contains(moves[i].key));
    }
    if (lost) {
        // All of the batch or nothing: it was one transaction.
        auto done = model;
        for (int i : order) done.carry_out(moves[static_cast<std::size_t>(i)]);
        auto is = model_of(kernel, done.keys);
        bool nothing = is.accounts == model.accounts, everything = is.accounts == done.accounts;
        RC_ASSERT(nothing || everything);
        bool known = std::ranges::none_of(
            outcomes, [](auto& outcome) { return code_of(outcome) == "outcome_unknown"; });
        if (known) RC_ASSERT(nothing);
        model = nothing ? model : done;
        model.keys.clear();
        for (auto row : kernel.rows(store::info<store::IdempotencyRecord>())) {
            auto scope = store::from_row<store::IdempotencyRecord>(row).scope;
            model.keys.insert(std::stoi(scope.substr(3)));
        }
        return;
    }
    model = expected;
    RC_ASSERT(model_of(kernel, model.keys) == model);
    RC_ASSERT(kernel.rows(store::info<store::IdempotencyRecord>()).size() == model.keys.size());
}

// Events of an aggregate count from 1 without a gap, and line numbers are never given twice.
void check_log(const Kernel& kernel) {
    std::map<std::string, std::set<std::int64_t>> sequences;
    for (auto& event : kernel.events()) sequences[event.aggregate_id].insert(event.sequence);
    for (auto& [_, numbers] : sequences) RC_ASSERT(*numbers.begin() == 1);
    std::set<std::string> skus;
    for (auto row : kernel.rows(store::info<Line>())) {
        RC_ASSERT(skus.insert(store::from_row<Line>(row).sku).second);
    }
}

// On the database as if it were new, or in memory.
Kernel kernel_on(const PostgresDatabase* database, std::function<Fault(Step)> faults) {
    Committer::Options options{.most_tries = 3, .number_block = 3};
    if (!database) return Kernel(options, std::move(faults));
    database->empty();
    return Kernel(std::make_unique<Faulty>(store::postgres::open_store({.url = database->url()}),
                                           std::move(faults)),
                  options, [=](const auto& table) { return database->rows(table); });
}

void check_history(std::uint32_t seed, int fault_percent, const PostgresDatabase* database) {
    std::mt19937 random(seed), faults(seed ^ 0x5eed);
    std::atomic<bool> faulty = false;
    Kernel kernel = kernel_on(database, [&](Step step) {
        if (!faulty || static_cast<int>(faults() % 100) >= fault_percent) return Fault::none;
        auto kind = faults() % 4;
        if (step == Step::commit && kind == 0) return Fault::unknown_done;
        if (step == Step::commit && kind == 1) return Fault::unknown_not_done;
        return kind == 2 ? Fault::unavailable : Fault::transient;
    });
    Model model;
    for (int batch = 0; batch < 12; ++batch) {
        std::vector<Move> moves(random() % 12 + 1);
        std::set<int> keys;
        for (auto& move : moves) {
            move = any_move(random);
            // Of two moves with one key in a batch that is lost nobody could tell which one it was.
            if (fault_percent > 0 && !keys.insert(move.key).second) move.key = -1;
        }
        faulty = fault_percent > 0;
        check_batch(kernel, model, moves);
        faulty = false;
    }
    check_log(kernel);
}

class CommitterProperty : public ::testing::TestWithParam<std::string_view> {
  protected:
    void SetUp() override {
        if (GetParam() != "postgres") return;
        if (!PostgresDatabase::available()) GTEST_SKIP() << PostgresDatabase::how;
        database = std::make_unique<PostgresDatabase>();
    }
    void check(const char* what, int fault_percent) {
        EXPECT_TRUE(rc::check(
            what, [&](std::uint32_t seed) { check_history(seed, fault_percent, database.get()); }));
    }
    std::unique_ptr<PostgresDatabase> database;
};

TEST_P(CommitterProperty, batches_equal_a_serial_model) { check("no faults", 0); }

TEST_P(CommitterProperty, with_faults_nothing_acknowledged_is_lost_or_doubled) {
    check("faults", 12);
}

INSTANTIATE_TEST_SUITE_P(Stores, CommitterProperty, ::testing::Values("memory"),
                         [](auto& param) { return std::string(param.param); });
INSTANTIATE_TEST_SUITE_P(Postgres, CommitterProperty, ::testing::Values("postgres"),
                         [](auto& param) { return std::string(param.param); });

}  // namespace
}  // namespace stateset
