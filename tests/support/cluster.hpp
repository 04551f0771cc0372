#pragma once
// A whole installation, started by tools/cluster.py: instances behind a balancer, PostgreSQL with a
// synchronous replica, Redis. It ends with the Cluster. When a test fails, the ends of all logs are
// printed with it.
//
//     Cluster cluster({.instances = 3});
//     cluster.admin().get("/orders");         // through the balancer
//     cluster.tell("kill instance 2");        // tools/cluster.py tells what there is to tell

#include <filesystem>
#include <string>
#include <vector>

#include "support/client.hpp"
#include "support/server.hpp"

namespace stateset::support {

class Cluster {
  public:
    struct Options {
        int instances = 3;
        bool replica = false;
        bool redis = false;
        bool rate_limit = false;
        std::vector<std::string> serve = {};  // further arguments of every instance
    };
    Cluster();
    explicit Cluster(Options);
    ~Cluster();
    Cluster(const Cluster&) = delete;
    Cluster& operator=(const Cluster&) = delete;

    // Has it carried out; what was answered after "ok". Throws on "error".
    std::string tell(const std::string& command);

    Client admin() const;                  // through the balancer, with a key that may do all
    Client at_instance(int from_1) const;  // the same key, past the balancer
    int instances() const { return static_cast<int>(addresses_["instances"].size()); }
    // With --database: `cluster.run({"verify"})`.
    Finished run(std::vector<std::string> arguments) const;
    const Json& addresses() const { return addresses_; }

  private:
    int process_ = -1, commands_ = -1, answers_ = -1;
    std::filesystem::path folder_;  // holds what it wrote to standard error
    std::string read_;              // and not yet used
    Json addresses_;

    void start(const Options&);
    void end();
    std::string line(std::chrono::seconds patience);
    void print_logs() const;
};

}  // namespace stateset::support
