#pragma once
// What a model can do. Three sources, each over the one before it: the registry (data by model family, with a date, in
// providers/capabilities/), what the provider's own model list reports (model_lists.hpp), and the operator.
// What nobody says is unknown, and nothing is refused on what is unknown.

#include <cstdint>
#include <span>
#include <string_view>

#include "config/model_override.hpp"

namespace recloser::providers {

enum class support : std::uint8_t { unknown, no, yes };

std::string_view to_string(support value);

struct capabilities {
  std::int64_t context = 0;     ///< tokens of prompt and answer together (Gemini: of the prompt); 0: unknown
  std::int64_t max_output = 0;  ///< tokens of one answer; 0: unknown
  support chat = support::unknown;
  support embeddings = support::unknown;
  support tools = support::unknown;
  support parallel_tools = support::unknown;   ///< several calls in one answer
  support streaming_tools = support::unknown;  ///< calls arrive piece by piece; without it whole, also in streams
  support vision = support::unknown;           ///< images in messages
  support documents = support::unknown;        ///< PDF files in messages
  support audio = support::unknown;            ///< sound in messages
  support reasoning = support::unknown;        ///< thinks before it answers, always or when asked
  support json_mode = support::unknown;        ///< response_format json_object
  support json_schema = support::unknown;      ///< response_format json_schema
  support prefill = support::unknown;          ///< goes on from a last message of the assistant's
  bool operator==(capabilities const&) const = default;
};

/// The members of `capabilities` that are yes or no, by the names that configuration and JSON use.
struct capability {
  std::string_view name;
  support capabilities::*place;
  std::optional<bool> config::model_override::*said;
};
inline constexpr capability all_capabilities[] = {
    {"chat", &capabilities::chat, &config::model_override::chat},
    {"embeddings", &capabilities::embeddings, &config::model_override::embeddings},
    {"tools", &capabilities::tools, &config::model_override::tools},
    {"parallel_tools", &capabilities::parallel_tools, &config::model_override::parallel_tools},
    {"streaming_tools", &capabilities::streaming_tools, &config::model_override::streaming_tools},
    {"vision", &capabilities::vision, &config::model_override::vision},
    {"documents", &capabilities::documents, &config::model_override::documents},
    {"audio", &capabilities::audio, &config::model_override::audio},
    {"reasoning", &capabilities::reasoning, &config::model_override::reasoning},
    {"json_mode", &capabilities::json_mode, &config::model_override::json_mode},
    {"json_schema", &capabilities::json_schema, &config::model_override::json_schema},
    {"prefill", &capabilities::prefill, &config::model_override::prefill},
};

/// What the registry knows of a model. `family` is the row that told it, empty when there is none.
struct registered {
  capabilities what;
  std::string_view family;
  std::string_view as_of;  ///< month of the facts, `2026-09`
};

/// `provider` is a catalog name, never an alias; `model` any spelling: `us.anthropic.claude-sonnet-4-5-20250929-v1:0`,
/// `Qwen/Qwen2.5-Coder-7B-Instruct`, `qwen2.5-coder:7b`, `../models/Qwen2.5-Coder-7B-Instruct-Q4_K_M.gguf`.
/// Some microseconds: ask when a target is made, not for each request.
registered find_registered(std::string_view provider, std::string_view model);

inline capabilities capabilities_of(std::string_view provider, std::string_view model) {
  return find_registered(provider, model).what;
}

/// `base` with what `over` knows put over it.
capabilities merge(capabilities base, capabilities const& over);

/// The same for the operator's words: all patterns that fit the model count, later ones over earlier ones.
capabilities merge(capabilities base, std::span<config::model_override const> said, std::string_view model);

}  // namespace recloser::providers
