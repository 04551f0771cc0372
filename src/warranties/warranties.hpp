#pragma once
// A warranty says that goods which were sold are covered from one day to another, both included.
// It is registered by hand, or by the delivery of a product that comes with one. A piece with a
// serial number has a warranty of its own, and at most one that is not void; other pieces of an
// order's line share one.
//
// A claim is made under a warranty on a day that it covers. It is decided, and an approved one is
// resolved: by a work order that repairs, an order that replaces or a refund. Resolving crosses
// nouns and is in flows/resolve_claim.hpp. A claim hangs from its warranty, whose lock guards it.

#include "customers/customers.hpp"
#include "orders/orders.hpp"
#include "platform/core/input.hpp"
#include "platform/core/lifecycle.hpp"
#include "platform/store/reads.hpp"
#include "platform/store/tx.hpp"
#include "products/products.hpp"

namespace stateset::payments {
struct Refund;
}
namespace stateset::manufacturing {
struct WorkOrder;
}
namespace stateset::shipments {
struct ShipmentItem;
}

namespace stateset::warranties {

struct Warranty;
struct Claim;
using WarrantyId = Id<Warranty>;
using ClaimId = Id<Claim>;

enum class Status { active, void_, expired };
enum class Action { extend, expire, void_, supersede };

enum class ClaimStatus { submitted, under_review, approved, rejected, withdrawn, resolved };
enum class ClaimAction { review, approve, reject, withdraw, resolve };
enum class Resolution { repair, replace, refund };

inline constexpr Code warranty_not_active{
    "warranty_not_active", 409, "The warranty does not cover this day",
    "Read its status, starts_on and ends_on; extend it if it should still count."};
inline constexpr Code serial_registered{
    "serial_registered", 409, "The serial number has a warranty already",
    "Look it up by GET /warranties/lookup; extend that one, or void it first."};
inline constexpr Code exceeds_warranty{"exceeds_warranty", 409, "More than the warranty covers",
                                       "Claim at most the warranty's quantity."};

struct Warranty {
    WarrantyId id;
    std::int64_t version = 1;
    std::string warranty_number;  // unique: "W-1001"
    products::ProductId product_id;
    customers::CustomerId customer_id;
    std::optional<orders::OrderId> order_id;      // that it was sold with
    std::optional<orders::LineId> order_item_id;  // of that order
    std::optional<std::string> serial_number;
    std::int64_t quantity = 1;  // pieces; one where there is a serial number
    Date starts_on, ends_on;    // first and last day that are covered
    std::optional<std::string> terms;
    Status status = Status::active;
    std::optional<std::string> void_reason;
    Metadata metadata;
    // Unique: product and serial number, until it is void.
    Secret<std::optional<std::string>> serial_key;
    // What made it when nobody registered it by hand, so that a delivery does so once.
    Secret<std::optional<Id<shipments::ShipmentItem>>> shipment_item_id;
    Secret<std::int64_t> piece;  // which of the delivery's, from 0
    Time created_at, updated_at;
    Secret<std::int64_t> event_sequence;
};

struct Claim {
    ClaimId id;
    WarrantyId warranty_id;
    std::int64_t version = 1;
    std::string claim_number;           // unique: "CL-1001"
    customers::CustomerId customer_id;  // these two are the warranty's
    products::ProductId product_id;
    std::string description;
    std::vector<std::string> evidence;  // URLs
    std::int64_t quantity = 1;          // pieces
    ClaimStatus status = ClaimStatus::submitted;
    std::optional<std::string> decision_reason;
    std::optional<Resolution> resolution;
    std::optional<std::string> resolution_reason;
    // What the resolution made: of these exactly one, once it is resolved.
    std::optional<Id<manufacturing::WorkOrder>> work_order_id;
    std::optional<orders::OrderId> order_id;
    std::vector<Id<payments::Refund>> refund_ids;
    Metadata metadata;
    std::optional<Time> decided_at, resolved_at;
    Time created_at, updated_at;
    Secret<std::int64_t> event_sequence;
};

// Who holds a piece: its warranty with whatever the caller may read of what belongs to it.
struct Holding {
    Flat<Warranty> warranty;
    Expanded<customers::Customer> customer;  // who may customers:read
    Expanded<std::string> order_number;      // who may orders:read
    Expanded<std::vector<Claim>> claims;     // who may claims:read; oldest first
};

struct NewWarranty {
    products::ProductId product_id;
    customers::CustomerId customer_id;
    std::optional<orders::OrderId> order_id;
    std::optional<orders::LineId> order_item_id;
    std::optional<Text<100>> serial_number;
    std::optional<Int<1, 1'000'000>> quantity;
    Date starts_on;
    std::optional<Date> ends_on;          // either this
    std::optional<Int<1, 1'200>> months;  // or this
    std::optional<Text<5'000>> terms;
    Metadata metadata;
};

struct ExtendWarranty {
    WarrantyId id;
    std::optional<Date> ends_on;          // either this
    std::optional<Int<1, 1'200>> months;  // or this, from where it ends now
    Reason reason;
};

struct VoidWarranty {
    WarrantyId id;
    Reason reason;
};

struct ById {
    WarrantyId id;
};

struct ListWarranties {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<Status> status;
    std::optional<customers::CustomerId> customer_id;
    std::optional<products::ProductId> product_id;
    std::optional<orders::OrderId> order_id;
    std::optional<Text<100>> serial_number;
    std::optional<Text<40>> warranty_number;
    std::optional<Date> ends_before;
    std::optional<Time> created_after, created_before;
};

struct LookUp {
    Text<100> serial_number;
    std::optional<products::ProductId> product_id;
};

using Evidence = Text<2'000>;

struct NewClaim {
    WarrantyId warranty_id;
    Text<5'000> description;
    List<Evidence, 0, 20> evidence;
    std::optional<Int<1, 1'000'000>> quantity;  // default: one
    Metadata metadata;
};

struct DecideClaim {
    ClaimId id;
    Reason reason;
};

struct ClaimById {
    ClaimId id;
};

struct ListClaims {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<ClaimStatus> status;
    std::optional<WarrantyId> warranty_id;
    std::optional<customers::CustomerId> customer_id;
    std::optional<products::ProductId> product_id;
    std::optional<orders::OrderId> order_id;
    std::optional<Id<manufacturing::WorkOrder>> work_order_id;
    std::optional<Text<40>> claim_number;
    std::optional<Time> created_after, created_before;
};

// Refuses with invalid (every fault) and serial_registered. A term wholly in the past is expired at
// once. Emits warranty.registered.
Warranty create(Tx&, const Actor&, const NewWarranty&);
// Ends later: keeps it active, or revives it when the new end is still to come. Refuses with
// illegal_transition when it is void. Emits warranty.extended.
Warranty extend(Tx&, const Actor&, const ExtendWarranty&);
// Refuses with illegal_transition unless it is active today. Emits warranty.voided.
Warranty void_warranty(Tx&, const Actor&, const VoidWarranty&);

// Refuses with warranty_not_active and exceeds_warranty. Emits claim.submitted.
Claim submit(Tx&, const Actor&, const NewClaim&);
// All refuse with illegal_transition; approve with warranty_not_active when the warranty was voided
// meanwhile. They emit claim.approved and claim.rejected.
Claim review(Tx&, const Actor&, const DecideClaim&);
Claim approve(Tx&, const Actor&, const DecideClaim&);
Claim reject(Tx&, const Actor&, const DecideClaim&);
Claim withdraw(Tx&, const Actor&, const DecideClaim&);

Warranty one(Reads&, const Actor&, const ById&);
Page<Warranty> list(Reads&, const Actor&, const ListWarranties&);
// Who holds the serial number, and who did: newest warranty first.
Page<Holding> look_up(Reads&, const Actor&, const LookUp&);
Claim one_claim(Reads&, const Actor&, const ClaimById&);
Page<Claim> list_claims(Reads&, const Actor&, const ListClaims&);

// ---- for flows and workers

// A claim, locked together with its warranty, which guards it. Refuses with not_found.
const Claim& locked(Tx&, ClaimId);

// The value of `serial_key`: whoever has it holds the piece.
std::string serial_key_of(products::ProductId, std::string_view serial_number);

// Adds a warranty whose members up to `terms` are set: gives it its number, its key and the status
// that its term means today. Nobody else may hold the serial number. Emits warranty.registered.
Warranty& add(Tx&, Warranty);
// Makes it void by `action`, so that its serial number is free. Refuses with illegal_transition.
// The warranty must be being edited. Emits warranty.voided.
void make_void(Tx&, Warranty&, Action, std::optional<std::string> reason);

// Its last day is over: an active warranty becomes expired. Looks again; does nothing otherwise.
void expire_if_over(Tx&, WarrantyId);

}  // namespace stateset::warranties

namespace stateset {
class Api;
namespace warranties {
void routes(Api&);
}
}  // namespace stateset

template <>
struct stateset::store::Table<stateset::warranties::Warranty>
    : stateset::store::Named<"warranties", "warranty"> {
    using unique = Keys<Key<&stateset::warranties::Warranty::warranty_number>,
                        Key<&stateset::warranties::Warranty::serial_key>,
                        Key<&stateset::warranties::Warranty::shipment_item_id,
                            &stateset::warranties::Warranty::piece>>;
};
template <>
struct stateset::store::Table<stateset::warranties::Claim>
    : stateset::store::Named<"claims", "claim"> {
    using parent = Child<"warranties", &stateset::warranties::Claim::warranty_id>;
    using unique = Keys<Key<&stateset::warranties::Claim::claim_number>>;
};
