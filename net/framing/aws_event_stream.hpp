#pragma once
// `application/vnd.amazon.eventstream` as a state machine: bytes in, cut anywhere; whole messages out. No I/O.
// A message is a prelude (its length, the length of its headers, a CRC of both), headers, payload and a CRC of all of
// it (providers-native.md §4.6; smithy.io, "Amazon event stream"). Integers are big-endian.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace recloser::net {

class aws_event_stream_reader {
 public:
  /// The numbers are those of the wire.
  enum class header_type : std::uint8_t {
    yes = 0,  ///< the value is in the type
    no = 1,
    int8 = 2,
    int16 = 3,
    int32 = 4,
    int64 = 5,
    bytes = 6,
    text = 7,
    timestamp = 8,  ///< milliseconds since 1970
    uuid = 9,       ///< 16 bytes
  };

  struct header {
    std::string_view name;
    header_type type = header_type::text;
    std::string_view bytes;   ///< of bytes, text and uuid: the value; of the others: as it stood
    std::int64_t number = 0;  ///< of the integers and timestamp; 1 for yes
  };

  /// One message. Views live until the next call.
  struct message {
    std::vector<header> headers;
    std::string_view payload;

    /// The value of a text header; empty when there is none of that name.
    std::string_view text(std::string_view name) const;
  };

  enum class problem {
    none,
    bad_length,        ///< shorter than its own parts, or longer than `max_message`
    bad_prelude,       ///< the prelude's CRC is wrong
    bad_message,       ///< the message's CRC is wrong
    bad_header,        ///< a header of unknown type, or one that ends beyond its block
    too_many_headers,  ///< more than `max_headers`, or more bytes of them than `max_header_bytes`
  };

  static constexpr std::size_t max_message = 16u << 20;  ///< bytes, the service's own limit
  static constexpr std::size_t max_header_bytes = 128u << 10;
  static constexpr std::size_t max_headers = 64;

  /// Adds bytes. They are copied.
  void feed(std::string_view bytes);

  /// The next whole message, or false when more bytes are needed or the stream is broken: see `error`.
  bool next(message& out);

  /// Once it is not `none`, nothing more comes: there is no way to find the next message.
  problem error() const { return problem_; }

  /// Bytes of a begun message are waiting: the stream was cut in the middle of one.
  bool in_message() const { return begin_ < buffer_.size(); }

 private:
  bool read_prelude();
  bool read_headers(std::string_view block, std::vector<header>& out);
  bool fail(problem what);

  std::string buffer_;
  std::size_t begin_ = 0;   // of the begun message in buffer_
  std::size_t length_ = 0;  // of the begun message; 0: its prelude has not been read
  std::size_t header_bytes_ = 0;
  problem problem_ = problem::none;
};

/// What is wrong, for a message to the operator.
std::string_view to_string(aws_event_stream_reader::problem what);

/// CRC-32 as in zlib and Ethernet (polynomial 0xEDB88320).
std::uint32_t crc32(std::string_view bytes);

}  // namespace recloser::net
