#include "events/follower.hpp"

#include <algorithm>

#include "events/stream.hpp"
#include "platform/events/pattern.hpp"
#include "platform/events/position.hpp"
#include "platform/json/decode.hpp"
#include "platform/json/writer.hpp"

namespace stateset::events {

using http::websocket::Close;
using http::websocket::Opcode;

namespace {

// What one stream may have under way; the rest stays in the log. One event more may be beyond it.
constexpr std::size_t room_bytes = 64 * 1024;
// A subscription is a few hundred bytes.
constexpr std::size_t most_message_bytes = 16 * 1024;
// Looked at again every quarter of a second; when that fails for so long, nothing is told.
constexpr std::chrono::seconds belief{2};
// A client that answers so many pings with nothing has gone.
constexpr int missed_heartbeats = 3;
// Until a browser's EventSource comes back.
constexpr const char* greeting = "retry: 2000\n\n";

// The first message of a WebSocket client, or any later one.
struct Subscription {
    Text<20> type;
    std::vector<Text<100>> types;
    std::optional<Text<40>> after, aggregate_type;
    std::optional<Text<64>> aggregate_id;
};

std::optional<std::string> text_of(const auto& given) {
    return given ? std::optional<std::string>(given->value) : std::nullopt;
}

// A line end would end the event.
std::string on_one_line(std::string text) {
    std::ranges::replace_if(text, [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return text;
}

std::string joined(const std::vector<Text<100>>& words) {
    std::string all;
    for (const auto& word : words) all += (all.empty() ? "" : ",") + word.value;
    return all;
}

}  // namespace

bool Filter::shows(const Shown& event) const {
    bool type = types.empty() || std::ranges::any_of(types, [&](const auto& pattern) {
                    return matches(pattern, event.type);
                });
    return type && (!aggregate_type || *aggregate_type == event.aggregate_type) &&
           (!aggregate_id || *aggregate_id == event.aggregate_id);
}

std::int64_t Written::position(std::size_t at) const {
    return position_from(page_[at].position).value_or(0);
}

const std::string& Written::text(std::size_t at, Wire wire) {
    auto& text = wire == Wire::websocket ? texts_[at].websocket : texts_[at].events;
    if (!text.empty()) return text;
    std::string json;
    json::write(json, page_[at]);
    if (wire == Wire::websocket) {
        text = http::websocket::frame(Opcode::text, json);
    } else {
        text = "id: " + page_[at].position + "\nevent: " + page_[at].type +
               "\ndata: " + on_one_line(std::move(json)) + "\n\n";
    }
    return text;
}

std::shared_ptr<void> Seats::take(const std::shared_ptr<Seats>& seats, const std::string& caller) {
    std::scoped_lock lock(seats->mutex_);
    if (seats->taken_ >= seats->most_) {
        throw Refusal(codes::overloaded, "As many streams are open as this server allows.")
            .retry_after(5);
    }
    auto& own = seats->by_caller_[caller];
    if (own >= seats->per_caller_) {
        throw Refusal(
            too_many_streams,
            "One caller may have " + std::to_string(seats->per_caller_) + " streams open at once.")
            .retry_after(5);
    }
    ++own;
    ++seats->taken_;
    return {nullptr, [seats, caller](void*) {
                std::scoped_lock returning(seats->mutex_);
                --seats->taken_;
                if (--seats->by_caller_[caller] == 0) seats->by_caller_.erase(caller);
            }};
}

Follower::Follower(Pump& pump, Actor actor, Start start)
    : pump_(pump),
      wire_(start.wire),
      tenant_(actor.tenant),
      credential_(std::move(start.credential)),
      seat_(std::move(start.seat)),
      frames_(most_message_bytes),
      actor_(std::move(actor)),
      filter_(std::move(start.filter)),
      position_(start.position) {
    verified_at_ = spoke_at_ = heard_at_ = Clock::now();
}

void Follower::opened(std::shared_ptr<http::Line> line) {
    {
        std::scoped_lock lock(mutex_);
        line_ = std::move(line);
        if (wire_ == Wire::events) line_->send(greeting);
    }
    if (!pump_.enrol(shared_from_this())) wind_down();
}

void Follower::received(std::string_view bytes) {
    if (wire_ == Wire::events) return;  // it was asked its one question
    {
        std::scoped_lock lock(mutex_);
        heard_at_ = Clock::now();
    }
    auto& fault = frames_.take(bytes, [this](auto&& message) { hear(std::move(message)); });
    if (fault) finish(fault->code, fault->reason);
}

void Follower::hear(http::websocket::Message&& message) {
    switch (message.opcode) {
        case Opcode::text: return subscribe(message.payload);
        case Opcode::close: return finish(Close::normal, {});
        case Opcode::ping: {
            std::scoped_lock lock(mutex_);
            if (line_) line_->send(http::websocket::frame(Opcode::pong, message.payload));
            return;
        }
        default: return;
    }
}

// Replaces what is wanted. Where it stands it goes on, unless `after` says another place.
void Follower::subscribe(const std::string& text) {
    try {
        auto wanted = json::decode<Subscription>(json::parse(text));
        if (wanted.type.value != "subscribe") {
            throw invalid("/type", "unknown_value", "must be subscribe");
        }
        Filter filter{.types = {},
                      .aggregate_type = text_of(wanted.aggregate_type),
                      .aggregate_id = text_of(wanted.aggregate_id)};
        if (!wanted.types.empty()) patterns_json(joined(wanted.types), "/types");
        for (auto& type : wanted.types) filter.types.push_back(std::move(type.value));
        std::optional<std::int64_t> after;
        if (wanted.after) after = position_from(wanted.after->value);
        if (wanted.after && !after) {
            throw invalid("/after", "malformed", "is not a position of the log");
        }
        std::scoped_lock lock(mutex_);
        if (!line_) return;
        filter_ = std::move(filter);
        position_ = after.value_or(position_);
        ++epoch_;
        line_->send(http::websocket::frame(
            Opcode::text, R"({"type":"subscribed","after":")" + position_text(position_) + "\"}"));
    } catch (const Refusal& refusal) {
        return finish(Close::policy_violation, refusal.detail());
    }
    pump_.wake();
}

void Follower::drained() {
    {
        std::scoped_lock lock(mutex_);
        if (!std::exchange(cramped_, false)) return;
    }
    pump_.wake();
}

void Follower::wind_down() { finish(Close::going_away, "the server stops"); }

void Follower::closed() {
    {
        std::scoped_lock lock(mutex_);
        over_ = true;
        line_ = nullptr;
    }
    pump_.wake();
}

std::optional<Follower::Place> Follower::place(Clock::time_point now) {
    std::scoped_lock lock(mutex_);
    if (!line_ || now - verified_at_ > belief) return {};
    cramped_ = line_->unsent() >= room_bytes;
    if (cramped_) return {};
    return Place{position_, epoch_, filter_.types};
}

bool Follower::deliver(Written& page, const Place& place, std::int64_t through) {
    std::scoped_lock lock(mutex_);
    if (!line_ || epoch_ != place.epoch) return true;  // it has gone, or stands elsewhere
    std::string text;
    bool room = true;
    for (std::size_t i = 0; i < page.size() && room; ++i) {
        const auto& event = page.event(i);
        if (filter_.shows(event) && actor_.may(read_permission(event.aggregate_type))) {
            text += page.text(i, wire_);
        }
        position_ = page.position(i);
        room = text.size() < room_bytes;
    }
    if (room) position_ = std::max(position_, through);
    cramped_ = !room;
    if (!text.empty()) {
        spoke_at_ = Clock::now();
        line_->send(std::move(text));
    }
    return room;
}

void Follower::keep_alive(Clock::time_point now, std::chrono::microseconds heartbeat) {
    bool silent = false;
    {
        std::scoped_lock lock(mutex_);
        if (!line_) return;
        silent = wire_ == Wire::websocket && now - heard_at_ > missed_heartbeats * heartbeat;
        if (!silent && now - spoke_at_ >= heartbeat && line_->unsent() == 0) {
            spoke_at_ = now;
            line_->send(wire_ == Wire::websocket ? http::websocket::frame(Opcode::ping, {})
                                                 : std::string(":\n\n"));
        }
    }
    if (silent) finish(Close::policy_violation, "the pings stay unanswered");
}

void Follower::verified(const Actor& actor) {
    {
        std::scoped_lock lock(mutex_);
        if (actor.tenant == tenant_ && actor.may("events:read")) {
            actor_ = actor;
            verified_at_ = Clock::now();
            return;
        }
    }
    finish(Close::policy_violation, "events:read is needed");
}

void Follower::unverified(int status) {
    if (status < 500) finish(Close::policy_violation, "the credentials do not count any more");
}

bool Follower::over() const {
    std::scoped_lock lock(mutex_);
    return over_;
}

// Says why, where the wire has words for it, and hangs up.
void Follower::finish(Close code, std::string_view reason) {
    std::scoped_lock lock(mutex_);
    if (!line_) return;
    line_->end(wire_ == Wire::websocket ? http::websocket::close_frame(code, reason)
                                        : std::string());
    line_ = nullptr;
}

}  // namespace stateset::events
