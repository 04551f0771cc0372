#include "manufacturing/explosion.hpp"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>

namespace stateset::manufacturing {
namespace {

using Whole = boost::multiprecision::cpp_int;
using inventory::ItemId;

// A decimal of any length: `units` / 10^`digits`.
struct Exact {
    Whole units = 0;
    unsigned digits = 0;
};

constexpr unsigned quantity_digits = Quantity::digits;
constexpr unsigned percent_digits = Quantity::digits + 2;  // a hundredth of a per cent's share
constexpr std::int64_t hundred_percent = 100 * Quantity::one;

Whole power_of_ten(unsigned digits) { return boost::multiprecision::pow(Whole(10), digits); }

Exact exact(Quantity quantity) { return {quantity.scaled, quantity_digits}; }

Exact needed(const Exact& pieces, const BomItem& item) {
    return {pieces.units * item.quantity.scaled * (hundred_percent + item.scrap_percent.scaled),
            pieces.digits + quantity_digits + percent_digits};
}

void add(Exact& sum, const Exact& more) {
    auto digits = std::max(sum.digits, more.digits);
    sum.units = sum.units * power_of_ten(digits - sum.digits) +
                more.units * power_of_ten(digits - more.digits);
    sum.digits = digits;
}

// Rounded up, so that it is never too little; to whole pieces where they have serial numbers.
Quantity rounded(const Exact& exact, inventory::Tracking tracking) {
    bool pieces = tracking == inventory::Tracking::serial;
    Whole steps_per_one = pieces ? 1 : Quantity::one;
    Whole unit = power_of_ten(exact.digits);
    Whole steps = (exact.units * steps_per_one + unit - 1) / unit;
    Whole scaled = pieces ? Whole(steps * Quantity::one) : steps;
    if (scaled > inventory::most_on_hand.scaled) {
        throw Refusal(explosion_too_large,
                      "More of a component would be needed than there can be.");
    }
    return {scaled.convert_to<std::int64_t>()};
}

struct Leaf {
    std::string item_number;
    inventory::Tracking tracking;
    Exact sum;
};

class Walk {
  public:
    explicit Walk(const std::map<ItemId, Recipe>& active) : active_(active) {}

    ExplodedNode made(const Recipe& recipe, const Exact& pieces, Quantity shown) {
        refuse_unless_within(recipe);
        path_.push_back(&recipe);
        ExplodedNode node{.item_id = recipe.item_id,
                          .item_number = recipe.sku,
                          .quantity = shown,
                          .bom_id = recipe.bom_id,
                          .components = {}};
        for (const auto& item : recipe.items) node.components.push_back(component(item, pieces));
        path_.pop_back();
        return node;
    }

    std::vector<Sum> sums() const {
        std::vector<Sum> result;
        for (const auto& [id, leaf] : leaves_) {
            result.push_back({id, leaf.item_number, rounded(leaf.sum, leaf.tracking)});
        }
        std::ranges::sort(result, {}, &Sum::item_number);
        return result;
    }

  private:
    ExplodedNode component(const BomItem& item, const Exact& pieces) {
        if (++nodes_ > most_nodes) {
            throw Refusal(explosion_too_large,
                          "The tree has more than " + std::to_string(most_nodes) + " places.");
        }
        auto quantity = needed(pieces, item);
        auto shown = rounded(quantity, item.tracking);
        if (auto below = active_.find(item.item_id); below != active_.end()) {
            return made(below->second, quantity, shown);
        }
        refuse_round(item.item_id, item.sku);  // a draft whose product has no active BOM yet
        auto& leaf = leaves_[item.item_id];
        leaf.item_number = item.sku;
        leaf.tracking = item.tracking;
        add(leaf.sum, quantity);
        return {.item_id = item.item_id,
                .item_number = item.sku,
                .quantity = shown,
                .bom_id = std::nullopt,
                .components = {}};
    }

    void refuse_round(ItemId item, const std::string& sku) const {
        std::string way;
        bool round = false;
        for (const auto* above : path_) {
            round = round || above->item_id == item;
            if (round) way += above->sku + " > ";
        }
        if (round) throw Refusal(bom_cycle, "It would contain itself: " + way + sku + ".");
    }

    void refuse_unless_within(const Recipe& next) const {
        refuse_round(next.item_id, next.sku);
        if (path_.size() == most_levels) {
            throw Refusal(explosion_too_large,
                          "It goes down more than " + std::to_string(most_levels) + " levels.");
        }
    }

    const std::map<ItemId, Recipe>& active_;
    std::vector<const Recipe*> path_;
    std::map<ItemId, Leaf> leaves_;
    std::size_t nodes_ = 0;
};

}  // namespace

Exploded explode(const Recipe& recipe, const std::map<ItemId, Recipe>& active, Quantity quantity) {
    Walk walk(active);
    auto tree = walk.made(recipe, exact(quantity), quantity);
    return {.tree = std::move(tree), .sums = walk.sums()};
}

}  // namespace stateset::manufacturing
