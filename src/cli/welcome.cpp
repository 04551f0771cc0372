#include "cli/welcome.hpp"

#include <cstdio>

namespace stateset::cli {
namespace {

constexpr const char* first_login_text = R"(
  This is shown once. Keep it.

  administrator  %s
  password       %s
  API key        %s

  A first order, in three lines:

  KEY=%s API=%s/api/v1
  curl -H "X-API-Key: $KEY" $API/products --json \
    '{"name":"A mug","sku":"FIRST-MUG","price":"49.99","currency":"USD"}'
  CUSTOMER=$(curl -s -H "X-API-Key: $KEY" $API/customers --json \
    '{"email":"ada@example.com"}' | cut -d '"' -f 4)
  curl -H "X-API-Key: $KEY" $API/orders --json \
    '{"customer_id":"'$CUSTOMER'","items":[{"sku":"FIRST-MUG","quantity":2}]}'

)";

}  // namespace

void welcome(const App& app, const Config& config) {
    auto url =
        "http://" + config.http.substr(0, config.http.rfind(':') + 1) + std::to_string(app.port());
    std::printf("\n  StateSet listens on %s, the API is described at %s/docs\n", url.c_str(),
                url.c_str());
    if (auto grpc = app.grpc_address(); !grpc.empty()) {
        std::printf("  gRPC at %s; `grpcurl -plaintext %s list` shows its services\n", grpc.c_str(),
                    grpc.c_str());
    }
    if (const auto& login = app.first_login()) {
        std::printf(first_login_text, login->email.c_str(), login->password.c_str(),
                    login->key.c_str(), login->key.c_str(), url.c_str());
    }
    std::fflush(stdout);
}

}  // namespace stateset::cli
