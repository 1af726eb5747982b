#pragma once
// What a request asks of the model that serves it, found without building the chat model, and whether a target has it.
//
//   if (may_lack(target.what, body.size())) {          // most targets of most requests: no, and nothing is scanned
//     auto const wanted = needs_of(members);           // once per request
//     auto const gaps = missing(wanted, target.what);  // for each target
//   }

#include <cstdint>
#include <string_view>
#include <vector>

#include "chat/fault.hpp"
#include "chat/request.hpp"
#include "dialects/json.hpp"
#include "providers/capabilities.hpp"

namespace recloser::providers {

struct needs {
  bool chat = false;
  bool embeddings = false;
  bool tools = false;
  bool vision = false;
  bool documents = false;
  bool audio = false;
  bool json_mode = false;
  bool json_schema = false;
  bool prefill = false;
  std::int64_t prompt_tokens = 0;  ///< a guess: a quarter of the bytes of messages and tools, media left out
  std::int64_t max_output = 0;     ///< `max_completion_tokens`, else `max_tokens`; 0: not asked
};

/// Of a chat completion. `members` are those of the checked body; what is malformed in them needs nothing.
/// One pass over the messages: 100 KB of them cost what skipping their strings costs.
needs needs_of(std::vector<json::member> const& members);

/// The same of a request that another dialect has read.
needs needs_of(chat::request const& request);

/// Of an embeddings request.
needs needs_of_embeddings();

/// Something that a request needs and a model is known not to have.
struct gap {
  std::string_view name;  ///< of the capability; `context` when the prompt is clearly too long
  /// Nothing can stand in for it: the target must not get this request. Otherwise recloser or the dialect finds a way
  /// around (a schema in words, a prefill turned into a turn), so it is only a reason to prefer another target.
  bool essential = true;
};

/// Empty in nearly all cases, and then nothing is allocated.
std::vector<gap> missing(needs const& wanted, capabilities const& has);

/// Whether `missing` could find an essential gap for any request of this size: false means that no scan is needed.
bool may_lack(capabilities const& has, std::size_t body_size);

/// More tokens asked for than one answer can have: known dialects lower the number and report it, others refuse.
bool asks_too_much(needs const& wanted, capabilities const& has);

/// The answer when no target of the route has what is needed: 400 that names it. `target` is `provider/model`.
/// `gaps` must not be empty; essential ones are named before others.
chat::fault refusal(std::vector<gap> const& gaps, std::string_view target, capabilities const& has);

}  // namespace recloser::providers
