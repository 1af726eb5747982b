#include "dialects/bedrock_converse/words.hpp"

#include <algorithm>
#include <iterator>

#include "dialects/json.hpp"
#include "dialects/json_scan.hpp"
#include "dialects/json_values.hpp"

namespace recloser::dialects::bedrock_converse {

using chat::finish_reason;
using chat::raw_json;

namespace {

struct ending_row {
  std::string_view stop_reason;
  ending is;
};

constexpr ending_row endings[] = {
    {"end_turn", {finish_reason::stop}},
    {"tool_use", {finish_reason::tool_calls}},
    {"max_tokens", {finish_reason::length}},
    {"stop_sequence", {finish_reason::stop}},
    {"content_filtered", {finish_reason::content_filter}},
    {"guardrail_intervened", {finish_reason::content_filter}},
    {"model_context_window_exceeded", {finish_reason::length}},
    {"malformed_model_output", {finish_reason::stop, true}},
    {"malformed_tool_use", {finish_reason::stop, true}},
};

}  // namespace

ending ending_of(raw_json stop_reason, bool has_calls) {
  if (json::kind_of(stop_reason) != json::kind::string) return {};
  auto const row = std::ranges::find(endings, json::text_of(stop_reason), &ending_row::stop_reason);
  auto out = row == std::end(endings) ? ending{finish_reason::stop} : row->is;
  bool const by_calls =
      !out.malformed && (out.finish == finish_reason::stop || out.finish == finish_reason::tool_calls);
  if (by_calls) out.finish = has_calls ? finish_reason::tool_calls : finish_reason::stop;
  return out;
}

chat::fault malformed_answer() {
  return {chat::fault_class::bad_response, chat::fault_source::upstream, 200,
          "the model wrote an answer that the provider could not read", "bad_upstream_response"};
}

// ---- usage -----------------------------------------------------------------------------------------------------

namespace {

/// False when the figure is absent or null, or no count.
bool take(raw_json value, std::int64_t& into) {
  auto const count = json::integer_of(value);
  if (!count || *count < 0) return false;
  into = *count;
  return true;
}

/// `[{"ttl":"1h","inputTokens":n},…]`: what was written for an hour.
std::int64_t written_for_an_hour(raw_json details) {
  std::int64_t sum = 0;
  json::trusted_scanner(details).array([&](raw_json each) {
    std::int64_t count = 0;
    bool const hour = json::is_string(json::find(each, "ttl"), "1h");
    constexpr std::int64_t most = std::int64_t{1} << 53;
    if (hour && take(json::find(each, "inputTokens"), count)) sum = std::min(most, sum + std::min(most, count));
    return true;
  });
  return sum;
}

}  // namespace

chat::usage usage_of(raw_json usage) {
  chat::usage out;
  std::int64_t written = 0;
  std::int64_t hour = 0;
  json::trusted_scanner(usage).object([&](std::string_view key, raw_json value) {
    if (key == "inputTokens") out.known |= take(value, out.in_uncached);
    if (key == "outputTokens") out.known |= take(value, out.out_text);
    if (key == "cacheReadInputTokens") take(value, out.in_cache_read);
    if (key == "cacheWriteInputTokens") take(value, written);
    if (key == "cacheDetails") hour = written_for_an_hour(value);
    return true;
  });
  out.in_cache_write_1h = std::min(hour, written);
  out.in_cache_write_5m = written - out.in_cache_write_1h;
  return out;
}

// ---- citations and tools ---------------------------------------------------------------------------------------

bool append_citation(raw_json citation, text_range where, std::optional<int> number, std::string& out) {
  auto const web = json::find(json::find(citation, "location"), "web");
  auto const url = json::text_of(json::find(web, "url"));
  if (url.empty()) return false;
  auto const title = json::text_of(json::find(citation, "title"));
  append_url_citation(url, title.empty() ? json::text_of(json::find(web, "domain")) : title, where, number, out);
  return true;
}

bool is_providers_own(raw_json tool_use) { return json::is_string(json::find(tool_use, "type"), "server_tool_use"); }

}  // namespace recloser::dialects::bedrock_converse
