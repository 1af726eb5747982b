#include "providers/wall_time.hpp"

#include <fmt/format.h>

namespace recloser::providers {

namespace {

namespace chrono = std::chrono;

/// Takes exactly `count` digits off the front.
std::optional<int> take_number(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  int number = 0;
  for (char const c : text.substr(0, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  text.remove_prefix(count);
  return number;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<chrono::sys_days> take_date(std::string_view& text) {
  auto const year = take_number(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  auto const month = take_number(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  auto const day = take_number(text, 2);
  if (!day) return std::nullopt;
  chrono::year_month_day const date(chrono::year(*year), chrono::month(static_cast<unsigned>(*month)),
                                    chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  return chrono::sys_days(date);
}

std::optional<chrono::minutes> take_hour_and_minute(std::string_view& text) {
  auto const hour = take_number(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
  auto const minute = take_number(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  return chrono::hours(*hour) + chrono::minutes(*minute);
}

bool skip_fraction(std::string_view& text) {
  if (!take(text, '.')) return true;
  auto const digits = text.find_first_not_of("0123456789");
  if (digits == 0 || text.empty()) return false;
  text.remove_prefix(digits == std::string_view::npos ? text.size() : digits);
  return true;
}

std::optional<chrono::minutes> take_offset(std::string_view& text) {
  if (take(text, 'Z')) return chrono::minutes(0);
  bool const east = text.starts_with('+');
  if (!east && !text.starts_with('-')) return std::nullopt;
  text.remove_prefix(1);
  auto const offset = take_hour_and_minute(text);
  if (!offset) return std::nullopt;
  return east ? *offset : -*offset;
}

}  // namespace

std::optional<wall_time> parse_timestamp(std::string_view text) {
  auto const date = take_date(text);
  if (!date || !take(text, 'T')) return std::nullopt;
  auto const clock = take_hour_and_minute(text);
  if (!clock || !take(text, ':')) return std::nullopt;
  auto const second = take_number(text, 2);
  if (!second || *second > 60 || !skip_fraction(text)) return std::nullopt;  // 60: a leap second
  auto const offset = take_offset(text);
  if (!offset || !text.empty()) return std::nullopt;
  return *date + *clock + chrono::seconds(*second) - *offset;
}

std::string basic_timestamp(wall_time when) {
  auto const day = chrono::floor<chrono::days>(when);
  chrono::year_month_day const date(day);
  chrono::hh_mm_ss const clock(when - day);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

}  // namespace recloser::providers
