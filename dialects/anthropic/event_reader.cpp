// The event stream of a message, one event of ours for each of theirs (providers-native.md §1.9). What is read from an
// event is its `type`, not the name on its `event:` line: some look-alikes leave that out.

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "dialects/anthropic/error.hpp"
#include "dialects/anthropic/messages.hpp"
#include "dialects/anthropic/tools.hpp"
#include "dialects/anthropic/usage.hpp"
#include "dialects/anthropic/words.hpp"
#include "dialects/broken_answer.hpp"
#include "dialects/json.hpp"
#include "dialects/json_scan.hpp"
#include "dialects/json_values.hpp"
#include "net/framing/sse.hpp"

namespace recloser::dialects::anthropic {

using chat::event_kind;
using chat::raw_json;

namespace {

enum class block_type { other, text, thinking, tool_use, answer_tool };

/// A content block that has begun and not stopped.
struct open_block {
  std::int64_t position = 0;  ///< `index`
  block_type type = block_type::other;
  int number = 0;  ///< among its like: tool calls from 0, thinking blocks from 0
  bool has_arguments = false;
  std::int64_t first_character = 0;  ///< of the answer, counted up to where this block begins
  std::string early_input;           ///< arguments that came with the start; escaped
  std::vector<std::string> citations;
};

constexpr std::size_t most_open_blocks = 64;  // they come one after another; this bounds who does it otherwise
constexpr std::size_t most_citations = 256;   // of one block

using step = event_source::step;

struct state {
  /// Reads one event's members into `out`. True when `out` is something to tell.
  using handler = bool (state::*)(chat::event& out);

  struct type_row {
    std::string_view type;
    handler read;
  };

  // ---- what an event consists of -------------------------------------------------------------------------------

  raw_json member(std::string_view key) const {
    auto const found = std::ranges::find(members, key, &json::member::key);
    return found == members.end() ? raw_json() : json::unless_null(found->value);
  }

  open_block* block_of_event() {
    auto const position = json::integer_of(member("index")).value_or(0);
    auto const found = std::ranges::find(blocks, position, &open_block::position);
    return found == blocks.end() ? nullptr : &*found;
  }

  step read(net::sse_reader::event const& from, chat::event& out) {
    if (from.data == "[DONE]") return step::need_more;  // look-alikes send it; it ends nothing here
    if (auto scanned = json::scan_object(from.data, members); !scanned) {
      return fail(interrupted("an event of the provider's stream cannot be read: " + scanned.error().message));
    }
    static constexpr type_row types[] = {
        {"content_block_delta", &state::block_delta}, {"content_block_start", &state::block_start},
        {"content_block_stop", &state::block_stop},   {"message_start", &state::message_start},
        {"message_delta", &state::message_delta},     {"message_stop", &state::message_stop},
    };
    auto type = json::text_of(member("type"));
    if (type.empty()) type = from.name;
    auto const row = std::ranges::find(types, type, &type_row::type);
    if (row != std::end(types)) return (this->*row->read)(out) ? step::event : step::need_more;
    bool const failed = type == "error" || (type.empty() && !member("error").empty());
    return failed ? fail(read_error_object(200, member("error"))) : step::need_more;  // ping, and what is yet to come
  }

  step fail(chat::fault why) {
    broken = std::move(why);
    return step::broken;
  }

  // ---- the message ---------------------------------------------------------------------------------------------

  bool message_start(chat::event& out) {
    auto const message = member("message");
    out.kind = event_kind::start;
    out.id = json::text_of(json::find(message, "id"));
    out.model = json::text_of(json::find(message, "model"));
    counts.read(json::find(message, "usage"));
    out.usage = counts.buckets();
    return true;
  }

  /// May come more than once; the first reason counts, the last figures do.
  bool message_delta(chat::event& out) {
    counts.read(member("usage"));
    auto const change = member("delta");
    auto const reason = finish_of(json::find(change, "stop_reason"));
    if (reason == chat::finish_reason::none || finished) return false;
    finished = true;
    out.kind = event_kind::finish;
    out.finish = reason == chat::finish_reason::tool_calls && tool_count == 0 ? chat::finish_reason::stop : reason;
    out.usage = counts.buckets();
    auto const words = json::text_of(json::find(json::unless_null(json::find(change, "stop_details")), "explanation"));
    if (reason != chat::finish_reason::content_filter || words.empty()) return true;
    postponed = out;
    out = {};
    out.kind = event_kind::refusal;
    out.text = words;
    return true;
  }

