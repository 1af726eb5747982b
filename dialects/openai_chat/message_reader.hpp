#pragma once
// `messages` of a Chat Completions request (providers-openai-shaped.md §3.2), with the extensions that clients of other
// gateways send: Anthropic's `cache_control`, thinking blocks with their signatures, a PDF by URL.

#include "chat/fault.hpp"
#include "chat/request.hpp"

namespace recloser::dialects::openai_chat {

/// Reads a checked `messages` value into `out.messages`. Every text is passed over once, however deep it stands.
chat::result<void> read_messages(chat::raw_json messages, chat::request& out);

}  // namespace recloser::dialects::openai_chat
