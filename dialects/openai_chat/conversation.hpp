#pragma once
// OpenAI Chat Completions as the client's side of a translation: its request is read into `chat::`, and an answer is
// written from `chat::` exactly as clients.md §3 demands.

#include <cstdint>
#include <string>

#include "chat/reply.hpp"
#include "dialects/json.hpp"

namespace recloser::dialects::openai_chat {

/// Reads a request whose members `json::scan_object` has found. Faults name the member that is wrong (`param`).
chat::result<chat::request> read_request(std::vector<json::member> const& members);

/// A whole `chat.completion`. `created` is seconds since 1970.
void write_reply(chat::reply const& answer, std::int64_t created, std::string& out);

/// A whole answer, for a client that asked for a stream.
void write_chunks(chat::reply const& answer, std::int64_t created, bool usage_wanted, std::string& out);

/// Turns events into chunks: SSE `data:` lines, LF only, `[DONE]` last (clients.md §3.4). Whatever the events are, the
/// role comes once and first, one finish reason comes, and nothing follows `[DONE]`.
class chunk_writer {
 public:
  chunk_writer(std::int64_t created, bool usage_wanted) : created_(created), usage_wanted_(usage_wanted) {}
  void put(chat::event const& event, std::string& out);

 private:
  void start(chat::event const& event, std::string& out);
  void finish(chat::finish_reason finish, std::string& out);
  void end(chat::usage const& usage, std::string& out);
  void put_tool_start(chat::event const& event, std::string& out);
  void put_tool_arguments(chat::event const& event, std::string& out);
  void put_thinking_block(chat::event const& event, std::string& out);

  std::int64_t created_;
  bool usage_wanted_;
  bool has_tool_calls_ = false;
  bool finished_ = false;
  bool ended_ = false;
  std::string model_;
  std::string head_;  // `data: {"id":…,"object":…,"created":…,"model":…,"choices":[` made once
};

}  // namespace recloser::dialects::openai_chat
