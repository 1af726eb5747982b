#include "dialects/openai_responses/part_writer.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace recloser::dialects::openai_responses {

using chat::part_kind;

namespace {

chat::fault refuse(std::string_view message, std::size_t index) {
  return chat::bad_request(std::string(message), "unsupported_value", fmt::format("messages[{}].content", index));
}

/// A `data:` URL, put together in place: it may be megabytes.
void write_data_url(json::writer& out, chat::part const& part) {
  out.text("data:");
  auto& bytes = out.out();
  bytes.pop_back();
  bytes.append(part.media_type).append(";base64,").append(part.data) += '"';
}

bool is_picture(chat::part const& part) {
  return part.kind == part_kind::image || (part.url.empty() && part.media_type.starts_with("image/"));
}

void write_image(json::writer& out, chat::part const& part) {
  out.key("type").text("input_image").key("image_url");
  part.url.empty() ? write_data_url(out, part) : static_cast<void>(out.text(part.url));
  if (!part.detail.empty()) out.key("detail").text(part.detail);
}

struct extension_row {
  std::string_view media_type;
  std::string_view name;
};

/// A file that comes as data must have a name; its ending tells what it is.
constexpr extension_row nameless[] = {
    {"application/pdf", "document.pdf"},
    {"text/markdown", "document.md"},
    {"application/json", "document.json"},
    {"text/csv", "document.csv"},
};

chat::raw_text name_of(chat::part const& part) {
  if (!part.name.empty()) return part.name;
  auto const row = std::ranges::find(nameless, part.media_type, &extension_row::media_type);
  return row == std::end(nameless) ? "document.txt" : row->name;
}

void write_file(json::writer& out, chat::part const& part) {
  out.key("type").text("input_file");
  if (!part.file_id.empty()) {
    out.key("file_id").text(part.file_id);
  } else if (!part.url.empty()) {
    out.key("file_url").text(part.url);
  } else {
    out.key("filename").text(name_of(part)).key("file_data");
    write_data_url(out, part);
  }
}

}  // namespace

chat::result<void> write_input_part(json::writer& out, chat::part const& part, bool marks, std::size_t message) {
  if (part.kind == part_kind::audio) return refuse("this model takes no audio", message);
  bool const text = part.kind == part_kind::text || part.kind == part_kind::refusal;
  bool const media = part.kind == part_kind::image || part.kind == part_kind::document;
  if (!text && !media) return refuse("only an assistant message may hold this part", message);
  out.open('{');
  if (text) {
    out.key("type").text("input_text").key("text").text(part.text);
  } else if (is_picture(part)) {
    write_image(out, part);
  } else {
    write_file(out, part);
  }
  if (marks && !part.cache_control.empty()) out.key("prompt_cache_breakpoint").raw(R"({"mode":"explicit"})");
  out.close('}');
  return {};
}

chat::result<void> write_output_part(json::writer& out, chat::part const& part, std::size_t message) {
  bool const refusal = part.kind == part_kind::refusal;
  if (!refusal && part.kind != part_kind::text) {
    return refuse("this model takes no images, files or audio in an assistant message", message);
  }
  out.open('{').key("type").text(refusal ? "refusal" : "output_text");
  out.key(refusal ? "refusal" : "text").text(part.text).close('}');
  return {};
}

}  // namespace recloser::dialects::openai_responses
