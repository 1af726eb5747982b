// Tool calls of a choice: positions, names and arguments as OpenAI's SDKs insist on them (clients.md §3.4).

#include "dialects/json_values.hpp"
#include "dialects/openai_chat/choice.hpp"
#include "dialects/openai_chat/made_id.hpp"

namespace recloser::dialects::openai_chat {

namespace {

using json::kind;
using json::kind_of;

constexpr std::size_t most_calls = 128;

/// The id as it stands; Mistral sends the word "null" for none.
chat::raw_text id_of(json::member const* id) {
  auto const text = id ? json::text_of(id->value) : chat::raw_text();
  return text == "null" ? chat::raw_text() : text;
}

struct found_call {
  std::size_t at = 0;
  bool first = false;  ///< this is the call's first delta
};

/// Which call a delta belongs to. Providers leave out the index, count from 1, or give every call the index 0.
found_call find_call(std::vector<call_state>& calls, std::optional<std::int64_t> wire_index, std::string_view id,
                     std::size_t place, bool alone) {
  if (!id.empty()) {
    for (std::size_t i = calls.size(); i-- > 0;) {
      bool const same_place = wire_index && calls[i].wire_index == *wire_index;
      bool const same_name = calls[i].id == id || (same_place && calls[i].id.empty());
      if (same_name && (same_place || !wire_index)) return {i};
    }
  } else if (wire_index) {
    for (std::size_t i = calls.size(); i-- > 0;) {
      if (calls[i].wire_index == *wire_index) return {i};
    }
  } else if (!calls.empty()) {
    if (alone) return {calls.size() - 1};
    if (place < calls.size()) return {place};
  }
  calls.push_back({wire_index.value_or(static_cast<std::int64_t>(calls.size())), std::string(id)});
  return {calls.size() - 1, true};
}

}  // namespace

void choice_reader::repair_calls(chat::raw_json calls, choice_state& state, json::edit_list& edits) {
  json::elements_of(calls, calls_);
  if (form_ == form::whole) state.calls.clear();
  for (std::size_t i = 0; i < calls_.size() && state.calls.size() < most_calls; ++i)
    repair_call(calls_[i], i, state, edits);
}

void choice_reader::repair_call(chat::raw_json call, std::size_t place, choice_state& state, json::edit_list& edits) {
  if (!json::members_of(call, call_)) return;
  auto const* const index = in_call("index");
  auto const wire_index = index ? json::integer_of(index->value) : std::nullopt;
  auto const found = form_ == form::whole
                         ? found_call{place, true}
                         : find_call(state.calls, wire_index, id_of(in_call("id")), place, calls_.size() == 1);
  if (form_ == form::whole) state.calls.emplace_back();
  json::object_edits edit(edits, call, call_);
  if (form_ == form::chunk) {
    auto const wanted = static_cast<std::int64_t>(found.at);
    if (!index) edit.add("index", edits.kept().keep(std::to_string(wanted)));
    if (index && wire_index != wanted) edit.replace(*index, edits.kept().keep(std::to_string(wanted)));
  }
  if (found.first) {
    repair_first_delta(edit, edits);
  } else {
    for (auto name : {"id", "type"}) {
      if (auto const* const again = in_call(name)) edit.drop(*again);
    }
  }
  if (auto const* const function = in_call("function"))
    repair_function(function->value, found.first, state.calls[found.at], edits);
  edit.finish();
}

void choice_reader::repair_first_delta(json::object_edits& call, json::edit_list& edits) {
  tap_.steady = false;
  auto const* const id = in_call("id");
  if (id_of(id).empty()) {
    auto const made = edits.kept().keep('"' + made_id("call_") + '"');
    id ? call.replace(*id, made) : call.add("id", made);
  }
  auto const* const type = in_call("type");
  if (!type) {
    call.add("type", "\"function\"");
  } else if (json::text_of(type->value).empty()) {
    call.replace(*type, "\"function\"");
  }
}

void choice_reader::repair_function(chat::raw_json function, bool first, call_state& state, json::edit_list& edits) {
  if (!json::members_of(function, function_)) return;
  json::object_edits edit(edits, function, function_);
  if (auto const* const name = find(function_, "name"); name && !first) edit.drop(*name);
  auto const* const arguments = find(function_, "arguments");
  bool const ends_here = form_ == form::whole || !tap_.finish.empty();
  auto const put = [&](chat::raw_json value) {
    arguments ? edit.replace(*arguments, value) : edit.add("arguments", value);
  };
  auto const value = arguments ? arguments->value : chat::raw_json();
  auto const what = kind_of(value);
  if (what == kind::object || what == kind::array) {
    put(edits.kept().keep('"' + json::escaped(value) + '"'));
    state.has_arguments = true;
  } else if (what == kind::string && value.size() > 2) {
    state.has_arguments = true;
  } else if (ends_here && !state.has_arguments) {  // clients parse it: nothing is no JSON
    put("\"{}\"");
    state.has_arguments = true;
  } else if (what == kind::null) {
    put("\"\"");
  }
  edit.finish();
}

/// With the finish reason: calls that got no arguments get `{}`.
void choice_reader::close_calls(json::object_edits& body, choice_state& state, json::edit_list& edits) {
  if (in_body("tool_calls") || state.finished) return;
  std::string closing;
  for (std::size_t i = 0; i < state.calls.size(); ++i) {
    if (state.calls[i].has_arguments) continue;
    closing += closing.empty() ? "" : ",";
    closing += R"({"index":)" + std::to_string(i) + R"(,"function":{"arguments":"{}"}})";
    state.calls[i].has_arguments = true;
  }
  if (!closing.empty()) body.add("tool_calls", edits.kept().keep('[' + closing + ']'));
}

}  // namespace recloser::dialects::openai_chat
