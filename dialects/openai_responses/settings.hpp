#pragma once
// How much a model may say, how it is to think, its sampling and the form of its answer: what a request wishes, brought
// into agreement with what the model takes (providers-openai-shaped.md §3.3, §4.1, §4.4).

#include "chat/request.hpp"
#include "dialects/json.hpp"
#include "dialects/loss.hpp"
#include "dialects/openai_responses/models.hpp"

namespace recloser::dialects::openai_responses {

/// `max_output_tokens`, `reasoning`, `temperature`, `top_p`.
void write_settings(json::writer& out, chat::request const& wanted, abilities const& takes, loss_report& lost);

/// `text`: the format and the verbosity.
void write_text(json::writer& out, chat::request const& wanted, abilities const& takes, loss_report& lost);

}  // namespace recloser::dialects::openai_responses
