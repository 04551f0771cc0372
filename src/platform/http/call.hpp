#pragma once
// One request on its way through its endpoint: what came in, who asks, and the one answer that goes
// out. Everything here is without templates; `Api` adds the types.

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/cache/copies.hpp"
#include "platform/core/actor.hpp"
#include "platform/http/desk.hpp"
#include "platform/http/endpoint.hpp"
#include "platform/http/server.hpp"
#include "platform/http/waiting.hpp"
#include "platform/json/decode.hpp"
#include "platform/store/committer.hpp"
#include "platform/store/reads.hpp"

namespace stateset::http {

// What an endpoint works with.
struct Engine {
    Committer& committer;
    ReadPool& reads;
    DeskPool& desk;
    Waiting& waiting;
    cache::Copies* copies = nullptr;     // null: every read goes to the database
    std::atomic<bool> draining = false;  // no longer ready: a balancer should look elsewhere
};

class Call : public std::enable_shared_from_this<Call> {
  public:
    Call(Request request, Reply reply, Engine& engine, std::string request_id);
    ~Call();

    Request request;
    const Endpoint* endpoint = nullptr;
    Actor actor;
    std::string request_id;
    std::vector<std::pair<std::string, std::string>> path;   // decoded path parameters
    std::vector<std::pair<std::string, std::string>> query;  // decoded query parameters
    std::chrono::steady_clock::time_point deadline;
    std::vector<Header> also;  // headers that every answer of this call carries
    // Called once with the status, when the answer has been handed to the server.
    std::function<void(const Call&, int status)> on_end;

    Engine& engine() { return *engine_; }

    // The one answer. Later ones are dropped: a deadline may have been faster.
    void answer(store::Answer, bool replayed = false, std::string timing = {});
    void answer_read(store::Answer, std::string timing);  // 304, `fields`
    void refuse(const Refusal&);
    void send(Response);
    bool answered() const { return answered_; }
    void expire();  // its deadline has come: answers for whoever has not answered

    // Hands a command to the Committer, with idempotency key, If-Match and deadline of the request.
    void submit(std::function<store::Answer(Tx&)> work);
    void read(std::function<store::Answer(Reads&)> work);
    void at_desk(std::function<void(Desk&)> work);

    // The text of a path parameter; null when the pattern has none of that name.
    const std::string* path_text(std::string_view name) const;
    json::Tape body() const;            // {} when there is none; throws Refusal
    std::optional<std::string> fields;  // `fields=` of a read
    bool dry_run = false;               // `dry_run=true` of a command: nothing is kept of it

  private:
    std::optional<store::IdempotencyKey> idempotency_key() const;
    std::optional<Expected> expected_version() const;
    void still_wanted() const;  // throws Refusal
    std::string located(std::string location) const;
    std::optional<cache::Key> cache_key() const;
    void read_database(std::function<store::Answer(Reads&)> work, cache::Copies::Ticket);
    void await(Uuid operation, store::Answer interim);

    Engine* engine_;
    Reply reply_;
    std::atomic<bool> answered_ = false;
    std::atomic<bool> handed_in_ = false;  // a command is on its way: it may take effect
    std::mutex interim_mutex_;
    std::optional<store::Answer> interim_;
    Uuid operation_;
};

}  // namespace stateset::http
