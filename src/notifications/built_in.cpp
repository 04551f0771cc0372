#include "notifications/built_in.hpp"

#include "sql.hpp"

namespace stateset::notifications {
namespace {

struct Source {
    const char *event_type, *language, *subject, *text, *sms;
};

#define LINES_EN                \
    "\n\n{{#order.items}}\n"    \
    "{{quantity}} × {{name}}\n" \
    "{{/order.items}}\n\n"
#define HELLO_EN \
    "Hello{{#customer.first_name}} {{customer.first_name}}{{/customer.first_name}},\n\n"
#define HELLO_DE \
    "Guten Tag{{#customer.first_name}} {{customer.first_name}}{{/customer.first_name}},\n\n"
#define TRACKED                                                            \
    "{{#shipments}}{{#tracking_number}}\n{{carrier}}: {{tracking_number}}" \
    "{{/tracking_number}}{{/shipments}}"

constexpr Source sources[] = {
    {"order.created", "en", "Your order {{order.order_number}}",
     HELLO_EN "thank you for your order {{order.order_number}}:" LINES_EN
              "Total: {{order.total}} {{order.currency}}",
     "Thank you for your order {{order.order_number}} ({{order.total}} {{order.currency}})."},
    {"order.shipped", "en", "Your order {{order.order_number}} has shipped",
     HELLO_EN "your order {{order.order_number}} has shipped." TRACKED,
     "Your order {{order.order_number}} has shipped." TRACKED},
    {"order.delivered", "en", "Your order {{order.order_number}} was delivered",
     HELLO_EN "your order {{order.order_number}} was delivered. Enjoy it!",
     "Your order {{order.order_number}} was delivered."},
    {"order.cancelled", "en", "Your order {{order.order_number}} was cancelled",
     HELLO_EN "your order {{order.order_number}} was cancelled. What you have paid is on its way "
              "back to you.",
     "Your order {{order.order_number}} was cancelled."},
    {"refund.succeeded", "en", "Your refund for order {{order.order_number}}",
     HELLO_EN "we have refunded {{refund.amount}} {{refund.currency}} for your order "
              "{{order.order_number}}.",
     "We have refunded {{refund.amount}} {{refund.currency}} for your order "
     "{{order.order_number}}."},
    {"return.approved", "en", "Your return {{return.rma_number}} was approved",
     HELLO_EN "your return {{return.rma_number}} for order {{order.order_number}} was approved. "
              "Please put this number on the parcel:\n\n{{return.rma_number}}",
     "Your return {{return.rma_number}} was approved. Please put this number on the parcel."},
    {"return.completed", "en", "Your return {{return.rma_number}} is complete",
     HELLO_EN "your return {{return.rma_number}} for order {{order.order_number}} is complete. "
              "Thank you.",
     "Your return {{return.rma_number}} is complete."},

    {"order.created", "de", "Ihre Bestellung {{order.order_number}}",
     HELLO_DE "vielen Dank für Ihre Bestellung {{order.order_number}}:" LINES_EN
              "Summe: {{order.total}} {{order.currency}}",
     "Vielen Dank für Ihre Bestellung {{order.order_number}} ({{order.total}} "
     "{{order.currency}})."},
    {"order.shipped", "de", "Ihre Bestellung {{order.order_number}} ist unterwegs",
     HELLO_DE "Ihre Bestellung {{order.order_number}} ist unterwegs." TRACKED,
     "Ihre Bestellung {{order.order_number}} ist unterwegs." TRACKED},
    {"order.delivered", "de", "Ihre Bestellung {{order.order_number}} ist angekommen",
     HELLO_DE "Ihre Bestellung {{order.order_number}} ist angekommen. Viel Freude damit!",
     "Ihre Bestellung {{order.order_number}} ist angekommen."},
    {"order.cancelled", "de", "Ihre Bestellung {{order.order_number}} ist storniert",
     HELLO_DE "Ihre Bestellung {{order.order_number}} ist storniert. Was Sie bezahlt haben, ist "
              "auf dem Weg zurück zu Ihnen.",
     "Ihre Bestellung {{order.order_number}} ist storniert."},
    {"refund.succeeded", "de", "Ihre Erstattung zur Bestellung {{order.order_number}}",
     HELLO_DE "wir haben Ihnen {{refund.amount}} {{refund.currency}} zur Bestellung "
              "{{order.order_number}} erstattet.",
     "Wir haben Ihnen {{refund.amount}} {{refund.currency}} zur Bestellung "
     "{{order.order_number}} erstattet."},
    {"return.approved", "de", "Ihre Rücksendung {{return.rma_number}} ist genehmigt",
     HELLO_DE "Ihre Rücksendung {{return.rma_number}} zur Bestellung {{order.order_number}} ist "
              "genehmigt. Bitte schreiben Sie diese Nummer auf das Paket:\n\n"
              "{{return.rma_number}}",
     "Ihre Rücksendung {{return.rma_number}} ist genehmigt. Bitte schreiben Sie diese Nummer auf "
     "das Paket."},
    {"return.completed", "de", "Ihre Rücksendung {{return.rma_number}} ist abgeschlossen",
     HELLO_DE "Ihre Rücksendung {{return.rma_number}} zur Bestellung {{order.order_number}} ist "
              "abgeschlossen. Vielen Dank.",
     "Ihre Rücksendung {{return.rma_number}} ist abgeschlossen."},
};

#undef LINES_EN
#undef HELLO_EN
#undef HELLO_DE
#undef TRACKED

struct Everything {};

bool says_the_same(const Template& one, const Template& other) {
    return one.subject == other.subject && one.text == other.text && one.html == other.html;
}

const Template* find_same_kind(Tx& tx, const Template& wanted) {
    return tx.find<&Template::event_type, &Template::channel, &Template::language>(
        wanted.event_type, wanted.channel, wanted.language);
}

void store_all(Tx& tx) {
    auto wanted = built_in_templates();
    auto stored = tx.each(wanted, [&](const Template& one) { return find_same_kind(tx, one); });
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (!stored[i]) {
            auto made = wanted[i];
            made.id = tx.new_id();
            tx.add(std::move(made));
        } else if (!says_the_same(*stored[i], wanted[i])) {
            auto& there = tx.edit(*stored[i]);
            there.subject = wanted[i].subject;
            there.text = wanted[i].text;
            there.html = wanted[i].html;
        }
    }
}

}  // namespace

std::span<const Template> built_in_templates() {
    static const std::vector<Template> all = [] {
        std::vector<Template> made;
        for (const auto& [event_type, language, subject, text, sms] : sources) {
            made.push_back({.event_type = event_type,
                            .channel = Channel::email,
                            .language = language,
                            .subject = subject,
                            .text = text});
            made.push_back({.event_type = event_type,
                            .channel = Channel::sms,
                            .language = language,
                            .text = sms});
        }
        return made;
    }();
    return all;
}

void store_built_in_templates(Committer& committer, ReadPool& reads) {
    auto stored = reads.run(no_tenant, [](Reads& snapshot) {
        return snapshot.all<Template>(sql::notifications::built_in_templates, Everything{});
    });
    auto is_stored = [&](const Template& wanted) {
        return std::ranges::any_of(stored, [&](const Template& there) {
            return there.event_type == wanted.event_type && there.channel == wanted.channel &&
                   there.language == wanted.language && says_the_same(there, wanted);
        });
    };
    if (std::ranges::all_of(built_in_templates(), is_stored)) return;
    committer.run(system_actor(no_tenant), store_all);
}

}  // namespace stateset::notifications
