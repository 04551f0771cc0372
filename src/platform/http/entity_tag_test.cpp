#include "platform/http/entity_tag.hpp"

#include <gtest/gtest.h>

namespace stateset::http {
namespace {

TEST(EntityTag, if_none_match_compares_weakly) {
    EXPECT_TRUE(matches_any(R"("3")", R"("3")"));
    EXPECT_TRUE(matches_any(R"(W/"3")", R"("3")"));
    EXPECT_TRUE(matches_any(R"("1", W/"2" ,"3")", R"("3")"));
    EXPECT_TRUE(matches_any(" * ", R"("3")"));
    EXPECT_FALSE(matches_any(R"("33")", R"("3")"));
    EXPECT_FALSE(matches_any(R"("a"3"b")", R"("3")"));
    EXPECT_FALSE(matches_any("3", R"("3")"));
    EXPECT_FALSE(matches_any(R"("3)", R"("3")"));
    EXPECT_FALSE(matches_any("", R"("3")"));
}

TEST(EntityTag, if_match_compares_strongly) {
    EXPECT_EQ(newest_version(R"("3")"), 3);
    EXPECT_EQ(newest_version(R"("3", "5","4")"), 5);
    EXPECT_EQ(newest_version(R"(W/"9", "3")"), 3);
    EXPECT_EQ(newest_version(R"(W/"3")"), std::nullopt);
    EXPECT_EQ(newest_version(R"("abc")"), std::nullopt);
    EXPECT_EQ(newest_version(R"("")"), std::nullopt);
    EXPECT_EQ(newest_version(R"("99999999999999999999")"), std::nullopt);
    EXPECT_EQ(newest_version("3"), std::nullopt);
    EXPECT_EQ(newest_version(""), std::nullopt);
}

TEST(EntityTag, media_types_are_read_with_their_charset) {
    using Pair = std::pair<std::string_view, std::string_view>;
    EXPECT_EQ(media_type("application/json"), Pair("application/json", ""));
    EXPECT_EQ(media_type("application/json ; q=1; Charset=\"utf-8\""),
              Pair("application/json", "utf-8"));
    EXPECT_EQ(media_type("text/plain;charset=latin1"), Pair("text/plain", "latin1"));
    EXPECT_EQ(media_type(";"), Pair("", ""));
}

}  // namespace
}  // namespace stateset::http
