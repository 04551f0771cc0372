// The rules of the kernel, each as a sentence.

#include "platform/store/committer.hpp"

#include "platform/store/store_testing.hpp"

namespace stateset {
namespace {

using namespace store_testing;
using store::Answer;
using Command = std::function<Answer(Tx&)>;
using Fault = Kernel::Fault;
using Step = Kernel::Step;

Command add_to(std::uint64_t number, std::int64_t amount) {
    return [=](Tx& tx) {
        tx.edit<Cart>(CartId(uuid(number))).balance += amount;
        return Answer{};
    };
}

Command add_cart(std::uint64_t id, std::string number) {
    return [=](Tx& tx) {
        tx.add(Cart{.id = uuid(id), .number = number});
        return Answer{};
    };
}

Command refuse() {
    return [](Tx&) -> Answer { throw Refusal(codes::illegal_transition, "no"); };
}

// A hook that shows `fault` at the n-th time a step is met, counted from when it is armed.
struct Trap {
    std::function<Fault(Step)> hook() {
        return [this](Step step) {
            if (step != at || !armed || ++met < first || met > last) return Fault::none;
            return fault;
        };
    }
    Step at = Step::commit;
    Fault fault = Fault::transient;
    int first = 1, last = 1;
    std::atomic<bool> armed = false;
    std::atomic<int> met = 0;
};

// ---- batches

TEST(Committer, commands_that_arrive_while_a_batch_commits_share_the_next_commit) {
    Gate gate;
    std::atomic<bool> hold = false;
    Kernel kernel({}, [&](Step step) {
        if (step == Step::commit && hold.exchange(false)) gate.pass();
        return Fault::none;
    });
    kernel.cart(1);
    auto commits = kernel.memory->commits();
    hold = true;
    auto first = kernel.submit(add_to(1, 1));
    gate.wait_until_somebody_waits();
    std::vector<std::future<Outcome>> others;
    for (int i = 0; i < 100; ++i) others.push_back(kernel.submit(add_to(1, 1)));
    gate.open();
    EXPECT_EQ(code_of(first.get()), "ok");
    for (auto& other : others) EXPECT_EQ(other.get().stats.batch_commands, 100);
    EXPECT_EQ(kernel.memory->commits(), commits + 2);
    EXPECT_EQ(kernel.balance(1), 101);
}

TEST(Committer, a_hot_counter_counts_every_command_of_every_thread) {
    Kernel kernel;
    kernel.cart(1);
    constexpr int threads = 64, times = 1000;
    std::atomic<int> refused = 0;
    {
        std::vector<std::jthread> callers;
        for (int t = 0; t < threads; ++t) {
            callers.emplace_back([&] {
                for (int i = 0; i < times; ++i) {
                    if (kernel.submit(add_to(1, 1)).get().refusal) ++refused;
                }
            });
        }
    }
    EXPECT_EQ(refused, 0);
    EXPECT_EQ(kernel.balance(1), threads * times);
    EXPECT_EQ(kernel.find(1)->version, 1 + threads * times);
}

TEST(Committer, commands_of_a_batch_take_effect_one_after_another) {
    Kernel kernel;
    kernel.cart(1, 10);
    std::vector<Command> takes(8, [](Tx& tx) {
        auto& cart = tx.get<Cart>(CartId(uuid(1)));
        require(cart.balance >= 3, codes::illegal_transition, "not enough");
        tx.edit(cart).balance -= 3;
        return Answer{.status = static_cast<int>(cart.balance)};
    });
    std::multiset<int> left;
    int refused = 0;
    for (auto& outcome : kernel.together(takes)) {
        outcome.refusal ? void(++refused) : void(left.insert(outcome.answer->status));
    }
    EXPECT_EQ(left, (std::multiset{1, 4, 7}));
    EXPECT_EQ(refused, 5);
    EXPECT_EQ(kernel.balance(1), 1);
}

TEST(Committer, a_batch_ends_at_its_bound_of_commands) {
    Kernel kernel({.batch_commands = 10});
    kernel.cart(1);
    for (auto& outcome : kernel.together(std::vector<Command>(35, add_to(1, 1)))) {
        EXPECT_LE(outcome.stats.batch_commands, 10);
    }
    EXPECT_EQ(kernel.balance(1), 35);
}

TEST(Committer, bulk_work_gets_at_most_a_quarter_of_a_batch_while_small_commands_wait_behind_it) {
    Kernel kernel({.batch_weight = 400, .bulk_weight = 10});
    kernel.cart(1);
    std::vector<Command> commands;
    std::vector<Envelope> envelopes(40);
    std::vector<std::string> order;  // only the Committer's thread writes it
    for (int i = 0; i < 40; ++i) {
        bool bulk = i < 20;
        envelopes[static_cast<std::size_t>(i)].weight = bulk ? 50 : 1;
        commands.push_back([&order, bulk](Tx&) {
            order.push_back(bulk ? "bulk" : "small");
            return Answer{};
        });
    }
    kernel.together(commands, &envelopes);
    ASSERT_EQ(order.size(), 40u);
    auto first_batch = std::vector(order.begin(), order.begin() + 22);
    EXPECT_EQ(std::ranges::count(first_batch, "bulk"), 2);
    EXPECT_EQ(std::ranges::count(first_batch, "small"), 20);
}

TEST(Committer, one_command_heavier_than_a_whole_batch_is_still_done) {
    Kernel kernel({.batch_weight = 100, .bulk_weight = 10});
    kernel.cart(1);
    std::vector<Envelope> envelopes(3);
    for (auto& envelope : envelopes) envelope.weight = 1000;
    for (auto& outcome : kernel.together(std::vector<Command>(3, add_to(1, 1)), &envelopes)) {
        EXPECT_EQ(code_of(outcome), "ok");
    }
    EXPECT_EQ(kernel.balance(1), 3);
}

TEST(Committer, a_full_queue_refuses_at_once) {
    Kernel kernel({.queue_limit = 5});
    kernel.cart(1);
    Gate gate;
    auto busy = kernel.submit([&](Tx&) {
        gate.pass();
        return Answer{};
    });
    gate.wait_until_somebody_waits();
    std::vector<std::future<Outcome>> queued;
    for (int i = 0; i < 5; ++i) queued.push_back(kernel.submit(add_to(1, 1)));
    auto refused = kernel.submit(add_to(1, 1)).get();  // while the gate is closed
    EXPECT_EQ(code_of(refused), "overloaded");
    EXPECT_GT(refused.refusal->retry_after_s(), 0);
    EXPECT_EQ(kernel.committer->counters().queued, 5u);
    gate.open();
    for (auto& one : queued) EXPECT_EQ(code_of(one.get()), "ok");
    busy.get();
    EXPECT_EQ(kernel.balance(1), 5);
}

TEST(Committer, a_command_whose_deadline_passed_is_refused_without_running) {
    Kernel kernel;
    std::atomic<int> runs = 0;
    std::vector<Envelope> envelopes(2);
    envelopes[0].deadline = std::chrono::steady_clock::now() - std::chrono::milliseconds(1);
    Command command = [&](Tx&) {
        ++runs;
        return Answer{};
    };
    auto outcomes = kernel.together({command, command}, &envelopes);
    EXPECT_EQ(code_of(outcomes[0]), "timed_out");
    EXPECT_EQ(code_of(outcomes[1]), "ok");
    EXPECT_EQ(runs, 1);
}

TEST(Committer, stopping_finishes_what_is_queued_and_refuses_what_comes_later) {
    Kernel kernel;
    kernel.cart(1);
    Gate gate;
    auto busy = kernel.submit([&](Tx&) {
        gate.pass();
        return Answer{};
    });
    gate.wait_until_somebody_waits();
    std::vector<std::future<Outcome>> queued;
    for (int i = 0; i < 600; ++i) queued.push_back(kernel.submit(add_to(1, 1)));
    std::jthread stopping([&] { kernel.committer->stop(); });
    gate.open();
    stopping.join();
    for (auto& one : queued) EXPECT_EQ(code_of(one.get()), "ok");
    EXPECT_EQ(code_of(kernel.submit(add_to(1, 1)).get()), "overloaded");
}

// ---- refusals and failures

TEST(Committer, a_refusal_leaves_no_trace_and_does_not_harm_its_neighbours) {
    Kernel kernel;
    kernel.cart(1);
    Command half_done = [](Tx& tx) -> Answer {
        auto& cart = tx.edit<Cart>(CartId(uuid(1)));
        cart.balance = 1'000;
        cart.number = "TAKEN";
        tx.add(Cart{.id = uuid(9), .number = "NINE"});
        tx.add(Line{.id = uuid(10), .cart_id = uuid(1), .sku = "A", .quantity = Quantity::of(1)});
        tx.emit("cart.changed", cart);
        tx.next_number("order");
        throw Refusal(codes::illegal_transition, "no");
    };
    Command look = [](Tx& tx) {
        auto& cart = tx.get<Cart>(CartId(uuid(1)));
        EXPECT_EQ(cart.number, "C1");
        EXPECT_EQ(tx.find<Cart>(CartId(uuid(9))), nullptr);
        EXPECT_EQ(tx.find<&Cart::number>("NINE"), nullptr);
        EXPECT_EQ(tx.find<&Cart::number>("TAKEN"), nullptr);
        EXPECT_TRUE(tx.all<Line>(cart.id).empty());
        return Answer{};
    };
    auto outcomes = kernel.together({add_to(1, 1), half_done, look, add_to(1, 1), half_done, look});
    EXPECT_EQ(code_of(outcomes[1]), "illegal_transition");
    EXPECT_EQ(outcomes[1].refusal->detail(), "no");
    for (int i : {0, 2, 3, 5}) EXPECT_EQ(code_of(outcomes[static_cast<std::size_t>(i)]), "ok");
    EXPECT_EQ(kernel.find(1)->balance, 2);
    EXPECT_EQ(kernel.find(1)->version, 3);
    EXPECT_TRUE(kernel.events().empty());
    EXPECT_EQ(kernel.memory->rows(store::info<Cart>()).size(), 1u);
    EXPECT_TRUE(kernel.memory->rows(store::info<Line>()).empty());
}

TEST(Committer, a_row_that_a_failed_command_added_is_looked_up_again) {
    Kernel kernel;
    kernel.cart(1, 5);
    kernel.run([](Tx&) {});
    Command fails = [](Tx& tx) -> Answer {
        tx.add(Cart{.id = uuid(1), .number = "OTHER"});
        throw Refusal(codes::illegal_transition, "no");
    };
    Command looks = [](Tx& tx) {
        auto* cart = tx.peek<Cart>(CartId(uuid(1)));
        return Answer{.status = cart ? static_cast<int>(cart->balance) : 404};
    };
    auto outcomes = kernel.together({fails, looks});
    EXPECT_EQ(outcomes[1].answer->status, 5);
}

TEST(Committer, an_exception_of_any_kind_harms_nobody_else) {
    Kernel kernel;
    kernel.cart(1);
    Command standard = [](Tx& tx) -> Answer {
        tx.edit<Cart>(CartId(uuid(1))).balance = 77;
        throw std::runtime_error("secret detail");
    };
    Command number = [](Tx& tx) -> Answer {
        tx.edit<Cart>(CartId(uuid(1))).balance = 78;
        throw 42;
    };
    auto outcomes = kernel.together({add_to(1, 1), standard, number, add_to(1, 1)});
    EXPECT_EQ(code_of(outcomes[0]), "ok");
    EXPECT_EQ(code_of(outcomes[1]), "internal");
    EXPECT_EQ(outcomes[1].refusal->detail().find("secret"), std::string::npos);
    EXPECT_EQ(code_of(outcomes[2]), "internal");
    EXPECT_EQ(code_of(outcomes[3]), "ok");
    EXPECT_EQ(kernel.balance(1), 2);
    EXPECT_TRUE(std::ranges::count(kernel.logged(), "secret detail"));
}

TEST(Committer, a_caller_that_cannot_take_its_answer_and_a_listener_that_fails_harm_nobody) {
    Kernel kernel;
    kernel.committer->listen([](auto&) { throw std::runtime_error("deaf"); });
    kernel.cart(1);
    kernel.committer->submit({.work = add_to(1, 1),
                              .actor = system_actor(here),
                              .done = [](Outcome) { throw std::runtime_error("gone"); }});
    EXPECT_EQ(kernel.balance(1), 1);
    auto logged = kernel.logged();
    EXPECT_TRUE(std::ranges::count(logged, "deaf"));
    EXPECT_TRUE(std::ranges::count(logged, "gone"));
}

TEST(Committer, a_command_that_never_settles_is_refused_and_its_neighbours_commit) {
    Kernel kernel;
    kernel.cart(1);
    Command endless = [n = std::uint64_t{100}](Tx& tx) mutable {
        tx.find<Cart>(CartId(uuid(++n)));  // another key in each round
        return Answer{};
    };
    auto outcomes = kernel.together({add_to(1, 1), endless, add_to(1, 1)});
    EXPECT_EQ(code_of(outcomes[1]), "internal");
    EXPECT_EQ(kernel.balance(1), 2);
}

TEST(Committer, a_row_that_cannot_be_loaded_harms_only_who_asked_for_it) {
    Kernel kernel;
    kernel.cart(1);
    kernel.cart(2);
    for (std::uint64_t from = 0; from <= 10'000; from += 1'000) {
        kernel.run([=](Tx& tx) {
            tx.get<Cart>(CartId(uuid(2)));
            for (auto i = from; i < from + 1'000; ++i) {
                tx.add(Line{.id = uuid(100 + i),
                            .cart_id = uuid(2),
                            .sku = std::to_string(i),
                            .quantity = Quantity::of(1)});
            }
        });
    }
    Command all = [](Tx& tx) {
        auto& cart = tx.get<Cart>(CartId(uuid(2)));
        tx.all<Line>(cart.id);
        return Answer{};
    };
    auto outcomes = kernel.together({add_to(1, 1), all, add_to(1, 1), add_to(1, 1)});
    EXPECT_EQ(code_of(outcomes[1]), "internal");
    for (std::size_t i : {0, 2, 3}) EXPECT_EQ(code_of(outcomes[i]), "ok");
    EXPECT_EQ(kernel.balance(1), 3);
}

// ---- uniqueness

TEST(Committer, of_two_equal_keys_in_one_batch_the_second_is_refused_by_name) {
    Kernel kernel;
    auto outcomes = kernel.together({add_cart(1, "A"), add_cart(2, "A"), add_cart(3, "B")});
    EXPECT_EQ(code_of(outcomes[0]), "ok");
    EXPECT_EQ(code_of(outcomes[1]), "already_exists");
    EXPECT_EQ(outcomes[1].refusal->detail(), "Another cart has this number already.");
    EXPECT_EQ(code_of(outcomes[2]), "ok");
}

TEST(Committer, a_key_the_database_has_costs_one_more_transaction_for_the_whole_batch) {
    Kernel kernel;
    for (std::uint64_t i = 1; i <= 40; ++i) kernel.run(add_cart(i, "OLD" + std::to_string(i)));
    std::vector<Command> commands;
    for (std::uint64_t i = 1; i <= 200; ++i) {
        // Every fifth is an offender.
        auto number = i % 5 == 0 ? "OLD" + std::to_string(i / 5) : "NEW" + std::to_string(i);
        commands.push_back(add_cart(1000 + i, number));
    }
    auto statements = kernel.memory->statements();
    auto commits = kernel.memory->commits();
    auto outcomes = kernel.together(commands);
    for (std::size_t i = 1; i <= 200; ++i) {
        EXPECT_EQ(code_of(outcomes[i - 1]), i % 5 == 0 ? "already_exists" : "ok");
    }
    EXPECT_EQ(kernel.memory->commits(), commits + 1);
    EXPECT_LE(kernel.memory->statements(), statements + 12);
    EXPECT_EQ(kernel.committer->counters().bisections, 0u);
    EXPECT_EQ(kernel.memory->rows(store::info<Cart>()).size(), 40u + 160u);
}

TEST(Committer, an_id_the_database_has_is_refused_as_a_key_is) {
    Kernel kernel;
    kernel.cart(1, 5);
    auto outcomes = kernel.together({add_cart(2, "A"), add_cart(1, "B"), add_cart(3, "C")});
    EXPECT_EQ(code_of(outcomes[0]), "ok");
    EXPECT_EQ(code_of(outcomes[1]), "already_exists");
    EXPECT_EQ(code_of(outcomes[2]), "ok");
    EXPECT_EQ(kernel.balance(1), 5);
    EXPECT_EQ(kernel.committer->counters().bisections, 0u);
}

TEST(Committer, a_command_with_many_new_keys_settles_also_when_a_neighbour_broke_one) {
    Kernel kernel;
    kernel.cart(1);
    kernel.run(add_cart(2, "OLD"));
    Command many = [](Tx& tx) {
        tx.get<Cart>(CartId(uuid(1)));
        for (std::uint64_t i = 0; i < 50; ++i) {
            tx.add(Line{.id = uuid(100 + i),
                        .cart_id = uuid(1),
                        .sku = std::to_string(i),
                        .quantity = Quantity::of(1)});
        }
        return Answer{};
    };
    auto outcomes = kernel.together({many, add_cart(3, "OLD")});
    EXPECT_EQ(code_of(outcomes[0]), "ok");
    EXPECT_LE(outcomes[0].stats.rounds, 4);
    EXPECT_EQ(code_of(outcomes[1]), "already_exists");
}

TEST(Committer, numbered_neighbours_of_a_broken_key_settle_in_a_few_rounds) {
    Kernel kernel;
    kernel.run(add_cart(1, "OLD"));
    Command numbered = [](Tx& tx) {
        tx.get<Cart>(CartId(uuid(1)));
        auto number = "SO-" + std::to_string(tx.next_number("order"));
        tx.add(Cart{.id = tx.new_id(), .number = number});
        return Answer{};
    };
    std::vector<Command> commands(100, numbered);
    commands.push_back(add_cart(2, "OLD"));
    auto outcomes = kernel.together(commands);
    EXPECT_EQ(code_of(outcomes.back()), "already_exists");
    outcomes.pop_back();
    for (auto& outcome : outcomes) {
        EXPECT_EQ(code_of(outcome), "ok");
        EXPECT_LE(outcome.stats.rounds, 4);
    }
    EXPECT_EQ(kernel.run([](Tx& tx) { return tx.next_number("order"); }), 101);
}

TEST(Committer, a_neighbour_whose_keys_are_others_in_each_run_is_left_to_the_database) {
    Kernel kernel;
    kernel.run(add_cart(1, "OLD"));
    Command restless = [n = 0](Tx& tx) mutable {
        tx.add(Cart{.id = uuid(50), .number = "R" + std::to_string(++n)});
        return Answer{};
    };
    auto outcomes = kernel.together({restless, add_cart(2, "OLD")});
    EXPECT_EQ(code_of(outcomes[0]), "ok");
    EXPECT_EQ(code_of(outcomes[1]), "already_exists");
}

TEST(Committer, a_broken_check_is_found_by_halves_and_only_its_command_fails) {
    Folder folder;
    make_database(folder.file());
    Kernel kernel(store::sqlite::open_store(folder.file()), {});
    kernel.cart(1);
    std::vector<Command> commands(63, add_to(1, 1));
    commands.insert(commands.begin() + 20, [](Tx& tx) {
        tx.add(Cart{.id = uuid(2), .number = "C2", .balance = -1'000'001});
        return Answer{};
    });
    auto outcomes = kernel.together(commands);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        EXPECT_EQ(code_of(outcomes[i]), i == 20 ? "internal" : "ok");
    }
    EXPECT_EQ(kernel.balance(1), 63);
    EXPECT_EQ(kernel.find(2), std::nullopt);
    EXPECT_LE(kernel.committer->counters().bisections, 7u);  // log2(64) + 1
}

TEST(Committer, a_unique_key_that_no_table_declares_is_found_by_halves_too) {
    Folder folder;
    make_database(folder.file());
    {
        store::sqlite::Connection connection(folder.file(), store::sqlite::Access::write);
        connection.run("create unique index hidden on carts (tenant, balance)");
    }
    Kernel kernel(store::sqlite::open_store(folder.file()), {});
    kernel.cart(1, 7);
    Command culprit = [](Tx& tx) {
        tx.add(Cart{.id = uuid(3), .number = "C3", .balance = 7});
        return Answer{};
    };
    auto outcomes = kernel.together({add_cart(2, "C2"), culprit});
    EXPECT_EQ(code_of(outcomes[0]), "ok");
    EXPECT_EQ(code_of(outcomes[1]), "already_exists");
    EXPECT_EQ(outcomes[1].refusal->detail().find("carts"), std::string::npos)
        << "no message of a database reaches a client";
}

// ---- the database fails

TEST(Committer, transient_failures_are_retried_and_applied_once) {
    for (auto step : {Step::begin, Step::load, Step::write, Step::commit}) {
        Trap trap{.at = step, .fault = Fault::transient, .first = 1, .last = 3};
        Kernel kernel({}, trap.hook());
        kernel.cart(1);
        trap.armed = true;
        EXPECT_EQ(code_of(kernel.submit(add_to(1, 1)).get()), "ok");
        trap.armed = false;
        EXPECT_EQ(kernel.balance(1), 1);
        EXPECT_EQ(kernel.committer->counters().retries, 3u);
    }
}

TEST(Committer, transient_failures_without_end_are_answered_as_overload) {
    Trap trap{.at = Step::write, .fault = Fault::transient, .first = 1, .last = 1'000};
    Kernel kernel({.most_tries = 3}, trap.hook());
    kernel.cart(1);
    trap.armed = true;
    EXPECT_EQ(code_of(kernel.submit(add_to(1, 1)).get()), "overloaded");
    EXPECT_EQ(trap.met, 3);
    trap.armed = false;
    EXPECT_EQ(code_of(kernel.submit(add_to(1, 1)).get()), "ok");
    EXPECT_EQ(kernel.balance(1), 1);
}

TEST(Committer, an_unavailable_database_is_said_and_nothing_is_done_or_lost) {
    for (auto step : {Step::begin, Step::load, Step::write, Step::commit}) {
        Trap trap{.at = step, .fault = Fault::unavailable};
        Kernel kernel({}, trap.hook());
        kernel.cart(1, 3);
        trap.armed = true;
        auto outcome = kernel.submit(add_to(1, 1)).get();
        EXPECT_EQ(code_of(outcome), "unavailable");
        EXPECT_EQ(outcome.refusal->code().status, 503);
        EXPECT_EQ(kernel.balance(1), 3);
        EXPECT_EQ(code_of(kernel.submit(add_to(1, 1)).get()), "ok");
        EXPECT_EQ(kernel.balance(1), 4);
    }
}

TEST(Committer, a_commit_whose_answer_was_lost_but_that_arrived_is_answered_and_applied_once) {
    Trap trap{.at = Step::commit, .fault = Fault::unknown_done};
    Kernel kernel({}, trap.hook());
    kernel.cart(1);
    trap.armed = true;
    EXPECT_EQ(code_of(kernel.submit(add_to(1, 1)).get()), "ok");
    EXPECT_EQ(kernel.balance(1), 1);
    EXPECT_EQ(kernel.committer->counters().retries, 0u);
}

TEST(Committer, a_commit_that_did_not_arrive_is_done_again_once) {
    Trap trap{.at = Step::commit, .fault = Fault::unknown_not_done};
    Kernel kernel({}, trap.hook());
    kernel.cart(1);
    trap.armed = true;
    EXPECT_EQ(code_of(kernel.submit(add_to(1, 1)).get()), "ok");
    EXPECT_EQ(kernel.balance(1), 1);
    EXPECT_EQ(kernel.committer->counters().retries, 1u);
}

TEST(Committer, an_outcome_nobody_can_tell_is_said_to_be_unknown) {
    std::atomic<bool> lost = false;
    Kernel kernel({.most_tries = 2}, [&](Step step) {
        if (!lost) return Fault::none;
        return step == Step::commit      ? Fault::unknown_done
               : step == Step::committed ? Fault::unavailable
                                         : Fault::none;
    });
    kernel.cart(1);
    lost = true;
    auto outcome = kernel.submit(add_to(1, 1)).get();
    EXPECT_EQ(code_of(outcome), "outcome_unknown");
    EXPECT_EQ(outcome.refusal->code().status, 503);
    lost = false;
    EXPECT_EQ(kernel.balance(1), 1);
    EXPECT_EQ(code_of(kernel.submit(add_to(1, 1)).get()), "ok");
    EXPECT_EQ(kernel.balance(1), 2);
}

TEST(Committer, a_question_about_a_lost_commit_is_asked_again) {
    std::atomic<bool> lost = false;
    std::atomic<int> asked = 0;
    Kernel kernel({}, [&](Step step) {
        if (step == Step::commit && lost.exchange(false)) return Fault::unknown_done;
        if (step == Step::committed && ++asked < 3) return Fault::unavailable;
        return Fault::none;
    });
    kernel.cart(1);
    lost = true;
    EXPECT_EQ(code_of(kernel.submit(add_to(1, 1)).get()), "ok");
    EXPECT_EQ(kernel.balance(1), 1);
}

// ---- numbers

TEST(Committer, one_batch_may_need_more_numbers_than_a_block_has) {
    std::atomic<int> leases = 0;
    Kernel kernel({.number_block = 8}, [&](Step step) {
        if (step == Step::lease) ++leases;
        return Fault::none;
    });
    std::vector<std::int64_t> numbers;
    std::vector<Command> commands(200, [&](Tx& tx) {
        auto number = tx.next_number("order", 1001);
        tx.add(Cart{.id = tx.new_id(), .number = "SO-" + std::to_string(number)});
        return Answer{.status = static_cast<int>(number)};
    });
    for (auto& outcome : kernel.together(commands)) numbers.push_back(outcome.answer->status);
    std::ranges::sort(numbers);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        EXPECT_EQ(numbers[i], 1001 + static_cast<std::int64_t>(i)) << "no doubles and no gaps";
    }
    EXPECT_LE(leases, 8) << "each doubles what there is";
}

TEST(Committer, one_command_may_need_more_numbers_than_a_block_has) {
    Kernel kernel({.number_block = 8});
    auto numbers = kernel.run([](Tx& tx) {
        std::vector<std::int64_t> taken;
        for (int i = 0; i < 1000; ++i) taken.push_back(tx.next_global_number("item"));
        return taken;
    });
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        EXPECT_EQ(numbers[i], static_cast<std::int64_t>(i) + 1);
    }
}

