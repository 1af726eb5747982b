#pragma once
// What each model family takes (providers-native.md §2.3, §2.5), as data. A new model is a new row.

#include <cstdint>
#include <string_view>

namespace recloser::dialects::gemini {

/// How a model is asked to think.
enum class thinking_style {
  none,    ///< it is not: `thinkingConfig` is a 400
  level,   ///< `thinkingLevel`
  budget,  ///< `thinkingBudget`
};

struct abilities {
  std::string_view id;          ///< part of the model's name; the first row that fits counts
  std::string_view also = {};   ///< another part that must be there
  std::int64_t max_output = 0;  ///< `maxOutputTokens` beyond it is answered with 400; 0: unknown
  thinking_style thinking = thinking_style::level;
  std::string_view lowest = "LOW";     ///< level for least thinking
  std::string_view medium = "MEDIUM";  ///< level that stands for a medium effort
  std::string_view highest = "HIGH";   ///< level for most thinking
  std::int64_t least_budget = 0;
  std::int64_t most_budget = 0;
  bool can_switch_off = false;  ///< a budget of 0
  /// Demands thought signatures with function calls, joins functions with search and with JSON answers, and takes media
  /// inside function responses.
  bool third_generation = true;
  bool takes_system = true;     ///< `systemInstruction`
  bool takes_penalties = true;  ///< on the Developer API; Vertex AI always does
  bool takes_logprobs = false;
};

/// Never fails: the last rows stand for models that are not known yet and for tuned ones.
abilities const& abilities_of(std::string_view model);

}  // namespace recloser::dialects::gemini
