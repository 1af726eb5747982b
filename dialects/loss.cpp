#include "dialects/loss.hpp"

#include <algorithm>

namespace recloser::dialects {

namespace {

constexpr std::size_t longest_name = 64;
constexpr std::size_t most_names = 32;
constexpr std::string_view and_more = "(more)";

/// Printable ASCII that separates nothing in a header value.
bool fits_header(char c) { return c > ' ' && c < 0x7F && c != ',' && c != ';' && c != '"' && c != '\\'; }

}  // namespace

void loss_report::add(std::string_view name) {
  std::string word(name.substr(0, longest_name));
  std::ranges::replace_if(
      word, [](char c) { return c != ' ' && !fits_header(c); }, '_');
  if (names_.size() > most_names || std::ranges::find(names_, word) != names_.end()) return;
  names_.push_back(names_.size() == most_names ? std::string(and_more) : std::move(word));
}

}  // namespace recloser::dialects
