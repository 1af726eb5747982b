#include "dialects/bedrock_converse/inference.hpp"

#include <algorithm>
#include <iterator>

#include "dialects/json_values.hpp"
#include "dialects/thinking_history.hpp"

namespace recloser::dialects::bedrock_converse {

namespace {

/// What counts against the quota from the start is the limit, not what is said in the end, so the model's maximum is not
/// asked for (§4.8). Only a thinking budget needs a limit where the client named none.
constexpr std::int64_t unasked_limit = 8192;

// ---- Claude ----------------------------------------------------------------------------------------------------

bool has_budget(anthropic::settings const& how) {
  return how.thinking == anthropic::thinking_mode::budget ||
         json::is_string(json::find(how.own_thinking, "type"), "enabled");
}

void plan_claude(chat::request const& wanted, anthropic::abilities const& takes, tool_plan const& tools,
                 conversation const& talk, inference& out, loss_report& lost) {
  anthropic::circumstances const around{tools.forces_a_call(), lacks_thinking(talk), unasked_limit};
  out.claude = anthropic::settle(wanted, takes, around, lost);
  auto const& how = out.claude;
  if (wanted.max_tokens || has_budget(how)) out.max_tokens = how.max_tokens;
  out.temperature = how.temperature;
  out.top_p = how.top_p;
  out.top_k = how.top_k;
  out.effort = how.effort;
  out.thinks = how.thinks || (takes.thinks_unasked && how.thinking != anthropic::thinking_mode::disabled);
}

// ---- the others ------------------------------------------------------------------------------------------------

struct effort_row {
  reasoning_style style;
  std::string_view asked;  ///< OpenAI's word
  std::string_view sent;   ///< empty: nothing is sent, it is so anyway
  std::string_view loss;
};

using enum reasoning_style;

constexpr effort_row efforts[] = {
    {nova, "none", "", ""},
    {nova, "minimal", "low", ""},
    {nova, "low", "low", ""},
    {nova, "medium", "medium", ""},
    {nova, "high", "high", ""},
    {nova, "xhigh", "high", "reasoning_effort (high)"},
    {nova, "max", "high", "reasoning_effort (high)"},
    {effort, "none", "low", "reasoning_effort (low)"},
    {effort, "minimal", "low", ""},
    {effort, "low", "low", ""},
    {effort, "medium", "medium", ""},
    {effort, "high", "high", ""},
    {effort, "xhigh", "high", "reasoning_effort (high)"},
    {effort, "max", "high", "reasoning_effort (high)"},
    {nested_effort, "none", "none", ""},
    {nested_effort, "minimal", "minimal", ""},
    {nested_effort, "low", "low", ""},
    {nested_effort, "medium", "medium", ""},
    {nested_effort, "high", "high", ""},
    {nested_effort, "xhigh", "xhigh", ""},
    {nested_effort, "max", "xhigh", "reasoning_effort (xhigh)"},
};

void plan_effort(chat::request const& wanted, family const& model, inference& out, loss_report& lost) {
  if (!wanted.thinking.empty()) lost.add("thinking");
  if (wanted.reasoning_effort.empty()) return;
  auto const row = std::ranges::find_if(efforts, [&](auto const& each) {
    return each.style == model.reasoning && each.asked == wanted.reasoning_effort;
  });
  if (row == std::end(efforts)) return lost.add("reasoning_effort");
  if (!row->loss.empty()) lost.add(row->loss);
  out.effort = row->sent;
}

void plan_sampling(chat::request const& wanted, family const& model, inference& out, loss_report& lost) {
  if (model.takes_sampling) {
    out.temperature = anthropic::clamped_temperature(wanted.temperature, lost);
    out.top_p = wanted.top_p;
  } else {
    if (!wanted.temperature.empty()) lost.add("temperature");
    if (!wanted.top_p.empty()) lost.add("top_p");
  }
  out.top_k = wanted.top_k;
  if (model.top_k != top_k_place::none || wanted.top_k.empty()) return;
  lost.add("top_k");
  out.top_k = {};
}

/// Nova 2 at its highest effort decides these itself and refuses to be told (§4.4).
void give_way_to_effort(family const& model, inference& out, loss_report& lost) {
  if (model.reasoning != nova || out.effort != "high") return;
  if (out.max_tokens != 0) lost.add("max_tokens");
  if (!out.temperature.empty()) lost.add("temperature");
  if (!out.top_p.empty()) lost.add("top_p");
  out.max_tokens = 0;
  out.temperature = out.top_p = {};
}

}  // namespace

inference plan_inference(chat::request const& wanted, family const& model, anthropic::abilities const& takes,
                         tool_plan const& tools, conversation const& talk, loss_report& lost) {
  inference out;
  if (model.reasoning == claude) {
    plan_claude(wanted, takes, tools, talk, out, lost);
    return out;
  }
  out.max_tokens = wanted.max_tokens.value_or(0);
  plan_effort(wanted, model, out, lost);
  plan_sampling(wanted, model, out, lost);
  give_way_to_effort(model, out, lost);
  return out;
}

// ---- inferenceConfig -------------------------------------------------------------------------------------------

namespace {

void write_number(json::writer& out, std::string_view name, chat::raw_json value) {
  if (!value.empty()) out.key(name).raw(value);
}

/// White space alone as a stop sequence is a 400.
std::vector<chat::raw_text> stop_sequences(chat::request const& wanted, family const& model, loss_report& lost) {
  if (!model.takes_stop) {
    if (!wanted.stop.empty()) lost.add("stop");
    return {};
  }
  auto out = wanted.stop;
  if (std::erase_if(out, json::is_blank) > 0) lost.add("stop (blank)");
  return out;
}

}  // namespace

void write_inference(json::writer& out, chat::request const& wanted, inference const& what, family const& model,
                     loss_report& lost) {
  auto const stop = stop_sequences(wanted, model, lost);
  if (what.max_tokens == 0 && what.temperature.empty() && what.top_p.empty() && stop.empty()) return;
  out.key("inferenceConfig").open('{');
  if (what.max_tokens != 0) out.key("maxTokens").number(what.max_tokens);
  write_number(out, "temperature", what.temperature);
  write_number(out, "topP", what.top_p);
  if (!stop.empty()) {
    out.key("stopSequences").open('[');
    for (auto const each : stop) out.text(each);
    out.close(']');
  }
  out.close('}');
}

// ---- additionalModelRequestFields ------------------------------------------------------------------------------

namespace {

void write_effort(json::writer& out, inference const& what, family const& model) {
  if (what.effort.empty()) return;
  if (model.reasoning == effort) out.key("reasoning_effort").text(what.effort);
  if (model.reasoning == nested_effort) {
    out.key("reasoning").open('{').key("effort").text(what.effort).close('}');
  }
  if (model.reasoning == nova) {
    out.key("reasoningConfig").open('{').key("type").text("enabled");
    out.key("maxReasoningEffort").text(what.effort).close('}');
  }
}

void write_top_k(json::writer& out, inference const& what, family const& model) {
  if (what.top_k.empty()) return;
  if (model.top_k == top_k_place::flat) out.key("top_k").raw(what.top_k);
  if (model.top_k == top_k_place::inner) out.key("inferenceConfig").open('{').key("topK").raw(what.top_k).close('}');
}

chat::raw_json unread(chat::request const& wanted, std::string_view name) {
  auto const found = std::ranges::find(wanted.unread, name, &chat::unread_member::name);
  return found == wanted.unread.end() ? chat::raw_json() : found->value;
}

void write_clients_own(json::writer& out, chat::request const& wanted, std::string const& ours, loss_report& lost) {
  std::vector<json::member> members;
  json::members_of(unread(wanted, extra_fields), members);
  auto const written = ours + "}";
  for (auto const& each : members) {
    if (json::find(written, each.key).empty()) {
      out.key(each.key).raw(each.value);
    } else {
      lost.add(std::string(extra_fields) + "." + std::string(each.key));
    }
  }
}

}  // namespace

void write_extra_fields(json::writer& out, chat::request const& wanted, inference const& what, tool_plan const& tools,
                        family const& model, loss_report& lost) {
  std::string fields;
  json::writer extra(fields);
  extra.open('{');
  if (model.reasoning == claude) {
    anthropic::write_thinking(extra, what.claude);
    anthropic::write_output_config(extra, what.effort, tools);
    if (chooses_in_extra_fields(tools, model)) anthropic::write_tool_choice(extra, tools);
    write_number(extra, anthropic_beta, unread(wanted, anthropic_beta));
  } else {
    write_effort(extra, what, model);
  }
  write_top_k(extra, what, model);
  write_clients_own(extra, wanted, fields, lost);
  extra.close('}');
  if (fields != "{}") out.key(extra_fields).raw(fields);
}

}  // namespace recloser::dialects::bedrock_converse
