#pragma once
// Words that a whole reply and a stream read alike.

#include <optional>
#include <string>

#include "chat/fault.hpp"
#include "chat/reply.hpp"
#include "dialects/url_citation.hpp"

namespace recloser::dialects::bedrock_converse {

/// How an answer ended.
struct ending {
  chat::finish_reason finish = chat::finish_reason::none;
  bool malformed = false;  ///< the model wrote what cannot be read; without content it is a failure (§0.2)
};

/// `stopReason`, for an answer with or without calls: some models say `end_turn` after calls (§4.5). An unknown word is an
/// end like any other; anything but a string is none yet.
ending ending_of(chat::raw_json stop_reason, bool has_calls);

/// What a malformed answer without content is.
chat::fault malformed_answer();

/// A `usage` object. `inputTokens` counts no cached tokens (§0.3).
chat::usage usage_of(chat::raw_json usage);

/// Appends a citation of the web; false for one of a document.
bool append_citation(chat::raw_json citation, text_range where, std::optional<int> number, std::string& out);

/// A call of a tool that the provider runs itself (`nova_grounding`): none of the client's business.
bool is_providers_own(chat::raw_json tool_use);

}  // namespace recloser::dialects::bedrock_converse
