#include "support/cluster.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>

#include "support/together.hpp"

namespace stateset::support {
namespace {

// A command may restart all instances, one after the other.
constexpr std::chrono::seconds patience_to_start{60}, patience_with_a_command{120},
    patience_to_end{40};

std::string end_of(const std::filesystem::path& path) {
    constexpr std::size_t enough = 4000;
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    auto all = text.str();
    return all.size() > enough ? "…" + all.substr(all.size() - enough) : all;
}

std::string binary() {
    const char* named = std::getenv("STATESET_BINARY");
    return named ? named : STATESET_BINARY;
}

}  // namespace

Cluster::Cluster() : Cluster(Options{}) {}

Cluster::Cluster(Options options) {
    std::string name = (std::filesystem::temp_directory_path() / "stateset-test-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("cannot make a temporary folder");
    folder_ = name;
    try {
        start(options);
    } catch (...) {
        end();
        throw;
    }
}

Cluster::~Cluster() {
    auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    if (test && test->result()->Failed()) print_logs();
    end();
}

void Cluster::start(const Options& options) {
    std::vector<std::string> arguments{
        "python3",     STATESET_SOURCE "/tools/cluster.py", "--json", "--binary", binary(),
        "--instances", std::to_string(options.instances)};
    if (!options.replica) arguments.push_back("--no-replica");
    if (!options.redis) arguments.push_back("--no-redis");
    for (const auto* each :
         {"--", "--lease-s", "2", "--rate-limit", options.rate_limit ? "on" : "off"}) {
        arguments.push_back(each);
    }
    arguments.insert(arguments.end(), options.serve.begin(), options.serve.end());
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);

    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) {
        throw std::runtime_error("cannot make a pipe");
    }
    int log = ::open((folder_ / "log").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    process_ = ::fork();
    if (process_ == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        dup2(log, STDERR_FILENO);
        execvp(argv[0], argv.data());
        _exit(127);
    }
    for (int mine : {in[0], out[1], log}) ::close(mine);
    commands_ = in[1];
    answers_ = out[0];
    addresses_ = Json::parse(line(patience_to_start));
}

void Cluster::end() {
    if (commands_ >= 0) ::close(commands_);  // which it takes for the end
    if (process_ > 0) {
        bool ended =
            eventually(patience_to_end, [&] { return waitpid(process_, nullptr, WNOHANG) != 0; });
        if (!ended) {
            ADD_FAILURE() << "the cluster did not end in time";
            ::kill(process_, SIGKILL);
            waitpid(process_, nullptr, 0);
        }
    }
    if (answers_ >= 0) ::close(answers_);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

std::string Cluster::line(std::chrono::seconds patience) {
    auto deadline = std::chrono::steady_clock::now() + patience;
    std::size_t end;
    while ((end = read_.find('\n')) == read_.npos) {
        auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        pollfd ask{.fd = answers_, .events = POLLIN, .revents = 0};
        char bytes[4096];
        ssize_t count = -1;
        if (left.count() > 0 && ::poll(&ask, 1, static_cast<int>(left.count())) > 0) {
            count = ::read(answers_, bytes, sizeof bytes);
        }
        if (count <= 0) {
            throw std::runtime_error("tools/cluster.py does not answer: " +
                                     end_of(folder_ / "log"));
        }
        read_.append(bytes, static_cast<std::size_t>(count));
    }
    auto text = read_.substr(0, end);
    read_.erase(0, end + 1);
    return text;
}

std::string Cluster::tell(const std::string& command) {
    auto text = command + "\n";
    if (::write(commands_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        throw std::runtime_error("tools/cluster.py has ended: " + end_of(folder_ / "log"));
    }
    auto answer = line(patience_with_a_command);
    if (!answer.starts_with("ok")) throw std::runtime_error(command + ": " + answer);
    return answer.substr(std::min(answer.size(), std::string_view("ok ").size()));
}

Client Cluster::admin() const {
    return Client(addresses_["balancer"].text(), addresses_["key"].text());
}

Client Cluster::at_instance(int from_1) const {
    auto address = addresses_["instances"][static_cast<std::size_t>(from_1 - 1)].text();
    return Client(address, addresses_["key"].text());
}

Finished Cluster::run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--database", addresses_["database"].text()});
    return run_stateset(arguments);
}

void Cluster::print_logs() const {
    std::filesystem::path logs = addresses_["folder"].text() + "/logs";
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(logs, ignored)) {
        std::cerr << "---- " << entry.path().filename().string() << " ----\n"
                  << end_of(entry.path()) << "\n";
    }
}

}  // namespace stateset::support
