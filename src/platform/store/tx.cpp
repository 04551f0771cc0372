#include "platform/store/tx.hpp"

#include <algorithm>
#include <mutex>
#include <random>

namespace stateset {
namespace store {
namespace {

void append_value(std::string& out, const Value& value) {
    out += static_cast<char>('0' + value.index());
    if (auto* number = std::get_if<std::int64_t>(&value)) {
        out.append(reinterpret_cast<const char*>(number), sizeof *number);
    } else if (auto* text = std::get_if<std::string>(&value)) {
        out.append(std::to_string(text->size())).append(1, ':').append(*text);
    } else if (auto* id = std::get_if<Uuid>(&value)) {
        out.append(reinterpret_cast<const char*>(id), sizeof *id);
    }
}

std::vector<Value> pick(const Row& row, const std::vector<int>& columns) {
    std::vector<Value> key;
    for (int column : columns) key.push_back(row[static_cast<std::size_t>(column)]);
    return key;
}

bool any_null(const std::vector<Value>& key) {
    return std::ranges::any_of(key, [](auto& v) { return v.index() == 0; });
}

}  // namespace

std::string map_key(std::string_view table, Tenant tenant, char kind, int index,
                    std::span<const Value> key) {
    std::string name;
    name.reserve(table.size() + 32);
    name.append(table).append(1, kind).append(1, static_cast<char>('0' + index));
    name.append(reinterpret_cast<const char*>(&tenant), sizeof tenant);
    for (const auto& value : key) append_value(name, value);
    return name;
}

std::string map_key(const Want& want) {
    constexpr char kinds[] = {'r', 'u', 'c'};  // as in Want::By
    return map_key(want.table->name, want.tenant, kinds[static_cast<int>(want.by)], want.index,
                   want.key);
}

Slot* IdentityMap::slot(std::string_view table, Tenant tenant, const Value& id) {
    auto found = rows.find(map_key(table, tenant, 'r', 0, {&id, 1}));
    return found == rows.end() ? nullptr : &found->second;
}

Slot& IdentityMap::place(const TableInfo& table, Tenant tenant, const Value& id) {
    auto& slot = rows[map_key(table.name, tenant, 'r', 0, {&id, 1})];
    if (!slot.table) {
        slot.table = &table;
        slot.tenant = tenant;
        slot.id = id;
    }
    return slot;
}

void IdentityMap::absent(const Want& want) {
    if (want.by == Want::By::id) {
        auto& slot = place(*want.table, want.tenant, want.key[0]);
        slot.locked = slot.locked || want.lock;
        if (!slot.dirty) {  // read again with a lock: what was seen before no longer counts
            slot.now.reset();
            slot.stored = false;
        }
    } else if (want.by == Want::By::unique) {
        uniques.try_emplace(map_key(want.table->name, want.tenant, 'u', want.index, want.key));
    } else {
        // What this batch added or moved here stands beside what the database will show.
        auto name = map_key(want.table->name, want.tenant, 'c', 0, want.key);
        auto added = added_children.find(name);
        children[name] = added == added_children.end() ? std::vector<Value>{} : added->second;
    }
}

void IdentityMap::take(const Want& want, Row row) {
    auto& slot = place(*want.table, want.tenant, row[0]);
    // A row that this batch changed counts as it is now: it may have given up the key or the parent
    // that the database still shows.
    auto still = [&](const std::vector<int>& columns) {
        return !slot.dirty || (slot.now && pick(slot.now->row(), columns) == want.key);
    };
    if (want.by == Want::By::parent) {
        if (still({want.table->parent})) {
            children[map_key(want.table->name, want.tenant, 'c', 0, want.key)].push_back(slot.id);
        }
    } else if (want.by == Want::By::unique) {
        auto& known = uniques[map_key(want.table->name, want.tenant, 'u', want.index, want.key)];
        if (!known && still(want.table->unique[static_cast<std::size_t>(want.index)])) {
            known = slot.id;
        }
    }
    if (slot.dirty) return;
    slot.stored = true;
    slot.locked = slot.locked || want.lock;
    slot.now = want.table->load(row);
}

std::vector<TableChanges> IdentityMap::changes() const {
    std::map<std::string_view, TableChanges> tables;
    for (const auto& [_, slot] : rows) {
        if (!slot.dirty || (!slot.stored && !slot.now)) continue;
        auto& table = tables[slot.table->name];
        table.table = slot.table;
        if (!slot.now) {
            table.removed.emplace_back(slot.tenant, slot.id);
        } else {
            (slot.stored ? table.changed : table.added).push_back({slot.tenant, slot.now->row()});
        }
    }
    std::vector<TableChanges> sorted;
    auto by_key = [](const Written& a, const Written& b) {
        return std::tie(a.tenant, a.row[0]) < std::tie(b.tenant, b.row[0]);
    };
    for (auto& [_, table] : tables) {
        std::ranges::sort(table.added, by_key);
        std::ranges::sort(table.changed, by_key);
        std::ranges::sort(table.removed);
        sorted.push_back(std::move(table));
    }
    std::ranges::sort(sorted, [](auto& a, auto& b) { return before(*a.table, *b.table); });
    if (!events.empty()) sorted.push_back({&info<Event>(), events, {}, {}});
    return sorted;
}

}  // namespace store

using store::Slot;
using store::TableInfo;
using store::Value;
using store::Want;

Tx::Tx(store::IdentityMap& map, NumberBlocks& numbers, Ids& ids, Time now, const Actor& actor,
       std::string_view request_id)
    : map_(&map),
      numbers_(&numbers),
      ids_(&ids),
      now_(now),
      actor_(&actor),
      request_id_(request_id),
      tenant_(actor.tenant) {}

const Slot* Tx::load_row(const TableInfo& table, Value id, Lock lock) {
    auto* slot = map_->slot(table.name, tenant_, id);
    if (!slot || (lock == Lock::yes && !slot->locked)) {
        note({Want::By::id, &table, 0, tenant_, {std::move(id)}, lock == Lock::yes});
        return nullptr;
    }
    if (lock == Lock::yes) check_expected(*slot);
    return slot;
}

void Tx::check_expected(const Slot& slot) {
    if (!expected_ || expected_seen_ || !slot.now || slot.id != expected_->id) return;
    if (!expected_->table.empty() && expected_->table != slot.table->name) return;
    if (slot.now->version() != expected_->version) {
        throw Refusal(codes::precondition_failed,
                      "If-Match names version " + std::to_string(expected_->version) +
                          "; it is at version " + std::to_string(slot.now->version()) + ".");
    }
    expected_seen_ = true;
}

const Slot* Tx::load_unique(const TableInfo& table, int index, std::vector<Value> key, Lock lock) {
    auto found = map_->uniques.find(store::map_key(table.name, tenant_, 'u', index, key));
    if (found == map_->uniques.end()) {
        note({Want::By::unique, &table, index, tenant_, std::move(key), lock == Lock::yes});
        return nullptr;
    }
    return found->second ? load_row(table, *found->second, lock) : nullptr;
}

std::vector<const Slot*> Tx::load_children(const TableInfo& table, Value parent) {
    auto* guard = map_->slot(table.parent_table, tenant_, parent);
    if (!guard || !guard->locked) {
        if (gathering_ > 0 && missed_since_gathering_) return {};  // it was only just asked for
        throw std::logic_error("children of " + std::string(table.name) +
                               " asked for before their parent was locked");
    }
    auto name = store::map_key(table.name, tenant_, 'c', 0, {&parent, 1});
    // A parent that this batch added has the children that this batch gave it.
    auto& known = guard->stored ? map_->children : map_->added_children;
    auto found = known.find(name);
    if (found == known.end()) {
        if (guard->stored) note({Want::By::parent, &table, 0, tenant_, {std::move(parent)}, true});
        return {};
    }
    std::vector<const Slot*> result;
    for (const auto& id : found->second) {
        auto* slot = map_->slot(table.name, tenant_, id);
        if (slot && slot->now) result.push_back(slot);
    }
    std::ranges::sort(result, [](auto* a, auto* b) { return a->id < b->id; });
    result.erase(std::unique(result.begin(), result.end()), result.end());  // removed, added again
    return result;
}

Slot& Tx::edit_slot(const TableInfo& table, const Value& id) {
    auto* slot = map_->slot(table.name, tenant_, id);
    if (!slot || !slot->now) throw std::logic_error("edit of a row that was not read");
    if (!slot->locked) {
        note({Want::By::id, &table, 0, tenant_, {id}, true});
        throw store::Miss{};  // also while gathering: there is nothing to edit yet
    }
    check_expected(*slot);
    save(*slot);
    if (touched_.insert(slot).second) {
        slot->now->touch(now_);
        if (table.parent >= 0) touch_parent(table, slot->now->row());
    }
    return *slot;
}

Slot& Tx::edited_slot(const TableInfo& table, const Value& id) {
    auto* slot = map_->slot(table.name, tenant_, id);
    return slot && touched_.contains(slot) ? *slot : edit_slot(table, id);
}

store::Content& Tx::subject_of(const TableInfo& table, const Value& id) {
    auto* slot = map_->slot(table.name, tenant_, id);
    auto removed = removed_.find(slot);
    if (slot && !slot->now && removed != removed_.end()) return *removed->second;
    return *edited_slot(table, id).now;
}

Slot& Tx::add_slot(const TableInfo& table, const Value& id,
                   std::unique_ptr<store::Content> content) {
    auto row = content->row();
    if (table.parent >= 0) touch_parent(table, row);
    bool unknown = !map_->slot(table.name, tenant_, id);
    if (unknown) {
        // Nobody has asked for this row: should the command fail, that must be so again.
        undo_.push_back([map = map_, name = store::map_key(table.name, tenant_, 'r', 0, {&id, 1})] {
            map->rows.erase(name);
        });
        if (careful_) wanted_.push_back({Want::By::id, &table, 0, tenant_, {id}, true});
    }
    auto& slot = map_->place(table, tenant_, id);
    slot.assumed = slot.assumed || (unknown && !careful_);
    if (slot.now) throw Refusal(codes::already_exists, "This id is in use.");
    save(slot);
    slot.now = std::move(content);
    slot.locked = true;
    touched_.insert(&slot);
    if (table.parent >= 0) link_child(slot, row[static_cast<std::size_t>(table.parent)]);
    claim_keys(slot, nullptr, row);
    indexed_[&slot] = std::move(row);
    return slot;
}

void Tx::remove_slot(const TableInfo& table, const Value& id) {
    auto& slot = edit_slot(table, id);
    if (slot.assumed && !indexed_.contains(&slot)) map_->in_doubt = true;
    if (auto row = indexed_row(slot)) release_keys(slot, *row, nullptr);
    // The content stays alive until the command ends: references to it may still be read.
    removed_[&slot] = slot.now.get();
    undo_.push_back(
        [&slot, content = std::move(slot.now)]() mutable { slot.now = std::move(content); });
}

void Tx::touch_parent(const TableInfo& table, const store::Row& row) {
    const auto& parent = row[static_cast<std::size_t>(table.parent)];
    if (parent.index() == 0) return;
    auto* slot = map_->slot(table.parent_table, tenant_, parent);
    if (!slot || !slot->locked || !slot->now) {
        throw std::logic_error("a child in " + std::string(table.name) +
                               " was written before its parent was locked");
    }
    edited_slot(*slot->table, parent);
}

Uuid Tx::new_id() {
    if (ids_taken_ == issued_->ids.size()) issued_->ids.push_back(ids_->next(now_));
    return issued_->ids[ids_taken_++];
}

void Tx::append(std::string_view type, store::Event event) {
    event.id = new_id();
    event.type = type;
    event.actor = actor_->text();
    event.request_id = request_id_;
    event.occurred_at = now_;
    map_->events.push_back({tenant_, store::to_row(event)});
    undo_.push_back([map = map_] { map->events.pop_back(); });
}

std::int64_t Tx::number_of(Tenant tenant, std::string_view sequence, std::int64_t first) {
    std::pair name{tenant, std::string(sequence)};
    auto& given = issued_->numbers[name];
    auto& taken = numbers_taken_[name];
    if (taken == given.size()) {
        auto& block = (*numbers_)[name];
        if (block.next == block.end) {
            wanted_numbers_.push_back({std::move(name), first});
            throw store::Miss{};
        }
        map_->numbers_from.try_emplace(std::move(name), block.next);
        given.push_back(block.next++);
    }
    return given[taken++];
}

void Tx::note(Want want) {
    if (want.lock && !map_->held.empty() && map_->held.contains(map_key(want))) {
        throw store::Held{};
    }
    wanted_.push_back(std::move(want));
    if (gathering_ == 0) throw store::Miss{};
    missed_since_gathering_ = true;
}

void Tx::save(Slot& slot) {
    if (before_.contains(&slot)) return;
    before_[&slot] = slot.now ? slot.now->clone() : nullptr;
    saved_.push_back(&slot);
    undo_.push_back([this, &slot, dirty = slot.dirty, locked = slot.locked] {
        slot.now = std::move(before_[&slot]);
        slot.dirty = dirty;
        slot.locked = locked;
    });
    slot.dirty = true;
}

void Tx::set_unique(const std::string& key, std::optional<Value> id) {
    auto found = map_->uniques.find(key);
    if (found == map_->uniques.end()) {
        undo_.push_back([map = map_, key] { map->uniques.erase(key); });
        map_->uniques.emplace(key, std::move(id));
    } else {
        undo_.push_back([map = map_, key, was = found->second]() mutable {
            map->uniques[key] = std::move(was);
        });
        found->second = std::move(id);
    }
}

void Tx::claim_keys(Slot& slot, const store::Row* was, const store::Row& is) {
    const auto& keys = slot.table->unique;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        auto key = store::pick(is, keys[i]);
        if (store::any_null(key) || (was && store::pick(*was, keys[i]) == key)) continue;
        auto index = static_cast<int>(i);
        auto name = store::map_key(slot.table->name, slot.tenant, 'u', index, key);
        auto known = map_->uniques.find(name);
        if (known == map_->uniques.end()) {
            // Goes on as if it were free, so that all keys of a command are looked up together.
            if (careful_) {
                wanted_.push_back({Want::By::unique, slot.table, index, slot.tenant, key, true});
            } else {
                map_->assumed_keys.insert(name);
                undo_.push_back([map = map_, name] { map->assumed_keys.erase(name); });
            }
        } else if (known->second && *known->second != slot.id) {
            auto* owner = map_->slot(slot.table->name, slot.tenant, *known->second);
            if (!owner || !gave_up(*owner, keys[i], key)) {
                auto& column = slot.table->columns[static_cast<std::size_t>(keys[i].back())];
                throw Refusal(codes::already_exists, "Another " + std::string(slot.table->noun) +
                                                         " has this " + std::string(column.name) +
                                                         " already.");
            }
        }
        set_unique(name, slot.id);
    }
}

