#pragma once
// The time of day, as credentials name it: expiry dates and the dates of signatures. Always given in, never asked for.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace recloser::providers {

/// In whole seconds, so that any year a server may write fits.
using wall_time = std::chrono::sys_seconds;

/// `2026-11-22T07:00:00Z`, also with a fraction (cut off) and with an offset such as `+01:00` (RFC 3339).
std::optional<wall_time> parse_timestamp(std::string_view text);

/// `20261122T070000Z`: what AWS signs.
std::string basic_timestamp(wall_time when);

}  // namespace recloser::providers
