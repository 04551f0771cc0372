#include "platform/store/checkpointer.hpp"

#include <filesystem>

#include "platform/store/sqlite.hpp"

namespace stateset::store::sqlite {

using Clock = std::chrono::steady_clock;

namespace {

// Cutting the log holds the write lock while it waits for readers: give up soon, try again later.
constexpr auto short_patience = "pragma busy_timeout = 100";

}  // namespace

Checkpointer::Checkpointer(const std::string& file, Options options)
    : log_file_(file + "-wal"),
      options_(std::move(options)),
      connection_(std::make_unique<Connection>(file, Access::write)) {
    connection_->run(short_patience);
    thread_ = std::thread([this] { work(); });
}

Checkpointer::~Checkpointer() { stop(); }

void Checkpointer::stop() {
    {
        std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

Checkpointer::Counters Checkpointer::counters() const {
    std::scoped_lock lock(mutex_);
    return counters_;
}

void Checkpointer::work() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        lock.unlock();
        try {
            look();
        } catch (const std::exception& failure) {
            if (options_.log) options_.log(failure.what());
            next_ = Clock::now() + options_.every;
            std::scoped_lock counting(mutex_);
            ++counters_.failed;
        }
        lock.lock();
        wake_.wait_for(lock, options_.look, [this] { return stopping_; });
    }
}

void Checkpointer::look() {
    auto bytes = log_bytes();
    pending_ = written_since() || pending_;
    bool due = Clock::now() >= next_;
    if (pending_ && (due || bytes - seen_bytes_ >= options_.passive_bytes)) {
        pending_ = false;
        seen_bytes_ = bytes;
        next_ = Clock::now() + options_.every;
        checkpoint(Mode::passive);
    }
    if (due && bytes >= options_.truncate_bytes) {
        next_ = Clock::now() + options_.every;
        checkpoint(Mode::truncate);
        seen_bytes_ = bytes = log_bytes();
    }
    std::scoped_lock lock(mutex_);
    ++counters_.looked;
    counters_.log_bytes = bytes;
}

void Checkpointer::checkpoint(Mode mode) {
    Statement statement(connection_->raw(), mode == Mode::passive
                                                ? "pragma wal_checkpoint(passive)"
                                                : "pragma wal_checkpoint(truncate)");
    bool busy = statement.step() && statement.column(0) != Value(std::int64_t{0});
    if (busy) pending_ = true;
    std::scoped_lock lock(mutex_);
    if (busy) {
        ++counters_.busy;
    } else {
        ++(mode == Mode::passive ? counters_.passive : counters_.truncated);
    }
}

std::int64_t Checkpointer::log_bytes() const {
    std::error_code absent;
    auto bytes = std::filesystem::file_size(log_file_, absent);
    return absent ? 0 : static_cast<std::int64_t>(bytes);
}

// Has another connection committed since the last time?
bool Checkpointer::written_since() {
    Statement statement(connection_->raw(), "pragma data_version");
    statement.step();
    auto version = std::get<std::int64_t>(statement.column(0));
    return std::exchange(seen_version_, version) != version;
}

}  // namespace stateset::store::sqlite
