// `stateset trigger order.shipped`: makes an event really happen, by walking to it through the
// public API with made-up customers, products and orders, paid at the sandbox gateway. Or, with
// --to, sends one signed sample to a receiver without any server.

#include <algorithm>
#include <chrono>
#include <iostream>
#include <map>
#include <thread>

#include "cli/client/failure.hpp"
#include "cli/client/forward.hpp"
#include "cli/client/options.hpp"
#include "cli/client/own.hpp"
#include "cli/client/request.hpp"
#include "platform/auth/crypto.hpp"
#include "platform/core/time.hpp"

namespace stateset::cli::client {
namespace {

constexpr std::chrono::seconds event_patience{10};
constexpr std::chrono::milliseconds event_poll{100};

// One request on the way. {order} in its texts is the id that the step "order" answered, {order.x}
// another member of that answer, {unique} a word of its own for each run.
struct Step {
    std::string_view name, needs;  // needs: the steps before, with blanks between
    std::string_view method, path, body;
    int status = 0;  // a refusal that is wanted; 0: must succeed
};

constexpr Step steps[] = {
    {"customer", "", "POST", "/customers",
     R"({"email":"trigger-{unique}@example.com","first_name":"Ada","last_name":"Lovelace"})"},
    {"customer_update", "customer", "PATCH", "/customers/{customer}",
     R"({"phone":"+44 20 7946 0000"})"},
    {"product", "", "POST", "/products",
     R"({"name":"Trigger mug","sku":"TRIGGER-{unique}","price":"19.99","currency":"USD","track_inventory":true})"},
    {"product_update", "product", "PATCH", "/products/{product}",
     R"({"description":"Stoneware."})"},
    {"product_archive", "product", "POST", "/products/{product}/archive", ""},
    {"stock", "product", "POST", "/inventory/items/{product.sku}/receive", R"({"quantity":"20"})"},
    {"adjust", "stock", "POST", "/inventory/items/{product.sku}/adjust",
     R"({"delta":"-1","reason":"trigger"})"},
    {"order", "customer stock", "POST", "/orders",
     R"({"customer_id":"{customer}","items":[{"sku":"{product.sku}","quantity":2}]})"},
    {"order_update", "order", "PATCH", "/orders/{order}", R"({"notes":"Leave at the back door."})"},
    {"hold", "order", "POST", "/orders/{order}/hold", ""},
    {"release", "hold", "POST", "/orders/{order}/release", ""},
    {"process", "order", "POST", "/orders/{order}/process", ""},
    {"cancel", "process", "POST", "/orders/{order}/cancel", ""},
    {"pay", "process", "POST", "/payments",
     R"({"order_id":"{order}","gateway":"sandbox","method":{"type":"card","token":"tok_ok"}})"},
    {"authorize", "process", "POST", "/payments",
     R"({"order_id":"{order}","gateway":"sandbox","capture":false,"method":{"type":"card","token":"tok_ok"}})"},
    {"void", "authorize", "POST", "/payments/{authorize}/void", ""},
    {"decline", "process", "POST", "/payments",
     R"({"order_id":"{order}","gateway":"sandbox","method":{"type":"card","token":"tok_declined"}})",
     402},
    {"refund", "pay", "POST", "/payments/{pay}/refund", ""},
    {"shipment", "pay", "POST", "/shipments", R"({"order_id":"{order}","carrier":"sandbox"})"},
    {"shipment_cancel", "shipment", "POST", "/shipments/{shipment}/cancel", ""},
    {"ship", "shipment", "POST", "/shipments/{shipment}/ship", ""},
    {"deliver", "ship", "POST", "/shipments/{shipment}/deliver", ""},
    {"return", "deliver", "POST", "/returns",
     R"({"order_id":"{order}","items":[{"order_item_id":"{order.items.0.id}","quantity":1,"reason":"trigger"}]})"},
    {"return_approve", "return", "POST", "/returns/{return}/approve", ""},
    {"return_reject", "return", "POST", "/returns/{return}/reject", ""},
    {"return_cancel", "return", "POST", "/returns/{return}/cancel", ""},
    {"return_receive", "return_approve", "POST", "/returns/{return}/receive", ""},
    {"return_inspect", "return_receive", "POST", "/returns/{return}/inspect",
     R"({"items":[{"return_item_id":"{return.items.0.id}","disposition":"restock"}]})"},
    {"return_complete", "return_inspect", "POST", "/returns/{return}/complete", ""},
    {"warranty", "customer product", "POST", "/warranties",
     R"({"product_id":"{product}","customer_id":"{customer}","starts_on":"{today}","months":24})"},
    {"warranty_extend", "warranty", "POST", "/warranties/{warranty}/extend", R"({"months":12})"},
    {"warranty_void", "warranty", "POST", "/warranties/{warranty}/void", ""},
    {"claim", "warranty", "POST", "/warranties/claims",
     R"({"warranty_id":"{warranty}","description":"It rattles."})"},
    {"claim_approve", "claim", "POST", "/warranties/claims/{claim}/approve", ""},
    {"claim_reject", "claim", "POST", "/warranties/claims/{claim}/reject", ""},
    {"component", "", "POST", "/products",
     R"({"name":"Trigger screw","sku":"SCREW-{unique}","price":"0.10","currency":"USD","track_inventory":true})"},
    {"components", "component", "POST", "/inventory/items/{component.sku}/receive",
     R"({"quantity":"100"})"},
    {"bom", "product components", "POST", "/boms",
     R"({"product_id":"{product}","items":[{"sku":"{component.sku}","quantity":"4"}]})"},
    {"bom_activate", "bom", "POST", "/boms/{bom}/activate", ""},
    {"work_order", "bom_activate", "POST", "/work-orders", R"({"bom_id":"{bom}","quantity":"2"})"},
    {"work_order_release", "work_order", "POST", "/work-orders/{work_order}/release", ""},
    {"work_order_start", "work_order_release", "POST", "/work-orders/{work_order}/start", ""},
    {"work_order_complete", "work_order_start", "POST", "/work-orders/{work_order}/complete", ""},
    {"work_order_cancel", "work_order", "POST", "/work-orders/{work_order}/cancel", ""},
};

struct Trigger {
    std::string_view event, step;
};

constexpr Trigger triggers[] = {
    {"bom.activated", "bom_activate"},
    {"claim.approved", "claim_approve"},
    {"claim.rejected", "claim_reject"},
    {"claim.submitted", "claim"},
    {"customer.created", "customer"},
    {"customer.updated", "customer_update"},
    {"inventory.adjusted", "adjust"},
    {"inventory.allocated", "ship"},
    {"inventory.received", "stock"},
    {"inventory.released", "cancel"},
    {"inventory.reserved", "process"},
    {"order.cancelled", "cancel"},
    {"order.created", "order"},
    {"order.delivered", "deliver"},
    {"order.on_hold", "hold"},
    {"order.paid", "pay"},
    {"order.processing", "process"},
    {"order.released", "release"},
    {"order.shipped", "ship"},
    {"order.updated", "order_update"},
    {"payment.authorized", "authorize"},
    {"payment.captured", "pay"},
    {"payment.failed", "decline"},
    {"payment.voided", "void"},
    {"product.archived", "product_archive"},
    {"product.created", "product"},
    {"product.updated", "product_update"},
    {"refund.succeeded", "refund"},
    {"return.approved", "return_approve"},
    {"return.cancelled", "return_cancel"},
    {"return.completed", "return_complete"},
    {"return.inspected", "return_inspect"},
    {"return.received", "return_receive"},
    {"return.rejected", "return_reject"},
    {"return.requested", "return"},
    {"shipment.cancelled", "shipment_cancel"},
    {"shipment.created", "shipment"},
    {"shipment.delivered", "deliver"},
    {"shipment.shipped", "ship"},
    {"warranty.extended", "warranty_extend"},
    {"warranty.registered", "warranty"},
    {"warranty.voided", "warranty_void"},
    {"work_order.cancelled", "work_order_cancel"},
    {"work_order.completed", "work_order_complete"},
    {"work_order.created", "work_order"},
    {"work_order.released", "work_order_release"},
    {"work_order.started", "work_order_start"},
};

Time this_moment() {
    auto since = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
}

// A walk through the API up to a step.
class Walk {
  public:
    Walk(const Catalogue& catalogue, const Given& given, const Terminal& terminal)
        : catalogue_(catalogue), given_(given), terminal_(terminal), session_(given, terminal) {
        bool here = session_.server().find("//127.0.0.1") != std::string::npos ||
                    session_.server().find("//localhost") != std::string::npos ||
                    session_.server().find("//[::1]") != std::string::npos;
        if (!here && !given.has("yes")) {
            throw Failure(exits::usage, "this makes customers, products and orders at " +
                                            session_.server() + "; say --yes if that is meant");
        }
    }

