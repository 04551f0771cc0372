#include "platform/http/openapi_parts.hpp"

#include <algorithm>

#include "platform/json/tape.hpp"

namespace stateset::http {
namespace {

constexpr HeaderDoc headers[] = {
    {"Request-Id", "The id of this request, for questions to the operator.",
     "0198c9f2-6b7a-7c31-9d0e-3f5a8b1c2d4e"},
    {"ETag", "The version of what is shown; send it as If-Match or If-None-Match.", "\"3\""},
    {"Location", "Where the new thing is found.",
     "/api/v1/orders/0198c9f2-6b7a-7c31-9d0e-3f5a8b1c2d4e"},
    {"Retry-After", "Seconds to wait before sending it again.", "1"},
    {"RateLimit", "What is left of the caller's limit, once it is known who calls (IETF draft).",
     "\"caller\";r=3999;t=1"},
    {"RateLimit-Policy", "The limit that counts (IETF draft).", "\"caller\";q=4000;w=2"},
    {"Idempotent-Replayed", "`true` when this is the stored answer of an earlier request.", "true"},
    {"Dry-Run", "`true` when this is only what would have come of it: nothing was kept.", "true"},
    {"Server-Timing", "Time in the database and number of statements.",
     "db;dur=0.412, statements;desc=\"3\""},
    {"WWW-Authenticate", "How to authenticate.", "Bearer"},
};

constexpr ParameterDoc parameters[] = {
    {"RequestId", "header", "Request-Id",
     "An id of your own for this request; it is kept and answered when it is 1 to 128 visible "
     "ASCII "
     "characters, else the server gives its own.",
     R"({"type":"string","maxLength":16384,"pattern":"^[\\t\\u0020-\\u007e\\u0080-\\u00ff]*$"})",
     R"("checkout-42")"},
    {"IdempotencyKey", "header", "Idempotency-Key",
     "Makes it safe to send the request again: the same key and request get the same answer.",
     R"({"type":"string","minLength":1,"maxLength":255,"pattern":"^[\\u0021-\\u007e]*$"})",
     R"("order-1815-attempt-1")"},
    {"IfMatch", "header", "If-Match", "The ETag that the thing must still have; else 412.",
     R"({"type":"string","maxLength":16384,"pattern":"^[\\t\\u0020-\\u007e\\u0080-\\u00ff]*$"})",
     R"("\"3\"")"},
    {"IfNoneMatch", "header", "If-None-Match",
     "The ETag you have; 304 when it is still the current one.",
     R"({"type":"string","maxLength":16384,"pattern":"^[\\t\\u0020-\\u007e\\u0080-\\u00ff]*$"})",
     R"("\"3\"")"},
    {"Fields", "query", "fields", "Only these members, by name, with commas between.",
     R"({"type":"string","minLength":1,"maxLength":1000,"pattern":"^[a-z0-9_]+(?:,[a-z0-9_]+)*$"})",
     R"("id,status")"},
    {"DryRun", "query", "dry_run",
     "`true`: the answer tells what would come of it, with every refusal, and nothing is kept: no "
     "row, event, number or idempotency record, and nobody outside is called (then 202). Ids and "
     "secrets in it are of no use. An Idempotency-Key is neither looked up nor stored.",
     R"({"type":"boolean","default":false})", "true"},
};

constexpr TagDoc tags[] = {
    {"API keys", "Keys for programs: scoped, expiring, shown once."},
    {"Auth", "Logging in, refreshing, logging out, and the keys that sign access tokens."},
    {"Carriers", "Who carries shipments, and what they report."},
    {"Claims", "What customers claim under a warranty."},
    {"Counts", "Counting stock, and correcting it by what was counted."},
    {"Customers", "Who buys, with addresses; what is kept of a person can be exported and erased."},
    {"Events", "All that happened, in one order; to read, to follow, to audit."},
    {"Imports and exports", "Many things at once, from and to files."},
    {"Inventory", "Items, balances, reservations, lots and serial numbers at each location."},
    {"Locations", "Where stock is."},
    {"Manufacturing", "Bills of materials, work orders, and what was made of what."},
    {"Notifications", "What is written to customers, and from which templates."},
    {"Operations", "How the server is."},
    {"Orders", "From the customer's wish to the delivered goods."},
    {"Payments", "Authorising, capturing, refunding; by gateways or by hand."},
    {"Products", "What is sold, in variants."},
    {"Returns", "What comes back, is inspected, and is refunded."},
    {"Roles", "Named sets of permissions."},
    {"Shipments", "What is sent together, until it is delivered."},
    {"System", "Is it alive, is it ready, and this document."},
    {"Taxes", "The rates that orders are taxed by."},
    {"Tenants", "Businesses that share the installation and see nothing of each other."},
    {"Transfers", "Moving stock between locations."},
    {"Users", "People who log in."},
    {"Warranties", "What was promised for goods that were sold."},
    {"Webhooks", "Telling other systems what happened, signed, and again until it arrives."},
};

}  // namespace

const std::string_view problem_schema =
    R"({"type":"object","description":"What went wrong (RFC 9457).","properties":{)"
    R"("type":{"type":"string","format":"uri-reference","description":"Where the code is explained."},)"
    R"("title":{"type":"string","description":"What it is, in few words."},)"
    R"("status":{"type":"integer","format":"int32","minimum":400,"maximum":599,"description":"The HTTP status."},)"
    R"("detail":{"type":"string","description":"What it is this time."},)"
    R"("instance":{"type":["string","null"],"description":"The path that was asked for."},)"
    R"("code":{"type":"string","description":"The rule that said no; programs should look at this."},)"
    R"("request_id":{"type":["string","null"],"description":"The id of the request."},)"
    R"("errors":{"type":"array","description":"Every fault of the request.",)"
    R"("items":{"$ref":"#/components/schemas/Fault"}}},)"
    R"("required":["type","title","status","detail","code"]})";
const std::string_view fault_schema =
    R"({"type":"object","properties":{)"
    R"("pointer":{"type":"string","description":"JSON pointer into the body, or `?name` for a parameter.",)"
    R"("examples":["/items/0/quantity"]},)"
    R"("code":{"type":"string","description":"Which rule is broken.","examples":["too_small"]},)"
    R"("message":{"type":"string","description":"The same in words.","examples":["must be at least 1"]},)"
    R"("params":{"type":"object","additionalProperties":{"type":"string"},)"
    R"("description":"Figures that belong to it, such as `available`."}},)"
    R"("required":["pointer","code","message"]})";

const std::string_view introduction =
    "Orders, stock, payments, shipments and what belongs to them. Every write may carry an "
    "`Idempotency-Key`; every error is `application/problem+json` with a `code` to act on. "
    "Money and stock quantities are decimal strings.";

std::span<const HeaderDoc> answer_headers() { return headers; }
std::span<const ParameterDoc> parameter_docs() { return parameters; }
std::span<const TagDoc> tag_docs() { return tags; }

std::string list(const std::vector<std::string>& elements) {
    std::string text;
    for (const auto& each : elements) text += (text.empty() ? "" : ",") + each;
    return "[" + text + "]";
}

std::string reference(std::string_view kind, std::string_view name) {
    return Object()
        .text("$ref", "#/components/" + std::string(kind) + "/" + std::string(name))
        .json();
}

namespace {

constexpr int deepest_example = 6;

json::Node member(const json::Node& object, std::string_view name) {
    for (auto at = object.first(); at; at = at.next()) {
        if (at.key() == name) return at;
    }
    return {};
}

std::string text_of(const json::Node& node) {
    std::string text;
    json::write(text, node);
    return text;
}

// What stands behind {"$ref":"#/components/schemas/Name"}.
std::string resolved(const std::string& schema, const json::Definitions& named) {
    auto tape = json::parse(schema);
    auto reference = member(tape.root(), "$ref");
    if (!reference) return schema;
    auto name = reference.text().substr(reference.text().rfind('/') + 1);
    auto found = named.all().find(std::string(name));
    return found == named.all().end() ? "{}" : found->second;
}

bool has_type(const json::Node& schema, std::string_view type) {
    auto types = member(schema, "type");
    if (!types) return false;
    if (types.kind() == json::Kind::string) return types.text() == type;
    for (auto at = types.first(); at; at = at.next()) {
        if (at.text() == type) return true;
    }
    return false;
}

std::string example_at(const std::string& given, const json::Definitions& named, int depth);

std::string object_example(const json::Node& schema, const json::Definitions& named, int depth) {
    Object object;
    auto required = member(schema, "required");
    auto properties = member(schema, "properties");
    for (auto at = properties.first(); properties && at; at = at.next()) {
        bool needed = false;
        for (auto name = required.first(); required && name; name = name.next()) {
            needed = needed || name.text() == at.key();
        }
        if (needed) object.add(at.key(), example_at(text_of(at), named, depth + 1));
    }
    return object.json();
}

std::string example_at(const std::string& given, const json::Definitions& named, int depth) {
    auto own = json::parse(given);
    if (auto examples = member(own.root(), "examples")) return text_of(examples.first());
    auto schema = resolved(given, named);
    auto tape = json::parse(schema);
    auto root = tape.root();
    if (auto examples = member(root, "examples")) return text_of(examples.first());
    if (auto words = member(root, "enum")) return text_of(words.first());
    if (auto choices = member(root, "anyOf")) {
        return example_at(text_of(choices.first()), named, depth + 1);
    }
    if (has_type(root, "null")) return "null";
    if (has_type(root, "array")) {
        bool enough = depth > deepest_example;
        return enough ? "[]" : "[" + example_at(text_of(member(root, "items")), named, depth) + "]";
    }
    if (has_type(root, "object")) return object_example(root, named, depth);
    if (has_type(root, "string")) return member(root, "pattern") ? R"("1")" : R"("text")";
    if (has_type(root, "boolean")) return "true";
    if (has_type(root, "integer")) return "1";
    return "{}";
}

}  // namespace

bool shows_member(const std::string& schema, std::string_view name,
                  const json::Definitions& named) {
    auto tape = json::parse(resolved(schema, named));
    auto required = member(tape.root(), "required");
    if (!required) return false;
    for (auto at = required.first(); at; at = at.next()) {
        if (at.text() == name) return true;
    }
    return false;
}

std::string element_schema(const std::string& page, const json::Definitions& named) {
    auto tape = json::parse(resolved(page, named));
    auto properties = member(tape.root(), "properties");
    auto data = properties ? member(properties, "data") : json::Node();
    auto items = data ? member(data, "items") : json::Node();
    return items ? text_of(items) : std::string();
}

std::string example_of(const std::string& schema, const json::Definitions& named) {
    return example_at(schema, named, 0);
}

std::string fitting_example(std::string_view example, const std::string& schema) {
    auto tape = json::parse(schema);
    auto root = tape.root();
    bool free = !member(root, "enum") && !member(root, "format");
    if (has_type(root, "string") && free) return quoted(example);
    bool whole = !example.empty() && example.find_first_not_of("0123456789") == example.npos;
    return has_type(root, "integer") && whole ? std::string(example) : std::string();
}

}  // namespace stateset::http
