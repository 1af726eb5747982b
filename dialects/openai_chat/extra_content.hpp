#pragma once
// `tool_calls[].extra_content`: where a call carries the seal that its producer wants back. The form is the one of
// Google's OpenAI-compatible endpoint, which OpenAI's SDKs keep (providers-native.md §2.6); who made it stands beside
// it.

#include "chat/request.hpp"
#include "dialects/json.hpp"

namespace recloser::dialects::openai_chat {

/// The member of a call that is being written.
void write_extra_content(json::writer& out, chat::raw_text signature, chat::raw_text model);

/// The same as text, with a comma before it.
void put_extra_content(std::string& out, chat::raw_text signature, chat::raw_text model);

/// Fills in `signature`, and `producer` where it is said.
void read_extra_content(chat::raw_json value, chat::part& call);

}  // namespace recloser::dialects::openai_chat
