#include "notifications/notifications.hpp"
#include "platform/http/api.hpp"

namespace stateset::notifications {
namespace {

constexpr std::string_view reads = "notifications:read", manages = "notifications:manage";

void template_routes(Api& api) {
    auto templates = api.group("/notifications/templates", "Notifications");
    templates.get("", list,
                  {.summary = "List notification templates",
                   .needs = reads,
                   .detail = "The built-in ones, those you changed, and your own."});
    templates.post("", create,
                   {.summary = "Create a notification template",
                    .needs = manages,
                    .detail = "For an event, channel or language that has none yet. Values stand "
                              "in double braces: `{{order.order_number}}`; "
                              "`{{#order.items}}…{{/order.items}}` repeats, "
                              "`{{^…}}…{{/…}}` is written when there is no value. In HTML, values "
                              "are escaped.",
                    .refuses = {&codes::already_exists}});
    templates.get("/{id}", one, {.summary = "Read a notification template", .needs = reads});
    templates.patch("/{id}", update,
                    {.summary = "Change a notification template",
                     .needs = manages,
                     .detail = "A built-in one becomes yours, under the same id."});
    templates.remove("/{id}", remove,
                     {.summary = "Remove a notification template",
                      .needs = manages,
                      .detail = "Where there is a built-in one, that counts again.",
                      .refuses = {&template_is_built_in}});
    templates.post("/{id}/preview", preview,
                   {.summary = "Show what a template would say",
                    .needs = manages,
                    .detail = "Of one of the newest 10,000 events, of the data you give, or of an "
                              "example. Nothing is sent."});
}

void message_routes(Api& api) {
    auto group = api.group("/notifications/messages", "Notifications");
    group.get("", messages, {.summary = "List messages to customers", .needs = reads});
    group.get("/{id}", one_message, {.summary = "Read a message to a customer", .needs = reads});
    group.post("/{id}/retry", retry,
               {.summary = "Send a message again now",
                .needs = manages,
                .refuses = {&codes::illegal_transition}});
}

}  // namespace

void routes(Api& api) {
    template_routes(api);
    message_routes(api);
    api.describe({
        {"channel", {"How customers are told.", "email"}},
        {"enabled", {"Whether it is in use.", "true"}},
        {"customized", {"It is your own, not as it came with the server.", "false"}},
        {"subject", {"Of e-mail; one line.", "Your order {{order.order_number}}"}},
        {"text", {"What is said.", "Your order {{order.order_number}} has shipped."}},
        {"html", {"The same as HTML; null: made from the text.", ""}},
        {"to", {"Address or number it goes to.", "ada@example.com"}},
    });
}

}  // namespace stateset::notifications
