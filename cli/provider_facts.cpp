#include "cli/provider_facts.hpp"

#include <algorithm>
#include <cstdlib>
#include <span>

#include <fmt/format.h>

#include "cli/output.hpp"

namespace recloser::cli {

namespace {

using providers::field_action;

provider_facts facts_of(providers::row const& row) {
  provider_facts result;
  result.name = row.name;
  result.row = &row;
  result.base_urls.assign(row.base_urls.begin(), row.base_urls.end());
  result.needs_key = !row.local && row.auth != providers::auth_kind::none;
  result.has_key = std::any_of(row.key_variables.begin(), row.key_variables.end(), is_set);
  return result;
}

void add_configuration(provider_facts& to, config::provider const& section) {
  to.configured = section.from_environment ? "environment" : "file";
  if (!section.base_urls.empty()) to.base_urls = section.base_urls;
  to.models = section.models;
  to.keys = section.api_keys.size();
  to.has_key = !section.api_keys.empty();
}

/// When the rule holds: ` (models o1, o3; unless …)`.
std::string conditions_of(providers::field_rule const& rule) {
  std::vector<std::string> conditions;
  if (!rule.from.empty()) conditions.push_back(fmt::format("when it is {}", rule.from));
  if (!rule.models.empty()) {
    std::string models(rule.models);
    for (std::size_t at = 0; (at = models.find('|', at)) != std::string::npos; at += 2) models.replace(at, 1, ", ");
    conditions.push_back("models " + models);
  }
  if (!rule.unless.empty()) conditions.push_back(fmt::format("unless {}", rule.unless));
  return conditions.empty() ? std::string() : " (" + joined(conditions, "", "; ") + ")";
}

std::string effect_of(providers::field_rule const& rule) {
  switch (rule.action) {
    case field_action::keep: return "sent as it is";
    case field_action::drop: return "not sent, reported";
    case field_action::drop_silently: return "not sent";
    case field_action::rename: return fmt::format("sent as {}", rule.to);
    case field_action::replace: return fmt::format("sent as {}", rule.to);
    case field_action::replace_object: return fmt::format("an object is sent as {}, reported", rule.to);
    case field_action::wrap: return "sent as an array";
    case field_action::drop_if_empty: return "not sent when empty";
  }
  return {};
}

/// Rules that do the same under the same conditions in one line: `temperature, top_p: not sent …`.
std::vector<std::string> words_of(std::span<providers::field_rule const> rules) {
  struct line {
    std::string what;
    std::vector<std::string> fields;
  };
  std::vector<line> lines;
  for (providers::field_rule const& rule : rules) {
    std::string what = effect_of(rule) + conditions_of(rule);
    auto found = std::find_if(lines.begin(), lines.end(), [&](line const& l) { return l.what == what; });
    if (found == lines.end()) found = lines.insert(lines.end(), line{std::move(what), {}});
    found->fields.emplace_back(rule.field);
  }
  std::vector<std::string> result;
  for (line const& l : lines) result.push_back(joined(l.fields) + ": " + l.what);
  return result;
}

std::vector<std::string> message_quirks_of(providers::row const& row) {
  std::vector<std::string> result;
  if (row.messages.developer_as_system) result.emplace_back("role developer: sent as system");
  std::string_view const history = row.messages.reasoning_history;
  if (history == "-")
    result.emplace_back("reasoning of earlier answers: not sent back");
  else if (!history.empty())
    result.push_back(fmt::format("reasoning of earlier answers: sent back as {}", history));
  if (row.messages.reasoning_required)
    result.emplace_back("answers with tool calls: sent back with their reasoning, or an empty one");
  if (row.messages.short_tool_ids) result.emplace_back("ids of tool calls: sent as nine letters and digits");
  return result;
}

std::vector<std::string> reply_quirks_of(providers::row const& row) {
  std::vector<std::string> result;
  if (!row.reply.reasoning_field.empty()) {
    result.push_back(fmt::format("{} of its answers: given as reasoning_content", row.reply.reasoning_field));
  }
  if (row.reply.repair) result.emplace_back("chunks of streams: mended where clients would stumble");
  if (row.usage == providers::stream_usage::never) result.emplace_back("streams: tell no usage");
  return result;
}

}  // namespace

bool is_set(std::string_view variable) {
  char const* const value = std::getenv(std::string(variable).c_str());
  return value && *value != '\0';
}

std::vector<provider_facts> collect_facts(config::config const& settings) {
  std::vector<provider_facts> result;
  for (providers::row const& row : providers::catalog()) result.push_back(facts_of(row));
  for (config::provider const& section : settings.providers) {
    auto const same = [&](provider_facts const& f) { return f.name == section.name && f.row->name == section.type; };
    auto found = std::find_if(result.begin(), result.end(), same);
    if (found == result.end()) {
      providers::row const* const row = providers::find_row(section.type);
      if (!row) continue;
      result.push_back(facts_of(*row));
      found = result.end() - 1;
      found->name = section.name;
    }
    add_configuration(*found, section);
  }
  std::stable_sort(result.begin(), result.end(), [](auto const& a, auto const& b) { return a.name < b.name; });
  return result;
}

provider_facts const* find_facts(std::string_view name, std::vector<provider_facts> const& all) {
  auto by_name = [&](std::string_view wanted) {
    auto const found = std::find_if(all.begin(), all.end(), [&](provider_facts const& f) { return f.name == wanted; });
    return found == all.end() ? nullptr : &*found;
  };
  if (provider_facts const* const found = by_name(name)) return found;
  providers::row const* const row = providers::find_row(name);
  return row ? by_name(row->name) : nullptr;
}

std::string_view dialect_name(providers::row const& row) { return row.dialect ? row.dialect->name : "openai"; }

std::vector<std::string> endpoint_names(providers::row const& row) {
  std::vector<std::string> result{"chat/completions"};
  if (row.completions) result.emplace_back("completions");
  if (row.embeddings) result.emplace_back("embeddings");
  return result;
}

std::vector<std::string> quirks_of(providers::row const& row) {
  std::vector<std::string> result;
  if (row.unknown == providers::unknown_fields::drop) {
    std::vector<std::string> const allowed(row.allowed.begin(), row.allowed.end());
    result.push_back("sends only: " + joined(allowed));
  }
  for (std::string& quirk : words_of(row.rules)) result.push_back(std::move(quirk));
  for (std::string& quirk : message_quirks_of(row)) result.push_back(std::move(quirk));
  for (std::string& quirk : reply_quirks_of(row)) result.push_back(std::move(quirk));
  return result;
}

}  // namespace recloser::cli
