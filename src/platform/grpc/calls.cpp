#include "platform/grpc/calls.hpp"

#include <google/protobuf/message.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include <algorithm>
#include <deque>

#include "platform/core/refusal.hpp"
#include "platform/http/problem.hpp"
#include "platform/http/stream.hpp"
#include "platform/http/url_text.hpp"

namespace stateset::grpc {
namespace {

// What a caller may say beside its message; anything else stays with gRPC.
constexpr std::string_view metadata_taken[] = {
    "authorization", "x-api-key",  "idempotency-key", "request-id", "if-match",
    "traceparent",   "tracestate", "x-forwarded-for", "forwarded"};
// Headers of an answer that mean nothing here.
constexpr std::string_view headers_left[] = {"Cache-Control", "WWW-Authenticate", "Allow",
                                             "X-Accel-Buffering"};

using Clock = std::chrono::steady_clock;

std::string_view view(::grpc::string_ref text) { return {text.data(), text.size()}; }

// "ipv4:192.0.2.7:4711" and "ipv6:%5B2001:db8::1%5D:4711" without what surrounds the address.
std::string peer_address(const std::string& peer) {
    auto text = http::percent_decoded(peer).value_or(peer);
    auto from = text.find(':'), to = text.rfind(':');
    if (from == text.npos || from == to) return text;
    auto address = text.substr(from + 1, to - from - 1);
    std::erase_if(address, [](char c) { return c == '[' || c == ']'; });
    return address;
}

Clock::time_point deadline_of(const ::grpc::CallbackServerContext& context) {
    auto deadline = context.deadline();
    auto now = std::chrono::system_clock::now();
    if (deadline > now + std::chrono::hours(24)) return http::Edge::no_deadline;
    return Clock::now() + (deadline - now);
}

::grpc::Status status_of(const Outcome& outcome) {
    return {static_cast<::grpc::StatusCode>(outcome.code), outcome.message, outcome.details};
}

::grpc::ByteBuffer bytes_of(const pb::Message& message) {
    ::grpc::Slice slice(message.SerializeAsString());
    return {&slice, 1};
}

// The request behind a message. Throws Refusal.
http::Request request_of(const Method& method, const ::grpc::CallbackServerContext& context,
                         const ::grpc::ByteBuffer& bytes) {
    auto message = new_message(method.input());
    ::grpc::ByteBuffer own(bytes);
    ::grpc::ProtoBufferReader reader(&own);
    if (!reader.status().ok() || !message->ParseFromZeroCopyStream(&reader)) {
        throw Refusal(stateset::codes::unreadable,
                      "The bytes are no " + method.input().full_name() + ".");
    }
    auto request = method.request_from(*message);
    for (const auto& name : metadata_taken) {
        auto found = context.client_metadata().find(::grpc::string_ref(name.data(), name.size()));
        if (found == context.client_metadata().end()) continue;
        request.headers.push_back({std::string(name), std::string(view(found->second))});
    }
    request.peer = peer_address(context.peer());
    request.received_at = Clock::now();
    return request;
}

void add_trailers(::grpc::CallbackServerContext& context, const Method& method,
                  const http::Response& response) {
    for (const auto& [name, value] : response.headers) {
        if (std::ranges::find(headers_left, name) != std::end(headers_left)) continue;
        std::string key = name;
        for (char& c : key) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        context.AddTrailingMetadata(key, value);
    }
    if (response.status != method.endpoint().status) {
        context.AddTrailingMetadata("http-status", std::to_string(response.status));
    }
}

// The call at the Edge and the client that may go away, whichever is first.
class Tie {
  public:
    void bind(std::weak_ptr<http::Call> call) {
        {
            std::scoped_lock lock(mutex_);
            call_ = std::move(call);
            if (!gone_) return;
        }
        expire();
    }
    void client_gone() {
        {
            std::scoped_lock lock(mutex_);
            gone_ = true;
        }
        expire();
    }

  private:
    void expire() {
        if (auto call = call_.lock()) call->expire();
    }
    std::mutex mutex_;
    std::weak_ptr<http::Call> call_;
    bool gone_ = false;
};

class Unary final : public ::grpc::ServerUnaryReactor {
  public:
    Unary(const Method& method, ::grpc::CallbackServerContext* context, ::grpc::ByteBuffer* reply)
        : method_(method), context_(context), reply_(reply) {}

