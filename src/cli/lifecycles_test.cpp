#include "cli/lifecycles.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>

namespace stateset::cli {
namespace {

std::string content_of(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

using Names = std::map<std::string, std::string>;

// What the headers declare in this form, each with its namespace, and what it stands for.
Names declared(const std::string& form) {
    Names found;
    std::regex declaration("\n(?:inline )?constexpr " + form);
    auto source = std::filesystem::path(STATESET_SOURCE) / "src";
    for (const auto& entry : std::filesystem::recursive_directory_iterator(source)) {
        if (entry.path().extension() != ".hpp") continue;
        auto text = content_of(entry.path());
        for (std::sregex_iterator at(text.begin(), text.end(), declaration), end; at != end; ++at) {
            auto before = text.substr(0, static_cast<std::size_t>(at->position()));
            auto space = before.substr(before.rfind("\nnamespace stateset::") + 21);
            found[space.substr(0, space.find(' ')) + "::" + (*at)[1].str()] = (*at)[2].str();
        }
    }
    return found;
}

TEST(Lifecycles, are_all_printed) {
    auto printed = content_of(std::filesystem::path(STATESET_SOURCE) / "src/cli/lifecycles.cpp");
    auto is_printed = [&](const std::string& name) {
        return printed.find(", " + name + ")") != std::string::npos;
    };
    auto tables = declared(R"re(Move<\w+, \w+> (\w+)\[(\d*)\])re");
    // Nouns that live the same way share a table under names of their own.
    auto aliases = declared(R"re(auto& (\w+) = (\w+::\w+);)re");
    EXPECT_GT(tables.size(), 15u);
    for (const auto& [table, _] : tables) {
        bool found = is_printed(table) || std::ranges::any_of(aliases, [&](const auto& alias) {
                         return alias.second == table && is_printed(alias.first);
                     });
        EXPECT_TRUE(found) << table << " is not in src/cli/lifecycles.cpp: no page can show it";
    }
}

TEST(Lifecycles, are_all_drawn_in_the_documentation) {
    std::string pages;
    auto concepts = std::filesystem::path(STATESET_SOURCE) / "docs" / "concepts";
    for (const auto& page : std::filesystem::directory_iterator(concepts)) {
        pages += content_of(page.path());
    }
    for (const auto& lifecycle : lifecycles()) {
        auto command = "lifecycles " + std::string(lifecycle.noun) + " --mermaid -->";
        EXPECT_NE(pages.find(command), std::string::npos)
            << "no page of docs/concepts shows the lifecycle of " << lifecycle.noun;
    }
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
