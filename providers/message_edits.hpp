#pragma once

#include "chat/memory.hpp"
#include "dialects/edits.hpp"
#include "providers/row.hpp"

namespace recloser::providers {

/// Edits the `messages` array of a checked body so that a provider with these quirks takes it. `messages` is a part of
/// the text of `edits`.
/// `recall`: what earlier turns left behind; null: nothing.
void edit_messages(chat::raw_json messages, message_quirks const& quirks, json::edit_list& edits,
                   chat::recall const* recall = nullptr);

}  // namespace recloser::providers
