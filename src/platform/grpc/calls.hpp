#pragma once
// A call as gRPC's callback interface sees it: one object that lives from its first byte until
// OnDone. Only the door includes this; it brings gRPC's headers.

#include <grpcpp/grpcpp.h>
#include <grpcpp/support/byte_buffer.h>

#include <mutex>
#include <set>

#include "platform/grpc/method.hpp"
#include "platform/grpc/status.hpp"
#include "platform/http/edge.hpp"

namespace stateset::grpc {

// The feeds that are open, so that stopping can tell each.
class Feeds {
  public:
    void add(const std::shared_ptr<class Feed>&);
    void remove(const std::shared_ptr<class Feed>&);
    void wind_down();

  private:
    std::mutex mutex_;
    std::set<std::shared_ptr<class Feed>> open_;
};

// Begins a call with one answer, or one with a stream of them.
::grpc::ServerUnaryReactor* answer(const Method&, http::Edge&, ::grpc::CallbackServerContext*,
                                   const ::grpc::ByteBuffer* request, ::grpc::ByteBuffer* reply);
::grpc::ServerWriteReactor<::grpc::ByteBuffer>* feed(const Method&, http::Edge&, Feeds&,
                                                     ::grpc::CallbackServerContext*,
                                                     const ::grpc::ByteBuffer* request);

}  // namespace stateset::grpc
