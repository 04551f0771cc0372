#include "platform/redis/failures.hpp"

namespace stateset::redis {
namespace {

// Notes a failure: KEYS[1], ARGV: how many are kept, the window in ms.
constexpr const char* note = R"(
local time = redis.call('TIME')
redis.call('LPUSH', KEYS[1], string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)))
redis.call('LTRIM', KEYS[1], 0, ARGV[1] - 1)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
)";

// How many ms until the oldest of so many failures is over.
constexpr const char* wait = R"(
local oldest = redis.call('LINDEX', KEYS[1], ARGV[1] - 1)
if not oldest then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return math.min(math.max(tonumber(oldest) + ARGV[2] - now, 0), tonumber(ARGV[2]))
)";

}  // namespace

CountedFailures::CountedFailures(Link& link, Options options) : link_(link), options_(options) {}

void CountedFailures::failed(const std::string& name) {
    link_.ask({command(note, name)}, [](const Replies&) {});
}

int CountedFailures::wait_s(const std::string& name) {
    auto replies = link_.ask_and_wait({command(wait, name)}, options_.patience);
    if (!replies) return 0;
    auto left = std::chrono::milliseconds(replies.all[0].number);
    return static_cast<int>(std::chrono::ceil<std::chrono::seconds>(left).count());
}

Command CountedFailures::command(const char* script, const std::string& name) const {
    return {"EVAL",
            script,
            "1",
            "fail:" + name,
            std::to_string(options_.most),
            std::to_string(options_.window.count())};
}

}  // namespace stateset::redis
