#pragma once
// One stream of events: a place in the log, who looks and what is wanted. The pump of `Streams`
// moves it along; the event loop of its connection brings what the client says.

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "events/events.hpp"
#include "platform/core/actor.hpp"
#include "platform/http/stream.hpp"
#include "platform/http/websocket.hpp"

namespace stateset::events {

enum class Wire { events, websocket };  // Server-Sent Events, WebSocket
using Clock = std::chrono::steady_clock;

struct Filter {
    std::vector<std::string> types;  // patterns; none: all
    std::optional<std::string> aggregate_type, aggregate_id;
    bool shows(const Shown&) const;
};

// A page of the log as it goes over the wire, written once for all who get it.
class Written {
  public:
    explicit Written(const std::vector<Shown>& page) : page_(page), texts_(page.size()) {}
    std::size_t size() const { return page_.size(); }
    const Shown& event(std::size_t at) const { return page_[at]; }
    std::int64_t position(std::size_t at) const;
    const std::string& text(std::size_t at, Wire wire);

  private:
    struct Texts {
        std::string events, websocket;
    };
    const std::vector<Shown>& page_;
    std::vector<Texts> texts_;
};

// How many streams there are, and of whom.
class Seats {
  public:
    Seats(std::size_t most, std::size_t per_caller) : most_(most), per_caller_(per_caller) {}
    // Held as long as the stream lives. Refuses with too_many_streams or overloaded.
    static std::shared_ptr<void> take(const std::shared_ptr<Seats>&, const std::string& caller);

  private:
    const std::size_t most_, per_caller_;
    std::mutex mutex_;
    std::size_t taken_ = 0;
    std::map<std::string, std::size_t> by_caller_;
};

// What the pump is told by its streams, on any thread.
class Pump {
  public:
    virtual ~Pump() = default;
    virtual bool enrol(std::shared_ptr<class Follower>) = 0;  // false: no more are taken
    virtual void wake() = 0;
};

class Follower final : public http::Stream, public std::enable_shared_from_this<Follower> {
  public:
    struct Start {
        Wire wire;
        std::string credential;
        Filter filter;
        std::int64_t position;
        std::shared_ptr<void> seat;
    };
    Follower(Pump&, Actor, Start);

    void opened(std::shared_ptr<http::Line>) override;
    void received(std::string_view bytes) override;
    void drained() override;
    void wind_down() override;
    void closed() override;

    // For the pump. `place` is nothing while no event may be told: there is no room, or it is not
    // known whether the caller still may hear.
    struct Place {
        std::int64_t position;
        std::uint64_t epoch;  // a subscription makes a new one
        std::vector<std::string> types;
    };
    std::optional<Place> place(Clock::time_point now);
    // Events from `place` on; `through` is how far the log was read. True when it has more room.
    bool deliver(Written&, const Place&, std::int64_t through);
    void keep_alive(Clock::time_point now, std::chrono::microseconds heartbeat);
    void verified(const Actor&);
    void unverified(int status);

    bool over() const;
    Tenant tenant() const { return tenant_; }
    const std::string& credential() const { return credential_; }
    std::atomic<bool> asking = false;  // who it is, just now

  private:
    void hear(http::websocket::Message&&);
    void subscribe(const std::string& text);
    void finish(http::websocket::Close, std::string_view reason);

    Pump& pump_;
    const Wire wire_;
    const Tenant tenant_;
    const std::string credential_;
    const std::shared_ptr<void> seat_;
    http::websocket::FrameReader frames_;  // the loop's own

    mutable std::mutex mutex_;
    Actor actor_;
    Filter filter_;
    std::int64_t position_;
    std::uint64_t epoch_ = 0;
    std::shared_ptr<http::Line> line_;  // none before and after
    bool over_ = false;
    bool cramped_ = false;  // there would be more if there were room
    Clock::time_point verified_at_, spoke_at_, heard_at_;
};

}  // namespace stateset::events
