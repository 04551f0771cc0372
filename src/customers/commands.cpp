#include "customers/customers.hpp"

namespace stateset::customers {
namespace {

std::vector<std::string> words(const std::vector<Text<50>>& from) {
    return {from.begin(), from.end()};
}

template <std::size_t Max>
std::optional<std::string> text(const std::optional<Text<Max>>& from) {
    return from ? std::optional<std::string>(from->value) : std::nullopt;
}

void require_free(Tx& tx, const std::string& email, CustomerId but_for) {
    auto* other = tx.find<&Customer::email>(email);
    if (other && other->id != but_for) {
        throw Refusal(codes::already_exists, "A customer with this e-mail address exists already.",
                      {{"/email", "already_exists", "is in use", {}}});
    }
}

Address& address_of(Tx& tx, CustomerId customer, AddressId wanted) {
    tx.get<Customer>(customer);
    auto* address = tx.find<Address>(wanted);
    if (!address || address->customer_id != customer) {
        throw Refusal(codes::not_found, "The customer has no such address.");
    }
    return tx.edit(*address);
}

}  // namespace

Customer create(Tx& tx, const Actor&, const NewCustomer& wanted) {
    require_free(tx, wanted.email, {});
    auto& customer =
        tx.add(Customer{.id = tx.new_id(),
                        .email = wanted.email,
                        .first_name = text(wanted.first_name),
                        .last_name = text(wanted.last_name),
                        .phone = text(wanted.phone),
                        .external_id = text(wanted.external_id),
                        .email_notifications = wanted.email_notifications.value_or(true),
                        .sms_notifications = wanted.sms_notifications.value_or(true),
                        .metadata = wanted.metadata,
                        .tags = words(wanted.tags)});
    if (wanted.language) customer.language = wanted.language->value;
    tx.emit("customer.created", customer);
    return customer;
}

Customer update(Tx& tx, const Actor&, const CustomerChanges& wanted) {
    auto& customer = tx.edit<Customer>(wanted.id);
    if (wanted.email.given) {
        require_free(tx, wanted.email.value, customer.id);
        customer.email = wanted.email.value;
    }
    if (wanted.first_name.given) customer.first_name = text(wanted.first_name.value);
    if (wanted.last_name.given) customer.last_name = text(wanted.last_name.value);
    if (wanted.phone.given) customer.phone = text(wanted.phone.value);
    if (wanted.external_id.given) customer.external_id = text(wanted.external_id.value);
    if (wanted.language.given) customer.language = wanted.language.value.value;
    wanted.email_notifications.apply(customer.email_notifications);
    wanted.sms_notifications.apply(customer.sms_notifications);
    wanted.metadata.apply(customer.metadata);
    if (wanted.tags.given) customer.tags = words(wanted.tags.value);
    tx.emit("customer.updated", customer);
    return customer;
}

// Privacy: what identifies the person goes, the id stays, so that orders keep their history.
Customer erase(Tx& tx, const Actor&, const EraseCustomer& wanted) {
    auto& customer = tx.edit<Customer>(wanted.id);
    for (const auto* address : tx.all<Address>(customer.id)) tx.remove(*address);
    customer = {.id = customer.id,
                .version = customer.version,
                .email = "erased-" + to_string(customer.id) + "@invalid",
                .erased_at = tx.now(),
                .created_at = customer.created_at,
                .updated_at = customer.updated_at,
                .event_sequence = customer.event_sequence};
    tx.emit("customer.erased", customer);
    return customer;
}

Address add_address(Tx& tx, const Actor&, const NewAddress& wanted) {
    auto& customer = tx.edit<Customer>(wanted.id);
    auto address = tx.add(Address{.id = tx.new_id(),
                                  .customer_id = customer.id,
                                  .label = text(wanted.label),
                                  .address = wanted.address});
    tx.emit("customer.updated", customer);
    return address;
}

Address update_address(Tx& tx, const Actor&, const AddressChanges& wanted) {
    auto& address = address_of(tx, wanted.id, wanted.address_id);
    if (wanted.label.given) address.label = text(wanted.label.value);
    wanted.address.apply(address.address);
    tx.emit("customer.updated", tx.get<Customer>(wanted.id));
    return address;
}

void remove_address(Tx& tx, const Actor&, const OneAddress& wanted) {
    tx.remove(address_of(tx, wanted.id, wanted.address_id));
    tx.emit("customer.updated", tx.get<Customer>(wanted.id));
}

CustomerView view(Tx& tx, const Customer& customer) {
    CustomerView shown{.customer = {customer}, .addresses = {}};
    for (const auto* address : tx.all<Address>(customer.id)) shown.addresses.push_back(*address);
    return shown;
}

}  // namespace stateset::customers
