#include "notifications/notifications.hpp"
#include "notifications/occasions.hpp"

namespace stateset::notifications {
namespace {

template <std::size_t Max>
std::optional<std::string> text(const std::optional<Text<Max>>& from) {
    return from ? std::optional<std::string>(from->value) : std::nullopt;
}

void require_sound(const Template& made) {
    auto faults = faults_of(made.event_type, made.channel,
                            {.subject = made.subject, .text = made.text, .html = made.html});
    if (made.language.find_first_not_of("abcdefghijklmnopqrstuvwxyz") != std::string::npos) {
        faults.push_back({"/language", "malformed", "is two lower-case letters", {}});
    }
    if (!faults.empty()) {
        auto detail = faults.front().pointer + ": " + faults.front().message;
        throw Refusal(codes::invalid, std::move(detail), std::move(faults));
    }
}

const Template* of_same_kind(Tx& tx, const Template& wanted) {
    return tx.find<&Template::event_type, &Template::channel, &Template::language>(
        wanted.event_type, wanted.channel, wanted.language);
}

const Template* built_in(Tx& tx, TemplateId id) {
    return tx.in(no_tenant, [&] { return tx.find<Template>(id); });
}

// The tenant's own template, made of the built-in one when there is none yet.
Template& own(Tx& tx, TemplateId id) {
    if (const auto* mine = tx.find<Template>(id)) return tx.edit(*mine);
    const auto* found = built_in(tx, id);
    if (!found || of_same_kind(tx, *found)) {
        throw Refusal(codes::not_found, "There is no such notification template.");
    }
    auto version = found->version;
    auto& mine = tx.add(Template(*found));
    mine.customized = true;
    mine.version = version + 1;
    return mine;
}

}  // namespace

Template create(Tx& tx, const Actor&, const NewTemplate& wanted) {
    Template made{.id = tx.new_id(),
                  .event_type = wanted.event_type,
                  .channel = wanted.channel,
                  .language = wanted.language,
                  .enabled = wanted.enabled.value_or(true),
                  .customized = true,
                  .subject = text(wanted.subject),
                  .text = wanted.text,
                  .html = text(wanted.html)};
    require_sound(made);
    const auto* mine = of_same_kind(tx, made);
    const auto* shared = tx.in(no_tenant, [&] { return of_same_kind(tx, made); });
    require(!mine && !shared, codes::already_exists,
            "There is a template for this event, channel and language; change that one.");
    return tx.add(std::move(made));
}

Template update(Tx& tx, const Actor&, const TemplateChanges& wanted) {
    auto& mine = own(tx, wanted.id);
    wanted.enabled.apply(mine.enabled);
    if (wanted.subject.given) mine.subject = text(wanted.subject.value);
    if (wanted.text.given) mine.text = wanted.text.value.value;
    if (wanted.html.given) mine.html = text(wanted.html.value);
    require_sound(mine);
    return mine;
}

void remove(Tx& tx, const Actor&, const TemplateById& wanted) {
    const auto* mine = tx.find<Template>(wanted.id);
    if (!mine) {
        require(built_in(tx, wanted.id), codes::not_found,
                "There is no such notification template.");
        throw Refusal(template_is_built_in, "This template is as it came with the server.");
    }
    tx.remove(*mine);
}

Message retry(Tx& tx, const Actor&, const OnMessage& wanted) {
    auto& message = tx.edit<Message>(wanted.id);
    work::try_again(message, tx.now());
    return message;
}

MessageView view(Tx&, const Message& message) {
    return {.id = message.id,
            .version = message.version,
            .event_id = message.event_id,
            .event_type = message.event_type,
            .channel = message.channel,
            .customer_id = message.customer_id,
            .order_id = message.order_id,
            .language = message.language,
            .to = message.recipient,
            .subject = message.subject,
            .text = message.text,
            .status = message.status,
            .attempts = message.attempts,
            .next_attempt_at = message.next_attempt_at,
            .created_at = message.created_at,
            .updated_at = message.updated_at};
}

}  // namespace stateset::notifications
