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
    std::string route = {};  // what it does is done by this one, when its way has several
};

struct Way {
    int weight;
    // Nothing when there is nothing to do it to.
    std::function<std::optional<Action>(Random&, Model&, World&)> propose;
    // Who does it: "POST /orders", a line of the endpoint table, or a worker: "worker: expire".
    std::string route;
};

struct Noun {
    std::string name;
    std::vector<Way> ways;
    // Throws Broken where the rows differ from the model.
    std::function<void(const World&, Model&)> compare;
};

// Adding a noun: its file, and its line here.
Noun stock();
Noun lots();
Noun orders_();
Noun payments_();
Noun shipments_();
Noun returns_();
Noun manufacturing_();
Noun transfers();
Noun counts();
Noun warranties_();
Noun customers_();
Noun products_();
Noun taxes_();
Noun identity_();
Noun webhooks_();
Noun places();
Noun notifications_();
Noun jobs_();
inline std::vector<Noun> nouns() {
    return {stock(),    lots(),           orders_(),   payments_(), shipments_(),
            returns_(), manufacturing_(), transfers(), counts(),    warranties_(),
            places(),   customers_(),     products_(), taxes_(),    identity_(),
            jobs_(),    notifications_(), webhooks_()};
}

// The endpoint table's routes that change something, as "POST /orders", and those of them that are
// driven here. What is not, and why, is said in coverage.cpp.
std::vector<std::string> routes_of_the_table();
std::vector<std::string> commands();

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

extern const Actor actor;  // who may do everything

inline customers::PostalAddress address_in(const std::string& country) {
    return {.name = std::nullopt,
            .company = std::nullopt,
            .line1 = {"1 Main Street"},
            .line2 = std::nullopt,
            .city = {"Town"},
            .region = std::nullopt,
            .postal_code = std::nullopt,
            .country = {country},
            .phone = std::nullopt};
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
