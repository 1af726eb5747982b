#pragma once
// How each family of models is told to think (providers-native.md §5.2), as data. A new family is a new row.

#include <string_view>

namespace recloser::dialects::ollama_chat {

enum class thinking_style {
  none,    ///< it does not, and to ask it is answered with 400
  on_off,  ///< `true` or `false`
  levels,  ///< `low`, `medium`, `high`; it cannot be switched off
};

/// Never fails. Models that are not known are taken for ones that think: if they do not, Ollama says so, while one that
/// thinks and was never asked to would be silent.
thinking_style thinking_style_of(std::string_view model);

/// A model that Ollama's cloud runs: those ignore `format`.
bool is_cloud_model(std::string_view model);

}  // namespace recloser::dialects::ollama_chat
