#pragma once
// Encrypted reasoning on its way through a client that knows only chat messages. What a reasoning item consists of goes
// into one opaque text, `data` of a redacted thinking part:  `<item id>:<call id>:<encrypted content>`. The call id says
// which call the reasoning led to, for it must stand right before that call when it comes back; it is empty when the
// reasoning led to words. Words of a summary are no part of it: the model reads only what is encrypted.

#include <optional>
#include <string>

#include "chat/request.hpp"

namespace recloser::dialects::openai_responses {

struct seal {
  chat::raw_text item_id;
  chat::raw_text call_id;
  chat::raw_text encrypted;
};

std::string write_seal(seal const& what);

/// Nothing when another dialect's or another model's reasoning is in the part.
std::optional<seal> read_seal(chat::part const& thinking, std::string_view model);

}  // namespace recloser::dialects::openai_responses
