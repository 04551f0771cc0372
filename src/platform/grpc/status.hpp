#pragma once
// A problem body as the status of a call, with google.rpc details: ErrorInfo (the code, in capitals
// as Google's model has it, and in metadata as it is), BadRequest with the fields at fault,
// RetryInfo when there is a time to wait for.

#include "platform/grpc/code.hpp"
#include "platform/grpc/schema.hpp"
#include "platform/http/message.hpp"

namespace stateset::grpc {

struct Outcome {
    Canonical code = Canonical::ok;
    std::string message;
    std::string details;  // a google.rpc.Status, encoded
};

// `request` is the message whose fields the problem's pointers lead to.
Outcome outcome_of(const http::Response& problem, const pb::Descriptor& request);
Outcome outcome_of(Canonical, std::string message);

}  // namespace stateset::grpc
