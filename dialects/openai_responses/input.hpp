#pragma once
// The `input` of a request: messages, calls, their results and earlier reasoning as one row of items
// (providers-openai-shaped.md §4.1, §4.4).

#include <string_view>

#include "chat/fault.hpp"
#include "chat/request.hpp"
#include "dialects/json.hpp"
#include "dialects/loss.hpp"
#include "dialects/openai_responses/models.hpp"

namespace recloser::dialects::openai_responses {

/// Writes the array. Every call is answered once and every result has its call: the API refuses anything else, and
/// clients that cut their history leave both. Reasoning goes back to the model that made it, right before what it led to.
/// Faults: parts that have no form here.
chat::result<void> write_input(json::writer& out, chat::request const& wanted, std::string_view model,
                               abilities const& takes, loss_report& lost);

}  // namespace recloser::dialects::openai_responses
