#include "dialects/model_text/block_reader.hpp"

#include <algorithm>
#include <utility>

#include "dialects/json.hpp"
#include "dialects/json_bytes.hpp"
#include "dialects/json_scan.hpp"
#include "dialects/json_values.hpp"
#include "dialects/model_text/loose_json.hpp"

namespace recloser::dialects::model_text {

namespace {

constexpr std::size_t longest_name = 256;
constexpr std::string_view gemma_quote = "<|\"|>";
constexpr char gemma = 'g';  // stands for that quote

bool is_name_character(char c) {
  return json::is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == '.' ||
         c == ':' || c == '/';
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && json::is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && json::is_space(text.back())) text.remove_suffix(1);
  return text;
}

void block_reader::skip_marker(std::string_view marker) {
  if (at_ > 0) return;
  at_ = marker.size();
  commit();
}

void block_reader::skip_space() {
  while (at_ < text_.size() && json::is_space(text_[at_])) ++at_;
}

found block_reader::literal(std::string_view word) {
  if (rest().starts_with(word)) {
    at_ += word.size();
    return found::yes;
  }
  return !last_ && word.starts_with(rest()) ? found::more : found::no;
}

found block_reader::one_of(std::span<std::string_view const> words, std::size_t& which) {
  auto out = found::no;
  for (which = 0; which < words.size(); ++which) {
    auto const got = literal(words[which]);
    if (got == found::yes) return got;
    if (got == found::more) out = got;
  }
  return out;
}

found block_reader::optional(std::string_view word) { return literal(word) == found::more ? found::more : found::yes; }

found block_reader::until(std::string_view stop, std::string_view& out) {
  auto const window = rest().substr(0, longest_name + stop.size());
  auto const end = window.find(stop);
  if (end == std::string_view::npos) return window.size() < longest_name + stop.size() ? nothing_left() : found::no;
  out = window.substr(0, end);
  at_ += end + stop.size();
  return found::yes;
}

found block_reader::name(std::string_view& out) {
  auto const window = rest().substr(0, longest_name);
  auto const end = std::ranges::find_if_not(window, is_name_character);
  if (end == window.end()) return window.size() < longest_name ? nothing_left() : found::no;
  out = window.substr(0, static_cast<std::size_t>(end - window.begin()));
  at_ += out.size();
  return out.empty() ? found::no : found::yes;
}

// ---- values ----------------------------------------------------------------------------------------------------

found block_reader::value(std::string_view& out) {
  skip_space();
  if (at_end()) return nothing_left();
  return text_[at_] == '{' || text_[at_] == '[' ? bracketed(out) : found::no;
}

found block_reader::bracketed(std::string_view& out) {
  if (span_.begin != at_) span_ = {.begin = at_, .at = at_};
  if (!span_.done) {
    auto const got = scan_value();
    if (got != found::yes) return got;
    span_.done = true;
  }
  cut_ = span_.cut;
  out = text_to(span_.at);
  at_ = span_.at;
  return found::yes;
}

/// Leaves `span_.at` behind the value.
found block_reader::scan_value() {
  auto& s = span_;
  for (; s.at < text_.size(); ++s.at) {
    char const c = text_[s.at];
    if (c == '<' && (s.quote == 0 || s.quote == gemma)) {
      auto const ahead = std::string_view(text_).substr(s.at);
      if (ahead.starts_with(gemma_quote)) {
        s.quote = s.quote == 0 ? gemma : 0;
        s.at += gemma_quote.size() - 1;
        continue;
      }
      if (!last_ && gemma_quote.starts_with(ahead)) return found::more;
    }
    if (s.quote != 0) {
      if (s.escaped) {
        s.escaped = false;
      } else if (c == '\\' && s.quote != gemma) {
        s.escaped = true;
      } else if (c == s.quote && s.quote != gemma) {
        s.quote = 0;
      }
      continue;
    }
    switch (c) {
      case '"':
      case '\'': s.quote = c; break;
      case '{':
      case '[':
      case '(':
        if (++s.depth > most_depth) return found::no;
        break;
      case '}':
      case ']':
      case ')':
        if (--s.depth == 0) return ++s.at, found::yes;
        break;
      case '<':
      case '`': return s.cut = true, found::yes;  // a tag or a fence: brackets were forgotten
      default: break;
    }
  }
  s.cut = last_;
  return !last_ ? found::more : may_close_ ? found::yes : found::no;
}

std::size_t& block_reader::searched() {
  if (search_begin_ != at_) searched_ = search_begin_ = at_;
  return searched_;
}

// ---- calls -----------------------------------------------------------------------------------------------------

/// The text of an object, good as it is or mended.
std::optional<std::string> block_reader::object_of(std::string_view text) const {
  text = trimmed(text);
  if (text.empty() || text == "null") return "{}";
  auto out = is_json(text) ? std::optional(std::string(text)) : loose_json(text, cut_);
  if (!out || json::kind_of(*out) != json::kind::object) return std::nullopt;
  return out;
}

bool block_reader::add_call(std::string_view name, std::string_view arguments, std::string_view id) {
  auto const* const tool = tools_.find(name);
  if (!tool) return false;
  std::string inner;
  if (arguments.starts_with('"')) {  // JSON in a string (§18.4 rule 4)
    inner = json::decode(json::text_of(arguments));
    arguments = inner;
  }
  auto object = object_of(arguments);
  if (!object) return false;
  calls.push_back({json::decode(tool->name), std::string(id), *std::move(object)});
  return true;
}

bool block_reader::add_object(std::string_view object, bool keeps_ids) {
  std::string_view name;
  std::string_view arguments;
  std::string_view id;
  std::string_view function;
  bool const whole = json::trusted_scanner(object).object([&](std::string_view key, chat::raw_json value) {
    if (key == "name" || key == "tool_name") name = value;
    if (key == "arguments" || key == "parameters") arguments = value;
    if (key == "id") id = json::text_of(value);
    if (key == "function") function = value;
    return true;
  });
  if (!whole) return false;
  // OpenAI's own nesting, which some fine-tunes have learnt.
  if (name.empty() && json::kind_of(function) == json::kind::object) return add_object(function, false);
  if (name.empty() && json::kind_of(function) == json::kind::string) name = function;
  if (json::kind_of(name) != json::kind::string) return false;
  return add_call(json::decode(json::text_of(name)), arguments, keeps_ids ? id : std::string_view());
}

bool block_reader::add_calls(std::string_view value, bool keeps_ids) {
  std::string mended;
  if (!is_json(value)) {
    auto loose = loose_json(value, cut_);
    if (!loose) return false;
    value = mended = *std::move(loose);
  }
  if (json::kind_of(value) == json::kind::object) return add_object(value, keeps_ids);
  bool good = json::kind_of(value) == json::kind::array;
  auto const before = calls.size();
  json::trusted_scanner(value).array([&](chat::raw_json each) {
    good = good && json::kind_of(each) == json::kind::object && add_object(each, keeps_ids);
    return good;
  });
  return good && calls.size() > before;
}

bool block_reader::begin_call(std::string_view name) {
  tool_ = tools_.find(name);
  name_ = tool_ ? json::decode(tool_->name) : std::string();
  arguments_.clear();
  return tool_ != nullptr;
}

void block_reader::add_argument(std::string_view name, std::string_view json) {
  arguments_.append(arguments_.empty() ? "{\"" : ",\"");
  json::escape(name, arguments_);
  arguments_.append("\":").append(json);
}

void block_reader::end_call() {
  if (arguments_.empty()) arguments_ = "{";
  calls.push_back({std::exchange(name_, {}), {}, std::exchange(arguments_, {}) + '}'});
  tool_ = nullptr;
}

bool block_reader::end_call(std::string_view arguments) {
  tool_ = nullptr;
  return add_call(std::exchange(name_, {}), arguments);
}

}  // namespace recloser::dialects::model_text
