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
/// How recloser hands out sealed thinking of a translated provider (openai_chat/reply_writer.cpp).
constexpr std::string_view thinking_blocks = "thinking_blocks";
/// How a call carries its producer's seal (openai_chat/extra_content.hpp).
constexpr std::string_view extra_content = "extra_content";

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

/// Blocks that recloser made from a translated provider's thinking name their model: the reasoning beside them is that
/// model's, and no server that is relayed to made it.
bool is_foreign(std::vector<member> const& members) {
  auto const* const blocks = find(members, thinking_blocks);
  return blocks && blocks->value.find("\"model\"") != chat::raw_json::npos;
}

/// What no server takes that counts members; a seal that recloser handed out is for one translated model alone.
bool stays_behind(member const& of_call, bool counted) {
  if (of_call.key == "index") return counted;  // Mistral's calls have one, and some clients keep that of a stream
  if (of_call.key != extra_content) return false;
  return counted || of_call.value.find("\"recloser\"") != chat::raw_json::npos;
}

class message_editor {
 public:
  message_editor(message_quirks const& quirks, json::edit_list& edits, chat::recall const* recall)
      : quirks_(quirks), edits_(edits), recall_(recall) {}

  void edit(chat::raw_json message, std::vector<member> const& members) {
    auto const* const role = find(members, "role");
    if (!role) return;
    json::object_edits edit(edits_, message, members);
    if (quirks_.developer_as_system && json::is_string(role->value, "developer")) edit.replace(*role, "\"system\"");
    if (json::is_string(role->value, "assistant")) edit_assistant(edit, members);
    if (auto const* const answered = find(members, "tool_call_id")) edit_id(*answered);
    drop_unknown(edit, members);
    bool const user = json::is_string(role->value, "user");
    if (quirks_.reply_after_tool && user && after_tool_) edits_.insert(message.data(), R"({"role":"assistant","content":"OK."},)");
    after_tool_ = json::is_string(role->value, "tool");
    if (last_ && json::is_string(role->value, "assistant") && !find(members, quirks_.prefill)) edit.add(quirks_.prefill, "true");
    edit.finish();
  }

  /// The message to come is the last one.
  void expect_last() { last_ = !quirks_.prefill.empty(); }

 private:
  bool is_allowed(std::string_view key) const {
    return quirks_.allowed.empty() || std::ranges::find(quirks_.allowed, key) != quirks_.allowed.end();
  }

  void drop_unknown(json::object_edits& message, std::vector<member> const& members) {
    if (quirks_.allowed.empty()) return;
    for (auto const& each : members) {
      bool const decided = each.key == reasoning || each.key == thinking_blocks;
      if (!decided && !is_allowed(each.key)) message.drop(each);
    }
  }

  void edit_assistant(json::object_edits& message, std::vector<member> const& members) {
    auto const* const calls = find(members, "tool_calls");
    bool const has_calls = calls && calls->value.starts_with('[');
    bool const foreign = is_foreign(members);
    auto const* const blocks = find(members, thinking_blocks);
    if (blocks && (foreign || !is_allowed(thinking_blocks))) message.drop(*blocks);
    edit_reasoning(message, members, has_calls ? calls : nullptr, foreign);
    if (has_calls) edit_calls(calls->value);
  }

  /// The reasoning of the turn with these calls as the provider gave it, else an empty text: a JSON string.
  std::string remembered(member const& calls) {
    std::string id;
    json::trusted_scanner scan(calls.value);
    scan.objects(call_, [&](chat::raw_json, std::vector<member> const& members) {
      if (auto const* const first = find(members, "id"); first && id.empty()) id = json::text_of(first->value);
    });
    auto const turn = recall_ ? (*recall_)(id) : nullptr;
    return turn ? "\"" + turn->reasoning() + "\"" : "\"\"";
  }

  void edit_reasoning(json::object_edits& message, std::vector<member> const& members, member const* calls, bool foreign) {
    auto const* const text = find(members, reasoning);
    if (!text) {
      if (quirks_.reasoning_required && calls) message.add(reasoning, remembered(*calls));
      return;
    }
    auto const name = quirks_.reasoning_history;
    if (foreign && quirks_.reasoning_required) {
      message.replace(*text, "\"\"");
    } else if (foreign || name == "-" || (!name.empty() && find(members, name))) {
      message.drop(*text);
    } else if (!name.empty()) {
      message.rename(*text, name);
    }
  }

  void edit_calls(chat::raw_json calls) {
    json::trusted_scanner scan(calls);
    scan.objects(call_, [&](chat::raw_json call, std::vector<member> const& members) {
      if (auto const* const id = find(members, "id")) edit_id(*id);
      json::object_edits edit(edits_, call, members);
      for (auto const& each : members) {
        if (stays_behind(each, !quirks_.allowed.empty())) edit.drop(each);
      }
      edit.finish();
    });
  }

  void edit_id(member const& id) {
    auto const text = json::text_of(id.value);
    if (!quirks_.short_tool_ids || text.empty() || is_short_id(text)) return;
    edits_.replace(text, edits_.kept().keep(short_id(text)));
  }

  message_quirks const& quirks_;
  json::edit_list& edits_;
  chat::recall const* recall_;
  std::vector<member> call_;
  bool after_tool_ = false;
  bool last_ = false;
};

/// Whether the text has `word` such that its underscore stands at `at`.
bool has_around(std::string_view text, std::size_t at, std::string_view word) {
  auto const before = word.find('_');
  return at >= before && text.substr(at - before, word.size()) == word;
}

/// Whether the text has seals of recloser's anywhere. Underscores are rare in prose, so this runs at the speed of memchr
/// where searching for whole words would cost a 100 KB prompt tens of microseconds.
bool mentions_seals(std::string_view text) {
  for (auto at = text.find('_'); at != std::string_view::npos; at = text.find('_', at + 1)) {
    if (has_around(text, at, thinking_blocks) || has_around(text, at, extra_content)) return true;
  }
  return false;
}

}  // namespace

void edit_messages(chat::raw_json messages, message_quirks const& quirks, json::edit_list& edits,
                   chat::recall const* recall) {
  if (quirks.none() && !mentions_seals(messages)) return;
  std::size_t count = 0;
  if (!quirks.prefill.empty()) {
    json::trusted_scanner counter(messages);
    counter.array([&](chat::raw_json) { return ++count, true; });
  }
  message_editor editor(quirks, edits, recall);
  std::vector<member> members;
  members.reserve(8);
  json::trusted_scanner scan(messages);
  scan.objects(members, [&](chat::raw_json message, std::vector<member> const& found) {
    if (count > 0 && --count == 0) editor.expect_last();
    editor.edit(message, found);
  });
}

}  // namespace recloser::providers
