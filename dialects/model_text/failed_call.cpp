#include "dialects/model_text/failed_call.hpp"

#include <algorithm>
#include <string>

#include "dialects/json.hpp"
#include "dialects/model_text/filter.hpp"

namespace recloser::dialects::model_text {

std::optional<chat::reply> read_failed_call(std::string_view error_body, family const& of,
                                            std::vector<chat::tool> const& tools) {
  if (tools.empty() || !json::scan_object(error_body)) return std::nullopt;
  auto const error = json::find(error_body, "error");
  if (!json::is_string(json::find(error, "code"), "tool_use_failed")) return std::nullopt;
  chat::reply answer;
  chat::part words;
  words.text = answer.store.keep(std::string(json::text_of(json::find(error, "failed_generation"))));
  answer.parts.push_back(words);
  answer.finish = chat::finish_reason::stop;
  filter_reply(answer, of, tools);
  bool const calls = std::ranges::any_of(
      answer.parts, [](chat::part const& part) { return part.kind == chat::part_kind::tool_call; });
  if (!calls) return std::nullopt;
  return answer;
}

}  // namespace recloser::dialects::model_text
