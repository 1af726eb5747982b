#pragma once
// The text of one answer, read for reasoning and tool calls together.

#include <string>

#include "chat/reply.hpp"
#include "dialects/model_text/escaped_text.hpp"
#include "dialects/model_text/findings.hpp"
#include "dialects/model_text/model_families.hpp"
#include "dialects/model_text/offered_tools.hpp"
#include "dialects/model_text/thinking_tags.hpp"
#include "dialects/model_text/tool_texts.hpp"

namespace recloser::dialects::model_text {

class text_reader {
 public:
  /// `tools` must outlive this. `thinking` is the family's, or another trial at the same text.
  text_reader(family const& of, tag_rules const& thinking, offered_tools const& tools);

  /// A piece of escaped text, cut anywhere. What can be told is added to `out`.
  void feed(chat::raw_text piece, findings& out);
  /// The answer has ended for this reason (none: it was cut off, or nobody said why).
  void finish(chat::finish_reason why, findings& out);

  /// The server gave reasoning in its own field.
  void reasoning_came() { tags_.reasoning_came(); }

  thinking_tags const& tags() const { return tags_; }

 private:
  void pass_on(findings& out);

  whole_characters cut_;
  thinking_tags tags_;
  tool_texts answer_;
  tool_texts thoughts_;  // for models that forget to close their thinking before they call (§17.2 point 7)
  findings split_;
};

}  // namespace recloser::dialects::model_text
