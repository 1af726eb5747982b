#pragma once
// JSON on the request path: the raw forms that `chat::` carries, the scan of an object's members that relay lives on, and
// the writer. Nothing here builds a tree, and nothing reads past the end of its text.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "chat/fault.hpp"
#include "chat/text.hpp"

namespace recloser::json {

/// Bytes allocated after a text that simdjson's parser may read in place. Nothing of ours needs them.
inline constexpr std::size_t padding = 64;

/// Deepest nesting that is accepted from clients and from providers.
inline constexpr int max_depth = 128;

// ---- raw forms -------------------------------------------------------------------------------------------------

/// The inside of a string literal: `"abc"` -> `abc`. Anything that is not a string literal gives an empty view.
chat::raw_text text_of(chat::raw_json value);

/// The characters of an escaped text as UTF-8 (a lone surrogate becomes U+FFFD).
std::string decode(chat::raw_text text);

/// Appends `plain` UTF-8 escaped as inside a JSON string (16 bytes at a time where nothing needs it).
void escape(std::string_view plain, std::string& out);
std::string escaped(std::string_view plain);

/// True when the escaped text is empty or only white space (` `, `\n`, `\t`, `\r`, escaped or not).
bool is_blank(chat::raw_text text);

bool is_utf8(std::string_view text);

/// One comparison without unescaping; right for the ASCII words that protocols use.
inline bool is_string(chat::raw_json value, std::string_view word) {
  return value.size() == word.size() + 2 && value.front() == '"' && value.substr(1, word.size()) == word;
}

// ---- scanning --------------------------------------------------------------------------------------------------

/// One member of an object, as views into the text. `key` is without quotes and still escaped.
struct member {
  std::string_view key;
  chat::raw_json value;   ///< trimmed
};

/// The members of the object `text` in their order, found in one pass and without a tree; everything inside is checked
/// to be well-formed JSON, valid UTF-8 and not nested deeper than `max_depth`.
/// The error's message says what is wrong (a client's request is the usual case).
chat::result<std::vector<member>> scan_object(std::string_view text);

/// The same into a vector that is reused between requests.
chat::result<void> scan_object(std::string_view text, std::vector<member>& out);

/// Members of an object inside a text that `scan_object` has already accepted: cheap, nothing is checked again.
/// Returns false when `object` is not an object.
bool members_of(chat::raw_json object, std::vector<member>& out);

/// Elements of an array inside a checked text. Returns false when it is not an array.
bool elements_of(chat::raw_json array, std::vector<chat::raw_json>& out);

/// The value of `key` in a checked object, or empty.
chat::raw_json find(chat::raw_json object, std::string_view key);

// ---- writing ---------------------------------------------------------------------------------------------------

/// Writes JSON straight into a string. Commas are its business; nesting is the caller's.
///   writer w(out); w.open('{').key("model").text(raw).key("n").number(1).close('}');
class writer {
 public:
  explicit writer(std::string& out) : out_(out) {}

  writer& open(char bracket);
  writer& close(char bracket);
  writer& key(std::string_view plain_ascii);
  writer& text(chat::raw_text escaped);     ///< a string whose inside is already escaped
  writer& string(std::string_view plain);   ///< a string that still needs escaping
  writer& raw(chat::raw_json value);        ///< any value, verbatim
  writer& number(std::int64_t value);
  writer& boolean(bool value);
  writer& null();

  std::string& out() { return out_; }

 private:
  void separate();

  std::string& out_;
  bool comma_ = false;
};

}  // namespace recloser::json
