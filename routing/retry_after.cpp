#include "routing/retry_after.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <ctime>
#include <string>

namespace recloser::routing {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds longest = std::chrono::hours(24);

std::optional<double> number(std::string_view text) {
  double value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range) return 1e18;  // "very long", not malformed
  if (error != std::errc() || !std::isfinite(value) || value < 0) return std::nullopt;
  return value;
}

std::optional<milliseconds> wait_of(double ms) {
  if (ms <= 0) return std::nullopt;
  if (ms >= static_cast<double>(longest.count())) return longest;
  return milliseconds(static_cast<std::int64_t>(std::ceil(ms)));
}

/// The three date forms of RFC 9110 §5.6.7.
std::optional<std::time_t> http_date(std::string_view text) {
  std::string const copy(text);
  static constexpr std::array forms = {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"};
  for (char const* form : forms) {
    std::tm parts{};
    char const* const end = strptime(copy.c_str(), form, &parts);
    if (end && *end == '\0') return timegm(&parts);
  }
  return std::nullopt;
}

}  // namespace

std::optional<milliseconds> read_retry_after(net::fields const& headers) {
  for (std::string_view const name : {"retry-after-ms", "x-ms-retry-after-ms"}) {
    if (auto const ms = number(headers.get(name))) {
      if (auto const wait = wait_of(*ms)) return wait;
    }
  }
  std::string_view const value = headers.get("retry-after");
  if (auto const seconds = number(value)) return wait_of(*seconds * 1000);
  if (auto const then = http_date(value)) {
    // Against the answer's own clock when it shows one, so that skew cancels.
    auto const theirs = http_date(headers.get("date"));
    std::time_t const now = theirs ? *theirs : std::time(nullptr);
    return wait_of(static_cast<double>(*then - now) * 1000);
  }
  return std::nullopt;
}

}  // namespace recloser::routing
