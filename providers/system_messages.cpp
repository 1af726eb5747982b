#include "providers/system_messages.hpp"

#include <vector>

#include "dialects/edits.hpp"
#include "dialects/json_scan.hpp"
#include "dialects/json_values.hpp"

namespace recloser::providers {

namespace {

constexpr std::string_view paragraph = "\\n\\n";  // escaped

struct message {
  chat::raw_json text;
  bool system = false;
};

bool is_system(chat::raw_json message) {
  auto const role = json::find(message, "role");
  return json::is_string(role, "system") || json::is_string(role, "developer");
}

std::vector<message> messages_of(chat::raw_json messages) {
  std::vector<message> out;
  json::trusted_scanner scan(messages);
  scan.array([&](chat::raw_json text) {
    out.push_back({text, is_system(text)});
    return true;
  });
  return out;
}

void append(std::string& all, chat::raw_text piece) {
  if (!all.empty() && !piece.empty()) all += paragraph;
  all += piece;
}

/// Appends the text of a message. False: it holds something else.
bool append_text(chat::raw_json message, std::string& all) {
  auto const content = json::find(message, "content");
  if (json::kind_of(content) == json::kind::string) {
    append(all, json::text_of(content));
    return true;
  }
  std::vector<chat::raw_json> parts;
  if (!json::elements_of(content, parts)) return false;
  for (auto part : parts) {
    if (!json::is_string(json::find(part, "type"), "text")) return false;
    append(all, json::text_of(json::find(part, "text")));
  }
  return true;
}

char const* end_of(std::string_view text) { return text.data() + text.size(); }

}  // namespace

bool has_late_system_message(std::string_view messages) {
  bool first = true;
  bool late = false;
  json::trusted_scanner scan(messages);
  scan.array([&](chat::raw_json text) {
    late = !first && is_system(text);
    first = false;
    return !late;
  });
  return late;
}

std::optional<std::string> with_one_system_message(std::string_view body) {
  auto const messages = json::find(body, "messages");
  if (!has_late_system_message(messages)) return std::nullopt;
  auto const all = messages_of(messages);
  std::string said;
  bool others = false;
  for (auto const& each : all) {
    others = others || !each.system;
    if (each.system && !append_text(each.text, said)) return std::nullopt;
  }
  chat::store kept;
  json::edit_list edits(body, kept);
  said = R"({"role":"system","content":")" + said + (others ? "\"}," : "\"}");
  edits.insert(all.front().text.data(), said);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!all[i].system) continue;
    auto const first = i;
    while (i + 1 < all.size() && all[i + 1].system) ++i;
    if (i + 1 < all.size()) {
      edits.erase(all[first].text.data(), all[i + 1].text.data());
    } else if (first > 0) {
      edits.erase(end_of(all[first - 1].text), end_of(all[i].text));
    } else {
      edits.erase(all.front().text.data(), end_of(all[i].text));
    }
  }
  std::string out;
  edits.append_to(out);
  return out;
}

}  // namespace recloser::providers
