#pragma once
// How a model is to think (providers-native.md §2.5).

#include "chat/request.hpp"
#include "dialects/gemini/models.hpp"
#include "dialects/json.hpp"
#include "dialects/loss.hpp"

namespace recloser::dialects::gemini {

/// `thinkingConfig`, when something is to be said: what the client asks for by `reasoning_effort` or by Anthropic's
/// `thinking`, or as little as possible for an answer so short that thoughts would use it up.
void write_thinking(json::writer& out, chat::request const& wanted, abilities const& model, loss_report& lost);

}  // namespace recloser::dialects::gemini
