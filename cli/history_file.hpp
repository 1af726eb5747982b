#pragma once
// The chat's input history on disk: one entry per line, readable by its owner alone, appended to, so that two chats at
// the same time lose nothing.

#include <string>
#include <string_view>
#include <vector>

#include "config/load.hpp"

namespace recloser::cli {

/// $XDG_STATE_HOME/recloser/chat_history, usually ~/.local/state/…; empty without a home.
std::string history_path(config::environment const& env);

/// One entry in one line: line feeds as `\n`, backslashes doubled.
std::string to_history_line(std::string_view entry);
std::string from_history_line(std::string_view line);

class history_file {
 public:
  static constexpr std::size_t max_entries = 1000;

  /// An empty path or one that cannot be written: nothing is kept, and nobody is bothered with it.
  explicit history_file(std::string path) : path_(std::move(path)) {}

  /// The newest `max_entries`, oldest first; an overgrown file is cut to them.
  std::vector<std::string> load() const;
  void append(std::string_view entry) const;

 private:
  void write(std::string_view text, int flags) const;
  std::string path_;
};

}  // namespace recloser::cli
