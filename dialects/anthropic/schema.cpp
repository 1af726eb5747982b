#include "dialects/anthropic/schema.hpp"

#include <algorithm>
#include <map>
#include <vector>


namespace recloser::dialects::anthropic {

using chat::raw_json;
using json::member;

namespace {

// The vendor refuses more than 24 optional properties; compiling starts to fail from about 13 (§1.6). The other two are
// the limits of the vendor's page on structured output.
constexpr int most_optional = 12;
constexpr int most_unions = 16;
constexpr int most_schemas = 20;
constexpr std::size_t most_definitions = 256;

enum class keyword {
  keep,
  schema,       ///< one schema
  schemas,      ///< a list of them
  schema_map,   ///< an object of them
  definitions,  ///< an object of them that `$ref` points into
  any_of,       ///< a list, written as `anyOf`
  reference,
  form,  ///< `format`
  description,
  closed,  ///< `additionalProperties`
  drop,
  describe,  ///< not in the subset: said in words instead
};

struct keyword_row {
  std::string_view name;
  keyword what;
};

constexpr keyword_row keywords[] = {
    {"type", keyword::keep},
    {"enum", keyword::keep},
    {"const", keyword::keep},
    {"default", keyword::keep},
    {"title", keyword::keep},
    {"required", keyword::keep},
    {"description", keyword::description},
    {"properties", keyword::schema_map},
    {"items", keyword::schema},
    {"anyOf", keyword::any_of},
    {"oneOf", keyword::any_of},
    {"allOf", keyword::schemas},
    {"$ref", keyword::reference},
    {"$defs", keyword::definitions},
    {"definitions", keyword::definitions},
    {"format", keyword::form},
    {"additionalProperties", keyword::closed},
    {"$schema", keyword::drop},
    {"$id", keyword::drop},
    {"$comment", keyword::drop},
};

constexpr std::string_view formats[] = {"date-time", "time", "date", "duration", "email",
                                        "hostname",  "uri",  "ipv4", "ipv6",     "uuid"};

keyword keyword_of(std::string_view name) {
  auto const row = std::ranges::find(keywords, name, &keyword_row::name);
  return row == std::end(keywords) ? keyword::describe : row->what;
}

raw_json value_of(std::vector<member> const& members, std::string_view key) {
  auto const found = std::ranges::find(members, key, &member::key);
  return found == members.end() ? raw_json() : found->value;
}

bool says_object(raw_json type) {
  if (json::is_string(type, "object")) return true;
  std::vector<raw_json> types;
  json::elements_of(type, types);
  return std::ranges::any_of(types, [](auto each) { return json::is_string(each, "object"); });
}

/// Which definition mentions which, to find a schema that contains itself.
class reference_graph {
 public:
  void add(std::string_view from, std::string_view to) { edges_[from].push_back(to); }

  /// Also true for more definitions than any grammar is compiled from: the search goes as deep as they are many.
  bool has_cycle() {
    if (edges_.size() > most_definitions) return true;
    return std::ranges::any_of(edges_, [&](auto const& each) { return reaches_itself(each.first); });
  }

 private:
  enum class mark { fresh, under_way, clear };

  bool reaches_itself(std::string_view name) {
    auto& state = marks_[name];
    if (state != mark::fresh) return state == mark::under_way;
    state = mark::under_way;
    auto const found = edges_.find(name);
    bool const cycle =
        found != edges_.end() && std::ranges::any_of(found->second, [&](auto next) { return reaches_itself(next); });
    marks_[name] = mark::clear;
    return cycle;
  }

  std::map<std::string_view, std::vector<std::string_view>> edges_;
  std::map<std::string_view, mark> marks_;
};

class lowering {
 public:
  explicit lowering(std::string& out) : writer_(out) {}

  bool run(raw_json root) { return schema(root) && !graph_.has_cycle(); }
  int optional() const { return optional_; }
  int unions() const { return unions_; }

 private:
  bool schema(raw_json value) {
    std::vector<member> members;
    if (!json::members_of(value, members)) return false;  // `true` allows anything, which the subset cannot
    bool const object = says_object(value_of(members, "type")) || !value_of(members, "properties").empty();
    if (object && !is_closable(members)) return false;
    std::string words;
    writer_.open('{');
    for (auto const& each : members) {
      if (!put(each, words)) return false;
    }
    if (object) writer_.key("additionalProperties").boolean(false);
    put_description(json::text_of(value_of(members, "description")), words);
    writer_.close('}');
    if (object) count_optional(members);
    return true;
  }

  /// An object whose names are all known. An open map would come out as `{}`, alternatives beside properties as nothing
  /// at all, since every branch would forbid the others' names.
  static bool is_closable(std::vector<member> const& members) {
    for (auto const name : {"anyOf", "oneOf", "allOf"}) {
      if (!value_of(members, name).empty()) return false;
    }
    if (value_of(members, "additionalProperties") == "false" && value_of(members, "patternProperties").empty())
      return true;
    std::vector<member> properties;
    return json::members_of(value_of(members, "properties"), properties) && !properties.empty();
  }

  bool put(member const& what, std::string& words) {
    switch (keyword_of(what.key)) {
      case keyword::keep: return writer_.key(what.key).raw(what.value), true;
      case keyword::schema: return writer_.key(what.key), schema(what.value);
      case keyword::schemas: return only_one(what.value) && put_list(what.key, what.value);
      case keyword::any_of: return put_alternatives(what.value);
      case keyword::schema_map: return put_map(what, false);
      case keyword::definitions: return put_map(what, true);
      case keyword::reference: return put_reference(what);
      case keyword::form: return put_format(what, words);
      case keyword::describe: return describe(what, words), true;
      case keyword::description:
      case keyword::closed:
      case keyword::drop: return true;
    }
    return true;
  }

