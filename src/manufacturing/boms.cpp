#include "manufacturing/boms.hpp"

#include <map>
#include <set>

#include "platform/store/gather.hpp"

namespace stateset::manufacturing {
namespace {

using inventory::Item;
using inventory::ItemId;

constexpr std::int64_t first_number = 1001;
constexpr Quantity all_of_it = Quantity::of(100);  // per cent
// So many levels may have changed since an activation looked; each costs it one more round.
constexpr int most_surprises = 1;

std::optional<std::string> text(const std::optional<Text<10'000>>& from) {
    return from ? std::optional<std::string>(from->value) : std::nullopt;
}

using Lines = List<NewBomItem, 1, 500>;

std::vector<const Item*> items_of(Tx& tx, const Lines& wanted) {
    return tx.each(wanted, [&](const NewBomItem& line) {
        return tx.peek<&Item::item_number>(line.sku.value);
    });
}

class Check {
  public:
    void fault(const std::string& pointer, std::string code, std::string message) {
        faults_.push_back({pointer, std::move(code), std::move(message), {}});
    }
    void line(const NewBomItem& line, const Item* item, const std::string& pointer) {
        if (!item) fault(pointer + "/sku", "unknown", "names nothing that exists");
        if (item && !seen_.insert(item->id).second) {
            fault(pointer + "/sku", "duplicate", "is in the list already");
        }
        if (line.quantity <= Quantity{}) {
            fault(pointer + "/quantity", "too_small", "must be more than 0");
        } else if (line.quantity > inventory::most_on_hand) {
            fault(pointer + "/quantity", "too_large", "is too much");
        }
        if (!line.scrap_percent) return;
        if (*line.scrap_percent < Quantity{}) {
            fault(pointer + "/scrap_percent", "too_small", "must not be negative");
        } else if (*line.scrap_percent > all_of_it) {
            fault(pointer + "/scrap_percent", "too_large", "must not be more than 100");
        }
    }
    void refuse_if_any() {
        if (faults_.empty()) return;
        auto detail = faults_.front().pointer + ": " + faults_.front().message;
        throw Refusal(codes::invalid, std::move(detail), std::move(faults_));
    }

  private:
    std::vector<Fault> faults_;
    std::set<ItemId> seen_;
};

void check(const Lines& wanted, const std::vector<const Item*>& items, Check check = {}) {
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        check.line(wanted[i], items[i], "/items/" + std::to_string(i));
    }
    check.refuse_if_any();
}

void refuse_itself(ItemId made, const std::vector<const Item*>& items) {
    for (const auto* item : items) {
        if (item->id != made) continue;
        throw Refusal(bom_cycle, "It would contain itself: " + item->item_number + ".");
    }
}

const Composition& composition_of(Tx& tx, ItemId item, const std::string& sku) {
    auto* found = tx.find<Composition>(item);
    return found ? *found : tx.add(Composition{.id = item, .sku = sku});
}

// Gives a BOM its lines, and each of its items a composition to lock.
void add_lines(Tx& tx, const Bom& bom, const Lines& wanted, const std::vector<const Item*>& items) {
    tx.each(items, [&](const Item* item) { return tx.find<Composition>(item->id); });
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        composition_of(tx, items[i]->id, items[i]->item_number);
        tx.add(BomItem{.id = tx.new_id(),
                       .bom_id = bom.id,
                       .sku = items[i]->item_number,
                       .item_id = items[i]->id,
                       .tracking = items[i]->tracking,
                       .quantity = wanted[i].quantity,
                       .scrap_percent = wanted[i].scrap_percent.value_or(Quantity{})});
    }
}

// ---- is there a way round?

class Descent {
  public:
    Descent(Tx& tx, const Bom& bom, const std::vector<ItemId>& expected)
        : tx_(tx), bom_(bom), expected_(expected.begin(), expected.end()) {}

    // Looks at everything below, level by level; refuses when the BOM's own product is there.
    void refuse_cycle(const std::vector<const BomItem*>& items) {
        std::vector<ItemId> level;
        for (const auto* item : items) reach(item->item_id, bom_.item_id, level);
        while (!level.empty()) {
            refuse_surprises(level);
            auto below = tx_.each(level, [&](ItemId item) { return tx_.find<Composition>(item); });
            std::vector<ItemId> next;
            for (const auto* one : below) {
                if (!one) continue;
                sku_[one->id] = one->sku;
                for (auto item : one->contains) reach(item, one->id, next);
            }
            level = std::move(next);
        }
    }

  private:
    void reach(ItemId item, ItemId from, std::vector<ItemId>& level) {
        if (item == bom_.item_id) {
            throw Refusal(bom_cycle, "It would contain itself: " + way_to(from) + bom_.sku + ".");
        }
        if (above_.emplace(item, from).second) level.push_back(item);
    }

    std::string way_to(ItemId item) const {
        std::string way;
        for (; item != bom_.item_id; item = above_.at(item)) way = sku_.at(item) + " > " + way;
        return bom_.sku + " > " + way;
    }

    void refuse_surprises(const std::vector<ItemId>& level) {
        bool surprise =
            std::ranges::any_of(level, [&](ItemId item) { return !expected_.contains(item); });
        if (surprise && ++surprises_ > most_surprises) {
            throw Refusal(boms_changed, "What it contains was given other BOMs just now.");
        }
    }

    Tx& tx_;
    const Bom& bom_;
    std::set<ItemId> expected_;
    std::map<ItemId, ItemId> above_;  // an item, and what it was found in
    std::map<ItemId, std::string> sku_;
    int surprises_ = 0;
};

}  // namespace

