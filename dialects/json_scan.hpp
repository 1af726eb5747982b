#pragma once
// The two scanners behind json.hpp. Both find the values of a JSON text in one pass and build nothing: the checked one
// refuses whatever RFC 8259 does not allow (UTF-8 apart, which simdjson checks), the trusted one runs over a text that was
// checked before. Why not simdjson's on-demand parser for the scan: most of a request is inside few long strings, and
// skipping those is cheaper than indexing them (100 KB of prose 7 µs against 11, a small request 0.5 µs against 0.7, full
// checks included; only text that is dense with escapes costs more, 31 µs against 12), and it tells where the fault is.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <string_view>
#include <vector>

#include "chat/text.hpp"
#include "dialects/json.hpp"
#include "dialects/json_bytes.hpp"

namespace recloser::json {

class checked_scanner {
 public:
  explicit checked_scanner(std::string_view text) : at(text.data()), end(text.data() + text.size()) {}

  char const* at;
  char const* end;
  char const* problem = "";  ///< when something returned false, what is wrong at `at`

  void skip_space() {
    while (at != end && is_space(*at)) ++at;
  }

  /// At a value: goes past it.
  bool value() {
    if (at == end) return fail("a value is missing");
    switch (*at) {
      case '"': return string();
      case '{': return object([](std::string_view, chat::raw_json) {});
      case '[': return array();
      case 't': return word("true");
      case 'f': return word("false");
      case 'n': return word("null");
      default: return number();
    }
  }

  /// Inside a string: goes past its closing quote.
  bool rest_of_string() {
    while (true) {
      at = find_special(at, end);
      if (at == end) return fail("");
      if (*at == '"') {
        ++at;
        return true;
      }
      if (*at != '\\') return fail("a control character stands unescaped in a string");
      if (!escapes()) return false;
    }
  }

  /// At `{`: goes past the object and calls `on_member(key, value)` for each.
  template <class OnMember>
  bool object(OnMember on_member) {
    if (!enter()) return false;
    if (at != end && *at == '}') return leave();
    while (true) {
      if (at == end || *at != '"') return fail("a member name in quotes is missing");
      char const* const key = at + 1;
      if (!string()) return false;
      std::string_view const name(key, static_cast<std::size_t>(at - key - 1));
      skip_space();
      if (at == end || *at != ':') return fail("':' is missing");
      ++at;
      skip_space();
      char const* const begin = at;
      if (!value()) return false;
      on_member(name, chat::raw_json(begin, static_cast<std::size_t>(at - begin)));
      skip_space();
      if (at == end) return fail("");
      if (*at == '}') return leave();
      if (*at != ',') return fail("',' or '}' is missing");
      ++at;
      skip_space();
    }
  }

 private:
  bool fail(char const* what) {
    problem = what;
    return false;
  }

  bool enter() {
    if (++depth_ > max_depth) return fail("nesting is deeper than 128 levels");
    ++at;
    skip_space();
    return true;
  }

  bool leave() {
    --depth_;
    ++at;
    return true;
  }

  bool array() {
    if (!enter()) return false;
    if (at != end && *at == ']') return leave();
    while (true) {
      if (!value()) return false;
      skip_space();
      if (at == end) return fail("");
      if (*at == ']') return leave();
      if (*at != ',') return fail("',' or ']' is missing");
      ++at;
      skip_space();
    }
  }

  bool string() {
    ++at;
    return rest_of_string();
  }

  /// At a backslash: goes past it and the letter after it, and maybe further in the same string.
  bool escapes() {
    char const* const begin = at;
#if defined(__SSE2__)
    if (end - at >= escaped_block::size) {
      escaped_block const block(at);
      for (auto left = block.escaped; left != 0; left &= left - 1) {
        if (!escape_letter(begin + std::countr_zero(left))) return false;
      }
      at = begin + block.length;
      return true;
    }
#endif
    if (end - at < 2) return at = end, fail("");
    if (!escape_letter(begin + 1)) return false;
    at = begin + 2;  // the digits of a \u escape are plain characters
    return true;
  }

  bool escape_letter(char const* letter) {
    auto const kind = kind_of_escape(*letter);
    if (kind == escape_kind::simple) return true;
    at = letter;
    if (kind == escape_kind::bad) return fail("a string has an unknown escape");
    for (++at; at < letter + 5; ++at) {
      if (at == end) return fail("");
      if (!is_hex(*at)) return fail("a string has a bad \\u escape");
    }
    return true;
  }

  static bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

  bool word(std::string_view expected) {
    if (std::string_view(at, static_cast<std::size_t>(end - at)).substr(0, expected.size()) != expected) {
      return fail("an unknown word stands");
    }
    at += expected.size();
    return true;
  }

  bool digits() {
    if (at == end || !is_digit(*at)) return false;
    while (at != end && is_digit(*at)) ++at;
    return true;
  }

