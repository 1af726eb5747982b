#pragma once
// Gemini's token counts, of which some contain others (providers-native.md §0.3). In a stream they are running totals:
// what comes later replaces what came before.

#include <cstdint>

#include "chat/text.hpp"
#include "chat/usage.hpp"

namespace recloser::dialects::gemini {

class token_counts {
 public:
  /// Takes a `usageMetadata` object.
  void read(chat::raw_json usage);

  chat::usage buckets() const;

 private:
  std::int64_t prompt_ = 0;  // cached ones included
  std::int64_t cached_ = 0;
  std::int64_t tool_prompt_ = 0;
  std::int64_t answer_ = 0;
  std::int64_t thoughts_ = 0;  // not in answer_
  std::int64_t prompt_sound_ = 0;
  std::int64_t cached_sound_ = 0;
  std::int64_t answer_sound_ = 0;
  bool known_ = false;
};

}  // namespace recloser::dialects::gemini
