#pragma once

#include "dialects/edits.hpp"
#include "providers/row.hpp"

namespace recloser::providers {

/// Edits the `messages` array of a checked body so that a provider with these quirks takes it. `messages` is a part of
/// the text of `edits`.
void edit_messages(chat::raw_json messages, message_quirks const& quirks, json::edit_list& edits);

}  // namespace recloser::providers