    void go(std::string_view name) {
        if (answers_.contains(name)) return;
        const auto& step = *std::ranges::find(steps, name, &Step::name);
        for (auto needs = step.needs; !needs.empty();) {
            auto end = std::min(needs.find(' '), needs.size());
            go(needs.substr(0, end));
            needs.remove_prefix(std::min(end + 1, needs.size()));
        }
        auto body = filled(step.body);
        Sending sending{.method = std::string(step.method),
                        .target = "/api/v1" + filled(step.path),
                        .headers = {{"Idempotency-Key", new_idempotency_key()}},
                        .body = body};
        if (!body.empty()) sending.headers.emplace_back("Content-Type", "application/json");
        auto answer = session_.send(sending);
        std::cerr << terminal_.note(Ink::dim, sending.method + " " + sending.target + " → " +
                                                  std::to_string(answer.status))
                  << "\n";
        if (answer.status >= 400 && answer.status != step.status) {
            throw Failure(
                explain_refusal(answer.status, answer.body, *given_.command, catalogue_, terminal_),
                "");
        }
        answers_[std::string(step.name)] =
            answer.body.empty() ? Tree::object() : Tree::parse(answer.body);
    }

    // The event in the log; absent when the caller may not read that.
    Tree event(std::string_view type) {
        auto end = std::chrono::steady_clock::now() + event_patience;
        while (std::chrono::steady_clock::now() < end) {
            for (const auto& target : places(type)) {
                auto answer = session_.send({.target = target});
                if (answer.status == 403) return {};
                auto page = Tree::parse(answer.body);
                const auto& data = page["data"].elements;
                auto found = std::ranges::find_if(
                    data, [&](const Tree& event) { return event["type"].word == type; });
                if (found != data.end()) return *found;
            }
            std::this_thread::sleep_for(event_poll);
        }
        throw Failure(exits::refused, "the steps were done, but " + std::string(type) +
                                          " did not come within 10 s");
    }

