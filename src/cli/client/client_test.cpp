// What must hold for every line of the endpoint table, so that a new route has its command by being
// there.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "app.hpp"
#include "cli/client/arguments.hpp"
#include "cli/client/failure.hpp"
#include "cli/client/help.hpp"
#include "cli/client/options.hpp"
#include "platform/http/api.hpp"

namespace stateset::cli::client {
namespace {

const Catalogue& catalogue() {
    static const auto* api = [] {
        auto* made = new Api;
        routes(*made);
        return made;
    }();
    static const auto* all = new Catalogue(*api);
    return *all;
}

// As a shell divides a line of the kinds that examples have.
std::vector<std::string> divided(const std::string& line) {
    std::vector<std::string> words;
    bool quoted = false, literal = false;
    words.emplace_back();
    for (char c : line) {
        if (literal) {
            words.back() += c;
            literal = false;
        } else if (c == '\\' && !quoted) {
            literal = true;
        } else if (c == '\'') {
            quoted = !quoted;
        } else if (c == ' ' && !quoted) {
            words.emplace_back();
        } else {
            words.back() += c;
        }
    }
    return words;
}

// The bodies that examples take from a file.
class ClientTable : public ::testing::Test {
  protected:
    ClientTable() { std::filesystem::current_path(std::filesystem::temp_directory_path()); }
    ~ClientTable() override {
        std::error_code error;
        std::filesystem::remove("body.json", error);
        std::filesystem::current_path(before_, error);
    }
    static void write_body(const Command& command) {
        auto body = Tree::object();
        for (const auto& flag : command.flags) {
            if (flag.goes == Goes::body && flag.required && !flag.hidden) {
                body.member(flag.path) = example_of(flag.shape);
            }
        }
        std::ofstream("body.json") << body.json();
    }

