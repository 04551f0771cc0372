#pragma once
// The same house by hand: one thing after another, in plain numbers, without transactions, stores
// or retries. Each action of the simulation says here what it ought to do; afterwards the two must
// agree. Ids are the real ones, told by the commands. What a refused action changed here on its way
// is forgotten again (`main.cpp` keeps what was before).

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "identity/tenants.hpp"
#include "inventory/counts.hpp"
#include "inventory/lots.hpp"
#include "inventory/transfers.hpp"
#include "jobs/jobs.hpp"
#include "manufacturing/boms.hpp"
#include "manufacturing/work_orders.hpp"
#include "notifications/notifications.hpp"
#include "orders/sums.hpp"
#include "payments/payments.hpp"
#include "returns/returns.hpp"
#include "shipments/shipments.hpp"
#include "taxes/taxes.hpp"
#include "warranties/warranties.hpp"
#include "webhooks/webhooks.hpp"

namespace stateset::sim {

inline const std::string ok = "ok";

// ---- stock: whole pieces, of some items in lots, of some each with its number

struct Shelf {
    std::int64_t on_hand = 0, allocated = 0, quarantined = 0;
    std::int64_t available() const { return on_hand - allocated - quarantined; }
    bool operator==(const Shelf&) const = default;
};

struct Batch {
    std::int64_t number = 0;  // counts them
    std::optional<Date> expires_on;
    inventory::LotStatus status = inventory::LotStatus::active;
    bool usable(Date today) const {
        return status == inventory::LotStatus::active && (!expires_on || *expires_on >= today);
    }
};

struct Piece {
    std::int64_t number = 0;
    inventory::SerialStatus status = inventory::SerialStatus::in_stock;
    std::optional<inventory::LocationId> at;
    orders::LineId line;  // that it left for
};

// Some of an item: of those tracked by lot one lot, of those tracked by serial these pieces.
struct Goods {
    std::int64_t pieces = 0;
    std::string lot = {};
    std::optional<Date> expires_on = {};
    std::vector<std::string> serials = {};
};

struct Hold {
    inventory::ReservationId id = {};  // of those nobody ordered
    std::string sku;
    inventory::LocationId at;
    std::string lot = {};
    std::int64_t quantity = 0;
    std::optional<orders::OrderId> order = {};
    orders::LineId line = {};
    std::optional<manufacturing::WorkOrderId> job = {};
    std::optional<Time> expires_at = {};  // of orders
    std::int64_t number = 0;              // counts them
    bool by_hand() const { return !order && !job; }
};

// Pieces of an order's line that left, and from where.
struct Left {
    inventory::LocationId from;
    std::string lot;
    std::int64_t pieces = 0;
};

struct Draw {
    inventory::LocationId at;
    std::string lot;
    std::int64_t pieces = 0;
};

struct Stock {
    std::vector<std::string> skus;
    std::map<std::string, inventory::Tracking> tracking;
    std::vector<inventory::LocationId> locations;  // first to be drawn from first
    std::map<std::tuple<std::string, inventory::LocationId, std::string>, Shelf> shelves;
    std::map<std::pair<std::string, std::string>, Batch> batches;  // by sku and lot
    std::map<std::pair<std::string, std::string>, Piece> pieces;   // by sku and serial
    std::vector<Hold> holds;                                       // active, oldest first
    std::int64_t numbers = 0;
    std::map<orders::LineId, std::map<std::int64_t, Left>> left;  // by the hold's number
    Date today;
    std::map<std::pair<std::string, inventory::LocationId>, std::int64_t> reorder_points;
    std::int64_t warnings = 0;  // that so little is left

    bool by_lot(const std::string& sku) const {
        return tracking.at(sku) == inventory::Tracking::lot;
    }
    bool by_serial(const std::string& sku) const {
        return tracking.at(sku) == inventory::Tracking::serial;
    }
    Shelf& shelf(const std::string& sku, inventory::LocationId at, const std::string& lot = {}) {
        return shelves[{sku, at, lot}];
    }
    // What lies there, if anything does.
    Shelf look(const std::string& sku, inventory::LocationId at, const std::string& lot) const {
        auto found = shelves.find({sku, at, lot});
        return found == shelves.end() ? Shelf{} : found->second;
    }
    // With its lots; empty where nothing lies.
    std::vector<std::pair<std::string, Shelf*>> shelves_of(const std::string& sku,
                                                           inventory::LocationId at);
    Shelf together(const std::string& sku, inventory::LocationId at);
    // Whoever takes something away says so when little is left of it.
    struct Watch {
        Stock& stock;
        std::string sku;
        inventory::LocationId at;
        std::int64_t before;
        ~Watch();
    };
    Watch watch(const std::string& sku, inventory::LocationId at) {
        return {*this, sku, at, together(sku, at).available()};
    }
    std::int64_t usable(const std::string& sku, inventory::LocationId at);
    std::int64_t usable(const std::string& sku);
    // What to take at one place: lots that expire first go first.
    std::vector<Draw> draw(const std::string& sku, inventory::LocationId at, std::int64_t pieces);

