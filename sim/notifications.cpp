// Customers are written to; what is written waits, is taken on a lease, and arrives or does not.

#include "notifications/notifications.hpp"

#include <array>

#include "notifications/sending.hpp"
#include "nouns.hpp"

namespace stateset::sim {
namespace {

using notifications::MessageId;
using notifications::MessageStatus;
using notifications::TemplateId;
using notifications::Verdict;

constexpr Span lease = minutes(5);
const work::Schedule schedule{{}, minutes(5)};

// ---- templates

std::optional<Action> create(Random& random, Model&, World&) {
    std::string language = random.one_of(std::vector<std::string>{"de", "fr", "it"});
    bool sound = !random.chance(15);
    std::string text = sound ? "It is on its way." : "Hello {{nobody}}";
    auto made = std::make_shared<TemplateId>();
    auto work = [=](Tx& tx) {
        return notifications::create(tx, actor,
                                     {.event_type = {"order.shipped"},
                                      .channel = notifications::Channel::sms,
                                      .language = {language},
                                      .enabled = {},
                                      .subject = {},
                                      .text = {text},
                                      .html = {}})
            .id;
    };
    return Action{"words in " + language, keeping(made, work), [=](Model& now) -> std::string {
                      if (!sound) return "invalid";
                      bool known = std::ranges::any_of(now.templates, [&](const auto& one) {
                          return one.second.first == language;
                      });
                      if (known) return "already_exists";
                      now.templates[*made] = {language, text};
                      return ok;
                  }};
}

std::optional<TemplateId> any_template(Random& random, const Model& model) {
    return any_key(random, model.templates, [](const auto&) { return true; });
}

std::optional<Action> update(Random& random, Model& model, World&) {
    auto id = any_template(random, model);
    if (!id) return std::nullopt;
    auto text = "It has left, " + std::to_string(random.below(100));
    return Action{"other words", doing([=](Tx& tx) {
                      notifications::TemplateChanges wanted{.id = *id};
                      wanted.text = {true, {text}};
                      notifications::update(tx, actor, wanted);
                  }),
                  [=](Model& now) -> std::string {
                      if (!now.templates.contains(*id)) return "not_found";
                      now.templates.at(*id).second = text;
                      return ok;
                  }};
}

std::optional<Action> remove(Random& random, Model& model, World&) {
    auto id = any_template(random, model);
    if (!id) return std::nullopt;
    return Action{"no such words any more",
                  doing([id](Tx& tx) { notifications::remove(tx, actor, {*id}); }),
                  [id](Model& now) -> std::string {
                      return now.templates.erase(*id) == 0 ? "not_found" : ok;
                  }};
}

// ---- messages: the model knows them by what they say

std::optional<Action> write(Random& random, Model& model, World&) {
    if (model.orders.empty()) return std::nullopt;
    const auto& [order, placed] = random.one_of(model.orders);
    auto text = "message " + std::to_string(++model.numbers);
    auto work = [=, order = order, customer = placed.customer](Tx& tx) {
        notifications::Message message;
        message.event_id = tx.new_id();
        message.event_type = "order.shipped";
        message.channel = notifications::Channel::sms;
        message.customer_id = customer;
        message.order_id = order;
        message.language = "en";
        message.recipient = "+4912345";
        message.text = text;
        notifications::add_messages(tx, {{tenant, message}});
    };
    return Action{"write " + text, doing(work), [=](Model& now) {
                      now.letters[text] = {.next = now.now};
                      return ok;
                  }};
}

struct Found {
    MessageId id;
    std::string text;
};

std::optional<Found> any_message(Random& random, const World& world, MessageStatus wanted) {
    std::vector<Found> all, fitting;
    for (const auto& one : world.all<notifications::Message>()) {
        all.push_back({one.id, one.text});
        if (one.status == wanted) fitting.push_back(all.back());
    }
    if (!fitting.empty() && !random.chance(10)) return random.one_of(fitting);
    if (all.empty()) return std::nullopt;
    return random.one_of(all);
}

std::optional<Action> claim(Random& random, Model&, World& world) {
    auto found = any_message(random, world, MessageStatus::pending);
    if (!found) return std::nullopt;
    std::string owner = random.chance(50) ? "here" : "there";
    notifications::Claim wanted{.messages = {{tenant, found->id}}, .owner = owner, .lease = lease};
    return Action{owner + " takes " + found->text,
                  doing([wanted](Tx& tx) { notifications::claim(tx, wanted); }), [=](Model& now) {
                      auto& letter = now.letters.at(found->text);
                      bool free = !letter.forgotten && letter.status == MessageStatus::pending &&
                                  *letter.next <= now.now &&
                                  (!letter.until || *letter.until <= now.now);
                      if (!free) return ok;
                      letter.owner = owner;
                      letter.until = now.now + lease;
                      return ok;
                  }};
}

std::string record_by_hand(Model& model, const std::string& text, const std::string& owner,
                           Verdict verdict) {
    auto& letter = model.letters.at(text);
    if (letter.forgotten || letter.owner != owner) return ok;
    letter.owner.clear();
    letter.until.reset();
    if (verdict == Verdict::not_made) return ok;
    if (verdict == Verdict::delivered) {
        letter.status = MessageStatus::delivered;
    } else if (verdict == Verdict::failed &&
               ++letter.tries < static_cast<std::int64_t>(schedule.size())) {
        letter.next = model.now + minutes(1);  // at least; the row says when
        return ok;
    } else {
        letter.status = MessageStatus::dead;
    }
    letter.next.reset();
    return ok;
}

std::optional<Action> record(Random& random, Model&, World& world) {
    auto found = any_message(random, world, MessageStatus::pending);
    if (!found) return std::nullopt;
    std::string owner = random.chance(50) ? "here" : "there";
    auto verdict = random.one_of(std::array{Verdict::delivered, Verdict::failed, Verdict::failed,
                                            Verdict::refused, Verdict::not_made});
    auto work = [=, now = world.now()](Tx& tx) {
        notifications::record(tx,
                              {{.of = {tenant, found->id},
                                .owner = owner,
                                .verdict = verdict,
                                .attempt = {.attempted_at = now, .status_code = {}, .error = {}}}},
                              schedule);
    };
    return Action{owner + " tried " + found->text + ": " + std::string(reflect::name(verdict)),
                  doing(work),
                  [=](Model& now) { return record_by_hand(now, found->text, owner, verdict); }};
}

std::optional<Action> retry(Random& random, Model&, World& world) {
    auto found = any_message(random, world, MessageStatus::dead);
    if (!found) return std::nullopt;
    return Action{"try " + found->text + " again",
                  doing([found](Tx& tx) { notifications::retry(tx, actor, {found->id, {}}); }),
                  [found](Model& now) -> std::string {
                      auto& letter = now.letters.at(found->text);
                      if (letter.forgotten) return "not_found";
                      if (letter.status == MessageStatus::delivered) return "illegal_transition";
                      if (letter.status == MessageStatus::dead) letter.tries = 0;
                      letter.status = MessageStatus::pending;
                      letter.next = now.now;
                      return ok;
                  }};
}

std::optional<Action> forget(Random& random, Model&, World& world) {
    auto found = any_message(random, world, MessageStatus::delivered);
    if (!found) return std::nullopt;
    return Action{"forget " + found->text,
                  doing([found](Tx& tx) { notifications::forget(tx, {{tenant, found->id}}); }),
                  [found](Model& now) {
                      now.letters.at(found->text).forgotten = true;
                      return ok;
                  }};
}

void compare(const World& world, Model& model) {
    std::map<TemplateId, std::pair<std::string, std::string>> templates;
    for (const auto& one : world.all<notifications::Template>()) {
        templates[one.id] = {one.language, one.text};
    }
    require_same(templates, model.templates, "what is written");
    std::size_t there = 0;
    for (const auto& one : world.all<notifications::Message>()) {
        auto& letter = model.letters.at(one.text);
        require_same(letter.forgotten, false, one.text + ", forgotten");
        require_same(one.status, letter.status, one.text);
        require_same(one.tries.value, letter.tries, one.text + ", tries");
        require_same(one.lease_owner.value.value_or(""), letter.owner, one.text + ", with whom");
        require_same(one.next_attempt_at.has_value(), letter.next.has_value(),
                     one.text + ", is tried again");
        letter.next = one.next_attempt_at;
        ++there;
    }
    auto forgotten =
        std::ranges::count_if(model.letters, [](const auto& one) { return one.second.forgotten; });
    require_same(there + static_cast<std::size_t>(forgotten), model.letters.size(),
                 "the number of messages");
}

}  // namespace

Noun notifications_() {
    return {.name = "notifications",
            .ways = {{1, create, "POST /notifications/templates"},
                     {1, update, "PATCH /notifications/templates/{id}"},
                     {1, remove, "DELETE /notifications/templates/{id}"},
                     {2, write, "worker: writing"},
                     {2, claim, "worker: messages"},
                     {2, record, "worker: messages"},
                     {2, retry, "POST /notifications/messages/{id}/retry"},
                     {1, forget, "worker: retention"}},
            .compare = compare};
}

}  // namespace stateset::sim
