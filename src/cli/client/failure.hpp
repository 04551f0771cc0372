#pragma once
// How a command of the client ends: the exit statuses, which docs/cli.md lists, and what is thrown
// to end with one.

#include <stdexcept>
#include <string>

namespace stateset::cli::client {

namespace exits {
inline constexpr int ok = 0;
inline constexpr int refused = 1;        // the server says no, in another way than those below
inline constexpr int usage = 2;          // the command line is wrong; nothing was sent
inline constexpr int not_signed_in = 3;  // no credentials, or not accepted ones (401)
inline constexpr int not_found = 4;      // 404 and 410
inline constexpr int conflict = 5;       // 409, 412 and 422
inline constexpr int unreachable = 6;    // no answer
inline constexpr int forbidden = 7;      // 403
inline constexpr int try_later = 8;      // 429 and 5xx, also after the retries
inline constexpr int unsettled = 9;      // --wait ended before the outcome was known
inline constexpr int interrupted = 130;
}  // namespace exits

class Failure : public std::runtime_error {
  public:
    Failure(int exit, const std::string& text) : std::runtime_error(text), exit_(exit) {}
    int exit() const { return exit_; }

  private:
    int exit_;
};

}  // namespace stateset::cli::client
