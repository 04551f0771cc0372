// Imports and exports: files that become things line by line, and things that become files. What
// is wrong with a line costs that line; a crash does none twice and leaves none out.

#include <algorithm>

#include "support/journey.hpp"
#include "support/together.hpp"

namespace stateset::support {
namespace {

std::string in_quotes(const std::string& text) {
    std::string out = "\"";
    for (char c : text) {
        if (c == '\n') {
            out += "\\n";
        } else if (c == '\r') {
            out += "\\r";
        } else {
            if (c == '"' || c == '\\') out += '\\';
            out += c;
        }
    }
    return out + "\"";
}

// Asks until the job has ended.
Reply ended(Client& client, const std::string& path) {
    Reply reply;
    EXPECT_TRUE(eventually(std::chrono::seconds(120), [&] {
        reply = client.get(path);
        auto status = reply["status"].text();
        return status != "running" && status != "pending";
    })) << reply;
    return reply;
}

class Jobs : public Journey {
  protected:
    Reply import(const std::string& kind, const std::string& content,
                 const std::string& more = {}) {
        auto begun =
            when.post("/imports", R"({"kind":")" + kind + R"(","content":)" + in_quotes(content) +
                                      "," + (more.empty() ? R"("format":"csv")" : more) + "}");
        then(begun).created();
        return ended(when, "/imports/" + begun.id());
    }
    std::string exported(const std::string& kind, const std::string& format,
                         const std::string& since) {
        auto begun = when.post("/exports", R"({"kind":")" + kind + R"(","format":")" + format +
                                               R"(","created_after":")" + since + "\"}");
        then(begun).created();
        auto done = ended(when, "/exports/" + begun.id());
        EXPECT_EQ(done["status"], "completed") << done;
        auto reply = when.get("/exports/" + begun.id() + "/content");
        EXPECT_EQ(reply.status, 200) << reply;
        auto first = when.get("/exports/" + begun.id() + "/content?chunk=1");
        EXPECT_TRUE(reply.body.starts_with(first.body));
        return reply.body;
    }
};

TEST_F(Jobs, a_file_with_bad_lines_says_what_is_wrong_where_and_does_the_others) {
    auto a = given.unique("A"), b = given.unique("B"), c = given.unique("C");
    auto job = import("products",
                      "\xEF\xBB\xBF"
                      "sku,name,price,currency,metadata.colour,tags\r\n" +
                          a + ",\"Mug, \"\"large\"\"\nand blue\",9.99,USD,blue,x|y\r\n" + b +
                          ",Mug,free,USD,,\r\n" + c + ",Mug,1.00\r\n" + a + ",Mug,1.00,USD,,\r\n");
    EXPECT_EQ(job["status"], "completed") << job;
    EXPECT_EQ(job["lines_read"], 4);
    EXPECT_EQ(job["lines_done"], 1);
    EXPECT_EQ(job["lines_failed"], 3);
    EXPECT_EQ(job["progress"], 100);
    auto errors = when.get("/imports/" + job.id() + "/errors")["data"];
    ASSERT_EQ(errors.size(), 3u) << errors;
    EXPECT_EQ(errors[0]["line"], 4);
    EXPECT_EQ(errors[0]["field"], "price");
    EXPECT_EQ(errors[0]["pointer"], "/price");
    EXPECT_EQ(errors[1]["line"], 5);
    EXPECT_EQ(errors[1]["code"], "wrong_size");
    EXPECT_EQ(errors[2]["line"], 6);
    EXPECT_EQ(errors[2]["code"], "already_exists");
    auto product = when.get("/products?sku=" + a)["data"][0];
    EXPECT_EQ(product["name"], "Mug, \"large\"\nand blue");
    EXPECT_EQ(product["metadata"]["colour"], "blue");
    EXPECT_EQ(product["tags"].size(), 2u);
}

TEST_F(Jobs, a_dry_run_looks_at_every_line_and_changes_nothing) {
    auto sku = given.unique("DRY");
    auto job = import("products", "sku,name,price,currency\n" + sku + ",Mug,1.00,USD\n,Mug,1,USD\n",
                      R"("format":"csv","dry_run":true)");
    EXPECT_EQ(job["status"], "completed") << job;
    EXPECT_EQ(job["lines_done"], 1);
    EXPECT_EQ(job["lines_failed"], 1);
    EXPECT_EQ(when.get("/products?sku=" + sku)["data"].size(), 0u);
}

TEST_F(Jobs, upsert_changes_what_is_there) {
    auto product = given.product("UP", "5.00");
    auto line =
        R"({"sku":")" + product.sku + R"(","name":"Newer","price":"6.00","currency":"USD"})";
    auto job = import("products", line + "\n", R"("format":"jsonl","mode":"upsert")");
    EXPECT_EQ(job["lines_done"], 1) << job;
    then.thing("/products", product.id).has("/name", "Newer").has("/price", "6.00");
    auto email = given.customer().email;
    auto changed = import("customers", "email,first_name\n" + email + ",Grace\n",
                          R"("format":"csv","mode":"upsert")");
    EXPECT_EQ(changed["lines_done"], 1) << changed;
    EXPECT_EQ(when.get("/customers?email=" + escaped(email))["data"][0]["first_name"], "Grace");
}

TEST_F(Jobs, stock_and_orders_come_in_by_their_own_rules) {
    auto product = given.product("IN", "10.00");
    auto customer = given.customer();
    auto stock = import("stock", "sku,quantity,on_hand\n" + product.sku + ",7,\n" + product.sku +
                                     ",,9\n" + product.sku + ",1,1\nnone-such,1,\n");
    EXPECT_EQ(stock["lines_done"], 2) << stock;
    EXPECT_EQ(stock["lines_failed"], 2) << stock;
    then.stock_is(product.sku, {"9", "0", "9"});
    auto orders = import("orders",
                         R"({"customer_email":")" + customer.email + R"(","items":[{"sku":")" +
                             product.sku + R"(","quantity":2}]})" + "\n{broken\n",
                         R"("format":"jsonl")");
    EXPECT_EQ(orders["lines_done"], 1) << orders;
    EXPECT_EQ(orders["lines_failed"], 1) << orders;
    EXPECT_EQ(when.get("/orders?customer_id=" + customer.id)["data"][0]["total"], "20.00");
}

