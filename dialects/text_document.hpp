#pragma once
// Text files: OpenAI's clients send them in base64, Anthropic wants their words.

#include <optional>
#include <string>

#include "chat/request.hpp"

namespace recloser::dialects {

/// A document whose bytes are text.
bool is_text_document(chat::part const& part);

/// The words of a base64 text, escaped. Nothing when it is not base64 or not UTF-8.
std::optional<std::string> text_of_base64(chat::raw_text data);

}  // namespace recloser::dialects
