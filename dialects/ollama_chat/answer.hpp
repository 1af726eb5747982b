#pragma once
// One answer object of `/api/chat`: a line of the stream, or the whole body (providers-native.md §5.3).

#include <string>
#include <string_view>
#include <vector>

#include "chat/fault.hpp"
#include "chat/reply.hpp"
#include "chat/text.hpp"
#include "dialects/json.hpp"

namespace recloser::dialects::ollama_chat {

/// Views into the text. What is absent or null is empty.
struct answer {
  chat::raw_text model;
  chat::raw_text content;  ///< in a stream a piece, as `thinking` is
  chat::raw_text thinking;
  std::vector<chat::raw_json> tool_calls;  ///< each one whole, in a stream too
  bool has_message = false;
  bool done = false;
  chat::raw_text done_reason;
  chat::usage usage;
  chat::raw_json error;
  int status = 0;  ///< of the error, where one is given
};

/// Fails only when the text is no JSON object.
chat::result<void> read_answer(std::string_view text, std::vector<json::member>& members, answer& out);

chat::finish_reason finish_of(answer const& last, bool called_tools);

/// A tool call. `arguments` is a JSON value, or the text of one when some proxy made a string of it.
struct call {
  chat::raw_text id;
  chat::raw_text name;
  chat::raw_json arguments;  ///< never empty
};

call read_call(chat::raw_json of);

/// Gives every call of one answer an id of its own: older servers give none.
class call_ids {
 public:
  /// `given` unless it is empty or was there before.
  std::string unique(chat::raw_text given);

 private:
  std::vector<std::string> seen_;
};

/// `error` of an answer, or a body that came with an error status: a string, or an object with a `message`.
chat::fault read_error_value(int status, chat::raw_json error);

}  // namespace recloser::dialects::ollama_chat
