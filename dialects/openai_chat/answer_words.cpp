#include "dialects/openai_chat/answer_words.hpp"

#include "dialects/openai_chat/made_id.hpp"

namespace recloser::dialects::openai_chat {

std::string_view finish_word(chat::finish_reason finish, bool has_tool_calls) {
  switch (finish) {
    case chat::finish_reason::length: return "length";
    case chat::finish_reason::content_filter: return "content_filter";
    case chat::finish_reason::none:
    case chat::finish_reason::stop:
    case chat::finish_reason::tool_calls: return has_tool_calls ? "tool_calls" : "stop";
  }
  return "stop";
}

void write_usage(json::writer& out, chat::usage const& usage) {
  out.open('{');
  out.key("prompt_tokens").number(usage.prompt());
  out.key("completion_tokens").number(usage.completion());
  out.key("total_tokens").number(usage.total());
  out.key("prompt_tokens_details").open('{');
  out.key("cached_tokens").number(usage.in_cache_read);
  out.key("cache_write_tokens").number(usage.cache_write());
  if (usage.in_audio > 0) out.key("audio_tokens").number(usage.in_audio);
  out.close('}');
  out.key("completion_tokens_details").open('{');
  out.key("reasoning_tokens").number(usage.out_reasoning);
  if (usage.out_audio > 0) out.key("audio_tokens").number(usage.out_audio);
  out.close('}').close('}');
}

void write_id(json::writer& out, chat::raw_text id) {
  out.key("id");
  if (id.empty()) {
    out.text(made_id("chatcmpl-"));
  } else {
    out.text(id);
  }
}

}  // namespace recloser::dialects::openai_chat
