#pragma once
// Where credentials are looked for: the environment and files, both given in.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "chat/fault.hpp"
#include "chat/text.hpp"
#include "config/load.hpp"

namespace recloser::providers {

/// Largest file and largest answer that a credential may be in.
inline constexpr std::size_t largest_credential = 256u << 10;

struct credential_inputs {
  config::environment env;
  /// The whole text of a file; nullopt when there is none of that name. The fault says why it cannot be read.
  std::function<chat::result<std::optional<std::string>>(std::string const& path)> read_file;
};

/// Those of this process.
credential_inputs process_credentials();

/// A credential that is missing, broken or of a kind that is not supported. Never names a secret or a path.
chat::fault credential_fault(std::string message);

/// The value of a variable without blanks around it; empty when it is not set.
std::string variable_or_empty(credential_inputs const& in, std::string const& name);

/// A file that must be there. `what` names it in the fault: "the token file of AWS_WEB_IDENTITY_TOKEN_FILE".
chat::result<std::string> read_needed_file(credential_inputs const& in, std::string const& path, std::string_view what);

/// One secret in a file of its own, without the blanks around it. Must be fit for a header field.
chat::result<std::string> read_secret_file(credential_inputs const& in, std::string const& path, std::string_view what);

/// Below `$HOME`; empty when there is no HOME.
std::string home_path(credential_inputs const& in, std::string_view below);

/// A member of a checked JSON object as plain text; empty when it is absent or no string.
std::string text_member(chat::raw_json object, std::string_view key);

}  // namespace recloser::providers
