#pragma once
// JSON schemas in the subset that `parametersJsonSchema` and `responseJsonSchema` take (providers-native.md §2.7).

#include <string>

#include "chat/text.hpp"

namespace recloser::dialects::gemini {

enum class schema_fit {
  whole,       ///< it says the same, some of it in words
  simplified,  ///< something that narrows was left out
};

/// Appends `schema` in the subset. Order and numbers stay; what is only a hint for people and other tools is left out.
schema_fit lower_schema(chat::raw_json schema, std::string& out);

/// The same for a tool's parameters, whose root is an object. Appends nothing when there are none: then both members
/// are to be left out.
schema_fit lower_parameters(chat::raw_json schema, std::string& out);

}  // namespace recloser::dialects::gemini
