#pragma once
// The conversation as Bedrock accepts it, beyond what all providers share (providers-native.md §4.4).

#include <string>

#include "chat/request.hpp"
#include "dialects/bedrock_converse/models.hpp"
#include "dialects/loss.hpp"
#include "dialects/turns.hpp"

namespace recloser::dialects::bedrock_converse {

/// Faults: parts that Converse has no block for, and media that it does not fetch.
chat::result<conversation> take_history(chat::request const& wanted, family const& model);

/// Calls and results told in words: without `toolConfig` blocks of them are a 400, and with it the model could call
/// again (§7 row 8).
void tell_tools_in_words(conversation& talk, loss_report& lost);

/// For models without system prompts: the user says it.
void fold_system(conversation& talk, loss_report& lost);

/// A message with a document needs words beside it.
void put_words_beside_documents(conversation& talk);

/// The format that a media type has here; empty: none.
std::string_view image_format(chat::raw_text media_type);
std::string_view document_format(chat::raw_text media_type);

}  // namespace recloser::dialects::bedrock_converse
