// The top level of a Chat Completions request (providers-openai-shaped.md §3.1): one row per member.

#include <algorithm>

#include <fmt/format.h>

#include "dialects/json_values.hpp"
#include "dialects/openai_chat/conversation.hpp"
#include "dialects/openai_chat/message_reader.hpp"
#include "dialects/openai_chat/refusals.hpp"
#include "dialects/openai_chat/tool_reader.hpp"

namespace recloser::dialects::openai_chat {

using chat::raw_json;
using chat::raw_text;
using json::kind;
using json::kind_of;

namespace {

using done = chat::result<void>;

/// Reads one member; `value` is never null.
using read_member = done (*)(std::string_view name, raw_json value, chat::request& out);

// ---- plain values ----------------------------------------------------------------------------------------------

template <raw_text chat::request::*Place>
done text(std::string_view name, raw_json value, chat::request& out) {
  if (kind_of(value) != kind::string) return wrong_type(std::string(name), "a string");
  out.*Place = json::text_of(value);
  return {};
}

template <raw_json chat::request::*Place>
done number(std::string_view name, raw_json value, chat::request& out) {
  if (kind_of(value) != kind::number) return wrong_type(std::string(name), "a number");
  out.*Place = value;
  return {};
}

template <raw_json chat::request::*Place>
done object(std::string_view name, raw_json value, chat::request& out) {
  if (kind_of(value) != kind::object) return wrong_type(std::string(name), "an object");
  out.*Place = value;
  return {};
}

done read_boolean(std::string_view name, raw_json value, bool& out) {
  if (kind_of(value) != kind::boolean) return wrong_type(std::string(name), "true or false");
  out = value == "true";
  return {};
}

done stream(std::string_view name, raw_json value, chat::request& out) { return read_boolean(name, value, out.stream); }

done parallel_tool_calls(std::string_view name, raw_json value, chat::request& out) {
  return read_boolean(name, value, out.parallel_tool_calls.emplace());
}

done stream_options(std::string_view, raw_json value, chat::request& out) {
  auto const wanted = json::unless_null(json::find(value, "include_usage"));
  return wanted.empty() ? done() : read_boolean("stream_options.include_usage", wanted, out.include_usage);
}

done read_limit(std::string_view name, raw_json value, std::optional<std::int64_t>& out) {
  auto const limit = json::integer_of(value);
  if (!limit) return wrong_type(std::string(name), "a whole number");
  if (*limit < 1) return wrong_value(std::string(name), value, "at least 1");
  out = limit;
  return {};
}

done max_completion_tokens(std::string_view name, raw_json value, chat::request& out) {
  return read_limit(name, value, out.max_tokens);
}

/// The old name gives way to the new one, whichever stands first.
done max_tokens(std::string_view name, raw_json value, chat::request& out) {
  std::optional<std::int64_t> limit;
  auto read = read_limit(name, value, limit);
  if (!out.max_tokens) out.max_tokens = limit;
  return read;
}

done stop(std::string_view, raw_json value, chat::request& out) {
  out.stop.clear();
  if (kind_of(value) == kind::string) {
    out.stop.push_back(json::text_of(value));
    return {};
  }
  std::vector<raw_json> words;
  bool whole = json::elements_of(value, words);
  for (auto const word : words) {
    whole = whole && kind_of(word) == kind::string;
    out.stop.push_back(json::text_of(word));
  }
  return whole ? done() : wrong_type("stop", "a string or an array of strings");
}

/// `safety_identifier` is the newer name of `user`; an upstream gets either as the end user's opaque id.
done safety_identifier(std::string_view name, raw_json value, chat::request& out) {
  out.hints.push_back({name, value});
  return out.user.empty() ? text<&chat::request::user>(name, value, out) : done();
}

// ---- reasoning -------------------------------------------------------------------------------------------------

constexpr std::string_view efforts[] = {"none", "minimal", "low", "medium", "high", "xhigh", "max"};

done read_effort(std::string_view name, raw_json value, chat::request& out) {
  if (kind_of(value) != kind::string) return wrong_type(std::string(name), "a string");
  auto const effort = json::text_of(value);
  if (std::ranges::find(efforts, effort) == std::end(efforts)) {
    return wrong_value(std::string(name), effort, "none, minimal, low, medium, high, xhigh or max");
  }
  out.reasoning_effort = effort;
  return {};
}

/// OpenRouter's `{"effort":…,"summary":…}`; OpenAI's own member wins. Whatever else it says is not carried.
done reasoning(std::string_view name, raw_json value, chat::request& out) {
  auto const effort = json::unless_null(json::find(value, "effort"));
  out.reasoning_summary = json::text_of(json::find(value, "summary"));
  if (effort.empty() && out.reasoning_summary.empty()) out.unread.push_back({name, value});
  if (effort.empty()) return {};
  return out.reasoning_effort.empty() ? read_effort("reasoning.effort", effort, out) : done();
}

// ---- the form of the answer ------------------------------------------------------------------------------------

done response_format(std::string_view, raw_json value, chat::request& out) {
  if (kind_of(value) != kind::object) return wrong_type("response_format", "an object");
  auto const type = json::find(value, "type");
  if (json::is_string(type, "text")) return {};
  if (json::is_string(type, "json_object")) return out.format = chat::format_kind::json_object, done();
  if (!json::is_string(type, "json_schema")) {
    return wrong_value("response_format.type", json::text_of(type), "text, json_object or json_schema");
  }
  out.format = chat::format_kind::json_schema;
  auto const described = json::find(value, "json_schema");
  out.schema = json::find(described, "schema");
  out.schema_name = json::text_of(json::find(described, "name"));
  out.schema_description = json::text_of(json::find(described, "description"));
  out.schema_strict = json::unless_null(json::find(described, "strict"));
  if (kind_of(out.schema) != kind::object) return missing("response_format.json_schema.schema");
  return {};
}

done choices(std::string_view, raw_json value, chat::request& out) {
  auto const count = json::integer_of(value);
  if (!count) return wrong_type("n", "a whole number");
  if (*count != 1) return unsupported("n", "this model gives one choice per request; send 'n': 1 or leave it out");
  static_cast<void>(out);
  return {};
}

done modalities(std::string_view, raw_json value, chat::request&) {
  std::vector<raw_json> kinds;
  json::elements_of(value, kinds);
  for (auto const each : kinds) {
    if (!json::is_string(each, "text")) return unsupported("modalities", "this model answers in text only");
  }
  return {};
}

/// The form before `tools`: its answer has another shape (`function_call`), which is not made here.
done functions(std::string_view, raw_json value, chat::request&) {
  if (value == "[]") return {};
  return unsupported("functions", "'functions' is the form before 'tools' and does not reach this model; use 'tools'");
}

/// Anthropic's automatic caching is nearest to OpenAI's implicit mode.
done prompt_cache_options(std::string_view name, raw_json value, chat::request& out) {
  out.hints.push_back({name, value});
  bool const explicitly = json::is_string(json::find(value, "mode"), "explicit");
  if (!explicitly && out.cache_control.empty()) out.cache_control = R"({"type":"ephemeral"})";
  return {};
}

// ---- members that are not carried ------------------------------------------------------------------------------

done report(std::string_view name, raw_json value, chat::request& out) {
  out.unread.push_back({name, value});
  return {};
}

/// Cannot change the answer (providers-native.md §0.4), so nobody needs to hear of it.
done hint(std::string_view name, raw_json value, chat::request& out) {
  out.hints.push_back({name, value});
  return {};
}

/// Values that say "as if I had not written this".
done report_unless_neutral(std::string_view name, raw_json value, chat::request& out) {
  bool const neutral = value == "false" || value == "{}" || value == "[]" || json::number_of(value) == 0.0;
  return neutral ? done() : report(name, value, out);
}

struct member_row {
  std::string_view name;
  read_member read;
};

constexpr member_row rows[] = {
    {"model", text<&chat::request::model>},
    {"messages", [](std::string_view, raw_json value, chat::request& out) { return read_messages(value, out); }},
    {"stream", stream},
    {"stream_options", stream_options},
    {"tools", [](std::string_view, raw_json value, chat::request& out) { return read_tools(value, out); }},
    {"tool_choice", [](std::string_view, raw_json value, chat::request& out) { return read_tool_choice(value, out); }},
    {"parallel_tool_calls", parallel_tool_calls},
    {"max_tokens", max_tokens},
    {"max_completion_tokens", max_completion_tokens},
    {"temperature", number<&chat::request::temperature>},
    {"top_p", number<&chat::request::top_p>},
    {"top_k", number<&chat::request::top_k>},
    {"stop", stop},
    {"reasoning_effort", read_effort},
    {"reasoning", reasoning},
    {"thinking", object<&chat::request::thinking>},
    {"response_format", response_format},
    {"cache_control", object<&chat::request::cache_control>},
    {"prompt_cache_options", prompt_cache_options},
    {"web_search_options", object<&chat::request::web_search>},
    {"user", text<&chat::request::user>},
    {"safety_identifier", safety_identifier},
    {"service_tier", text<&chat::request::service_tier>},
    {"n", choices},
    {"modalities", modalities},
    {"functions", functions},
    {"store", hint},
    {"metadata", hint},
    {"prediction", hint},
    {"prompt_cache_key", hint},
    {"prompt_cache_retention", hint},
    {"logprobs", report_unless_neutral},
    {"top_logprobs", report_unless_neutral},
    {"frequency_penalty", report_unless_neutral},
    {"presence_penalty", report_unless_neutral},
    {"logit_bias", report_unless_neutral},
};

}  // namespace

chat::result<chat::request> read_request(std::vector<json::member> const& members) {
  chat::request out;
  for (auto const& each : members) {
    if (json::unless_null(each.value).empty()) continue;
    auto const row = std::ranges::find(rows, each.key, &member_row::name);
    auto const read = row == std::end(rows) ? report : row->read;
    if (auto finished = read(each.key, each.value, out); !finished) return finished.error();
  }
  if (out.messages.empty()) return missing("messages");
  return out;
}

}  // namespace recloser::dialects::openai_chat
