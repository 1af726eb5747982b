// The event stream behind a prediction's stream URL (providers-native.md §6.3). Its `output` is plain text, not JSON.

#include <algorithm>
#include <iterator>
#include <optional>
#include <vector>

#include "dialects/json.hpp"
#include "dialects/json_values.hpp"
#include "dialects/replicate/error.hpp"
#include "dialects/replicate/predictions.hpp"
#include "net/framing/sse.hpp"

namespace recloser::dialects::replicate {

using chat::event_kind;

namespace {

std::string escaped_utf8(std::string_view text) {
  if (json::is_utf8(text)) return json::escaped(text);
  std::string plain(text);
  std::ranges::replace_if(
      plain, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  return json::escaped(plain);
}

class event_reader final : public event_source {
 public:
  explicit event_reader(prediction const& of) : id_(of.id), model_(of.model) {}

  void feed(std::string_view bytes) override {
    if (!whole_ && !broken_) sse_.feed(bytes);  // nothing that comes later is read
  }

  void finish() override {
    feed("\n\n");  // the last event may lack the blank line that ends it
    ended_ = true;
  }

  step next(chat::event& out) override {
    if (take(out)) return step::event;
    net::sse_reader::event from;
    while (!broken_ && !whole_ && sse_.next(from)) {
      read(from);
      if (take(out)) return step::event;
    }
    if (sse_.overflowed() && !broken_) broken_ = interrupted("an event of the provider's stream is too long");
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
  struct name_row {
    std::string_view name;
    void (event_reader::*read)(std::string_view data);
  };

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

  /// `logs` and what is yet to come say nothing to a client.
  void read(net::sse_reader::event const& from) {
    static constexpr name_row names[] = {
        {"output", &event_reader::read_output},
        {"error", &event_reader::read_error_event},
        {"done", &event_reader::read_done},
    };
    queue_.clear();
    told_ = 0;
    auto const row = std::ranges::find(names, from.name, &name_row::name);
    if (row != std::end(names)) (this->*row->read)(from.data);
  }

  void start() {
    if (started_) return;
    started_ = true;
    auto& event = tell(event_kind::start);
    event.id = id_;
    event.model = model_;
  }

  void read_output(std::string_view data) {
    start();
    if (data.empty()) return;
    text_ = escaped_utf8(data);
    tell(event_kind::text).text = text_;
  }

  void read_error_event(std::string_view data) { broken_ = read_error(0, data); }

  /// `{}`, or `{"reason":"error"}` after an error, or `{"reason":"canceled"}`.
  void read_done(std::string_view data) {
    std::vector<json::member> members;
    auto const reason = json::scan_object(data, members) ? json::text_of(json::find(data, "reason")) : chat::raw_text();
    if (reason == "error") {
      broken_ = make_fault(0, "the prediction failed at the provider");
    } else if (reason == "canceled") {
      broken_ = make_fault(0, "the prediction was canceled at the provider");
    } else {
      whole_ = true;
      start();
      tell(event_kind::finish).finish = chat::finish_reason::stop;
      tell(event_kind::end);
    }
  }

  net::sse_reader sse_;
  std::string id_;
  std::string model_;
  std::string text_;  // of the event that is being told
  std::vector<chat::event> queue_;
  std::size_t told_ = 0;  // of the queue
  bool started_ = false;
  bool whole_ = false;
  bool ended_ = false;
  std::optional<chat::fault> broken_;
};

/// A reply that is played as a stream.
class reply_events final : public event_source {
 public:
  explicit reply_events(chat::reply reply) : reply_(std::move(reply)) {
    auto& start = tell(event_kind::start);
    start.id = reply_.id;
    start.model = reply_.model;
    for (auto const& part : reply_.parts) {
      if (part.kind == chat::part_kind::text) tell(event_kind::text).text = part.text;
    }
    tell(event_kind::finish).finish = reply_.finish;
    tell(event_kind::end);
    queue_[queue_.size() - 2].usage = queue_.back().usage = reply_.usage;
  }

  void feed(std::string_view) override {}
  void finish() override {}

  step next(chat::event& out) override {
    if (told_ == queue_.size()) return step::need_more;
    out = queue_[told_++];
    return step::event;
  }

  chat::fault const& fault() const override {
    static chat::fault const none = interrupted({});
    return none;
  }

 private:
  chat::event& tell(event_kind kind) {
    auto& event = queue_.emplace_back();
    event.kind = kind;
    return event;
  }

  chat::reply reply_;
  std::vector<chat::event> queue_;
  std::size_t told_ = 0;
};

}  // namespace

std::unique_ptr<event_source> new_events(prediction const& of) { return std::make_unique<event_reader>(of); }

std::unique_ptr<event_source> events_of(chat::reply reply) { return std::make_unique<reply_events>(std::move(reply)); }

dialect const predictions = {
    .name = "replicate",
    .path = [](std::string_view model, bool) -> std::string { return create_path(model); },
    .write_request = [](chat::request const& wanted, std::string_view model, std::string& out,
                        std::vector<std::string>& dropped) -> chat::result<void> {
      return write_request(wanted, model, inputs_of(model), out, dropped);
    },
    .read_reply = read_reply,
    .read_error = read_error,
    .new_events = []() -> std::unique_ptr<event_source> { return new_events(); },
    .stream_type = "text/event-stream",
};

}  // namespace recloser::dialects::replicate
