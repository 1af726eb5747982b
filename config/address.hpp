#pragma once
// What `listen` and `--listen` accept.

#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "config/text.hpp"

namespace recloser::config {

/// `127.0.0.1:4100`, `[::1]:4100`, `localhost:4100` (both loopback addresses), `:4100` or `*:4100` (every address).
/// The fault is the end of a sentence: "has no port; …".
parsed<std::vector<listener>> parse_listen(std::string_view written);

/// Where recloser listens when nothing is said: 127.0.0.1:4100 and, where there is IPv6, [::1]:4100.
std::vector<listener> default_listeners();

/// `[::1]:4100`
std::string to_string(listener const& what);

}  // namespace recloser::config
