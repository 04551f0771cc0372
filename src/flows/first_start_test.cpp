// Several instances that start on the same empty database at the same moment.

#include "flows/first_start.hpp"

#include <latch>
#include <set>

#include "flows/administer.hpp"
#include "identity/sessions.hpp"
#include "platform/auth/installation.hpp"
#include "platform/store/store_testing.hpp"
#include "sql.hpp"

namespace stateset::flows {
namespace {

constexpr int instances = 4, turns = 5;

// What each of them does before it serves.
struct Instance {
    explicit Instance(const std::string& file)
        : committer(store::sqlite::open_store(file), {}),
          reads([file] { return store::sqlite::open_reader(file); },
                std::make_shared<const Cursors>("secret"), {}) {}
    ~Instance() {
        reads.stop();
        committer.stop();
    }
    Committer committer;
    ReadPool reads;
    std::string secret, refused;
    std::optional<Administrator> shown;

    void start() {
        secret = identity::keyring(committer).refresh;
        shown = first_start(committer, reads, {});
    }
};

struct Nothing {};

TEST(FirstStart, of_several_instances_at_once_makes_everything_once_and_shows_the_login_once) {
    for (int turn = 0; turn < turns; ++turn) {
        store_testing::Folder folder;
        {
            store::sqlite::Connection connection(folder.file(), store::sqlite::Access::write);
            store::sqlite::migrate(connection, store::Migrate::apply);
        }
        std::vector<std::unique_ptr<Instance>> all;
        for (int i = 0; i < instances; ++i) {
            all.push_back(std::make_unique<Instance>(folder.file()));
        }
        std::latch begin(instances);
        {
            std::vector<std::jthread> threads;
            for (auto& one : all) {
                threads.emplace_back([&] {
                    begin.arrive_and_wait();
                    one->start();
                });
            }
        }
        auto shown = std::ranges::count_if(all, [](auto& one) { return one->shown.has_value(); });
        EXPECT_EQ(shown, 1);
        std::set<std::string> secrets;
        for (auto& one : all) secrets.insert(one->secret);
        EXPECT_EQ(secrets.size(), 1u);
        auto tenants = all.front()->reads.run(no_tenant, [](Reads& from) {
            return from.all<identity::Organization>(sql::identity::tenants, Nothing{});
        });
        ASSERT_EQ(tenants.size(), 1u);
        EXPECT_EQ(tenants.front().number, 1);
        EXPECT_EQ(tenants.front().administrators, 1);
    }
}

TEST(FirstStart, still_tells_when_what_was_configured_cannot_be_taken) {
    store_testing::Folder folder;
    {
        store::sqlite::Connection connection(folder.file(), store::sqlite::Access::write);
        store::sqlite::migrate(connection, store::Migrate::apply);
    }
    Instance one(folder.file());
    EXPECT_THROW(first_start(one.committer, one.reads,
                             {.email = "no address", .password = "correct horse battery staple"}),
                 std::runtime_error);
}

}  // namespace
}  // namespace stateset::flows
