#pragma once
// Google's Application Default Credentials without a library of Google's (providers-native.md §3.4): where they are and
// what they say. Nothing is fetched here; google_fetch.hpp does that.

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "chat/fault.hpp"
#include "providers/credential_inputs.hpp"
#include "providers/token_request.hpp"

namespace recloser::providers {

/// A token that somebody else fetched: `gcloud auth print-access-token`, for development. It cannot be renewed.
struct google_ready_token {
  std::string value;
};

struct google_service_account {
  std::string email;
  std::string private_key;  ///< PEM of an RSA key
  std::string key_id;
  std::string token_url;
};

/// A person who logged in with gcloud.
struct google_user {
  std::string client_id;
  std::string client_secret;
  std::string refresh_token;
  std::string token_url;
};

/// Workload identity federation: the token of another identity provider, from a file or a URL, is exchanged.
struct google_external_account {
  std::string audience;
  std::string subject_token_type;
  std::string token_url;
  std::string client_id;  ///< may be empty, and then the secret is too
  std::string client_secret;
  std::string user_project;  ///< of a workforce pool
  std::string file;          ///< of the subject token; read anew for every fetch
  std::string url;           ///< or where it is asked for
  header_list headers;       ///< for `url`
  std::string token_member;  ///< the member of a JSON object that holds it; empty: the whole text is the token
};

/// The metadata server of the machine, for the service account that it runs as.
struct google_metadata_server {
  std::string host;  ///< with a port when it has one
};

using google_source = std::variant<google_metadata_server, google_ready_token, google_service_account, google_user,
                                   google_external_account>;

/// The token of the source is exchanged for one of another service account.
struct google_impersonation {
  std::string url;
  std::vector<std::string> delegates;
  int lifetime = 3600;  ///< seconds
};

struct google_credentials {
  google_source source;
  std::optional<google_impersonation> impersonation;
  std::string project;                      ///< of the file; may be empty
  std::string quota_project;                ///< sent as `x-goog-user-project`; may be empty
  std::string universe = "googleapis.com";  ///< ends the name of every Google host
};

/// The text of a credentials file. What is missing, broken or not supported is a fault that says so.
chat::result<google_credentials> read_google_credentials(std::string_view text);

/// What the operator wrote. All of it may be empty.
struct google_settings {
  std::string access_token;
  std::string credentials_file;
  std::string project;
  std::string location;
};

struct google_access {
  google_credentials credentials;
  std::string project;   ///< empty only with a metadata server, which then is asked
  std::string location;  ///< `global` unless said otherwise: the newest models are only there
};

/// Settings, VERTEX_ACCESS_TOKEN, GOOGLE_APPLICATION_CREDENTIALS, gcloud's own file, then the metadata server. The first
/// that is there counts; if it is broken, that is a fault.
chat::result<google_access> find_google_access(google_settings const& settings, credential_inputs const& in);

}  // namespace recloser::providers
