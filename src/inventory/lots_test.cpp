#include "inventory/lots.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "platform/store/store_testing.hpp"

namespace stateset::inventory {
namespace {

using store_testing::Folder;
using store_testing::here;

constexpr int most_rounds = 5;
constexpr std::int64_t locations = 2;

// Two locations, an item tracked by lot and one tracked by serial number. On a real database, so
// that its checks have their say.
class TrackedStock : public ::testing::Test {
  protected:
    template <class F>
    auto run(F&& command) {
        auto before = committer->counters().rounds;
        struct Count {
            TrackedStock& test;
            std::uint64_t before;
            ~Count() {
                auto rounds = test.committer->counters().rounds - before;
                EXPECT_LE(rounds, static_cast<std::uint64_t>(most_rounds));
            }
        } count{*this, before};
        return committer->run(system_actor(here), std::forward<F>(command));
    }
    TrackedStock() {
        {
            store::sqlite::Connection connection(folder.file(), store::sqlite::Access::write);
            store::sqlite::migrate(connection, store::Migrate::apply);
        }
        committer = std::make_unique<Committer>(
            store::sqlite::open_store(folder.file()),
            Committer::Options{.log = [](std::string_view text) { ADD_FAILURE() << text; }});
        run([&](Tx& tx) {
            for (std::int64_t i = 1; i <= locations; ++i) {
                tx.add(Location{.id = LocationId(i),
                                .code = i == 1 ? std::string(main_code) : "NORTH",
                                .name = "Warehouse"});
            }
            tx.add(Item{.id = ItemId(1), .item_number = "MILK", .tracking = Tracking::lot});
            tx.add(Item{.id = ItemId(2), .item_number = "WATCH", .tracking = Tracking::serial});
            tx.add(Item{.id = ItemId(3), .item_number = "MUG"});
            return true;
        });
    }

    // Whether it was done; a refusal changes nothing.
    template <class F>
    bool attempt(F&& command) {
        try {
            run([&](Tx& tx) {
                command(tx);
                return true;
            });
            return true;
        } catch (const Refusal&) {
            return false;
        }
    }
    template <class F>
    std::string code_of(F&& command) {
        return store_testing::code_of_refusal([&] {
            run([&](Tx& tx) {
                command(tx);
                return true;
            });
        });
    }

    // Every balance is what its lots or its pieces add up to, and its reservations hold.
    void check_laws() {
        committer->run(system_actor(here), [&](Tx& tx) {
            for (std::int64_t id : {1, 2, 3}) {
                const auto& item = tx.get<Item>(ItemId(id));
                for (const auto* balance : tx.all<Balance>(item.id)) check(tx, item, *balance);
            }
            return true;
        });
    }
    void check(Tx& tx, const Item& item, const Balance& balance) {
        EXPECT_GE(balance.available(), Quantity{});
        Quantity on_hand, allocated, quarantined;
        if (item.tracking == Tracking::lot) {
            for (const auto* lot : tx.all<LotBalance>(item.id)) {
                if (lot->location_id != balance.location_id) continue;
                on_hand += lot->on_hand;
                allocated += lot->allocated;
                quarantined += lot->quarantined;
                EXPECT_GT(lot->on_hand, Quantity{});
                EXPECT_EQ(lot->status.value, tx.get<Lot>(lot->lot_id).status);
                EXPECT_EQ(lot->expires_on.value, tx.get<Lot>(lot->lot_id).expires_on);
                if (lot->status.value != LotStatus::active) {
                    EXPECT_EQ(lot->available(), Quantity{});
                }
            }
            EXPECT_EQ(on_hand, balance.on_hand);
            EXPECT_EQ(allocated, balance.allocated);
            EXPECT_EQ(quarantined, balance.quarantined);
        }
        if (item.tracking == Tracking::serial) {
            for (const auto* piece : tx.all<Serial>(balance.id)) {
                EXPECT_EQ(piece->location_id, balance.location_id);
                on_hand += Quantity::of(1);
                if (piece->status == SerialStatus::quarantined) quarantined += Quantity::of(1);
            }
            EXPECT_EQ(on_hand, balance.on_hand);
            EXPECT_EQ(quarantined, balance.quarantined);
        }
    }

