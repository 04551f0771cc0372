#include <memory>

#include "ops/ops.hpp"
#include "platform/http/api.hpp"

namespace stateset::ops {
namespace {

// A move with the permission that its route names.
struct Guarded {
    LegalMove move;
    std::string_view needs;
};

void tell_moves(const std::vector<Guarded>& all, const std::shared_ptr<http::Call>& call) {
    LegalMoves mine;
    for (const auto& [move, needs] : all) {
        if (needs.empty() || call->actor.may(needs)) mine.data.push_back(move);
    }
    call->answer({.status = 200, .body = json::to_text(mine)});
}

// Known once all routes stand, and the same as long as the server runs.
void moves_route(Api& api) {
    auto all = std::make_shared<std::vector<Guarded>>();
    for (auto& move : moves(api)) {
        for (const auto& endpoint : api.endpoints()) {
            if (endpoint->operation != move.operation) continue;
            all->push_back({std::move(move), endpoint->route.needs});
            break;
        }
    }
    http::Route route{.summary = "What you may do with things in each of their states",
                      .detail =
                          "The commands that move something through its lifecycle, as far "
                          "as the caller's permissions go. Whether one succeeds may depend "
                          "on more than the status."};
    auto& added =
        api.add({.method = "GET",
                 .path = "/api/v1/moves",
                 .tag = "Operations",
                 .route = route,
                 .kind = http::Kind::procedure,
                 .act = [all](std::shared_ptr<http::Call> call) { tell_moves(*all, call); }});
    added.describe_output = [](json::Definitions& named) {
        return json::schema<LegalMoves>(json::Direction::output, named);
    };
}

}  // namespace

void routes(Api& api) {
    auto ops = api.group("/ops", "Operations");
    ops.get("/attention", attention,
            {.summary = "Find work that is stuck",
             .needs = "ops:read",
             .detail = "Each kind of trouble with its oldest cases, why they count as stuck, and "
                       "what can safely be done. `limit` counts for each kind; `more` tells that "
                       "there are others."});
    ops.get("/activity", activity,
            {.summary = "How busy the shop is",
             .needs = "ops:read",
             .detail = "Orders placed in each of the last hours, and how far the webhooks are "
                       "behind the event log."});
    moves_route(api);
    api.describe({
        {"as_of", {"When it was looked up.", "2026-11-22T10:15:30Z"}},
        {"found", {"How many are shown.", "1"}},
        {"more", {"Whether there are others.", "false"}},
        {"kinds", {"The kinds of trouble, what costs money first.", ""}},
        {"cases", {"What is stuck, oldest first.", ""}},
        {"since", {"Since when it stands like this.", "2026-11-22T10:15:30Z"}},
        {"safe_action", {"What can be done without making it worse.", ""}},
        {"advice", {"The same in words.", "Set its stock aside"}},
        {"http_method", {"Method of the request.", "POST"}},
        {"path",
         {"Path of the request.", "/api/v1/orders/0198c9f2-6b7a-7c31-9d0e-3f5a8b1c2d4e/process"}},
        {"permission", {"What the caller must be allowed to do.", "orders:process"}},
        {"links", {"Where to read more.", ""}},
        {"self", {"The thing itself.", "/api/v1/orders/0198c9f2-6b7a-7c31-9d0e-3f5a8b1c2d4e"}},
        {"order", {"Its order.", "/api/v1/orders/0198c9f2-6b7a-7c31-9d0e-3f5a8b1c2d4e"}},
        {"console", {"Its page in the console.", "/console/orders"}},
        {"hours", {"How many hours back, 1 to 168.", "24"}},
        {"by_hour", {"The hours, oldest first; the last one is still going on.", ""}},
        {"starts_at", {"When the hour begins.", "2026-11-22T10:00:00Z"}},
        {"orders_placed", {"How many orders were placed.", "42"}},
        {"orders_cancelled", {"How many of them are cancelled by now.", "1"}},
        {"outbox", {"What the webhooks have not taken from the log yet.", ""}},
        {"events_behind", {"How many events, counted to 10,000.", "0"}},
        {"lag_s", {"Seconds since the first of them happened.", "0"}},
        {"operation", {"The operationId.", "orders_process"}},
        {"summary", {"What it does.", "Reserve an order's stock"}},
        {"legal_from", {"The statuses it is legal from.", ""}},
    });
}

}  // namespace stateset::ops
