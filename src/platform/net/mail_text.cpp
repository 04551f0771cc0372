#include "platform/net/mail_text.hpp"

#include <algorithm>
#include <ctime>
#include <stdexcept>

#include "platform/auth/crypto.hpp"

namespace stateset::net {
namespace {

constexpr std::size_t longest_address = 254;
constexpr std::size_t longest_line = 76;
constexpr std::string_view crlf = "\r\n";
constexpr std::string_view word_begin = "=?UTF-8?B?", word_end = "?=";

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }
bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}
bool continues_a_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::string on_one_line(std::string_view text) {
    std::string line(text);
    std::ranges::replace_if(line, is_control, ' ');
    return line;
}

std::string encoded_words(std::string_view text, std::size_t used) {
    std::string words;
    while (!text.empty()) {
        auto room =
            longest_line - std::min(used, longest_line / 2) - word_begin.size() - word_end.size();
        auto count = std::min(room / 4 * 3, text.size());
        while (count < text.size() && continues_a_character(text[count])) --count;
        if (!words.empty()) words += "\r\n ";
        words.append(word_begin).append(auth::base64(text.substr(0, count))).append(word_end);
        text.remove_prefix(count);
        used = 1;
    }
    return words;
}

std::string phrase(std::string_view name, std::size_t used) {
    if (!is_ascii(name)) return encoded_words(on_one_line(name), used);
    std::string quoted = "\"";
    for (char c : on_one_line(name)) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

std::string mailbox_text(const Mailbox& box, std::size_t used) {
    if (box.name.empty()) return box.address;
    return phrase(box.name, used) + "\r\n <" + box.address + ">";
}

std::string date_text(Time time) {
    constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::time_t at = time.micros / 1'000'000;
    std::tm parts{};
    gmtime_r(&at, &parts);
    char rest[32];
    std::strftime(rest, sizeof rest, "%Y %H:%M:%S +0000", &parts);
    return std::string(days[parts.tm_wday]) + ", " + std::to_string(parts.tm_mday) + " " +
           months[parts.tm_mon] + " " + rest;
}

std::string part(std::string_view boundary, std::string_view type, std::string_view content) {
    std::string text = "--";
    text.append(boundary).append(crlf);
    text.append("Content-Type: ").append(type).append("; charset=utf-8\r\n");
    text.append("Content-Transfer-Encoding: quoted-printable\r\n\r\n");
    return text + quoted_printable(content) + "\r\n";
}

// One line of quoted-printable, broken where it gets too long.
void append_line(std::string& out, std::string_view line) {
    constexpr const char* digits = "0123456789ABCDEF";
    std::size_t length = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        auto c = static_cast<unsigned char>(line[i]);
        bool space = (c == ' ' || c == '\t') && i + 1 < line.size();
        bool plain = space || (c > ' ' && c < 0x7F && c != '=');
        std::size_t wanted = plain ? 1 : 3;
        if (length + wanted >= longest_line) {
            out += "=\r\n";
            length = 0;
        }
        if (plain) {
            out += line[i];
        } else {
            out += '=';
            out += digits[c >> 4];
            out += digits[c & 15];
        }
        length += wanted;
    }
}

}  // namespace

std::string mail_text(const Mail& mail) {
    if (!is_mail_address(mail.to) || !is_mail_address(mail.from.address) ||
        !is_mail_address(mail.message_id)) {
        throw std::invalid_argument("not an e-mail address");
    }
    // Quoted-printable never holds "=_".
    auto boundary = "=_" + mail.message_id.substr(0, mail.message_id.find('@'));
    std::string text;
    auto header = [&](std::string_view name, std::string_view value) {
        text.append(name).append(": ").append(value).append(crlf);
    };
    header("Date", date_text(mail.date));
    header("From", mailbox_text(mail.from, 6));
    header("To", mail.to);
    header("Message-ID", "<" + mail.message_id + ">");
    header("Subject", header_text(mail.subject, 9));
    header("Auto-Submitted", "auto-generated");
    header("MIME-Version", "1.0");
    header("Content-Type", "multipart/alternative;\r\n boundary=\"" + boundary + "\"");
    text += crlf;
    text += part(boundary, "text/plain", mail.text);
    text += part(boundary, "text/html", mail.html);
    return text + "--" + boundary + "--\r\n";
}

bool is_mail_address(std::string_view text) {
    auto at = text.rfind('@');
    bool parts = at != text.npos && at > 0 && at + 1 < text.size();
    constexpr std::string_view never = " <>()[]\\,;:\"";
    return parts && text.size() <= longest_address && text.front() != '-' &&
           std::ranges::none_of(
               text, [&](char c) { return is_control(c) || never.find(c) != never.npos; });
}

Mailbox mailbox_from(std::string_view text) {
    Mailbox box{.name = {}, .address = std::string(text)};
    auto open = text.rfind('<');
    if (open != text.npos && text.ends_with('>')) {
        box.address = text.substr(open + 1, text.size() - open - 2);
        auto name = text.substr(0, open);
        while (name.ends_with(' ')) name.remove_suffix(1);
        if (name.size() > 1 && name.starts_with('"') && name.ends_with('"')) {
            name = name.substr(1, name.size() - 2);
        }
        box.name = name;
    }
    if (!is_mail_address(box.address)) {
        throw std::invalid_argument("`" + std::string(text) + "` is no sender");
    }
    return box;
}

std::string header_text(std::string_view text, std::size_t used) {
    auto line = on_one_line(text);
    bool plain = is_ascii(line) && line.find("=?") == line.npos &&
                 line.size() + used <= longest_line && !line.starts_with(' ') &&
                 !line.ends_with(' ');
    return plain ? line : encoded_words(line, used);
}

std::string quoted_printable(std::string_view text) {
    std::string out;
    while (true) {
        auto end = text.find_first_of("\r\n");
        append_line(out, text.substr(0, end));
        if (end == text.npos) return out;
        text.remove_prefix(end + (text.substr(end).starts_with(crlf) ? 2 : 1));
        out += crlf;
    }
}

}  // namespace stateset::net
