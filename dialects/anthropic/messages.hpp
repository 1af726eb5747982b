#pragma once
// Anthropic Messages as the provider's side of a translation (providers-native.md §1).

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dialects/dialect.hpp"

namespace recloser::dialects::anthropic {

/// Who runs the model. Vertex names it in the URL, and the version in the body.
enum class platform { anthropic, vertex };

/// Writes the body of `POST /v1/messages` for `model` (the provider's name of it) to `out`. Every parameter that could
/// not be carried is named in `dropped`. Faults: what would change the meaning (`n` > 1, audio, …) or cannot be read.
chat::result<void> write_request(platform where, chat::request const& wanted, std::string_view model,
                                 std::string& out, std::vector<std::string>& dropped);
inline chat::result<void> write_request(chat::request const& wanted, std::string_view model, std::string& out,
                                        std::vector<std::string>& dropped) {
  return write_request(platform::anthropic, wanted, model, out, dropped);
}

/// Reads a whole 2xx body (padded). The reply's views point into `body`, which must outlive it.
chat::result<chat::reply> read_reply(std::string_view body);

/// `{"type":"error","error":{…}}` or anything else that came with an error status.
chat::fault read_error(int status, std::string_view body, std::string_view type = {});

/// Reads the event stream.
std::unique_ptr<event_source> new_events();

extern dialect const messages;
/// The same on Google's Vertex AI (providers-native.md §3.3); errors come in Anthropic's or in Google's envelope.
extern dialect const messages_on_vertex;

}  // namespace recloser::dialects::anthropic
