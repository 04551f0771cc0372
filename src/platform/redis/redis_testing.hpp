#pragma once
// A real redis-server for a test: on a free port of loopback, in a temporary folder, without
// persistence unless a test saves. It can be killed, started again on the same port, paused and
// made a replica or a master; it dies with the process that started it.

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "platform/redis/connection.hpp"

namespace stateset::redis {

using namespace std::chrono_literals;

// Polls until it is true; false when that takes longer than `patience`.
template <class Condition>
bool becomes_true(Condition condition, std::chrono::milliseconds patience = 10s) {
    auto end = Clock::now() + patience;
    while (!condition()) {
        if (Clock::now() > end) return false;
        std::this_thread::sleep_for(2ms);
    }
    return true;
}

class TestServer {
  public:
    explicit TestServer(std::vector<std::string> options = {}) : options_(std::move(options)) {
        auto pattern = (std::filesystem::temp_directory_path() / "stateset-redis-XXXXXX").string();
        if (!mkdtemp(pattern.data())) throw std::runtime_error("no temporary folder");
        folder_ = pattern;
        for (int tries = 0; tries < 5; ++tries) {
            port_ = free_port();
            if (start_once()) return;
        }
        throw std::runtime_error("redis-server does not start");
    }

    ~TestServer() {
        kill();
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    TestServer(const TestServer&) = delete;
    TestServer& operator=(const TestServer&) = delete;

    int port() const { return port_; }
    std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
    Address address() const { return address_from("redis://" + host()); }

    void start() {
        if (!start_once()) throw std::runtime_error("redis-server does not start again");
    }
    void kill() {
        if (process_ <= 0) return;
        ::kill(process_, SIGKILL);
        waitpid(process_, nullptr, 0);
        process_ = 0;
    }
    void pause() { ::kill(process_, SIGSTOP); }
    void resume() { ::kill(process_, SIGCONT); }

    // One command on a connection of its own; an empty reply when the server does not answer.
    Reply tell(const Command& command) const {
        auto replies = own_connection().ask({command});
        return replies ? replies.all[0] : Reply{};
    }

    // These go through redis-cli, for our own connections refuse a server that is no master.
    void follow(const TestServer& master) {
        cli("replicaof 127.0.0.1 " + std::to_string(master.port()));
        auto follows = [&] { return cli("info replication | grep -q master_link_status:up"); };
        if (!becomes_true(follows)) throw std::runtime_error("the replica does not follow");
    }
    void promote() { cli("replicaof no one"); }
    bool holds(const std::string& key) const { return cli("exists " + key + " | grep -q 1"); }

  private:
    Connection own_connection() const {
        return Connection(address(), {.connect_timeout = 2s, .command_timeout = 2s});
    }

    static int free_port() {
        int listener = socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        bool bound =
            bind(listener, generic, size) == 0 && getsockname(listener, generic, &size) == 0;
        close(listener);
        if (!bound) throw std::runtime_error("no free port");
        return ntohs(address.sin_port);
    }

    bool start_once() {
        std::vector<std::string> words{"redis-server",
                                       "--port",
                                       std::to_string(port_),
                                       "--bind",
                                       "127.0.0.1",
                                       "--dir",
                                       folder_,
                                       "--save",
                                       "",
                                       "--appendonly",
                                       "no",
                                       "--repl-diskless-sync-delay",
                                       "0",
                                       "--loglevel",
                                       "warning"};
        words.insert(words.end(), options_.begin(), options_.end());
        std::vector<char*> arguments;
        for (auto& word : words) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        process_ = fork();
        if (process_ == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            int nowhere = open("/dev/null", O_RDWR);
            for (int i = 0; i < 3; ++i) dup2(nowhere, i);
            execvp(arguments[0], arguments.data());
            _exit(127);
        }
        auto over = [this] { return waitpid(process_, nullptr, WNOHANG) == process_; };
        for (auto end = Clock::now() + 10s; Clock::now() < end;) {
            if (over()) {
                process_ = 0;
                return false;
            }
            if (cli("ping | grep -qE 'PONG|NOAUTH'")) return true;
            std::this_thread::sleep_for(5ms);
        }
        kill();
        return false;
    }

    bool cli(const std::string& words) const {
        auto line = "(redis-cli -p " + std::to_string(port_) + " " + words + ") >/dev/null 2>&1";
        return std::system(line.c_str()) == 0;
    }

    std::vector<std::string> options_;
    std::string folder_;
    int port_ = 0;
    pid_t process_ = 0;
};

}  // namespace stateset::redis
