// gRPC: the main journey and what must hold for every method, through a client that knows only what
// proto/ declares.

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "app.hpp"
#include "platform/grpc/code.hpp"
#include "platform/grpc/schema.hpp"
#include "platform/http/openapi.hpp"
#include "support/arrivals.hpp"
#include "support/catalogue.hpp"
#include "support/grpc_client.hpp"
#include "support/journey.hpp"

namespace stateset::support {
namespace {

namespace pb = google::protobuf;

// Canonical codes, as they are on the wire.
constexpr int ok = 0, invalid_argument = 3, deadline_exceeded = 4, not_found = 5,
              permission_denied = 7, resource_exhausted = 8, failed_precondition = 9, aborted = 10,
              unavailable = 14, unauthenticated = 16;

Server& a_server() {
    static Server server({.grpc = true});
    return server;
}

class Grpc : public ::testing::Test {
  protected:
    Server& server = a_server();
    Story story{server};
    std::string credential = server.key({"*"});
    GrpcClient grpc{server.grpc_address(), credential};

    RpcReply must(std::string_view method, const std::string& request, const Headers& more = {}) {
        auto reply = grpc.call(method, request, more);
        EXPECT_EQ(reply.code, ok) << method << " " << request << ": " << reply;
        return reply;
    }
    std::string in(const std::string& id, const std::string& more = {}) {
        return R"({"id":")" + id + "\"" + (more.empty() ? "" : "," + more) + "}";
    }
};

TEST_F(Grpc, takes_an_order_from_its_product_to_its_return) {
    auto sku = story.given.unique("MUG");
    auto product =
        must("ProductService/CreateProduct",
             R"({"name":"A mug","price":"49.99","currency":"USD","sku":")" + sku + "\"}");
    EXPECT_EQ(product["status"], "STATUS_ACTIVE");
    EXPECT_EQ(product.trailer("etag"), "\"1\"");
    auto balance = must("InventoryService/ReceiveInventoryItem", in(sku, R"("quantity":"15")"));
    EXPECT_EQ(balance["on_hand"], "15");
    auto customer = must("CustomerService/CreateCustomer",
                         R"({"email":")" + story.given.unique("ada") + R"(@example.com"})");
    auto order = must("OrderService/CreateOrder",
                      R"({"customer_id":")" + customer.id() + R"(","items":[{"sku":")" + sku +
                          R"(","quantity":"2"}],"metadata":{"gift":"yes"}})");
    EXPECT_EQ(order["status"], "STATUS_PENDING");
    EXPECT_EQ(order["metadata"]["gift"], "yes");
    auto payment = must(
        "PaymentService/CreatePayment",
        R"({"method":{"type":"TYPE_CARD","token":"tok_ok"},"order_id":")" + order.id() + "\"}");
    EXPECT_EQ(payment["status"], "STATUS_CAPTURED") << payment;
    must("OrderService/ProcessOrder", in(order.id()));
    auto shipped = must("OrderService/ShipOrder", in(order.id()));
    EXPECT_EQ(shipped["status"], "STATUS_SHIPPED");
    auto shipments = must("ShipmentService/ListShipments", R"({"order_id":")" + order.id() + "\"}");
    auto shipment = shipments["data"][0]["id"].text();
    must("ShipmentService/DeliverShipment", in(shipment));
    auto delivered = must("OrderService/GetOrder", in(order.id(), R"("expand":["EXPAND_ITEMS"])"));
    EXPECT_EQ(delivered["status"], "STATUS_DELIVERED");
    auto line = order["items"][0]["id"].text();
    auto back = must("ReturnService/CreateReturn", R"({"order_id":")" + order.id() +
                                                       R"(","items":[{"order_item_id":")" + line +
                                                       R"(","quantity":"1"}]})");
    must("ReturnService/ApproveReturn", in(back.id()));
    must("ReturnService/ReceiveReturn", in(back.id()));
    auto shown = must("ReturnService/GetReturn", in(back.id()));
    EXPECT_EQ(shown["status"], "STATUS_RECEIVED") << shown;
    auto timeline = must("OrderService/GetOrderTimeline", in(order.id()));
    EXPECT_EQ(timeline["data"][0]["type"], "order.created");
    EXPECT_EQ(timeline["data"][0]["data"]["id"], order.id());
    // HTTP shows the same.
    EXPECT_EQ(story.when.get("/orders/" + order.id())["status"], "delivered");
}

