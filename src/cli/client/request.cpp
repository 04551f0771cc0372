#include "cli/client/request.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <thread>

#include "cli/client/failure.hpp"
#include "platform/core/id.hpp"
#include "platform/http/api.hpp"

namespace stateset::cli::client {
namespace {

constexpr std::int64_t most_rows = 10'000;
constexpr std::int64_t wait_s = 120;
constexpr std::chrono::milliseconds settle_poll{250};
constexpr std::string_view processing = "processing";  // the outcome is not known yet
constexpr const char* page_size = "100";
constexpr std::chrono::hours stream_silence{2};  // heartbeats come at least every hour

class Request {
  public:
    Request(const Catalogue& catalogue, const Given& given)
        : catalogue_(catalogue),
          given_(given),
          endpoint_(*given.command->endpoint),
          terminal_(given.text("color").empty() ? "auto" : given.text("color")),
          session_(given, terminal_) {}

    int run() {
        look_up_numbers();
        auto sending = built();
        if (endpoint_.route.content_type == "text/event-stream") return follow(sending);
        Printer printer(given_, terminal_, catalogue_.answer(endpoint_), numbered());
        if (given_.has("all") && printer.pages()) return walk(printer);
        auto answer = session_.send(sending);
        if (answer.status >= 400) return refused(answer);
        bool under_way = endpoint_.waits && answer.status == 202;
        bool waits = given_.has("wait") && !given_.has("dry-run");
        if (under_way && waits) return settle(printer, answer);
        return show(printer, answer);
    }

  private:
    int refused(const net::Answer& answer) const {
        return explain_refusal(answer.status, answer.body, *given_.command, catalogue_, terminal_);
    }

    std::string collection() const { return endpoint_.path.substr(0, endpoint_.path.find("/{")); }
    bool numbered() const { return catalogue_.by_number(collection()) != nullptr; }

    void look_up_numbers() {
        const auto& arguments = given_.command->arguments;
        for (std::size_t i = 0; i < arguments.size(); ++i) {
            auto text = given_.arguments[i];
            if (arguments[i].shape.format == "uuid" && !uuid_from(text)) {
                auto base = i == 0 ? collection() : std::string();
                text = id_of(base, text, arguments[i].name);
            }
            arguments_.push_back(text);
        }
        query_ = given_.query;
        body_ = given_.body;
        for (const auto& flag : given_.command->flags) {
            auto noun = flag.shape.name;
            bool many = flag.shape.kind == Shape::Kind::list && noun.ends_with("_ids") &&
                        flag.shape.element.front().format == "uuid";
            bool one = flag.shape.format == "uuid" && noun.ends_with("_id");
            if (!one && !many) continue;
            noun.erase(noun.rfind('_'));
            std::ranges::replace(noun, '_', '-');
            look_up(flag, "/api/v1/" + noun + "s");
        }
    }

    void look_up(const Flag& flag, const std::string& base) {
        auto look = [&](std::string& text) {
            if (!uuid_from(text)) text = id_of(base, text, "--" + flag.name);
        };
        if (flag.goes == Goes::body && body_.at(flag.path).exists()) {
            auto& member = body_.member(flag.path);
            if (member.is(Tree::Kind::text)) look(member.word);
            for (auto& each : member.elements) look(each.word);
        }
        for (auto& [name, text] : query_) {
            if (flag.goes == Goes::query && name == flag.path.front()) look(text);
        }
    }

    // What a number such as SO-1001 is the number of.
    std::string id_of(const std::string& base, const std::string& text, const std::string& where) {
        const auto* read = base.empty() ? nullptr : catalogue_.by_number(base);
        if (read == nullptr) {
            throw Failure(exits::usage, where + ": must be an id (a UUID), not \"" + text + "\"");
        }
        auto answer = session_.send({.target = path_with(*read, {text}) + "?fields=id"});
        if (answer.status == 404) {
            throw Failure(exits::not_found, where + ": there is no " + text);
        }
        if (answer.status != 200) {
            throw Failure(refused(answer), "");
        }
        return Tree::parse(answer.body)["id"].word;
    }

