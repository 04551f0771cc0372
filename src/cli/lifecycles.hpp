#pragma once
// `stateset lifecycles`: prints the tables by which every status changes, for the documentation and
// for whoever writes a client. The drawings in docs/concepts are printed by it.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace stateset::cli {

struct NamedMove {
    std::string_view from, action, to;
};

struct Lifecycle {
    std::string_view noun;         // "work-order"
    std::vector<NamedMove> moves;  // in the table's order; the first begins where the noun does
};

// All there are, by noun.
std::vector<Lifecycle> lifecycles();

// A state diagram in Mermaid's language, which GitHub draws.
std::string mermaid(const Lifecycle&);

void add_lifecycles(CLI::App&, std::function<int()>& chosen);

}  // namespace stateset::cli
