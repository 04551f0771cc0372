#pragma once
// The real binary, run as a child process on a database of its own (see support/database.hpp) and a
// free port of loopback. Folder and database go when the Server goes. When a test fails, the end of
// the log is printed with it.
//
//     Server& server = Server::shared();     // one per test process, started when first asked for
//     Server own({.rate_limit = true});      // one of your own: for kill, restart, limits
//
// Start, restart and run from the test's main thread: the child ends with the thread that made it.

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "support/client.hpp"
#include "support/database.hpp"

namespace stateset::support {

struct Finished {
    int status = -1;     // exit status; 128 + n when signal n ended it
    std::string output;  // standard output and error
};

// Runs the binary with these arguments until it ends.
Finished run_stateset(const std::vector<std::string>& arguments, const Headers& environment = {},
                      std::chrono::seconds patience = std::chrono::seconds(60));

class Server {
  public:
    struct Options {
        bool rate_limit = false;
        bool webhook_allow_private = true;
        std::vector<std::string> arguments = {};  // further ones of `serve`
        Headers environment = {};                 // further variables
        bool start = true;
        bool empty = false;  // nothing is migrated yet, as SQLite always begins
        bool grpc = false;   // serve gRPC, too
    };
    Server();
    explicit Server(Options);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    static Server& shared();

    void start();    // waits until it listens; throws with the log's end when it does not
    int stop();      // SIGTERM; its exit status
    void kill();     // SIGKILL, as a power cut would
    void restart();  // stop and start, on the same port and folder
    bool running();  // false also when it has died

    std::string address() const;  // "127.0.0.1:40123"
    std::string url() const { return "http://" + address(); }
    std::string grpc_address() const;  // the same of gRPC
    int process() const { return process_; }
    std::filesystem::path data() const { return folder_ / "data"; }  // for the test on PostgreSQL
    std::string log() const;  // all that it wrote to standard error, over every start

    // On the database of this server: `server.run({"verify"})`.
    Finished run(std::vector<std::string> arguments) const;
    const Database& database() const { return *database_; }

    Client anybody() const { return Client(address()); }  // without credentials
    Client admin();              // with a key of the first administrator that may do all
    std::string access_token();  // of the first administrator, fresh
    // A key of the first administrator that may do this only.
    std::string key(const std::vector<std::string>& scopes);
    // An administrator's key in a tenant of its own, made by `stateset admin`.
    Client other_tenant(const std::string& name);

    static constexpr const char* admin_email = "admin@example.com";
    static constexpr const char* admin_password = "correct horse battery staple";

  private:
    Options options_;
    std::filesystem::path folder_;
    std::unique_ptr<Database> database_;
    int process_ = -1;
    int port_ = 0, grpc_port_ = 0;
    std::string admin_key_;

    int reap(std::chrono::milliseconds patience);  // exit status, -1 when it still runs
    void wait_until_listening();
    std::filesystem::path address_file() const;
};

}  // namespace stateset::support
