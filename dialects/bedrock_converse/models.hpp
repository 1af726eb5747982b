#pragma once
// What each vendor's models take behind Converse (providers-native.md §4.4), as data. A new family is a new row.

#include <string_view>

#include "dialects/anthropic/models.hpp"
#include "dialects/tool_ids.hpp"

namespace recloser::dialects::bedrock_converse {

/// How a model is told to think. All of it goes into `additionalModelRequestFields`.
enum class reasoning_style {
  none,           ///< not at all, or it always does
  claude,         ///< `thinking` and `output_config.effort`
  nova,           ///< `reasoningConfig`
  effort,         ///< `reasoning_effort`
  nested_effort,  ///< `reasoning.effort`
};

/// What `toolChoice` may say besides nothing.
enum class choice_style {
  automatic,  ///< nothing else
  any,        ///< `any`
  named,      ///< `any` and `tool`
};

/// Where cache points may stand.
enum class caching { none, prompt, everywhere };  // prompt: system and messages, not tools

enum class top_k_place {
  none,
  flat,   ///< `top_k`
  inner,  ///< `inferenceConfig.topK`
};

struct family {
  std::string_view id;  ///< part of the model's id; the first row that fits counts
  reasoning_style reasoning = reasoning_style::none;
  choice_style choice = choice_style::automatic;
  caching cache = caching::none;
  top_k_place top_k = top_k_place::none;
  id_form ids = id_form::word;
  bool takes_cache_ttl = false;  ///< cache points of an hour
  bool takes_schema = false;     ///< structured output of the model's own
  bool takes_system = true;
  bool takes_sampling = true;  ///< temperature and topP
  bool takes_stop = true;
  bool takes_status = false;    ///< `status` of a tool result
  bool takes_thinking = false;  ///< `reasoningContent` in the history
  bool searches = false;        ///< web search of the model's own
};

/// Never fails: the last row stands for everything that is not known. `model` may be an ARN.
family const& family_of(std::string_view model);

/// The same in the terms of Anthropic's API; for Claude what that very model takes.
anthropic::abilities abilities_of(family const& of, std::string_view model);

}  // namespace recloser::dialects::bedrock_converse
