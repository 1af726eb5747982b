#include "dialects/gemini/schema.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "dialects/json.hpp"
#include "dialects/json_values.hpp"

namespace recloser::dialects::gemini {

using chat::raw_json;
using json::member;

namespace {

enum class keyword {
  keep,
  schema,        ///< one schema, or true or false
  items,         ///< one schema; a list of them is the old way of `prefixItems`
  schemas,       ///< a list of them
  alternatives,  ///< a list, written as `anyOf`
  properties,
  required,
  definitions,
  constant,  ///< `const`
  form,      ///< `format`
  nullable,  ///< OpenAPI's: widens `type`
  description,
  type,
  merged,  ///< `allOf`: its members are taken for this schema's own
  drop,
  describe,  ///< not in the subset: said in words when it is short
};

struct keyword_row {
  std::string_view name;
  keyword what;
};

constexpr keyword_row keywords[] = {
    {"type", keyword::type},
    {"title", keyword::keep},
    {"enum", keyword::keep},
    {"minItems", keyword::keep},
    {"maxItems", keyword::keep},
    {"minimum", keyword::keep},
    {"maximum", keyword::keep},
    {"propertyOrdering", keyword::keep},
    {"$id", keyword::keep},
    {"$anchor", keyword::keep},
    {"description", keyword::description},
    {"properties", keyword::properties},
    {"required", keyword::required},
    {"items", keyword::items},
    {"prefixItems", keyword::schemas},
    {"additionalProperties", keyword::schema},
    {"anyOf", keyword::alternatives},
    {"oneOf", keyword::alternatives},
    {"allOf", keyword::merged},
    {"$defs", keyword::definitions},
    {"definitions", keyword::definitions},
    {"const", keyword::constant},
    {"format", keyword::form},
    {"nullable", keyword::nullable},
    {"$schema", keyword::drop},
    {"$comment", keyword::drop},
    {"$ref", keyword::drop},  // followed before its neighbours are looked at
    {"strict", keyword::drop},
    {"readOnly", keyword::drop},
    {"writeOnly", keyword::drop},
    {"deprecated", keyword::drop},
    {"examples", keyword::drop},
    {"example", keyword::drop},
    {"contentEncoding", keyword::drop},
    {"contentMediaType", keyword::drop},
};

constexpr std::string_view formats[] = {"date-time", "date", "time", "int32", "int64", "float", "double"};

keyword keyword_of(std::string_view name) {
  auto const row = std::ranges::find(keywords, name, &keyword_row::name);
  return row == std::end(keywords) ? keyword::describe : row->what;
}

raw_json value_of(std::vector<member> const& members, std::string_view key) {
  auto const found = std::ranges::find(members, key, &member::key);
  return found == members.end() ? raw_json() : found->value;
}

bool is_plain(raw_json value) {
  auto const kind = json::kind_of(value);
  constexpr std::size_t longest = 200;
  bool const scalar = kind == json::kind::string || kind == json::kind::number || kind == json::kind::boolean;
  return scalar && value.size() <= longest;
}

/// Where a definition of the root is: the name after `#/$defs/` or `#/definitions/`. Empty for anything else.
std::string_view definition_name(chat::raw_text reference) {
  for (std::string_view const prefix : {"#/$defs/", "#/definitions/"}) {
    if (reference.starts_with(prefix) && reference.find('/', prefix.size()) == chat::raw_text::npos) {
      return reference.substr(prefix.size());
    }
  }
  return {};
}

class lowering {
 public:
  lowering(raw_json root, std::string& out) : root_(root), writer_(out) {}

  void schema(raw_json value) { schema(value, {}); }

  /// `type` is said of a schema that says none.
  void schema(raw_json value, std::string_view type) {
    std::vector<member> members;
    if (!json::members_of(value, members)) {
      if (value != "true") fit_ = schema_fit::simplified;
      writer_.raw("{}");
      return;
    }
    if (auto const reference = value_of(members, "$ref"); !reference.empty()) return put_reference(reference, members);
    merge_all_of(members);
    put_members(members, type);
  }

  schema_fit fit() const { return fit_; }

 private:
  // ---- references ----------------------------------------------------------------------------------------------

