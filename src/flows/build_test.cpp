#include "flows/build.hpp"

#include <gtest/gtest.h>

#include "flows/verify.hpp"
#include "manufacturing/explosion.hpp"
#include "platform/store/store_testing.hpp"

namespace stateset::flows {
namespace {

using inventory::Balance;
using inventory::Item;
using inventory::ItemId;
using inventory::LocationId;
using inventory::Tracking;
using manufacturing::BomId;
using manufacturing::Status;
using manufacturing::WorkOrder;
using manufacturing::WorkOrderId;
using manufacturing::WorkOrderItem;
using store_testing::Folder;
using store_testing::here;

constexpr int most_rounds = 5;

Quantity of(std::string_view text) { return {*decimal_from(text, Quantity::digits)}; }

// A workshop at MAIN, on a real database, so that its checks have their say. No command of it needs
// more than five rounds.
class Workshop : public ::testing::Test {
  protected:
    template <class F>
    auto run(F&& command) {
        auto before = committer->counters().rounds;
        struct Count {
            Workshop& test;
            std::uint64_t before;
            ~Count() {
                auto rounds = static_cast<int>(test.committer->counters().rounds - before);
                EXPECT_LE(rounds, most_rounds);
            }
        } count{*this, before};
        return committer->run(system_actor(here), std::forward<F>(command));
    }
    Workshop() {
        {
            store::sqlite::Connection connection(folder.file(), store::sqlite::Access::write);
            store::sqlite::migrate(connection, store::Migrate::apply);
        }
        committer = std::make_unique<Committer>(
            store::sqlite::open_store(folder.file()),
            Committer::Options{.log = [](std::string_view text) { ADD_FAILURE() << text; }});
        run([&](Tx& tx) {
            tx.add(inventory::Location{.id = LocationId(1), .code = "MAIN", .name = "Workshop"});
            return true;
        });
    }
    ~Workshop() override {
        auto reader = store::sqlite::open_reader(folder.file());
        for (const auto& finding : verify(*reader).findings) {
            ADD_FAILURE() << finding.table << " " << finding.id << ": " << finding.problem;
        }
    }

    // What a command returns, or the name of the rule that it breaks.
    template <class Result, class In>
    std::string tried(Result (*command)(Tx&, const Actor&, const In&), const In& in) {
        try {
            run([&](Tx& tx) { return command(tx, tx.actor(), in); });
            return "";
        } catch (const Refusal& refusal) {
            return std::string(refusal.code().name);
        }
    }
    template <class Result, class In>
    Result done(Result (*command)(Tx&, const Actor&, const In&), const In& in) {
        return run([&](Tx& tx) { return command(tx, tx.actor(), in); });
    }

    void item(const std::string& sku, std::string_view on_hand,
              Tracking tracking = Tracking::none) {
        run([&](Tx& tx) {
            auto& made = inventory::create_item(tx, sku, std::nullopt);
            made.tracking = tracking;
            products[sku] = tx.add(products::Product{.id = tx.new_id(),
                                                     .name = sku,
                                                     .sku = sku,
                                                     .price = {100, *currency_from("USD")},
                                                     .currency = *currency_from("USD")})
                                .id;
            tx.add(products::Variant{.id = tx.new_id(),
                                     .product_id = products[sku],
                                     .sku = sku,
                                     .name = sku,
                                     .price = {100, *currency_from("USD")},
                                     .currency = *currency_from("USD")});
            return true;
        });
        if (of(on_hand) > Quantity{}) stock(sku, {.quantity = of(on_hand)});
    }
    void stock(const std::string& sku, const inventory::Arrival& goods) {
        run([&](Tx& tx) {
            auto place = inventory::place_of(tx, sku, std::nullopt);
            inventory::arrive(tx, place, goods, {.delta = {}, .kind = "receive"}, "");
            return true;
        });
    }
    struct Part {
        const char *sku, *quantity, *scrap = "0";
    };
    BomId drafted(const std::string& sku, const std::vector<Part>& parts) {
        manufacturing::NewBom wanted{.product_id = products.at(sku), .items = {}, .metadata = {}};
        for (const auto& part : parts) {
            wanted.items.value.push_back({{part.sku}, of(part.quantity), of(part.scrap)});
        }
        return done(manufacturing::create_bom, wanted).id;
    }
    BomId active(const std::string& sku, const std::vector<Part>& parts) {
        auto id = drafted(sku, parts);
        EXPECT_EQ(activated(id), "");
        return id;
    }
    manufacturing::Activation seen(BomId id) {
        auto reader = store::sqlite::open_reader(folder.file());
        Cursors cursors("secret");
        reader->begin();
        Reads reads(*reader, cursors, here);
        auto activation =
            manufacturing::look_below(reads, system_actor(here), {.id = id, .reason = {}});
        reader->end();
        return activation;
    }
    std::string activated(BomId id) { return tried(manufacturing::activate, seen(id)); }

