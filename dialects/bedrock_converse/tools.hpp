#pragma once
// `toolConfig`: Anthropic's plan of tools, choice and form of the answer, within what Converse can say
// (providers-native.md §4.4).

#include "chat/fault.hpp"
#include "chat/request.hpp"
#include "dialects/anthropic/tools.hpp"
#include "dialects/bedrock_converse/content_writer.hpp"
#include "dialects/bedrock_converse/models.hpp"
#include "dialects/json.hpp"
#include "dialects/loss.hpp"
#include "dialects/turns.hpp"

namespace recloser::dialects::bedrock_converse {

using anthropic::answer_form;
using anthropic::tool_plan;

/// May take the tools out of `talk`. Faults: a tool_choice that names no tool, a web search that the model cannot do.
chat::result<tool_plan> plan_tools(chat::request const& wanted, conversation& talk, family const& model,
                                   anthropic::abilities const& takes, loss_report& lost);

/// Whether `tool_choice` goes into `additionalModelRequestFields`, the one place where Claude can be held to one call at
/// a time. `toolChoice` beside it is a 400.
bool chooses_in_extra_fields(tool_plan const& plan, family const& model);

/// `toolConfig`, when there are tools.
void write_tools(json::writer& out, chat::request const& wanted, tool_plan const& plan, family const& model,
                 content_writer& content, loss_report& lost);

}  // namespace recloser::dialects::bedrock_converse
