// `stateset import` and `stateset export`: files that become things, and things that become files.
// The jobs run at the server; a large file goes there in chunks, and comes in chunks.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <thread>

#include "cli/client/failure.hpp"
#include "cli/client/options.hpp"
#include "cli/client/own.hpp"
#include "cli/client/progress.hpp"
#include "cli/client/request.hpp"

namespace stateset::cli::client {
namespace {

constexpr std::size_t chunk_bytes = 1'000'000;  // a body may have 1 MiB
constexpr std::size_t most_chunks = 256;
constexpr std::chrono::milliseconds first_poll{50};
constexpr std::chrono::milliseconds longest_poll{1'000};
constexpr std::size_t errors_shown = 20;
const std::vector<std::string> kinds{"products", "customers", "stock", "orders"};

std::string megabytes(std::size_t bytes) {
    auto tenths = (bytes + 50'000) / 100'000;
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " MB";
}

std::string format_for(const Given& given, const std::string& file) {
    if (auto format = given.text("format"); !format.empty()) return format;
    if (file.ends_with(".csv")) return "csv";
    if (file.ends_with(".jsonl") || file.ends_with(".ndjson")) return "jsonl";
    throw Failure(exits::usage,
                  "--format: is required (csv or jsonl) where the file's name does "
                  "not end in .csv or .jsonl");
}

class Job {
  public:
    Job(const Catalogue& catalogue, const Given& given)
        : catalogue_(catalogue),
          given_(given),
          terminal_(given.text("color")),
          session_(given, terminal_) {}

    Tree must(const Sending& sending) {
        auto answer = session_.send(sending);
        if (answer.status >= 400) {
            throw Failure(
                explain_refusal(answer.status, answer.body, *given_.command, catalogue_, terminal_),
                "");
        }
        return answer.body.empty() ? Tree::object() : Tree::parse(answer.body);
    }

    Tree begin(const std::string& path, const Tree& body) {
        return must({.method = "POST",
                     .target = path,
                     .headers = {{"Content-Type", "application/json"},
                                 {"Idempotency-Key", new_idempotency_key()}},
                     .body = body.json()});
    }

    // Until it has ended; `told` shows how far it is.
    Tree wait(const std::string& path, const std::function<void(const Tree&)>& told) {
        auto pause = first_poll;
        while (true) {
            auto job = must({.target = path});
            told(job);
            const auto& status = job["status"].word;
            if (status != "running" && status != "pending") return job;
            std::this_thread::sleep_for(pause);
            pause = std::min(pause * 2, longest_poll);
        }
    }

    const Given& given() const { return given_; }
    const Terminal& terminal() const { return terminal_; }
    Session& session() { return session_; }

  private:
    const Catalogue& catalogue_;
    const Given& given_;
    Terminal terminal_;
    Session session_;
};

// The next piece of a file, cut between two characters.
std::string piece_of(std::istream& file) {
    std::string piece(chunk_bytes, '\0');
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    piece.resize(static_cast<std::size_t>(file.gcount()));
    auto end = piece.size();
    if (end < chunk_bytes) return piece;
    while (end > 0 && (static_cast<unsigned char>(piece[end - 1]) & 0xC0) == 0x80) --end;
    if (end > 0 && static_cast<unsigned char>(piece[end - 1]) >= 0xC0) --end;
    file.clear();
    file.seekg(-static_cast<std::streamoff>(piece.size() - end), std::ios::cur);
    piece.resize(end);
    return piece;
}

void send_file(Job& job, const std::string& path, const std::string& name) {
    std::ifstream file(name, std::ios::binary | std::ios::ate);
    if (!file) throw Failure(exits::usage, "cannot read " + name);
    auto size = static_cast<std::size_t>(file.tellg());
    file.seekg(0);
    if (size > chunk_bytes * most_chunks) {
        throw Failure(exits::usage, name + " has " + megabytes(size) + "; an import takes " +
                                        megabytes(chunk_bytes * most_chunks) + ", so divide it");
    }
    Progress progress(job.terminal(), "sending  ");
    std::size_t sent = 0, number = 0;
    do {
        auto piece = piece_of(file);
        sent += piece.size();
        job.must({.method = "PUT",
                  .target = path + "/chunks/" + std::to_string(++number),
                  .headers = {{"Content-Type", "application/octet-stream"}},
                  .body = std::move(piece)});
        progress.at(size == 0 ? 100 : static_cast<int>(100 * sent / size),
                    megabytes(sent) + " of " + megabytes(size));
    } while (sent < size);
}

void show_errors(Job& job, const std::string& path) {
    auto page = job.must({.target = path + "/errors?limit=" + std::to_string(errors_shown)});
    for (const auto& error : page["data"].elements) {
        auto where = error["field"].word.empty() ? error["pointer"].word : error["field"].word;
        std::cerr << "  line " << error["line"].word << ": " << where << (where.empty() ? "" : ": ")
                  << error["detail"].word << " (" << error["code"].word << ")\n";
    }
    if (page["next_cursor"].is(Tree::Kind::text)) {
        auto id = path.substr(path.rfind('/') + 1);
        std::cerr << "  and more: stateset imports errors list " << id << " --all\n";
    }
}

int import(const Catalogue& catalogue, const Given& given) {
    const auto& file = given.arguments.at(0);
    auto body = Tree::object();
    body.member("kind") = Tree::text(given.text("kind"));
    body.member("format") = Tree::text(format_for(given, file));
    if (given.has("mode")) body.member("mode") = Tree::text(given.text("mode"));
    if (given.has("unknown-fields")) {
        body.member("unknown_fields") = Tree::text(given.text("unknown-fields"));
    }
    if (given.has("dry-run")) body.member("dry_run") = Tree::boolean(true);
    if (file != "-" && !std::ifstream(file)) throw Failure(exits::usage, "cannot read " + file);
    if (file == "-") body.member("content") = Tree::text(content_of("-"));

    Job job(catalogue, given);
    auto begun = job.begin("/api/v1/imports", body);
    auto path = "/api/v1/imports/" + begun["id"].word;
    if (file != "-") {
        send_file(job, path, file);
        job.begin(path + "/start", Tree::object());
    }
    Tree done;
    {
        Progress progress(job.terminal(), "importing");
        done = job.wait(path, [&](const Tree& now) {
            progress.at(
                static_cast<int>(std::stol("0" + now["progress"].word)),
                now["lines_done"].word + " lines done, " + now["lines_failed"].word + " failed");
        });
    }
    if (format_of(given) != Format::table) {
        write_all(done.json() + "\n");
    } else {
        std::cout << (given.has("dry-run") ? "looked at " : "imported ") << done["lines_done"].word
                  << " of " << done["lines_read"].word << " lines (" << done["status"].word
                  << ", import " << done["id"].word << ")\n";
    }
    bool failed = done["lines_failed"].word != "0" || done["status"].word != "completed";
    if (!done["failure"].empty()) std::cerr << "  " << done["failure"].word << "\n";
    if (failed) show_errors(job, path);
    return failed ? exits::refused : exits::ok;
}

int export_things(const Catalogue& catalogue, const Given& given) {
    auto file = given.arguments.empty() ? std::string("-") : given.arguments[0];
    auto body = Tree::object();
    body.member("kind") = Tree::text(given.text("kind"));
    bool to_output = file == "-";
    body.member("format") =
        Tree::text(to_output && !given.has("format") ? "csv" : format_for(given, file));
    for (const char* name : {"created-after", "created-before"}) {
        if (!given.has(name)) continue;
        Shape time{.kind = Shape::Kind::text, .format = "date-time"};
        auto member = std::string(name) == "created-after" ? "created_after" : "created_before";
        body.member(member) = value_from(given.text(name), time);
    }
    Job job(catalogue, given);
    auto begun = job.begin("/api/v1/exports", body);
    auto path = "/api/v1/exports/" + begun["id"].word;
    Progress progress(job.terminal(), "exporting");
    auto done = job.wait(path, [](const Tree&) {});
    if (done["status"].word != "completed") {
        throw Failure(exits::refused, "the export " + done["status"].word +
                                          (done["failure"].empty() ? "" : ": ") +
                                          done["failure"].word);
    }
    std::ofstream out;
    if (!to_output) out.open(file, std::ios::binary | std::ios::trunc);
    auto chunks = std::stol("0" + done["chunks"].word);
    for (long chunk = 1; chunk <= chunks; ++chunk) {
        auto target = path + "/content?chunk=" + std::to_string(chunk);
        auto answer = job.session().send({.target = target});
        if (answer.status != 200) {
            return explain_refusal(answer.status, answer.body, *given.command, catalogue,
                                   job.terminal());
        }
        if (to_output) {
            write_all(answer.body);
        } else {
            out << answer.body;
        }
        progress.at(static_cast<int>(100 * chunk / chunks), done["rows"].word + " rows");
    }
    if (!to_output && !out.flush()) throw Failure(exits::usage, "cannot write " + file);
    if (!to_output) std::cout << "exported " << done["rows"].word << " rows to " << file << "\n";
    return exits::ok;
}

Flag kind_flag(const char* meaning) {
    auto flag = choice("kind", kinds, meaning);
    flag.required = true;
    return flag;
}

}  // namespace

std::vector<Command> transfer_commands() {
    using Kind = Shape::Kind;
    Shape file{.name = "file", .kind = Kind::text, .meaning = "The file, or - for standard input."};
    auto to = file;
    to.meaning = "The file to write; standard output without one.";
    auto time = [](std::string name, const char* meaning) {
        auto flag = option(std::move(name), Kind::text, meaning, "2026-11-01");
        flag.shape.format = "date-time";
        return flag;
    };
    auto format = choice("format", {"csv", "jsonl"}, "How a line is written; by the file's name");
    return {
        {.words = {"import"},
         .summary = "Make products, customers, stock or orders from a file",
         .detail =
             "Each line is one command, done as soon as it is read; what is wrong with a line "
             "costs that line and is shown. The exit status is 0 only when all were done. "
             "The job runs at the server: stateset imports get ID shows it afterwards.",
         .arguments = {{"file", file}},
         .flags = {kind_flag("What the lines are"), format,
                   choice("mode", {"create", "upsert"},
                          "What becomes of a line whose sku or e-mail address exists"),
                   choice("unknown-fields", {"refuse", "ignore"},
                          "What becomes of columns that no line has"),
                   option("dry-run", Kind::boolean, "Look at every line and change nothing")},
         .examples = {"import products.csv --kind products",
                      "import stock.jsonl --kind stock --dry-run"},
         .act = import},
        {.words = {"export"},
         .summary = "Write products, customers, stock or orders to a file",
         .arguments = {{"file", to, true}},
         .flags = {kind_flag("What to write"), format,
                   time("created-after", "Only what was made later"),
                   time("created-before", "Only what was made earlier")},
         .examples = {"export orders.csv --kind orders --created-after 2026-11-01",
                      "export --kind products --format jsonl"},
         .act = export_things},
    };
}

}  // namespace stateset::cli::client
