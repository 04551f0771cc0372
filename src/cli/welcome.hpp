#pragma once
// What `serve` tells the person at the terminal once it listens.

#include "app.hpp"

namespace stateset::cli {

// At every start the address; at the first one also the login and the key that were made up, which
// cannot be read again, and three lines that place a first order. They go to standard output only.
void welcome(const App&, const Config&);

}  // namespace stateset::cli
