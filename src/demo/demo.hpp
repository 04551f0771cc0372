#pragma once
// A small believable shop for looking around: `stateset serve --demo` fills an empty first tenant
// with a catalogue, stock, customers, and orders at every stage. It goes through the same commands
// as everybody else.

#include "platform/store/committer.hpp"
#include "platform/store/reads.hpp"

namespace stateset::demo {

// Does nothing when the first tenant has products already. The workers must be running: paid orders
// are paid at the sandbox gateway.
void fill(Committer&, ReadPool&);

}  // namespace stateset::demo
