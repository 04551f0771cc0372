#include "platform/store/memory_store.hpp"

#include <set>

namespace stateset::store {

void MemoryStore::meet(Step step) {
    ++statements_;
    switch (faults(step)) {
        case Fault::none: return;
        case Fault::transient: throw Transient("injected");
        case Fault::unavailable: throw Unavailable("injected");
        case Fault::unknown_done:
            committed_ = working_;
            ++commits_;
            throw CommitUnknown("injected, done");
        case Fault::unknown_not_done: throw CommitUnknown("injected, not done");
    }
}

void MemoryStore::begin(Locks locks) {
    meet(Step::begin);
    locks_ = locks;
    working_ = committed_;
}

void MemoryStore::load(std::span<const Want> wants,
                       const std::function<void(const Want&, Row)>& found,
                       const std::function<void(const Want&)>& held) {
    meet(Step::load);
    for (const auto& want : wants) {
        if (want.lock && held_elsewhere(want)) {
            if (locks_ == Locks::wait) throw LockTimeout("injected");
            held(want);
            continue;
        }
        const auto& rows = working_.tables[want.table->name];
        if (want.by == Want::By::id) {
            auto row = rows.find({want.tenant, want.key[0]});
            if (row != rows.end()) found(want, row->second);
            continue;
        }
        auto columns = want.by == Want::By::parent
                           ? std::vector<int>{want.table->parent}
                           : want.table->unique[static_cast<std::size_t>(want.index)];
        std::int64_t count = 0;
        for (const auto& [key, row] : rows) {
            bool same = key.first == want.tenant;
            for (std::size_t i = 0; same && i < columns.size(); ++i) {
                same = row[static_cast<std::size_t>(columns[i])] == want.key[i];
            }
            if (!same) continue;
            if (++count > most_children) throw too_many_children(*want.table);
            found(want, row);
        }
    }
}

void MemoryStore::write(std::span<const TableChanges> changes) {
    meet(Step::write);
    for (const auto& table : changes) {
        auto& rows = working_.tables[table.table->name];
        for (const auto& [tenant, id] : table.removed) rows.erase({tenant, id});
        for (const auto& [tenant, row] : table.changed) {
            auto found = rows.find({tenant, row[0]});
            if (found == rows.end()) throw Transient("a row vanished");
            found->second = row;
        }
        for (const auto& [tenant, row] : table.added) {
            if (!rows.try_emplace({tenant, row[0]}, row).second) {
                throw Conflict(std::string(table.table->name), true, "id");
            }
        }
        check_unique(*table.table);
    }
}

void MemoryStore::check_unique(const TableInfo& table) const {
    for (const auto& key : table.unique) {
        std::set<std::pair<Tenant, std::vector<Value>>> seen;
        for (const auto& [id, row] : working_.tables.at(table.name)) {
            std::vector<Value> values;
            bool any_null = false;
            for (int column : key) {
                values.push_back(row[static_cast<std::size_t>(column)]);
                any_null = any_null || values.back().index() == 0;
            }
            if (!any_null && !seen.insert({id.first, values}).second) {
                throw Conflict(std::string(table.name), true, "unique key");
            }
        }
    }
}

void MemoryStore::commit(Uuid batch) {
    working_.last_batch = batch;
    meet(Step::commit);
    committed_ = working_;
    ++commits_;
}

void MemoryStore::rollback() noexcept { working_ = {}; }

bool MemoryStore::committed(Uuid batch) {
    meet(Step::committed);
    return committed_.last_batch == batch;
}

std::int64_t MemoryStore::lease_numbers(Tenant tenant, std::string_view sequence,
                                        std::int64_t first, std::int64_t count) {
    meet(Step::lease);
    std::pair name{tenant, std::string(sequence)};
    if (count == 0) {
        auto known = numbers_.find(name);
        return known == numbers_.end() ? first : known->second;
    }
    auto& next = numbers_.try_emplace(std::move(name), first).first->second;
    next += count;
    return next - count;
}

std::vector<Row> MemoryStore::rows(const TableInfo& table) const {
    std::vector<Row> result;
    auto found = committed_.tables.find(table.name);
    if (found == committed_.tables.end()) return result;
    for (const auto& [_, row] : found->second) result.push_back(row);
    return result;
}

}  // namespace stateset::store
