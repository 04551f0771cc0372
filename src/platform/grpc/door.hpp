#pragma once
// gRPC beside HTTP: the same endpoints through another door. A call becomes the request that HTTP
// would have brought, goes through the Edge, and its answer comes back as a message or a status; so
// permissions, idempotency, limits and refusals are the same by construction. Services come from
// proto/, health and reflection are gRPC's own and ask for no credentials.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace stateset {
class Api;
namespace http {
class Edge;
}

namespace grpc {

class Door {
  public:
    struct Options {
        std::string address = "127.0.0.1:50051";  // port 0: any free one
        // PEM files; without them the door speaks plain text.
        std::optional<std::string> certificate, key;
        // Like a body over HTTP, and room for what stands around a file's piece of that size.
        int message_bytes = 1024 * 1024 + 4096;
        // Calls at once on one connection; what is in flight in all is the Edge's affair.
        int streams = 256;
        // What connections may hold of memory together before new ones are turned away.
        int memory_bytes = 256 * 1024 * 1024;
        std::function<void(std::string_view)> log;
    };
    // Throws std::logic_error when proto/ and the table of endpoints do not fit.
    Door(const Api&, http::Edge&, Options);
    ~Door();

    void start();  // throws std::runtime_error with a text for the operator
    unsigned short port() const;
    void drain();  // health says NOT_SERVING from now on
    // Takes no more calls, ends streams, and cuts what is still there after `grace`.
    void stop(std::chrono::milliseconds grace);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace grpc
}  // namespace stateset
