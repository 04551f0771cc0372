// Files come in in chunks, are started and called off; each of their lines is a command.

#include "jobs/jobs.hpp"

#include "jobs/lines.hpp"
#include "nouns.hpp"

namespace stateset::sim {
namespace {

using jobs::ExportId;
using jobs::ImportId;
using jobs::Status;

// A command that asks for nothing runs before anybody knows that it was carried out already, and
// what it keeps would be of that run: so it asks for something.
void ask(Tx& tx) { tx.find<&customers::Customer::email>("nobody@example.com"); }

std::optional<Action> create(Random& random, Model&, World&) {
    bool at_once = random.chance(30);
    auto made = std::make_shared<ImportId>();
    auto work = [=](Tx& tx) {
        ask(tx);
        jobs::NewImport wanted{.kind = jobs::Kind::stock, .format = jobs::Format::jsonl};
        if (at_once) wanted.content = RawJson{"\"{}\""};
        return jobs::create_import(tx, actor, wanted).id;
    };
    return Action{"a file", keeping(made, work), [=](Model& now) {
                      auto& file = now.imports[*made];
                      if (at_once) file = {.status = Status::running, .chunks = {1}};
                      return ok;
                  }};
}

std::optional<ImportId> any_file(Random& random, const Model& model, Status wanted) {
    return any_key(random, model.imports, [&](const File& one) { return one.status == wanted; });
}

std::optional<Action> send(Random& random, Model& model, World&) {
    auto id = any_file(random, model, Status::pending);
    if (!id) return std::nullopt;
    auto number = random.between(1, 3);
    return Action{"a chunk of a file", doing([=](Tx& tx) {
                      jobs::take_chunk(tx, actor, {.id = *id, .chunk = {number}}, "{}\n");
                  }),
                  [=](Model& now) -> std::string {
                      auto& file = now.imports.at(*id);
                      if (file.status != Status::pending) return "illegal_transition";
                      file.chunks.insert(number);
                      return ok;
                  }};
}

std::optional<Action> start(Random& random, Model& model, World&) {
    auto id = any_file(random, model, Status::pending);
    if (!id) return std::nullopt;
    return Action{"start a file", doing([id](Tx& tx) { jobs::start_import(tx, actor, {*id}); }),
                  [id](Model& now) -> std::string {
                      auto& file = now.imports.at(*id);
                      if (file.status != Status::pending) return "illegal_transition";
                      auto count = static_cast<std::int64_t>(file.chunks.size());
                      if (count == 0 || !file.chunks.contains(1) || !file.chunks.contains(count)) {
                          return "chunks_missing";
                      }
                      file.status = Status::running;
                      return ok;
                  }};
}

std::optional<Action> cancel(Random& random, Model& model, World&) {
    auto id = any_file(random, model, Status::running);
    if (!id) return std::nullopt;
    return Action{"no more of a file",
                  doing([id](Tx& tx) { jobs::cancel_import(tx, actor, {*id, {}}); }),
                  [id](Model& now) -> std::string {
                      auto& file = now.imports.at(*id);
                      if (file.status == Status::cancelled) return "illegal_transition";
                      file.status = Status::cancelled;
                      return ok;
                  }};
}

// ---- lines

std::optional<Action> stock_line(Random& random, Model& model, World&) {
    auto sku = random.one_of(model.stock.skus);
    bool main = random.chance(50);
    Goods goods{.pieces = random.between(1, 3)};
    std::string text = R"({"sku":")" + sku + R"(","location":")" + (main ? "MAIN" : "EAST") +
                       R"(","quantity":")" + std::to_string(goods.pieces) + "\"";
    if (model.stock.by_lot(sku) && random.chance(90)) {
        goods.lot = "L-" + std::to_string(random.between(1, 5));
        text += R"(,"lot_number":")" + goods.lot + "\"";
    }
    auto line = jobs::line_of(jobs::Kind::stock, jobs::Mode::create, jobs::UnknownFields::refuse,
                              text + "}");
    auto at = model.stock.locations[main ? 0 : 1];
    return Action{"the line " + text + "}", doing([line](Tx& tx) { line.act(tx, actor); }),
                  [=](Model& now) { return now.stock.arrive(sku, at, goods); }};
}

// An address that is known changes that customer.
std::optional<Action> customer_line(Random& random, Model&, World&) {
    auto email = "person-" + std::to_string(random.between(1, 12)) + "@example.com";
    bool upsert = random.chance(70), wants_email = random.chance(50);
    auto text = R"({"email":")" + email + R"(","email_notifications":)" +
                (wants_email ? "true}" : "false}");
    auto line =
        jobs::line_of(jobs::Kind::customers, upsert ? jobs::Mode::upsert : jobs::Mode::create,
                      jobs::UnknownFields::refuse, text);
    auto made = std::make_shared<customers::CustomerId>();
    auto work = [=](Tx& tx) {
        line.act(tx, actor);
        return tx.find<&customers::Customer::email>(email)->id;
    };
    return Action{"the line " + text, keeping(made, work), [=](Model& now) -> std::string {
                      auto known = std::ranges::any_of(now.customers, [&](const auto& one) {
                          return one.second.email == email;
                      });
                      if (known && !upsert) return "already_exists";
                      auto& person = now.customers[*made];
                      person.email = email;
                      person.wants_email = wants_email;
                      return ok;
                  }};
}

// ---- exports

std::optional<Action> take_out(Random&, Model&, World&) {
    auto made = std::make_shared<ExportId>();
    auto work = [](Tx& tx) {
        ask(tx);
        return jobs::create_export(tx, actor,
                                   {.kind = jobs::Kind::orders, .format = jobs::Format::csv})
            .id;
    };
    return Action{"take the orders out", keeping(made, work), [made](Model& now) {
                      now.exports[*made] = Status::running;
                      return ok;
                  }};
}

std::optional<Action> stop(Random& random, Model& model, World&) {
    auto id =
        any_key(random, model.exports, [](Status status) { return status == Status::running; });
    if (!id) return std::nullopt;
    return Action{"take no more out",
                  doing([id](Tx& tx) { jobs::cancel_export(tx, actor, {*id, {}}); }),
                  [id](Model& now) -> std::string {
                      if (now.exports.at(*id) != Status::running) return "illegal_transition";
                      now.exports.at(*id) = Status::cancelled;
                      return ok;
                  }};
}

void compare(const World& world, Model& model) {
    for (const auto& one : world.all<jobs::Import>()) {
        const auto& file = model.imports.at(one.id);
        require_same(one.status, file.status, "a file");
        require_same(one.chunks, static_cast<std::int64_t>(file.chunks.size()), "its chunks");
    }
    for (const auto& one : world.all<jobs::Export>()) {
        require_same(one.status, model.exports.at(one.id), "an export");
    }
}

}  // namespace

Noun jobs_() {
    return {.name = "jobs",
            .ways = {{1, create, "POST /imports"},
                     {1, start, "POST /imports/{id}/start"},
                     {1, cancel, "POST /imports/{id}/cancel"},
                     {2, send, "worker: chunks"},
                     {2, stock_line, "worker: imports"},
                     {2, customer_line, "worker: imports"},
                     {1, take_out, "POST /exports"},
                     {1, stop, "POST /exports/{id}/cancel"}},
            .compare = compare};
}

}  // namespace stateset::sim
