#include "cli/output.hpp"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include "cli/text.hpp"

namespace recloser::cli {

std::string style::wrap(std::string_view start, std::string_view text) const {
  if (!on) return std::string(text);
  return std::string(start) + std::string(text) + "\033[0m";
}

style style_of(std::FILE* where) {
  char const* const no_color = std::getenv("NO_COLOR");
  char const* const terminal = std::getenv("TERM");
  bool const wanted = !no_color || *no_color == '\0';
  bool const able = terminal && std::string_view(terminal) != "dumb";
  return {wanted && able && ::isatty(::fileno(where)) == 1};
}

std::size_t terminal_width(std::FILE* where) {
  winsize size{};
  bool const known = ::ioctl(::fileno(where), TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

void text_table::add(std::vector<std::string> row) {
  row.resize(header_.size());
  for (std::string& cell : row) cell = one_line(cell);
  rows_.push_back(std::move(row));
}

std::string text_table::text(style const& how) const {
  std::vector<std::size_t> widths;
  for (std::string const& cell : header_) widths.push_back(display_width(cell));
  for (auto const& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
  }
  auto line = [&](std::vector<std::string> const& row) {
    std::string result;
    for (std::size_t i = 0; i < row.size(); ++i) {
      result += row[i];
      if (i + 1 < row.size()) result.append(widths[i] + 2 - display_width(row[i]), ' ');
    }
    while (result.ends_with(' ')) result.pop_back();
    return result;
  };
  std::string result = how.bold(line(header_)) + "\n";
  for (auto const& row : rows_) result += line(row) + "\n";
  return result;
}

void print_json(nlohmann::ordered_json const& document) {
  fmt::print("{}\n", document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

std::string joined(std::vector<std::string> const& words, std::string_view fallback, std::string_view between) {
  std::string result;
  for (std::string const& word : words) {
    if (!result.empty()) result += between;
    result += word;
  }
  return result.empty() ? std::string(fallback) : result;
}

}  // namespace recloser::cli
