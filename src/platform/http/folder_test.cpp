#include "platform/http/folder.hpp"

#include <gtest/gtest.h>

#include "folder_docs.hpp"

namespace stateset::http {
namespace {

constexpr File files[] = {{"404.html", "text/html", "\"1\"", "", 0},
                          {"index.html", "text/html", "\"2\"", "", 0},
                          {"guides/returns.html", "text/html", "\"3\"", "", 0},
                          {"api/index.html", "text/html", "\"4\"", "", 0}};

TEST(Folder, finds_a_page_with_and_without_its_suffix_and_the_first_of_a_folder) {
    auto tag = [](std::string_view path) {
        const auto* file = find_file(files, path);
        return file ? file->entity_tag : "none";
    };
    EXPECT_EQ(tag(""), "\"2\"");
    EXPECT_EQ(tag("guides/returns"), "\"3\"");
    EXPECT_EQ(tag("guides/returns.html"), "\"3\"");
    EXPECT_EQ(tag("api/"), "\"4\"");
    EXPECT_EQ(tag("guides/"), "none");
    EXPECT_EQ(tag("guides/returns/"), "none");
    EXPECT_EQ(tag("../guides/returns"), "none");
}

TEST(Folder, compresses_only_for_who_takes_gzip) {
    EXPECT_TRUE(takes_gzip("gzip"));
    EXPECT_TRUE(takes_gzip("br;q=1.0, gzip;q=0.5, *;q=0"));
    EXPECT_TRUE(takes_gzip("*"));
    EXPECT_FALSE(takes_gzip(""));
    EXPECT_FALSE(takes_gzip("br, identity"));
    EXPECT_FALSE(takes_gzip("gzip;q=0"));
    EXPECT_FALSE(takes_gzip("gzip; q=0.000"));
    EXPECT_TRUE(takes_gzip("gzip;q=0.001"));
}

TEST(Folder, holds_every_page_whole) {
    ASSERT_GT(embedded::docs.size(), 30u);
    for (const auto& file : embedded::docs) {
        EXPECT_EQ(unpacked(file).size(), file.size) << file.path;
    }
}

}  // namespace
}  // namespace stateset::http
