#include "platform/cache/copies.hpp"

#include <algorithm>

namespace stateset::cache {

struct Copies::Flight {
    Key key;
    Freshness::Stamp stamp;  // asked before the read began
    bool spoiled = false;    // the thing has changed since; guarded by the shelf
    std::vector<std::pair<Use, Read>> waiting;
};

std::string text(const Key& key) {
    return std::string(key.table) + ":" + std::to_string(key.tenant) + ":" + to_string(key.id);
}

std::size_t Copies::Hash::operator()(const Key& key) const {
    // Ids are random in their lower half.
    return std::hash<std::uint64_t>{}(key.id.low ^ (key.id.high << 1) ^
                                      static_cast<std::uint64_t>(key.tenant) << 32 ^
                                      key.table.size() << 57);
}

Copies::Copies(Options options) : options_(options) {}

void Copies::keep(std::string_view table) {
    if (std::ranges::find(tables_, table) == tables_.end()) tables_.push_back(table);
}

void Copies::get(const Key& key, Use use, Read read) {
    if (!options_.shared) return look(key, {}, std::move(use), std::move(read));
    options_.shared->current({text(key)}, [this, key, use = std::move(use),
                                           read = std::move(read)](auto stamps) mutable {
        if (!stamps.front().known()) return read(nullptr);
        look(key, stamps.front(), std::move(use), std::move(read));
    });
}

void Copies::look(const Key& key, const Freshness::Stamp& now, Use use, Read read) {
    auto& shelf = shelf_of(key);
    Copy copy;
    Ticket ticket;
    {
        std::scoped_lock lock(shelf.mutex);
        auto entry = shelf.entries.find(key);
        if (entry != shelf.entries.end()) {
            if (!options_.shared || entry->second.stamp.still_counts(now)) {
                copy = entry->second.copy;
                shelf.unused.splice(shelf.unused.end(), shelf.unused, entry->second.place);
                ++shelf.counters.used;
            }
        }
        if (!copy) {
            auto& flight = shelf.flights[key];
            if (flight && !flight->spoiled && flight->stamp.token == now.token) {
                ++shelf.counters.joined;
                flight->waiting.emplace_back(std::move(use), std::move(read));
                return;
            }
            ++shelf.counters.read;
            flight = ticket = std::make_shared<Flight>(Flight{.key = key, .stamp = now});
        }
    }
    if (copy) {
        use(copy);
    } else {
        read(std::move(ticket));
    }
}

void Copies::land(const Ticket& ticket, store::Answer answer) {
    if (!ticket) return;
    auto& shelf = shelf_of(ticket->key);
    auto copy = std::make_shared<const store::Answer>(std::move(answer));
    std::vector<std::pair<Use, Read>> waiting;
    bool kept = false;
    {
        std::scoped_lock lock(shelf.mutex);
        waiting.swap(ticket->waiting);
        auto flight = shelf.flights.find(ticket->key);
        if (flight != shelf.flights.end() && flight->second == ticket) shelf.flights.erase(flight);
        kept = !ticket->spoiled;
        if (kept) {
            keep(shelf, ticket->key, copy, ticket->stamp);
            make_room(shelf);
        }
    }
    for (auto& [use, read] : waiting) {
        if (kept) {
            use(copy);
        } else {
            get(ticket->key, std::move(use), std::move(read));
        }
    }
}

void Copies::keep(Shelf& shelf, const Key& key, Copy copy, const Freshness::Stamp& stamp) {
    erase(shelf, key);
    shelf.bytes += copy->body.size();
    auto place = shelf.unused.insert(shelf.unused.end(), key);
    shelf.entries.emplace(key, Entry{std::move(copy), stamp, place});
}

void Copies::fail(const Ticket& ticket) {
    if (!ticket) return;
    std::vector<std::pair<Use, Read>> waiting;
    {
        auto& shelf = shelf_of(ticket->key);
        std::scoped_lock lock(shelf.mutex);
        waiting.swap(ticket->waiting);
        auto flight = shelf.flights.find(ticket->key);
        if (flight != shelf.flights.end() && flight->second == ticket) shelf.flights.erase(flight);
    }
    for (auto& [_, read] : waiting) read(nullptr);
}

// On the Committer's thread, after the commit and before anybody is answered.
void Copies::committed(const std::vector<store::TableChanges>& changes) {
    std::vector<std::string> keys;
    auto changed = [&](const store::TableInfo& table, Tenant tenant, const store::Value& id) {
        auto* uuid = std::get_if<Uuid>(&id);
        if (!uuid) return;
        Key key{table.name, tenant, *uuid};
        forget(key);
        if (options_.shared) keys.push_back(text(key));
    };
    for (const auto& table : changes) {
        if (std::ranges::find(tables_, table.table->name) == tables_.end()) continue;
        for (const auto& [tenant, row] : table.changed) changed(*table.table, tenant, row[0]);
        for (const auto& [tenant, id] : table.removed) changed(*table.table, tenant, id);
    }
    if (!keys.empty()) options_.shared->bump(keys);
}

void Copies::forget(const Key& key) {
    auto& shelf = shelf_of(key);
    std::scoped_lock lock(shelf.mutex);
    erase(shelf, key);
    if (auto flight = shelf.flights.find(key); flight != shelf.flights.end()) {
        flight->second->spoiled = true;
    }
}

// What counts no more is never used, so it goes before what does.
void Copies::make_room(Shelf& shelf) const {
    while (shelf.bytes > options_.most_bytes / shelves && !shelf.unused.empty()) {
        erase(shelf, shelf.unused.front());
    }
}

void Copies::erase(Shelf& shelf, Key key) {
    auto entry = shelf.entries.find(key);
    if (entry == shelf.entries.end()) return;
    shelf.bytes -= entry->second.copy->body.size();
    shelf.unused.erase(entry->second.place);
    shelf.entries.erase(entry);
}

Copies::Counters Copies::counters() const {
    Counters all;
    for (const auto& shelf : shelves_) {
        std::scoped_lock lock(shelf.mutex);
        all.used += shelf.counters.used;
        all.read += shelf.counters.read;
        all.joined += shelf.counters.joined;
    }
    return all;
}

}  // namespace stateset::cache
