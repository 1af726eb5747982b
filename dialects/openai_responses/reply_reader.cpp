// A whole response (providers-openai-shaped.md §4.2).

#include <algorithm>

#include <fmt/format.h>

#include "dialects/broken_answer.hpp"
#include "dialects/url_citation.hpp"
#include "dialects/json.hpp"
#include "dialects/json_scan.hpp"
#include "dialects/json_values.hpp"
#include "dialects/openai_chat/arguments.hpp"
#include "dialects/openai_responses/answer.hpp"
#include "dialects/openai_responses/output_items.hpp"
#include "dialects/openai_responses/responses.hpp"
#include "dialects/openai_responses/usage.hpp"

namespace recloser::dialects::openai_responses {

using chat::part_kind;
using chat::raw_json;

namespace {

class output_reader {
 public:
  explicit output_reader(chat::reply& out) : out_(out) {}

  void read(raw_json output) {
    json::trusted_scanner(output).array([&](raw_json item) {
      read_item(item);
      return true;
    });
    if (!annotations_.empty()) out_.annotations = out_.store.keep("[" + annotations_ + "]");
  }

  bool has_calls() const { return has_calls_; }

 private:
  /// Items of the provider's own tools (`web_search_call`, …) and new kinds say nothing to a client.
  void read_item(raw_json item) {
    switch (type_of_item(item)) {
      case item_type::message: return read_message(item);
      case item_type::function_call: return read_call(item);
      case item_type::reasoning: return read_reasoning(item);
      case item_type::other: return seals_.forget();
    }
  }

  void add(part_kind kind, chat::raw_text text) {
    if (text.empty()) return;
    chat::part part;
    part.kind = kind;
    part.text = text;
    out_.parts.push_back(part);
  }

  // ---- words ---------------------------------------------------------------------------------------------------

  void read_message(raw_json item) {
    add_seals({});
    has_words_before_ = has_words_;
    json::trusted_scanner(json::find(item, "content")).array([&](raw_json part) {
      auto const type = json::find(part, "type");
      if (json::is_string(type, "output_text")) read_text(part);
      if (json::is_string(type, "refusal")) add(part_kind::refusal, json::text_of(json::find(part, "refusal")));
      return true;
    });
  }

  void read_text(raw_json part) {
    auto const text = json::text_of(json::find(part, "text"));
    if (text.empty()) return;
    if (has_words_before_) say(paragraph);
    has_words_before_ = false;
    auto const offset = characters_;
    say(text);
    json::trusted_scanner(json::find(part, "annotations")).array([&](raw_json each) {
      append_annotation(each, offset, std::nullopt, annotations_);
      return true;
    });
  }

  void say(chat::raw_text text) {
    add(part_kind::text, text);
    characters_ += count_characters(text);
    has_words_ = true;
  }

  // ---- reasoning -----------------------------------------------------------------------------------------------

  /// A summary, or the reasoning itself where a model shows it.
  void read_reasoning(raw_json item) {
    auto const summary = json::find(item, "summary");
    bool const summed_up = json::kind_of(summary) == json::kind::array && summary != "[]";
    json::trusted_scanner(summed_up ? summary : json::find(item, "content")).array([&](raw_json part) {
      auto const text = json::text_of(json::find(part, "text"));
      if (has_reasoning_ && !text.empty()) add(part_kind::thinking, paragraph);
      has_reasoning_ = has_reasoning_ || !text.empty();
      add(part_kind::thinking, text);
      return true;
    });
    seals_.add(json::text_of(json::find(item, "id")), json::text_of(json::find(item, "encrypted_content")));
  }

  void add_seals(chat::raw_text call_id) {
    for (auto& each : seals_.take(call_id)) {
      chat::part part;
      part.kind = part_kind::redacted_thinking;
      part.data = out_.store.keep(std::move(each));
      out_.parts.push_back(part);
    }
  }

  // ---- calls ---------------------------------------------------------------------------------------------------

  void read_call(raw_json item) {
    chat::part part;
    part.kind = part_kind::tool_call;
    part.id = call_id_of(item);
    part.name = json::text_of(json::find(item, "name"));
    part.input = openai_chat::arguments_of(json::find(item, "arguments"), out_.store);
    add_seals(part.id);
    out_.parts.push_back(part);
    has_calls_ = true;
  }

  chat::reply& out_;
  waiting_seals seals_;
  std::string annotations_;
  std::int64_t characters_ = 0;
  bool has_calls_ = false;
  bool has_words_ = false;
  bool has_words_before_ = false;  // in earlier messages
  bool has_reasoning_ = false;
};

raw_json value_of(std::vector<json::member> const& members, std::string_view key) {
  auto const found = std::ranges::find(members, key, &json::member::key);
  return found == members.end() ? raw_json() : json::unless_null(found->value);
}

}  // namespace

chat::result<chat::reply> read_reply(std::string_view body) {
  std::vector<json::member> members;
  if (auto scanned = json::scan_object(body, members); !scanned) return unreadable(scanned.error().message);
  auto const status = json::text_of(value_of(members, "status"));
  auto const error = value_of(members, "error");
  bool const is_response = !value_of(members, "output").empty() || !status.empty();
  if (!error.empty() && !is_response) return read_error(200, body);  // in any of the shapes of errors
  if (!error.empty() || is_failure(status)) return failure_of(status, error);
  auto const output = value_of(members, "output");
  if (json::kind_of(output) != json::kind::array) return unreadable("it has no 'output'");

  chat::reply out;
  out.id = json::text_of(value_of(members, "id"));
  out.model = json::text_of(value_of(members, "model"));
  output_reader reader(out);
  reader.read(output);
  out.finish = finish_of(status, value_of(members, "incomplete_details"), reader.has_calls());
  out.usage = read_usage(value_of(members, "usage"));
  return out;
}

}  // namespace recloser::dialects::openai_responses
