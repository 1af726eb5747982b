#pragma once
// What the tests of model text share: tools on offer, and texts read whole, byte by byte and at every cut, in two spellings.

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "dialects/json.hpp"
#include "dialects/model_text/text_reader.hpp"

namespace recloser::dialects::model_text {

inline std::vector<chat::tool> const& tools() {
  static std::vector<chat::tool> const all = [] {
    std::vector<chat::tool> out(4);
    out[0].name = "get_weather";
    out[0].parameters =
        R"({"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"},"metric":{"type":"boolean"},"tags":{"type":["array","null"],"items":{"type":"string"}},"place":{"$ref":"#/$defs/place"},"any":{},"zip":{"anyOf":[{"type":"string"},{"type":"null"}]}},"$defs":{"place":{"type":"object"}}})";
    out[1].name = "write_file";
    out[1].parameters =
        R"({"type":"object","properties":{"path":{"type":"string"},"content":{"type":"string"}},"required":["path","content"]})";
    out[2].name = "brave_search";
    out[2].parameters = R"({"type":"object","properties":{"query":{"type":"string"}}})";
    out[3].name = "now";
    return out;
  }();
  return all;
}

/// `text: …`, `think: …` or `call: name id arguments`, one a line; texts are decoded.
inline std::string describe(findings const& found) {
  std::string out;
  for (auto const& each : found.list()) {
    if (each.what == finding::kind::call) {
      auto const& call = found.call_of(each);
      out += fmt::format("call: {} {}{}{}\n", call.name, call.id, call.id.empty() ? "" : " ", call.arguments);
    } else {
      out += each.what == finding::kind::text ? "text: " : "think: ";
      out += json::decode(found.text_of(each)) + '\n';
    }
  }
  return out;
}

struct reading {
  std::string_view family = "generic";
  chat::finish_reason finish = chat::finish_reason::stop;
  bool with_tools = true;
  bool reasoning_came = false;
};

inline findings read(std::vector<std::string_view> const& pieces, reading const& how) {
  auto const* const of = find_family(how.family);
  EXPECT_NE(of, nullptr) << how.family;
  offered_tools const offered(how.with_tools ? tools() : std::vector<chat::tool>());
  text_reader reader(*of, of->thinking, offered);
  if (how.reasoning_came) reader.reasoning_came();
  findings out;
  for (auto const piece : pieces) {
    std::string const copy(piece);  // dies right after feed
    reader.feed(copy, out);
  }
  reader.finish(how.finish, out);
  return out;
}

/// Every UTF-16 unit as `\uXXXX`.
inline std::string spelt_out(std::string_view plain) {
  std::string out;
  for (std::size_t i = 0; i < plain.size();) {
    auto const first = static_cast<unsigned char>(plain[i]);
    std::size_t const size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    std::uint32_t code = size == 1 ? first : first & (0x7Fu >> size);
    for (std::size_t k = 1; k < size; ++k) code = code << 6 | (static_cast<unsigned char>(plain[i + k]) & 0x3Fu);
    if (code < 0x10000) {
      out += fmt::format("\\u{:04X}", code);
    } else {
      code -= 0x10000;
      out += fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + (code >> 10), 0xDC00 + (code & 0x3FF));
    }
    i += size;
  }
  return out;
}

inline std::vector<std::string_view> one_by_one(std::string_view bytes) {
  std::vector<std::string_view> out;
  for (std::size_t i = 0; i < bytes.size(); ++i) out.push_back(bytes.substr(i, 1));
  return out;
}

/// The same result whole, byte by byte and at every cut.
inline void expect_reading(std::string_view plain, reading const& how, std::string const& expected) {
  for (auto const& text : {json::escaped(plain), spelt_out(plain)}) {
    EXPECT_EQ(describe(read({text}, how)), expected) << text;
    EXPECT_EQ(describe(read(one_by_one(text), how)), expected) << "byte by byte: " << text;
    for (std::size_t cut = 1; cut < text.size(); ++cut) {
      std::string_view const all = text;
      ASSERT_EQ(describe(read({all.substr(0, cut), all.substr(cut)}, how)), expected)
          << "cut at " << cut << " of " << text;
    }
  }
}

// ---- tables ---------------------------------------------------------------------------------------------------------

struct text_case {
  char const* what;
  reading how;
  std::string text;
  std::string expected;
};

inline void check(std::vector<text_case> const& cases) {
  for (auto const& each : cases) {
    SCOPED_TRACE(each.what);
    expect_reading(each.text, each.how, each.expected);
  }
}

inline std::string const paris = "call: get_weather {\"city\": \"Paris\"}\n";
inline std::string const oslo = "call: get_weather {\"city\": \"Oslo\"}\n";
inline std::string const json_paris = R"({"name": "get_weather", "arguments": {"city": "Paris"}})";
inline std::string const json_oslo = R"({"name": "get_weather", "arguments": {"city": "Oslo"}})";

inline std::string as_text(std::string const& text) { return "text: " + text + '\n'; }

}  // namespace recloser::dialects::model_text
