#pragma once
// How long a server wants us to wait (resilience.md §4.1): `retry-after-ms`, `x-ms-retry-after-ms`, `retry-after` in
// seconds or as an HTTP date. The first that can be read counts; 0 means "no wish".

#include <chrono>
#include <optional>

#include "net/http1.hpp"

namespace recloser::routing {

std::optional<std::chrono::milliseconds> read_retry_after(net::fields const& headers);

}  // namespace recloser::routing
