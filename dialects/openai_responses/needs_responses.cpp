#include "dialects/openai_responses/needs_responses.hpp"

#include "dialects/json_scan.hpp"
#include "dialects/json_values.hpp"
#include "dialects/openai_responses/models.hpp"

namespace recloser::dialects::openai_responses {

namespace {

bool is_refused(chat_tools rule, chat::raw_text effort) {
  switch (rule) {
    case chat_tools::always: return false;
    case chat_tools::without_effort: return !effort.empty() && effort != "none";
    case chat_tools::with_effort_none: return effort != "none";
    case chat_tools::never: return true;
  }
  return false;
}

bool has_elements(chat::raw_json array) { return json::trusted_scanner(array.substr(1)).peek() != ']'; }

}  // namespace

chat_wishes wishes_of(std::vector<json::member> const& members) {
  chat_wishes out;
  for (auto const& each : members) {
    bool const list = json::kind_of(each.value) == json::kind::array;
    if (each.key == "tools" && list) out.tools = has_elements(each.value);
    if (each.key == "reasoning_effort") out.effort = json::text_of(each.value);
  }
  return out;
}

bool needs_responses(std::string_view model, chat_wishes const& wishes) {
  auto const& takes = abilities_of(model);
  if (takes.responses_only) return true;
  // `max` is known to Responses alone.
  if (wishes.effort == "max" && takes.encrypts && takes.efforts & effort::max) return true;
  return wishes.tools && is_refused(takes.tools, wishes.effort);
}

}  // namespace recloser::dialects::openai_responses
