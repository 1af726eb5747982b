// `POST /api/chat`, member by member (providers-native.md §5.2).

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "dialects/json.hpp"
#include "dialects/json_values.hpp"
#include "dialects/loss.hpp"
#include "dialects/ollama_chat/api_chat.hpp"
#include "dialects/ollama_chat/message_writer.hpp"
#include "dialects/ollama_chat/settings.hpp"

namespace recloser::dialects::ollama_chat {

using chat::tool_choice_kind;

namespace {

// ---- tools -----------------------------------------------------------------------------------------------------

using tool_list = std::vector<chat::tool const*>;

bool is_among(std::vector<chat::raw_text> const& names, chat::raw_text name) {
  return std::ranges::find(names, name) != names.end();
}

/// There is no `tool_choice`: the list of tools is all that can be said (§5.2).
chat::result<tool_list> choose_tools(chat::request const& wanted, loss_report& lost) {
  tool_list tools;
  bool const forced = wanted.tool_choice == tool_choice_kind::required || wanted.tool_choice == tool_choice_kind::named;
  if (forced) lost.add(wanted.tools.empty() ? "tool_choice" : "tool_choice (auto)");
  if (wanted.tool_choice == tool_choice_kind::none) return tools;
  bool const named = wanted.tool_choice == tool_choice_kind::named;
  for (auto const& each : wanted.tools) {
    bool const allowed = wanted.allowed_tools.empty() || is_among(wanted.allowed_tools, each.name);
    if (allowed && (!named || each.name == wanted.tool_choice_name)) tools.push_back(&each);
  }
  if (named && tools.empty() && !wanted.tools.empty()) {
    return chat::bad_request(
        fmt::format("'tool_choice' names '{}', which is not among 'tools'", wanted.tool_choice_name.substr(0, 64)),
        "invalid_value", "tool_choice");
  }
  if (!tools.empty() && wanted.parallel_tool_calls == false) lost.add("parallel_tool_calls");
  return tools;
}

/// The server decodes the schema into a struct of its own; templates read its `type`.
void write_parameters(json::writer& out, chat::raw_json schema) {
  out.key("parameters");
  if (schema.empty()) {
    out.raw(R"({"type":"object","properties":{}})");
  } else if (!json::find(schema, "type").empty()) {
    out.raw(schema);
  } else {
    out.open('{').key("type").text("object");
    std::vector<json::member> members;
    json::members_of(schema, members);
    for (auto const& each : members) out.key(each.key).raw(each.value);
    out.close('}');
  }
}

void write_tools(json::writer& out, tool_list const& tools, loss_report& lost) {
  if (tools.empty()) return;
  out.key("tools").open('[');
  for (auto const* each : tools) {
    if (each->strict == "true") lost.add("tools[].function.strict");
    out.open('{').key("type").text("function").key("function").open('{').key("name").text(each->name);
    if (!each->description.empty()) out.key("description").text(each->description);
    write_parameters(out, each->parameters);
    out.close('}').close('}');
  }
  out.close(']');
}

// ---- the rest --------------------------------------------------------------------------------------------------

void report_losses(chat::request const& wanted, loss_report& lost) {
  bool const usual = wanted.service_tier.empty() || wanted.service_tier == "auto" || wanted.service_tier == "default";
  if (!usual) lost.add("service_tier");
}

/// About the bytes of the request to come, so that the buffer grows once.
std::size_t size_of(chat::request const& wanted) {
  std::size_t total = 1024;
  for (auto const& message : wanted.messages) {
    total += 96;
    for (auto const& part : message.parts) total += 96 + part.text.size() + part.data.size() + part.input.size();
  }
  for (auto const& tool : wanted.tools) total += 96 + tool.description.size() + tool.parameters.size();
  return total;
}

}  // namespace

chat::result<void> write_request(chat::request const& wanted, std::string_view model, std::string& out,
                                 std::vector<std::string>& dropped) {
  loss_report lost(dropped);
  if (!wanted.web_search.empty()) {
    return chat::bad_request("Ollama cannot search the web for a model", "unsupported_parameter", "web_search_options");
  }
  auto const tools = choose_tools(wanted, lost);
  if (!tools) return tools.error();
  auto const how = settle(wanted, model, lost);
  report_losses(wanted, lost);

  out.reserve(out.size() + size_of(wanted));
  json::writer body(out);
  body.open('{').key("model").string(model);
  body.key("stream").boolean(wanted.stream);  // it streams unless told not to
  if (auto done = write_messages(body, wanted, model, lost); !done) return done;
  write_tools(body, *tools, lost);
  write_settings(body, how, wanted);
  body.close('}');
  return {};
}

}  // namespace recloser::dialects::ollama_chat
