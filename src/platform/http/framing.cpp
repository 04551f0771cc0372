#include "platform/http/framing.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace stateset::http {

// VERSION-CONTROL is the longest method IANA knows.
static constexpr std::size_t longest_method = 16;
// Size, extensions and line end of one chunk; nobody we know sends extensions at all.
static constexpr std::size_t longest_chunk_line = 256;
// Fifteen hex digits never overflow 64 bits; more could only be padding.
static constexpr std::size_t longest_chunk_size = 15;
// What a body may claim at once before its bytes arrive.
static constexpr std::size_t body_reserve = 64 * 1024;

using CharacterSet = std::array<bool, 256>;

static constexpr CharacterSet characters(std::string_view others, bool alphanumeric = true) {
    CharacterSet set{};
    for (const char c : others) set[static_cast<unsigned char>(c)] = true;
    for (int c = 0; alphanumeric && c < 128; ++c) {
        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
            set[c] = true;
    }
    return set;
}

static constexpr CharacterSet range(int from, int to, int except = -1) {
    CharacterSet set{};
    for (int c = from; c <= to; ++c) set[c] = c != except;
    return set;
}

static constexpr auto token = characters("!#$%&'*+-.^_`|~");
static constexpr auto method_character = characters("ABCDEFGHIJKLMNOPQRSTUVWXYZ-", false);
static constexpr auto host_character = characters("-._~%!$&'()*+,;=:[]");
static constexpr auto target_character = range(0x21, 0x7e, '#');
static constexpr auto value_character = [] {
    auto set = range(0x20, 0xff, 0x7f);
    set['\t'] = true;
    return set;
}();

static bool all_in(const CharacterSet& set, std::string_view text) {
    return std::ranges::all_of(text, [&](char c) { return set[static_cast<unsigned char>(c)]; });
}

static std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

// Takes what is in the set off the front; false when that is nothing.
static bool skip_some(const CharacterSet& set, std::string_view& text) {
    const auto before = text.size();
    while (!text.empty() && set[static_cast<unsigned char>(text.front())]) text.remove_prefix(1);
    return text.size() < before;
}

static bool skip_quoted(std::string_view& text) {
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == '"') {
            text.remove_prefix(i + 1);
            return true;
        }
    }
    return false;
}

// RFC 9112 7.1.1, without blanks: any number of ;name, ;name=value or ;name="value"
static bool are_extensions(std::string_view text) {
    if (!all_in(value_character, text)) return false;
    while (!text.empty()) {
        if (text.front() != ';') return false;
        text.remove_prefix(1);
        if (!skip_some(token, text)) return false;
        if (!text.starts_with('=')) continue;
        text.remove_prefix(1);
        if (!(text.starts_with('"') ? skip_quoted(text) : skip_some(token, text))) return false;
    }
    return true;
}

static bool decides_framing(std::string_view name) {
    return same_name(name, "host") || same_name(name, "connection") ||
           same_name(name, "content-length") || same_name(name, "transfer-encoding");
}

std::size_t RequestReader::take(std::string_view input) {
    const auto offered = input.size();
    while (stage_ < Stage::complete && step(input)) {
    }
    return offered - input.size();
}

Request RequestReader::release() {
    Request whole = std::move(request_);
    request_ = {};
    stage_ = Stage::start_line;
    started_ = close_ = keep_alive_ = expects_continue_ = chunked_ = empty_line_skipped_ = false;
    minor_ = 1;
    hosts_ = 0;
    scanned_ = block_bytes_ = block_lines_ = chunk_line_bytes_ = remaining_ = 0;
    length_.reset();
    return whole;
}

// Reads one piece. False: nothing more can be done with what is here.
bool RequestReader::step(std::string_view& input) {
    switch (stage_) {
        case Stage::start_line: return read_start_line(input);
        case Stage::headers:
        case Stage::trailers: return read_header(input);
        case Stage::sized_body: return read_sized_body(input);
        case Stage::chunk_size: return read_chunk_size(input);
        case Stage::chunk_data: return read_chunk_data(input);
        case Stage::chunk_end: return read_chunk_end(input);
        case Stage::complete:
        case Stage::failed: break;
    }
    return false;
}

bool RequestReader::read_start_line(std::string_view& input) {
    const auto text = line(input);
    if (!text) {
        if (!failed()) check_partial_start_line(input);
        return false;
    }
    // RFC 9112 2.2: one empty line before a request is forgiven, for clients that end a body with
    // one.
    if (text->empty() && !empty_line_skipped_) return empty_line_skipped_ = true;
    started_ = true;
    parse_start_line(*text);
    return !failed();
}

bool RequestReader::read_header(std::string_view& input) {
    const auto text = line(input);
    const auto more = text ? text->size() + 2 : input.size();
    if (failed()) return false;
    if (block_bytes_ + more > limits_.header_block_bytes) {
        fail(431, "headers_too_large",
             "The header lines together are larger than the server accepts.");
        return false;
    }
    if (!text) return false;
    block_bytes_ += more;
    if (!text->empty()) {
        parse_header(*text);
    } else if (stage_ == Stage::trailers) {
        stage_ = Stage::complete;
    } else {
        end_head();
    }
    return !failed();
}

