// The event stream: each event is a whole response with a piece of the answer in it (providers-native.md §2.8). The end
// is the end of the body, so what is told at the end waits for that.

#include <optional>
#include <utility>

#include "dialects/broken_answer.hpp"
#include "dialects/gemini/answer.hpp"
#include "dialects/gemini/generate_content.hpp"
#include "dialects/gemini/grounding.hpp"
#include "dialects/gemini/logprobs.hpp"
#include "dialects/gemini/stray_json.hpp"
#include "dialects/gemini/usage.hpp"
#include "dialects/json.hpp"
#include "dialects/json_values.hpp"
#include "dialects/openai_chat/made_id.hpp"
#include "net/framing/sse.hpp"

namespace recloser::dialects::gemini {

using chat::event_kind;
using chat::finish_reason;
using chat::raw_json;

namespace {

class event_reader final : public event_source {
 public:
  void feed(std::string_view bytes) override {
    if (concluded_ || broken_) return;
    sse_.feed(bytes);
    stray_.feed(bytes);
  }

  step next(chat::event& out) override {
    while (true) {
      if (take_pending(out)) return step::event;
      if (broken_) return step::broken;
      if (next_part_ < parts_.size()) {
        read(parts_[next_part_++]);
        continue;
      }
      net::sse_reader::event from;
      if (!concluded_ && sse_.next(from)) {
        read_chunk(from.data);
      } else if (sse_.overflowed()) {
        broken_ = interrupted("an event of the provider's stream is too long");
      } else if (ended_ && !concluded_) {
        conclude();
      } else {
        return step::need_more;
      }
    }
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
  // ---- what is to be told --------------------------------------------------------------------------------------

  bool take_pending(chat::event& out) {
    if (told_ == pending_.size()) {
      pending_.clear();
      told_ = 0;
      return false;
    }
    out = pending_[told_++];
    return true;
  }

  chat::event& tell(event_kind kind, chat::raw_text text = {}) {
    auto& event = pending_.emplace_back();
    event.kind = kind;
    event.text = text;
    return event;
  }

  void fail(chat::fault why) {
    broken_ = std::move(why);
    parts_.clear();
    next_part_ = 0;
  }

  // ---- one chunk -----------------------------------------------------------------------------------------------

  void read_chunk(std::string_view data) {
    if (data == "[DONE]") return;  // look-alikes send it; it ends nothing here
    chunk_ = data;                 // events point into it, and the reader of lines may move its bytes
    if (auto scanned = json::scan_object(chunk_, members_); !scanned) {
      return fail(interrupted("an event of the provider's stream cannot be read: " + scanned.error().message));
    }
    auto const from = read_answer(members_);
    if (!from.error.empty()) return fail(read_error_object(200, from.error));
    counts_.read(from.usage);
    if (!started_) start(from);
    if (!from.block_reason.empty()) note_end(finish_reason::content_filter, from.block_message);
    if (!from.grounding.empty()) grounding_ = from.grounding;
    if (auto found = logprobs_of(from.logprobs); !found.empty()) {
      logprobs_ = std::move(found);
      tell(event_kind::logprobs, logprobs_);
    }
    json::elements_of(from.parts, parts_);
    next_part_ = 0;
    if (is_finish(from.finish_reason)) note_finish(from);
  }

  void start(answer const& from) {
    started_ = true;
    auto& event = tell(event_kind::start);
    event.id = from.id;
    event.model = from.model;
    event.usage = counts_.buckets();
  }

  /// Some models end every chunk with `STOP`: the last word counts.
  void note_finish(answer const& from) {
    finish_word_ = from.finish_reason;
    note_end(finish_of(from.finish_reason, false), from.finish_message);
  }

  void note_end(finish_reason finish, chat::raw_text message) {
    finish_ = finish;
    message_ = message;
  }

  // ---- parts ---------------------------------------------------------------------------------------------------

  void read(raw_json raw) {
    made_.clear();
    auto const part = read_part(raw, made_);
    if (part.type == part_type::other) return;
    if (part.type == part_type::call) return read_call(part);
    if (!part.signature.empty()) signature_ = part.signature;
    if (part.text.empty()) return;
    has_content_ = true;
    bool const thought = part.type == part_type::thought;
    if (!thought) places_.add(part.text);
    tell(thought ? event_kind::reasoning : event_kind::text, part.text);
  }

  /// Calls come whole: they are numbered as they come.
  void read_call(answer_part const& part) {
    has_content_ = true;
    id_ = part.id.empty() ? openai_chat::made_id("call_") : std::string(part.id);
    arguments_ = json::escaped(part.arguments);
    auto& begin = tell(event_kind::tool_start);
    begin.index = calls_;
    begin.id = id_;
    begin.name = part.name;
    begin.signature = part.signature;
    tell(event_kind::tool_arguments, arguments_).index = calls_++;
  }

  // ---- the end -------------------------------------------------------------------------------------------------

  void conclude() {
    if (finish_ == finish_reason::none) {
      auto stray = stray_.fault();
      return fail(stray ? std::move(*stray) : interrupted("the provider's stream ended before the answer was whole"));
    }
    if (auto failed = fault_of_finish(finish_word_, message_, has_content_)) return fail(std::move(*failed));
    concluded_ = true;
    // The seal of an answer with calls stands on the call (§2.6).
    if (calls_ == 0 && !signature_.empty()) tell(event_kind::signature, signature_);
    annotations_ = annotations_of(grounding_, places_, true);
    if (!annotations_.empty()) tell(event_kind::annotations, annotations_);
    if (finish_ == finish_reason::content_filter && !message_.empty()) tell(event_kind::refusal, message_);
    auto& finish = tell(event_kind::finish);
    finish.finish = finish_ == finish_reason::stop && calls_ > 0 ? finish_reason::tool_calls : finish_;
    finish.usage = counts_.buckets();
    tell(event_kind::end).usage = counts_.buckets();
  }

  net::sse_reader sse_;
  stray_json stray_;
  std::string chunk_;
  std::vector<json::member> members_;  // of chunk_
  std::vector<raw_json> parts_;        // of chunk_
  std::size_t next_part_ = 0;
  std::vector<chat::event> pending_;
  std::size_t told_ = 0;  // of pending_
  // What pending events point into, besides chunk_.
  std::string made_, id_, arguments_, logprobs_, signature_, annotations_, message_;
  std::string finish_word_, grounding_;
  finish_reason finish_ = finish_reason::none;
  token_counts counts_;
  text_positions places_;
  int calls_ = 0;
  bool has_content_ = false;
  bool started_ = false;
  bool ended_ = false;
  bool concluded_ = false;
  std::optional<chat::fault> broken_;
};

}  // namespace

std::unique_ptr<event_source> new_events() { return std::make_unique<event_reader>(); }

}  // namespace recloser::dialects::gemini
