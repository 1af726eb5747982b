#include "dialects/gemini/usage.hpp"

#include <algorithm>

#include "dialects/json_scan.hpp"
#include "dialects/json_values.hpp"

namespace recloser::dialects::gemini {

namespace {

/// Beyond it a figure is nonsense, and sums of such ones are still sums.
constexpr std::int64_t most = std::int64_t{1} << 53;

/// False when the figure is absent or null, or no count.
bool take(chat::raw_json value, std::int64_t& into) {
  auto const count = json::integer_of(value);
  if (!count || *count < 0 || *count > most) return false;
  into = *count;
  return true;
}

/// `[{"modality":"AUDIO","tokenCount":7}]`
std::int64_t sound_in(chat::raw_json details) {
  std::int64_t count = 0;
  json::trusted_scanner(details).array([&](chat::raw_json each) {
    if (json::is_string(json::find(each, "modality"), "AUDIO")) take(json::find(each, "tokenCount"), count);
    return true;
  });
  return count;
}

}  // namespace

void token_counts::read(chat::raw_json usage) {
  json::trusted_scanner(usage).object([&](std::string_view key, chat::raw_json value) {
    if (key == "promptTokenCount") known_ |= take(value, prompt_);
    if (key == "candidatesTokenCount") known_ |= take(value, answer_);
    if (key == "cachedContentTokenCount") take(value, cached_);
    if (key == "toolUsePromptTokenCount") take(value, tool_prompt_);
    if (key == "thoughtsTokenCount") known_ |= take(value, thoughts_);
    if (key == "promptTokensDetails") prompt_sound_ = sound_in(value);
    if (key == "cacheTokensDetails") cached_sound_ = sound_in(value);
    if (key == "candidatesTokensDetails") answer_sound_ = sound_in(value);
    return true;
  });
}

chat::usage token_counts::buckets() const {
  chat::usage out;
  out.known = known_;
  out.in_cache_read = std::min(cached_, prompt_);
  auto const fresh = prompt_ - out.in_cache_read;
  out.in_audio = std::clamp<std::int64_t>(prompt_sound_ - cached_sound_, 0, fresh);
  out.in_uncached = fresh - out.in_audio + tool_prompt_;
  out.out_audio = std::min(answer_sound_, answer_);
  out.out_text = answer_ - out.out_audio;
  out.out_reasoning = thoughts_;
  return out;
}

}  // namespace recloser::dialects::gemini