bool RequestReader::read_sized_body(std::string_view& input) {
    const auto some = std::min(remaining_, input.size());
    request_.body.append(input.substr(0, some));
    input.remove_prefix(some);
    remaining_ -= some;
    if (remaining_ == 0) stage_ = Stage::complete;
    return remaining_ == 0;
}

bool RequestReader::read_chunk_size(std::string_view& input) {
    const auto text = line(input);
    if (failed()) return false;
    if ((text ? text->size() + 2 : input.size()) > longest_chunk_line) {
        return malformed("A chunk's size line is too long."), false;
    }
    if (!text) return false;
    const auto digits = text->substr(0, text->find_first_not_of("0123456789abcdefABCDEF"));
    const auto extension = text->substr(digits.size());
    chunk_line_bytes_ += extension.size();
    if (digits.empty() || digits.size() > longest_chunk_size || !are_extensions(extension)) {
        return malformed("A chunk's size is not a plain hexadecimal number."), false;
    }
    if (chunk_line_bytes_ > limits_.header_block_bytes) {
        return malformed("The chunk extensions are too long."), false;
    }
    remaining_ = 0;
    for (const char c : digits)
        remaining_ = remaining_ * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    if (remaining_ > limits_.body_bytes - request_.body.size()) {
        return fail(413, "body_too_large", "The body is larger than the server accepts."), false;
    }
    stage_ = remaining_ == 0 ? Stage::trailers : Stage::chunk_data;
    return true;
}

bool RequestReader::read_chunk_data(std::string_view& input) {
    const auto some = std::min(remaining_, input.size());
    request_.body.append(input.substr(0, some));
    input.remove_prefix(some);
    remaining_ -= some;
    if (remaining_ == 0) stage_ = Stage::chunk_end;
    return remaining_ == 0;
}

bool RequestReader::read_chunk_end(std::string_view& input) {
    const std::string_view expected = "\r\n";
    if (input.substr(0, 2) != expected.substr(0, std::min<std::size_t>(input.size(), 2))) {
        return malformed("A chunk is longer than its size says."), false;
    }
    if (input.size() < 2) return false;
    input.remove_prefix(2);
    stage_ = Stage::chunk_size;
    return true;
}

// Takes one line, without its CRLF, off the front. Nothing: it is not all here, or its end is not
// CRLF.
std::optional<std::string_view> RequestReader::line(std::string_view& input) {
    const auto from = std::min(scanned_, input.size());
    const auto end = input.find('\n', from);
    const auto carriage_return = input.substr(0, end).find('\r', from);
    if (end == input.npos) {
        if (carriage_return != input.npos && carriage_return + 1 < input.size()) {
            malformed("A carriage return stands alone.");
        }
        scanned_ = carriage_return == input.npos ? input.size() : carriage_return;
        return {};
    }
    if (carriage_return == input.npos || carriage_return + 1 != end) {
        malformed("Lines must end in CR LF, and neither may stand alone.");
        return {};
    }
    const auto text = input.substr(0, carriage_return);
    input.remove_prefix(end + 1);
    scanned_ = 0;
    return text;
}

// Refuses what can no longer become a request line, so that other protocols are told at once.
void RequestReader::check_partial_start_line(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto method = line.substr(0, line.find(' '));
    if (!all_in(method_character, method) || method.size() > longest_method) {
        return malformed("The request does not start with a method in capital letters.");
    }
    if (method.size() == line.size()) return;
    const auto rest = line.substr(method.size() + 1);
    if (std::min(rest.find(' '), rest.size()) > limits_.target_bytes) {
        return fail(414, "target_too_long",
                    "The request target is longer than the server accepts.");
    }
    if (line.size() > longest_method + limits_.target_bytes + sizeof("  HTTP/1.1")) {
        malformed("The request line is too long.");
    }
}

void RequestReader::parse_start_line(std::string_view line) {
    const auto method = line.substr(0, line.find(' '));
    if (method.empty() || method.size() > longest_method || !all_in(method_character, method)) {
        return malformed("The request does not start with a method in capital letters.");
    }
    request_.method = method;
    line.remove_prefix(std::min(method.size() + 1, line.size()));
    const auto target = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(target.size() + 1, line.size()));
    if (target.size() > limits_.target_bytes) {
        return fail(414, "target_too_long",
                    "The request target is longer than the server accepts.");
    }
    if (target.empty() || !all_in(target_character, target)) {
        return malformed("The request target holds characters that must be percent-encoded.");
    }
    if (!parse_version(line)) return;
    parse_target(target);
    if (failed()) return;
    request_.headers.reserve(8);
    stage_ = Stage::headers;
}

bool RequestReader::parse_version(std::string_view text) {
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (text == "HTTP/1.1" || text == "HTTP/1.0") {
        minor_ = text.back() - '0';
        return true;
    }
    if (text.size() == 8 && text.starts_with("HTTP/") && digit(text[5]) && text[6] == '.' &&
        digit(text[7])) {
        fail(505, "version_not_supported", "The server speaks HTTP/1.1 and HTTP/1.0.");
    } else {
        malformed("The request line is not a method, a target and HTTP/1.1.");
    }
    return false;
}

