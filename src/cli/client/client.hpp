#pragma once
// The client side of the binary: `stateset NOUN VERB …`, which speaks to a server over HTTP only.
// It knows the API by the table of endpoints that it is built with, and opens no database.

#include <string>
#include <vector>

namespace stateset {
class Api;
}

namespace stateset::cli::client {

// What follows the program's name. Answers the exit status; see failure.hpp.
int run(const Api&, const std::vector<std::string>& words);

}  // namespace stateset::cli::client