  /// Beside a reference only `$` words may stand. One into the middle of a schema is replaced by what it means.
  void put_reference(raw_json reference, std::vector<member> const& members) {
    auto const name = definition_name(json::text_of(reference));
    if (name.empty()) {
      auto const target = resolve(reference);
      if (target.empty() || depth_ >= most_depth) {
        fit_ = schema_fit::simplified;
        writer_.raw("{}");
        return;
      }
      ++depth_;
      schema(target);
      --depth_;
      return;
    }
    writer_.open('{');
    writer_.key("$ref").text(std::string("#/$defs/").append(name));
    for (auto const& each : members) {
      if (keyword_of(each.key) == keyword::definitions) put_definitions(each.value);
    }
    writer_.close('}');
  }

  /// What a pointer into this text means. Each costs a search of the root, so their number is bounded.
  raw_json resolve(raw_json reference) {
    auto path = json::text_of(reference);
    if (!path.starts_with("#/") || resolved_++ >= most_resolved) return {};
    path.remove_prefix(2);
    raw_json at = root_;
    while (!path.empty() && !at.empty()) {
      auto const end = std::min(path.find('/'), path.size());
      at = json::find(at, path.substr(0, end));
      path.remove_prefix(std::min(end + 1, path.size()));
    }
    return at;
  }

  /// Puts the members of the `allOf` schemas behind this schema's own.
  void merge_all_of(std::vector<member>& members) {
    std::vector<member> more;
    std::vector<raw_json> parts;
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (keyword_of(members[i].key) != keyword::merged) continue;
      json::elements_of(members[i].value, parts);
      for (auto part : parts) {
        if (auto const reference = json::find(part, "$ref"); !reference.empty()) part = resolve(reference);
        if (json::members_of(part, more) && members.size() + more.size() < most_members) {
          members.insert(members.end(), more.begin(), more.end());  // theirs may hold an `allOf` again
        } else {
          fit_ = schema_fit::simplified;
        }
      }
    }
  }

  // ---- members -------------------------------------------------------------------------------------------------

  void put_members(std::vector<member> const& members, std::string_view type) {
    std::string words;
    std::unordered_set<std::string_view> written;
    writer_.open('{');
    if (!type.empty() && value_of(members, "type").empty()) writer_.key("type").text(type);
    for (auto const& each : members) {
      bool const again = !written.insert(each.key == "oneOf" ? "anyOf" : each.key).second;
      if (!again) put(each, members, words);
      bool const gathered = each.key == "properties" || each.key == "required" || each.key == "allOf";
      if (again && !gathered && each.key != "description") fit_ = schema_fit::simplified;
    }
    put_description(json::text_of(value_of(members, "description")), words);
    writer_.close('}');
  }

  void put(member const& what, std::vector<member> const& all, std::string& words) {
    switch (keyword_of(what.key)) {
      case keyword::keep: writer_.key(what.key).raw(what.value); return;
      case keyword::type: return put_type(what.value, value_of(all, "nullable") == "true");
      case keyword::schema: return put_schema_or_word(what);
      case keyword::items: return put_items(what.value);
      case keyword::schemas: return put_list(what.key, what.value);
      case keyword::alternatives: return put_list("anyOf", what.value);
      case keyword::properties: return put_properties(all);
      case keyword::required: return put_required(all);
      case keyword::definitions: return put_definitions(what.value);
      case keyword::constant: writer_.key("enum").open('[').raw(what.value).close(']'); return;
      case keyword::form: return put_format(what, words);
      case keyword::describe: return describe(what, words);
      case keyword::nullable:
      case keyword::description:
      case keyword::merged:
      case keyword::drop: return;
    }
  }

  void put_type(raw_json type, bool nullable) {
    writer_.key("type");
    if (nullable && json::kind_of(type) == json::kind::string) {
      writer_.open('[').raw(type).text("null").close(']');
    } else {
      writer_.raw(type);
    }
  }

  void put_schema_or_word(member const& what) {
    writer_.key(what.key);
    if (json::kind_of(what.value) == json::kind::boolean) {
      writer_.raw(what.value);
    } else {
      schema(what.value);
    }
  }

