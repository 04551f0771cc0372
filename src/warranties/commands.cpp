#include "platform/net/address_guard.hpp"
#include "platform/store/gather.hpp"
#include "warranties/lifecycle.hpp"
#include "warranties/term.hpp"

namespace stateset::warranties {
namespace {

constexpr std::int64_t first_number = 1001;

using Faults = std::vector<Fault>;

template <std::size_t Max, std::size_t Min>
std::optional<std::string> text(const std::optional<Text<Max, Min>>& from) {
    return from ? std::optional<std::string>(from->value) : std::nullopt;
}

void refuse_if_any(Faults faults) {
    if (faults.empty()) return;
    throw Refusal(codes::invalid, "Some fields of the request are not right.", std::move(faults));
}

Date today(const Tx& tx) { return date_of(tx.now()); }

bool over(const Tx& tx, const Warranty& warranty) { return warranty.ends_on < today(tx); }

// A day may have ended since somebody looked.
Status status_today(const Tx& tx, const Warranty& warranty) {
    if (warranty.status != Status::active || !over(tx, warranty)) return warranty.status;
    return next(lifecycle, warranty.status, Action::expire);
}

// ---- registering by hand

// What the request names, by id. Null: there is no such thing, or it was not named.
struct Named {
    const products::Product* product = nullptr;
    const customers::Customer* customer = nullptr;
    const orders::Order* order = nullptr;
    const orders::Line* line = nullptr;
    const Warranty* registered = nullptr;  // of the serial number
};

Named look_up(Tx& tx, const NewWarranty& wanted) {
    Named named;
    gather(
        tx, [&] { named.product = tx.peek<products::Product>(wanted.product_id); },
        [&] { named.customer = tx.peek<customers::Customer>(wanted.customer_id); },
        [&] {
            if (wanted.order_id) named.order = tx.peek<orders::Order>(*wanted.order_id);
        },
        [&] {
            if (wanted.order_item_id) named.line = tx.peek<orders::Line>(*wanted.order_item_id);
        },
        [&] {
            if (!wanted.serial_number) return;
            auto key = serial_key_of(wanted.product_id, wanted.serial_number->value);
            named.registered = tx.find<&Warranty::serial_key>(key);
        });
    return named;
}

void check_names(const NewWarranty& wanted, const Named& named, Faults& faults) {
    auto unknown = [&](const char* pointer) {
        faults.push_back({pointer, "unknown", "names nothing that exists", {}});
    };
    if (!named.product) unknown("/product_id");
    if (!named.customer) unknown("/customer_id");
    if (named.customer && named.customer->erased_at) {
        faults.push_back({"/customer_id", "erased", "names a customer whose data was erased", {}});
    }
    if (wanted.order_id && !named.order) unknown("/order_id");
    if (!wanted.order_item_id) return;
    bool of_order = named.line && (!wanted.order_id || named.line->order_id == *wanted.order_id);
    if (!of_order) return unknown("/order_item_id");
    if (named.product && named.line->product_id != named.product->id) {
        faults.push_back({"/order_item_id", "mismatch", "is a line of another product", {}});
    }
    if (wanted.quantity && wanted.quantity->value > named.line->quantity) {
        faults.push_back({"/quantity", "too_large", "is more than the line has", {}});
    }
}

// The end of a term, from its own day or so many months after `from`.
Date end_of(const std::optional<Date>& ends_on, const std::optional<Int<1, 1'200>>& months,
            Date from, Faults& faults) {
    if (bool(ends_on) == bool(months)) {
        faults.push_back({"/ends_on", "required", "give either `ends_on` or `months`", {}});
        return from;
    }
    if (ends_on) return *ends_on;
    auto end = add_months(from, *months);
    if (!end) faults.push_back({"/months", "too_large", "ends after the year 9999", {}});
    return end.value_or(from);
}

Refusal registered_already(const Warranty& other) {
    return Refusal(serial_registered,
                   "Warranty " + other.warranty_number + " has this serial number.",
                   {{"/serial_number",
                     "serial_registered",
                     "has a warranty already",
                     {{"warranty_number", other.warranty_number}}}});
}

// ---- claims

void check_evidence(const List<Evidence, 0, 20>& evidence) {
    Faults faults;
    for (std::size_t i = 0; i < evidence.size(); ++i) {
        const auto& link = evidence[i].value;
        // Part of a page may be meant; what comes after the # is the reader's business.
        auto fault = net::url_fault(std::string_view(link).substr(0, link.find('#')),
                                    /*allow_private=*/true);
        if (!fault) continue;
        faults.push_back({"/evidence/" + std::to_string(i), "malformed", *fault, {}});
    }
    refuse_if_any(std::move(faults));
}

void require_covered(const Tx& tx, const Warranty& warranty) {
    if (warranty.status == Status::void_) {
        throw Refusal(warranty_not_active, "The warranty was voided.");
    }
    auto day = today(tx);
    if (day < warranty.starts_on) {
        throw Refusal(warranty_not_active,
                      "The warranty begins on " + to_string(warranty.starts_on) + ".");
    }
    if (day > warranty.ends_on) {
        throw Refusal(warranty_not_active,
                      "The warranty ended on " + to_string(warranty.ends_on) + ".");
    }
}

Claim& decide(Tx& tx, const DecideClaim& wanted, ClaimAction action) {
    auto& claim = tx.edit(locked(tx, wanted.id));
    claim.status = next(claim_lifecycle, claim.status, action);
    if (wanted.reason) claim.decision_reason = wanted.reason->value;
    if (action != ClaimAction::review) claim.decided_at = tx.now();
    return claim;
}

}  // namespace

Warranty create(Tx& tx, const Actor&, const NewWarranty& wanted) {
    Faults faults;
    auto named = look_up(tx, wanted);
    check_names(wanted, named, faults);
    auto ends_on = end_of(wanted.ends_on, wanted.months, wanted.starts_on, faults);
    if (ends_on < wanted.starts_on) {
        faults.push_back({"/ends_on", "too_small", "must not be before `starts_on`", {}});
    }
    auto quantity = wanted.quantity ? wanted.quantity->value : 1;
    if (wanted.serial_number && quantity != 1) {
        faults.push_back({"/quantity", "too_large", "is 1 where there is a serial number", {}});
    }
    refuse_if_any(std::move(faults));
    if (named.registered) throw registered_already(*named.registered);
    auto order = named.line ? std::optional(named.line->order_id) : wanted.order_id;
    return add(tx, {.product_id = wanted.product_id,
                    .customer_id = wanted.customer_id,
                    .order_id = order,
                    .order_item_id = wanted.order_item_id,
                    .serial_number = text(wanted.serial_number),
                    .quantity = quantity,
                    .starts_on = wanted.starts_on,
                    .ends_on = ends_on,
                    .terms = text(wanted.terms),
                    .metadata = wanted.metadata});
}

Warranty extend(Tx& tx, const Actor&, const ExtendWarranty& wanted) {
    auto& warranty = tx.edit<Warranty>(wanted.id);
    Faults faults;
    auto ends_on = end_of(wanted.ends_on, wanted.months, warranty.ends_on, faults);
    refuse_if_any(std::move(faults));
    warranty.status = next(lifecycle, warranty.status, Action::extend);
    if (ends_on <= warranty.ends_on) {
        throw invalid("/ends_on", "too_small", "must be after " + to_string(warranty.ends_on));
    }
    warranty.ends_on = ends_on;
    warranty.status = status_today(tx, warranty);
    tx.emit("warranty.extended", warranty);
    return warranty;
}

Warranty void_warranty(Tx& tx, const Actor&, const VoidWarranty& wanted) {
    auto& warranty = tx.edit<Warranty>(wanted.id);
    warranty.status = status_today(tx, warranty);
    make_void(tx, warranty, Action::void_, text(wanted.reason));
    return warranty;
}

Claim submit(Tx& tx, const Actor&, const NewClaim& wanted) {
    check_evidence(wanted.evidence);
    const auto& warranty = tx.get<Warranty>(wanted.warranty_id, "/warranty_id");
    require_covered(tx, warranty);
    auto quantity = wanted.quantity ? wanted.quantity->value : 1;
    if (quantity > warranty.quantity) {
        auto message = "the warranty covers " + std::to_string(warranty.quantity);
        throw Refusal(exceeds_warranty, message, {{"/quantity", "exceeds_warranty", message, {}}});
    }
    Claim claim{.id = tx.new_id(),
                .warranty_id = warranty.id,
                .claim_number = "CL-" + std::to_string(tx.next_number("claim", first_number)),
                .customer_id = warranty.customer_id,
                .product_id = warranty.product_id,
                .description = wanted.description.value,
                .evidence = {wanted.evidence.begin(), wanted.evidence.end()},
                .quantity = quantity,
                .metadata = wanted.metadata};
    auto& added = tx.add(std::move(claim));
    tx.emit("claim.submitted", added);
    return added;
}

Claim review(Tx& tx, const Actor&, const DecideClaim& wanted) {
    return decide(tx, wanted, ClaimAction::review);
}

Claim approve(Tx& tx, const Actor&, const DecideClaim& wanted) {
    auto& claim = decide(tx, wanted, ClaimAction::approve);
    bool voided = tx.get<Warranty>(claim.warranty_id).status == Status::void_;
    require(!voided, warranty_not_active, "The warranty was voided.");
    tx.emit("claim.approved", claim);
    return claim;
}

Claim reject(Tx& tx, const Actor&, const DecideClaim& wanted) {
    auto& claim = decide(tx, wanted, ClaimAction::reject);
    tx.emit("claim.rejected", claim);
    return claim;
}

Claim withdraw(Tx& tx, const Actor&, const DecideClaim& wanted) {
    return decide(tx, wanted, ClaimAction::withdraw);
}

const Claim& locked(Tx& tx, ClaimId id) {
    const auto* seen = tx.peek<Claim>(id);
    if (!seen) throw Refusal(codes::not_found, "There is no such claim.");
    auto warranty = seen->warranty_id;
    gather(tx, [&] { tx.get<Warranty>(warranty); }, [&] { tx.get<Claim>(id); });
    return tx.get<Claim>(id);
}

std::string serial_key_of(products::ProductId product, std::string_view serial_number) {
    return to_string(product) + ":" + std::string(serial_number);
}

Warranty& add(Tx& tx, Warranty warranty) {
    warranty.id = tx.new_id();
    warranty.warranty_number = "W-" + std::to_string(tx.next_number("warranty", first_number));
    warranty.status = status_today(tx, warranty);
    if (warranty.serial_number) {
        warranty.serial_key.value = serial_key_of(warranty.product_id, *warranty.serial_number);
    }
    auto& added = tx.add(std::move(warranty));
    tx.emit("warranty.registered", added);
    return added;
}

void make_void(Tx& tx, Warranty& warranty, Action action, std::optional<std::string> reason) {
    warranty.status = next(lifecycle, warranty.status, action);
    warranty.void_reason = std::move(reason);
    warranty.serial_key.value.reset();
    tx.emit("warranty.voided", warranty);
}

void expire_if_over(Tx& tx, WarrantyId id) {
    const auto* warranty = tx.find<Warranty>(id);
    if (!warranty || warranty->status != Status::active || !over(tx, *warranty)) return;
    tx.edit(*warranty).status = next(lifecycle, warranty->status, Action::expire);
}

}  // namespace stateset::warranties
