#pragma once
// Where one HTTP/1.1 request ends and the next begins: RFC 9112, read as strictly as it allows.
//
// Two parties that disagree about that boundary are how requests are smuggled, so whatever could be
// read in two ways is refused: a length with a coding, two lengths, bare LF or CR, folded lines,
// blanks before a colon. The reader is pure (bytes in, requests or one Fault out) and is fuzzed by
// tests/fuzz/framing_fuzz.cpp. After a Fault nothing further is ever taken: the connection must be
// closed.

#include <cstddef>
#include <optional>
#include <string_view>

#include "platform/http/message.hpp"

namespace stateset::http {

struct Fault {
    int status = 400;  // 400, 408, 413, 414, 431, 500, 503 or 505
    std::string_view code;
    std::string_view detail;  // one sentence for the client's developer
};

class RequestReader {
  public:
    // `limits` must outlive the reader.
    explicit RequestReader(const Limits& limits) : limits_(limits) {}

    // Takes bytes off the front of `input` until a request is complete, a fault is found or more is
    // needed; returns how many. The bytes not taken must be the start of the next call's input.
    std::size_t take(std::string_view input);

    bool complete() const { return stage_ == Stage::complete; }
    bool failed() const { return stage_ == Stage::failed; }
    const Fault& fault() const { return fault_; }

    // Of the request being read:
    bool started() const { return started_; }  // a whole line of it was taken
    bool in_body() const { return stage_ > Stage::headers && stage_ < Stage::complete; }
    std::size_t body_received() const { return request_.body.size(); }
    bool head_only() const { return request_.method == "HEAD"; }
    bool keep_alive() const { return minor_ == 1 ? !close_ : keep_alive_ && !close_; }
    bool old_version() const { return minor_ == 0; }
    // The client holds its body back until it sees "100 Continue".
    bool wants_continue() const { return expects_continue_ && in_body() && request_.body.empty(); }
    void continue_sent() { expects_continue_ = false; }

    // The complete request, without peer and received_at. The reader is then ready for the next
    // one.
    Request release();

  private:
    enum class Stage {
        start_line,
        headers,
        sized_body,
        chunk_size,
        chunk_data,
        chunk_end,
        trailers,
        complete,
        failed
    };

    bool step(std::string_view& input);
    bool read_start_line(std::string_view& input);
    bool read_header(std::string_view& input);
    bool read_sized_body(std::string_view& input);
    bool read_chunk_size(std::string_view& input);
    bool read_chunk_data(std::string_view& input);
    bool read_chunk_end(std::string_view& input);

    std::optional<std::string_view> line(std::string_view& input);
    void check_partial_start_line(std::string_view line);
    void parse_start_line(std::string_view line);
    bool parse_version(std::string_view text);
    void parse_target(std::string_view target);
    void parse_header(std::string_view line);
    void note(std::string_view name, std::string_view value);
    void note_length(std::string_view value);
    void note_coding(std::string_view value);
    void note_host(std::string_view value);
    void note_connection(std::string_view value);
    void end_head();

    void fail(int status, std::string_view code, std::string_view detail);
    void malformed(std::string_view detail) { fail(400, "malformed_request", detail); }

    const Limits& limits_;
    Stage stage_ = Stage::start_line;
    Fault fault_;
    std::size_t scanned_ = 0;  // of the untaken line: bytes known to hold no line end

    Request request_;
    bool started_ = false, close_ = false, keep_alive_ = false, expects_continue_ = false;
    bool chunked_ = false, empty_line_skipped_ = false;
    int minor_ = 1, hosts_ = 0;
    std::size_t block_bytes_ = 0, block_lines_ = 0, chunk_line_bytes_ = 0;
    std::size_t remaining_ = 0;  // of the sized body or the chunk
    std::optional<std::size_t> length_;
};

}  // namespace stateset::http
