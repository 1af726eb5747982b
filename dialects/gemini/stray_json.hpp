#pragma once
// An error that stands in an event stream as bare JSON, without `data:` (providers-native.md §2.8).

#include <optional>
#include <string>
#include <string_view>

#include "chat/fault.hpp"

namespace recloser::dialects::gemini {

class stray_json {
 public:
  /// Keeps what follows a line that begins like JSON, which no line of an event stream does.
  void feed(std::string_view bytes);

  /// The error in what was kept, if it is one.
  std::optional<chat::fault> fault() const;

 private:
  static constexpr std::size_t most_kept = 64u << 10;

  std::string kept_;
  bool at_line_start_ = true;
};

}  // namespace recloser::dialects::gemini
