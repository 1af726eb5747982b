#pragma once
// Small text helpers of the loader.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace recloser::config {

/// A value, or what is wrong with the text that it was read from (a message that never shows the text itself).
template <class T>
struct parsed {
  std::optional<T> value;
  std::string fault;

  static parsed good(T what) { return {std::move(what), {}}; }
  static parsed bad(std::string why) { return {std::nullopt, std::move(why)}; }
  explicit operator bool() const { return value.has_value(); }
};

std::string lower(std::string_view text);
std::string_view trim(std::string_view text);

/// The trimmed parts between commas, without empty ones.
std::vector<std::string> split_commas(std::string_view text);

/// `a, b or c`, each in backquotes.
std::string list_of(std::vector<std::string> const& words, std::string_view conjunction = "or");

/// `text` in backquotes for a message: shortened, control characters escaped, and hidden when it looks like a key.
std::string quote(std::string_view text);

/// Where the first byte stands that YAML does not allow (not UTF-8, or a control character); nullopt: all is well.
std::optional<std::size_t> first_bad_byte(std::string_view text);

/// A whole small file, or why it cannot be read.
parsed<std::string> read_small_file(std::string const& path, std::size_t limit);

}  // namespace recloser::config
