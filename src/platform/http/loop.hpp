#pragma once
// One event loop: a thread, its acceptor and its connections. Only its mailbox is touched by other
// threads. Private to the server; includes Asio.

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <ctime>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "platform/http/census.hpp"
#include "platform/http/framing.hpp"
#include "platform/http/server.hpp"

namespace stateset::http {

class Connection;
using Executor = boost::asio::io_context::executor_type;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
using Clock = std::chrono::steady_clock;

// Where replies are dropped off. It outlives its loop as long as any Reply does, and then swallows
// them.
class Mailbox : public Replied {
  public:
    struct Letter {
        std::uint64_t connection, turn;
        std::optional<Response> response;
    };
    // Bytes for a connection that a stream has taken over.
    struct Parcel {
        std::uint64_t connection;
        std::string bytes;
        bool last;
    };

    explicit Mailbox(Loop& loop) : loop_(loop) {}

    // On the loop's own thread, for the request being handled: kept in place. Else: put into the
    // box; only the letter that finds it empty wakes the loop.
    void answer(std::uint64_t connection, std::uint64_t turn,
                std::optional<Response> response) override;
    void carry(Parcel parcel);
    std::vector<Letter> collect();
    std::vector<Parcel> collect_parcels();
    void close();

  private:
    Loop& loop_;  // valid while not closed, and on its own thread
    std::mutex mutex_;
    std::vector<Letter> letters_;
    std::vector<Parcel> parcels_;
    bool closed_ = false;
};

class Loop {
  public:
    Loop(const Options& options, const Handler& handler, const Rejecter& rejecter,
         std::shared_ptr<Census> census);
    ~Loop();

    // Binds and listens; throws boost::system::system_error. The port bound.
    unsigned short listen(const boost::asio::ip::tcp::endpoint& endpoint);
    void run();        // the thread's whole life; returns after halt
    void wind_down();  // any thread: accept no more, close idle connections, let the others finish
    void halt();       // any thread: cut everything, return from run

    // For its connections, on the loop's thread:
    const Limits& limits() const { return options_.limits; }
    bool winding_down() const { return winding_down_; }
    std::string_view date();
    Response rejection(const Fault& fault);
    void handle(Request&& request, std::uint64_t connection, std::uint64_t turn);
    void forget(std::uint64_t connection, const std::string& origin);
    const std::shared_ptr<Mailbox>& mailbox() const { return mailbox_; }

    std::string scratch;       // one read's bytes; parsed before the next read of any connection
    std::string spare_output;  // lent to whichever connection is answering
    Connection* handling = nullptr;  // whose request the handler has just now

    struct Counters {
        std::atomic<std::uint64_t> accepted = 0, requests = 0, rejected = 0, accept_failures = 0;
    };
    const Counters& counters() const { return counters_; }

  private:
    friend class Mailbox;
    using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, Executor>;
    using Timer =
        boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>, Executor>;
    template <class T>
    using Awaitable = boost::asio::awaitable<T, Executor>;

    Awaitable<void> accept_connections();
    Awaitable<void> sweep_deadlines();
    void admit(Socket socket);
    void deliver();
    void deliver_parcels();
    std::vector<std::shared_ptr<Connection>> everybody() const;

    boost::asio::io_context io_{1};  // first, so that it outlives everything that holds a socket
    const Options& options_;
    const Handler& handler_;
    const Rejecter& rejecter_;
    std::shared_ptr<Census> census_;
    std::shared_ptr<Mailbox> mailbox_;
    Acceptor acceptor_;
    Timer sweep_timer_, accept_pause_;
    std::unordered_map<std::uint64_t, std::shared_ptr<Connection>> connections_;
    std::uint64_t last_connection_ = 0;
    std::size_t refused_open_ = 0;
    std::time_t date_of_ = 0;
    std::string date_;
    bool winding_down_ = false;
    Counters counters_;
};

}  // namespace stateset::http
