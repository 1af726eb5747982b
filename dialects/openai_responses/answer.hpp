#pragma once
// What a whole answer and a stream say alike (providers-openai-shaped.md §4.2).

#include <cstdint>
#include <optional>
#include <string>

#include "chat/fault.hpp"
#include "chat/reply.hpp"

namespace recloser::dialects::openai_responses {

/// How a response ended, from its `status` and `incomplete_details`. `has_calls`: it calls the client's tools.
chat::finish_reason finish_of(std::string_view status, chat::raw_json incomplete_details, bool has_calls);

/// The statuses in which a response holds no answer, nor will: `failed`, `cancelled`, and those of background work.
bool is_failure(std::string_view status);

/// Why: `error` is the response's own error object, or the `error` event's; null or empty without one.
chat::fault failure_of(std::string_view status, chat::raw_json error);

/// Appends an annotation in the shape of chat completions, with a comma before it unless it is the first. Its places
/// count from the start of its text, which stands `offset` characters after the start of the answer. In a stream it has
/// a `number`. False for those that chat completions do not know.
bool append_annotation(chat::raw_json annotation, std::int64_t offset, std::optional<int> number, std::string& out);

/// The id by which a call is answered.
chat::raw_text call_id_of(chat::raw_json item);

/// Stands between paragraphs of reasoning and between messages, which a client sees as one text.
inline constexpr chat::raw_text paragraph = "\\n\\n";

}  // namespace recloser::dialects::openai_responses
