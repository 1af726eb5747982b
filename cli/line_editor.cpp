#include "cli/line_editor.hpp"

#include <algorithm>
#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <cwchar>

#include <histedit.h>
#include <langinfo.h>
#include <poll.h>
#include <unistd.h>

#include "cli/text.hpp"

namespace recloser::cli {

namespace {

constexpr int history_size = 1000;
constexpr std::string_view paste_end = "\033[201~";
constexpr std::size_t max_paste = 1u << 20;

/// The signal that arrived last while a line was read; 0: none. Handlers can reach nothing else.
volatile std::sig_atomic_t arrived = 0;
void note_signal(int number) { arrived = number; }

constexpr int watched[] = {SIGINT, SIGWINCH, SIGTSTP, SIGTERM, SIGHUP, SIGQUIT};

/// While it lives, the watched signals only arrive inside `wait_for_input`: none is lost between a look and a wait.
class signal_watch {
 public:
  signal_watch() {
    arrived = 0;
    sigset_t blocked;
    sigemptyset(&blocked);
    for (int const s : watched) sigaddset(&blocked, s);
    pthread_sigmask(SIG_BLOCK, &blocked, &mask_before_);
    struct sigaction note {};
    note.sa_handler = note_signal;
    for (std::size_t i = 0; i < std::size(watched); ++i) sigaction(watched[i], &note, &before_[i]);
  }
  ~signal_watch() {
    for (std::size_t i = 0; i < std::size(watched); ++i) sigaction(watched[i], &before_[i], nullptr);
    pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
  }
  signal_watch(signal_watch const&) = delete;
  signal_watch& operator=(signal_watch const&) = delete;

  sigset_t const& open_mask() const { return mask_before_; }

  /// Lets the signal do what it does without us, which may end or stop the process.
  void let_act(int number) const {
    struct sigaction usual {};
    usual.sa_handler = SIG_DFL;
    struct sigaction ours {};
    sigaction(number, &usual, &ours);
    raise(number);  // blocked: acts at the next line
    sigset_t before;
    pthread_sigmask(SIG_SETMASK, &mask_before_, &before);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    sigaction(number, &ours, nullptr);
  }

 private:
  sigset_t mask_before_{};
  struct sigaction before_[std::size(watched)] = {};
};

/// libedit speaks the locale's encoding; ours is UTF-8 also where none is set (containers, ssh).
void use_utf8() {
  std::setlocale(LC_CTYPE, "");
  if (std::strcmp(nl_langinfo(CODESET), "UTF-8") != 0) std::setlocale(LC_CTYPE, "C.UTF-8");
}

bool can_bracket_pastes() {
  char const* const terminal = std::getenv("TERM");
  return terminal && std::string_view(terminal) != "dumb";
}

void tell_terminal(std::string_view sequence) {
  std::fwrite(sequence.data(), 1, sequence.size(), stdout);
  std::fflush(stdout);
}

/// libedit's prompts mark escape sequences, so that it can count columns.
std::string marked(std::string_view prompt) {
  std::string result;
  while (!prompt.empty()) {
    std::size_t const start = std::min(prompt.find('\033'), prompt.size());
    result += prompt.substr(0, start);
    prompt.remove_prefix(start);
    if (prompt.empty()) break;
    std::size_t const size = std::min(prompt.find('m'), prompt.size() - 1) + 1;
    result += '\1' + std::string(prompt.substr(0, size)) + '\1';
    prompt.remove_prefix(size);
  }
  return result;
}

std::string common_start(std::vector<std::string> const& words) {
  std::string result = words.front();
  for (std::string const& word : words) {
    auto const differ = std::mismatch(result.begin(), result.end(), word.begin(), word.end());
    result.erase(differ.first, result.end());
  }
  return result;
}

}  // namespace

struct line_editor::state {
  explicit state(completer words) : complete(std::move(words)) {}

  completer complete;
  EditLine* editor = nullptr;
  History* history = nullptr;
  std::string prompt;
  signal_watch const* signals = nullptr;  // while a line is read
  bool interrupted = false;

  static state& of(EditLine* editor) {
    void* self = nullptr;
    el_get(editor, EL_CLIENTDATA, &self);
    return *static_cast<state*>(self);
  }

