#pragma once
// The finish reasons that OpenAI-shaped providers use, and what OpenAI's clients know (providers-openai-shaped.md §2.7).

#include <optional>
#include <string_view>

#include "chat/fault.hpp"
#include "chat/reply.hpp"

namespace recloser::dialects::openai_chat {

struct finish_word {
  std::string_view wire;
  chat::finish_reason reason;
  chat::raw_json shown;  ///< the word that clients know, in quotes
};

/// The row of an unescaped word; nullptr when it is unknown.
finish_word const* find_finish_word(std::string_view wire);

/// The fault behind a finish reason that means that the provider failed.
std::optional<chat::fault> fault_of_finish(std::string_view wire);

}  // namespace recloser::dialects::openai_chat