    Sending built() const {
        Sending sending{.method = endpoint_.method, .target = path_with(endpoint_, arguments_)};
        auto query = query_;
        if (given_.has("dry-run")) query.emplace_back("dry_run", "true");
        // A walk needs the rows' cursors only, so that members can be left out there as well.
        bool trims = endpoint_.kind == http::Kind::query && !given_.text("fields").empty();
        if (trims) query.emplace_back("fields", outermost_fields());
        char before = '?';
        for (const auto& [name, value] : query) {
            sending.target += before + name + "=" + escaped(value);
            before = '&';
        }
        if (endpoint_.route.raw_body) {
            sending.body = given_.raw_body;
            sending.headers.emplace_back("Content-Type", "application/octet-stream");
        } else if (endpoint_.has_body && body_.exists()) {
            sending.body = body_.json();
            sending.headers.emplace_back("Content-Type", "application/json");
        }
        if (endpoint_.kind == http::Kind::command) {
            auto key = given_.text("idempotency-key");
            sending.headers.emplace_back("Idempotency-Key",
                                         key.empty() ? new_idempotency_key() : key);
        }
        sending.repeatable = endpoint_.kind != http::Kind::procedure || endpoint_.method == "GET" ||
                             endpoint_.method == "PUT";
        sending.open = endpoint_.route.open;
        if (auto version = given_.text("if-match"); !version.empty()) {
            bool quoted = version.starts_with('"') || version == "*";
            sending.headers.emplace_back("If-Match", quoted ? version : "\"" + version + "\"");
        }
        return sending;
    }

    // The server trims whole members; what is within them is left out here.
    std::string outermost_fields() const {
        std::string names;
        auto fields = given_.text("fields") + ",";
        for (std::size_t begin = 0; begin < fields.size();) {
            auto end = fields.find(',', begin);
            auto name = fields.substr(begin, std::min(fields.find('.', begin), end) - begin);
            std::ranges::replace(name, '-', '_');
            if (!name.empty()) names += (names.empty() ? "" : ",") + name;
            begin = end + 1;
        }
        return names;
    }

    int show(Printer& printer, const net::Answer& answer) {
        if (given_.has("dry-run")) note("dry run: nothing was stored");
        if (endpoint_.route.content_type != "application/json") return save(answer);
        printer.print(answer.body);
        if (answer.status == 204 && printer.format() == Format::table) note("done");
        if (endpoint_.waits && answer.status == 202) {
            note("under way: the outcome is not known yet; --wait waits for it");
        }
        if (printer.pages() && printer.format() == Format::table &&
            Tree::parse(answer.body)["next_cursor"].is(Tree::Kind::text)) {
            note("there are more; --all shows them");
        }
        return exits::ok;
    }

    // What waits for its outcome is a payment or a refund: the answer itself, or refunds within.
    // They are read again until they have moved on.
    int settle(Printer& printer, const net::Answer& answer) {
        auto whole = Tree::parse(answer.body);
        auto [shape, read_at] = catalogue_.readable_answer(endpoint_);
        auto end = std::chrono::steady_clock::now() +
                   std::chrono::seconds(given_.number("wait-s", wait_s));
        bool known = true, failed = false, within = false;
        auto wait = [&](Tree& thing, const Shape& of) {
            auto read = read_at.find(of.type);
            if (read == read_at.end()) return;
            known = moved_on(thing, *read->second, end) && known;
            failed = failed || thing["status"].word == "failed";
        };
        for (const auto& member : shape.members) {
            if (member.kind != Shape::Kind::list) continue;
            for (auto& each : whole.member(member.name).elements) {
                if (each["status"].word != processing) continue;
                within = true;
                wait(each, member.element.front());
            }
        }
        if (!within) wait(whole, shape);
        printer.print(whole.json());
        if (!known) note("still under way");
        return !known ? exits::unsettled : failed ? exits::refused : exits::ok;
    }

    bool moved_on(Tree& thing, const http::Endpoint& read,
                  std::chrono::steady_clock::time_point end) {
        const auto version = thing["version"].word;
        const auto target = path_with(read, {thing["id"].word});
        while (std::chrono::steady_clock::now() < end) {
            auto answer = session_.send({.target = target});
            if (answer.status != 200) throw Failure(refused(answer), "");
            thing = Tree::parse(answer.body);
            if (thing["version"].word != version && thing["status"].word != processing) return true;
            std::this_thread::sleep_for(settle_poll);
        }
        return false;
    }