  bool wait_for_input();
  bool read_byte(char& into);
  int read_character(wchar_t* into);
  unsigned char complete_word();
  unsigned char take_paste();
};

/// False: the line is given up (Ctrl-C) or the terminal is gone.
bool line_editor::state::wait_for_input() {
  for (;;) {
    pollfd where{STDIN_FILENO, POLLIN, 0};
    int const ready = ::ppoll(&where, 1, nullptr, &signals->open_mask());
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
    int const number = arrived;  // nothing arrives between these lines: it is blocked but in ppoll
    arrived = 0;
    switch (number) {
      case 0: break;
      case SIGINT: interrupted = true; return false;
      case SIGWINCH: el_resize(editor); break;
      default:
        el_set(editor, EL_PREP_TERM, 0);
        signals->let_act(number);
        el_set(editor, EL_PREP_TERM, 1);
        el_resize(editor);
        el_set(editor, EL_REFRESH);
    }
  }
}

bool line_editor::state::read_byte(char& into) { return wait_for_input() && ::read(STDIN_FILENO, &into, 1) == 1; }

int line_editor::state::read_character(wchar_t* into) {
  std::mbstate_t conversion{};
  for (;;) {
    char byte = 0;
    if (!read_byte(byte)) return 0;
    std::size_t const size = std::mbrtowc(into, &byte, 1, &conversion);
    if (size == static_cast<std::size_t>(-2)) continue;  // more bytes belong to it
    if (size == static_cast<std::size_t>(-1))
      conversion = {};  // no UTF-8: as if it had not been typed
    else
      return 1;
  }
}

unsigned char line_editor::state::complete_word() {
  LineInfo const* const line = el_line(editor);
  std::string const before(line->buffer, line->cursor);
  std::vector<std::string> const words = complete(before);
  if (words.empty()) return CC_REFRESH_BEEP;
  std::size_t const typed = before.size() - (before.find_last_of(" \n") + 1);  // npos + 1 is 0
  std::string const longest = words.size() == 1 ? words.front() + " " : common_start(words);
  if (longest.size() > typed) {
    el_insertstr(editor, longest.c_str() + typed);
    return CC_REFRESH;
  }
  std::string list = "\r\n";
  for (std::string const& word : words) list += printable(word) + "  ";
  tell_terminal(list + "\r\n");
  return CC_REDISPLAY;
}

unsigned char line_editor::state::take_paste() {
  std::string text;
  for (char byte = 0; !text.ends_with(paste_end);) {
    if (!read_byte(byte)) return CC_EOF;
    if (text.size() < max_paste + paste_end.size())
      text += byte == '\r' ? '\n' : byte;
    else
      text.erase(max_paste, 1) += byte;  // keeps watching for the end
  }
  text.resize(text.size() - paste_end.size());
  text = printable(valid_utf8(text));
  while (text.ends_with('\n')) text.pop_back();  // sending stays with the Enter key
  el_insertstr(editor, text.c_str());
  return CC_REFRESH;
}

line_editor::line_editor(completer complete) : state_(std::make_unique<state>(std::move(complete))) {
  use_utf8();
  EditLine* const editor = el_init("recloser", stdin, stdout, stderr);
  if (!editor) throw std::bad_alloc();
  state_->editor = editor;
  state_->history = history_init();
  HistEvent ignored;
  history(state_->history, &ignored, H_SETSIZE, history_size);
  history(state_->history, &ignored, H_SETUNIQUE, 1);

  el_set(editor, EL_CLIENTDATA, state_.get());
  el_set(editor, EL_EDITOR, "emacs");
  el_set(editor, EL_HIST, ::history, state_->history);
  el_set(
      editor, EL_GETCFN, +[](EditLine* el, wchar_t* into) { return state::of(el).read_character(into); });
  el_set(
      editor, EL_PROMPT_ESC, +[](EditLine* el) { return state::of(el).prompt.data(); }, '\1');
  el_set(
      editor, EL_ADDFN, "recloser-complete", "complete the word",
      +[](EditLine* el, int) { return state::of(el).complete_word(); });
  el_set(
      editor, EL_ADDFN, "recloser-paste", "insert pasted text",
      +[](EditLine* el, int) { return state::of(el).take_paste(); });
  el_set(
      editor, EL_ADDFN, "recloser-newline", "insert a line break", +[](EditLine* el, int) -> unsigned char {
        el_insertstr(el, "\n");
        return CC_REFRESH;
      });
  constexpr char const* keys[][2] = {
      {"^I", "recloser-complete"},   {"\\e[200~", "recloser-paste"}, {"\\e^M", "recloser-newline"},
      {"\\e^J", "recloser-newline"}, {"^R", "em-inc-search-prev"},   {"\\e[3~", "ed-delete-next-char"},
      {"\\e[1~", "ed-move-to-beg"},  {"\\e[4~", "ed-move-to-end"},   {"\\e[1;5D", "ed-prev-word"},
      {"\\e[1;5C", "em-next-word"},
  };
  for (auto const& [key, what] : keys) el_set(editor, EL_BIND, key, what, nullptr);
  el_source(editor, nullptr);  // ~/.editrc: whoever wants vi keys
}

line_editor::~line_editor() {
  el_end(state_->editor);
  history_end(state_->history);
}

line_editor::input line_editor::read(std::string prompt) {
  signal_watch const signals;
  state_->signals = &signals;
  state_->interrupted = false;
  state_->prompt = marked(prompt);
  bool const brackets = can_bracket_pastes();
  el_resize(state_->editor);  // the window may have changed while nobody looked
  if (brackets) tell_terminal("\033[?2004h");
  int size = 0;
  char const* const line = el_gets(state_->editor, &size);
  if (brackets) tell_terminal("\033[?2004l");
  state_->signals = nullptr;

  if (state_->interrupted) {
    tell_terminal("^C\n");
    return {ending::interrupted, {}};
  }
  if (!line || size <= 0) {
    tell_terminal("\n");
    return {ending::end, {}};
  }
  std::string text(line);
  if (text.ends_with('\n')) text.pop_back();
  return {ending::line, std::move(text)};
}

void line_editor::remember(std::string const& entry) {
  HistEvent ignored;
  history(state_->history, &ignored, H_ENTER, entry.c_str());
}

}  // namespace recloser::cli
