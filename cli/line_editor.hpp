#pragma once
// Reading a line from the terminal: editing, history and completion by libedit; pasted text with line breaks stays one
// line of input; Ctrl-C gives up the line and nothing else.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace recloser::cli {

class line_editor {
 public:
  /// Words that may stand in place of the last word of the line up to the cursor.
  using completer = std::function<std::vector<std::string>(std::string_view line)>;

  explicit line_editor(completer complete);
  ~line_editor();
  line_editor(line_editor const&) = delete;
  line_editor& operator=(line_editor const&) = delete;

  enum class ending { line, interrupted, end };
  struct input {
    ending how = ending::end;
    std::string text;  ///< without its line end
  };
  /// `prompt` may hold escape sequences.
  input read(std::string prompt);

  /// What the up arrow finds.
  void remember(std::string const& entry);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace recloser::cli
