#pragma once
// OpenAI's Responses API as the provider's side of a translation (providers-openai-shaped.md §4), stateless: nothing is
// stored at the provider, and its encrypted reasoning travels with the client.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dialects/dialect.hpp"

namespace recloser::dialects::openai_responses {

/// Writes the body of `POST /v1/responses` for `model` (the provider's name of it) to `out`. Every parameter that could
/// not be carried is named in `dropped`. Faults: what would change the meaning (audio, …) or cannot be read; `out` is
/// then as it was.
chat::result<void> write_request(chat::request const& wanted, std::string_view model, std::string& out,
                                 std::vector<std::string>& dropped);

/// Reads a whole 2xx body (padded). The reply's views point into `body`, which must outlive it, or into its own store.
chat::result<chat::reply> read_reply(std::string_view body);

/// Whatever came with an error status.
chat::fault read_error(int status, std::string_view body, std::string_view type = {});

/// Reads the event stream.
std::unique_ptr<event_source> new_events();

extern dialect const responses;

}  // namespace recloser::dialects::openai_responses
