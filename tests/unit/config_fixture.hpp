#pragma once
// A catalog and an environment for the configuration's tests.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.hpp"

namespace recloser::config::testing {

using variables = std::map<std::string, std::string>;

inline environment environment_of(variables set) {
  return [set = std::move(set)](std::string const& name) -> std::optional<std::string> {
    auto const found = set.find(name);
    if (found == set.end()) return std::nullopt;
    return found->second;
  };
}

inline std::vector<known_provider> test_catalog() {
  return {
      {.name = "anthropic", .key_variables = {"ANTHROPIC_API_KEY"}, .url_variables = {}},
      {.name = "azure",
       .key_variables = {"AZURE_OPENAI_API_KEY", "AZURE_API_KEY"},
       .url_variables = {"AZURE_OPENAI_ENDPOINT"},
       .needs_key = false,
       .needs_base_url = true,
       .settings = {"api", "client_id", "client_secret", "tenant_id", "token_url"}},
      {.name = "bedrock",
       .key_variables = {"AWS_BEARER_TOKEN_BEDROCK"},
       .url_variables = {},
       .needs_key = false,
       .settings = {"profile", "region"},
       .enabling = {"AWS_ACCESS_KEY_ID"}},
      {.name = "demo", .key_variables = {}, .url_variables = {}, .needs_key = false, .local = true, .built_in = true},
      {.name = "gemini",
       .key_variables = {"GEMINI_API_KEY"},
       .url_variables = {},
       .settings = {"safety_level", "safety_settings"}},
      {.name = "groq",
       .key_variables = {"GROQ_API_KEY", "GROQCLOUD_API_KEY"},
       .url_variables = {},
       .settings = {"on_oversize"}},
      {.name = "huggingface", .key_variables = {"HF_TOKEN"}, .url_variables = {}, .needs_key = false},
      {.name = "llamacpp",
       .key_variables = {},
       .url_variables = {"VICTOR_LLAMACPP_HOST"},
       .needs_key = false,
       .aliases = {"llama-cpp", "llama.cpp"},
       .local = true,
       .default_port = 8080,
       .default_path = "/v1"},
      {.name = "ollama",
       .key_variables = {},
       .url_variables = {"OLLAMA_HOST", "OLLAMA_ENDPOINTS"},
       .needs_key = false,
       .local = true,
       .default_port = 11434,
       .default_path = "/v1",
       .settings = {"keep_alive", "num_ctx", "options", "text_calls"}},
      {.name = "openai", .key_variables = {"OPENAI_API_KEY"}, .url_variables = {"OPENAI_BASE_URL"}},
      {.name = "openai-compatible",
       .key_variables = {},
       .url_variables = {},
       .needs_key = false,
       .needs_base_url = true},
      {.name = "vertex",
       .key_variables = {"VERTEX_ACCESS_TOKEN"},
       .url_variables = {},
       .needs_key = false,
       .settings = {"credentials_file", "location", "project"}},
      {.name = "vllm",
       .key_variables = {"VLLM_API_KEY"},
       .url_variables = {"VICTOR_VLLM_HOST"},
       .needs_key = false,
       .local = true,
       .default_port = 8000,
       .default_path = "/v1"},
  };
}

inline loaded load(std::string_view text, variables set = {}) {
  return load_text(text, test_catalog(), environment_of(std::move(set)));
}

inline loaded detect(variables set = {}) { return from_environment(test_catalog(), environment_of(std::move(set))); }

/// All problems, one a line.
inline std::string problems_of(loaded const& what) {
  std::string all;
  for (problem const& one : what.problems) all += (all.empty() ? "" : "\n") + to_string(one);
  return all;
}

inline std::string problems_of(std::string_view text, variables set = {}) {
  return problems_of(load(text, std::move(set)));
}

inline std::string warnings_of(loaded const& what) {
  std::string all;
  for (std::string const& one : what.value.warnings) all += (all.empty() ? "" : "\n") + one;
  return all;
}

inline provider const* find_provider(loaded const& what, std::string_view name) {
  for (provider const& one : what.value.providers) {
    if (one.name == name) return &one;
  }
  return nullptr;
}

inline route const* find_route(loaded const& what, std::string_view name) {
  for (route const& one : what.value.routes) {
    if (one.name == name) return &one;
  }
  return nullptr;
}

/// The targets as `provider/model`.
inline std::vector<std::string> targets_of(loaded const& what, std::string_view name) {
  std::vector<std::string> all;
  if (route const* found = find_route(what, name)) {
    for (target const& one : found->targets) all.push_back(one.provider + "/" + one.model);
  }
  return all;
}

}  // namespace recloser::config::testing
