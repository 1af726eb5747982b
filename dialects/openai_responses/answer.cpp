#include "dialects/openai_responses/answer.hpp"

#include <algorithm>

#include "dialects/json.hpp"
#include "dialects/json_values.hpp"

namespace recloser::dialects::openai_responses {

namespace {

struct reason_row {
  std::string_view reason;
  chat::finish_reason finish;
};

/// A reason that is not here cut the answer short all the same.
constexpr reason_row reasons[] = {
    {"max_output_tokens", chat::finish_reason::length},
    {"max_messages", chat::finish_reason::length},
    {"content_filter", chat::finish_reason::content_filter},
    {"steered", chat::finish_reason::stop},
};

constexpr std::string_view failures[] = {"failed", "cancelled", "queued", "in_progress"};

void write_place(json::writer& out, std::string_view key, chat::raw_json place, std::int64_t offset) {
  if (auto const at = json::integer_of(place)) out.key(key).number(*at + offset);
}

}  // namespace

chat::finish_reason finish_of(std::string_view status, chat::raw_json incomplete_details, bool has_calls) {
  if (status == "incomplete") {
    auto const reason = json::text_of(json::find(incomplete_details, "reason"));
    auto const row = std::ranges::find(reasons, reason, &reason_row::reason);
    return row == std::end(reasons) ? chat::finish_reason::length : row->finish;
  }
  return has_calls ? chat::finish_reason::tool_calls : chat::finish_reason::stop;
}

bool is_failure(std::string_view status) { return std::ranges::find(failures, status) != std::end(failures); }

bool append_annotation(chat::raw_json annotation, std::int64_t offset, std::optional<int> number, std::string& out) {
  if (!json::is_string(json::find(annotation, "type"), "url_citation")) return false;
  if (!out.empty() && out.back() == '}') out += ',';
  json::writer item(out);
  item.open('{');
  if (number) item.key("index").number(*number);
  item.key("type").text("url_citation").key("url_citation").open('{');
  write_place(item, "start_index", json::find(annotation, "start_index"), offset);
  write_place(item, "end_index", json::find(annotation, "end_index"), offset);
  item.key("url").text(json::text_of(json::find(annotation, "url")));
  item.key("title").text(json::text_of(json::find(annotation, "title"))).close('}').close('}');
  return true;
}

chat::raw_text call_id_of(chat::raw_json item) {
  auto const id = json::text_of(json::find(item, "call_id"));
  return id.empty() ? json::text_of(json::find(item, "id")) : id;
}

}  // namespace recloser::dialects::openai_responses