TEST(Committer, numbers_are_never_given_twice_also_when_batches_fail) {
    std::atomic<int> step_count = 0;
    Kernel kernel({.most_tries = 2, .number_block = 4}, [&](Step step) {
        int n = ++step_count;
        if (step == Step::commit && n % 5 == 0) return Fault::unknown_done;
        if (step == Step::commit && n % 7 == 0) return Fault::unknown_not_done;
        if (n % 11 == 0) return Fault::transient;
        if (n % 13 == 0) return Fault::unavailable;
        return Fault::none;
    });
    std::set<std::int64_t> seen;
    int answered = 0;
    for (int round = 0; round < 100; ++round) {
        std::vector<Command> commands(7, [](Tx& tx) {
            auto number = tx.next_number("order");
            tx.add(Cart{.id = tx.new_id(), .number = std::to_string(number)});
            return Answer{.status = static_cast<int>(number)};
        });
        for (auto& outcome : kernel.together(commands)) {
            if (!outcome.answer) continue;
            ++answered;
            EXPECT_TRUE(seen.insert(outcome.answer->status).second) << "given twice";
        }
    }
    EXPECT_GT(answered, 100);
    EXPECT_GE(kernel.memory->rows(store::info<Cart>()).size(), seen.size());
}

TEST(Committer, numbers_count_for_each_tenant_and_sequence) {
    Kernel kernel;
    auto next = [&](Tenant tenant, std::string sequence) {
        return kernel.committer->run(system_actor(tenant),
                                     [&](Tx& tx) { return tx.next_number(sequence, 100); });
    };
    EXPECT_EQ(next(here, "order"), 100);
    EXPECT_EQ(next(here, "order"), 101);
    EXPECT_EQ(next(elsewhere, "order"), 100);
    EXPECT_EQ(next(here, "return"), 100);
}

