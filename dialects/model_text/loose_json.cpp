#include "dialects/model_text/loose_json.hpp"

#include <algorithm>

#include "dialects/json.hpp"
#include "dialects/json_scan.hpp"

namespace recloser::dialects::model_text {

namespace {

constexpr std::string_view gemma_quote = "<|\"|>";

struct word_row {
  std::string_view word;
  std::string_view json;
};

constexpr word_row words[] = {
    {"true", "true"}, {"false", "false"}, {"null", "null"}, {"True", "true"}, {"False", "false"}, {"None", "null"},
};

bool is_name_character(char c) {
  return json::is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == '.' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_hex(char c) { return json::is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

class loose_reader {
 public:
  loose_reader(std::string_view text, bool may_close) : text_(text), may_close_(may_close) {}

  bool at_end() {
    skip_space();
    return at_ == text_.size();
  }

  bool value() {
    skip_space();
    if (at_ == text_.size()) return false;
    char const c = text_[at_];
    if (c == '{') return container('}', &loose_reader::member);
    if (c == '[') return container(']', &loose_reader::value);
    if (is_quote()) return string();
    if (c == '-' || json::is_digit(c)) return number();
    return word();
  }

  /// At a name: `name(key=value, …)`, written as an object.
  std::optional<python_call> call() {
    skip_space();
    python_call out{.name = name(), .arguments = {}};
    skip_space();
    if (out.name.empty() || at_ == text_.size() || text_[at_] != '(') return std::nullopt;
    auto const begin = out_.size();
    if (!container(')', &loose_reader::keyword)) return std::nullopt;
    out.arguments = out_.substr(begin);
    out.arguments.front() = '{';
    out.arguments.back() = '}';
    return out;
  }

  bool take(char c) {
    skip_space();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  std::string& out() { return out_; }

 private:
  void skip_space() {
    while (at_ < text_.size() && json::is_space(text_[at_])) ++at_;
  }

  bool is_quote() const {
    return text_[at_] == '"' || text_[at_] == '\'' || text_.substr(at_).starts_with(gemma_quote);
  }

  std::string_view name() {
    auto const begin = at_;
    while (at_ < text_.size() && is_name_character(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  /// From an opening bracket to `close`. A comma may stand before it.
  bool container(char close, bool (loose_reader::*element)()) {
    if (++depth_ > most_depth) return false;
    out_ += text_[at_++];
    bool first = true;
    while (true) {
      if (at_end()) {
        if (!may_close_) return false;
        break;
      }
      if (take(close)) break;
      if (!first) {
        if (!take(',')) return false;
        if (at_end() || text_[at_] == close) continue;
        out_ += ',';
      }
      if (!(this->*element)()) return false;
      first = false;
    }
    out_ += close;
    --depth_;
    return true;
  }

  bool member() {
    skip_space();
    if (is_quote()) {
      if (!string()) return false;
    } else {
      auto const key = name();
      if (key.empty()) return false;
      out_.append("\"").append(key).append("\"");
    }
    if (!take(':')) return false;
    out_ += ':';
    return value();
  }

  bool keyword() {
    auto const key = name();
    if (key.empty() || !take('=')) return false;
    out_.append("\"").append(key).append("\":");
    return value();
  }

  bool number() {
    json::checked_scanner scan(text_.substr(at_));
    auto const* const begin = scan.at;
    if (!scan.value()) return false;
    auto const size = static_cast<std::size_t>(scan.at - begin);
    out_.append(text_.substr(at_, size));
    at_ += size;
    return at_ == text_.size() || !is_name_character(text_[at_]);
  }

  bool word() {
    auto const found = std::ranges::find(words, name(), &word_row::word);
    if (found == std::end(words)) return false;
    out_.append(found->json);
    return true;
  }

  // ---- strings -------------------------------------------------------------------------------------------------

  bool string() {
    out_ += '"';
    bool closed = false;
    if (text_.substr(at_).starts_with(gemma_quote)) {
      at_ += gemma_quote.size();
      auto const end = text_.find(gemma_quote, at_);
      closed = end != std::string_view::npos;
      json::escape(text_.substr(at_, closed ? end - at_ : end), out_);
      at_ = closed ? end + gemma_quote.size() : text_.size();
    } else {
      char const quote = text_[at_++];
      if (!inside(quote)) return false;
      closed = at_ < text_.size();
      at_ += closed ? 1 : 0;
    }
    out_ += '"';
    return closed || may_close_;
  }

  /// Up to the closing quote or the end. What good JSON escapes stays as it is.
  bool inside(char quote) {
    while (at_ < text_.size() && text_[at_] != quote) {
      if (text_[at_] == '\\') {
        if (!escape(quote)) return false;
        continue;
      }
      auto const begin = at_;
      while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\\') ++at_;
      json::escape(text_.substr(begin, at_ - begin), out_);
    }
    return true;
  }

  bool escape(char quote) {
    auto const rest = text_.substr(at_);
    if (rest.size() == 1) {  // cut in the middle
      ++at_;
      return true;
    }
    auto const hex_digits = [&](std::size_t count) {
      return rest.size() >= count + 2 &&
             std::all_of(rest.begin() + 2, rest.begin() + 2 + static_cast<std::ptrdiff_t>(count), is_hex);
    };
    std::size_t size = 2;
    auto const kind = json::kind_of_escape(rest[1]);
    if (rest[1] == '\'') {
      out_ += '\'';
    } else if (kind == json::escape_kind::simple) {
      out_.append(rest.substr(0, 2));
    } else if (kind == json::escape_kind::unicode) {
      size = 6;
      if (!hex_digits(4)) return false;
      out_.append(rest.substr(0, size));
    } else if (quote == '\'' && rest[1] == 'x' && hex_digits(2)) {
      size = 4;
      out_.append("\\u00").append(rest.substr(2, 2));
    } else if (quote == '\'') {  // Python leaves a backslash that escapes nothing where it is
      out_.append("\\\\");
      size = 1;
    } else {
      return false;
    }
    at_ += size;
    return true;
  }

  std::string_view text_;
  bool may_close_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::string out_;
};

}  // namespace

bool is_json(std::string_view text) {
  json::checked_scanner scan(text);
  scan.skip_space();
  if (!scan.value()) return false;
  scan.skip_space();
  return scan.at == scan.end;
}

std::optional<std::string> loose_json(std::string_view text, bool may_close) {
  loose_reader reader(text, may_close);
  if (!reader.value() || !reader.at_end()) return std::nullopt;
  return std::move(reader.out());
}

std::optional<std::vector<python_call>> python_calls(std::string_view text) {
  loose_reader reader(text, false);
  std::vector<python_call> out;
  do {
    if (!out.empty() && reader.at_end()) break;  // a comma behind the last one
    auto call = reader.call();
    if (!call) return std::nullopt;
    out.push_back(std::move(*call));
  } while (reader.take(','));
  if (!reader.at_end()) return std::nullopt;
  return out;
}

}  // namespace recloser::dialects::model_text
