#pragma once
// One method of a service and the endpoint behind it: how a request message becomes the request
// that HTTP would have brought, and how its answer comes back.

#include <memory>
#include <string>
#include <vector>

#include "platform/grpc/schema.hpp"
#include "platform/http/endpoint.hpp"
#include "platform/http/message.hpp"

namespace stateset::grpc {

class Method {
  public:
    // Throws std::logic_error when the request has a field that the endpoint does not take.
    Method(const pb::MethodDescriptor&, const http::Endpoint&);

    const std::string& path() const { return path_; }  // "/stateset.v1.OrderService/GetOrder"
    const http::Endpoint& endpoint() const { return endpoint_; }
    bool streams() const { return streams_; }
    const pb::Descriptor& input() const { return input_; }
    const pb::Descriptor& output() const { return output_; }

    // Method, target and body; its headers are the caller's affair. Throws Refusal with every field
    // that has no meaning there.
    http::Request request_from(const pb::Message&) const;
    // A successful answer as a message.
    std::unique_ptr<pb::Message> answer_from(const http::Response&) const;

  private:
    enum class Part { path, query, body, content, mask };
    struct Member {
        const pb::FieldDescriptor* field;
        Part part;
    };
    Part part_of(const pb::FieldDescriptor&) const;
    std::string target(const pb::Message&, std::vector<struct Fault>*) const;
    class Assembly;

    const http::Endpoint& endpoint_;
    const std::string path_;
    const bool streams_;
    const pb::Descriptor &input_, &output_;
    std::vector<Member> members_;
};

// Every method whose endpoint this table has, of every service in proto/. Throws std::logic_error
// when one has none.
std::vector<std::unique_ptr<Method>> methods_of(
    const std::vector<std::unique_ptr<http::Endpoint>>&);

}  // namespace stateset::grpc
