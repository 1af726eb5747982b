#pragma once
// The rules of a row applied to the top-level members of a chat request.

#include <string>
#include <vector>

#include "dialects/edits.hpp"
#include "providers/prepare.hpp"

namespace recloser::providers {

/// The other name of the same wish (`max_tokens`, `max_completion_tokens`): who sends one does not want a default for the
/// other. Empty: there is none.
std::string_view synonym_of(std::string_view field);

/// The part of a model's name that says which family it is of: after the last `/` and `ft:`.
std::string_view family_part(std::string_view model);

/// Whether a family part begins with one of `families`: prefixes split by `|`.
bool in_families(std::string_view model, std::string_view families);

class field_edits {
 public:
  /// `members` are those of the body that `edits` is about.
  field_edits(preparation const& target, std::vector<json::member> const& members, json::object_edits& edit,
              std::vector<std::string>& dropped);

  /// Applies what the row says about a member of the client's.
  void apply(json::member const& each);

  /// Adds a member that the operator wants when the client sent none, under the name that the provider takes.
  void add_default(std::string_view name, chat::raw_json value);

 private:
  field_rule const* rule_for(std::string_view field, chat::raw_json value) const;
  bool holds(field_rule const& rule, chat::raw_json value) const;
  bool has(std::string_view field) const;
  void drop(json::member const& each, bool report);
  void rename(json::member const& each, std::string_view name);
  void replace_object(json::member const& each, chat::raw_json value);
  void wrap(json::member const& each);
  void drop_empty_tools(json::member const& tools);

  row const& row_;
  std::string_view family_;  // the part of the model's name that rules look at
  std::vector<json::member> const& members_;
  json::object_edits& edit_;
  std::vector<std::string>& dropped_;
};

}  // namespace recloser::providers
