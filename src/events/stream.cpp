#include "events/stream.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <thread>

#include "events/follower.hpp"
#include "platform/events/pattern.hpp"
#include "platform/events/position.hpp"
#include "platform/http/api.hpp"
#include "platform/http/edge.hpp"
#include "platform/http/problem.hpp"
#include "sql.hpp"

namespace stateset::events {
namespace {

constexpr std::string_view stream_path = "/api/v1/events/stream", ws_path = "/api/v1/events/ws";
constexpr std::chrono::milliseconds check_every{250};  // of credentials
constexpr std::chrono::milliseconds glance_every{50};  // at a log that others write, too
constexpr std::chrono::milliseconds breath{5};         // commits gather for so long
constexpr std::chrono::milliseconds after_failure{200};
constexpr Int<1, 100> page_size{100};
constexpr std::size_t most_patterns = 50;  // of one question

struct Position {
    std::int64_t position = 0;
};
struct Unasked {};

// One question to the log, and who waits for its answer.
struct Group {
    std::vector<std::pair<std::shared_ptr<Follower>, Follower::Place>> followers;
    std::vector<std::string> types;  // what all of them together want
    bool every_type = false;

    void add(std::shared_ptr<Follower> follower, Follower::Place place) {
        every_type = every_type || place.types.empty();
        for (const auto& type : place.types) {
            if (std::ranges::find(types, type) == types.end()) types.push_back(type);
        }
        every_type = every_type || types.size() > most_patterns;
        followers.emplace_back(std::move(follower), std::move(place));
    }
    // As `types` of the feed; nothing when it would be too long for that.
    std::optional<Text<500>> question() const {
        std::string all;
        for (const auto& type : types) all += (all.empty() ? "" : ",") + type;
        if (every_type || all.size() > 500) return std::nullopt;
        return Text<500>{all};
    }
};

std::vector<std::string> patterns_of(std::string_view list) {
    patterns_json(list, "?types");  // refuses what is none
    std::vector<std::string> patterns;
    while (true) {
        auto comma = list.find(',');
        patterns.emplace_back(list.substr(0, comma));
        if (comma == list.npos) return patterns;
        list.remove_prefix(comma + 1);
    }
}

Filter filter_of(const Following& wanted) {
    Filter filter;
    if (wanted.types) filter.types = patterns_of(wanted.types->value);
    if (wanted.aggregate_type) filter.aggregate_type = wanted.aggregate_type->value;
    if (wanted.aggregate_id) filter.aggregate_id = wanted.aggregate_id->value;
    return filter;
}

// A browser comes back with Last-Event-ID to the address it had, so that goes before ?after=.
std::optional<std::int64_t> start_of(const Following& wanted, const http::Request& request) {
    if (const auto* last = request.find("Last-Event-ID")) {
        auto position = position_from(*last);
        if (!position) {
            throw invalid("Last-Event-ID", "malformed", "is not a position of the log");
        }
        return position;
    }
    if (!wanted.after) return std::nullopt;
    auto position = position_from(wanted.after->value);
    if (!position) throw invalid("?after", "malformed", "is not a position of the log");
    return position;
}

std::int64_t head_of(Reads& reads) {
    auto head = reads.maybe<Position>(sql::events::head, Unasked{});
    return head ? head->position : 0;
}

http::Response answer_on(Wire wire, const http::Request& request) {
    if (wire == Wire::websocket) return http::websocket::accept(request);
    // Proxies hold back what they might compress or cache; some ask for this header, too.
    return {.status = 200,
            .content_type = "text/event-stream",
            .body = {},
            .headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}}};
}

// Until `Streams::serve`, as in `stateset openapi`.
store::Answer nobody_streams(Desk&, const Actor&, const Following&) {
    throw Refusal(codes::overloaded, "No streams are served here.");
}

}  // namespace

std::string_view read_permission(std::string_view aggregate_type) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 27> table{{
        {"api_key", "identity:manage"},
        {"balance", "inventory:read"},
        {"bom", "manufacturing:read"},
        {"carrier", "carriers:read"},
        {"claim", "claims:read"},
        {"count", "inventory:read"},
        {"customer", "customers:read"},
        {"item", "inventory:read"},
        {"location", "locations:read"},
        {"lot", "inventory:read"},
        {"notification_message", "notifications:read"},
        {"notification_template", "notifications:read"},
        {"order", "orders:read"},
        {"payment", "payments:read"},
        {"product", "products:read"},
        {"refund", "payments:read"},
        {"reservation", "inventory:read"},
        {"return", "returns:read"},
        {"role", "identity:manage"},
        {"shipment", "shipments:read"},
        {"tax_rate", "orders:read"},
        {"tenant", "identity:manage"},
        {"transfer", "inventory:read"},
        {"user", "identity:manage"},
        {"warranty", "warranties:read"},
        {"webhook_endpoint", "webhooks:manage"},
        {"work_order", "manufacturing:read"},
    }};
    for (const auto& [noun, permission] : table) {
        if (noun == aggregate_type) return permission;
    }
    return "*";
}