// ---- If-Match

TEST(Committer, if_match_is_checked_on_the_locked_row) {
    Kernel kernel;
    kernel.cart(1);
    std::vector<Envelope> envelopes(3);
    for (auto& envelope : envelopes) envelope.expected = Expected{uuid(1), 1};
    auto outcomes =
        kernel.together(std::vector<Command>(3, add_to(1, 1)), &envelopes);  // only one can win
    EXPECT_EQ(code_of(outcomes[0]), "ok");
    EXPECT_EQ(code_of(outcomes[1]), "precondition_failed");
    EXPECT_EQ(code_of(outcomes[2]), "precondition_failed");
    EXPECT_EQ(kernel.balance(1), 1);
    Envelope right;
    right.expected = Expected{uuid(1), 2};
    EXPECT_EQ(code_of(kernel.submit(add_to(1, 1), std::move(right)).get()), "ok");
}

TEST(Committer, if_match_holds_for_a_row_read_in_any_way_and_for_the_parent_of_a_child) {
    Kernel kernel;
    kernel.cart(1);
    auto attempt = [&](Command command, std::int64_t version) {
        Envelope envelope;
        envelope.expected = Expected{uuid(1), version, "carts"};
        return code_of(kernel.submit(std::move(command), std::move(envelope)).get());
    };
    Command peeks_first = [](Tx& tx) {
        auto* cart = tx.peek<Cart>(CartId(uuid(1)));
        tx.edit(*cart).balance += 1;
        return Answer{};
    };
    Command by_key = [](Tx& tx) {
        tx.edit(*tx.find<&Cart::number>("C1")).balance += 1;
        return Answer{};
    };
    Command adds_child = [](Tx& tx) {
        tx.find<&Cart::number>("C1");
        tx.add(Line{.id = tx.new_id(), .cart_id = uuid(1), .sku = "A", .quantity = {1}});
        return Answer{};
    };
    Command only_peeks = [](Tx& tx) {
        tx.peek<Cart>(CartId(uuid(1)));
        return Answer{};
    };
    EXPECT_EQ(attempt(peeks_first, 9), "precondition_failed");
    EXPECT_EQ(attempt(by_key, 9), "precondition_failed");
    EXPECT_EQ(attempt(adds_child, 9), "precondition_failed");
    EXPECT_EQ(attempt(only_peeks, 1), "precondition_failed") << "nothing was guarded";
    kernel.cart(2);
    Command reads_it_and_edits_another = [](Tx& tx) {
        tx.get<Cart>(CartId(uuid(1)));
        tx.edit<Cart>(CartId(uuid(2))).balance += 1;
        return Answer{};
    };
    EXPECT_EQ(attempt(reads_it_and_edits_another, 9), "precondition_failed");
    EXPECT_EQ(attempt(reads_it_and_edits_another, 1), "ok");
    EXPECT_EQ(kernel.find(1)->version, 1);
    EXPECT_EQ(attempt(peeks_first, 1), "ok");
    EXPECT_EQ(attempt(by_key, 2), "ok");
    EXPECT_EQ(attempt(adds_child, 3), "ok");
}