    std::filesystem::path before_ = std::filesystem::current_path();
};

TEST_F(ClientTable, every_endpoint_has_a_command) {
    std::set<const http::Endpoint*> commanded;
    for (const auto& entry : catalogue().entries()) commanded.insert(entry.endpoint);
    std::set<std::string> paths;
    for (const auto& endpoint : catalogue().api().endpoints()) paths.insert(endpoint->path);
    for (const auto& endpoint : catalogue().api().endpoints()) {
        if (commanded.contains(endpoint.get())) continue;
        // At the root there is what machines ask for, and sign-in once more.
        bool root = !endpoint->path.starts_with("/api/v1/");
        bool websocket = endpoint->status == 101;
        EXPECT_TRUE(root || websocket) << endpoint->method << " " << endpoint->path;
    }
    EXPECT_GT(commanded.size(), 200u);
}

TEST_F(ClientTable, no_two_commands_have_the_same_words) {
    std::map<std::string, int> seen;
    for (const auto& entry : catalogue().entries()) {
        ++seen[joined(entry.words)];
        if (entry.alias.empty()) continue;
        auto other = entry.words;
        other.back() = entry.alias;
        ++seen[joined(other)];
    }
    for (const auto& [words, count] : seen) EXPECT_EQ(count, 1) << words;
    for (const auto& entry : catalogue().entries()) {
        std::size_t taken = 0;
        const auto* found = catalogue().find(entry.words, taken);
        ASSERT_NE(found, nullptr) << joined(entry.words);
        EXPECT_EQ(found->words, entry.words);
    }
}

TEST_F(ClientTable, no_two_flags_of_a_command_have_the_same_name) {
    for (const auto& entry : catalogue().entries()) {
        auto command = catalogue().describe(entry);
        std::map<std::string, int> seen;
        for (const auto& flag : command.flags) {
            ++seen[flag.name];
            for (const auto& other : flag.also) {
                if (other != flag.name) ++seen[other];
            }
        }
        for (const auto& [name, count] : seen) {
            EXPECT_EQ(count, 1) << joined(entry.words) << " --" << name;
        }
    }
}

// A member that is named like an option takes its place. That is meant where both mean the same.
TEST_F(ClientTable, no_member_hides_an_option) {
    const std::set<std::string> meant{"imports create dry-run",
                                      "notifications templates preview data"};
    for (const auto& entry : catalogue().entries()) {
        if (entry.endpoint == nullptr) continue;
        auto command = catalogue().describe(entry);
        Command options{.words = command.words, .endpoint = command.endpoint};
        add_request_options(options);
        add_common_options(options);
        for (const auto& flag : options.flags) {
            const auto* known = command.flag(flag.name);
            bool hidden = known == nullptr || known->goes != Goes::option;
            auto name = joined(command.words) + " " + flag.name;
            EXPECT_EQ(hidden && flag.name != "clear", meant.contains(name)) << name;
        }
    }
}

TEST_F(ClientTable, every_help_has_a_meaning_for_each_flag_and_an_example_that_can_be_run) {
    Terminal terminal("never");
    for (const auto& entry : catalogue().entries()) {
        auto command = catalogue().describe(entry);
        auto name = joined(command.words);
        EXPECT_FALSE(command.summary.empty()) << name;
        ASSERT_FALSE(command.examples.empty()) << name;
        auto help = help_of(command, terminal);
        write_body(command);
        for (const auto& example : command.examples) {
            EXPECT_NE(help.find("\n  stateset " + example), help.npos) << name;
            auto words = divided(example);
            std::size_t taken = 0;
            const auto* found = catalogue().find(words, taken);
            ASSERT_NE(found, nullptr) << example;
            EXPECT_EQ(found->words, command.words) << example;
            words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(taken));
            try {
                read_arguments(command, words);
            } catch (const Failure& fault) {
                ADD_FAILURE() << "stateset " << example << "\n" << fault.what();
            }
        }
        for (const auto& flag : command.flags) {
            EXPECT_FALSE(flag.shape.meaning.empty()) << name << " --" << flag.name;
        }
    }
}

Shape order_lines() {
    Shape line{.kind = Shape::Kind::object};
    line.members = {{.name = "sku", .kind = Shape::Kind::text},
                    {.name = "quantity", .kind = Shape::Kind::integer, .required = true},
                    {.name = "options", .kind = Shape::Kind::map, .element = {{}}},
                    {.name = "serial_numbers",
                     .kind = Shape::Kind::list,
                     .element = {{.kind = Shape::Kind::text}}}};
    line.members[2].element[0].kind = Shape::Kind::text;
    return {.kind = Shape::Kind::list, .element = {line}};
}

TEST(ClientValues, an_element_is_written_as_pairs) {
    auto text = [](const char* words) { return value_from(words, order_lines()).json(); };
    EXPECT_EQ(text("sku=A,quantity=2"), R"([{"sku":"A","quantity":2}])");
    EXPECT_EQ(text(R"(quantity=1,sku=A\,B)"), R"([{"quantity":1,"sku":"A,B"}])");
    EXPECT_EQ(text("quantity=1,options.colour=blue"),
              R"([{"quantity":1,"options":{"colour":"blue"}}])");
    EXPECT_EQ(text("quantity=2,serial-numbers=S1|S2"),
              R"([{"quantity":2,"serial_numbers":["S1","S2"]}])");
    EXPECT_EQ(text(R"([{"sku":"A"},{"sku":"B"}])"), R"([{"sku":"A"},{"sku":"B"}])");
    EXPECT_EQ(text(R"({"sku":"A"})"), R"([{"sku":"A"}])");
    EXPECT_THROW(text("sku=A"), Failure);
    EXPECT_THROW(text("quantity=two"), Failure);
    EXPECT_THROW(text("quantity"), Failure);
    EXPECT_THROW(text("quantity=1,nosuch=1"), Failure);
}

TEST(ClientValues, wrong_ones_are_found_before_they_are_sent) {
    Shape whole{.kind = Shape::Kind::integer, .least = 1, .most = 100};
    EXPECT_EQ(value_from("100", whole).json(), "100");
    for (const char* wrong : {"0", "101", "1.5", "", " 1", "0x1", "99999999999999999999"}) {
        EXPECT_THROW(value_from(wrong, whole), Failure) << wrong;
    }
    Shape decimal{.kind = Shape::Kind::decimal};
    EXPECT_EQ(value_from("-19.99", decimal).json(), R"("-19.99")");
    for (const char* wrong : {"", "-", "1.", ".5", "1,5", "1e3", "--1"}) {
        EXPECT_THROW(value_from(wrong, decimal), Failure) << wrong;
    }
    Shape time{.kind = Shape::Kind::text, .format = "date-time"};
    EXPECT_EQ(value_from("2026-11-22", time).word, "2026-11-22T00:00:00Z");
    EXPECT_THROW(value_from("2026-13-22", time), Failure);
    Shape yes{.kind = Shape::Kind::boolean};
    EXPECT_THROW(value_from("yes", yes), Failure);
}

TEST(ClientText, is_cut_by_characters_and_shows_no_controls) {
    EXPECT_EQ(columns("größe"), 5u);
    EXPECT_EQ(fitted("größer", 4), "grö…");
    EXPECT_EQ(fitted("a\x1b[31mb\nc", 20), "a [31mb c");
}

}  // namespace
}  // namespace stateset::cli::client
