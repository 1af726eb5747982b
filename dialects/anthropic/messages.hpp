#pragma once
// Anthropic Messages as the provider's side of a translation (providers-native.md §1).

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dialects/dialect.hpp"

namespace recloser::dialects::anthropic {

/// Writes the body of `POST /v1/messages` for `model` (the provider's name of it) to `out`. Every parameter that could
/// not be carried is named in `dropped`. Faults: what would change the meaning (`n` > 1, audio, …) or cannot be read.
chat::result<void> write_request(chat::request const& wanted, std::string_view model, std::string& out,
                                 std::vector<std::string>& dropped);

/// Reads a whole 2xx body (padded). The reply's views point into `body`, which must outlive it.
chat::result<chat::reply> read_reply(std::string_view body);

/// `{"type":"error","error":{…}}` or anything else that came with an error status.
chat::fault read_error(int status, std::string_view body, std::string_view type = {});

/// Reads the event stream.
std::unique_ptr<event_source> new_events();

extern dialect const messages;

}  // namespace recloser::dialects::anthropic
