#include "platform/redis/connection.hpp"

#include <gtest/gtest.h>

#include "platform/redis/redis_testing.hpp"

namespace stateset::redis {
namespace {

Connection::Options patient() { return {.connect_timeout = 1s, .command_timeout = 1s}; }

std::string refusal_of(std::string_view url) {
    try {
        address_from(url);
    } catch (const std::invalid_argument& refusal) {
        return refusal.what();
    }
    return {};
}

TEST(RedisAddress, names_hosts_credentials_and_database) {
    auto address = address_from("redis://app:p%40ss@one:7000,[::1]:7001,three/4");
    ASSERT_EQ(address.hosts.size(), 3U);
    EXPECT_EQ(address.hosts[0].text(), "one:7000");
    EXPECT_EQ(address.hosts[1].name, "::1");
    EXPECT_EQ(address.hosts[1].port, 7001);
    EXPECT_EQ(address.hosts[2].text(), "three:6379");
    EXPECT_EQ(address.user, "app");
    EXPECT_EQ(address.password, "p@ss");
    EXPECT_EQ(address.database, 4);
    EXPECT_EQ(address_from("redis://:secret@one").user, "");
    EXPECT_EQ(address_from("redis://one/").database, 0);
}

TEST(RedisAddress, is_refused_without_showing_the_password) {
    for (auto url : {"", "http://one", "redis://", "redis://one:x", "redis://one:0",
                     "redis://one:70000", "redis://one,", "redis://one/x", "redis://secret@one",
                     "redis://:secret%4@one", "redis://:secret@one:port", "redis://[::1",
                     "redis://[::1]7000", "rediss://:secret@one"}) {
        auto refusal = refusal_of(url);
        EXPECT_FALSE(refusal.empty()) << url;
        EXPECT_EQ(refusal.find("secret"), refusal.npos) << refusal;
    }
    EXPECT_NE(refusal_of("rediss://one").find("TLS"), std::string::npos);
}

TEST(RedisConnection, answers_a_group_in_its_order) {
    TestServer server;
    Connection connection(server.address(), patient());
    auto replies = connection.ask({{"SET", "a", std::string("x\0y", 3)},
                                   {"GET", "a"},
                                   {"INCR", "a"},
                                   {"INCR", "n"},
                                   {"MGET", "a", "none"}});
    ASSERT_TRUE(replies) << replies.unavailable;
    ASSERT_EQ(replies.all.size(), 5U);
    EXPECT_EQ(replies.all[1].text, std::string("x\0y", 3));
    EXPECT_TRUE(replies.all[2].is_error()) << "one that fails harms no other";
    EXPECT_EQ(replies.all[3].number, 1);
    ASSERT_EQ(replies.all[4].list.size(), 2U);
    EXPECT_EQ(replies.all[4].list[1].kind, Reply::Kind::nothing);
}

TEST(RedisConnection, carries_more_than_the_sockets_hold) {
    TestServer server;
    Connection connection(server.address(), {.connect_timeout = 1s, .command_timeout = 10s});
    std::string large(1'000'000, 'x');
    std::vector<Command> commands;
    for (int i = 0; i < 20; ++i) commands.push_back({"ECHO", large});
    auto replies = connection.ask(commands);
    ASSERT_TRUE(replies) << replies.unavailable;
    for (const auto& reply : replies.all) EXPECT_EQ(reply.text, large);
}

TEST(RedisConnection, sends_a_script_once_and_again_when_it_was_forgotten) {
    TestServer server;
    Connection connection(server.address(), patient());
    Command script{"EVAL", "return {KEYS[1], ARGV[1]}", "1", "key", "value"};
    auto calls = [&](const std::string& command) {
        auto text = server.tell({"INFO", "commandstats"}).text;
        auto at = text.find("cmdstat_" + command + ":calls=");
        return at == text.npos ? 0 : std::atoi(text.c_str() + text.find('=', at) + 1);
    };
    for (int i = 0; i < 3; ++i) {
        auto replies = connection.ask({script, {"PING"}, script});
        ASSERT_TRUE(replies);
        EXPECT_EQ(replies.all[0].list.at(1).text, "value");
        EXPECT_EQ(replies.all[2].list.at(0).text, "key");
    }
    EXPECT_EQ(calls("eval"), 2) << "of the first group only";
    EXPECT_EQ(calls("evalsha"), 4);
    server.tell({"SCRIPT", "FLUSH"});
    auto replies = connection.ask({{"PING"}, script, {"ECHO", "last"}});
    ASSERT_TRUE(replies);
    EXPECT_EQ(replies.all[1].list.at(1).text, "value");
    EXPECT_EQ(replies.all[2].text, "last");
}

TEST(RedisConnection, uses_the_password_and_the_database) {
    TestServer server({"--requirepass", "secret"});
    auto url = "redis://:secret@" + server.host() + "/3";
    Connection connection(address_from(url), patient());
    ASSERT_TRUE(connection.ask({{"SET", "here", "1"}}));
    auto info = connection.ask({{"INFO", "keyspace"}});
    EXPECT_NE(info.all[0].text.find("db3:keys=1"), std::string::npos);

    Connection wrong(address_from("redis://:wrong@" + server.host()), patient());
    auto refused = wrong.ask({{"PING"}});
    EXPECT_FALSE(refused);
    EXPECT_NE(refused.unavailable.find("WRONGPASS"), std::string::npos) << refused.unavailable;
}

TEST(RedisConnection, uses_the_master_wherever_it_stands_and_follows_a_promotion) {
    TestServer master, replica;
    replica.follow(master);
    auto address = address_from("redis://" + replica.host() + "," + master.host());
    Connection connection(address, patient());
    auto first = connection.ask({{"SET", "key", "value"}});
    ASSERT_TRUE(first) << first.unavailable;
    replica.promote();
    master.kill();
    EXPECT_FALSE(connection.ask({{"PING"}}));
    Replies second;
    ASSERT_TRUE(becomes_true([&] {
        return bool(second = connection.ask({{"SET", "key", "new"}}));
    })) << second.unavailable;
    EXPECT_GT(second.connection, first.connection);
    EXPECT_EQ(replica.tell({"GET", "key"}).text, "new");
}

TEST(RedisConnection, leaves_a_master_that_was_demoted_although_it_answers) {
    TestServer master, other;
    Connection connection(master.address(), patient());
    ASSERT_TRUE(connection.ask({{"PING"}}));
    master.follow(other);
    Replies replies;
    ASSERT_TRUE(becomes_true([&] { return !(replies = connection.ask({{"GET", "key"}})); }, 2s));
    EXPECT_NE(replies.unavailable.find("slave"), std::string::npos) << replies.unavailable;
}

TEST(RedisConnection, refuses_at_once_between_attempts_and_returns_by_itself) {
    TestServer server;
    std::vector<std::string> said;
    Connection connection(server.address(), {.command_timeout = 1s,
                                             .shortest_break = 50ms,
                                             .log = [&](auto text) { said.emplace_back(text); }});
    ASSERT_TRUE(connection.ask({{"PING"}}));
    server.kill();
    int attempts = 0;
    auto begin = Clock::now();
    auto before = connection.retry_at();
    while (Clock::now() - begin < 1s) {
        EXPECT_FALSE(connection.ask({{"PING"}}));
        if (connection.retry_at() != before) ++attempts;
        before = connection.retry_at();
    }
    EXPECT_GE(attempts, 3);
    EXPECT_LE(attempts, 8) << "50, 100, 200, 400 ms";
    EXPECT_LE(said.size(), 2U) << "not every attempt is worth a line";
    server.start();
    EXPECT_TRUE(becomes_true([&] { return bool(connection.ask({{"PING"}})); }, 3s));
}

TEST(RedisConnection, never_waits_beyond_its_timeout_for_a_paused_server) {
    TestServer server;
    Connection connection(server.address(), {.connect_timeout = 100ms, .command_timeout = 20ms});
    ASSERT_TRUE(becomes_true([&] { return bool(connection.ask({{"PING"}})); }));
    server.pause();
    auto begin = Clock::now();
    EXPECT_FALSE(connection.ask({{"PING"}}));
    auto waited = Clock::now() - begin;
    EXPECT_GE(waited, 19ms);
    EXPECT_LT(waited, 150ms);
    server.resume();
    EXPECT_TRUE(becomes_true([&] { return bool(connection.ask({{"PING"}})); }, 3s));
}

}  // namespace
}  // namespace stateset::redis
