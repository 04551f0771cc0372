#pragma once
// A gRPC client for tests that knows no service beforehand: methods and messages come from the
// descriptors in the binary, requests are told in proto's own JSON, answers are shown in it. So
// what is tested is what any client with the .proto files would see.
//
//     auto reply = grpc.call("OrderService/CancelOrder", R"({"id":"…"})", {{"idempotency-key",
//     "k"}}); EXPECT_EQ(reply.code, 0) << reply;

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "support/client.hpp"
#include "support/json.hpp"

namespace stateset::support {

struct RpcReply {
    int code = -1;  // of gRPC; 0: OK
    std::string message;
    Json body;           // members are named as in the .proto files; int64 are strings
    Headers trailers;    // trailing metadata
    std::string reason;  // of ErrorInfo
    std::map<std::string, std::string> info;    // its metadata
    std::map<std::string, std::string> faults;  // of BadRequest: field to reason
    std::int64_t retry_s = -1;                  // of RetryInfo

    std::string trailer(std::string_view name) const;
    Json operator[](std::string_view member) const { return body[member]; }
    std::string id() const { return body["id"].text(); }
};
std::ostream& operator<<(std::ostream&, const RpcReply&);

class GrpcClient {
  public:
    // `certificate` is the PEM that the server must show; none: plain text.
    GrpcClient(const std::string& address, std::string credential, std::string certificate = {});
    ~GrpcClient();
    GrpcClient(const GrpcClient&) = delete;
    GrpcClient& operator=(const GrpcClient&) = delete;

    std::chrono::milliseconds patience{30'000};  // the deadline of each call

    // "OrderService/GetOrder", or with its package for services of others.
    RpcReply call(std::string_view method, const std::string& request,
                  const Headers& metadata = {});
    // The same with bytes that need not be a message.
    RpcReply call_bytes(std::string_view method, const std::string& bytes,
                        const Headers& metadata = {});

    // A server's stream of messages.
    class Stream {
      public:
        Stream() = default;
        Stream(Stream&&) = default;
        ~Stream();
        Json next(std::chrono::milliseconds patience = std::chrono::seconds(10));  // absent: over
        RpcReply end();  // waits until the server ends it
        void cancel();

      private:
        friend class GrpcClient;
        struct State;
        std::unique_ptr<State> state_;
    };
    Stream stream(std::string_view method, const std::string& request,
                  const Headers& metadata = {});

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace stateset::support
