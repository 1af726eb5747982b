#include "dialects/model_text/code_spans.hpp"

#include "dialects/json_bytes.hpp"
#include "dialects/model_text/escaped_text.hpp"

namespace recloser::dialects::model_text {

namespace {

constexpr int shortest_fence = 3;

}  // namespace

std::size_t code_spans::skip(chat::raw_text text, std::size_t at, std::string_view stops) {
  while (at < text.size()) {
    char c = text[at];
    std::size_t written = 1;
    if (c == '\\') {
      auto const next = first_character(text.substr(at));
      c = next.bytes[0];
      written = next.written;
    }
    if (stops.find(c) != std::string_view::npos) return at;
    take(c);
    at += written;
  }
  return at;
}

void code_spans::take(char c) {
  if (run_ > 0 && c == run_of_) {
    ++run_;
    return;
  }
  if (run_ > 0) end_run();
  if (c == '`' || c == '~') {
    run_of_ = c;
    run_ = 1;
  } else if (c == '\n') {
    end_line();
  } else if (!json::is_space(c)) {
    line_has_text_ = true;
    closing_ = false;
  }
}

bool code_spans::inside() const {
  auto ahead = *this;
  if (ahead.run_ > 0) ahead.end_run();
  return ahead.fence_ != 0 || ahead.inline_size_ > 0;
}

void code_spans::end_run() {
  bool const fence = run_ >= shortest_fence && !line_has_text_;
  if (fence_ != 0 && fence_line_ && fence_ == '`' && run_of_ == '`') {
    // CommonMark §4.5: no backticks after an opening fence. So it was inline code.
    fence_ = 0;
    inline_size_ = run_ == fence_size_ ? 0 : fence_size_;
  } else if (fence_ != 0) {
    closing_ = fence && run_of_ == fence_ && run_ >= fence_size_;
  } else if (fence) {
    fence_ = run_of_;
    fence_size_ = run_;
    fence_line_ = true;
  } else if (run_of_ == '`') {
    if (inline_size_ == 0) {
      inline_size_ = run_;
    } else if (inline_size_ == run_) {
      inline_size_ = 0;
    }
  }
  run_ = 0;
  line_has_text_ = true;
}

void code_spans::end_line() {
  if (closing_) fence_ = 0;
  closing_ = false;
  fence_line_ = false;
  inline_size_ = 0;
  line_has_text_ = false;
}

}  // namespace recloser::dialects::model_text
