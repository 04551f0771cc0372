#include "shipments/label.hpp"

#include <algorithm>

namespace stateset::shipments {
namespace {

// Points; a page of 4 by 6 inches.
constexpr int page_width = 288, page_height = 432, margin = 16;
constexpr int bar_height = 72, bar_bottom = 116;
constexpr int address_lines = 9, goods_lines = 8;
constexpr std::size_t longest_line = 44;

// Widths of bar, gap, bar, gap, bar, gap of each symbol; ISO/IEC 15417, table 1.
constexpr std::string_view symbols[] = {
    "212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212",
    "221213", "221312", "231212", "112232", "122132", "122231", "113222", "123122", "123221",
    "223211", "221132", "221231", "213212", "223112", "312131", "311222", "321122", "321221",
    "312212", "322112", "322211", "212123", "212321", "232121", "111323", "131123", "131321",
    "112313", "132113", "132311", "211313", "231113", "231311", "112133", "112331", "132131",
    "113123", "113321", "133121", "313121", "211331", "231131", "213113", "213311", "213131",
    "311123", "311321", "331121", "312113", "312311", "332111", "314111", "221411", "431111",
    "111224", "111422", "121124", "121421", "141122", "141221", "112214", "112412", "122114",
    "122411", "142112", "142211", "241211", "221114", "413111", "241112", "134111", "111242",
    "121142", "121241", "114212", "124112", "124211", "411212", "421112", "421211", "212141",
    "214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311",
    "113141", "114131", "311141", "411131", "211412", "211214", "211232", "2331112"};
constexpr int start_b = 104, stop = 106, modulus = 103;

// UTF-8 to Latin-1; what does not fit becomes "?".
std::string latin1(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size() && result.size() < longest_line; ++i) {
        auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x80) {
            result += byte < 0x20 || byte == 0x7f ? ' ' : text[i];
            continue;
        }
        bool fits = (byte == 0xc2 || byte == 0xc3) && i + 1 < text.size();
        auto last = fits ? static_cast<unsigned char>(text[i + 1]) : 0;
        result += fits ? static_cast<char>((byte & 3) << 6 | (last & 0x3f)) : '?';
        while (i + 1 < text.size() && (static_cast<unsigned char>(text[i + 1]) & 0xc0) == 0x80) ++i;
    }
    return result;
}

// A PDF string: parentheses and backslashes escaped.
std::string quoted(std::string_view text) {
    std::string result = "(";
    for (char c : latin1(text)) {
        if (c == '(' || c == ')' || c == '\\') result += '\\';
        result += c;
    }
    return result + ")";
}

std::string number(double points) {
    auto thousandths = static_cast<long>(points * 1000 + 0.5);
    auto fraction = std::to_string(1000 + thousandths % 1000).substr(1);
    return std::to_string(thousandths / 1000) + "." + fraction;
}

void write_text(std::string& page, std::string_view font, int size, int y, std::string_view text) {
    page += "BT /" + std::string(font) + " " + std::to_string(size) + " Tf " +
            std::to_string(margin) + " " + std::to_string(y) + " Td " + quoted(text) + " Tj ET\n";
}

void write_rule(std::string& page, int y) {
    page += std::to_string(margin) + " " + std::to_string(y) + " " +
            std::to_string(page_width - 2 * margin) + " 1 re f\n";
}

void write_barcode(std::string& page, std::string_view text) {
    auto widths = code_128(text);
    int modules = 0;
    for (int width : widths) modules += width;
    double module = double(page_width - 2 * margin) / modules, x = margin;
    for (std::size_t i = 0; i < widths.size(); ++i) {
        double width = widths[i] * module;
        if (i % 2 == 0) {
            page += number(x) + " " + std::to_string(bar_bottom) + " " + number(width) + " " +
                    std::to_string(bar_height) + " re\n";
        }
        x += width;
    }
    page += "f\n";
}

std::string page_of(const LabelText& label) {
    std::string page;
    write_text(page, "B", 20, page_height - 36, label.carrier);
    write_text(page, "R", 11, page_height - 54, label.service);
    write_rule(page, page_height - 64);
    write_text(page, "R", 9, page_height - 80, "Ship to");
    int y = page_height - 98;
    for (const auto& line : label.ship_to) {
        if (y <= page_height - 98 - 14 * address_lines) break;
        write_text(page, "R", 12, y, line);
        y -= 14;
    }
    write_rule(page, bar_bottom + bar_height + 10);
    write_barcode(page, label.tracking_number);
    write_text(page, "B", 13, bar_bottom - 16, label.tracking_number);
    y = bar_bottom - 34;
    for (int shown = 0; const auto& line : label.goods) {
        bool more = shown + 1 == goods_lines && label.goods.size() > goods_lines;
        write_text(page, "R", 9, y, more ? "and more" : line);
        if (++shown == goods_lines) break;
        y -= 10;
    }
    return page;
}

}  // namespace

std::vector<int> code_128(std::string_view text) {
    std::vector<int> values{start_b};
    for (char c : text) {
        if (c >= 32 && c < 127) values.push_back(c - 32);
    }
    int sum = start_b;
    for (std::size_t i = 1; i < values.size(); ++i) sum += static_cast<int>(i) * values[i];
    values.push_back(sum % modulus);
    values.push_back(stop);
    std::vector<int> widths;
    for (int value : values) {
        for (char width : symbols[value]) widths.push_back(width - '0');
    }
    return widths;
}

std::string label_pdf(const LabelText& label) {
    auto page = page_of(label);
    auto font = [](std::string_view name) {
        return "<< /Type /Font /Subtype /Type1 /BaseFont /" + std::string(name) +
               " /Encoding /WinAnsiEncoding >>";
    };
    const std::string objects[] = {
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 " + std::to_string(page_width) + " " +
            std::to_string(page_height) +
            "] /Resources << /Font << /R 5 0 R /B 6 0 R >> >> /Contents 4 0 R >>",
        "<< /Length " + std::to_string(page.size()) + " >>\nstream\n" + page + "endstream",
        font("Helvetica"),
        font("Helvetica-Bold")};
    std::string pdf = "%PDF-1.4\n%\xe2\xe3\xcf\xd3\n";  // four high bytes: it is not text
    std::string table = "0000000000 65535 f \n";
    int count = 0;
    for (const auto& object : objects) {
        auto offset = std::to_string(pdf.size());
        table += std::string(10 - offset.size(), '0') + offset + " 00000 n \n";
        pdf += std::to_string(++count) + " 0 obj\n" + object + "\nendobj\n";
    }
    auto start = std::to_string(pdf.size());
    auto size = std::to_string(count + 1);
    return pdf + "xref\n0 " + size + "\n" + table + "trailer\n<< /Size " + size +
           " /Root 1 0 R >>\nstartxref\n" + start + "\n%%EOF\n";
}

}  // namespace stateset::shipments
