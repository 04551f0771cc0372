#include "support/grpc_client.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <future>
#include <stdexcept>

#include "platform/grpc/schema.hpp"

namespace stateset::support {
namespace {

namespace pb = google::protobuf;
using Bytes = ::grpc::ByteBuffer;

const pb::MethodDescriptor& method_called(std::string_view name) {
    static_cast<void>(grpc::services());  // they are in the pool from now on
    std::string full(name);
    for (char& c : full) c = c == '/' ? '.' : c;
    if (name.find('.') == name.npos) full = "stateset.v1." + full;
    const auto* found = pb::DescriptorPool::generated_pool()->FindMethodByName(full);
    if (!found) throw std::runtime_error("there is no method " + full);
    return *found;
}

std::string path_of(const pb::MethodDescriptor& method) {
    return "/" + method.service()->full_name() + "/" + method.name();
}

std::string encoded(const pb::Descriptor& type, const std::string& json) {
    auto message = grpc::new_message(type);
    auto status = pb::util::JsonStringToMessage(json, message.get());
    if (!status.ok()) throw std::runtime_error(json + ": " + status.ToString());
    return message->SerializeAsString();
}

std::string text_of(const Bytes& bytes) {
    std::vector<::grpc::Slice> slices;
    static_cast<void>(bytes.Dump(&slices));
    std::string text;
    for (const auto& slice : slices) {
        text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    }
    return text;
}

Bytes bytes_of(const std::string& text) {
    ::grpc::Slice slice(text);
    return {&slice, 1};
}

Json shown(const pb::Message& message) {
    std::string text;
    pb::util::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    auto status = pb::util::MessageToJsonString(message, &text, options);
    if (!status.ok()) throw std::runtime_error(status.ToString());
    return Json::parse(text);
}

Json decoded(const pb::Descriptor& type, const std::string& bytes) {
    auto message = grpc::new_message(type);
    if (!message->ParseFromString(bytes)) throw std::runtime_error("no " + type.full_name());
    return shown(*message);
}

void read_details(RpcReply& reply, const std::string& bytes) {
    if (bytes.empty()) return;
    auto status = decoded(grpc::message_type("google.rpc.Status"), bytes);
    for (const auto& detail : status["details"].elements()) {
        auto type = detail["@type"].text();
        if (type.ends_with("ErrorInfo")) {
            reply.reason = detail["reason"].text();
            for (const auto& key : detail["metadata"].keys()) {
                reply.info[key] = detail["metadata"][key].text();
            }
        } else if (type.ends_with("BadRequest")) {
            for (const auto& each : detail["field_violations"].elements()) {
                reply.faults[each["field"].text()] = each["reason"].text();
            }
        } else if (type.ends_with("RetryInfo")) {
            reply.retry_s = std::stoll("0" + detail["retry_delay"].text());
        }
    }
}

RpcReply reply_from(const ::grpc::Status& status, const ::grpc::ClientContext& context) {
    RpcReply reply{.code = status.error_code(), .message = status.error_message()};
    for (const auto& [name, value] : context.GetServerTrailingMetadata()) {
        reply.trailers.emplace_back(std::string(name.data(), name.size()),
                                    std::string(value.data(), value.size()));
    }
    read_details(reply, status.error_details());
    return reply;
}

}  // namespace

std::string RpcReply::trailer(std::string_view name) const {
    for (const auto& [known, value] : trailers) {
        if (known == name) return value;
    }
    return {};
}

std::ostream& operator<<(std::ostream& out, const RpcReply& reply) {
    out << reply.code << " " << reply.reason << " " << reply.message << " " << reply.body.dump();
    for (const auto& [field, reason] : reply.faults) out << "\n  " << field << ": " << reason;
    return out;
}

struct GrpcClient::State {
    std::shared_ptr<::grpc::Channel> channel;
    std::string credential;

