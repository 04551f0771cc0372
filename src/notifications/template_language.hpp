#pragma once
// The language that templates are written in: text with names in double braces.
//
//     Hello{{#customer.first_name}} {{customer.first_name}}{{/customer.first_name}},
//     your order {{order.order_number}} has shipped.
//     {{#order.items}}
//     {{quantity}} × {{name}}
//     {{/order.items}}
//
// {{a.b}} is the value of that name, nothing when there is none. {{#a}}…{{/a}} is written once for
// each element of a list, and once for any other value that is there (not null, false, "" or an
// empty list); inside, names are looked for in the element first. {{^a}}…{{/a}} is written when it
// is not there. A section's tag alone on a line takes the line with it. There is no code, and
// nothing is looked up but what stands in the data. It is the part of Mustache that needs no
// program; which names there are is known when a template is saved.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "platform/core/input.hpp"
#include "platform/core/reflect.hpp"
#include "platform/core/refusal.hpp"
#include "platform/json/kinds.hpp"
#include "platform/json/tape.hpp"

namespace stateset::notifications {

// What a template may name, as a tree. The names of a `free` one are its owner's: metadata.
struct Names {
    std::map<std::string, Names, std::less<>> members;
    bool list = false;  // the members are those of each element
    bool free = false;
};

// What a struct shows, field by field. Secret and Expanded members have no name here.
template <class T>
Names names_of();

// Everything that is wrong with a template, each fault at `pointer`.
std::vector<Fault> faults_of(std::string_view source, const Names&, const std::string& pointer);

enum class Form {
    text,
    html  // values are escaped, so that none becomes markup
};
// Longer results are cut between two pieces.
inline constexpr std::size_t longest_rendering = 256 * 1024;
// `source` has no faults; one that has is written as far as it goes.
std::string render(std::string_view source, const json::Node& data, Form);

std::string escaped_for_html(std::string_view);
// The paragraphs of a plain text as HTML.
std::string html_of(std::string_view text);

// ---- how names are read off a struct

namespace detail {

template <class T>
void add_members(Names& to) {
    reflect::for_each_field_type<T>([&]<class M>(std::string_view name) {
        if constexpr (json::is_a<M, Flat>) {
            add_members<decltype(M::value)>(to);
        } else if constexpr (!json::is_a<M, Secret> && !json::is_a<M, Expanded>) {
            to.members.emplace(name, names_of<M>());
        }
    });
}

}  // namespace detail

template <class T>
Names names_of() {
    Names names;
    if constexpr (json::is_a<T, std::optional>) {
        names = names_of<typename T::value_type>();
    } else if constexpr (json::is_a<T, std::vector>) {
        names = names_of<typename T::value_type>();
        names.list = true;
    } else if constexpr (json::is_map<T>) {
        names.free = true;
    } else if constexpr (!json::Scalar<T> && std::is_aggregate_v<T>) {
        detail::add_members<T>(names);
    }
    return names;
}

}  // namespace stateset::notifications
