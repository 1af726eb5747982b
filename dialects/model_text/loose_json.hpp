#pragma once
// JSON as models write it when nobody makes them write JSON: read leniently, written strictly
// (providers-openai-shaped.md §18.4 rule 3).

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace recloser::dialects::model_text {

/// Arguments may not be nested deeper.
inline constexpr int most_depth = 64;

/// True when the text is one JSON value, and nothing else.
bool is_json(std::string_view text);

/// `text` as compact JSON, or nothing when it is too far from it. Taken: commas before a closing bracket, line breaks
/// inside strings, Python's quotes and words, bare keys, Gemma's quotes `<|"|>`. `may_close`: strings and brackets that
/// are open at the end are closed. Numbers and the strings of good JSON stay as they are written.
std::optional<std::string> loose_json(std::string_view text, bool may_close);

/// A call as in Python: `name(key="value", …)`.
struct python_call {
  std::string_view name;
  std::string arguments;  ///< a JSON object
};

/// `call, call, …` up to the end of the text; nothing when it is anything else.
std::optional<std::vector<python_call>> python_calls(std::string_view text);

}  // namespace recloser::dialects::model_text
