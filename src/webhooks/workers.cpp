#include "webhooks/workers.hpp"

#include "platform/auth/crypto.hpp"
#include "platform/auth/installation.hpp"
#include "webhooks/backlog.hpp"
#include "webhooks/courier.hpp"
#include "webhooks/fan_out.hpp"

namespace stateset::webhooks {
namespace {

constexpr std::size_t sealing_key_bytes = 32;
constexpr std::size_t instance_bytes = 8;
constexpr Span glance = milliseconds(50);

events::Consumer::Options fan_out_options(const Workers::Options& options) {
    return {.name = "webhooks",
            .glance = options.shared ? std::optional(glance) : std::nullopt,
            .duty = options.fan_out,
            .listeners = &store::info<Endpoint>(),
            .log = options.log};
}

Courier::Options courier_options(Committer& committer, const Workers::Options& options) {
    Patience patience;
    if (options.schedule) patience.schedule = work::schedule_from(*options.schedule);
    return {.instance = auth::hex(auth::random_bytes(instance_bytes)),
            .sealing_key = auth::installation_secret(
                committer, sealing_secret, [] { return auth::random_bytes(sealing_key_bytes); }),
            .allow_private = options.allow_private,
            .alone = !options.shared,
            .patience = patience,
            .lease = options.lease,
            .log = options.log};
}

}  // namespace

struct Workers::Crew {
    events::Consumer fan_out;
    Courier courier;
    Backlog backlog;

    Crew(Committer& committer, ReadPool& reads, const Options& options)
        : fan_out(committer, reads, fan_out_handler(), fan_out_options(options)),
          courier(committer, reads, courier_options(committer, options)),
          backlog(committer, reads,
                  {.shared = options.shared, .duty = options.backlog, .log = options.log}) {}
};

Workers::Workers(Committer& committer, ReadPool& reads, Options options) {
    private_urls_allowed = options.allow_private;
    crew_ = std::make_unique<Crew>(committer, reads, options);
}

Workers::~Workers() = default;

void Workers::start() {
    crew_->courier.start();
    crew_->backlog.start();
    crew_->fan_out.start();
}

void Workers::stop() {
    crew_->fan_out.stop();
    crew_->backlog.stop();
    crew_->courier.stop();
}

}  // namespace stateset::webhooks
