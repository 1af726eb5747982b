#pragma once
// JSON schemas in the subset that Anthropic's structured output compiles (providers-native.md §1.6), and the schemas of
// tools that are not strict, which need far less.

#include <string>

#include "chat/text.hpp"
#include "dialects/json.hpp"

namespace recloser::dialects::anthropic {

/// What one request may spend on compiled schemas, in its output format and its strict tools together.
class schema_budget {
 public:
  /// Appends `schema` in the subset. False, with `out` as it was and nothing spent, when the subset cannot say it: open
  /// maps, recursion, `allOf` of several objects, or when it would cost more than is left.
  bool lower(chat::raw_json schema, std::string& out);

 private:
  int optional_ = 0;
  int unions_ = 0;
  int schemas_ = 0;
};

enum class tool_schema { as_it_was, simplified };

/// Writes a tool's `input_schema`: an object at its top, without alternatives there. What stands deeper is not touched.
tool_schema write_tool_schema(json::writer& out, chat::raw_json schema);

}  // namespace recloser::dialects::anthropic
