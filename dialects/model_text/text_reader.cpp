#include "dialects/model_text/text_reader.hpp"

namespace recloser::dialects::model_text {

text_reader::text_reader(family const& of, tag_rules const& thinking, offered_tools const& tools)
    : tags_(thinking),
      answer_({.grammars = of.grammars, .unmarked = of.unmarked, .leaks = of.leaks}, tools),
      thoughts_({.grammars = of.grammars, .text = finding::kind::reasoning, .only_at_end = true}, tools) {}

void text_reader::feed(chat::raw_text piece, findings& out) {
  tags_.feed(cut_.take(piece), split_);
  pass_on(out);
}

void text_reader::finish(chat::finish_reason why, findings& out) {
  bool const by_itself = why == chat::finish_reason::stop || why == chat::finish_reason::tool_calls;
  tags_.feed(cut_.rest(), split_);
  tags_.finish(split_);
  pass_on(out);
  if (tags_.inside()) {
    thoughts_.finish(by_itself, out);
  } else {
    thoughts_.give_back(out);
  }
  // It began as if inside its thinking and never came out: then that was the answer (§17.3). It is said again, since what
  // was sent cannot be taken back.
  if (by_itself && !thoughts_.has_calls()) answer_.feed(tags_.unopened(), out);
  answer_.finish(by_itself, out);
}

/// Reasoning and text as the tags divide them; calls are looked for in both.
void text_reader::pass_on(findings& out) {
  for (auto const& each : split_.list()) {
    auto const text = split_.text_of(each);
    if (each.what == finding::kind::reasoning) {
      thoughts_.feed(text, out);
    } else {
      thoughts_.give_back(out);
      answer_.feed(text, out);
    }
  }
  split_.clear();
}

}  // namespace recloser::dialects::model_text
