#pragma once
// Numbers with units, as operators write them.

#include <cstdint>
#include <optional>
#include <string_view>

#include "config/config.hpp"

namespace recloser::config {

/// Digits only, all of the text.
std::optional<std::uint64_t> parse_number(std::string_view text);

/// `true`, `false`, and YAML 1.1's `yes`, `no`, `on`, `off`.
std::optional<bool> parse_boolean(std::string_view text);

/// `250ms`, `10s`, `1.5m`, `2h`, or seconds without a unit. At most a day, so that clock arithmetic cannot overflow.
std::optional<milliseconds> parse_duration(std::string_view text);

/// `1048576`, `64KiB`, `32MiB`, `1GiB`, `10MB` (powers of 1000 without the `i`). At most 2^40.
std::optional<std::uint64_t> parse_bytes(std::string_view text);

}  // namespace recloser::config
