#pragma once
// A URL of the configuration as something that connections are made to.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "net/pool.hpp"

namespace recloser::routing {

/// What beside the URL decides which connections may be shared.
struct origin_settings {
  net::tls_context tls;  ///< for https
  std::string ca_file;   ///< named in the identity of a connection
  bool verify = true;
  std::optional<std::chrono::milliseconds> connect_limit;
  std::optional<std::chrono::milliseconds> tls_limit;
  bool local = false;    ///< a server on the operator's machine: its keep-alive is short
};

struct parsed_url {
  net::origin origin;
  std::string path;  ///< percent-encoded, without a slash at the end
};

/// nullopt: it is no http or https URL.
std::optional<parsed_url> parse_url(std::string_view text, origin_settings const& settings);

}  // namespace recloser::routing
