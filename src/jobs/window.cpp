#include "jobs/window.hpp"

#include <set>

#include "jobs/csv.hpp"

namespace stateset::jobs {
namespace {

// A thousand order lines have 100 KiB. Beyond this a quote was never closed.
constexpr std::size_t longest_record = 2UZ * 1024 * 1024;

struct Record {
    std::int64_t line = 0;
    std::vector<std::string> cells;  // of JSON Lines one: the line
    std::optional<std::string> fault;
};

// Records of a file in chunks, one after the other.
class Records {
  public:
    Records(const Import& job, const ChunkText& chunk)
        : job_(job), chunk_(chunk), next_chunk_(job.at_chunk.value), line_(job.at_line.value) {
        extend();
        at_ = static_cast<std::size_t>(job.at_byte.value);
        bool first = job.at_chunk.value == 1 && at_ == 0;
        if (first) at_ = text_.size() - without_mark(text_).size();
    }

    // False: there are no more, or `failure` says why they cannot be read.
    bool next(Record& record) {
        for (;;) {
            auto rest = std::string_view(text_).substr(at_);
            auto taken =
                job_.format == Format::csv ? next_of_csv(rest, record) : next_of_json(rest, record);
            if (taken == Taken::record) return true;
            if (whole() || taken == Taken::end) return false;
            if (rest.size() > longest_record) {
                failure = "The record that begins in line " + std::to_string(line_) +
                          " is longer than 2 MiB: is a quote never closed?";
                return false;
            }
            extend();
        }
    }

    void tell_place(Window& window) const {
        window.at_chunk = job_.at_chunk.value;
        window.bytes_before = job_.bytes_before.value;
        window.at_line = line_;
        auto byte = at_;
        for (auto size : sizes_) {
            if (byte < size || window.at_chunk == job_.chunks) break;
            byte -= size;
            window.bytes_before += static_cast<std::int64_t>(size);
            ++window.at_chunk;
        }
        window.at_byte = static_cast<std::int64_t>(byte);
    }

    std::optional<std::string> failure;

    struct Mark {
        std::size_t at;
        std::int64_t line;
    };
    Mark here() const { return {at_, line_}; }
    void back_to(Mark mark) {
        at_ = mark.at;
        line_ = mark.line;
    }

  private:
    bool whole() const { return next_chunk_ > job_.chunks; }

    void extend() {
        auto more = chunk_(next_chunk_++);
        sizes_.push_back(more.size());
        text_ += more;
    }

    Taken next_of_csv(std::string_view rest, Record& record) {
        CsvReader reader(rest, line_, whole());
        CsvRecord found;
        auto taken = reader.next(found);
        if (taken != Taken::record) return taken;
        record = {found.line, std::move(found.cells), std::move(found.fault)};
        at_ += reader.offset();
        line_ = reader.line();
        return taken;
    }

    Taken next_of_json(std::string_view rest, Record& record) {
        for (std::size_t begin = 0;;) {
            auto end = rest.find('\n', begin);
            if (end == rest.npos && !whole()) return Taken::unfinished;
            auto text = rest.substr(begin, end - begin);
            bool blank = text.find_first_not_of(" \t\r") == text.npos;
            auto consumed = end == rest.npos ? rest.size() : end + 1;
            if (!blank) {
                record = {line_, {std::string(text)}, {}};
                at_ += consumed;
                ++line_;
                return Taken::record;
            }
            if (end == rest.npos) return Taken::end;
            at_ += consumed - begin;
            ++line_;
            begin = consumed;
        }
    }

    const Import& job_;
    const ChunkText& chunk_;
    std::int64_t next_chunk_;
    std::int64_t line_;
    std::string text_;
    std::vector<std::size_t> sizes_;
    std::size_t at_ = 0;
};

Line faulty(std::string code, std::string message) {
    Line line;
    line.faults.push_back({"", std::move(code), std::move(message), {}});
    return line;
}

Line understood(const Import& job, const Record& record) {
    if (record.fault) return faulty("malformed", *record.fault);
    if (job.format == Format::jsonl) {
        return line_of(job.kind, job.mode, job.unknown_fields, record.cells.front());
    }
    const auto& header = job.columns.value;
    if (record.cells.size() != header.size()) {
        return faulty("wrong_size", "has " + std::to_string(record.cells.size()) +
                                        " cells where the header has " +
                                        std::to_string(header.size()));
    }
    return line_of(job.kind, job.mode, job.unknown_fields,
                   object_of(header, record.cells, columns_to_import(job.kind)));
}

void read_header(const Import& job, Records& records, Window& window) {
    Record record;
    if (!records.next(record)) {
        window.failure = "There is no header: the first line names the columns.";
        return;
    }
    auto wrong = record.fault.value_or(wrong_with(record.cells, columns_to_import(job.kind),
                                                  job.unknown_fields == UnknownFields::ignore));
    if (!wrong.empty()) window.failure = "The header cannot be used: " + wrong + ".";
    window.columns = std::move(record.cells);
}

}  // namespace

Window window_of(const Import& job, const ChunkText& chunk) {
    Window window{.columns = job.columns.value, .failure = {}};
    Records records(job, chunk);
    if (job.format == Format::csv && job.columns.value.empty()) {
        read_header(job, records, window);
        records.tell_place(window);
        return window;
    }
    std::set<std::string> keys;
    Record record;
    while (static_cast<std::int64_t>(window.entries.size()) < window_lines) {
        auto here = records.here();
        if (!records.next(record)) {
            window.failure = records.failure;
            window.last = !window.failure;
            break;
        }
        auto line = understood(job, record);
        if (!line.key.empty() && !keys.insert(line.key).second) {
            records.back_to(here);
            break;
        }
        window.entries.push_back({record.line, std::move(line)});
    }
    records.tell_place(window);
    return window;
}

}  // namespace stateset::jobs
