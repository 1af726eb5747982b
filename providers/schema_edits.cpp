#include "providers/schema_edits.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "dialects/json_values.hpp"

namespace recloser::providers {

namespace {

using json::kind;
using json::kind_of;
using json::member;

/// Members that hold a schema, a list of them, or a schema for each name.
constexpr auto with_schema =
    std::to_array<std::string_view>({"items", "additionalProperties", "not", "contains", "if", "then", "else"});
constexpr auto with_list = std::to_array<std::string_view>({"anyOf", "oneOf", "allOf", "prefixItems", "items"});
constexpr auto with_names = std::to_array<std::string_view>({"properties", "patternProperties", "$defs", "definitions"});

template <class Names>
bool has(Names const& names, std::string_view key) {
  return std::ranges::find(names, key) != names.end();
}

member const* find(std::vector<member> const& members, std::string_view key) {
  auto const found = std::ranges::find(members, key, &member::key);
  return found == members.end() ? nullptr : &*found;
}

/// `type`: what a branch of `anyOf` has to say of itself; empty: nothing.
void edit(chat::raw_json schema, chat::raw_json type, json::edit_list& edits) {
  std::vector<member> members;
  if (!json::members_of(schema, members)) return;
  json::object_edits out(edits, schema, members);
  auto const* const own = find(members, "type");
  auto const* const branches = find(members, "anyOf");
  bool const moves = own && branches && kind_of(branches->value) == kind::array;
  if (moves) out.drop(*own);
  if (!type.empty() && !own && !branches && !find(members, "$ref")) out.add("type", type);
  auto const inherited = moves ? own->value : branches && !own ? type : chat::raw_json();
  for (auto const& each : members) {
    bool const list = kind_of(each.value) == kind::array;
    if (each.key == "$schema") out.drop(each);
    if (each.key == "items" && list) out.rename(each, "prefixItems");
    std::vector<chat::raw_json> inner;
    if (list && has(with_list, each.key)) {
      json::elements_of(each.value, inner);
    } else if (!list && has(with_schema, each.key)) {
      inner.push_back(each.value);
    } else if (has(with_names, each.key)) {
      std::vector<member> named;
      json::members_of(each.value, named);
      for (auto const& one : named) inner.push_back(one.value);
    }
    for (auto one : inner) edit(one, each.key == "anyOf" ? inherited : chat::raw_json(), edits);
  }
  out.finish();
}

}  // namespace

void edit_schema(chat::raw_json schema, json::edit_list& edits) { edit(schema, "\"object\"", edits); }

void edit_schemas(json::member const& field, json::edit_list& edits) {
  if (field.key == "response_format") {
    edit_schema(json::find(json::find(field.value, "json_schema"), "schema"), edits);
  } else if (field.key == "tools") {
    std::vector<chat::raw_json> tools;
    json::elements_of(field.value, tools);
    for (auto tool : tools) edit_schema(json::find(json::find(tool, "function"), "parameters"), edits);
  }
}

}  // namespace recloser::providers
