#pragma once
// Which tools the model gets, whether it must call one, and in what form it answers (providers-native.md §2.3, §2.7).

#include <string>
#include <string_view>
#include <vector>

#include "chat/fault.hpp"
#include "chat/request.hpp"
#include "dialects/gemini/generate_content.hpp"
#include "dialects/gemini/models.hpp"
#include "dialects/json.hpp"
#include "dialects/loss.hpp"

namespace recloser::dialects::gemini {

struct tool_plan {
  std::vector<chat::tool const*> tools;
  bool web_search = false;
  std::string_view mode;                ///< of function calling; empty: not sent
  std::vector<chat::raw_text> allowed;  ///< `allowedFunctionNames`

  bool json = false;                      ///< `responseMimeType: application/json`
  std::string schema;                     ///< lowered; empty: none
  std::vector<std::string> instructions;  ///< to be added to the system texts; escaped
};

/// Faults: a tool_choice that names no tool.
chat::result<tool_plan> plan_tools(chat::request const& wanted, abilities const& model, loss_report& lost);

/// `tools` and `toolConfig`, when there are any.
void write_tools(json::writer& out, tool_plan const& plan, platform where, loss_report& lost);

}  // namespace recloser::dialects::gemini
