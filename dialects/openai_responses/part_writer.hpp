#pragma once
// Parts of a message as Responses spells them (providers-openai-shaped.md §4.1, §4.4).

#include <cstddef>
#include <string_view>

#include "chat/fault.hpp"
#include "chat/request.hpp"
#include "dialects/json.hpp"

namespace recloser::dialects::openai_responses {

/// What the user, the operator or a tool said: `input_text`, `input_image` or `input_file`. `marks`: the client places the
/// cache breakpoints itself. Faults: parts that have no such form. `message` is its number, for them.
chat::result<void> write_input_part(json::writer& out, chat::part const& part, bool marks, std::size_t message);

/// What the assistant said: `output_text` or `refusal`.
chat::result<void> write_output_part(json::writer& out, chat::part const& part, std::size_t message);

}  // namespace recloser::dialects::openai_responses
