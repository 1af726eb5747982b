// `recloser health`: for HEALTHCHECK in a container that has no curl.

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/daemon.hpp"
#include "cli/http_client.hpp"

namespace recloser::cli {

int health(health_options const& from) {
  using namespace std::chrono_literals;
  target_daemon const asked = find_daemon(from.url);
  answer const got = http_client(asked.url, {}).get("/healthz", 3s);
  if (got.ok()) return 0;
  fmt::print(stderr, "recloser health: {}\n", explain_failure(asked, got));
  return 1;
}

}  // namespace recloser::cli
