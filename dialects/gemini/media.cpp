#include "dialects/gemini/media.hpp"

#include <algorithm>
#include <iterator>
#include <string>

#include <fmt/format.h>

#include "dialects/error_text.hpp"

namespace recloser::dialects::gemini {

using chat::part_kind;
using chat::raw_text;

namespace {

struct row {
  std::string_view from;
  std::string_view type;
};

template <std::size_t Size>
std::string_view look_up(row const (&table)[Size], std::string_view from) {
  auto const found = std::ranges::find(table, from, &row::from);
  return found == std::end(table) ? std::string_view() : found->type;
}

/// Other names of the same thing.
constexpr row synonyms[] = {
    {"image/jpg", "image/jpeg"},        {"text/markdown", "text/md"},    {"application/x-pdf", "application/pdf"},
    {"application/json", "text/plain"}, {"application/xml", "text/xml"}, {"application/yaml", "text/plain"},
};

/// Texts that the vendor lists; every other kind of text is sent as a plain one.
constexpr std::string_view text_types[] = {"text/plain", "text/html", "text/css",        "text/md",      "text/csv",
                                           "text/xml",   "text/rtf",  "text/javascript", "text/x-python"};

/// OpenAI's `input_audio.format`.
constexpr row sounds[] = {
    {"mp3", "audio/mp3"}, {"m4a", "audio/mp4"}, {"opus", "audio/ogg"}, {"oga", "audio/ogg"}, {"aif", "audio/aiff"},
};

constexpr row extensions[] = {
    {"png", "image/png"},   {"jpg", "image/jpeg"},      {"jpeg", "image/jpeg"}, {"webp", "image/webp"},
    {"heic", "image/heic"}, {"heif", "image/heif"},     {"gif", "image/gif"},   {"bmp", "image/bmp"},
    {"avif", "image/avif"}, {"pdf", "application/pdf"}, {"txt", "text/plain"},  {"md", "text/md"},
    {"html", "text/html"},  {"htm", "text/html"},       {"csv", "text/csv"},    {"xml", "text/xml"},
    {"json", "text/plain"}, {"wav", "audio/wav"},       {"mp3", "audio/mp3"},   {"flac", "audio/flac"},
    {"ogg", "audio/ogg"},   {"aac", "audio/aac"},       {"mp4", "video/mp4"},   {"mov", "video/quicktime"},
    {"webm", "video/webm"}, {"mpeg", "video/mpeg"},     {"mpg", "video/mpeg"},
};

/// How the base64 of a file begins.
constexpr row beginnings[] = {
    {"iVBORw0KGgo", "image/png"}, {"/9j/", "image/jpeg"},        {R"(\/9j)", "image/jpeg"},
    {"UklGR", "image/webp"},      {"JVBERi", "application/pdf"}, {"R0lGOD", "image/gif"},
};

std::string_view sniffed(raw_text data) {
  auto const found = std::ranges::find_if(beginnings, [&](auto const& each) { return data.starts_with(each.from); });
  return found == std::end(beginnings) ? std::string_view() : found->type;
}

/// By what stands after the last dot of the path.
std::string_view type_of_name(raw_text name) {
  name = name.substr(0, name.find_first_of("?#"));
  auto const dot = name.rfind('.');
  constexpr std::size_t longest = 8;
  if (dot == raw_text::npos || name.size() - dot > longest) return {};
  return look_up(extensions, lower_ascii(name.substr(dot + 1)));
}

bool is_youtube(raw_text url) {
  for (auto const host : {"youtube.com", "youtu.be"}) {
    if (url.find(host) != raw_text::npos) return true;
  }
  return false;
}

/// A guess where nothing tells: most images on the web are JPEG, most documents PDF.
raw_text type_of_url(raw_text url, chat::part const& part) {
  if (!part.media_type.empty()) return part.media_type;
  if (auto const type = type_of_name(url); !type.empty()) return type;
  if (is_youtube(url)) return "video/mp4";
  if (auto const type = type_of_name(part.name); !type.empty()) return type;
  return part.kind == part_kind::image ? "image/jpeg" : "application/pdf";
}

raw_text type_of_data(chat::part const& part, chat::store& made) {
  if (part.kind == part_kind::audio) {
    auto const known = look_up(sounds, part.media_type);
    return known.empty() ? raw_text(made.keep(fmt::format("audio/{}", part.media_type))) : known;
  }
  bool const unknown = part.media_type.empty() || part.media_type == "application/octet-stream";
  if (unknown) return sniffed(part.data);
  if (auto const better = look_up(synonyms, part.media_type); !better.empty()) return better;
  bool const odd_text =
      part.media_type.starts_with("text/") && std::ranges::find(text_types, part.media_type) == std::end(text_types);
  return odd_text ? raw_text("text/plain") : part.media_type;
}

constexpr std::string_view files_host = "https://generativelanguage.googleapis.com/v1beta/";

/// Google's own names of kept files: `files/abc` of the Files API, `gs://bucket/object`.
chat::result<media> kept_file(chat::part const& part, chat::store& made) {
  raw_text uri;
  if (part.file_id.starts_with("gs:")) uri = part.file_id;
  if (part.file_id.starts_with("files/")) uri = made.keep(std::string(files_host).append(part.file_id));
  if (uri.empty()) return chat::bad_request("this file id is another provider's; send the file as 'file_data'");
  return media{type_of_url(uri, part), {}, uri};
}

}  // namespace

chat::result<media> media_of(chat::part const& part, chat::store& made) {
  if (!part.url.empty()) return media{type_of_url(part.url, part), {}, part.url};
  if (!part.file_id.empty()) return kept_file(part, made);
  if (part.data.empty()) return chat::bad_request("a file of no bytes");
  auto const type = type_of_data(part, made);
  if (type.empty()) return chat::bad_request("the data: URL must name the type of its bytes, like image/png");
  return media{type, part.data, {}};
}

void write_media(json::writer& out, media const& what) {
  bool const inside = what.uri.empty();
  out.key(inside ? "inlineData" : "fileData").open('{').key("mimeType").text(what.type);
  out.key(inside ? "data" : "fileUri").text(inside ? what.data : what.uri).close('}');
}

}  // namespace recloser::dialects::gemini
