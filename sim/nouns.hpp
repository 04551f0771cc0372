#pragma once
// What is done at random, noun by noun. An action is proposed in view of the model, carried out by
// the real commands, and expected by the model, which changes as it ought to.

#include <functional>

#include "model.hpp"
#include "world.hpp"

namespace stateset::sim {

struct Action {
    std::string text;                           // for people who look for what went wrong
    World::Work work;                           // what it learns it keeps beside itself
    std::function<std::string(Model&)> expect;  // "ok" or the code of the refusal
};

struct Way {
    int weight;
    // Nothing when there is nothing to do it to.
    std::function<std::optional<Action>(Random&, Model&, World&)> propose;
};

struct Noun {
    std::string name;
    std::vector<Way> ways;
    // Throws Broken where the rows differ from the model.
    std::function<void(const World&, Model&)> compare;
};

// Adding a noun: its file, and its line here.
Noun stock();
Noun orders_();
Noun payments_();
Noun shipments_();
Noun returns_();
Noun manufacturing_();
Noun transfers();
Noun counts();
Noun warranties_();
inline std::vector<Noun> nouns() {
    return {stock(),          orders_(),   payments_(), shipments_(), returns_(),
            manufacturing_(), transfers(), counts(),    warranties_()};
}

// Customers, products and places, so that there is something to do.
void furnish(World&, Model&);

// ---- for the nouns

// A command whose result nobody needs.
template <class F>
World::Work doing(F command) {
    return [command](Tx& tx) {
        command(tx);
        return store::Answer{};
    };
}
// Keeps what the command answered; a later run replaces it.
template <class T, class F>
World::Work keeping(std::shared_ptr<T> kept, F command) {
    return [kept, command](Tx& tx) {
        *kept = command(tx);
        return store::Answer{};
    };
}

inline Amount amount_of(std::int64_t minor) { return {minor * 100}; }  // of two fraction digits

template <class T>
    requires(!std::is_enum_v<T>)
void require_same(const T& real, const T& modelled, const std::string& what) {
    if (real == modelled) return;
    throw Broken(what + ": it is not what the model says");
}
inline void require_same(std::int64_t real, std::int64_t modelled, const std::string& what) {
    if (real == modelled) return;
    throw Broken(what + " is " + std::to_string(real) + ", the model says " +
                 std::to_string(modelled));
}
template <class E>
    requires std::is_enum_v<E>
void require_same(E real, E modelled, const std::string& what) {
    if (real == modelled) return;
    throw Broken(what + " is " + std::string(reflect::name(real)) + ", the model says " +
                 std::string(reflect::name(modelled)));
}

// The key of one of a map's entries, mostly of one that `fits`, so that things go on; now and then
// of any, so that what is refused is tried, too. Nothing when there is none.
template <class Map, class Fits>
auto any_key(Random& random, const Map& map, const Fits& fits)
    -> std::optional<typename Map::key_type> {
    std::vector<typename Map::key_type> fitting;
    for (const auto& [key, value] : map) {
        if (fits(value)) fitting.push_back(key);
    }
    if (!fitting.empty() && !random.chance(10)) return random.one_of(fitting);
    if (map.empty() || !random.chance(40)) return std::nullopt;
    return random.one_of(map).first;
}

// Whether something's status is one of these.
template <class... Status>
auto is_one_of(Status... wanted) {
    return [=](const auto& one) { return ((one.status == wanted) || ...); };
}

}  // namespace stateset::sim
