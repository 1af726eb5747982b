#include "providers/encoding.hpp"

#include <algorithm>
#include <optional>

namespace recloser::providers {

namespace {

constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

std::string base64_with(std::string_view bytes, std::string_view last_two) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  unsigned held = 0;
  unsigned bits = 0;
  auto const put = [&](unsigned six) { out += six < letters.size() ? letters[six] : last_two[six - letters.size()]; };
  for (char const c : bytes) {
    held = (held << 8) | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 6; bits -= 6) put((held >> (bits - 6)) & 0x3F);
    held &= 0xFF;  // no more than six bits of it are still to come
  }
  if (bits > 0) put((held << (6 - bits)) & 0x3F);
  return out;
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

}  // namespace

std::string hex(std::span<std::uint8_t const> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (unsigned const byte : bytes) {
    out += digits[byte >> 4];
    out += digits[byte & 0xF];
  }
  return out;
}

std::string base64(std::string_view bytes) {
  std::string out = base64_with(bytes, "+/");
  out.resize((bytes.size() + 2) / 3 * 4, '=');
  return out;
}

std::string base64url(std::string_view bytes) { return base64_with(bytes, "-_"); }

std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size() + text.size() / 4);
  for (char const c : text) {
    if (is_unreserved(c)) {
      out += c;
      continue;
    }
    unsigned const byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 0xF];
  }
  return out;
}

std::string percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto const high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
    auto const low = high ? hex_digit(text[i + 2]) : std::nullopt;
    out += low ? static_cast<char>(*high << 4 | *low) : text[i];
    if (low) i += 2;
  }
  return out;
}

std::string form_body(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  std::string out;
  for (auto const& [name, value] : fields) {
    if (value.empty()) continue;
    if (!out.empty()) out += '&';
    out.append(name).append("=").append(percent_encode(value));
  }
  return out;
}

bool is_visible_ascii(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7F'; });
}

}  // namespace recloser::providers
