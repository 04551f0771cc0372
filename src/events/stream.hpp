#pragma once
// The log as it grows, pushed: GET /events/stream (Server-Sent Events) and /events/ws (WebSocket).
//
// The log is the truth and a stream only a place in it. One pump for the whole process is woken by
// commits (and looks for itself where other processes commit too), reads what is new once for all
// streams of a tenant that stand at the same place, and hands each its part while its socket has
// room. So a slow client costs no memory and no other client time: it lags, and catches up from the
// log. Nothing is left out and nothing comes twice, for a stream moves on only over what it was
// given or does not want.
//
// A caller gets the events of nouns that it may read (`read_permission`), besides events:read.
// Credentials are looked at again several times a second: who is revoked is hung up on, and while
// nobody can say who somebody is, nothing is told.

#include <functional>
#include <memory>
#include <string_view>

#include "events/events.hpp"
#include "platform/core/refusal.hpp"
#include "platform/store/committer.hpp"
#include "platform/store/reads.hpp"

namespace stateset {
class Api;
namespace http {
class Authenticator;
}

namespace events {

inline constexpr Code too_many_streams{"too_many_streams", 429, "Too many streams are open",
                                       "Close streams, or let several readers share one."};

// What a stream shows; all given must hold.
struct Following {
    std::optional<Text<40>> after;   // a position; without one it begins with what comes next
    std::optional<Text<500>> types;  // patterns, comma-separated
    std::optional<Text<40>> aggregate_type;
    std::optional<Text<64>> aggregate_id;
};

// The permission that reads the noun of an event; "*" for nouns nobody else is told of.
std::string_view read_permission(std::string_view aggregate_type);

void stream_routes(Api&);

class Streams {
  public:
    struct Options {
        std::size_t most = 1'000;      // of this process; each needs a descriptor
        std::size_t per_caller = 16;   // of one user or key
        Span heartbeat = seconds(15);  // to a silent stream, so that nobody in between cuts it
        bool shared = false;           // other processes write the log, too
        std::function<void(std::string_view)> log;
    };
    // Made before the Committer's first caller.
    Streams(Committer&, ReadPool&, http::Authenticator&, Options);
    ~Streams();
    void serve(Api&);  // from now on the routes lead here; before the first request
    void start();
    void drain();  // ends all streams and opens no more
    void stop();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace events
}  // namespace stateset
