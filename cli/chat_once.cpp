#include "cli/chat_once.hpp"

#include <algorithm>
#include <cstdio>
#include <iterator>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/chat_printer.hpp"
#include "cli/output.hpp"
#include "cli/text.hpp"

namespace recloser::cli {

namespace {

constexpr std::size_t max_input = 32u << 20;  // the daemon's own limit of a body

std::string read_stdin() {
  std::string text;
  char block[65536];
  while (text.size() <= max_input) {
    ssize_t const n = ::read(STDIN_FILENO, block, sizeof block);
    if (n <= 0) break;
    text.append(block, static_cast<std::size_t>(n));
  }
  return text;
}

/// A pipe or a file, so that something was meant by it: a service's stdin is often a socket or /dev/null.
bool is_piped() {
  struct stat what {};
  return ::fstat(STDIN_FILENO, &what) == 0 && (S_ISFIFO(what.st_mode) || S_ISREG(what.st_mode));
}

/// The model to ask, or an empty string after a complaint.
std::string pick_model(chat_options const& from, chat_client& client) {
  if (from.provider.empty() && !from.model.empty()) return from.model;
  if (std::string const problem = client.refresh(); !problem.empty()) {
    complain(problem);
    return {};
  }
  switched const choice = from.provider.empty() ? first_model(client.known())
                                                : switch_provider(from.provider, from.model, {}, client.known());
  switch (choice.how) {
    case switched::result::model: return choice.model;
    case switched::result::unknown:
    case switched::result::needs_model: complain(choice.note); break;
    case switched::result::choose: {
      constexpr std::size_t shown = 6;
      std::vector<std::string> some(choice.candidates.begin(),
                                    choice.candidates.begin() + std::min(shown, choice.candidates.size()));
      if (some.size() < choice.candidates.size()) some.emplace_back("… (`recloser models` lists all)");
      complain("which model? Say --model with one of: " + joined(some));
    }
  }
  return {};
}

}  // namespace

void complain(std::string_view what) { fmt::print(stderr, "recloser chat: {}\n", what); }

std::optional<std::string> given_message(chat_options const& from) {
  std::string message = joined(from.message, "", " ");
  bool const from_stdin = message.empty() ? ::isatty(STDIN_FILENO) == 0 : is_piped();
  if (from_stdin) {
    std::string const piped(trim(read_stdin()));
    if (!message.empty() && !piped.empty()) message += "\n\n";
    message += piped;
  }
  if (message.empty() && !from_stdin) return std::nullopt;
  return message;
}

int answer_once(chat_options const& from, std::string const& message) {
  if (trim(message).empty()) {
    complain("there is nothing to ask: the message is empty");
    return 1;
  }
  if (message.size() > max_input) {
    complain("the message is larger than 32 MiB");
    return 1;
  }
  chat_client client(find_daemon(from.url));
  std::string const model = pick_model(from, client);
  if (model.empty()) return 1;
  chat_session const session(model, from.system);
  chat_printer printer(style_of(stdout), ::isatty(STDOUT_FILENO) == 1);
  reply const got = client.ask(session, message, [&](text_kind k, std::string_view text) { printer.take(k, text); });
  printer.finish();
  if (!got.note.empty()) complain(got.note);
  if (!got.error.empty()) complain(got.error);
  bool const written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  if (!written) complain("the answer cannot be written to stdout");
  return got.error.empty() && written ? 0 : 1;
}

}  // namespace recloser::cli