// RFC 9112 3.2: origin-form; absolute-form, of which the path counts; asterisk-form for OPTIONS
// only.
void RequestReader::parse_target(std::string_view target) {
    request_.target = target;
    if (target == "*" && request_.method == "OPTIONS") {
        request_.path = target;
        return;
    }
    if (target.front() != '/') {
        const auto scheme = target.substr(0, target.find("://"));
        if (scheme.size() == target.size() ||
            !(same_name(scheme, "http") || same_name(scheme, "https"))) {
            return malformed("The request target is neither a path nor an http URL.");
        }
        target.remove_prefix(scheme.size() + 3);
        const auto authority = target.substr(0, target.find_first_of("/?"));
        if (authority.empty() || !all_in(host_character, authority)) {
            return malformed("The request target's host is not valid.");
        }
        target.remove_prefix(authority.size());
    }
    const auto path = target.substr(0, target.find('?'));
    request_.path = path.empty() ? "/" : path;
    if (path.size() < target.size()) request_.query = target.substr(path.size() + 1);
}

// One header or trailer line. Trailers are checked alike and then dropped: nobody here needs them.
void RequestReader::parse_header(std::string_view line) {
    if (++block_lines_ > limits_.headers) {
        return fail(431, "headers_too_large",
                    "There are more header lines than the server accepts.");
    }
    if (line.front() == ' ' || line.front() == '\t') {
        return malformed("A header line is folded.");
    }
    const auto name = line.substr(0, line.find(':'));
    if (name.size() == line.size() || name.empty() || !all_in(token, name)) {
        return malformed("A header line is not a name, a colon directly after it, and a value.");
    }
    const auto value = trim(line.substr(name.size() + 1));
    if (!all_in(value_character, value)) {
        return malformed("A header value holds control characters.");
    }
    if (stage_ == Stage::trailers) {
        if (decides_framing(name)) malformed("A trailer may not say how the request is framed.");
        return;
    }
    note(name, value);
    if (!failed()) request_.headers.emplace_back(std::string(name), std::string(value));
}

// Remembers what the header means for framing.
void RequestReader::note(std::string_view name, std::string_view value) {
    switch (name.size()) {
        case 4:
            if (same_name(name, "host")) note_host(value);
            break;
        case 6:
            if (same_name(name, "expect"))
                expects_continue_ = same_name(value, "100-continue") && minor_ == 1;
            break;
        case 10:
            if (same_name(name, "connection")) note_connection(value);
            break;
        case 14:
            if (same_name(name, "content-length")) note_length(value);
            break;
        case 17:
            if (same_name(name, "transfer-encoding")) note_coding(value);
            break;
        default: break;
    }
}

void RequestReader::note_length(std::string_view value) {
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (length_) return malformed("Content-Length is given twice.");
    if (value.empty() || !std::ranges::all_of(value, digit)) {
        return malformed("Content-Length is not one plain decimal number.");
    }
    constexpr auto most = std::numeric_limits<std::size_t>::max();
    std::size_t length = 0;
    for (const char c : value) length = length > most / 10 - 1 ? most : length * 10 + (c - '0');
    length_ = length;
}

void RequestReader::note_coding(std::string_view value) {
    if (chunked_ || value != "chunked" || minor_ == 0) {
        return malformed("The only transfer coding accepted is chunked, once, in HTTP/1.1.");
    }
    chunked_ = true;
}

void RequestReader::note_host(std::string_view value) {
    if (++hosts_ > 1) return malformed("Host is given twice.");
    if (!all_in(host_character, value)) malformed("Host is not a host with an optional port.");
}

void RequestReader::note_connection(std::string_view value) {
    while (!value.empty()) {
        const auto part = value.substr(0, value.find(','));
        value.remove_prefix(std::min(part.size() + 1, value.size()));
        const auto option = trim(part);
        if (!all_in(token, option)) return malformed("Connection is not a list of options.");
        if (same_name(option, "close")) close_ = true;
        if (same_name(option, "keep-alive")) keep_alive_ = true;
    }
}

void RequestReader::end_head() {
    if (hosts_ == 0 && minor_ == 1) return malformed("HTTP/1.1 needs a Host header.");
    if (chunked_ && length_)
        return malformed("Content-Length and Transfer-Encoding exclude each other.");
    if (length_.value_or(0) > limits_.body_bytes) {
        return fail(413, "body_too_large", "The body is larger than the server accepts.");
    }
    remaining_ = length_.value_or(0);
    request_.body.reserve(std::min(remaining_, body_reserve));
    stage_ = chunked_ ? Stage::chunk_size : remaining_ > 0 ? Stage::sized_body : Stage::complete;
}

void RequestReader::fail(int status, std::string_view code, std::string_view detail) {
    stage_ = Stage::failed;
    fault_ = {status, code, detail};
}

}  // namespace stateset::http
