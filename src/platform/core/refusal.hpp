#pragma once
// A refusal is a rule saying no: it ends the request, has no effect, and is not stored under an
// idempotency key. It is named after the rule it protects. Each name is declared once, as a `Code`
// beside the rule, with its HTTP status and what the caller should do; `docs/status-codes.md` and
// OpenAPI are printed from these.

#include <exception>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace stateset {

struct Code {
    std::string_view name;    // "insufficient_stock", on the wire
    int status;               // HTTP
    std::string_view title;   // one line for people
    std::string_view remedy;  // what the caller should do
};

namespace codes {
inline constexpr Code invalid{"invalid", 400, "The request is invalid",
                              "Mend every fault listed in `errors`, then send it again."};
inline constexpr Code unreadable{"unreadable", 400, "The request cannot be read",
                                 "Send well-formed HTTP and JSON in UTF-8."};
inline constexpr Code not_found{"not_found", 404, "Not found",
                                "Check the id; other tenants' things are not found either."};
inline constexpr Code illegal_transition{"illegal_transition", 409, "Not possible in this state",
                                         "Read the current status; the lifecycle is in the docs."};
inline constexpr Code already_exists{"already_exists", 409, "It exists already",
                                     "Use the existing one, or another value."};
inline constexpr Code precondition_failed{"precondition_failed", 412, "It has changed since",
                                          "Read it again and decide anew; then send its ETag."};
inline constexpr Code key_reused{"idempotency_key_reused", 422,
                                 "The idempotency key belongs to another request",
                                 "Use a new key for a new request."};
inline constexpr Code in_progress{
    "request_in_progress", 409, "The same request is still running",
    "Wait as Retry-After says, then send it again with the same key."};
inline constexpr Code overloaded{"overloaded", 503, "Too much work at the moment",
                                 "Send it again after Retry-After; nothing was done."};
inline constexpr Code timed_out{"timed_out", 503, "Not started in time",
                                "Send it again after Retry-After; nothing was done."};
inline constexpr Code outcome_unknown{"outcome_unknown", 503, "The outcome is not known",
                                      "Send it again with the same idempotency key."};
inline constexpr Code unavailable{"unavailable", 503, "The database cannot be reached",
                                  "Send it again after Retry-After; nothing was done."};
inline constexpr Code internal{
    "internal", 500, "Something went wrong here",
    "Report the request id. With an idempotency key it is safe to retry."};
}  // namespace codes

// One fault of a request: where (a JSON pointer, or "?name" for a query parameter), which rule, and
// in words.
struct Fault {
    std::string pointer, code, message;
    std::map<std::string, std::string> params;  // e.g. sku, wanted, available
};

class Refusal : public std::exception {
  public:
    Refusal(const Code& code, std::string detail, std::vector<Fault> faults = {})
        : code_(&code), detail_(std::move(detail)), faults_(std::move(faults)) {}

    const Code& code() const { return *code_; }
    const std::string& detail() const { return detail_; }
    const std::vector<Fault>& faults() const { return faults_; }
    int retry_after_s() const { return retry_after_s_; }  // 0: none
    Refusal& retry_after(int s) {
        retry_after_s_ = s;
        return *this;
    }
    const char* what() const noexcept override { return detail_.c_str(); }

  private:
    const Code* code_;
    std::string detail_;
    std::vector<Fault> faults_;
    int retry_after_s_ = 0;
};

// For rules that need state: `require(balance.available >= wanted, insufficient_stock, "…")`.
inline void require(bool holds, const Code& code, std::string_view detail) {
    if (!holds) throw Refusal(code, std::string(detail));
}

inline Refusal invalid(std::string pointer, std::string code, std::string message) {
    std::string detail = pointer + ": " + message;
    return Refusal(codes::invalid, std::move(detail),
                   {{std::move(pointer), std::move(code), std::move(message), {}}});
}

inline Refusal unknown_reference(std::string pointer) {
    return invalid(std::move(pointer), "unknown", "names nothing that exists");
}

}  // namespace stateset
