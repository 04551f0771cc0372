#include "platform/http/loop.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <cerrno>

#include "platform/http/connection.hpp"
#include "platform/http/rendering.hpp"

namespace stateset::http {

namespace asio = boost::asio;

// One read takes at most this much, so that one client's flood does not starve the others of its
// loop.
static constexpr std::size_t scratch_bytes = 64 * 1024;
// With no descriptor left an accept fails at once, for as long as that lasts.
static constexpr std::chrono::milliseconds accept_pause{100};
// Deadlines are kept to within one sweep; nobody is hurt by half a second of grace.
static constexpr std::chrono::milliseconds longest_sweep{500}, shortest_sweep{10};
// Refused connections that still take in their 503; beyond, they are closed without one.
static constexpr std::size_t refused_at_once = 256;

static constexpr Fault server_full{503, "too_many_connections",
                                   "The server has too many connections open."};
static constexpr Fault address_full{503, "too_many_connections",
                                    "Your address has too many connections open."};

// The mailbox of the loop this thread runs, if it runs one.
static thread_local const Mailbox* own_mailbox = nullptr;

static std::chrono::milliseconds sweep_period(const Limits& limits);
static std::string origin_of(const asio::ip::address& address);

void Mailbox::answer(std::uint64_t connection, std::uint64_t turn,
                     std::optional<Response> response) {
    if (own_mailbox == this && loop_.handling && loop_.handling->id() == connection) {
        return loop_.handling->keep(turn, std::move(response));
    }
    std::lock_guard lock(mutex_);
    if (closed_) return;
    letters_.push_back({connection, turn, std::move(response)});
    if (letters_.size() == 1) asio::post(loop_.io_, [&loop = loop_] { loop.deliver(); });
}

void Mailbox::carry(Parcel parcel) {
    std::lock_guard lock(mutex_);
    if (closed_) return;
    parcels_.push_back(std::move(parcel));
    if (parcels_.size() == 1) asio::post(loop_.io_, [&loop = loop_] { loop.deliver_parcels(); });
}

std::vector<Mailbox::Parcel> Mailbox::collect_parcels() {
    std::lock_guard lock(mutex_);
    return std::exchange(parcels_, {});
}

std::vector<Mailbox::Letter> Mailbox::collect() {
    std::lock_guard lock(mutex_);
    return std::exchange(letters_, {});
}

void Mailbox::close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
    letters_.clear();
    parcels_.clear();
}

Loop::Loop(const Options& options, const Handler& handler, const Rejecter& rejecter,
           std::shared_ptr<Census> census)
    : options_(options),
      handler_(handler),
      rejecter_(rejecter),
      census_(std::move(census)),
      mailbox_(std::make_shared<Mailbox>(*this)),
      acceptor_(io_),
      sweep_timer_(io_),
      accept_pause_(io_) {
    scratch.resize(scratch_bytes);
}

Loop::~Loop() { mailbox_->close(); }

unsigned short Loop::listen(const asio::ip::tcp::endpoint& endpoint) {
    using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(Acceptor::reuse_address(true));
    acceptor_.set_option(ReusePort(true));
    acceptor_.set_option(asio::ip::tcp::no_delay(true));  // inherited by what it accepts
    acceptor_.bind(endpoint);
    acceptor_.listen(asio::socket_base::max_listen_connections);
    return acceptor_.local_endpoint().port();
}

void Loop::run() {
    own_mailbox = mailbox_.get();
    asio::co_spawn(io_, accept_connections(), asio::detached);
    asio::co_spawn(io_, sweep_deadlines(), asio::detached);
    // Connections answer for their own failures; what else might throw must not take the loop
    // along.
    while (!io_.stopped()) {
        try {
            io_.run();
        } catch (...) {
        }
    }
    own_mailbox = nullptr;
    mailbox_->close();
}

void Loop::wind_down() {
    asio::post(io_, [this] {
        winding_down_ = true;
        boost::system::error_code ignored;
        acceptor_.close(ignored);
        accept_pause_.cancel();
        for (const auto& connection : everybody()) connection->wind_down();
    });
}

void Loop::halt() {
    asio::post(io_, [this] {
        for (const auto& connection : everybody()) connection->close();
        io_.stop();
    });
}

std::string_view Loop::date() {
    if (const auto now = std::time(nullptr); now != date_of_) date_ = http_date(date_of_ = now);
    return date_;
}

Response Loop::rejection(const Fault& fault) {
    counters_.rejected.fetch_add(1, std::memory_order_relaxed);
    Response response;
    try {
        response = rejecter_(fault.status, fault.code, fault.detail);
    } catch (...) {
        // The status alone has to do.
    }
    response.status = fault.status;
    return response;
}

