#include "dialects/ollama_chat/answer.hpp"

#include <algorithm>

#include "dialects/json_scan.hpp"
#include "dialects/json_values.hpp"
#include "dialects/openai_chat/made_id.hpp"

namespace recloser::dialects::ollama_chat {

using chat::raw_json;

namespace {

std::int64_t count_of(raw_json value) { return std::max<std::int64_t>(0, json::integer_of(value).value_or(0)); }

struct counts {
  raw_json prompt, cached, answer;

  /// The prompt's count is missing where older servers had all of it cached; its thinking is part of the answer's.
  chat::usage buckets() const {
    chat::usage out;
    out.known = !prompt.empty() || !answer.empty();
    auto const all = std::max(count_of(prompt), count_of(cached));
    out.in_cache_read = count_of(cached);
    out.in_uncached = all - out.in_cache_read;
    out.out_text = count_of(answer);
    return out;
  }
};

void read_message(raw_json message, answer& out) {
  out.has_message = json::kind_of(message) == json::kind::object;
  json::trusted_scanner(message).object([&](std::string_view key, raw_json value) {
    if (key == "content") out.content = json::text_of(value);
    if (key == "thinking") out.thinking = json::text_of(value);
    if (key == "tool_calls") json::elements_of(value, out.tool_calls);
    return true;
  });
}

}  // namespace

chat::result<void> read_answer(std::string_view text, std::vector<json::member>& members, answer& out) {
  out = answer{};
  if (auto scanned = json::scan_object(text, members); !scanned) return scanned;
  counts tokens;
  for (auto const& [key, member] : members) {
    auto const value = json::unless_null(member);
    if (key == "message") read_message(value, out);
    if (key == "model") out.model = json::text_of(value);
    if (key == "done") out.done = value == "true";
    if (key == "done_reason") out.done_reason = json::text_of(value);
    if (key == "prompt_eval_count") tokens.prompt = value;
    if (key == "prompt_eval_cached_count") tokens.cached = value;
    if (key == "eval_count") tokens.answer = value;
    if (key == "error") out.error = value;
    if (key == "status_code" || key == "StatusCode")
      out.status = static_cast<int>(std::min<std::int64_t>(count_of(value), 599));
  }
  out.usage = tokens.buckets();
  return {};
}

chat::finish_reason finish_of(answer const& last, bool called_tools) {
  if (last.done_reason == "length") return chat::finish_reason::length;
  return called_tools ? chat::finish_reason::tool_calls : chat::finish_reason::stop;
}

call read_call(raw_json of) {
  auto const function = json::find(of, "function");
  auto const arguments = json::unless_null(json::find(function, "arguments"));
  bool const none = arguments.empty() || json::is_string(arguments, "");
  return {json::text_of(json::find(of, "id")), json::text_of(json::find(function, "name")),
          none ? raw_json("{}") : arguments};
}

std::string call_ids::unique(chat::raw_text given) {
  constexpr std::size_t most_seen = 256;  // nobody calls so often in one answer
  bool const usable = !given.empty() && std::ranges::find(seen_, given) == seen_.end();
  std::string id = usable ? std::string(given) : openai_chat::made_id("call_");
  if (seen_.size() < most_seen) seen_.push_back(id);
  return id;
}

}  // namespace recloser::dialects::ollama_chat