TEST(Committer, if_match_of_one_table_does_not_touch_another_with_the_same_number) {
    Kernel kernel;
    kernel.run([](Tx& tx) { tx.add(Shelf{.id = ShelfId(5), .mood = Mood::calm}); });
    Envelope envelope;
    envelope.expected = Expected{std::int64_t{5}, 3, "items"};
    auto outcome = kernel.submit(
        [](Tx& tx) {
            tx.get<Shelf>(ShelfId(5));
            throw Refusal(codes::not_found, "no item 5");
            return Answer{};
        },
        std::move(envelope));
    EXPECT_EQ(code_of(outcome.get()), "not_found");
}

// ---- idempotency

Envelope keyed(std::string scope, std::string fingerprint = "f") {
    Envelope envelope;
    envelope.idempotency =
        store::IdempotencyKey{std::move(scope), std::move(fingerprint), std::string(32, 'k')};
    return envelope;
}

Command answering(std::uint64_t number, std::atomic<int>* runs = nullptr) {
    return [=](Tx& tx) {
        if (runs) ++*runs;
        auto& cart = tx.edit<Cart>(CartId(uuid(number)));
        ++cart.balance;
        return Answer{.status = 201,
                      .body = "{\"balance\":" + std::to_string(cart.balance) + "}",
                      .etag = "\"" + std::to_string(cart.version) + "\"",
                      .location = "/carts/1"};
    };
}

