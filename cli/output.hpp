#pragma once
// What commands print: styled words, aligned tables, one JSON document.

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace recloser::cli {

/// Escape sequences, or nothing at all when the output is no terminal or $NO_COLOR is set.
struct style {
  bool on = false;
  std::string bold(std::string_view text) const { return wrap("\033[1m", text); }
  std::string dim(std::string_view text) const { return wrap("\033[2m", text); }
  std::string_view dim_on() const { return on ? "\033[2m" : ""; }
  std::string_view off() const { return on ? "\033[0m" : ""; }

 private:
  std::string wrap(std::string_view start, std::string_view text) const;
};
style style_of(std::FILE* where);

/// Columns of the terminal; 80 when it is none.
std::size_t terminal_width(std::FILE* where);

/// Columns as wide as their widest cell. Cells are made printable; the last column is not padded.
class text_table {
 public:
  explicit text_table(std::vector<std::string> header) : header_(std::move(header)) {}
  void add(std::vector<std::string> row);
  bool empty() const { return rows_.empty(); }
  std::string text(style const& how) const;

 private:
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
};

/// One document on stdout, indented.
void print_json(nlohmann::ordered_json const& document);

/// `a, b, c`, or `fallback` when there is nothing.
std::string joined(std::vector<std::string> const& words, std::string_view fallback = "",
                   std::string_view between = ", ");

}  // namespace recloser::cli
