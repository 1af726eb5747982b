#pragma once
// `${NAME}` in values, and secrets in files.

#include <string>
#include <string_view>
#include <vector>

#include "config/load.hpp"
#include "config/node.hpp"
#include "config/text.hpp"

namespace recloser::config {

/// The variable's value without surrounding blanks; nullopt when it is not set or empty (compose files set empty ones).
std::optional<std::string> variable(environment const& env, std::string const& name);

/// May it be the name of an environment variable? Guards messages too: what is no name may be a secret.
bool is_variable_name(std::string_view text);

/// `${NAME}`, `${NAME:-default}` and `$$` replaced.
parsed<std::string> substitute(std::string_view text, environment const& env);

/// The same for every scalar of a tree. What cannot be replaced is a problem, and its node is marked `broken`.
void substitute(node& tree, environment const& env, std::vector<problem>& problems);

/// A secret as it is written: itself, or `file:/path` for the content of a file. Blanks around it are trimmed. The fault
/// is the end of a sentence: "is empty".
parsed<std::string> read_secret(std::string_view written);

}  // namespace recloser::config
