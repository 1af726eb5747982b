#pragma once
// OpenAI Chat Completions as the provider's side: its answers read into `chat::`, for targets whose answers are not
// relayed as they are (dialects/model_text). Whatever relay mends is mended here too.

#include <memory>
#include <string_view>

#include "dialects/dialect.hpp"

namespace recloser::dialects::openai_chat {

/// Reads the event stream. Of several choices only the first is told; `logprobs` and vendors' own members are not.
/// `reasoning_field`: as in `reply_options`.
std::unique_ptr<event_source> new_events(std::string_view reasoning_field = {});

/// Reads a whole 2xx body (padded), its first choice. The reply keeps its own text. Arguments of a tool call that are no
/// JSON object are given as a JSON string of what the model wrote.
chat::result<chat::reply> read_reply(std::string_view body, std::string_view reasoning_field = {});

}  // namespace recloser::dialects::openai_chat
