#pragma once
// Server-sent events as a state machine: bytes in, cut anywhere; whole events out. No I/O.
// WHATWG HTML §9.2.6: lines end in LF, CRLF or CR; a blank line ends an event; several `data:` lines are joined by LF;
// lines that begin with a colon are comments; a byte order mark at the very start is skipped.

#include <cstddef>
#include <string>
#include <string_view>

namespace recloser::net {

class sse_reader {
 public:
  /// One event. Views live until the next call.
  struct event {
    std::string_view name;  ///< of `event:`; empty when there was none
    std::string_view data;
  };
  static constexpr std::size_t max_event = 8u << 20;  ///< bytes

  /// Adds bytes. They are copied: one block copy costs a fiftieth of what reading them costs.
  void feed(std::string_view bytes);

  /// The next whole event, or false when more bytes are needed. Events without a data line are skipped.
  bool next(event& out);

  /// An event outgrew `max_event`; nothing more comes.
  bool overflowed() const { return overflowed_; }

  /// Bytes of a begun event are waiting: the stream was cut in the middle of one.
  bool in_event() const;

 private:
  /// A part of `buffer_`, counted from `begin_` (which moves when read bytes are let go).
  struct part {
    std::size_t offset = 0;
    std::size_t size = 0;
  };

  void release_read_bytes();
  bool skip_byte_order_mark();
  bool take_line(std::string_view& line);
  void read_line(std::string_view line);
  void add_data(std::string_view value, std::size_t offset);
  bool end_event(event& out);

  std::string buffer_;       // the bytes of the begun event and all after it
  std::size_t begin_ = 0;    // where the begun event starts in buffer_
  std::size_t line_ = 0;     // where its begun line starts, counted from begin_
  std::size_t scanned_ = 0;  // no line end between line_ and here, counted from begin_
  int data_lines_ = 0;       // of the begun event
  part data_;                // the first of them
  part name_;
  std::string joined_;     // all of them when there are several
  bool after_cr_ = false;  // the last line ended in CR: an LF now belongs to it
  bool started_ = false;
  bool overflowed_ = false;
};

}  // namespace recloser::net
