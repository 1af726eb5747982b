#include "dialects/openai_responses/models.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace recloser::dialects::openai_responses {

namespace {

using namespace effort;

constexpr unsigned up_to_high = low | medium | high;
constexpr unsigned up_to_xhigh = up_to_high | xhigh;

// ---- kinds of rows ---------------------------------------------------------------------------------------------

/// An OpenAI model that reasons.
constexpr abilities reasoner(std::string_view id, unsigned efforts, chat_tools tools = chat_tools::always) {
  abilities row;
  row.id = id;
  row.efforts = efforts;
  row.tools = tools;
  row.takes_sampling = efforts & none ? sampling::without_reasoning : sampling::never;
  row.encrypts = row.takes_summary = row.takes_verbosity = row.takes_allowed_tools = true;
  row.instructor = "developer";
  return row;
}

constexpr abilities none_by_default(abilities row) {
  row.none_by_default = true;
  return row;
}

/// One that only `/v1/responses` serves.
constexpr abilities responses_only(std::string_view id, std::string_view part, unsigned efforts) {
  auto row = reasoner(id, efforts, chat_tools::never);
  row.part = part;
  row.responses_only = true;
  return row;
}

constexpr abilities with_part(std::string_view part, abilities row) {
  row.part = part;
  return row;
}

/// The o-series knows no verbosity and no parallel calls (the latter unverified).
constexpr abilities o_series(abilities row) {
  row.takes_verbosity = row.takes_parallel = false;
  return row;
}

/// An OpenAI model that does not reason: asked for encrypted reasoning it answers 400.
constexpr abilities plain(std::string_view id, bool verbosity = false) {
  abilities row;
  row.id = id;
  row.takes_verbosity = verbosity;
  row.takes_allowed_tools = true;
  return row;
}

constexpr abilities grok(std::string_view id, unsigned efforts) {
  abilities row;
  row.id = id;
  row.efforts = efforts;
  row.encrypts = row.wants_reasoning_ids = true;
  return row;
}

constexpr abilities unknown() {
  abilities row;
  row.efforts = none | minimal | up_to_xhigh | max;
  row.takes_summary = row.takes_verbosity = true;
  return row;
}

// ---- the table -------------------------------------------------------------------------------------------------

// State of 2026-11-22. Efforts, sampling and the tools rules: providers-openai-shaped.md §3.3 and §6, collected from the
// AI SDK's model table and the API's own 400s. Pro, codex and deep-research models have no chat completions (vendor's
// model pages); their efforts: openai-ruby `reasoning_effort.rb` (gpt-5-pro), openai/codex issue 6647 of 2025-11-14
// (gpt-5.1-codex), opencode pull request 26268 of 2026-05-08 (checked there against the API's answers) for the rest.
// gpt-5.1 and 5.2 do not reason unless asked (vendor's API reference); for 5.3 and later nobody says so.
constexpr abilities rows[] = {
    responses_only("gpt-6", "-pro", medium | high | xhigh),
    reasoner("gpt-6-astra", up_to_xhigh | max, chat_tools::never),
    reasoner("gpt-6.1-sol", up_to_xhigh | max, chat_tools::never),
    reasoner("gpt-6", none | up_to_xhigh | max, chat_tools::with_effort_none),  // sol, luna, 6.1-terra

    responses_only("gpt-5-pro", {}, high),
    responses_only("gpt-5-codex", {}, up_to_high),
    responses_only("gpt-5.1-codex-max", {}, up_to_xhigh),
    responses_only("gpt-5.1-codex", {}, up_to_high),
    responses_only("gpt-5", "-pro", medium | high | xhigh),
    responses_only("gpt-5", "-codex", up_to_xhigh),
    plain("gpt-5-chat", true),
    with_part("-chat", reasoner("gpt-5", medium)),
    reasoner("gpt-5.6", none | up_to_xhigh | max, chat_tools::with_effort_none),  // sol, terra, luna
    reasoner("gpt-5.5", none | up_to_xhigh, chat_tools::with_effort_none),
    reasoner("gpt-5.4", none | up_to_xhigh, chat_tools::without_effort),
    reasoner("gpt-5.3", none | up_to_xhigh),
    none_by_default(reasoner("gpt-5.2", none | up_to_xhigh)),
    none_by_default(reasoner("gpt-5.1", none | up_to_high)),
    reasoner("gpt-5.", none | up_to_xhigh | max, chat_tools::with_effort_none),  // yet to come: like the newest
    reasoner("gpt-5", minimal | up_to_high),
    reasoner("gpt-7", none | up_to_xhigh | max, chat_tools::with_effort_none),

    plain("gpt-3"),
    plain("gpt-35"),  // Azure's spelling of 3.5
    plain("gpt-4"),
    plain("chatgpt-"),
    responses_only("codex-mini", {}, up_to_high),
    o_series(responses_only("o1-pro", {}, up_to_high)),
    o_series(responses_only("o3-pro", {}, up_to_high)),
    o_series(responses_only("o3-deep-research", {}, medium)),
    o_series(responses_only("o4-mini-deep-research", {}, medium)),
    o_series(reasoner("o1", up_to_high)),
    o_series(reasoner("o3", up_to_high)),
    o_series(reasoner("o4", up_to_high)),

    grok("grok-4.7", none | up_to_xhigh),
    grok("grok-4.6", none | up_to_xhigh),
    grok("grok-4.5", none | up_to_high),
    grok("grok-4.3", none | up_to_high),
    grok("grok-4.20-multi-agent", none | up_to_xhigh),
    grok("grok-3-mini", low | high),
    grok("grok-", 0),  // 4, 4.20, build, code: 400 for every value

    unknown(),
};

// ---- names -----------------------------------------------------------------------------------------------------

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_letter_or_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// From the family's own name on: after `openai/`, and after what a deployment puts in front (`my-gpt-5.4`).
std::string_view family_of(std::string_view model) {
  model.remove_prefix(model.rfind('/') + 1);
  constexpr std::string_view vendor = "gpt-";
  for (auto at = model.find(vendor); at != std::string_view::npos; at = model.find(vendor, at + 1)) {
    if (at > 0 && !is_letter_or_digit(model[at - 1])) return model.substr(at);
  }
  return model;
}

/// `gpt-5.1` does not begin `gpt-5.10`; but `gpt-5` begins `gpt-5.1`, so the longer one stands first in the table.
bool begins(std::string_view family, std::string_view id) {
  if (!family.starts_with(id)) return false;
  if (id.empty() || family.size() == id.size() || !is_digit(id.back())) return true;
  return !is_digit(family[id.size()]);
}

bool fits(abilities const& row, std::string_view family) {
  return begins(family, row.id) && family.find(row.part, row.id.size()) != std::string_view::npos;
}

struct alias {
  std::string_view name;
  std::string_view model;
};
constexpr alias aliases[] = {{"gpt-5.6", "gpt-5.6-sol"}};

/// Without prefix, alias and a `-latest`.
std::string_view full_name(std::string_view model) {
  model.remove_prefix(model.rfind('/') + 1);
  constexpr std::string_view latest = "-latest";
  if (model.ends_with(latest)) model.remove_suffix(latest.size());
  auto const known = std::ranges::find(aliases, model, &alias::name);
  return known == std::end(aliases) ? model : known->model;
}

bool is_date(std::string_view rest) {
  return rest.size() > 1 && rest.front() == '-' &&
         std::ranges::all_of(rest, [](char c) { return is_digit(c) || c == '-'; });
}

}  // namespace

abilities const& abilities_of(std::string_view model) {
  auto const family = family_of(model);
  return *std::ranges::find_if(rows, [&](auto const& row) { return fits(row, family); });
}

bool is_same_model(std::string_view one, std::string_view other) {
  one = full_name(one);
  other = full_name(other);
  if (one.size() > other.size()) std::swap(one, other);
  return other.starts_with(one) && (one.size() == other.size() || (!one.empty() && is_date(other.substr(one.size()))));
}

}  // namespace recloser::dialects::openai_responses
