#pragma once
// Writes event-stream messages for tests. That it writes them right is itself tested, against messages that the vendor's
// library made (providers-native.md §8.2).

#include <cstdint>
#include <string>
#include <string_view>

#include "net/framing/aws_event_stream.hpp"

namespace recloser::event_stream {

inline std::string big_endian(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>((value >> (8 * i)) & 0xFF);
  return out;
}

/// A header of any type; `value` as it stands on the wire.
inline std::string raw_header(std::string_view name, int type, std::string_view value) {
  return big_endian(name.size(), 1) + std::string(name) + big_endian(static_cast<std::uint64_t>(type), 1) +
         std::string(value);
}

inline std::string text_header(std::string_view name, std::string_view value) {
  return raw_header(name, 7, big_endian(value.size(), 2) + std::string(value));
}

inline std::string frame(std::string_view headers, std::string_view payload) {
  auto out = big_endian(headers.size() + payload.size() + 16, 4) + big_endian(headers.size(), 4);
  out += big_endian(net::crc32(out), 4);
  out += std::string(headers) + std::string(payload);
  return out + big_endian(net::crc32(out), 4);
}

inline std::string typed(std::string_view kind, std::string_view name, std::string_view payload) {
  return frame(text_header(":" + std::string(kind) + "-type", name) + text_header(":content-type", "application/json") +
                   text_header(":message-type", kind),
               payload);
}

inline std::string event(std::string_view type, std::string_view payload) { return typed("event", type, payload); }
inline std::string exception(std::string_view type, std::string_view payload) {
  return typed("exception", type, payload);
}
inline std::string error(std::string_view code, std::string_view message) {
  return frame(
      text_header(":message-type", "error") + text_header(":error-code", code) + text_header(":error-message", message),
      {});
}

}  // namespace recloser::event_stream
