#pragma once
// Sources of an answer as OpenAI's `url_citation` annotations, and the counting of characters that they need.

#include <cstdint>
#include <optional>
#include <string>

#include "chat/text.hpp"

namespace recloser::dialects {

/// Texts from `begin` to `end`, counted in characters.
struct text_range {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

/// Appends one annotation, with a comma before it unless it is the first. In a stream it has a `number`.
void append_url_citation(chat::raw_text url, chat::raw_text title, text_range where, std::optional<int> number,
                         std::string& out);

/// Characters in an escaped text, as OpenAI's `start_index` counts them.
std::int64_t count_characters(chat::raw_text text);

}  // namespace recloser::dialects
