#include "dialects/openai_chat/tool_reader.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "dialects/json_scan.hpp"
#include "dialects/json_values.hpp"
#include "dialects/openai_chat/refusals.hpp"

namespace recloser::dialects::openai_chat {

using chat::raw_json;
using json::kind;
using json::kind_of;

namespace {

struct member_row {
  std::string_view name;
  void (*set)(chat::tool& out, raw_json value);
};

constexpr member_row function_members[] = {
    {"name", [](chat::tool& out, raw_json value) { out.name = json::text_of(value); }},
    {"description", [](chat::tool& out, raw_json value) { out.description = json::text_of(value); }},
    {"parameters", [](chat::tool& out, raw_json value) { out.parameters = json::unless_null(value); }},
    {"strict", [](chat::tool& out, raw_json value) { out.strict = json::unless_null(value); }},
    {"cache_control", [](chat::tool& out, raw_json value) { out.cache_control = json::unless_null(value); }},
};

void read_function(json::trusted_scanner& scan, chat::tool& out) {
  scan.walk_object([&](std::string_view key) {
    auto const value = scan.value();
    auto const row = std::ranges::find(function_members, key, &member_row::name);
    if (row != std::end(function_members)) row->set(out, value);
    return true;
  });
}

struct entry {
  chat::tool tool;
  raw_json type;
  bool has_function = false;
};

entry read_entry(json::trusted_scanner& scan) {
  entry out;
  scan.walk_object([&](std::string_view key) {
    if (key == "function" && scan.peek() == '{') {
      out.has_function = true;
      read_function(scan, out.tool);
      return true;
    }
    auto const value = scan.value();
    if (key == "type") out.type = value;
    if (key == "cache_control") out.tool.cache_control = json::unless_null(value);
    return true;
  });
  return out;
}

chat::result<void> check(chat::tool const& tool, std::size_t index) {
  if (tool.name.empty()) return missing(fmt::format("tools[{}].function.name", index));
  if (!tool.parameters.empty() && kind_of(tool.parameters) != kind::object) {
    return wrong_type(fmt::format("tools[{}].function.parameters", index), "a JSON schema object");
  }
  return {};
}

}  // namespace

chat::result<void> read_tools(raw_json tools, chat::request& out) {
  if (kind_of(tools) != kind::array) return wrong_type("tools", "an array");
  json::trusted_scanner scan(tools);
  std::optional<chat::fault> problem;
  std::size_t index = 0;
  scan.walk_array([&] {
    auto const place = index++;
    if (scan.peek() != '{') return problem.emplace(wrong_type(fmt::format("tools[{}]", place), "an object")), false;
    auto const read = read_entry(scan);
    if (!read.has_function) {
      // `custom` and the vendors' own tools have no form that every dialect knows.
      out.unread.push_back({json::is_string(read.type, "custom") ? "tools (custom)" : "tools (not a function)"});
      return true;
    }
    if (auto done = check(read.tool, place); !done) return problem.emplace(done.error()), false;
    out.tools.push_back(read.tool);
    return true;
  });
  return problem ? chat::result<void>(*problem) : chat::result<void>();
}

// ---- tool_choice -----------------------------------------------------------------------------------------------

namespace {

struct word_row {
  std::string_view word;
  chat::tool_choice_kind kind;
};

/// OpenAI's words, and Anthropic's, which some clients write through an OpenAI SDK.
constexpr word_row words[] = {
    {"auto", chat::tool_choice_kind::automatic},
    {"none", chat::tool_choice_kind::none},
    {"required", chat::tool_choice_kind::required},
    {"any", chat::tool_choice_kind::required},
};

chat::result<void> read_word(std::string_view word, chat::request& out) {
  auto const row = std::ranges::find(words, word, &word_row::word);
  if (row == std::end(words)) return wrong_value("tool_choice", word, "auto, none, required or an object");
  out.tool_choice = row->kind;
  return {};
}

/// `{"function":{"name":…}}`, `{"custom":{"name":…}}` or `{"name":…}`.
chat::raw_text callee_of(raw_json choice) {
  for (auto const member : {"function", "custom"}) {
    if (auto const name = json::text_of(json::find(json::find(choice, member), "name")); !name.empty()) return name;
  }
  return json::text_of(json::find(choice, "name"));
}

chat::result<void> read_named(raw_json choice, chat::request& out) {
  out.tool_choice = chat::tool_choice_kind::named;
  out.tool_choice_name = callee_of(choice);
  if (out.tool_choice_name.empty()) return missing("tool_choice.function.name");
  return {};
}

/// `{"type":"allowed_tools","allowed_tools":{"mode":"auto"|"required","tools":[…]}}`
chat::result<void> read_allowed(raw_json choice, chat::request& out) {
  auto const allowed = json::find(choice, "allowed_tools");
  auto const tools = json::find(allowed, "tools");
  if (kind_of(tools) != kind::array) return wrong_type("tool_choice.allowed_tools.tools", "an array");
  json::trusted_scanner(tools).array([&](raw_json each) {
    if (auto const name = callee_of(each); !name.empty()) out.allowed_tools.push_back(name);
    return true;
  });
  if (out.allowed_tools.empty()) return missing("tool_choice.allowed_tools.tools[].function.name");
  auto const mode = json::text_of(json::find(allowed, "mode"));
  return read_word(mode.empty() ? "auto" : mode, out);
}

}  // namespace

chat::result<void> read_tool_choice(raw_json choice, chat::request& out) {
  if (kind_of(choice) == kind::string) return read_word(json::text_of(choice), out);
  if (kind_of(choice) != kind::object) return wrong_type("tool_choice", "a string or an object");
  auto const type = json::find(choice, "type");
  if (json::is_string(type, "allowed_tools")) return read_allowed(choice, out);
  for (auto const word : {"function", "custom", "tool"}) {
    if (json::is_string(type, word)) return read_named(choice, out);
  }
  return read_word(json::text_of(type), out);
}

}  // namespace recloser::dialects::openai_chat