    void hold(Hold);
    template <class Which>
    void let_go(const Which& which) {
        auto gone = holds;
        std::erase_if(holds, which);
        for (const auto& one : gone) {
            if (!which(one)) continue;
            shelf(one.sku, one.at, one.lot).allocated -= one.quantity;
            settle(one.sku, one.at, one.lot);
        }
    }
    // Takes pieces of a hold off the shelf; the oldest, where they have numbers.
    std::string take(Hold&, std::int64_t pieces, inventory::SerialStatus then,
                     std::vector<std::string>* serials = nullptr);
    void forget_empty_holds() {
        std::erase_if(holds, [](const Hold& one) { return one.quantity == 0; });
    }
    // Puts something on the shelf; all of it aside when it is quarantined.
    std::string arrive(const std::string& sku, inventory::LocationId at, const Goods&,
                       bool quarantined = false);
    // Takes away what somebody says is missing: what is available first, then quarantined.
    std::string lose(const std::string& sku, inventory::LocationId at, const Goods&);
    // Takes what is available, first expired first, oldest pieces first.
    std::vector<Goods> send(const std::string& sku, inventory::LocationId at, std::int64_t pieces);
    std::vector<std::string> oldest(const std::string& sku, inventory::LocationId at,
                                    std::int64_t pieces);
    // Of a lot that may not be used all that nobody holds is quarantined.
    void settle(const std::string& sku, inventory::LocationId at, const std::string& lot);
    void settle_everywhere(const std::string& sku, const std::string& lot);
};

// ---- what is sold, and to whom

struct Sold {
    products::ProductId id;
    std::int64_t price = 0;  // minor units
    products::Status status = products::Status::active;
    bool may_wait = false;
    std::optional<std::int64_t> warranty_months;
    std::string tax_category = "standard";
};

struct Variant {
    products::ProductId product;
    std::string sku;
    std::int64_t price = 0;
};

struct Person {
    std::string email;
    bool erased = false;
    bool wants_email = true;
    std::map<customers::AddressId, std::string> addresses;  // their labels
};

struct TaxRate {
    std::string country, category;
    std::int64_t rate = 0;  // ten-thousandths
};

// ---- orders and what hangs from them: money in minor units

struct OrderLine {
    orders::LineId id;
    std::string sku;
    std::int64_t quantity = 0, price = 0, shipped = 0, returned = 0;
    std::int64_t discount = 0;  // its own
    std::int64_t rate = 0;      // of tax, ten-thousandths
    bool may_wait = false;
    std::string category = "standard";
};

struct Placed {
    customers::CustomerId customer;
    orders::Status status = orders::Status::pending;
    std::optional<orders::Status> held_from;
    bool on_account = false;
    std::string country;  // where it goes; empty: nobody said
    std::vector<OrderLine> lines;
    std::int64_t discount = 0, shipping = 0;  // of the order as a whole
    bool archived = false;

    orders::Status where() const { return held_from.value_or(status); }
    // What each line costs, and all of it.
    std::vector<std::int64_t> line_totals() const;
    std::vector<std::int64_t> discount_shares() const;  // of the order's, by line
    std::int64_t total() const;
    void cut_discounts();  // to what there is to be taken off
};

// A line that waits for stock.
struct Waiting {
    orders::OrderId order;
    orders::LineId line;
    std::string sku;
    std::int64_t pieces = 0;
    Time since;
    std::int64_t number = 0;
};

struct Paid {
    orders::OrderId order;
    payments::Status status = payments::Status::processing;
    std::int64_t amount = 0, captured = 0, refunded = 0, refunding = 0;
    bool capture = true, busy = true;
    bool by_hand = false;  // no gateway moves it