TEST_F(Grpc, shows_every_field_as_http_does) {
    auto order = story.given.delivered_order();
    auto http = story.when.get("/orders/" + order.id);
    auto rpc = must("OrderService/GetOrder", in(order.id));
    for (const auto& name : http.json().keys()) {
        auto value = http[name];
        if (value.is_null() || value.is_array() || value.is_object() || value == "") continue;
        if (value == "false" || value == "0") continue;  // a default is not written
        auto word = rpc[name].text();
        auto prefix = word.rfind(value.text().empty() ? "" : "_");
        if (name.ends_with("_at")) {  // proto writes three digits, or six, or nine
            word.erase(word.find_last_not_of("0Z") + 1);
            value = Json::parse("\"" + value.text().substr(0, word.size()) + "\"");
        }
        bool same = word == value.text();
        std::string lower;
        for (char c : word) lower += static_cast<char>(std::tolower(c));
        EXPECT_TRUE(same || (prefix != word.npos && lower.ends_with(value.text())))
            << name << ": " << value << " is " << word;
    }
    EXPECT_EQ(rpc["items"].size(), http["items"].size());
}

TEST_F(Grpc, changes_what_the_mask_names_and_clears_what_it_names_and_is_not_set) {
    auto customer = story.given.customer();
    auto set = must("CustomerService/UpdateCustomer",
                    in(customer.id, R"("first_name":"Ada","phone":"+44 20 7946 0000")"));
    EXPECT_EQ(set["first_name"], "Ada");
    EXPECT_EQ(set["phone"], "+44 20 7946 0000");
    auto masked = must("CustomerService/UpdateCustomer",
                       in(customer.id, R"("first_name":"Grace","update_mask":"phone")"));
    EXPECT_EQ(masked["first_name"], "Ada") << "only what is named is changed";
    EXPECT_FALSE(masked["phone"].exists()) << "what is named and not set is cleared";
    auto wrong =
        grpc.call("CustomerService/UpdateCustomer", in(customer.id, R"("update_mask":"phone,id")"));
    EXPECT_EQ(wrong.code, invalid_argument);
    EXPECT_EQ(wrong.faults["update_mask"], "UNKNOWN_FIELD") << wrong;
}

TEST_F(Grpc, answers_again_what_was_answered_under_a_key_and_shares_the_keys_with_http) {
    auto sku = story.given.product("KEY").with_stock(9).sku;
    auto request = in(sku, R"("quantity":"2")");
    Headers key{{"idempotency-key", story.given.unique("key")}};
    auto first = must("InventoryService/ReserveInventoryItem", request, key);
    auto again = must("InventoryService/ReserveInventoryItem", request, key);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(first.trailer("idempotent-replayed"), "");
    EXPECT_EQ(again.trailer("idempotent-replayed"), "true");
    auto other =
        grpc.call("InventoryService/ReserveInventoryItem", in(sku, R"("quantity":"3")"), key);
    EXPECT_EQ(other.code, invalid_argument);
    EXPECT_EQ(other.reason, "IDEMPOTENCY_KEY_REUSED");
    // The same key through the other door, with the bytes that gRPC made of the request, and
    // others.
    Client http(server.address(), credential);
    auto path = "/inventory/items/" + sku + "/reserve";
    auto replayed = http.post(path, R"({"quantity":"2"})", {{"Idempotency-Key", key[0].second}});
    EXPECT_EQ(replayed.header("Idempotent-Replayed"), "true") << replayed;
    EXPECT_EQ(replayed.id(), first.id());
    auto spaced = http.post(path, R"({ "quantity": "2" })", {{"Idempotency-Key", key[0].second}});
    EXPECT_EQ(spaced.status, 422) << spaced;
    EXPECT_EQ(story.then.stock(sku).allocated, "2");
}

