// A whole `chat.completion` (clients.md §3.1).

#include <algorithm>

#include "dialects/json_values.hpp"
#include "dialects/openai_chat/answer_words.hpp"
#include "dialects/openai_chat/conversation.hpp"
#include "dialects/openai_chat/extra_content.hpp"

namespace recloser::dialects::openai_chat {

using chat::part_kind;

namespace {

bool has(chat::reply const& answer, part_kind wanted) {
  return std::ranges::find(answer.parts, wanted, &chat::part::kind) != answer.parts.end();
}

/// One string made of all texts of a kind, copied as they are: raw text joins without being looked at.
void write_joined(json::writer& out, chat::reply const& answer, part_kind wanted) {
  out.text({});
  auto& bytes = out.out();
  bytes.pop_back();
  for (auto const& part : answer.parts) {
    if (part.kind == wanted) bytes.append(part.text);
  }
  bytes += '"';
}

void write_joined_or_null(json::writer& out, chat::reply const& answer, part_kind wanted, bool present) {
  if (present) {
    write_joined(out, answer, wanted);
  } else {
    out.null();
  }
}

void write_tool_calls(json::writer& out, chat::reply const& answer) {
  out.key("tool_calls").open('[');
  for (auto const& part : answer.parts) {
    if (part.kind != part_kind::tool_call) continue;
    out.open('{').key("id").text(part.id).key("type").text("function");
    out.key("function").open('{').key("name").text(part.name);
    out.key("arguments");
    if (json::kind_of(part.input) == json::kind::string) {  // what the model wrote instead of an object
      out.raw(part.input);
    } else {
      out.string(part.input.empty() ? "{}" : part.input);
    }
    out.close('}');
    if (!part.signature.empty()) write_extra_content(out, part.signature, answer.model);
    out.close('}');
  }
  out.close(']');
}

bool is_thinking_block(chat::part const& part) {
  return part.kind == part_kind::redacted_thinking || (part.kind == part_kind::thinking && !part.signature.empty());
}

/// What a client has to send back for the provider to take its own thinking up again, and whose it is: no other model
/// takes it (providers-native.md §1.5).
void write_thinking_blocks(json::writer& out, chat::reply const& answer) {
  if (std::ranges::none_of(answer.parts, is_thinking_block)) return;
  out.key("thinking_blocks").open('[');
  for (auto const& part : answer.parts) {
    if (!is_thinking_block(part)) continue;
    out.open('{').key("type");
    if (part.kind == part_kind::thinking) {
      out.text("thinking").key("thinking").text(part.text).key("signature").text(part.signature);
    } else {
      out.text("redacted_thinking").key("data").text(part.data);
    }
    if (!answer.model.empty()) out.key("model").text(answer.model);
    out.close('}');
  }
  out.close(']');
}

bool has_words(chat::reply const& answer, part_kind wanted) {
  return std::ranges::any_of(answer.parts, [&](auto const& part) { return part.kind == wanted && !part.text.empty(); });
}

/// `content` is null when there are only calls or a refusal; an answer of nothing at all is an empty text.
void write_message(json::writer& out, chat::reply const& answer) {
  bool const calls = has(answer, part_kind::tool_call);
  bool const refused = has_words(answer, part_kind::refusal);
  out.open('{').key("role").text("assistant").key("content");
  write_joined_or_null(out, answer, part_kind::text, has_words(answer, part_kind::text) || (!calls && !refused));
  if (has_words(answer, part_kind::thinking)) {
    out.key("reasoning_content");
    write_joined(out, answer, part_kind::thinking);
  }
  out.key("refusal");
  write_joined_or_null(out, answer, part_kind::refusal, refused);
  if (!answer.annotations.empty()) out.key("annotations").raw(answer.annotations);
  if (calls) write_tool_calls(out, answer);
  write_thinking_blocks(out, answer);
  out.close('}');
}

}  // namespace

void write_reply(chat::reply const& answer, std::int64_t created, std::string& out) {
  json::writer body(out);
  body.open('{');
  write_id(body, answer.id);
  body.key("object").text("chat.completion").key("created").number(created).key("model").text(answer.model);
  body.key("choices").open('[').open('{').key("index").number(0).key("message");
  write_message(body, answer);
  body.key("logprobs");
  answer.logprobs.empty() ? body.null() : body.raw(answer.logprobs);
  body.key("finish_reason").text(finish_word(answer.finish, has(answer, part_kind::tool_call)));
  body.close('}').close(']').key("usage");
  write_usage(body, answer.usage);
  body.close('}');
}

}  // namespace recloser::dialects::openai_chat
