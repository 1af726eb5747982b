#include "dialects/openai_responses/tools.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "dialects/json_values.hpp"

namespace recloser::dialects::openai_responses {

using chat::tool_choice_kind;

namespace {

constexpr std::string_view no_parameters =
    R"({"type":"object","properties":{},"required":[],"additionalProperties":false})";

void write_function(json::writer& out, chat::tool const& tool) {
  out.open('{').key("type").text("function").key("name").text(tool.name);
  if (!tool.description.empty()) out.key("description").text(tool.description);
  out.key("parameters").raw(tool.parameters.empty() ? no_parameters : tool.parameters);
  // Who says nothing means true here and false on chat completions.
  out.key("strict").boolean(tool.strict == "true").close('}');
}

/// OpenAI's location is one level deeper on chat completions.
void write_web_search(json::writer& out, chat::raw_json options) {
  out.open('{').key("type").text("web_search");
  if (auto const size = json::unless_null(json::find(options, "search_context_size")); !size.empty()) {
    out.key("search_context_size").raw(size);
  }
  auto const place = json::find(json::find(options, "user_location"), "approximate");
  if (json::kind_of(place) == json::kind::object) {
    out.key("user_location").open('{').key("type").text("approximate");
    for (auto const name : {"city", "region", "country", "timezone"}) {
      if (auto const value = json::unless_null(json::find(place, name)); !value.empty()) out.key(name).raw(value);
    }
    out.close('}');
  }
  out.close('}');
}

bool is_allowed(chat::request const& wanted, chat::raw_text name) {
  return wanted.allowed_tools.empty() || std::ranges::find(wanted.allowed_tools, name) != wanted.allowed_tools.end();
}

void write_function_name(json::writer& out, chat::raw_text name) {
  out.open('{').key("type").text("function").key("name").text(name).close('}');
}

std::string_view choice_word(tool_choice_kind choice) {
  switch (choice) {
    case tool_choice_kind::none: return "none";
    case tool_choice_kind::required: return "required";
    case tool_choice_kind::unset:
    case tool_choice_kind::automatic:
    case tool_choice_kind::named: return "auto";
  }
  return "auto";
}

void write_choice(json::writer& out, chat::request const& wanted, bool allowed_tools) {
  if (wanted.tool_choice == tool_choice_kind::unset) return;
  out.key("tool_choice");
  if (wanted.tool_choice == tool_choice_kind::named) return write_function_name(out, wanted.tool_choice_name);
  auto const word = choice_word(wanted.tool_choice);
  if (!allowed_tools) return static_cast<void>(out.text(word));
  out.open('{').key("type").text("allowed_tools").key("mode").text(word).key("tools").open('[');
  for (auto const name : wanted.allowed_tools) write_function_name(out, name);
  out.close(']').close('}');
}

void write_parallel(json::writer& out, chat::request const& wanted, abilities const& takes, loss_report& lost) {
  if (!wanted.parallel_tool_calls) return;
  if (takes.takes_parallel) {
    out.key("parallel_tool_calls").boolean(*wanted.parallel_tool_calls);
  } else if (!*wanted.parallel_tool_calls) {
    lost.add("parallel_tool_calls");
  }
}

chat::result<void> check_choice(chat::request const& wanted, std::vector<chat::tool const*> const& tools) {
  if (wanted.tool_choice != tool_choice_kind::named) return {};
  if (std::ranges::find(tools, wanted.tool_choice_name, &chat::tool::name) != tools.end()) return {};
  return chat::bad_request(
      fmt::format("'tool_choice' names '{}', which is not among 'tools'", wanted.tool_choice_name.substr(0, 64)),
      "invalid_value", "tool_choice");
}

}  // namespace

chat::result<void> write_tools(json::writer& out, chat::request const& wanted, abilities const& takes,
                               loss_report& lost) {
  bool const natively = !wanted.allowed_tools.empty() && takes.takes_allowed_tools;
  std::vector<chat::tool const*> tools;
  for (auto const& each : wanted.tools) {
    if (natively || is_allowed(wanted, each.name)) tools.push_back(&each);
  }
  if (tools.empty() && wanted.web_search.empty()) {
    bool const forced =
        wanted.tool_choice == tool_choice_kind::required || wanted.tool_choice == tool_choice_kind::named;
    if (forced) lost.add("tool_choice");  // without tools it is refused
    return {};
  }
  if (auto checked = check_choice(wanted, tools); !checked) return checked;
  out.key("tools").open('[');
  for (auto const* each : tools) write_function(out, *each);
  if (!wanted.web_search.empty()) write_web_search(out, wanted.web_search);
  out.close(']');
  write_choice(out, wanted, natively);
  write_parallel(out, wanted, takes, lost);
  return {};
}

}  // namespace recloser::dialects::openai_responses
