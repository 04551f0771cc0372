#pragma once
// What a request and an answer are once framing is over, and the limits both keep to.
//
// A Request is whole when anybody sees it: its head was checked byte by byte and its body is
// de-chunked and within the limit. A Response is only status, body and headers; the server adds
// Date, Server, Content-Length and Connection itself, so that framing cannot be got wrong by
// whoever answers.

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stateset::http {

class Stream;

struct Header {
    std::string name, value;  // the name is kept as sent; look-ups are case-insensitive
};

struct Request {
    std::string method;           // "GET"
    std::string target;           // as sent: "/api/v1/orders?limit=3"
    std::string path, query;      // split at '?', still percent-encoded; path is "*" for OPTIONS *
    std::vector<Header> headers;  // in the order sent, values without surrounding blanks
    std::string body;             // whole, de-chunked
    std::string peer;             // remote address without port, "127.0.0.1"
    std::chrono::steady_clock::time_point received_at;  // when its last byte was read

    // The value of the first header of that name, or nullptr.
    const std::string* find(std::string_view name) const;
};

struct Response {
    int status = 200;          // 200 … 599
    std::string content_type;  // empty: no Content-Type header
    std::string body;
    std::vector<Header>
        headers;  // Content-Length, Transfer-Encoding and Connection are the server's, not here
    // Takes the connection over after the head; the body is left out, no request follows.
    std::shared_ptr<Stream> stream = nullptr;
};

// What one client may ask of the server. A request at a limit is served, one past it is refused.
struct Limits {
    // All header lines with their line ends and the empty line; browsers with full cookie jars stay
    // below.
    std::size_t header_block_bytes = 16 * 1024;
    std::size_t headers = 100;             // lines; each costs two strings
    std::size_t target_bytes = 8 * 1024;   // RFC 9110 4.1 asks for 8,000 octets at least
    std::size_t body_bytes = 1024 * 1024;  // a thousand order lines are about 100 KiB
    std::chrono::milliseconds header_time{
        10'000};  // from the first byte of a request to its empty line
    std::chrono::milliseconds idle{
        75'000};  // between requests; longer than usual proxies keep theirs
    // A body may take the grace plus the time its bytes need at this rate: slow phones pass, drips
    // do not.
    std::size_t body_bytes_per_second = 500;
    std::chrono::milliseconds body_grace{10'000};
    std::chrono::milliseconds stalled_send{
        30'000};                       // a client that takes no byte of its answers so long is gone
    std::size_t connections = 10'000;  // all together; each needs a descriptor
    std::size_t connections_per_address = 1'000;  // an IPv6 /64 counts as one address
    std::size_t pipelined = 64;  // requests of one connection being answered at once
    std::size_t unsent_bytes =
        1024 * 1024;  // answers a client has not taken; beyond, its next requests wait
};

// ASCII letters compare without case, as header names do.
bool same_name(std::string_view a, std::string_view b);

}  // namespace stateset::http
