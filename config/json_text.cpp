#include "config/json_text.hpp"

#include <cctype>
#include <string_view>

namespace recloser::config {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view take_digits(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && is_digit(text[length])) ++length;
  std::string_view const digits = text.substr(0, length);
  text.remove_prefix(length);
  return digits;
}

std::string without_leading_zeros(std::string_view digits) {
  std::size_t const first = digits.find_first_not_of('0');
  return first == std::string_view::npos ? "0" : std::string(digits.substr(first));
}

/// `1e5`, `E-3`; empty when `text` does not begin with one.
std::string take_exponent(std::string_view& text) {
  if (text.empty() || (text[0] != 'e' && text[0] != 'E')) return {};
  std::string_view rest = text.substr(1);
  std::string sign;
  if (!rest.empty() && (rest[0] == '+' || rest[0] == '-')) {
    sign = rest[0];
    rest.remove_prefix(1);
  }
  std::string_view const digits = take_digits(rest);
  if (digits.empty()) return {};
  text = rest;
  return "e" + sign + std::string(digits);
}

/// YAML's decimal numbers as JSON has them (`.5` is 0.5, `+1` is 1, `010` is 10); empty when `text` is none.
std::string json_number(std::string_view text) {
  std::string out;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    if (text[0] == '-') out = "-";
    text.remove_prefix(1);
  }
  std::string_view const whole = take_digits(text);
  bool const point = text.starts_with('.');
  if (point) text.remove_prefix(1);
  std::string_view const fraction = point ? take_digits(text) : std::string_view();
  if (whole.empty() && fraction.empty()) return {};
  out += without_leading_zeros(whole);
  if (!fraction.empty()) out += "." + std::string(fraction);
  out += take_exponent(text);
  return text.empty() ? out : std::string();
}

/// `text` is UTF-8: the file was checked, and so was every variable.
std::string json_string(std::string_view text) {
  constexpr char hex[] = "0123456789abcdef";
  std::string out = "\"";
  for (char const c : text) {
    auto const byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20) {
      out += "\\u00";
      out += hex[byte >> 4];
      out += hex[byte & 0xF];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string json_scalar(node const& value) {
  if (value.quoted) return json_string(value.text);
  std::string_view const text = value.text;
  if (text == "true" || text == "True" || text == "TRUE") return "true";
  if (text == "false" || text == "False" || text == "FALSE") return "false";
  if (text.empty() || text == "null" || text == "~") return "null";  // after `${NAME:-}`
  if (std::string number = json_number(text); !number.empty()) return number;
  return json_string(text);
}

}  // namespace

std::string to_json(node const& value) {
  std::string out;
  switch (value.kind) {
    case node_kind::null: return "null";
    case node_kind::scalar: return json_scalar(value);
    case node_kind::sequence:
      for (node const& item : value.items) out += (out.empty() ? "" : ",") + to_json(item);
      return "[" + out + "]";
    case node_kind::map:
      for (member const& one : value.members) {
        out += (out.empty() ? "" : ",") + json_string(one.name) + ":" + to_json(one.value);
      }
      return "{" + out + "}";
  }
  return out;
}

}  // namespace recloser::config
