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
  if (!out.empty() && out.back() == '}') out += ',';
  json::writer item(out);
  item.open('{');
  if (number) item.key("index").number(*number);
  item.key("type").text("url_citation").key("url_citation").open('{');
  item.key("start_index").number(where.begin).key("end_index").number(where.end);
  item.key("url").text(json::text_of(json::find(citation, "url")));
  item.key("title").text(json::text_of(json::find(citation, "title"))).close('}').close('}');
  return true;
}

namespace {

/// `\ud83d\ude00` is one character: its second half is not counted.
bool is_low_surrogate(chat::raw_text escape) {
  if (escape.size() < 4 || (escape[2] != 'd' && escape[2] != 'D')) return false;
  static constexpr std::string_view letters = "cdefCDEF";
  return letters.find(escape[3]) != std::string_view::npos;
}

std::int64_t count_plain(chat::raw_text text) {
  return std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

}  // namespace

std::int64_t count_characters(chat::raw_text text) {
  std::int64_t count = 0;
  while (true) {
    auto const run = std::min(text.find('\\'), text.size());
    count += count_plain(text.substr(0, run));
    text.remove_prefix(run);
    if (text.size() < 2) return count;
    bool const unicode = text[1] == 'u';
    if (!unicode || !is_low_surrogate(text)) ++count;
    text.remove_prefix(std::min<std::size_t>(unicode ? 6 : 2, text.size()));
  }
}

}  // namespace recloser::dialects::anthropic
