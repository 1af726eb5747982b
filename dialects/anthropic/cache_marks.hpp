#pragma once
// Anthropic takes four cache markers in a request and answers a fifth with 400 (providers-native.md §1.7).

#include "chat/request.hpp"
#include "dialects/anthropic/tools.hpp"
#include "dialects/loss.hpp"
#include "dialects/turns.hpp"

namespace recloser::dialects::anthropic {

/// Takes the surplus away: first from the oldest messages, since the newest marker is the one that the next request
/// hits, then from the system texts and from the tools.
void limit_cache_marks(chat::request const& wanted, conversation& talk, tool_plan& tools, loss_report& lost);

}  // namespace recloser::dialects::anthropic
