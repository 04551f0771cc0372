#include "notifications/built_in.hpp"

#include <gtest/gtest.h>

#include "notifications/occasions.hpp"

namespace stateset::notifications {
namespace {

TEST(BuiltInTemplates, have_no_faults_and_leave_no_tag_unwritten) {
    for (const auto& one : built_in_templates()) {
        Wording source{.subject = one.subject, .text = one.text, .html = one.html};
        for (const auto& fault : faults_of(one.event_type, one.channel, source)) {
            ADD_FAILURE() << one.event_type << " " << one.language << " " << fault.pointer << ": "
                          << fault.message;
        }
        auto made = worded(one.channel, source, example_of(one.event_type));
        for (const auto& text : {made.subject, std::optional(made.text), made.html}) {
            if (!text) continue;
            EXPECT_FALSE(text->empty()) << one.event_type;
            EXPECT_EQ(text->find("{{"), text->npos) << *text;
            EXPECT_EQ(text->find("  "), text->npos) << "a value is missing: " << *text;
        }
        EXPECT_NE(made.text.find("1001"), made.text.npos) << made.text;
    }
}

TEST(BuiltInTemplates, are_there_on_both_channels_in_every_language_they_have) {
    std::map<std::string, int> count;
    for (const auto& one : built_in_templates()) ++count[one.language];
    EXPECT_EQ(count, (std::map<std::string, int>{{"de", 14}, {"en", 14}}));
}

TEST(BuiltInTemplates, tell_what_was_ordered_and_where_it_is) {
    for (const auto& one : built_in_templates()) {
        if (one.language != "en" || one.channel != Channel::email) continue;
        Wording source{.subject = one.subject, .text = one.text, .html = one.html};
        auto made = worded(one.channel, source, example_of(one.event_type));
        if (one.event_type == "order.created") {
            EXPECT_EQ(made.text,
                      "Hello Ada,\n\nthank you for your order SO-1001:\n\n2 × Enamel mug\n\n"
                      "Total: 104.98 USD");
        }
        if (one.event_type == "order.shipped") {
            EXPECT_EQ(*made.subject, "Your order SO-1001 has shipped");
            EXPECT_EQ(made.text, "Hello Ada,\n\nyour order SO-1001 has shipped.\nsandbox: SBX1001");
        }
    }
}

TEST(Wordings, are_one_line_in_a_subject_and_cut_where_they_get_too_long) {
    Wording source{.subject = "{{a}}", .text = "{{b}}"};
    std::string data =
        R"({"a":"x\r\nBcc: eve@example.com\u0000","b":")" + std::string(1500, 'y') + "\"}";
    auto mail = worded(Channel::email, source, data);
    EXPECT_EQ(*mail.subject, "x  Bcc: eve@example.com ");
    EXPECT_EQ(mail.text.size(), 1500u);
    auto sms = worded(Channel::sms, source, data);
    EXPECT_EQ(sms.text.size(), 1000u);
    EXPECT_FALSE(sms.subject || sms.html);
}

TEST(Occasions, are_the_events_of_orders_and_what_hangs_from_them) {
    EXPECT_TRUE(names_for("order.shipped"));
    EXPECT_TRUE(names_for("return.completed"));
    for (auto other : {"order", "order.updated", "customer.created", "inventory.received", ""}) {
        EXPECT_FALSE(names_for(other)) << other;
    }
}

}  // namespace
}  // namespace stateset::notifications
