// What the documentation shows must work as shown.

#include <cstdlib>

#include "support/journey.hpp"

namespace stateset::support {
namespace {

TEST(Examples, the_first_order_goes_its_whole_way_with_curl_alone) {
    auto& server = Server::shared();
    auto key = server.key({"*"});
    auto command = "STATESET_URL=" + server.url() + " STATESET_KEY=" + key +
                   " " STATESET_SOURCE "/examples/first-order.sh > " +
                   (server.data() / "first-order.log").string() + " 2>&1";
    EXPECT_EQ(std::system(command.c_str()), 0) << "see the log in " << server.data();
}

}  // namespace
}  // namespace stateset::support
