#pragma once
// A conversation as one text, for models that take no list of messages.

#include <string>
#include <vector>

#include "chat/fault.hpp"
#include "chat/request.hpp"
#include "dialects/loss.hpp"

namespace recloser::dialects::replicate {

enum class speaker { user, assistant };

/// A turn in words. `text` is escaped.
struct turn {
  speaker who = speaker::user;
  std::string text;
};

struct script {
  std::string system;               ///< all system texts, an empty line between two; escaped
  std::vector<turn> turns;          ///< what one speaker says in a row is one turn; never empty
  std::vector<std::string> images;  ///< URLs and data: URLs, in their order; escaped
};

/// Tool calls and results are told in words: `Called tool NAME with {…}`, `Result of tool NAME: …`.
/// Faults: audio, and files that are neither text nor images.
chat::result<script> write_script(chat::request const& wanted, loss_report& lost);

/// The template. What the user says alone is the prompt as it is; a conversation is
///   User: …
///
///   Assistant: …
///
///   User: …
///
///   Assistant:
/// without the last line when the assistant spoke last: then the model goes on where that ends.
std::string prompt_of(script const& said);

}  // namespace recloser::dialects::replicate
