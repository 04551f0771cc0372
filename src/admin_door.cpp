#include "admin_door.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace stateset {
namespace {

constexpr const char* name = "admin.sock";
constexpr std::size_t longest_line = 64 * 1024;
constexpr time_t patience_s = 30;  // hashing a password takes its time on a busy machine

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error(what + ": " + std::strerror(errno));
}

// The socket's address by way of an open folder: the path itself may be too long for one.
struct Address {
    int folder = -1;
    sockaddr_un value{};

    explicit Address(const std::string& path) {
        folder = open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
        value.sun_family = AF_UNIX;
        auto text = "/proc/self/fd/" + std::to_string(folder) + "/" + name;
        std::memcpy(value.sun_path, text.c_str(), text.size() + 1);
    }
    ~Address() {
        if (folder >= 0) close(folder);
    }
    Address(const Address&) = delete;
    Address& operator=(const Address&) = delete;
    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&value); }
};

void be_patient(int socket) {
    timeval patience{.tv_sec = patience_s, .tv_usec = 0};
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

// Until a line has ended; nothing when the other side stops before.
std::optional<std::string> read_line(int socket) {
    std::string line;
    char buffer[4096];
    while (line.size() < longest_line) {
        auto count = recv(socket, buffer, sizeof buffer, 0);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return std::nullopt;
        line.append(buffer, static_cast<std::size_t>(count));
        if (line.back() == '\n') {
            line.pop_back();
            return line;
        }
    }
    return std::nullopt;
}

bool write_line(int socket, std::string_view text) {
    std::string line(text);
    line += '\n';
    std::string_view rest = line;
    while (!rest.empty()) {
        auto count = send(socket, rest.data(), rest.size(), MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        rest.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

}  // namespace

AdminDoor::AdminDoor(std::string folder, Answer answer)
    : folder_(std::move(folder)), answer_(std::move(answer)) {
    Address address(folder_);
    unlink((folder_ + "/" + name).c_str());  // one that a killed server left
    socket_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    // The mode must be right before anybody can connect: between bind and listen nobody can.
    bool open = socket_ >= 0 && bind(socket_, address.get(), sizeof address.value) == 0 &&
                chmod(address.value.sun_path, S_IRUSR | S_IWUSR) == 0 &&
                listen(socket_, SOMAXCONN) == 0 && pipe2(wake_, O_CLOEXEC) == 0;
    if (!open) fail("the administrator's socket in " + folder_);
    thread_ = std::thread([this] { serve(); });
}

AdminDoor::~AdminDoor() {
    close(wake_[1]);
    thread_.join();
    close(wake_[0]);
    close(socket_);
    unlink((folder_ + "/" + name).c_str());
}

void AdminDoor::serve() {
    pollfd watched[2] = {{socket_, POLLIN, 0}, {wake_[0], POLLIN, 0}};
    while (true) {
        if (poll(watched, 2, -1) < 0 && errno != EINTR) return;
        if (watched[1].revents != 0) return;
        if ((watched[0].revents & POLLIN) == 0) continue;
        int connection = accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
        if (connection < 0) continue;
        attend(connection);
        close(connection);
    }
}

void AdminDoor::attend(int connection) {
    ucred peer{};
    socklen_t size = sizeof peer;
    bool known = getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
                 (peer.uid == geteuid() || peer.uid == 0);
    if (!known) return;
    be_patient(connection);
    if (auto request = read_line(connection)) write_line(connection, answer_(*request));
}

std::optional<std::string> AdminDoor::ask(const std::string& folder, std::string_view request) {
    Address address(folder);
    struct Socket {
        int value = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        ~Socket() { close(value); }
    } server;
    if (connect(server.value, address.get(), sizeof address.value) != 0) return std::nullopt;
    be_patient(server.value);
    auto answer = write_line(server.value, request) ? read_line(server.value) : std::nullopt;
    if (!answer) throw std::runtime_error("the running server did not answer");
    return answer;
}

}  // namespace stateset
