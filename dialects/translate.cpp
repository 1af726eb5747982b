#include "dialects/translate.hpp"

#include "dialects/openai_chat/conversation.hpp"

namespace recloser::dialects {

namespace {

/// Something that a client would show or act upon.
bool is_content(chat::event_kind kind) {
  switch (kind) {
    case chat::event_kind::text:
    case chat::event_kind::reasoning:
    case chat::event_kind::tool_start:
    case chat::event_kind::tool_arguments:
    case chat::event_kind::refusal:
    case chat::event_kind::redacted: return true;
    case chat::event_kind::start:
    case chat::event_kind::signature:
    case chat::event_kind::annotations:
    case chat::event_kind::logprobs:
    case chat::event_kind::finish:
    case chat::event_kind::end: return false;
  }
  return false;
}

class translated_stream final : public reply_stream {
 public:
  translated_stream(std::unique_ptr<event_source> source, std::int64_t created, bool usage_wanted, std::string model)
      : source_(std::move(source)), writer_(created, usage_wanted), model_(std::move(model)) {}

  void feed(std::string_view bytes, std::string& out) override {
    source_->feed(bytes);
    pass_on(out);
  }

  void finish(std::string& out) override {
    source_->finish();
    pass_on(out);
  }

 private:
  void pass_on(std::string& out) {
    using step = event_source::step;
    auto found = source_->next(event_);
    for (; found == step::event; found = source_->next(event_)) {
      if (event_.kind == chat::event_kind::start && event_.model.empty()) event_.model = model_;
      note();
      writer_.put(event_, out);
    }
    if (found == step::broken && !status_.broken) status_.broken = source_->fault();
  }

  void note() {
    if (is_content(event_.kind)) status_.content_seen = true;
    if (event_.usage.known) status_.usage = event_.usage;
    if (event_.kind == chat::event_kind::finish) status_.finish = event_.finish;
    if (event_.kind == chat::event_kind::end) status_.complete = true;
  }

  std::unique_ptr<event_source> source_;
  openai_chat::chunk_writer writer_;
  std::string model_;
  chat::event event_;
};

}  // namespace

std::unique_ptr<reply_stream> translate_stream(dialect const& from, std::int64_t created, bool usage_wanted) {
  return translate_stream(from.new_events(), created, usage_wanted);
}

std::unique_ptr<reply_stream> translate_stream(std::unique_ptr<event_source> from, std::int64_t created,
                                               bool usage_wanted, std::string model) {
  return std::make_unique<translated_stream>(std::move(from), created, usage_wanted, std::move(model));
}

}  // namespace recloser::dialects
