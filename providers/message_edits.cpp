#include "providers/message_edits.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "dialects/json_scan.hpp"

namespace recloser::providers {

namespace {

using json::member;

/// How clients send an assistant's reasoning back.
constexpr std::string_view reasoning = "reasoning_content";

member const* find(std::vector<member> const& members, std::string_view key) {
  auto const found = std::ranges::find(members, key, &member::key);
  return found == members.end() ? nullptr : &*found;
}

bool is_short_id(std::string_view id) {
  return id.size() == 9 && std::ranges::all_of(id, [](char c) {
           return json::is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
         });
}

/// Nine letters and digits, the same for the same id (FNV-1a): calls and their answers must still match.
std::string short_id(std::string_view id) {
  static constexpr std::string_view letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::uint64_t hash = 14695981039346656037u;
  for (unsigned char c : id) hash = (hash ^ c) * 1099511628211u;
  std::string text;
  for (int i = 0; i < 9; ++i, hash /= letters.size()) text += letters[hash % letters.size()];
  return text;
}

class message_editor {
 public:
  message_editor(message_quirks const& quirks, json::edit_list& edits) : quirks_(quirks), edits_(edits) {}

  void edit(chat::raw_json message, std::vector<member> const& members) {
    auto const* const role = find(members, "role");
    if (!role) return;
    json::object_edits edit(edits_, message, members);
    if (quirks_.developer_as_system && json::is_string(role->value, "developer")) edit.replace(*role, "\"system\"");
    if (json::is_string(role->value, "assistant")) edit_assistant(edit, members);
    if (auto const* const answered = find(members, "tool_call_id")) edit_id(*answered);
    edit.finish();
  }

 private:
  void edit_assistant(json::object_edits& message, std::vector<member> const& members) {
    auto const* const calls = find(members, "tool_calls");
    bool const has_calls = calls && calls->value.starts_with('[');
    edit_reasoning(message, members, has_calls);
    if (has_calls && (quirks_.short_tool_ids || quirks_.arguments_required)) edit_calls(calls->value);
  }

  void edit_reasoning(json::object_edits& message, std::vector<member> const& members, bool has_calls) {
    auto const* const text = find(members, reasoning);
    if (!text) {
      if (quirks_.reasoning_required && has_calls) message.add(reasoning, "\"\"");
      return;
    }
    auto const name = quirks_.reasoning_history;
    if (name == "-" || (!name.empty() && find(members, name))) {
      message.drop(*text);
    } else if (!name.empty()) {
      message.rename(*text, name);
    }
  }

  void edit_calls(chat::raw_json calls) {
    json::trusted_scanner scan(calls);
    scan.objects(call_, [&](chat::raw_json, std::vector<member> const& members) {
      if (auto const* const id = find(members, "id")) edit_id(*id);
      auto const* const function = find(members, "function");
      if (!function || !quirks_.arguments_required) return;
      if (auto const arguments = json::find(function->value, "arguments"); arguments == "\"\"")
        edits_.replace(arguments, "\"{}\"");
    });
  }

  void edit_id(member const& id) {
    auto const text = json::text_of(id.value);
    if (!quirks_.short_tool_ids || text.empty() || is_short_id(text)) return;
    edits_.replace(text, edits_.kept().keep(short_id(text)));
  }

  message_quirks const& quirks_;
  json::edit_list& edits_;
  std::vector<member> call_;
};

}  // namespace

void edit_messages(chat::raw_json messages, message_quirks const& quirks, json::edit_list& edits) {
  if (quirks == message_quirks{}) return;
  message_editor editor(quirks, edits);
  std::vector<member> members;
  members.reserve(8);
  json::trusted_scanner scan(messages);
  scan.objects(members, [&](chat::raw_json message, std::vector<member> const& found) { editor.edit(message, found); });
}

}  // namespace recloser::providers