    // Bytes for a program, not for a terminal.
    int save(const net::Answer& answer) const {
        auto file = given_.text("to");
        if (file.empty() || file == "-") {
            if (terminal_.person() && file.empty()) {
                throw Failure(exits::usage, "the answer is " +
                                                std::string(endpoint_.route.content_type) +
                                                "; name a file with --to FILE");
            }
            write_all(answer.body);
            return exits::ok;
        }
        std::ofstream out(file, std::ios::binary | std::ios::trunc);
        out << answer.body;
        if (!out.flush()) throw Failure(exits::usage, "cannot write " + file);
        note("wrote " + std::to_string(answer.body.size()) + " bytes to " + file);
        return exits::ok;
    }

    int walk(Printer& printer) {
        const auto most = given_.number("max", most_rows);
        if (std::ranges::find(query_, "limit", &std::pair<std::string, std::string>::first) ==
            query_.end()) {
            query_.emplace_back("limit", page_size);
        }
        std::vector<Tree> kept;
        std::int64_t seen = 0;
        bool first = true, whole = false;
        while (true) {
            auto answer = session_.send(built());
            if (answer.status >= 400) return refused(answer);
            auto page = Tree::parse(answer.body);
            auto& rows = page.member("data").elements;
            whole = !page["next_cursor"].is(Tree::Kind::text);
            if (seen + static_cast<std::int64_t>(rows.size()) > most) {
                rows.resize(static_cast<std::size_t>(most - seen));
                whole = false;
            }
            seen += static_cast<std::int64_t>(rows.size());
            bool at_once = printer.format() == Format::csv || printer.format() == Format::jsonl;
            if (at_once) {
                printer.print_rows(rows, first);
            } else {
                std::ranges::move(rows, std::back_inserter(kept));
            }
            first = false;
            if (whole || seen >= most) break;
            std::erase_if(query_, [](const auto& each) { return each.first == "cursor"; });
            query_.emplace_back("cursor", page["next_cursor"].word);
        }
        print_kept(printer, std::move(kept));
        if (whole) return exits::ok;
        std::cerr << terminal_.note(Ink::yellow, "stopped") << " after " << most
                  << "; there are more, and --max says how many to show\n";
        return exits::refused;
    }

    static void print_kept(Printer& printer, std::vector<Tree> rows) {
        if (printer.format() == Format::table) return printer.print_rows(rows, true);
        if (printer.format() == Format::csv || printer.format() == Format::jsonl) return;
        auto all = Tree::object();
        all.member("data") = Tree::array();
        all.member("data").elements = std::move(rows);
        all.member("next_cursor") = Tree::null();
        printer.print(all.json());
    }

    // Events, one JSON object a line.
    int follow(const Sending& sending) {
        std::string rest;
        auto answer = session_.stream(sending, stream_silence, [&](std::string_view piece) {
            rest += piece;
            for (auto end = rest.find('\n'); end != rest.npos; end = rest.find('\n')) {
                auto line = rest.substr(0, end);
                rest.erase(0, end + 1);
                if (line.starts_with("data: ")) write_all(line.substr(6) + "\n");
            }
            return true;
        });
        if (answer.status >= 400) return refused(answer);
        if (answer.status == 0) throw Failure(exits::unreachable, answer.error);
        return exits::ok;
    }

    void note(const std::string& text) const {
        std::cerr << terminal_.note(Ink::dim, text) << "\n";
    }

    const Catalogue& catalogue_;
    const Given& given_;
    const http::Endpoint& endpoint_;
    Terminal terminal_;
    Session session_;
    std::vector<std::string> arguments_;
    std::vector<std::pair<std::string, std::string>> query_;
    Tree body_;
};

}  // namespace

int carry_out(const Catalogue& catalogue, const Given& given) {
    return Request(catalogue, given).run();
}

const http::Endpoint& endpoint_named(const Catalogue& catalogue, std::string_view operation) {
    for (const auto& endpoint : catalogue.api().endpoints()) {
        if (endpoint->operation == operation) return *endpoint;
    }
    throw std::logic_error("no operation " + std::string(operation));
}

std::string path_with(const http::Endpoint& endpoint, const std::vector<std::string>& arguments) {
    auto path = endpoint.path;
    for (const auto& argument : arguments) {
        auto open = path.find('{');
        path.replace(open, path.find('}', open) - open + 1, escaped(argument));
    }
    return path;
}

}  // namespace stateset::cli::client
