#include "platform/redis/connection.hpp"

#include <hiredis/hiredis.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unordered_map>

namespace stateset::redis {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds role_pace{250};  // how long a demoted master may go unnoticed
constexpr milliseconds log_pace{1'000};

struct FreeContext {
    void operator()(redisContext* context) const { redisFree(context); }
};
struct FreeReply {
    void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using ContextPtr = std::unique_ptr<redisContext, FreeContext>;
using ReplyPtr = std::unique_ptr<redisReply, FreeReply>;

void append(std::string& out, const Command& command) {
    std::vector<const char*> words;
    std::vector<std::size_t> sizes;
    for (const auto& word : command) {
        words.push_back(word.data());
        sizes.push_back(word.size());
    }
    char* text = nullptr;
    auto size =
        redisFormatCommandArgv(&text, static_cast<int>(words.size()), words.data(), sizes.data());
    if (size < 0) throw std::bad_alloc();
    out.append(text, static_cast<std::size_t>(size));
    redisFreeCommand(text);
}

Reply reply_from(const redisReply& from) {
    Reply reply;
    switch (from.type) {
        case REDIS_REPLY_STRING:
        case REDIS_REPLY_STATUS:
        case REDIS_REPLY_ERROR:
            reply.kind = from.type == REDIS_REPLY_ERROR ? Reply::Kind::error : Reply::Kind::text;
            reply.text.assign(from.str, from.len);
            break;
        case REDIS_REPLY_INTEGER:
            reply.kind = Reply::Kind::number;
            reply.number = from.integer;
            break;
        case REDIS_REPLY_ARRAY:
            reply.kind = Reply::Kind::list;
            reply.list.reserve(from.elements);
            for (std::size_t i = 0; i < from.elements; ++i) {
                reply.list.push_back(reply_from(*from.element[i]));
            }
            break;
        default: break;
    }
    return reply;
}

bool is_master(const Reply& role) {
    return role.kind == Reply::Kind::list && !role.list.empty() && role.list[0].text == "master";
}

std::string role_text(const Reply& role) {
    if (role.kind == Reply::Kind::list && !role.list.empty()) return "is a " + role.list[0].text;
    return "does not tell its role: " + role.text;
}

// Errors of the server, not of the command: another server, or this one later, may answer.
bool means_lost(const Reply& reply) {
    if (!reply.is_error()) return false;
    constexpr std::string_view lost[] = {"READONLY", "LOADING", "MASTERDOWN", "NOAUTH"};
    return std::ranges::any_of(lost, [&](auto word) { return reply.text.starts_with(word); });
}

bool is_script(const Command& command) { return command.size() > 1 && command[0] == "EVAL"; }

bool is_unknown_script(const Reply& reply) {
    return reply.is_error() && reply.text.starts_with("NOSCRIPT");
}

// False when the time is over first.
bool await(int descriptor, short events, Clock::time_point deadline) {
    while (true) {
        auto left = std::max(deadline - Clock::now(), Clock::duration::zero());
        auto seconds = std::chrono::floor<std::chrono::seconds>(left);
        timespec time{.tv_sec = seconds.count(), .tv_nsec = (left - seconds).count()};
        pollfd one{.fd = descriptor, .events = events, .revents = 0};
        auto ready = ppoll(&one, 1, &time, nullptr);
        if (ready > 0) return true;
        if (ready == 0 || errno != EINTR) return false;
    }
}

}  // namespace

struct Connection::State {
    // What travels in one round trip: the commands as sent, and whose reply is whose.
    struct Exchange {
        std::string out;
        std::size_t replies = 0;
        bool with_role = false;
        std::vector<std::string> new_scripts;  // their digests come after the role
    };

    Address address;
    Options options;
    std::size_t host = 0;  // which was the master last
    ContextPtr context;
    std::uint64_t serial = 0;
    std::unordered_map<std::string, std::string> digests;  // of scripts that this server knows
    Clock::time_point role_seen;
    std::string reason = "not connected yet";

    int failures = 0;  // since the last answer
    Clock::time_point retry_at;
    Clock::time_point said_at;
    bool said_lost = false;

    void say(const std::string& text);
    void lose(const std::string& why);
    std::string connect(const Address::Host&);
    std::string greet(Clock::time_point deadline);
    bool transfer(const std::string& out, std::size_t expected, Clock::time_point deadline,
                  std::vector<Reply>& in, std::string& why);
    bool receive(std::vector<Reply>& in, std::string& why);
    bool send_some(const std::string& out, std::size_t& sent, std::string& why);
    Exchange prepare(const std::vector<Command>&);
    bool carry_out(const std::vector<Command>&, Clock::time_point deadline, Replies&);
    bool repeat_scripts(const std::vector<Command>&, Clock::time_point deadline, Replies&);
    Replies gone(std::string why);
};

Connection::Connection(Address address, Options options)
    : state_(new State{.address = std::move(address), .options = std::move(options)}) {}

Connection::~Connection() = default;

bool Connection::is_open() const { return state_->context != nullptr; }

Clock::time_point Connection::retry_at() const { return state_->retry_at; }

Replies Connection::ask(const std::vector<Command>& commands) {
    if (!open()) return {.unavailable = state_->reason};
    auto deadline = Clock::now() + state_->options.command_timeout;
    Replies replies{.connection = state_->serial};
    if (!state_->carry_out(commands, deadline, replies)) return state_->gone(state_->reason);
    if (!state_->repeat_scripts(commands, deadline, replies)) return state_->gone(state_->reason);
    if (auto lost = std::ranges::find_if(replies.all, means_lost); lost != replies.all.end()) {
        return state_->gone(lost->text);
    }
    state_->failures = 0;
    return replies;
}

bool Connection::open() {
    auto& state = *state_;
    if (state.context) return true;
    if (Clock::now() < state.retry_at) return false;
    std::string why;
    for (std::size_t tried = 0; tried < state.address.hosts.size(); ++tried) {
        const auto& host = state.address.hosts[state.host];
        auto failure = state.connect(host);
        if (failure.empty()) {
            ++state.serial;
            state.role_seen = Clock::now();
            if (state.said_lost) state.say("answers again at " + host.text());
            state.said_lost = false;
            return true;
        }
        why += (why.empty() ? "" : "; ") + host.text() + " " + failure;
        state.host = (state.host + 1) % state.address.hosts.size();
    }
    state.lose(why);
    return false;
}

void Connection::State::say(const std::string& text) {
    auto now = Clock::now();
    if (!options.log || (said_at != Clock::time_point{} && now - said_at < log_pace)) return;
    said_at = now;
    options.log(text);
}

// The first loss is followed by a new attempt at once: an idle connection may just have been
// closed.
void Connection::State::lose(const std::string& why) {
    context.reset();
    digests.clear();
    reason = why;
    auto pause = milliseconds::zero();
    if (failures > 0) {
        pause = options.shortest_break * (1 << std::min(failures - 1, 10));
        pause = std::min(pause, options.longest_break);
    }
    ++failures;
    retry_at = Clock::now() + pause;
    said_lost = true;
    say("lost: " + why);
}

Replies Connection::State::gone(std::string why) {
    lose(why);
    return {.unavailable = std::move(why)};
}

// Answers what went wrong; nothing when there is a connection to the master.
std::string Connection::State::connect(const Address::Host& to) {
    auto deadline = Clock::now() + options.connect_timeout;
    context.reset(redisConnectNonBlock(to.name.c_str(), to.port));
    if (!context) throw std::bad_alloc();
    std::string failure = context->err ? context->errstr : "";
    if (failure.empty() && !await(context->fd, POLLOUT, deadline)) failure = "does not answer";
    if (failure.empty()) {
        int error = 0;
        socklen_t size = sizeof error;
        getsockopt(context->fd, SOL_SOCKET, SO_ERROR, &error, &size);
        failure = error ? std::strerror(error) : greet(deadline);
    }
    if (!failure.empty()) context.reset();
    return failure;
}

std::string Connection::State::greet(Clock::time_point deadline) {
    std::vector<Command> greeting;
    if (!address.password.empty()) {
        Command command{"AUTH"};
        if (!address.user.empty()) command.push_back(address.user);
        command.push_back(address.password);
        greeting.push_back(std::move(command));
    }
    if (address.database != 0) greeting.push_back({"SELECT", std::to_string(address.database)});
    greeting.push_back({"ROLE"});
    std::string out, why;
    for (const auto& command : greeting) append(out, command);
    std::vector<Reply> in;
    if (!transfer(out, greeting.size(), deadline, in, why)) return why;
    for (const auto& reply : in) {
        if (reply.is_error()) return reply.text;
    }
    return is_master(in.back()) ? "" : role_text(in.back());
}

// Writes and reads by turns, for a group may be larger than the buffers of the sockets.
bool Connection::State::transfer(const std::string& out, std::size_t expected,
                                 Clock::time_point deadline, std::vector<Reply>& in,
                                 std::string& why) {
    std::size_t sent = 0;
    if (!send_some(out, sent, why)) return false;
    while (in.size() < expected) {
        auto events = static_cast<short>(sent < out.size() ? POLLIN | POLLOUT : POLLIN);
        if (!await(context->fd, events, deadline)) {
            why = "no answer within its time";
            return false;
        }
        if (!send_some(out, sent, why) || !receive(in, why)) return false;
    }
    return true;
}

// MSG_NOSIGNAL: a closed peer is an answer, not a signal.
bool Connection::State::send_some(const std::string& out, std::size_t& sent, std::string& why) {
    while (sent < out.size()) {
        auto now = ::send(context->fd, out.data() + sent, out.size() - sent, MSG_NOSIGNAL);
        if (now < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return true;
        if (now < 0 && errno == EINTR) continue;
        if (now < 0) {
            why = std::strerror(errno);
            return false;
        }
        sent += static_cast<std::size_t>(now);
    }
    return true;
}

bool Connection::State::receive(std::vector<Reply>& in, std::string& why) {
    void* next = nullptr;
    bool sound = redisBufferRead(context.get()) == REDIS_OK;
    while (sound) {
        sound = redisGetReplyFromReader(context.get(), &next) == REDIS_OK;
        if (!next) break;
        in.push_back(reply_from(*ReplyPtr(static_cast<redisReply*>(next))));
    }
    if (!sound) why = context->errstr;
    return sound;
}

Connection::State::Exchange Connection::State::prepare(const std::vector<Command>& commands) {
    Exchange exchange;
    exchange.with_role = commands.empty() || Clock::now() - role_seen >= role_pace;
    if (exchange.with_role) append(exchange.out, {"ROLE"});
    for (const auto& command : commands) {
        bool unknown =
            is_script(command) && !digests.contains(command[1]) &&
            std::ranges::find(exchange.new_scripts, command[1]) == exchange.new_scripts.end();
        if (!unknown) continue;
        append(exchange.out, {"SCRIPT", "LOAD", command[1]});
        exchange.new_scripts.push_back(command[1]);
    }
    for (const auto& command : commands) {
        auto digest = is_script(command) ? digests.find(command[1]) : digests.end();
        if (digest == digests.end()) {
            append(exchange.out, command);
        } else {
            auto shorter = command;
            shorter[0] = "EVALSHA";
            shorter[1] = digest->second;
            append(exchange.out, shorter);
        }
    }
    exchange.replies = commands.size() + exchange.new_scripts.size() + (exchange.with_role ? 1 : 0);
    return exchange;
}

bool Connection::State::carry_out(const std::vector<Command>& commands, Clock::time_point deadline,
                                  Replies& replies) {
    auto exchange = prepare(commands);
    std::vector<Reply> in;
    if (!transfer(exchange.out, exchange.replies, deadline, in, reason)) return false;
    auto next = in.begin();
    if (exchange.with_role) {
        if (!is_master(*next)) {
            reason = address.hosts[host].text() + " " + role_text(*next);
            return false;
        }
        role_seen = Clock::now();
        ++next;
    }
    for (auto& script : exchange.new_scripts) {
        if (!next->is_error()) digests.insert_or_assign(std::move(script), next->text);
        ++next;
    }
    replies.all.assign(std::make_move_iterator(next), std::make_move_iterator(in.end()));
    return true;
}

// Somebody emptied the server's scripts: those commands are sent again in full.
bool Connection::State::repeat_scripts(const std::vector<Command>& commands,
                                       Clock::time_point deadline, Replies& replies) {
    std::vector<std::size_t> again;
    std::vector<Command> repeated;
    for (std::size_t i = 0; i < commands.size(); ++i) {
        if (!is_script(commands[i]) || !is_unknown_script(replies.all[i])) continue;
        digests.erase(commands[i][1]);
        again.push_back(i);
        repeated.push_back(commands[i]);
    }
    if (again.empty()) return true;
    Replies second;
    if (!carry_out(repeated, deadline, second)) return false;
    for (std::size_t i = 0; i < again.size(); ++i) replies.all[again[i]] = std::move(second.all[i]);
    return true;
}

}  // namespace stateset::redis
