#include "providers/field_edits.hpp"

#include <algorithm>

#include "dialects/json_values.hpp"

namespace recloser::providers {

namespace {

using json::kind;
using json::kind_of;
using json::member;

/// For what a row with `unknown_fields::drop` does not name.
constexpr field_rule refused{.field = {}, .action = field_action::drop};

/// What makes no sense, and is refused by some, beside an empty list of tools.
constexpr std::string_view beside_tools[] = {"tool_choice", "parallel_tool_calls"};

/// Equality that does not call memcmp for names that differ at once.
bool same_name(std::string_view one, std::string_view other) {
  return one.size() == other.size() && one.front() == other.front() && one == other;
}

/// The same JSON but for white space outside of strings.
bool same_value(chat::raw_json one, chat::raw_json other) {
  if (one == other) return true;
  if (kind_of(one) != kind::object || kind_of(other) != kind::object) return false;
  auto const tight = [](chat::raw_json value) {
    std::string out;
    bool quoted = false;
    for (std::size_t i = 0; i < value.size(); ++i) {
      char const c = value[i];
      if (c == '"' && (i == 0 || value[i - 1] != '\\')) quoted = !quoted;
      if (quoted || (c != ' ' && c != '\n' && c != '\r' && c != '\t')) out += c;
    }
    return out;
  };
  return tight(one) == tight(other);
}

bool is_empty_array(chat::raw_json value) {
  return kind_of(value) == kind::array && value.find_first_not_of(" \t\r\n", 1) == value.size() - 1;
}

bool empty_tools(std::vector<member> const& members) {
  auto const tools = std::ranges::find(members, "tools", &member::key);
  return tools != members.end() && is_empty_array(tools->value);
}

constexpr std::pair<std::string_view, std::string_view> synonyms[] = {{"max_tokens", "max_completion_tokens"}};

}  // namespace

/// `openai/ft:gpt-5-mini:org` -> `gpt-5-mini:org`.
std::string_view family_part(std::string_view model) {
  model.remove_prefix(model.rfind('/') + 1);
  constexpr std::string_view fine_tuned = "ft:";
  if (model.starts_with(fine_tuned)) model.remove_prefix(fine_tuned.size());
  return model;
}

/// Written out because it runs for every sampling parameter of every request.
bool in_families(std::string_view model, std::string_view families) {
  for (std::size_t at = 0; at < families.size(); ++at) {
    std::size_t same = 0;
    while (at < families.size() && same < model.size() && families[at] == model[same]) ++at, ++same;
    if (at == families.size() || families[at] == '|') return true;
    while (at < families.size() && families[at] != '|') ++at;
  }
  return false;
}

std::string_view synonym_of(std::string_view field) {
  for (auto const& [one, other] : synonyms) {
    if (field == one) return other;
    if (field == other) return one;
  }
  return {};
}

field_edits::field_edits(preparation const& target, std::vector<member> const& members, json::object_edits& edit,
                         std::vector<std::string>& dropped)
    : row_(*target.provider), family_(family_part(target.model)), members_(members), edit_(edit), dropped_(dropped) {}

bool field_edits::has(std::string_view field) const {
  return std::ranges::find(members_, field, &member::key) != members_.end();
}

bool field_edits::holds(field_rule const& rule, chat::raw_json value) const {
  if (!rule.from.empty() && !same_value(rule.from, value)) return false;
  if (!rule.models.empty() && !in_families(family_, rule.models)) return false;
  if (rule.unless.empty()) return true;
  auto const split = rule.unless.find('=');
  auto const named = std::ranges::find(members_, rule.unless.substr(0, split), &member::key);
  if (named == members_.end()) return true;
  auto const said = kind_of(named->value) == kind::object ? json::find(named->value, "type") : named->value;
  return !json::is_string(said, rule.unless.substr(split + 1));
}

field_rule const* field_edits::rule_for(std::string_view field, chat::raw_json value) const {
  if (field.empty()) return row_.unknown == unknown_fields::drop ? &refused : nullptr;
  for (auto const& rule : row_.rules) {
    if (same_name(rule.field, field) && holds(rule, value)) return &rule;
  }
  if (row_.unknown == unknown_fields::pass) return nullptr;
  bool const allowed =
      std::ranges::any_of(row_.allowed, [&](std::string_view known) { return same_name(known, field); });
  return allowed ? nullptr : &refused;
}

void field_edits::apply(member const& each) {
  auto const* const rule = rule_for(each.key, each.value);
  if (!rule) return;
  switch (rule->action) {
    case field_action::keep: return;
    case field_action::drop: return drop(each, true);
    case field_action::drop_silently: return drop(each, false);
    case field_action::rename: return rename(each, rule->to);
    case field_action::replace: return edit_.replace(each, rule->to);
    case field_action::replace_object: return replace_object(each, rule->to);
    case field_action::wrap: return wrap(each);
    case field_action::drop_if_empty: return drop_empty_tools(each);
  }
}

/// Null is the same as nothing: nothing is lost with it.
void field_edits::drop(member const& each, bool report) {
  edit_.drop(each);
  if (report && kind_of(each.value) != kind::null) dropped_.emplace_back(each.key);
}

void field_edits::rename(member const& each, std::string_view name) {
  has(name) ? edit_.drop(each) : edit_.rename(each, name);
}

void field_edits::replace_object(member const& each, chat::raw_json value) {
  if (kind_of(each.value) != kind::object) return;
  edit_.replace(each, value);
  dropped_.push_back(std::string(each.key) + " (object)");
}

void field_edits::wrap(member const& each) {
  if (kind_of(each.value) == kind::array || kind_of(each.value) == kind::null) return;
  edit_.replace(each, edit_.kept().keep('[' + std::string(each.value) + ']'));
}

void field_edits::drop_empty_tools(member const& tools) {
  if (!empty_tools(members_)) return;
  edit_.drop(tools);
  for (auto name : beside_tools) {
    auto const beside = std::ranges::find(members_, name, &member::key);
    if (beside != members_.end()) edit_.drop(*beside);
  }
}

void field_edits::add_default(std::string_view name, chat::raw_json value) {
  if (has(name) || has(synonym_of(name))) return;
  auto const* const rule = rule_for(name, value);
  if (!rule) return edit_.add(name, value);
  switch (rule->action) {
    case field_action::drop:
    case field_action::drop_silently:
    case field_action::drop_if_empty: return;
    case field_action::rename: return has(rule->to) ? void() : edit_.add(rule->to, value);
    case field_action::replace: return edit_.add(name, rule->to);
    case field_action::replace_object:
    case field_action::keep:
    case field_action::wrap: return edit_.add(name, value);
  }
}

}  // namespace recloser::providers
