#pragma once
// What a first start makes: the first tenant and its first administrator.

#include <optional>
#include <string>

#include "platform/store/committer.hpp"
#include "platform/store/reads.hpp"

namespace stateset::flows {

struct Administrator {
    std::string email, password;
};

struct FirstStart {
    std::optional<std::string> email, password;  // as configured; what is missing is made up
};

// Makes the first tenant when there is none, and its administrator when it has none. Answers the
// administrator whose password it made up, so that it can be shown once; of several instances that
// start at once, only the one that made it. Throws std::runtime_error when what was configured
// cannot be taken.
std::optional<Administrator> first_start(Committer&, ReadPool&, const FirstStart&);

}  // namespace stateset::flows