  bool message_stop(chat::event& out) {
    whole = true;
    out.kind = event_kind::end;
    out.usage = counts.buckets();
    return true;
  }

  // ---- blocks --------------------------------------------------------------------------------------------------

  bool block_start(chat::event& out) {
    static constexpr type_row types[] = {
        {"text", &state::text_start},
        {"thinking", &state::thinking_start},
        {"redacted_thinking", &state::redacted_start},
        {"tool_use", &state::tool_start},
    };
    content = member("content_block");
    open();
    auto const row = std::ranges::find(types, json::text_of(json::find(content, "type")), &type_row::type);
    return row != std::end(types) && (this->*row->read)(out);
  }

  void open() {
    auto const position = json::integer_of(member("index")).value_or(0);
    std::erase_if(blocks, [&](auto const& each) { return each.position == position; });
    if (blocks.size() == most_open_blocks) blocks.erase(blocks.begin());
    block = &blocks.emplace_back();
    block->position = position;
    block->first_character = characters;
  }

  /// A block may begin with words; as a rule it begins empty.
  bool say(event_kind kind, raw_json text, chat::event& out) {
    out.kind = kind;
    out.text = json::text_of(text);
    if (kind == event_kind::text) characters += count_characters(out.text);
    return !out.text.empty();
  }

  bool text_start(chat::event& out) {
    block->type = block_type::text;
    return say(event_kind::text, json::find(content, "text"), out);
  }

  bool thinking_start(chat::event& out) {
    block->type = block_type::thinking;
    block->number = thinking_count++;
    return say(event_kind::reasoning, json::find(content, "thinking"), out);
  }

  bool redacted_start(chat::event& out) {
    out.index = thinking_count++;
    return say(event_kind::redacted, json::find(content, "data"), out);
  }

  /// OpenAI counts calls, Anthropic blocks: the first call is 0, whatever stands before it (§7 row 16).
  bool tool_start(chat::event& out) {
    auto const input = json::unless_null(json::find(content, "input"));
    if (!input.empty() && input != "{}") block->early_input = json::escaped(input);
    out.name = json::text_of(json::find(content, "name"));
    if (out.name == answer_tool) {
      block->type = block_type::answer_tool;
      return false;
    }
    block->type = block_type::tool_use;
    block->number = tool_count++;
    out.kind = event_kind::tool_start;
    out.index = block->number;
    out.id = json::text_of(json::find(content, "id"));
    return true;
  }

  // ---- deltas --------------------------------------------------------------------------------------------------

  bool block_delta(chat::event& out) {
    static constexpr type_row types[] = {
        {"text_delta", &state::text_delta},           {"input_json_delta", &state::input_delta},
        {"thinking_delta", &state::thinking_delta},   {"signature_delta", &state::signature_delta},
        {"citations_delta", &state::citations_delta},
    };
    if (!json::members_of(member("delta"), delta)) return false;
    block = block_of_event();
    auto const row = std::ranges::find(types, json::text_of(delta_member("type")), &type_row::type);
    return row != std::end(types) && (this->*row->read)(out);
  }

  raw_json delta_member(std::string_view key) const {
    auto const found = std::ranges::find(delta, key, &json::member::key);
    return found == delta.end() ? raw_json() : found->value;
  }

  bool text_delta(chat::event& out) { return say(event_kind::text, delta_member("text"), out); }
  bool thinking_delta(chat::event& out) { return say(event_kind::reasoning, delta_member("thinking"), out); }

  bool signature_delta(chat::event& out) {
    out.index = block ? block->number : 0;
    return say(event_kind::signature, delta_member("signature"), out);
  }

  /// Pieces are not JSON each for itself (an escape may be cut in two), so they are passed on unread (§7 row 29).
  bool input_delta(chat::event& out) {
    auto const piece = json::text_of(delta_member("partial_json"));
    if (!block || piece.empty()) return false;
    if (block->type != block_type::tool_use && block->type != block_type::answer_tool) return false;
    block->has_arguments = true;
    return tell_arguments(*block, piece, out);
  }

