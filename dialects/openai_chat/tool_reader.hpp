#pragma once
// `tools` and `tool_choice` of a Chat Completions request.

#include "chat/fault.hpp"
#include "chat/request.hpp"

namespace recloser::dialects::openai_chat {

chat::result<void> read_tools(chat::raw_json tools, chat::request& out);
chat::result<void> read_tool_choice(chat::raw_json choice, chat::request& out);

}  // namespace recloser::dialects::openai_chat
