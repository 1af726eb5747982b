#pragma once
// A server's own parser of tool calls can fail and refuse the model's whole answer, with the words in the refusal: Groq's
// `tool_use_failed` (providers-openai-shaped.md §9).

#include <optional>
#include <string_view>
#include <vector>

#include "chat/reply.hpp"
#include "dialects/model_text/model_families.hpp"

namespace recloser::dialects::model_text {

/// The answer that such an error holds. Nothing: it is another error, or there is no call of one of `tools` in it.
std::optional<chat::reply> read_failed_call(std::string_view error_body, family const& of,
                                            std::vector<chat::tool> const& tools);

}  // namespace recloser::dialects::model_text
