#include "platform/http/connection.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "platform/http/rendering.hpp"

namespace stateset::http {

namespace asio = boost::asio;

// A close while bytes are still arriving makes TCP drop our last answer, so the client gets this
// long, and this much may come, before we hang up.
static constexpr std::chrono::milliseconds linger_time{1'000};
static constexpr std::size_t linger_bytes = 16 * 1024 * 1024;
// Answers ready together leave together, but a long pipeline need not wait for its end.
static constexpr std::size_t send_at_once = 64 * 1024;
// A loop's spare output buffer; what one long list made larger is given back.
static constexpr std::size_t spare_kept = 256 * 1024;
// Exchanges beyond this are given back when a pipelining client rests.
static constexpr std::size_t usual_exchanges = 4;
// A stream's client that asks without taking the answers is not listened to beyond this.
static constexpr std::size_t stream_unsent = 64 * 1024;
// The kernel would keep megabytes for each slow reader of a stream.
static constexpr int stream_send_buffer = 64 * 1024;

static constexpr Fault request_timeout{408, "request_timeout",
                                       "The request did not arrive in time."};
static constexpr Fault unanswered{500, "internal_error",
                                  "The server could not answer this request."};

static void release(std::string& buffer) { std::string().swap(buffer); }

// Whatever goes wrong with one client, memory included, costs no other its connection.
template <class F>
void Connection::guarded(F&& turn) {
    try {
        turn();
    } catch (...) {
        close();
    }
}

Connection::Connection(Loop& loop, Socket socket, Origin origin)
    : loop_(loop), socket_(std::move(socket)), origin_(std::move(origin)), reader_(loop.limits()) {
    active_ = request_began_ = body_began_ = send_progress_ = linger_until_ = Clock::now();
}

void Connection::open() { await_readable(); }

void Connection::refuse(const Fault& fault) {
    guarded([&] {
        fail(fault);
        advance({});
    });
}

void Connection::keep(std::uint64_t turn, std::optional<Response> response) {
    const auto first = next_turn_ - (exchanges_.size() - done_);
    if (turn < first || turn >= next_turn_) return;
    if (!response || (response->status < 200 && !response->stream) || response->status > 599)
        response = loop_.rejection(unanswered);
    exchanges_[done_ + (turn - first)].answer = std::move(response);
}

void Connection::put(std::string_view bytes, bool last) {
    if (closed_ || lingering_ || !stream_ || stream_ended_) return;
    guarded([&] { output_.append(bytes); });
    stream_ended_ = last;
}

void Connection::proceed() {
    if (closed_ || lingering_) return;
    guarded([&] { stream_ ? carry_on() : advance({}); });
}

void Connection::sweep(Clock::time_point now) {
    const auto& limits = loop_.limits();
    if (lingering_) {
        if (now > linger_until_) close();
        return;
    }
    if (unsent() > 0 && now - send_progress_ > limits.stalled_send) return close();
    if (!reading_ || stream_) return;
    if (reader_.in_body()) {
        const auto received = std::chrono::duration<double>(
            static_cast<double>(reader_.body_received()) /
            static_cast<double>(std::max<std::size_t>(limits.body_bytes_per_second, 1)));
        if (now - body_began_ > limits.body_grace + received) refuse(request_timeout);
    } else if (partial_) {
        if (now - request_began_ > limits.header_time) refuse(request_timeout);
    } else if (resting()) {
        // Whoever never sent anything has no claim to the patience shown to a known client.
        if (now - active_ > (next_turn_ == 0 ? limits.header_time : limits.idle)) close();
    }
}

void Connection::wind_down() {
    if (closed_ || lingering_) return;
    if (stream_) return guarded([&] { stream_->wind_down(); });
    // A request may lie unread in the socket; closing then would reset the connection under it.
    if (reading_) receive();
    if (!closed_ && resting()) close();
}

void Connection::close() {
    if (std::exchange(closed_, true)) return;
    boost::system::error_code ignored;
    socket_.close(ignored);
    if (const auto stream = std::exchange(stream_, nullptr)) {
        line_->over_ = true;
        stream->closed();
    }
    loop_.forget(origin_.id, origin_.admitted);
}

void Connection::await_readable() {
    if (closed_ || std::exchange(reading_, true)) return;
    socket_.async_wait(Socket::wait_read,
                       [self = shared_from_this()](const boost::system::error_code& error) {
                           self->reading_ = false;
                           if (self->closed_) return;
                           if (error) return self->close();
                           self->lingering_ ? self->discard() : self->receive();
                       });
}

void Connection::await_writable() {
    if (closed_ || std::exchange(writing_, true)) return;
    socket_.async_wait(Socket::wait_write,
                       [self = shared_from_this()](const boost::system::error_code& error) {
                           self->writing_ = false;
                           if (self->closed_) return;
                           if (error) return self->close();
                           self->proceed();
                       });
}

void Connection::receive() {
    auto& scratch = loop_.scratch;
    const auto count =
        ::recv(socket_.native_handle(), scratch.data(), scratch.size(), MSG_DONTWAIT);
    if (count < 0) return errno == EAGAIN || errno == EINTR ? await_readable() : close();
    active_ = Clock::now();
    if (count == 0) input_ended_ = true;
    if (stream_) {
        carried_.assign(scratch.data(), static_cast<std::size_t>(count));
        return guarded([&] { carry_on(); });
    }
    guarded([&] { advance({scratch.data(), static_cast<std::size_t>(count)}); });
}

void Connection::discard() {
    auto& scratch = loop_.scratch;
    const auto count =
        ::recv(socket_.native_handle(), scratch.data(), scratch.size(), MSG_DONTWAIT);
    if (count > 0) discarded_ += static_cast<std::size_t>(count);
    const bool over = count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR);
    over || discarded_ > linger_bytes ? close() : await_readable();
}

// The one way on: whole requests to the handler, ready answers to the socket, then wait for what is
// missing.
void Connection::advance(std::string_view fresh) {
    if (carried_.empty()) {
        const auto taken = take_requests(fresh);
        carried_.assign(fresh.substr(taken));
    } else {
        carried_.append(fresh);
        carried_.erase(0, take_requests(carried_));
    }
    render_ready();
    if (!stream_) flush();
    while (held_back_ && may_handle()) {
        carried_.erase(0, take_requests(carried_));
        render_ready();
        if (!stream_) flush();
    }
    if (closed_) return;
    if (stream_) return carry_on();
    if (carried_.empty()) release(carried_);
    wait_or_finish();
}

// Takes as many requests as there are and may be; returns the bytes used. After the last one all
// are.
std::size_t Connection::take_requests(std::string_view input) {
    if (last_taken_) return input.size();
    if (std::exchange(held_back_, false)) partial_ = body_begun_ = false;  // waiting was our doing
    std::size_t used = 0;
    for (;;) {
        if (!may_handle()) {
            held_back_ = true;
            return used;
        }
        used += reader_.take(input.substr(used));
        if (reader_.failed()) fail(reader_.fault());
        if (last_taken_) return input.size();
        if (!reader_.complete()) break;
        partial_ = body_begun_ = false;
        begin();
    }
    note_progress(used < input.size());
    return used;
}

bool Connection::may_handle() const {
    const auto& limits = loop_.limits();
    return !closed_ && !stream_ && exchanges_.size() - done_ < limits.pipelined &&
           unsent() <= limits.unsent_bytes;
}

// Hands the complete request to the handler; what that answers at once is rendered at once.
void Connection::begin() {
    const auto ending = !reader_.keep_alive()   ? Ending::closed
                        : reader_.old_version() ? Ending::kept_and_said
                                                : Ending::kept;
    exchanges_.push_back({reader_.head_only() ? BodyRule::left_out : BodyRule::sent, ending});
    last_taken_ = ending == Ending::closed;
    auto request = reader_.release();
    request.peer = origin_.peer;
    request.received_at = active_;
    const auto before = std::exchange(loop_.handling, this);
    loop_.handle(std::move(request), origin_.id, next_turn_++);
    loop_.handling = before;
    render_ready();
    if (unsent() > send_at_once) flush();
}

// The last answer of this connection, behind those still owed.
void Connection::fail(const Fault& fault) {
    exchanges_.push_back(
        {reader_.head_only() ? BodyRule::left_out : BodyRule::sent, Ending::closed});
    ++next_turn_;
    last_taken_ = true;
    exchanges_.back().answer = loop_.rejection(fault);
}

void Connection::render_ready() {
    while (done_ < exchanges_.size() && exchanges_[done_].answer) {
        auto& exchange = exchanges_[done_++];
        if (exchange.answer->stream) return hand_over(std::move(*exchange.answer));
        if (loop_.winding_down() && done_ == exchanges_.size()) {
            exchange.ending = Ending::closed;
            last_taken_ = true;
        }
        if (output_.empty()) output_.swap(loop_.spare_output);
        render(output_, *exchange.answer, {exchange.body, exchange.ending, loop_.date()});
        exchange.answer.reset();
    }
    const bool all = done_ == exchanges_.size();
    if (!all && done_ < loop_.limits().pipelined) return;
    exchanges_.erase(exchanges_.begin(), exchanges_.begin() + static_cast<std::ptrdiff_t>(done_));
    done_ = 0;
    if (all && exchanges_.capacity() > usual_exchanges) std::vector<Exchange>().swap(exchanges_);
}

// From here on the connection is the stream's; requests behind this one are not answered.
void Connection::hand_over(Response answer) {
    if (output_.empty()) output_.swap(loop_.spare_output);
    render(output_, answer, {BodyRule::left_out, Ending::closed, loop_.date()});
    exchanges_.clear();
    done_ = 0;
    last_taken_ = true;
    boost::system::error_code ignored;
    socket_.set_option(asio::socket_base::send_buffer_size(stream_send_buffer), ignored);
    stream_ = std::move(answer.stream);
    line_ = std::make_shared<SocketLine>(loop_.mailbox(), origin_.id);
    line_->unsent_ = unsent();
    const auto stream = stream_;
    stream->opened(line_);
    if (loop_.winding_down()) stream->wind_down();
}

// What the client sent to the stream, what the stream sent to the socket, then wait for more.
void Connection::carry_on() {
    if (!carried_.empty()) {
        const auto bytes = std::exchange(carried_, {});
        if (!stream_ended_) stream_->received(bytes);
    }
    const bool any = unsent() > 0;
    flush();
    if (closed_) return;
    if (input_ended_) return close();
    if (unsent() > 0) {
        await_writable();
    } else if (stream_ended_) {
        return linger();
    } else if (any) {
        stream_->drained();
    }
    if (unsent() <= stream_unsent) await_readable();
}

void Connection::flush() {
    if (exchanges_.empty() && reader_.wants_continue() && !last_taken_) {
        output_.append("HTTP/1.1 100 Continue\r\n\r\n");
        reader_.continue_sent();
    }
    bool progress = !writing_;  // what is left over now was not waiting before
    while (!closed_ && unsent() > 0) {
        const auto count = ::send(socket_.native_handle(), output_.data() + sent_, unsent(),
                                  MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno == EAGAIN) break;
        if (count < 0) return close();
        sent_ += static_cast<std::size_t>(count);
        if (line_) line_->unsent_.fetch_sub(static_cast<std::size_t>(count));
        progress = true;
    }
    if (unsent() > 0) {
        if (progress) send_progress_ = Clock::now();
        if (sent_ > output_.size() / 2) output_.erase(0, std::exchange(sent_, 0));
        return;
    }
    output_.clear();
    sent_ = 0;
    const auto spare = loop_.spare_output.capacity();
    if (output_.capacity() > spare && output_.capacity() <= spare_kept)
        output_.swap(loop_.spare_output);
    release(output_);
}

void Connection::wait_or_finish() {
    if (closed_) return;
    if (unsent() > 0) {
        await_writable();
    } else if (exchanges_.empty()) {
        if (last_taken_) return linger();
        if (input_ended_ || (loop_.winding_down() && resting())) return close();
    }
    if (input_ended_ || last_taken_) return;
    may_handle() ? await_readable() : static_cast<void>(held_back_ = true);
}

// Says that no more will come, then reads on for a moment so that the last answer is not lost to a
// reset.
void Connection::linger() {
    if (input_ended_) return close();
    boost::system::error_code error;
    socket_.shutdown(Socket::shutdown_send, error);
    if (error) return close();
    lingering_ = true;
    linger_until_ = Clock::now() + linger_time;
    release(carried_);
    await_readable();
}

// Starts the clocks of a request's head and body when the first byte of each is here.
void Connection::note_progress(bool bytes_left) {
    if ((reader_.started() || bytes_left) && !std::exchange(partial_, true))
        request_began_ = Clock::now();
    if (reader_.in_body() && !std::exchange(body_begun_, true)) body_began_ = Clock::now();
}

bool Connection::resting() const {
    return exchanges_.empty() && unsent() == 0 && !partial_ && !held_back_ && carried_.empty();
}

}  // namespace stateset::http
