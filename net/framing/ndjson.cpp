#include "net/framing/ndjson.hpp"

#include <algorithm>

namespace recloser::net {

namespace {

/// A buffer that grew beyond this is given back when it is empty: thousands of streams idle between two chunks.
constexpr std::size_t kept_capacity = 16u << 10;

constexpr std::string_view blanks = " \t\r";

/// White space around a line means nothing to JSON, and a CR is the rest of a CRLF.
std::string_view trimmed(std::string_view line) {
  auto const begin = line.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(blanks) - begin + 1);
}

}  // namespace

void ndjson_reader::feed(std::string_view bytes) {
  if (overflowed_ || ended_) return;
  if (begin_ == buffer_.size() && buffer_.capacity() > kept_capacity) {
    buffer_ = std::string();
  } else {
    buffer_.erase(0, begin_);
  }
  scanned_ -= begin_;
  begin_ = 0;
  buffer_.append(bytes);
}

bool ndjson_reader::next(std::string_view& line) {
  std::string_view found;
  while (!overflowed_ && take_line(found)) {
    if (found.size() > max_line) {
      overflowed_ = true;
    } else if (found = trimmed(found); !found.empty()) {
      line = found;
      return true;
    }
  }
  overflowed_ = overflowed_ || buffer_.size() - begin_ > max_line;
  if (overflowed_) {
    buffer_ = std::string();
    begin_ = scanned_ = 0;
  }
  return false;
}

/// The next line as it stands, without its LF.
bool ndjson_reader::take_line(std::string_view& line) {
  auto const end = buffer_.find('\n', scanned_);
  bool const whole = end != std::string::npos;
  scanned_ = whole ? end : buffer_.size();
  if (!whole && (!ended_ || begin_ == buffer_.size())) return false;
  line = std::string_view(buffer_).substr(begin_, scanned_ - begin_);
  if (whole) ++scanned_;
  begin_ = scanned_;
  return true;
}

bool ndjson_reader::in_line() const {
  return overflowed_ || std::string_view(buffer_).find_first_not_of(blanks, begin_) != std::string_view::npos;
}

}  // namespace recloser::net
