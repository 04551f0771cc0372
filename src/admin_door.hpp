#pragma once
// The operator's way into a running server: a unix socket in its data folder that only the
// folder's owner can open. One line of JSON asks, one line answers, then the connection ends.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace stateset {

class AdminDoor {
  public:
    using Answer = std::function<std::string(std::string_view request)>;
    // Throws std::runtime_error when the socket cannot be made.
    AdminDoor(std::string folder, Answer);
    ~AdminDoor();
    AdminDoor(const AdminDoor&) = delete;
    AdminDoor& operator=(const AdminDoor&) = delete;

    // Asks the server that runs on this folder; nothing when none does.
    static std::optional<std::string> ask(const std::string& folder, std::string_view request);

  private:
    void serve();
    void attend(int connection);

    std::string folder_;
    Answer answer_;
    int socket_ = -1;
    int wake_[2] = {-1, -1};  // a pipe: its end ends the thread
    std::thread thread_;
};

}  // namespace stateset
