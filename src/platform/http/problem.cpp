#include "platform/http/problem.hpp"

#include "platform/json/writer.hpp"

namespace stateset::http {
namespace {

struct Problem {
    std::string type, title;
    int status;
    std::string detail;
    std::optional<std::string> instance;
    std::string code;
    std::optional<std::string> request_id;
    std::vector<Fault> errors;
};

Response made(const Problem& problem) {
    return {.status = problem.status,
            .content_type = "application/problem+json",
            .body = json::to_text(problem),
            .headers = {}};
}

std::string type_of(std::string_view code) { return "/docs/status-codes#" + std::string(code); }

}  // namespace

Response problem(const Refusal& refusal, std::string_view instance, std::string_view request_id) {
    const auto& code = refusal.code();
    auto response = made({.type = type_of(code.name),
                          .title = std::string(code.title),
                          .status = code.status,
                          .detail = refusal.detail(),
                          .instance = std::string(instance),
                          .code = std::string(code.name),
                          .request_id = std::string(request_id),
                          .errors = refusal.faults()});
    if (refusal.retry_after_s() > 0) {
        response.headers.push_back({"Retry-After", std::to_string(refusal.retry_after_s())});
    }
    if (code.status == 401) response.headers.push_back({"WWW-Authenticate", "Bearer"});
    return response;
}

Response bare_problem(int status, std::string_view code, std::string_view detail) {
    auto title = detail;
    for (const auto* known : codes::of_framing) {
        if (known->name == code) title = known->title;
    }
    auto response = made({.type = type_of(code),
                          .title = std::string(title),
                          .status = status,
                          .detail = std::string(detail),
                          .instance = {},
                          .code = std::string(code),
                          .request_id = {},
                          .errors = {}});
    if (status == 503) response.headers.push_back({"Retry-After", "1"});
    return response;
}

}  // namespace stateset::http
