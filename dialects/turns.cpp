#include "dialects/turns.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "dialects/json.hpp"
#include "dialects/text_document.hpp"
#include "dialects/tool_ids.hpp"

namespace recloser::dialects {

using chat::part_kind;
using chat::role;

namespace {

block text_block(chat::raw_text text, chat::raw_json cache_control = {}) {
  block out;
  out.text = text;
  out.cache_control = cache_control;
  return out;
}

bool is_image_type(chat::raw_text media_type) { return media_type.starts_with("image/"); }

/// What a part becomes in a user turn or inside a tool result, or in an assistant turn.
struct part_row {
  part_kind part;
  block_kind block;
  bool from_user;
  bool from_assistant;
};

constexpr part_row part_rows[] = {
    {part_kind::text, block_kind::text, true, true},
    {part_kind::refusal, block_kind::text, true, true},
    {part_kind::image, block_kind::image, true, false},
    {part_kind::document, block_kind::document, true, false},
    {part_kind::thinking, block_kind::thinking, false, true},
    {part_kind::redacted_thinking, block_kind::redacted_thinking, false, true},
    {part_kind::tool_call, block_kind::tool_use, false, true},
};

bool is_blank_text(block const& what) { return what.kind == block_kind::text && json::is_blank(what.text); }

/// Cache markers on thinking are a 400 (§1.7).
bool may_be_marked(block const& what) {
  return what.kind != block_kind::thinking && what.kind != block_kind::redacted_thinking;
}

/// The API refuses thinking that its own signature does not seal.
bool is_unsealed(chat::part const& part) { return part.kind == part_kind::thinking && part.signature.empty(); }

class turn_builder {
 public:
  turn_builder(conversation& out, turn_rules const& rules) : out_(out), rules_(rules), ids_(out.store, rules.ids) {}

  chat::result<void> add(chat::message const& message, std::size_t index) {
    index_ = index;
    bool const system = message.from == role::system || message.from == role::developer;
    if (system && at_ == side::nobody) return add_parts(message, out_.system);
    if (message.from == role::assistant) return add_assistant(message);
    if (message.from == role::tool) return add_tool_result(message);
    enter_user();  // a later system message is said in the user's turn
    return add_parts(message, rest_);
  }

  void finish() {
    bool const calls_open = at_ == side::assistant && !calls_.empty();
    if (at_ == side::nobody || calls_open) enter_user();
    close();
  }

 private:
  enum class side { nobody, user, assistant };

  void enter_user() {
    if (at_ == side::user) return;
    close();
    at_ = side::user;
  }

  void enter_assistant() {
    if (at_ == side::assistant) return;
    if (at_ == side::nobody) at_ = side::user;  // the first turn must be the user's
    close();
    at_ = side::assistant;
  }

  /// Writes the turn that is under way.
  void close() {
    if (at_ == side::user) close_user();
    if (at_ == side::assistant) close_assistant();
    results_.clear();
    rest_.clear();
    calls_.clear();
  }

  void close_user() {
    for (auto const id : ids_.close()) {
      auto& missing = results_.emplace_back();
      missing.kind = block_kind::missing_result;
      missing.id = id;
    }
    std::ranges::copy(rest_, std::back_inserter(results_));
    if (results_.empty()) results_.push_back(text_block(filler));
    out_.turns.push_back({false, std::move(results_)});
  }

  /// Calls stand last, also when several messages were merged: their answers come right after.
  void close_assistant() {
    std::ranges::copy(calls_, std::back_inserter(rest_));
    out_.turns.push_back({true, std::move(rest_)});
  }

  chat::result<void> add_assistant(chat::message const& message) {
    std::vector<block> said;
    if (auto done = add_parts(message, said); !done) return done;
    if (said.empty()) return {};  // nothing to say: its neighbours become one turn
    enter_assistant();
    for (auto& each : said) {
      bool const call = each.kind == block_kind::tool_use;
      if (call) each.id = ids_.open(each.part->id);
      (call ? calls_ : rest_).push_back(each);
    }
    out_.has_tools = out_.has_tools || !calls_.empty();
    return {};
  }

  chat::result<void> add_tool_result(chat::message const& message) {
    if (at_ == side::nobody) return add_orphan(message);
    enter_user();
    auto const id = ids_.answer(message.tool_call_id);
    if (id.empty()) return add_orphan(message);
    block answer;
    answer.kind = block_kind::tool_result;
    answer.id = id;
    if (auto done = add_parts(message, answer.inner); !done) return done;
    if (!answer.inner.empty()) answer.cache_control = answer.inner.back().cache_control;
    for (auto& each : answer.inner) each.cache_control = {};  // one marker, on the whole result
    if (answer.cache_control.empty()) answer.cache_control = message.cache_control;
    results_.push_back(std::move(answer));
    return {};
  }

