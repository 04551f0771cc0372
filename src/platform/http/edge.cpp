#include "platform/http/edge.hpp"

#include <condition_variable>
#include <deque>
#include <thread>

#include "platform/http/problem.hpp"
#include "platform/http/router.hpp"
#include "platform/http/url_text.hpp"

namespace stateset::http {
namespace {

constexpr std::size_t longest_request_id = 128;
constexpr std::size_t longest_fields = 1000;
constexpr std::string_view dry_run = "dry_run";

// A given Request-Id is kept when it can stand in a header and a log line.
std::string request_id_of(const Request& request, Ids& ids) {
    if (auto* given = request.find("Request-Id")) {
        bool plain = !given->empty() && given->size() <= longest_request_id &&
                     std::ranges::all_of(*given, [](char c) { return c > 0x20 && c < 0x7f; });
        if (plain) return *given;
    }
    return to_string(ids.next(system_now()));
}

// Of `most` requests in flight, how many leave room for what is more important.
std::size_t share(Priority priority, std::size_t most) {
    switch (priority) {
        case Priority::list: return most * 6 / 10;
        case Priority::read: return most * 8 / 10;
        case Priority::write: return most * 9 / 10;
        case Priority::payment: return most;
    }
    return most;
}

Response not_with_this_method(const Call& call, const std::string& allowed) {
    if (call.request.method == "OPTIONS") {
        return {.status = 204, .content_type = {}, .body = {}, .headers = {{"Allow", allowed}}};
    }
    auto response = problem(Refusal(codes::method_not_allowed, "This path allows " + allowed + "."),
                            call.request.path, call.request_id);
    response.headers.push_back({"Allow", allowed});
    return response;
}

std::string unknown_parameter(const std::string& name, const Endpoint& endpoint) {
    if (name == dry_run && endpoint.kind == Kind::procedure) {
        return "is not a parameter here: this cannot be tried without doing it";
    }
    const auto& known = endpoint.query_parameters;
    std::vector<std::string_view> names(known.begin(), known.end());
    auto meant = json::nearest(name, names);
    return "is not a parameter here" +
           (meant.empty() ? std::string() : "; did you mean `" + std::string(meant) + "`?");
}

// Names of members with commas between.
void read_fields(Call& call, std::string_view value, json::Faults& faults) {
    auto part_of_name = [](char c) {
        return c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    };
    char last = ',';
    for (char c : value) {
        if (c == ',' ? last == ',' : !part_of_name(c)) last = '\0';
        if (last == '\0') break;
        last = c;
    }
    if (last == ',' || last == '\0') {
        return faults.add("?fields", "malformed", "must be names of members, with commas between");
    }
    if (value.size() > longest_fields) {
        return faults.add("?fields", "too_long", "must have at most 1000 characters");
    }
    call.fields = value;
}

// Whether a command is only tried; every answer to it says so.
void read_dry_run(Call& call, std::string_view value, json::Faults& faults) {
    if (value != "true" && value != "false") {
        return faults.add("?" + std::string(dry_run), "malformed", "must be true or false");
    }
    call.dry_run = value == "true";
    if (call.dry_run) call.also.push_back({"Dry-Run", "true"});
}

}  // namespace

std::string credential_of(const Request& request) {
    if (auto* key = request.find("X-API-Key")) return *key;
    auto* header = request.find("Authorization");
    if (!header || header->size() < 8 ||
        !same_name(std::string_view(*header).substr(0, 7), "Bearer ")) {
        return {};
    }
    return header->substr(7);
}

struct Edge::State {
    Router router;
    Engine& engine;
    Authenticator& authenticator;
    Limiter* limiter;
    Options options;
    std::unique_ptr<Ids> ids = random_ids();
    std::atomic<std::size_t> in_flight = 0;

    // Calls whose deadline is still to come, oldest first. All have the server's patience; who has
    // less (gRPC) gives up by itself, and the call is expired then.
    std::mutex mutex;
    std::condition_variable wake;
    std::deque<std::weak_ptr<Call>> open;
    bool stopping = false;
    std::thread sweeper;

