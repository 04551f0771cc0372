#pragma once
// The transaction as a command sees it. A command reads entities, decides, changes them and emits
// events; it does no I/O. What it reads comes from the batch's identity map; what is not there is
// thrown as `Miss`, loaded together with what the other commands of the batch miss, and the command
// runs again from nothing. So a command is a deterministic function of what it loaded, and may be
// run any number of times before it takes effect once.
//
//     auto& order = tx.edit<Order>(wanted.id);  // locked; version and updated_at move on
//     order.status = next(lifecycle, order.status, Action::cancel);
//     for (auto* hold : tx.all<Reservation>(order.id)) release(tx, *hold);
//     tx.emit("order.cancelled", order);
//
// References stay valid until the command ends, and show the command's own changes. A refusal
// undoes them all. Unique keys that a command edits count from the next command on; those of rows
// it adds or removes count at once.

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "platform/core/actor.hpp"
#include "platform/core/refusal.hpp"
#include "platform/core/time.hpp"
#include "platform/store/event.hpp"
#include "platform/store/store.hpp"

namespace stateset {

class Tx;

namespace store {

// Thrown when a command asked for what the batch has not loaded. No std::exception, so that nobody
// catches it by habit.
struct Miss {};

// Thrown when a command needs a row that another transaction holds for longer than a batch waits.
struct Held {};

// One row of the identity map. `now` is null when the row does not exist (any more).
struct Slot {
    const TableInfo* table = nullptr;
    Tenant tenant = no_tenant;
    Value id;
    std::unique_ptr<Content> now;
    bool stored = false;  // the database has it
    bool locked = false;
    bool dirty = false;
    bool assumed = false;  // added without asking whether the database has this id
};

// What one batch knows: rows, unique keys and children, loaded or changed. Shared by its commands,
// one after the other.
class IdentityMap {
  public:
    Slot* slot(std::string_view table, Tenant, const Value& id);  // null: not loaded
    Slot& place(const TableInfo&, Tenant, const Value& id);
    // Takes in what a store found. Rows that this batch changed keep their content.
    void absent(const Want&);
    void take(const Want&, Row);

    std::unordered_map<std::string, Slot> rows;
    std::unordered_map<std::string, std::optional<Value>> uniques;  // null: nobody has this key
    // Keys given to a row without asking whether the database has them: the write will tell, unless
    // a later command takes them back. Then the batch is in doubt, and has to be run carefully.
    std::unordered_set<std::string> assumed_keys;
    bool in_doubt = false;
    std::unordered_map<std::string, std::vector<Value>> children;        // ids, complete
    std::unordered_map<std::string, std::vector<Value>> added_children;  // by this batch
    std::unordered_set<std::string> held;  // names of locking wants that another transaction blocks
    // Where each number block stood when this batch first took from it.
    std::map<std::pair<Tenant, std::string>, std::int64_t> numbers_from;
    std::vector<Written> events;  // in order of emission

    std::vector<TableChanges> changes() const;  // parents first, events last
};

// The name of a row, a unique key or a parent's children in the maps above.
std::string map_key(std::string_view table, Tenant, char kind, int index,
                    std::span<const Value> key);
std::string map_key(const Want&);

}  // namespace store

// Where ids come from: UUIDv7, ordered within the process.
class Ids {
  public:
    virtual ~Ids() = default;
    virtual Uuid next(Time now) = 0;
};
std::unique_ptr<Ids> random_ids();

// `If-Match`: the subject of the request must still have this version. Checked on the locked row; a
// command that never reads the subject with a lock is refused too.
struct Expected {
    store::Value id;
    std::int64_t version = 0;
    std::string_view table = {};  // the subject's; empty: whichever has this id
};

class Tx {
  public:
    struct Numbers {  // leased blocks, kept by the Committer between batches
        std::int64_t next = 0, end = 0;
    };
    using NumberBlocks = std::map<std::pair<Tenant, std::string>, Numbers>;
    // What a command was given. Run again, it is given the same: what it looks up under a new id or
    // number is there then, and a miss costs no number.
    struct Issued {
        std::vector<Uuid> ids;
        std::map<std::pair<Tenant, std::string>, std::vector<std::int64_t>> numbers;
    };

    Tx(store::IdentityMap&, NumberBlocks&, Ids&, Time now, const Actor&,
       std::string_view request_id);
    Tx(const Tx&) = delete;

