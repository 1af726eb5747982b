#include "dialects/url_citation.hpp"

#include <algorithm>

#include "dialects/json.hpp"

namespace recloser::dialects {

void append_url_citation(chat::raw_text url, chat::raw_text title, text_range where, std::optional<int> number,
                         std::string& out) {
  if (!out.empty() && out.back() == '}') out += ',';
  json::writer item(out);
  item.open('{');
  if (number) item.key("index").number(*number);
  item.key("type").text("url_citation").key("url_citation").open('{');
  item.key("start_index").number(where.begin).key("end_index").number(where.end);
  item.key("url").text(url).key("title").text(title).close('}').close('}');
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

}  // namespace recloser::dialects
