#include "cli/answer_reader.hpp"

#include "cli/json_reading.hpp"
#include "cli/text.hpp"

namespace recloser::cli {

namespace {

token_counts read_usage(chat::raw_json usage) {
  token_counts result;
  if (!usage.starts_with('{')) return result;
  result.known = true;
  result.prompt = count_of(json::find(usage, "prompt_tokens"));
  result.completion = count_of(json::find(usage, "completion_tokens"));
  result.cached = count_of(json::find(json::find(usage, "prompt_tokens_details"), "cached_tokens"));
  result.reasoning = count_of(json::find(json::find(usage, "completion_tokens_details"), "reasoning_tokens"));
  return result;
}

}  // namespace

void answer_reader::feed(std::string_view bytes) {
  events_.feed(bytes);
  net::sse_reader::event event;
  while (events_.next(event)) read_event(event.data);
  if (events_.overflowed() && error_.empty()) error_ = "an event of the answer is too large";
}

void answer_reader::read_event(std::string_view data) {
  if (data == "[DONE]" || !error_.empty()) return;
  json_object const chunk(data);
  if (!chunk) {
    error_ = "the answer cannot be read: " + one_line(valid_utf8(data.substr(0, 120)));
    return;
  }
  if (chat::raw_json const error = chunk.get("error"); !json::unless_null(error).empty()) {
    error_ = one_line(string_of(error.starts_with('{') ? json::find(error, "message") : error));
    if (error_.empty()) error_ = "the provider failed in the middle of its answer";
    return;
  }
  if (token_counts const used = read_usage(chunk.get("usage")); used.known) usage_ = used;
  for (chat::raw_json const choice : elements_of(chunk.get("choices"))) read_choice(choice);
}

void answer_reader::read_choice(std::string_view choice) {
  chat::raw_json const delta = json::find(choice, "delta");
  std::string reasoning = string_of(json::find(delta, "reasoning_content"));
  if (reasoning.empty()) reasoning = string_of(json::find(delta, "reasoning"));
  take(text_kind::reasoning, std::move(reasoning));
  take(text_kind::answer, string_of(json::find(delta, "content")));
  take(text_kind::answer, string_of(json::find(delta, "refusal")));
  if (std::string reason = string_of(json::find(choice, "finish_reason")); !reason.empty()) {
    finish_reason_ = std::move(reason);
  }
}

void answer_reader::take(text_kind kind, std::string text) {
  if (text.empty()) return;
  if (kind == text_kind::answer) text_ += text;
  take_(kind, text);
}

std::string finish_note(std::string_view finish_reason) {
  if (finish_reason == "length") return "cut off: the limit of tokens is reached";
  if (finish_reason == "content_filter") return "cut off by the provider's content filter";
  if (finish_reason == "tool_calls") return "the model asked for a tool; this chat has none";
  return {};
}

}  // namespace recloser::cli
