// The operator's `stateset migrate`, and a server that refuses to migrate by itself.

#include "support/journey.hpp"

namespace stateset::support {
namespace {

TEST(Migrate, tells_what_is_pending_applies_it_and_then_has_nothing_to_do) {
    Server server({.start = false, .empty = true});
    auto check = server.run({"migrate", "--check"});
    EXPECT_EQ(check.status, 1) << check.output;
    EXPECT_NE(check.output.find("pending 0001_heart"), std::string::npos) << check.output;
    auto applied = server.run({"migrate"});
    EXPECT_EQ(applied.status, 0) << applied.output;
    EXPECT_NE(applied.output.find("applied 0001_heart"), std::string::npos) << applied.output;
    auto again = server.run({"migrate"});
    EXPECT_EQ(again.status, 0);
    EXPECT_NE(again.output.find("nothing to do"), std::string::npos) << again.output;
    server.start();
    EXPECT_EQ(server.anybody().get("/readyz").status, 200);
}

TEST(Migrate, a_folder_that_a_server_holds_is_refused) {
    ONLY_ON_SQLITE("a PostgreSQL database is shared, and migrations lock it themselves");
    auto& server = Server::shared();
    auto refused = server.run({"migrate"});
    EXPECT_EQ(refused.status, 1);
    EXPECT_NE(refused.output.find(server.data().string()), std::string::npos) << refused.output;
}

TEST(Migrate, serve_with_migrate_off_refuses_while_some_are_pending) {
    Server server({.arguments = {"--migrate", "off"}, .start = false, .empty = true});
    EXPECT_THROW(server.start(), std::exception);
    EXPECT_NE(server.log().find("stateset migrate"), std::string::npos) << server.log();
}

}  // namespace
}  // namespace stateset::support