  bool put_alternatives(raw_json value) {
    ++unions_;
    return put_list("anyOf", value);
  }

  static bool only_one(raw_json list) {
    std::vector<raw_json> elements;
    return json::elements_of(list, elements) && elements.size() == 1;
  }

  bool put_list(std::string_view name, raw_json value) {
    std::vector<raw_json> elements;
    if (!json::elements_of(value, elements)) return false;
    writer_.key(name).open('[');
    if (!std::ranges::all_of(elements, [&](auto each) { return schema(each); })) return false;
    writer_.close(']');
    return true;
  }

  bool put_map(member const& what, bool definitions) {
    std::vector<member> entries;
    if (!json::members_of(what.value, entries)) return false;
    writer_.key(what.key).open('{');
    auto const outer = definition_;
    for (auto const& each : entries) {
      if (definitions) definition_ = each.key;
      writer_.key(each.key);
      if (!schema(each.value)) return false;
    }
    definition_ = outer;
    writer_.close('}');
    return true;
  }

  /// `#/$defs/name`; anything else points at the root, which is recursion, or out of the text.
  bool put_reference(member const& what) {
    auto const target = json::text_of(what.value);
    for (std::string_view const prefix : {"#/$defs/", "#/definitions/"}) {
      if (!target.starts_with(prefix)) continue;
      graph_.add(definition_, target.substr(prefix.size()));
      writer_.key(what.key).raw(what.value);
      return true;
    }
    return false;
  }

  bool put_format(member const& what, std::string& words) {
    if (std::ranges::find(formats, json::text_of(what.value)) == std::end(formats)) return describe(what, words), true;
    writer_.key(what.key).raw(what.value);
    return true;
  }

  static void describe(member const& what, std::string& words) {
    words.append(words.empty() ? "" : ", ").append(what.key).append(": ");
    json::escape(what.value, words);
  }

  void put_description(chat::raw_text said, std::string const& words) {
    if (said.empty() && words.empty()) return;
    std::string text(said);
    if (!words.empty()) text.append(said.empty() ? "" : "\\n").append("(").append(words).append(")");
    writer_.key("description").text(text);
  }

  void count_optional(std::vector<member> const& members) {
    std::vector<member> properties;
    std::vector<raw_json> required;
    json::members_of(value_of(members, "properties"), properties);
    json::elements_of(value_of(members, "required"), required);
    auto const missing = static_cast<int>(properties.size()) - static_cast<int>(required.size());
    optional_ += std::max(0, missing);
  }

  json::writer writer_;
  reference_graph graph_;
  std::string_view definition_;  // the one that is being written; empty at the root
  int optional_ = 0;
  int unions_ = 0;
};

}  // namespace

bool schema_budget::lower(raw_json schema, std::string& out) {
  auto const before = out.size();
  lowering run(out);
  bool const fits = run.run(schema) && schemas_ < most_schemas && optional_ + run.optional() <= most_optional &&
                    unions_ + run.unions() <= most_unions;
  if (!fits) {
    out.resize(before);
    return false;
  }
  ++schemas_;
  optional_ += run.optional();
  unions_ += run.unions();
  return true;
}

// ---- tools -----------------------------------------------------------------------------------------------------

namespace {

constexpr std::string_view alternatives[] = {"anyOf", "oneOf", "allOf"};

bool is_alternative(std::string_view name) { return std::ranges::find(alternatives, name) != std::end(alternatives); }

/// Properties of all branches, when the alternatives are all there is: the model should at least know the names.
void write_merged_properties(json::writer& out, std::vector<member> const& members) {
  std::map<std::string_view, raw_json> merged;
  for (auto const name : alternatives) {
    std::vector<raw_json> branches;
    json::elements_of(value_of(members, name), branches);
    for (auto const branch : branches) {
      std::vector<member> properties;
      json::members_of(json::find(branch, "properties"), properties);
      for (auto const& each : properties) merged.emplace(each.key, each.value);
    }
  }
  out.key("properties").open('{');
  for (auto const& [name, value] : merged) out.key(name).raw(value);
  out.close('}');
}

}  // namespace

tool_schema write_tool_schema(json::writer& out, raw_json schema) {
  std::vector<member> members;
  if (schema.empty() || !json::members_of(schema, members)) {
    out.raw(R"({"type":"object","properties":{}})");
    return tool_schema::as_it_was;
  }
  bool const object = json::is_string(value_of(members, "type"), "object");
  bool const alternative = std::ranges::any_of(members, is_alternative, &member::key);
  if (object && !alternative) {
    out.raw(schema);
    return tool_schema::as_it_was;
  }
  out.open('{').key("type").text("object");
  for (auto const& each : members) {
    if (each.key != "type" && !is_alternative(each.key)) out.key(each.key).raw(each.value);
  }
  if (value_of(members, "properties").empty()) write_merged_properties(out, members);
  out.close('}');
  bool const only_type_added = !alternative && value_of(members, "type").empty();
  return only_type_added ? tool_schema::as_it_was : tool_schema::simplified;
}

}  // namespace recloser::dialects::anthropic
