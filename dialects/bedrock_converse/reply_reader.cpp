// A whole answer of Converse (providers-native.md §4.5).

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "dialects/anthropic/tools.hpp"
#include "dialects/bedrock_converse/converse.hpp"
#include "dialects/bedrock_converse/words.hpp"
#include "dialects/broken_answer.hpp"
#include "dialects/json.hpp"
#include "dialects/json_scan.hpp"
#include "dialects/json_values.hpp"

namespace recloser::dialects::bedrock_converse {

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
  struct kind_row {
    std::string_view name;
    void (content_reader::*read)(raw_json value);
  };

  /// A block has one member, which says its kind. Those of the provider's own tools and new kinds say nothing to a client.
  void read_block(raw_json block) {
    static constexpr kind_row kinds[] = {
        {"text", &content_reader::read_text},
        {"toolUse", &content_reader::read_tool_use},
        {"reasoningContent", &content_reader::read_reasoning},
        {"citationsContent", &content_reader::read_citations},
    };
    json::trusted_scanner(block).object([&](std::string_view key, raw_json value) {
      auto const row = std::ranges::find(kinds, key, &kind_row::name);
      if (row != std::end(kinds)) (this->*row->read)(value);
      return true;
    });
  }

  void add_text(chat::raw_text text) { out_.parts.emplace_back().text = text; }
  void read_text(raw_json value) { add_text(json::text_of(value)); }

  void read_reasoning(raw_json value) {
    auto const redacted = json::text_of(json::find(value, "redactedContent"));
    auto& part = out_.parts.emplace_back();
    if (!redacted.empty()) {
      part.kind = part_kind::redacted_thinking;
      part.data = redacted;
      return;
    }
    auto const said = json::find(value, "reasoningText");
    part.kind = part_kind::thinking;
    part.text = json::text_of(json::find(said, "text"));
    part.signature = json::text_of(json::find(said, "signature"));
  }

  void read_tool_use(raw_json value) {
    if (is_providers_own(value)) return;
    auto const name = json::text_of(json::find(value, "name"));
    auto const input = json::unless_null(json::find(value, "input"));
    if (name == anthropic::answer_tool) return add_text(out_.store.keep(json::escaped(input)));
    has_calls_ = true;
    auto& part = out_.parts.emplace_back();
    part.kind = part_kind::tool_call;
    part.id = json::text_of(json::find(value, "toolUseId"));
    part.name = name;
    part.input = input.empty() ? raw_json("{}") : input;
  }

  /// Words of the answer with their sources.
  void read_citations(raw_json value) {
    auto const begin = characters_so_far();
    json::trusted_scanner(json::find(value, "content")).array([&](raw_json each) {
      read_text(json::find(each, "text"));
      return true;
    });
    text_range const where{begin, characters_so_far()};
    json::trusted_scanner(json::find(value, "citations")).array([&](raw_json each) {
      append_citation(each, where, std::nullopt, annotations_);
      return true;
    });
  }

  /// Characters are counted only for answers that cite, and each part once.
  std::int64_t characters_so_far() {
    for (; counted_ < out_.parts.size(); ++counted_) {
      if (out_.parts[counted_].kind == part_kind::text) characters_ += count_characters(out_.parts[counted_].text);
    }
    return characters_;
  }

  chat::reply& out_;
  std::string annotations_;
  std::int64_t characters_ = 0;  // in the first counted_ parts
  std::size_t counted_ = 0;
  bool has_calls_ = false;
};

}  // namespace

chat::result<chat::reply> read_reply(std::string_view body) {
  std::vector<json::member> members;
  if (auto scanned = json::scan_object(body, members); !scanned) return unreadable(scanned.error().message);
  auto const output = json::find(body, "output");
  bool const error = !json::find(body, "message").empty() || !json::find(body, "Output").empty();
  if (output.empty()) return error ? read_error(200, body, {}) : unreadable("it has no 'output'");
  auto const content = json::find(json::find(output, "message"), "content");
  if (json::kind_of(content) != json::kind::array) return unreadable("it has no 'content'");

  chat::reply out;
  content_reader reader(out);
  reader.read(content);
  auto const how = ending_of(json::find(body, "stopReason"), reader.has_calls());
  if (how.malformed && out.parts.empty()) return malformed_answer();
  out.finish = how.finish;
  out.usage = usage_of(json::find(body, "usage"));
  return out;
}

}  // namespace recloser::dialects::bedrock_converse
