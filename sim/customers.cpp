// Customers come, move, change their minds about mail, and are forgotten when they ask for it.

#include "customers/customers.hpp"

#include "nouns.hpp"

namespace stateset::sim {
namespace {

using customers::CustomerId;

std::string name_of(CustomerId id) { return "customer " + to_string(id).substr(24); }

std::string some_email(Random& random) {
    return "person-" + std::to_string(random.between(1, 12)) + "@example.com";
}

bool is_taken(const Model& model, const std::string& email, CustomerId but_for) {
    return std::ranges::any_of(model.customers, [&](const auto& one) {
        return one.first != but_for && one.second.email == email;
    });
}

std::optional<CustomerId> anybody(Random& random, const Model& model) {
    return any_key(random, model.customers, [](const Person& one) { return !one.erased; });
}

std::optional<Action> create(Random& random, Model&, World&) {
    auto email = some_email(random);
    auto made = std::make_shared<CustomerId>();
    return Action{
        "welcome " + email,
        keeping(made,
                [email](Tx& tx) { return customers::create(tx, actor, {.email = {email}}).id; }),
        [=](Model& now) -> std::string {
            if (is_taken(now, email, {})) return "already_exists";
            now.customers[*made] = {.email = email};
            return ok;
        }};
}

std::optional<Action> update(Random& random, Model& model, World&) {
    auto id = anybody(random, model);
    if (!id) return std::nullopt;
    std::optional<std::string> email;
    if (random.chance(50)) email = some_email(random);
    bool wants_email = random.chance(60);
    auto work = [=](Tx& tx) {
        customers::CustomerChanges wanted{.id = *id};
        if (email) wanted.email = {true, {*email}};
        wanted.email_notifications = {true, wants_email};
        customers::update(tx, actor, wanted);
    };
    return Action{"change " + name_of(*id), doing(work), [=](Model& now) -> std::string {
                      auto& person = now.customers.at(*id);
                      if (email && is_taken(now, *email, *id)) return "already_exists";
                      person.email = email.value_or(person.email);
                      person.wants_email = wants_email;
                      return ok;
                  }};
}

std::optional<Action> erase(Random& random, Model& model, World&) {
    // Somebody must be left to buy something.
    if (std::ranges::count_if(model.customers, [](auto& one) { return !one.second.erased; }) < 3) {
        return std::nullopt;
    }
    auto id = anybody(random, model);
    if (!id) return std::nullopt;
    return Action{"forget " + name_of(*id),
                  doing([id](Tx& tx) { customers::erase(tx, actor, {*id, {}}); }),
                  [id](Model& now) {
                      now.customers.at(*id) = {.email = "erased-" + to_string(*id) + "@invalid",
                                               .erased = true};
                      return ok;
                  }};
}

std::optional<Action> add_address(Random& random, Model& model, World&) {
    auto id = anybody(random, model);
    if (!id) return std::nullopt;
    auto label = "place " + std::to_string(random.below(10));
    auto made = std::make_shared<customers::AddressId>();
    auto work = [=](Tx& tx) {
        customers::NewAddress wanted{.id = *id, .address = address_in("DE")};
        wanted.label = Text<50>{label};
        return customers::add_address(tx, actor, wanted).id;
    };
    return Action{"an address of " + name_of(*id), keeping(made, work), [=](Model& now) {
                      now.customers.at(*id).addresses[*made] = label;
                      return ok;
                  }};
}

std::optional<std::pair<CustomerId, customers::AddressId>> any_address(Random& random,
                                                                       const Model& model) {
    auto id =
        any_key(random, model.customers, [](const Person& one) { return !one.addresses.empty(); });
    if (!id || model.customers.at(*id).addresses.empty()) return std::nullopt;
    return std::pair(*id, random.one_of(model.customers.at(*id).addresses).first);
}

std::optional<Action> change_address(Random& random, Model& model, World&) {
    auto found = any_address(random, model);
    if (!found) return std::nullopt;
    auto [id, address] = *found;
    auto label = "place " + std::to_string(random.below(10));
    return Action{"rename an address of " + name_of(id),
                  doing([=, id = id, address = address](Tx& tx) {
                      customers::AddressChanges wanted{.id = id, .address_id = address};
                      wanted.label = {true, Text<50>{label}};
                      customers::update_address(tx, actor, wanted);
                  }),
                  [=, id = id, address = address](Model& now) -> std::string {
                      auto& addresses = now.customers.at(id).addresses;
                      if (!addresses.contains(address)) return "not_found";
                      addresses[address] = label;
                      return ok;
                  }};
}

std::optional<Action> remove_address(Random& random, Model& model, World&) {
    auto found = any_address(random, model);
    if (!found) return std::nullopt;
    return Action{"remove an address of " + name_of(found->first), doing([found](Tx& tx) {
                      customers::remove_address(tx, actor, {found->first, found->second});
                  }),
                  [found](Model& now) -> std::string {
                      auto& addresses = now.customers.at(found->first).addresses;
                      return addresses.erase(found->second) == 0 ? "not_found" : ok;
                  }};
}

void compare(const World& world, Model& model) {
    auto found = world.all<customers::Customer>();
    require_same(found.size(), model.customers.size(), "the number of customers");
    for (const auto& one : found) {
        const auto& person = model.customers.at(one.id);
        auto what = name_of(one.id);
        require_same(one.email, person.email, "the e-mail address of " + what);
        require_same(one.erased_at.has_value(), person.erased, what + ", forgotten");
        require_same(one.email_notifications, person.wants_email, what + ", wants mail");
    }
    std::map<CustomerId, std::map<customers::AddressId, std::string>> addresses;
    for (const auto& one : world.all<customers::Address>()) {
        addresses[one.customer_id][one.id] = one.label.value_or("");
    }
    for (const auto& [id, person] : model.customers) {
        require_same(addresses[id], person.addresses, "the addresses of " + name_of(id));
    }
}

}  // namespace

Noun customers_() {
    return {.name = "customers",
            .ways = {{2, create, "POST /customers"},
                     {2, update, "PATCH /customers/{id}"},
                     {1, erase, "POST /customers/{id}/erase"},
                     {2, add_address, "POST /customers/{id}/addresses"},
                     {1, change_address, "PATCH /customers/{id}/addresses/{address_id}"},
                     {1, remove_address, "DELETE /customers/{id}/addresses/{address_id}"}},
            .compare = compare};
}

}  // namespace stateset::sim