    // ---- reading, with a lock ----
    template <class T, class Id>
    const T& get(const Id& id) {
        auto* found = find<T>(id);
        if (!found) refuse_absent(not_found<T>());
        return *found;
    }
    // An id from a request's body: absent is the caller's fault at that pointer.
    template <class T, class Id>
    const T& get(const Id& id, std::string_view pointer) {
        auto* found = find<T>(id);
        if (!found) refuse_absent(unknown_reference(std::string(pointer)));
        return *found;
    }
    template <class T, class Id>
    const T* find(const Id& id) {
        return as<T>(load_row(store::info<T>(), store::to_value(id), Lock::yes));
    }
    // By a unique key of the table: tx.find<&Variant::sku>("MUG").
    template <auto... Members, class... Values>
        requires(sizeof...(Members) > 0)
    const auto* find(const Values&... values) {
        return find_by<Members...>(Lock::yes, values...);
    }
    // The children of a parent, oldest id first. The parent must have been read with a lock.
    template <class T, class Id>
    std::vector<const T*> all(const Id& parent) {
        std::vector<const T*> result;
        for (auto* slot : load_children(store::info<T>(), store::to_value(parent))) {
            result.push_back(as<T>(slot));
        }
        return result;
    }
    // Asks for many at once, so that a loop misses once: `ask(element)` reads what the element
    // names. While anything is missing, what `ask` returns or throws does not count.
    template <class Range, class F>
    auto each(const Range& range, F&& ask) {
        std::vector<std::decay_t<decltype(ask(*std::begin(range)))>> result;
        ++gathering_;
        for (const auto& element : range) {
            try {
                result.push_back(ask(element));
            } catch (const store::Miss&) {
                missed_since_gathering_ = true;
            } catch (const std::exception&) {
                if (!missed_since_gathering_) throw;
            }
        }
        if (--gathering_ == 0 && missed_since_gathering_) throw store::Miss{};
        return result;
    }

    // ---- reading, without a lock: it may be changed by others meanwhile ----
    template <class T, class Id>
    const T* peek(const Id& id) {
        return as<T>(load_row(store::info<T>(), store::to_value(id), Lock::no));
    }
    template <class T, class Id>
    const T& peek(const Id& id, std::string_view pointer) {
        auto* found = peek<T>(id);
        if (!found) refuse_absent(unknown_reference(std::string(pointer)));
        return *found;
    }
    template <auto... Members, class... Values>
        requires(sizeof...(Members) > 0)
    const auto* peek(const Values&... values) {
        return find_by<Members...>(Lock::no, values...);
    }

    // ---- writing ----
    template <class T, class Id>
        requires(!std::is_same_v<T, Id>)
    T& edit(const Id& id) {
        return edit(get<T>(id));
    }
    template <class T>
    T& edit(const T& entity) {
        return as_mutable<T>(edit_slot(store::info<T>(), store::to_value(entity.id)));
    }
    template <class T>
    T& add(T entity) {
        if constexpr (requires { entity.version; }) entity.version = 1;
        if constexpr (requires { entity.created_at; }) entity.created_at = now_;
        if constexpr (requires { entity.updated_at; }) entity.updated_at = now_;
        auto id = store::to_value(entity.id);
        return as_mutable<T>(
            add_slot(store::info<T>(), id, store::Stored<T>::content(std::move(entity))));
    }
    template <class T>
    void remove(const T& entity) {
        remove_slot(store::info<T>(), store::to_value(entity.id));
    }
    // Appends to the log. The event's data is the noun as GET shows it: `view(tx, entity)` of its
    // slice, else itself. A row that the command removed can still be the subject.
    template <class T>
    void emit(std::string_view type, const T& entity) {
        auto& content = subject_of(store::info<T>(), store::to_value(entity.id));
        auto& subject = static_cast<store::ContentOf<T>&>(content).value;
        store::Event event{.sequence = ++subject.event_sequence.value,
                           .aggregate_type = std::string(store::Table<T>::noun),
                           .aggregate_id = to_string(subject.id)};
        if constexpr (requires { Uuid(subject.order_id.value); }) {
            event.order_id = subject.order_id.value;
        } else if constexpr (requires { Uuid(subject.order_id->value); }) {
            if (subject.order_id) event.order_id = subject.order_id->value;
        } else if constexpr (store::Table<T>::noun == "order") {
            event.order_id = subject.id.value;
        }
        event.data.text = store::Stored<T>::shown(*this, subject);
        append(type, std::move(event));
    }

    // ---- the world outside, as far as a command may see it ----
    Time now() const { return now_; }
    Uuid new_id();
    const Actor& actor() const { return *actor_; }
    Tenant tenant() const { return tenant_; }
    const std::string& request_id() const { return request_id_; }
    // The next number of a sequence of this tenant, from a leased block: gaps are possible, doubles
    // are not.
    std::int64_t next_number(std::string_view sequence, std::int64_t first = 1) {
        return number_of(tenant_, sequence, first);
    }
    // Of the whole installation: integer ids.
    std::int64_t next_global_number(std::string_view sequence, std::int64_t first = 1) {
        return number_of(no_tenant, sequence, first);
    }
    // For workers of the installation: runs `work` inside another tenant. Never with a tenant from
    // a request.
    template <class F>
    auto in(Tenant tenant, F&& work) {
        struct Back {
            Tx& tx;
            Tenant was;
            ~Back() { tx.tenant_ = was; }
        } back{*this, tenant_};
        tenant_ = tenant;
        return work();
    }

