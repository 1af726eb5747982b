#pragma once
// `recloser chat`: talking to the running daemon, in a terminal or for one answer.

#include <string>
#include <vector>

namespace recloser::cli {

struct chat_options {
  std::string model;
  std::string provider;
  std::string url;  ///< empty: the usual daemon of this machine
  std::string system;
  std::vector<std::string> message;
};

/// With a message or a piped stdin: one answer on stdout. Otherwise a conversation. The exit status.
int run_chat(chat_options const& from);

}  // namespace recloser::cli
