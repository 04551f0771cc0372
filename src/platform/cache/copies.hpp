#pragma once
// Answers to "read this thing" kept ready to be sent. A copy is thrown away by the commit that
// changes its thing, before anybody learns of that commit; a read that was under way meanwhile is
// not kept. Who asks while another reads the same thing waits for that read instead of repeating
// it, unless the thing has changed since.
//
// Alone on its database an instance knows of every change. Where several share one, each copy is
// used only after Freshness has said that nobody has changed its thing (see freshness.hpp for what
// that promises and for how old a copy may get); when nobody can say, nothing is kept.

#include <array>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "platform/core/freshness.hpp"
#include "platform/store/idempotency.hpp"
#include "platform/store/store.hpp"

namespace stateset::cache {

// The thing that is shown: a row that counts every change of what hangs from it as its own.
struct Key {
    std::string_view table;  // of static lifetime
    Tenant tenant = no_tenant;
    Uuid id;
    bool operator==(const Key&) const = default;
};

std::string text(const Key&);  // "orders:1:0198…", as Freshness knows it

class Copies {
  public:
    using Copy = std::shared_ptr<const store::Answer>;
    using Use = std::function<void(const Copy&)>;
    struct Flight;  // a read under way
    using Ticket = std::shared_ptr<Flight>;
    // Reads the thing and then calls `land` or `fail` with the ticket; a null ticket: it need not.
    using Read = std::function<void(Ticket)>;

    struct Options {
        std::size_t most_bytes =
            32'000'000;               // of bodies; beyond it the longest unused are forgotten
        Freshness* shared = nullptr;  // null: no other instance changes anything
    };
    explicit Copies(Options);

    // Calls `use` with a copy that counts, or `read`; at once, or on the thread that learned what
    // counts.
    void get(const Key&, Use, Read);
    void land(const Ticket&, store::Answer);  // calls `use` of all who waited, not of the reader
    void fail(const Ticket&);                 // those who waited read for themselves

    // What a batch changed; a listener of the Committer.
    void committed(const std::vector<store::TableChanges>&);
    // Only things of these tables are ever asked for.
    void keep(std::string_view table);

    struct Counters {
        std::uint64_t used = 0, read = 0, joined = 0;
    };
    Counters counters() const;

  private:
    struct Hash {
        std::size_t operator()(const Key&) const;
    };
    struct Entry {
        Copy copy;
        Freshness::Stamp stamp;
        std::list<Key>::iterator place;  // in `unused`
    };
    struct Shelf {
        mutable std::mutex mutex;
        std::unordered_map<Key, Entry, Hash> entries;
        std::list<Key> unused;  // the longest first
        std::unordered_map<Key, Ticket, Hash> flights;
        std::size_t bytes = 0;
        Counters counters;
    };
    static constexpr std::size_t shelves = 16;  // so that loops seldom wait for each other

    void look(const Key&, const Freshness::Stamp&, Use, Read);
    static void keep(Shelf&, const Key&, Copy, const Freshness::Stamp&);
    void forget(const Key&);
    void make_room(Shelf&) const;
    static void erase(Shelf&, Key);
    Shelf& shelf_of(const Key& key) { return shelves_[Hash{}(key) % shelves]; }

    Options options_;
    std::vector<std::string_view> tables_;
    std::array<Shelf, shelves> shelves_;
};

}  // namespace stateset::cache
