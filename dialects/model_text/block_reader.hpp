#pragma once
// Reads the text behind a marker as far as it has come. Everything answers `more` when the text may go on in a way that
// decides; a grammar is then started again from the last place that it committed, so what it has read is not read twice.

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dialects/model_text/findings.hpp"
#include "dialects/model_text/offered_tools.hpp"

namespace recloser::dialects::model_text {

enum class found { yes, no, more };

class block_reader;
struct grammar;

/// Reads calls. `yes`: they are in the reader, and the block ends where the reader stands.
using read_block = found (*)(block_reader& in, grammar const& how);

class block_reader {
 public:
  explicit block_reader(offered_tools const& tools) : tools_(tools) {}

  void add(std::string_view plain) { text_.append(plain); }
  /// No more text comes. `may_close`: what is open at the end may be taken as closed.
  void end_text(bool may_close) {
    last_ = true;
    may_close_ = may_close;
  }

  found read(read_block reader, grammar const& how) {
    at_ = resume_;
    return reader(*this, how);
  }

  std::vector<tool_call> calls;
  std::size_t size() const { return at_; }  ///< of what was read, from the marker on

  // ---- for grammars --------------------------------------------------------------------------------------------

  bool last() const { return last_; }
  bool may_close() const { return may_close_; }
  bool at_end() const { return at_ == text_.size(); }
  std::string_view rest() const { return std::string_view(text_).substr(at_); }
  /// At the end of the text: whether there may be more of it.
  found nothing_left() const { return last_ ? found::no : found::more; }
  /// The next reading starts here.
  void commit() { resume_ = at_; }
  void pass(std::size_t size) { at_ += size; }
  void skip_space();
  /// At the beginning of the block: goes past what it begins with.
  void skip_marker(std::string_view marker);

  found literal(std::string_view word);
  /// The first of the words that stands here; `which` is its number.
  found one_of(std::span<std::string_view const> words, std::size_t& which);
  /// `more`, or `yes` whether it stands here or not.
  found optional(std::string_view word);

  /// The text up to `stop`, which is passed. It is not longer than names are.
  found until(std::string_view stop, std::string_view& out);

  /// A name that stands here; `more` while it may go on.
  found name(std::string_view& out);

  /// A bracketed value, found by counting brackets outside strings (§18.4 rule 2). It may be broken inside, and it also
  /// ends where no JSON can go on.
  found value(std::string_view& out);
  /// The same at a bracket of any kind.
  found bracketed(std::string_view& out);

  /// For values that end at a tag: where the search for the end is to go on, and to be left at.
  std::size_t& searched();
  std::string_view text_to(std::size_t end) const { return std::string_view(text_).substr(at_, end - at_); }
  std::size_t place() const { return at_; }
  void go_to(std::size_t place) { at_ = place; }

  // ---- calls ---------------------------------------------------------------------------------------------------

  bool offers(std::string_view name) const { return tools_.find(name) != nullptr; }

  /// False when the request does not offer it or the arguments are no object.
  bool add_call(std::string_view name, std::string_view arguments, std::string_view id = {});
  /// `{"name":…,"arguments":…}` or an array of those, in any of their spellings. `keeps_ids`: an `id` is the model's.
  bool add_calls(std::string_view value, bool keeps_ids = false);

  /// A call whose arguments come one by one.
  bool begin_call(std::string_view name);
  bool in_call() const { return tool_ != nullptr; }
  chat::tool const& tool() const { return *tool_; }
  void add_argument(std::string_view name, std::string_view json);
  void end_call();
  bool end_call(std::string_view arguments);  ///< all of them at once

 private:
  struct span {
    std::size_t begin = std::string_view::npos;
    std::size_t at = 0;
    int depth = 0;
    char quote = 0;
    bool escaped = false;
    bool done = false;  ///< `at` is behind the value
    bool cut = false;   ///< it ended before its brackets were closed
  };
  found scan_value();
  std::optional<std::string> object_of(std::string_view text) const;
  bool add_object(std::string_view object, bool keeps_ids);

  offered_tools const& tools_;
  std::string text_;
  bool last_ = false;
  bool may_close_ = false;
  std::size_t at_ = 0;
  std::size_t resume_ = 0;
  span span_;
  bool cut_ = false;  // of the value read last
  std::size_t search_begin_ = std::string_view::npos;
  std::size_t searched_ = 0;
  chat::tool const* tool_ = nullptr;
  std::string name_;
  std::string arguments_;
};

/// Without white space around it.
std::string_view trimmed(std::string_view text);

}  // namespace recloser::dialects::model_text