void Loop::handle(Request&& request, std::uint64_t connection, std::uint64_t turn) {
    counters_.requests.fetch_add(1, std::memory_order_relaxed);
    try {
        handler_(std::move(request), Reply(mailbox_, connection, turn));
    } catch (...) {
        // Its Reply, dropped unanswered, has answered 500.
    }
}

void Loop::forget(std::uint64_t connection, const std::string& origin) {
    connections_.erase(connection);
    origin.empty() ? static_cast<void>(--refused_open_) : census_->leave(origin);
}

Loop::Awaitable<void> Loop::accept_connections() {
    const asio::use_awaitable_t<Executor> token;
    while (acceptor_.is_open()) {
        boost::system::error_code error;
        auto socket = co_await acceptor_.async_accept(asio::redirect_error(token, error));
        if (!error) {
            try {
                admit(std::move(socket));
            } catch (...) {  // no memory for one more; the next one may find some
                counters_.accept_failures.fetch_add(1, std::memory_order_relaxed);
            }
        } else if (error != asio::error::operation_aborted) {
            counters_.accept_failures.fetch_add(1, std::memory_order_relaxed);
            const auto code = error.value();
            if (code == ECONNABORTED || code == EINTR || code == EPROTO) continue;
            accept_pause_.expires_after(accept_pause);
            co_await accept_pause_.async_wait(asio::redirect_error(token, error));
        }
    }
}

Loop::Awaitable<void> Loop::sweep_deadlines() {
    const asio::use_awaitable_t<Executor> token;
    const auto period = sweep_period(options_.limits);
    for (;;) {
        sweep_timer_.expires_after(period);
        boost::system::error_code ignored;
        co_await sweep_timer_.async_wait(asio::redirect_error(token, ignored));
        const auto now = Clock::now();
        for (const auto& connection : everybody()) connection->sweep(now);
    }
}

void Loop::admit(Socket socket) {
    counters_.accepted.fetch_add(1, std::memory_order_relaxed);
    boost::system::error_code error;
    auto address = socket.remote_endpoint(error).address();
    if (error) return;  // it has left already
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    }
    const auto origin = origin_of(address);
    const auto admission = census_->enter(origin);
    const bool admitted = admission == Census::Admission::admitted;
    if (!admitted && refused_open_ >= refused_at_once) return;
    if (!admitted) ++refused_open_;
    const auto id = ++last_connection_;
    const auto connection = std::make_shared<Connection>(
        *this, std::move(socket),
        Connection::Origin{id, address.to_string(), admitted ? origin : ""});
    connections_.emplace(id, connection);
    if (admitted) return connection->open();
    connection->refuse(admission == Census::Admission::server_full ? server_full : address_full);
}

// Brings every letter to its connection first, so that each sends once.
void Loop::deliver() {
    std::vector<std::shared_ptr<Connection>> answered;
    for (auto& letter : mailbox_->collect()) {
        const auto found = connections_.find(letter.connection);
        if (found == connections_.end()) continue;
        found->second->keep(letter.turn, std::move(letter.response));
        answered.push_back(found->second);
    }
    for (const auto& connection : answered) connection->proceed();
}

void Loop::deliver_parcels() {
    std::vector<std::shared_ptr<Connection>> served;
    for (auto& parcel : mailbox_->collect_parcels()) {
        const auto found = connections_.find(parcel.connection);
        if (found == connections_.end()) continue;
        found->second->put(parcel.bytes, parcel.last);
        if (served.empty() || served.back() != found->second) served.push_back(found->second);
    }
    for (const auto& connection : served) connection->proceed();
}

std::vector<std::shared_ptr<Connection>> Loop::everybody() const {
    std::vector<std::shared_ptr<Connection>> all;
    all.reserve(connections_.size());
    for (const auto& [id, connection] : connections_) all.push_back(connection);
    return all;
}

// A quarter of the shortest time kept, within bounds.
static std::chrono::milliseconds sweep_period(const Limits& limits) {
    const auto shortest =
        std::min({limits.header_time, limits.idle, limits.body_grace, limits.stalled_send});
    return std::clamp(shortest / 4, shortest_sweep, longest_sweep);
}

// One household or host gets a whole IPv6 /64, so its members count together.
static std::string origin_of(const asio::ip::address& address) {
    if (address.is_v4()) return address.to_string();
    auto bytes = address.to_v6().to_bytes();
    std::fill(bytes.begin() + 8, bytes.end(), 0);
    return asio::ip::address_v6(bytes).to_string();
}

}  // namespace stateset::http
