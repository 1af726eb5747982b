#pragma once
// One question, one answer on stdout: the scriptable form of `recloser chat`.

#include <optional>
#include <string>

#include "cli/chat_client.hpp"
#include "cli/chat_terminal.hpp"

namespace recloser::cli {

/// The words of the command line and what a pipe or file on stdin holds; nullopt: neither is there.
std::optional<std::string> given_message(chat_options const& from);

/// The exit status. Ctrl-C ends the process, and with it the request.
int answer_once(chat_options const& from, std::string const& message);

/// `recloser chat: …` on stderr.
void complain(std::string_view what);

}  // namespace recloser::cli
