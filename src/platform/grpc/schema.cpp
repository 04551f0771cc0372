#include "platform/grpc/schema.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/unknown_field_set.h>

#include <deque>
#include <stdexcept>

#include "protos.hpp"

namespace stateset::grpc {
namespace {

// Numbers of the options in proto/stateset/v1/options.proto.
constexpr int operation_option = 51234, in_body_option = 51235;
constexpr std::string_view our_package = "stateset.v1";

struct Schema {
    std::deque<std::string> files;  // the pool reads them where they are
    std::vector<const pb::ServiceDescriptor*> services;
    pb::DynamicMessageFactory factory{pb::DescriptorPool::generated_pool()};

    Schema() {
        pb::FileDescriptorSet all;
        if (!all.ParseFromArray(embedded::protos.data(), static_cast<int>(embedded::protos.size())))
            throw std::logic_error("the embedded descriptors are no descriptors");
        for (const auto& file : all.file()) {
            const auto& text = files.emplace_back(file.SerializeAsString());
            pb::DescriptorPool::InternalAddGeneratedFile(text.data(),
                                                         static_cast<int>(text.size()));
        }
        for (const auto& file : all.file()) {
            const auto* known = pb::DescriptorPool::generated_pool()->FindFileByName(file.name());
            if (!known) throw std::logic_error(file.name() + " does not fit the other files");
            if (known->package() != our_package) continue;
            for (int i = 0; i < known->service_count(); ++i) services.push_back(known->service(i));
        }
    }
};

Schema& schema() {
    static auto* one = new Schema;  // the pool lives as long as the process
    return *one;
}

// Options of our own are unknown to protobuf's classes, which keep them as they came.
const pb::UnknownField* option(const pb::UnknownFieldSet& all, int number) {
    for (int i = 0; i < all.field_count(); ++i) {
        if (all.field(i).number() == number) return &all.field(i);
    }
    return nullptr;
}

}  // namespace

std::vector<const pb::ServiceDescriptor*> services() { return schema().services; }

const pb::Descriptor& message_type(std::string_view full_name) {
    schema();
    const auto* found =
        pb::DescriptorPool::generated_pool()->FindMessageTypeByName(std::string(full_name));
    if (!found) throw std::logic_error("there is no message " + std::string(full_name));
    return *found;
}

std::unique_ptr<pb::Message> new_message(const pb::Descriptor& type) {
    return std::unique_ptr<pb::Message>(schema().factory.GetPrototype(&type)->New());
}

std::string operation_of(const pb::MethodDescriptor& method) {
    const auto& options = method.options();
    const auto* found =
        option(options.GetReflection()->GetUnknownFields(options), operation_option);
    return found ? found->length_delimited() : std::string();
}

bool is_in_body(const pb::FieldDescriptor& field) {
    const auto& options = field.options();
    const auto* found = option(options.GetReflection()->GetUnknownFields(options), in_body_option);
    return found && found->varint() != 0;
}

}  // namespace stateset::grpc
