#pragma once
// What each model family takes (providers-native.md §1.3), as data. A new model is a new row.

#include <cstdint>
#include <string_view>

namespace recloser::dialects::anthropic {

/// How a model is asked to think.
enum class thinking_style {
  none,      ///< it does not
  budget,    ///< `enabled` with `budget_tokens`
  adaptive,  ///< `adaptive`, steered by `output_config.effort`
};

struct abilities {
  std::string_view id;          ///< part of the model's name; the first row that fits counts
  std::int64_t max_output = 0;  ///< `max_tokens` beyond it is answered with 400; 0: unknown
  thinking_style thinking = thinking_style::adaptive;
  bool thinks_unasked = false;       ///< thinks when `thinking` is absent, out of the same `max_tokens`
  bool takes_budget = false;         ///< `thinking.enabled` is accepted
  bool takes_disabled = true;        ///< `thinking.disabled` is accepted
  bool takes_between_tools = false;  ///< `thinking.between_tools` is accepted
  bool takes_xhigh = true;           ///< effort `xhigh`; without it the next lower is `high`
  bool takes_sampling = false;       ///< temperature, top_p and top_k other than their defaults
  bool takes_forced_choice = true;   ///< tool_choice `any` and `tool`
  bool takes_schema = true;          ///< `output_config.format` and strict tools
  bool takes_prefill = false;        ///< a conversation may end with the assistant's turn
};

/// Never fails: the last rows stand for models that are not known yet and for other vendors' models.
abilities const& abilities_of(std::string_view model);

}  // namespace recloser::dialects::anthropic
