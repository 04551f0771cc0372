#include <map>

#include "sql.hpp"
#include "warranties/warranties.hpp"

namespace stateset::warranties {
namespace {

struct CustomerOf {
    customers::CustomerId customer_id;
};

struct OrderOf {
    orders::OrderId order_id;
};

struct ClaimsOf {
    WarrantyId warranty_id;
};

struct OrderNumber {
    std::string order_number;
};

Holding holding_of(Reads& reads, const Actor& actor, Warranty warranty) {
    Holding shown{
        .warranty = {std::move(warranty)}, .customer = {}, .order_number = {}, .claims = {}};
    const auto& held = shown.warranty.value;
    if (actor.may("customers:read")) {
        shown.customer.value = reads.maybe<customers::Customer>(sql::warranties::customer,
                                                                CustomerOf{held.customer_id});
    }
    if (held.order_id && actor.may("orders:read")) {
        auto order =
            reads.maybe<OrderNumber>(sql::warranties::order_number, OrderOf{*held.order_id});
        if (order) shown.order_number.value = order->order_number;
    }
    if (actor.may("claims:read")) {
        shown.claims.value = reads.all<Claim>(sql::warranties::claims_of, ClaimsOf{held.id});
    }
    return shown;
}

}  // namespace

Warranty one(Reads& reads, const Actor&, const ById& wanted) {
    return reads.one<Warranty>(sql::warranties::by_id, wanted);
}

Page<Warranty> list(Reads& reads, const Actor&, const ListWarranties& wanted) {
    return reads.page<Warranty>(sql::warranties::list, wanted);
}

Page<Holding> look_up(Reads& reads, const Actor& actor, const LookUp& wanted) {
    Page<Holding> page;
    for (auto& warranty : reads.all<Warranty>(sql::warranties::by_serial, wanted)) {
        page.data.push_back(holding_of(reads, actor, std::move(warranty)));
    }
    return page;
}

Claim one_claim(Reads& reads, const Actor&, const ClaimById& wanted) {
    return reads.one<Claim>(sql::warranties::claim, wanted);
}

Page<Claim> list_claims(Reads& reads, const Actor&, const ListClaims& wanted) {
    return reads.page<Claim>(sql::warranties::claims, wanted);
}

}  // namespace stateset::warranties
