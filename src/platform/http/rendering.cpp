#include "platform/http/rendering.hpp"

#include <charconv>
#include <cstdio>

namespace stateset::http {

static void append_status(std::string& out, int status);
static void append_header(std::string& out, std::string_view name, std::string_view value);
static bool is_the_servers(std::string_view name);

void render(std::string& out, const Response& response, const Manner& manner) {
    append_status(out, response.status);
    out.append("Server: stateset\r\nDate: ").append(manner.date).append("\r\n");
    if (!response.content_type.empty()) append_header(out, "Content-Type", response.content_type);
    for (const auto& header : response.headers) {
        if (!is_the_servers(header.name)) append_header(out, header.name, header.value);
    }
    const bool bodiless = response.status == 204 || response.status == 304 || response.stream;
    if (!bodiless) {
        char digits[24];
        const auto end = std::to_chars(digits, digits + sizeof digits, response.body.size()).ptr;
        out.append("Content-Length: ").append(digits, end).append("\r\n");
    }
    if (response.status == 101) {
        out.append("Connection: Upgrade\r\n");
    } else if (manner.ending == Ending::closed) {
        out.append("Connection: close\r\n");
    }
    if (manner.ending == Ending::kept_and_said) out.append("Connection: keep-alive\r\n");
    out.append("\r\n");
    if (!bodiless && manner.body == BodyRule::sent) out.append(response.body);
}

std::string http_date(std::time_t time) {
    static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::tm utc{};
    gmtime_r(&time, &utc);
    char text[64];
    const int length = std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                     days[utc.tm_wday], utc.tm_mday, months[utc.tm_mon],
                                     utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
    return {text, static_cast<std::size_t>(length)};
}

static std::string_view reason(int status) {
    switch (status) {
        case 101: return "Switching Protocols";
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 206: return "Partial Content";
        case 207: return "Multi-Status";
        case 301: return "Moved Permanently";
        case 302: return "Found";
        case 303: return "See Other";
        case 304: return "Not Modified";
        case 307: return "Temporary Redirect";
        case 308: return "Permanent Redirect";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 402: return "Payment Required";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 406: return "Not Acceptable";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 410: return "Gone";
        case 411: return "Length Required";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 414: return "URI Too Long";
        case 415: return "Unsupported Media Type";
        case 417: return "Expectation Failed";
        case 421: return "Misdirected Request";
        case 422: return "Unprocessable Content";
        case 425: return "Too Early";
        case 426: return "Upgrade Required";
        case 428: return "Precondition Required";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 502: return "Bad Gateway";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        case 505: return "HTTP Version Not Supported";
        case 507: return "Insufficient Storage";
        default: return "Other";
    }
}

static void append_status(std::string& out, int status) {
    const char digits[] = {static_cast<char>('0' + status / 100 % 10),
                           static_cast<char>('0' + status / 10 % 10),
                           static_cast<char>('0' + status % 10)};
    out.append("HTTP/1.1 ").append(digits, 3).append(" ").append(reason(status)).append("\r\n");
}

static void append_header(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ");
    const auto start = out.size();
    out.append(value);
    for (auto i = start; i < out.size(); ++i) {
        const auto c = static_cast<unsigned char>(out[i]);
        if ((c < 0x20 && c != '\t') || c == 0x7f) out[i] = ' ';
    }
    out.append("\r\n");
}

// Headers that decide framing; two voices about them would be a smuggling hole of our own making.
static bool is_the_servers(std::string_view name) {
    switch (name.size()) {
        case 10: return same_name(name, "Connection");
        case 14: return same_name(name, "Content-Length");
        case 17: return same_name(name, "Transfer-Encoding");
        default: return false;
    }
}

}  // namespace stateset::http
