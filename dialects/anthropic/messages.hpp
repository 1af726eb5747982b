#pragma once
// Anthropic Messages as the provider's side of a translation (providers-native.md §1).

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "chat/reply.hpp"
#include "dialects/stream.hpp"

namespace recloser::dialects::anthropic {

/// Writes the body of `POST /v1/messages` for `model` (the provider's name of it) to `out`. Every parameter that could
/// not be carried is named in `dropped`. Faults: what would change the meaning (`n` > 1, audio, …) or cannot be read.
chat::result<void> write_request(chat::request const& wanted, std::string_view model, std::string& out,
                                 std::vector<std::string>& dropped);

/// Reads a whole 2xx body (padded). The reply's views point into `body`, which must outlive it.
chat::result<chat::reply> read_reply(std::string_view body);

/// `{"type":"error","error":{…}}` or anything else that came with an error status.
chat::fault read_error(int status, std::string_view body);

/// Reads the event stream.
class event_reader {
 public:
  event_reader();
  ~event_reader();
  /// Adds bytes, cut anywhere.
  void feed(std::string_view bytes);
  enum class step { event, need_more, broken };
  /// The next event of the answer. `broken`: see `fault()`.
  step next(chat::event& out);
  /// The body has ended.  True when the answer was whole.
  bool finish();
  chat::fault const& fault() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace recloser::dialects::anthropic
