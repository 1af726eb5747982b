#pragma once
// Fetching a Google access token: one request, and a second one where a service account is impersonated or the token
// of another identity provider has to be asked for first.

#include <span>
#include <string>
#include <vector>

#include "chat/fault.hpp"
#include "providers/google_credentials.hpp"
#include "providers/token_request.hpp"

namespace recloser::providers {

/// One fetch after another. `answered` belongs to the request that was given last; a fault ends the fetch.
class google_fetch {
 public:
  explicit google_fetch(google_access from) : from_(std::move(from)), project_(from_.project) {}

  using step = fetch_step<std::string>;

  /// `now` is signed into the assertion of a service account.
  chat::result<step> start(credential_inputs const& in, wall_time now);
  chat::result<step> answered(token_answer const& answer, wall_time now);

  /// The project that was set or, after a fetch, that of the machine.
  std::string const& project() const { return project_; }

 private:
  enum class asked { nothing, project, subject, token, impersonation };

  chat::result<step> ask(google_metadata_server const& server);
  chat::result<step> ask(google_ready_token const& token);
  chat::result<step> ask(google_service_account const& account, wall_time now);
  chat::result<step> ask(google_user const& user);
  chat::result<step> ask(google_external_account const& account, credential_inputs const& in);
  chat::result<step> exchange(google_external_account const& account, std::string_view subject);
  step ask_metadata(google_metadata_server const& server, asked what, std::string_view path);

  chat::result<step> read_project(token_answer const& answer);
  chat::result<step> read_subject(token_answer const& answer);
  chat::result<step> read_source_token(token_answer const& answer, wall_time now);
  step impersonate(std::string_view source_token);

  google_access from_;
  std::string project_;
  std::vector<std::string> secrets_;  ///< of the last request
  asked asked_ = asked::nothing;
};

/// The claims that a service account signs.
std::string google_claims(google_service_account const& account, wall_time now);

/// `{"accessToken", "expireTime"}` of the IAM credentials API.
chat::result<token> read_impersonated(token_answer const& answer, std::span<std::string const> secrets);

}  // namespace recloser::providers
