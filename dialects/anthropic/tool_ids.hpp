#pragma once
// Tool-call ids as Anthropic takes them: letters, digits, `_` and `-`, and never twice in one conversation. Clients
// send ids of other providers after a fallback (`functions.f:0`) and some count from `call_1` again in every turn
// (providers-native.md §0.6, §1.5).

#include <map>
#include <unordered_map>
#include <vector>

#include "chat/text.hpp"

namespace recloser::dialects::anthropic {

class tool_ids {
 public:
  explicit tool_ids(chat::store& made) : made_(made) {}

  /// The id under which the call that the client named `id` is sent. The call is open until it is answered.
  chat::raw_text open(chat::raw_text id);

  /// The sent id of the oldest open call of that name; without a name, of the oldest open call. Empty: there is none.
  chat::raw_text answer(chat::raw_text id);

  /// Sent ids of the calls that nobody answered; none is open afterwards.
  std::vector<chat::raw_text> close();

 private:
  struct call {
    chat::raw_text sent;
    bool answered = false;
  };

  chat::raw_text unique(chat::raw_text id);

  chat::store& made_;
  std::unordered_map<chat::raw_text, int> used_;  // legal id -> how often it was wanted
  std::vector<call> open_;
  std::multimap<chat::raw_text, std::size_t> by_name_;  // index into open_; equal names stay in order
  std::size_t oldest_ = 0;
};

}  // namespace recloser::dialects::anthropic