    std::int64_t counted() const {
        bool open =
            status == payments::Status::processing || status == payments::Status::authorized;
        return open ? amount : captured;  // nothing of what failed or was voided
    }
    std::int64_t refundable() const { return captured - refunded - refunding; }
    bool waits_by_hand() const { return by_hand && status == payments::Status::processing; }
};

struct Parcel {
    orders::OrderId order;
    inventory::LocationId from;
    shipments::Status status = shipments::Status::label_created;
    std::vector<std::pair<orders::LineId, std::int64_t>> items;
    std::map<orders::LineId, std::vector<std::string>> serials;  // of what left
    bool still_here() const {
        return status == shipments::Status::pending || status == shipments::Status::label_created;
    }
};

// ---- what comes back

struct ReturnedItem {
    returns::ReturnItemId id;
    orders::LineId line;
    std::int64_t pieces = 0;
    std::optional<std::int64_t> received;
    std::vector<std::string> serials;
    returns::Disposition disposition = returns::Disposition::restock;
    std::int64_t value = 0;
    std::int64_t claimed() const { return received.value_or(pieces); }
};

struct Returned {
    orders::OrderId order;
    returns::Status status = returns::Status::requested;
    std::vector<ReturnedItem> items;
    std::vector<std::pair<std::string, std::int64_t>> replacements;
    std::int64_t value = 0, exchanged = 0, to_refund = 0, unrefundable = 0;
    std::int64_t refunded = 0, refunding = 0;  // of to_refund
    std::int64_t due() const { return to_refund - refunded - refunding; }
    bool claims() const {
        return status != returns::Status::rejected && status != returns::Status::cancelled;
    }
};

// ---- what is made of other things

struct Recipe {
    std::string sku;
    std::map<std::string, std::int64_t> parts = {};
    manufacturing::BomStatus status = manufacturing::BomStatus::draft;
};

struct Part {
    std::int64_t required = 0, consumed = 0;
};

struct Job {
    std::string sku;
    bool repair = false;
    inventory::LocationId at = {};
    manufacturing::Status status = manufacturing::Status::planned;
    std::optional<manufacturing::Status> held_from;
    std::int64_t quantity = 0, made = 0, scrapped = 0;
    std::map<std::string, Part> parts = {};
    std::map<std::string, std::int64_t> each = {};  // for one
    std::string number = {};
    std::int64_t left() const { return quantity - made - scrapped; }
};

// ---- what goes from place to place, and what is counted

struct Trip {
    std::string sku;
    inventory::LocationId from, to;
    inventory::TransferItemId item;
    std::int64_t pieces = 0;
    std::vector<Goods> on_the_way = {};  // in the order in which it left
    std::optional<Date> expected_on = {};
    inventory::TransferStatus status = inventory::TransferStatus::draft;
    std::int64_t left() const {
        std::int64_t sum = 0;
        for (const auto& one : on_the_way) sum += one.pieces;
        return sum;
    }
};

struct Counting {
    inventory::LocationId at;
    inventory::CountStatus status = inventory::CountStatus::open;
    // Counted less what the ledger said then, by sku and lot.
    std::map<std::pair<std::string, std::string>, std::int64_t> difference;
};

// ---- what is promised with goods, and claimed

struct Promise {
    std::string sku, serial;
    Date starts_on, ends_on;
    warranties::Status status = warranties::Status::active;
    customers::CustomerId customer = {};
    std::optional<orders::OrderId> order = {};
    orders::LineId line = {};
    std::int64_t pieces = 1;
};

struct Claimed {
    warranties::WarrantyId promise;
    warranties::ClaimStatus status = warranties::ClaimStatus::submitted;
    std::int64_t pieces = 1;
    bool refunded = false;
};

// ---- who is written to, and what is carried in by the file

struct Letter {
    notifications::MessageStatus status = notifications::MessageStatus::pending;
    std::int64_t tries = 0;
    std::string owner = {};
    std::optional<Time> until = {}, next = {};
    bool forgotten = false;
};

struct File {
    jobs::Status status = jobs::Status::pending;
    std::set<std::int64_t> chunks = {};
};

// ---- who may come in

struct User {
    std::string email;
    std::set<std::string> roles;
    bool active = true;
    Tenant tenant = 1;
    bool administers() const { return active && roles.contains("admin"); }
};

struct Key {
    identity::UserId owner;
    bool revoked = false;
};

struct House {
    std::string name;
    bool suspended = false, first = false;
};

// ---- who is told

struct Listener {
    std::string url;
    bool enabled = true;
    std::optional<Time> failing_since = {};
};

struct Sent {
    webhooks::EndpointId to;
    std::string about;
    webhooks::DeliveryStatus status = webhooks::DeliveryStatus::pending;
    std::int64_t tries = 0;
    std::string owner = {};
    std::optional<Time> until = {};
};

struct Model {
    Time now;
    Stock stock;
    std::map<std::string, Sold> sold;
    std::map<products::ProductId, std::string> other_products;  // that nobody orders: their skus
    std::map<products::VariantId, Variant> variants;            // beside a product's own
    std::map<std::string, std::string> items;                   // that hold no stock: their uom
    std::map<customers::CustomerId, Person> customers;
    std::map<taxes::RateId, TaxRate> tax_rates;
    std::map<orders::OrderId, Placed> orders;
    std::vector<Waiting> queue;
    std::map<payments::PaymentId, Paid> payments;
    std::map<shipments::ShipmentId, Parcel> parcels;
    std::map<shipments::CarrierId, std::pair<std::string, std::string>> carriers;  // name, secret
    std::set<std::string> reports;  // of carriers, by their names
    std::set<payments::RefundId> ended_refunds;
    std::map<returns::ReturnId, Returned> returns;
    std::map<manufacturing::BomId, Recipe> recipes;
    std::map<std::string, std::int64_t> costs;
    std::map<manufacturing::WorkOrderId, Job> jobs;
    std::map<inventory::TransferId, Trip> trips;
    std::map<inventory::CountId, Counting> counts;
    std::map<warranties::WarrantyId, Promise> promises;
    std::vector<Promise> new_promises;  // made by deliveries: their ids are not known yet
    std::map<warranties::ClaimId, Claimed> claims;
    std::map<identity::UserId, User> users;
    std::map<identity::RoleId, std::string> roles;  // that somebody made: their names
    std::map<identity::ApiKeyId, Key> keys;
    std::map<identity::OrganizationId, House> houses;
    std::optional<std::int64_t> most_users;
    std::map<webhooks::EndpointId, Listener> endpoints;
    std::map<std::int64_t, Sent> deliveries;  // by position
    std::map<notifications::TemplateId, std::pair<std::string, std::string>> templates;
    std::map<std::string, Letter> letters;  // by what they say
    std::map<jobs::ImportId, File> imports;
    std::map<jobs::ExportId, jobs::Status> exports;
    std::map<std::string, std::pair<std::string, bool>> places;  // by code: name, MAIN and EAST not
    std::int64_t numbers = 0;

