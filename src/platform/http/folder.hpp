#pragma once
// A folder of files that is part of the binary, served below a path of its own: the documentation.
// cmake/folder.cmake packs it at build time.
//
// "/docs/guides/returns" and "/docs/guides/returns.html" are the same file, "/docs/" is its
// index.html, and whatever is not there is answered 404 with its 404.html. Everybody may read it:
// nothing in it is a secret. Pages ask nobody but this server and run only their own script.

#include <cstddef>
#include <span>
#include <string_view>

namespace stateset {
class Api;
}

namespace stateset::http {

struct File {
    std::string_view path;  // "guides/returns.html"
    std::string_view content_type;
    std::string_view entity_tag;  // quoted; changes with the content
    std::string_view gzip;        // the content, compressed
    std::size_t size;             // of the content, in bytes
};

// The file that a path below the folder means; nullptr when it means none.
const File* find_file(std::span<const File>, std::string_view path);

// Whether an Accept-Encoding field takes gzip; a field that says nothing of it does not.
bool takes_gzip(std::string_view accept_encoding);

// The content as it was before it was packed.
std::string unpacked(const File&);

// Serves the files at `root` ("/docs"), which itself leads to `root`/.
void serve_folder(Api&, std::string_view root, std::string_view tag, std::span<const File>);

// The same for a program of one page, which finds out by itself what a path means: every path but a
// file's is its index.html. What lies in assets/ is named after its content and kept by browsers.
void serve_app(Api&, std::string_view root, std::string_view tag, std::span<const File>);

}  // namespace stateset::http
