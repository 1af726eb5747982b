// A whole answer (providers-native.md §5.3).

#include <fmt/format.h>

#include "dialects/broken_answer.hpp"
#include "dialects/json.hpp"
#include "dialects/json_values.hpp"
#include "dialects/ollama_chat/answer.hpp"
#include "dialects/ollama_chat/api_chat.hpp"

namespace recloser::dialects::ollama_chat {

using chat::part_kind;

namespace {

void add_text(part_kind kind, chat::raw_text text, chat::reply& out) {
  if (text.empty()) return;
  auto& part = out.parts.emplace_back();
  part.kind = kind;
  part.text = text;
}

void add_calls(answer const& from, chat::reply& out) {
  call_ids ids;
  for (auto const each : from.tool_calls) {
    auto const read = read_call(each);
    auto& part = out.parts.emplace_back();
    part.kind = part_kind::tool_call;
    part.id = out.store.keep(ids.unique(read.id));
    part.name = read.name;
    bool const in_string = json::kind_of(read.arguments) == json::kind::string;
    part.input = in_string ? out.store.keep(json::decode(json::text_of(read.arguments))) : read.arguments;
  }
}

}  // namespace

chat::result<chat::reply> read_reply(std::string_view body) {
  std::vector<json::member> members;
  answer from;
  if (auto read = read_answer(body, members, from); !read) return unreadable(read.error().message);
  if (!from.error.empty()) return read_error_value(from.status, from.error);
  if (!from.has_message) return unreadable("it has no 'message'");
  if (!from.done) return unreadable("it is not done");

  chat::reply out;
  out.model = from.model;
  add_text(part_kind::thinking, from.thinking, out);
  add_text(part_kind::text, from.content, out);
  add_calls(from, out);
  out.finish = finish_of(from, !from.tool_calls.empty());
  out.usage = from.usage;
  return out;
}

}  // namespace recloser::dialects::ollama_chat