// Did this command edit the row so that it no longer has the key?
bool Tx::gave_up(const Slot& owner, const std::vector<int>& columns,
                 const std::vector<Value>& key) {
    if (!before_.contains(const_cast<Slot*>(&owner))) return false;
    return !owner.now || store::pick(owner.now->row(), columns) != key;
}

void Tx::release_keys(Slot& slot, const store::Row& was, const store::Row* is) {
    const auto& keys = slot.table->unique;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        auto key = store::pick(was, keys[i]);
        if (store::any_null(key) || (is && store::pick(*is, keys[i]) == key)) continue;
        auto name = store::map_key(slot.table->name, slot.tenant, 'u', static_cast<int>(i), key);
        auto known = map_->uniques.find(name);
        bool taken_over = known != map_->uniques.end() && known->second != slot.id;
        // An earlier command gave the key to a new row while this one still had it, or took it for
        // this one without asking.
        auto* owner = taken_over && known->second
                          ? map_->slot(slot.table->name, slot.tenant, *known->second)
                          : &slot;
        if (!indexed_.contains(owner) && map_->assumed_keys.contains(name)) map_->in_doubt = true;
        if (!taken_over) set_unique(name, std::nullopt);
    }
}

// The row whose keys the map shows for this slot.
std::optional<store::Row> Tx::indexed_row(Slot& slot) {
    if (auto added = indexed_.find(&slot); added != indexed_.end()) return added->second;
    auto before = before_.find(&slot);
    if (before == before_.end() || !before->second) return std::nullopt;
    return before->second->row();
}

