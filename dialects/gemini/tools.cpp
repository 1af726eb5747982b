#include "dialects/gemini/tools.hpp"

#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>

#include "dialects/gemini/schema.hpp"
#include "dialects/json_values.hpp"

namespace recloser::dialects::gemini {

using chat::format_kind;
using chat::tool_choice_kind;

namespace {

constexpr std::string_view any = "ANY";
constexpr std::string_view validated = "VALIDATED";  // may answer in text, but calls fit their schemas
constexpr std::string_view automatic = "AUTO";
constexpr std::string_view none = "NONE";

bool is_given(tool_plan const& plan, chat::raw_text name) {
  return std::ranges::find(plan.tools, name, &chat::tool::name) != plan.tools.end();
}

bool is_strict(tool_plan const& plan) {
  return std::ranges::any_of(plan.tools, [](auto const* each) { return each->strict == "true"; });
}

chat::fault no_such_tool(chat::raw_text name) {
  return chat::bad_request(fmt::format("'tool_choice' names '{}', which is not among 'tools'", name.substr(0, 64)),
                           "invalid_value", "tool_choice");
}

// ---- must it call ----------------------------------------------------------------------------------------------

chat::result<void> plan_choice(chat::request const& wanted, tool_plan& plan, loss_report& lost) {
  if (wanted.tool_choice == tool_choice_kind::named) plan.allowed = {wanted.tool_choice_name};
  if (!wanted.allowed_tools.empty()) plan.allowed = wanted.allowed_tools;
  for (auto const name : plan.allowed) {
    if (!is_given(plan, name)) return no_such_tool(name);
  }
  switch (wanted.tool_choice) {
    case tool_choice_kind::none: plan.mode = none; break;
    case tool_choice_kind::required:
    case tool_choice_kind::named: plan.mode = any; break;
    case tool_choice_kind::automatic: plan.mode = automatic; break;
    case tool_choice_kind::unset: break;
  }
  bool const free = plan.mode.empty() || plan.mode == automatic;
  if (free && (!plan.allowed.empty() || is_strict(plan))) plan.mode = validated;
  if (plan.mode == none) plan.allowed.clear();
  bool const one_at_a_time = wanted.parallel_tool_calls == false && plan.mode != none;
  if (one_at_a_time) lost.add("parallel_tool_calls");
  return {};
}

// ---- search ----------------------------------------------------------------------------------------------------

/// Beside functions only from the third generation on, and then not in mode AUTO.
void plan_search(chat::request const& wanted, abilities const& model, tool_plan& plan, loss_report& lost) {
  if (wanted.web_search.empty()) return;
  if (!plan.tools.empty() && !model.third_generation) return lost.add("web_search_options");
  plan.web_search = true;
  for (auto const name : {"user_location", "search_context_size"}) {
    if (json::unless_null(json::find(wanted.web_search, name)).empty()) continue;
    lost.add(fmt::format("web_search_options.{}", name));
  }
  bool const free = plan.mode.empty() || plan.mode == automatic;
  if (!plan.tools.empty() && free) plan.mode = validated;
}

// ---- in what form ----------------------------------------------------------------------------------------------

/// Older models answer in JSON only without tools, newer ones also beside functions that they are free to call.
bool takes_json(tool_plan const& plan, abilities const& model) {
  if (plan.tools.empty() && !plan.web_search) return true;
  return model.third_generation && (plan.mode.empty() || plan.mode == automatic);
}

void instruct(chat::request const& wanted, tool_plan& plan, loss_report& lost) {
  lost.add("response_format (instructed)");
  if (wanted.format == format_kind::json_object) {
    plan.instructions.emplace_back("Answer with one JSON object and nothing else: no code fence, no words around it.");
    return;
  }
  plan.instructions.push_back(
      "Answer with one JSON value that fits the JSON schema below and nothing else: no code fence, no words around "
      "it.\\n" +
      json::escaped(wanted.schema));
}

void plan_form(chat::request const& wanted, abilities const& model, tool_plan& plan, loss_report& lost) {
  if (wanted.format == format_kind::text) return;
  if (plan.mode == none) {  // functions that may not be called would only stand in the way
    plan.tools.clear();
    plan.mode = {};
  }
  bool const strict_only = plan.mode == validated && plan.allowed.empty() && !plan.web_search;
  if (strict_only && model.third_generation) {
    plan.mode = automatic;
    lost.add("tools[].function.strict");
  }
  if (!takes_json(plan, model)) return instruct(wanted, plan, lost);
  plan.json = true;
  if (wanted.format != format_kind::json_schema) return;
  if (lower_schema(wanted.schema, plan.schema) == schema_fit::simplified) lost.add("response_format (simplified)");
}

}  // namespace

chat::result<tool_plan> plan_tools(chat::request const& wanted, abilities const& model, loss_report& lost) {
  tool_plan plan;
  std::unordered_set<chat::raw_text> names;
  for (auto const& each : wanted.tools) {
    if (names.insert(each.name).second) {
      plan.tools.push_back(&each);
    } else {
      lost.add("tools (same name)");  // a 400
    }
  }
  if (!plan.tools.empty()) {
    if (auto done = plan_choice(wanted, plan, lost); !done) return done.error();
  } else if (wanted.tool_choice == tool_choice_kind::required || wanted.tool_choice == tool_choice_kind::named) {
    lost.add("tool_choice");
  }
  plan_search(wanted, model, plan, lost);
  plan_form(wanted, model, plan, lost);
  return plan;
}

// ---- writing ---------------------------------------------------------------------------------------------------

namespace {

void write_function(json::writer& out, chat::tool const& tool, loss_report& lost) {
  out.open('{').key("name").text(tool.name);
  if (!json::is_blank(tool.description)) out.key("description").text(tool.description);
  std::string parameters;
  if (lower_parameters(tool.parameters, parameters) == schema_fit::simplified) {
    lost.add("tools[].function.parameters (simplified)");
  }
  if (!parameters.empty()) out.key("parametersJsonSchema").raw(parameters);
  out.close('}');
}

void write_config(json::writer& out, tool_plan const& plan, platform where) {
  bool const joined = plan.web_search && !plan.tools.empty() && where == platform::developer;
  if (plan.mode.empty() && !joined) return;
  out.key("toolConfig").open('{');
  if (!plan.mode.empty()) {
    out.key("functionCallingConfig").open('{').key("mode").text(plan.mode);
    if (!plan.allowed.empty()) {
      out.key("allowedFunctionNames").open('[');
      for (auto const name : plan.allowed) out.text(name);
      out.close(']');
    }
    out.close('}');
  }
  if (joined) out.key("includeServerSideToolInvocations").boolean(true);
  out.close('}');
}

}  // namespace

void write_tools(json::writer& out, tool_plan const& plan, platform where, loss_report& lost) {
  if (plan.tools.empty() && !plan.web_search) return;
  out.key("tools").open('[');
  if (!plan.tools.empty()) {
    out.open('{').key("functionDeclarations").open('[');
    for (auto const* each : plan.tools) write_function(out, *each, lost);
    out.close(']').close('}');
  }
  if (plan.web_search) out.open('{').key("googleSearch").raw("{}").close('}');
  out.close(']');
  write_config(out, plan, where);
}

}  // namespace recloser::dialects::gemini
