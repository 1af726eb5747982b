// The event stream of ConverseStream (providers-native.md §4.6), one event of ours for each of theirs. It is whole when
// `messageStop` came; the figures come after it, in `metadata` (§7 row 19).

#include <algorithm>
#include <iterator>
#include <optional>

#include "dialects/anthropic/tools.hpp"
#include "dialects/bedrock_converse/converse.hpp"
#include "dialects/bedrock_converse/error.hpp"
#include "dialects/bedrock_converse/words.hpp"
#include "dialects/broken_answer.hpp"
#include "dialects/json.hpp"
#include "dialects/json_values.hpp"
#include "net/framing/aws_event_stream.hpp"

namespace recloser::dialects::bedrock_converse {

using chat::event_kind;
using chat::raw_json;

namespace {

enum class block_type { unknown, text, thinking, tool_use, answer_tool, providers_own };

/// A content block that has begun and not stopped. Only those of tools announce themselves.
struct open_block {
  std::int64_t position = 0;  ///< `contentBlockIndex`
  block_type type = block_type::unknown;
  int number = 0;  ///< among its like: tool calls from 0, thinking blocks from 0
  bool has_arguments = false;
  std::int64_t first_character = 0;  ///< of the answer, counted up to where this block begins
  std::vector<std::string> citations;
};

constexpr std::size_t most_open_blocks = 64;  // they come one after another; this bounds who does it otherwise
constexpr std::size_t most_citations = 256;   // of one block

using step = event_source::step;
using message = net::aws_event_stream_reader::message;

struct state {
  /// Reads one event's members into `out`. True when `out` is something to tell.
  using handler = bool (state::*)(chat::event& out);

  struct type_row {
    std::string_view type;
    handler read;
  };

  // ---- what a message is ---------------------------------------------------------------------------------------

  step read(message const& from, chat::event& out) {
    auto const kind = from.text(":message-type");
    if (kind == "error") return fail(fault_of(0, from.text(":error-code"), from.text(":error-message")));
    if (kind == "exception") return fail(exception(from));
    static constexpr type_row types[] = {
        {"contentBlockDelta", &state::block_delta}, {"contentBlockStart", &state::block_start},
        {"contentBlockStop", &state::block_stop},   {"messageStart", &state::message_start},
        {"messageStop", &state::message_stop},      {"metadata", &state::metadata},
    };
    auto const row = std::ranges::find(types, from.text(":event-type"), &type_row::type);
    if (row == std::end(types)) return step::need_more;  // what is yet to come
    if (auto scanned = json::scan_object(from.payload, members); !scanned) {
      return fail(interrupted("an event of the provider's stream cannot be read: " + scanned.error().message));
    }
    bool const told = (this->*row->read)(out);
    return broken ? step::broken : told ? step::event : step::need_more;
  }

  chat::fault exception(message const& from) {
    auto const name = from.text(":exception-type");
    return json::scan_object(from.payload, members) ? fault_of_exception(name, from.payload)
                                                    : fault_of(0, name, from.payload);
  }

  step fail(chat::fault why) {
    broken = std::move(why);
    return step::broken;
  }

  raw_json member(std::string_view key) const {
    auto const found = std::ranges::find(members, key, &json::member::key);
    return found == members.end() ? raw_json() : json::unless_null(found->value);
  }

  std::int64_t position() const { return json::integer_of(member("contentBlockIndex")).value_or(0); }

  open_block* find_block() {
    auto const found = std::ranges::find(blocks, position(), &open_block::position);
    return found == blocks.end() ? nullptr : &*found;
  }

  open_block& begin_block() {
    auto const place = position();
    std::erase_if(blocks, [&](auto const& each) { return each.position == place; });
    if (blocks.size() == most_open_blocks) blocks.erase(blocks.begin());
    auto& fresh = blocks.emplace_back();
    fresh.position = place;
    fresh.first_character = characters;
    return fresh;
  }

  // ---- the message ---------------------------------------------------------------------------------------------

  bool message_start(chat::event& out) {
    out.kind = event_kind::start;
    return true;
  }

  bool message_stop(chat::event& out) {
    if (finished) return false;
    auto const how = ending_of(member("stopReason"), tool_count > 0);
    if (how.malformed && !said_anything) {
      fail(malformed_answer());
      return false;
    }
    finished = true;
    out.kind = event_kind::finish;
    out.finish = how.finish == chat::finish_reason::none ? chat::finish_reason::stop : how.finish;
    out.usage = usage;
    return true;
  }

  bool metadata(chat::event& out) {
    usage = usage_of(member("usage"));
    return finished && end(out);
  }

  bool end(chat::event& out) {
    whole = true;
    out.kind = event_kind::end;
    out.usage = usage;
    return true;
  }

  // ---- blocks --------------------------------------------------------------------------------------------------

  bool block_start(chat::event& out) {
    auto& fresh = begin_block();
    auto const tool = json::find(member("start"), "toolUse");
    if (json::kind_of(tool) != json::kind::object) return false;
    out.name = json::text_of(json::find(tool, "name"));
    if (is_providers_own(tool) || out.name == anthropic::answer_tool) {
      fresh.type = is_providers_own(tool) ? block_type::providers_own : block_type::answer_tool;
      return false;
    }
    said_anything = true;
    fresh.type = block_type::tool_use;
    fresh.number = tool_count++;  // blocks are counted, calls are numbered (§7 row 16)
    out.kind = event_kind::tool_start;
    out.index = fresh.number;
    out.id = json::text_of(json::find(tool, "toolUseId"));
    return true;
  }

