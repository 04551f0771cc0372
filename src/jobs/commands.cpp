#include "jobs/jobs.hpp"
#include "platform/json/tape.hpp"

namespace stateset::jobs {
namespace {

void require_permission(const Actor& actor, std::string_view permission) {
    require(actor.may(permission), job_permission_needed,
            "This needs the permission " + std::string(permission) + ".");
}

// Who may not do what a job does finds none, as in the lists.
void require_visible(const Actor& actor, std::string_view permission) {
    require(actor.may(permission), codes::not_found, "There is no such job.");
}

Import& edit_import(Tx& tx, const Actor& actor, ImportId id) {
    const auto& job = tx.get<Import>(id);
    require_visible(actor, permission_to_import(job.kind));
    return tx.edit(job);
}

// A chunk is text by itself, so that it can be stored and read as such.
void require_text(const std::string& content) {
    require(!content.empty(), codes::unreadable, "The chunk is empty.");
    auto bad = json::first_invalid_utf8(content);
    if (bad == content.npos) bad = content.find('\0');
    require(bad == content.npos, codes::unreadable,
            "Byte " + std::to_string(bad) +
                " is not UTF-8 text; cut a file between characters, not inside of one.");
}

void put(Tx& tx, Import& job, std::int64_t number, const std::string& content) {
    require_text(content);
    auto* former = tx.find<&Chunk::job_id, &Chunk::number>(job.id.value, number);
    if (former && former->content == content) return;
    job.bytes += static_cast<std::int64_t>(content.size());
    if (former) {
        job.bytes -= static_cast<std::int64_t>(former->content.size());
        tx.edit(*former).content = content;
        return;
    }
    ++job.chunks;
    tx.add(Chunk{.id = tx.new_id(), .job_id = job.id.value, .number = number, .content = content});
}

void start(Tx& tx, Import& job) {
    job.status = next(lifecycle, job.status, Action::start);
    job.started_at = tx.now();
    job.at_chunk.value = 1;
    job.at_line.value = 1;
}

std::string text_in(const RawJson& raw) {
    auto tape = json::parse(raw.text);
    if (tape.root().kind() != json::Kind::string) {
        throw invalid("/content", "wrong_type", "must be a string: the whole file");
    }
    return std::string(tape.root().text());
}

}  // namespace

std::string_view permission_to_import(Kind kind) {
    switch (kind) {
        case Kind::products: return "products:create";
        case Kind::customers: return "customers:create";
        case Kind::stock: return "inventory:receive";
        case Kind::orders: return "orders:create";
    }
    return "*";
}

std::string_view permission_to_export(Kind kind) {
    switch (kind) {
        case Kind::products: return "products:read";
        case Kind::customers: return "customers:read";
        case Kind::stock: return "inventory:read";
        case Kind::orders: return "orders:read";
    }
    return "*";
}

Import create_import(Tx& tx, const Actor& actor, const NewImport& wanted) {
    require_permission(actor, permission_to_import(wanted.kind));
    bool can_upsert = wanted.kind == Kind::products || wanted.kind == Kind::customers;
    if (wanted.mode == Mode::upsert && !can_upsert) {
        throw invalid("/mode", "unknown_value", "is for products and customers");
    }
    auto& job = tx.add(Import{.id = tx.new_id(),
                              .kind = wanted.kind,
                              .format = wanted.format,
                              .mode = wanted.mode.value_or(Mode::create),
                              .unknown_fields = wanted.unknown_fields.value_or(UnknownFields{}),
                              .dry_run = wanted.dry_run.value_or(false),
                              .failure = {},
                              .actor = actor.text(),
                              .actor_id = {actor.id},
                              .user_id = {actor.user_id}});
    if (wanted.content) {
        put(tx, job, 1, text_in(*wanted.content));
        start(tx, job);
    }
    return job;
}

Import take_chunk(Tx& tx, const Actor& actor, const PutChunk& wanted, const std::string& content) {
    auto& job = edit_import(tx, actor, wanted.id);
    require(job.status == Status::pending, codes::illegal_transition,
            "The import has started; its file cannot change any more.");
    put(tx, job, wanted.chunk, content);
    return job;
}

Import start_import(Tx& tx, const Actor& actor, const StartImport& wanted) {
    auto& job = edit_import(tx, actor, wanted.id);
    next(lifecycle, job.status, Action::start);
    require(job.chunks > 0, chunks_missing, "There is no chunk 1.");
    // As many as there are, numbered from 1.
    tx.each(std::vector<std::int64_t>{1, job.chunks}, [&](std::int64_t number) {
        auto* there = tx.find<&Chunk::job_id, &Chunk::number>(job.id.value, number);
        require(there, chunks_missing, "There is no chunk " + std::to_string(number) + ".");
        return true;
    });
    start(tx, job);
    return job;
}

Import cancel_import(Tx& tx, const Actor& actor, const CancelImport& wanted) {
    auto& job = edit_import(tx, actor, wanted.id);
    job.status = next(lifecycle, job.status, Action::cancel);
    job.finished_at = tx.now();
    return job;
}

Export create_export(Tx& tx, const Actor& actor, const NewExport& wanted) {
    require_permission(actor, permission_to_export(wanted.kind));
    return tx.add(Export{.id = tx.new_id(),
                         .kind = wanted.kind,
                         .format = wanted.format,
                         .created_after = wanted.created_after,
                         .created_before = wanted.created_before,
                         .failure = {},
                         .actor = actor.text(),
                         .actor_id = {actor.id},
                         .user_id = {actor.user_id},
                         .walked_to = {},
                         .finished_at = {}});
}

Export cancel_export(Tx& tx, const Actor& actor, const CancelExport& wanted) {
    const auto& found = tx.get<Export>(wanted.id);
    require_visible(actor, permission_to_export(found.kind));
    auto& job = tx.edit(found);
    job.status = next(lifecycle, job.status, Action::cancel);
    job.finished_at = tx.now();
    return job;
}

}  // namespace stateset::jobs
