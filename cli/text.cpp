#include "cli/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace recloser::cli {

namespace {

struct character {
  std::uint32_t code = 0;
  std::size_t size = 0;  ///< bytes; 0: what stands there is no UTF-8
};

unsigned byte_at(std::string_view text, std::size_t i) { return static_cast<unsigned char>(text[i]); }

/// The character at the start of `text`, which is not empty.
character first_character(std::string_view text) {
  unsigned const lead = byte_at(text, 0);
  if (lead < 0x80) return {lead, 1};
  std::size_t const size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {};
  std::uint32_t code = lead & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    unsigned const next = byte_at(text, i);
    if ((next & 0xC0) != 0x80) return {};
    code = code << 6 | (next & 0x3F);
  }
  constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  if (code < least[size] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return {};
  return {code, size};
}

bool is_control(std::uint32_t code) {
  if (code == '\n' || code == '\t') return false;
  return code < 0x20 || (code >= 0x7F && code < 0xA0);
}

using range = std::pair<std::uint32_t, std::uint32_t>;

bool is_in(std::uint32_t code, range const* first, range const* last) {
  return std::any_of(first, last, [code](range const& r) { return code >= r.first && code <= r.second; });
}

std::size_t width_of(std::uint32_t code) {
  static constexpr std::array<range, 4> none{{{0x300, 0x36F}, {0x200B, 0x200F}, {0xFE00, 0xFE0F}, {0xE0100, 0xE01EF}}};
  static constexpr std::array<range, 8> wide{{{0x1100, 0x115F},
                                              {0x2E80, 0x303E},
                                              {0x3041, 0xA4CF},
                                              {0xAC00, 0xD7A3},
                                              {0xF900, 0xFAFF},
                                              {0xFE30, 0xFE6F},
                                              {0xFF00, 0xFF60},
                                              {0x1F300, 0x1FAFF}}};
  if (is_in(code, none.data(), none.data() + none.size())) return 0;
  return is_in(code, wide.data(), wide.data() + wide.size()) ? 2 : 1;
}

/// Calls `take(character, its bytes)` for each; what is no UTF-8 comes byte by byte with size 0.
template <class Take>
void each_character(std::string_view text, Take take) {
  while (!text.empty()) {
    character const c = first_character(text);
    std::size_t const size = c.size ? c.size : 1;
    take(c, text.substr(0, size));
    text.remove_prefix(size);
  }
}

}  // namespace

std::string printable(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  each_character(text, [&](character c, std::string_view bytes) {
    if (c.size && !is_control(c.code)) result += bytes;
  });
  return result;
}

std::string one_line(std::string_view text) {
  std::string result;
  for (char const c : printable(text)) {
    bool const space = c == ' ' || c == '\n' || c == '\t';
    if (!space)
      result += c;
    else if (!result.empty() && result.back() != ' ')
      result += ' ';
  }
  if (result.ends_with(' ')) result.pop_back();
  return result;
}

std::string valid_utf8(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  each_character(text, [&](character c, std::string_view bytes) {
    if (c.size)
      result += bytes;
    else
      result += "\xEF\xBF\xBD";
  });
  return result;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  each_character(text, [&](character c, std::string_view) { width += c.size ? width_of(c.code) : 1; });
  return width;
}

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
  std::string result;
  std::size_t column = indent;
  while (!text.empty()) {
    std::string_view const word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    std::size_t const needed = display_width(word);
    if (column > indent && column + 1 + needed > width) {
      result += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      result += ' ';
      ++column;
    }
    result += word;
    column += needed;
  }
  return result;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  std::size_t const first = text.find_first_not_of(space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

std::string with_commas(long long number) {
  std::string text = std::to_string(number);
  std::size_t const first_digit = number < 0 ? 1 : 0;
  for (std::size_t at = text.size(); at > first_digit + 3;) {
    at -= 3;
    text.insert(at, ",");
  }
  return text;
}

}  // namespace recloser::cli
