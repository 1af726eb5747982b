#include "dialects/openai_chat/thinking_reader.hpp"

#include <algorithm>

#include "dialects/json_scan.hpp"
#include "dialects/json_values.hpp"

namespace recloser::dialects::openai_chat {

using chat::raw_json;
using json::kind_of;

namespace {

class block_list {
 public:
  /// `text` may be absent: see `lend_text`.
  void add_thinking(raw_json text, raw_json signature, raw_json model) {
    if (json::text_of(signature).empty()) return;
    auto& block = blocks_.emplace_back();
    block.kind = chat::part_kind::thinking;
    block.text = json::text_of(text);
    block.signature = json::text_of(signature);
    block.producer = json::text_of(model);
    ++thinking_;
    if (kind_of(text) != json::kind::string) ++without_text_;
  }

  void add_redacted(raw_json data, raw_json model) {
    if (json::text_of(data).empty()) return;
    auto& block = blocks_.emplace_back();
    block.kind = chat::part_kind::redacted_thinking;
    block.data = json::text_of(data);
    block.producer = json::text_of(model);
  }

  /// Several blocks that share one text cannot be told apart, and a seal over the wrong text is refused upstream: then
  /// none of them goes back.
  void lend_text(raw_json text) {
    if (without_text_ == 0) return;
    if (thinking_ > 1) return blocks_.clear();
    std::ranges::find(blocks_, chat::part_kind::thinking, &chat::part::kind)->text = json::text_of(text);
  }

  bool empty() const { return blocks_.empty(); }
  std::vector<chat::part> take() { return std::move(blocks_); }

 private:
  std::vector<chat::part> blocks_;
  int thinking_ = 0;
  int without_text_ = 0;
};

void add_block(raw_json block, block_list& out) {
  auto const type = json::find(block, "type");
  auto const model = json::find(block, "model");
  if (json::is_string(type, "thinking")) {
    out.add_thinking(json::find(block, "thinking"), json::find(block, "signature"), model);
  }
  if (json::is_string(type, "redacted_thinking")) out.add_redacted(json::find(block, "data"), model);
}

void add_detail(raw_json item, block_list& out) {
  auto const format = json::text_of(json::find(item, "format"));
  if (!format.empty() && !format.starts_with("anthropic")) return;
  auto const type = json::find(item, "type");
  if (json::is_string(type, "reasoning.text")) {
    out.add_thinking(json::find(item, "text"), json::find(item, "signature"), {});
  }
  if (json::is_string(type, "reasoning.encrypted")) out.add_redacted(json::find(item, "data"), {});
}

void add_all(raw_json array, void (*add)(raw_json, block_list&), block_list& out) {
  json::trusted_scanner(array).array([&](raw_json each) {
    add(each, out);
    return true;
  });
}

}  // namespace

std::vector<chat::part> read_thinking_blocks(raw_json thinking_blocks, raw_json reasoning_details,
                                             raw_json reasoning_content) {
  block_list out;
  add_all(thinking_blocks, add_block, out);
  if (out.empty()) add_all(reasoning_details, add_detail, out);
  out.lend_text(reasoning_content);
  return out.take();
}

}  // namespace recloser::dialects::openai_chat
