// Signing in and out, and who one is.

#include <cstdlib>
#include <ctime>
#include <iostream>

#include "cli/client/failure.hpp"
#include "cli/client/options.hpp"
#include "cli/client/own.hpp"
#include "cli/client/request.hpp"

namespace stateset::cli::client {
namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

std::string first_of(const std::string& one, const std::string& two, const std::string& three) {
    if (!one.empty()) return one;
    return two.empty() ? three : two;
}

std::string profile_named(const Given& given) {
    return first_of(given.text("profile"), environment("STATESET_PROFILE"), "default");
}

net::Answer must(const Catalogue& catalogue, const Given& given, const Terminal& terminal,
                 net::Answer answer) {
    if (answer.status < 400) return answer;
    throw Failure(explain_refusal(answer.status, answer.body, *given.command, catalogue, terminal),
                  "");
}

std::string password_for(const Given& given) {
    if (given.has("password-stdin")) {
        std::string line;
        std::getline(std::cin, line);
        if (line.ends_with('\r')) line.pop_back();
        return line;
    }
    auto password = environment("STATESET_PASSWORD");
    return password.empty() ? ask("Password: ", Echo::secret) : password;
}

void keep(const Profile& profile) {
    Profiles profiles;
    profiles.alone(profile.name, [&] { profiles.write(profile); });
    profiles.make_current(profile.name);
    std::cout << "Signed in to " << profile.server << " as " << profile.email << " (profile "
              << profile.name << ").\n";
}

int login(const Catalogue& catalogue, const Given& given) {
    Terminal terminal(given.text("color"));
    Profile profile{.name = profile_named(given)};
    auto known = Profiles().read(profile.name);
    profile.server = server_from(first_of(given.text("server"), environment("STATESET_SERVER"),
                                          known ? known->server : "http://127.0.0.1:8080"));
    auto with = given;
    with.options["server"] = {profile.server};
    auto key = first_of(given.text("api-key"), environment("STATESET_API_KEY"), "");
    if (!key.empty() && given.text("email").empty()) {
        Session session(with, terminal);
        auto me = must(catalogue, given, terminal, session.send({.target = "/api/v1/auth/me"}));
        profile.api_key = key;
        profile.email = Tree::parse(me.body)["email"].word;
        keep(profile);
        return exits::ok;
    }
    auto usual = known ? known->email : "";
    auto asked = first_of(given.text("email"), environment("STATESET_EMAIL"), "");
    if (asked.empty()) {
        asked = ask("E-mail" + (usual.empty() ? "" : " [" + usual + "]") + ": ", Echo::shown);
    }
    profile.email = asked.empty() ? usual : asked;
    auto body = Tree::object();
    body.member("email") = Tree::text(profile.email);
    body.member("password") = Tree::text(password_for(given));
    with.options["api-key"] = {"none"};  // no profile is needed to make one
    Session session(with, terminal);
    auto now = static_cast<std::int64_t>(std::time(nullptr));
    auto answer = must(catalogue, given, terminal,
                       session.send({.method = "POST",
                                     .target = "/api/v1/auth/login",
                                     .headers = {{"Content-Type", "application/json"}},
                                     .body = body.json(),
                                     .open = true}));
    auto tokens = Tree::parse(answer.body);
    profile.access_token = tokens["access_token"].word;
    profile.refresh_token = tokens["refresh_token"].word;
    profile.expires_at = now + std::stoll("0" + tokens["expires_in"].word);
    keep(profile);
    return exits::ok;
}

// The profile goes also when the server cannot be told.
int logout(const Catalogue&, const Given& given) {
    Terminal terminal(given.text("color"));
    Profiles profiles;
    auto name =
        first_of(given.text("profile"), environment("STATESET_PROFILE"), profiles.current());
    auto profile = profiles.read(name);
    if (!profile) {
        throw Failure(exits::not_signed_in, "there is no profile \"" + name + "\"");
    }
    if (!profile->refresh_token.empty()) {
        auto with = given;
        with.options["server"] = {profile->server};
        with.options["profile"] = {name};
        with.options.erase("api-key");
        with.options.try_emplace("retries", 1, "0");
        auto body = Tree::object();
        body.member("refresh_token") = Tree::text(profile->refresh_token);
        try {
            Session session(with, terminal);
            session.send({.method = "POST",
                          .target = "/api/v1/auth/logout",
                          .headers = {{"Content-Type", "application/json"}},
                          .body = body.json()});
        } catch (const Failure& failure) {
            std::cerr << "the server was not told: " << failure.what() << "\n";
        }
    }
    profiles.remove(name);
    std::cout << "Signed out of " << profile->server << ".\n";
    return exits::ok;
}

int list_profiles(const Catalogue&, const Given& given) {
    Profiles profiles;
    auto current = first_of(environment("STATESET_PROFILE"), profiles.current(), "");
    auto page = Tree::object();
    auto& rows = page.member("data") = Tree::array();
    for (const auto& name : profiles.names()) {
        auto profile = profiles.read(name);
        if (!profile) continue;
        auto row = Tree::object();
        row.member("name") = Tree::text(name);
        row.member("current") = Tree::boolean(name == current);
        row.member("server") = Tree::text(profile->server);
        row.member("email") = Tree::text(profile->email);
        row.member("by") = Tree::text(profile->api_key.empty() ? "password" : "api key");
        rows.elements.push_back(std::move(row));
    }
    Shape row{.kind = Shape::Kind::object};
    for (const char* name : {"name", "current", "server", "email", "by"}) {
        row.members.push_back({.name = name, .kind = Shape::Kind::text});
    }
    Shape data{.name = "data", .kind = Shape::Kind::list, .element = {row}};
    Terminal terminal(given.text("color"));
    Printer(given, terminal, {.kind = Shape::Kind::object, .members = {data}}, false)
        .print(page.json());
    return exits::ok;
}

int use_profile(const Catalogue&, const Given& given) {
    Profiles profiles;
    const auto& name = given.arguments.at(0);
    if (!profiles.read(name)) {
        throw Failure(exits::usage,
                      "there is no profile " + name + suggestion(name, profiles.names()));
    }
    profiles.make_current(name);
    std::cout << "From now on " << name << " counts.\n";
    return exits::ok;
}

int whoami(const Catalogue& catalogue, const Given& given) {
    Terminal terminal(given.text("color"));
    Session session(given, terminal);
    const auto& endpoint = endpoint_named(catalogue, "auth_me");
    auto answer =
        must(catalogue, given, terminal, session.send({.target = path_with(endpoint, {})}));
    if (format_of(given) == Format::table) {
        std::cout << "server    " << session.server() << "\n";
        if (session.profile()) std::cout << "profile   " << session.profile()->name << "\n";
        std::cout << std::flush;
    }
    Printer(given, terminal, catalogue.answer(endpoint), false).print(answer.body);
    return exits::ok;
}

}  // namespace