void stream_routes(Api& api) {
    std::vector<const Code*> refuses{&too_many_streams, &codes::overloaded};
    std::vector<const Code*> ws_refuses{&too_many_streams, &codes::overloaded,
                                        &http::websocket::codes::upgrade_required,
                                        &http::websocket::codes::malformed_handshake};
    auto events = api.group("/events", "Events");
    events.get("/stream", nobody_streams,
               {.summary = "Follow the event log as it grows, by Server-Sent Events",
                .needs = "events:read",
                .detail = "Begins after `Last-Event-ID` (the position of the last event you have) "
                          "or `after`, without a gap; without either with what comes next. Each "
                          "event has its position as `id`, its type as `event`, and as `data` "
                          "what the list of events shows. Only events of nouns that you may read "
                          "come. A comment keeps a silent stream open; it ends when the "
                          "credentials do, or when the server stops: come back with the last id.",
                .refuses = refuses,
                .content_type = "text/event-stream"});
    events.get(
        "/ws", nobody_streams,
        {.summary = "Follow the event log as it grows, by WebSocket",
         .needs = "events:read",
         .detail = "The same over WebSocket: one text frame for each event. The message "
                   "`{\"type\":\"subscribe\",\"types\":[\"order.*\"],\"after\":\"…\","
                   "\"aggregate_type\":\"order\",\"aggregate_id\":\"…\"}` replaces what is "
                   "wanted at any time, all its members but `type` being optional; it is "
                   "answered with `{\"type\":\"subscribed\",\"after\":\"…\"}`. Pings must be "
                   "answered. Closed with 1001 when the server stops, 1008 when the "
                   "credentials end or a message is not understood.",
         .refuses = ws_refuses,
         .status = 101});
    api.endpoints().back()->operation = "events_ws_get";  // it only looks like a plural
}

struct Streams::State : Pump {
    Committer& committer;
    ReadPool& reads;
    http::Authenticator& authenticator;
    Options options;
    std::shared_ptr<Seats> seats = std::make_shared<Seats>(options.most, options.per_caller);

    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::shared_ptr<Follower>> followers;
    std::atomic<bool> any = false;  // followers
    bool woken = false, draining = false, stopping = false;
    std::thread thread;
    Clock::time_point checked_at{};  // the thread's own

    State(Committer& to, ReadPool& from, http::Authenticator& who, Options chosen)
        : committer(to), reads(from), authenticator(who), options(std::move(chosen)) {}

    bool enrol(std::shared_ptr<Follower>) override;
    void wake() override;
    void open(const std::shared_ptr<http::Call>&, Wire);
    void begin(const std::shared_ptr<http::Call>&, Wire);
    void work();
    bool turn();
    bool read(Tenant, std::int64_t position, Group&);
    void check_credentials(const std::vector<std::shared_ptr<Follower>>&, Clock::time_point now);
};

Streams::Streams(Committer& committer, ReadPool& reads, http::Authenticator& authenticator,
                 Options options)
    : state_(std::make_unique<State>(committer, reads, authenticator, std::move(options))) {
    committer.listen([state = state_.get()](const auto& changes) {
        if (!state->any) return;
        for (const auto& table : changes) {
            if (table.table == &store::info<store::Event>()) return state->wake();
        }
    });
}

Streams::~Streams() { stop(); }

void Streams::serve(Api& api) {
    for (const auto& endpoint : api.endpoints()) {
        bool stream = endpoint->path == stream_path, websocket = endpoint->path == ws_path;
        if (!stream && !websocket) continue;
        auto wire = websocket ? Wire::websocket : Wire::events;
        endpoint->act = [state = state_.get(), wire](std::shared_ptr<http::Call> call) {
            state->open(call, wire);
        };
    }
}

void Streams::start() {
    state_->thread = std::thread([state = state_.get()] { state->work(); });
}

void Streams::drain() {
    std::vector<std::shared_ptr<Follower>> all;
    {
        std::scoped_lock lock(state_->mutex);
        state_->draining = true;
        all = state_->followers;
    }
    for (const auto& follower : all) follower->wind_down();
}

void Streams::stop() {
    {
        std::scoped_lock lock(state_->mutex);
        state_->stopping = state_->draining = true;
    }
    state_->changed.notify_all();
    if (state_->thread.joinable()) state_->thread.join();
}

bool Streams::State::enrol(std::shared_ptr<Follower> follower) {
    std::scoped_lock lock(mutex);
    if (draining) return false;
    followers.push_back(std::move(follower));
    any = woken = true;
    changed.notify_one();
    return true;
}

void Streams::State::wake() {
    std::scoped_lock lock(mutex);
    woken = true;
    changed.notify_one();
}

void Streams::State::open(const std::shared_ptr<http::Call>& call, Wire wire) {
    try {
        begin(call, wire);
    } catch (const Refusal& refusal) {
        auto response = http::problem(refusal, call->request.path, call->request_id);
        if (response.status == http::websocket::codes::upgrade_required.status) {
            http::websocket::demand(response);
        }
        call->send(std::move(response));
    }
}

