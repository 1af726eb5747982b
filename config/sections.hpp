#pragma once
// The sections of the file as they are read, before what they refer to is known: providers get their keys and addresses,
// and targets their providers, in complete.hpp.

#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "config/section.hpp"

namespace recloser::config {

/// A base URL before its provider's type, and with it the default port and path, is known.
struct url_draft {
  std::string text;
  int line = 0;
  std::string source;          ///< for messages: `providers.mine.base_url`, or a variable's name
  bool from_variable = false;  ///< may lack its scheme
};

struct provider_draft {
  provider value;            ///< `api_keys` are complete, `base_urls` come from `urls`
  std::string path;          ///< for messages: `providers.mine`
  std::string type_written;  ///< for messages: before `${NAME}` was replaced, by what may be a secret
  std::vector<url_draft> urls;
  std::string urls_given_by;  ///< the key that gave them; empty: the environment and the catalog decide
  std::string keys_given_by;
  std::vector<std::pair<std::string, int>> special;  ///< keys that not every type has, with their lines
  bool flawed = false;  ///< a problem was reported: what seems to be missing may be what was wrong

  /// Does a profile change anything of the provider that it names?
  bool is_empty() const;
};

struct target_draft {
  target value;
  std::string written;  ///< for messages
};

struct route_draft {
  route value;  ///< without targets
  std::vector<target_draft> targets;
};

/// `profiles.x`, and each of its `fallback` entries.
struct profile_link {
  std::string provider;
  std::string model;
  provider_draft own;         ///< base_url, api_key_env, …
  request_defaults defaults;  ///< max_tokens, temperature, …
  std::string written;        ///< for messages: `provider/model`
  int line = 0;
};

struct profile_draft {
  route value;                      ///< without targets
  std::vector<profile_link> links;  ///< first the profile's own target
};

struct file_draft {
  struct server server;
  std::optional<std::vector<provider_draft>> providers;  ///< nullopt: no such section, the environment decides
  std::vector<route_draft> routes;
  std::vector<profile_draft> profiles;
  std::vector<model_override> models;
  std::vector<client_key> keys;
};

void read_server(field const& section, struct server& into);
void read_providers(field const& section, std::vector<provider_draft>& into);
void read_routes(field const& section, std::vector<route_draft>& into);
void read_profiles(field const& section, std::vector<profile_draft>& into);
void read_models(field const& section, std::vector<model_override>& into);
void read_client_keys(field const& list, std::vector<client_key>& into);
/// RECLOSER_KEYS, comma-separated; keys that the file also has are skipped.
void add_client_keys_from_environment(context& in, std::vector<client_key>& into);

/// What `providers.*` and profiles share: addresses, keys, API version, deployments.
std::span<key<provider_draft> const> connection_keys();

/// What only some types of provider have: `region`, `credentials_file`, `num_ctx` …
std::span<key<provider_draft> const> special_keys();

/// `provider/model`, split at the first slash (a model's name may hold more). Reports what is no target.
bool read_target_name(field const& value, std::string& provider, std::string& model);

/// Reports a name that clients could not send as `model`.
bool is_route_name(field const& section, member const& one);

/// `max_tokens: 8192` as a member of the request.
void add_default(field const& value, request_defaults& into);
void read_defaults(field const& section, request_defaults& into);

/// A secret or a list of them; `commas`: also several in one string.
void read_secrets(field const& value, bool commas, std::vector<std::string>& into);

// The keys of each section, for the documentation's test.
void add_server_keys(std::vector<std::string>& into);
void add_provider_keys(std::vector<std::string>& into);
void add_route_keys(std::vector<std::string>& into);
void add_profile_keys(std::vector<std::string>& into);
void add_model_keys(std::vector<std::string>& into);
void add_client_key_keys(std::vector<std::string>& into);

}  // namespace recloser::config