  bool block_delta(chat::event& out) {
    static constexpr type_row types[] = {
        {"text", &state::text_delta},
        {"toolUse", &state::tool_delta},
        {"reasoningContent", &state::reasoning_delta},
        {"citation", &state::citation_delta},
    };
    if (!json::members_of(member("delta"), deltas)) return false;
    for (auto const& each : deltas) {
      auto const row = std::ranges::find(types, each.key, &type_row::type);
      if (row == std::end(types)) continue;
      content = json::unless_null(each.value);
      block = find_block();
      if (!block && each.key == "toolUse") return false;  // its beginning never came
      if (!block) block = &begin_block();
      return (this->*row->read)(out);
    }
    return false;
  }

  bool say(event_kind kind, chat::raw_text text, chat::event& out) {
    out.kind = kind;
    out.text = text;
    said_anything = said_anything || !text.empty();
    return !text.empty();
  }

  bool text_delta(chat::event& out) {
    if (block->type == block_type::unknown) block->type = block_type::text;
    auto const text = json::text_of(content);
    characters += count_characters(text);
    return say(event_kind::text, text, out);
  }

  /// Pieces are not JSON each for itself (an escape may be cut in two), so they are passed on unread (§7 row 29).
  bool tool_delta(chat::event& out) {
    auto const piece = json::text_of(json::find(content, "input"));
    if (piece.empty() || !is_call(*block)) return false;
    block->has_arguments = true;
    return tell_arguments(*block, piece, out);
  }

  static bool is_call(open_block const& of) {
    return of.type == block_type::tool_use || of.type == block_type::answer_tool;
  }

  /// The arguments of the stand-in for structured output are the answer's text; in either place they are escaped alike.
  bool tell_arguments(open_block const& of, chat::raw_text piece, chat::event& out) {
    out.index = of.number;
    return say(of.type == block_type::answer_tool ? event_kind::text : event_kind::tool_arguments, piece, out);
  }

  bool reasoning_delta(chat::event& out) {
    if (auto const data = json::text_of(json::find(content, "redactedContent")); !data.empty()) {
      out.index = thinking_count++;
      return say(event_kind::redacted, data, out);
    }
    if (block->type == block_type::unknown) {
      block->type = block_type::thinking;
      block->number = thinking_count++;
    }
    out.index = block->number;
    if (auto const seal = json::text_of(json::find(content, "signature")); !seal.empty()) {
      return say(event_kind::signature, seal, out);
    }
    return say(event_kind::reasoning, json::text_of(json::find(content, "text")), out);
  }

  /// Kept until the block ends: only then is it known which words are cited. They come before those words.
  bool citation_delta(chat::event&) {
    if (block->citations.size() < most_citations) block->citations.emplace_back(content);
    return false;
  }

  bool block_stop(chat::event& out) {
    block = find_block();
    if (!block) return false;
    stopped = std::move(*block);  // `out` will point into it
    blocks.erase(blocks.begin() + (block - blocks.data()));
    block = nullptr;
    if (is_call(stopped) && !stopped.has_arguments)
      return tell_arguments(stopped, "{}", out);  // none is `{}` (§7 row 17)
    return tell_citations(out);
  }

  bool tell_citations(chat::event& out) {
    text_range const where{stopped.first_character, characters};
    out.index = citation_count;
    annotations = "[";
    for (auto const& each : stopped.citations) {
      if (append_citation(each, where, citation_count, annotations)) ++citation_count;
    }
    annotations += ']';
    out.kind = event_kind::annotations;
    out.text = annotations;
    return citation_count > out.index;
  }

  net::aws_event_stream_reader frames;
  std::vector<json::member> members;  // of the event
  std::vector<json::member> deltas;   // of its `delta`
  raw_json content;                   // what the delta holds
  std::vector<open_block> blocks;
  open_block* block = nullptr;  // the one that the delta is about
  open_block stopped;
  std::string annotations;
  chat::usage usage;
  std::int64_t characters = 0;  // of the answer so far
  int tool_count = 0;
  int thinking_count = 0;
  int citation_count = 0;
  bool said_anything = false;
  bool finished = false;
  bool whole = false;
  std::optional<chat::fault> broken;
};

class event_reader final : public event_source {
 public:
  void feed(std::string_view bytes) override {
    if (!state_.whole && !state_.broken) state_.frames.feed(bytes);  // nothing that comes later is read
  }

  step next(chat::event& out) override {
    while (!state_.broken && !state_.whole && state_.frames.next(message_)) {
      out = {};
      if (auto const found = state_.read(message_, out); found != step::need_more) return found;
    }
    if (state_.whole || state_.broken) return state_.broken ? step::broken : step::need_more;
    auto const problem = state_.frames.error();
    bool const unreadable = problem != net::aws_event_stream_reader::problem::none;
    if (!unreadable && !ended_) return step::need_more;
    if (state_.finished) return out = {}, state_.end(out), step::event;  // the figures never came
    return state_.fail(interrupted(unreadable
                                       ? "the provider's stream cannot be read: " + std::string(net::to_string(problem))
                                       : "the provider's stream ended before the answer was whole"));
  }

  void finish() override { ended_ = true; }

  chat::fault const& fault() const override {
    static chat::fault const none = interrupted({});
    return state_.broken ? *state_.broken : none;
  }

 private:
  state state_;
  message message_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<event_source> new_events() { return std::make_unique<event_reader>(); }

}  // namespace recloser::dialects::bedrock_converse
