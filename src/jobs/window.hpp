#pragma once
// The next lines of an import's file: read from its chunks, cut into records, and understood. Pure
// but for where the chunks come from.

#include <functional>
#include <string>

#include "jobs/lines.hpp"

namespace stateset::jobs {

struct Entry {
    std::int64_t line = 0;  // of the file
    Line what;
};

struct Window {
    std::vector<Entry> entries;
    // Where the next one begins.
    std::int64_t at_chunk = 0, at_byte = 0, at_line = 0, bytes_before = 0;
    bool last = false;                   // nothing follows
    std::vector<std::string> columns;    // the file's, once its header was read
    std::optional<std::string> failure;  // the rest cannot be read
};

using ChunkText = std::function<std::string(std::int64_t number)>;  // throws when it is gone

// Up to `window_lines` lines; fewer when a key comes again, so that one window never holds two
// lines about the same thing. The first window of CSV holds the header only.
Window window_of(const Import&, const ChunkText&);

}  // namespace stateset::jobs
