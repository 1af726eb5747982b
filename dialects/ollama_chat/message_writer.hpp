#pragma once
// `messages` (providers-native.md §5.2): one text for each, images beside it, results with the name of their tool.

#include <string_view>

#include "chat/fault.hpp"
#include "chat/request.hpp"
#include "dialects/json.hpp"
#include "dialects/loss.hpp"

namespace recloser::dialects::ollama_chat {

/// Faults: media that Ollama cannot take.
chat::result<void> write_messages(json::writer& out, chat::request const& wanted, std::string_view model,
                                  loss_report& lost);

}  // namespace recloser::dialects::ollama_chat
