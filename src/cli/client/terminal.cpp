#include "cli/client/terminal.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cstdlib>

#include "cli/client/failure.hpp"

namespace stateset::cli::client {
namespace {

constexpr char end_of_text = 3;  // what Ctrl-C sends while it is no signal

std::string inked(Ink ink, std::string_view text) {
    constexpr const char* codes[] = {"0", "1", "2", "31", "32", "33"};
    return "\x1b[" + std::string(codes[static_cast<int>(ink)]) + "m" + std::string(text) +
           "\x1b[0m";
}

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

std::string read_line(int terminal, bool& interrupted) {
    std::string line;
    char c = 0;
    while (read(terminal, &c, 1) == 1 && c != '\n' && c != '\r') {
        if (c == end_of_text) {
            interrupted = true;
            break;
        }
        line += c;
    }
    return line;
}

}  // namespace

Terminal::Terminal(std::string_view color)
    : person_(isatty(STDOUT_FILENO) == 1), watched_(isatty(STDERR_FILENO) == 1) {
    const char* no = std::getenv("NO_COLOR");
    bool wanted = color != "never" && (no == nullptr || *no == '\0' || color == "always");
    const char* kind = std::getenv("TERM");
    bool dumb = kind != nullptr && std::string_view(kind) == "dumb";
    ink_ = wanted && (color == "always" || (person_ && !dumb));
    note_ink_ = wanted && (color == "always" || (watched_ && !dumb));
    winsize size{};
    if (const char* given = std::getenv("COLUMNS")) width_ = std::strtoul(given, nullptr, 10);
    if (width_ == 0 && person_ && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
        width_ = size.ws_col;
    }
}

std::string Terminal::in(Ink ink, std::string_view text) const {
    return ink_ && ink != Ink::plain ? inked(ink, text) : std::string(text);
}

std::string Terminal::note(Ink ink, std::string_view text) const {
    return note_ink_ && ink != Ink::plain ? inked(ink, text) : std::string(text);
}

std::size_t columns(std::string_view text) {
    std::size_t count = 0;
    for (char c : text) count += begins_character(c) ? 1 : 0;
    return count;
}

std::string fitted(std::string_view text, std::size_t most) {
    std::string out;
    std::size_t used = 0;
    bool cut = columns(text) > most;
    for (char c : text) {
        if (begins_character(c)) {
            if (used == (cut ? most - 1 : most)) break;
            ++used;
        }
        out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
    }
    return cut ? out + "…" : out;
}

std::string ask(const std::string& question, Echo echo) {
    int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
    if (terminal < 0) {
        throw Failure(exits::usage, "there is no terminal to ask at; give it as a flag");
    }
    termios before{};
    tcgetattr(terminal, &before);
    auto quiet = before;
    // Ctrl-C comes as a character, so that the terminal is never left without its echo.
    if (echo == Echo::secret) quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
    tcsetattr(terminal, TCSAFLUSH, &quiet);
    bool interrupted = write(terminal, question.data(), question.size()) < 0;
    auto line = read_line(terminal, interrupted);
    tcsetattr(terminal, TCSAFLUSH, &before);
    if (echo == Echo::secret) interrupted |= write(terminal, "\n", 1) < 0;
    close(terminal);
    if (interrupted) throw Failure(exits::interrupted, "interrupted");
    return line;
}

}  // namespace stateset::cli::client
