#pragma once
// `tools`, `tool_choice` and `parallel_tool_calls` (providers-openai-shaped.md §4.1, §4.4).

#include "chat/fault.hpp"
#include "chat/request.hpp"
#include "dialects/json.hpp"
#include "dialects/loss.hpp"
#include "dialects/openai_responses/models.hpp"

namespace recloser::dialects::openai_responses {

/// Fault: `tool_choice` names a tool that is not there.
chat::result<void> write_tools(json::writer& out, chat::request const& wanted, abilities const& takes,
                               loss_report& lost);

}  // namespace recloser::dialects::openai_responses
