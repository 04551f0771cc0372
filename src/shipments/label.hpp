#pragma once
// The printable label: one page of 4 by 6 inches, as thermal printers take it, with the address and
// the tracking number in words and as a barcode.

#include <string>
#include <string_view>
#include <vector>

namespace stateset::shipments {

struct LabelText {
    std::string carrier, service;      // "sandbox", "express"; empty when there is none
    std::vector<std::string> ship_to;  // the lines of the address
    std::string tracking_number;       // printable ASCII where the barcode is to be scanned
    std::vector<std::string> goods;    // "2 x MUG"
};

// A PDF of one page. Letters beyond Latin-1 print as "?": the fonts are those every printer has.
std::string label_pdf(const LabelText&);

// Code 128, set B (ISO/IEC 15417): the widths of bars and gaps in turn, start and stop included.
// Characters outside ASCII 32 to 126 are left out.
std::vector<int> code_128(std::string_view text);

}  // namespace stateset::shipments
