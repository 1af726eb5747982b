#pragma once
// The daemon as the chat sees it: what can be chosen, whether a name is good, the answer to a message.

#include <string>
#include <string_view>

#include "cli/answer_reader.hpp"
#include "cli/chat_session.hpp"
#include "cli/daemon.hpp"
#include "cli/http_client.hpp"

namespace recloser::cli {

struct reply {
  std::string text;
  token_counts used;
  std::string error;  ///< one line; empty: all went well
  bool interrupted = false;
  std::string target;  ///< who answered: `openai/gpt-4o`
  std::string note;    ///< about an unusual end
};

class chat_client {
 public:
  /// Throws std::runtime_error with words for the user.
  explicit chat_client(target_daemon daemon);

  target_daemon const& daemon() const { return daemon_; }

  /// From now on Ctrl-C ends a request and not the process.
  void make_interruptible() { http_.make_interruptible(); }

  /// Asks what there is. Not empty: why that failed.
  std::string refresh();
  choices const& known() const { return known_; }

  /// Empty when the daemon can route `model`, otherwise what it says.
  std::string check_model(std::string_view model) const;

  reply ask(chat_session const& session, std::string const& message, answer_reader::text_taker const& take) const;

  /// The next message belongs to another conversation.
  void new_conversation();

 private:
  target_daemon daemon_;
  http_client http_;
  choices known_;
  std::string session_id_;
};

}  // namespace recloser::cli