    void begin(http::Edge& edge, const ::grpc::ByteBuffer& bytes) {
        // The call may end, and this object with it, before the Edge returns.
        auto tie = tie_;
        auto deadline = deadline_of(*context_);
        http::Request request;
        try {
            request = request_of(method_, *context_, bytes);
        } catch (const Refusal& refusal) {
            return end(http::problem(refusal, method_.path(), {}));
        }
        tie->bind(edge.handle(
            std::move(request),
            http::Reply([this](const http::Response& response) { end(response); }), deadline));
    }
    void OnCancel() override { tie_->client_gone(); }
    void OnDone() override { delete this; }

  private:
    void end(const http::Response& response) {
        add_trailers(*context_, method_, response);
        if (response.status >= 400) {
            return Finish(status_of(outcome_of(response, method_.input())));
        }
        try {
            *reply_ = bytes_of(*method_.answer_from(response));
            Finish(::grpc::Status::OK);
        } catch (const Refusal&) {  // an answer of ours that is no JSON
            Finish(status_of(outcome_of(Canonical::internal, "The answer cannot be shown.")));
        }
    }

    const Method& method_;
    ::grpc::CallbackServerContext* const context_;
    ::grpc::ByteBuffer* const reply_;
    const std::shared_ptr<Tie> tie_ = std::make_shared<Tie>();
};

class Writer;

}  // namespace

// The line of an event stream whose other end is a gRPC client. What comes is Server-Sent Events;
// each event's data goes out as a message, one write at a time, and what waits counts as unsent.
class Feed final : public http::Line, public std::enable_shared_from_this<Feed> {
  public:
    Feed(const Method& method, Writer* writer) : method_(method), writer_(writer) {}

    void send(std::string bytes) override;
    void end(std::string last) override;
    std::size_t unsent() const override { return unsent_.load(std::memory_order_relaxed); }
    using http::Line::end;

    void open(std::shared_ptr<http::Stream>);
    void wind_down();
    void written(bool ok);
    void client_gone();

  private:
    struct Waiting {
        ::grpc::ByteBuffer message;
        std::size_t bytes;
    };
    void push(std::string_view event);  // with the lock
    void advance();                     // with the lock

    const Method& method_;
    std::mutex mutex_;
    Writer* writer_;  // none once it has been finished
    std::shared_ptr<http::Stream> stream_;
    std::deque<Waiting> waiting_;
    bool writing_ = false, ended_ = false, gone_ = false;
    std::atomic<std::size_t> unsent_ = 0;
};

namespace {

class Writer final : public ::grpc::ServerWriteReactor<::grpc::ByteBuffer> {
  public:
    Writer(const Method& method, Feeds& feeds, ::grpc::CallbackServerContext* context)
        : method_(method), feeds_(feeds), context_(context) {
        feeds_.add(feed_);
    }

    void begin(http::Edge& edge, const ::grpc::ByteBuffer& bytes) {
        auto tie = tie_;
        auto deadline = deadline_of(*context_);
        http::Request request;
        try {
            request = request_of(method_, *context_, bytes);
        } catch (const Refusal& refusal) {
            return answered(http::problem(refusal, method_.path(), {}));
        }
        tie->bind(edge.handle(std::move(request), http::Reply([this](http::Response response) {
                                  answered(std::move(response));
                              }),
                              deadline));
    }
    void OnWriteDone(bool ok) override { feed_->written(ok); }
    void OnCancel() override {
        tie_->client_gone();
        feed_->client_gone();
    }
    void OnDone() override {
        feed_->client_gone();
        feeds_.remove(feed_);
        delete this;
    }

  private:
    void answered(http::Response response) {
        if (!response.stream) {
            add_trailers(*context_, method_, response);
            return Finish(status_of(outcome_of(response, method_.input())));
        }
        for (const auto& header : response.headers) {
            if (header.name == "Request-Id") {
                context_->AddInitialMetadata("request-id", header.value);
            }
        }
        StartSendInitialMetadata();
        feed_->open(std::move(response.stream));
    }

