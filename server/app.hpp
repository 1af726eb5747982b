#pragma once
// The daemon: loads the configuration, starts the workers, waits for signals, reloads, drains.

#include <string>
#include <vector>

#include "config/load.hpp"

namespace recloser::server {

struct options {
  std::string config_file;  ///< empty: searched for
  std::string listen;       ///< empty: from the configuration
};

/// The catalog as the configuration loader wants it.
std::vector<config::known_provider> known_providers();

/// The configuration that `serve` with these options would use.
config::loaded load(options const& from);

/// Runs until a signal ends it. The process's exit status: 0 after a drain, 1 when it cannot start (said on stderr).
int run(options const& from);

}  // namespace recloser::server
