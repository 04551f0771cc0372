#include "platform/grpc/method.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <stdexcept>

#include "platform/core/refusal.hpp"
#include "platform/grpc/message.hpp"
#include "platform/http/url_text.hpp"
#include "platform/json/tape.hpp"

namespace stateset::grpc {
namespace {

constexpr std::string_view mask_name = "update_mask", content_name = "content";
// An answer of ours may be deeper and longer than what we take from others.
constexpr json::Limits generous{.depth = 64, .nodes = 10'000'000};

void add_escaped(std::string& to, std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (char c : text) {
        auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) || c == '-' || c == '_' || c == '.' || c == '~') {
            to += c;
        } else {
            to += '%';
            to += digits[byte >> 4];
            to += digits[byte & 15];
        }
    }
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

// The paths of a FieldMask.
std::vector<std::string> paths_of(const pb::Message& mask) {
    std::vector<std::string> paths;
    const auto* field = mask.GetDescriptor()->FindFieldByName("paths");
    for (int i = 0; i < mask.GetReflection()->FieldSize(mask, field); ++i) {
        paths.push_back(mask.GetReflection()->GetRepeatedString(mask, field, i));
    }
    return paths;
}

}  // namespace

// One request under construction, with all that is wrong with it.
class Method::Assembly {
  public:
    Assembly(const Method& method, const pb::Message& message)
        : method_(method), message_(message), writing_(request_.body, faults_) {}

    http::Request made() {
        writing_.refuse_unknown(message_, "");
        request_.method = method_.endpoint_.method;
        request_.path = method_.endpoint_.path;
        for (const auto& [field, part] : method_.members_) place(*field, part);
        if (!request_.body.empty() && !method_.endpoint_.route.raw_body) request_.body += '}';
        if (!faults_.empty()) {
            auto detail = faults_.front().pointer + " " + faults_.front().message;
            throw Refusal(codes::invalid, std::move(detail), std::move(faults_));
        }
        request_.target = request_.path;
        if (!request_.query.empty()) request_.target += "?" + request_.query;
        return std::move(request_);
    }

  private:
    void place(const pb::FieldDescriptor& field, Part part) {
        switch (part) {
            case Part::path: return into_path(field);
            case Part::query: return into_query(field);
            case Part::body: return into_body(field);
            case Part::content:
                request_.body = message_.GetReflection()->GetString(message_, &field);
                return;
            case Part::mask: return read_mask(field);
        }
    }
    void into_path(const pb::FieldDescriptor& field) {
        auto pattern = "{" + field.name() + "}";
        auto at = request_.path.find(pattern);
        std::string text, given = writing_.text(message_, field, "/" + field.name());
        add_escaped(text, given);
        if (text.empty() || !is_set(message_, field)) {
            faults_.push_back({"/" + field.name(), "required", "is required", {}});
        } else {
            request_.path.replace(at, pattern.size(), text);
        }
    }
    void into_query(const pb::FieldDescriptor& field) {
        if (!is_set(message_, field)) return;
        auto& query = request_.query;
        query += (query.empty() ? "" : "&") + field.name() + "=";
        add_escaped(query, writing_.text(message_, field, "?" + field.name()));
    }
    // With a mask what it names, else what is set.
    void into_body(const pb::FieldDescriptor& field) {
        bool named = masked_ && contains(mask_, field.name());
        if (masked_ && !named) return;
        if (!named && !is_set(message_, field)) return;
        if (request_.body.empty()) request_.body = '{';
        if (is_set(message_, field)) {
            writing_.member(message_, field, "");
        } else {
            writing_.cleared_member(field);
        }
    }
    void read_mask(const pb::FieldDescriptor& field) {
        if (!is_set(message_, field)) return;
        mask_ = paths_of(message_.GetReflection()->GetMessage(message_, &field));
        masked_ = !mask_.empty();
        for (const auto& path : mask_) {
            bool known = std::ranges::any_of(method_.members_, [&](const Member& member) {
                return member.part == Part::body && member.field->name() == path;
            });
            if (known) continue;
            faults_.push_back({"/" + field.name(),
                               "unknown_field",
                               "names `" + path + "`, which is no field that can be changed",
                               {}});
        }
    }

    const Method& method_;
    const pb::Message& message_;
    http::Request request_;
    std::vector<Fault> faults_;
    Writing writing_;
    std::vector<std::string> mask_;
    bool masked_ = false;
};

Method::Method(const pb::MethodDescriptor& method, const http::Endpoint& endpoint)
    : endpoint_(endpoint),
      path_("/" + method.service()->full_name() + "/" + method.name()),
      streams_(method.server_streaming()),
      input_(*method.input_type()),
      output_(*method.output_type()) {
    for (int i = 0; i < input_.field_count(); ++i) {
        Member member{input_.field(i), part_of(*input_.field(i))};
        // The mask is read before what it speaks of.
        members_.insert(member.part == Part::mask ? members_.begin() : members_.end(), member);
    }
}

Method::Part Method::part_of(const pb::FieldDescriptor& field) const {
    bool query = contains(endpoint_.query_parameters, field.name()) ||
                 (field.name() == "fields" && endpoint_.kind == http::Kind::query) ||
                 (field.name() == "dry_run" && endpoint_.kind == http::Kind::command);
    if (endpoint_.in_path(field.name())) return Part::path;
    if (query && !is_in_body(field)) return Part::query;
    if (endpoint_.method == "PATCH" && field.name() == mask_name) return Part::mask;
    if (endpoint_.route.raw_body && field.name() == content_name) return Part::content;
    if (endpoint_.has_body) return Part::body;
    throw std::logic_error(path_ + " has a field for nothing: " + field.name());
}

http::Request Method::request_from(const pb::Message& message) const {
    return Assembly(*this, message).made();
}

std::unique_ptr<pb::Message> Method::answer_from(const http::Response& response) const {
    auto message = new_message(output_);
    if (response.content_type == "application/json") {
        auto tape = json::parse(response.body, generous);
        read(tape.root(), *message);
    } else if (const auto* content = output_.FindFieldByName(std::string(content_name))) {
        const auto* reflection = message->GetReflection();
        reflection->SetString(message.get(), content, response.body);
        reflection->SetString(message.get(), output_.FindFieldByName("content_type"),
                              response.content_type);
    }
    return message;
}

std::vector<std::unique_ptr<Method>> methods_of(
    const std::vector<std::unique_ptr<http::Endpoint>>& endpoints) {
    std::vector<std::unique_ptr<Method>> methods;
    for (const auto* service : services()) {
        for (int i = 0; i < service->method_count(); ++i) {
            const auto& method = *service->method(i);
            auto found = std::ranges::find(endpoints, operation_of(method),
                                           [](const auto& each) { return each->operation; });
            if (found == endpoints.end()) {
                throw std::logic_error("no endpoint is called " + operation_of(method));
            }
            methods.push_back(std::make_unique<Method>(method, **found));
        }
    }
    return methods;
}

}  // namespace stateset::grpc