TEST_F(Jobs, a_file_in_pieces_starts_when_all_are_there_and_goes_on_where_a_cut_was) {
    auto job = when.post("/imports", R"({"kind":"products","format":"csv"})");
    auto path = "/imports/" + job.id();
    then(when.post(path + "/start")).refused(409, "chunks_missing");
    auto sku = given.unique("PART");
    then(when.put(path + "/chunks/2", "ug,1.00,USD\n")).succeeded();
    then(when.post(path + "/start")).refused(409, "chunks_missing");
    then(when.put(path + "/chunks/1", "nonsense")).succeeded();
    then(when.put(path + "/chunks/1", "sku,name,price,currency\n" + sku + ",M")).succeeded();
    then(when.put(path + "/chunks/3", "\xC3")).refused(400, "unreadable");
    then(when.post(path + "/start")).succeeded();
    then(when.put(path + "/chunks/2", "late")).refused(409, "illegal_transition");
    auto done = ended(when, path);
    EXPECT_EQ(done["lines_done"], 1) << done;
    EXPECT_EQ(when.get("/products?sku=" + sku)["data"][0]["name"], "Mug");
    then(when.post(path + "/cancel")).refused(409, "illegal_transition");
}

TEST_F(Jobs, a_header_that_cannot_be_used_fails_the_whole) {
    auto job = import("products", "sku,prize\nA,1\n");
    EXPECT_EQ(job["status"], "failed") << job;
    EXPECT_NE(job["failure"].text().find("`price`"), std::string::npos) << job;
    then(when.post("/imports", R"({"kind":"products","format":"csv","content":""})"))
        .refused(400, "unreadable");
}

TEST_F(Jobs, need_the_permission_of_their_kind_and_are_found_by_their_tenant_only) {
    auto job = when.post("/imports", R"({"kind":"products","format":"csv"})");
    auto reader = server.anybody().as(server.key({"products:read", "customers:create"}));
    then(reader.get("/imports/" + job.id())).refused(404, "not_found");
    then(reader.post("/imports", R"({"kind":"products","format":"csv"})"))
        .refused(403, "job_permission_needed");
    EXPECT_EQ(reader.get("/imports?kind=products")["data"].size(), 0u);
    auto stranger = server.other_tenant(given.unique("importers"));
    then(stranger.get("/imports/" + job.id())).refused(404, "not_found");
    then(stranger.post("/imports/" + job.id() + "/cancel")).refused(404, "not_found");
    then(when.post("/imports/" + job.id() + "/cancel")).has("/status", "cancelled");
}

