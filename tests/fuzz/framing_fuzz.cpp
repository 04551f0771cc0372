// Fuzzes the request reader. Whatever the bytes and however they are cut: it must end, must say the
// same of the whole as of its pieces, and must agree with Boost.Beast's parser on every request it
// accepts.
//
//   clang++-19 -std=c++23 -O1 -g -fsanitize=fuzzer,address -Isrc tests/fuzz/framing_fuzz.cpp
//     src/platform/http/framing.cpp src/platform/http/message.cpp

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "platform/http/framing.hpp"

namespace {

namespace http = stateset::http;
namespace beast = boost::beast::http;

struct Accepted {
    http::Request request;
    std::string bytes;  // what it was read from
};

struct Outcome {
    std::vector<Accepted> accepted;
    bool failed = false;
};

void require(bool truth) {
    if (!truth) std::abort();
}

// `pieces` gives the sizes to feed, over and over; empty: all at once.
Outcome read(std::string_view bytes, std::string_view pieces) {
    static const http::Limits limits{
        .header_block_bytes = 512, .headers = 8, .target_bytes = 64, .body_bytes = 256};
    http::RequestReader reader(limits);
    Outcome outcome;
    std::string waiting, current;
    for (std::size_t at = 0, turn = 0; at < bytes.size() && !reader.failed(); ++turn) {
        const auto piece = pieces.empty()
                               ? bytes.size()
                               : 1 + static_cast<unsigned char>(pieces[turn % pieces.size()]) % 16;
        const auto more = bytes.substr(at, piece);
        at += more.size();
        waiting += more;
        for (;;) {
            const auto taken = reader.take(waiting);
            require(taken <= waiting.size());
            current += waiting.substr(0, taken);
            waiting.erase(0, taken);
            if (!reader.complete()) break;
            require(reader.body_received() <= limits.body_bytes);
            outcome.accepted.push_back({reader.release(), std::exchange(current, {})});
        }
        require(waiting.size() <= bytes.size());
    }
    outcome.failed = reader.failed();
    return outcome;
}

void agree_with_beast(const Accepted& accepted) {
    std::string_view bytes = accepted.bytes;
    if (bytes.starts_with("\r\n")) bytes.remove_prefix(2);  // forgiven by us, unknown to Beast
    beast::request_parser<beast::string_body> parser;
    parser.eager(true);
    boost::system::error_code error;
    while (!bytes.empty() && !parser.is_done()) {
        const auto taken = parser.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
        require(!error);
        require(taken > 0);
        bytes.remove_prefix(taken);
    }
    require(parser.is_done() && bytes.empty());
    const auto& theirs = parser.get();
    require(theirs.method_string() == accepted.request.method);
    require(theirs.target() == accepted.request.target);
    require(theirs.body() == accepted.request.body);
    for (const auto& header : accepted.request.headers)
        require(theirs.find(header.name) != theirs.end());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view all(reinterpret_cast<const char*>(data), size);
    const auto cuts = all.substr(0, std::min<std::size_t>(size, 4));
    const auto whole = read(all, {});
    const auto cut = read(all, cuts);
    require(whole.failed == cut.failed);
    require(whole.accepted.size() == cut.accepted.size());
    for (std::size_t i = 0; i < whole.accepted.size(); ++i) {
        require(whole.accepted[i].bytes == cut.accepted[i].bytes);
        require(whole.accepted[i].request.body == cut.accepted[i].request.body);
        agree_with_beast(whole.accepted[i]);
    }
    return 0;
}
