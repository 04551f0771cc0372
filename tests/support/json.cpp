#include "support/json.hpp"

#include <boost/json.hpp>

namespace stateset::support {
namespace {

namespace bj = boost::json;

const bj::value* value_of(const void* node) { return static_cast<const bj::value*>(node); }

}  // namespace

Json Json::parse(std::string_view text) {
    bj::error_code failed;
    bj::parse_options options;
    options.max_depth = 100;
    auto value = bj::parse(bj::string_view(text.data(), text.size()), failed, {}, options);
    if (failed) return {};
    auto document = std::make_shared<const bj::value>(std::move(value));
    const void* root = document.get();
    return {std::move(document), root};
}

bool Json::is_null() const { return node_ && value_of(node_)->is_null(); }
bool Json::is_object() const { return node_ && value_of(node_)->is_object(); }
bool Json::is_array() const { return node_ && value_of(node_)->is_array(); }
bool Json::is_string() const { return node_ && value_of(node_)->is_string(); }
bool Json::is_number() const { return node_ && value_of(node_)->is_number(); }
bool Json::is_true() const {
    return node_ && value_of(node_)->is_bool() && value_of(node_)->get_bool();
}

Json Json::operator[](std::string_view member) const {
    if (!is_object()) return {};
    auto* found = value_of(node_)->get_object().if_contains({member.data(), member.size()});
    return found ? Json(document_, found) : Json();
}

Json Json::operator[](std::size_t index) const {
    if (!is_array()) return {};
    auto* found = value_of(node_)->get_array().if_contains(index);
    return found ? Json(document_, found) : Json();
}

Json Json::at(std::string_view pointer) const {
    if (!node_) return {};
    bj::error_code failed;
    auto* found = value_of(node_)->find_pointer({pointer.data(), pointer.size()}, failed);
    return found ? Json(document_, found) : Json();
}

std::string Json::text() const {
    if (!node_) return {};
    if (is_string()) {
        const auto& text = value_of(node_)->get_string();
        return {text.data(), text.size()};
    }
    return bj::serialize(*value_of(node_));
}

std::int64_t Json::number() const {
    if (!is_number()) return 0;
    if (value_of(node_)->is_double()) {
        return static_cast<std::int64_t>(value_of(node_)->get_double());
    }
    return value_of(node_)->to_number<std::int64_t>();
}

std::size_t Json::size() const {
    if (is_array()) return value_of(node_)->get_array().size();
    return is_object() ? value_of(node_)->get_object().size() : 0;
}

std::vector<std::string> Json::keys() const {
    std::vector<std::string> keys;
    if (is_object()) {
        for (const auto& member : value_of(node_)->get_object()) keys.emplace_back(member.key());
    }
    return keys;
}

std::vector<Json> Json::elements() const {
    std::vector<Json> all;
    if (is_array()) {
        for (const auto& each : value_of(node_)->get_array()) all.push_back(Json(document_, &each));
    }
    if (is_object()) {
        for (const auto& member : value_of(node_)->get_object()) {
            all.push_back(Json(document_, &member.value()));
        }
    }
    return all;
}

std::string Json::dump() const { return node_ ? bj::serialize(*value_of(node_)) : "(absent)"; }

}  // namespace stateset::support
