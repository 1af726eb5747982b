#include "dialects/openai_chat/answer_reader.hpp"

#include <utility>

#include "dialects/json.hpp"
#include "dialects/json_scan.hpp"
#include "dialects/json_values.hpp"
#include "dialects/openai_chat/choice.hpp"
#include "dialects/openai_chat/envelope.hpp"
#include "dialects/openai_chat/finish_words.hpp"
#include "dialects/openai_chat/relay.hpp"

namespace recloser::dialects::openai_chat {

using chat::event_kind;
using chat::raw_json;
using chat::raw_text;

namespace {

reply_options mended(std::string_view reasoning_field) {
  return {.reasoning_field = reasoning_field, .repair = true, .usage_wanted = true};
}

raw_text text_in(raw_json object, std::string_view key) { return json::text_of(json::find(object, key)); }

/// The first choice of a mended answer; empty: there is none.
raw_json first_choice(envelope const& top) {
  std::vector<raw_json> choices;
  choices_inside(top, choices);
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (choice_reader::index_of(choices[i], i) == 0) return choices[i];
  }
  return {};
}

// ---- a stream --------------------------------------------------------------------------------------------------

/// The stream that relay would write, read again: what comes out of it is always in OpenAI's own form.
class answer_events final : public event_source {
 public:
  explicit answer_events(std::string_view reasoning_field) : relay_(new_relay_stream(mended(reasoning_field))) {}

  void feed(std::string_view bytes) override { relay_->feed(bytes, fed_); }
  void finish() override { relay_->finish(fed_); }

  step next(chat::event& out) override {
    while (told_ == events_.size()) {
      if (!next_chunk()) return relay_->status().broken ? step::broken : step::need_more;
    }
    out = events_[told_++];
    return step::event;
  }

  chat::fault const& fault() const override {
    static chat::fault const none = unreadable({});
    return relay_->status().broken ? *relay_->status().broken : none;
  }

 private:
  /// Reads the next chunk into `events_`. False: there is none yet.
  bool next_chunk() {
    constexpr std::string_view begin = "data: ";
    constexpr std::string_view end = "\n\n";
    events_.clear();
    told_ = 0;
    if (at_ == reading_.size()) {
      reading_.clear();
      reading_.swap(fed_);
      at_ = 0;
    }
    auto const size = std::string_view(reading_).substr(at_).find(end);
    if (size == std::string_view::npos) return false;
    auto const chunk = std::string_view(reading_).substr(at_ + begin.size(), size - begin.size());
    at_ += size + end.size();
    if (chunk == "[DONE]") {
      add(event_kind::end).usage = relay_->status().usage;
    } else if (json::members_of(chunk, members_)) {
      read_chunk();
    }
    return true;
  }

  chat::event& add(event_kind kind) {
    auto& event = events_.emplace_back();
    event.kind = kind;
    return event;
  }

  void add_text(event_kind kind, raw_text text) {
    if (!text.empty()) add(kind).text = text;
  }

  void read_chunk() {
    auto const top = read_envelope(members_);
    if (!std::exchange(started_, true)) {
      auto& start = add(event_kind::start);
      if (top.id) start.id = json::text_of(top.id->value);
      if (top.model) start.model = json::text_of(top.model->value);
    }
    auto const choice = first_choice(top);
    auto const delta = json::find(choice, "delta");
    add_text(event_kind::reasoning, text_in(delta, "reasoning_content"));
    add_text(event_kind::text, text_in(delta, "content"));
    add_text(event_kind::refusal, text_in(delta, "refusal"));
    add_annotations(json::find(delta, "annotations"));
    json::trusted_scanner(json::find(delta, "tool_calls")).array([&](raw_json call) { return add_call(call), true; });
    auto const word = text_in(choice, "finish_reason");
    if (word.empty()) return;
    auto const* const known = find_finish_word(word);
    add(event_kind::finish).finish = known ? known->reason : chat::finish_reason::stop;
  }

