#pragma once
// The top level of a reply or a chunk: the members that relay looks at.

#include <optional>
#include <vector>

#include "dialects/edits.hpp"
#include "dialects/openai_chat/relay.hpp"

namespace recloser::dialects::openai_chat {

struct envelope {
  json::member const* id = nullptr;
  json::member const* object = nullptr;
  json::member const* created = nullptr;
  json::member const* model = nullptr;
  json::member const* choices = nullptr;
  json::member const* data = nullptr;  ///< embeddings
  json::member const* usage = nullptr;
  json::member const* error = nullptr;
  json::member const* x_groq = nullptr;
  json::member const* obfuscation = nullptr;
  json::member const* filter_results = nullptr;  ///< Azure: `prompt_filter_results`
};

/// Views of `members`, which must outlive the envelope.
envelope read_envelope(std::vector<json::member> const& members);

/// The fault that stands where an answer should: an `error` that is not null, or none of what an answer has but words of
/// an error (`{"code":…,"message":…}`, FastAPI's `detail`). `text` is the whole object.
std::optional<chat::fault> fault_inside(envelope const& top, std::string_view text);

/// The usage object wherever the provider put it at the top: `usage`, or Groq's `x_groq.usage`. Empty: none.
chat::raw_json usage_inside(envelope const& top);

/// Elements of `choices`; none when it is null or missing.
void choices_inside(envelope const& top, std::vector<chat::raw_json>& out);

chat::fault unreadable(std::string_view why);

}  // namespace recloser::dialects::openai_chat
