#pragma once
// The forms of a model's name (providers-native.md §6.1).

#include <optional>
#include <string_view>

namespace recloser::dialects::replicate {

enum class model_kind { official, version, deployment };

struct model_name {
  model_kind kind = model_kind::official;
  std::string_view owner;  ///< official, deployment
  std::string_view name;   ///< official, deployment
  std::string_view version;
};

/// Nothing when it is none of them. What is there is fit for a path.
std::optional<model_name> parse_model_name(std::string_view model);

}  // namespace recloser::dialects::replicate
