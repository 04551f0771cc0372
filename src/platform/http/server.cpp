#include "platform/http/server.hpp"

#include <signal.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <cassert>
#include <system_error>
#include <thread>

#include "platform/http/census.hpp"
#include "platform/http/loop.hpp"

namespace stateset::http {

namespace asio = boost::asio;

static asio::ip::tcp::endpoint endpoint_of(const Options& options);
static void refuse_if_taken(const asio::ip::tcp::endpoint& endpoint);

namespace {

struct CallReplied : Replied {
    explicit CallReplied(std::function<void(Response)> to) : to_(std::move(to)) {}
    void answer(std::uint64_t, std::uint64_t, std::optional<Response> response) override {
        to_(response ? std::move(*response) : Response{.status = 500});
    }
    std::function<void(Response)> to_;
};

// Threads started meanwhile get none of the process's signals: those are for whoever waits for
// them.
class SignalsBlocked {
  public:
    SignalsBlocked() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  private:
    sigset_t before_;
};

}  // namespace

Reply::Reply(std::function<void(Response)> to)
    : to_(std::make_shared<CallReplied>(std::move(to))) {}

Reply::Reply(std::shared_ptr<Replied> to, std::uint64_t connection, std::uint64_t turn)
    : to_(std::move(to)), connection_(connection), turn_(turn) {}

Reply& Reply::operator=(Reply&& other) noexcept {
    std::swap(to_, other.to_);
    std::swap(connection_, other.connection_);
    std::swap(turn_, other.turn_);
    return *this;
}

Reply::~Reply() {
    if (to_) to_->answer(connection_, turn_, std::nullopt);
}

void Reply::operator()(Response response) {
    assert(to_ && "a request is answered once");
    const auto to = std::exchange(to_, nullptr);
    to->answer(connection_, turn_, std::move(response));
}

struct Server::Threads {
    std::vector<std::thread> all;
};

Server::Server(Options options, Handler handler, Rejecter rejecter)
    : options_(std::move(options)),
      handler_(std::move(handler)),
      rejecter_(std::move(rejecter)),
      census_(std::make_shared<Census>(options_.limits)),
      threads_(std::make_unique<Threads>()) {}

Server::~Server() { stop(std::chrono::milliseconds(0)); }

void Server::start() {
    const auto cores = static_cast<int>(std::thread::hardware_concurrency());
    const int count = options_.loops > 0 ? options_.loops : std::max(cores, 1);
    try {
        auto endpoint = endpoint_of(options_);
        refuse_if_taken(endpoint);
        for (int i = 0; i < count; ++i) {
            auto loop = std::make_unique<Loop>(options_, handler_, rejecter_, census_);
            endpoint.port(loop->listen(endpoint));
            loops_.push_back(std::move(loop));
        }
        port_ = endpoint.port();
    } catch (const boost::system::system_error& error) {
        loops_.clear();
        throw std::system_error(
            std::error_code(error.code().value(), std::generic_category()),
            "cannot listen on " + options_.address + ":" + std::to_string(options_.port));
    }
    const SignalsBlocked blocked;
    for (const auto& loop : loops_) threads_->all.emplace_back([&loop = *loop] { loop.run(); });
}

void Server::stop(std::chrono::milliseconds grace) {
    if (stopped_.exchange(true)) return;
    for (const auto& loop : loops_) loop->wind_down();
    census_->wait_until_empty(grace);
    for (const auto& loop : loops_) loop->halt();
    for (auto& thread : threads_->all) thread.join();
}

Server::Counters Server::counters() const {
    Counters sum;
    sum.connections = census_->connections();
    for (const auto& loop : loops_) {
        sum.accepted += loop->counters().accepted.load(std::memory_order_relaxed);
        sum.requests += loop->counters().requests.load(std::memory_order_relaxed);
        sum.rejected += loop->counters().rejected.load(std::memory_order_relaxed);
        sum.accept_failures += loop->counters().accept_failures.load(std::memory_order_relaxed);
    }
    return sum;
}

static asio::ip::tcp::endpoint endpoint_of(const Options& options) {
    boost::system::error_code error;
    const auto address = asio::ip::make_address(options.address, error);
    if (error) throw boost::system::system_error(EINVAL, boost::system::generic_category());
    return {address, options.port};
}

// SO_REUSEPORT would let a second server share the port and take half of the first one's clients;
// so the port is tried once without it.
static void refuse_if_taken(const asio::ip::tcp::endpoint& endpoint) {
    asio::io_context io;
    asio::ip::tcp::acceptor probe(io, endpoint.protocol());
    probe.set_option(asio::socket_base::reuse_address(true));
    probe.bind(endpoint);
}

}  // namespace stateset::http
