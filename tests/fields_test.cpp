// `fields=`: an answer with only these members.

#include "support/journey.hpp"

namespace stateset::support {
namespace {

class Fields : public Journey {};

TEST_F(Fields, leave_out_whatever_they_do_not_name) {
    auto customer = given.customer();
    auto one = when.get("/customers/" + customer.id + "?fields=id,email");
    EXPECT_EQ(one.json().dump(),
              R"({"id":")" + customer.id + R"(","email":")" + customer.email + R"("})");
    auto many = when.get("/customers?limit=1&fields=id");
    EXPECT_EQ(many["data"].size(), 1u);
    EXPECT_EQ(many["data"][0].keys(), std::vector<std::string>{"id"});
    EXPECT_TRUE(many["next_cursor"].exists());
    EXPECT_EQ(when.get("/customers/" + customer.id + "?fields=no_such").body, "{}");
}

TEST_F(Fields, are_names_with_commas_between) {
    for (const char* text :
         {"", ",", "id,", ",id", "id,,email", "id%20", "ID", "%00", "%F0%9F%A6%84"}) {
        then(when.get("/customers?fields=" + std::string(text)))
            .refused(400, "invalid")
            .names("?fields");
    }
    EXPECT_EQ(when.get("/customers?fields=" + std::string(1000, 'a')).status, 200);
    then(when.get("/customers?fields=" + std::string(1001, 'a'))).names("?fields");
}

TEST_F(Fields, are_no_matter_of_bytes_and_of_writes) {
    then(when.get("/exports/0198c9f2-0000-7000-8000-00000000dead/content?fields=id"))
        .refused(400, "invalid")
        .names("?fields");
    then(when.post("/customers?fields=id", "{}")).refused(400, "invalid").names("?fields");
}

}  // namespace
}  // namespace stateset::support