    void prepare(::grpc::ClientContext& context, const Headers& metadata,
                 std::chrono::milliseconds patience) const {
        if (!credential.empty()) context.AddMetadata("authorization", "Bearer " + credential);
        for (const auto& [name, value] : metadata) context.AddMetadata(name, value);
        context.set_deadline(std::chrono::system_clock::now() + patience);
    }
};

GrpcClient::GrpcClient(const std::string& address, std::string credential, std::string certificate)
    : state_(new State{.credential = std::move(credential)}) {
    auto credentials = ::grpc::InsecureChannelCredentials();
    ::grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    if (!certificate.empty()) {
        ::grpc::SslCredentialsOptions tls;
        tls.pem_root_certs = std::move(certificate);
        credentials = ::grpc::SslCredentials(tls);
        arguments.SetSslTargetNameOverride("localhost");
    }
    state_->channel = ::grpc::CreateCustomChannel(address, credentials, arguments);
}

GrpcClient::~GrpcClient() = default;

RpcReply GrpcClient::call(std::string_view method, const std::string& request,
                          const Headers& metadata) {
    const auto& called = method_called(method);
    return call_bytes(method, encoded(*called.input_type(), request), metadata);
}

RpcReply GrpcClient::call_bytes(std::string_view method, const std::string& bytes,
                                const Headers& metadata) {
    const auto& called = method_called(method);
    ::grpc::GenericStub stub(state_->channel);
    ::grpc::ClientContext context;
    state_->prepare(context, metadata, patience);
    auto request = bytes_of(bytes);
    Bytes answer;
    std::promise<::grpc::Status> ended;
    stub.UnaryCall(&context, path_of(called), {}, &request, &answer,
                   [&](::grpc::Status status) { ended.set_value(std::move(status)); });
    auto status = ended.get_future().get();
    auto reply = reply_from(status, context);
    if (status.ok()) reply.body = decoded(*called.output_type(), text_of(answer));
    return reply;
}

struct GrpcClient::Stream::State {
    ::grpc::ClientContext context;
    ::grpc::CompletionQueue queue;
    std::unique_ptr<::grpc::GenericClientAsyncReaderWriter> call;
    const pb::Descriptor* output = nullptr;
    Bytes incoming;
    bool over = false;

    // Whether the one operation under way succeeded; false also when it took too long.
    bool done(std::chrono::milliseconds patience, bool* late = nullptr) {
        void* tag = nullptr;
        bool ok = false;
        auto what = queue.AsyncNext(&tag, &ok, std::chrono::system_clock::now() + patience);
        if (late) *late = what == ::grpc::CompletionQueue::TIMEOUT;
        return what == ::grpc::CompletionQueue::GOT_EVENT && ok;
    }
    bool reading = false;
};

GrpcClient::Stream GrpcClient::stream(std::string_view method, const std::string& request,
                                      const Headers& metadata) {
    const auto& called = method_called(method);
    Stream stream;
    stream.state_ = std::make_unique<Stream::State>();
    auto& state = *stream.state_;
    state.output = called.output_type();
    state_->prepare(state.context, metadata, patience);
    ::grpc::GenericStub stub(state_->channel);
    state.call = stub.PrepareCall(&state.context, path_of(called), &state.queue);
    state.call->StartCall(nullptr);
    state.done(patience);
    state.call->WriteLast(bytes_of(encoded(*called.input_type(), request)), {}, nullptr);
    state.done(patience);
    // Its head says that it stands: what happens from now on is in it.
    state.call->ReadInitialMetadata(nullptr);
    state.done(patience);
    return stream;
}

Json GrpcClient::Stream::next(std::chrono::milliseconds patience) {
    auto& state = *state_;
    if (state.over) return {};
    if (!state.reading) state.call->Read(&state.incoming, nullptr);
    state.reading = true;
    bool late = false;
    bool ok = state.done(patience, &late);
    if (late) return {};
    state.reading = false;
    state.over = !ok;
    return ok ? decoded(*state.output, text_of(state.incoming)) : Json();
}

RpcReply GrpcClient::Stream::end() {
    while (next().exists()) {
    }
    ::grpc::Status status;
    state_->call->Finish(&status, nullptr);
    state_->done(std::chrono::seconds(10));
    state_->over = true;
    return reply_from(status, state_->context);
}

void GrpcClient::Stream::cancel() { state_->context.TryCancel(); }

GrpcClient::Stream::~Stream() {
    if (!state_) return;
    state_->context.TryCancel();
    state_->queue.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (state_->queue.Next(&tag, &ok)) {
    }
}

}  // namespace stateset::support