TEST(Idempotency, the_same_request_gets_the_same_answer_byte_for_byte_and_no_second_effect) {
    Kernel kernel;
    kernel.cart(1);
    auto first = kernel.submit(answering(1), keyed("s")).get();
    kernel.run(add_to(1, 10));
    auto again = kernel.submit(answering(1), keyed("s")).get();
    EXPECT_FALSE(first.replayed);
    EXPECT_TRUE(again.replayed);
    EXPECT_EQ(again.answer->status, 201);
    EXPECT_EQ(again.answer->body, first.answer->body);
    EXPECT_EQ(again.answer->etag, first.answer->etag);
    EXPECT_EQ(again.answer->location, first.answer->location);
    EXPECT_EQ(kernel.balance(1), 11);
}

TEST(Idempotency, a_replay_comes_before_if_match) {
    Kernel kernel;
    kernel.cart(1);
    for (bool replayed : {false, true}) {
        auto envelope = keyed("s");
        envelope.expected = Expected{uuid(1), 1};
        auto outcome = kernel.submit(answering(1), std::move(envelope)).get();
        EXPECT_EQ(code_of(outcome), "ok");
        EXPECT_EQ(outcome.replayed, replayed);
    }
}

TEST(Idempotency, a_key_used_for_another_request_is_refused) {
    Kernel kernel;
    kernel.cart(1);
    kernel.submit(answering(1), keyed("s", "one")).get();
    EXPECT_EQ(code_of(kernel.submit(answering(1), keyed("s", "two")).get()),
              "idempotency_key_reused");
    auto stranger = keyed("s", "two");
    stranger.actor.tenant = elsewhere;
    auto outcome = kernel.submit([](Tx&) { return Answer{}; }, std::move(stranger)).get();
    EXPECT_EQ(code_of(outcome), "ok") << "another tenant's keys are its own";
}

