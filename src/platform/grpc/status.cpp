#include "platform/grpc/status.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <charconv>

#include "platform/core/refusal.hpp"
#include "platform/grpc/message.hpp"
#include "platform/json/decode.hpp"

namespace stateset::grpc {
namespace {

// Clients take 8 KiB of metadata unless told otherwise, and base64 makes four bytes of three.
constexpr std::size_t most_detail_bytes = 4'096;
constexpr std::string_view domain = "stateset";

std::string in_capitals(std::string_view text) {
    std::string result;
    for (char c : text) {
        result += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return result;
}

std::string_view text_of(const json::Node& object, std::string_view name) {
    for (auto member = object.first(); member; member = member.next()) {
        if (member.key() == name && member.kind() != json::Kind::null) return member.text();
    }
    return {};
}

json::Node member_of(const json::Node& object, std::string_view name) {
    for (auto member = object.first(); member; member = member.next()) {
        if (member.key() == name) return member;
    }
    return {};
}

void set(pb::Message& message, const char* name, std::string_view text) {
    message.GetReflection()->SetString(&message, message.GetDescriptor()->FindFieldByName(name),
                                       std::string(text));
}

pb::Message& one_more(pb::Message& message, const char* name) {
    return *message.GetReflection()->AddMessage(&message,
                                                message.GetDescriptor()->FindFieldByName(name));
}

void note(pb::Message& info, std::string_view key, std::string_view value) {
    if (value.empty()) return;
    auto& entry = one_more(info, "metadata");
    set(entry, "key", key);
    set(entry, "value", value);
}

class Details {
  public:
    Details(Canonical code, std::string_view message)
        : status_(new_message(message_type("google.rpc.Status"))) {
        const auto* type = status_->GetDescriptor();
        status_->GetReflection()->SetInt32(status_.get(), type->FindFieldByName("code"),
                                           static_cast<int>(code));
        set(*status_, "message", message);
    }
    void add(const pb::Message& detail) {
        auto& any = one_more(*status_, "details");
        set(any, "type_url", "type.googleapis.com/" + detail.GetDescriptor()->full_name());
        set(any, "value", detail.SerializeAsString());
    }
    std::string encoded() const { return status_->SerializeAsString(); }

  private:
    std::unique_ptr<pb::Message> status_;
};

// As many faults as there is room for; the number of all is in ErrorInfo.
std::unique_ptr<pb::Message> bad_request(const json::Node& errors, const pb::Descriptor& request) {
    auto detail = new_message(message_type("google.rpc.BadRequest"));
    std::size_t bytes = 0;
    for (auto each = errors.first(); each; each = each.next()) {
        auto field = field_path(request, text_of(each, "pointer"));
        bytes += field.size() + text_of(each, "message").size() + text_of(each, "code").size() + 8;
        if (bytes > most_detail_bytes) break;
        auto& violation = one_more(*detail, "field_violations");
        set(violation, "field", field);
        set(violation, "description", text_of(each, "message"));
        set(violation, "reason", in_capitals(text_of(each, "code")));
    }
    return detail;
}

// In words of this door: HTTP's own speak of JSON pointers.
std::string message_of(const json::Node& errors, const pb::Descriptor& request) {
    auto first = errors.first();
    auto text = field_path(request, text_of(first, "pointer"));
    text += " " + std::string(text_of(first, "message"));
    if (errors.size() == 1) return text;
    return text + "; and " + std::to_string(errors.size() - 1) + " more, see BadRequest";
}

std::unique_ptr<pb::Message> retry_info(std::string_view retry_after_s) {
    std::int64_t seconds = 0;
    std::from_chars(retry_after_s.data(), retry_after_s.data() + retry_after_s.size(), seconds);
    auto detail = new_message(message_type("google.rpc.RetryInfo"));
    const auto* field = detail->GetDescriptor()->FindFieldByName("retry_delay");
    auto* delay = detail->GetReflection()->MutableMessage(detail.get(), field);
    delay->GetReflection()->SetInt64(delay, delay->GetDescriptor()->FindFieldByName("seconds"),
                                     seconds);
    return detail;
}

std::unique_ptr<pb::Message> error_info(const json::Node& problem, int http_status) {
    auto info = new_message(message_type("google.rpc.ErrorInfo"));
    auto code = text_of(problem, "code");
    auto errors = member_of(problem, "errors");
    set(*info, "reason", in_capitals(code));
    set(*info, "domain", domain);
    note(*info, "code", code);
    note(*info, "title", text_of(problem, "title"));
    note(*info, "help", text_of(problem, "type"));
    note(*info, "http_status", std::to_string(http_status));
    note(*info, "request_id", text_of(problem, "request_id"));
    if (!errors || errors.size() == 0) return info;
    note(*info, "faults", std::to_string(errors.size()));
    auto params = member_of(errors.first(), "params");
    if (!params) return info;
    for (auto each = params.first(); each; each = each.next()) note(*info, each.key(), each.text());
    return info;
}

}  // namespace

Outcome outcome_of(const http::Response& problem, const pb::Descriptor& request) {
    json::Tape tape =
        json::parse(problem.body.empty() ? "{}" : problem.body, {.depth = 64, .nodes = 1'000'000});
    auto root = tape.root();
    Outcome outcome{.code = canonical(text_of(root, "code"), problem.status),
                    .message = std::string(text_of(root, "detail")),
                    .details = {}};
    auto errors = member_of(root, "errors");
    if (errors && errors.size() > 0) outcome.message = message_of(errors, request);
    if (outcome.message.empty()) outcome.message = "The request could not be completed.";
    Details details(outcome.code, outcome.message);
    details.add(*error_info(root, problem.status));
    if (errors && errors.size() > 0) details.add(*bad_request(errors, request));
    for (const auto& header : problem.headers) {
        if (header.name == "Retry-After") details.add(*retry_info(header.value));
    }
    outcome.details = details.encoded();
    return outcome;
}

Outcome outcome_of(Canonical code, std::string message) {
    auto details = Details(code, message).encoded();
    return {code, std::move(message), std::move(details)};
}

}  // namespace stateset::grpc
