#pragma once
// Members of a request that only some dialects know, and the two of this vendor's own that an operator sets as
// defaults.

#include "chat/fault.hpp"
#include "chat/request.hpp"
#include "dialects/json.hpp"
#include "dialects/loss.hpp"

namespace recloser::dialects::gemini {

struct options {
  chat::raw_json seed;
  chat::raw_json presence_penalty;
  chat::raw_json frequency_penalty;
  chat::raw_json logprobs;
  chat::raw_json top_logprobs;
  chat::raw_json safety_settings;  ///< the vendor's own array, sent as it is
  chat::raw_json safety_level;     ///< one threshold for every category: `block_none`, `block_few`, `block_some`, …
};

/// Whatever else is in `wanted.unread` is reported.
options read_options(chat::request const& wanted, loss_report& lost);

/// `safetySettings`, when one of the two options is there. Faults: neither an array nor a known level.
chat::result<void> write_safety(json::writer& out, options const& from);

}  // namespace recloser::dialects::gemini