namespace {

void erase_last(std::vector<Value>& ids, const Value& id) {
    auto last = std::find(ids.rbegin(), ids.rend(), id);
    if (last != ids.rend()) ids.erase(std::next(last).base());
}

}  // namespace

void Tx::link_child(const Slot& child, const Value& parent) {
    auto name = store::map_key(child.table->name, child.tenant, 'c', 0, {&parent, 1});
    std::vector<std::vector<Value>*> lists{&map_->added_children[name]};
    auto known = map_->children.find(name);
    if (known != map_->children.end()) lists.push_back(&known->second);
    for (auto* ids : lists) {
        ids->push_back(child.id);
        undo_.push_back([ids, id = child.id] { erase_last(*ids, id); });
    }
}

void Tx::unlink_child(const Slot& child, const Value& parent) {
    auto name = store::map_key(child.table->name, child.tenant, 'c', 0, {&parent, 1});
    for (auto* lists : {&map_->added_children, &map_->children}) {
        auto known = lists->find(name);
        if (known == lists->end() || !std::erase(known->second, child.id)) continue;
        undo_.push_back([ids = &known->second, id = child.id] { ids->push_back(id); });
    }
}

void Tx::move_child(Slot& slot, const store::Row& was, const store::Row& is) {
    auto column = static_cast<std::size_t>(slot.table->parent);
    if (was[column] == is[column]) return;
    Tenant current = std::exchange(tenant_, slot.tenant);
    touch_parent(*slot.table, is);
    tenant_ = current;
    unlink_child(slot, was[column]);
    link_child(slot, is[column]);
}

