#pragma once
// What a client sends back of a model's earlier thinking.

#include <vector>

#include "chat/request.hpp"

namespace recloser::dialects::openai_chat {

/// The blocks that a provider can take up again because they carry its seal: `thinking_blocks` as our replies have them,
/// else OpenRouter's `reasoning_details`. Bare `reasoning_content` has no seal and counts for nothing, but in a stream
/// our chunks give the text of a block there and only the seal in `thinking_blocks`, so it lends a lone block its text.
std::vector<chat::part> read_thinking_blocks(chat::raw_json thinking_blocks, chat::raw_json reasoning_details,
                                             chat::raw_json reasoning_content);

}  // namespace recloser::dialects::openai_chat
