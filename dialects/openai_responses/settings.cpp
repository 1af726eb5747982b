#include "dialects/openai_responses/settings.hpp"

#include <algorithm>
#include <string>

#include "dialects/json_values.hpp"

namespace recloser::dialects::openai_responses {

namespace {

// ---- how much --------------------------------------------------------------------------------------------------

/// "Expected a value >= 16", the API says (earendil-works/pi issue 6265 of 2026-07-02).
constexpr std::int64_t least_output = 16;

void write_limit(json::writer& out, chat::request const& wanted, loss_report& lost) {
  if (!wanted.max_tokens) return;
  if (*wanted.max_tokens < least_output) lost.add("max_tokens (clamped)");
  out.key("max_output_tokens").number(std::max(*wanted.max_tokens, least_output));
}

// ---- reasoning -------------------------------------------------------------------------------------------------

struct effort_row {
  std::string_view name;
  unsigned bit;
  std::int64_t budget;  ///< Anthropic's thinking tokens that are about as much
};

constexpr effort_row efforts[] = {
    {"none", effort::none, 0},        {"minimal", effort::minimal, 0}, {"low", effort::low, 1024},
    {"medium", effort::medium, 4096}, {"high", effort::high, 16'384},  {"xhigh", effort::xhigh, 32'768},
    {"max", effort::max, INT64_MAX},
};

/// The effort that Anthropic's `thinking` stands for; empty: none in particular.
std::string_view effort_of_thinking(chat::raw_json thinking, loss_report& lost) {
  if (thinking.empty()) return {};
  auto const type = json::find(thinking, "type");
  if (json::is_string(type, "disabled")) return "none";
  lost.add(json::is_string(type, "enabled") ? "thinking (reasoning_effort)" : "thinking");
  if (!json::is_string(type, "enabled")) return {};
  auto const budget = std::max<std::int64_t>(1, json::integer_of(json::find(thinking, "budget_tokens")).value_or(4096));
  return std::ranges::find_if(efforts, [&](auto const& row) { return budget <= row.budget; })->name;
}

/// The wish itself, else the next stronger effort that the model takes, else its strongest.
effort_row const& nearest(effort_row const& wish, unsigned taken) {
  auto const is_taken = [taken](effort_row const& row) { return (row.bit & taken) != 0; };
  auto const from_wish = std::ranges::subrange(&wish, std::end(efforts));
  if (auto const found = std::ranges::find_if(from_wish, is_taken); found != std::end(efforts)) return *found;
  auto const* strongest = &wish;
  for (auto const& row : efforts) {
    if (is_taken(row)) strongest = &row;
  }
  return *strongest;
}

std::string_view choose_effort(chat::request const& wanted, abilities const& takes, loss_report& lost) {
  auto const wish = !wanted.reasoning_effort.empty() ? std::string_view(wanted.reasoning_effort)
                                                     : effort_of_thinking(wanted.thinking, lost);
  auto const row = std::ranges::find(efforts, wish, &effort_row::name);
  if (row == std::end(efforts)) return {};
  if (takes.efforts == 0) {
    if (row->bit != effort::none) lost.add("reasoning_effort");  // who does not reason is as wished
    return {};
  }
  auto const& chosen = nearest(*row, takes.efforts);
  if (&chosen != row) lost.add("reasoning_effort (" + std::string(chosen.name) + ")");
  return chosen.name;
}

/// A summary goes only to who asked for it: organisations that are not verified get a 400 (BerriAI/litellm issue 16032).
std::string_view choose_summary(chat::request const& wanted, abilities const& takes, loss_report& lost) {
  if (wanted.reasoning_summary.empty() || takes.takes_summary) return wanted.reasoning_summary;
  lost.add("reasoning.summary");
  return {};
}

void write_reasoning(json::writer& out, std::string_view effort, std::string_view summary) {
  if (effort.empty() && summary.empty()) return;
  out.key("reasoning").open('{');
  if (!effort.empty()) out.key("effort").text(effort);
  if (!summary.empty()) out.key("summary").text(summary);
  out.close('}');
}

// ---- sampling --------------------------------------------------------------------------------------------------

bool may_sample(abilities const& takes, std::string_view effort) {
  switch (takes.takes_sampling) {
    case sampling::always: return true;
    case sampling::without_reasoning: return effort == "none" || (effort.empty() && takes.none_by_default);
    case sampling::never: return false;
  }
  return false;
}

void write_sampling(json::writer& out, std::string_view name, chat::raw_json value, bool allowed, loss_report& lost) {
  if (value.empty()) return;
  if (allowed) {
    out.key(name).raw(value);
  } else if (json::number_of(value) != 1.0) {
    lost.add(name);
  }
}

// ---- form ------------------------------------------------------------------------------------------------------

/// A schema must have a name here.
constexpr std::string_view nameless = "response";

void write_format(json::writer& out, chat::request const& wanted) {
  if (wanted.format == chat::format_kind::text) return;
  out.key("format").open('{').key("type");
  if (wanted.format == chat::format_kind::json_object) {
    out.text("json_object").close('}');
    return;
  }
  out.text("json_schema").key("name").text(wanted.schema_name.empty() ? nameless : wanted.schema_name);
  if (!wanted.schema_description.empty()) out.key("description").text(wanted.schema_description);
  out.key("schema").raw(wanted.schema).key("strict").boolean(wanted.schema_strict == "true").close('}');
}

chat::raw_json verbosity_of(chat::request const& wanted) {
  auto const found = std::ranges::find(wanted.unread, "verbosity", &chat::unread_member::name);
  return found == wanted.unread.end() ? chat::raw_json() : found->value;
}

}  // namespace

void write_settings(json::writer& out, chat::request const& wanted, abilities const& takes, loss_report& lost) {
  write_limit(out, wanted, lost);
  auto const effort = choose_effort(wanted, takes, lost);
  write_reasoning(out, effort, choose_summary(wanted, takes, lost));
  bool const samples = may_sample(takes, effort);
  write_sampling(out, "temperature", wanted.temperature, samples, lost);
  write_sampling(out, "top_p", wanted.top_p, samples, lost);
}

void write_text(json::writer& out, chat::request const& wanted, abilities const& takes, loss_report& lost) {
  auto const verbosity = verbosity_of(wanted);
  bool const verbose = !verbosity.empty() && takes.takes_verbosity;
  if (!verbosity.empty() && !verbose) lost.add("verbosity");
  if (wanted.format == chat::format_kind::text && !verbose) return;
  out.key("text").open('{');
  write_format(out, wanted);
  if (verbose) out.key("verbosity").raw(verbosity);
  out.close('}');
}

}  // namespace recloser::dialects::openai_responses
