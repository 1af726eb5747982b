#include "cli/chat_terminal.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "cli/chat_client.hpp"
#include "cli/chat_command.hpp"
#include "cli/chat_once.hpp"
#include "cli/chat_printer.hpp"
#include "cli/history_file.hpp"
#include "cli/line_editor.hpp"
#include "cli/output.hpp"
#include "cli/text.hpp"

namespace recloser::cli {

namespace {

constexpr std::size_t shown_choices = 20;

/// While it lives, what is typed does not show: it would stand in the middle of the answer. It is not lost either, the
/// next prompt gets it.
class quiet_terminal {
 public:
  quiet_terminal() {
    changed_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
    if (!changed_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &quiet);
  }
  ~quiet_terminal() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  }
  quiet_terminal(quiet_terminal const&) = delete;
  quiet_terminal& operator=(quiet_terminal const&) = delete;

 private:
  termios before_{};
  bool changed_ = false;
};

/// Writes a new file that only its owner can read; not empty: why it could not.
std::string write_file(std::string const& path, std::string_view text) {
  std::FILE* file = nullptr;
  int const fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd >= 0) file = ::fdopen(fd, "w");
  if (!file) return std::generic_category().message(errno);
  bool const written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  bool const closed = std::fclose(file) == 0;
  return written && closed ? std::string() : std::generic_category().message(errno);
}

std::string expanded(std::string const& path) {
  char const* const home = std::getenv("HOME");
  return home && path.starts_with("~/") ? home + path.substr(1) : path;
}

class chat_terminal {
 public:
  explicit chat_terminal(chat_options const& from)
      : client_(find_daemon(from.url)),
        session_({}, from.system),
        style_(style_of(stdout)),
        history_(history_path(config::process_environment())),
        editor_([this](std::string_view line) {
          return complete(line, client_.known().models, client_.known().providers);
        }) {
    for (std::string const& entry : history_.load()) editor_.remember(entry);
  }

  int run(chat_options const& from);

 private:
  bool begin(chat_options const& from);
  line_editor::input read_message();
  bool obey(chat_command const& what);
  void say(std::string const& message);
  void switch_to(switched const& choice);
  void try_model(std::string const& name);
  std::string choose(std::vector<std::string> const& candidates) const;
  void change_provider(chat_command const& what);
  void list_models(std::string_view word);
  void change_system(std::string const& text);
  void save(std::string const& path) const;
  void print_help() const;
  bool refresh();

  void note(std::string_view what) const { fmt::print("{}\n", style_.dim(what)); }
  void trouble(std::string_view what) const { fmt::print("{} {}\n", style_.bold("!"), what); }

  chat_client client_;
  chat_session session_;
  std::string last_target_;  // who answered last: what a route came down to
  style style_;
  history_file history_;
  line_editor editor_;
};

bool chat_terminal::refresh() {
  std::string const problem = client_.refresh();
  if (!problem.empty()) trouble(problem);
  return problem.empty();
}

int chat_terminal::run(chat_options const& from) {
  if (!begin(from)) return 1;
  fmt::print("{}\n", style_.dim(fmt::format("recloser chat at {}. /help lists the commands, Ctrl-D leaves.",
                                            client_.daemon().url)));
  for (bool going = true; going;) {
    line_editor::input const typed = read_message();
    if (typed.how == line_editor::ending::end) break;
    if (typed.how == line_editor::ending::interrupted || trim(typed.text).empty()) continue;
    editor_.remember(typed.text);
    history_.append(typed.text);
    going = obey(read_chat_line(typed.text));
    std::fflush(stdout);
  }
  return 0;
}

bool chat_terminal::begin(chat_options const& from) {
  if (std::string const problem = client_.refresh(); !problem.empty()) {
    complain(problem);
    return false;
  }
  client_.make_interruptible();
  if (!from.provider.empty())
    switch_to(switch_provider(from.provider, from.model, {}, client_.known()));
  else if (!from.model.empty())
    try_model(from.model);
  else
    switch_to(first_model(client_.known()));
  return !session_.model().empty();
}

/// A line, and more of them while they end in a backslash.
line_editor::input chat_terminal::read_message() {
  line_editor::input typed = editor_.read(style_.bold(one_line(session_.model())) + "> ");
  while (typed.how == line_editor::ending::line && typed.text.ends_with('\\')) {
    typed.text.back() = '\n';
    line_editor::input more = editor_.read(style_.dim("...> "));
    typed.how = more.how == line_editor::ending::end ? line_editor::ending::interrupted : more.how;
    typed.text += more.text;
  }
  return typed;
}

/// False: leave.
bool chat_terminal::obey(chat_command const& what) {
  switch (what.verb) {
    case chat_verb::say: say(what.argument); break;
    case chat_verb::model:
      if (what.argument.empty())
        note(session_.model() + "; /model NAME goes on with another, /models lists them");
      else
        try_model(what.argument);
      break;
    case chat_verb::provider: change_provider(what); break;
    case chat_verb::models: list_models(what.argument); break;
    case chat_verb::usage: fmt::print("{}", usage_text(session_)); break;
    case chat_verb::clear:
      session_.clear();
      client_.new_conversation();
      note("the conversation is forgotten");
      break;
    case chat_verb::system: change_system(what.argument); break;
    case chat_verb::save: save(expanded(what.argument)); break;
    case chat_verb::help: print_help(); break;
    case chat_verb::wrong: trouble(what.argument); break;
    case chat_verb::quit: return false;
  }
  return true;
}

