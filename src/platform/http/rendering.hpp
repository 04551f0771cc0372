#pragma once
// An answer as bytes: status line, the server's own headers, the answer's headers, body.

#include <ctime>
#include <string>
#include <string_view>

#include "platform/http/message.hpp"

namespace stateset::http {

enum class BodyRule { sent, left_out };             // left out for HEAD; its length is still told
enum class Ending { kept, kept_and_said, closed };  // said: HTTP/1.0 clients must be told

struct Manner {
    BodyRule body = BodyRule::sent;
    Ending ending = Ending::kept;
    std::string_view date;  // http_date of now
};

// Appends to `out`. 204 and 304 never carry a body or a length. Control characters in header values
// are replaced by blanks, so that no value can end its line.
void render(std::string& out, const Response& response, const Manner& manner);

// RFC 9110 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT"
std::string http_date(std::time_t time);

}  // namespace stateset::http
