#pragma once
// What steers the model: `think`, `format`, `options` and how long it stays loaded (providers-native.md §5.2).

#include <string_view>
#include <utility>
#include <vector>

#include "chat/request.hpp"
#include "dialects/json.hpp"
#include "dialects/loss.hpp"

namespace recloser::dialects::ollama_chat {

struct settings {
  chat::raw_json think;                 ///< empty: not sent, the model does what it does unasked
  chat::raw_json format;                ///< `"json"`, or a schema
  std::vector<json::member> options;    ///< members of `options`; `stop` is written from the request
  std::vector<json::member> top_level;  ///< `keep_alive`, `truncate`, `shift`
};

/// Also reports every unread member that has no place. The result points into `wanted`, and into literals.
settings settle(chat::request const& wanted, std::string_view model, loss_report& lost);

void write_settings(json::writer& out, settings const& what, chat::request const& wanted);

}  // namespace recloser::dialects::ollama_chat
