#pragma once
// Reasoning that stands in the text between tags (providers-openai-shaped.md §17): for servers that do not take it out.

#include <cstddef>
#include <string>
#include <string_view>

#include "chat/text.hpp"
#include "dialects/model_text/code_spans.hpp"
#include "dialects/model_text/findings.hpp"

namespace recloser::dialects::model_text {

/// The pairs of tags that a model may use, as bits.
namespace tag {
inline constexpr unsigned think = 1 << 0;     ///< <think>
inline constexpr unsigned thinking = 1 << 1;  ///< <thinking>
inline constexpr unsigned square = 1 << 2;    ///< [THINK], Mistral
inline constexpr unsigned seed = 1 << 3;      ///< <seed:think>
inline constexpr unsigned triangle = 1 << 4;  ///< ◁think▷, Kimi
inline constexpr unsigned cohere = 1 << 5;    ///< <|START_THINKING|>
inline constexpr unsigned harmony = 1 << 6;   ///< <|channel|>analysis<|message|>, gpt-oss
inline constexpr unsigned gemma = 1 << 7;     ///< <|channel>thought
inline constexpr unsigned old = 1 << 8;       ///< <thought>, <reasoning>, <reflection>: older fine-tunes
inline constexpr unsigned fence = 1 << 9;     ///< a code block called `thinking`
inline constexpr unsigned usual = old - 1;
}  // namespace tag

/// Where a model may think again after its first words. Elsewhere a tag is part of the answer.
enum class reopening { never, at_line_start, anywhere };

struct tag_rules {
  unsigned tags = 0;
  bool starts_inside = false;  ///< the prompt ends with the opening tag: the text begins with reasoning
  reopening reopens = reopening::never;
};

/// One way to mark reasoning.
struct tag_pair {
  unsigned set;
  std::string_view open;
  std::string_view close;
};

/// Takes text in pieces that are cut between characters; what comes out, put together, is the same text without tags and
/// without the white space around them.
class thinking_tags {
 public:
  explicit thinking_tags(tag_rules const& rules);

  void feed(chat::raw_text piece, findings& out);
  /// The text has ended: gives what was held back.
  void finish(findings& out);

  /// The server gave reasoning in its own field: a block at the beginning of the text is the same once more.
  void reasoning_came() { reasoning_came_ = true; }

  /// The text so far ends in reasoning that no tag has closed.
  bool inside() const { return state_ == state::inside; }
  /// When no tag has opened or closed the reasoning, the model may not have thought at all: what was given as
  /// reasoning. Empty otherwise, and when it is too long to be kept.
  chat::raw_text unopened() const { return inside() && !opened_ ? chat::raw_text(unopened_) : chat::raw_text(); }
  /// A closing tag came without an opening one, too late to take the text before it back: this model starts inside.
  bool closed_unopened() const { return closed_unopened_; }

 private:
  enum class state { start, inside, after, body };
  enum class match { none, begun, whole };
  struct hit {
    match what = match::none;
    tag_pair const* which = nullptr;
    std::size_t written = 0;
  };

  bool step(findings& out);
  bool begin();
  bool think_on(findings& out);
  bool answer(findings& out);
  void reason(std::size_t size, findings& out);
  void say(std::size_t size, findings& out);
  void open(hit const& tag);
  bool drops_closer() const { return !opened_ && !opener_quoted_ && !closed_unopened_; }
  /// The tag that stands, or may come to stand, at a place of what is held.
  hit find(std::string_view tag_pair::*side, std::size_t at, unsigned tags) const;

  tag_rules rules_;
  state state_ = state::start;
  std::string held_;
  std::size_t at_ = 0;    // in held_: everything before it was looked at
  unsigned closers_ = 0;  // the tags that may close the block
  bool opened_ = false;   // a tag has opened a block, or closed one
  bool fresh_ = false;    // nothing but white space since it opened
  bool reasoning_came_ = false;
  bool dropping_ = false;
  bool opener_quoted_ = false;
  bool closed_unopened_ = false;
  bool keeps_unopened_ = true;
  std::string unopened_;
  std::string starts_;
  code_spans code_;
};

}  // namespace recloser::dialects::model_text
