#pragma once
// The binary's client side as a user runs it: child processes with a home folder of their own,
// without a terminal unless one is asked for.
//
//     CommandLine user(server);                       // knows the server, not yet signed in
//     auto ran = user({"orders", "list", "--json"});
//     EXPECT_EQ(ran.status, 0) << ran;

#include <chrono>
#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "support/client.hpp"

namespace stateset::support {

struct Ran {
    int status = -1;  // exit status; 128 + n when signal n ended it
    std::string out, err;
    Json json() const { return Json::parse(out); }
};
std::ostream& operator<<(std::ostream&, const Ran&);

// One that goes on; ends with this object.
class Running {
  public:
    Running(int process, std::filesystem::path folder);
    ~Running();
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    std::string out() const;
    std::string err() const;
    // What was printed has come to hold this.
    bool says(const std::string& text,
              std::chrono::milliseconds patience = std::chrono::seconds(20)) const;
    Ran ends(std::chrono::seconds patience = std::chrono::seconds(60));

  private:
    int process_;
    std::filesystem::path folder_;
};

class CommandLine {
  public:
    explicit CommandLine(std::string server = {});  // "http://127.0.0.1:40123"
    ~CommandLine();
    CommandLine(const CommandLine&) = delete;
    CommandLine& operator=(const CommandLine&) = delete;

    Ran operator()(const std::vector<std::string>& words, const std::string& input = {}) const;
    std::unique_ptr<Running> start(const std::vector<std::string>& words,
                                   const std::string& input = {}) const;
    // At a terminal of its own, where these lines are typed as they are asked for; `out` is all
    // that was to be seen there.
    Ran at_terminal(const std::vector<std::string>& words,
                    const std::vector<std::string>& lines) const;

    void set(const std::string& name, const std::string& value);  // "": without it
    std::filesystem::path config() const { return folder_ / "config" / "stateset"; }
    std::filesystem::path file(const std::string& name, const std::string& content) const;
    std::filesystem::path folder() const { return folder_; }

  private:
    std::vector<std::string> environment() const;

    std::filesystem::path folder_;
    Headers variables_;
};

std::string content_of_file(const std::filesystem::path&);

}  // namespace stateset::support
