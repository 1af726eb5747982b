// What can be told about a prompt that Ollama cut. The count that it reports is the one after the cut: about the whole
// window, or half of it, since newer servers make room for the answer (github.com/ollama/ollama issues 17427, 7987).

#include <algorithm>

#include "dialects/ollama_chat/api_chat.hpp"

namespace recloser::dialects::ollama_chat {

namespace {

/// Bytes of UTF-8 behind an escaped text: an escape of many letters is a few bytes, and one token at the most.
std::size_t plain_size(chat::raw_text text) {
  std::size_t size = 0;
  while (!text.empty()) {
    auto const run = std::min(text.find('\\'), text.size());
    size += run;
    text.remove_prefix(run);
    if (text.empty()) break;
    bool const unicode = text.size() > 1 && text[1] == 'u';
    size += unicode ? 2 : 1;
    text.remove_prefix(std::min<std::size_t>(text.size(), unicode ? 6 : 2));
  }
  return size;
}

}  // namespace

std::size_t prompt_bytes(chat::request const& wanted) {
  std::size_t size = 0;
  for (auto const& message : wanted.messages) {
    for (auto const& part : message.parts) size += plain_size(part.text) + part.name.size() + plain_size(part.input);
  }
  if (wanted.tool_choice == chat::tool_choice_kind::none) return size;
  for (auto const& tool : wanted.tools)
    size += tool.name.size() + plain_size(tool.description) + tool.parameters.size();
  return size;
}

bool prompt_was_cut(std::int64_t counted, std::size_t bytes, std::int64_t num_ctx) {
  // Text has 2 to 5 bytes a token, seldom more. Old servers count only what was not cached: a small count says nothing.
  constexpr std::int64_t most_bytes_per_token = 8;
  constexpr std::int64_t usual_bytes_per_token = 5;
  constexpr std::int64_t smallest_window = 2048;  // of a server that nobody configured
  constexpr std::int64_t slack = 8;               // tokens that every cut keeps or leaves
  if (counted <= 0) return false;
  auto const size = static_cast<std::int64_t>(bytes);
  bool const full = num_ctx > 0 && counted >= num_ctx - slack;
  bool const half = num_ctx > 0 && counted >= num_ctx / 2 && counted <= num_ctx / 2 + slack;
  if (full || half) return size / counted >= usual_bytes_per_token;
  return counted >= smallest_window / 2 && size / counted >= most_bytes_per_token;
}

}  // namespace recloser::dialects::ollama_chat
