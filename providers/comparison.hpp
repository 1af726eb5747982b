#pragma once
// The registry as tables for people: who calls tools how, how long a prompt may be, who sees images.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "providers/capabilities.hpp"

namespace recloser::providers {

/// A model to be compared, with what is known of it by all sources.
struct compared_model {
  std::string provider;  ///< catalog name
  std::string title;     ///< of the provider, for people
  std::string model;
  capabilities what;
};

/// Well-known models of every provider, with the registry's facts: what there is to compare without a daemon.
std::vector<compared_model> known_models();

/// Rows of text under columns. Cells of yes and no are `yes`, `no`, `depends on the model`, or `-` for unknown.
struct comparison {
  std::string_view title;
  std::vector<std::string_view> columns;
  std::vector<std::vector<std::string>> rows;
};

/// Tool calling (provider × feature), context windows (provider × model), vision (provider × models). Models of one
/// provider must stand together; embedding models and others that do not chat are left out.
std::vector<comparison> compare(std::span<compared_model const> models);

/// One row per model with every capability, for `recloser models`.
comparison compare_models(std::span<compared_model const> models);

}  // namespace recloser::providers
