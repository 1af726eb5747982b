// Fetching Google's access tokens: requests, answers, and the JWT of a service account checked with its public key.

#include "providers/google_fetch.hpp"

#include <openssl/err.h>

#include <string>
#include <string_view>
#include <vector>

#include "credential_fixture.hpp"
#include "dialects/json.hpp"
#include "providers/encoding.hpp"
#include "providers/jwt.hpp"
#include "rsa_fixture.hpp"

namespace recloser::providers {
namespace {

wall_time const now = at("2026-11-22T07:00:00Z");

constexpr std::string_view token_answer_body =
    R"({"access_token":"ya29.token","expires_in":3599,"token_type":"Bearer"})";
constexpr std::string_view scope = "https://www.googleapis.com/auth/cloud-platform";

/// The opposite of base64url, for looking into a JWT.
std::string decoded(std::string_view text) {
  std::string out;
  unsigned held = 0, bits = 0;
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (char const c : text) {
    auto const six = letters.find(c);
    if (six == std::string_view::npos) return "not base64url";
    held = (held << 6 | static_cast<unsigned>(six)) & 0xFFFF;
    if ((bits += 6) >= 8) out += static_cast<char>(held >> (bits -= 8));
  }
  return out;
}

std::vector<std::string> parts(std::string_view text, char at) {
  std::vector<std::string> out;
  for (std::size_t end = 0; end != std::string_view::npos;) {
    end = text.find(at);
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return out;
}

google_service_account account() {
  return {"me@p.iam.gserviceaccount.com", rsa_pem(), "kid1", "https://oauth2.googleapis.com/token"};
}

google_access access(google_source source, std::optional<google_impersonation> impersonation = std::nullopt) {
  return {.credentials = {.source = std::move(source), .impersonation = std::move(impersonation)},
          .project = "p",
          .location = "global"};
}

void expect_token(chat::result<google_fetch::step> const& step) {
  auto const token = credential_of(step);
  EXPECT_EQ(token.value, "ya29.token");
  EXPECT_EQ(token.expires, now + std::chrono::seconds(3599));
}

// ---- service account -------------------------------------------------------------------------------------------

TEST(google_fetch, signs_the_assertion_of_a_service_account) {
  google_fetch fetch(access(account()));
  auto const request = request_of(fetch.start(machine().inputs(), now));
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://oauth2.googleapis.com/token");
  EXPECT_EQ(header_of(request, "content-type"), "application/x-www-form-urlencoded");
  std::string const start = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
  ASSERT_TRUE(request.body.starts_with(start)) << request.body;
  auto const jwt = parts(std::string_view(request.body).substr(start.size()), '.');
  ASSERT_EQ(jwt.size(), 3u);
  EXPECT_EQ(decoded(jwt[0]), R"({"alg":"RS256","typ":"JWT","kid":"kid1"})");
  EXPECT_EQ(
      decoded(jwt[1]),
      R"({"iss":"me@p.iam.gserviceaccount.com","scope":"https://www.googleapis.com/auth/cloud-platform","aud":"https://oauth2.googleapis.com/token","iat":1795330800,"exp":1795334400})");
  EXPECT_TRUE(verifies(jwt[0] + "." + jwt[1], decoded(jwt[2])));
  EXPECT_FALSE(verifies(jwt[0] + ".x" + jwt[1], decoded(jwt[2])));
  expect_token(fetch.answered({200, token_answer_body}, now));
}

TEST(google_fetch, signs_with_the_time_of_each_fetch) {
  google_fetch fetch(access(account()));
  auto const first = request_of(fetch.start(machine().inputs(), now));
  auto const later = request_of(fetch.start(machine().inputs(), now + std::chrono::seconds(1)));
  EXPECT_NE(first.body, later.body);
}

TEST(google_fetch, escapes_what_it_puts_into_claims) {
  google_service_account odd{.email = "a\"b\\\n", .token_url = "https://x/"};
  EXPECT_TRUE(json::scan_object(google_claims(odd, now)));
  EXPECT_TRUE(has(google_claims(odd, now), R"("iss":"a\"b\\\n")"));
}

TEST(google_fetch, leaves_openssls_error_queue_clean) {
  for (auto const& pem : {std::string("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
                          encrypted_pem(), elliptic_pem(), public_pem(), std::string()}) {
    EXPECT_FALSE(make_jwt("{}", "", pem));
    EXPECT_EQ(ERR_peek_error(), 0u);
  }
  EXPECT_TRUE(make_jwt("{}", "", rsa_pem()));
  EXPECT_EQ(ERR_peek_error(), 0u);
}

TEST(google_fetch, says_why_a_service_account_was_refused) {
  google_fetch fetch(access(account()));
  auto const sent = request_of(fetch.start(machine().inputs(), now));
  auto const assertion = sent.body.substr(sent.body.rfind('=') + 1);
  auto const fault = fault_of(fetch.answered(
      {400, R"({"error":"invalid_grant","error_description":"Invalid JWT Signature. )" + assertion + "\"}"}, now));
  EXPECT_EQ(fault,
            "Google's token endpoint refused the credential: invalid_grant: Invalid JWT Signature. ***; check that its "
            "key still exists and that the clock of this machine is right");
}

// ---- a user ----------------------------------------------------------------------------------------------------

TEST(google_fetch, refreshes_a_login) {
  google_fetch fetch(access(google_user{"id", "s+cret", "1//r", "https://oauth2.googleapis.com/token"}));
  auto const request = request_of(fetch.start(machine().inputs(), now));
  EXPECT_EQ(request.url, "https://oauth2.googleapis.com/token");
  EXPECT_EQ(request.body, "grant_type=refresh_token&client_id=id&client_secret=s%2Bcret&refresh_token=1%2F%2Fr");
  expect_token(fetch.answered({200, token_answer_body}, now));
  (void)fetch.start(machine().inputs(), now);
  auto const step = fetch.answered(
      {400, R"({"error":"invalid_grant","error_description":"reauth related error","error_subtype":"invalid_rapt"})"},
      now);
  EXPECT_EQ(
      fault_of(step),
      "Google's token endpoint refused the credential: invalid_grant: reauth related error (invalid_rapt); log in "
      "again: gcloud auth application-default login");
  EXPECT_EQ(step.error().what, chat::fault_class::auth);
}

TEST(google_fetch, passes_on_a_ready_token) {
  google_fetch fetch(access(google_ready_token{"ya29.ready"}));
  EXPECT_EQ(credential_of(fetch.start(machine().inputs(), now)).value, "ya29.ready");
}

// ---- metadata server -------------------------------------------------------------------------------------------

TEST(google_fetch, asks_the_metadata_server) {
  google_fetch fetch(access(google_metadata_server{"169.254.169.254"}));
  auto const request = request_of(fetch.start(machine().inputs(), now));
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.url, "http://169.254.169.254/computeMetadata/v1/instance/service-accounts/default/token");
  EXPECT_EQ(header_of(request, "metadata-flavor"), "Google");
  EXPECT_TRUE(request.metadata_service);
  expect_token(fetch.answered({200, token_answer_body, "Google"}, now));
  (void)fetch.start(machine().inputs(), now);
  EXPECT_EQ(fault_of(fetch.answered({200, token_answer_body}, now)),
            "Google's metadata server sent an answer that is not from Google");
  (void)fetch.start(machine().inputs(), now);
  EXPECT_EQ(fault_of(fetch.answered({404, "", "Google"}, now)), "Google's metadata server refused the credential");
}

TEST(google_fetch, asks_the_metadata_server_for_the_project_once) {
  auto from = access(google_metadata_server{"m:80"});
  from.project.clear();
  google_fetch fetch(from);
  EXPECT_EQ(request_of(fetch.start(machine().inputs(), now)).url, "http://m:80/computeMetadata/v1/project/project-id");
  auto const second = request_of(fetch.answered({200, "my-project", "Google"}, now));
  EXPECT_EQ(second.url, "http://m:80/computeMetadata/v1/instance/service-accounts/default/token");
  EXPECT_EQ(fetch.project(), "my-project");
  expect_token(fetch.answered({200, token_answer_body, "Google"}, now));
  EXPECT_TRUE(has(request_of(fetch.start(machine().inputs(), now)).url, "default/token"));
  for (auto const& answer :
       std::vector<token_answer>{{200, "a b", "Google"}, {200, "", "Google"}, {200, "p", ""}, {500, "p", "Google"}}) {
    google_fetch other(from);
    (void)other.start(machine().inputs(), now);
    EXPECT_FALSE(other.answered(answer, now));
    EXPECT_EQ(other.project(), "");
  }
}

// ---- federation ------------------------------------------------------------------------------------------------

google_external_account federated() {
  return {.audience = "//iam.googleapis.com/projects/1/x",
          .subject_token_type = "urn:ietf:params:oauth:token-type:jwt",
          .token_url = "https://sts.googleapis.com/v1/token"};
}

constexpr std::string_view exchange_body =
    "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&audience=%2F%2Fiam.googleapis.com%2Fprojects%"
    "2F1%2Fx"
    "&scope=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcloud-platform"
    "&requested_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token&subject_token=sub.ject"
    "&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt";

TEST(google_fetch, exchanges_the_token_in_a_file) {
  auto from = federated();
  from.file = "/token";
  machine on{.files = {{"/token", "sub.ject\n"}}};
  google_fetch fetch(access(from));
  auto const request = request_of(fetch.start(on.inputs(), now));
  EXPECT_EQ(request.url, "https://sts.googleapis.com/v1/token");
  EXPECT_EQ(request.body, exchange_body);
  EXPECT_EQ(header_of(request, "authorization"), "");
  expect_token(fetch.answered({200, token_answer_body}, now));

  from.token_member = "id_token";
  on.files["/token"] = R"({"a":1,"id_token":"sub.ject"})";
  google_fetch from_json(access(from));
  EXPECT_EQ(request_of(from_json.start(on.inputs(), now)).body, exchange_body);
  for (auto const* bad : {"", "sub.ject", R"({"token":"TOPSECRET"})", R"({"id_token":7})", R"({"id_token":""})"}) {
    on.files["/token"] = bad;
    EXPECT_EQ(fault_of(from_json.start(on.inputs(), now)), "the file of the subject token holds none") << bad;
  }
  on.files.clear();
  EXPECT_EQ(fault_of(from_json.start(on.inputs(), now)), "the file of the subject token does not exist");
}

TEST(google_fetch, asks_a_url_for_the_token_and_exchanges_it) {
  auto from = federated();
  from.url = "http://169.254.169.254/identity?a=b";
  from.headers = {{"metadata", "True"}};
  from.token_member = "access_token";
  from.client_id = "id";
  from.client_secret = "client-secret";
  from.user_project = "ignored beside a client";
  google_fetch fetch(access(from));
  auto const first = request_of(fetch.start(machine().inputs(), now));
  EXPECT_EQ(first.method, "GET");
  EXPECT_EQ(first.url, from.url);
  EXPECT_EQ(first.headers, from.headers);
  EXPECT_TRUE(first.metadata_service);
  auto const second = request_of(fetch.answered({200, R"({"access_token":"sub.ject"})"}, now));
  EXPECT_EQ(second.body, exchange_body);
  EXPECT_EQ(header_of(second, "authorization"), "Basic aWQ6Y2xpZW50LXNlY3JldA==");
  EXPECT_EQ(
      fault_of(fetch.answered(
          {401, R"({"error":"invalid_client","error_description":"client-secret aWQ6Y2xpZW50LXNlY3JldA== sub.ject"})"},
          now)),
      "Google's token endpoint refused the credential: invalid_client: *** *** ***");
  (void)fetch.start(machine().inputs(), now);
  EXPECT_TRUE(has(fault_of(fetch.answered({200, "sub.ject"}, now)), "holds no token"));
  (void)fetch.start(machine().inputs(), now);
  EXPECT_TRUE(has(fault_of(fetch.answered({403, "TOPSECRET"}, now)), "the URL of the subject token refused"));
}

TEST(google_fetch, names_the_project_of_a_workforce_pool) {
  auto from = federated();
  from.file = "/token";
  from.user_project = "wp";
  machine const on{.files = {{"/token", "sub.ject"}}};
  google_fetch fetch(access(from));
  EXPECT_EQ(request_of(fetch.start(on.inputs(), now)).body,
            std::string(exchange_body) + "&options=%257B%2522userProject%2522%253A%2522wp%2522%257D");
}

// ---- impersonation ---------------------------------------------------------------------------------------------

TEST(google_fetch, impersonates_a_service_account) {
  google_impersonation const by{
      "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a@b:generateAccessToken", {"d1"}, 1800};
  google_fetch fetch(access(google_user{"id", "s", "r", "https://oauth2.googleapis.com/token"}, by));
  (void)fetch.start(machine().inputs(), now);
  auto const request = request_of(fetch.answered({200, token_answer_body}, now));
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, by.url);
  EXPECT_EQ(header_of(request, "authorization"), "Bearer ya29.token");
  EXPECT_EQ(header_of(request, "content-type"), "application/json");
  EXPECT_EQ(request.body, R"({"scope":[")" + std::string(scope) + R"("],"lifetime":"1800s","delegates":["d1"]})");
  auto const token =
      credential_of(fetch.answered({200, R"({"accessToken":"ya29.other","expireTime":"2026-11-22T07:30:00Z"})"}, now));
  EXPECT_EQ(token.value, "ya29.other");
  EXPECT_EQ(token.expires, at("2026-11-22T07:30:00Z"));
}

TEST(google_fetch, reads_the_answer_of_the_impersonation_strictly) {
  std::string const secrets[] = {"ya29.token"};
  for (auto const* bad :
       {"", "{}", R"({"accessToken":"t"})", R"({"accessToken":"a b","expireTime":"2026-11-22T07:30:00Z"})",
        R"({"accessToken":"t","expireTime":"soon"})", R"({"access_token":"t","expires_in":3600})"}) {
    auto const read = read_impersonated({200, bad}, secrets);
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().what, chat::fault_class::bad_response);
  }
  EXPECT_EQ(
      fault_of(read_impersonated(
          {403, R"({"error":{"code":403,"message":"Permission denied for ya29.token","status":"PERMISSION_DENIED"}})"},
          secrets)),
      "Google's IAM credentials API refused the credential: PERMISSION_DENIED: Permission denied for ***; the "
      "credential needs the role Service Account Token Creator");
}

TEST(google_fetch, takes_no_answer_that_it_did_not_ask_for) {
  google_fetch fetch(access(account()));
  EXPECT_FALSE(fetch.answered({200, token_answer_body}, now));
  (void)fetch.start(machine().inputs(), now);
  expect_token(fetch.answered({200, token_answer_body}, now));
  EXPECT_FALSE(fetch.answered({200, token_answer_body}, now));
}

}  // namespace
}  // namespace recloser::providers
