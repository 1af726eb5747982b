#pragma once
// Text for terminals. What providers and models send is not trusted: it could move the cursor, hide text or set the
// clipboard, so control characters never reach a terminal.

#include <cstddef>
#include <string>
#include <string_view>

namespace recloser::cli {

/// The text without control characters (C0 but line feed and tab, DEL, C1).
std::string printable(std::string_view text);

/// The same on one line: runs of white space become one space.
std::string one_line(std::string_view text);

/// The text with everything that is not UTF-8 replaced by U+FFFD: JSON must be UTF-8, a pipe can carry anything.
std::string valid_utf8(std::string_view text);

/// Columns that a terminal needs for UTF-8 text.
std::size_t display_width(std::string_view text);

/// Broken at spaces so that no line is wider than `width`; all lines but the first begin with `indent` spaces, and the
/// first is taken to begin behind as many.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent);

std::string_view trim(std::string_view text);

/// `1234567` as `1,234,567`.
std::string with_commas(long long number);

}  // namespace recloser::cli