    template <class Works>
    void of_order(orders::OrderId id, std::map<payments::PaymentId, Paid>& all, Works&& works) {
        for (auto& [key, one] : all) {
            if (one.order == id) works(one);
        }
    }
    std::set<std::string> skus_in_use() const;
    std::int64_t rate_for(const std::string& country, const std::string& category) const;
    // A line at today's price, or the refusal.
    OrderLine line_of(const std::string& sku, std::int64_t quantity,
                      const std::string& country) const;

    // ---- who waits for stock
    std::int64_t owed(const std::string& sku) const;
    std::int64_t waiting(orders::LineId) const;
    // What who comes now may have of an item.
    std::int64_t free(const std::string& sku);
    std::int64_t free(const std::string& sku, inventory::LocationId at);
    void wait(Waiting);

    // Sets pieces aside for lines of one order: all from the first place that has everything, else
    // item by item from one place that has it all, else from one after the other.
    struct Need {
        orders::LineId line;
        std::string sku;
        std::int64_t pieces = 0;
    };
    void set_aside(orders::OrderId, const std::vector<Need>&, std::optional<Time> expires_at);

    orders::PaymentSums sums(orders::OrderId);
    bool loses_stock_in_time(orders::OrderId);
    // What follows from a change of an order: holds expire exactly while it is being processed
    // unpaid, and its lines wait only while it is being processed.
    void refresh(orders::OrderId);
    void let_stock_go(orders::OrderId);
    void cancel_parcels(orders::OrderId);
    void cancel(orders::OrderId);
    void give_back(Paid&);
    std::int64_t refundable(orders::OrderId);
    // Begins to give that much back, oldest payment first.
    void refund(orders::OrderId, std::int64_t amount);
};

}  // namespace stateset::sim
