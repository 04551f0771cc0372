#include <memory>
#include <mutex>

#include "folder_console.hpp"
#include "folder_docs.hpp"
#include "platform/http/api.hpp"
#include "platform/http/folder.hpp"
#include "platform/http/openapi.hpp"
#include "platform/http/problem.hpp"
#include "sql.hpp"
#include "system/system.hpp"

namespace stateset::system {
namespace {

// The pages ask nobody but this server, run only their own script, and are shown in no frame.
constexpr std::string_view page_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const Time started_at = system_now();

Status status(Desk& desk, const Actor&, const Nothing&) {
    auto now = system_now();
    auto counted = desk.committer.counters();
    auto number = [](std::uint64_t count) { return static_cast<std::int64_t>(count); };
    return {.server_version = STATESET_VERSION,
            .started_at = started_at,
            .uptime_s = (now - started_at).micros / seconds(1).micros,
            .committer = {.batches = number(counted.batches),
                          .commands = number(counted.commands),
                          .refusals = number(counted.refusals),
                          .rounds = number(counted.rounds),
                          .retries = number(counted.retries),
                          .bisections = number(counted.bisections),
                          .queued = number(counted.queued)}};
}

using Act = std::function<void(std::shared_ptr<http::Call>)>;

// A probe or page: open to all, served on the event loop, and the last thing to be shed.
void open_page(Api& api, std::string_view path, std::string_view summary,
               std::string_view content_type, Act act) {
    http::Route route{.summary = summary,
                      .open = true,
                      .content_type = content_type,
                      .priority = http::Priority::payment};
    api.add({.method = "GET",
             .path = std::string(path),
             .tag = "System",
             .route = route,
             .kind = http::Kind::procedure,
             .act = std::move(act)});
}

void answer(http::Call& call, std::string_view content_type, std::string body) {
    call.send({.status = 200,
               .content_type = std::string(content_type),
               .body = std::move(body),
               .headers = {{"Cache-Control", "no-cache"},
                           {"Content-Security-Policy", std::string(page_policy)},
                           {"X-Content-Type-Options", "nosniff"},
                           {"Referrer-Policy", "no-referrer"}}});
}

// Ready: a read connection answers, and the Committer runs a command. Nothing is written. A server
// that is about to stop says so first, while it still serves.
void tell_readiness(std::shared_ptr<http::Call> call) {
    struct Alive {
        std::int64_t alive;
    };
    auto refuse = [call](const Refusal& refusal) { call->refuse(refusal); };
    if (call->engine().draining) {
        return refuse(Refusal(codes::unavailable, "The server is about to stop.").retry_after(1));
    }
    auto ask_committer = [call](Reads& reads) {
        reads.one<Alive>(sql::system::alive, Nothing{});
        call->engine().committer.submit(
            {.work = [](Tx&) { return store::Answer{}; },
             .actor = system_actor(no_tenant),
             .request_id = call->request_id,
             .deadline = call->deadline,
             .done =
                 [call](Outcome outcome) {
                     if (outcome.refusal) return call->refuse(*outcome.refusal);
                     call->answer({.status = 200, .body = R"({"status":"ready"})"});
                 }});
    };
    call->engine().reads.submit(no_tenant, ask_committer, refuse);
}

}  // namespace

void routes(Api& api) {
    open_page(api, "/livez", "Whether the server runs", "application/json",
              [](const std::shared_ptr<http::Call>& call) {
                  call->answer({.status = 200, .body = R"({"status":"alive"})"});
              });
    open_page(api, "/readyz", "Whether the server can do work", "application/json", tell_readiness);
    // Made when first asked for, since it takes some milliseconds that a start need not wait for.
    struct Made {
        std::once_flag once;
        std::string document;
    };
    open_page(api, "/openapi.json", "This API as an OpenAPI document", "application/json",
              [&api, made = std::make_shared<Made>()](const std::shared_ptr<http::Call>& call) {
                  std::call_once(made->once,
                                 [&] { made->document = http::describe(api).document; });
                  answer(*call, "application/json", made->document);
              });
    http::serve_folder(api, "/docs", "System", embedded::docs);
    http::serve_app(api, "/console", "System", embedded::console);

    auto status_group = api.group("/status", "System");
    status_group.get("", status, {.summary = "What the server is doing", .needs = "ops:read"});
    api.describe({
        {"server_version", {"The release that runs.", "0.1.0"}},
        {"uptime_s", {"Seconds since the start.", "86400"}},
        {"started_at", {"When it began.", "2026-11-22T10:15:30Z"}},
        {"committer", {"What the one writer has done since the start.", ""}},
        {"batches", {"Transactions made.", "1200"}},
        {"commands", {"Commands run in them.", "9000"}},
        {"refusals", {"Commands that a rule refused.", "17"}},
        {"rounds",
         {"Times that commands were run, since what they read had to be loaded.", "18000"}},
        {"retries", {"Transactions begun again.", "0"}},
        {"bisections", {"Transactions split to find the command that broke them.", "0"}},
        {"queued", {"Commands that wait at this moment.", "0"}},
    });
}

}  // namespace stateset::system
