#include "dialects/model_text/offered_tools.hpp"

#include <algorithm>

#include "dialects/json.hpp"
#include "dialects/json_scan.hpp"
#include "dialects/json_values.hpp"
#include "dialects/model_text/loose_json.hpp"

namespace recloser::dialects::model_text {

using chat::raw_json;
using json::kind;

namespace {

/// Kinds of JSON values as bits.
using kind_set = unsigned;
constexpr kind_set bit(kind which) { return 1u << static_cast<unsigned>(which); }
constexpr kind_set containers = bit(kind::object) | bit(kind::array);

struct type_row {
  std::string_view type;
  kind_set kinds;
};

constexpr type_row types[] = {
    {"string", bit(kind::string)},   {"integer", bit(kind::number)}, {"number", bit(kind::number)},
    {"boolean", bit(kind::boolean)}, {"null", bit(kind::null)},      {"object", bit(kind::object)},
    {"array", bit(kind::array)},
};

constexpr int most_schema_depth = 8;  // schemas may refer to themselves

kind_set kinds_of_type(raw_json type) {
  auto const row = std::ranges::find(types, json::text_of(type), &type_row::type);
  return row == std::end(types) ? 0 : row->kinds;
}

/// `#/$defs/place` within the whole schema.
raw_json referred(raw_json root, std::string_view reference) {
  if (!reference.starts_with("#/")) return {};
  reference.remove_prefix(2);
  while (!root.empty()) {
    auto const end = std::min(reference.find('/'), reference.size());
    root = json::find(root, reference.substr(0, end));
    if (end == reference.size()) break;
    reference.remove_prefix(end + 1);
  }
  return root;
}

/// The kinds that a schema allows; 0: it does not say.
kind_set kinds_of(raw_json schema, raw_json root, int depth = 0) {
  if (json::kind_of(schema) != kind::object || depth == most_schema_depth) return 0;
  kind_set out = 0;
  json::trusted_scanner(schema).object([&](std::string_view key, raw_json value) {
    if (key == "type" && json::kind_of(value) == kind::array) {
      json::trusted_scanner(value).array([&](raw_json each) { return out |= kinds_of_type(each), true; });
    } else if (key == "type") {
      out |= kinds_of_type(value);
    } else if (key == "enum") {
      json::trusted_scanner(value).array([&](raw_json each) { return out |= bit(json::kind_of(each)), true; });
    } else if (key == "const") {
      out |= bit(json::kind_of(value));
    } else if (key == "anyOf" || key == "oneOf" || key == "allOf") {
      json::trusted_scanner(value).array([&](raw_json each) { return out |= kinds_of(each, root, depth + 1), true; });
    } else if (key == "$ref") {
      out |= kinds_of(referred(root, json::text_of(value)), root, depth + 1);
    }
    return true;
  });
  return out;
}

raw_json schema_of(chat::tool const& tool, std::string_view parameter) {
  return json::find(json::find(tool.parameters, "properties"), json::escaped(parameter));
}

}  // namespace

offered_tools::offered_tools(std::vector<chat::tool> const& tools) {
  tools_.reserve(tools.size());
  for (auto const& each : tools) tools_.push_back({json::decode(each.name), each});
}

chat::tool const* offered_tools::find(std::string_view name) const {
  auto const by_name = [this](std::string_view wanted) {
    auto const found = std::ranges::find(tools_, wanted, &entry::name);
    return found == tools_.end() ? nullptr : &found->tool;
  };
  auto const* const found = by_name(name);
  return found ? found : by_name(without_namespace(name));
}

std::string_view without_namespace(std::string_view name) {
  constexpr std::string_view prefix = "functions.";
  return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

bool has_parameter(chat::tool const& tool, std::string_view parameter) { return !schema_of(tool, parameter).empty(); }

std::string typed_argument(chat::tool const& tool, std::string_view parameter, std::string_view text) {
  auto const schema = schema_of(tool, parameter);
  auto kinds = kinds_of(schema, tool.parameters);
  if (kinds == 0) kinds = containers;  // what looks like one hardly is anything else
  if (kinds != bit(kind::string)) {
    // Numbers and words go by themselves; Python's spelling of them is taken too.
    auto value = loose_json(text, false);
    if (value && json::kind_of(*value) != kind::string && (kinds & bit(json::kind_of(*value))) != 0) {
      return *std::move(value);
    }
  }
  return '"' + json::escaped(text) + '"';
}

}  // namespace recloser::dialects::model_text
