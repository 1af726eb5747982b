#include "dialects/openai_chat/finish_words.hpp"

#include <algorithm>
#include <string>

namespace recloser::dialects::openai_chat {

namespace {

using enum chat::finish_reason;

constexpr finish_word finish_words[] = {
    {"stop", stop, R"("stop")"},
    {"length", length, R"("length")"},
    {"tool_calls", tool_calls, R"("tool_calls")"},
    {"content_filter", content_filter, R"("content_filter")"},
    {"function_call", tool_calls, R"("tool_calls")"},
    {"eos", stop, R"("stop")"},            // Together
    {"eos_token", stop, R"("stop")"},      // TGI
    {"stop_sequence", stop, R"("stop")"},  // TGI
    {"end_turn", stop, R"("stop")"},
    {"model_length", length, R"("length")"},  // Mistral
    {"max_tokens", length, R"("length")"},
};

struct failure {
  std::string_view wire;
  chat::fault_class what;
  std::string_view message;
};

constexpr failure failures[] = {
    {"error", chat::fault_class::server_error, "the provider ended the answer with an error"},
    {"abort", chat::fault_class::server_error, "the provider aborted the answer"},  // vLLM
    {"insufficient_system_resource", chat::fault_class::overloaded, "the provider ran out of resources in the answer"},
};

}  // namespace

finish_word const* find_finish_word(std::string_view wire) {
  auto const* const found = std::ranges::find(finish_words, wire, &finish_word::wire);
  return found == std::end(finish_words) ? nullptr : found;
}

std::optional<chat::fault> fault_of_finish(std::string_view wire) {
  auto const* const found = std::ranges::find(failures, wire, &failure::wire);
  if (found == std::end(failures)) return std::nullopt;
  return chat::fault(found->what, chat::fault_source::upstream, 0, std::string(found->message), std::string(wire));
}

}  // namespace recloser::dialects::openai_chat
