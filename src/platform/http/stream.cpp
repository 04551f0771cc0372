#include "platform/http/stream.hpp"

#include "platform/http/loop.hpp"

namespace stateset::http {

SocketLine::SocketLine(std::shared_ptr<Mailbox> to, std::uint64_t connection)
    : to_(std::move(to)), connection_(connection) {}

void SocketLine::send(std::string bytes) {
    if (bytes.empty() || over_) return;
    unsent_.fetch_add(bytes.size(), std::memory_order_relaxed);
    to_->carry({connection_, std::move(bytes), false});
}

void SocketLine::end(std::string last) {
    if (over_.exchange(true)) return;
    unsent_.fetch_add(last.size(), std::memory_order_relaxed);
    to_->carry({connection_, std::move(last), true});
}

}  // namespace stateset::http
