#pragma once
// AWS's shared files, `~/.aws/credentials` and `~/.aws/config`: INI with rules of their own (providers-native.md §4.2).

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "chat/fault.hpp"

namespace recloser::providers {

/// Names in lower case. Nested settings (`s3 =` and the indented lines below it) are left out.
using aws_profile = std::map<std::string, std::string, std::less<>>;
using aws_profiles = std::map<std::string, aws_profile, std::less<>>;

enum class aws_file {
  credentials,  ///< sections are `[name]`
  config,       ///< sections are `[profile name]` and `[default]`; others (`[sso-session x]`) are left out
};

/// The fault names the line and never shows it.
chat::result<aws_profiles> read_aws_profiles(std::string_view text, aws_file kind);

}  // namespace recloser::providers