// On an event loop. Where it begins is known before the client hears that it has begun, so that
// what the client does then is in the stream.
void Streams::State::begin(const std::shared_ptr<http::Call>& call, Wire wire) {
    auto wanted = http::detail::input_of<Following>(*call);
    auto answer = answer_on(wire, call->request);
    auto filter = filter_of(wanted);
    auto start = start_of(wanted, call->request);
    if (call->request.method == "HEAD") return call->send(std::move(answer));
    {
        std::scoped_lock lock(mutex);
        if (draining) {
            throw Refusal(codes::overloaded, "This instance is about to stop.").retry_after(1);
        }
    }
    auto seat = Seats::take(seats, std::to_string(call->actor.tenant) + " " + call->actor.text());
    auto follow = [this, call, wire, answer, filter, seat](std::int64_t position) {
        auto response = answer;
        response.stream =
            std::make_shared<Follower>(*this, call->actor,
                                       Follower::Start{.wire = wire,
                                                       .credential = credential_of(call->request),
                                                       .filter = filter,
                                                       .position = position,
                                                       .seat = seat});
        call->send(std::move(response));
    };
    if (start) return follow(*start);
    reads.submit(
        call->actor.tenant, [follow](Reads& snapshot) { follow(head_of(snapshot)); },
        [call](const Refusal& refusal) { call->refuse(refusal); });
}

void Streams::State::work() {
    std::unique_lock lock(mutex);
    while (!stopping) {
        auto pause = options.shared && any ? glance_every : check_every;
        changed.wait_for(lock, pause, [this] { return stopping || woken; });
        woken = false;
        if (stopping || !any) continue;
        lock.unlock();
        bool more = false, failed = false;
        try {
            more = turn();
        } catch (const std::exception& failure) {  // such as: the database is away
            failed = true;
            if (options.log) options.log(failure.what());
        }
        lock.lock();
        auto rest = failed ? after_failure : more ? std::chrono::milliseconds{} : breath;
        changed.wait_for(lock, rest, [this] { return stopping; });
        woken = woken || more;
    }
}

// Moves every stream along by a page at most. True when there is more to do at once.
bool Streams::State::turn() {
    std::vector<std::shared_ptr<Follower>> all;
    {
        std::scoped_lock lock(mutex);
        std::erase_if(followers, [](const auto& follower) { return follower->over(); });
        any = !followers.empty();
        all = followers;
    }
    auto now = Clock::now();
    if (now - checked_at >= check_every) check_credentials(all, now);
    if (all.empty()) return false;
    auto head = reads.run(no_tenant, [](Reads& snapshot) { return head_of(snapshot); });
    std::map<std::pair<Tenant, std::int64_t>, Group> groups;
    for (const auto& follower : all) {
        auto place = follower->place(now);
        if (!place || place->position >= head) continue;
        auto& group = groups[{follower->tenant(), place->position}];
        group.add(follower, std::move(*place));
    }
    bool more = false;
    for (auto& [at, group] : groups) more = read(at.first, at.second, group) || more;
    return more;
}

// True when there is more in the log for somebody who has room.
bool Streams::State::read(Tenant tenant, std::int64_t position, Group& group) {
    struct Seen {
        std::int64_t head = 0;
        Page<Shown> page;
    };
    Feed wanted{.limit = page_size,
                .cursor = {},
                .after = Text<40>{position_text(position)},
                .types = group.question()};
    auto seen = reads.run(tenant, [&](Reads& snapshot) {
        auto head = head_of(snapshot);
        return Seen{head, feed(snapshot, system_actor(tenant), wanted)};
    });
    Written page(seen.page.data);
    bool full = seen.page.next_cursor.has_value();
    auto through = full ? position : seen.head;
    bool room = false;
    for (auto& [follower, place] : group.followers) {
        room = follower->deliver(page, place, through) || room;
    }
    return full && room;
}

// Asks for each credential once, whoever streams with it.
void Streams::State::check_credentials(const std::vector<std::shared_ptr<Follower>>& all,
                                       Clock::time_point now) {
    checked_at = now;
    std::map<std::string_view, std::vector<std::shared_ptr<Follower>>> by_credential;
    for (const auto& follower : all) {
        follower->keep_alive(now, std::chrono::microseconds(options.heartbeat.micros));
        if (follower->asking.exchange(true)) continue;
        by_credential[follower->credential()].push_back(follower);
    }
    for (auto& [credential, same] : by_credential) {
        authenticator.identify(
            std::string(credential),
            [same](const Actor& actor) {
                for (const auto& follower : same) follower->verified(actor);
                for (const auto& follower : same) follower->asking = false;
            },
            [same](const Refusal& refusal) {
                for (const auto& follower : same) follower->unverified(refusal.code().status);
                for (const auto& follower : same) follower->asking = false;
            });
    }
}

}  // namespace stateset::events