std::vector<Command> account_commands() {
    using Kind = Shape::Kind;
    Shape name{.name = "name", .kind = Kind::text, .meaning = "Of the profile."};
    return {
        {.words = {"login"},
         .summary = "Sign in to a server and remember it as a profile",
         .detail = "Asks for e-mail address and password; a password is never taken from the "
                   "command line. With an API key that is kept instead. The profile lies in the "
                   "configuration folder, readable by nobody else.",
         .flags = {option("email", Kind::text, "Who you are ($STATESET_EMAIL); asked for otherwise",
                          "ada@example.com"),
                   option("password-stdin", Kind::boolean,
                          "Read the password from standard input ($STATESET_PASSWORD works, too)")},
         .examples = {"login --server http://127.0.0.1:8080 --email ada@example.com",
                      "login --server https://shop.example --profile staging"},
         .act = login},
        {.words = {"logout"},
         .summary = "Sign out and forget the profile",
         .examples = {"logout --profile staging"},
         .act = logout},
        {.words = {"profiles"},
         .summary = "List the profiles",
         .examples = {"profiles"},
         .act = list_profiles},
        {.words = {"profiles", "use"},
         .summary = "Choose the profile that counts when none is named",
         .arguments = {{"name", name}},
         .examples = {"profiles use staging"},
         .act = use_profile},
        {.words = {"whoami"},
         .summary = "Show who you are and what you may do",
         .examples = {"whoami"},
         .act = whoami},
    };
}

}  // namespace stateset::cli::client
