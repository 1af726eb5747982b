#pragma once
// A conversation as every dialect can say it: what a translating dialect reads into and writes from.
// Views point into the client's body or into `store`; the body must outlive the request.

#include <cstdint>
#include <optional>
#include <vector>

#include "chat/text.hpp"

namespace recloser::chat {

enum class role { system, developer, user, assistant, tool };

enum class part_kind {
  text,
  image,              ///< `url`, or `data` (base64) with `media_type`
  document,           ///< a PDF or text file: `url`, or `data` with `media_type`; `name` is its title
  audio,              ///< `data` with `media_type`
  thinking,           ///< the model's reasoning: `text`, with the producer's opaque `signature`
  redacted_thinking,  ///< `data` is opaque and goes back unread to the one who made it
  tool_call,          ///< assistant: `id`, `name`, `input`
  refusal,            ///< `text`
};

/// One piece of a message. Which members mean something depends on `kind`; the others are empty.
struct part {
  part_kind kind = part_kind::text;
  raw_text text;
  raw_text url;
  raw_text media_type;
  raw_text data;
  raw_text detail;   ///< image: how closely to look (`low`, `high`, `auto`, `original`); empty: not said
  raw_text file_id;  ///< document: instead of `url` and `data`, a file that the provider keeps
  raw_text id;
  raw_text name;
  raw_json input;          ///< tool_call: the arguments as a JSON value (an object when the client was right)
  raw_text signature;      ///< thinking, tool_call, text: the producer's opaque seal, which it wants back
  raw_text producer;       ///< of `signature`: the model that made it; empty: unknown
  raw_json cache_control;  ///< Anthropic's marker, which OpenAI-shaped clients send on parts too; empty or an object
};

struct message {
  role from = role::user;
  std::vector<part> parts;
  raw_text tool_call_id;  ///< role tool: the call that this answers
  raw_json cache_control;
};

struct tool {
  raw_text name;
  raw_text description;
  raw_json parameters;  ///< JSON schema; empty when the client gave none
  raw_json strict;
  raw_json cache_control;
};

enum class tool_choice_kind { unset, automatic, none, required, named };

enum class format_kind { text, json_object, json_schema };

/// A member of the client's body that no member of `request` stands for.
struct unread_member {
  std::string_view name;  ///< as the client wrote it, or a path like `messages[].audio`
  raw_json value = {};    ///< empty for a path
};

struct request {
  raw_text model;
  std::vector<message> messages;

  std::vector<tool> tools;
  tool_choice_kind tool_choice = tool_choice_kind::unset;
  raw_text tool_choice_name;            ///< tool_choice named
  std::vector<raw_text> allowed_tools;  ///< OpenAI `allowed_tools`: only these may be called; empty means all
  std::optional<bool> parallel_tool_calls;

  std::optional<std::int64_t> max_tokens;  ///< max_completion_tokens, else max_tokens
  raw_json temperature;
  raw_json top_p;
  raw_json top_k;
  std::vector<raw_text> stop;

  raw_text reasoning_effort;   ///< none, minimal, low, medium, high, xhigh, max
  raw_text reasoning_summary;  ///< the client wants to read it: auto, concise, detailed; empty: not said
  raw_json thinking;           ///< Anthropic's own member, when an OpenAI-shaped client sends it
  format_kind format = format_kind::text;
  raw_json schema;  ///< format json_schema, and its `name`, `description` and `strict`
  raw_text schema_name;
  raw_text schema_description;
  raw_json schema_strict;

  raw_text user;
  raw_text service_tier;
  raw_json cache_control;
  raw_json web_search;  ///< OpenAI's `web_search_options`: the model may search with the provider's own tool
  bool stream = false;
  bool include_usage = false;

  /// A writer sends those that its dialect knows (`seed`) and reports the others in `dropped`.
  std::vector<unread_member> unread;

  /// Those that cannot change the answer (`metadata`): a writer sends what its dialect knows and nobody needs to hear of
  /// the rest.
  std::vector<unread_member> hints;

  chat::store store;
};

}  // namespace recloser::chat
