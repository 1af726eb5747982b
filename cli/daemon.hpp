#pragma once
// Which daemon a command talks to, with which key, and what it answers to the few questions that commands ask.

#include <string>
#include <string_view>
#include <vector>

#include "providers/capabilities.hpp"

#include "cli/http_client.hpp"
#include "config/config.hpp"
#include "config/load.hpp"
#include "config/text.hpp"

namespace recloser::cli {

/// `--url` in the form that the rest uses: `http://host:port` with what stands before `/v1`. SDK base URLs are accepted.
config::parsed<std::string> daemon_url(std::string_view written);

/// Where the daemon of this configuration is reached from this machine: its first listener.
std::string daemon_url_of(config::server const& settings);

/// The key to show: $RECLOSER_KEY; on this machine also $OPENAI_API_KEY, as SDKs do. That one is never sent to another
/// machine: it may be a real OpenAI key.
std::string client_key(config::environment const& env, std::string_view url);

struct target_daemon {
  std::string url;
  std::string key;
  bool named = false;  ///< by --url
};
/// `url` empty: the one that this machine's configuration would start.
target_daemon find_daemon(std::string const& url);

/// What to say when nothing usable came back: one line, without a full stop.
std::string explain_failure(target_daemon const& asked, answer const& got);

/// The `message` of an error answer in OpenAI's shape, or the start of the body; one line.
std::string error_message(answer const& got);

struct listed_model {
  std::string id;
  std::string owner;  ///< provider; `recloser` for routes
  std::int64_t created = 0;
  providers::capabilities what = {};  ///< as far as it is known
};
/// Reads the answer of `GET /v1/models`; empty when it is none.
std::vector<listed_model> read_models(std::string_view body);

/// Reads the answer of `GET /admin/lanes`: names of all configured providers, also those that list no models.
std::vector<std::string> read_providers(std::string_view body);

/// For a path segment.
std::string percent_encoded(std::string_view text);

}  // namespace recloser::cli
