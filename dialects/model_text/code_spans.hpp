#pragma once
// Where a Markdown text is code: what stands there is shown to the user and never a marker.

#include <cstddef>
#include <string_view>

#include "chat/text.hpp"

namespace recloser::dialects::model_text {

/// Follows a text character by character. Fences end with their like; inline code ends at the latest with its line, so
/// that one stray backtick does not hide the rest of an answer.
class code_spans {
 public:
  /// Passes over the characters of `text` from `at` on, up to one that is among `stops`; gives its place, or the end.
  std::size_t skip(chat::raw_text text, std::size_t at, std::string_view stops);

  void take(char c);

  /// Whether the next character is code.
  bool inside() const;
  /// Only white space stands on the line so far.
  bool at_line_start() const { return !line_has_text_ && run_ == 0; }

 private:
  void end_run();
  void end_line();

  char run_of_ = 0;  // a run of backticks or tildes that may go on
  int run_ = 0;
  char fence_ = 0;  // of an open block: its character and length
  int fence_size_ = 0;
  bool fence_line_ = false;  // the line that opened it has not ended
  bool closing_ = false;     // it ends if nothing else comes on this line
  int inline_size_ = 0;      // backticks that opened inline code
  bool line_has_text_ = false;
};

}  // namespace recloser::dialects::model_text
