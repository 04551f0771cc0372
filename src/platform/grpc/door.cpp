#include "platform/grpc/door.hpp"

#include <grpc/support/log.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/service_type.h>

#include <deque>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "platform/grpc/calls.hpp"
#include "platform/http/api.hpp"

namespace stateset::grpc {
namespace {

// A client that pings more often than this without calls, five times, is told to go: it costs power
// and buys nothing.
constexpr int shortest_ping_ms = 10'000, most_ping_strikes = 5;
// A silent connection is asked after a minute, and gone when it does not answer in time: what a NAT
// forgot would stay for hours otherwise.
constexpr int keepalive_ms = 60'000, keepalive_timeout_ms = 20'000;
// Connections without calls do not stay for ever; clients connect anew by themselves.
constexpr int idle_ms = 600'000;
// Metadata of one call, as the header block over HTTP.
constexpr int metadata_bytes = 16 * 1024;

using Bytes = ::grpc::ByteBuffer;

// One service, made of its methods as generated code would make it.
class Service final : public ::grpc::Service {
  public:
    void add(const Method& method, http::Edge& edge, Feeds& feeds) {
        using Kind = ::grpc::internal::RpcMethod;
        auto kind = method.streams() ? Kind::SERVER_STREAMING : Kind::NORMAL_RPC;
        AddMethod(new ::grpc::internal::RpcServiceMethod(method.path().c_str(), kind, nullptr));
        MarkMethodRawCallback(count_++, handler(method, edge, feeds));
    }

  private:
    static ::grpc::internal::MethodHandler* handler(const Method& method, http::Edge& edge,
                                                    Feeds& feeds) {
        using Context = ::grpc::CallbackServerContext;
        if (method.streams()) {
            return new ::grpc::internal::CallbackServerStreamingHandler<Bytes, Bytes>(
                [&](Context* context, const Bytes* request) {
                    return feed(method, edge, feeds, context, request);
                });
        }
        return new ::grpc::internal::CallbackUnaryHandler<Bytes, Bytes>(
            [&](Context* context, const Bytes* request, Bytes* reply) {
                return answer(method, edge, context, request, reply);
            });
    }
    int count_ = 0;
};

std::string content_of(const std::string& path, const char* flag) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error(std::string(flag) + ": cannot read " + path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

std::shared_ptr<::grpc::ServerCredentials> credentials(const Door::Options& options) {
    if (!options.certificate && !options.key) return ::grpc::InsecureServerCredentials();
    if (!options.certificate || !options.key) {
        throw std::runtime_error("--grpc-cert and --grpc-key belong together");
    }
    ::grpc::SslServerCredentialsOptions tls;
    tls.pem_key_cert_pairs.push_back(
        {content_of(*options.key, "--grpc-key"), content_of(*options.certificate, "--grpc-cert")});
    return ::grpc::SslServerCredentials(tls);
}

// gRPC's own words go nowhere: what an operator must know comes as an exception from `start`.
void silence(gpr_log_func_args*) {}

}  // namespace

struct Door::State {
    Options options;
    std::vector<std::unique_ptr<Method>> methods;
    Feeds feeds;
    std::map<std::string, std::unique_ptr<Service>> services;  // by full name
    std::unique_ptr<::grpc::Server> server;
    int port = 0;

    void serve(const Method& method, http::Edge& edge) {
        auto name = method.path().substr(1, method.path().rfind('/') - 1);
        auto& service = services[name];
        if (!service) service = std::make_unique<Service>();
        service->add(method, edge, feeds);
    }
    void limit(::grpc::ServerBuilder& builder) const {
        builder.SetMaxReceiveMessageSize(options.message_bytes);
        builder.SetMaxSendMessageSize(-1);  // pages are bounded by `limit`, exports by their kind
        builder.SetResourceQuota(::grpc::ResourceQuota("stateset")
                                     .Resize(static_cast<std::size_t>(options.memory_bytes)));
        // Two servers on one port would each get half of the calls.
        builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
        builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.streams);
        builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, metadata_bytes);
        builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, keepalive_ms);
        builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, keepalive_timeout_ms);
        builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                                   shortest_ping_ms);
        builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, most_ping_strikes);
        builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, idle_ms);
    }
};

Door::Door(const Api& api, http::Edge& edge, Options options)
    : state_(new State{.options = std::move(options), .methods = methods_of(api.endpoints())}) {
    for (const auto& method : state_->methods) state_->serve(*method, edge);
}

Door::~Door() { stop(std::chrono::milliseconds(0)); }

void Door::start() {
    gpr_set_log_function(silence);
    ::grpc::EnableDefaultHealthCheckService(true);
    ::grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    ::grpc::ServerBuilder builder;
    builder.AddListeningPort(state_->options.address, credentials(state_->options), &state_->port);
    state_->limit(builder);
    for (const auto& [_, service] : state_->services) builder.RegisterService(service.get());
    state_->server = builder.BuildAndStart();
    if (!state_->server || state_->port == 0) {
        throw std::runtime_error("cannot serve gRPC at " + state_->options.address +
                                 ": the address is in use, or the certificate and key do not fit; "
                                 "--grpc names another address, --grpc off does without");
    }
    for (const auto& [name, _] : state_->services) {
        state_->server->GetHealthCheckService()->SetServingStatus(name, true);
    }
}

unsigned short Door::port() const { return static_cast<unsigned short>(state_->port); }

void Door::drain() {
    if (state_->server) state_->server->GetHealthCheckService()->SetServingStatus(false);
}

void Door::stop(std::chrono::milliseconds grace) {
    if (!state_->server) return;
    drain();
    state_->feeds.wind_down();
    state_->server->Shutdown(std::chrono::system_clock::now() + grace);
    state_->server.reset();
}

}  // namespace stateset::grpc
