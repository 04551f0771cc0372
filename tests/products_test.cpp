// The catalogue: products, their variants, and the stock that comes with them.

#include <algorithm>
#include <map>

#include "support/journey.hpp"

namespace stateset::support {
namespace {

class Products : public Journey {
  protected:
    std::string sku = given.unique("MUG");
    Reply create(std::string_view more) {
        return when.post("/products",
                         R"({"name":"Mug","sku":")" + sku + R"(",)" + std::string(more) + "}");
    }
    Reply item(const std::string& number) { return when.get("/inventory/items/" + number); }
};

constexpr const char* usd = R"("price":"49.99","currency":"USD")";

TEST_F(Products, a_product_comes_with_its_own_variant_and_its_item) {
    auto reply = create(std::string(usd) + R"(,"track_inventory":true,"brand":"Acme")");
    then(reply).created();
    for (auto [pointer, value] : std::map<std::string, std::string>{{"/sku", sku},
                                                                    {"/price", "49.99"},
                                                                    {"/currency", "USD"},
                                                                    {"/status", "active"},
                                                                    {"/track_inventory", "true"},
                                                                    {"/variants/0/sku", sku},
                                                                    {"/variants/0/name", "Mug"},
                                                                    {"/variants/0/price", "49.99"},
                                                                    {"/version", "1"}}) {
        then(reply).has(pointer, value);
    }
    EXPECT_EQ(when.get("/products/" + reply.id()).body, reply.body);
    then(item(sku)).has("/item_number", sku).has("/uom", "each").has("/balances", "[]");
}

TEST_F(Products, one_without_tracking_gets_its_item_when_tracking_is_switched_on) {
    auto product = create(std::string(usd) + R"(,"track_inventory":false)");
    then(item(sku)).refused(404, "not_found");
    auto reply = when.patch("/products/" + product.id(), R"({"track_inventory":true})");
    then(reply).succeeded().has("/variants/0/track_inventory", "true");
    then(item(sku)).has("/item_number", sku);
}

TEST_F(Products, an_item_that_is_there_already_is_used) {
    auto there = when.post("/inventory/items", R"({"item_number":")" + sku + R"("})");
    then(there).created();
    then(create(usd)).created();
    EXPECT_EQ(item(sku)["id"], there["id"]);
}

TEST_F(Products, prices_are_exact_and_not_negative) {
    struct Case {
        const char *price, *currency, *code;
    };
    for (auto [price, currency, code] :
         {Case{"\"19.999\"", "USD", "too_precise"}, Case{"19.999", "USD", "too_precise"},
          Case{"\"5.5\"", "JPY", "too_precise"}, Case{"\"-1\"", "USD", "too_small"},
          Case{"\"1000000001\"", "USD", "too_large"}, Case{"1e400", "USD", ""},
          Case{"\"NaN\"", "USD", ""}}) {
        auto reply =
            create(std::string(R"("price":)") + price + R"(,"currency":")" + currency + R"(")");
        then(reply).has_code(400).names("/price");
        if (*code) then(reply).has("/errors/0/code", code);
    }
    then(create(R"("price":"1","currency":"XYZ")")).has_code(400).names("/currency");
    then(create(R"("price":"1.234","currency":"KWD")")).created().has("/price", "1.234");
}

TEST_F(Products, every_fault_is_named_at_once) {
    auto reply = when.post("/products", R"({"sku":"","price":"x","currency":"??","colour":1})");
    then(reply).refused(400, "invalid");
    for (auto* pointer : {"/name", "/sku", "/price", "/currency", "/colour"}) {
        then(reply).names(pointer);
    }
}

TEST_F(Products, a_sku_is_taken_by_any_variant) {
    auto other = given.unique("CUP");
    then(create(std::string(usd) + R"(,"variants":[{"sku":")" + other + R"("}])")).created();
    then(create(usd)).refused(409, "already_exists").names("/sku");
    auto reply = when.post("/products", R"({"name":"Cup","sku":")" + other + R"(",)" + usd + "}");
    then(reply).refused(409, "already_exists").names("/sku");
    auto twice = given.unique("BOWL");
    sku = given.unique("DISH");
    then(create(std::string(usd) + R"(,"variants":[{"sku":")" + twice + R"("},{"sku":")" + twice +
                R"("}])"))
        .refused(409, "already_exists");
    then(item(twice)).refused(404, "not_found");
}

