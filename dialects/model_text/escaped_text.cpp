#include "dialects/model_text/escaped_text.hpp"

#include <algorithm>
#include <utility>

#include "dialects/json.hpp"
#include "dialects/json_bytes.hpp"

namespace recloser::dialects::model_text {

namespace {

constexpr std::size_t unicode_escape = 6;  // \uXXXX

/// `\uD800` to `\uDBFF`: the first half of a pair. The text begins with `\u`.
bool is_first_half(chat::raw_text text) {
  return text.size() >= 4 && (text[2] | 0x20) == 'd' &&
         std::string_view("89abAB").find(text[3]) != std::string_view::npos;
}

/// A backslash that begins an escape and is not itself escaped.
bool begins_escape(chat::raw_text text, std::size_t at) {
  std::size_t first = at;
  while (first > 0 && text[first - 1] == '\\') --first;
  return (at - first) % 2 == 0;
}

/// Bytes at the end of the text that are an escape without its end, or the first half of a pair.
std::size_t begun_escape(chat::raw_text text) {
  auto const at = text.rfind('\\');
  if (at == chat::raw_text::npos || text.size() - at > unicode_escape || !begins_escape(text, at)) return 0;
  auto const escape = text.substr(at);
  if (escape.size() > 1 && escape[1] != 'u') return 0;
  bool const whole = escape.size() == unicode_escape;
  if (whole && !is_first_half(escape)) return 0;
  // A second half that has only begun keeps its first half waiting.
  if (!whole && at >= unicode_escape) {
    auto const before = at - unicode_escape;
    if (text[before] == '\\' && text[before + 1] == 'u' && begins_escape(text, before) &&
        is_first_half(text.substr(before))) {
      return text.size() - before;
    }
  }
  return escape.size();
}

/// Bytes at the end of the text that are a UTF-8 sequence without its end.
std::size_t begun_sequence(std::string_view text) {
  for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
    auto const byte = static_cast<unsigned char>(text[text.size() - back]);
    if (byte < 0x80) return 0;
    if (byte < 0xC0) continue;
    std::size_t const length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
    return length > back ? back : 0;
  }
  return 0;
}

/// The size of an escape that ends the text and is white space: `\n` or `\u000a`. 0: there is none.
std::size_t size_of_last_blank_escape(chat::raw_text text) {
  for (std::size_t const size : {std::size_t{2}, unicode_escape}) {
    if (text.size() < size || text[text.size() - size] != '\\' || !begins_escape(text, text.size() - size)) continue;
    auto const last = first_character(text.substr(text.size() - size));
    if (last.written == size && last.size == 1 && json::is_space(last.bytes[0])) return size;
  }
  return 0;
}

}  // namespace

chat::raw_text whole_characters::take(chat::raw_text piece) {
  text_ = std::exchange(kept_, {});
  text_.append(piece);
  auto const begun = std::max(begun_escape(text_), begun_sequence(text_));
  kept_.assign(text_, text_.size() - begun);
  return chat::raw_text(text_).substr(0, text_.size() - begun);
}

chat::raw_text whole_characters::rest() {
  text_ = std::exchange(kept_, {});
  return text_;
}

character first_character(chat::raw_text text) {
  character out;
  if (text[0] != '\\' || text.size() == 1) {
    out.written = out.size = 1;
    out.bytes[0] = text[0];
    return out;
  }
  out.written = 2;
  if (text[1] == 'u') {
    bool const pair =
        text.size() > unicode_escape && is_first_half(text) && text.substr(unicode_escape).starts_with("\\u");
    out.written = std::min(text.size(), pair ? 2 * unicode_escape : unicode_escape);
  }
  auto plain = json::decode(text.substr(0, out.written));
  if (plain.size() > out.bytes.size()) {  // two halves that are no pair
    out.written = unicode_escape;
    plain = json::decode(text.substr(0, out.written));
  }
  out.size = std::min(plain.size(), out.bytes.size());
  std::copy_n(plain.begin(), out.size, out.bytes.begin());
  return out;
}

text_head::text_head(chat::raw_text text) {
  std::size_t at = 0;
  while (at < text.size()) {
    auto const next = first_character(text.substr(at));
    if (size_ + next.size > most) return;
    at += next.written;
    for (std::size_t i = 0; i < next.size; ++i, ++size_) {
      bytes_[size_] = next.bytes[i];
      ends_[size_] = at;
    }
  }
  whole_ = true;
}

std::size_t leading_blanks(chat::raw_text text) {
  std::size_t at = 0;
  while (at < text.size()) {
    auto const next = first_character(text.substr(at));
    if (next.size != 1 || !json::is_space(next.bytes[0])) break;
    at += next.written;
  }
  return at;
}

std::size_t trailing_blanks(chat::raw_text text) {
  std::size_t end = text.size();
  while (end > 0) {
    auto const before = text.substr(0, end);
    auto const size = json::is_space(before.back()) ? std::size_t{1} : size_of_last_blank_escape(before);
    if (size == 0) break;
    end -= size;
  }
  return text.size() - end;
}

std::size_t find_any(chat::raw_text text, std::size_t at, std::string_view stops) {
  while (at < text.size()) {
    if (text[at] != '\\') {
      if (stops.find(text[at]) != std::string_view::npos) return at;
      ++at;
      continue;
    }
    auto const next = first_character(text.substr(at));
    if (stops.find(next.bytes[0]) != std::string_view::npos) return at;
    at += next.written;
  }
  return at;
}

std::size_t written_size(chat::raw_text text, std::size_t size) {
  std::size_t at = 0;
  for (std::size_t bytes = 0; bytes < size && at < text.size();) {
    auto const next = first_character(text.substr(at));
    bytes += next.size;
    at += next.written;
  }
  return at;
}

}  // namespace recloser::dialects::model_text
