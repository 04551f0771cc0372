#include "jobs/jobs.hpp"
#include "platform/http/api.hpp"
#include "platform/http/problem.hpp"

namespace stateset::jobs {
namespace {

Import put_chunk(Desk& desk, const Actor& actor, const PutChunk& wanted) {
    return desk.committer.run(
        actor, [&](Tx& tx) { return take_chunk(tx, actor, wanted, desk.request.body); },
        desk.request_id);
}

void import_routes(Api& api) {
    auto imports_ = api.group("/imports", "Imports and exports");
    imports_.get(
        "", imports,
        {.summary = "List imports", .detail = "Those of the kinds that the caller may import."});
    imports_.post(
        "", create_import,
        {.summary = "Begin an import",
         .detail = "Needs the permission to make what is imported: products:create, "
                   "customers:create, inventory:receive or orders:create. A small file comes "
                   "along as `content` and starts at once; a large one is sent in chunks and "
                   "then started. Each line is what POST takes for one of the kind, as JSON or "
                   "as cells under the members' names (`shipping_address.city`, "
                   "`metadata.colour`, words divided by `|`, lists as JSON).",
         .refuses = {&job_permission_needed}});
    imports_.get("/{id}", one_import, {.summary = "Read an import"});
    imports_.put("/{id}/chunks/{chunk}", put_chunk,
                 {.summary = "Send a piece of the file",
                  .name = "imports chunks upload",
                  .detail = "The body is text in UTF-8, cut anywhere between two characters. The "
                            "same number again takes the place of the former piece.",
                  .refuses = {&codes::illegal_transition, &codes::unreadable},
                  .raw_body = true});
    imports_.get("/{id}/chunks/{chunk}", piece,
                 {.summary = "Read a piece of the file as it was sent",
                  .content_type = "application/octet-stream"});
    imports_.post(
        "/{id}/start", start_import,
        {.summary = "Start an import", .refuses = {&codes::illegal_transition, &chunks_missing}});
    imports_.post("/{id}/cancel", cancel_import,
                  {.summary = "Stop an import between two lines",
                   .detail = "Lines that are done stay done.",
                   .refuses = {&codes::illegal_transition}});
    imports_.get("/{id}/errors", errors,
                 {.summary = "List what is wrong with the lines of an import",
                  .detail = "Of the first 10,000 lines that failed."});
}

void export_routes(Api& api) {
    auto exports_ = api.group("/exports", "Imports and exports");
    exports_.get(
        "", exports,
        {.summary = "List exports", .detail = "Those of the kinds that the caller may read."});
    exports_.post("", create_export,
                  {.summary = "Begin an export",
                   .detail = "Needs the permission to read what is exported: products:read, "
                             "customers:read, inventory:read or orders:read.",
                   .refuses = {&job_permission_needed}});
    exports_.get("/{id}", one_export, {.summary = "Read an export"});
    exports_.post("/{id}/cancel", cancel_export,
                  {.summary = "Stop an export", .refuses = {&codes::illegal_transition}});
    exports_.get("/{id}/content", content,
                 {.summary = "Download what an export wrote",
                  .detail = "Whole while it has at most 8 MiB, else chunk by chunk: the chunks one "
                            "after the other are the file. It is kept for 7 days. In CSV, cells "
                            "that a spreadsheet would run as a formula begin with an apostrophe, "
                            "which an import takes off again.",
                  .refuses = {&not_finished, &content_gone, &in_parts},
                  .content_type = "application/octet-stream"});
}

}  // namespace

void routes(Api& api) {
    import_routes(api);
    export_routes(api);
    api.describe({
        {"format", {"How a line is written: CSV (RFC 4180) or JSON Lines.", "csv"}},
        {"mode",
         {"What becomes of a line whose sku or e-mail address exists: it is refused, or "
          "changes that.",
          "create"}},
        {"unknown_fields", {"Whether a field that no line has is refused or passed over.", ""}},
        {"dry_run", {"Look at every line by itself and change nothing.", "false"}},
        {"content", {"A whole file, as a string.", ""}},
        {"chunk", {"Which piece of the file, from 1.", "1"}},
        {"chunks", {"How many pieces the file has.", "3"}},
        {"bytes", {"How large the file is.", "1048576"}},
        {"lines_read", {"How many lines were looked at, without a header.", "2000"}},
        {"lines_done", {"How many of them were done.", "1993"}},
        {"lines_failed", {"How many of them were not: see its errors.", "7"}},
        {"progress", {"How much of the file was looked at, in percent.", "42"}},
        {"failure", {"Why it could not go on; null if it could.", ""}},
        {"finished_at", {"When it ended; null while it has not.", "2026-11-22T10:15:30Z"}},
        {"import_id", {"Id of the import.", ""}},
        {"line", {"Line of the file, from 1, a header included.", "17"}},
        {"field", {"The column of the fault, when the file is CSV.", "price"}},
        {"rows", {"How many lines were written, without a header.", "2000"}},
    });
}

}  // namespace stateset::jobs
