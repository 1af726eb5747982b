// The event stream of a response (providers-openai-shaped.md §4.3). What is read from an event is its `type`, not the
// name on its `event:` line: some look-alikes leave that out. Sequence numbers are not looked at.

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "dialects/broken_answer.hpp"
#include "dialects/url_citation.hpp"
#include "dialects/json.hpp"
#include "dialects/json_scan.hpp"
#include "dialects/json_values.hpp"
#include "dialects/openai_responses/answer.hpp"
#include "dialects/openai_responses/output_items.hpp"
#include "dialects/openai_responses/responses.hpp"
#include "dialects/openai_responses/usage.hpp"
#include "net/framing/sse.hpp"

namespace recloser::dialects::openai_responses {

using chat::event_kind;
using chat::raw_json;

namespace {

using step = event_source::step;

constexpr std::int64_t paragraph_length = 2;  // characters
constexpr std::size_t most_parts = 256;       // of an item that came without deltas

raw_json or_null(raw_json value) { return value.empty() ? raw_json("null") : value; }

class event_reader final : public event_source {
 public:
  void feed(std::string_view bytes) override {
    if (!whole_ && !broken_) sse_.feed(bytes);  // nothing that comes later is read
  }

  step next(chat::event& out) override {
    while (true) {
      if (told_ < events_.size()) {
        out = events_[told_++];
        return step::event;
      }
      events_.clear();
      told_ = 0;
      kept_ = {};
      net::sse_reader::event from;
      if (broken_ || whole_ || !sse_.next(from)) break;
      read(from);
    }
    if (sse_.overflowed()) broken_ = interrupted("an event of the provider's stream is too long");
    if (ended_ && !whole_ && !broken_) {
      broken_ = interrupted("the provider's stream ended before the answer was whole");
    }
    return broken_ ? step::broken : step::need_more;
  }

  void finish() override {
    feed("\n\n");  // the last event may lack the blank line that ends it
    ended_ = true;
  }

  chat::fault const& fault() const override {
    static chat::fault const none = interrupted({});
    return broken_ ? *broken_ : none;
  }

 private:
  struct type_row {
    std::string_view type;
    void (event_reader::*read)();
  };

  // ---- what an event consists of -------------------------------------------------------------------------------

  raw_json member(std::string_view key) const {
    auto const found = std::ranges::find(members_, key, &json::member::key);
    return found == members_.end() ? raw_json() : json::unless_null(found->value);
  }

  chat::raw_text text_of(std::string_view key) const { return json::text_of(member(key)); }

  void read(net::sse_reader::event const& from) {
    if (from.data == "[DONE]") return;  // look-alikes send it; it ends nothing here
    if (auto scanned = json::scan_object(from.data, members_); !scanned) {
      broken_ = interrupted("an event of the provider's stream cannot be read: " + scanned.error().message);
      return;
    }
    static constexpr type_row types[] = {
        {"response.output_text.delta", &event_reader::text_delta},
        {"response.function_call_arguments.delta", &event_reader::arguments_delta},
        {"response.reasoning_summary_text.delta", &event_reader::summary_delta},
        {"response.reasoning_text.delta", &event_reader::reasoning_delta},
        {"response.refusal.delta", &event_reader::refusal_delta},
        {"response.output_item.added", &event_reader::item_added},
        {"response.output_item.done", &event_reader::item_done},
        {"response.function_call_arguments.done", &event_reader::arguments_done},
        {"response.content_part.added", &event_reader::part_added},
        {"response.output_text.annotation.added", &event_reader::annotation_added},
        {"response.created", &event_reader::begin},
        {"response.queued", &event_reader::begin},
        {"response.in_progress", &event_reader::begin},
        {"response.completed", &event_reader::end},
        {"response.incomplete", &event_reader::end},
        {"response.failed", &event_reader::end},
        {"response.cancelled", &event_reader::end},
        {"response.done", &event_reader::end},
        {"error", &event_reader::failed},
    };
    type_ = text_of("type");
    if (type_.empty()) type_ = from.name;
    auto const row = std::ranges::find(types, type_, &type_row::type);
    if (row != std::end(types)) return (this->*row->read)();
    if (type_.empty() && !member("error").empty()) failed();  // everything else is of no concern, or yet to come
  }

  chat::event& tell(event_kind kind, chat::raw_text text = {}) {
    auto& event = events_.emplace_back();
    event.kind = kind;
    event.text = text;
    return event;
  }

  // ---- the response --------------------------------------------------------------------------------------------

