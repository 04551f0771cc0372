#pragma once
// An e-mail as the bytes that travel: headers, a plain part and an HTML part that say the same. The
// same Mail gives the same bytes, so that one sent twice can be recognised.
//
// Nothing in a Mail can become a header of its own: addresses are checked, and what is text is
// encoded unless it is printable ASCII on one line. Rules: RFC 5322, 2045, 2046 and 2047.

#include <string>
#include <string_view>

#include "platform/core/time.hpp"

namespace stateset::net {

struct Mailbox {
    std::string name;  // "Shop", or empty
    std::string address;
};

struct Mail {
    Mailbox from;
    std::string to;  // an address; see is_mail_address
    std::string subject, text, html;
    std::string message_id;  // "0198…@shop.example", without brackets
    Time date;
};

// With CRLF line ends; lines that begin with a dot are the transport's to double. Throws
// std::invalid_argument when an address is none.
std::string mail_text(const Mail&);

// Something@something of at most 254 bytes without spaces, controls, brackets, quotes or commas.
bool is_mail_address(std::string_view);

// "Shop <orders@shop.example>" or the address alone. Throws std::invalid_argument.
Mailbox mailbox_from(std::string_view text);

// What stands behind "Name: " in a header: the text itself, or RFC 2047 encoded words on lines of
// at most 76 characters. `used`: how many characters the first line has already. Line breaks and
// other controls become spaces.
std::string header_text(std::string_view text, std::size_t used);

// RFC 2045 §6.7. Line ends of any kind become CRLF.
std::string quoted_printable(std::string_view text);

}  // namespace stateset::net
