#pragma once
// What is known of open models by their names: how they mark reasoning and in which words they call tools. It matters
// only where a server leaves that to its clients.

#include <span>
#include <string_view>

#include "dialects/model_text/thinking_tags.hpp"

namespace recloser::dialects::model_text {

struct family {
  std::string_view name;  ///< as in configuration
  std::string_view
      models;  ///< parts of model names, split by `|`; `a+b`: both. Lower case, without `-`, `_` and blanks
  tag_rules thinking;
  bool thinks = false;    ///< usually leaves reasoning in its text, so that the text is worth reading without tools too
  unsigned grammars = 0;  ///< of tool calls
  bool unmarked = false;  ///< a whole answer may be calls without a marker
  std::span<std::string_view const> leaks{};  ///< control tokens that are no part of an answer
};

/// All families; the last one is `generic`, for models that are not known.
std::span<family const> families();

/// By its name in configuration; null when there is none.
family const* find_family(std::string_view name);

/// The family of a model: the first one that has a part of its name, else `generic`.
family const& family_of(std::string_view model);

/// `setting`: `auto`, `off` or the name of a family. Null: the text is left alone (also for a name that is unknown).
family const* choose_family(std::string_view setting, std::string_view model);

/// Whether answers of this family have to be read at all.
bool needs_reading(family const& of, bool has_tools);

}  // namespace recloser::dialects::model_text