  private:
    friend class Committer;
    enum class Lock { no, yes };
    template <class T>
    static const T* as(const store::Slot* slot) {
        if (!slot || !slot->now) return nullptr;
        return &static_cast<const store::ContentOf<T>&>(*slot->now).value;
    }
    template <class T>
    static T& as_mutable(store::Slot& slot) {
        return static_cast<store::ContentOf<T>&>(*slot.now).value;
    }
    template <class T>
    struct OwnerOf;
    template <class T, class M>
    struct OwnerOf<M T::*> {
        using type = T;
    };
    template <auto First, auto...>
    struct First_ {
        using type = typename OwnerOf<decltype(First)>::type;
    };
    template <auto... Members, class... Values>
    const auto* find_by(Lock lock, const Values&... values) {
        using T = typename First_<Members...>::type;
        constexpr int index = store::unique_key<T, Members...>;
        static_assert(index >= 0, "the table declares no such unique key");
        return as<T>(load_unique(store::info<T>(), index, {store::to_value(values)...}, lock));
    }
    template <class T>
    static Refusal not_found() {
        return Refusal(codes::not_found,
                       "There is no such " + std::string(store::Table<T>::noun) + ".");
    }

    // Absent, or not loaded yet while gathering: then it is too early to say.
    [[noreturn]] void refuse_absent(const Refusal& refusal) const {
        if (missed_since_gathering_) throw store::Miss{};
        throw refusal;
    }
    const store::Slot* load_row(const store::TableInfo&, store::Value id, Lock);
    const store::Slot* load_unique(const store::TableInfo&, int index,
                                   std::vector<store::Value> key, Lock);
    std::vector<const store::Slot*> load_children(const store::TableInfo&, store::Value parent);
    store::Slot& edit_slot(const store::TableInfo&, const store::Value& id);
    store::Slot& edited_slot(const store::TableInfo&, const store::Value& id);
    store::Content& subject_of(const store::TableInfo&, const store::Value& id);
    store::Slot& add_slot(const store::TableInfo&, const store::Value& id,
                          std::unique_ptr<store::Content>);
    void remove_slot(const store::TableInfo&, const store::Value& id);
    void append(std::string_view type, store::Event);
    std::int64_t number_of(Tenant, std::string_view sequence, std::int64_t first);

    void note(store::Want);
    void check_expected(const store::Slot&);
    void save(store::Slot&);  // remembers a slot as it is, once per command
    void touch_parent(const store::TableInfo&, const store::Row&);
    void set_unique(const std::string& key, std::optional<store::Value>);
    void claim_keys(store::Slot&, const store::Row* was, const store::Row& is);
    void release_keys(store::Slot&, const store::Row& was, const store::Row* is);
    bool gave_up(const store::Slot&, const std::vector<int>& columns,
                 const std::vector<store::Value>& key);
    std::optional<store::Row> indexed_row(store::Slot&);
    void link_child(const store::Slot&, const store::Value& parent);
    void unlink_child(const store::Slot&, const store::Value& parent);
    void move_child(store::Slot&, const store::Row& was, const store::Row& is);
    void settle();  // the command succeeded: unique keys and parents follow what was edited
    void undo();    // it did not: nothing of it remains

    store::IdentityMap* map_;
    NumberBlocks* numbers_;
    Ids* ids_;
    Time now_;
    const Actor* actor_;
    std::string request_id_;
    Tenant tenant_;
    Issued own_;
    Issued* issued_ = &own_;
    std::size_t ids_taken_ = 0;
    std::map<std::pair<Tenant, std::string>, std::size_t> numbers_taken_;
    std::optional<Expected> expected_;
    std::vector<store::Want> wanted_;  // missed by this run
    std::vector<std::pair<std::pair<Tenant, std::string>, std::int64_t>> wanted_numbers_;
    std::vector<std::move_only_function<void()>> undo_;
    bool careful_ = false;  // look up every unique key before writing it
    bool expected_seen_ = false;
    std::unordered_map<store::Slot*, std::unique_ptr<store::Content>> before_;
    std::vector<store::Slot*> saved_;                            // the keys of before_, in order
    std::unordered_map<store::Slot*, store::Row> indexed_;       // rows as they were added
    std::unordered_map<store::Slot*, store::Content*> removed_;  // kept alive in undo_
    std::set<const store::Slot*> touched_;  // their version has moved on in this command
    int gathering_ = 0;
    bool missed_since_gathering_ = false;
};

}  // namespace stateset
