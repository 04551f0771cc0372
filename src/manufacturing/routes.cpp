#include "manufacturing/explosion.hpp"
#include "manufacturing/genealogy.hpp"
#include "platform/http/api.hpp"

namespace stateset::manufacturing {
namespace {

constexpr std::string_view reading = "manufacturing:read";
constexpr std::string_view managing = "manufacturing:manage";
constexpr std::string_view executing = "manufacturing:execute";

void bom_routes(Api& api) {
    auto boms = api.group("/boms", "Manufacturing");
    const std::vector<const Code*> state{&codes::illegal_transition};
    boms.get("", list_boms, {.summary = "List BOMs", .needs = reading});
    boms.post("", create_bom,
              {.summary = "Draft a BOM",
               .needs = managing,
               .detail = "The next revision of its product. scrap_percent is taken on top of the "
                         "quantity.",
               .refuses = {&bom_cycle}});
    boms.get("/{id}", one_bom, {.summary = "Read a BOM", .needs = reading, .cacheable = true});
    boms.patch("/{id}", update_bom,
               {.summary = "Change a draft",
                .needs = managing,
                .detail = "Given items replace all of them. Notes and metadata can always change.",
                .refuses = {&codes::illegal_transition, &bom_cycle}});
    boms.post("/{id}/activate", before(look_below, activate),
              {.summary = "Make a draft the active revision",
               .needs = managing,
               .detail = "The one before becomes obsolete. No product may contain itself at any "
                         "depth.",
               .refuses = {&codes::illegal_transition, &bom_cycle, &boms_changed}});
    boms.post("/{id}/obsolete", obsolete,
              {.summary = "Take a BOM out of use", .needs = managing, .refuses = state});
    boms.get("/{id}/explode", explosion,
             {.summary = "What a quantity comes down to",
              .needs = reading,
              .detail = "A tree down to what has no active BOM, and the sums of these leaves: what "
                        "is there, what is short and where it lies.",
              .refuses = {&bom_cycle, &explosion_too_large}});
    boms.get("/{id}/cost", cost,
             {.summary = "What a quantity costs",
              .needs = reading,
              .detail = "The stated costs of the leaves, each rounded once.",
              .refuses = {&bom_cycle, &explosion_too_large, &mixed_currencies}});
    boms.get("/costs", list_costs, {.summary = "List what items cost", .needs = reading});
    boms.put("/costs", set_cost, {.summary = "State what an item costs to buy", .needs = managing});
}

void work_order_routes(Api& api) {
    auto work_orders = api.group("/work-orders", "Manufacturing");
    const std::vector<const Code*> state{&codes::illegal_transition};
    work_orders.get("", list, {.summary = "List work orders", .needs = reading});
    work_orders.post("", create,
                     {.summary = "Plan a work order",
                      .needs = managing,
                      .detail = "It takes the lines of the BOM as they are; sub-assemblies come "
                                "from stock.",
                      .refuses = {&bom_not_active}});
    work_orders.get("/{id}", one,
                    {.summary = "Read a work order", .needs = reading, .cacheable = true});
    work_orders.patch("/{id}", update,
                      {.summary = "Change a work order",
                       .needs = managing,
                       .detail = "Its quantity and location only while it is planned.",
                       .refuses = state});
    work_orders.post("/{id}/assign", assign,
                     {.summary = "Say who does it", .needs = executing, .refuses = state});
    work_orders.post(
        "/{id}/start", start,
        {.summary = "Begin a released work order", .needs = executing, .refuses = state});
    work_orders.post("/{id}/hold", hold,
                     {.summary = "Let a work order rest",
                      .needs = executing,
                      .detail = "It keeps what is reserved.",
                      .refuses = state});
    work_orders.post("/{id}/resume", resume,
                     {.summary = "Go on with a work order", .needs = executing, .refuses = state});
    work_orders.get(
        "/{id}/genealogy", genealogy,
        {.summary = "What went into a work order and what came of it", .needs = reading});
}

void genealogy_routes(Api& api) {
    auto lines = api.group("/genealogy", "Manufacturing");
    lines.get("/made-of", made_of,
              {.summary = "What a lot or a piece was made of, at any depth", .needs = reading});
    lines.get("/went-into", went_into,
              {.summary = "What a lot or a piece went into, at any depth", .needs = reading});
}

void describe(Api& api) {
    api.describe({
        {"bom_id", {"Id of the bill of materials (BOM).", ""}},
        {"bom_number", {"What people call the BOM.", "BOM-1001"}},
        {"revision", {"Counts the BOMs of one product.", "1"}},
        {"scrap_percent", {"What is lost on the way, per cent, on top.", "2.5"}},
        {"activated_at", {"When it became the active one; null before.", ""}},
        {"unit_cost", {"What `per` of it costs to buy.", "4.20"}},
        {"per", {"For how much of it the cost is.", "1"}},
        {"cost", {"What that much costs.", "12.60"}},
        {"complete", {"Whether nothing is missing.", "true"}},
        {"tree", {"What contains what.", ""}},
        {"components", {"What it is made of.", ""}},
        {"short", {"What is wanted beyond what is available.", "0"}},
        {"work_order_number", {"What people call the work order.", "WO-1001"}},
        {"produced", {"What came of it.", "2"}},
        {"scrapped", {"What was spoilt.", "0"}},
        {"assignee", {"Who does it.", "Grace"}},
        {"due_before", {"Only what is due on that day or earlier.", "2026-12-31"}},
        {"claim_id", {"Id of the warranty claim.", ""}},
        {"released_at", {"When it was released; null before.", ""}},
        {"completed_at", {"When it was completed; null before.", ""}},
        {"required", {"What is needed in all.", "12"}},
        {"reservation_ids", {"Its active reservations, oldest first.", ""}},
        {"allow_short", {"true: take what there is, even if it is not all.", ""}},
        {"completion_id", {"The time it was finished; null: issued ahead.", ""}},
        {"completions", {"Each time that something was finished, oldest first.", ""}},
        {"inputs", {"What went in.", ""}},
        {"outputs", {"What came out.", ""}},
        {"level", {"How many work orders away, from 1.", "1"}},
    });
}

}  // namespace

void routes(Api& api) {
    bom_routes(api);
    work_order_routes(api);
    genealogy_routes(api);
    describe(api);
}

}  // namespace stateset::manufacturing
