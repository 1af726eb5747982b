#pragma once
// One provider as data. Adding a provider that speaks a known dialect is one row in catalog.cpp.

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>

namespace recloser::providers {

enum class dialect { openai_chat, anthropic };

enum class auth_kind { none, bearer, x_api_key };

/// What the provider does with a request member that it does not know (providers-openai-shaped.md §1).
enum class unknown_fields {
  pass,  ///< ignored there: send everything, users set vendor options that way
  drop,  ///< answered with 400: send only what `allowed` names, report the rest
};

/// What happens to one request member. The first rule whose `models` matches applies.
enum class field_action {
  drop,            ///< not sent; reported
  drop_silently,   ///< not sent; cannot change the answer (`store`, `user`)
  rename,          ///< sent as `to`
  replace_string,  ///< sent with the string value `to` when its value is the string `from`
  drop_if_empty,   ///< `tools: []`
};

struct field_rule {
  std::string_view field;
  field_action action;
  std::string_view to = {};
  std::string_view from = {};
  /// Model families it holds for: prefixes of the model name after the last `/`, separated by `|`. Empty: all.
  std::string_view models = {};
};

/// Facts about replies that need repair before an OpenAI client sees them (providers-openai-shaped.md §2).
struct reply_quirks {
  std::string_view reasoning_field = {};  ///< what the provider calls `reasoning_content`; empty: the same or none
  bool repair = false;                    ///< chunks need looking at one by one (indices, ids, finish reasons)
};

/// Facts about the messages it accepts.
struct message_quirks {
  bool developer_as_system = false;
  std::string_view reasoning_history = {};  ///< name under which an assistant's reasoning is sent back; `-`: strip it
};

enum class stream_usage { ask, automatic, never };  ///< `stream_options.include_usage`: send it, needless, refused

struct probe {
  std::string_view path = "/models";  ///< cheap GET below the base URL that never loads a model
  std::string_view root_path = {};    ///< instead: a path below the host
};

struct row {
  std::string_view name;          ///< the name in configuration and in `provider/model`
  std::string_view title;         ///< for people
  providers::dialect dialect = dialect::openai_chat;
  bool local = false;             ///< on the operator's machine or network: no key, long clocks, probed
  std::span<std::string_view const> base_urls;
  std::span<std::string_view const> key_variables;
  std::span<std::string_view const> url_variables;
  std::span<std::string_view const> aliases;  ///< other names accepted in configuration and in `provider/model`
  std::span<std::string_view const> model_prefixes = {};  ///< what the vendor's own models are called: `gpt-`, `claude-`
  auth_kind auth = auth_kind::bearer;
  providers::unknown_fields unknown = unknown_fields::pass;
  std::span<std::string_view const> allowed;  ///< with unknown_fields::drop
  std::span<field_rule const> rules;
  reply_quirks reply;
  message_quirks messages;
  providers::stream_usage usage = stream_usage::ask;
  providers::probe probe;
  std::span<std::pair<std::string_view, std::string_view> const> headers;  ///< sent with every request
  std::chrono::seconds first_byte{120};
  std::uint16_t default_port = 0;  ///< for `OLLAMA_HOST=gpu-box`: a URL variable without a port
  bool completions = false;       ///< has the legacy /completions
  bool embeddings = false;
};

/// All rows, sorted by name.
std::span<row const> catalog();

/// By name or alias; nullptr when there is none.
row const* find_row(std::string_view name);

}  // namespace recloser::providers
