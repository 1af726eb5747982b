#include "dialects/json.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <fmt/format.h>
#include <simdjson.h>

#include "dialects/json_scan.hpp"

namespace recloser::json {

// ---- scanning --------------------------------------------------------------------------------------------------

namespace {

constexpr std::size_t usual_count = 8;  // members or elements: room that is made at once

chat::fault not_json(std::string_view why) {
  return chat::bad_request(fmt::format("the body is not valid JSON: {}", why));
}

chat::fault not_json_at(checked_scanner const& scan, std::string_view text) {
  if (scan.at == scan.end) return not_json("it ends too early");
  return not_json(fmt::format("{} at byte {}", scan.problem, scan.at - text.data()));
}

/// The key that two members share, or null. Few members are compared pair by pair, many are sorted first, so that a
/// hostile body costs n log n.
std::string_view const* duplicate_key(std::vector<member> const& members) {
  constexpr std::size_t few = 32;
  if (members.size() <= few) {
    for (std::size_t i = 1; i < members.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (members[i].key == members[j].key) return &members[i].key;
    return nullptr;
  }
  std::vector<std::string_view const*> keys;
  keys.reserve(members.size());
  for (auto const& each : members) keys.push_back(&each.key);
  std::ranges::sort(keys, {}, [](auto const* key) { return *key; });
  auto const twice = std::ranges::adjacent_find(keys, {}, [](auto const* key) { return *key; });
  return twice == keys.end() ? nullptr : *twice;
}

/// A name that a client hides behind escapes (`mod\u0065l`) would pass our edits and still be read by the provider.
std::string_view const* escaped_key(std::vector<member> const& members) {
  auto const hidden =
      std::ranges::find_if(members, [](auto const& each) { return each.key.find('\\') != std::string_view::npos; });
  return hidden == members.end() ? nullptr : &hidden->key;
}

}  // namespace

chat::result<std::vector<member>> scan_object(std::string_view text) {
  std::vector<member> members;
  if (auto done = scan_object(text, members); !done) return done.error();
  return members;
}

chat::result<void> scan_object(std::string_view text, std::vector<member>& out) {
  out.clear();
  checked_scanner scan(text);
  scan.skip_space();
  if (scan.at == scan.end) return chat::bad_request("the body is empty: a JSON object is expected");
  if (*scan.at != '{') {
    return scan.value() ? chat::bad_request("the body must be a JSON object") : not_json_at(scan, text);
  }
  if (!scan.object([&](std::string_view key, chat::raw_json value) { out.push_back({key, value}); })) {
    return not_json_at(scan, text);
  }
  scan.skip_space();
  if (scan.at != scan.end)
    return not_json(fmt::format("there is more after the object, at byte {}", scan.at - text.data()));
  if (!is_utf8(text)) return not_json("it is not UTF-8");
  if (auto const* key = escaped_key(out)) {
    return chat::bad_request(fmt::format("the member name \"{}\" is written with escapes; write it plainly", *key));
  }
  if (auto const* key = duplicate_key(out)) {
    return chat::bad_request(fmt::format("the member \"{}\" is given twice", *key), {}, std::string(*key));
  }
  return {};
}

bool members_of(chat::raw_json object, std::vector<member>& out) {
  out.clear();
  out.reserve(usual_count);
  trusted_scanner scan(object);
  return scan.object([&](std::string_view key, chat::raw_json value) {
    out.push_back({key, value});
    return true;
  });
}

bool elements_of(chat::raw_json array, std::vector<chat::raw_json>& out) {
  out.clear();
  out.reserve(usual_count);
  trusted_scanner scan(array);
  return scan.array([&](chat::raw_json value) {
    out.push_back(value);
    return true;
  });
}

chat::raw_json find(chat::raw_json object, std::string_view key) {
  chat::raw_json found;
  trusted_scanner scan(object);
  scan.object([&](std::string_view name, chat::raw_json value) {
    if (name != key) return true;
    found = value;
    return false;
  });
  return found;
}

// ---- raw forms -------------------------------------------------------------------------------------------------

chat::raw_text text_of(chat::raw_json value) {
  if (value.size() < 2 || value.front() != '"' || value.back() != '"') return {};
  return value.substr(1, value.size() - 2);
}

namespace {

constexpr char32_t replacement = 0xFFFD;

void append_utf8(char32_t code, std::string& out) {
  auto const put = [&](char32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6));
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3F));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

/// The unit of `\uXXXX` at the front of `text`, or the replacement character when there is none.
bool code_unit(std::string_view text, char32_t& unit) {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return false;
  std::uint16_t value = 0;
  auto const [end, error] = std::from_chars(text.data() + 2, text.data() + 6, value, 16);
  if (error != std::errc{} || end != text.data() + 6) return false;
  unit = value;
  return true;
}

bool is_high_surrogate(char32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool is_low_surrogate(char32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

/// Takes one `\u` escape, or two that form a pair, off `text`.
char32_t take_code(std::string_view& text) {
  char32_t first = replacement;
  if (!code_unit(text, first)) {
    text.remove_prefix(std::min<std::size_t>(text.size(), 2));
    return replacement;
  }
  text.remove_prefix(6);
  if (is_low_surrogate(first)) return replacement;
  if (!is_high_surrogate(first)) return first;
  char32_t second = 0;
  if (!code_unit(text, second) || !is_low_surrogate(second)) return replacement;
  text.remove_prefix(6);
  return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
}

char simple_escape(char letter) {
  switch (letter) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return letter;  // `"`, `\`, `/`
  }
}

}  // namespace

std::string decode(chat::raw_text text) {
  std::string out;
  out.reserve(text.size());
  while (true) {
    auto const run = std::min(text.find('\\'), text.size());
    out.append(text.substr(0, run));
    text.remove_prefix(run);
    if (text.size() < 2) return out;
    if (text[1] == 'u') {
      append_utf8(take_code(text), out);
    } else {
      out += simple_escape(text[1]);
      text.remove_prefix(2);
    }
  }
}

void escape(std::string_view plain, std::string& out) {
  out.reserve(out.size() + plain.size() + 16);
  char const* const end = plain.data() + plain.size();
  for (char const* at = plain.data();; ++at) {
    char const* const special = find_special(at, end);
    out.append(at, special);
    if (special == end) return;
    at = special;
    switch (*at) {
      case '"': out.append("\\\"", 2); break;
      case '\\': out.append("\\\\", 2); break;
      case '\n': out.append("\\n", 2); break;
      case '\r': out.append("\\r", 2); break;
      case '\t': out.append("\\t", 2); break;
      case '\b': out.append("\\b", 2); break;
      case '\f': out.append("\\f", 2); break;
      default: fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(*at));
    }
  }
}

