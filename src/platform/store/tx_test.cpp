// What a command sees through its Tx: its own changes, and those of the commands before it in the
// batch.

#include "platform/store/tx.hpp"

#include "platform/store/store_testing.hpp"

namespace stateset {
namespace {

using namespace store_testing;
using store::Answer;
using Command = std::function<Answer(Tx&)>;

Line line(std::uint64_t number, std::uint64_t parent, std::string sku) {
    return {.id = uuid(number),
            .cart_id = uuid(parent),
            .sku = std::move(sku),
            .quantity = Quantity::of(1)};
}

Command add_line(std::uint64_t number, std::uint64_t parent, std::string sku) {
    return [=](Tx& tx) {
        tx.get<Cart>(CartId(uuid(parent)));
        tx.add(line(number, parent, sku));
        return Answer{};
    };
}

// Answers how many children the cart has.
Command count_lines(std::uint64_t parent) {
    return [=](Tx& tx) {
        tx.get<Cart>(CartId(uuid(parent)));
        return Answer{.status = static_cast<int>(tx.all<Line>(CartId(uuid(parent))).size())};
    };
}

Command rename(std::uint64_t number, std::string to) {
    return [=](Tx& tx) {
        tx.edit<Cart>(CartId(uuid(number))).number = to;
        return Answer{};
    };
}

// Answers the balance of the cart with this number, or 404.
Command look_up(std::string number) {
    return [=](Tx& tx) {
        auto* cart = tx.find<&Cart::number>(number);
        return Answer{.status = cart ? static_cast<int>(cart->balance) : 404};
    };
}

std::vector<int> statuses(const std::vector<Outcome>& outcomes) {
    std::vector<int> result;
    for (auto& outcome : outcomes) {
        result.push_back(outcome.answer ? outcome.answer->status : outcome.refusal->code().status);
    }
    return result;
}

TEST(Tx, a_miss_runs_the_command_again_from_nothing) {
    Kernel kernel;
    kernel.cart(1);
    kernel.cart(2);
    int runs = 0;
    auto outcome = kernel
                       .submit([&](Tx& tx) {
                           ++runs;
                           auto& one = tx.edit<Cart>(CartId(uuid(1)));
                           EXPECT_EQ(one.balance, 0) << "what an earlier run did is gone";
                           one.balance += 5;
                           tx.emit("cart.changed", one);
                           tx.edit<Cart>(CartId(uuid(2))).balance += 7;
                           return Answer{};
                       })
                       .get();
    EXPECT_EQ(runs, 3);
    EXPECT_EQ(outcome.stats.rounds, 3);
    EXPECT_EQ(kernel.balance(1), 5);
    EXPECT_EQ(kernel.balance(2), 7);
    EXPECT_EQ(kernel.events().size(), 1u);
}

TEST(Tx, each_misses_once_for_fifty_keys) {
    Kernel kernel;
    std::vector<std::uint64_t> numbers;
    for (std::uint64_t i = 1; i <= 50; ++i) {
        kernel.cart(i);
        numbers.push_back(i);
    }
    auto rounds_of = [&](Command command) {
        auto outcome = kernel.submit(std::move(command)).get();
        EXPECT_EQ(code_of(outcome), "ok");
        return outcome.stats.rounds;
    };
    EXPECT_EQ(rounds_of([&](Tx& tx) {
                  auto carts =
                      tx.each(numbers, [&](auto n) { return tx.find<Cart>(CartId(uuid(n))); });
                  for (auto* cart : carts) EXPECT_NE(cart, nullptr);
                  return Answer{};
              }),
              2);
    EXPECT_EQ(rounds_of([&](Tx& tx) {  // `get` refuses what is absent, but not what is not loaded
                  auto carts =
                      tx.each(numbers, [&](auto n) { return &tx.get<Cart>(CartId(uuid(n))); });
                  for (auto* cart : carts) tx.edit(*cart).balance += 1;
                  return Answer{};
              }),
              2);
    EXPECT_EQ(rounds_of([&](Tx& tx) {  // children, whose parents come first
                  tx.each(numbers, [&](auto n) {
                      tx.find<Cart>(CartId(uuid(n)));
                      return tx.all<Line>(CartId(uuid(n))).size();
                  });
                  return Answer{};
              }),
              3);
    EXPECT_EQ(kernel.balance(50), 1);
}

TEST(Tx, each_refuses_when_one_of_its_elements_does) {
    Kernel kernel;
    kernel.cart(1);
    std::vector<std::uint64_t> numbers{1, 2, 3};
    auto outcome = kernel
                       .submit([&](Tx& tx) {
                           tx.each(numbers, [&](auto n) {
                               return tx.get<Cart>(CartId(uuid(n)), "/carts/" + std::to_string(n));
                           });
                           return Answer{};
                       })
                       .get();
    EXPECT_EQ(code_of(outcome), "invalid");
    EXPECT_EQ(outcome.refusal->faults().at(0).pointer, "/carts/2");
}

TEST(Tx, adding_stamps_version_and_times) {
    Time now{1'000'000};
    Kernel kernel({.clock = [&] { return now; }});
    auto cart = kernel.cart(1);
    EXPECT_EQ(cart.version, 1);
    EXPECT_EQ(cart.created_at, now);
    EXPECT_EQ(cart.updated_at, now);
}

TEST(Tx, an_edit_raises_version_and_updated_at_once_in_a_command_and_those_of_the_root) {
    std::atomic<std::int64_t> clock = 1;
    Kernel kernel({.clock = [&] { return Time{clock}; }});
    kernel.cart(1);
    kernel.submit(add_line(11, 1, "A")).get();
    EXPECT_EQ(kernel.find(1)->version, 2) << "a new child is a change of the root";
    clock = 5;
    kernel.run([](Tx& tx) {
        tx.get<Cart>(CartId(uuid(1)));
        auto& line = tx.edit<Line>(LineId(uuid(11)));
        line.quantity = Quantity::of(2);
        tx.edit(line).quantity = Quantity::of(3);
    });
    auto cart = kernel.find(1).value();
    EXPECT_EQ(cart.version, 3);
    EXPECT_EQ(cart.updated_at.micros, 5);
    EXPECT_EQ(cart.created_at.micros, 1);
    auto version = kernel.run([](Tx& tx) {
        tx.get<Cart>(CartId(uuid(1)));
        auto* line = tx.find<Line>(LineId(uuid(11)));
        EXPECT_EQ(line->quantity, Quantity::of(3));
        auto version = line->version;
        tx.remove(*line);
        return version;
    });
    EXPECT_EQ(version, 2);
    EXPECT_EQ(kernel.find(1)->version, 4) << "so is a child that goes";
}

TEST(Tx, what_was_read_and_not_changed_is_not_written) {
    Kernel kernel;
    kernel.cart(1);
    auto commits = kernel.memory->commits();
    kernel.find(1);
    EXPECT_EQ(kernel.memory->commits(), commits);
    EXPECT_EQ(kernel.find(1)->version, 1);
}

TEST(Tx, a_child_without_its_locked_parent_is_an_error_and_nothing_is_written) {
    Kernel kernel;
    kernel.cart(1);
    auto add_without = [&](bool peeked) {
        return code_of(kernel
                           .submit([=](Tx& tx) {
                               tx.add(Cart{.id = uuid(9), .number = "NINE"});
                               if (peeked) tx.peek<Cart>(CartId(uuid(1)));
                               tx.add(line(11, 1, "A"));
                               return Answer{};
                           })
                           .get());
    };
    EXPECT_EQ(add_without(false), "internal");
    EXPECT_EQ(add_without(true), "internal");
    auto all_without = kernel.submit([](Tx& tx) {
        tx.all<Line>(CartId(uuid(1)));
        return Answer{};
    });
    EXPECT_EQ(code_of(all_without.get()), "internal");
    EXPECT_EQ(kernel.find(9), std::nullopt);
    EXPECT_TRUE(kernel.memory->rows(store::info<Line>()).empty());
}

TEST(Tx, find_sees_rows_added_changed_and_removed_earlier_in_the_batch) {
    Kernel kernel;
    kernel.cart(1, 10);
    kernel.cart(2, 20);
    Command add = [](Tx& tx) {
        tx.add(Cart{.id = uuid(3), .number = "C3", .balance = 30});
        return Answer{};
    };
    Command remove = [](Tx& tx) {
        tx.remove(tx.get<Cart>(CartId(uuid(2))));
        return Answer{};
    };
    Command change = [](Tx& tx) {
        tx.edit<Cart>(CartId(uuid(1))).balance = 11;
        return Answer{};
    };
    // The first three miss nothing that the later ones do not load with them.
    auto outcomes = kernel.together(
        {add, remove, change, look_up("C1"), look_up("C2"), look_up("C3"), look_up("C4")});
    EXPECT_EQ(statuses(outcomes), (std::vector{200, 200, 200, 11, 404, 30, 404}));
}

TEST(Tx, a_key_looked_up_after_its_row_was_changed_for_another_reason_is_found) {
    Kernel kernel;
    kernel.cart(1, 10);
    // Changes the row by id in round 2; the key is asked for only in round 3.
    Command change = [](Tx& tx) {
        tx.edit<Cart>(CartId(uuid(1))).balance = 11;
        return Answer{};
    };
    Command late = [](Tx& tx) {
        tx.find<Cart>(CartId(uuid(8)));
        tx.find<Cart>(CartId(uuid(9)));
        auto* cart = tx.find<&Cart::number>("C1");
        return Answer{.status = cart ? static_cast<int>(cart->balance) : 404};
    };
    auto outcomes = kernel.together({change, late});
    EXPECT_EQ(outcomes[1].answer->status, 11);
}

TEST(Tx, find_by_key_follows_keys_changed_and_swapped_earlier_in_the_batch) {
    for (bool loaded_before : {false, true}) {
        Kernel kernel;
        kernel.cart(1, 10);
        kernel.cart(2, 20);
        Command swap = [](Tx& tx) {
            auto& one = tx.edit<Cart>(CartId(uuid(1)));
            auto& two = tx.edit<Cart>(CartId(uuid(2)));
            std::swap(one.number, two.number);
            return Answer{};
        };
        Command late_look = [](Tx& tx) {
            tx.find<Cart>(CartId(uuid(8)));
            tx.find<Cart>(CartId(uuid(9)));
            return Answer{.status = static_cast<int>(tx.find<&Cart::number>("C1")->balance)};
        };
        std::vector<Command> commands;
        if (loaded_before) commands.push_back(look_up("C1"));
        commands.insert(commands.end(), {swap, late_look, look_up("C2")});
        auto found = statuses(kernel.together(commands));
        std::vector<int> wanted{200, 20, 10};
        if (loaded_before) {
            // Looks run when their key is there: in the round before the swap.
            wanted.insert(wanted.begin(), 10);
            wanted.back() = found.back();
        }
        EXPECT_EQ(found, wanted);
        EXPECT_EQ(kernel.find(1)->number, "C2");
        EXPECT_EQ(kernel.find(2)->number, "C1");
    }
}

TEST(Tx, a_key_given_up_in_the_batch_is_free_and_a_taken_one_is_not) {
    Kernel kernel;
    kernel.cart(1, 10);
    kernel.cart(2, 20);
    auto add = [](std::string number) -> Command {
        return [=](Tx& tx) {
            tx.find<Cart>(CartId(uuid(1)));  // runs after the renaming
            tx.add(Cart{.id = tx.new_id(), .number = number, .balance = 99});
            return Answer{};
        };
    };
    auto outcomes = kernel.together({rename(1, "NEW"), add("C1"), add("NEW"), add("C2")});
    EXPECT_EQ(statuses(outcomes), (std::vector{200, 200, 409, 409}));
    EXPECT_EQ(kernel.run(look_up("C1")).status, 99);
    EXPECT_EQ(kernel.run(look_up("NEW")).status, 10);
}

TEST(Tx, a_taken_key_or_id_is_refused_also_when_the_batch_gives_it_up_again) {
    Kernel kernel;
    kernel.cart(1, 10);
    Command add_key = [](Tx& tx) {  // C1 is taken, which nobody has looked at
        tx.add(Cart{.id = uuid(2), .number = "C1", .balance = 20});
        return Answer{};
    };
    Command rename_it = [](Tx& tx) {
        tx.edit(*tx.find<&Cart::number>("C1")).number = "NEW";
        return Answer{};
    };
    EXPECT_EQ(statuses(kernel.together({add_key, rename_it})), (std::vector{409, 200}));
    EXPECT_EQ(kernel.run(look_up("NEW")).status, 10) << "the row that had the key";

    Command remove_by_id = [](Tx& tx) {
        tx.remove(tx.get<Cart>(CartId(uuid(1))));
        return Answer{};
    };
    Command add_new = [](Tx& tx) {
        tx.add(Cart{.id = uuid(3), .number = "NEW"});
        return Answer{};
    };
    EXPECT_EQ(statuses(kernel.together({add_new, remove_by_id})), (std::vector{409, 200}))
        << "the removal came later, and had to load first";
    kernel.cart(1, 10);

    Command add_id = [](Tx& tx) {
        tx.add(Cart{.id = uuid(1), .number = "X"});
        return Answer{};
    };
    Command remove_it = [](Tx& tx) {
        tx.remove(tx.get<Cart>(CartId(uuid(1))));
        return Answer{};
    };
    EXPECT_EQ(statuses(kernel.together({add_id, remove_it})), (std::vector{409, 200}));
    EXPECT_EQ(kernel.find(1), std::nullopt);
}

TEST(Tx, one_command_may_give_a_new_row_the_key_it_takes_from_another) {
    Kernel kernel;
    kernel.cart(1, 10);
    kernel.run([](Tx& tx) {
        auto* old = tx.find<&Cart::number>("C1");
        tx.edit(*old).number = "C1-OLD";
        tx.add(Cart{.id = uuid(2), .number = "C1", .balance = 20});
    });
    EXPECT_EQ(kernel.run(look_up("C1")).status, 20);
    EXPECT_EQ(kernel.run(look_up("C1-OLD")).status, 10);
}

TEST(Tx, a_key_set_after_adding_counts_as_the_rows_key) {
    Kernel kernel;
    Command late_key = [](Tx& tx) {
        auto& cart = tx.add(Cart{.id = uuid(1), .number = "DRAFT", .balance = 1});
        cart.number = "FINAL";
        return Answer{};
    };
    auto outcomes = kernel.together({late_key, look_up("DRAFT"), look_up("FINAL")});
    EXPECT_EQ(outcomes[0].answer->status, 200);
    EXPECT_EQ(kernel.run(look_up("FINAL")).status, 1);
    auto clash = kernel.together({late_key, look_up("FINAL")});
    EXPECT_EQ(code_of(clash[0]), "already_exists");
}

TEST(Tx, a_key_edited_before_its_row_is_removed_leaves_both_keys_free) {
    Kernel kernel;
    kernel.cart(1);
    Command edit_and_remove = [](Tx& tx) {
        auto* cart = tx.find<&Cart::number>("C1");
        tx.edit(*cart).number = "C9";
        tx.remove(*cart);
        return Answer{};
    };
    Command reuse = [](Tx& tx) {
        tx.find<&Cart::number>("C1");
        tx.add(Cart{.id = uuid(2), .number = "C1"});
        tx.add(Cart{.id = uuid(3), .number = "C9"});
        return Answer{};
    };
    auto outcomes = kernel.together({edit_and_remove, reuse});
    EXPECT_EQ(statuses(outcomes), (std::vector{200, 200}));
    EXPECT_EQ(kernel.find(1), std::nullopt);
}

TEST(Tx, all_sees_children_added_earlier_in_the_batch_before_and_after_it_was_loaded) {
    Kernel kernel;
    kernel.cart(1);
    kernel.submit(add_line(11, 1, "A")).get();
    // Loaded first, added to, counted again; and added to first, loaded later.
    for (bool load_first : {true, false}) {
        auto base = load_first ? std::uint64_t{20} : std::uint64_t{30};
        std::vector<Command> commands;
        if (load_first) commands.push_back(count_lines(1));
        Command late_add = [=](Tx& tx) {
            tx.get<Cart>(CartId(uuid(1)));
            if (load_first) tx.all<Line>(CartId(uuid(1)));
            tx.add(line(base, 1, "S" + std::to_string(base)));
            return Answer{};
        };
        commands.push_back(late_add);
        commands.push_back(count_lines(1));
        auto before = kernel.run(count_lines(1)).status;
        auto outcomes = kernel.together(commands);
        EXPECT_EQ(outcomes.back().answer->status, before + 1);
        EXPECT_EQ(kernel.run(count_lines(1)).status, before + 1);
    }
}

TEST(Tx, a_new_parent_has_the_children_of_its_own_command_without_asking_the_database) {
    Kernel kernel;
    auto outcome = kernel
                       .submit([](Tx& tx) {
                           tx.add(Cart{.id = uuid(1), .number = "C1"});
                           tx.add(line(12, 1, "B"));
                           tx.add(line(11, 1, "A"));
                           auto lines = tx.all<Line>(CartId(uuid(1)));
                           EXPECT_EQ(lines.size(), 2u);
                           EXPECT_EQ(lines.at(0)->sku, "A") << "oldest id first";
                           return Answer{};
                       })
                       .get();
    EXPECT_EQ(outcome.stats.rounds, 1);
    EXPECT_EQ(kernel.run(count_lines(1)).status, 2);
}

TEST(Tx, a_child_removed_and_added_again_is_there_once) {
    Kernel kernel;
    kernel.cart(1);
    kernel.submit(add_line(11, 1, "A")).get();
    kernel.run([](Tx& tx) {
        tx.get<Cart>(CartId(uuid(1)));
        auto lines = tx.all<Line>(CartId(uuid(1)));
        tx.remove(*lines.at(0));
        EXPECT_TRUE(tx.all<Line>(CartId(uuid(1))).empty());
        EXPECT_EQ(lines[0]->sku, "A") << "what was removed can still be read";
        tx.add(line(11, 1, "A"));
        tx.add(line(12, 1, "B"));
        EXPECT_EQ(tx.all<Line>(CartId(uuid(1))).size(), 2u);
    });
    EXPECT_EQ(kernel.run(count_lines(1)).status, 2);
}

TEST(Tx, a_child_moves_with_its_parents_id) {
    for (bool counted_before : {false, true}) {
        Kernel kernel;
        kernel.cart(1);
        kernel.cart(2);
        kernel.submit(add_line(11, 1, "A")).get();
        Command move = [=](Tx& tx) {
            for (auto n : {1, 2}) {
                tx.get<Cart>(CartId(uuid(static_cast<std::uint64_t>(n))));
                if (counted_before) tx.all<Line>(CartId(uuid(static_cast<std::uint64_t>(n))));
            }
            tx.edit<Line>(tx.get<Line>(LineId(uuid(11)))).cart_id = uuid(2);
            return Answer{};
        };
        Command late = [](Tx& tx) {  // long after the move
            for (std::uint64_t i = 50; i < 58; ++i) tx.find<Cart>(CartId(uuid(i)));
            auto& from = tx.get<Cart>(CartId(uuid(1)));
            auto& to = tx.get<Cart>(CartId(uuid(2)));
            auto left = tx.all<Line>(from.id).size(), there = tx.all<Line>(to.id).size();
            return Answer{.status = static_cast<int>(10 * left + there)};
        };
        auto outcomes = kernel.together({move, late});
        EXPECT_EQ(statuses(outcomes), (std::vector{200, 1}));
        EXPECT_EQ(kernel.find(2)->version, 2) << "the new parent changed too";
    }
}

TEST(Tx, peek_takes_no_lock_and_get_by_pointer_names_the_fault) {
    Kernel kernel;
    kernel.cart(1, 5);
    EXPECT_EQ(kernel.run([](Tx& tx) { return tx.peek<&Cart::number>("C1")->balance; }), 5);
    EXPECT_EQ(code_of_refusal(
                  [&] { kernel.run([](Tx& tx) { tx.peek<Cart>(CartId(uuid(7)), "/cart_id"); }); }),
              "invalid");
    EXPECT_EQ(code_of_refusal([&] { kernel.run([](Tx& tx) { tx.get<Cart>(CartId(uuid(7))); }); }),
              "not_found");
}

TEST(Tx, commands_of_two_tenants_in_one_batch_never_meet) {
    Kernel kernel;
    kernel.cart(1, 10);
    Command edit = [](Tx& tx) {
        auto* cart = tx.find<Cart>(CartId(uuid(1)));
        if (!cart) {
            tx.add(Cart{.id = uuid(1), .number = "C1", .balance = 100});
        } else {
            tx.edit(*cart).balance += 1;
        }
        return Answer{};
    };
    std::vector<Envelope> envelopes(4);
    envelopes[1].actor = envelopes[3].actor = system_actor(elsewhere);
    for (auto& outcome : kernel.together({edit, edit, edit, edit}, &envelopes)) {
        EXPECT_EQ(code_of(outcome), "ok");
    }
    EXPECT_EQ(kernel.balance(1), 12);
    auto theirs = kernel.committer->run(
        system_actor(elsewhere), [](Tx& tx) { return tx.get<Cart>(CartId(uuid(1))).balance; });
    EXPECT_EQ(theirs, 101);
}

TEST(Tx, a_worker_may_work_in_another_tenant_for_a_while) {
    Kernel kernel;
    kernel.committer->run(system_actor(no_tenant), [](Tx& tx) {
        tx.in(here, [&] { tx.add(Cart{.id = uuid(1), .number = "C1"}); });
        EXPECT_EQ(tx.tenant(), no_tenant);
        EXPECT_EQ(tx.find<Cart>(CartId(uuid(1))), nullptr);
    });
    EXPECT_TRUE(kernel.find(1).has_value());
}

TEST(Tx, a_command_that_runs_again_is_given_the_same_ids_and_numbers) {
    Kernel kernel;
    kernel.cart(1);
    std::vector<std::pair<Uuid, std::int64_t>> given;
    kernel.run([&](Tx& tx) {
        given.emplace_back(tx.new_id(), tx.next_number("order"));
        tx.get<Cart>(CartId(uuid(1)));
    });
    ASSERT_GE(given.size(), 2u);
    EXPECT_EQ(given.front(), given.back());
}

TEST(Tx, ids_are_of_version_seven_ordered_and_never_doubled) {
    auto ids = random_ids();
    Time now{1'700'000'000'000'000};
    Uuid last{};
    for (int i = 0; i < 100'000; ++i) {
        // The clock may stand still, and step back.
        auto next = ids->next(i % 3 == 0 ? now - seconds(5) : now);
        ASSERT_LT(last, next);
        last = next;
    }
    auto text = to_string(last);
    EXPECT_EQ(text[14], '7');
    EXPECT_TRUE(std::string("89ab").find(text[19]) != std::string::npos);
    EXPECT_EQ(last.high >> 16, 1'700'000'000'000u);
}

}  // namespace
}  // namespace stateset
