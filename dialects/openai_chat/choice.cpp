#include "dialects/openai_chat/choice.hpp"

#include <algorithm>
#include <array>

#include "dialects/json_values.hpp"
#include "dialects/openai_chat/finish_words.hpp"

namespace recloser::dialects::openai_chat {

namespace {

using json::kind;
using json::kind_of;

constexpr std::string_view reasoning_content = "reasoning_content";

/// Members of a message or delta that hold text of the answer.
constexpr auto text_members =
    std::to_array<std::string_view>({"content", reasoning_content, "reasoning", "reasoning_text", "refusal"});

/// Other names that providers give to `reasoning_content`.
constexpr auto reasoning_names = std::to_array<std::string_view>({"reasoning", "reasoning_text"});

bool is_text_member(std::string_view key) { return std::ranges::find(text_members, key) != text_members.end(); }

/// Something other than null, `""`, `[]` and `{}`.
bool says_something(chat::raw_json value) {
  switch (kind_of(value)) {
    case kind::absent:
    case kind::null: return false;
    case kind::string: return value.size() > 2;
    case kind::array:
    case kind::object: return value.find_first_not_of(" \t\r\n", 1) != value.size() - 1;
    case kind::boolean:
    case kind::number: return true;
  }
  return false;
}

}  // namespace

json::member const* choice_reader::find(std::vector<member> const& members, std::string_view key) {
  auto const found = std::ranges::find(members, key, &member::key);
  return found == members.end() ? nullptr : &*found;
}

std::int64_t choice_reader::index_of(chat::raw_json choice, std::size_t place) {
  return json::integer_of(json::find(choice, "index")).value_or(static_cast<std::int64_t>(place));
}

choice_tap choice_reader::read(chat::raw_json choice, choice_state& state, json::edit_list& edits) {
  tap_ = {};
  json::members_of(choice, choice_);
  auto const* const body = in_choice(form_ == form::chunk ? "delta" : "message");
  body_.clear();
  if (body) json::members_of(body->value, body_);
  tap_body(state);
  if (auto const* const text = in_choice("text")) tap_text(text->value);  // legacy completions
  if (auto const* const usage = in_choice("usage")) tap_.usage = json::unless_null(usage->value);
  if (auto const* const finish = in_choice("finish_reason")) tap_.finish = json::text_of(finish->value);
  if (repair_) repair(choice, body, state, edits);
  if (!tap_.finish.empty()) {
    state.finished = true;
    tap_.steady = false;
  }
  return tap_;
}

// ---- what it tells ---------------------------------------------------------------------------------------------

void choice_reader::tap_body(choice_state& state) {
  for (auto const& each : body_) {
    if (each.key == "role") continue;
    if (is_text_member(each.key)) {
      tap_text(each.value);
    } else if (each.key == "tool_calls" && says_something(each.value)) {
      state.calls_tools = true;
      tap_calls(each.value);
    } else if (each.key == "function_call" || each.key == "audio" || each.key == "reasoning_details") {
      tap_.content = tap_.content || says_something(each.value);
    }
  }
}

void choice_reader::tap_text(chat::raw_json value) {
  if (!says_something(value)) return;
  bool const only = !tap_.content && kind_of(value) == kind::string;
  tap_.content = true;
  tap_.text = only ? json::text_of(value) : chat::raw_text();
}

void choice_reader::tap_calls(chat::raw_json calls) {
  json::elements_of(calls, calls_);
  auto const arguments =
      calls_.size() == 1 ? json::find(json::find(calls_.front(), "function"), "arguments") : chat::raw_json();
  tap_text(arguments);
  tap_.content = true;
}

// ---- mending ---------------------------------------------------------------------------------------------------

void choice_reader::repair(chat::raw_json choice, member const* body, choice_state& state, json::edit_list& edits) {
  json::object_edits outer(edits, choice, choice_);
  if (!in_choice("index")) outer.add("index", edits.kept().keep(std::to_string(state.index)));
  if (body && kind_of(body->value) == kind::object) {
    repair_body(body->value, state, edits);
  } else if (form_ == form::chunk && !in_choice("text")) {
    std::string_view const empty = state.role_sent ? "{}" : R"({"role":"assistant"})";
    body ? outer.replace(*body, empty) : outer.add("delta", empty);
    tap_.steady = tap_.steady && state.role_sent;
    state.role_sent = true;
  }
  repair_finish(outer, state);
  outer.finish();
}

void choice_reader::repair_body(chat::raw_json body, choice_state& state, json::edit_list& edits) {
  json::object_edits inner(edits, body, body_);
  repair_role(inner, state);
  repair_reasoning(inner, edits);
  if (auto const* const calls = in_body("tool_calls")) repair_calls(calls->value, state, edits);
  if (form_ == form::chunk && !tap_.finish.empty()) close_calls(inner, state, edits);
  inner.finish();
}

/// A role comes with the first delta and never again: SDKs glue repeated roles together.
void choice_reader::repair_role(json::object_edits& body, choice_state& state) {
  constexpr std::string_view assistant = "\"assistant\"";
  auto const* const role = in_body("role");
  bool const first = form_ == form::whole || !state.role_sent;
  if (!first) {
    if (role) body.drop(*role);
    return;
  }
  if (!role) {
    body.add("role", assistant);
  } else if (!says_something(role->value)) {
    body.replace(*role, assistant);
  }
  state.role_sent = true;
  tap_.steady = false;
}

/// Leaves one reasoning text, under the name that clients read.
void choice_reader::repair_reasoning(json::object_edits& body, json::edit_list& edits) {
  if (auto const* const content = in_body("content"); content && kind_of(content->value) == kind::array) {
    flatten_content(body, *content, edits);
    return;
  }
  member const* other = reasoning_field_.empty() ? nullptr : in_body(reasoning_field_);
  for (auto name : reasoning_names) {
    if (!other) other = in_body(name);
  }
  auto const* const known = in_body(reasoning_content);
  if (!other || other == known || kind_of(other->value) == kind::object) return;
  if (known && (says_something(known->value) || !says_something(other->value))) {
    body.drop(*other);
    return;
  }
  if (known) body.drop(*known);
  body.rename(*other, reasoning_content);
}

/// Mistral's content is a list of chunks: texts are joined, thinking becomes reasoning, references have no place here.
void choice_reader::flatten_content(json::object_edits& body, member const& content, json::edit_list& edits) {
  std::string text;
  std::string thoughts;
  std::vector<chat::raw_json> chunks;
  std::vector<chat::raw_json> inner;
  json::elements_of(content.value, chunks);
  for (auto chunk : chunks) {
    if (json::is_string(json::find(chunk, "type"), "thinking")) {
      json::elements_of(json::find(chunk, "thinking"), inner);
      for (auto piece : inner) thoughts += json::text_of(json::find(piece, "text"));
    } else {
      text += json::text_of(json::find(chunk, "text"));
    }
  }
  auto const quoted = [&](std::string const& inside) { return edits.kept().keep('"' + inside + '"'); };
  body.replace(content, text.empty() ? "null" : quoted(text));
  if (!thoughts.empty()) {
    auto const* const known = in_body(reasoning_content);
    known ? body.replace(*known, quoted(thoughts)) : body.add(reasoning_content, quoted(thoughts));
  }
  tap_.content = !text.empty() || !thoughts.empty();
  tap_.text = {};
}

void choice_reader::repair_finish(json::object_edits& choice, choice_state& state) {
  auto const* const finish = in_choice("finish_reason");
  if (tap_.finish.empty()) {
    if (form_ != form::whole) return;
    std::string_view const made = state.calls_tools ? "\"tool_calls\"" : "\"stop\"";
    finish ? choice.replace(*finish, made) : choice.add("finish_reason", made);
    return;
  }
  if (form_ == form::chunk && state.finished) {  // once is enough
    choice.replace(*finish, "null");
    return;
  }
  auto const* const word = find_finish_word(tap_.finish);
  if (!word) return;
  bool const legacy_call = tap_.finish == "function_call" && !state.calls_tools;
  bool const promoted = word->reason == chat::finish_reason::stop && state.calls_tools;
  auto const shown = promoted ? chat::raw_json("\"tool_calls\"") : word->shown;
  if (finish->value != shown && !legacy_call) choice.replace(*finish, shown);
}

}  // namespace recloser::dialects::openai_chat
