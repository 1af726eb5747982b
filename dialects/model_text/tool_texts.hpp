#pragma once
// Finds the tool calls in a model's text (providers-openai-shaped.md §18): gives text on as it comes, holds back what may
// be a marker or a block behind one, and gives back as text whatever turns out to be no call.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chat/text.hpp"
#include "dialects/model_text/code_spans.hpp"
#include "dialects/model_text/findings.hpp"
#include "dialects/model_text/grammars.hpp"
#include "dialects/model_text/offered_tools.hpp"

namespace recloser::dialects::model_text {

struct tool_text_rules {
  unsigned grammars = 0;                      ///< which are looked for
  bool unmarked = false;                      ///< the whole answer may be calls without a marker
  std::span<std::string_view const> leaks{};  ///< control tokens that are taken out of the text
  finding::kind text = finding::kind::text;   ///< what the text is
  bool only_at_end = false;                   ///< calls count only when nothing but white space follows them
};

/// Takes text in pieces that are cut between characters. Text without markers comes out unchanged, put together.
class tool_texts {
 public:
  /// `tools` must outlive this.
  tool_texts(tool_text_rules const& rules, offered_tools const& tools);

  void feed(chat::raw_text piece, findings& out);
  /// The text has ended. `may_mend`: it ended by itself, so that calls may lack their ends.
  void finish(bool may_mend, findings& out);
  /// With `only_at_end`: something else followed, so all of it was text.
  void give_back(findings& out);

  bool has_calls() const { return calls_ > 0; }

 private:
  struct block {
    grammar const* how;
    block_reader reader;
    std::size_t begin;     ///< in held_
    std::size_t marker;    ///< its size as written
    std::size_t read = 0;  ///< how far held_ was given to the reader
  };
  struct hit {
    enum class kind { none, begun, marker, leak };
    kind what = kind::none;
    grammar const* how = nullptr;
    std::size_t written = 0;
  };

  bool step(findings& out);
  bool pass_blanks();
  found begin_unmarked();
  hit find_marker() const;
  bool read_on(findings& out);
  void take_calls(findings& out);
  void take_as_text(findings& out);
  void say(std::size_t size, findings& out);
  void say_before(std::size_t place, findings& out);

  tool_text_rules rules_;
  offered_tools const& tools_;
  std::vector<grammar const*> grammars_;
  std::string starts_;  // first bytes of all markers
  std::string held_;
  std::size_t at_ = 0;  // in held_: everything before it was looked at
  code_spans code_;
  std::optional<block> block_;
  bool started_ = false;  // something other than white space came
  bool after_call_ = false;
  bool said_ = false;  // text was given
  bool ended_ = false;
  bool may_mend_ = false;
  bool off_ = false;  // nothing is looked for any more
  std::string gap_;   // white space between text and a call: it stays only when more text follows
  std::size_t calls_ = 0;
  std::size_t false_bytes_ = 0;  // looked at twice, for blocks that were none
  // Calls that count if nothing follows, and what they are if something does.
  std::vector<tool_call> waiting_;
  std::string waiting_text_;
};

}  // namespace recloser::dialects::model_text
