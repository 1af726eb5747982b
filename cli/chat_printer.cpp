#include "cli/chat_printer.hpp"

#include <cstdio>
#include <utility>

#include "cli/text.hpp"

namespace recloser::cli {

namespace {

void put(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

}  // namespace

chat_printer::chat_printer(style how, bool live) : style_(how), live_(live) {
  if (!live_ || !style_.on) return;
  mark_ = true;
  put(style_.dim("…"));
  std::fflush(stdout);
}

void chat_printer::forget_mark() {
  if (std::exchange(mark_, false)) put("\r\033[K");
}

void chat_printer::write(std::string_view text) {
  if (text.empty()) return;
  put(text);
  at_line_start_ = text.ends_with('\n');
}

void chat_printer::take(text_kind kind, std::string_view text) {
  if (!live_ && kind == text_kind::reasoning) return;
  forget_mark();
  bool const reasoning = kind == text_kind::reasoning;
  if (reasoning && !in_reasoning_) write(style_.on ? style_.dim_on() : "(thinking) ");
  if (!reasoning && in_reasoning_) {
    put(style_.off());
    write(at_line_start_ ? "\n" : "\n\n");
  }
  in_reasoning_ = reasoning;
  // Only a terminal obeys control characters; a file gets what the model said.
  if (live_)
    write(printable(text));
  else
    write(text);
  std::fflush(stdout);
}

void chat_printer::finish() {
  forget_mark();
  if (std::exchange(in_reasoning_, false)) put(style_.off());
  if (!std::exchange(at_line_start_, true)) put("\n");
  std::fflush(stdout);
}

}  // namespace recloser::cli
