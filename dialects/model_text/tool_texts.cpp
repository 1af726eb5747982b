#include "dialects/model_text/tool_texts.hpp"

#include <algorithm>
#include <utility>

#include "dialects/json.hpp"
#include "dialects/model_text/escaped_text.hpp"

namespace recloser::dialects::model_text {

namespace {

// §18.4 rule 9.
constexpr std::size_t most_calls = 128;
constexpr std::size_t most_held = 1u << 20;
constexpr std::size_t most_held_unmarked = 64u << 10;
constexpr std::size_t most_blanks = 1u << 10;  // white space that is held back
constexpr std::size_t most_false_bytes = 4u << 20;

}  // namespace

tool_texts::tool_texts(tool_text_rules const& rules, offered_tools const& tools) : rules_(rules), tools_(tools) {
  if (tools.empty()) {
    rules_.grammars = 0;
    rules_.unmarked = false;
  }
  auto const add_start = [this](std::string_view marker) {
    if (starts_.find(marker.front()) == std::string::npos) starts_ += marker.front();
  };
  for (auto const& each : model_text::grammars()) {
    if ((each.sets & rules_.grammars) == 0) continue;
    grammars_.push_back(&each);
    add_start(each.marker);
  }
  for (auto const leak : rules_.leaks) add_start(leak);
  off_ = starts_.empty() && !rules_.unmarked;
}

void tool_texts::feed(chat::raw_text piece, findings& out) {
  if (piece.empty()) return;
  if (off_) return out.add(rules_.text, piece);
  held_.append(piece);
  while (step(out)) {
  }
}

void tool_texts::finish(bool may_mend, findings& out) {
  ended_ = true;
  may_mend_ = may_mend;
  while (!off_ && step(out)) {
  }
  if (after_call_ || !waiting_.empty()) held_.erase(0, leading_blanks(held_));
  say(held_.size(), out);
  for (auto& each : waiting_) out.add(std::move(each));
  calls_ += waiting_.size();
  waiting_.clear();
}

void tool_texts::give_back(findings& out) {
  if (block_) take_as_text(out);
  waiting_.clear();
  out.add(rules_.text, std::exchange(waiting_text_, {}));
  say(held_.size(), out);
}

/// False when more text is needed.
bool tool_texts::step(findings& out) {
  if (block_) return read_on(out);
  if (!pass_blanks()) return false;
  if (!started_) {
    auto const begun = begin_unmarked();
    if (begun == found::more) return false;
    started_ = true;
    if (begun == found::yes) return true;
  }
  while (true) {
    at_ = code_.skip(held_, at_, starts_);
    if (at_ == held_.size()) break;
    auto const here = find_marker();
    if (here.what == hit::kind::begun) break;
    if (here.what == hit::kind::leak) {
      say_before(at_, out);
      held_.erase(at_, here.written);
      continue;
    }
    if (here.what == hit::kind::marker) {
      say_before(at_, out);
      block_.emplace(block{here.how, block_reader(tools_), at_, here.written, at_});
      return true;
    }
    auto const next = first_character(chat::raw_text(held_).substr(at_));
    code_.take(next.bytes[0]);
    at_ += next.written;
  }
  say_before(at_, out);
  return false;
}

/// White space at the very beginning and behind a call is held until it is known what follows. False: nothing else yet.
bool tool_texts::pass_blanks() {
  auto const blanks = leading_blanks(held_);
  bool const only = blanks == held_.size();
  if (!waiting_.empty()) {
    waiting_text_.append(held_, 0, blanks);
    held_.erase(0, blanks);
    return !only;
  }
  if (after_call_) {
    if (gap_.empty()) gap_.assign(held_, 0, std::min(blanks, most_blanks));
    held_.erase(0, blanks);
    after_call_ = only;
    return !only;
  }
  return started_ || !only || blanks > most_blanks;
}

/// A whole answer that may be calls. A marker goes before it: `[` begins some of them.
found tool_texts::begin_unmarked() {
  if (!rules_.unmarked) return found::no;
  auto const blanks = leading_blanks(held_);
  if (blanks == held_.size()) return found::no;
  char const first = first_character(chat::raw_text(held_).substr(blanks)).bytes[0];
  if (first != '{' && first != '[') return found::no;
  at_ = blanks;
  auto const marker = find_marker().what;
  at_ = 0;
  if (marker == hit::kind::begun) return found::more;
  if (marker != hit::kind::none) return found::no;
  block_.emplace(block{&unmarked, block_reader(tools_), blanks, 0, blanks});
  return found::yes;
}

/// What begins at `at_`. In code nothing does.
tool_texts::hit tool_texts::find_marker() const {
  if (code_.inside()) return {};
  text_head const head(chat::raw_text(held_).substr(at_));
  hit out;
  auto const look = [&](std::string_view marker, hit::kind what, grammar const* how) {
    if (head.begins_with(marker)) {
      auto const written = head.written(marker.size());
      if (out.what <= hit::kind::begun || written > out.written) out = {what, how, written};
    } else if (out.what == hit::kind::none && !ended_ && head.may_become(marker)) {
      out.what = hit::kind::begun;
    }
  };
  for (auto const* each : grammars_) {
    if (!each->line_start || code_.at_line_start()) look(each->marker, hit::kind::marker, each);
  }
  for (auto const leak : rules_.leaks) look(leak, hit::kind::leak, nullptr);
  return out;
}

// ---- a block ---------------------------------------------------------------------------------------------------

bool tool_texts::read_on(findings& out) {
  auto& of = *block_;
  of.reader.add(json::decode(chat::raw_text(held_).substr(of.read)));
  of.read = held_.size();
  if (ended_) of.reader.end_text(may_mend_);
  auto got = of.reader.read(of.how->read, *of.how);
  auto const limit = of.how == &unmarked ? most_held_unmarked : most_held;
  if (got == found::more) {
    if (!ended_ && held_.size() - of.begin <= limit) return false;
    got = found::no;
  }
  if (calls_ + waiting_.size() + of.reader.calls.size() > most_calls) got = found::no;
  if (got == found::yes) {
    take_calls(out);
  } else {
    take_as_text(out);
  }
  return !off_;
}

void tool_texts::take_calls(findings& out) {
  auto of = std::move(*block_);
  block_.reset();
  auto const size = written_size(chat::raw_text(held_).substr(of.begin), of.reader.size());
  if (rules_.only_at_end) {
    waiting_text_.append(held_, 0, of.begin + size);
    for (auto& each : of.reader.calls) waiting_.push_back(std::move(each));
  } else {
    if (gap_.empty()) gap_.assign(held_, 0, of.begin);
    for (auto& each : of.reader.calls) out.add(std::move(each));
    calls_ += of.reader.calls.size();
    after_call_ = true;
  }
  held_.erase(0, of.begin + size);
  at_ = 0;
  if (waiting_text_.size() > most_held) {
    waiting_.clear();
    out.add(rules_.text, std::exchange(waiting_text_, {}));
  }
}

/// Goes on behind the marker: there may be another in what was held. What was held is looked at a second time, so a text
/// made of nothing but markers has to be given up at some point.
void tool_texts::take_as_text(findings& out) {
  auto const of = std::move(*block_);
  block_.reset();
  at_ = of.begin;
  if (of.marker > 0) {
    code_.take(of.how->marker.front());
    at_ += of.marker;
  }
  false_bytes_ += held_.size() - of.begin;
  if (false_bytes_ <= most_false_bytes) return;
  off_ = true;
  say(held_.size(), out);
}

// ---- text ------------------------------------------------------------------------------------------------------

/// Gives the first `size` bytes of what is held as text.
void tool_texts::say(std::size_t size, findings& out) {
  if (size == 0) return;
  if (!waiting_.empty()) {
    waiting_.clear();
    out.add(rules_.text, std::exchange(waiting_text_, {}));
  }
  if (said_) out.add(rules_.text, gap_);
  gap_.clear();
  out.add(rules_.text, chat::raw_text(held_).substr(0, size));
  said_ = true;
  held_.erase(0, size);
  at_ -= std::min(at_, size);
}

/// The same up to `place`, but for white space at its end: that stays when a call follows.
void tool_texts::say_before(std::size_t place, findings& out) {
  auto const blanks = trailing_blanks(chat::raw_text(held_).substr(0, place));
  say(blanks > most_blanks ? place : place - blanks, out);
}

}  // namespace recloser::dialects::model_text