Bom create_bom(Tx& tx, const Actor&, const NewBom& wanted) {
    std::int64_t number = 0;
    gather(
        tx, [&] { number = tx.next_number("bom", first_number); },
        [&] { tx.peek<products::Product>(wanted.product_id); },
        [&] { items_of(tx, wanted.items); });
    auto items = items_of(tx, wanted.items);
    const auto* product = tx.peek<products::Product>(wanted.product_id);
    const auto* made = product ? tx.peek<&Item::item_number>(product->sku) : nullptr;
    Check faults;
    if (!product) faults.fault("/product_id", "unknown", "names nothing that exists");
    if (product && !made) faults.fault("/product_id", "untracked", "keeps no stock");
    check(wanted.items, items, std::move(faults));
    refuse_itself(made->id, items);

    gather(
        tx, [&] { tx.find<Composition>(made->id); },
        [&] { tx.each(items, [&](auto* item) { return tx.find<Composition>(item->id); }); });
    auto& composition = tx.edit(composition_of(tx, made->id, product->sku));
    auto& bom = tx.add(Bom{.id = tx.new_id(),
                           .bom_number = "BOM-" + std::to_string(number),
                           .product_id = product->id,
                           .sku = product->sku,
                           .item_id = made->id,
                           .tracking = made->tracking,
                           .revision = ++composition.revisions,
                           .notes = text(wanted.notes),
                           .metadata = wanted.metadata});
    add_lines(tx, bom, wanted.items, items);
    return bom;
}

Bom update_bom(Tx& tx, const Actor&, const BomChanges& wanted) {
    bool new_items = wanted.items.given;
    gather(
        tx, [&] { tx.get<Bom>(wanted.id); },
        [&] {
            if (new_items) items_of(tx, wanted.items.value);
        });
    auto& bom = tx.edit<Bom>(wanted.id);
    auto former = tx.all<BomItem>(bom.id);
    if (new_items) {
        require(bom.status == BomStatus::draft, codes::illegal_transition,
                "Only a draft gets other items; make a new revision.");
        auto items = items_of(tx, wanted.items.value);
        check(wanted.items.value, items);
        refuse_itself(bom.item_id, items);
        tx.each(items, [&](const Item* item) { return tx.find<Composition>(item->id); });
        for (const auto* line : former) tx.remove(*line);
        add_lines(tx, bom, wanted.items.value, items);
    }
    if (wanted.notes.given) bom.notes = text(wanted.notes.value);
    wanted.metadata.apply(bom.metadata);
    return bom;
}

Bom activate(Tx& tx, const Actor&, const Activation& wanted) {
    gather(
        tx, [&] { tx.get<Bom>(wanted.id); }, [&] { tx.find<Composition>(wanted.item_id); },
        [&] { tx.find<&Bom::active_product_id>(wanted.product_id); },
        [&] { tx.each(wanted.below, [&](ItemId item) { return tx.find<Composition>(item); }); });
    auto& bom = tx.edit<Bom>(wanted.id);
    bom.status = next(bom_lifecycle, bom.status, BomAction::activate);
    auto items = tx.all<BomItem>(bom.id);
    Descent(tx, bom, wanted.below).refuse_cycle(items);

    auto& composition = tx.edit(composition_of(tx, bom.item_id, bom.sku));
    if (composition.active_bom_id) {
        auto& former = tx.edit<Bom>(*composition.active_bom_id);
        former.status = next(bom_lifecycle, former.status, BomAction::obsolete);
        former.active_product_id = {};
    }
    composition.active_bom_id = bom.id;
    composition.contains.clear();
    for (const auto* item : items) composition.contains.push_back(item->item_id);
    bom.active_product_id = {bom.product_id};
    bom.activated_at = tx.now();
    tx.emit("bom.activated", bom);
    return bom;
}

Bom obsolete(Tx& tx, const Actor&, const ChangeBomStatus& wanted) {
    const auto& found = tx.get<Bom>(wanted.id);
    gather(tx, [&] { tx.all<BomItem>(found.id); }, [&] { tx.find<Composition>(found.item_id); });
    auto& bom = tx.edit(found);
    bom.status = next(bom_lifecycle, bom.status, BomAction::obsolete);
    bom.active_product_id = {};
    auto& composition = tx.edit(composition_of(tx, bom.item_id, bom.sku));
    if (composition.active_bom_id == bom.id) {
        composition.active_bom_id.reset();
        composition.contains.clear();
    }
    return bom;
}

ItemCost set_cost(Tx& tx, const Actor&, const SetItemCost& wanted) {
    auto cost = wanted.unit_cost.in(wanted.currency);
    if (!cost) throw invalid("/unit_cost", "too_precise", "has more digits than the currency");
    if (wanted.unit_cost < Amount{}) {
        throw invalid("/unit_cost", "too_small", "must not be negative");
    }
    auto per = wanted.per.value_or(Quantity::of(1));
    inventory::require_positive(per, "/per");
    const auto* item = tx.peek<&Item::item_number>(wanted.sku.value);
    if (!item) throw unknown_reference("/sku");
    const auto* found = tx.find<&ItemCost::item_id>(item->id);
    auto& stated = found ? tx.edit(*found)
                         : tx.add(ItemCost{.id = tx.new_id(),
                                           .item_id = item->id,
                                           .sku = item->item_number,
                                           .unit_cost = *cost,
                                           .currency = wanted.currency});
    stated.unit_cost = *cost;
    stated.per = per;
    stated.currency = wanted.currency;
    return stated;
}

BomView view(Tx& tx, const Bom& bom) {
    BomView shown{.bom = {bom}, .items = {}};
    for (const auto* item : tx.all<BomItem>(bom.id)) shown.items.push_back(*item);
    return shown;
}

}  // namespace stateset::manufacturing