std::string escaped(std::string_view plain) {
  std::string out;
  escape(plain, out);
  return out;
}

bool is_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

bool is_blank(chat::raw_text text) {
  while (!text.empty()) {
    bool const is_escape = text.size() > 1 && text[0] == '\\';
    bool const blank = is_escape ? text[1] == 'n' || text[1] == 't' || text[1] == 'r' : is_space(text[0]);
    if (!blank) return false;
    text.remove_prefix(is_escape ? 2 : 1);
  }
  return true;
}

// ---- writing ---------------------------------------------------------------------------------------------------

void writer::separate() {
  if (comma_) out_ += ',';
}

writer& writer::open(char bracket) {
  separate();
  out_ += bracket;
  comma_ = false;
  return *this;
}

writer& writer::close(char bracket) {
  out_ += bracket;
  comma_ = true;
  return *this;
}

writer& writer::key(std::string_view plain_ascii) {
  text(plain_ascii);
  out_ += ':';
  comma_ = false;
  return *this;
}

writer& writer::text(chat::raw_text escaped) {
  separate();
  out_ += '"';
  out_.append(escaped);
  out_ += '"';
  comma_ = true;
  return *this;
}

writer& writer::string(std::string_view plain) {
  separate();
  out_ += '"';
  escape(plain, out_);
  out_ += '"';
  comma_ = true;
  return *this;
}

writer& writer::raw(chat::raw_json value) {
  separate();
  out_.append(value);
  comma_ = true;
  return *this;
}

writer& writer::number(std::int64_t value) { return raw(std::string_view(fmt::format_int(value).c_str())); }
writer& writer::boolean(bool value) { return raw(value ? "true" : "false"); }
writer& writer::null() { return raw("null"); }

}  // namespace recloser::json
