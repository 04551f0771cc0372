#pragma once
// The endpoint table. A route line names a function; the function's types are the contract, and
// decoding, validation, rendering, ETag, OpenAPI and the generated tests are derived from it:
//
//     void routes(Api& api) {
//         auto orders = api.group("/orders", "Orders");
//         orders.post("",             place,  {.summary = "Place an order",  .needs =
//         "orders:create"}); orders.get ("/{id}",        one,    {.summary = "Read an order",
//         .needs = "orders:read"}); orders.post("/{id}/cancel", cancel, {.summary = "Cancel an
//         order", .needs = "orders:cancel"});
//     }
//
// The first parameter says what a function is: `Tx&` a command, `Reads&` a query, `Desk&` a
// procedure. Members of the input that are named like a path parameter come from the path; the
// others from the body (POST, PATCH, PUT) or from the query string (GET, DELETE). `before(prepare,
// command)` runs `prepare` on the input first, where processor time is allowed. A result for which
// the slice has `view(tx, result)` is shown as that.

#include "platform/http/call.hpp"
#include "platform/json/schema.hpp"
#include "platform/json/writer.hpp"
#include "platform/work/started.hpp"

namespace stateset {

struct Nothing {};  // the input of a route that takes none

namespace http {

namespace detail {

template <class T>
concept HasVersion = requires(const T& value) { value.version; };

// The version in a shown value: its own, or that of the noun whose fields it shows.
template <class T>
std::int64_t version_of(const T& shown) {
    if constexpr (HasVersion<T>) {
        return shown.version;
    } else if constexpr (std::is_aggregate_v<T>) {
        std::int64_t version = 0;
        reflect::for_each_field(shown, [&]<class M>(std::string_view, const M& member) {
            if constexpr (requires { member.value.version; }) version = member.value.version;
        });
        return version;
    } else {
        return 0;
    }
}

template <class T>
std::string id_text_of(const T& shown) {
    if constexpr (requires { to_string(shown.id); }) {
        return to_string(shown.id);
    } else {
        std::string text;
        reflect::for_each_field(shown, [&]<class M>(std::string_view, const M& member) {
            if constexpr (requires { to_string(member.value.id); })
                text = to_string(member.value.id);
        });
        return text;
    }
}

template <class T>
consteval bool shows_version() {
    if constexpr (!std::is_class_v<T> || !std::is_aggregate_v<T>) {
        return false;
    } else if constexpr (HasVersion<T>) {
        return true;
    } else {
        bool any = false;
        reflect::for_each_field_type<T>([&]<class M>(std::string_view) {
            if constexpr (requires(const M& member) { member.value.version; }) any = true;
        });
        return any;
    }
}

// Calls `shown` with the type of the entity that a result shows: the result itself, or the one
// whose fields it shows.
template <class T, class F>
void for_entity_of(F&& shown) {
    if constexpr (HasVersion<T>) {
        shown.template operator()<T>();
    } else if constexpr (std::is_class_v<T> && std::is_aggregate_v<T>) {
        reflect::for_each_field_type<T>([&]<class M>(std::string_view) {
            if constexpr (requires(const M& member) { member.value.version; }) {
                shown.template operator()<std::remove_cvref_t<decltype(std::declval<M>().value)>>();
            }
        });
    }
}

template <class T>
void fill(store::Answer& answer, const T& shown, const Endpoint& endpoint) {
    json::write(answer.body, shown);
    if (auto version = version_of(shown)) answer.etag = "\"" + std::to_string(version) + "\"";
    if (endpoint.creates) answer.location = endpoint.path + "/" + id_text_of(shown);
}

template <class Context, class R>
store::Answer answer_of(Context& context, const R& result, const Endpoint& endpoint) {
    if constexpr (std::is_same_v<R, store::Answer>) {
        return result;
    } else {
        store::Answer answer{.status = endpoint.status, .secret = endpoint.route.secret};
        if constexpr (requires { view(context, result); }) {
            fill(answer, view(context, result), endpoint);
        } else {
            fill(answer, result, endpoint);
        }
        return answer;
    }
}

template <class Context, class T>
store::Answer answer_of(Context& context, const Started<T>& started, const Endpoint& endpoint) {
    auto answer = answer_of(context, started.interim, endpoint);
    if (!started.operation) return answer;  // there was nothing to wait for
    answer.status = 202;
    answer.operation = started.operation;
    return answer;
}

// Runs the function and renders what it returns.
template <class Context, class F, class In>
store::Answer carry_out(Context& context, F&& function, const Actor& actor, const In& in,
                        const Endpoint& endpoint) {
    if constexpr (std::is_void_v<std::invoke_result_t<F, Context&, const Actor&, const In&>>) {
        function(context, actor, in);
        return {.status = endpoint.status};
    } else {
        return answer_of(context, function(context, actor, in), endpoint);
    }
}

std::string_view parameter(const Call&, std::string_view name, bool& given);

template <class M, class Entity>
concept IdOf = std::is_same_v<M, decltype(Entity::id)>;

// What can stand in a query string or a path.
template <class T>
inline constexpr bool fits_text = json::Scalar<T>;
template <class T>
inline constexpr bool fits_text<std::optional<T>> = fits_text<T>;
template <class T>
inline constexpr bool fits_text<std::vector<T>> = json::Scalar<T>;
template <class T, std::size_t Min, std::size_t Max>
inline constexpr bool fits_text<List<T, Min, Max>> = json::Scalar<T>;

template <class In>
In input_of(const Call& call) {
    json::Faults faults;
    In in{};
    std::vector<std::string_view> elsewhere;
    if (call.endpoint->has_body) {
        for (const auto& [name, _] : call.path) elsewhere.push_back(name);
        in = json::decode<In>(call.body(), {.elsewhere = elsewhere}, faults);
    } else {
        reflect::for_each_field(in, [&]<class M>(std::string_view name, M& member) {
            if constexpr (fits_text<M>) {
                if (call.path_text(name)) return;
                bool given = false;
                auto text = parameter(call, name, given);
                if (given) {
                    json::decode_text_into(text, member, faults, "?" + std::string(name));
                } else if (json::is_required<M>) {
                    faults.add("?" + std::string(name), "required", "is required");
                }
            }
        });
    }
    reflect::for_each_field(in, [&]<class M>(std::string_view name, M& member) {
        if constexpr (json::Scalar<M>) {
            auto* text = call.path_text(name);
            if (!text) return;
            json::Faults malformed;
            json::decode_text_into(*text, member, malformed, "");
            if (!malformed.empty())
                throw Refusal(codes::not_found, "There is nothing with this id.");
        }
    });
    faults.refuse_if_any();
    return in;
}

template <class>
struct Signature;
template <class R, class Context, class In>
struct Signature<R (*)(Context&, const Actor&, const In&)> {
    using Result = R;
    using From = Context;
    using Input = In;
};

template <class R>
struct Shown {
    using type = R;
};
template <class T>
struct Shown<Started<T>> {
    using type = T;
};

template <class>
struct PreparedFrom;
template <class R, class In>
struct PreparedFrom<R (*)(const In&)> {
    using type = In;
    static constexpr bool reads = false;
};
template <class R, class In>
struct PreparedFrom<R (*)(Reads&, const Actor&, const In&)> {
    using type = In;
    static constexpr bool reads = true;
};

template <class Prepare, class Command>
struct Before {
    Prepare prepare;
    Command command;
};

}  // namespace detail

// `prepare` turns the request's input into the command's, on a thread where it may use the
// processor. When it takes `Reads&`, it looks beforehand for what a command cannot search for; the
// command looks again under its locks.
template <class Prepare, class Command>
detail::Before<Prepare, Command> before(Prepare prepare, Command command) {
    return {prepare, command};
}

}  // namespace http

using http::before;

class Api;

class Group {
  public:
    Group(Api& api, std::string prefix, std::string tag)
        : api_(&api), prefix_(std::move(prefix)), tag_(std::move(tag)) {}