TEST(Idempotency, a_request_that_still_runs_is_said_to_be_running_until_it_is_completed) {
    Kernel kernel;
    kernel.cart(1);
    Command starts = [](Tx& tx) {
        tx.edit<Cart>(CartId(uuid(1))).balance += 1;
        return Answer{.status = 202, .body = "{}", .operation = uuid(77)};
    };
    EXPECT_EQ(code_of(kernel.submit(starts, keyed("s")).get()), "ok");
    auto running = kernel.submit(starts, keyed("s")).get();
    EXPECT_EQ(code_of(running), "request_in_progress");
    EXPECT_GT(running.refusal->retry_after_s(), 0);
    kernel.run([](Tx& tx) {  // as a worker completes it
        using Record = store::IdempotencyRecord;
        auto* record = tx.find<&Record::operation>(uuid(77));
        auto& done = tx.edit(*record);
        done.progress = store::Progress::done;
        done.status = 200;
        done.body = "{\"done\":true}";
    });
    auto replayed = kernel.submit(starts, keyed("s")).get();
    EXPECT_EQ(replayed.answer->body, "{\"done\":true}");
    EXPECT_EQ(kernel.balance(1), 1);
}

TEST(Idempotency, a_refusal_is_not_stored) {
    Kernel kernel;
    EXPECT_EQ(code_of(kernel.submit(answering(1), keyed("s")).get()), "not_found");
    kernel.cart(1);
    auto outcome = kernel.submit(answering(1), keyed("s")).get();
    EXPECT_EQ(code_of(outcome), "ok");
    EXPECT_FALSE(outcome.replayed);
}

