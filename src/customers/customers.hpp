#pragma once
// A customer is a person or company that orders. The e-mail address identifies it within its
// tenant. Addresses belong to the customer; orders copy the address they ship to, so that changing
// or erasing one changes no order.

#include "platform/core/input.hpp"
#include "platform/store/reads.hpp"
#include "platform/store/tx.hpp"

namespace stateset::customers {

struct Customer;
struct Address;
using CustomerId = Id<Customer>;
using AddressId = Id<Address>;

struct Customer {
    CustomerId id;
    std::int64_t version = 1;
    std::string email;  // unique
    std::optional<std::string> first_name, last_name, phone, external_id;
    std::string language = "en";  // of what is written to them: ISO 639-1
    // What they want to hear of their orders by.
    bool email_notifications = true, sms_notifications = true;
    Metadata metadata;
    std::vector<std::string> tags;
    std::optional<Time> erased_at;  // its personal data is gone; what it ordered stays
    Time created_at, updated_at;
    Secret<std::int64_t> event_sequence;
};

// A postal address, as orders and shipments carry it too.
struct PostalAddress {
    std::optional<Text<200>> name, company;
    Text<200> line1;
    std::optional<Text<200>> line2;
    Text<100> city;
    std::optional<Text<100>> region;
    std::optional<Text<20>> postal_code;
    Text<2, 2> country;  // ISO 3166-1 alpha-2
    std::optional<Text<40>> phone;
    bool operator==(const PostalAddress&) const = default;
};

struct Address {
    AddressId id;
    CustomerId customer_id;
    std::int64_t version = 1;
    std::optional<std::string> label;  // "home", "office"
    PostalAddress address;
    Time created_at, updated_at;
};

// What GET shows: the customer with its addresses.
struct CustomerView {
    Flat<Customer> customer;
    std::vector<Address> addresses;
};

struct NewCustomer {
    Email email;
    std::optional<Text<100>> first_name, last_name;
    std::optional<Text<40>> phone;
    std::optional<Text<255>> external_id;
    std::optional<Text<2, 2>> language;
    std::optional<bool> email_notifications, sms_notifications;
    Metadata metadata;
    std::vector<Text<50>> tags;
};

struct CustomerChanges {
    CustomerId id;
    Change<Email> email;
    Change<std::optional<Text<100>>> first_name, last_name;
    Change<std::optional<Text<40>>> phone;
    Change<std::optional<Text<255>>> external_id;
    Change<Text<2, 2>> language;
    Change<bool> email_notifications, sms_notifications;
    Change<Metadata> metadata;
    Change<std::vector<Text<50>>> tags;
};

struct ById {
    CustomerId id;
};

struct EraseCustomer {
    CustomerId id;
    Reason reason;
};

struct ListCustomers {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<Email> email;
    std::optional<Text<255>> external_id;
    std::optional<Text<100>> q;  // part of a name or of the e-mail address
    std::optional<Time> created_after, created_before;
};

struct NewAddress {
    CustomerId id;  // of the customer
    std::optional<Text<50>> label;
    PostalAddress address;
};

struct AddressChanges {
    CustomerId id;
    AddressId address_id;
    Change<std::optional<Text<50>>> label;
    Change<PostalAddress> address;
};

struct OneAddress {
    CustomerId id;
    AddressId address_id;
};

// All refuse with not_found; create and update with already_exists when the e-mail address is
// taken.
Customer create(Tx&, const Actor&, const NewCustomer&);
Customer update(Tx&, const Actor&, const CustomerChanges&);
Customer erase(Tx&, const Actor&, const EraseCustomer&);
Address add_address(Tx&, const Actor&, const NewAddress&);
Address update_address(Tx&, const Actor&, const AddressChanges&);
void remove_address(Tx&, const Actor&, const OneAddress&);

CustomerView view(Tx&, const Customer&);

CustomerView one(Reads&, const Actor&, const ById&);
Page<Customer> list(Reads&, const Actor&, const ListCustomers&);
Page<Address> addresses(Reads&, const Actor&, const ById&);
Address one_address(Reads&, const Actor&, const OneAddress&);

}  // namespace stateset::customers

namespace stateset {
class Api;
namespace customers {
void routes(Api&);
}
}  // namespace stateset

template <>
struct stateset::store::Table<stateset::customers::Customer>
    : stateset::store::Named<"customers", "customer"> {
    using unique = Keys<Key<&stateset::customers::Customer::email>>;
};
template <>
struct stateset::store::Table<stateset::customers::Address>
    : stateset::store::Named<"customer_addresses", "address"> {
    using parent = Child<"customers", &stateset::customers::Address::customer_id>;
};
