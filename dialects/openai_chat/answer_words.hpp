#pragma once
// What a whole answer and a chunk say in the same words.

#include <string_view>

#include "chat/reply.hpp"
#include "dialects/json.hpp"

namespace recloser::dialects::openai_chat {

/// `finish_reason`. Agents look for `tool_calls` whenever there are calls, whatever word the provider had for that
/// (clients.md §3.1); `length` and `content_filter` stand above it. An answer never ends without a reason.
std::string_view finish_word(chat::finish_reason finish, bool has_tool_calls);

/// The `usage` object.
void write_usage(json::writer& out, chat::usage const& usage);

/// The provider's id, or one that is made up.
void write_id(json::writer& out, chat::raw_text id);

}  // namespace recloser::dialects::openai_chat