void Tx::settle() {
    struct Edited {
        Slot* slot;
        store::Row was, is;
    };
    std::vector<Edited> edited;
    for (auto* slot : saved_) {
        if (!slot->now || (slot->table->unique.empty() && slot->table->parent < 0)) continue;
        if (auto was = indexed_row(*slot)) edited.push_back({slot, *was, slot->now->row()});
    }
    // All keys are given up before any is taken, so that rows may swap theirs.
    for (auto& [slot, was, is] : edited) release_keys(*slot, was, &is);
    for (auto& [slot, was, is] : edited) claim_keys(*slot, &was, is);
    for (auto& [slot, was, is] : edited) {
        if (slot->table->parent >= 0) move_child(*slot, was, is);
    }
}

void Tx::undo() {
    while (!undo_.empty()) {
        undo_.back()();
        undo_.pop_back();
    }
    before_.clear();
    saved_.clear();
    indexed_.clear();
    removed_.clear();
    touched_.clear();
    gathering_ = 0;
    missed_since_gathering_ = false;
    expected_seen_ = false;
    tenant_ = actor_->tenant;
}

namespace {

// RFC 9562 version 7: milliseconds, then a counter so that ids of one millisecond stay ordered,
// then chance.
class RandomIds final : public Ids {
  public:
    Uuid next(Time now) override {
        std::scoped_lock lock(mutex_);
        auto ms = static_cast<std::uint64_t>(now.micros / 1000);
        if (ms > last_ms_) {
            last_ms_ = ms;
            counter_ = static_cast<std::uint32_t>(random_()) & 0x3ffff;
        } else if (++counter_ == most_per_ms) {
            ++last_ms_;
            counter_ = 0;
        }
        // 12 bits of rand_a and 14 of rand_b hold the counter.
        std::uint64_t high = last_ms_ << 16 | 0x7000 | ((counter_ >> 14) & 0xfff);
        std::uint64_t low = std::uint64_t{2} << 62 | std::uint64_t(counter_ & 0x3fff) << 48 |
                            (random_() & 0xffffffffffff);
        return {high, low};
    }

  private:
    static constexpr std::uint32_t most_per_ms = 1 << 26;
    std::mutex mutex_;
    std::mt19937_64 random_{[] {
        std::random_device device;
        return (std::uint64_t(device()) << 32) ^ device();
    }()};
    std::uint64_t last_ms_ = 0;
    std::uint32_t counter_ = 0;
};

}  // namespace

std::unique_ptr<Ids> random_ids() { return std::make_unique<RandomIds>(); }

}  // namespace stateset
