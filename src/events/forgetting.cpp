#include "events/forgetting.hpp"

#include "platform/events/consumer.hpp"
#include "platform/store/stored.hpp"
#include "sql.hpp"

namespace stateset::events {

// An event as it can be taken out of the log; no more of it is read.
struct Forgettable {
    std::int64_t id = 0;  // its position
};

namespace {

struct Place {
    Tenant tenant = no_tenant;
    std::int64_t position = 0;
};

struct Wanted {
    Time before;
    std::int64_t most = 0;
};

// `stateset verify` looks for no events before it.
void note_how_far(Tx& tx, std::int64_t position) {
    if (auto* known = tx.find<&Cursor::name>(forgotten_cursor)) {
        tx.edit(*known).position = position;
    } else {
        tx.add(
            Cursor{.id = tx.new_id(), .name = std::string(forgotten_cursor), .position = position});
    }
}

}  // namespace
}  // namespace stateset::events

template <>
struct stateset::store::Table<stateset::events::Forgettable>
    : stateset::store::Named<"forgettable_events", "event"> {};
template struct stateset::store::Stored<stateset::events::Forgettable>;

namespace stateset::events {

std::size_t forget(Committer& committer, ReadPool& reads, Time before, std::int64_t most) {
    Wanted wanted{.before = before, .most = most};
    auto old = reads.run(no_tenant, [&](Reads& snapshot) {
        return snapshot.all<Place>(sql::events::forgettable, wanted);
    });
    if (old.empty()) return 0;
    committer.run(system_actor(no_tenant), [&](Tx& tx) {
        auto found = tx.each(old, [&](const Place& place) {
            return tx.in(place.tenant, [&] { return tx.find<Forgettable>(place.position); });
        });
        for (std::size_t i = 0; i < found.size(); ++i) {
            if (found[i]) tx.in(old[i].tenant, [&] { tx.remove(*found[i]); });
        }
        note_how_far(tx, old.back().position);
    });
    return old.size();
}

}  // namespace stateset::events
