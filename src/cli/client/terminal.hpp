#pragma once
// What the client knows of where its output goes: a person's terminal, with a width and colours, or
// a file or program, with neither.

#include <string>
#include <string_view>

namespace stateset::cli::client {

enum class Ink { plain, bold, dim, red, green, yellow };

class Terminal {
  public:
    // `color`: "always", "never", or by what standard output is and NO_COLOR says.
    explicit Terminal(std::string_view color = "auto");

    bool person() const { return person_; }         // standard output is a terminal
    bool watched() const { return watched_; }       // standard error is one: for progress
    std::size_t width() const { return width_; }    // in columns; 0: as wide as it wants
    std::string in(Ink, std::string_view) const;    // for standard output
    std::string note(Ink, std::string_view) const;  // for standard error

  private:
    bool person_, watched_, ink_, note_ink_;
    std::size_t width_ = 0;
};

// How many columns a UTF-8 text takes, each character one.
std::size_t columns(std::string_view text);
// Cut to so many columns, with an ellipsis for what is gone; no line ends or control characters.
std::string fitted(std::string_view text, std::size_t columns);

// Reads a line from the terminal itself, whatever standard input is; throws Failure(usage) without
// one. `secret`: nothing is shown of what is typed.
enum class Echo { shown, secret };
std::string ask(const std::string& question, Echo);

}  // namespace stateset::cli::client
