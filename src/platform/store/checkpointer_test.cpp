#include "platform/store/checkpointer.hpp"

#include "platform/store/store_testing.hpp"

namespace stateset::store::sqlite {
namespace {

using namespace store_testing;
using namespace std::chrono_literals;

class Checkpoints : public ::testing::Test {
  protected:
    Checkpoints() { writer.run("create table big (a text)"); }
    void write(int rows) {
        writer.run("begin");
        for (int i = 0; i < rows; ++i) writer.run("insert into big values (hex(zeroblob(2000)))");
        writer.run("commit");
    }
    std::int64_t size_of(const std::string& suffix) const {
        std::error_code absent;
        auto size = std::filesystem::file_size(folder.file() + suffix, absent);
        return absent ? 0 : static_cast<std::int64_t>(size);
    }

    Folder folder;
    Connection writer{folder.file(), Access::write};
};

TEST_F(Checkpoints, committed_pages_reach_the_file_while_the_writer_goes_on) {
    Checkpointer checkpointer(folder.file(), {.look = 1ms, .every = 5ms});
    auto before = size_of("");
    write(100);
    EXPECT_TRUE(eventually([&] { return size_of("") >= before + 400'000; }));
    EXPECT_EQ(checkpointer.counters().failed, 0u);
}

TEST_F(Checkpoints, nothing_is_done_while_nothing_is_written) {
    Checkpointer checkpointer(folder.file(), {.look = 1ms, .every = 1ms});
    ASSERT_TRUE(eventually([&] { return checkpointer.counters().passive >= 1; }));
    auto looked = checkpointer.counters().looked;
    auto before = checkpointer.counters().passive;
    ASSERT_TRUE(eventually([&] { return checkpointer.counters().looked > looked + 20; }));
    EXPECT_LE(checkpointer.counters().passive, before + 1);
}

TEST_F(Checkpoints, a_log_that_grows_fast_does_not_wait_for_its_turn) {
    Checkpointer checkpointer(folder.file(), {.look = 1ms, .every = 1h, .passive_bytes = 100'000});
    ASSERT_TRUE(eventually([&] { return checkpointer.counters().passive >= 1; }));
    write(100);
    EXPECT_TRUE(eventually([&] { return checkpointer.counters().passive >= 2; }));
}

TEST_F(Checkpoints, a_very_large_log_is_cut_as_soon_as_its_readers_are_gone) {
    Connection reader(folder.file(), Access::read);
    reader.run("begin; select count(*) from big");  // keeps the log from starting over
    Checkpointer checkpointer(folder.file(),
                              {.look = 1ms, .every = 5ms, .truncate_bytes = 200'000});
    write(100);
    ASSERT_GT(size_of("-wal"), 200'000);
    ASSERT_TRUE(eventually([&] { return checkpointer.counters().busy >= 1; }));
    write(1);  // the writer is not kept out for long
    reader.run("commit");
    EXPECT_TRUE(eventually([&] { return size_of("-wal") == 0; }));
    EXPECT_TRUE(eventually([&] { return checkpointer.counters().truncated >= 1; }));
    auto& count = writer.prepared("select count(*) from big");
    ASSERT_TRUE(count.step());
    EXPECT_EQ(count.column(0), Value(std::int64_t{101}));
    count.reset();
}

TEST_F(Checkpoints, it_stops_promptly_also_while_it_waits_long) {
    auto begun = std::chrono::steady_clock::now();
    {
        Checkpointer checkpointer(folder.file(), {.look = 1h, .every = 1h});
    }
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
}

TEST_F(Checkpoints, a_file_that_cannot_be_opened_is_said_at_once) {
    EXPECT_THROW(Checkpointer(folder.path() + "/absent/x.db", {}), Unavailable);
}

}  // namespace
}  // namespace stateset::store::sqlite
