#pragma once
// Anthropic's error object, wherever it comes from: an error status, an answer of 200, the middle of a stream.

#include "chat/fault.hpp"
#include "chat/text.hpp"

namespace recloser::dialects::anthropic {

/// `error` is the inner object (or a bare string), checked. `status` 200 takes the status from the error's type.
chat::fault read_error_object(int status, chat::raw_json error);

}  // namespace recloser::dialects::anthropic
