#include "platform/store/retention.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "platform/store/sqlite.hpp"

namespace stateset::store {
namespace {

TEST(Retention, forgets_answers_after_their_time_and_keeps_those_still_running) {
    auto folder =
        std::filesystem::temp_directory_path() / ("stateset-retention-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    auto file = (folder / "stateset.db").string();
    {
        sqlite::Connection connection(file, sqlite::Access::write);
        sqlite::migrate(connection, Migrate::apply);
    }
    {
        Committer committer(sqlite::open_store(file), {});
        ReadPool reads([&] { return sqlite::open_reader(file); },
                       std::make_shared<const Cursors>("secret"), {});
        auto keep = [&](const char* scope, Progress progress) {
            committer.run(system_actor(7), [&](Tx& tx) {
                tx.add(IdempotencyRecord{.id = tx.new_id(), .scope = scope, .progress = progress});
            });
        };
        keep("answered", Progress::done);
        keep("running", Progress::running);
        auto there = [&](const char* scope) {
            return committer.run(system_actor(7), [&](Tx& tx) {
                return tx.find<&IdempotencyRecord::scope>(scope) != nullptr;
            });
        };
        Retention patient(committer, reads, {.keep = hours(1)});
        EXPECT_EQ(patient.forget(), 0u);
        EXPECT_TRUE(there("answered"));
        Retention hasty(committer, reads, {.keep = seconds(0)});
        EXPECT_EQ(hasty.forget(), 1u);
        EXPECT_FALSE(there("answered"));
        EXPECT_TRUE(there("running"));
    }
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace stateset::store
