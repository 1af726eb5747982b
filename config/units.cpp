#include "config/units.hpp"

#include <charconv>
#include <cmath>
#include <string>
#include <utility>

#include "config/text.hpp"

namespace recloser::config {

namespace {

using unit = std::pair<std::string_view, double>;

constexpr unit milliseconds_per[] = {{"", 1000},    {"ms", 1},       {"s", 1000},
                                     {"m", 60'000}, {"min", 60'000}, {"h", 3'600'000}};

constexpr unit bytes_per[] = {{"", 1},          {"b", 1},    {"kib", 1 << 10}, {"mib", 1 << 20},
                              {"gib", 1 << 30}, {"kb", 1e3}, {"mb", 1e6},      {"gb", 1e9}};

/// A decimal number and one of `units`, blanks between them allowed. The product is whole and at most `largest`.
template <std::size_t Count>
std::optional<std::uint64_t> with_unit(std::string_view text, unit const (&units)[Count], double largest) {
  std::size_t const end = std::min(text.find_first_not_of("0123456789."), text.size());
  double number = 0;
  auto const [stop, error] = std::from_chars(text.data(), text.data() + end, number, std::chars_format::fixed);
  if (end == 0 || text[0] == '.' || error != std::errc() || stop != text.data() + end) return std::nullopt;
  std::string const name = lower(trim(text.substr(end)));
  for (auto const& [known, factor] : units) {
    if (name != known) continue;
    double const product = std::round(number * factor);
    if (product > largest) return std::nullopt;
    return static_cast<std::uint64_t>(product);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  auto const [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<bool> parse_boolean(std::string_view text) {
  std::string const word = lower(text);
  if (word == "true" || word == "yes" || word == "on") return true;
  if (word == "false" || word == "no" || word == "off") return false;
  return std::nullopt;
}

std::optional<milliseconds> parse_duration(std::string_view text) {
  constexpr double one_day = 24 * 3'600'000.0;
  auto const value = with_unit(text, milliseconds_per, one_day);
  if (!value) return std::nullopt;
  return milliseconds(*value);
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  constexpr double one_tebibyte = 1099511627776.0;
  return with_unit(text, bytes_per, one_tebibyte);
}

}  // namespace recloser::config