  void put_items(raw_json value) {
    if (json::kind_of(value) == json::kind::array) return put_list("prefixItems", value);
    writer_.key("items");
    schema(value);
  }

  void put_list(std::string_view name, raw_json value) {
    std::vector<raw_json> elements;
    if (!json::elements_of(value, elements)) {
      fit_ = schema_fit::simplified;
      return;
    }
    writer_.key(name).open('[');
    for (auto const each : elements) schema(each);
    writer_.close(']');
  }

  /// Of this schema and of what was merged into it; the first of a name counts.
  void put_properties(std::vector<member> const& all) {
    std::unordered_set<std::string_view> written;
    std::vector<member> entries;
    writer_.key("properties").open('{');
    for (auto const& each : all) {
      if (each.key != "properties") continue;
      json::members_of(each.value, entries);
      for (auto const& entry : entries) {
        if (!written.insert(entry.key).second) continue;
        writer_.key(entry.key);
        schema(entry.value);
      }
    }
    writer_.close('}');
  }

  /// Names that are no properties are a 400.
  void put_required(std::vector<member> const& all) {
    std::unordered_set<std::string_view> known;
    std::vector<member> entries;
    for (auto const& each : all) {
      if (each.key != "properties") continue;
      json::members_of(each.value, entries);
      for (auto const& entry : entries) known.insert(entry.key);
    }
    std::vector<raw_json> names;
    writer_.key("required").open('[');
    for (auto const& each : all) {
      if (each.key != "required") continue;
      json::elements_of(each.value, names);
      for (auto const name : names) {
        if (known.erase(json::text_of(name)) > 0) writer_.raw(name);
      }
    }
    writer_.close(']');
  }

  void put_definitions(raw_json value) {
    std::vector<member> entries;
    if (!json::members_of(value, entries)) return;
    writer_.key("$defs").open('{');
    for (auto const& each : entries) {
      writer_.key(each.key);
      schema(each.value);
    }
    writer_.close('}');
  }

  void put_format(member const& what, std::string& words) {
    if (std::ranges::find(formats, json::text_of(what.value)) == std::end(formats)) return describe(what, words);
    writer_.key(what.key).raw(what.value);
  }

  void describe(member const& what, std::string& words) {
    if (!is_plain(what.value)) {
      bool const hint = what.key == "default";
      if (!hint) fit_ = schema_fit::simplified;
      return;
    }
    words.append(words.empty() ? "" : ", ").append(what.key).append(": ");
    json::escape(what.value, words);
  }

  void put_description(chat::raw_text said, std::string const& words) {
    if (said.empty() && words.empty()) return;
    std::string text(said);
    if (!words.empty()) text.append(said.empty() ? "" : "\\n").append("(").append(words).append(")");
    writer_.key("description").text(text);
  }

  static constexpr int most_depth = 4;  // of schemas put in place of pointers to them
  static constexpr int most_resolved = 64;
  static constexpr std::size_t most_members = 512;

  raw_json root_;
  json::writer writer_;
  schema_fit fit_ = schema_fit::whole;
  int depth_ = 0;
  int resolved_ = 0;
};

bool is_empty_object(raw_json value) {
  std::vector<member> members;
  return !json::members_of(value, members) || members.empty();
}

/// Words that make an object of no properties more than that.
constexpr std::string_view shapes[] = {"anyOf", "oneOf", "allOf", "$ref", "additionalProperties", "patternProperties"};

}  // namespace

schema_fit lower_schema(raw_json schema, std::string& out) {
  lowering run(schema, out);
  run.schema(schema);
  return run.fit();
}

schema_fit lower_parameters(raw_json schema, std::string& out) {
  std::vector<member> members;
  if (!json::members_of(schema, members)) return schema_fit::whole;
  bool const shaped = std::ranges::any_of(shapes, [&](auto name) {
    auto const value = value_of(members, name);
    return !value.empty() && value != "false";
  });
  if (!shaped && is_empty_object(value_of(members, "properties"))) return schema_fit::whole;
  lowering run(schema, out);
  run.schema(schema, "object");
  return run.fit();
}

}  // namespace recloser::dialects::gemini
