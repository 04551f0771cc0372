#pragma once
// The wiring: configuration → stores → slices → servers. Everything that exists once per process is
// made here, in order, and ends in the opposite order.

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace stateset {

class Api;

struct Config {
    std::string data = "data";            // folder of the embedded database
    std::string http = "127.0.0.1:8080";  // address and port; port 0: any free one
    std::optional<std::string> admin_email, admin_password;
    bool apply_migrations = true;  // else refuse to start while some are pending
    bool rate_limit = true;
    bool webhook_allow_private = false;
    bool demo = false;
    std::string log = "info";
};

// Every route of every slice: the endpoint table.
void routes(Api&);

class App {
  public:
    explicit App(Config);
    ~App();

    void start();  // throws std::runtime_error with a text for the operator
    unsigned short port() const;
    void stop();  // graceful

    struct Parts;
    Parts& parts() { return *parts_; }

  private:
    std::unique_ptr<Parts> parts_;
};

}  // namespace stateset