TEST(Idempotency, two_hundred_requests_with_one_key_have_one_effect_in_one_batch_or_many) {
    for (int batch : {256, 7, 1}) {
        Kernel kernel({.batch_commands = batch});
        kernel.cart(1);
        std::vector<Envelope> envelopes;
        for (int i = 0; i < 200; ++i) envelopes.push_back(keyed("s"));
        auto outcomes = kernel.together(std::vector<Command>(200, answering(1)), &envelopes);
        int fresh = 0;
        for (auto& outcome : outcomes) {
            ASSERT_EQ(code_of(outcome), "ok");
            EXPECT_EQ(outcome.answer->body, "{\"balance\":1}");
            fresh += outcome.replayed ? 0 : 1;
        }
        EXPECT_EQ(fresh, 1);
        EXPECT_EQ(kernel.balance(1), 1);
    }
}

TEST(Idempotency, a_secret_answer_is_stored_sealed_and_opened_for_who_knows_the_key) {
    Kernel kernel;
    Command shows_secret = [](Tx&) {
        return Answer{.status = 201, .body = R"({"key":"sk_live_1"})", .secret = true};
    };
    kernel.submit(shows_secret, keyed("s")).get();
    auto rows = kernel.memory->rows(store::info<store::IdempotencyRecord>());
    ASSERT_EQ(rows.size(), 1u);
    auto record = store::from_row<store::IdempotencyRecord>(rows[0]);
    EXPECT_TRUE(record.sealed);
    EXPECT_EQ(record.body.find("sk_live"), std::string::npos);
    auto again = kernel.submit(shows_secret, keyed("s")).get();
    EXPECT_EQ(again.answer->body, R"({"key":"sk_live_1"})");
    auto stranger = keyed("s");
    stranger.idempotency->seal_key = std::string(32, 'x');
    EXPECT_EQ(code_of(kernel.submit(shows_secret, std::move(stranger)).get()), "internal");
}