    void begin(const std::shared_ptr<Call>& call);
    void identified(const std::shared_ptr<Call>& call);
    void sweep();
    static void read_query(Call&);
};

Edge::Edge(const Api& api, Engine& engine, Authenticator& authenticator, Limiter* limiter,
           Options options)
    : state_(new State{.router = Router(api),
                       .engine = engine,
                       .authenticator = authenticator,
                       .limiter = limiter,
                       .options = std::move(options)}) {
    state_->sweeper = std::thread([state = state_.get()] { state->sweep(); });
}

Edge::~Edge() {
    {
        std::scoped_lock lock(state_->mutex);
        state_->stopping = true;
    }
    state_->wake.notify_all();
    state_->sweeper.join();
}

Response Edge::reject(int status, std::string_view code, std::string_view detail) {
    return bare_problem(status, code, detail);
}

std::weak_ptr<Call> Edge::handle(Request&& request, Reply reply,
                                 std::chrono::steady_clock::time_point deadline) {
    request.peer = state_->options.proxies.client_of(request);
    auto id = request_id_of(request, *state_->ids);
    auto call = std::make_shared<Call>(std::move(request), std::move(reply), state_->engine, id);
    call->deadline =
        std::min(deadline, std::chrono::steady_clock::now() + state_->options.deadline);
    ++state_->in_flight;
    call->on_end = [state = state_.get()](const Call& ended, int status) {
        --state->in_flight;
        if (state->options.log) state->options.log(ended, status);
    };
    try {
        state_->begin(call);
    } catch (const Refusal& refusal) {
        call->refuse(refusal);
    } catch (const std::exception&) {
        call->refuse(Refusal(stateset::codes::internal, "The request could not be completed."));
    }
    return call;
}

void Edge::State::begin(const std::shared_ptr<Call>& call) {
    // A proxy that asks for itself wants to know whether we are ready; it must always learn it.
    if (limiter && !options.proxies.trusts(call->request.peer)) {
        if (auto wait = limiter->address(call->request.peer)) {
            throw Refusal(codes::rate_limited, "Too many requests from this address.")
                .retry_after(wait);
        }
    }
    auto found = router.find(call->request.method, call->request.path, call->path);
    if (!found.endpoint) {
        if (found.allowed.empty()) {
            throw Refusal(codes::no_such_route, "Nothing is served at this path.");
        }
        return call->send(not_with_this_method(*call, found.allowed));
    }
    call->endpoint = found.endpoint;
    if (in_flight > share(found.endpoint->route.priority, options.in_flight)) {
        throw Refusal(stateset::codes::overloaded, "Too many requests are in flight.")
            .retry_after(1);
    }
    {
        std::scoped_lock lock(mutex);
        open.push_back(call);
    }
    if (found.endpoint->route.open) return identified(call);
    auto credential = credential_of(call->request);
    if (credential.empty()) throw Refusal(codes::unauthenticated, "No credentials were sent.");
    authenticator.identify(
        std::move(credential),
        [this, call](Actor actor) {
            call->actor = std::move(actor);
            identified(call);
        },
        [call](const Refusal& refusal) { call->refuse(refusal); });
}

void Edge::State::identified(const std::shared_ptr<Call>& call) {
    if (call->answered()) return;  // finding out who asks took too long
    try {
        const auto& route = call->endpoint->route;
        if (!route.open && limiter) {
            Response limits;
            auto wait = limiter->caller(call->actor, *call->endpoint, &limits);
            call->also = std::move(limits.headers);
            if (wait) {
                throw Refusal(codes::rate_limited, "Too many requests from this caller.")
                    .retry_after(wait);
            }
        }
        if (!route.open && !route.needs.empty() && !call->actor.may(route.needs)) {
            throw Refusal(codes::forbidden,
                          "This needs the permission " + std::string(route.needs) + ".");
        }
        read_query(*call);
        call->endpoint->act(call);
    } catch (const Refusal& refusal) {
        call->refuse(refusal);
    } catch (const std::exception&) {
        call->refuse(Refusal(stateset::codes::internal, "The request could not be completed."));
    }
}

// Every parameter must be one that the endpoint knows, once; `fields` is known by all reads,
// `dry_run` by all commands.
void Edge::State::read_query(Call& call) {
    if (call.endpoint->route.content_type == "text/html") return;  // a page reads its own
    json::Faults faults;
    const auto& known = call.endpoint->query_parameters;
    for (auto& [name, value] : query_pairs(call.request.query)) {
        bool twice =
            std::ranges::any_of(call.query, [&](auto& pair) { return pair.first == name; });
        if (twice) {
            faults.add("?" + name, "duplicate_key", "is given twice");
        } else if (name == "fields" && call.endpoint->kind == Kind::query &&
                   call.endpoint->route.content_type == "application/json") {
            read_fields(call, value, faults);
        } else if (name == dry_run && call.endpoint->kind == Kind::command) {
            read_dry_run(call, value, faults);
        } else if (std::ranges::find(known, name) == known.end()) {
            faults.add("?" + name, "unknown_field", unknown_parameter(name, *call.endpoint));
        }
        call.query.emplace_back(std::move(name), std::move(value));
    }
    faults.refuse_if_any();
}

void Edge::State::sweep() {
    constexpr std::chrono::milliseconds pace{250};
    std::unique_lock lock(mutex);
    while (!stopping) {
        wake.wait_for(lock, pace, [this] { return stopping; });
        auto now = std::chrono::steady_clock::now();
        std::vector<std::shared_ptr<Call>> late;
        while (!open.empty()) {
            auto call = open.front().lock();
            if (call && !call->answered() && call->deadline > now) break;
            if (call && !call->answered()) late.push_back(std::move(call));
            open.pop_front();
        }
        lock.unlock();
        for (auto& call : late) call->expire();
        late.clear();
        lock.lock();
    }
}

}  // namespace stateset::http
