#include "platform/http/api.hpp"
#include "warranties/warranties.hpp"

namespace stateset::warranties {
namespace {

void warranty_routes(Api& api) {
    auto warranties = api.group("/warranties", "Warranties");
    warranties.get("", list, {.summary = "List warranties", .needs = "warranties:read"});
    warranties.post("", create,
                    {.summary = "Register a warranty",
                     .needs = "warranties:create",
                     .detail = "Give either `ends_on` or `months`. A term that is over is expired "
                               "at once. Products with `warranty_months` get theirs on delivery.",
                     .refuses = {&serial_registered}});
    warranties.get("/lookup", look_up,
                   {.summary = "Find who holds a serial number",
                    .needs = "warranties:read",
                    .detail = "Every warranty of the serial number, newest first, with what the "
                              "caller may read of its customer, its order and its claims."});
    warranties.get("/{id}", one,
                   {.summary = "Read a warranty", .needs = "warranties:read", .cacheable = true});
    warranties.post("/{id}/extend", extend,
                    {.summary = "Extend a warranty",
                     .needs = "warranties:update",
                     .detail = "Give either `ends_on` or `months`, which count from where it ends "
                               "now. An expired one counts again.",
                     .refuses = {&codes::illegal_transition}});
    warranties.post("/{id}/void", void_warranty,
                    {.summary = "Void a warranty",
                     .needs = "warranties:update",
                     .refuses = {&codes::illegal_transition}});
}

void claim_routes(Api& api) {
    auto claims = api.group("/warranties/claims", "Claims");
    const std::vector<const Code*> state{&codes::illegal_transition};
    claims.get("", list_claims, {.summary = "List claims", .needs = "claims:read"});
    claims.post("", submit,
                {.summary = "Claim under a warranty",
                 .needs = "claims:create",
                 .refuses = {&warranty_not_active, &exceeds_warranty}});
    claims.get("/{id}", one_claim,
               {.summary = "Read a claim", .needs = "claims:read", .cacheable = true});
    claims.post(
        "/{id}/review", review,
        {.summary = "Take a claim under review", .needs = "claims:decide", .refuses = state});
    claims.post("/{id}/approve", approve,
                {.summary = "Approve a claim",
                 .needs = "claims:decide",
                 .refuses = {&codes::illegal_transition, &warranty_not_active}});
    claims.post("/{id}/reject", reject,
                {.summary = "Reject a claim", .needs = "claims:decide", .refuses = state});
    claims.post("/{id}/withdraw", withdraw,
                {.summary = "Withdraw a claim", .needs = "claims:create", .refuses = state});
}

}  // namespace

void routes(Api& api) {
    warranty_routes(api);
    claim_routes(api);
    api.describe({
        {"warranty_number", {"What people call the warranty.", "W-1001"}},
        {"warranty_id", {"Id of the warranty.", ""}},
        {"serial_number", {"The piece's own number.", "SN-4711"}},
        {"starts_on", {"The first day that is covered.", "2026-11-22"}},
        {"ends_on", {"The last day that is covered.", "2028-11-22"}},
        {"ends_before", {"Only what ends before this day.", "2026-12-31"}},
        {"months", {"Calendar months; a day that the last one lacks is its last.", "24"}},
        {"terms", {"What is covered, in words.", "Parts and labour."}},
        {"void_reason", {"Why it is void.", "Bought elsewhere"}},
        {"claim_number", {"What people call the claim.", "CL-1001"}},
        {"claims", {"What was claimed under it, oldest first.", ""}},
        {"evidence", {"Links to what shows it: pictures, receipts.", ""}},
        {"decision_reason", {"Why it was decided so.", "Covered by the terms"}},
        {"resolution", {"How an approved claim was met.", "replace"}},
        {"resolution_reason", {"Why it was met so.", "Out of stock for good"}},
        {"refund_ids", {"The refunds that pay for it.", ""}},
        {"decided_at", {"When it was approved, rejected or withdrawn; null before.", ""}},
        {"resolved_at", {"When it was resolved; null before.", ""}},
    });
}

}  // namespace stateset::warranties
