// What the workers commit about messages, on a store in memory and with a clock of our own.

#include "notifications/sending.hpp"

#include "platform/store/store_testing.hpp"

namespace stateset::notifications {
namespace {

using store_testing::here;
using store_testing::uuid;

class Sending : public ::testing::Test {
  protected:
    std::shared_ptr<std::atomic<std::int64_t>> clock =
        std::make_shared<std::atomic<std::int64_t>>(hours(1000).micros);
    store_testing::Kernel kernel{{.clock = [clock = clock] { return Time{*clock}; }}};
    work::Schedule schedule{{}, seconds(5), seconds(10)};

    void pass(Span span) { *clock += span.micros; }
    Held add(Uuid event) {
        kernel.run([&](Tx& tx) {
            add_messages(tx, {{here, Message{.event_id = event, .recipient = "ada@example.com"}}});
        });
        auto rows = kernel.memory->rows(store::info<Message>());
        return {here, std::get<Uuid>(rows.back().front())};
    }
    Message message(const Held& of) {
        return kernel.run([&](Tx& tx) { return tx.get<Message>(of.id); });
    }
    std::size_t claimed(const Held& of, const std::string& who = "instance", bool alone = false) {
        return kernel.run([&](Tx& tx) {
            return claim(tx, {.messages = {of}, .owner = who, .lease = seconds(60), .alone = alone})
                .size();
        });
    }
    void settled(const Held& of, Verdict verdict, std::string who = "instance") {
        kernel.run([&](Tx& tx) {
            record(tx, {{.of = of, .owner = who, .verdict = verdict, .attempt = {}}}, schedule);
        });
    }
};

TEST_F(Sending, gives_a_message_to_one_at_a_time_until_the_lease_runs_out) {
    auto one = add(uuid(1));
    EXPECT_EQ(claimed(one), 1u);
    EXPECT_EQ(claimed(one, "other"), 0u);
    EXPECT_EQ(claimed(one, "other", true), 1u) << "whoever is alone takes over from the dead";
    settled(one, Verdict::delivered, "instance");
    EXPECT_EQ(message(one).status, MessageStatus::pending) << "its lease was lost";
    pass(seconds(61));
    EXPECT_EQ(claimed(one), 1u);
    kernel.run([&](Tx& tx) { extend(tx, {one}, "instance", seconds(120)); });
    pass(seconds(61));
    EXPECT_EQ(claimed(one, "other"), 0u) << "who lives keeps its lease";
    settled(one, Verdict::delivered);
    EXPECT_EQ(message(one).status, MessageStatus::delivered);
    EXPECT_EQ(claimed(one), 0u);
}

TEST_F(Sending, follows_the_schedule_and_gives_up_at_its_end) {
    auto one = add(uuid(1));
    for (auto wait : {seconds(5), seconds(10)}) {
        ASSERT_EQ(claimed(one), 1u);
        settled(one, Verdict::failed);
        EXPECT_EQ(message(one).status, MessageStatus::pending);
        EXPECT_EQ(claimed(one), 0u) << "not before its time";
        pass(wait);
    }
    ASSERT_EQ(claimed(one), 1u);
    settled(one, Verdict::failed);
    EXPECT_EQ(message(one).status, MessageStatus::dead);
    EXPECT_EQ(message(one).attempts.size(), 3u);
    EXPECT_FALSE(message(one).next_attempt_at);
    kernel.run([&](Tx& tx) { retry(tx, tx.actor(), {.id = one.id, .reason = {}}); });
    ASSERT_EQ(claimed(one), 1u);
    settled(one, Verdict::failed);
    EXPECT_EQ(message(one).status, MessageStatus::pending) << "the schedule begins anew";
}

TEST_F(Sending, gives_up_at_once_what_is_refused_for_good) {
    auto one = add(uuid(1));
    ASSERT_EQ(claimed(one), 1u);
    settled(one, Verdict::refused);
    EXPECT_EQ(message(one).status, MessageStatus::dead);
}

TEST_F(Sending, counts_no_attempt_that_was_not_made) {
    auto one = add(uuid(1));
    ASSERT_EQ(claimed(one), 1u);
    settled(one, Verdict::not_made);
    EXPECT_TRUE(message(one).attempts.empty());
    EXPECT_EQ(claimed(one, "other"), 1u) << "it is free again";
}

TEST_F(Sending, writes_one_message_for_each_event_and_channel) {
    add(uuid(1));
    add(uuid(2));
    EXPECT_THROW(add(uuid(1)), Refusal);
    kernel.run([&](Tx& tx) {
        add_messages(tx, {{here, Message{.event_id = uuid(1), .channel = Channel::sms}}});
    });
}

TEST_F(Sending, forgets_what_it_is_told_to_and_minds_no_gaps) {
    auto one = add(uuid(1)), other = add(uuid(2));
    for (int i = 0; i < 2; ++i) {
        kernel.run([&](Tx& tx) { forget(tx, {one}); });
    }
    settled(one, Verdict::delivered);
    EXPECT_EQ(kernel.memory->rows(store::info<Message>()).size(), 1u);
    EXPECT_EQ(message(other).status, MessageStatus::pending);
}

}  // namespace
}  // namespace stateset::notifications
