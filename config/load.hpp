#pragma once
// Reads recloser.yaml. Every problem is collected with its line, so that one run shows them all.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"

namespace recloser::config {

/// Looks up an environment variable; nullopt when it is not set. Injected so that tests need no real environment.
using environment = std::function<std::optional<std::string>(std::string const&)>;
environment process_environment();

struct problem {
  int line = 0;         ///< 1-based; 0: the whole file
  std::string message;  ///< says what to change; never holds a secret
  /// "Open to the network and no key": goes away when `--listen` names another address.
  bool open_listener = false;
};

/// `recloser.yaml:7: unknown key …`, or `line 7: unknown key …` when no file is named.
std::string to_string(problem const& what, std::string_view file = {});

/// What the loader must know of the catalog; `config` may not include `providers`.
struct known_provider {
  std::string name;
  std::vector<std::string> key_variables;  ///< first that is set is its key
  std::vector<std::string> url_variables;  ///< first that is set gives its base URLs (comma-separated)
  bool needs_key = true;
  bool needs_base_url = false;       ///< openai-compatible, azure
  std::vector<std::string> aliases;  ///< other names for it in the file
  bool local = false;                ///< zero config adds it without a key (and probes it)
  std::uint16_t default_port = 0;    ///< for `OLLAMA_HOST=gpu-box`: a URL variable without scheme and port
  std::string default_path;          ///< `/v1`: added to a base URL that has no path
  std::vector<std::string> settings = {};       ///< keys that not every provider has: `region`, `num_ctx`
  std::vector<std::string> enabling = {};       ///< one of these set turns it on in zero config, like a key
  bool built_in = false;             ///< `demo`: targets may name it; it has no section and no settings
};

struct loaded {
  config value;                   ///< meaningful when `problems` is empty
  std::vector<problem> problems;  ///< in line order
};

/// `--config`, `$RECLOSER_CONFIG`, `./recloser.yaml`, `~/.config/recloser/recloser.yaml`,
/// `/etc/recloser/recloser.yaml`: the first that exists; empty when there is none (zero config). A file that was named
/// (by the first two) is returned even when it does not exist: loading it says so.
std::string find_file(std::string const& from_command_line, environment const& env);

/// Reads and checks the text of a configuration file.
loaded load_text(std::string_view text, std::vector<known_provider> const& catalog, environment const& env);

/// The same from a file. An unreadable file is a problem on line 0.
loaded load_file(std::string const& path, std::vector<known_provider> const& catalog, environment const& env);

/// Zero config: every catalog provider whose key is in the environment, and every local one (no key needed).
loaded from_environment(std::vector<known_provider> const& catalog, environment const& env);

/// `--listen`: replaces the listeners and checks again that none is open to the network without client keys.
void apply_listen(loaded& what, std::string_view address);

/// The nearest of `candidates` to `word` by edit distance, or empty when none is near enough to be a typing error.
std::string nearest(std::string_view word, std::vector<std::string> const& candidates);

/// Every key that a file may have (`server.listen`, `providers.*.type`): for the documentation's test.
std::vector<std::string> known_keys();

}  // namespace recloser::config