TEST_F(Grpc, refuses_as_http_does_with_a_reason_and_the_fields_at_fault) {
    auto order = story.given.shipped_order();
    auto cancelled = grpc.call("OrderService/CancelOrder", in(order.id));
    EXPECT_EQ(cancelled.code, failed_precondition) << cancelled;
    EXPECT_EQ(cancelled.reason, "ILLEGAL_TRANSITION");
    EXPECT_EQ(cancelled.info["code"], "illegal_transition");
    EXPECT_EQ(cancelled.info["http_status"], "409");
    EXPECT_FALSE(cancelled.trailer("request-id").empty());

    auto customer = story.given.customer().id;
    auto faulty = grpc.call("OrderService/CreateOrder",
                            R"({"customer_id":")" + customer +
                                R"(","currency":"dollars","items":[{"sku":"MUG","quantity":"1"},)"
                                R"({"sku":"","quantity":"-5"}]})");
    EXPECT_EQ(faulty.code, invalid_argument);
    EXPECT_EQ(faulty.faults["currency"], "UNKNOWN_VALUE") << faulty;
    EXPECT_EQ(faulty.faults["items[2].quantity"], "TOO_SMALL") << "they count from 1";
    EXPECT_EQ(faulty.faults["items[2].sku"], "TOO_SHORT");
    EXPECT_EQ(faulty.faults.size(), 3u) << "every fault at once";

    auto stale = grpc.call("CustomerService/UpdateCustomer", in(customer, R"("first_name":"A")"),
                           {{"if-match", "\"7\""}});
    EXPECT_EQ(stale.code, aborted);
    auto nobody = grpc.call("OrderService/GetOrder", in("0198c9f2-0000-7000-8000-00000000dead"));
    EXPECT_EQ(nobody.code, not_found);
    auto no_id = grpc.call("OrderService/GetOrder", "{}");
    EXPECT_EQ(no_id.code, invalid_argument);
    EXPECT_EQ(no_id.faults["id"], "REQUIRED");
}

TEST_F(Grpc, refuses_what_is_no_message_and_what_it_cannot_know) {
    auto torn = grpc.call_bytes("OrderService/GetOrder", "\x0a\x7f");
    EXPECT_EQ(torn.code, invalid_argument);
    EXPECT_EQ(torn.reason, "UNREADABLE");
    std::string newer = "\xc2\x3e\x01x";  // field 1000, one byte
    auto field = grpc.call_bytes("OrderService/ListOrders", newer);
    EXPECT_EQ(field.code, invalid_argument);
    EXPECT_EQ(field.faults["1000"], "UNKNOWN_FIELD") << field;
    auto word = grpc.call("OrderService/ListOrders", R"({"status":99})");
    EXPECT_EQ(word.code, invalid_argument);
    EXPECT_EQ(word.faults["status"], "UNKNOWN_VALUE") << word;
}

TEST_F(Grpc, understands_times_lists_and_free_values) {
    auto customer = story.given.customer().id;
    auto order = must("OrderService/CreateOrder",
                      R"({"customer_id":")" + customer + R"(","items":[{"sku":")" +
                          story.given.product().sku + R"(","quantity":"1"}],"tags":["a","b"]})");
    EXPECT_EQ(order["tags"][1], "b");
    auto listed = [&](const std::string& after) {
        return must("OrderService/ListOrders",
                    R"({"customer_id":")" + customer + R"(","created_after":")" + after + "\"}");
    };
    EXPECT_EQ(listed("2020-01-01T00:00:00.5Z")["data"].size(), 1u);
    EXPECT_EQ(listed("2099-01-01T00:00:00Z")["data"].size(), 0u);
    auto expanded = must("OrderService/GetOrder",
                         in(order.id(), R"("expand":["EXPAND_CUSTOMER","EXPAND_ITEMS"])"));
    EXPECT_EQ(expanded["customer"]["id"], customer) << expanded;
    auto made = must("NotificationService/CreateNotificationTemplate",
                     R"({"event_type":"order.on_hold","channel":"CHANNEL_SMS","language":"eo",)"
                     R"("text":"{{order.order_number}} waits."})");
    auto preview =
        must("NotificationService/PreviewNotificationTemplate",
             in(made.id(), R"("data":{"order":{"order_number":"SO-7","list":[1,null]}})"));
    EXPECT_EQ(preview["text"], "SO-7 waits.");
}

