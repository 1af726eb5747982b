#pragma once
// Reads a streamed chat completion (clients.md §3.4): bytes in, cut anywhere; text out as it comes. Pure.

#include <functional>
#include <string>
#include <string_view>

#include "cli/chat_session.hpp"
#include "net/framing/sse.hpp"

namespace recloser::cli {

enum class text_kind { answer, reasoning };

class answer_reader {
 public:
  using text_taker = std::function<void(text_kind, std::string_view)>;
  explicit answer_reader(text_taker take) : take_(std::move(take)) {}

  void feed(std::string_view bytes);

  std::string const& text() const { return text_; }
  std::string const& finish_reason() const { return finish_reason_; }
  token_counts const& usage() const { return usage_; }
  /// What went wrong inside the stream; empty when nothing did.
  std::string const& error() const { return error_; }
  /// The provider said that its answer is whole.
  bool complete() const { return !finish_reason_.empty(); }

 private:
  void read_event(std::string_view data);
  void read_choice(std::string_view choice);
  void take(text_kind kind, std::string text);

  text_taker take_;
  net::sse_reader events_;
  std::string text_;
  std::string finish_reason_;
  std::string error_;
  token_counts usage_;
};

/// A word for the user about an ending that is not the usual one; empty for the usual.
std::string finish_note(std::string_view finish_reason);

}  // namespace recloser::cli
