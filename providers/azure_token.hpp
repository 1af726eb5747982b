#pragma once
// Microsoft Entra access tokens for Azure OpenAI: the client credentials grant (providers-openai-shaped.md §5), with a
// secret or, on Kubernetes, with the token of a service account.

#include <string>

#include "chat/fault.hpp"
#include "providers/credential_inputs.hpp"
#include "providers/token_request.hpp"

namespace recloser::providers {

/// What the operator wrote. What is empty comes from the environment: AZURE_TENANT_ID, AZURE_CLIENT_ID,
/// AZURE_CLIENT_SECRET, AZURE_FEDERATED_TOKEN_FILE, AZURE_AUTHORITY_HOST.
struct azure_settings {
  std::string tenant_id;
  std::string client_id;
  std::string client_secret;
  std::string token_url;  ///< instead of the tenant's at the authority
  std::string scope;      ///< `https://cognitiveservices.azure.com/.default`
};

/// Complete: everything but one of `client_secret` and `assertion_file` is there.
struct azure_client {
  std::string client_id;
  std::string client_secret;
  std::string assertion_file;  ///< read anew for every fetch
  std::string token_url;
  std::string scope;
};

/// The fault says what is missing.
chat::result<azure_client> find_azure_client(azure_settings const& settings, credential_inputs const& in);

class azure_fetch {
 public:
  explicit azure_fetch(azure_client client) : client_(std::move(client)) {}

  using step = fetch_step<std::string>;
  chat::result<step> start(credential_inputs const& in);
  chat::result<step> answered(token_answer const& answer, wall_time now);

 private:
  azure_client client_;
  std::string assertion_;
};

}  // namespace recloser::providers
