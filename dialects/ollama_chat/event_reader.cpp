// The stream of an answer: one object a line, the last one `"done":true` (providers-native.md §5.3). One line may hold
// several things to tell, so they wait in a queue.

#include <optional>
#include <vector>

#include "dialects/broken_answer.hpp"
#include "dialects/json.hpp"
#include "dialects/json_values.hpp"
#include "dialects/ollama_chat/answer.hpp"
#include "dialects/ollama_chat/api_chat.hpp"
#include "net/framing/ndjson.hpp"

namespace recloser::dialects::ollama_chat {

using chat::event_kind;

namespace {

class event_reader final : public event_source {
 public:
  void feed(std::string_view bytes) override {
    if (!whole_ && !broken_) lines_.feed(bytes);  // nothing that comes later is read
  }

  void finish() override {
    lines_.finish();
    ended_ = true;
  }

  step next(chat::event& out) override {
    if (take(out)) return step::event;
    std::string_view line;
    while (!broken_ && !whole_ && lines_.next(line)) {
      line_.assign(line);  // events outlive the next feed
      read_line();
      if (take(out)) return step::event;
    }
    if (lines_.overflowed() && !broken_) broken_ = interrupted("a line of the provider's stream is too long");
    if (ended_ && !whole_ && !broken_) {
      broken_ = interrupted("the provider's stream ended before the answer was whole");
    }
    return broken_ ? step::broken : step::need_more;
  }

  chat::fault const& fault() const override {
    static chat::fault const none = interrupted({});
    return broken_ ? *broken_ : none;
  }

 private:
  bool take(chat::event& out) {
    if (told_ == queue_.size()) return false;
    out = queue_[told_++];
    return true;
  }

  chat::event& tell(event_kind kind) {
    auto& event = queue_.emplace_back();
    event.kind = kind;
    return event;
  }

  void tell_text(event_kind kind, chat::raw_text text) {
    if (!text.empty()) tell(kind).text = text;
  }

  void read_line() {
    queue_.clear();
    told_ = 0;
    kept_ = chat::store();
    if (auto read = read_answer(line_, members_, answer_); !read) {
      broken_ = interrupted("a line of the provider's stream cannot be read: " + read.error().message);
      return;
    }
    if (!answer_.error.empty()) {
      broken_ = read_error_value(answer_.status, answer_.error);
      return;
    }
    if (!started_) tell(event_kind::start).model = answer_.model;
    started_ = true;
    tell_text(event_kind::reasoning, answer_.thinking);
    tell_text(event_kind::text, answer_.content);
    for (auto const each : answer_.tool_calls) tell_call(read_call(each));
    if (answer_.done) tell_end();
  }

  void tell_call(call const& read) {
    auto& begin = tell(event_kind::tool_start);
    begin.index = calls_;
    begin.id = kept_.keep(ids_.unique(read.id));
    begin.name = read.name;
    auto& arguments = tell(event_kind::tool_arguments);
    arguments.index = calls_++;
    bool const in_string = json::kind_of(read.arguments) == json::kind::string;
    arguments.text = in_string ? json::text_of(read.arguments) : kept_.keep(json::escaped(read.arguments));
  }

  void tell_end() {
    whole_ = true;
    auto& finish = tell(event_kind::finish);
    finish.finish = finish_of(answer_, calls_ > 0);
    finish.usage = answer_.usage;
    tell(event_kind::end).usage = answer_.usage;
  }

  net::ndjson_reader lines_;
  std::string line_;  // what the queue's events point into, with kept_
  chat::store kept_;
  std::vector<json::member> members_;
  answer answer_;
  std::vector<chat::event> queue_;
  std::size_t told_ = 0;  // of the queue
  call_ids ids_;
  int calls_ = 0;
  bool started_ = false;
  bool whole_ = false;
  bool ended_ = false;
  std::optional<chat::fault> broken_;
};

}  // namespace

std::unique_ptr<event_source> new_events() { return std::make_unique<event_reader>(); }

dialect const api_chat = {
    .name = "ollama",
    .path = [](std::string_view, bool) -> std::string { return "/api/chat"; },
    .write_request = write_request,
    .read_reply = read_reply,
    .read_error = read_error,
    .new_events = new_events,
    .stream_type = "application/x-ndjson",
};

}  // namespace recloser::dialects::ollama_chat
