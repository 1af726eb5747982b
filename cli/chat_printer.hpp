#pragma once
// Shows an answer while it arrives: a mark while nothing has come yet, reasoning dim, the text as it is.

#include <string_view>

#include "cli/answer_reader.hpp"
#include "cli/output.hpp"

namespace recloser::cli {

class chat_printer {
 public:
  /// `live`: for a person at a terminal; otherwise only the answer's own text is written, byte for byte.
  chat_printer(style how, bool live);
  void take(text_kind kind, std::string_view text);
  /// Ends the last line.
  void finish();

 private:
  void forget_mark();
  void write(std::string_view text);

  style style_;
  bool live_;
  bool mark_ = false;
  bool in_reasoning_ = false;
  bool at_line_start_ = true;
};

}  // namespace recloser::cli
