#include "cli/lifecycles.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

namespace stateset::cli {
namespace {

std::string content_of(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Lifecycles, are_all_printed) {
    std::regex declared(R"re(\n(?:inline )?constexpr Move<\w+, \w+> (\w+)\[\])re");
    auto source = std::filesystem::path(STATESET_SOURCE) / "src";
    auto printed = content_of(source / "cli" / "lifecycles.cpp");
    std::size_t tables = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(source)) {
        if (entry.path().extension() != ".hpp") continue;
        auto text = content_of(entry.path());
        for (std::sregex_iterator at(text.begin(), text.end(), declared), end; at != end; ++at) {
            auto before = text.substr(0, static_cast<std::size_t>(at->position()));
            auto space = before.substr(before.rfind("\nnamespace stateset::") + 21);
            auto name = space.substr(0, space.find(' ')) + "::" + (*at)[1].str();
            EXPECT_NE(printed.find(", " + name + ")"), std::string::npos)
                << name << " is not in src/cli/lifecycles.cpp: no page can show it";
            ++tables;
        }
    }
    EXPECT_GT(tables, 15u);
}

TEST(Lifecycles, have_each_a_name_of_their_own_and_words_as_on_the_wire) {
    std::set<std::string_view> names;
    for (const auto& lifecycle : lifecycles()) {
        EXPECT_TRUE(names.insert(lifecycle.noun).second) << lifecycle.noun;
        for (const auto& [from, action, to] : lifecycle.moves) {
            for (auto word : {from, action, to}) {
                EXPECT_FALSE(word.empty() || word.ends_with('_')) << lifecycle.noun << word;
            }
        }
    }
}

TEST(Lifecycles, are_drawn_from_where_the_noun_begins_to_where_it_ends) {
    Lifecycle door{
        "door",
        {{"open", "close", "closed"}, {"closed", "open", "open"}, {"closed", "brick_up", "gone"}}};
    EXPECT_EQ(mermaid(door),
              "stateDiagram-v2\n    [*] --> open\n    open --> closed: close\n"
              "    closed --> open: open\n    closed --> gone: brick_up\n    gone --> [*]\n");
}

}  // namespace
}  // namespace stateset::cli