  void begin() {
    if (begun_) return;
    begun_ = true;
    auto const response = member("response");
    auto& event = tell(event_kind::start);
    event.id = json::text_of(json::find(response, "id"));
    event.model = json::text_of(json::find(response, "model"));
  }

  void end() {
    auto const response = member("response");
    auto const status = status_of(response);
    if (is_failure(status)) {
      broken_ = failure_of(status, json::find(response, "error"));
      return;
    }
    begin();
    for (auto& item : items_.all()) finish_arguments(item, {});
    auto const usage = read_usage(json::find(response, "usage"));
    auto const details = json::find(response, "incomplete_details");
    auto& finish = tell(event_kind::finish);
    finish.finish = finish_of(status, details, calls_ > 0);
    finish.usage = usage;
    tell(event_kind::end).usage = usage;
    whole_ = true;
  }

  /// What the event is called counts, unless the response itself has a worse word.
  chat::raw_text status_of(raw_json response) const {
    constexpr std::string_view prefix = "response.";
    auto const status = json::text_of(json::find(response, "status"));
    bool const worse = status == "incomplete" || status == "failed" || status == "cancelled";
    auto const said = type_.substr(std::min(prefix.size(), type_.size()));
    return worse && !is_failure(said) ? status : said;
  }

  /// `code`, `message` and `param`, flat or in an object of their own; xAI has its message in `error`.
  void failed() {
    auto const inner = member("error");
    if (json::kind_of(inner) == json::kind::object) {
      broken_ = failure_of(type_, inner);
      return;
    }
    std::string flat;
    json::writer out(flat);
    out.open('{').key("message").raw(or_null(member("message").empty() ? inner : member("message")));
    for (auto const name : {"code", "param"}) out.key(name).raw(or_null(member(name)));
    out.close('}');
    broken_ = failure_of(type_, flat);
  }

  // ---- words ---------------------------------------------------------------------------------------------------

  void say(event_kind kind, chat::raw_text text) {
    if (text.empty()) return;
    if (auto* const item = items_.find(place())) item->said = true;
    if (kind == event_kind::text) {
      if (std::exchange(paragraph_due_, false)) say_text(paragraph);
      return say_text(text);
    }
    tell(kind, text);
  }

  void say_text(chat::raw_text text) {
    characters_ += count_characters(text);
    tell(event_kind::text, text);
  }

  void text_delta() { say(event_kind::text, text_of("delta")); }
  void refusal_delta() { say(event_kind::refusal, text_of("delta")); }

  void part_added() { part_start_ = characters_ + (paragraph_due_ ? paragraph_length : 0); }

  void annotation_added() {
    std::string list = "[";
    if (!append_annotation(member("annotation"), part_start_, annotation_count_, list)) return;
    list += ']';
    tell(event_kind::annotations, kept_.keep(std::move(list))).index = annotation_count_++;
  }

  // ---- reasoning -----------------------------------------------------------------------------------------------

  void summary_delta() { think(voice::summary, member("summary_index"), text_of("delta")); }
  void reasoning_delta() { think(voice::reasoning, member("content_index"), text_of("delta")); }

  /// A summary and the reasoning itself say the same twice: the one that comes first is heard.
  void think(voice who, raw_json part, chat::raw_text text) {
    if (text.empty()) return;
    auto* const item = items_.find(place());
    if (item && item->speaks != voice::nobody && item->speaks != who) return;
    if (item) item->speaks = who;
    thought const here{place().position, json::integer_of(part).value_or(0)};
    if (last_thought_ && *last_thought_ != here) tell(event_kind::reasoning, paragraph);
    last_thought_ = here;
    tell(event_kind::reasoning, text);
  }

  // ---- items ---------------------------------------------------------------------------------------------------

  item_place place() const {
    auto const item = member("item");
    auto id = item.empty() ? text_of("item_id") : json::text_of(json::find(item, "id"));
    return {json::integer_of(member("output_index")), id};
  }

  void item_added() {
    auto const item = member("item");
    auto& opened = items_.open(place(), type_of_item(item));
    if (opened.type == item_type::message) begin_message();
    if (opened.type == item_type::function_call) begin_call(opened, item);
    if (opened.type == item_type::other) seals_.forget();
  }

  void begin_message() {
    tell_seals({});
    paragraph_due_ = characters_ > 0;
    part_added();
  }

  /// Without a name yet it waits for the end of the item.
  void begin_call(output_item& call, raw_json item) {
    auto const name = json::text_of(json::find(item, "name"));
    if (name.empty()) return;
    auto const id = call_id_of(item);
    tell_seals(id);
    call.number = calls_++;
    if (json::find(item, "arguments").size() <= longest_kept) call.early_arguments = arguments_of(item);
    auto& event = tell(event_kind::tool_start);
    event.index = *call.number;
    event.id = id;
    event.name = name;
  }

