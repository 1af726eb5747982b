#pragma once
// How much a model may say, how it is to think, and its sampling: what a request wishes, brought into agreement with
// what the model takes and with each other (providers-native.md §1.2–1.4).

#include <cstdint>
#include <string_view>

#include "chat/request.hpp"
#include "dialects/anthropic/models.hpp"
#include "dialects/json.hpp"
#include "dialects/loss.hpp"

namespace recloser::dialects::anthropic {

enum class thinking_mode { unset, verbatim, adaptive, budget, disabled, between_tools };

struct settings {
  std::int64_t max_tokens = 0;
  thinking_mode thinking = thinking_mode::unset;
  chat::raw_json own_thinking;  ///< the client's own member, for verbatim
  std::int64_t budget = 0;      ///< thinking tokens, for budget
  std::string_view effort;      ///< `output_config.effort`; empty: not sent
  bool thinks = false;          ///< in whatever form
  chat::raw_json temperature;
  chat::raw_json top_p;
  chat::raw_json top_k;
};

/// What else in the request has a say.
struct circumstances {
  bool forced_choice = false;      ///< tool_choice makes the model call: no thinking but what it does unasked
  bool lacks_thinking = false;     ///< a running tool loop whose thinking did not come back: no budget (§1.5)
  std::int64_t unasked_limit = 0;  ///< `max_tokens` for a request that names none; 0: what the model can
};

settings settle(chat::request const& wanted, abilities const& model, circumstances const& around, loss_report& lost);

/// `max_tokens`, `thinking`, `temperature`, `top_p`, `top_k`. The effort goes into `output_config`, with the format.
void write_settings(json::writer& out, settings const& what);

/// Within 0 and 1; OpenAI's ends at 2.
chat::raw_json clamped_temperature(chat::raw_json temperature, loss_report& lost);

/// `thinking`, when it is to be sent.
void write_thinking(json::writer& out, settings const& what);

}  // namespace recloser::dialects::anthropic
