#pragma once
// `generationConfig`: sampling, limits, the form of the answer, thinking (providers-native.md §2.3).

#include "chat/request.hpp"
#include "dialects/gemini/generate_content.hpp"
#include "dialects/gemini/models.hpp"
#include "dialects/gemini/options.hpp"
#include "dialects/gemini/tools.hpp"
#include "dialects/json.hpp"
#include "dialects/loss.hpp"

namespace recloser::dialects::gemini {

struct wishes {
  chat::request const& wanted;
  options const& more;
  tool_plan const& tools;
  abilities const& model;
  platform where;
};

/// Nothing when there is nothing to say.
void write_generation_config(json::writer& out, wishes const& all, loss_report& lost);

}  // namespace recloser::dialects::gemini
