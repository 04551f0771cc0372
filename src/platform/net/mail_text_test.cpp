#include "platform/net/mail_text.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "platform/auth/crypto.hpp"

namespace stateset::net {
namespace {

// The reading side, written anew, so that a fault in the writing one shows.
std::string read_quoted_printable(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '=') {
            out += text[i];
        } else if (text.substr(i, 3) == "=\r\n") {
            i += 2;
        } else {
            out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
            i += 2;
        }
    }
    return out;
}

std::string read_words(std::string text) {
    std::string out;
    for (std::size_t at; (at = text.find("=?UTF-8?B?")) != text.npos;) {
        auto end = text.find("?=", at + 10);
        EXPECT_LE(end + 2 - at, 75u);
        out += *auth::from_base64(text.substr(at + 10, end - at - 10));
        text = text.substr(end + 2);
    }
    return out;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::size_t from = 0;
    for (std::size_t end; (end = text.find("\r\n", from)) != text.npos; from = end + 2) {
        lines.push_back(text.substr(from, end - from));
    }
    lines.push_back(text.substr(from));
    return lines;
}

Mail mail(std::string subject = "Your order") {
    return {.from = {"Shop", "orders@shop.example"},
            .to = "ada@example.com",
            .subject = std::move(subject),
            .text = "Hello",
            .html = "<p>Hello</p>",
            .message_id = "0198@shop.example",
            .date = *time_from("2026-11-02T10:15:30Z")};
}

TEST(MailText, has_the_headers_and_both_parts) {
    EXPECT_EQ(mail_text(mail()),
              "Date: Mon, 2 Nov 2026 10:15:30 +0000\r\n"
              "From: \"Shop\"\r\n <orders@shop.example>\r\n"
              "To: ada@example.com\r\n"
              "Message-ID: <0198@shop.example>\r\n"
              "Subject: Your order\r\n"
              "Auto-Submitted: auto-generated\r\n"
              "MIME-Version: 1.0\r\n"
              "Content-Type: multipart/alternative;\r\n boundary=\"=_0198\"\r\n"
              "\r\n"
              "--=_0198\r\n"
              "Content-Type: text/plain; charset=utf-8\r\n"
              "Content-Transfer-Encoding: quoted-printable\r\n\r\nHello\r\n"
              "--=_0198\r\n"
              "Content-Type: text/html; charset=utf-8\r\n"
              "Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>Hello</p>\r\n"
              "--=_0198--\r\n");
}

TEST(MailText, is_the_same_bytes_each_time) { EXPECT_EQ(mail_text(mail()), mail_text(mail())); }

TEST(MailText, lets_no_text_become_a_header) {
    for (std::string hostile : {"Hi\r\nBcc: eve@example.com", "Hi\nBcc: eve@example.com",
                                "Hi\rBcc: eve@example.com", "\r\n\r\nbody", "Hi\r\n Bcc: folded"}) {
        auto wrong = mail(hostile);
        wrong.from.name = hostile;
        auto head = mail_text(wrong);
        head = head.substr(0, head.find("\r\n\r\n"));
        EXPECT_EQ(lines_of(head).size(), 10u) << head;
        for (const auto& line : lines_of(head)) {
            EXPECT_FALSE(line.starts_with("Bcc")) << head;
            EXPECT_EQ(line.find_first_of("\r\n"), line.npos);
        }
    }
    for (const char* address :
         {"a@b\r\nBcc: c@d", "a@b>,<c@d", "a b@c", "", "@b", "a@", "a", "a,b@c", "-oQ@b"}) {
        EXPECT_FALSE(is_mail_address(address)) << address;
        auto wrong = mail();
        wrong.to = address;
        EXPECT_THROW(mail_text(wrong), std::invalid_argument) << address;
    }
}

TEST(MailText, encodes_what_is_not_plain_in_a_header) {
    EXPECT_EQ(header_text("Your order SO-1001", 9), "Your order SO-1001");
    EXPECT_EQ(header_text("Größe", 9), "=?UTF-8?B?R3LDtsOfZQ==?=");
    std::string cup = "☕", many;
    for (int i = 0; i < 60; ++i) many += i % 2 ? cup : "a";
    for (const std::string& text :
         {std::string("=?UTF-8?Q?not_mine?="), std::string(200, 'x'), many, std::string(" lead")}) {
        auto encoded = header_text(text, 9);
        EXPECT_EQ(read_words(encoded), text);
        std::size_t used = 9;
        for (const auto& line : lines_of(encoded)) {
            EXPECT_LE(line.size() + used, 76u) << line;
            used = 0;
        }
    }
}

TEST(MailText, breaks_no_character_between_encoded_words) {
    std::string text;
    for (int i = 0; i < 50; ++i) text += "é☕";
    auto words = header_text(text, 9);
    for (std::size_t at = 0; (at = words.find("?B?", at)) != words.npos; ++at) {
        auto bytes = *auth::from_base64(words.substr(at + 3, words.find("?=", at) - at - 3));
        EXPECT_NE(static_cast<unsigned char>(bytes.front()) & 0xC0, 0x80);
    }
}

TEST(QuotedPrintable, is_read_back_as_it_was_on_short_lines) {
    std::string controls;
    for (int c = 1; c < 256; ++c) {
        if (c != '\r' && c != '\n') controls += static_cast<char>(c);
    }
    for (const std::string& text :
         {std::string("a=b"), std::string("ends with a space "), std::string("tab\t"), controls,
          std::string(500, 'x'), std::string(500, '='), std::string(".\r\n..\r\n"),
          std::string("Grüße aus Köln\r\nzweite Zeile")}) {
        auto encoded = quoted_printable(text);
        EXPECT_EQ(read_quoted_printable(encoded), text);
        for (const auto& line : lines_of(encoded)) {
            EXPECT_LE(line.size(), 76u);
            EXPECT_FALSE(line.ends_with(' ') || line.ends_with('\t')) << line;
        }
    }
}

TEST(QuotedPrintable, knows_every_kind_of_line_end) {
    EXPECT_EQ(quoted_printable("a\nb\rc\r\nd"), "a\r\nb\r\nc\r\nd");
}

TEST(Mailboxes, are_read_with_and_without_a_name) {
    EXPECT_EQ(mailbox_from("orders@shop.example").address, "orders@shop.example");
    auto box = mailbox_from("\"The Shop\" <orders@shop.example>");
    EXPECT_EQ(box.name, "The Shop");
    EXPECT_EQ(box.address, "orders@shop.example");
    for (const char* wrong : {"", "Shop", "Shop <>", "Shop <a@b", "a@b\r\nX: y"}) {
        EXPECT_THROW(mailbox_from(wrong), std::invalid_argument) << wrong;
    }
}

}  // namespace
}  // namespace stateset::net