    WorkOrderId planned(BomId bom, std::string_view quantity) {
        return done(manufacturing::create,
                    manufacturing::NewWorkOrder{
                        .bom_id = bom, .quantity = of(quantity), .location_id = {}, .metadata = {}})
            .id;
    }
    WorkOrderId started(BomId bom, std::string_view quantity) {
        auto id = planned(bom, quantity);
        EXPECT_EQ(release(id), "");
        EXPECT_EQ(tried(manufacturing::start, {.id = id, .reason = {}}), "");
        return id;
    }
    std::string release(WorkOrderId id, bool allow_short = false) {
        return tried(release_work_order, {.id = id, .allow_short = allow_short, .reason = {}});
    }
    std::string reserve(WorkOrderId id, bool allow_short = false) {
        return tried(reserve_components, {.id = id, .allow_short = allow_short, .reason = {}});
    }
    std::string complete(WorkOrderId id, std::optional<std::string_view> quantity = {},
                         std::string_view scrapped = "0") {
        CompleteWorkOrder wanted = whole(id);
        if (quantity) wanted.quantity = of(*quantity);
        wanted.scrapped = of(scrapped);
        return tried(complete_work_order, wanted);
    }
    static CompleteWorkOrder whole(WorkOrderId id) {
        return {.id = id, .components = {}, .reason = {}};
    }
    std::string cancel(WorkOrderId id) {
        return tried(cancel_work_order, {.id = id, .reason = {}});
    }

    std::string stock_of(const std::string& sku) {
        return run([&](Tx& tx) {
            auto place = inventory::place_of(tx, sku, std::nullopt);
            auto* balance =
                tx.find<&Balance::item_id, &Balance::location_id>(place.item->id, LocationId(1));
            return balance ? to_string(balance->on_hand) + " - " + to_string(balance->allocated)
                           : std::string("none");
        });
    }
    WorkOrder work_order(WorkOrderId id) {
        return run([&](Tx& tx) { return tx.get<WorkOrder>(id); });
    }
    // "required/reserved/consumed" of one item.
    std::string item_of(WorkOrderId id, std::size_t at = 0) {
        return run([&](Tx& tx) {
            tx.get<WorkOrder>(id);
            const auto& item = *tx.all<WorkOrderItem>(id).at(at);
            return to_string(item.required) + "/" + to_string(item.reserved) + "/" +
                   to_string(item.consumed);
        });
    }

