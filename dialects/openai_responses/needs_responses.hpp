#pragma once
// Which requests must not go to `/chat/completions` although the provider has it (providers-openai-shaped.md §3.3).

#include <string_view>
#include <vector>

#include "chat/text.hpp"
#include "dialects/json.hpp"

namespace recloser::dialects::openai_responses {

/// What of a chat request decides it.
struct chat_wishes {
  bool tools = false;     ///< it has function tools
  chat::raw_text effort;  ///< `reasoning_effort`; empty: not sent
};

/// From the members of a Chat Completions body that `json::scan_object` has found.
chat_wishes wishes_of(std::vector<json::member> const& members);

/// True when OpenAI (or Azure) would refuse the request on chat completions, while Responses takes it: Responses-only
/// models, and tools together with reasoning from gpt-5.4 on. `model` is the provider's name of the model, or the family
/// that the operator declared for a deployment. False for models that are not known, and for xAI's, which take either.
bool needs_responses(std::string_view model, chat_wishes const& wishes);

}  // namespace recloser::dialects::openai_responses