  private:
    // Where it may be found: what happened to the order, or to one of the things that were made.
    std::vector<std::string> places(std::string_view type) const {
        std::vector<std::string> places;
        auto order = answers_.find("order");
        if (order != answers_.end()) {
            places.push_back("/api/v1/orders/" + order->second["id"].word + "/timeline");
        }
        for (const auto& [_, answer] : answers_) {
            const auto& id = answer["id"].word;
            if (id.empty()) continue;
            places.push_back("/api/v1/events?types=" + escaped(type) +
                             "&aggregate_id=" + escaped(id));
        }
        return places;
    }

    std::string filled(std::string_view text) const {
        std::string out;
        for (std::size_t at = 0; at < text.size(); ++at) {
            auto end = text.find('}', at);
            auto name = text[at] == '{' && end != text.npos ? text.substr(at + 1, end - at - 1)
                                                            : std::string_view();
            bool is_name =
                !name.empty() &&
                name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_.0123456789") == name.npos;
            if (!is_name) {
                out += text[at];
                continue;
            }
            out += value(name);
            at = end;
        }
        return out;
    }

    std::string value(std::string_view name) const {
        if (name == "unique") return unique_;
        if (name == "today") return to_string(date_of(this_moment()));
        auto dot = std::min(name.find('.'), name.size());
        const auto* here = &answers_.find(name.substr(0, dot))->second;
        auto rest = dot < name.size() ? name.substr(dot + 1) : std::string_view("id");
        while (!rest.empty()) {
            auto end = std::min(rest.find('.'), rest.size());
            auto member = rest.substr(0, end);
            here = here->is(Tree::Kind::array) ? &here->elements.at(std::stoul(std::string(member)))
                                               : &(*here)[member];
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        return here->word;
    }

    const Catalogue& catalogue_;
    const Given& given_;
    const Terminal& terminal_;
    Session session_;
    std::string unique_ = auth::hex(auth::random_bytes(4));
    std::map<std::string, Tree, std::less<>> answers_;
};

std::vector<std::string> known_events() {
    std::vector<std::string> known;
    for (const auto& trigger : triggers) known.emplace_back(trigger.event);
    return known;
}

// An event of this type as the API's own examples describe it.
Tree sample(const Catalogue& catalogue, const std::string& type) {
    auto dot = type.find('.');
    auto noun = type.substr(0, dot), happened = type.substr(dot + 1);
    static const std::map<std::string, std::string> operations{
        {"inventory", "inventory_balances_get"},
        {"claim", "warranties_claims_get"},
        {"warranty", "warranties_get"},
        {"work_order", "work_orders_get"}};
    auto found = operations.find(noun);
    auto operation = found == operations.end() ? noun + "s_get" : found->second;
    auto shape = catalogue.answer(endpoint_named(catalogue, operation));
    auto data = example_of(shape);
    const auto* status = shape.member("status");
    if (status != nullptr && std::ranges::find(status->words, happened) != status->words.end()) {
        data.member("status") = Tree::text(happened);
    }
    auto event = Tree::object();
    event.member("id") = Tree::text("sample-" + auth::hex(auth::random_bytes(12)));
    event.member("type") = Tree::text(type);
    event.member("occurred_at") = Tree::text(to_string(this_moment()));
    event.member("data") = std::move(data);
    return event;
}

int send_sample(const Catalogue& catalogue, const Given& given, const Terminal& terminal,
                const std::string& type) {
    Forwarder forwarder(given.text("to"), given.text("secret"));
    std::cerr << "signed with the secret " << forwarder.secret() << "\n";
    auto answer = forwarder.send(sample(catalogue, type));
    bool taken = answer.status >= 200 && answer.status < 300;
    std::cout << "sample of " << type << " → "
              << terminal.in(taken ? Ink::green : Ink::red, Forwarder::told(answer)) << "\n";
    if (answer.status == 0) return exits::unreachable;
    return taken ? exits::ok : exits::refused;
}

int trigger(const Catalogue& catalogue, const Given& given) {
    Terminal terminal(given.text("color"));
    if (given.arguments.empty()) {
        for (const auto& each : triggers) std::cout << each.event << "\n";
        return exits::ok;
    }
    const auto& type = given.arguments[0];
    auto found = std::ranges::find(triggers, std::string_view(type), &Trigger::event);
    if (found == std::end(triggers)) {
        throw Failure(exits::usage, "there is no trigger for " + type +
                                        suggestion(type, known_events()) +
                                        "; stateset trigger lists them");
    }
    if (given.has("to")) return send_sample(catalogue, given, terminal, type);
    Walk walk(catalogue, given, terminal);
    walk.go(found->step);
    auto event = walk.event(type);
    if (format_of(given) != Format::table) {
        write_all((event.exists() ? event.json() : "{}") + "\n");
    } else if (event.exists()) {
        std::cout << type << " happened: event " << event["id"].word << ", about "
                  << event["aggregate_type"].word << " " << event["aggregate_id"].word << "\n";
    } else {
        std::cout << type << " should have happened; without events:read nobody can tell\n";
    }
    return exits::ok;
}

}  // namespace

std::vector<Command> trigger_commands() {
    using Kind = Shape::Kind;
    Shape event{.name = "event",
                .kind = Kind::word,
                .meaning = "The type of the event; without one the list of them is printed.",
                .words = known_events()};
    return {
        {.words = {"trigger"},
         .summary = "Make an event happen, for developers of webhooks",
         .detail = "It really happens: what it takes is done through the API, with customers, "
                   "products and orders that are made up for it and stay, and is paid at the "
                   "sandbox gateway. A server on another machine is left alone without --yes. With "
                   "--to nothing happens: one sample, signed, is sent to that address, its data "
                   "made of the API's examples.",
         .arguments = {{"event", event, true}},
         .flags = {option("yes", Kind::boolean, "Also where the server is not on this machine"),
                   option("to", Kind::text, "Only send a sample to this receiver",
                          "http://localhost:3000/webhooks"),
                   option("secret", Kind::text, "With --to: sign with this secret, whsec_…")},
         .examples = {"trigger order.shipped",
                      "trigger order.paid --to http://localhost:3000/webhooks", "trigger"},
         .act = trigger},
    };
}

}  // namespace stateset::cli::client
