// Chunks are put together from fixed pieces: what changes from one to the next is copied between them, nothing else is
// made anew.

#include <fmt/format.h>

#include "dialects/openai_chat/answer_words.hpp"
#include "dialects/openai_chat/conversation.hpp"
#include "dialects/openai_chat/extra_content.hpp"

namespace recloser::dialects::openai_chat {

namespace {

constexpr std::string_view delta_head = R"({"index":0,"delta":{)";
constexpr std::string_view delta_tail = R"(},"finish_reason":null}]})"
                                        "\n\n";
constexpr std::string_view done = "data: [DONE]\n\n";

template <class... Pieces>
void append(std::string& out, Pieces const&... pieces) {
  (out.append(pieces), ...);
}

/// One text member of the delta.
void put_text(std::string_view head, std::string_view member, chat::raw_text text, std::string& out) {
  append(out, head, delta_head, member, text, R"(")", delta_tail);
}

}  // namespace

void chunk_writer::put(chat::event const& event, std::string& out) {
  if (ended_) return;
  if (head_.empty()) start(event, out);
  switch (event.kind) {
    case chat::event_kind::start: return;
    case chat::event_kind::text: return put_text(head_, R"("content":")", event.text, out);
    case chat::event_kind::reasoning: return put_text(head_, R"("reasoning_content":")", event.text, out);
    case chat::event_kind::refusal: return put_text(head_, R"("refusal":")", event.text, out);
    case chat::event_kind::tool_start: return put_tool_start(event, out);
    case chat::event_kind::tool_arguments: return put_tool_arguments(event, out);
    case chat::event_kind::signature:
    case chat::event_kind::redacted: return put_thinking_block(event, out);
    case chat::event_kind::annotations:
      return append(out, head_, delta_head, R"("annotations":)", event.text, delta_tail);
    case chat::event_kind::logprobs:
      return append(out, head_, R"({"index":0,"delta":{},"logprobs":)", event.text, R"(,"finish_reason":null}]})",
                    "\n\n");
    case chat::event_kind::finish: return finish(event.finish, out);
    case chat::event_kind::end: return end(event.usage, out);
  }
}

/// The first event, whichever it is, names the answer.
void chunk_writer::start(chat::event const& event, std::string& out) {
  head_ = "data: ";
  json::writer head(head_);
  model_ = event.model;
  head.open('{');
  write_id(head, event.kind == chat::event_kind::start ? event.id : chat::raw_text());
  head.key("object").text("chat.completion.chunk").key("created").number(created_);
  head.key("model").text(event.model).key("choices").open('[');
  append(out, head_, delta_head, R"("role":"assistant","content":"")", delta_tail);
}

void chunk_writer::put_tool_start(chat::event const& event, std::string& out) {
  has_tool_calls_ = true;
  fmt::format_int const index(event.index);
  append(out, head_, delta_head, R"("tool_calls":[{"index":)", std::string_view(index.data(), index.size()),
         R"(,"id":")", event.id, R"(","type":"function","function":{"name":")", event.name, R"(","arguments":""})");
  if (!event.signature.empty()) put_extra_content(out, event.signature, model_);
  append(out, "}]", delta_tail);
}

void chunk_writer::put_tool_arguments(chat::event const& event, std::string& out) {
  fmt::format_int const index(event.index);
  append(out, head_, delta_head, R"("tool_calls":[{"index":)", std::string_view(index.data(), index.size()),
         R"(,"function":{"arguments":")", event.text, R"("}}])", delta_tail);
}

/// The text of a thinking block went out as `reasoning_content`; what seals it follows here. The `index` lets the
/// OpenAI helpers put blocks together as they do with tool calls.
void chunk_writer::put_thinking_block(chat::event const& event, std::string& out) {
  fmt::format_int const index(event.index);
  bool const sealed = event.kind == chat::event_kind::signature;
  std::string_view const what =
      sealed ? R"(,"type":"thinking","signature":")" : R"(,"type":"redacted_thinking","data":")";
  append(out, head_, delta_head, R"("thinking_blocks":[{"index":)", std::string_view(index.data(), index.size()), what,
         event.text, R"(","model":")", model_, R"("}])", delta_tail);
}

void chunk_writer::finish(chat::finish_reason finish, std::string& out) {
  if (finished_) return;
  finished_ = true;
  append(out, head_, R"({"index":0,"delta":{},"finish_reason":")", finish_word(finish, has_tool_calls_), "\"}]}\n\n");
}

void chunk_writer::end(chat::usage const& usage, std::string& out) {
  finish(chat::finish_reason::none, out);
  ended_ = true;
  if (usage_wanted_) {
    append(out, head_, R"(],"usage":)");
    json::writer total(out);
    write_usage(total, usage);
    append(out, "}\n\n");
  }
  append(out, done);
}

void write_chunks(chat::reply const& answer, std::int64_t created, bool usage_wanted, std::string& out) {
  using enum chat::event_kind;
  chunk_writer chunks(created, usage_wanted);
  chunks.put({.kind = start, .id = answer.id, .model = answer.model}, out);
  int calls = 0;
  for (auto const& part : answer.parts) {
    switch (part.kind) {
      case chat::part_kind::text: chunks.put({.kind = text, .text = part.text}, out); break;
      case chat::part_kind::thinking: chunks.put({.kind = reasoning, .text = part.text}, out); break;
      case chat::part_kind::refusal: chunks.put({.kind = refusal, .text = part.text}, out); break;
      case chat::part_kind::tool_call: {
        auto const arguments = json::escaped(part.input);
        chunks.put({.kind = tool_start, .id = part.id, .name = part.name, .index = calls}, out);
        chunks.put({.kind = tool_arguments, .text = arguments, .index = calls++}, out);
        break;
      }
      default: break;
    }
  }
  chunks.put({.kind = chat::event_kind::finish, .finish = answer.finish}, out);
  chunks.put({.kind = chat::event_kind::end, .usage = answer.usage}, out);
}

}  // namespace recloser::dialects::openai_chat
