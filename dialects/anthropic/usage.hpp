#pragma once
// Anthropic's token counts. They are running totals: what comes later replaces what came before and is never added to
// it (providers-native.md §7 rows 1–3), and `null` says nothing.

#include <cstdint>

#include "chat/text.hpp"
#include "chat/usage.hpp"

namespace recloser::dialects::anthropic {

class token_counts {
 public:
  /// Takes a `usage` object.
  void read(chat::raw_json usage);

  chat::usage buckets() const;

 private:
  std::int64_t input_ = 0;
  std::int64_t output_ = 0;
  std::int64_t cache_read_ = 0;
  std::int64_t cache_write_ = 0;
  std::int64_t cache_write_1h_ = 0;
  std::int64_t thinking_ = 0;
  bool known_ = false;
};

}  // namespace recloser::dialects::anthropic