TEST(Idempotency, the_record_and_the_first_rows_load_in_one_round) {
    Kernel kernel;
    kernel.cart(1);
    EXPECT_EQ(kernel.submit(answering(1), keyed("s")).get().stats.rounds, 2);
}

TEST(Idempotency, a_batch_redone_after_a_fault_keeps_one_effect_for_each_key) {
    for (auto fault : {Fault::transient, Fault::unknown_done, Fault::unknown_not_done}) {
        Trap trap{.at = Step::commit, .fault = fault};
        Kernel kernel({}, trap.hook());
        kernel.cart(1);
        trap.armed = true;
        std::vector<Envelope> envelopes;
        for (int i = 0; i < 10; ++i) envelopes.push_back(keyed("s" + std::to_string(i % 5)));
        kernel.together(std::vector<Command>(10, answering(1)), &envelopes);
        EXPECT_EQ(kernel.balance(1), 5);
    }
}

// ---- events and listeners

TEST(EventsOfABatch, they_commit_with_their_effect_and_count_for_each_aggregate) {
    Kernel kernel;
    kernel.cart(1);
    kernel.cart(2);
    auto emit = [](std::uint64_t number) {
        return [=](Tx& tx) {
            auto& cart = tx.edit<Cart>(CartId(uuid(number)));
            ++cart.balance;
            tx.emit("cart.changed", cart);
            tx.emit("cart.counted", cart);
            return Answer{};
        };
    };
    kernel.together({emit(1), emit(2), refuse(), emit(1)});
    std::map<std::string, std::vector<std::int64_t>> sequences;
    for (auto& event : kernel.events()) {
        sequences[event.aggregate_id].push_back(event.sequence);
        EXPECT_EQ(event.aggregate_type, "cart");
        EXPECT_EQ(event.actor, "system");
        EXPECT_NE(event.data.text.find("\"balance\""), std::string::npos);
        EXPECT_EQ(event.data.text.find("event_sequence"), std::string::npos);
    }
    EXPECT_EQ(sequences[to_string(uuid(1))], (std::vector<std::int64_t>{1, 2, 3, 4}));
    EXPECT_EQ(sequences[to_string(uuid(2))], (std::vector<std::int64_t>{1, 2}));
    EXPECT_EQ(kernel.find(1)->event_sequence.value, 4);
    EXPECT_EQ(kernel.find(1)->version, 3) << "emitting is part of the same change";
}

TEST(EventsOfABatch, none_is_written_when_the_batch_fails) {
    Trap trap{.at = Step::commit, .fault = Fault::unavailable};
    Kernel kernel({}, trap.hook());
    kernel.cart(1);
    trap.armed = true;
    kernel
        .submit([](Tx& tx) {
            tx.emit("cart.changed", tx.edit<Cart>(CartId(uuid(1))));
            return Answer{};
        })
        .get();
    EXPECT_TRUE(kernel.events().empty());
}

TEST(EventsOfABatch, a_removed_row_can_be_the_subject_of_its_last_event) {
    Kernel kernel;
    kernel.cart(1);
    kernel.run([](Tx& tx) {
        auto& cart = tx.get<Cart>(CartId(uuid(1)));
        tx.emit("cart.closing", cart);
        tx.remove(cart);
        tx.emit("cart.deleted", cart);
    });
    auto events = kernel.events();
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(events[1].type, "cart.deleted");
    EXPECT_EQ(events[1].sequence, 2);
    EXPECT_EQ(kernel.find(1), std::nullopt);
}

TEST(Listeners, they_hear_of_every_commit_once_and_of_nothing_else) {
    Trap trap{.at = Step::commit, .fault = Fault::unknown_done};
    Kernel kernel({}, trap.hook());
    std::vector<std::size_t> heard;
    kernel.committer->listen([&](auto& changes) { heard.push_back(changes.size()); });
    kernel.cart(1);
    kernel.find(1);                 // changes nothing
    kernel.submit(refuse()).get();  // nor does this
    trap.armed = true;
    kernel.submit(add_to(1, 1)).get();
    EXPECT_EQ(heard, (std::vector<std::size_t>{1, 1}));
}

}  // namespace
}  // namespace stateset