void chat_terminal::say(std::string const& message) {
  auto const begun = std::chrono::steady_clock::now();
  reply got;
  {
    quiet_terminal const quiet;
    chat_printer printer(style_, true);
    got = client_.ask(session_, message, [&](text_kind kind, std::string_view text) { printer.take(kind, text); });
    printer.finish();
  }
  if (!got.text.empty())
    session_.settle(message, got.text, got.used);
  else
    session_.count(got.used);
  last_target_ = got.target;
  if (!got.note.empty()) note("(" + got.note + ")");
  if (!got.error.empty()) {
    trouble(got.error);
    return;
  }
  std::chrono::duration<double> const took = std::chrono::steady_clock::now() - begun;
  std::string line = got.interrupted ? "stopped · " : "";
  line += got.target.empty() ? one_line(session_.model()) : got.target;
  if (got.used.known)
    line += fmt::format(" · {} in, {} out", with_commas(got.used.prompt), with_commas(got.used.completion));
  note(line + fmt::format(" · {:.1f} s", took.count()));
}

void chat_terminal::try_model(std::string const& name) {
  if (std::string const problem = client_.check_model(name); !problem.empty()) {
    trouble(problem);
    return;
  }
  bool const switched_over = !session_.turns().empty() && session_.model() != name;
  session_.set_model(name);
  last_target_.clear();
  if (switched_over) note("going on with " + one_line(name));
}

void chat_terminal::switch_to(switched const& choice) {
  switch (choice.how) {
    case switched::result::model: try_model(choice.model); break;
    case switched::result::choose:
      if (std::string const chosen = choose(choice.candidates); !chosen.empty()) try_model(chosen);
      break;
    case switched::result::unknown:
    case switched::result::needs_model: trouble(choice.note); break;
  }
}

/// By number or by name; empty: none.
std::string chat_terminal::choose(std::vector<std::string> const& candidates) const {
  for (std::size_t i = 0; i < candidates.size() && i < shown_choices; ++i) {
    fmt::print("{:>4}  {}\n", i + 1, candidates[i]);
  }
  if (candidates.size() > shown_choices)
    note(fmt::format("      … and {} more; Tab completes", candidates.size() - shown_choices));
  line_editor chooser([&](std::string_view line) {
    std::vector<std::string> fitting = candidates;
    std::erase_if(fitting, [&](std::string const& c) { return !c.starts_with(line); });
    return fitting;
  });
  line_editor::input const typed = chooser.read("which model? number or name> ");
  std::string const word(trim(typed.text));
  if (typed.how != line_editor::ending::line || word.empty()) return {};
  char* end = nullptr;
  unsigned long const number = std::strtoul(word.c_str(), &end, 10);
  if (*end == '\0' && number >= 1 && number <= candidates.size()) return candidates[number - 1];
  return word;
}

void chat_terminal::change_provider(chat_command const& what) {
  if (!refresh()) return;
  if (what.argument.empty()) {
    note("providers: " + joined(client_.known().providers, "none") + "; write /provider NAME [--model MODEL]");
    return;
  }
  // Behind a route, "the same model" is the one that it came down to.
  bool const by_route = std::count(client_.known().routes.begin(), client_.known().routes.end(), session_.model()) > 0;
  std::string const& current = by_route && !last_target_.empty() ? last_target_ : session_.model();
  switch_to(switch_provider(what.argument, what.model, current, client_.known()));
}

void chat_terminal::list_models(std::string_view word) {
  if (!refresh()) return;
  std::size_t count = 0;
  for (std::string const& name : client_.known().models) {
    if (name.find(word) == std::string::npos) continue;
    ++count;
    if (name == session_.model())
      fmt::print("* {}\n", style_.bold(name));
    else
      fmt::print("  {}\n", name);
  }
  if (count == 0) note("no model has that in its name");
}

void chat_terminal::change_system(std::string const& text) {
  if (text.empty()) {
    note(session_.system().empty() ? "there is no system prompt; /system TEXT sets one"
                                   : "system prompt: " + session_.system());
    return;
  }
  session_.set_system(text == "off" ? std::string() : text);
  note(text == "off" ? "the system prompt is gone" : "the system prompt is set");
}

void chat_terminal::save(std::string const& path) const {
  bool const as_json = path.ends_with(".json");
  std::string const problem = write_file(path, as_json ? session_.as_json() : session_.as_markdown());
  if (problem.empty())
    note("written to " + printable(path));
  else
    trouble("cannot write " + printable(path) + ": " + problem);
}

void chat_terminal::print_help() const {
  for (chat_help const& h : chat_commands()) {
    fmt::print("  {:<28}{}\n", fmt::format("{} {}", h.name, h.argument), h.text);
  }
  note(wrapped(
      "A \\ at the end of a line, or Alt-Enter, goes on in the next one. A space in front sends a line that begins "
      "with /. Ctrl-C stops an answer, Ctrl-R searches what was typed before, Tab completes commands and models.",
      terminal_width(stdout), 0));
}

}  // namespace

int run_chat(chat_options const& from) {
  try {
    if (auto const message = given_message(from)) return answer_once(from, *message);
    if (::isatty(STDOUT_FILENO) == 0) {
      complain("stdout is no terminal; give a message on the command line or through a pipe");
      return 1;
    }
    std::signal(SIGPIPE, SIG_IGN);
    return chat_terminal(from).run(from);
  } catch (std::exception const& e) {
    complain(e.what());
    return 1;
  }
}

}  // namespace recloser::cli