    Place place(Tx& tx, std::int64_t item, std::int64_t location) {
        return place_of(tx, std::to_string(item), LocationId(location));
    }
    void receive(std::string lot, std::int64_t quantity, std::optional<int> days = {}) {
        run([&](Tx& tx) {
            Arrival goods{.quantity = Quantity::of(quantity), .lot_number = Text<64>{lot}};
            if (days) goods.expires_on = Date{date_of(tx.now()).days + *days};
            arrive(tx, place(tx, 1, 1), goods, {.kind = "receive"}, "");
            return true;
        });
    }

    Folder folder;
    std::unique_ptr<Committer> committer;
};

TEST_F(TrackedStock, goes_to_another_place_as_it_left) {
    receive("A", 3, 5);
    receive("B", 4, 9);
    std::vector<Arrival> gone;
    run([&](Tx& tx) {
        auto from = place(tx, 1, 1);
        gone = leave(tx, balance_at(tx, from), {.quantity = Quantity::of(5)}, {.kind = "transfer"},
                     "");
        return true;
    });
    ASSERT_EQ(gone.size(), 2u);
    EXPECT_EQ(gone[0].lot_number->value, "A");
    EXPECT_EQ(to_string(gone[1].quantity), "2");
    check_laws();
    for (const auto& goods : gone) {
        run([&](Tx& tx) {
            arrive(tx, place(tx, 1, 2), goods, {.kind = "transfer"}, "/items/0");
            return true;
        });
    }
    check_laws();
}

TEST_F(TrackedStock, is_refused_where_nobody_says_what_it_is) {
    EXPECT_EQ(code_of([&](Tx& tx) {
                  arrive(tx, place(tx, 1, 1), {.quantity = Quantity::of(1)}, {.kind = "x"}, "");
              }),
              "lot_required");
    EXPECT_EQ(code_of([&](Tx& tx) {
                  arrive(tx, place(tx, 2, 1), {.quantity = Quantity::of(1)}, {.kind = "x"}, "");
              }),
              "serials_required");
    receive("A", 3);
    EXPECT_EQ(code_of([&](Tx& tx) {
                  auto at = place(tx, 1, 1);
                  shift(tx, balance_at(tx, at), {.delta = Quantity::of(1), .kind = "x"});
              }),
              "lot_required");
    EXPECT_EQ(code_of([&](Tx& tx) {
                  auto at = place(tx, 1, 1);
                  leave(tx, balance_at(tx, at), {.quantity = Quantity::of(4)}, {.kind = "x"}, "");
              }),
              "insufficient_stock");
}

TEST_F(TrackedStock, that_is_free_of_a_lot_that_was_called_back_is_set_apart) {
    receive("A", 5);
    ReservationId held;
    LotId lot;
    run([&](Tx& tx) {
        auto at = place(tx, 1, 1);
        lot = lot_for(tx, *at.item, "A", {}).id;
        held = reserve(tx, balance_at(tx, at), {.quantity = Quantity::of(2), .lot_id = lot}).id;
        return true;
    });
    run([&](Tx& tx) { return quarantine_lot(tx, tx.actor(), {.id = lot, .reason = {}}); });
    check_laws();
    EXPECT_EQ(code_of([&](Tx& tx) {
                  consume(tx, tx.get<Reservation>(held), Quantity::of(1), "consume", {});
              }),
              "lot_not_usable");
    run([&](Tx& tx) {
        release(tx, tx.get<Reservation>(held));
        auto at = place(tx, 1, 1);
        EXPECT_EQ(to_string(balance_at(tx, at).quarantined), "5");
        return true;
    });
    check_laws();
}

// ---- whatever happens, in whatever order ----

class Chance {
  public:
    explicit Chance(std::uint64_t seed) : engine_(seed) {}
    std::int64_t upto(std::int64_t most) {
        return static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(most + 1));
    }
    std::int64_t location() { return 1 + upto(locations - 1); }
    Quantity some() { return Quantity::of(1 + upto(3)); }
    Text<64> lot() { return {"L" + std::to_string(upto(3))}; }
    std::vector<Text<64>> pieces(Quantity count) {
        std::set<std::string> names;
        while (static_cast<std::int64_t>(names.size()) * Quantity::one < count.scaled) {
            names.insert("S" + std::to_string(upto(15)));
        }
        std::vector<Text<64>> result;
        for (const auto& name : names) result.push_back({name});
        return result;
    }
    From from() { return static_cast<From>(upto(2)); }

