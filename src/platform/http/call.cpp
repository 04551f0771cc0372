#include "platform/http/call.hpp"

#include "platform/auth/crypto.hpp"
#include "platform/http/entity_tag.hpp"
#include "platform/http/problem.hpp"

namespace stateset::http {
namespace {

constexpr std::size_t longest_key = 255;

bool visible_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

std::string milliseconds_text(std::chrono::microseconds time) {
    return decimal_text(time.count(), 3, Zeros::keep);
}

std::string timing_text(std::chrono::microseconds database, std::uint64_t statements) {
    return "db;dur=" + milliseconds_text(database) + ", statements;desc=\"" +
           std::to_string(statements) + "\"";
}

std::string timing_text(const BatchStats& stats) {
    return timing_text(stats.database, stats.statements) + ", rounds;desc=\"" +
           std::to_string(stats.rounds) + "\", batch;desc=\"" +
           std::to_string(stats.batch_commands) + "\"";
}

// Keeps only the named members of an object, or of each element of a list's `data`.
void write_trimmed(std::string& out, const json::Node& object, std::string_view fields) {
    out += '{';
    bool first = true;
    for (auto member = object.first(); member; member = member.next()) {
        auto listed = ("," + std::string(fields) + ",").find("," + std::string(member.key()) + ",");
        if (listed == std::string::npos) continue;
        if (!first) out += ',';
        first = false;
        json::write(out, member.key());
        out += ':';
        json::write(out, member);
    }
    out += '}';
}

std::string trimmed(const std::string& body, std::string_view fields) {
    auto tape = json::parse(body, {.depth = 64, .nodes = 10'000'000});
    auto root = tape.root();
    std::string out;
    auto data = root.first();
    bool list = data && data.key() == "data" && data.kind() == json::Kind::array;
    if (!list) {
        write_trimmed(out, root, fields);
        return out;
    }
    out = "{\"data\":[";
    for (auto element = data.first(); element; element = element.next()) {
        if (out.back() != '[') out += ',';
        write_trimmed(out, element, fields);
    }
    out += ']';
    for (auto member = data.next(); member; member = member.next()) {
        out += ',';
        json::write(out, member.key());
        out += ':';
        json::write(out, member);
    }
    return out + '}';
}

}  // namespace

Call::Call(Request from, Reply reply, Engine& engine, std::string id)
    : request(std::move(from)),
      request_id(std::move(id)),
      engine_(&engine),
      reply_(std::move(reply)) {}

Call::~Call() {
    if (!answered_) refuse(Refusal(stateset::codes::internal, "The request was dropped."));
}

void Call::send(Response response) {
    if (answered_.exchange(true)) return;
    auto status = response.status;
    response.headers.push_back({"Request-Id", request_id});
    for (auto& header : also) response.headers.push_back(header);
    reply_(std::move(response));
    if (on_end) on_end(*this, status);
}

void Call::refuse(const Refusal& refusal) { send(problem(refusal, request.path, request_id)); }

void Call::answer(store::Answer answer, bool replayed, std::string timing) {
    Response response{
        .status = answer.status, .content_type = {}, .body = std::move(answer.body), .headers = {}};
    // A file may be empty, and is a file.
    bool file = response.status == 200 && endpoint->route.content_type != "application/json";
    if (!response.body.empty() || file) {
        response.content_type = response.status >= 400 ? "application/problem+json"
                                                       : std::string(endpoint->route.content_type);
    }
    auto header = [&](const char* name, std::string value) {
        if (!value.empty()) response.headers.push_back({name, std::move(value)});
    };
    header("ETag", std::move(answer.etag));
    header("Location", located(std::move(answer.location)));
    header("Idempotent-Replayed", replayed ? "true" : "");
    header("Cache-Control", endpoint->route.secret ? "no-store" : "");
    header("Server-Timing", std::move(timing));
    send(std::move(response));
}

// A Location is written as the endpoint's pattern and the new id.
std::string Call::located(std::string location) const {
    for (const auto& [name, value] : path) {
        if (auto at = location.find("{" + name + "}"); at != location.npos) {
            location.replace(at, name.size() + 2, value);
        }
    }
    return location;
}

void Call::answer_read(store::Answer answer, std::string timing) {
    auto* known = request.find("If-None-Match");
    if (!answer.etag.empty() && known && matches_any(*known, answer.etag)) {
        answer.status = 304;
        answer.body.clear();
    } else if (fields && !answer.body.empty()) {
        answer.body = trimmed(answer.body, *fields);
    }
    this->answer(std::move(answer), false, std::move(timing));
}

const std::string* Call::path_text(std::string_view name) const {
    for (const auto& [known, value] : path) {
        if (known == name) return &value;
    }
    return nullptr;
}

json::Tape Call::body() const {
    if (request.body.empty()) return json::parse("{}");
    if (auto* type = request.find("Content-Type")) {
        auto [media, charset] = media_type(*type);
        bool merge =
            endpoint->method == "PATCH" && same_name(media, "application/merge-patch+json");
        if (!merge && !same_name(media, "application/json")) {
            throw Refusal(codes::unsupported_media_type, "The body must be application/json.");
        }
        if (!charset.empty() && !same_name(charset, "utf-8")) {
            throw Refusal(codes::unsupported_media_type, "JSON is read in UTF-8 only.");
        }
    }
    if (auto* coding = request.find("Content-Encoding");
        coding && !same_name(*coding, "identity")) {
        throw Refusal(codes::unsupported_media_type, "The body must not be compressed.");
    }
    return json::parse(request.body);
}

std::optional<store::IdempotencyKey> Call::idempotency_key() const {
    auto* key = request.find("Idempotency-Key");
    if (!key) return std::nullopt;
    if (key->empty() || key->size() > longest_key || !visible_ascii(*key)) {
        throw invalid("Idempotency-Key", "malformed", "must be 1 to 255 visible ASCII characters");
    }
    auto scope = actor.text() + " " + endpoint->method + " " + endpoint->path + " " + *key;
    return store::IdempotencyKey{
        .scope = auth::hex(auth::sha256(scope)),
        .fingerprint = auth::hex(auth::sha256(request.target + "\n" + request.body)),
        .seal_key = auth::sha256("seal " + scope)};
}

std::optional<Expected> Call::expected_version() const {
    auto* given = request.find("If-Match");
    if (!given || *given == "*" || path.empty()) return std::nullopt;
    auto version = newest_version(*given);
    if (!version) {
        throw Refusal(stateset::codes::precondition_failed,
                      "If-Match names no ETag of this server.");
    }
    auto* text = path_text(endpoint->subject);
    if (!text) text = &path.back().second;
    if (auto id = uuid_from(*text)) return Expected{*id, *version};
    auto number = decimal_from(*text, 0);
    return Expected{number ? store::Value(*number) : store::Value(*text), *version,
                    endpoint->subject_table};
}

void Call::submit(std::function<store::Answer(Tx&)> work) {
    auto self = shared_from_this();
    Envelope envelope{.work =
                          [self, work = std::move(work)](Tx& tx) {
                              self->still_wanted();
                              return work(tx);
                          },
                      .actor = actor,
                      .request_id = request_id,
                      .deadline = deadline,
                      .idempotency = idempotency_key(),
                      .expected = expected_version(),
                      .weight = 1 + static_cast<int>(request.body.size() / 256),
                      .dry = dry_run,
                      .done = {}};
    handed_in_ = !dry_run;
    envelope.done = [self](Outcome outcome) {
        if (outcome.refusal) {
            self->refuse(*outcome.refusal);
        } else if (outcome.answer->operation && !outcome.replayed && !self->dry_run) {
            self->await(*outcome.answer->operation, std::move(*outcome.answer));
        } else {
            self->answer(std::move(*outcome.answer), outcome.replayed, timing_text(outcome.stats));
        }
    };
    engine_->committer.submit(std::move(envelope));
}

// Whoever asked may have gone while the command waited; then it is left undone.
void Call::still_wanted() const {
    if (!answered_) return;
    throw Refusal(stateset::codes::timed_out, "Whoever asked has gone.");
}

void Call::read(std::function<store::Answer(Reads&)> work) {
    auto key = cache_key();
    if (!key) return read_database(std::move(work), nullptr);
    auto self = shared_from_this();
    engine_->copies->get(
        *key, [self](const cache::Copies::Copy& copy) { self->answer_read(*copy, "cache"); },
        [self, work = std::move(work)](cache::Copies::Ticket ticket) {
            self->read_database(work, std::move(ticket));
        });
}

// What the cache knows the subject by; nothing when the answer depends on more than the subject.
std::optional<cache::Key> Call::cache_key() const {
    if (!engine_->copies || !endpoint->route.cacheable) return std::nullopt;
    for (const auto& [name, _] : query) {
        if (name != "fields") return std::nullopt;
    }
    auto* text = path_text(endpoint->subject);
    auto id = text ? uuid_from(*text) : std::nullopt;
    if (!id) return std::nullopt;
    return cache::Key{endpoint->subject_table, actor.tenant, *id};
}

// With a ticket what was read is kept for others, also when this call's deadline has come.
void Call::read_database(std::function<store::Answer(Reads&)> work, cache::Copies::Ticket ticket) {
    auto self = shared_from_this();
    engine_->reads.submit(
        actor.tenant,
        [self, work = std::move(work), ticket](Reads& reads) {
            if (self->answered() && !ticket) return;  // its deadline came while it waited
            auto answer = work(reads);
            if (ticket) self->engine_->copies->land(ticket, answer);
            self->answer_read(
                std::move(answer),
                timing_text(reads.time(), static_cast<std::uint64_t>(reads.statements())));
        },
        [self, ticket](const Refusal& refusal) {
            if (ticket) self->engine_->copies->fail(ticket);
            self->refuse(refusal);
        });
}

void Call::at_desk(std::function<void(Desk&)> work) {
    auto self = shared_from_this();
    bool taken = engine_->desk.submit([self, work = std::move(work)] {
        if (self->endpoint->kind == Kind::procedure) self->handed_in_ = true;
        if (self->answered()) return;  // its deadline came while it waited
        Desk desk{self->engine_->committer, self->engine_->reads, self->request, self->request_id};
        try {
            work(desk);
        } catch (const Refusal& refusal) {
            self->refuse(refusal);
        } catch (const std::exception&) {
            self->refuse(Refusal(stateset::codes::internal, "The request could not be completed."));
        }
    });
    if (!taken) {
        refuse(Refusal(stateset::codes::overloaded, "Too many such requests wait already.")
                   .retry_after(1));
    }
}

// The work goes on elsewhere: its outcome answers, or at the deadline the interim answer does.
void Call::await(Uuid operation, store::Answer interim) {
    auto self = shared_from_this();
    if (answered_) return;
    {
        std::scoped_lock lock(interim_mutex_);
        interim_ = std::move(interim);
        operation_ = operation;
    }
    engine_->waiting.add(operation,
                         [self](store::Answer outcome) { self->answer(std::move(outcome)); });
}

void Call::expire() {
    if (answered_) return;
    std::optional<store::Answer> interim;
    Uuid operation;
    {
        std::scoped_lock lock(interim_mutex_);
        interim = std::move(interim_);
        operation = operation_;
    }
    if (interim) {
        answer(std::move(*interim));
        engine_->waiting.forget(operation);
    } else {
        // What was not handed in will not be any more: the Committer drops what comes too late.
        refuse(Refusal(handed_in_ ? stateset::codes::outcome_unknown : stateset::codes::timed_out,
                       "It takes longer than its deadline allows.")
                   .retry_after(1));
    }
}

}  // namespace stateset::http
