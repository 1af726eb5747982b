// A streamed reply on its way down: event by event, the provider's own bytes where nothing must be mended.

#include <algorithm>

#include "dialects/json_values.hpp"
#include "dialects/openai_chat/choice.hpp"
#include "dialects/openai_chat/chunk_memo.hpp"
#include "dialects/openai_chat/envelope.hpp"
#include "dialects/openai_chat/error_class.hpp"
#include "dialects/openai_chat/finish_words.hpp"
#include "dialects/openai_chat/made_id.hpp"
#include "dialects/openai_chat/relay.hpp"
#include "net/framing/sse.hpp"

namespace recloser::dialects::openai_chat {

namespace {

constexpr std::string_view done_marker = "[DONE]";
constexpr std::size_t most_choices = 128;

void write_event(std::string_view data, std::string& out) { out.append("data: ").append(data).append("\n\n"); }

std::string_view without_trailing_blanks(std::string_view data) {
  auto const last = data.find_last_not_of(" \t\n");
  return data.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

class relay_stream final : public reply_stream {
 public:
  explicit relay_stream(reply_options const& options)
      : options_(options), choice_reader_(options_, form::chunk), edits_({}, kept_) {}

  void feed(std::string_view bytes, std::string& out) override {
    if (over()) return;
    events_.feed(bytes);
    net::sse_reader::event event;
    while (!over() && events_.next(event)) take(event.data, out);
    if (events_.overflowed() && !over()) status_.broken = unreadable("an event of its stream is too long");
  }

  void finish(std::string& out) override {
    if (over()) return;
    take_last_words(out);
    if (over()) return;
    if (status_.complete) {
      end_answer(out);
    } else {
      status_.broken = unreadable("its stream ended before the answer was complete");
    }
  }

 private:
  bool over() const { return status_.ended || status_.broken; }

  void take(std::string_view data, std::string& out) {
    if (memo_.write_event(data, out)) return;
    memo_.forget();
    data = without_trailing_blanks(data);
    if (data.empty() || data == "null") return;  // nothing that a client could read
    if (data == done_marker) return end_answer(out);
    if (data.find('\n') == std::string_view::npos) return read_chunk(data, out);
    // Several data lines: JSON goes to clients in one.
    std::string line(data);
    std::ranges::replace(line, '\n', ' ');
    read_chunk(line, out);
    memo_.forget();
  }

  /// Some providers forget the blank line after the last event. What is cut in its middle is dropped.
  void take_last_words(std::string& out) {
    if (!events_.in_event()) return;
    events_.feed("\n\n");
    net::sse_reader::event event;
    while (!over() && events_.next(event)) {
      if (event.data.starts_with(done_marker) || json::scan_object(event.data, members_)) take(event.data, out);
    }
  }

  // ---- a chunk -------------------------------------------------------------------------------------------------

  void read_chunk(std::string_view data, std::string& out) {
    if (auto scanned = json::scan_object(data, members_); !scanned) {
      status_.broken = unreadable(scanned.error().message);
      return;
    }
    auto const top = read_envelope(members_);
    if (auto failed = fault_inside(top, data)) {
      status_.broken = std::move(failed);
      return;
    }
    auto const usage = usage_inside(top);
    if (!top.choices && usage.empty()) return;  // a ping: SDKs take anything without choices for a broken chunk
    choices_inside(top, choices_);
    if (options_.repair && choices_.empty() && usage.empty()) return keep_filter_results(top);
    kept_ = {};
    edits_.reset(data);
    remember_head(top);
    auto tap = read_choices();
    if (status_.broken) return;
    take_usage(usage.empty() ? tap.usage : usage);
    // OpenRouter's usage comes after the finish reason beside a delta that says nothing; clients get it in its own chunk.
    bool const only_usage = status_.complete && tap.finish.empty() && !tap.content;
    if (only_usage && !choices_.empty() && !usage.empty()) return;
    tap.steady = tap.steady && filter_results_.empty();
    mend_top(top);
    if (choices_.empty() && !usage.empty()) return keep_usage_event();
    out.append("data: ");
    edits_.append_to(out);
    out.append("\n\n");
    if (choices_.size() == 1 && tap.steady && !tap.text.empty() && usage.empty()) {
      memo_.learn(edits_, tap.text, top.obfuscation ? json::text_of(top.obfuscation->value) : std::string_view());
    }
  }

  /// What they tell; of several, the last one's tap.
  choice_tap read_choices() {
    choice_tap tap;
    for (std::size_t i = 0; i < choices_.size(); ++i) {
      auto& state = state_of(choice_reader::index_of(choices_[i], i));
      tap = choice_reader_.read(choices_[i], state, edits_);
      status_.content_seen = status_.content_seen || tap.content;
      if (tap.finish.empty()) continue;
      if (auto failed = fault_of_finish(tap.finish)) {
        status_.broken = std::move(failed);
        return tap;
      }
      finish_choice(tap.finish, state);
    }
    return tap;
  }

  choice_state& state_of(std::int64_t index) {
    auto const found = std::ranges::find(states_, index, &choice_state::index);
    if (found != states_.end()) return *found;
    if (states_.size() == most_choices) return states_.back();
    return states_.emplace_back(choice_state{.index = index});
  }

  void finish_choice(chat::raw_text word, choice_state const& state) {
    auto const* const known = find_finish_word(word);
    status_.finish = known ? known->reason : chat::finish_reason::stop;
    if (status_.finish == chat::finish_reason::stop && state.calls_tools)
      status_.finish = chat::finish_reason::tool_calls;
    status_.complete = std::ranges::all_of(states_, &choice_state::finished);
  }

  void mend_top(envelope const& top) {
    json::object_edits edit(edits_, edits_.text(), members_);
    if (top.error) edit.drop(*top.error);  // null: the SDKs of Go, Java and Ruby take the key for a failure
    if (!top.choices) edit.add("choices", "[]");
    if (top.choices && json::kind_of(top.choices->value) != json::kind::array) edit.replace(*top.choices, "[]");
    bool const usage_rides_along =
        top.usage && json::kind_of(top.usage->value) != json::kind::null && !choices_.empty();
    if (usage_rides_along) edit.drop(*top.usage);
    if (options_.repair) {
      mend_member(edit, "id", top.id, head_.id);
      mend_member(edit, "object", top.object, head_.object);
      mend_member(edit, "created", top.created, head_.created);
      mend_member(edit, "model", top.model, head_.model);
    }
    if (!filter_results_.empty() && !choices_.empty()) {
      edit.add("prompt_filter_results", kept_.keep(std::move(filter_results_)));
      filter_results_.clear();
    }
    edit.finish();
  }

  /// What a provider leaves out or leaves empty: Azure's filter speaks in chunks without a name.
  static void mend_member(json::object_edits& edit, std::string_view name, json::member const* sent,
                          std::string const& known) {
    if (!sent) {
      edit.add(name, known);
    } else if (sent->value != known && (sent->value == "\"\"" || sent->value == "0")) {
      edit.replace(*sent, known);
    }
  }

  /// Azure begins with what its filter thinks of the prompt, in a chunk without choices. Clients look for the first
  /// choice: it goes into the next chunk.
  void keep_filter_results(envelope const& top) {
    if (top.filter_results) filter_results_ = top.filter_results->value;
  }

  // ---- usage ---------------------------------------------------------------------------------------------------
  // A client that asked gets it once, in a chunk of its own before the end, wherever and how often the provider sent it.

  void take_usage(chat::raw_json usage) {
    if (usage.empty()) return;
    auto const figures = read_usage(usage);
    if (!figures.known) return;
    status_.usage = figures;
    if (!options_.usage_wanted) return;
    usage_.assign(usage);
    auto more = options_.repair ? missing_cache_details(usage, figures) : std::string();
    if (more.empty()) return;
    usage_.insert(usage_.size() - 1, more);
    if (choices_.empty()) edits_.insert(usage.data() + usage.size() - 1, kept_.keep(std::move(more)));  // its own chunk
  }

  void keep_usage_event() {
    usage_event_.clear();
    if (!options_.usage_wanted || !status_.usage.known) return;
    usage_event_.append("data: ");
    edits_.append_to(usage_event_);
    usage_event_.append("\n\n");
  }

  void write_usage(std::string& out) {
    if (!usage_event_.empty()) {
      out.append(usage_event_);
    } else if (!usage_.empty()) {
      write_event(begin_chunk() + "[],\"usage\":" + usage_ + '}', out);
    }
  }

  // ---- the end -------------------------------------------------------------------------------------------------

  void end_answer(std::string& out) {
    if (states_.empty()) {
      status_.broken = unreadable("its stream ended without an answer");
      return;
    }
    for (auto const& state : states_) {
      if (!state.finished) write_finish(state, out);
    }
    write_usage(out);
    write_event(done_marker, out);
    status_.complete = true;
    status_.ended = true;
  }

  /// The provider said [DONE] and no finish reason; SDKs insist on one.
  void write_finish(choice_state const& state, std::string& out) {
    status_.finish = state.calls_tools ? chat::finish_reason::tool_calls : chat::finish_reason::stop;
    bool const legacy = head_.object == "\"text_completion\"";
    std::string_view const body = legacy ? R"(,"text":"")" : R"(,"delta":{})";
    std::string_view const reason = state.calls_tools ? R"("tool_calls")" : R"("stop")";
    write_event(begin_chunk()
                    .append(R"([{"index":)" + std::to_string(state.index))
                    .append(body)
                    .append(R"(,"finish_reason":)")
                    .append(reason)
                    .append("}]}"),
                out);
  }

  /// The head of the provider's own chunks, for those that it did not send.
  struct head {
    std::string id, object, created, model;  ///< raw JSON
  };

  void remember_head(envelope const& top) {
    if (!head_.id.empty()) return;
    head_.id = top.id && top.id->value != "\"\"" ? std::string(top.id->value) : '"' + made_id("chatcmpl-") + '"';
    head_.object = top.object ? top.object->value : "\"chat.completion.chunk\"";
    head_.created = top.created ? top.created->value : "0";
    head_.model = top.model ? top.model->value : "\"\"";
  }

  std::string begin_chunk() const {
    return "{\"id\":" + head_.id + ",\"object\":" + head_.object + ",\"created\":" + head_.created +
           ",\"model\":" + head_.model + ",\"choices\":";
  }

  reply_options const options_;
  net::sse_reader events_;
  chunk_memo memo_;
  choice_reader choice_reader_;
  std::vector<choice_state> states_;
  head head_;
  std::string filter_results_;  // raw array, for the next chunk
  std::string usage_;        // raw object
  std::string usage_event_;  // the provider's own usage chunk, held back to be the last
  // Of the chunk being read; kept for their memory.
  chat::store kept_;
  json::edit_list edits_;
  std::vector<json::member> members_;
  std::vector<chat::raw_json> choices_;
};

}  // namespace

std::unique_ptr<reply_stream> new_relay_stream(reply_options const& options) {
  return std::make_unique<relay_stream>(options);
}

}  // namespace recloser::dialects::openai_chat