TEST_F(Products, changing_the_price_changes_its_own_variant_and_no_other) {
    auto other = given.unique("CUP");
    auto product = create(std::string(usd) + R"(,"variants":[{"sku":")" + other +
                          R"(","price":"9.50","options":{"size":"S"}}])");
    auto reply = when.patch("/products/" + product.id(), R"({"price":"39.90","brand":null})");
    then(reply)
        .succeeded()
        .has("/price", "39.90")
        .has("/variants/0/price", "39.90")
        .has("/variants/1/price", "9.50")
        .has("/variants/1/options/size", "S")
        .has("/brand", "null");
    auto path = "/products/" + product.id() + "/variants/";
    auto own = reply.text("/variants/0/id");
    then(when.patch(path + own, R"({"price":"29.00"})")).succeeded().has("/price", "29.00");
    then(when.get("/products/" + product.id())).has("/price", "29.00");
    then(when.patch("/products/" + product.id(), R"({"price":"1.005"})"))
        .refused(400, "invalid")
        .names("/price");
}

TEST_F(Products, variants_come_and_go_but_its_own_stays) {
    auto product = create(usd);
    auto path = "/products/" + product.id() + "/variants";
    auto other = given.unique("CUP");
    auto variant = when.post(path, R"({"sku":")" + other + R"(","barcode":"4006381333931"})");
    then(variant).has_code(201).has("/price", "49.99").has("/name", "Mug");
    then(item(other)).has("/item_number", other);
    EXPECT_EQ(when.get(path)["data"].size(), 2u);
    then(when.get(path + "/" + variant.id())).has("/barcode", "4006381333931");
    then(when.remove(path + "/" + variant.id())).has_code(204);
    then(when.get(path + "/" + variant.id())).refused(404, "not_found");
    then(when.remove(path + "/" + product.text("/variants/0/id"))).refused(409, "own_variant");
    auto stranger = given.product();
    then(when.get(path + "/" + stranger.json["variants"][0]["id"].text()))
        .refused(404, "not_found");
}

TEST_F(Products, the_lifecycle_is_kept) {
    auto draft = create(std::string(usd) + R"(,"status":"draft")");
    auto path = "/products/" + draft.id();
    then(draft).created().has("/status", "draft");
    then(when.post(path + "/archive")).refused(409, "illegal_transition");
    then(when.post(path + "/activate")).succeeded().has("/status", "active");
    then(when.post(path + "/archive")).succeeded().has("/variants/0/status", "archived");
    then(when.post(path + "/archive")).refused(409, "illegal_transition");
    then(when.post(path + "/activate")).succeeded().has("/variants/0/status", "active");
    sku = given.unique("CUP");
    then(create(std::string(usd) + R"(,"status":"archived")")).has_code(400).names("/status");
}

TEST_F(Products, people_find_them) {
    auto brand = given.unique("Acme");
    auto product = create(std::string(usd) + R"(,"brand":")" + brand + R"(")");
    for (auto filter :
         {"brand=" + brand, "sku=" + sku, "q=" + escaped(brand), "status=active&brand=" + brand}) {
        auto found = when.get("/products?" + filter);
        ASSERT_EQ(found["data"].size(), 1u) << filter << " " << found;
        EXPECT_EQ(found.at("/data/0/id"), product.id());
    }
    EXPECT_EQ(when.get("/products?status=archived&brand=" + brand)["data"].size(), 0u);
}

TEST_F(Products, a_stale_etag_changes_nothing) {
    auto product = create(usd);
    auto path = "/products/" + product.id();
    auto etag = product.header("ETag");
    then(when.patch(path, R"({"name":"Cup"})", {{"If-Match", etag}})).succeeded();
    then(when.patch(path, R"({"name":"Bowl"})", {{"If-Match", etag}}))
        .refused(412, "precondition_failed");
    then(when.get(path)).has("/name", "Cup").has("/variants/0/name", "Cup");
}

TEST_F(Products, one_of_many_created_at_once_with_the_same_sku_wins) {
    auto replies = parallel(8, [&, client = when](int) {
        Client mine(client);
        return mine
            .post("/products", R"({"name":"Mug","sku":")" + sku + R"(",)" + std::string(usd) + "}")
            .status;
    });
    EXPECT_EQ(std::ranges::count(replies, 201), 1);
    EXPECT_EQ(std::ranges::count(replies, 409), 7);
}

}  // namespace
}  // namespace stateset::support
