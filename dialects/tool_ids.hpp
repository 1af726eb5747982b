#pragma once
// Tool-call ids as the stricter providers take them, and never twice in one conversation. Clients send ids of other
// providers after a fallback (`functions.f:0`) and some count from `call_1` again in every turn (providers-native.md
// §0.6, §1.5).

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "chat/text.hpp"

namespace recloser::dialects {

/// What an id may look like.
enum class id_form {
  word,  ///< letters, digits, `_` and `-`, up to 64: Anthropic, Bedrock
  nine,  ///< nine letters and digits: Mistral's models
};

/// A word that is such an id, or the name of a tool, and always the same for the same `name`. `name` itself when it is.
std::string legal_word(chat::raw_text name);
bool is_legal_word(chat::raw_text name);

class tool_ids {
 public:
  explicit tool_ids(chat::store& made, id_form form = id_form::word) : made_(made), form_(form) {}

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

  chat::raw_text legal(chat::raw_text id);
  chat::raw_text unique(chat::raw_text id);

  chat::store& made_;
  id_form form_;
  std::unordered_map<chat::raw_text, int> used_;  // legal id -> how often it was wanted
  std::vector<call> open_;
  std::multimap<chat::raw_text, std::size_t> by_name_;  // index into open_; equal names stay in order
  std::size_t oldest_ = 0;
};

}  // namespace recloser::dialects
