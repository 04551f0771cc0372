#include "support/server.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <map>
#include <mutex>
#include <sstream>
#include <stdexcept>

#include "support/together.hpp"

namespace stateset::support {
namespace {

constexpr std::chrono::seconds patience_to_start{30}, patience_to_stop{20};
constexpr const char* lease_s = "2";  // so that no test waits long for a dead server's leases

std::string binary() {
    const char* named = std::getenv("STATESET_BINARY");
    return named ? named : STATESET_BINARY;
}

std::string content_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string end_of(const std::string& text) {
    constexpr std::size_t enough = 6000;
    return text.size() > enough ? "…" + text.substr(text.size() - enough) : text;
}

std::filesystem::path new_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "stateset-test-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("cannot make a temporary folder");
    return name;
}

// The child's variables: ours without STATESET_…, and the given ones.
std::vector<std::string> environment_with(const Headers& added) {
    std::map<std::string, std::string> all;
    for (char** each = environ; *each; ++each) {
        std::string_view line = *each;
        auto equals = std::min(line.find('='), line.size() - 1);
        if (!line.starts_with("STATESET_"))
            all[std::string(line.substr(0, equals))] = line.substr(equals + 1);
    }
    for (const auto& [name, value] : added) all[name] = value;
    std::vector<std::string> lines;
    for (const auto& [name, value] : all) lines.push_back(name + "=" + value);
    return lines;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (auto& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

// Everything is made before the fork: after it, only calls that are safe in a copy of one thread.
int spawn(std::vector<std::string> arguments, const Headers& environment,
          const std::filesystem::path& output) {
    arguments.insert(arguments.begin(), binary());
    auto variables = environment_with(environment);
    auto argv = pointers(arguments), envp = pointers(variables);
    int file = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int process = ::fork();
    if (process < 0) throw std::runtime_error("cannot fork");
    if (process == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(file, 1);
        dup2(file, 2);
        execve(argv[0], argv.data(), envp.data());
        _exit(127);
    }
    ::close(file);
    return process;
}

int exit_status(int status) {
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// Prints what the servers said when a test fails.
class Witness : public ::testing::EmptyTestEventListener {
  public:
    static Witness& one() {
        static auto* witness = [] {
            auto* made = new Witness;
            ::testing::UnitTest::GetInstance()->listeners().Append(made);  // owns it
            return made;
        }();
        return *witness;
    }
    void watch(Server* server) {
        std::scoped_lock lock(mutex_);
        servers_.push_back(server);
    }
    void forget(Server* server) {
        std::scoped_lock lock(mutex_);
        std::erase(servers_, server);
        auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
        if (test && test->result()->Failed()) print(*server);
    }
    void OnTestEnd(const ::testing::TestInfo& test) override {
        std::scoped_lock lock(mutex_);
        if (!test.result()->Failed()) return;
        for (auto* server : servers_) print(*server);
    }

  private:
    static void print(const Server& server) {
        std::cerr << "---- what the server at " << server.address() << " wrote ----\n"
                  << end_of(server.log()) << "----\n";
    }
    std::mutex mutex_;
    std::vector<Server*> servers_;
};

std::string json_list(const std::vector<std::string>& words) {
    std::string text = "[";
    for (const auto& word : words) text += (text.size() > 1 ? ",\"" : "\"") + word + "\"";
    return text + "]";
}

std::string body_of_login(const std::string& email, const std::string& password) {
    return R"({"email":")" + email + R"(","password":")" + password + "\"}";
}

std::string key_of(Client& client, const std::vector<std::string>& scopes) {
    auto made = client.post("/api-keys", R"({"name":"tests","scopes":)" + json_list(scopes) + "}");
    if (made.status != 201) throw std::runtime_error("no API key: " + made.body);
    return made["key"].text();
}

std::string token_of(Client client, const std::string& email, const std::string& password) {
    auto reply = client.post("/auth/login", body_of_login(email, password));
    if (reply.status != 200) throw std::runtime_error("no login: " + reply.body);
    return reply["access_token"].text();
}

}  // namespace

Finished run_stateset(const std::vector<std::string>& arguments, const Headers& environment,
                      std::chrono::seconds patience) {
    auto folder = new_folder();
    int process = spawn(arguments, environment, folder / "output");
    int status = 0;
    bool ended = eventually(patience, [&] { return waitpid(process, &status, WNOHANG) != 0; });
    if (!ended) {
        ::kill(process, SIGKILL);
        waitpid(process, &status, 0);
    }
    Finished finished{exit_status(status), content_of(folder / "output")};
    std::filesystem::remove_all(folder);
    return finished;
}

Server::Server() : Server(Options{}) {}

Server::Server(Options options)
    : options_(std::move(options)),
      folder_(new_folder()),
      database_(Database::make(data(), options_.empty)) {
    std::filesystem::create_directories(data());
    Witness::one().watch(this);
    if (!options_.start) return;
    try {
        start();
    } catch (...) {
        kill();
        Witness::one().forget(this);
        std::filesystem::remove_all(folder_);
        throw;
    }
}

Server::~Server() {
    kill();
    Witness::one().forget(this);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

namespace {

std::unique_ptr<Server> the_shared_one;

// Ends the shared server before the process does.
class Curtain : public ::testing::Environment {
  public:
    void TearDown() override { the_shared_one.reset(); }
};

}  // namespace

Server& Server::shared() {
    if (!the_shared_one) {
        the_shared_one = std::make_unique<Server>();
        static auto* curtain = ::testing::AddGlobalTestEnvironment(new Curtain);  // owned by gtest
        (void)curtain;
    }
    return *the_shared_one;
}

void Server::start() {
    if (process_ > 0) throw std::logic_error("the server runs already");
    std::filesystem::remove(address_file());
    std::vector<std::string> arguments{"serve", "--http", "127.0.0.1:" + std::to_string(port_)};
    auto append = [&](const std::vector<std::string>& more) {
        arguments.insert(arguments.end(), more.begin(), more.end());
    };
    append(database_->arguments());
    append({"--grpc", options_.grpc ? "127.0.0.1:" + std::to_string(grpc_port_) : "off"});
    if (on_postgres()) append({"--address-file", address_file().string(), "--lease-s", lease_s});
    append(options_.arguments);
    Headers environment{
        {"STATESET_ADMIN_EMAIL", admin_email},
        {"STATESET_ADMIN_PASSWORD", admin_password},
        {"STATESET_RATE_LIMIT", options_.rate_limit ? "on" : "off"},
        {"STATESET_WEBHOOK_ALLOW_PRIVATE", options_.webhook_allow_private ? "true" : "false"}};
    environment.insert(environment.end(), options_.environment.begin(), options_.environment.end());
    process_ = spawn(std::move(arguments), environment, folder_ / "log");
    wait_until_listening();
}

// The server writes its address into a file once it listens.
void Server::wait_until_listening() {
    bool died = false;
    bool listens = eventually(patience_to_start, [&] {
        died = !running();
        return died || std::filesystem::exists(address_file());
    });
    if (died || !listens) {
        throw std::runtime_error((died ? "the server died:\n" : "the server does not listen:\n") +
                                 end_of(log()));
    }
    auto text = content_of(address_file());
    port_ = std::stoi(text.substr(text.rfind(':') + 1));
    if (!options_.grpc) return;
    text = content_of(address_file().string() + ".grpc");
    grpc_port_ = std::stoi(text.substr(text.rfind(':') + 1));
}

int Server::stop() {
    if (process_ <= 0) return -1;
    ::kill(process_, SIGTERM);
    auto status = reap(patience_to_stop);
    if (status < 0) {
        ADD_FAILURE() << "the server did not stop in time";
        kill();
    }
    return status;
}

void Server::kill() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    reap(patience_to_stop);
}

void Server::restart() {
    stop();
    start();
}

bool Server::running() { return process_ > 0 && reap(std::chrono::milliseconds(0)) < 0; }

int Server::reap(std::chrono::milliseconds patience) {
    int status = 0;
    if (!eventually(patience, [&] { return waitpid(process_, &status, WNOHANG) != 0; })) return -1;
    process_ = -1;
    return exit_status(status);
}

std::string Server::address() const { return "127.0.0.1:" + std::to_string(port_); }

std::string Server::grpc_address() const { return "127.0.0.1:" + std::to_string(grpc_port_); }

std::filesystem::path Server::address_file() const { return data() / "address"; }

std::string Server::log() const { return content_of(folder_ / "log"); }

Finished Server::run(std::vector<std::string> arguments) const {
    auto where = database_->arguments();
    arguments.insert(arguments.end(), where.begin(), where.end());
    return run_stateset(arguments);
}

Client Server::admin() {
    if (admin_key_.empty()) admin_key_ = key({"*"});
    return Client(address(), admin_key_);
}

std::string Server::access_token() { return token_of(anybody(), admin_email, admin_password); }

std::string Server::key(const std::vector<std::string>& scopes) {
    Client client(address(), admin_key_.empty() ? access_token() : admin_key_);
    return key_of(client, scopes);
}

Client Server::other_tenant(const std::string& name) {
    auto email = name + "@example.org";
    auto done = run({"admin", "tenants", "create", "--name", name, "--email", email, "--password",
                     admin_password});
    if (done.status != 0) throw std::runtime_error("stateset admin: " + done.output);
    Client client(address(), token_of(anybody(), email, admin_password));
    return Client(address(), key_of(client, {"*"}));
}

}  // namespace stateset::support