TEST_F(Grpc, tries_a_command_without_carrying_it_out) {
    const auto& request = grpc::message_type("stateset.v1.ReserveInventoryItemRequest");
    if (!request.FindFieldByName("dry_run")) GTEST_SKIP() << "openapi.json knows no dry_run";
    auto sku = story.given.product("DRY").with_stock(9).sku;
    auto tried =
        must("InventoryService/ReserveInventoryItem", in(sku, R"("quantity":"2","dry_run":true)"));
    EXPECT_EQ(tried.trailer("dry-run"), "true");
    EXPECT_EQ(story.then.stock(sku).allocated, "0");
}

TEST_F(Grpc, takes_messages_up_to_a_limit) {
    auto id = story.given.order().id;
    auto large = grpc.call("OrderService/AddOrderNote",
                           in(id, R"("note":")" + std::string(1'100'000, 'x') + "\""));
    EXPECT_EQ(large.code, resource_exhausted) << large;
    auto fair = grpc.call("OrderService/AddOrderNote",
                          in(id, R"("note":")" + std::string(900'000, 'x') + "\""));
    EXPECT_EQ(fair.code, invalid_argument) << "read, and found too long: " << fair;
}

TEST_F(Grpc, keeps_to_the_callers_deadline) {
    grpc.patience = std::chrono::milliseconds(1);
    auto late = grpc.call("OrderService/ListOrders", "{}");
    EXPECT_EQ(late.code, deadline_exceeded) << late;
}

TEST_F(Grpc, takes_and_gives_bytes_that_are_no_json) {
    auto made =
        must("JobService/CreateImport", R"({"kind":"KIND_PRODUCTS","format":"FORMAT_CSV"})");
    // "c2t1" is base64 of "sku".
    must("JobService/UploadImportChunk", in(made.id(), R"("chunk":"1","content":"c2t1")"));
    auto chunk = must("JobService/GetImportChunk", in(made.id(), R"("chunk":"1")"));
    EXPECT_EQ(chunk["content"], "c2t1");
    EXPECT_EQ(chunk["content_type"], "application/octet-stream");
}

// What must hold for every method.
class EveryMethod : public Grpc {
  protected:
    struct Each {
        std::string name, path, permission;
        bool open;
        const pb::MethodDescriptor* method;
    };
    std::vector<Each> methods() {
        std::map<std::string, Json> operations;
        std::map<std::string, std::string> paths;
        auto document = server.anybody().get("/openapi.json").json();
        for (const auto& path : document["paths"].keys()) {
            for (const auto& each : document["paths"][path].elements()) {
                operations[each["operationId"].text()] = each;
                paths[each["operationId"].text()] = path;
            }
        }
        std::vector<Each> all;
        for (const auto* service : grpc::services()) {
            for (int i = 0; i < service->method_count(); ++i) {
                const auto* method = service->method(i);
                auto name = grpc::operation_of(*method);
                auto operation = operations[name];
                bool open = operation["security"].exists() && operation["security"].size() == 0;
                all.push_back({service->name() + "/" + method->name(), paths[name],
                               operation["x-permission"].text(), open, method});
            }
        }
        return all;
    }
    // A request whose fields in the path lead nowhere.
    static std::string to_nothing(const Each& each) {
        std::string request;
        for (int i = 0; i < each.method->input_type()->field_count(); ++i) {
            const auto& field = *each.method->input_type()->field(i);
            if (each.path.find("{" + field.name() + "}") == each.path.npos) continue;
            bool number = field.cpp_type() == pb::FieldDescriptor::CPPTYPE_INT64;
            request += (request.empty() ? "\"" : ",\"") + field.name() +
                       "\":" + (number ? "\"7\"" : R"("0198c9f2-0000-7000-8000-00000000dead")");
        }
        return "{" + request + "}";
    }
    RpcReply ask(GrpcClient& client, const Each& each, const std::string& request) {
        if (!each.method->server_streaming()) return client.call(each.name, request);
        return client.stream(each.name, request).end();
    }
};