    Folder folder;
    std::unique_ptr<Committer> committer;
    std::map<std::string, products::ProductId> products;
};

TEST_F(Workshop, consumes_components_and_puts_what_was_made_on_the_shelf) {
    item("TABLE", "0");
    item("LEG", "20");
    item("TOP", "5");
    auto id = planned(active("TABLE", {{"LEG", "4"}, {"TOP", "1"}}), "3");
    EXPECT_EQ(complete(id), "illegal_transition");
    EXPECT_EQ(release(id), "");
    EXPECT_EQ(stock_of("LEG"), "20 - 12");
    EXPECT_EQ(complete(id), "illegal_transition");
    EXPECT_EQ(tried(manufacturing::start, {.id = id, .reason = {}}), "");
    EXPECT_EQ(complete(id), "");
    EXPECT_EQ(work_order(id).status, Status::completed);
    EXPECT_EQ(stock_of("LEG"), "8 - 0");
    EXPECT_EQ(stock_of("TOP"), "2 - 0");
    EXPECT_EQ(stock_of("TABLE"), "3 - 0");
    EXPECT_EQ(complete(id), "illegal_transition");
}

TEST_F(Workshop, finishes_in_odd_parts_and_the_last_one_takes_the_rest) {
    item("CAKE", "0");
    item("FLOUR", "10");
    auto id = started(active("CAKE", {{"FLOUR", "0.3333", "2.5"}}), "7");
    EXPECT_EQ(item_of(id), "2.3915/2.3915/0");
    EXPECT_EQ(complete(id, "1"), "");
    EXPECT_EQ(item_of(id), "2.3915/2.0499/0.3416");
    EXPECT_EQ(complete(id, "2.5", "0.5"), "");
    EXPECT_EQ(item_of(id), "2.3915/1.025/1.3665");
    EXPECT_EQ(complete(id, "3.0001"), "exceeds_work_order");
    EXPECT_EQ(complete(id, "0"), "invalid");
    EXPECT_EQ(complete(id, std::nullopt, "1"), "");
    EXPECT_EQ(item_of(id), "2.3915/0/2.3915");
    EXPECT_EQ(work_order(id).status, Status::completed);
    EXPECT_EQ(stock_of("CAKE"), "5.5 - 0");
    EXPECT_EQ(stock_of("FLOUR"), "7.6085 - 0");
}

TEST_F(Workshop, gives_back_what_was_not_consumed_when_it_is_cancelled_in_the_middle) {
    item("TABLE", "0");
    item("LEG", "12");
    auto id = started(active("TABLE", {{"LEG", "4"}}), "3");
    EXPECT_EQ(complete(id, "1"), "");
    EXPECT_EQ(cancel(id), "");
    EXPECT_EQ(stock_of("LEG"), "8 - 0");
    EXPECT_EQ(stock_of("TABLE"), "1 - 0");
    for (const auto& refused : {cancel(id), release(id), reserve(id), complete(id)}) {
        EXPECT_EQ(refused, "illegal_transition");
    }
}

TEST_F(Workshop, rests_on_hold_and_goes_on_where_it_was) {
    item("TABLE", "0");
    item("LEG", "8");
    auto id = started(active("TABLE", {{"LEG", "4"}}), "2");
    auto act = [&](auto command) { return tried(command, {.id = id, .reason = {}}); };
    EXPECT_EQ(act(manufacturing::hold), "");
    EXPECT_EQ(complete(id), "illegal_transition");
    EXPECT_EQ(reserve(id), "illegal_transition");
    EXPECT_EQ(act(manufacturing::hold), "illegal_transition");
    EXPECT_EQ(item_of(id), "8/8/0");
    EXPECT_EQ(act(manufacturing::resume), "");
    EXPECT_EQ(work_order(id).status, Status::in_progress);
    EXPECT_EQ(act(manufacturing::hold), "");
    EXPECT_EQ(cancel(id), "");
    EXPECT_EQ(stock_of("LEG"), "8 - 0");
}

TEST_F(Workshop, makes_what_can_be_made_of_what_is_there_when_short_is_allowed) {
    item("TABLE", "0");
    item("LEG", "6");
    auto id = planned(active("TABLE", {{"LEG", "4"}}), "2");
    EXPECT_EQ(release(id), "insufficient_stock");
    EXPECT_EQ(stock_of("LEG"), "6 - 0");
    EXPECT_EQ(release(id, true), "");
    EXPECT_EQ(item_of(id), "8/6/0");
    EXPECT_EQ(tried(manufacturing::start, {.id = id, .reason = {}}), "");
    EXPECT_EQ(complete(id), "components_short");
    EXPECT_EQ(complete(id, "1"), "");
    EXPECT_EQ(item_of(id), "8/2/4");
    EXPECT_EQ(reserve(id), "insufficient_stock");
    stock("LEG", {.quantity = of("5")});
    EXPECT_EQ(reserve(id), "");
    EXPECT_EQ(complete(id), "");
    EXPECT_EQ(stock_of("LEG"), "3 - 0");
}

TEST_F(Workshop, loses_a_reservation_that_is_taken_back_and_can_reserve_again) {
    item("TABLE", "0");
    item("LEG", "8");
    auto id = started(active("TABLE", {{"LEG", "4"}}), "2");
    EXPECT_EQ(complete(id, "0.5"), "");
    run([&](Tx& tx) {
        tx.get<WorkOrder>(id);
        auto held = tx.all<WorkOrderItem>(id).front()->reservation_ids.front();
        take_from_work_order(tx, tx.get<inventory::Reservation>(held));
        return true;
    });
    EXPECT_EQ(item_of(id), "8/0/2");
    EXPECT_EQ(stock_of("LEG"), "6 - 0");
    EXPECT_EQ(complete(id), "components_short");
    EXPECT_EQ(reserve(id), "");
    EXPECT_EQ(complete(id), "");
    EXPECT_EQ(stock_of("TABLE"), "2 - 0");
    EXPECT_EQ(stock_of("LEG"), "0 - 0");
}

TEST_F(Workshop, takes_less_later_of_what_was_issued_ahead) {
    item("TABLE", "0");
    item("LEG", "12");
    auto id = started(active("TABLE", {{"LEG", "4"}}), "3");
    auto issue = [&](const char* sku, std::string_view quantity) {
        IssueComponents wanted{.id = id, .items = {}, .reason = {}};
        wanted.items.value.push_back({{sku}, of(quantity), std::nullopt});
        return tried(issue_components, wanted);
    };
    EXPECT_EQ(issue("LEG", "5"), "");
    EXPECT_EQ(issue("LEG", "8"), "components_short");
    EXPECT_EQ(issue("TOP", "1"), "invalid");
    EXPECT_EQ(complete(id, "1"), "");
    EXPECT_EQ(item_of(id), "12/7/5");
    EXPECT_EQ(complete(id, "1"), "");
    EXPECT_EQ(item_of(id), "12/4/8");
    EXPECT_EQ(tried(issue_components, IssueComponents{.id = id, .items = {}, .reason = {}}), "");
    EXPECT_EQ(complete(id), "");
    EXPECT_EQ(stock_of("LEG"), "0 - 0");
}

TEST_F(Workshop, tells_lots_apart_and_remembers_where_they_went) {
    item("BOARD", "0", Tracking::lot);
    item("CHIP", "0", Tracking::lot);
    item("PHONE", "0", Tracking::serial);
    stock("CHIP", {.quantity = of("5"), .lot_number = Text<64>{"C-1"}});
    stock("CHIP", {.quantity = of("20"), .lot_number = Text<64>{"C-2"}});
    auto boards = started(active("BOARD", {{"CHIP", "2"}}), "4");
    EXPECT_EQ(complete(boards, "3"), "");
    EXPECT_EQ(complete(boards), "");
    EXPECT_EQ(stock_of("CHIP"), "17 - 0");
    auto phones = started(active("PHONE", {{"BOARD", "1"}}), "2");
    EXPECT_EQ(complete(phones), "serials_required");
    auto wanted = whole(phones);
    wanted.serial_numbers = List<Text<64>, 1, 1000>{{{"P-1"}, {"P-2"}}};
    EXPECT_EQ(tried(complete_work_order, wanted), "");
    EXPECT_EQ(stock_of("PHONE"), "2 - 0");
    EXPECT_EQ(stock_of("BOARD"), "2 - 0");
}

TEST_F(Workshop, never_lets_a_product_contain_itself_at_any_depth) {
    for (const char* sku : {"A", "B", "C", "D", "SCREW"}) item(sku, "0");
    active("A", {{"B", "1"}, {"SCREW", "1"}});
    active("B", {{"C", "1"}, {"SCREW", "1"}});
    auto c = active("C", {{"D", "1"}, {"SCREW", "1"}});
    EXPECT_EQ(activated(drafted("D", {{"A", "1"}})), "bom_cycle");
    EXPECT_EQ(activated(drafted("D", {{"SCREW", "2"}, {"C", "1"}})), "bom_cycle");
    EXPECT_THROW(drafted("D", {{"D", "1"}}), Refusal);
    EXPECT_EQ(tried(manufacturing::obsolete, {.id = c, .reason = {}}), "");
    EXPECT_EQ(activated(drafted("D", {{"A", "1"}})), "");
    EXPECT_EQ(activated(drafted("C", {{"D", "1"}})), "bom_cycle");
}

// Both were seen before either was activated, as by two instances at once.
TEST_F(Workshop, an_activation_looks_again_at_what_was_activated_meanwhile) {
    for (const char* sku : {"A", "B", "C"}) item(sku, "0");
    auto a = seen(drafted("A", {{"B", "1"}})), b = seen(drafted("B", {{"C", "1"}})),
         c = seen(drafted("C", {{"A", "1"}}));
    EXPECT_EQ(tried(manufacturing::activate, a), "");
    EXPECT_EQ(tried(manufacturing::activate, b), "");
    EXPECT_EQ(tried(manufacturing::activate, c), "bom_cycle");
}

TEST_F(Workshop, the_revision_that_was_active_becomes_obsolete) {
    item("TABLE", "0");
    item("LEG", "8");
    auto first = drafted("TABLE", {{"LEG", "4"}}), second = drafted("TABLE", {{"LEG", "3"}});
    EXPECT_EQ(activated(second), "");
    EXPECT_EQ(activated(first), "") << "an older one can follow a newer one";
    auto status = [&](BomId id) {
        return run([&](Tx& tx) { return tx.get<manufacturing::Bom>(id).status; });
    };
    EXPECT_EQ(status(first), manufacturing::BomStatus::active);
    EXPECT_EQ(status(second), manufacturing::BomStatus::obsolete);
    EXPECT_EQ(activated(second), "illegal_transition");
}

TEST_F(Workshop, a_repair_consumes_components_and_puts_nothing_on_the_shelf) {
    item("RADIO", "0");
    item("VALVE", "3");
    manufacturing::NewRepair wanted{
        .product_id = products.at("RADIO"), .location_id = {}, .claim_id = {}, .notes = {}};
    auto repair = [&] {
        return run([&](Tx& tx) { return manufacturing::create_repair(tx, wanted).id; });
    };
    EXPECT_THROW(repair(), Refusal);
    active("RADIO", {{"VALVE", "2"}});
    auto id = repair();
    EXPECT_EQ(release(id), "");
    EXPECT_EQ(tried(manufacturing::start, {.id = id, .reason = {}}), "");
    EXPECT_EQ(complete(id), "");
    EXPECT_EQ(stock_of("VALVE"), "1 - 0");
    EXPECT_EQ(stock_of("RADIO"), "none");
}

}  // namespace
}  // namespace stateset::flows
