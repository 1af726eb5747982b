#include "dialects/anthropic/usage.hpp"

#include <algorithm>

#include "dialects/json_scan.hpp"
#include "dialects/json_values.hpp"

namespace recloser::dialects::anthropic {

namespace {

/// False when the figure is absent or null, or no count.
bool take(chat::raw_json value, std::int64_t& into) {
  auto const count = json::integer_of(value);
  if (!count || *count < 0) return false;
  into = *count;
  return true;
}

}  // namespace

void token_counts::read(chat::raw_json usage) {
  json::trusted_scanner(usage).object([&](std::string_view key, chat::raw_json value) {
    if (key == "input_tokens") known_ |= take(value, input_);
    if (key == "output_tokens") known_ |= take(value, output_);
    if (key == "cache_read_input_tokens") take(value, cache_read_);
    if (key == "cache_creation_input_tokens") take(value, cache_write_);
    if (key == "cache_creation") take(json::find(value, "ephemeral_1h_input_tokens"), cache_write_1h_);
    if (key == "output_tokens_details") take(json::find(value, "thinking_tokens"), thinking_);
    return true;
  });
}

chat::usage token_counts::buckets() const {
  chat::usage out;
  out.known = known_;
  out.in_uncached = input_;
  out.in_cache_read = cache_read_;
  out.in_cache_write_1h = std::min(cache_write_1h_, cache_write_);
  out.in_cache_write_5m = cache_write_ - out.in_cache_write_1h;
  out.out_reasoning = std::min(thinking_, output_);
  out.out_text = output_ - out.out_reasoning;
  return out;
}

}  // namespace recloser::dialects::anthropic
