#pragma once
// What proto/ declares, as descriptors. They are part of the binary and join protobuf's own pool,
// where generated code would have put them: reflection serves them from there. There are no
// generated classes; messages are made and read by their descriptors.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace google::protobuf {
class Descriptor;
class FieldDescriptor;
class Message;
class MethodDescriptor;
class ServiceDescriptor;
}  // namespace google::protobuf

namespace stateset::grpc {

namespace pb = google::protobuf;

// The services of the package stateset.v1, in order of name.
std::vector<const pb::ServiceDescriptor*> services();

// "google.rpc.ErrorInfo". It must exist.
const pb::Descriptor& message_type(std::string_view full_name);
std::unique_ptr<pb::Message> new_message(const pb::Descriptor&);

// The name of the endpoint that a method leads to: "orders_cancel".
std::string operation_of(const pb::MethodDescriptor&);
// Whether a field belongs to the body although a query parameter has its name.
bool is_in_body(const pb::FieldDescriptor&);

}  // namespace stateset::grpc
