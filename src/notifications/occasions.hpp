#pragma once
// The events that customers can be told about, and what a template may name on each: the noun that
// the event is about as the event shows it, its order in short, the customer, and for events of
// orders the shipments on their way.

#include "notifications/notifications.hpp"
#include "notifications/template_language.hpp"

namespace stateset::notifications {

// The customer, as far as a template may name them.
struct Person {
    std::string email;
    std::optional<std::string> first_name, last_name, phone;
    std::string language;
};

// The order of an event that is about something else.
struct OrderInShort {
    orders::OrderId id;
    std::string order_number;
    Currency currency;
    Money total;
};

struct Tracking {
    std::string carrier;
    std::optional<std::string> service, tracking_number;
};

// Null: customers are not told of events of this type.
const Names* names_for(std::string_view event_type);

// What a template is rendered from. `noun` is that of the event's type, `data` the event's.
struct Story {
    std::string_view event_type;
    RawJson data;
    OrderInShort order;
    Person customer;
    std::vector<Tracking> shipments;
};
std::string data_of(const Story&);  // JSON

// Somebody's order, for previews.
std::string example_of(std::string_view event_type);

// What one template makes of the data. A subject is one line; SMS have text alone.
struct Wording {
    std::optional<std::string> subject;
    std::string text;
    std::optional<std::string> html;
};
// `from` has what a template has: channel, subject, text, html. `data` is a JSON object.
Wording worded(Channel, const Wording& from, std::string_view data);

// All that is wrong with what a template says.
std::vector<Fault> faults_of(std::string_view event_type, Channel, const Wording&);

}  // namespace stateset::notifications
