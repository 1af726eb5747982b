#pragma once
// The tools of a request, as a parser of model text needs them: which names may be called, and what an argument that was
// written without quotes is.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chat/request.hpp"

namespace recloser::dialects::model_text {

class offered_tools {
 public:
  /// What the tools point to must outlive this.
  explicit offered_tools(std::vector<chat::tool> const& tools);

  bool empty() const { return tools_.empty(); }

  /// By its plain name; a prefix `functions.` is left aside. Null when the request does not offer it.
  chat::tool const* find(std::string_view name) const;

 private:
  struct entry {
    std::string name;
    chat::tool tool;
  };
  std::vector<entry> tools_;
};

/// `functions.get_weather` -> `get_weather`.
std::string_view without_namespace(std::string_view name);

/// The tool has a parameter of this plain name.
bool has_parameter(chat::tool const& tool, std::string_view parameter);

/// An argument that stood unquoted in a text, as JSON of the type that the tool's schema asks for; a string when nothing
/// else fits.
std::string typed_argument(chat::tool const& tool, std::string_view parameter, std::string_view text);

}  // namespace recloser::dialects::model_text
