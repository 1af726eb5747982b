#pragma once
// What the operator wrote, checked and completed: plain structs that constructors take. One `config` is immutable once
// loaded; a reload makes a new one.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/model_override.hpp"

namespace recloser::config {

using std::chrono::milliseconds;

struct tls_listener {
  std::string certificate;  ///< PEM file
  std::string key;          ///< PEM file
  std::string client_ca;    ///< PEM file; not empty: clients must show a certificate that it signed
};

/// One socket to listen on. `localhost:4100` and `:4100` become two of them, one per address family, so IPv6 sockets
/// must be bound with IPV6_V6ONLY.
struct listener {
  std::string host = "127.0.0.1";  ///< an IP address, IPv6 without brackets; never a name
  std::uint16_t port = 4100;
  std::optional<tls_listener> tls;
  bool optional = false;  ///< failing to bind is no error: the IPv6 half of a pair, on a machine without IPv6
  int line = 0;           ///< where it stands in the file; 0: a default or `--listen`
};

enum class log_format { off, text, json };

struct server {
  std::vector<listener> listeners;           ///< never empty after loading
  unsigned workers = 0;                      ///< 0: one per core
  std::vector<std::string> allowed_hosts;    ///< more values of Host that are accepted: lower case, no port
  std::vector<std::string> allowed_origins;  ///< CORS, as browsers write them: `https://app.example`; empty: off
  bool insecure_no_auth = false;             ///< lets a non-loopback listener run without client keys
  log_format access_log = log_format::text;
  std::string log_level = "info";
  std::size_t max_body = 32u << 20;  ///< bytes of a request body
  std::size_t max_connections = 10'000;
  milliseconds drain_timeout{25'000};
  milliseconds client_header_timeout{10'000};
  milliseconds client_body_timeout{30'000};  ///< longest gap between two pieces of a body
  milliseconds client_write_timeout{60'000};
  milliseconds keepalive_timeout{75'000};
};

/// Clocks of one upstream request. Unset: the catalog row's default.
struct clocks {
  std::optional<milliseconds> connect, tls, send, first_byte, idle, total;
  bool operator==(clocks const&) const = default;
};

/// Members given to a request that lacks them: name and JSON value, in the file's order (`max_tokens`, `8192`).
using request_defaults = std::vector<std::pair<std::string, std::string>>;

/// Where and as whom a cloud is called. Which of these mean something depends on the type; empty: its environment says.
struct cloud {
  std::string region, profile;                               ///< Bedrock
  std::string project, location, credentials_file;           ///< Vertex
  std::string tenant_id, client_id, client_secret;           ///< Azure with Entra ID
  std::string token_url;                                     ///< Azure: instead of Microsoft's own
  bool operator==(cloud const&) const = default;
};

/// What to do with a request that is larger than the provider takes.
enum class oversize { error, truncate };

/// Which of a provider's two APIs chat goes to, where it has both.
enum class chat_api { automatic, chat, responses };

/// A provider that can be used: its key is there when it needs one. What is unset comes from the catalog row of `type`.
struct provider {
  std::string name;                    ///< the key in `providers:`; `openai@fast` for the settings of profile `fast`
  std::string type;                    ///< catalog name, never an alias
  std::vector<std::string> base_urls;  ///< tried in order; canonical, without a slash at the end
  std::vector<std::string> api_keys;   ///< secrets: never logged. One lane each
  std::vector<std::pair<std::string, std::string>> headers;  ///< more request headers
  std::vector<std::string> models;                           ///< what it serves, when it cannot list its models itself
  std::string api_version;                                   ///< Azure, Anthropic
  std::map<std::string, std::string> deployments;  ///< Azure: model name -> deployment name; `*`: any other model
  struct cloud cloud;
  request_defaults defaults;  ///< for every request to it; those of a route win
  oversize on_oversize = oversize::error;
  chat_api api = chat_api::automatic;
  std::string text_calls = "auto";  ///< tool calls and thinking inside text: `auto`, `off`, or a model family
  struct clocks clocks;
  std::string ca_file;  ///< PEM file added to the system's trust store
  bool insecure_skip_verify = false;
  bool from_environment = false;  ///< found in the environment, not asked for: quiet when it does not answer
  int line = 0;                   ///< where it stands in the file; 0: not from a file
  bool operator==(provider const&) const = default;
};

struct target {
  std::string provider;  ///< a name in `config::providers`
  std::string model;
  unsigned weight = 1;
  request_defaults defaults;  ///< the route's, with those of this target on top: what a request gets here
  int line = 0;
};

enum class strategy { order, weighted };

struct route {
  std::string name;
  std::vector<target> targets;  ///< never empty after loading; those that lack a key are left out, with a warning
  enum strategy strategy = strategy::order;
  request_defaults defaults;
  bool strict = false;       ///< 400 instead of dropping a parameter
  bool track_costs = false;  ///< accepted from Victor's profiles; costs are always tracked
  int line = 0;
};

/// A key that clients show. With at least one, every request to `/v1` needs one.
struct client_key {
  std::string name;  ///< label for logs; never the secret
  std::string secret;
};

/// (`struct server`: inside this class `config::` means the class, not the namespace.)
struct config {
  struct server server;
  std::vector<provider> providers;    ///< in the file's order, then those that targets and the environment add
  std::vector<route> routes;          ///< profiles included
  std::vector<model_override> models; ///< what the operator says of models' capabilities
  std::vector<client_key> keys;       ///< of the file and of RECLOSER_KEYS
  std::string file;                   ///< where it came from; empty: zero config
  std::vector<std::string> warnings;  ///< with their line where they have one; never a secret
};

}  // namespace recloser::config