    template <class F>
    void get(std::string_view path, F function, http::Route route) {
        add("GET", path, function, std::move(route));
    }
    template <class F>
    void post(std::string_view path, F function, http::Route route) {
        add("POST", path, function, std::move(route));
    }
    template <class F>
    void patch(std::string_view path, F function, http::Route route) {
        add("PATCH", path, function, std::move(route));
    }
    template <class F>
    void put(std::string_view path, F function, http::Route route) {
        add("PUT", path, function, std::move(route));
    }
    template <class F>
    void remove(std::string_view path, F function, http::Route route) {
        add("DELETE", path, function, std::move(route));
    }

  private:
    template <class F>
    void add(std::string_view method, std::string_view path, F function, http::Route route) {
        using Signature = http::detail::Signature<F>;
        using In = typename Signature::Input;
        auto& endpoint = make<typename Signature::From, In, typename Signature::Result>(
            method, path, std::move(route));
        endpoint.act = [function](std::shared_ptr<http::Call> call) {
            auto in = http::detail::input_of<In>(*call);
            start<typename Signature::From>(std::move(call), function, std::move(in));
        };
    }
    template <class Prepare, class Command>
    void add(std::string_view method, std::string_view path,
             http::detail::Before<Prepare, Command> both, http::Route route) {
        using Signature = http::detail::Signature<Command>;
        using Prepared = http::detail::PreparedFrom<Prepare>;
        using In = std::decay_t<typename Prepared::type>;
        auto& endpoint = make<typename Signature::From, In, typename Signature::Result>(
            method, path, std::move(route));
        endpoint.act = [both](std::shared_ptr<http::Call> call) {
            auto in = http::detail::input_of<In>(*call);
            if constexpr (Prepared::reads) {
                call->engine().reads.submit(
                    call->actor.tenant,
                    [both, in = std::move(in), call](Reads& reads) {
                        start<typename Signature::From>(call, both.command,
                                                        both.prepare(reads, call->actor, in));
                    },
                    [call](const Refusal& refusal) { call->refuse(refusal); });
            } else {
                call->at_desk([both, in = std::move(in), call](Desk&) {
                    start<typename Signature::From>(call, both.command, both.prepare(in));
                });
            }
        };
    }

