#include "providers/google_fetch.hpp"

#include <utility>

#include <fmt/format.h>

#include "config/text.hpp"
#include "dialects/json.hpp"
#include "providers/encoding.hpp"
#include "providers/jwt.hpp"
#include "providers/token_answer.hpp"

namespace recloser::providers {

namespace {

constexpr std::string_view scope = "https://www.googleapis.com/auth/cloud-platform";
constexpr std::string_view token_endpoint = "Google's token endpoint";
constexpr std::string_view metadata_service = "Google's metadata server";
constexpr std::string_view subject_service = "the URL of the subject token";
constexpr std::string_view iam = "Google's IAM credentials API";

token_request form_post(std::string const& url, std::string body) {
  return {.url = url, .headers = {{"content-type", "application/x-www-form-urlencoded"}}, .body = std::move(body)};
}

/// What to do when the credential is refused.
std::string_view hint_for(google_source const& source) {
  if (std::holds_alternative<google_user>(source)) return "log in again: gcloud auth application-default login";
  if (std::holds_alternative<google_service_account>(source)) {
    return "check that its key still exists and that the clock of this machine is right";
  }
  return {};
}

/// Somebody else may listen at the address of the metadata server.
bool is_google(token_answer const& answer) { return answer.metadata_flavor == "Google"; }

/// The token in a file or an answer; empty when it is not there.
std::string subject_of(std::string_view text, std::string const& member) {
  if (text.size() > largest_credential) return {};
  if (member.empty()) return std::string(config::trim(text));
  std::string body;
  body.reserve(text.size() + json::padding);
  body = text;
  return json::scan_object(body) ? text_member(body, member) : std::string();
}

}  // namespace

std::string google_claims(google_service_account const& account, wall_time now) {
  constexpr std::int64_t lifetime = 3600;  // the longest that Google takes
  std::int64_t const issued = now.time_since_epoch().count();
  std::string out;
  json::writer claims(out);
  claims.open('{').key("iss").string(account.email).key("scope").text(scope).key("aud").string(account.token_url);
  claims.key("iat").number(issued).key("exp").number(issued + lifetime).close('}');
  return out;
}

// ---- requests --------------------------------------------------------------------------------------------------

chat::result<google_fetch::step> google_fetch::start(credential_inputs const& in, wall_time now) {
  secrets_.clear();
  auto const& source = from_.credentials.source;
  if (auto const* server = std::get_if<google_metadata_server>(&source)) return ask(*server);
  if (auto const* ready = std::get_if<google_ready_token>(&source)) return ask(*ready);
  if (auto const* account = std::get_if<google_service_account>(&source)) return ask(*account, now);
  if (auto const* user = std::get_if<google_user>(&source)) return ask(*user);
  return ask(std::get<google_external_account>(source), in);
}

google_fetch::step google_fetch::ask_metadata(google_metadata_server const& server, asked what, std::string_view path) {
  asked_ = what;
  return token_request{.method = "GET",
                       .url = fmt::format("http://{}/computeMetadata/v1/{}", server.host, path),
                       .headers = {{"metadata-flavor", "Google"}},
                       .metadata_service = true};
}

chat::result<google_fetch::step> google_fetch::ask(google_metadata_server const& server) {
  if (project_.empty()) return ask_metadata(server, asked::project, "project/project-id");
  return ask_metadata(server, asked::token, "instance/service-accounts/default/token");
}

chat::result<google_fetch::step> google_fetch::ask(google_ready_token const& ready) { return step(token{ready.value}); }

chat::result<google_fetch::step> google_fetch::ask(google_service_account const& account, wall_time now) {
  auto const assertion = make_jwt(google_claims(account, now), account.key_id, account.private_key);
  if (!assertion) return assertion.error();
  secrets_ = {*assertion};
  asked_ = asked::token;
  return step(form_post(account.token_url, form_body({{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"},
                                                      {"assertion", *assertion}})));
}

chat::result<google_fetch::step> google_fetch::ask(google_user const& user) {
  secrets_ = {user.client_secret, user.refresh_token};
  asked_ = asked::token;
  return step(form_post(user.token_url, form_body({{"grant_type", "refresh_token"},
                                                   {"client_id", user.client_id},
                                                   {"client_secret", user.client_secret},
                                                   {"refresh_token", user.refresh_token}})));
}

chat::result<google_fetch::step> google_fetch::ask(google_external_account const& account,
                                                   credential_inputs const& in) {
  if (account.file.empty()) {
    asked_ = asked::subject;
    for (auto const& [name, value] : account.headers) secrets_.push_back(value);
    return step(token_request{.method = "GET",
                              .url = account.url,
                              .headers = account.headers,
                              .metadata_service = is_metadata_url(account.url)});
  }
  auto const text = read_needed_file(in, account.file, "the file of the subject token");
  if (!text) return text.error();
  auto const subject = subject_of(*text, account.token_member);
  if (subject.empty()) return credential_fault("the file of the subject token holds none");
  return exchange(account, subject);
}

/// RFC 8693, with Google's `options`: JSON, percent-encoded before it is encoded as a form.
chat::result<google_fetch::step> google_fetch::exchange(google_external_account const& account,
                                                        std::string_view subject) {
  bool const has_client = !account.client_id.empty();
  std::string options;
  if (!account.user_project.empty() && !has_client) {
    std::string text;
    json::writer(text).open('{').key("userProject").string(account.user_project).close('}');
    options = percent_encode(text);
  }
  auto request =
      form_post(account.token_url, form_body({{"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
                                              {"audience", account.audience},
                                              {"scope", scope},
                                              {"requested_token_type", "urn:ietf:params:oauth:token-type:access_token"},
                                              {"subject_token", subject},
                                              {"subject_token_type", account.subject_token_type},
                                              {"options", options}}));
  secrets_ = {std::string(subject), account.client_secret};
  if (has_client) {
    secrets_.push_back(base64(fmt::format("{}:{}", account.client_id, account.client_secret)));
    request.headers.emplace_back("authorization", "Basic " + secrets_.back());
  }
  asked_ = asked::token;
  return step(std::move(request));
}

google_fetch::step google_fetch::impersonate(std::string_view source_token) {
  auto const& by = *from_.credentials.impersonation;
  token_request request{
      .url = by.url,
      .headers = {{"authorization", fmt::format("Bearer {}", source_token)}, {"content-type", "application/json"}}};
  json::writer body(request.body);
  body.open('{').key("scope").open('[').text(scope).close(']');
  body.key("lifetime").string(fmt::format("{}s", by.lifetime));
  if (!by.delegates.empty()) {
    body.key("delegates").open('[');
    for (auto const& one : by.delegates) body.string(one);
    body.close(']');
  }
  body.close('}');
  secrets_ = {std::string(source_token)};
  asked_ = asked::impersonation;
  return request;
}

// ---- answers ---------------------------------------------------------------------------------------------------

chat::result<google_fetch::step> google_fetch::answered(token_answer const& answer, wall_time now) {
  switch (std::exchange(asked_, asked::nothing)) {
    case asked::nothing: break;
    case asked::project: return read_project(answer);
    case asked::subject: return read_subject(answer);
    case asked::token: return read_source_token(answer, now);
    case asked::impersonation: {
      auto read = read_impersonated(answer, secrets_);
      if (!read) return read.error();
      return step(*std::move(read));
    }
  }
  return credential_fault("an answer came to no request");
}

chat::result<google_fetch::step> google_fetch::read_project(token_answer const& answer) {
  answer_context const of{.whom = metadata_service};
  if (answer.status != 200) return read_refusal(answer, of);
  constexpr std::size_t longest = 128;
  auto const project = config::trim(answer.body);
  if (!is_google(answer) || project.size() > longest || !is_visible_ascii(project)) {
    return unreadable(answer, of, "holds no project id");
  }
  project_ = project;
  return ask(std::get<google_metadata_server>(from_.credentials.source));
}

chat::result<google_fetch::step> google_fetch::read_subject(token_answer const& answer) {
  answer_context const of{.whom = subject_service, .secrets = secrets_};
  if (answer.status != 200) return read_refusal(answer, of);
  auto const& account = std::get<google_external_account>(from_.credentials.source);
  auto const subject = subject_of(answer.body, account.token_member);
  if (subject.empty()) return unreadable(answer, of, "holds no token");
  return exchange(account, subject);
}

chat::result<google_fetch::step> google_fetch::read_source_token(token_answer const& answer, wall_time now) {
  auto const& source = from_.credentials.source;
  bool const from_metadata = std::holds_alternative<google_metadata_server>(source);
  answer_context const of{
      .whom = from_metadata ? metadata_service : token_endpoint, .secrets = secrets_, .hint = hint_for(source)};
  if (from_metadata && answer.status == 200 && !is_google(answer)) {
    return unreadable(answer, of, "is not from Google");
  }
  auto read = read_token(answer, now, of);
  if (!read) return read.error();
  if (from_.credentials.impersonation) return impersonate(read->value);
  return step(*std::move(read));
}

chat::result<token> read_impersonated(token_answer const& answer, std::span<std::string const> secrets) {
  answer_context const of{
      .whom = iam, .secrets = secrets, .hint = "the credential needs the role Service Account Token Creator"};
  if (answer.status != 200) return read_refusal(answer, of);
  auto const body = read_object(answer, of);
  if (!body) return body.error();
  auto value = text_member(*body, "accessToken");
  auto const expires = parse_timestamp(text_member(*body, "expireTime"));
  if (!is_visible_ascii(value) || !expires) return unreadable(answer, of, "holds no token with an expiry date");
  return token{std::move(value), *expires};
}

}  // namespace recloser::providers
