#include "cli/client/progress.hpp"

#include <algorithm>
#include <iostream>

namespace stateset::cli::client {
namespace {

constexpr int bar_columns = 30;

}  // namespace

Progress::~Progress() {
    if (bar_) std::cerr << "\n";
}

void Progress::at(int percent, const std::string& figures) {
    percent = std::clamp(percent, 0, 100);
    auto text = std::to_string(percent) + " %  " + figures;
    if (!terminal_.watched()) {
        if (percent / 25 == quarter_) return;
        quarter_ = percent / 25;
        std::cerr << what_ << " " << text << "\n";
        return;
    }
    std::string bar;
    for (int i = 0; i < bar_columns; ++i) bar += i < percent * bar_columns / 100 ? "█" : "░";
    // To the beginning of the line, and what is left of the former text goes.
    std::cerr << "\r" << what_ << " " << bar << " " << text << "\x1b[K" << std::flush;
    bar_ = true;
}

}  // namespace stateset::cli::client
