#pragma once
// Amazon Bedrock's Converse and ConverseStream as the provider's side of a translation (providers-native.md §4). Claude
// behind it is steered as on Anthropic's own API, through `additionalModelRequestFields`; what the other vendors' models
// take is in models.hpp. An answer carries neither an id nor the model's name: the id is in the header
// `x-amzn-requestid`.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dialects/dialect.hpp"

namespace recloser::dialects::bedrock_converse {

/// Writes the body for `model` (a model id, an inference profile or an ARN) to `out`. Every parameter that could not be
/// carried is named in `dropped`. Faults: what would change the meaning (URLs of images, audio, …) or cannot be read.
chat::result<void> write_request(chat::request const& wanted, std::string_view model, std::string& out,
                                 std::vector<std::string>& dropped);

/// Reads a whole 2xx body (padded). The reply's views point into `body` or its own store.
chat::result<chat::reply> read_reply(std::string_view body);

/// `{"message":…}`, or anything else that came with an error status. `type`: the header `x-amzn-errortype`.
chat::fault read_error(int status, std::string_view body, std::string_view type);

/// Reads the event stream.
std::unique_ptr<event_source> new_events();

extern dialect const converse;

}  // namespace recloser::dialects::bedrock_converse
