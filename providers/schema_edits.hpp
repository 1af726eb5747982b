#pragma once
// JSON schemas in the subset that Moonshot takes (providers-openai-shaped.md §14).

#include "dialects/edits.hpp"

namespace recloser::providers {

/// Edits a schema: `$schema` goes, a list of `items` is called `prefixItems`, a type beside `anyOf` moves into its branches,
/// and the root says that it is an object. `schema` is a part of the text of `edits`.
void edit_schema(chat::raw_json schema, json::edit_list& edits);

/// The schemas inside a request's `tools` and `response_format`.
void edit_schemas(json::member const& field, json::edit_list& edits);

}  // namespace recloser::providers
