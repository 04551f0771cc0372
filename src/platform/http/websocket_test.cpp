#include "platform/http/websocket.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace stateset::http::websocket {
namespace {

using namespace std::string_literals;

std::string masked(int first, std::string_view payload, std::string head = {}) {
    constexpr std::string_view mask = "\xa1\x02\x83\x04";
    std::string out(1, static_cast<char>(first));
    out += head.empty() ? std::string(1, static_cast<char>(0x80 | payload.size())) : head;
    out += mask;
    for (std::size_t i = 0; i < payload.size(); ++i) {
        out += static_cast<char>(payload[i] ^ mask[i % mask.size()]);
    }
    return out;
}

// What came of some bytes: "text:a ping:b close:1000:", or the code of the fault at its end.
std::string story(std::string_view bytes, std::size_t at_once = 1, std::size_t most = 300) {
    FrameReader reader(most);
    std::string told;
    auto on = [&](Message&& message) {
        switch (message.opcode) {
            case Opcode::text: told += "text:"; break;
            case Opcode::ping: told += "ping:"; break;
            case Opcode::pong: told += "pong:"; break;
            default: told += "close:" + std::to_string(message.close_code) + ":";
        }
        told += message.payload + " ";
    };
    while (!bytes.empty()) {
        if (auto& fault = reader.take(bytes.substr(0, at_once), on)) {
            return told + std::to_string(static_cast<int>(fault->code));
        }
        bytes.remove_prefix(std::min(at_once, bytes.size()));
    }
    return told;
}

struct Row {
    std::string name, bytes, told;
};

TEST(FrameReader, takes_what_a_client_may_send_and_fails_everything_else_with_the_rfcs_code) {
    auto big = std::string(200, 'x');
    const std::vector<Row> rows{
        {"a text", masked(0x81, "hello"), "text:hello "},
        {"an empty text", masked(0x81, ""), "text: "},
        {"two texts", masked(0x81, "a") + masked(0x81, "b"), "text:a text:b "},
        {"a longer text", masked(0x81, big, "\xfe\x00\xc8"s), "text:" + big + " "},
        {"fragments", masked(0x01, "a") + masked(0x00, "b") + masked(0x80, "c"), "text:abc "},
        {"an empty last fragment", masked(0x01, "a") + masked(0x80, ""), "text:a "},
        {"a ping amid fragments", masked(0x01, "a") + masked(0x89, "p") + masked(0x80, "b"),
         "ping:p text:ab "},
        {"a letter in two fragments", masked(0x01, "\xc3") + masked(0x80, "\xa9"),
         "text:\xc3\xa9 "},
        {"a ping", masked(0x89, "p"), "ping:p "},
        {"a ping of 125 bytes", masked(0x89, std::string(125, 'p')),
         "ping:" + std::string(125, 'p') + " "},
        {"a pong nobody asked for", masked(0x8a, ""), "pong: "},
        {"a close without a code", masked(0x88, ""), "close:1005: "},
        {"a close", masked(0x88, "\x03\xe8"s + "bye"), "close:1000:bye "},
        {"a close of its own kind", masked(0x88, "\x0f\xa0"s), "close:4000: "},
        {"nothing after a close", masked(0x88, "") + masked(0x81, "a"), "close:1005: "},

        {"not masked", "\x81\x01"s + "a", "1002"},
        {"reserved bit 1", masked(0xc1, "a"), "1002"},
        {"reserved bit 2", masked(0xa1, "a"), "1002"},
        {"reserved bit 3", masked(0x91, "a"), "1002"},
        {"opcode 3", masked(0x83, "a"), "1002"},
        {"opcode 11", masked(0x8b, "a"), "1002"},
        {"binary", masked(0x82, "a"), "1003"},
        {"a fragmented ping", masked(0x09, "a"), "1002"},
        {"a fragmented close", masked(0x08, ""), "1002"},
        {"a ping of 126 bytes", masked(0x89, std::string(126, 'p'), "\xfe\x00\x7e"s), "1002"},
        {"nothing to continue", masked(0x80, "a"), "1002"},
        {"a text amid fragments", masked(0x01, "a") + masked(0x81, "b"), "1002"},
        {"a short length in two bytes", masked(0x81, "a", "\xfe\x00\x01"s), "1002"},
        {"a short length in eight", masked(0x81, big, "\xff\0\0\0\0\0\0\0\xc8"s), "1002"},
        {"a length beyond 63 bits", masked(0x81, "", "\xff\xff\0\0\0\0\0\0\0"s), "1002"},
        {"301 bytes", masked(0x81, std::string(301, 'x'), "\xfe\x01\x2d"s), "1009"},
        {"exabytes", masked(0x81, "", "\xff\x10\0\0\0\0\0\0\0"s), "1009"},
        {"301 bytes in fragments",
         masked(0x01, big, "\xfe\x00\xc8"s) + masked(0x80, std::string(101, 'x')), "1009"},
        {"no UTF-8", masked(0x81, "\xff"), "1007"},
        {"half a letter", masked(0x81, "\xc3"), "1007"},
        {"a close of one byte", masked(0x88, "\x03"), "1002"},
        {"a close code nobody may send", masked(0x88, "\x03\xed"s), "1002"},
        {"a close code nobody knows", masked(0x88, "\x07\xd0"s), "1002"},
        {"a close code below all", masked(0x88, "\x03\xe7"s), "1002"},
        {"a close whose reason is no UTF-8", masked(0x88, "\x03\xe8\xff"s), "1007"},
    };
    for (const auto& row : rows) {
        for (std::size_t at_once : {1u, 2u, 3u, 7u, 1000u}) {
            EXPECT_EQ(story(row.bytes, at_once), row.told) << row.name << ", by " << at_once;
        }
    }
}

TEST(FrameReader, takes_a_message_of_exactly_its_limit) {
    EXPECT_EQ(story(masked(0x81, std::string(300, 'x'), "\xfe\x01\x2c"s)),
              "text:" + std::string(300, 'x') + " ");
}

TEST(Frames, have_their_lengths_in_the_shortest_form) {
    EXPECT_EQ(frame(Opcode::text, "hi"), "\x81\x02hi");
    EXPECT_EQ(frame(Opcode::text, std::string(125, 'a')).substr(0, 2), "\x81\x7d");
    EXPECT_EQ(frame(Opcode::text, std::string(126, 'a')).substr(0, 4), "\x81\x7e\x00\x7e"s);
    EXPECT_EQ(frame(Opcode::text, std::string(65535, 'a')).substr(0, 4), "\x81\x7e\xff\xff"s);
    EXPECT_EQ(frame(Opcode::text, std::string(65536, 'a')).substr(0, 10),
              "\x81\x7f\0\0\0\0\0\x01\0\0"s);
    EXPECT_EQ(close_frame(Close::going_away, "bye"), "\x88\x05\x03\xe9"s + "bye");
    EXPECT_EQ(close_frame(Close::normal, std::string(200, 'x')).size(), 2u + 125u);
}

// RFC 6455 1.3
TEST(Handshake, is_accepted_as_the_rfc_shows) {
    Request request{.headers = {{"Upgrade", "WebSocket"},
                                {"Connection", "keep-alive, Upgrade"},
                                {"Sec-WebSocket-Version", "13"},
                                {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}}};
    auto response = accept(request);
    EXPECT_EQ(response.status, 101);
    EXPECT_EQ(response.headers[1].name, "Sec-WebSocket-Accept");
    EXPECT_EQ(response.headers[1].value, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(Handshake, is_refused_when_any_of_it_is_missing_or_wrong) {
    const std::vector<Header> sound{{"Upgrade", "websocket"},
                                    {"Connection", "Upgrade"},
                                    {"Sec-WebSocket-Version", "13"},
                                    {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
    const std::vector<std::pair<Header, int>> spoilt{
        {{"Upgrade", "h2c"}, 426},
        {{"Upgrade", ""}, 426},
        {{"Connection", "keep-alive"}, 426},
        {{"Sec-WebSocket-Version", "8"}, 426},
        {{"Sec-WebSocket-Version", "013"}, 426},
        {{"Sec-WebSocket-Key", ""}, 400},
        {{"Sec-WebSocket-Key", "dGhlIHNhbXBsZQ=="}, 400},
        {{"Sec-WebSocket-Key", "not base 64 at all ===="}, 400},
    };
    for (const auto& [header, status] : spoilt) {
        Request request{.headers = sound};
        for (auto& one : request.headers) {
            if (one.name == header.name) one.value = header.value;
        }
        try {
            accept(request);
            ADD_FAILURE() << header.name << ": " << header.value << " is accepted";
        } catch (const Refusal& refusal) {
            EXPECT_EQ(refusal.code().status, status) << header.name << ": " << header.value;
        }
    }
    Request twice{.headers = sound};
    twice.headers.push_back(sound.back());
    EXPECT_THROW(accept(twice), Refusal);
    Request with_body{.headers = sound, .body = "x"};
    EXPECT_THROW(accept(with_body), Refusal);
}

}  // namespace
}  // namespace stateset::http::websocket
