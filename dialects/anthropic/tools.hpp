#pragma once
// Which tools the model gets, whether it must call one, and in what form it answers (providers-native.md §1.2, §1.6).

#include <string>
#include <string_view>
#include <vector>

#include "chat/fault.hpp"
#include "chat/request.hpp"
#include "dialects/anthropic/models.hpp"
#include "dialects/anthropic/schema.hpp"
#include "dialects/loss.hpp"
#include "dialects/turns.hpp"

namespace recloser::dialects::anthropic {

/// The tool that stands in for structured output where a model has none: what it is called with is the answer. The name
/// is all that a reply needs for being read right.
inline constexpr std::string_view answer_tool = "recloser_json_answer";

enum class answer_form {
  free,
  native,       ///< `output_config.format`
  answer_tool,  ///< a forced call of `answer_tool`
  instructed,   ///< only told so
};

struct tool_plan {
  std::vector<chat::tool const*> tools;
  std::vector<chat::raw_text> stubs;  ///< called in the history, but not given any more (§7 row 8)
  bool web_search = false;
  chat::tool_choice_kind choice = chat::tool_choice_kind::unset;
  chat::raw_text choice_name;
  bool one_at_a_time = false;
  int marks_left_out = 0;  ///< so many of the first cache markers are not sent

  answer_form form = answer_form::free;
  std::string format;                     ///< native: the lowered schema
  std::vector<std::string> instructions;  ///< to be added to `system`; escaped

  bool forces_a_call() const {
    return choice == chat::tool_choice_kind::required || choice == chat::tool_choice_kind::named;
  }
};

/// It carries a cache marker.
bool is_marked(chat::tool const& tool);

/// Faults: a tool_choice that names no tool.
chat::result<tool_plan> plan_tools(chat::request const& wanted, conversation const& talk, abilities const& model,
                                   schema_budget& budget, loss_report& lost);

/// `tools` and `tool_choice`, when there are any.
void write_tools(json::writer& out, chat::request const& wanted, tool_plan const& plan, abilities const& model,
                 schema_budget& budget, loss_report& lost);

/// `tool_choice`, when it says anything.
void write_tool_choice(json::writer& out, tool_plan const& plan);

/// `output_config`: how hard to think, and the form of the answer. `effort` may be empty.
void write_output_config(json::writer& out, std::string_view effort, tool_plan const& plan);

}  // namespace recloser::dialects::anthropic
