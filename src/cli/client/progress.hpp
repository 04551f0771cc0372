#pragma once
// How far something is, on standard error: a bar that moves on a terminal, and a line every quarter
// anywhere else.

#include <chrono>
#include <string>

#include "cli/client/terminal.hpp"

namespace stateset::cli::client {

class Progress {
  public:
    Progress(const Terminal& terminal, std::string what)
        : terminal_(terminal), what_(std::move(what)) {}
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    // `percent` 0 to 100; `figures` says the same in the thing's own units.
    void at(int percent, const std::string& figures);

  private:
    const Terminal& terminal_;
    std::string what_;
    int quarter_ = -1;
    bool bar_ = false;
};

}  // namespace stateset::cli::client
