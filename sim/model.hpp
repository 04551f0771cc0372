#pragma once
// The same house by hand: one thing after another, in plain numbers, without transactions, stores
// or retries. Each action of the simulation says here what it ought to do; afterwards the two must
// agree. Ids are the real ones, told by the commands.

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "inventory/counts.hpp"
#include "inventory/inventory.hpp"
#include "inventory/transfers.hpp"
#include "manufacturing/boms.hpp"
#include "manufacturing/work_orders.hpp"
#include "orders/sums.hpp"
#include "payments/payments.hpp"
#include "returns/returns.hpp"
#include "shipments/shipments.hpp"
#include "warranties/warranties.hpp"

namespace stateset::sim {

inline const std::string ok = "ok";

// ---- stock: whole pieces

struct Shelf {
    std::int64_t on_hand = 0, allocated = 0, quarantined = 0;
    std::int64_t available() const { return on_hand - allocated - quarantined; }
    // What is missing is taken from what is available first, then from what is quarantined.
    void count_as(std::int64_t pieces) {
        on_hand = pieces;
        quarantined = std::min(quarantined, on_hand - allocated);
    }
    bool operator==(const Shelf&) const = default;
};

struct Hold {
    inventory::ReservationId id;  // of those nobody ordered; those of orders are found by line
    std::string sku;
    inventory::LocationId at;
    std::int64_t quantity = 0;
    std::optional<orders::OrderId> order;
    orders::LineId line;
    std::optional<manufacturing::WorkOrderId> job;
    std::int64_t number = 0;  // counts them
};

// Pieces of an order's line that left, and from where.
struct Left {
    inventory::LocationId from;
    std::int64_t pieces = 0;
};

struct Stock {
    std::vector<std::string> skus;
    std::vector<inventory::LocationId> locations;  // first to be drawn from first
    std::map<std::pair<std::string, inventory::LocationId>, Shelf> shelves;
    std::vector<Hold> holds;  // active, oldest first
    std::int64_t numbers = 0;
    std::map<orders::LineId, std::map<std::int64_t, Left>> left;  // by the hold's number

    Shelf& shelf(const std::string& sku, inventory::LocationId at) { return shelves[{sku, at}]; }
    std::int64_t available(const std::string& sku) {
        std::int64_t sum = 0;
        for (auto at : locations) sum += shelf(sku, at).available();
        return sum;
    }
    void hold(Hold hold) {
        shelf(hold.sku, hold.at).allocated += hold.quantity;
        hold.number = ++numbers;
        holds.push_back(std::move(hold));
    }
    template <class Which>
    void let_go(const Which& which) {
        for (const auto& one : holds) {
            if (which(one)) shelf(one.sku, one.at).allocated -= one.quantity;
        }
        std::erase_if(holds, which);
    }
    // Takes pieces of a hold off the shelf.
    void take(Hold& hold, std::int64_t pieces) {
        auto& shelf_ = shelf(hold.sku, hold.at);
        shelf_.on_hand -= pieces;
        shelf_.allocated -= pieces;
        hold.quantity -= pieces;
        if (hold.order) {
            auto& gone = left[hold.line][hold.number];
            gone.from = hold.at;
            gone.pieces += pieces;
        }
    }
    void forget_empty_holds() {
        std::erase_if(holds, [](const Hold& one) { return one.quantity == 0; });
    }
};

// ---- orders and what hangs from them: money in minor units

struct OrderLine {
    orders::LineId id;
    std::string sku;
    std::int64_t quantity = 0, price = 0, shipped = 0, returned = 0;
};

struct Placed {
    orders::Status status = orders::Status::pending;
    std::optional<orders::Status> held_from;
    bool on_account = false;
    std::vector<OrderLine> lines;
    std::optional<Time> expires_at;  // of all its holds

    std::int64_t total() const {
        std::int64_t sum = 0;
        for (const auto& line : lines) sum += line.quantity * line.price;
        return sum;
    }
};

struct Paid {
    orders::OrderId order;
    payments::Status status = payments::Status::processing;
    std::int64_t amount = 0, captured = 0, refunded = 0, refunding = 0;
    bool capture = true, busy = true;

    std::int64_t counted() const {
        bool open =
            status == payments::Status::processing || status == payments::Status::authorized;
        return open ? amount : captured;  // nothing of what failed or was voided
    }
    std::int64_t refundable() const { return captured - refunded - refunding; }
};

struct Parcel {
    orders::OrderId order;
    inventory::LocationId from;
    shipments::Status status = shipments::Status::label_created;
    std::vector<std::pair<orders::LineId, std::int64_t>> items;
    bool still_here() const { return status == shipments::Status::label_created; }
};

// ---- what comes back

struct ReturnedItem {
    returns::ReturnItemId id;
    orders::LineId line;
    std::int64_t pieces = 0;
    std::optional<std::int64_t> received;
    returns::Disposition disposition = returns::Disposition::restock;
    std::int64_t claimed() const { return received.value_or(pieces); }
};

struct Returned {
    orders::OrderId order;
    returns::Status status = returns::Status::requested;
    std::vector<ReturnedItem> items;
    bool claims() const {
        return status != returns::Status::rejected && status != returns::Status::cancelled;
    }
};

// ---- what is made: a crown of an anvil and two bells

struct Job {
    manufacturing::Status status = manufacturing::Status::planned;
    std::optional<manufacturing::Status> held_from;
    std::int64_t quantity = 0, made = 0;
    std::map<std::string, std::int64_t> consumed;
};

// ---- what goes from place to place, and what is counted

struct Trip {
    std::string sku;
    inventory::LocationId from, to;
    inventory::TransferItemId item;
    std::int64_t pieces = 0, on_the_way = 0;
    inventory::TransferStatus status = inventory::TransferStatus::draft;
};

struct Counting {
    inventory::LocationId at;
    inventory::CountStatus status = inventory::CountStatus::open;
    std::map<std::string, std::int64_t> difference;  // counted less what the ledger said then
};

// ---- what is promised with goods, and claimed

struct Promise {
    std::string sku, serial;
    Date starts_on, ends_on;
    warranties::Status status = warranties::Status::active;
};

struct Claimed {
    warranties::WarrantyId promise;
    warranties::ClaimStatus status = warranties::ClaimStatus::submitted;
};

struct Model {
    Time now;
    Stock stock;
    std::vector<customers::CustomerId> customers;
    std::map<std::string, std::int64_t> prices;
    std::map<orders::OrderId, Placed> orders;
    std::map<payments::PaymentId, Paid> payments;
    std::map<shipments::ShipmentId, Parcel> parcels;
    std::map<returns::ReturnId, Returned> returns;
    std::optional<manufacturing::BomId> bom;
    std::map<manufacturing::WorkOrderId, Job> jobs;
    std::map<inventory::TransferId, Trip> trips;
    std::map<inventory::CountId, Counting> counts;
    std::map<warranties::WarrantyId, Promise> promises;
    std::map<warranties::ClaimId, Claimed> claims;

    template <class Works>
    void of_order(orders::OrderId id, std::map<payments::PaymentId, Paid>& all, Works&& works) {
        for (auto& [key, one] : all) {
            if (one.order == id) works(one);
        }
    }
    orders::PaymentSums sums(orders::OrderId);
    // Holds expire exactly while an order is being processed unpaid.
    void keep_expiry(orders::OrderId);
    void let_stock_go(orders::OrderId);
    void cancel(orders::OrderId);
    void give_back(Paid&);
};

}  // namespace stateset::sim
