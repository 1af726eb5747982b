#pragma once
// From a client's request and a target to the bytes of the upstream request. Pure: no I/O, no clock.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chat/fault.hpp"
#include "chat/memory.hpp"
#include "chat/text.hpp"
#include "config/config.hpp"
#include "dialects/json.hpp"
#include "dialects/model_text/model_families.hpp"
#include "providers/row.hpp"

namespace recloser::providers {

enum class endpoint { chat, completions, embeddings };

/// A client's request, scanned once; shared by all attempts.
struct client_request {
  std::string_view body;                      ///< padded; outlives every attempt
  std::vector<json::member> const* members;   ///< of `body`
  providers::endpoint endpoint = endpoint::chat;
  bool stream = false;
  bool usage_wanted = false;                  ///< `stream_options.include_usage`
};

/// What the target adds.
struct preparation {
  row const* provider = nullptr;
  std::string_view model;  ///< the provider's name for the model
  /// Members that are added when the client sent none: name, JSON value.
  std::vector<std::pair<std::string, std::string>> const* defaults = nullptr;
  std::map<std::string, std::string> const* deployments = nullptr;  ///< model -> deployment; `*`: any other
  std::string_view api_version;                                     ///< with deployments: goes into the path
  config::chat_api api = config::chat_api::automatic;
  std::string_view text_calls = "auto";  ///< `auto`, `off` or a model family
  chat::recall const* recall = nullptr;  ///< what earlier turns left behind; null: nothing
  bool truncate = false;                 ///< leave out the oldest turns of what is too large for the provider
};

/// How the text of an answer is read for tool calls and thinking that the server left in it.
struct text_reading {
  dialects::model_text::family const* family = nullptr;
  chat::request offered;  ///< its tools; of their own text, for the client's body is given back when a stream begins
};

/// The upstream request but for its host and its credential.
struct prepared {
  std::string_view path;                ///< below the base URL
  dialects::dialect const* dialect = nullptr;  ///< what the answer is read as; null: relayed
  std::vector<std::string_view> body;   ///< pieces: views into the client's body and into `kept`
  chat::store kept;
  bool remember = false;  ///< what the answer leaves behind will be wanted again
  std::shared_ptr<text_reading const> text;  ///< null: the text is what it seems
  std::size_t prompt_bytes = 0;              ///< Ollama: to notice a prompt that it cut; 0: not counted
  std::vector<std::string> dropped;     ///< what the client will be told of
};

/// Fails when this target cannot serve the request at all (`client_fault`; the message says what it lacks).
chat::result<prepared> prepare(client_request const& request, preparation const& target);

}  // namespace recloser::providers
