#include "dialects/bedrock_converse/content_writer.hpp"

#include <iterator>

#include <fmt/format.h>

#include "dialects/bedrock_converse/history.hpp"
#include "dialects/json_values.hpp"

namespace recloser::dialects::bedrock_converse {

namespace {

// A content array must not be empty, nor a text blank.
constexpr std::string_view empty_result = "(empty)";
constexpr std::string_view no_result = "(no result)";

}  // namespace

void content_writer::write_cache_point(chat::raw_json cache_control) {
  if (json::kind_of(cache_control) != json::kind::object) return;
  bool const hour = json::is_string(json::find(cache_control, "ttl"), "1h");
  if (hour && !model_.takes_cache_ttl) lost_.add("cache_control.ttl");
  out_.open('{').key("cachePoint").open('{').key("type").text("default");
  if (hour && model_.takes_cache_ttl) out_.key("ttl").text("1h");
  out_.close('}').close('}');
}

void content_writer::write_text(block const& what) { out_.key("text").text(what.text); }

void content_writer::write_source(std::string_view format, block const& what) {
  out_.key("format").text(format);
  out_.key("source").open('{').key("bytes").text(what.part->data).close('}');
}

void content_writer::write_image(block const& what) {
  out_.key("image").open('{');
  write_source(image_format(what.part->media_type), what);
  out_.close('}');
}

/// Names are read by the model and must be unique; what a client calls its files may be neither safe nor legal.
void content_writer::write_document(block const& what) {
  if (!what.part->name.empty()) lost_.add("messages[].content[].file.filename");
  out_.key("document").open('{').key("name").text(fmt::format("document-{}", ++documents_));
  write_source(document_format(what.part->media_type), what);
  out_.close('}');
}

void content_writer::write_thinking(block const& what) {
  out_.key("reasoningContent").open('{').key("reasoningText").open('{');
  out_.key("text").text(what.part->text).key("signature").text(what.part->signature);
  out_.close('}').close('}');
}

void content_writer::write_redacted_thinking(block const& what) {
  out_.key("reasoningContent").open('{').key("redactedContent").text(what.part->data).close('}');
}

void content_writer::write_tool_use(block const& what) {
  out_.key("toolUse").open('{').key("toolUseId").text(what.id);
  out_.key("name").text(legal_word(what.part->name)).key("input").raw(what.part->input).close('}');
}

void content_writer::write_tool_result(block const& what) {
  out_.key("toolResult").open('{').key("toolUseId").text(what.id).key("content");
  if (what.inner.empty()) {
    out_.open('[').open('{').key("text").text(empty_result).close('}').close(']');
  } else {
    write_blocks(what.inner);
  }
  out_.close('}');
}

void content_writer::write_missing_result(block const& what) {
  out_.key("toolResult").open('{').key("toolUseId").text(what.id);
  out_.key("content").open('[').open('{').key("text").text(no_result).close('}').close(']');
  if (model_.takes_status) out_.key("status").text("error");
  out_.close('}');
}

void content_writer::write_block(block const& what) {
  using write_kind = void (content_writer::*)(block const&);
  static constexpr write_kind writers[] = {// indexed by block_kind
                                           &content_writer::write_text,
                                           &content_writer::write_image,
                                           &content_writer::write_document,
                                           &content_writer::write_thinking,
                                           &content_writer::write_redacted_thinking,
                                           &content_writer::write_tool_use,
                                           &content_writer::write_tool_result,
                                           &content_writer::write_missing_result};
  static_assert(std::size(writers) == static_cast<std::size_t>(block_kind::missing_result) + 1);
  out_.open('{');
  (this->*writers[static_cast<std::size_t>(what.kind)])(what);
  out_.close('}');
  write_cache_point(what.cache_control);
}

void content_writer::write_blocks(std::vector<block> const& blocks) {
  out_.open('[');
  for (auto const& each : blocks) write_block(each);
  out_.close(']');
}

void content_writer::write_system(conversation const& talk) {
  if (talk.system.empty()) return;
  out_.key("system");
  write_blocks(talk.system);
}

void content_writer::write_messages(conversation const& talk) {
  out_.key("messages").open('[');
  for (auto const& turn : talk.turns) {
    out_.open('{').key("role").text(turn.assistant ? "assistant" : "user").key("content");
    write_blocks(turn.blocks);
    out_.close('}');
  }
  out_.close(']');
}

}  // namespace recloser::dialects::bedrock_converse