  bool number() {
    char const* const begin = at;
    bool const negative = *at == '-';
    if (negative) ++at;
    bool const leading_zero = at != end && *at == '0';
    if (!digits()) return fail(negative ? "a number has no digits" : "a value is missing");
    if (leading_zero && at - begin > (negative ? 2 : 1)) return fail("a number has a leading zero");
    if (at != end && *at == '.') {
      ++at;
      if (!digits()) return fail("a number has no digits after its point");
    }
    if (at != end && (*at == 'e' || *at == 'E')) {
      ++at;
      if (at != end && (*at == '+' || *at == '-')) ++at;
      if (!digits()) return fail("a number has an empty exponent");
    }
    return true;
  }

  int depth_ = 0;
};

/// Stays inside its text whatever the text holds, but says nothing useful about one that is not JSON.
class trusted_scanner {
 public:
  explicit trusted_scanner(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  /// Calls `on_member(key, value)` until it returns false. False when this is not an object.
  template <class OnMember>
  bool object(OnMember on_member) {
    if (!take('{')) return false;
    if (take('}')) return true;
    do {
      skip_space();
      std::string_view const key = text_of(value());
      if (!take(':')) return false;
      skip_space();
      if (!on_member(key, value())) return true;
    } while (take(','));
    return take('}');
  }

  template <class OnElement>
  bool array(OnElement on_element) {
    if (!take('[')) return false;
    if (take(']')) return true;
    do {
      skip_space();
      if (!on_element(value())) return true;
    } while (take(','));
    return take(']');
  }

  /// The same without going past the values first: `on_key(key)` does that, by `value()` or by walking in. So a text
  /// inside nested objects is passed over once and not once for each level. False also when `on_key` said so.
  template <class OnKey>
  bool walk_object(OnKey on_key) {
    if (!take('{')) return false;
    if (take('}')) return true;
    do {
      skip_space();
      std::string_view const key = text_of(value());
      if (!take(':') || !on_key(key)) return false;
    } while (take(','));
    return take('}');
  }

  template <class OnElement>
  bool walk_array(OnElement on_element) {
    if (!take('[')) return false;
    if (take(']')) return true;
    do {
      if (!on_element()) return false;
    } while (take(','));
    return take(']');
  }

  /// The first byte of the value ahead, or 0 at the end.
  char peek() {
    skip_space();
    return at_ == end_ ? '\0' : *at_;
  }

  /// Goes past the value ahead.
  chat::raw_json value() {
    skip_space();
    char const* const begin = at_;
    if (at_ == end_) return {};
    if (*at_ == '"') {
      skip_string();
    } else if (*at_ == '{' || *at_ == '[') {
      skip_container();
    } else {
      while (at_ != end_ && *at_ != ',' && *at_ != '}' && *at_ != ']' && !is_space(*at_)) ++at_;
    }
    return {begin, static_cast<std::size_t>(at_ - begin)};
  }

  /// For an array of objects: calls `on_object(text, members)` for each, in one pass over all of them. What is no object
  /// is passed over.
  template <class OnObject>
  bool objects(std::vector<member>& members, OnObject on_object) {
    if (!take('[')) return false;
    if (take(']')) return true;
    do {
      skip_space();
      char const* const begin = at_;
      if (at_ == end_ || *at_ != '{') {
        value();
        continue;
      }
      members.clear();
      bool const whole = object([&](std::string_view key, chat::raw_json value) {
        members.push_back({key, value});
        return true;
      });
      if (!whole) return false;
      on_object(chat::raw_json(begin, static_cast<std::size_t>(at_ - begin)), members);
    } while (take(','));
    return take(']');
  }

 private:
  void skip_space() {
    while (at_ != end_ && is_space(*at_)) ++at_;
  }

  bool take(char c) {
    skip_space();
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }

  void skip_string() {
    ++at_;
    while (true) {
      at_ = find_special(at_, end_);
      if (at_ == end_) return;
      if (*at_ == '"') {
        ++at_;
        return;
      }
      if (*at_ == '\\') {
        skip_escapes();
      } else {
        ++at_;
      }
    }
  }

  void skip_escapes() {
#if defined(__SSE2__)
    if (end_ - at_ >= escaped_block::size) {
      at_ += escaped_block(at_).length;
      return;
    }
#endif
    at_ += std::min<std::ptrdiff_t>(2, end_ - at_);
  }

  void skip_container() {
    int depth = 0;
    while (at_ != end_) {
      switch (*at_) {
        case '"': skip_string(); continue;
        case '{':
        case '[': ++depth; break;
        case '}':
        case ']': --depth; break;
        default: break;
      }
      ++at_;
      if (depth == 0) return;
    }
  }

  char const* at_;
  char const* end_;
};

}  // namespace recloser::json
