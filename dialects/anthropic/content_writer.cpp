#include "dialects/anthropic/content_writer.hpp"

#include <iterator>

namespace recloser::dialects::anthropic {

namespace {

constexpr std::string_view no_result = "(no result)";

chat::raw_text image_type(chat::raw_text media_type) { return media_type == "image/jpg" ? "image/jpeg" : media_type; }

/// `url`, `file`, `text` or `base64`.
void write_source(json::writer& out, block const& what) {
  auto const& part = *what.part;
  out.key("source").open('{').key("type");
  if (!part.url.empty()) {
    out.text("url").key("url").text(part.url);
  } else if (!part.file_id.empty()) {
    out.text("file").key("file_id").text(part.file_id);
  } else if (!what.text.empty()) {
    out.text("text").key("media_type").text("text/plain").key("data").text(what.text);
  } else {
    out.text("base64").key("media_type").text(image_type(part.media_type)).key("data").text(part.data);
  }
  out.close('}');
}

void write_image(json::writer& out, block const& what) {
  out.text("image");
  write_source(out, what);
}

void write_document(json::writer& out, block const& what) {
  out.text("document");
  write_source(out, what);
  if (!what.part->name.empty()) out.key("title").text(what.part->name);
}

void write_text(json::writer& out, block const& what) { out.text("text").key("text").text(what.text); }

void write_thinking(json::writer& out, block const& what) {
  out.text("thinking").key("thinking").text(what.part->text).key("signature").text(what.part->signature);
}

void write_redacted_thinking(json::writer& out, block const& what) {
  out.text("redacted_thinking").key("data").text(what.part->data);
}

void write_tool_use(json::writer& out, block const& what) {
  out.text("tool_use").key("id").text(what.id).key("name").text(what.part->name).key("input").raw(what.part->input);
}

void write_missing_result(json::writer& out, block const& what) {
  out.text("tool_result").key("tool_use_id").text(what.id).key("content").text(no_result).key("is_error").boolean(true);
}

void write_tool_result(json::writer& out, block const& what);

using write_kind = void (*)(json::writer&, block const&);

/// Indexed by block_kind.
constexpr write_kind writers[] = {
    write_text,     write_image,       write_document,      write_thinking, write_redacted_thinking,
    write_tool_use, write_tool_result, write_missing_result};
static_assert(std::size(writers) == static_cast<std::size_t>(block_kind::missing_result) + 1);

void write_block(json::writer& out, block const& what) {
  out.open('{').key("type");
  writers[static_cast<std::size_t>(what.kind)](out, what);
  if (!what.cache_control.empty()) out.key("cache_control").raw(what.cache_control);
  out.close('}');
}

void write_blocks(json::writer& out, std::vector<block> const& blocks) {
  out.open('[');
  for (auto const& each : blocks) write_block(out, each);
  out.close(']');
}

/// A lone text is written as a string: the same meaning, fewer bytes.
void write_content(json::writer& out, std::vector<block> const& blocks) {
  bool const plain = blocks.size() == 1 && blocks[0].kind == block_kind::text && blocks[0].cache_control.empty();
  if (plain) {
    out.text(blocks[0].text);
  } else {
    write_blocks(out, blocks);
  }
}

/// An empty result is said as an empty string, which is allowed here.
void write_tool_result(json::writer& out, block const& what) {
  out.text("tool_result").key("tool_use_id").text(what.id).key("content");
  if (what.inner.empty()) {
    out.text({});
  } else {
    write_content(out, what.inner);
  }
}

}  // namespace

void write_system(json::writer& out, conversation const& talk, std::vector<std::string> const& instructions) {
  auto blocks = talk.system;
  for (auto const& each : instructions) {
    block said;
    said.text = each;
    blocks.push_back(std::move(said));
  }
  if (blocks.empty()) return;
  out.key("system");
  write_content(out, blocks);
}

void write_messages(json::writer& out, conversation const& talk) {
  out.key("messages").open('[');
  for (auto const& turn : talk.turns) {
    out.open('{').key("role").text(turn.assistant ? "assistant" : "user").key("content");
    write_content(out, turn.blocks);
    out.close('}');
  }
  out.close(']');
}

}  // namespace recloser::dialects::anthropic
