#pragma once
// Newline-delimited JSON as a state machine: bytes in, cut anywhere; whole lines out. No I/O, and no look at the JSON.
// Lines end in LF or CRLF; blank lines say nothing; the last line need not end.

#include <cstddef>
#include <string>
#include <string_view>

namespace recloser::net {

class ndjson_reader {
 public:
  static constexpr std::size_t max_line = 8u << 20;  ///< bytes

  /// Adds bytes. They are copied.
  void feed(std::string_view bytes);

  /// The body has ended: what is left is the last line.
  void finish() { ended_ = true; }

  /// The next line that is not blank, without the white space around it; false when more bytes are needed. The view
  /// lives until the next call.
  bool next(std::string_view& line);

  /// A line outgrew `max_line`; nothing more comes.
  bool overflowed() const { return overflowed_; }

  /// Bytes of a begun line are waiting.
  bool in_line() const;

 private:
  bool take_line(std::string_view& line);

  std::string buffer_;
  std::size_t begin_ = 0;    // where the begun line starts in buffer_
  std::size_t scanned_ = 0;  // no line end between begin_ and here
  bool ended_ = false;
  bool overflowed_ = false;
};

}  // namespace recloser::net