    const Method& method_;
    Feeds& feeds_;
    ::grpc::CallbackServerContext* const context_;
    const std::shared_ptr<Tie> tie_ = std::make_shared<Tie>();
    const std::shared_ptr<Feed> feed_ = std::make_shared<Feed>(method_, this);
};

}  // namespace

void Feed::open(std::shared_ptr<http::Stream> stream) {
    bool gone = false;
    {
        std::scoped_lock lock(mutex_);
        stream_ = stream;
        gone = gone_;
    }
    if (gone) {
        stream->closed();
        std::scoped_lock lock(mutex_);
        ended_ = true;
        return advance();
    }
    stream->opened(shared_from_this());
}

// Events end in an empty line; of each only the data counts here. A comment is a heartbeat, which
// gRPC has of its own.
void Feed::send(std::string bytes) {
    std::scoped_lock lock(mutex_);
    if (ended_ || gone_) return;
    std::string_view rest = bytes;
    while (!rest.empty()) {
        auto end = std::min(rest.find("\n\n"), rest.size());
        push(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 2, rest.size()));
    }
    advance();
}

void Feed::push(std::string_view event) {
    constexpr std::string_view field = "data: ";
    auto at = event.starts_with(field) ? 0 : event.find("\ndata: ");
    if (at == event.npos) return;
    auto data = event.substr(at + (at == 0 ? 0 : 1) + field.size());
    http::Response shown{.status = 200,
                         .content_type = "application/json",
                         .body = std::string(data.substr(0, data.find('\n'))),
                         .headers = {}};
    auto message = bytes_of(*method_.answer_from(shown));
    unsent_.fetch_add(message.Length(), std::memory_order_relaxed);
    waiting_.push_back({message, message.Length()});
}

void Feed::end(std::string last) {
    if (!last.empty()) send(std::move(last));
    std::scoped_lock lock(mutex_);
    ended_ = true;
    advance();
}

void Feed::wind_down() {
    std::shared_ptr<http::Stream> stream;
    {
        std::scoped_lock lock(mutex_);
        stream = stream_;
    }
    if (stream) stream->wind_down();
}

void Feed::advance() {
    if (!writer_ || writing_) return;
    if (!gone_ && !waiting_.empty()) {
        writing_ = true;
        return writer_->StartWrite(&waiting_.front().message);
    }
    if (!ended_ && !gone_) return;
    auto* writer = std::exchange(writer_, nullptr);
    writer->Finish(status_of(outcome_of(
        Canonical::unavailable, "The stream has ended; come back with the last position.")));
}

void Feed::written(bool ok) {
    std::shared_ptr<http::Stream> drained;
    {
        std::scoped_lock lock(mutex_);
        writing_ = false;
        unsent_.fetch_sub(waiting_.front().bytes, std::memory_order_relaxed);
        waiting_.pop_front();
        gone_ = gone_ || !ok;
        if (waiting_.empty() && !gone_) drained = stream_;
        advance();
    }
    if (drained) drained->drained();
}

void Feed::client_gone() {
    std::shared_ptr<http::Stream> stream;
    {
        std::scoped_lock lock(mutex_);
        gone_ = true;
        stream = std::exchange(stream_, nullptr);
    }
    if (stream) stream->closed();
    std::scoped_lock lock(mutex_);
    if (stream) advance();
}

void Feeds::add(const std::shared_ptr<Feed>& feed) {
    std::scoped_lock lock(mutex_);
    open_.insert(feed);
}

void Feeds::remove(const std::shared_ptr<Feed>& feed) {
    std::scoped_lock lock(mutex_);
    open_.erase(feed);
}

void Feeds::wind_down() {
    std::set<std::shared_ptr<Feed>> all;
    {
        std::scoped_lock lock(mutex_);
        all = open_;
    }
    for (const auto& feed : all) feed->wind_down();
}

::grpc::ServerUnaryReactor* answer(const Method& method, http::Edge& edge,
                                   ::grpc::CallbackServerContext* context,
                                   const ::grpc::ByteBuffer* request, ::grpc::ByteBuffer* reply) {
    auto* call = new Unary(method, context, reply);  // gRPC keeps it until OnDone
    call->begin(edge, *request);
    return call;
}

::grpc::ServerWriteReactor<::grpc::ByteBuffer>* feed(const Method& method, http::Edge& edge,
                                                     Feeds& feeds,
                                                     ::grpc::CallbackServerContext* context,
                                                     const ::grpc::ByteBuffer* request) {
    auto* call = new Writer(method, feeds, context);
    call->begin(edge, *request);
    return call;
}

}  // namespace stateset::grpc