    // Hands the call to where a function of this kind runs.
    template <class Context, class F, class In>
    static void start(std::shared_ptr<http::Call> call, F function, In in) {
        auto& to = *call;
        if constexpr (std::is_same_v<Context, Tx>) {
            to.submit([function, in = std::move(in), call = std::move(call)](Tx& tx) {
                return http::detail::carry_out(tx, function, call->actor, in, *call->endpoint);
            });
        } else if constexpr (std::is_same_v<Context, Reads>) {
            to.read([function, in = std::move(in), call = std::move(call)](Reads& reads) {
                return http::detail::carry_out(reads, function, call->actor, in, *call->endpoint);
            });
        } else {
            to.at_desk([function, in = std::move(in), call = std::move(call)](Desk& desk) {
                call->answer(
                    http::detail::carry_out(desk, function, call->actor, in, *call->endpoint));
            });
        }
    }

    template <class Context, class In, class R>
    http::Endpoint& make(std::string_view method, std::string_view path, http::Route route);
    // Which path parameter leads to what the answer shows.
    template <class In, class Shown>
    static void find_subject(http::Endpoint&);
    template <class In, class R>
    static void describe(http::Endpoint&);  // its parts of the OpenAPI document

    Api* api_;
    std::string prefix_, tag_;
};

class Api {
  public:
    Group group(std::string_view prefix, std::string_view tag) {
        return {*this, "/api/v1" + std::string(prefix), std::string(tag)};
    }
    Group root(std::string_view tag) { return {*this, "", std::string(tag)}; }

    // What a field's name means, wherever it stands. One name, one meaning.
    void describe(std::initializer_list<std::pair<std::string_view, json::FieldDoc>> fields) {
        for (const auto& [name, doc] : fields) glossary_[name] = doc;
    }
    const json::FieldDoc* field(std::string_view name) const {
        auto found = glossary_.find(name);
        return found == glossary_.end() ? nullptr : &found->second;
    }

    http::Endpoint& add(http::Endpoint);  // completes what follows from the rest
    const std::vector<std::unique_ptr<http::Endpoint>>& endpoints() const { return endpoints_; }