TEST_F(Jobs, what_was_exported_comes_in_again_as_it_was) {
    Server other;
    Story there(other);
    auto sku = given.unique("=CMD");
    auto made = when.post("/products", R"({"sku":)" + in_quotes(sku) +
                                           R"(,"name":"+Mug, \"big\"","price":"3.50",)"
                                           R"("currency":"USD","metadata":{"a":"b"},)"
                                           R"("tags":["x","y|z"],"variants":[{"sku":")" +
                                           sku + R"(-L","price":"4.00","options":{"size":"L"}}]})");
    then(made).created();
    auto since = made["created_at"].text();
    for (std::string format : {"csv", "jsonl"}) {
        auto file = exported("products", format, since);
        bool harmless = format != "csv" || file.find("\n'=CMD") != file.npos ||
                        file.find(",'=CMD") != file.npos;
        EXPECT_TRUE(harmless) << file;
        auto begun =
            there.when.post("/imports", R"({"kind":"products","mode":"upsert","format":")" +
                                            format + R"(","content":)" + in_quotes(file) + "}");
        auto done = ended(there.when, "/imports/" + begun.id());
        EXPECT_EQ(done["lines_failed"], 0)
            << done << there.when.get("/imports/" + begun.id() + "/errors");
        auto again = there.when.get("/products?sku=" + escaped(sku))["data"][0];
        for (auto* member : {"name", "price", "metadata", "tags", "status", "backorder"}) {
            EXPECT_EQ(again[member], made[member]) << member;
        }
        auto variants = there.when.get("/products/" + again["id"].text() + "/variants");
        EXPECT_EQ(variants["data"].size(), 2u) << variants;
    }
    for (std::string kind : {"customers", "stock", "orders"}) {
        given.order();
        EXPECT_FALSE(exported(kind, "csv", since).empty());
    }
}

std::string two_thousand_products(const std::string& prefix) {
    std::string file = "sku,name,price,currency\n";
    for (int i = 1; i <= 2000; ++i) {
        bool bad = i % 200 == 0;
        file += prefix + std::to_string(i) + ",Thing," + (bad ? "much" : "1.00") + ",USD\n";
    }
    return file;
}

TEST(JobsInCrashes, an_import_goes_on_after_a_kill_and_does_no_line_twice) {
    Server server;
    Story story(server);
    auto& [given, when, then] = story;
    auto begun = when.post("/imports", R"({"kind":"products","format":"csv","content":)" +
                                           in_quotes(two_thousand_products("P")) + "}");
    auto path = "/imports/" + begun.id();
    for (int deaths = 0; deaths < 3; ++deaths) {
        auto seen = when.get(path)["lines_done"].number();
        auto now = seen;
        EXPECT_TRUE(eventually(std::chrono::seconds(60),
                               [&] {
                                   now = when.get(path)["lines_done"].number();
                                   return now > seen + 50;
                               }))
            << "it stands still at line " << now;
        EXPECT_LT(now, 1990) << "it was done before the kill";
        server.kill();
        server.start();
    }
    auto done = ended(when, path);
    EXPECT_EQ(done["status"], "completed") << done;
    EXPECT_EQ(done["lines_read"], 2000);
    EXPECT_EQ(done["lines_done"], 1990);
    EXPECT_EQ(done["lines_failed"], 10);
    auto errors = when.get(path + "/errors");
    ASSERT_EQ(errors["data"].size(), 10u);
    EXPECT_EQ(errors["data"][0]["line"], 201);
    auto count = server.database().ask("select count(*) from products where sku like 'P%'");
    EXPECT_EQ(count[0][0], "1990");
    auto verified = server.run({"verify"});
    EXPECT_EQ(verified.status, 0) << verified.output;
}

TEST(JobsInCrashes, a_cancelled_import_stops_and_old_files_are_forgotten) {
    Server server;
    Story story(server);
    auto& [given, when, then] = story;
    auto begun = when.post("/imports", R"({"kind":"products","format":"csv","content":)" +
                                           in_quotes(two_thousand_products("C")) + "}");
    auto path = "/imports/" + begun.id();
    ASSERT_TRUE(eventually(std::chrono::seconds(60),
                           [&] { return when.get(path)["lines_done"].number() > 0; }));
    then(when.post(path + "/cancel")).has("/status", "cancelled");
    auto stopped = when.get(path)["lines_done"].number();
    EXPECT_LT(stopped, 1990);
    auto file = when.post("/exports", R"({"kind":"products","format":"jsonl"})");
    EXPECT_EQ(ended(when, "/exports/" + file.id())["status"], "completed");
    EXPECT_EQ(when.get(path)["lines_done"], stopped);
    auto count = server.database().ask("select count(*) from products where sku like 'C%'");
    EXPECT_EQ(count[0][0], std::to_string(stopped));
    // As if it were long ago: ids follow time.
    server.database().ask("update job_chunks set id = " +
                          server.database().literal("01000000-0000-7000-8000-000000000001") +
                          " where job_id = " + server.database().literal(file.id()));
    server.restart();
    Reply gone;
    eventually(std::chrono::seconds(30), [&] {
        gone = when.get("/exports/" + file.id() + "/content");
        return gone.status != 200;
    });
    then(gone).refused(410, "content_gone");
}

}  // namespace
}  // namespace stateset::support
