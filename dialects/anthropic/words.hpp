#pragma once
// Words that a whole reply and a stream read alike.

#include <cstdint>
#include <optional>
#include <string>

#include "chat/reply.hpp"
#include "chat/text.hpp"
#include "dialects/url_citation.hpp"

namespace recloser::dialects::anthropic {

/// `stop_reason` (providers-native.md §0.2). An unknown word is an end like any other; null is none yet.
chat::finish_reason finish_of(chat::raw_json stop_reason);

/// Appends a `web_search_result_location` citation as OpenAI's `url_citation`, with a comma before it unless it is the
/// first. In a stream it has a `number`. False for other citations.
bool append_annotation(chat::raw_json citation, text_range where, std::optional<int> number, std::string& out);

}  // namespace recloser::dialects::anthropic