TEST_F(EveryMethod, asks_for_credentials) {
    GrpcClient nobody(server.grpc_address(), "");
    GrpcClient stranger(server.grpc_address(), "sk_live_000000000000000000000000000000000000");
    auto all = methods();
    EXPECT_GT(all.size(), 200u);
    for (const auto& each : all) {
        if (each.open) continue;
        for (auto* client : {&nobody, &stranger}) {
            auto reply = ask(*client, each, to_nothing(each));
            EXPECT_EQ(reply.code, unauthenticated) << each.name << ": " << reply;
        }
    }
}

TEST_F(EveryMethod, asks_for_its_permission) {
    GrpcClient events(server.grpc_address(), server.key({"events:read"}));
    GrpcClient ops(server.grpc_address(), server.key({"ops:read"}));
    for (const auto& each : methods()) {
        if (each.open || each.permission.empty()) continue;
        auto& client = each.permission == "events:read" ? ops : events;
        auto reply = ask(client, each, to_nothing(each));
        EXPECT_EQ(reply.code, permission_denied) << each.name << ": " << reply;
        EXPECT_EQ(reply.reason, "FORBIDDEN");
    }
}

TEST_F(EveryMethod, finds_nothing_where_nothing_is) {
    for (const auto& each : methods()) {
        if (each.open || each.method->server_streaming()) continue;
        auto request = to_nothing(each);
        if (request == "{}") continue;
        auto reply = grpc.call(each.name, request);
        EXPECT_TRUE(reply.code == not_found || reply.code == invalid_argument)
            << each.name << ": " << reply;
        if (reply.code == invalid_argument) {
            EXPECT_FALSE(reply.faults.empty()) << reply;
        }
    }
}

// Each field of each request spoilt as its type allows; the answer names the field.
TEST_F(EveryMethod, names_each_field_that_is_spoilt) {
    int asked = 0;
    for (const auto& each : methods()) {
        if (each.method->server_streaming()) continue;
        const auto& input = *each.method->input_type();
        for (int i = 0; i < input.field_count(); ++i) {
            const auto& field = *input.field(i);
            if (field.name() == "fields") continue;  // names that are none show nothing
            std::string value;
            if (field.cpp_type() == pb::FieldDescriptor::CPPTYPE_ENUM) {
                value = field.is_repeated() ? "[99]" : "99";
            } else if (field.type() == pb::FieldDescriptor::TYPE_STRING && !field.is_repeated()) {
                value = "\"" + std::string(200'001, 'x') + "\"";
            } else {
                continue;
            }
            auto request = to_nothing(each);
            auto member = "\"" + field.name() + "\":";
            if (request.find(member) != request.npos) continue;  // it leads to nothing: told above
            request.pop_back();
            request += (request == "{" ? "" : ",") + member + value + "}";
            auto reply = grpc.call(each.name, request);
            EXPECT_TRUE(reply.code == invalid_argument || reply.code == not_found)
                << each.name << " " << field.name() << ": " << reply;
            if (reply.code == invalid_argument) {
                // There the required parameter is told first.
                bool named = reply.faults.size() > 0 && each.path.ends_with("lookup");
                for (const auto& [at, _] : reply.faults) named |= at.starts_with(field.name());
                EXPECT_TRUE(named) << each.name << " " << field.name() << ": " << reply;
                ++asked;
            }
        }
    }
    EXPECT_GT(asked, 200);
}

class GrpcEvents : public Grpc {
  protected:
    std::string head() {
        wait_for_the_log(story.when);
        std::string position, after;
        while (true) {
            auto page =
                story.when.get("/events?limit=100" + (after.empty() ? "" : "&after=" + after));
            if (page["data"].size() == 0) return position;
            position = after = page["data"][page["data"].size() - 1]["position"].text();
        }
    }
};

TEST_F(GrpcEvents, go_on_after_the_last_one_without_a_gap) {
    auto last = head();
    std::vector<std::string> wanted, seen;
    for (int i = 0; i < 60; ++i) wanted.push_back(story.given.product("ROW").sku);
    while (seen.size() < wanted.size()) {
        auto stream = grpc.stream("EventService/StreamEvents",
                                  R"({"types":"product.created","after":")" + last + "\"}");
        for (int i = 0; i < 25 && seen.size() < wanted.size(); ++i) {
            auto event = stream.next();
            ASSERT_TRUE(event.exists()) << "after " << seen.size();
            seen.push_back(event["data"]["sku"].text());
            last = event["position"].text();
        }
    }
    EXPECT_EQ(seen, wanted);
}

