#include "notifications/notifications.hpp"
#include "notifications/occasions.hpp"
#include "sql.hpp"

namespace stateset::notifications {
namespace {

struct PastEvent {
    std::string type;
    RawJson data;
    orders::OrderId order_id;
    std::string order_number;
    Currency currency;
    Money total;
    std::string email;
    std::optional<std::string> first_name, last_name, phone;
    std::string language;
};

struct EventWanted {
    Uuid event_id;
};
struct ShipmentsWanted {
    orders::OrderId order_id;
};

std::string data_from(Reads& reads, Uuid event_id, const Template& of, Preview& shown) {
    auto event = reads.maybe<PastEvent>(sql::notifications::past_event, EventWanted{event_id});
    if (!event) throw unknown_reference("/event_id");
    if (event->type != of.event_type) {
        throw invalid("/event_id", "unsuitable", "is an event of the type " + event->type);
    }
    shown.to = of.channel == Channel::email ? event->email : event->phone;
    return data_of({.event_type = event->type,
                    .data = event->data,
                    .order = {event->order_id, event->order_number, event->currency, event->total},
                    .customer = {event->email, event->first_name, event->last_name, event->phone,
                                 event->language},
                    .shipments = reads.all<Tracking>(sql::notifications::trackings_of_order,
                                                     ShipmentsWanted{event->order_id})});
}

}  // namespace

Template one(Reads& reads, const Actor&, const TemplateById& wanted) {
    return reads.one<Template>(sql::notifications::one_template, wanted);
}

Page<Template> list(Reads& reads, const Actor&, const ListTemplates& wanted) {
    return reads.page<Template>(sql::notifications::templates, wanted);
}

Preview preview(Reads& reads, const Actor&, const PreviewTemplate& wanted) {
    auto of = reads.one<Template>(sql::notifications::one_template, TemplateById{wanted.id});
    if (wanted.event_id && wanted.data) {
        throw invalid("/data", "not_allowed", "is instead of an event, not with one");
    }
    Wording wording{.subject = of.subject, .text = of.text, .html = of.html};
    if (wanted.subject) wording.subject = wanted.subject->value;
    if (wanted.text) wording.text = wanted.text->value;
    if (wanted.html) wording.html = wanted.html->value;
    auto faults = faults_of(of.event_type, of.channel, wording);
    if (!faults.empty()) {
        auto detail = faults.front().pointer + ": " + faults.front().message;
        throw Refusal(codes::invalid, std::move(detail), std::move(faults));
    }
    Preview shown{.channel = of.channel};
    auto data = wanted.event_id ? data_from(reads, *wanted.event_id, of, shown)
                : wanted.data   ? wanted.data->text
                                : example_of(of.event_type);
    if (!data.starts_with('{')) throw invalid("/data", "wrong_type", "must be an object");
    auto made = worded(of.channel, wording, data);
    shown.subject = std::move(made.subject);
    shown.text = std::move(made.text);
    shown.html = std::move(made.html);
    return shown;
}

MessageView one_message(Reads& reads, const Actor&, const MessageById& wanted) {
    return reads.one<MessageView>(sql::notifications::message, wanted);
}

Page<MessageView> messages(Reads& reads, const Actor&, const ListMessages& wanted) {
    return reads.page<MessageView>(sql::notifications::messages, wanted);
}

}  // namespace stateset::notifications
