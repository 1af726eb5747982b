#include "dialects/gemini/stray_json.hpp"

#include <algorithm>

#include "dialects/gemini/generate_content.hpp"

namespace recloser::dialects::gemini {

namespace {

bool is_line_end(char c) { return c == '\n' || c == '\r'; }

}  // namespace

void stray_json::feed(std::string_view bytes) {
  while (kept_.empty() && !bytes.empty()) {
    if (at_line_start_ && (bytes.front() == '{' || bytes.front() == '[')) break;
    auto const end = bytes.find_first_of("\r\n");
    bool const whole = end != std::string_view::npos;
    at_line_start_ = whole;
    bytes.remove_prefix(whole ? end + 1 : bytes.size());
  }
  kept_.append(bytes.substr(0, most_kept - std::min(most_kept, kept_.size())));
}

std::optional<chat::fault> stray_json::fault() const {
  if (kept_.find("\"error\"") == std::string::npos) return std::nullopt;
  std::string_view text = kept_;
  while (!text.empty() && is_line_end(text.back())) text.remove_suffix(1);
  return read_error(200, text);
}

}  // namespace recloser::dialects::gemini