  /// The arguments of the stand-in for structured output are the answer's text; in either place they are escaped alike.
  bool tell_arguments(open_block const& of, chat::raw_text piece, chat::event& out) {
    bool const answer = of.type == block_type::answer_tool;
    out.kind = answer ? event_kind::text : event_kind::tool_arguments;
    out.index = of.number;
    out.text = piece;
    return true;
  }

  /// Kept until the block ends: only then is it known which words are cited.
  bool citations_delta(chat::event&) {
    if (block && block->citations.size() < most_citations) block->citations.emplace_back(delta_member("citation"));
    return false;
  }

  // ---- the end of a block --------------------------------------------------------------------------------------

  bool block_stop(chat::event& out) {
    block = block_of_event();
    if (!block) return false;
    stopped = std::move(*block);  // `out` will point into it
    blocks.erase(blocks.begin() + (block - blocks.data()));
    bool const call = stopped.type == block_type::tool_use || stopped.type == block_type::answer_tool;
    if (call && !stopped.has_arguments) {
      if (stopped.early_input.empty()) stopped.early_input = "{}";  // no arguments are none, not nothing (§7 row 17)
      return tell_arguments(stopped, stopped.early_input, out);
    }
    return tell_citations(out);
  }

  bool tell_citations(chat::event& out) {
    text_range const where{stopped.first_character, characters};
    out.index = citation_count;
    annotations = "[";
    for (auto const& each : stopped.citations) {
      if (append_annotation(each, where, citation_count, annotations)) ++citation_count;
    }
    annotations += ']';
    out.kind = event_kind::annotations;
    out.text = annotations;
    return citation_count > out.index;
  }

  net::sse_reader sse;
  std::vector<json::member> members;  // of the event
  std::vector<json::member> delta;    // of its `delta`
  raw_json content;                   // its `content_block`
  std::vector<open_block> blocks;
  open_block* block = nullptr;  // the one that the event is about; null when it never began
  open_block stopped;
  std::string annotations;
  token_counts counts;
  std::int64_t characters = 0;  // of the answer so far
  int tool_count = 0;
  int thinking_count = 0;
  int citation_count = 0;
  bool finished = false;
  bool whole = false;
  std::optional<chat::event> postponed;
  std::optional<chat::fault> broken;
};

class event_reader final : public event_source {
 public:
  void feed(std::string_view bytes) override {
    if (!state_.whole && !state_.broken) state_.sse.feed(bytes);  // nothing that comes later is read
  }

  step next(chat::event& out) override {
    if (state_.postponed) {
      out = *state_.postponed;
      state_.postponed.reset();
      return step::event;
    }
    net::sse_reader::event from;
    while (!state_.broken && !state_.whole && state_.sse.next(from)) {
      out = {};
      if (auto const found = state_.read(from, out); found != step::need_more) return found;
    }
    if (state_.sse.overflowed()) state_.broken = interrupted("an event of the provider's stream is too long");
    if (ended_ && !state_.whole && !state_.broken) {
      state_.broken = interrupted("the provider's stream ended before the answer was whole");
    }
    return state_.broken ? step::broken : step::need_more;
  }

  void finish() override {
    feed("\n\n");  // the last event may lack the blank line that ends it
    ended_ = true;
  }

  chat::fault const& fault() const override {
    static chat::fault const none = interrupted({});
    return state_.broken ? *state_.broken : none;
  }

 private:
  state state_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<event_source> new_events() { return std::make_unique<event_reader>(); }

dialect const messages = {
    .name = "anthropic",
    .path = [](std::string_view, bool) -> std::string { return "/v1/messages"; },
    .write_request = [](chat::request const& wanted, std::string_view model, std::string& out,
                        std::vector<std::string>& dropped) { return write_request(wanted, model, out, dropped); },
    .read_reply = read_reply,
    .read_error = read_error,
    .new_events = new_events,
    .stream_type = "text/event-stream",
};

}  // namespace recloser::dialects::anthropic
