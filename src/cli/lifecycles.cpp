#include "cli/lifecycles.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>

#include "identity/tenants.hpp"
#include "inventory/counts.hpp"
#include "inventory/lots.hpp"
#include "inventory/transfers.hpp"
#include "jobs/jobs.hpp"
#include "manufacturing/lifecycle.hpp"
#include "notifications/notifications.hpp"
#include "orders/lifecycle.hpp"
#include "payments/lifecycle.hpp"
#include "products/products.hpp"
#include "returns/lifecycle.hpp"
#include "shipments/lifecycle.hpp"
#include "warranties/lifecycle.hpp"
#include "webhooks/webhooks.hpp"

namespace stateset::cli {
namespace {

enum class Form { table, mermaid, json };

// Words that C++ keeps for itself end in an underscore in the code only.
template <class E>
std::string_view word(E value) {
    auto name = reflect::name(value);
    return name.ends_with('_') ? name.substr(0, name.size() - 1) : name;
}

template <class Status, class Action, std::size_t N>
Lifecycle named(std::string_view noun, const Move<Status, Action> (&table)[N]) {
    Lifecycle lifecycle{.noun = noun, .moves = {}};
    for (const auto& row : table) {
        lifecycle.moves.push_back({word(row.from), word(row.action), word(row.to)});
    }
    return lifecycle;
}

// The states nothing leads out of, in the order in which they are reached.
std::vector<std::string_view> ends(const Lifecycle& lifecycle) {
    std::vector<std::string_view> found;
    for (const auto& move : lifecycle.moves) {
        auto leads_out = std::ranges::find(lifecycle.moves, move.to, &NamedMove::from);
        if (leads_out != lifecycle.moves.end()) continue;
        if (std::ranges::find(found, move.to) == found.end()) found.push_back(move.to);
    }
    return found;
}

// Nouns, statuses and actions are plain words: nothing in them needs escaping.
std::string json(const Lifecycle& lifecycle) {
    std::string text = "{\"noun\":\"" + std::string(lifecycle.noun) + "\",\"moves\":[";
    for (const auto& move : lifecycle.moves) {
        if (!text.ends_with('[')) text += ',';
        text.append("{\"from\":\"").append(move.from).append("\",\"action\":\"");
        text.append(move.action).append("\",\"to\":\"").append(move.to).append("\"}");
    }
    return text + "]}";
}

std::string table(const Lifecycle& lifecycle) {
    std::string text(lifecycle.noun);
    for (const auto& [from, action, to] : lifecycle.moves) {
        text.append("\n  ").append(from).append(" -- ").append(action).append(" -> ").append(to);
    }
    return text + "\n";
}

std::string shown(const std::vector<Lifecycle>& some, Form form) {
    std::string text;
    for (const auto& lifecycle : some) {
        if (!text.empty()) text += form == Form::json ? "," : "\n";
        text += form == Form::json      ? json(lifecycle)
                : form == Form::mermaid ? mermaid(lifecycle)
                                        : table(lifecycle);
    }
    return form == Form::json ? "[" + text + "]\n" : text;
}

int print(const std::string& noun, Form form) {
    auto chosen = lifecycles();
    if (!noun.empty()) {
        std::erase_if(chosen, [&](const Lifecycle& one) { return one.noun != noun; });
    }
    if (chosen.empty()) {
        std::fprintf(stderr, "there is no lifecycle of `%s`; `stateset lifecycles` lists all\n",
                     noun.c_str());
        return 2;
    }
    std::fputs(shown(chosen, form).c_str(), stdout);
    return 0;
}

}  // namespace

std::vector<Lifecycle> lifecycles() {
    return {
        named("order", orders::lifecycle),
        named("payment", payments::lifecycle),
        named("refund", payments::refund_lifecycle),
        named("shipment", shipments::lifecycle),
        named("return", returns::lifecycle),
        named("warranty", warranties::lifecycle),
        named("claim", warranties::claim_lifecycle),
        named("reservation", inventory::reservation_lifecycle),
        named("lot", inventory::lot_lifecycle),
        named("transfer", inventory::transfer_lifecycle),
        named("count", inventory::count_lifecycle),
        named("bom", manufacturing::bom_lifecycle),
        named("work-order", manufacturing::lifecycle),
        named("product", products::lifecycle),
        named("webhook-endpoint", webhooks::endpoint_lifecycle),
        named("webhook-delivery", webhooks::delivery_lifecycle),
        named("message", notifications::message_lifecycle),
        named("job", jobs::lifecycle),
        named("tenant", identity::account_lifecycle),
    };
}

std::string mermaid(const Lifecycle& lifecycle) {
    std::string text = "stateDiagram-v2\n";
    text.append("    [*] --> ").append(lifecycle.moves.front().from).append("\n");
    for (const auto& [from, action, to] : lifecycle.moves) {
        text.append("    ").append(from).append(" --> ").append(to);
        text.append(": ").append(action).append("\n");
    }
    for (auto end : ends(lifecycle)) text.append("    ").append(end).append(" --> [*]\n");
    return text;
}

void add_lifecycles(CLI::App& cli, std::function<int()>& chosen) {
    auto* command = cli.add_subcommand("lifecycles", "Print the tables by which statuses change");
    auto noun = std::make_shared<std::string>();
    auto drawn = std::make_shared<bool>(false), as_json = std::make_shared<bool>(false);
    command->add_option("noun", *noun, "Of one noun only: order, payment, return …");
    command->add_flag("--mermaid", *drawn, "As a state diagram in Mermaid's language");
    command->add_flag("--json", *as_json, "For programs");
    command->callback([&chosen, noun, drawn, as_json] {
        chosen = [noun, form = *as_json ? Form::json
                               : *drawn ? Form::mermaid
                                        : Form::table] { return print(*noun, form); };
    });
}

}  // namespace stateset::cli
