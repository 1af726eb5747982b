#include "dialects/translate.hpp"

#include "dialects/anthropic/messages.hpp"
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
    case chat::event_kind::finish:
    case chat::event_kind::end: return false;
  }
  return false;
}

class anthropic_stream final : public reply_stream {
 public:
  anthropic_stream(std::int64_t created, bool usage_wanted) : writer_(created, usage_wanted) {}

  void feed(std::string_view bytes, std::string& out) override {
    reader_.feed(bytes);
    auto step = reader_.next(event_);
    for (; step == step_kind::event; step = reader_.next(event_)) {
      note();
      writer_.put(event_, out);
    }
    if (step == step_kind::broken) status_.broken = reader_.fault();
  }

  void finish(std::string& out) override {
    feed("\n\n", out);  // the last event may lack the blank line that ends it
    if (!status_.broken && !reader_.finish()) status_.broken = reader_.fault();
  }

 private:
  using step_kind = anthropic::event_reader::step;

  void note() {
    if (is_content(event_.kind)) status_.content_seen = true;
    if (event_.usage.known) status_.usage = event_.usage;
    if (event_.kind == chat::event_kind::finish) status_.finish = event_.finish;
    if (event_.kind == chat::event_kind::end) status_.complete = true;
  }

  anthropic::event_reader reader_;
  openai_chat::chunk_writer writer_;
  chat::event event_;
};

}  // namespace

std::unique_ptr<reply_stream> anthropic_to_openai_stream(std::int64_t created, bool usage_wanted) {
  return std::make_unique<anthropic_stream>(created, usage_wanted);
}

}  // namespace recloser::dialects
