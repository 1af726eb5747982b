#include "dialects/anthropic/words.hpp"

#include <algorithm>

#include "dialects/json.hpp"
#include "dialects/json_values.hpp"

namespace recloser::dialects::anthropic {

namespace {

struct finish_row {
  std::string_view stop_reason;
  chat::finish_reason finish;
};

constexpr finish_row finishes[] = {
    {"end_turn", chat::finish_reason::stop},
    {"tool_use", chat::finish_reason::tool_calls},
    {"max_tokens", chat::finish_reason::length},
    {"stop_sequence", chat::finish_reason::stop},
    {"refusal", chat::finish_reason::content_filter},
    {"pause_turn", chat::finish_reason::stop},
    {"model_context_window_exceeded", chat::finish_reason::length},
};

}  // namespace

chat::finish_reason finish_of(chat::raw_json stop_reason) {
  if (json::kind_of(stop_reason) != json::kind::string) return chat::finish_reason::none;
  auto const row = std::ranges::find(finishes, json::text_of(stop_reason), &finish_row::stop_reason);
  return row == std::end(finishes) ? chat::finish_reason::stop : row->finish;
}

bool append_annotation(chat::raw_json citation, text_range where, std::optional<int> number, std::string& out) {
  if (!json::is_string(json::find(citation, "type"), "web_search_result_location")) return false;
  append_url_citation(json::text_of(json::find(citation, "url")), json::text_of(json::find(citation, "title")), where,
                      number, out);
  return true;
}

}  // namespace recloser::dialects::anthropic
