#pragma once
// What a whole reply and a chunk of a stream have in common: they are the same message (providers-native.md §2.8).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chat/fault.hpp"
#include "chat/reply.hpp"
#include "dialects/json.hpp"

namespace recloser::dialects::gemini {

/// The members that anyone reads; views of the text. Of several candidates the first one counts: nobody asks for more.
struct answer {
  chat::raw_text id;
  chat::raw_text model;  ///< without `models/`
  chat::raw_json error;
  chat::raw_json usage;
  bool has_candidate = false;
  chat::raw_json parts;  ///< an array, or empty
  chat::raw_text finish_reason;
  chat::raw_text finish_message;
  chat::raw_json grounding;
  chat::raw_json logprobs;
  chat::raw_text block_reason;  ///< why the prompt was refused; empty: it was not
  chat::raw_text block_message;
};

/// `members` are those of a checked response.
answer read_answer(std::vector<json::member> const& members);

enum class part_type { other, text, thought, call };

struct answer_part {
  part_type type = part_type::other;
  chat::raw_text text;
  chat::raw_text id;    ///< call; empty: the API gave none
  chat::raw_text name;  ///< call
  chat::raw_json arguments;
  chat::raw_text signature;
};

/// What the model's own code did is told as text; `made` holds such a text.
answer_part read_part(chat::raw_json part, std::string& made);

/// How an answer ended that said `reason` (providers-native.md §0.2). An unknown word is an end like any other.
chat::finish_reason finish_of(chat::raw_text reason, bool has_calls);

/// The fault when the answer ended with a call that nobody can read, and nothing else came of it.
std::optional<chat::fault> fault_of_finish(chat::raw_text reason, chat::raw_text message, bool has_content);

/// Whether `reason` says that there is an end.
bool is_finish(chat::raw_text reason);

chat::fault unreadable(std::string_view why);

/// Google's error object, wherever it comes from; checked. `status` 200 takes the status from the error itself.
chat::fault read_error_object(int status, chat::raw_json error);

}  // namespace recloser::dialects::gemini