  void add_annotations(raw_json list) {
    int count = 0;
    json::trusted_scanner(list).array([&](raw_json) { return ++count, true; });
    if (count == 0) return;
    auto& event = add(event_kind::annotations);
    event.text = list;
    event.index = std::exchange(annotations_, annotations_ + count);
  }

  /// The first delta of a call is the one with an id; relay sees to that.
  void add_call(raw_json call) {
    auto const index = static_cast<int>(json::integer_of(json::find(call, "index")).value_or(0));
    auto const function = json::find(call, "function");
    if (auto const id = text_in(call, "id"); !id.empty()) {
      auto& start = add(event_kind::tool_start);
      start.index = index;
      start.id = id;
      start.name = text_in(function, "name");
    }
    auto const arguments = text_in(function, "arguments");
    if (arguments.empty()) return;
    auto& piece = add(event_kind::tool_arguments);
    piece.index = index;
    piece.text = arguments;
  }

  std::unique_ptr<reply_stream> relay_;
  std::string fed_;      // written by relay, not looked at
  std::string reading_;  // what the events point into
  std::size_t at_ = 0;
  std::vector<json::member> members_;
  std::vector<chat::event> events_;  // of one chunk
  std::size_t told_ = 0;
  int annotations_ = 0;
  bool started_ = false;
};

// ---- a whole answer --------------------------------------------------------------------------------------------

/// `arguments` as the JSON object that they spell, else as they stand: a string.
raw_json input_of(raw_json arguments, chat::store& store) {
  auto plain = json::decode(json::text_of(arguments));
  json::checked_scanner scan(plain);
  scan.skip_space();
  bool const object = scan.at != scan.end && *scan.at == '{' && scan.value();
  scan.skip_space();
  return object && scan.at == scan.end ? store.keep(std::move(plain)) : arguments;
}

void add_part(chat::part_kind kind, raw_text text, chat::reply& out) {
  if (text.empty()) return;
  auto& part = out.parts.emplace_back();
  part.kind = kind;
  part.text = text;
}

void read_message(raw_json message, chat::reply& out) {
  add_part(chat::part_kind::thinking, text_in(message, "reasoning_content"), out);
  add_part(chat::part_kind::text, text_in(message, "content"), out);
  add_part(chat::part_kind::refusal, text_in(message, "refusal"), out);
  auto const annotations = json::find(message, "annotations");
  if (json::kind_of(annotations) == json::kind::array && annotations != "[]") out.annotations = annotations;
  json::trusted_scanner(json::find(message, "tool_calls")).array([&](raw_json call) {
    auto const function = json::find(call, "function");
    auto& part = out.parts.emplace_back();
    part.kind = chat::part_kind::tool_call;
    part.id = text_in(call, "id");
    part.name = text_in(function, "name");
    part.input = input_of(json::find(function, "arguments"), out.store);
    return true;
  });
}

}  // namespace

std::unique_ptr<event_source> new_events(std::string_view reasoning_field) {
  return std::make_unique<answer_events>(reasoning_field);
}

chat::result<chat::reply> read_reply(std::string_view body, std::string_view reasoning_field) {
  auto const relayed = relay_reply(body, mended(reasoning_field));
  if (!relayed) return relayed.error();
  std::string text;
  for (auto const piece : relayed->pieces) text.append(piece);
  chat::reply out;
  std::vector<json::member> members;
  json::members_of(out.store.keep(std::move(text)), members);
  auto const top = read_envelope(members);
  auto const choice = first_choice(top);
  if (choice.empty()) return unreadable("it has no choices");
  if (top.id) out.id = json::text_of(top.id->value);
  if (top.model) out.model = json::text_of(top.model->value);
  read_message(json::find(choice, "message"), out);
  out.finish = relayed->finish;
  out.usage = relayed->usage;
  return out;
}

}  // namespace recloser::dialects::openai_chat
