#pragma once
// Relay between an OpenAI client and an OpenAI-shaped provider: the client's own bytes go up with the smallest edits,
// the provider's own bytes come down the same way, tapped for usage, finish and error.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dialects/json.hpp"
#include "dialects/stream.hpp"

namespace recloser::dialects::openai_chat {

/// What a provider's replies need before a client sees them, and what the client asked for.
struct reply_options {
  std::string_view reasoning_field;  ///< the provider's name for `reasoning_content`; empty: nothing to rename
  bool repair = false;               ///< look at every chunk: indices, ids, finish reasons, `error: null`
  bool usage_wanted = false;         ///< the client asked for the usage chunk; otherwise it is taken out
};

/// A whole reply, ready for the client: `pieces` are views into the provider's body and into `kept`.
struct relayed_reply {
  std::vector<std::string_view> pieces;
  chat::store kept;
  chat::usage usage;
  chat::finish_reason finish = chat::finish_reason::none;
};

/// Checks a 2xx body (padded) of /chat/completions, /completions or /embeddings. An `error` inside a 200 and a body
/// that cannot be read are faults.
chat::result<relayed_reply> relay_reply(std::string_view body, reply_options const& options);

/// The stream between them. Good chunks are forwarded byte for byte unless an option demands an edit.
std::unique_ptr<reply_stream> new_relay_stream(reply_options const& options);

/// Any of the error shapes that OpenAI-shaped providers use (providers-openai-shaped.md §2.4), HTML included.
/// `status` is the HTTP status (200 for an error inside a good answer). `body` need not be padded.
chat::fault read_error(int status, std::string_view body);

/// `{"error":{...}}` as the OpenAI SDKs read it (clients.md §3.2), for a whole answer.
std::string write_error(chat::fault const& what);

/// The same as the last event of a broken stream (clients.md §3.4): no `choices`, no `[DONE]`.
std::string write_stream_error(chat::fault const& what);

/// `usage` object of OpenAI's shape -> buckets. `xai` style (completion_tokens without reasoning) is found by the sum.
chat::usage read_usage(chat::raw_json object);

/// The member of that object, with a comma before it, that says OpenAI's way how much of the prompt was cached; empty when
/// it says so already or has nothing to say. DeepSeek, Moonshot and Mistral have members of their own for it.
std::string missing_cache_details(chat::raw_json object, chat::usage const& read);

}  // namespace recloser::dialects::openai_chat
