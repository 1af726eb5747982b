#pragma once
// What a request consumed, in disjoint integer buckets, so that nothing is ever counted twice. Each dialect's reader
// turns its vendor's overlapping figures into these; money is made from these and from nothing else.

#include <cstdint>

namespace recloser::chat {

struct usage {
  std::int64_t in_uncached = 0;
  std::int64_t in_cache_read = 0;
  std::int64_t in_cache_write_5m = 0;
  std::int64_t in_cache_write_1h = 0;
  std::int64_t in_audio = 0;
  std::int64_t out_text = 0;
  std::int64_t out_reasoning = 0;
  std::int64_t out_audio = 0;
  bool known = false;  ///< false: the provider reported nothing; the zeros mean "unknown", not "free"

  std::int64_t cache_write() const { return in_cache_write_5m + in_cache_write_1h; }
  /// OpenAI's `prompt_tokens`: cached tokens included.
  std::int64_t prompt() const { return in_uncached + in_cache_read + cache_write() + in_audio; }
  /// OpenAI's `completion_tokens`: reasoning tokens included.
  std::int64_t completion() const { return out_text + out_reasoning + out_audio; }
  std::int64_t total() const { return prompt() + completion(); }

  friend bool operator==(usage const&, usage const&) = default;
};

}  // namespace recloser::chat