  private:
    std::mt19937_64 engine_;
};

class AnyStock : public TrackedStock {
  protected:
    void come(Tx& tx, Chance& chance) {
        auto item = 1 + chance.upto(2);
        Arrival goods{.quantity = chance.some()};
        if (item == 1) goods.lot_number = chance.lot();
        if (item == 2) goods.serial_numbers = chance.pieces(goods.quantity);
        auto aside = chance.upto(3) == 0 ? goods.quantity : Quantity{};
        arrive(tx, place(tx, item, chance.location()), goods,
               {.quarantined = aside, .kind = "return"}, "");
    }
    void go(Tx& tx, Chance& chance) {
        auto item = 1 + chance.upto(2);
        Departure goods{.quantity = chance.some(), .from = chance.from()};
        if (item == 1 && chance.upto(1) == 0) goods.lot_number = chance.lot();
        if (item == 2 && chance.upto(1) == 0) goods.serial_numbers = chance.pieces(goods.quantity);
        auto at = place(tx, item, chance.location());
        leave(tx, balance_at(tx, at), goods, {.kind = "adjust"}, "");
    }
    void hold(Tx& tx, Chance& chance) {
        Reserve wanted{.id = std::to_string(1 + chance.upto(2)),
                       .location_id = LocationId(chance.location()),
                       .quantity = chance.some()};
        auto made = reserve_one(tx, tx.actor(), wanted);
        held.push_back(made.reservation->id);
        for (const auto& one : made.other_lots) held.push_back(one.id);
    }
    void let_go(Tx& tx, Chance& chance) {
        auto count = static_cast<std::int64_t>(held.size());
        if (count == 0) return;
        const auto& one =
            tx.get<Reservation>(held[static_cast<std::size_t>(chance.upto(count - 1))]);
        if (chance.upto(1) == 0) {
            release(tx, one);
        } else {
            consume(tx, one, std::min(chance.some(), one.held()), "consume", {});
        }
    }
    void set_apart(Tx& tx, Chance& chance) {
        Quarantine wanted{.id = std::to_string(1 + chance.upto(2)),
                          .location_id = LocationId(chance.location()),
                          .quantity = chance.some(),
                          .reason = {"because"}};
        if (wanted.id == "1") wanted.lot_number = chance.lot();
        if (wanted.id == "2") wanted.serial_numbers = {chance.pieces(*wanted.quantity)};
        chance.upto(1) == 0 ? quarantine(tx, tx.actor(), wanted)
                            : unquarantine(tx, tx.actor(), wanted);
    }
    void judge(Tx& tx, Chance& chance) {
        const auto* lot = tx.find<&Lot::item_id, &Lot::lot_number>(ItemId(1), chance.lot().value);
        if (!lot) return;
        auto what = chance.upto(2);
        if (what == 0) quarantine_lot(tx, tx.actor(), {.id = lot->id, .reason = {}});
        if (what == 1) release_lot(tx, tx.actor(), {.id = lot->id, .reason = {}});
        if (what != 2) return;
        LotChanges changes{.id = lot->id, .expires_on = {}};
        changes.expires_on.given = true;
        changes.expires_on.value = Date{date_of(tx.now()).days + chance.upto(4) - 1};
        update_lot(tx, tx.actor(), changes);
    }
    void anything(Tx& tx, Chance chance) {
        switch (chance.upto(6)) {
            case 0:
            case 1: return come(tx, chance);
            case 2: return go(tx, chance);
            case 3: return hold(tx, chance);
            case 4: return let_go(tx, chance);
            case 5: return set_apart(tx, chance);
            default: return judge(tx, chance);
        }
    }
    std::vector<ReservationId> held;
};

TEST_F(AnyStock, keeps_its_laws_whatever_happens_in_whatever_order) {
    int done = 0;
    constexpr std::uint64_t steps = 600;
    for (std::uint64_t step = 0; step < steps && !HasFailure(); ++step) {
        SCOPED_TRACE(step);
        auto before = held;
        bool worked = attempt([&](Tx& tx) {
            held = before;  // a command may be run again from nothing
            anything(tx, Chance(step));
        });
        if (!worked) held = before;
        done += worked ? 1 : 0;
        check_laws();
    }
    EXPECT_GT(done, static_cast<int>(steps / 4)) << "most of it was refused";
}

}  // namespace
}  // namespace stateset::inventory
