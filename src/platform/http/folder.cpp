#include "platform/http/folder.hpp"

#include <zlib.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>

#include "platform/http/api.hpp"
#include "platform/http/entity_tag.hpp"

namespace stateset::http {
namespace {

// `img-src data:` is for the small icons of the style sheet; a page is shown in no frame.
constexpr std::string_view policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const File* exactly(std::span<const File> files, std::string_view path) {
    auto found = std::ranges::find(files, path, &File::path);
    return found == files.end() ? nullptr : &*found;
}

std::string_view trimmed(std::string_view text) {
    auto begin = text.find_first_not_of(" \t");
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// "q=0", "q=0.0" and the like: not at all.
bool refused(std::string_view parameters) {
    auto weight = trimmed(parameters);
    return weight.starts_with("q=0") && weight.find_first_not_of("0.", 2) == weight.npos;
}

constexpr std::string_view ask_again = "no-cache";
constexpr std::string_view keep = "public, max-age=31536000, immutable";

Response answer_of(const File& file, int status, const Request& request,
                   std::string_view caching = ask_again) {
    Response response{.status = status,
                      .content_type = std::string(file.content_type),
                      .body = {},
                      .headers = {{"Cache-Control", std::string(caching)},
                                  {"Vary", "Accept-Encoding"},
                                  {"Content-Security-Policy", std::string(policy)},
                                  {"X-Content-Type-Options", "nosniff"},
                                  {"Referrer-Policy", "no-referrer"}}};
    if (status == 200) {
        // Weak: compressed and not are the same page, though not the same bytes.
        response.headers.push_back({"ETag", "W/" + std::string(file.entity_tag)});
        const auto* known = request.find("If-None-Match");
        if (known && matches_any(*known, file.entity_tag)) {
            response.status = 304;
            response.content_type.clear();
            return response;
        }
    }
    const auto* accepted = request.find("Accept-Encoding");
    if (accepted && takes_gzip(*accepted)) {
        response.headers.push_back({"Content-Encoding", "gzip"});
        response.body = file.gzip;
    } else {
        response.body = unpacked(file);
    }
    return response;
}

// Served on the event loop, and the last thing to be shed: it asks for no work.
void add_page(Api& api, std::string path, std::string_view tag,
              std::function<void(std::shared_ptr<Call>)> act) {
    Route route{.summary = "Pages that are part of the server",
                .open = true,
                .content_type = "text/html",
                .priority = Priority::payment};
    api.add({.method = "GET",
             .path = std::move(path),
             .tag = std::string(tag),
             .route = route,
             .kind = Kind::procedure,
             .act = std::move(act)});
}

// The links of the pages are relative: they need the slash.
void lead_inside(Api& api, const std::string& root, std::string_view tag) {
    add_page(api, root, tag, [root](const std::shared_ptr<Call>& call) {
        call->send({.status = 308, .headers = {{"Location", root + "/"}}});
    });
}

}  // namespace

const File* find_file(std::span<const File> files, std::string_view path) {
    if (path.empty()) return exactly(files, "index.html");
    if (path.ends_with('/')) return exactly(files, std::string(path) + "index.html");
    if (const auto* file = exactly(files, path)) return file;
    return exactly(files, std::string(path) + ".html");
}

bool takes_gzip(std::string_view accept_encoding) {
    while (!accept_encoding.empty()) {
        auto comma = std::min(accept_encoding.find(','), accept_encoding.size());
        auto one = accept_encoding.substr(0, comma);
        accept_encoding.remove_prefix(std::min(comma + 1, accept_encoding.size()));
        auto semicolon = std::min(one.find(';'), one.size());
        auto coding = trimmed(one.substr(0, semicolon));
        if (coding != "gzip" && coding != "*") continue;
        return semicolon == one.size() || !refused(one.substr(semicolon + 1));
    }
    return false;
}

std::string unpacked(const File& file) {
    constexpr int gzip_framing = 16;  // added to the window: a gzip header is there
    std::string text(file.size, '\0');
    z_stream stream{};
    if (inflateInit2(&stream, MAX_WBITS + gzip_framing) != Z_OK) throw std::bad_alloc();
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(file.gzip.data()));
    stream.avail_in = static_cast<uInt>(file.gzip.size());
    stream.next_out = reinterpret_cast<Bytef*>(text.data());
    stream.avail_out = static_cast<uInt>(text.size());
    auto end = inflate(&stream, Z_FINISH);
    inflateEnd(&stream);
    if (end != Z_STREAM_END || stream.avail_out != 0) {
        throw std::logic_error("the file " + std::string(file.path) + " was not packed whole");
    }
    return text;
}

void serve_folder(Api& api, std::string_view root, std::string_view tag,
                  std::span<const File> files) {
    const auto* missing = exactly(files, "404.html");
    if (!missing) throw std::logic_error("the folder has no 404.html");
    auto base = std::string(root);
    lead_inside(api, base, tag);
    add_page(api, base + "/{path...}", tag, [files, missing](const std::shared_ptr<Call>& call) {
        const auto* path = call->path_text("path");
        const auto* file = path ? find_file(files, *path) : nullptr;
        call->send(answer_of(file ? *file : *missing, file ? 200 : 404, call->request));
    });
}

void serve_app(Api& api, std::string_view root, std::string_view tag, std::span<const File> files) {
    const auto* index = exactly(files, "index.html");
    if (!index) throw std::logic_error("the folder has no index.html");
    auto base = std::string(root);
    lead_inside(api, base, tag);
    add_page(api, base + "/{path...}", tag, [files, index](const std::shared_ptr<Call>& call) {
        const auto* path = call->path_text("path");
        bool asset = path && path->starts_with("assets/");
        const auto* file = path ? exactly(files, *path) : nullptr;
        // An asset of another release is gone; its page, too, when it is loaded again.
        int status = asset && !file ? 404 : 200;
        call->send(answer_of(file ? *file : *index, status, call->request,
                             asset && file ? keep : ask_again));
    });
}

}  // namespace stateset::http
