#include "net/framing/sse.hpp"

#include <algorithm>
#include <bit>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace recloser::net {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// A buffer that grew beyond this is given back when it is empty: thousands of streams idle between two chunks.
constexpr std::size_t kept_capacity = 16u << 10;

void let_go(std::string& buffer) {
  if (buffer.capacity() > kept_capacity) {
    buffer = std::string();
  } else {
    buffer.clear();
  }
}

/// The first CR or LF, or `end`.
char const* find_line_end(char const* at, char const* end) {
#if defined(__SSE2__)
  auto const lf = _mm_set1_epi8('\n');
  auto const cr = _mm_set1_epi8('\r');
  for (; end - at >= 16; at += 16) {
    auto const block = _mm_loadu_si128(reinterpret_cast<__m128i const*>(at));
    auto const hit = _mm_or_si128(_mm_cmpeq_epi8(block, lf), _mm_cmpeq_epi8(block, cr));
    if (auto const mask = static_cast<unsigned>(_mm_movemask_epi8(hit))) return at + std::countr_zero(mask);
  }
#endif
  while (at != end && *at != '\n' && *at != '\r') ++at;
  return at;
}

struct field {
  std::string_view name;
  std::string_view value;
};

field split_line(std::string_view line) {
  auto const colon = line.find(':');
  if (colon == std::string_view::npos) return {line, {}};
  auto value = line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  return {line.substr(0, colon), value};
}

}  // namespace

void sse_reader::feed(std::string_view bytes) {
  if (overflowed_) return;
  release_read_bytes();
  buffer_.append(bytes);
}

void sse_reader::release_read_bytes() {
  if (begin_ == 0) return;
  if (begin_ == buffer_.size()) {
    let_go(buffer_);
  } else {
    buffer_.erase(0, begin_);
  }
  begin_ = 0;
}

bool sse_reader::skip_byte_order_mark() {
  std::string_view const start(buffer_.data(), std::min(buffer_.size(), byte_order_mark.size()));
  if (!byte_order_mark.starts_with(start)) return true;
  if (start.size() < byte_order_mark.size()) return false;
  begin_ = start.size();
  return true;
}

bool sse_reader::next(event& out) {
  if (overflowed_) return false;
  if (!started_) {
    if (!skip_byte_order_mark()) return false;
    started_ = true;
  }
  if (data_lines_ == 0) let_go(joined_);
  std::string_view line;
  while (take_line(line)) {
    if (!line.empty()) {
      read_line(line);
    } else if (end_event(out)) {
      return true;
    }
  }
  if (buffer_.size() - begin_ + joined_.size() > max_event) {
    overflowed_ = true;
    buffer_ = std::string();
    begin_ = 0;
  }
  return false;
}

/// The next whole line, without its end.
bool sse_reader::take_line(std::string_view& line) {
  // A CR was the last byte that was there: an LF after it belongs to it.
  if (after_cr_ && begin_ + line_ < buffer_.size()) {
    if (buffer_[begin_ + line_] == '\n') {
      ++line_;
      scanned_ = line_;
    }
    after_cr_ = false;
  }
  char const* const base = buffer_.data() + begin_;
  char const* const end = buffer_.data() + buffer_.size();
  char const* const stop = find_line_end(base + scanned_, end);
  scanned_ = static_cast<std::size_t>(stop - base);
  if (stop == end) return false;
  line = std::string_view(base + line_, scanned_ - line_);
  after_cr_ = *stop == '\r';
  line_ = ++scanned_;
  return true;
}

void sse_reader::read_line(std::string_view line) {
  auto const [name, value] = split_line(line);
  auto const offset = static_cast<std::size_t>(value.data() - buffer_.data()) - begin_;
  if (name == "data") {
    add_data(value, offset);
  } else if (name == "event") {
    name_ = {value.empty() ? 0 : offset, value.size()};
  } else if (data_lines_ == 0 && name_.size == 0) {
    begin_ += line_;  // a comment, `id:` or `retry:` before anything that must be kept
    line_ = scanned_ = 0;
  }
}

void sse_reader::add_data(std::string_view value, std::size_t offset) {
  ++data_lines_;
  if (data_lines_ == 1) {
    data_ = {value.empty() ? 0 : offset, value.size()};
    return;
  }
  if (data_lines_ == 2) joined_.assign(buffer_, begin_ + data_.offset, data_.size);
  joined_ += '\n';
  joined_.append(value);
}

/// A blank line was read. True when it ended an event with data.
bool sse_reader::end_event(event& out) {
  out.name = std::string_view(buffer_).substr(begin_ + name_.offset, name_.size);
  if (data_lines_ == 1) {
    out.data = std::string_view(buffer_).substr(begin_ + data_.offset, data_.size);
  } else if (data_lines_ > 1) {
    out.data = joined_;
  }
  bool const whole = data_lines_ > 0;
  begin_ += line_;
  line_ = scanned_ = 0;
  data_lines_ = 0;
  name_ = {};
  return whole;
}

bool sse_reader::in_event() const {
  if (overflowed_) return true;
  if (data_lines_ > 0 || name_.size > 0) return true;
  auto const part = std::string_view(buffer_).substr(begin_ + line_);
  return !part.empty() && part.front() != ':' && part.front() != '\n';
}

}  // namespace recloser::net
