#include <array>

#include "dialects/gemini/generate_content.hpp"

namespace recloser::dialects::gemini {

namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

/// RFC 3986 §2.1: a model's name can then neither end the path nor climb out of it.
void append_encoded(std::string_view text, std::string& out) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  for (char const c : text) {
    if (is_unreserved(c)) {
      out += c;
      continue;
    }
    auto const byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 0xF];
  }
}

constexpr std::array<std::string_view, 2> collections = {"models/", "tunedModels/"};

}  // namespace

std::string path(std::string_view model, bool stream) {
  std::string_view collection = collections[0];
  for (auto const each : collections) {
    if (!model.starts_with(each)) continue;
    collection = each;
    model.remove_prefix(each.size());
    break;
  }
  std::string out("/");
  out.append(collection);
  append_encoded(model, out);
  return out.append(stream ? ":streamGenerateContent?alt=sse" : ":generateContent");
}

}  // namespace recloser::dialects::gemini
