#pragma once
// That webhooks promise what they say: every event reaches its receiver, and never in two versions.

#include <chrono>
#include <map>
#include <string>

#include "support/client.hpp"
#include "support/receiver.hpp"

namespace stateset::support {

// Until the log shows all that was committed before. On PostgreSQL it shows nothing that comes
// after a transaction still under way, also of another test's database.
void wait_for_the_log(Client&);

// The log's events of these types ("order.*"), id → type.
std::map<std::string, std::string> events_by_id(Client&, std::string_view types);

// Waits until all of them have come, and expects that nothing else has. Returns how many there are.
std::size_t expect_every_event_to_arrive(
    Client&, const Receiver&, std::string_view types,
    std::chrono::milliseconds patience = std::chrono::seconds(120));

}  // namespace stateset::support
