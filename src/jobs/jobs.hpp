#pragma once
// Imports and exports are jobs: what takes longer than a request. A caller makes one, a worker
// carries it out line by line or page by page (see workers.hpp), and anybody who may asks how far
// it is.
//
// An import is pending while its file is sent, in numbered chunks, each at most as large as a
// request's body and cut anywhere between two characters; a chunk sent again takes the place of
// the former one. `start` sets it running. Each line is one command, by the functions that the
// routes use, with the permissions that the caller has at that moment. The command marks the line
// as done in the same transaction: `window` begins at record `position`, and bit n of `marks` says
// that record position + n was done. So no crash does a line twice or leaves one out, and a
// cancelled import stops between two lines.
//
// An export walks its rows by id and keeps what it wrote as chunks, until they have all been there
// for a week. It shows what was made before it began; a row that changes meanwhile is shown as it
// is when the walk comes by.

#include "platform/core/input.hpp"
#include "platform/core/lifecycle.hpp"
#include "platform/store/idempotency.hpp"
#include "platform/store/reads.hpp"
#include "platform/store/tx.hpp"

namespace stateset::jobs {

struct Import;
struct Export;
using ImportId = Id<Import>;
using ExportId = Id<Export>;

enum class Kind { products, customers, stock, orders };
enum class Format { csv, jsonl };
// What becomes of a line whose sku or e-mail address exists: it is refused, or changes that.
enum class Mode { create, upsert };
enum class UnknownFields { refuse, ignore };
enum class Status { pending, running, completed, failed, cancelled };
enum class Action { start, complete, fail, cancel };

inline constexpr Move<Status, Action> lifecycle[] = {
    {Status::pending, Action::start, Status::running},
    {Status::running, Action::complete, Status::completed},
    {Status::running, Action::fail, Status::failed},
    {Status::pending, Action::cancel, Status::cancelled},
    {Status::running, Action::cancel, Status::cancelled},
};

inline constexpr Code job_permission_needed{"job_permission_needed", 403,
                                            "The job's kind needs another permission",
                                            "Ask for the permission that `detail` names."};
inline constexpr Code chunks_missing{"chunks_missing", 409, "Chunks are missing",
                                     "Send the chunks that `detail` names, then start again."};
inline constexpr Code content_gone{"content_gone", 410, "The content is not kept any more",
                                   "Make another export."};
inline constexpr Code not_finished{"not_finished", 409, "Not finished yet",
                                   "Wait until the status is completed."};
inline constexpr Code in_parts{"in_parts", 409, "Too large for one answer",
                               "Ask for it chunk by chunk: `chunk=1` and so on."};

inline constexpr std::int64_t most_chunks = 256;
inline constexpr std::int64_t window_lines = 60;  // bits of `marks`
inline constexpr Span content_kept = hours(7 * 24);

struct Import {
    ImportId id;
    std::int64_t version = 1;
    Kind kind = Kind::products;
    Format format = Format::csv;
    Mode mode = Mode::create;
    UnknownFields unknown_fields = UnknownFields::refuse;
    bool dry_run = false;  // looks at every line and changes nothing
    Status status = Status::pending;
    std::int64_t chunks = 0, bytes = 0;
    std::int64_t lines_read = 0, lines_done = 0, lines_failed = 0;
    std::int64_t progress = 0;  // of the bytes, in percent
    std::optional<std::string> failure;
    std::string actor;  // whose permissions count
    Secret<Uuid> actor_id, user_id;
    // Where the window begins: in which chunk, at which byte and in which line of the file.
    Secret<std::int64_t> position, at_chunk, at_byte, at_line, bytes_before;
    Secret<std::int64_t> marks;
    Secret<std::vector<std::string>> columns;  // of CSV, from its first record
    std::optional<Time> started_at, finished_at;
    Time created_at, updated_at;
};

// What is wrong with a line; one row for each fault.
struct LineError {
    Id<LineError> id;
    ImportId import_id;
    std::int64_t line = 0;
    std::optional<std::string> field;  // the column, of CSV
    std::string pointer;               // within the line
    std::string code, detail;
    Time created_at;
};

struct Export {
    ExportId id;
    std::int64_t version = 1;
    Kind kind = Kind::products;
    Format format = Format::csv;
    Status status = Status::running;
    std::optional<Time> created_after, created_before;  // of the rows
    std::int64_t chunks = 0, bytes = 0, rows = 0;
    std::optional<std::string> failure;
    std::string actor;
    Secret<Uuid> actor_id, user_id;
    Secret<std::optional<Uuid>> walked_to;
    std::optional<Time> finished_at;
    Time created_at, updated_at;
};

// A piece of a file, of an import or an export.
struct Chunk {
    Id<Chunk> id;
    Uuid job_id;
    std::int64_t number = 0;
    std::string content;
};

struct NewImport {
    Kind kind;
    Format format;
    std::optional<Mode> mode;
    std::optional<UnknownFields> unknown_fields;
    std::optional<bool> dry_run;
    std::optional<RawJson> content;  // a string: all of a small file; then it starts at once
};

struct ById {
    Uuid id;
};
struct OneImport {
    ImportId id;
};
struct OneExport {
    ExportId id;
};

struct CancelImport {
    ImportId id;
    Reason reason;
};
struct StartImport {
    ImportId id;
};
struct CancelExport {
    ExportId id;
    Reason reason;
};

struct PutChunk {
    ImportId id;
    Int<1, most_chunks> chunk;
};

struct NewExport {
    Kind kind;
    Format format;
    std::optional<Time> created_after, created_before;
};

struct ListJobs {
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
    std::optional<Kind> kind;
    std::optional<Status> status;
};

struct ListErrors {
    ImportId id;
    std::optional<Int<1, 100>> limit;
    std::optional<std::string> cursor;
};

struct GetContent {
    ExportId id;
    std::optional<Int<1, 1'000'000>> chunk;
};

// What a caller needs to import or export a kind, and to see such a job.
std::string_view permission_to_import(Kind);
std::string_view permission_to_export(Kind);

// ---- imports. All refuse with not_found, also whom the permission lacks; create_import and
// create_export refuse these with job_permission_needed ----

Import create_import(Tx&, const Actor&, const NewImport&);
Import take_chunk(Tx&, const Actor&, const PutChunk&, const std::string& content);
Import start_import(Tx&, const Actor&, const StartImport&);  // refuses with chunks_missing
Import cancel_import(Tx&, const Actor&, const CancelImport&);

Import one_import(Reads&, const Actor&, const OneImport&);
Page<Import> imports(Reads&, const Actor&, const ListJobs&);
store::Answer piece(Reads&, const Actor&, const PutChunk&);  // of the file, as it was sent
Page<LineError> errors(Reads&, const Actor&, const ListErrors&);

// ---- exports ----

Export create_export(Tx&, const Actor&, const NewExport&);
Export cancel_export(Tx&, const Actor&, const CancelExport&);

Export one_export(Reads&, const Actor&, const OneExport&);
Page<Export> exports(Reads&, const Actor&, const ListJobs&);
// Refuses with not_finished, content_gone, in_parts.
store::Answer content(Reads&, const Actor&, const GetContent&);

// Who asked for a job, with what they may do at this moment; nullopt when they may do nothing any
// more: a user who was locked out, a key that was revoked.
std::optional<Actor> standing_of(Reads&, Tenant, const std::string& actor, Uuid actor_id, Time now);

}  // namespace stateset::jobs

namespace stateset {
class Api;
namespace jobs {
void routes(Api&);
}
}  // namespace stateset

template <>
struct stateset::store::Table<stateset::jobs::Import>
    : stateset::store::Named<"imports", "import"> {};
template <>
struct stateset::store::Table<stateset::jobs::Export>
    : stateset::store::Named<"exports", "export"> {};
template <>
struct stateset::store::Table<stateset::jobs::LineError>
    : stateset::store::Named<"import_errors", "import_error"> {};
template <>
struct stateset::store::Table<stateset::jobs::Chunk>
    : stateset::store::Named<"job_chunks", "chunk"> {
    using unique = Keys<Key<&stateset::jobs::Chunk::job_id, &stateset::jobs::Chunk::number>>;
};