  void tell_seals(chat::raw_text call_id) {
    for (auto& each : seals_.take(call_id)) {
      tell(event_kind::redacted, kept_.keep(std::move(each))).index = seal_count_++;
    }
  }

  /// Whoever sent no deltas sends the whole here.
  void item_done() {
    auto const item = member("item");
    auto const type = type_of_item(item);
    if (!items_.find(place())) item_added();
    auto* const found = items_.find(place());
    if (!found) return;
    auto& open = *found;
    if (type == item_type::message && !open.said) say_message(item);
    if (type == item_type::reasoning) end_reasoning(open, item);
    if (type == item_type::function_call) {
      if (!open.number) begin_call(open, item);
      finish_arguments(open, arguments_of(item));
    }
    items_.close(place());
  }

  void say_message(raw_json item) {
    std::size_t number = 0;
    json::trusted_scanner(json::find(item, "content")).array([&](raw_json part) {
      say(event_kind::text, json::text_of(json::find(part, "text")));
      say(event_kind::refusal, json::text_of(json::find(part, "refusal")));
      return ++number < most_parts;
    });
  }

  void end_reasoning(output_item& open, raw_json item) {
    seals_.add(json::text_of(json::find(item, "id")), json::text_of(json::find(item, "encrypted_content")));
    if (open.speaks != voice::nobody) return;
    say_thoughts(voice::summary, json::find(item, "summary"));
    say_thoughts(voice::reasoning, json::find(item, "content"));
  }

  void say_thoughts(voice who, raw_json parts) {
    std::size_t number = 0;
    json::trusted_scanner(parts).array([&](raw_json part) {
      auto const index = fmt::format_int(number++);
      think(who, raw_json(index.data(), index.size()), json::text_of(json::find(part, "text")));
      return number < most_parts;
    });
  }

  // ---- arguments -----------------------------------------------------------------------------------------------

  /// As inside a string. Some servers write the object itself.
  std::string arguments_of(raw_json item) const {
    auto const value = json::find(item, "arguments");
    return json::kind_of(value) == json::kind::object ? json::escaped(value) : std::string(json::text_of(value));
  }

  void arguments_delta() {
    auto* const call = items_.find(place());
    auto const piece = text_of("delta");
    if (!call || !call->number || piece.empty()) return;
    call->has_arguments = true;
    tell(event_kind::tool_arguments, piece).index = *call->number;
  }

  void arguments_done() {
    auto* const call = items_.find(place());
    if (call && !member("arguments").empty()) finish_arguments(*call, std::string(text_of("arguments")));
  }

  /// Tells them whole when no piece has come.
  void finish_arguments(output_item& call, std::string whole) {
    if (!call.number || call.has_arguments) return;
    call.has_arguments = true;
    if (whole.empty()) whole = call.early_arguments;
    if (whole.empty()) whole = "{}";  // no arguments are none, not nothing
    tell(event_kind::tool_arguments, kept_.keep(std::move(whole))).index = *call.number;
  }

  struct thought {
    std::optional<std::int64_t> item;
    std::int64_t part;
    bool operator==(thought const&) const = default;
  };

  net::sse_reader sse_;
  std::vector<json::member> members_;  // of the event
  std::string_view type_;              // of the event
  std::vector<chat::event> events_;    // ours for the event
  std::size_t told_ = 0;               // of them
  chat::store kept_;                   // texts of theirs that had to be made
  output_items items_;
  waiting_seals seals_;
  std::optional<thought> last_thought_;
  std::int64_t characters_ = 0;  // of the answer so far
  std::int64_t part_start_ = 0;  // of the part that is being said, in characters
  int calls_ = 0;
  int seal_count_ = 0;
  int annotation_count_ = 0;
  bool paragraph_due_ = false;
  bool begun_ = false;
  bool whole_ = false;
  bool ended_ = false;
  std::optional<chat::fault> broken_;
};

}  // namespace

std::unique_ptr<event_source> new_events() { return std::make_unique<event_reader>(); }

dialect const responses = {
    .name = "openai-responses",
    .path = [](std::string_view, bool) -> std::string { return "/responses"; },
    .write_request = write_request,
    .read_reply = read_reply,
    .read_error = read_error,
    .new_events = new_events,
    .stream_type = "text/event-stream",
};

}  // namespace recloser::dialects::openai_responses
