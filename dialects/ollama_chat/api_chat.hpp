#pragma once
// Ollama's native chat as the provider's side of a translation (providers-native.md §5). It is native because only so
// the window (`num_ctx`), `keep_alive`, `think` and the other options can be set.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dialects/dialect.hpp"

namespace recloser::dialects::ollama_chat {

/// Writes the body of `POST /api/chat` for `model` to `out`. Every parameter that could not be carried is named in
/// `dropped`. Members that only Ollama has (`num_ctx`, `keep_alive`, `options`, …) are taken from `wanted.unread`.
/// Faults: media that Ollama cannot take, web search, a tool_choice that names no tool.
chat::result<void> write_request(chat::request const& wanted, std::string_view model, std::string& out,
                                 std::vector<std::string>& dropped);

/// Reads a whole 2xx body. The reply's views point into `body`, which must outlive it, and into the reply's store.
chat::result<chat::reply> read_reply(std::string_view body);

/// `{"error":"…"}` or anything else that came with an error status.
chat::fault read_error(int status, std::string_view body, std::string_view type = {});

/// Reads the stream of lines.
std::unique_ptr<event_source> new_events();

extern dialect const api_chat;

// ---- silent truncation -----------------------------------------------------------------------------------------

/// About the bytes of text that a request asks the model to read: messages, calls, tools; no images.
std::size_t prompt_bytes(chat::request const& wanted);

/// True when the server probably left out the oldest part of the prompt because its window was too small, of which it
/// says nothing (§5.2, §7 row 24). `counted` is the prompt's tokens as reported, 0 when unknown; `num_ctx` the window
/// that was asked for, 0 when none was. A guess: good for a warning, not for a decision.
bool prompt_was_cut(std::int64_t counted, std::size_t bytes, std::int64_t num_ctx = 0);

}  // namespace recloser::dialects::ollama_chat