TEST_F(GrpcEvents, begin_with_what_comes_next_and_show_only_what_the_caller_may_read) {
    GrpcClient reader(server.grpc_address(), server.key({"events:read", "orders:read"}));
    auto stream = reader.stream("EventService/StreamEvents", "{}");
    story.given.product("UNSEEN");
    auto order = story.given.order();
    auto event = stream.next();
    ASSERT_TRUE(event.exists());
    EXPECT_EQ(event["type"], "order.created");
    EXPECT_EQ(event["aggregate_id"], order.id);
    EXPECT_FALSE(stream.next(std::chrono::milliseconds(300)).exists());
    auto refused = grpc.stream("EventService/StreamEvents", R"({"after":"yesterday"})").end();
    EXPECT_EQ(refused.code, invalid_argument);
    EXPECT_EQ(refused.faults["after"], "MALFORMED");
}

TEST(GrpcDoor, says_that_it_drains_ends_streams_and_stops) {
    Server server({.arguments = {"--drain-s", "30"}, .grpc = true});
    GrpcClient client(server.grpc_address(), server.key({"*"}));
    auto health = [&](const std::string& service) {
        return client
            .call("grpc.health.v1.Health/Check", R"({"service":")" + service + "\"}")["status"]
            .text();
    };
    EXPECT_EQ(health(""), "SERVING");
    EXPECT_EQ(health("stateset.v1.OrderService"), "SERVING");
    auto stream = client.stream("EventService/StreamEvents", "{}");
    ::kill(server.process(), SIGTERM);
    EXPECT_TRUE(eventually(std::chrono::seconds(10), [&] { return health("") == "NOT_SERVING"; }));
    EXPECT_EQ(health("stateset.v1.OrderService"), "NOT_SERVING");
    EXPECT_EQ(client.call("OrderService/ListOrders", "{}").code, ok) << "it serves on";
    auto ended = stream.end();
    EXPECT_EQ(ended.code, unavailable) << ended;
    EXPECT_EQ(server.stop(), 0);
}

TEST(GrpcDoor, refuses_an_address_that_is_taken) {
    Server server({.grpc = true});
    auto folder = (server.data() / "another").string();
    auto second = run_stateset(
        {"serve", "--data", folder, "--http", "127.0.0.1:0", "--grpc", server.grpc_address()});
    EXPECT_EQ(second.status, 1);
    EXPECT_NE(second.output.find("cannot serve gRPC at " + server.grpc_address()),
              std::string::npos)
        << second.output;
}

std::string output_of(const std::string& command) {
    std::string text;
    auto* pipe = ::popen((command + " 2>&1").c_str(), "r");
    char buffer[4096];
    while (auto count = std::fread(buffer, 1, sizeof buffer, pipe)) text.append(buffer, count);
    ::pclose(pipe);
    return text;
}

TEST(GrpcCodes, are_chosen_for_every_code_of_the_api) {
    Api api;
    routes(api);
    for (const auto* code : http::all_codes(api)) {
        auto chosen = grpc::canonical(code->name, code->status);
        bool ours = code->status == 500 || code->status == 505;
        EXPECT_EQ(chosen == grpc::Canonical::internal, ours)
            << code->name << " " << code->status << " needs a line in platform/grpc/code.cpp";
    }
    EXPECT_EQ(grpc::canonical("outcome_unknown", 503), grpc::Canonical::unknown);
    EXPECT_EQ(grpc::name(grpc::Canonical::failed_precondition), "FAILED_PRECONDITION");
}

