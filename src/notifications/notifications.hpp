#pragma once
// Notifications tell customers what became of their orders, by e-mail and text message. A template
// is what is written on one kind of event, on one channel, in one language; a message is what was
// written to one customer about one event, and what became of it.
//
// Templates come with the server: they are rows of the installation, the same for every tenant. A
// tenant that changes one gets its own copy under the same id, which counts from then on; removing
// the copy brings the built-in one back. Messages are written by a consumer of the event log (see
// writing.hpp), one for each event and channel, and carried by the courier (see courier.hpp) until
// a provider has taken them: at least once, each time under the same id.
//
// Without a mail server or SMS provider in the configuration nothing is written and nothing sent.
// What was written stays as it is when a template changes. When a customer is erased, so are the
// messages to them.

#include "orders/orders.hpp"
#include "platform/core/input.hpp"
#include "platform/store/reads.hpp"
#include "platform/store/tx.hpp"
#include "platform/work/sending.hpp"

namespace stateset::notifications {

struct Template;
struct Message;
using TemplateId = Id<Template>;
using MessageId = Id<Message>;

enum class Channel { email, sms };

struct Template {
    TemplateId id;
    std::int64_t version = 1;
    std::string event_type;  // "order.shipped"; unique with channel and language
    Channel channel = Channel::email;
    std::string language;                // ISO 639-1
    bool enabled = true;                 // else nobody is written to
    bool customized = false;             // the tenant's own, not as it came
    std::optional<std::string> subject;  // of e-mail
    std::string text;
    std::optional<std::string> html;  // null: made from the text
    Time created_at, updated_at;
};

using MessageStatus = work::SendingStatus;
using MessageAction = work::SendingAction;
inline constexpr auto& message_lifecycle = work::sending_lifecycle;

struct SendAttempt {
    Time attempted_at;
    std::optional<std::int64_t> status_code;  // none: no answer came
    std::int64_t duration_ms = 0;
    std::optional<std::string> error;  // none: it was taken
};

struct Message {
    MessageId id;
    std::int64_t version = 1;
    Uuid event_id;  // unique with the channel
    std::string event_type;
    Channel channel = Channel::email;
    customers::CustomerId customer_id;
    orders::OrderId order_id;
    std::string language;
    std::string recipient;  // address or number, as it was when this was written
    std::optional<std::string> subject;
    std::string text;
    Secret<std::optional<std::string>> html;
    MessageStatus status = MessageStatus::pending;
    std::vector<SendAttempt> attempts;  // the newest `work::kept_attempts`
    Secret<std::int64_t> tries;         // place in the schedule
    std::optional<Time> next_attempt_at;
    Secret<std::optional<std::string>> lease_owner;
    Secret<std::optional<Time>> lease_until;
    Time created_at, updated_at;
};

// A message as GET shows it.
struct MessageView {
    MessageId id;
    std::int64_t version = 1;
    Uuid event_id;
    std::string event_type;
    Channel channel = Channel::email;
    customers::CustomerId customer_id;
    orders::OrderId order_id;
    std::string language, to;
    std::optional<std::string> subject;
    std::string text;
    MessageStatus status = MessageStatus::pending;
    std::vector<SendAttempt> attempts;
    std::optional<Time> next_attempt_at;
    Time created_at, updated_at;
};

// ---- what may come in

using SubjectText = Text<250>;
using BodyText = Text<10'000>;
using HtmlText = Text<50'000>;

struct NewTemplate {
    Text<100> event_type;
    Channel channel = Channel::email;
    Text<2, 2> language;
    std::optional<bool> enabled;
    std::optional<SubjectText> subject;
    BodyText text;
    std::optional<HtmlText> html;
};

struct TemplateChanges {
    TemplateId id;
    Change<bool> enabled;
    Change<std::optional<SubjectText>> subject;
    Change<BodyText> text;
    Change<std::optional<HtmlText>> html;
};

struct TemplateById {
    TemplateId id;
};

struct ListTemplates {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<Text<100>> event_type;
    std::optional<Channel> channel;
    std::optional<Text<2, 2>> language;
};

// What a template would say: of a past event, of the data given, or of an example. The texts given
// stand in for those of the template, so that they can be tried before they are saved.
struct PreviewTemplate {
    TemplateId id;
    std::optional<Uuid> event_id;
    std::optional<RawJson> data;
    std::optional<SubjectText> subject;
    std::optional<BodyText> text;
    std::optional<HtmlText> html;
};

struct MessageById {
    MessageId id;
};
struct OnMessage {
    MessageId id;
    Reason reason;
};
struct ListMessages {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<MessageStatus> status;
    std::optional<Channel> channel;
    std::optional<customers::CustomerId> customer_id;
    std::optional<orders::OrderId> order_id;
    std::optional<Text<100>> event_type;
};

// ---- what goes out

struct Preview {
    Channel channel = Channel::email;
    std::optional<std::string> to;  // of a past event: whom it was about
    std::optional<std::string> subject;
    std::string text;
    std::optional<std::string> html;
};

inline constexpr Code template_is_built_in{
    "template_is_built_in", 409, "Built-in templates stay",
    "Disable it (PATCH with enabled false) when nobody shall be written to."};

// All refuse templates with unknown names or broken tags with invalid, naming each. `create`
// refuses with already_exists when there is one for this event, channel and language.
Template create(Tx&, const Actor&, const NewTemplate&);
Template update(Tx&, const Actor&, const TemplateChanges&);
// The built-in one counts again, if there is one. Refuses with template_is_built_in.
void remove(Tx&, const Actor&, const TemplateById&);
// Tries it again now, as often as a new one. Refuses with illegal_transition.
Message retry(Tx&, const Actor&, const OnMessage&);
MessageView view(Tx&, const Message&);

Template one(Reads&, const Actor&, const TemplateById&);
Page<Template> list(Reads&, const Actor&, const ListTemplates&);
// Changes and sends nothing. Refuses with not_found, and with invalid what cannot be previewed.
Preview preview(Reads&, const Actor&, const PreviewTemplate&);
MessageView one_message(Reads&, const Actor&, const MessageById&);
Page<MessageView> messages(Reads&, const Actor&, const ListMessages&);

}  // namespace stateset::notifications

namespace stateset {
class Api;
namespace notifications {
void routes(Api&);
}
}  // namespace stateset

template <>
struct stateset::store::Table<stateset::notifications::Template>
    : stateset::store::Named<"notification_templates", "notification_template"> {
    using unique = Keys<Key<&stateset::notifications::Template::event_type,
                            &stateset::notifications::Template::channel,
                            &stateset::notifications::Template::language>>;
};
template <>
struct stateset::store::Table<stateset::notifications::Message>
    : stateset::store::Named<"notification_messages", "notification_message"> {
    using unique = Keys<Key<&stateset::notifications::Message::event_id,
                            &stateset::notifications::Message::channel>>;
};
