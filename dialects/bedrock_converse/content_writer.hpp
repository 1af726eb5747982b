#pragma once
// `system` and `messages`.

#include "dialects/bedrock_converse/models.hpp"
#include "dialects/json.hpp"
#include "dialects/loss.hpp"
#include "dialects/turns.hpp"

namespace recloser::dialects::bedrock_converse {

class content_writer {
 public:
  content_writer(json::writer& out, family const& model, loss_report& lost) : out_(out), model_(model), lost_(lost) {}

  /// Nothing when there is nothing to say.
  void write_system(conversation const& talk);
  void write_messages(conversation const& talk);

  /// A cache point as an element of its own, when `cache_control` is one.
  void write_cache_point(chat::raw_json cache_control);

 private:
  void write_blocks(std::vector<block> const& blocks);
  void write_block(block const& what);
  void write_text(block const& what);
  void write_image(block const& what);
  void write_document(block const& what);
  void write_thinking(block const& what);
  void write_redacted_thinking(block const& what);
  void write_tool_use(block const& what);
  void write_tool_result(block const& what);
  void write_missing_result(block const& what);
  void write_source(std::string_view format, block const& what);

  json::writer& out_;
  family const& model_;
  loss_report& lost_;
  int documents_ = 0;
};

}  // namespace recloser::dialects::bedrock_converse
