#pragma once
// How much a model may say, its sampling and its thinking: `inferenceConfig`, and in `additionalModelRequestFields` what
// each vendor has of its own (providers-native.md §4.4).

#include <string>

#include "chat/request.hpp"
#include "dialects/anthropic/settings.hpp"
#include "dialects/bedrock_converse/models.hpp"
#include "dialects/bedrock_converse/tools.hpp"
#include "dialects/json.hpp"
#include "dialects/loss.hpp"
#include "dialects/turns.hpp"

namespace recloser::dialects::bedrock_converse {

/// Members of the client's body that go in as they are, when they are there.
inline constexpr std::string_view extra_fields = "additionalModelRequestFields";
inline constexpr std::string_view anthropic_beta = "anthropic_beta";  ///< Claude only

struct inference {
  std::int64_t max_tokens = 0;  ///< 0: not sent
  chat::raw_json temperature;
  chat::raw_json top_p;
  chat::raw_json top_k;
  std::string_view effort;     ///< in the model's own words; empty: not sent
  anthropic::settings claude;  ///< for Claude only
  bool thinks = false;         ///< Claude will, asked or unasked
};

inference plan_inference(chat::request const& wanted, family const& model, anthropic::abilities const& takes,
                         tool_plan const& tools, conversation const& talk, loss_report& lost);

void write_inference(json::writer& out, chat::request const& wanted, inference const& what, family const& model,
                     loss_report& lost);

/// `additionalModelRequestFields`, when there are any; what the client wrote there itself comes last and changes nothing
/// of ours.
void write_extra_fields(json::writer& out, chat::request const& wanted, inference const& what, tool_plan const& tools,
                        family const& model, loss_report& lost);

}  // namespace recloser::dialects::bedrock_converse
