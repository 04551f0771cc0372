#include "notifications/writing.hpp"

#include <algorithm>
#include <map>

#include "notifications/built_in.hpp"
#include "notifications/occasions.hpp"
#include "platform/store/gather.hpp"
#include "sql.hpp"

namespace stateset::notifications {
namespace {

constexpr Span news = hours(24);
constexpr std::int64_t forgotten_at_once = 200;

struct Stretch {
    std::int64_t after = 0, through = 0;
};

struct Recipient {
    std::int64_t position = 0;
    orders::OrderId order_id;
    std::string order_number;
    Currency currency;
    Money total;
    customers::CustomerId customer_id;
    std::string email;
    std::optional<std::string> first_name, last_name, phone;
    std::string language;
    bool email_notifications = true, sms_notifications = true;
};

struct Usable {
    Tenant tenant = no_tenant;
    std::string event_type;
    Channel channel = Channel::email;
    std::string language;
    bool enabled = true;
    std::optional<std::string> subject;
    std::string text;
    std::optional<std::string> html;
};

struct TrackingOf {
    Uuid id;
    orders::OrderId order_id;
    std::string carrier;
    std::optional<std::string> service, tracking_number;
};

struct MessagesOf {
    Tenant of_tenant = no_tenant;
    Uuid customer_id;
    std::int64_t most = forgotten_at_once;
};

struct Old {
    Time before;
    std::int64_t most = 0;
};

struct Everything {};
struct Any {
    Tenant tenant = no_tenant;
};
struct Place {
    std::int64_t position = 0;
};

// All that one chunk of the log needs to know.
struct Sight {
    std::vector<Recipient> recipients;
    std::vector<Usable> templates;
    std::vector<TrackingOf> trackings;
    std::map<std::int64_t, std::vector<Held>> forgotten;  // by the event that says so
};

bool says_erased(const events::Logged& event) { return event.type == "customer.erased"; }

bool is_told(const events::Logged& event, Time now) {
    return event.order_id && names_for(event.type) && now - event.occurred_at < news;
}

Sight look(Reads& reads, const std::vector<events::Logged>& chunk, bool told) {
    Sight sight;
    Stretch stretch{chunk.front().position - 1, chunk.back().position};
    using namespace sql::notifications;
    auto find = [&]<class T>(std::vector<T>& into, const sql::Query& query) {
        if (told) into = reads.all<T>(query, stretch);
    };
    gather(
        reads, [&] { find(sight.recipients, recipients); },
        [&] { find(sight.templates, templates_for); }, [&] { find(sight.trackings, trackings); },
        [&] {
            gather_each(reads, chunk, [&](const events::Logged& event) {
                auto id = says_erased(event) ? uuid_from(event.aggregate_id) : std::nullopt;
                if (!id) return false;
                MessagesOf wanted{.of_tenant = event.tenant, .customer_id = *id};
                sight.forgotten[event.position] = reads.all<Held>(messages_of_customer, wanted);
                return true;
            });
        });
    return sight;
}

// The tenant's own template counts, in the customer's language, else in the one everybody gets.
const Usable* template_for(const Sight& sight, const events::Logged& event, Channel channel,
                           const std::string& language) {
    for (std::string_view wanted : {std::string_view(language), fallback_language}) {
        for (auto tenant : {event.tenant, no_tenant}) {
            auto found = std::ranges::find_if(sight.templates, [&](const Usable& one) {
                return one.tenant == tenant && one.channel == channel && one.language == wanted &&
                       one.event_type == event.type;
            });
            if (found != sight.templates.end()) return &*found;
        }
    }
    return nullptr;
}

std::string story_of(const Sight& sight, const events::Logged& event, const Recipient& whom) {
    Story story{
        .event_type = event.type,
        .data = event.data,
        .order = {whom.order_id, whom.order_number, whom.currency, whom.total},
        .customer = {whom.email, whom.first_name, whom.last_name, whom.phone, whom.language},
        .shipments = {}};
    for (const auto& one : sight.trackings) {
        if (one.order_id != whom.order_id) continue;
        story.shipments.push_back({one.carrier, one.service, one.tracking_number});
    }
    return data_of(story);
}

void write_to(const Sight& sight, const events::Logged& event, const Recipient& whom,
              Channel channel, std::vector<Draft>& drafts) {
    const auto* from = template_for(sight, event, channel, whom.language);
    if (!from || !from->enabled) return;
    auto wording =
        worded(channel, {.subject = from->subject, .text = from->text, .html = from->html},
               story_of(sight, event, whom));
    drafts.push_back({.tenant = event.tenant,
                      .message = {.event_id = event.id,
                                  .event_type = event.type,
                                  .channel = channel,
                                  .customer_id = whom.customer_id,
                                  .order_id = whom.order_id,
                                  .language = from->language,
                                  .recipient = channel == Channel::email ? whom.email : *whom.phone,
                                  .subject = std::move(wording.subject),
                                  .text = std::move(wording.text),
                                  .html = {std::move(wording.html)}}});
}

events::Reaction react(Reads& reads, const std::vector<events::Logged>& chunk, Channels channels) {
    const auto now = system_now();
    bool any = channels.email || channels.sms;
    bool told =
        any && std::ranges::any_of(chunk, [&](const auto& one) { return is_told(one, now); });
    auto sight = look(reads, chunk, told);
    std::vector<Draft> drafts;
    std::vector<Held> forgotten;
    events::Reaction reaction;
    for (const auto& event : chunk) {
        auto gone = sight.forgotten.find(event.position);
        if (gone != sight.forgotten.end()) {
            forgotten.insert(forgotten.end(), gone->second.begin(), gone->second.end());
            if (gone->second.size() == forgotten_at_once) {
                reaction.through = event.position - 1;  // and once more, for the others
                break;
            }
        }
        if (!told || !is_told(event, now)) continue;
        auto whom = std::ranges::find(sight.recipients, event.position, &Recipient::position);
        if (whom == sight.recipients.end()) continue;
        if (channels.email && whom->email_notifications) {
            write_to(sight, event, *whom, Channel::email, drafts);
        }
        if (channels.sms && whom->sms_notifications && whom->phone) {
            write_to(sight, event, *whom, Channel::sms, drafts);
        }
    }
    if (drafts.empty() && forgotten.empty()) return reaction;
    reaction.weight = static_cast<int>(drafts.size() + forgotten.size());
    reaction.command = [drafts = std::move(drafts), forgotten = std::move(forgotten)](Tx& tx) {
        add_messages(tx, drafts);
        forget(tx, forgotten);
    };
    return reaction;
}

}  // namespace

events::Consumer::Handler writing_handler(Channels channels) {
    return {
        .anybody =
            [channels](Reads& reads) {
                if (channels.email || channels.sms) return true;
                return reads.maybe<Any>(sql::notifications::any_message, Everything{}).has_value();
            },
        .react =
            [channels](Reads& reads, const std::vector<events::Logged>& chunk) {
                return react(reads, chunk, channels);
            }};
}

void begin_at_the_end(Committer& committer, ReadPool& reads) {
    auto end = reads.run(no_tenant, [](Reads& snapshot) {
        return snapshot.one<Place>(sql::notifications::end_of_log, Everything{}).position;
    });
    committer.run(system_actor(no_tenant), [&](Tx& tx) {
        if (tx.find<&events::Cursor::name>(writing_cursor)) return;
        tx.add(events::Cursor{
            .id = tx.new_id(), .name = std::string(writing_cursor), .position = end});
    });
}

std::size_t forget_delivered(Committer& committer, ReadPool& reads, Time before,
                             std::int64_t most) {
    Old wanted{.before = before, .most = most};
    auto old = reads.run(no_tenant, [&](Reads& snapshot) {
        return snapshot.all<Held>(sql::notifications::delivered_before, wanted);
    });
    if (!old.empty()) {
        committer.run(system_actor(no_tenant), [&](Tx& tx) { forget(tx, old); });
    }
    return old.size();
}

}  // namespace stateset::notifications
