// A whole `message` (providers-native.md §1.8).

#include <algorithm>

#include <fmt/format.h>

#include "dialects/anthropic/messages.hpp"
#include "dialects/anthropic/tools.hpp"
#include "dialects/anthropic/usage.hpp"
#include "dialects/anthropic/words.hpp"
#include "dialects/broken_answer.hpp"
#include "dialects/json.hpp"
#include "dialects/json_scan.hpp"
#include "dialects/json_values.hpp"

namespace recloser::dialects::anthropic {

using chat::part_kind;
using chat::raw_json;

namespace {

class content_reader {
 public:
  explicit content_reader(chat::reply& out) : out_(out) {}

  void read(raw_json content) {
    json::trusted_scanner(content).array([&](raw_json block) {
      read_block(block);
      return true;
    });
    if (!annotations_.empty()) out_.annotations = out_.store.keep("[" + annotations_ + "]");
  }

  bool has_calls() const { return has_calls_; }

 private:
  struct type_row {
    std::string_view type;
    void (content_reader::*read)(raw_json block);
  };

  /// Blocks of the provider's own tools (`server_tool_use`, `*_tool_result`, …) and new kinds say nothing to a client.
  void read_block(raw_json block) {
    static constexpr type_row types[] = {
        {"text", &content_reader::read_text},
        {"thinking", &content_reader::read_thinking},
        {"redacted_thinking", &content_reader::read_redacted_thinking},
        {"tool_use", &content_reader::read_tool_use},
    };
    auto const row = std::ranges::find(types, json::text_of(json::find(block, "type")), &type_row::type);
    if (row != std::end(types)) (this->*row->read)(block);
  }

  void read_text(raw_json block) {
    add_text(json::text_of(json::find(block, "text")));
    auto const citations = json::unless_null(json::find(block, "citations"));
    if (citations.empty() || citations == "[]") return;
    auto const where = range_of_last_part();
    json::trusted_scanner(citations).array([&](raw_json citation) {
      append_annotation(citation, where, std::nullopt, annotations_);
      return true;
    });
  }

  void add_text(chat::raw_text text) {
    chat::part part;
    part.text = text;
    out_.parts.push_back(part);
  }

  /// Characters are counted only for answers that cite, and each part once.
  text_range range_of_last_part() {
    text_range where{characters_, characters_};
    for (; counted_ < out_.parts.size(); ++counted_) {
      where.begin = where.end;
      if (out_.parts[counted_].kind == part_kind::text) where.end += count_characters(out_.parts[counted_].text);
    }
    characters_ = where.end;
    return where;
  }

  void read_thinking(raw_json block) {
    chat::part part;
    part.kind = part_kind::thinking;
    part.text = json::text_of(json::find(block, "thinking"));
    part.signature = json::text_of(json::find(block, "signature"));
    out_.parts.push_back(part);
  }

  void read_redacted_thinking(raw_json block) {
    chat::part part;
    part.kind = part_kind::redacted_thinking;
    part.data = json::text_of(json::find(block, "data"));
    out_.parts.push_back(part);
  }

  void read_tool_use(raw_json block) {
    auto const name = json::text_of(json::find(block, "name"));
    auto const input = json::unless_null(json::find(block, "input"));
    if (name == answer_tool) return add_text(out_.store.keep(json::escaped(input)));
    has_calls_ = true;
    chat::part part;
    part.kind = part_kind::tool_call;
    part.id = json::text_of(json::find(block, "id"));
    part.name = name;
    part.input = input.empty() ? raw_json("{}") : input;
    out_.parts.push_back(part);
  }

  chat::reply& out_;
  std::string annotations_;
  std::int64_t characters_ = 0;  // in the first counted_ parts
  std::size_t counted_ = 0;
  bool has_calls_ = false;
};

void add_refusal(raw_json stop_details, chat::reply& out) {
  auto const words = json::text_of(json::find(stop_details, "explanation"));
  if (words.empty()) return;
  chat::part part;
  part.kind = part_kind::refusal;
  part.text = words;
  out.parts.push_back(part);
}

raw_json value_of(std::vector<json::member> const& members, std::string_view key) {
  auto const found = std::ranges::find(members, key, &json::member::key);
  return found == members.end() ? raw_json() : json::unless_null(found->value);
}

}  // namespace

chat::result<chat::reply> read_reply(std::string_view body) {
  std::vector<json::member> members;
  if (auto scanned = json::scan_object(body, members); !scanned) return unreadable(scanned.error().message);
  if (!value_of(members, "error").empty()) return read_error(200, body);
  auto const content = value_of(members, "content");
  if (json::kind_of(content) != json::kind::array) return unreadable("it has no 'content'");

  chat::reply out;
  out.id = json::text_of(value_of(members, "id"));
  out.model = json::text_of(value_of(members, "model"));
  content_reader reader(out);
  reader.read(content);
  out.finish = finish_of(value_of(members, "stop_reason"));
  if (out.finish == chat::finish_reason::content_filter) add_refusal(value_of(members, "stop_details"), out);
  // The stand-in for structured output is an answer, not a call.
  if (out.finish == chat::finish_reason::tool_calls && !reader.has_calls()) out.finish = chat::finish_reason::stop;
  token_counts counts;
  counts.read(value_of(members, "usage"));
  out.usage = counts.buckets();
  return out;
}

}  // namespace recloser::dialects::anthropic
