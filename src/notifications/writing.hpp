#pragma once
// Writing turns events into messages: a consumer of the log looks for the customer of each event,
// what they want to hear by, and the template in their language. The messages commit together with
// the consumer's cursor, so that each event is told once on each channel, however often a server
// dies. A customer who was erased gets none, and loses those there were.
//
// Events that happened before the first start with this are nobody's business any more, and so are
// those older than a day: a server that learns to send e-mail does not begin with the past.

#include "notifications/sending.hpp"
#include "platform/events/consumer.hpp"

namespace stateset::notifications {

struct Channels {
    bool email = false, sms = false;  // there is a provider
};

events::Consumer::Handler writing_handler(Channels);

// Where the consumer begins when it never ran: at the end of the log.
inline constexpr std::string_view writing_cursor = "notifications";
void begin_at_the_end(Committer&, ReadPool&);

// One round of forgetting, for whoever sees to retention: delivered messages written before this
// time, at most `most` of them. How many it forgot.
std::size_t forget_delivered(Committer&, ReadPool&, Time before, std::int64_t most);

}  // namespace stateset::notifications