  /// An answer to a call that is not there is refused upstream; what it says may still matter.
  chat::result<void> add_orphan(chat::message const& message) {
    enter_user();
    auto const label = fmt::format("Result of an earlier tool call{}{}:", message.tool_call_id.empty() ? "" : " ",
                                   message.tool_call_id);
    rest_.push_back(text_block(out_.store.keep(label)));
    return add_parts(message, rest_);
  }

  chat::result<void> add_parts(chat::message const& message, std::vector<block>& to) {
    auto const before = to.size();
    bool const assistant = message.from == role::assistant;
    for (auto const& part : message.parts) {
      if (auto done = check(part, !assistant); !done) return done;
      if (is_unsealed(part)) continue;
      auto made = block_of(part);
      if (rules_.text_files_as_words && is_text_document(part)) {
        auto text = text_of_base64(part.data);
        if (!text) return refuse("a text file must be UTF-8 in base64");
        made.text = out_.store.keep(std::move(*text));
      }
      if (!is_blank_text(made)) to.push_back(made);
    }
    bool const marked = to.size() > before && !message.cache_control.empty() && may_be_marked(to.back());
    if (marked) to.back().cache_control = message.cache_control;
    return {};
  }

  static block block_of(chat::part const& part) {
    auto out = text_block(part.text, part.cache_control);
    out.kind = std::ranges::find(part_rows, part.kind, &part_row::part)->block;
    if (out.kind == block_kind::document && is_image_type(part.media_type)) out.kind = block_kind::image;
    out.part = &part;
    if (!may_be_marked(out)) out.cache_control = {};
    return out;
  }

  chat::result<void> check(chat::part const& part, bool user) const {
    auto const row = std::ranges::find(part_rows, part.kind, &part_row::part);
    if (row == std::end(part_rows)) return refuse("this model takes no audio");
    if (!(user ? row->from_user : row->from_assistant)) {
      return refuse(user ? "only an assistant message may hold this part"
                         : "this model takes no images or files in an assistant message");
    }
    if (part.kind != part_kind::image && part.kind != part_kind::document) return {};
    auto problem = rules_.media_problem(part);
    return problem.empty() ? chat::result<void>() : refuse(std::move(problem));
  }

  chat::fault refuse(std::string message) const {
    return chat::bad_request(std::move(message), "unsupported_value", fmt::format("messages[{}].content", index_));
  }

  conversation& out_;
  turn_rules const& rules_;
  tool_ids ids_;
  side at_ = side::nobody;
  std::size_t index_ = 0;
  std::vector<block> results_;  // the user turn's head
  std::vector<block> rest_;     // of either turn
  std::vector<block> calls_;    // the assistant turn's tail
};

}  // namespace

chat::result<conversation> take_turns(chat::request const& wanted, turn_rules const& rules) {
  conversation out;
  turn_builder builder(out, rules);
  for (std::size_t i = 0; i < wanted.messages.size(); ++i) {
    if (auto done = builder.add(wanted.messages[i], i); !done) return done.error();
  }
  builder.finish();
  return out;
}

// ---- prefill ---------------------------------------------------------------------------------------------------

namespace {

constexpr std::string_view go_on = "Continue.";

/// Without the white space at its end, written or escaped.
chat::raw_text trimmed(chat::raw_text text) {
  while (!text.empty()) {
    char const last = text.back();
    if (last == ' ') {
      text.remove_suffix(1);
      continue;
    }
    if (last != 'n' && last != 't' && last != 'r') return text;
    auto const letters = text.substr(0, text.size() - 1);
    auto const backslashes = letters.size() - (letters.find_last_not_of('\\') + 1);
    if (backslashes % 2 == 0) return text;  // a letter, or a backslash and a letter
    text.remove_suffix(2);
  }
  return text;
}

}  // namespace

void settle_prefill(conversation& talk, bool allowed, loss_report& lost) {
  auto& last = talk.turns.back();
  if (!last.assistant) return;
  if (!allowed) {
    lost.add("messages (prefill)");
    talk.turns.push_back({false, {text_block(go_on)}});
    return;
  }
  auto& end = last.blocks.back();
  if (end.kind == block_kind::text) end.text = trimmed(end.text);
}

}  // namespace recloser::dialects
