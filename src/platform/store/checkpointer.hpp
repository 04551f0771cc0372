#pragma once
// Moves committed pages from SQLite's write-ahead log into the database file, on a thread and a
// connection of its own, so that no command pays for it. A passive checkpoint waits for nobody and
// runs a second after the last one when there were writes, or sooner when the log grew fast. A log
// that readers and a busy writer kept from starting over is cut when it has become very large; only
// that holds up the writer, for a fraction of a second.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace stateset::store::sqlite {

class Connection;

class Checkpointer {
  public:
    struct Options {
        std::chrono::milliseconds look{100};     // how often it looks whether there is work
        std::chrono::milliseconds every{1000};   // between checkpoints while there are writes
        std::int64_t passive_bytes = 4'000'000;  // about 1,000 pages: growth that does not wait
        std::int64_t truncate_bytes = 256'000'000;
        std::function<void(std::string_view)> log;  // errors, for the operator
    };

    // Opens the file; throws Unavailable. Start it after the migrations.
    Checkpointer(const std::string& file, Options);
    ~Checkpointer();
    void stop();  // within a moment, without a last checkpoint

    struct Counters {
        std::uint64_t looked = 0, passive = 0, truncated = 0;
        std::uint64_t busy = 0, failed = 0;  // readers were in the way; errors
        std::int64_t log_bytes = 0;          // the log file, when last looked at
    };
    Counters counters() const;

  private:
    enum class Mode { passive, truncate };

    void work();
    void look();
    void checkpoint(Mode);
    std::int64_t log_bytes() const;
    bool written_since();

    std::string log_file_;
    Options options_;
    std::unique_ptr<Connection> connection_;
    std::int64_t seen_version_ = -1, seen_bytes_ = 0;
    bool pending_ = false;
    std::chrono::steady_clock::time_point next_{};

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    Counters counters_;
    std::thread thread_;
};

}  // namespace stateset::store::sqlite
