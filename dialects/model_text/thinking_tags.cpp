#include "dialects/model_text/thinking_tags.hpp"

#include <algorithm>

#include "dialects/model_text/escaped_text.hpp"

namespace recloser::dialects::model_text {

namespace {

constexpr std::size_t most_blanks = 4u << 10;      // white space that is held back
constexpr std::size_t most_unopened = 256u << 10;  // reasoning that is kept in case it is the answer

/// Tags whose end, when it stands alone, ends reasoning. Those of the others end many things.
constexpr unsigned droppable = ~(tag::harmony | tag::fence);

/// §17.1. What opens a block may be written in several ways, and any end of the same set closes it.
constexpr tag_pair pairs[] = {
    {tag::think, "<think>", "</think>"},
    {tag::thinking, "<thinking>", "</thinking>"},
    {tag::square, "[THINK]", "[/THINK]"},
    {tag::seed, "<seed:think>", "</seed:think>"},
    {tag::triangle, "◁think▷", "◁/think▷"},
    {tag::cohere, "<|START_THINKING|>", "<|END_THINKING|>"},
    {tag::harmony, "<|channel|>analysis<|message|>", "<|end|>"},
    {tag::harmony, "<|start|>assistant<|channel|>analysis<|message|>", "<|start|>assistant"},
    {tag::gemma, "<|channel>thought", "<channel|>"},
    {tag::old, "<thought>", "</thought>"},
    {tag::old, "<reasoning>", "</reasoning>"},
    {tag::old, "<reflection>", "</reflection>"},
    {tag::fence, "```thinking", "```"},
};

}  // namespace

thinking_tags::thinking_tags(tag_rules const& rules) : rules_(rules) {
  for (auto const& each : pairs) {
    if ((each.set & rules.tags) == 0) continue;
    for (char const first : {each.open[0], each.close[0]}) {
      if (starts_.find(first) == std::string::npos) starts_ += first;
    }
  }
  if (rules.tags == 0) state_ = state::body;
}

void thinking_tags::feed(chat::raw_text piece, findings& out) {
  held_.append(piece);
  while (!held_.empty() && step(out)) {
  }
}

void thinking_tags::finish(findings& out) {
  if (state_ == state::inside) {
    reason(held_.size(), out);
  } else if (state_ != state::after) {
    say(held_.size(), out);
  }
}

/// False when more text is needed.
bool thinking_tags::step(findings& out) {
  switch (state_) {
    case state::start: return begin();
    case state::inside: return think_on(out);
    case state::after:
      held_.erase(0, leading_blanks(held_));
      if (held_.empty()) return false;
      state_ = state::body;
      return true;
    case state::body: return answer(out);
  }
  return false;
}

thinking_tags::hit thinking_tags::find(std::string_view tag_pair::*side, std::size_t at, unsigned tags) const {
  text_head const head(chat::raw_text(held_).substr(at));
  hit out;
  for (auto const& each : pairs) {
    if ((each.set & tags) == 0) continue;
    auto const tag = each.*side;
    if (head.begins_with(tag)) return {match::whole, &each, head.written(tag.size())};
    if (head.may_become(tag)) out.what = match::begun;
  }
  return out;
}

bool thinking_tags::begin() {
  auto const blanks = leading_blanks(held_);
  if (blanks == held_.size() && blanks <= most_blanks) return false;
  auto const tag = blanks == held_.size() ? hit() : find(&tag_pair::open, blanks, rules_.tags);
  if (tag.what == match::begun) return false;
  if (tag.what == match::whole) {
    held_.erase(0, blanks);
    dropping_ = reasoning_came_;
    open(tag);
    return true;
  }
  bool const thinks = rules_.starts_inside && !reasoning_came_;
  state_ = thinks ? state::inside : state::body;
  fresh_ = thinks;
  closers_ = rules_.tags;
  return true;
}

void thinking_tags::open(hit const& tag) {
  held_.erase(0, tag.written);
  at_ = 0;
  state_ = state::inside;
  fresh_ = true;
  opened_ = true;
  closers_ = tag.which->set;
}

// ---- inside ----------------------------------------------------------------------------------------------------

bool thinking_tags::think_on(findings& out) {
  if (fresh_) {
    held_.erase(0, leading_blanks(held_));
    if (held_.empty()) return false;
    fresh_ = false;
  }
  while (true) {
    at_ = find_any(held_, at_, starts_);
    if (at_ == held_.size()) break;
    auto const tag = find(&tag_pair::close, at_, closers_);
    if (tag.what == match::begun) break;
    if (tag.what == match::whole) {
      auto const words = at_ - trailing_blanks(chat::raw_text(held_).substr(0, at_));
      auto const past = at_ + tag.written;
      held_.erase(words, past - words);
      reason(words, out);
      at_ = 0;
      opened_ = true;
      dropping_ = false;
      state_ = state::after;
      return true;
    }
    at_ += first_character(chat::raw_text(held_).substr(at_)).written;
  }
  auto const blanks = trailing_blanks(chat::raw_text(held_).substr(0, at_));
  reason(blanks > most_blanks ? at_ : at_ - blanks, out);
  return false;
}

/// Gives the first `size` bytes of what is held as reasoning.
void thinking_tags::reason(std::size_t size, findings& out) {
  auto const words = chat::raw_text(held_).substr(0, size);
  if (!dropping_) out.add(finding::kind::reasoning, words);
  if (!opened_ && keeps_unopened_) {
    keeps_unopened_ = unopened_.size() + words.size() <= most_unopened;
    keeps_unopened_ ? void(unopened_.append(words)) : unopened_.clear();
  }
  held_.erase(0, size);
  at_ -= std::min(at_, size);
}

// ---- the answer ------------------------------------------------------------------------------------------------

bool thinking_tags::answer(findings& out) {
  if (rules_.tags == 0 || (rules_.reopens == reopening::never && !drops_closer())) {
    say(held_.size(), out);
    return false;
  }
  while (true) {
    at_ = code_.skip(held_, at_, starts_);
    if (at_ == held_.size()) break;
    bool const code = code_.inside();
    auto const opener = find(&tag_pair::open, at_, rules_.tags);
    auto const closer = find(&tag_pair::close, at_, rules_.tags & droppable);
    if (opener.what == match::whole && !code) {
      bool const again = rules_.reopens == reopening::anywhere ||
                         (rules_.reopens == reopening::at_line_start && code_.at_line_start());
      if (again) {
        say(at_, out);
        open(opener);
        return true;
      }
    }
    if (closer.what == match::whole && !code && drops_closer()) {
      say(at_, out);
      held_.erase(0, closer.written);
      closed_unopened_ = true;
      return true;
    }
    if (opener.what == match::begun || closer.what == match::begun) break;
    if (opener.what == match::whole) opener_quoted_ = true;
    auto const next = first_character(chat::raw_text(held_).substr(at_));
    code_.take(next.bytes[0]);
    at_ += next.written;
  }
  say(at_, out);
  return false;
}

/// Gives the first `size` bytes of what is held as text.
void thinking_tags::say(std::size_t size, findings& out) {
  out.add(finding::kind::text, chat::raw_text(held_).substr(0, size));
  held_.erase(0, size);
  at_ -= std::min(at_, size);
}

}  // namespace recloser::dialects::model_text
