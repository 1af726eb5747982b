#pragma once
// What is told about a provider: its catalog row, and what the configuration makes of it.

#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "providers/row.hpp"

namespace recloser::cli {

struct provider_facts {
  std::string name;  ///< in `provider/model`
  providers::row const* row = nullptr;
  std::vector<std::string> base_urls;
  std::vector<std::string> models;  ///< configured ones
  std::string configured = "no";    ///< `file`, `environment`, `no`
  std::size_t keys = 0;             ///< credentials of the configuration
  bool has_key = false;             ///< there, or in the environment
  bool needs_key = false;
};

/// Every catalog row and every configured provider, by name.
std::vector<provider_facts> collect_facts(config::config const& settings);

/// By name or by one of the catalog's other names.
provider_facts const* find_facts(std::string_view name, std::vector<provider_facts> const& all);

std::string_view dialect_name(providers::row const& row);
std::vector<std::string> endpoint_names(providers::row const& row);

/// What recloser does to requests and replies of this provider, in words.
std::vector<std::string> quirks_of(providers::row const& row);

/// The environment variable is set and not empty.
bool is_set(std::string_view variable);

}  // namespace recloser::cli
