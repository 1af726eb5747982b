#pragma once
// What a raw value of a checked text is, and its number.

#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

#include "chat/text.hpp"

namespace recloser::json {

enum class kind { absent, null, boolean, number, string, array, object };

inline kind kind_of(chat::raw_json value) {
  if (value.empty()) return kind::absent;
  switch (value.front()) {
    case '"': return kind::string;
    case '{': return kind::object;
    case '[': return kind::array;
    case 'n': return kind::null;
    case 't':
    case 'f': return kind::boolean;
    default: return kind::number;
  }
}

/// The value, or empty when it is `null`: most members may be null where they may be absent.
inline chat::raw_json unless_null(chat::raw_json value) {
  return kind_of(value) == kind::null ? chat::raw_json() : value;
}

inline std::optional<double> number_of(chat::raw_json value) {
  if (kind_of(value) != kind::number) return std::nullopt;
  double number = 0;
  auto const [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (end != value.data() + value.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range) return HUGE_VAL;
  return number;
}

/// A whole number, also when it is written as `1e3` or `8.0`.
inline std::optional<std::int64_t> integer_of(chat::raw_json value) {
  if (kind_of(value) != kind::number) return std::nullopt;
  std::int64_t whole = 0;
  auto const [end, error] = std::from_chars(value.data(), value.data() + value.size(), whole);
  if (error == std::errc{} && end == value.data() + value.size()) return whole;
  auto const number = number_of(value);
  constexpr double exact = 9007199254740992.0;  // 2^53: beyond it a double is no count any more
  if (!number || std::abs(*number) > exact || std::trunc(*number) != *number) return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

}  // namespace recloser::json