// What tools/protos.py says when the API is another one than the committed files know.
std::string protos_check(const std::string& document) {
    auto file = std::filesystem::temp_directory_path() /
                ("stateset-openapi-" + std::to_string(::getpid()) + ".json");
    std::ofstream(file) << document;
    auto source = std::string(STATESET_SOURCE);
    auto said =
        output_of("python3 " + source + "/tools/protos.py --check --openapi " + file.string());
    std::filesystem::remove(file);
    return said;
}

TEST(Protos, name_what_would_break_a_client) {
    std::ifstream file(std::string(STATESET_SOURCE) + "/openapi.json");
    std::string document{std::istreambuf_iterator<char>(file), {}};
    auto without = [&](const std::string& pointer) {
        return protos_check(changed(document, pointer, ""));
    };
    EXPECT_EQ(protos_check(document), "");
    auto has = [](const std::string& text, const std::string& part) {
        EXPECT_NE(text.find(part), std::string::npos) << part << " is not in: " << text;
    };
    has(without("/paths/~1api~1v1~1customers/post"), "CustomerService.CreateCustomer is gone");
    has(without("/components/schemas/Customer/properties/email"), "Customer.email is gone");
    has(protos_check(changed(document, "/components/schemas/Customer/properties/email",
                             R"({"type":"integer"})")),
        "Customer.email was string and is int64");
    has(without("/components/schemas/Customer/properties/version"),
        "is not what openapi.json says");
}

// The client that people have at hand. `./dev test` installs it.
std::string grpcurl() {
    auto here = std::filesystem::path(STATESET_BINARY).parent_path() / "tools/grpcurl";
    return std::filesystem::exists(here) ? here.string() : "";
}

TEST_F(Grpc, serves_grpcurl_out_of_the_box) {
    if (grpcurl().empty()) {
        GTEST_SKIP() << "grpcurl is not installed (./dev test does it where Go can fetch it)";
    }
    auto ask = [&](const std::string& before, const std::string& after) {
        return output_of(grpcurl() + " -plaintext -max-time 30 " + before + " " +
                         server.grpc_address() + " " + after);
    };
    auto listed = ask("", "list");
    for (const auto* service : grpc::services()) {
        EXPECT_NE(listed.find(service->full_name()), std::string::npos) << listed;
    }
    auto described = ask("", "describe stateset.v1.OrderService.CancelOrder");
    EXPECT_NE(described.find("stateset.v1.CancelOrderRequest"), std::string::npos) << described;
    EXPECT_NE(ask("", "grpc.health.v1.Health/Check").find("SERVING"), std::string::npos);
    auto order = story.given.order();
    auto key = "-H 'x-api-key: " + credential + "' -d '" + in(order.id) + "'";
    auto shown = ask(key, "stateset.v1.OrderService/GetOrder");
    EXPECT_NE(shown.find(order.number), std::string::npos) << shown;
    auto refused = ask("-d '" + in(order.id) + "'", "stateset.v1.OrderService/GetOrder");
    EXPECT_NE(refused.find("Unauthenticated"), std::string::npos) << refused;
    EXPECT_NE(refused.find("google.rpc.ErrorInfo"), std::string::npos) << refused;
}

TEST(GrpcDoor, speaks_tls_when_it_has_a_certificate) {
    auto folder =
        std::filesystem::temp_directory_path() / ("stateset-tls-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    auto certificate = (folder / "cert.pem").string(), key = (folder / "key.pem").string();
    auto made = output_of(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 "
        "-nodes -days 2 -subj /CN=localhost -addext "
        "subjectAltName=DNS:localhost -keyout " +
        key + " -out " + certificate);
    if (!std::filesystem::exists(certificate)) GTEST_SKIP() << "no openssl program: " << made;
    std::ifstream file(certificate);
    std::string pem{std::istreambuf_iterator<char>(file), {}};
    Server server({.arguments = {"--grpc-cert", certificate, "--grpc-key", key}, .grpc = true});
    GrpcClient client(server.grpc_address(), server.key({"*"}), pem);
    EXPECT_EQ(client.call("OrderService/ListOrders", "{}").code, ok);
    GrpcClient plain(server.grpc_address(), server.key({"*"}));
    EXPECT_EQ(plain.call("OrderService/ListOrders", "{}").code, unavailable);
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace stateset::support
