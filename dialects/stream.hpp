#pragma once
// A streamed answer on its way from a provider to a client: bytes in, bytes out, no I/O. Relay and translation have the
// same face, so the dispatcher does not know which one runs.

#include <optional>
#include <string>
#include <string_view>

#include "chat/fault.hpp"
#include "chat/reply.hpp"

namespace recloser::dialects {

/// What has become of a stream so far.
struct stream_status {
  bool content_seen = false;  ///< text, reasoning or a tool call came: no longer worth holding back
  bool complete = false;      ///< a finish reason or the terminal marker came: the answer is whole
  bool ended = false;         ///< the terminal marker came: nothing more is to be read
  std::optional<chat::fault> broken;  ///< the provider said or did something that ends it; nothing more is fed
  chat::usage usage;
  chat::finish_reason finish = chat::finish_reason::none;
};

class reply_stream {
 public:
  virtual ~reply_stream() = default;

  /// Takes upstream body bytes, cut anywhere, and appends what the client is to get. `bytes` need not be padded.
  virtual void feed(std::string_view bytes, std::string& out) = 0;

  /// The upstream body has ended. Appends the client's terminal bytes when the answer is complete; otherwise sets
  /// `broken` (a stream that just ends is not a success).
  virtual void finish(std::string& out) = 0;

  stream_status const& status() const { return status_; }

 protected:
  stream_status status_;
};

}  // namespace recloser::dialects
