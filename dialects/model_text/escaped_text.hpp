#pragma once
// Reading escaped text (`chat::raw_text`) that comes in pieces, character by character, without unescaping what is only
// passed on: a marker may be written `<think>` or `\u003cthink>`, and a piece may end in the middle of an escape.

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "chat/text.hpp"

namespace recloser::dialects::model_text {

/// Cuts pieces between characters.
class whole_characters {
 public:
  /// What was kept and `piece`, without a character that has only begun at its end. Lives until the next call.
  chat::raw_text take(chat::raw_text piece);
  /// At the end of the text: what is still kept.
  chat::raw_text rest();

 private:
  std::string text_;
  std::string kept_;
};

/// A character as it stands in the text and as UTF-8. Outside escapes each byte counts as one.
struct character {
  std::size_t written = 0;  ///< bytes in the text
  std::size_t size = 0;     ///< of `bytes`
  std::array<char, 4> bytes{};
};

/// The first character of a text that is not empty.
character first_character(chat::raw_text text);

/// The beginning of a text as UTF-8: enough to hold any marker.
class text_head {
 public:
  explicit text_head(chat::raw_text text);

  std::string_view bytes() const { return {bytes_.data(), size_}; }
  bool whole() const { return whole_; }  ///< the text ends here: more may come
  bool begins_with(std::string_view marker) const { return bytes().starts_with(marker); }
  bool may_become(std::string_view marker) const { return whole_ && marker.starts_with(bytes()); }
  /// How long the first `size` bytes are as written.
  std::size_t written(std::size_t size) const { return size == 0 ? 0 : ends_[size - 1]; }

 private:
  static constexpr std::size_t most = 72;

  std::array<char, most> bytes_;
  std::array<std::size_t, most> ends_;
  std::size_t size_ = 0;
  bool whole_ = false;
};

/// Bytes of white space (` `, `\n`, `\t`, `\r`, escaped or not) that the text begins with.
std::size_t leading_blanks(chat::raw_text text);
/// The same for its end.
std::size_t trailing_blanks(chat::raw_text text);

/// The place of the first character at or after `at` whose first byte is among `stops`, or the text's size.
std::size_t find_any(chat::raw_text text, std::size_t at, std::string_view stops);

/// How long the characters that make the first `size` bytes of the decoded text are as written.
std::size_t written_size(chat::raw_text text, std::size_t size);

}  // namespace recloser::dialects::model_text
