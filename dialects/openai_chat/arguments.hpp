#pragma once

#include "chat/text.hpp"

namespace recloser::dialects::openai_chat {

/// The `arguments` of a call as they are to be carried: always a JSON object. `value` is a JSON string that holds one, or
/// the object itself. What a model wrote may be cut off (`length`) or nonsense; that is no reason to refuse the whole
/// conversation, so it is kept as `{"_raw":"…"}`. The result points into `value` or `store`.
chat::raw_json arguments_of(chat::raw_json value, chat::store& store);

}  // namespace recloser::dialects::openai_chat
