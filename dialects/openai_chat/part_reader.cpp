#include "dialects/openai_chat/part_reader.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "dialects/json_values.hpp"
#include "dialects/openai_chat/refusals.hpp"

namespace recloser::dialects::openai_chat {

using chat::raw_json;
using chat::raw_text;
using json::kind;
using json::kind_of;

std::string part_place::path(std::string_view member) const {
  return fmt::format("messages[{}].content[{}].{}", message, part, member);
}

namespace {

/// The members of a part that anyone reads, as they stood.
struct raw_part {
  raw_json type, text, image_url, file, input_audio, refusal, thinking, signature, data, cache_control, breakpoint;
};

struct member_row {
  std::string_view name;
  raw_json raw_part::*place;
};

constexpr member_row members[] = {
    {"type", &raw_part::type},
    {"text", &raw_part::text},
    {"image_url", &raw_part::image_url},
    {"file", &raw_part::file},
    {"input_audio", &raw_part::input_audio},
    {"refusal", &raw_part::refusal},
    {"thinking", &raw_part::thinking},
    {"signature", &raw_part::signature},
    {"data", &raw_part::data},
    {"cache_control", &raw_part::cache_control},
    {"prompt_cache_breakpoint", &raw_part::breakpoint},
};

constexpr std::string_view default_marker = R"({"type":"ephemeral"})";

struct reading {
  raw_part const& raw;
  part_place where;
  chat::store& store;
};

// ---- data URLs -------------------------------------------------------------------------------------------------

struct data_url {
  raw_text media_type;
  raw_text data;
};

/// `data:image/png;base64,…` in its two halves. Parameters of the media type (`;charset=…`) are let go.
std::optional<data_url> split_data_url(raw_text url, chat::store& store) {
  auto const comma = url.find(',');
  if (comma == raw_text::npos) return std::nullopt;
  auto head = url.substr(0, comma);
  if (head.find('\\') != raw_text::npos) head = store.keep(json::decode(head));  // PHP writes image\/png
  if (!head.ends_with(";base64")) return std::nullopt;
  head.remove_prefix(std::string_view("data:").size());
  return data_url{head.substr(0, head.find(';')), url.substr(comma + 1)};
}

bool is_data_url(raw_text url) { return url.starts_with("data:"); }
bool is_web_url(raw_text url) {
  return url.starts_with("https:") || url.starts_with("http:");  // then `//` or `\/\/`
}

/// Fills in `url`, or `media_type` and `data`.
chat::result<void> read_url(raw_text url, std::string_view member, reading const& from, chat::part& out) {
  if (is_web_url(url)) {
    out.url = url;
    return {};
  }
  auto const split = is_data_url(url) ? split_data_url(url, from.store) : std::nullopt;
  if (!split) return wrong_value(from.where.path(member), url, "an https: URL or a data: URL in base64");
  out.media_type = split->media_type;
  out.data = split->data;
  return {};
}

// ---- one function per type of part -----------------------------------------------------------------------------

chat::result<void> read_text(reading const& from, chat::part& out) {
  if (kind_of(from.raw.text) != kind::string) return wrong_type(from.where.path("text"), "a string");
  out.kind = chat::part_kind::text;
  out.text = json::text_of(from.raw.text);
  return {};
}

chat::result<void> read_refusal(reading const& from, chat::part& out) {
  if (kind_of(from.raw.refusal) != kind::string) return wrong_type(from.where.path("refusal"), "a string");
  out.kind = chat::part_kind::refusal;
  out.text = json::text_of(from.raw.refusal);
  return {};
}

/// `{"url":…,"detail":…}`, or the bare string that some clients send.
chat::result<void> read_image(reading const& from, chat::part& out) {
  auto const image = from.raw.image_url;
  auto const url = kind_of(image) == kind::object ? json::find(image, "url") : image;
  if (kind_of(url) != kind::string) return wrong_type(from.where.path("image_url.url"), "a string");
  out.kind = chat::part_kind::image;
  if (kind_of(image) == kind::object) out.detail = json::text_of(json::find(image, "detail"));
  return read_url(json::text_of(url), "image_url.url", from, out);
}

constexpr std::string_view pdf = "application/pdf";

/// `file_data` is a data URL; some clients send bare base64 and mean a PDF, some put a URL in `file_id`.
chat::result<void> read_file(reading const& from, chat::part& out) {
  if (kind_of(from.raw.file) != kind::object) return wrong_type(from.where.path("file"), "an object");
  out.kind = chat::part_kind::document;
  out.name = json::text_of(json::find(from.raw.file, "filename"));
  auto const id = json::text_of(json::find(from.raw.file, "file_id"));
  if (is_web_url(id) || is_data_url(id)) return read_url(id, "file.file_id", from, out);
  out.file_id = id;
  if (!id.empty()) return {};
  auto const data = json::text_of(json::find(from.raw.file, "file_data"));
  if (data.empty()) return missing(from.where.path("file.file_data"));
  if (is_web_url(data) || is_data_url(data)) return read_url(data, "file.file_data", from, out);
  out.media_type = pdf;
  out.data = data;
  return {};
}

chat::result<void> read_audio(reading const& from, chat::part& out) {
  if (kind_of(from.raw.input_audio) != kind::object) return wrong_type(from.where.path("input_audio"), "an object");
  out.kind = chat::part_kind::audio;
  out.data = json::text_of(json::find(from.raw.input_audio, "data"));
  out.media_type = json::text_of(json::find(from.raw.input_audio, "format"));
  return {};
}

chat::result<void> read_thinking(reading const& from, chat::part& out) {
  out.kind = chat::part_kind::thinking;
  out.text = json::text_of(from.raw.thinking);
  out.signature = json::text_of(from.raw.signature);
  return {};
}

chat::result<void> read_redacted_thinking(reading const& from, chat::part& out) {
  out.kind = chat::part_kind::redacted_thinking;
  out.data = json::text_of(from.raw.data);
  return {};
}

struct type_row {
  std::string_view type;
  chat::result<void> (*read)(reading const& from, chat::part& out);
};

constexpr type_row types[] = {
    {"text", read_text},
    {"image_url", read_image},
    {"file", read_file},
    {"input_audio", read_audio},
    {"refusal", read_refusal},
    {"thinking", read_thinking},
    {"redacted_thinking", read_redacted_thinking},
};

raw_part gather(json::trusted_scanner& scan) {
  raw_part raw;
  scan.walk_object([&](std::string_view key) {
    auto const value = scan.value();
    auto const row = std::ranges::find(members, key, &member_row::name);
    if (row != std::end(members)) raw.*row->place = json::unless_null(value);
    return true;
  });
  return raw;
}

/// Anthropic's own marker, else OpenAI's, which says the same without a choice of ours.
raw_json cache_marker(raw_part const& raw) {
  if (kind_of(raw.cache_control) == kind::object) return raw.cache_control;
  return kind_of(raw.breakpoint) == kind::object ? raw_json(default_marker) : raw_json();
}

}  // namespace

chat::result<chat::part> read_part(json::trusted_scanner& scan, part_place where, chat::store& store) {
  if (scan.peek() != '{') {
    return wrong_type(fmt::format("messages[{}].content[{}]", where.message, where.part), "an object");
  }
  auto const raw = gather(scan);
  if (kind_of(raw.type) != kind::string) return missing(where.path("type"));
  auto const type = json::text_of(raw.type);
  auto const row = std::ranges::find(types, type, &type_row::type);
  if (row == std::end(types)) {
    return wrong_value(where.path("type"), type, "one of text, image_url, file, input_audio, refusal");
  }
  chat::part out;
  if (auto done = row->read({raw, where, store}, out); !done) return done.error();
  out.cache_control = cache_marker(raw);
  return out;
}

}  // namespace recloser::dialects::openai_chat
