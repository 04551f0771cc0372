#include "notifications/workers.hpp"

#include "notifications/built_in.hpp"
#include "notifications/courier.hpp"
#include "notifications/writing.hpp"
#include "platform/auth/crypto.hpp"

namespace stateset::notifications {
namespace {

constexpr std::size_t instance_bytes = 8;
constexpr std::int64_t events_at_once = 100;
constexpr Span glance = milliseconds(50);
const work::Schedule usual_schedule{{},       minutes(1), minutes(5), minutes(30),
                                    hours(2), hours(6),   hours(12),  hours(24)};

events::Consumer::Options writing_options(const Workers::Options& options) {
    bool any = options.email || options.sms;
    return {.name = std::string(writing_cursor),
            .chunk = events_at_once,
            .glance = options.shared && any ? std::optional(glance) : std::nullopt,
            .duty = options.writing,
            .log = options.log};
}

Ways ways_of(const Workers::Options& options) {
    Ways ways;
    if (options.email) ways.emplace(Channel::email, by_email(*options.email));
    if (options.sms) ways.emplace(Channel::sms, by_sms(*options.sms));
    return ways;
}

Courier::Options courier_options(const Workers::Options& options) {
    return {.instance = auth::hex(auth::random_bytes(instance_bytes)),
            .alone = !options.shared,
            .schedule = options.schedule ? work::schedule_from(*options.schedule) : usual_schedule,
            .lease = options.lease,
            .log = options.log};
}

}  // namespace

struct Workers::Crew {
    Committer& committer;
    ReadPool& reads;
    events::Consumer writing;
    Courier courier;

    Crew(Committer& to, ReadPool& from, const Options& options)
        : committer(to),
          reads(from),
          writing(to, from, writing_handler({options.email.has_value(), options.sms.has_value()}),
                  writing_options(options)),
          courier(to, from, ways_of(options), courier_options(options)) {}
};

Workers::Workers(Committer& committer, ReadPool& reads, Options options)
    : crew_(std::make_unique<Crew>(committer, reads, options)) {}

Workers::~Workers() = default;

void Workers::start() {
    store_built_in_templates(crew_->committer, crew_->reads);
    begin_at_the_end(crew_->committer, crew_->reads);
    crew_->courier.start();
    crew_->writing.start();
}

void Workers::stop() {
    crew_->writing.stop();
    crew_->courier.stop();
}

}  // namespace stateset::notifications
