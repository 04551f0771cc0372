#include "cli/admin.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "admin_door.hpp"
#include "cli/database.hpp"
#include "flows/administer.hpp"

namespace stateset::cli {
namespace {

using flows::AdminAnswer;
using flows::AdminRequest;
using flows::Task;

void print(const char* label, const std::optional<std::string>& value) {
    if (value) std::printf("%-9s %s\n", label, value->c_str());
}

// A key stands alone, so that a script can take it: KEY=$(stateset admin keys create).
void show(const AdminAnswer& answer) {
    if (answer.key) {
        std::printf("%s\n", answer.key->c_str());
        return;
    }
    if (answer.tenant) std::printf("%-9s %lld\n", "tenant", static_cast<long long>(*answer.tenant));
    print("name", answer.name);
    print("e-mail", answer.email);
    print("password", answer.password);
    print("id", answer.id);
    print("status", answer.status);
}

int carry_out(const Config& config, const AdminRequest& request) {
    auto text = json::to_text(request);
    auto reply = config.database ? std::nullopt : AdminDoor::ask(config.data, text);
    if (!reply) reply = App(config).administer(text);
    auto answer = json::read<AdminAnswer>(*reply);
    if (answer.error) {
        std::fprintf(stderr, "%s\n", answer.error->c_str());
        return 1;
    }
    show(answer);
    return 0;
}

CLI::App* verb(CLI::App& admin, const char* noun, const char* about, const char* does) {
    auto* group = admin.add_subcommand(noun, about);
    group->require_subcommand(1)->fallthrough();
    return group->add_subcommand("create", does)->fallthrough();
}

}  // namespace

void add_admin(CLI::App& cli, Config& config, std::function<int()>& chosen) {
    auto* admin = cli.add_subcommand("admin", "Tenants, users and keys, for who runs the machine");
    admin->require_subcommand(1);
    add_database(*admin, config);

    auto request = std::make_shared<AdminRequest>();
    auto choose = [&config, &chosen, request](Task task) {
        return [&config, &chosen, request, task] {
            request->task = task;
            chosen = [&config, request] { return carry_out(config, *request); };
        };
    };
    constexpr const char* password_about = "Its password; made up and shown when there is none";
    auto* tenant = verb(*admin, "tenants", "The tenants of the installation", "Found a tenant");
    tenant->add_option("--name", request->name, "What it is called")->required();
    tenant->add_option("--email", request->email, "Its first administrator");
    tenant->add_option("--password", request->password, password_about);
    tenant->callback(choose(Task::create_tenant));

    auto move = [&](const char* does, const char* about, Task task) {
        auto* command =
            admin->get_subcommand("tenants")->add_subcommand(does, about)->fallthrough();
        command->add_option("--tenant", request->tenant, "Name or number")->required();
        if (task == Task::suspend_tenant) {
            command->add_option("--reason", request->reason, "Why, for the record");
        }
        command->callback(choose(task));
    };
    move("suspend", "Let nobody of a tenant in any more", Task::suspend_tenant);
    move("resume", "Let a suspended tenant go on", Task::resume_tenant);

    auto* user = verb(*admin, "users", "The users of a tenant", "Make a user");
    user->add_option("--tenant", request->tenant, "Name or number; the first when not given");
    user->add_option("--email", request->email, "Its e-mail address")->required();
    user->add_option("--name", request->name, "Its name");
    user->add_option("--password", request->password, password_about);
    user->add_option("--role", request->roles, "A role it has; may be repeated")->required();
    user->callback(choose(Task::create_user));

    auto* key = verb(*admin, "keys", "The API keys of a tenant", "Make a key and print it");
    key->add_option("--tenant", request->tenant, "Name or number; the first when not given");
    key->add_option("--email", request->email, "Whose key; the first administrator's otherwise");
    key->add_option("--name", request->name, "What it is for");
    key->add_option("--scope", request->scopes, "What it may do; may be repeated; all by default");
    key->callback(choose(Task::create_key));

    auto* secret = admin->add_subcommand("gateway-secret",
                                         "Print the secret a gateway signs its messages with");
    secret->fallthrough();
    auto rotate = std::make_shared<bool>(false);
    secret->add_option("gateway", request->name, "Which gateway: sandbox")->required();
    secret->add_flag("--rotate", *rotate, "Make a new one; the one before holds for a day");
    secret->callback([choose, rotate] {
        choose (*rotate ? Task::rotate_gateway_secret : Task::show_gateway_secret)();
    });
}

}  // namespace stateset::cli
