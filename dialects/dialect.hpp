#pragma once
// A wire format that requests are translated into and answers are read from. Each folder beside this file that speaks
// one has a constant of this type; OpenAI Chat Completions, which clients speak, is relayed and needs none.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "chat/fault.hpp"
#include "chat/reply.hpp"
#include "chat/request.hpp"

namespace recloser::dialects {

/// Reads a provider's streamed answer: body bytes in, events of the chat model out. No I/O.
class event_source {
 public:
  virtual ~event_source() = default;

  /// Adds bytes, cut anywhere; they need not be padded.
  virtual void feed(std::string_view bytes) = 0;
  enum class step { event, need_more, broken };
  /// The next event of the answer; its views live until the next call. `broken`: nothing more comes, see `fault()`.
  virtual step next(chat::event& out) = 0;
  /// The body has ended: what was held back can be read with `next`, which says `broken` unless the answer was whole.
  virtual void finish() = 0;
  virtual chat::fault const& fault() const = 0;
};

struct dialect {
  std::string_view name;
  /// The path of a chat request below the base URL; `model` is the provider's name of it.
  std::string (*path)(std::string_view model, bool stream);
  /// Writes the body. Every parameter that could not be carried is named in `dropped`. Faults: what would change the
  /// meaning, or cannot be read.
  chat::result<void> (*write_request)(chat::request const& wanted, std::string_view model, std::string& out,
                                      std::vector<std::string>& dropped);
  /// Reads a whole 2xx body (padded with `json::padding` zeros). The reply's views point into `body` or its own store.
  chat::result<chat::reply> (*read_reply)(std::string_view body);
  /// Whatever came with an error status. `type`: the vendor's error type where a header carries it, else empty.
  chat::fault (*read_error)(int status, std::string_view body, std::string_view type);
  std::unique_ptr<event_source> (*new_events)();
  std::string_view stream_type;  ///< the media type of its streams: what tells one from a whole answer
};

}  // namespace recloser::dialects
