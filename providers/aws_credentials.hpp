#pragma once
// Where AWS credentials and the region come from: settings, environment, shared files, then a service that must be asked
// (providers-native.md §4.2). Nothing is fetched here; aws_fetch.hpp does that.

#include <string>
#include <string_view>

#include "chat/fault.hpp"
#include "providers/aws_signer.hpp"
#include "providers/credential_inputs.hpp"

namespace recloser::providers {

/// What the operator wrote. All of it may be empty.
struct aws_settings {
  std::string api_key;  ///< a Bedrock API key
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;
  std::string profile;  ///< goes before keys in the environment, unlike AWS_PROFILE
  std::string region;
};

enum class aws_source {
  api_key,       ///< `authorization: Bearer`; nothing is signed
  keys,          ///< at hand
  web_identity,  ///< STS, for the token in a file (EKS)
  container,     ///< an endpoint beside the container (ECS, EKS Pod Identity)
  instance,      ///< the metadata service of EC2
};

/// How this process gets its AWS credential.
struct aws_access {
  aws_source source = aws_source::instance;
  std::string region;  ///< empty only for `instance`, which then asks for it
  std::string api_key;
  aws_keys keys;
  std::string url;                ///< of what must be asked
  std::string role_arn;           ///< web_identity
  std::string role_session_name;  ///< web_identity
  std::string token_file;         ///< web_identity, container: read anew for every fetch
  std::string authorization;      ///< container: the token itself
};

/// The first source that has something. A source that has something broken or unsupported is a fault and not passed
/// over: the operator meant it.
chat::result<aws_access> find_aws_access(aws_settings const& settings, credential_inputs const& in);

/// Letters, digits and dashes: it becomes part of a host name.
bool is_aws_region(std::string_view text);

/// `amazonaws.com`, in China `amazonaws.com.cn`.
std::string_view aws_domain(std::string_view region);

}  // namespace recloser::providers
