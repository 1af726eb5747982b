#include "dialects/text_document.hpp"

#include <array>
#include <cstdint>

#include <simdjson.h>

#include "dialects/json.hpp"

namespace recloser::dialects {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr auto digits = [] {
  std::array<std::int8_t, 256> out{};
  out.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    out[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  return out;
}();

/// RFC 4648 §4; line breaks and missing padding are forgiven.
std::optional<std::string> decode_base64(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string out;
  out.reserve(text.size() / 4 * 3 + 3);
  std::uint32_t bits = 0;
  int held = 0;
  for (char const c : text) {
    if (c == '\n' || c == '\r' || c == ' ') continue;
    auto const digit = digits[static_cast<unsigned char>(c)];
    if (digit < 0) return std::nullopt;
    bits = (bits << 6) | static_cast<std::uint32_t>(digit);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>((bits >> held) & 0xFF);
  }
  return out;
}

}  // namespace

bool is_text_document(chat::part const& part) {
  return part.kind == chat::part_kind::document && part.media_type.starts_with("text/");
}

std::optional<std::string> text_of_base64(chat::raw_text data) {
  auto const bytes = decode_base64(data.find('\\') == chat::raw_text::npos ? std::string(data) : json::decode(data));
  if (!bytes || !simdjson::validate_utf8(*bytes)) return std::nullopt;
  return json::escaped(*bytes);
}

}  // namespace recloser::dialects
