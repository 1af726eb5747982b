#pragma once
// A YAML document as a plain tree: what the readers of the sections walk. yaml-cpp is behind parse_yaml and nowhere else.

#include <string>
#include <string_view>
#include <vector>

#include "config/load.hpp"

namespace recloser::config {

struct member;

enum class node_kind { null, scalar, sequence, map };

struct node {
  node_kind kind = node_kind::null;
  int line = 0;                 ///< 1-based
  bool quoted = false;          ///< a scalar in quotes: `"5"` is text, never a number, in `defaults`
  bool broken = false;          ///< its problem was reported already: readers leave it alone
  std::string text;             ///< of a scalar, with `${NAME}` replaced
  std::string written;          ///< of a scalar, as it stands in the file: what messages may show
  std::vector<node> items;      ///< of a sequence
  std::vector<member> members;  ///< of a map, in the file's order; no name twice
};

struct member {
  std::string name;
  int line = 0;
  node value;
};

/// Is anything in it `broken`?
bool has_broken(node const& tree);

/// Reads one document. Syntax errors, duplicate keys and the like are added to `problems`; an empty text is a null node.
/// Aliases are expanded and `<<` is merged, within a limit, so that a small file cannot become a huge tree.
node parse_yaml(std::string_view text, std::vector<problem>& problems);

}  // namespace recloser::config
