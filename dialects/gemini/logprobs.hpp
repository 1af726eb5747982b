#pragma once
// Probabilities of tokens, as OpenAI's clients read them.

#include <string>

#include "chat/text.hpp"

namespace recloser::dialects::gemini {

/// A `logprobsResult` as OpenAI's `logprobs` object. Empty when it tells of no token.
std::string logprobs_of(chat::raw_json result);

}  // namespace recloser::dialects::gemini
