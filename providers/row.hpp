#pragma once
// One provider as data. Adding a provider that speaks a known dialect is one row in catalog.cpp.

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>

#include "dialects/dialect.hpp"

namespace recloser::providers {

/// How a request shows whose it is.
enum class auth_kind {
  none,
  bearer,
  x_api_key,
  goog_api_key,  ///< `x-goog-api-key`
  azure,         ///< `api-key`, or an Entra ID token when there is none
  google,        ///< an access token of Application Default Credentials
  aws,           ///< a signature, or a Bedrock API key
};

/// When the text of answers is read for what a server left in it. What is read is not relayed byte for byte.
enum class reading {
  never,
  with_tools,  ///< of requests that offer tools
  always,      ///< also of models that usually think aloud
};

/// Models of a provider that speak another dialect than the rest, or elsewhere below its base URL.
struct model_api {
  std::string_view models;  ///< prefixes split by `|`
  dialects::dialect const* dialect;
  std::string_view prefix = {};  ///< between the base URL and the dialect's path
};


/// What the provider does with a request member that it does not know (providers-openai-shaped.md §1).
enum class unknown_fields {
  pass,  ///< ignored there: send everything, users set vendor options that way
  drop,  ///< answered with 400: send only what `allowed` names, report the rest
};

/// What happens to one member of a chat request.
enum class field_action {
  keep,           ///< sent as it is: an exception in front of a broader rule
  drop,           ///< not sent; reported
  drop_silently,  ///< not sent; cannot change the answer (`store`, `user`, a value that is the default)
  rename,         ///< sent as `to`; when the request has that too, only that is sent
  replace,        ///< sent with the value `to` (JSON)
  replace_object, ///< the same when its value is an object; reported
  wrap,           ///< a value that is no array is sent as the only element of one
  drop_if_empty,  ///< `tools: []` is not sent, nor what only makes sense beside tools
};

/// The first rule of a row whose conditions hold for a member applies to it.
struct field_rule {
  std::string_view field;
  field_action action;
  std::string_view to = {};
  std::string_view from = {};    ///< holds only when the value is this JSON
  /// Model families it holds for: prefixes of the model name after the last `/` (and `ft:`), split by `|`. Empty: all.
  std::string_view models = {};
  /// `member=word`: does not hold when the request has that word in that member, or as its `type`.
  std::string_view unless = {};
};

/// Facts about replies that need repair before an OpenAI client sees them (providers-openai-shaped.md §2).
struct reply_quirks {
  std::string_view reasoning_field = {};  ///< what the provider calls `reasoning_content`; empty: the same or none
  bool failed_calls = false;              ///< a 400 may hold calls that its parser gave up on
  bool repair = false;                    ///< chunks need looking at one by one (indices, ids, finish reasons)
};

/// Facts about the messages it accepts.
struct message_quirks {
  std::span<std::string_view const> allowed = {};  ///< members a message may have; empty: any
  bool developer_as_system = false;
  std::string_view reasoning_history = {};  ///< name under which an assistant's reasoning is sent back; `-`: strip it
  bool reasoning_required = false;  ///< an assistant turn with tool calls must have it, if only as an empty text
  bool short_tool_ids = false;      ///< ids of tool calls must be nine letters and digits
  bool reply_after_tool = false;    ///< after a tool's result only the assistant may speak
  std::string_view prefill = {};    ///< the flag that a last message of the assistant's must have; empty: none
  std::string_view one_system = {};  ///< model families that want all words of the system in one message in front
  bool schema_in_words = false;     ///< JSON schema is not known there: JSON mode, and the schema in a system message

  /// Nothing to look for in the messages.
  constexpr bool none() const {
    return allowed.empty() && !developer_as_system && reasoning_history.empty() && !reasoning_required &&
           !short_tool_ids && !reply_after_tool && prefill.empty();
  }
};

enum class stream_usage { ask, automatic, never };  ///< `stream_options.include_usage`: send it, needless, refused

struct probe {
  std::string_view path = "/models";  ///< cheap GET below the base URL that never loads a model; empty: there is none
  std::string_view root_path = {};    ///< instead: a path below the host
};

struct row {
  std::string_view name;          ///< the name in configuration and in `provider/model`
  std::string_view title;         ///< for people
  dialects::dialect const* dialect = nullptr;  ///< what requests are translated into; null: OpenAI, relayed
  std::string_view prefix = {};                ///< between the base URL and the dialect's path
  std::string_view relay_prefix = {};          ///< the same for what is relayed although it has a dialect
  std::span<model_api const> others = {};      ///< the first that holds for a model goes before `dialect`
  dialects::dialect const* responses = nullptr;  ///< the other API, for what chat completions cannot do there
  bool local = false;             ///< on the operator's machine or network: no key, long clocks, probed
  std::span<std::string_view const> base_urls = {};  ///< empty: made from the settings, or to be given
  std::span<std::string_view const> key_variables;
  std::span<std::string_view const> url_variables;
  std::span<std::string_view const> aliases;  ///< other names accepted in configuration and in `provider/model`
  std::span<std::string_view const> model_prefixes = {};  ///< what the vendor's own models are called: `gpt-`, `claude-`
  auth_kind auth = auth_kind::bearer;
  std::span<std::string_view const> settings = {};            ///< keys of its section that not every type has
  reading text_calls = reading::never;  ///< whether models leave tool calls and thinking in their text there
  std::size_t body_limit = 0;  ///< bytes of a request; 0: as large as ours
  std::span<std::string_view const> enabling_variables = {};  ///< like a key, these turn it on without a file
  bool deployments = false;  ///< models are called by the name of a deployment, with `api_version` in the path
  providers::unknown_fields unknown = unknown_fields::pass;
  std::span<std::string_view const> allowed;  ///< with unknown_fields::drop
  std::span<field_rule const> rules;
  bool schema_subset = false;  ///< JSON schemas need the edits of schema_edits.hpp
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
