#pragma once
// A whole answer, and the same answer as a stream of events.

#include <vector>

#include "chat/request.hpp"
#include "chat/usage.hpp"

namespace recloser::chat {

enum class finish_reason { none, stop, length, tool_calls, content_filter };

struct reply {
  raw_text id;
  raw_text model;
  std::vector<part> parts;  ///< text, thinking, redacted_thinking, tool_call, refusal
  finish_reason finish = finish_reason::none;
  chat::usage usage;
  raw_json annotations;  ///< OpenAI `annotations` array, empty when there are none
  raw_json logprobs;     ///< OpenAI `logprobs` object, empty when there is none
  chat::store store;
};

enum class event_kind {
  start,           ///< `id`, `model`
  text,            ///< a piece of the answer: `text`
  reasoning,       ///< a piece of thinking: `text`
  tool_start,      ///< `index`, `id`, `name`
  tool_arguments,  ///< `index`; `text` is a piece of the arguments' JSON, escaped as inside a JSON string
  refusal,         ///< `text`: the model's words for why it will not answer
  signature,       ///< `text` seals thinking block number `index`: opaque, the provider wants it back
  redacted,        ///< `text` is thinking block number `index`, encrypted: opaque, the provider wants it back
  annotations,     ///< `text` is a JSON array in OpenAI's shape of `annotations`; `index` is the number of its first
  logprobs,        ///< `text` is a JSON object in OpenAI's shape of `logprobs`, about the next piece of text
  finish,          ///< `finish`
  end,             ///< the terminal marker was seen: the answer is whole; `usage` is final
};

/// One step of a streamed answer. Start, finish and end bring `usage`: the total so far, when it is known.
/// Views live until the next call of the reader that made the event.
struct event {
  event_kind kind = event_kind::text;
  raw_text text;
  raw_text id;
  raw_text model;
  raw_text name;
  raw_text signature;  ///< tool_start: an opaque seal of the call that the provider wants back; empty: none
  int index = 0;  ///< 0, 1, 2 … in order of appearance, counted for each kind of thing
  finish_reason finish = finish_reason::none;
  chat::usage usage;
};

}  // namespace recloser::chat
