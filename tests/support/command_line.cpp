#include "support/command_line.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "support/together.hpp"

namespace stateset::support {
namespace {

std::string binary() {
    const char* named = std::getenv("STATESET_BINARY");
    return named ? named : STATESET_BINARY;
}

std::filesystem::path new_folder() {
    auto name = (std::filesystem::temp_directory_path() / "stateset-user-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("cannot make a temporary folder");
    return name;
}

int exit_status(int status) {
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (auto& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Ran& ran) {
    return out << "exit " << ran.status << "\n" << ran.out << "\n--- stderr\n" << ran.err;
}

std::string content_of_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

Running::Running(int process, std::filesystem::path folder)
    : process_(process), folder_(std::move(folder)) {}

Running::~Running() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
}

std::string Running::out() const { return content_of_file(folder_ / "out"); }
std::string Running::err() const { return content_of_file(folder_ / "err"); }

bool Running::says(const std::string& text, std::chrono::milliseconds patience) const {
    return eventually(patience, [&] {
        return out().find(text) != std::string::npos || err().find(text) != std::string::npos;
    });
}

Ran Running::ends(std::chrono::seconds patience) {
    int status = 0;
    bool ended =
        eventually(patience, [&] { return waitpid(process_, &status, WNOHANG) == process_; });
    if (!ended) {
        ::kill(process_, SIGKILL);
        waitpid(process_, &status, 0);
    }
    process_ = -1;
    return {exit_status(status), out(), err()};
}

CommandLine::CommandLine(std::string server) : folder_(new_folder()) {
    if (!server.empty()) set("STATESET_SERVER", server);
}

CommandLine::~CommandLine() {
    std::error_code error;
    std::filesystem::remove_all(folder_, error);
}

void CommandLine::set(const std::string& name, const std::string& value) {
    std::erase_if(variables_, [&](const auto& each) { return each.first == name; });
    if (!value.empty()) variables_.emplace_back(name, value);
}

std::filesystem::path CommandLine::file(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ / name, std::ios::binary) << content;
    return folder_ / name;
}

std::vector<std::string> CommandLine::environment() const {
    std::vector<std::string> lines{"XDG_CONFIG_HOME=" + (folder_ / "config").string(),
                                   "HOME=" + folder_.string(), "TERM=xterm"};
    const char* path = std::getenv("PATH");
    lines.push_back("PATH=" + std::string(path == nullptr ? "/usr/bin:/bin" : path));
    for (const auto& [name, value] : variables_) lines.push_back(name + "=" + value);
    for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
        if (const char* value = std::getenv(name))
            lines.push_back(name + ("=" + std::string(value)));
    }
    return lines;
}

std::unique_ptr<Running> CommandLine::start(const std::vector<std::string>& words,
                                            const std::string& input) const {
    static std::atomic<int> count{0};
    auto folder = folder_ / ("run-" + std::to_string(++count));
    std::filesystem::create_directory(folder);
    std::ofstream(folder / "in", std::ios::binary) << input;
    auto arguments = words;
    arguments.insert(arguments.begin(), binary());
    auto variables = environment();
    auto argv = pointers(arguments), envp = pointers(variables);
    int in = ::open((folder / "in").c_str(), O_RDONLY | O_CLOEXEC);
    int out = ::open((folder / "out").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    int err = ::open((folder / "err").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    int process = ::fork();
    if (process < 0) throw std::runtime_error("cannot fork");
    if (process == 0) {
        setsid();  // without a terminal, whoever runs the tests
        dup2(in, 0);
        dup2(out, 1);
        dup2(err, 2);
        if (chdir(folder_.c_str()) == 0) execve(argv[0], argv.data(), envp.data());
        _exit(127);
    }
    for (int each : {in, out, err}) ::close(each);
    return std::make_unique<Running>(process, folder);
}

Ran CommandLine::operator()(const std::vector<std::string>& words, const std::string& input) const {
    return start(words, input)->ends();
}

Ran CommandLine::at_terminal(const std::vector<std::string>& words,
                             const std::vector<std::string>& lines) const {
    auto arguments = words;
    arguments.insert(arguments.begin(), binary());
    auto variables = environment();
    auto argv = pointers(arguments), envp = pointers(variables);
    int terminal = -1;
    winsize size{.ws_row = 24, .ws_col = 100};
    int process = forkpty(&terminal, nullptr, nullptr, &size);
    if (process < 0) throw std::runtime_error("cannot open a terminal");
    if (process == 0) {
        execve(argv[0], argv.data(), envp.data());
        _exit(127);
    }
    Ran ran;
    std::size_t typed = 0, answered = 0;
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < deadline) {
        pollfd waiting{.fd = terminal, .events = POLLIN, .revents = 0};
        if (::poll(&waiting, 1, 1'000) <= 0) continue;
        char piece[4096];
        auto got = ::read(terminal, piece, sizeof piece);
        if (got <= 0) break;  // it has ended
        ran.out.append(piece, static_cast<std::size_t>(got));
        // Each question ends in a colon, and is answered once.
        if (typed < lines.size() && ran.out.size() > answered && ran.out.ends_with(": ")) {
            auto line = lines[typed++] + "\n";
            answered = ran.out.size();
            if (::write(terminal, line.data(), line.size()) < 0) break;
        }
    }
    int status = 0;
    ::close(terminal);
    waitpid(process, &status, 0);
    ran.status = exit_status(status);
    return ran;
}

}  // namespace stateset::support