  private:
    std::vector<std::unique_ptr<http::Endpoint>> endpoints_;
    std::map<std::string_view, json::FieldDoc> glossary_;
};

template <class Context, class In, class R>
http::Endpoint& Group::make(std::string_view method, std::string_view path, http::Route route) {
    using Shown = typename http::detail::Shown<R>::type;
    http::Endpoint endpoint{.method = std::string(method),
                            .path = prefix_ + std::string(path),
                            .tag = tag_,
                            .route = std::move(route)};
    endpoint.kind = std::is_same_v<Context, Tx>      ? http::Kind::command
                    : std::is_same_v<Context, Reads> ? http::Kind::query
                                                     : http::Kind::procedure;
    endpoint.waits = !std::is_same_v<R, Shown>;
    endpoint.has_body = !endpoint.route.raw_body && method != "GET" && method != "DELETE";
    endpoint.creates = method == "POST" && path.empty();
    if constexpr (!std::is_void_v<R>) endpoint.versioned = http::detail::shows_version<Shown>();
    if (endpoint.route.status != 0) {
        endpoint.status = endpoint.route.status;
    } else {
        endpoint.status = std::is_void_v<R> ? 204 : endpoint.creates ? 201 : 200;
    }
    auto& added = api_->add(std::move(endpoint));
    reflect::for_each_field_type<In>([&]<class M>(std::string_view name) {
        if (added.in_path(name)) return;
        if (!added.has_body && http::detail::fits_text<M>) {
            added.query_parameters.emplace_back(name);
        }
        if (added.has_body && json::is_required<M>) added.body_needed = true;
    });
    find_subject<In, Shown>(added);
    describe<In, R>(added);
    return added;
}

template <class In, class Shown>
void Group::find_subject(http::Endpoint& added) {
    if (!added.path_parameters.empty()) added.subject = added.path_parameters.back();
    http::detail::for_entity_of<Shown>([&]<class Entity>() {
        if constexpr (requires { store::Table<Entity>::name; }) {
            added.subject_table = store::Table<Entity>::name;
        }
        reflect::for_each_field_type<In>([&]<class M>(std::string_view name) {
            if constexpr (http::detail::IdOf<M, Entity>) {
                if (added.in_path(name)) added.subject = name;
            }
        });
    });
}

template <class In, class R>
void Group::describe(http::Endpoint& added) {
    using Shown = typename http::detail::Shown<R>::type;
    added.describe_path = [&added](json::Definitions& named) {
        std::vector<http::Parameter> result;
        reflect::for_each_field_type<In>([&]<class M>(std::string_view name) {
            if constexpr (json::Scalar<M>) {
                if (!added.in_path(name)) return;
                result.push_back({.name = std::string(name),
                                  .required = true,
                                  .schema = json::schema<M>(json::Direction::input, named)});
            }
        });
        return result;
    };
    added.describe_query = [&added](json::Definitions& named) {
        std::vector<http::Parameter> result;
        reflect::for_each_field_type<In>([&]<class M>(std::string_view name) {
            if constexpr (http::detail::fits_text<M>) {
                if (added.in_path(name) || added.has_body) return;
                // What is absent stands for null: a text cannot say it.
                result.push_back(
                    {.name = std::string(name),
                     .required = json::is_required<M>,
                     .schema = json::schema<json::detail::Bare<M>>(json::Direction::input, named)});
            }
        });
        return result;
    };
    added.describe_input = [&added](json::Definitions& named) {
        std::vector<std::string_view> elsewhere(added.path_parameters.begin(),
                                                added.path_parameters.end());
        return added.has_body ? json::schema<In>(json::Direction::input, named, elsewhere)
                              : std::string();
    };
    added.describe_output = [](json::Definitions& named) {
        if constexpr (std::is_void_v<R> || std::is_same_v<Shown, store::Answer>) {
            return std::string();
        } else if constexpr (requires(Tx& tx, const Shown& shown) { view(tx, shown); }) {
            using View = decltype(view(std::declval<Tx&>(), std::declval<const Shown&>()));
            return json::schema<std::remove_cvref_t<View>>(json::Direction::output, named);
        } else {
            return json::schema<Shown>(json::Direction::output, named);
        }
    };
}

}  // namespace stateset
