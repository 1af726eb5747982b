// Application Default Credentials: the files and where they are (providers-native.md §3.4).

#include "providers/google_credentials.hpp"

#include <string>
#include <string_view>
#include <vector>

#include "credential_fixture.hpp"
#include "dialects/json.hpp"
#include "rsa_fixture.hpp"

namespace recloser::providers {
namespace {

// ---- files -----------------------------------------------------------------------------------------------------

std::string service_account(std::string_view pem = rsa_pem(), std::string_view more = "") {
  return R"({"type":"service_account","project_id":"key-project","private_key_id":"kid1","private_key":")" +
         json::escaped(pem) +
         R"(","client_email":"me@key-project.iam.gserviceaccount.com","client_id":"1","auth_uri":"https://accounts.google.com/o/oauth2/auth","token_uri":"https://oauth2.googleapis.com/token")" +
         std::string(more) + "}";
}

constexpr std::string_view user =
    R"({"account":"","client_id":"id.apps.googleusercontent.com","client_secret":"user-secret","quota_project_id":"quota-project","refresh_token":"1//refresh","type":"authorized_user","universe_domain":"googleapis.com"})";

std::string external(std::string_view source, std::string_view more = "") {
  return R"({"type":"external_account","audience":"//iam.googleapis.com/projects/1/x","subject_token_type":"urn:ietf:params:oauth:token-type:jwt","token_url":"https://sts.googleapis.com/v1/token","credential_source":)" +
         std::string(source) + std::string(more) + "}";
}

TEST(google_credentials, reads_a_service_account) {
  auto const read = read_google_credentials(service_account());
  ASSERT_TRUE(read) << read.error().message;
  auto const& account = std::get<google_service_account>(read->source);
  EXPECT_EQ(account.email, "me@key-project.iam.gserviceaccount.com");
  EXPECT_EQ(account.private_key, rsa_pem());
  EXPECT_EQ(account.key_id, "kid1");
  EXPECT_EQ(account.token_url, "https://oauth2.googleapis.com/token");
  EXPECT_EQ(read->project, "key-project");
  EXPECT_FALSE(read->impersonation);
}

TEST(google_credentials, reads_a_login_of_gcloud) {
  auto const read = read_google_credentials(user);
  ASSERT_TRUE(read) << read.error().message;
  auto const& login = std::get<google_user>(read->source);
  EXPECT_EQ(login.client_id, "id.apps.googleusercontent.com");
  EXPECT_EQ(login.client_secret, "user-secret");
  EXPECT_EQ(login.refresh_token, "1//refresh");
  EXPECT_EQ(login.token_url, "https://oauth2.googleapis.com/token");
  EXPECT_EQ(read->quota_project, "quota-project");
}

TEST(google_credentials, reads_federated_identities) {
  auto const file = read_google_credentials(external(R"({"file":"/token"})"));
  ASSERT_TRUE(file) << file.error().message;
  auto const& from_file = std::get<google_external_account>(file->source);
  EXPECT_EQ(from_file.file, "/token");
  EXPECT_EQ(from_file.token_member, "");
  EXPECT_EQ(from_file.token_url, "https://sts.googleapis.com/v1/token");

  auto const url = read_google_credentials(external(
      R"({"url":"http://169.254.169.254/metadata/identity","headers":{"Metadata":"True"},"format":{"type":"json","subject_token_field_name":"access_token"}})",
      R"(,"service_account_impersonation_url":"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a@b:generateAccessToken","service_account_impersonation":{"token_lifetime_seconds":1800},"workforce_pool_user_project":"wp")"));
  ASSERT_TRUE(url) << url.error().message;
  auto const& from_url = std::get<google_external_account>(url->source);
  EXPECT_EQ(from_url.url, "http://169.254.169.254/metadata/identity");
  EXPECT_EQ(from_url.headers, (header_list{{"metadata", "True"}}));
  EXPECT_EQ(from_url.token_member, "access_token");
  EXPECT_EQ(from_url.user_project, "wp");
  ASSERT_TRUE(url->impersonation);
  EXPECT_EQ(url->impersonation->lifetime, 1800);
}

TEST(google_credentials, reads_impersonated_service_accounts) {
  auto const read = read_google_credentials(
      R"({"type":"impersonated_service_account","delegates":["d1","d2"],"service_account_impersonation_url":"https://iamcredentials.googleapis.com/v1/x:generateAccessToken","source_credentials":)" +
      std::string(user) + "}");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(std::get<google_user>(read->source).refresh_token, "1//refresh");
  ASSERT_TRUE(read->impersonation);
  EXPECT_EQ(read->impersonation->delegates, (std::vector<std::string>{"d1", "d2"}));
  EXPECT_EQ(read->impersonation->lifetime, 3600);
}

TEST(google_credentials, says_what_is_wrong_with_a_file) {
  struct row {
    std::string text;
    std::string_view says;
  };
  std::string const pem = rsa_pem();
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += R"({"source_credentials":)";
  for (
      auto const& [text, says] : std::vector<row>{
          {"", "is no JSON object"},
          {"TOPSECRET", "is no JSON object"},
          {"[]", "is no JSON object"},
          {deep, "is no JSON object"},
          {std::string(300'000, ' '), "is too large"},
          {"{}", "has no `type`"},
          {R"({"type":7})", "has no `type`"},
          {R"({"type":"gdch_service_account"})", "of type `gdch_service_account` are not supported here"},
          {R"({"type":"external_account_authorized_user"})", "are not supported here"},
          {R"({"type":"service_account"})", "has no `client_email`"},
          {R"({"type":"service_account","client_email":"a"})", "has no `private_key`"},
          {R"({"type":"service_account","client_email":"a","private_key":["TOPSECRET"]})", "has no `private_key`"},
          {service_account("TOPSECRET"), "`private_key` of the Google credentials file is no PEM text"},
          {service_account("-----BEGIN PRIVATE KEY-----\nTOPSECRET\n-----END PRIVATE KEY-----\n"), "is damaged"},
          {service_account(pem.substr(0, pem.size() / 2)), "is damaged"},
          {service_account(encrypted_pem()), "is protected by a password"},
          {service_account(elliptic_pem()), "is no RSA key"},
          {service_account(public_pem()), "is damaged"},
          {service_account(pem, R"(,"universe_domain":"apis.example")"), "another `universe_domain`"},
          {R"({"type":"authorized_user","client_id":"a","client_secret":"TOPSECRET"})", "has no `refresh_token`"},
          {R"({"type":"authorized_user","client_id":"a","client_secret":"b","refresh_token":"c","token_uri":"http://evil.example/TOPSECRET"})",
           "`token_uri` of the Google credentials file must begin with https://"},
          {R"({"type":"external_account"})", "has no `audience`"},
          {external("{}"), "has no `credential_source.file` or `credential_source.url`"},
          {external("7"), "has no `credential_source.file` or"},
          {external(R"({"file":"/a","url":"https://b/"})"), "has no `credential_source.file` or"},
          {external(R"({"executable":{"command":"TOPSECRET"}})"), "runs a program for its token"},
          {external(R"({"environment_id":"aws1","region_url":"http://x"})"), "federates AWS credentials"},
          {external(R"({"certificate":{}})"), "federates a client certificate"},
          {external(R"({"file":"/a","format":{"type":"json"}})"), "subject_token_field_name"},
          {external(R"({"url":"http://evil.example/"})"),
           "`credential_source.url` of the Google credentials file must"},
          {external(R"({"url":"https://a/","headers":{"a\r\nb":"c"}})"), "holds no headers"},
          {external(R"({"url":"https://a/","headers":{"a":"TOPSECRET\n"}})"), "holds no headers"},
          {external(R"({"url":"https://a/","headers":[]})"), "credential_source.headers"},
          {external(R"({"file":"/a"})", R"(,"service_account_impersonation_url":"http://evil.example/")"),
           "must begin with https://"},
          {R"({"type":"impersonated_service_account"})", "has no `type`"},
          {R"({"type":"impersonated_service_account","source_credentials":{"type":"external_account"}})",
           "of type `external_account` are not supported here"},
          {R"({"type":"impersonated_service_account","source_credentials":{"type":"impersonated_service_account"}})",
           "are not supported here"},
          {R"({"type":"impersonated_service_account","source_credentials":)" + std::string(user) + "}",
           "has no `service_account_impersonation_url`"},
      }) {
    auto const fault = fault_of(read_google_credentials(text));
    EXPECT_TRUE(has(fault, says)) << fault << "\n" << text.substr(0, 200);
    EXPECT_FALSE(has(fault, "TOPSECRET")) << fault;
    EXPECT_FALSE(has(fault, "BEGIN PRIVATE KEY-----\n")) << fault;
  }
}

TEST(google_credentials, refuses_every_part_of_a_file) {
  std::string const whole = service_account();
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    EXPECT_FALSE(read_google_credentials(whole.substr(0, size))) << size;
  }
}

// ---- places ----------------------------------------------------------------------------------------------------

std::string show(chat::result<google_access> const& found) {
  if (!found) return "fault: " + found.error().message;
  std::string const words[] = {"metadata", "ready", "service_account", "user", "external"};
  return words[found->credentials.source.index()] + " " + found->project + " " + found->location;
}

std::string found(machine const& on, google_settings const& settings = {}) {
  return show(find_google_access(settings, on.inputs()));
}

TEST(google_access, takes_the_first_place_that_has_something) {
  machine on{.variables = {{"HOME", "/h"},
                           {"VERTEX_ACCESS_TOKEN", "ya29.env"},
                           {"GOOGLE_APPLICATION_CREDENTIALS", "/sa.json"},
                           {"GOOGLE_CLOUD_PROJECT", "env-project"},
                           {"GOOGLE_CLOUD_LOCATION", "europe-west4"}},
             .files = {{"/set.json", std::string(user)},
                       {"/sa.json", service_account()},
                       {"/h/.config/gcloud/application_default_credentials.json", std::string(user)},
                       {"/sdk/application_default_credentials.json", service_account()}}};
  google_settings settings{
      .access_token = "ya29.set", .credentials_file = "/set.json", .project = "set-project", .location = "us"};
  EXPECT_EQ(found(on, settings), "ready set-project us");
  settings.access_token.clear();
  EXPECT_EQ(found(on, settings), "user set-project us");
  settings = {};
  EXPECT_EQ(found(on), "ready env-project europe-west4");
  on.variables.erase("VERTEX_ACCESS_TOKEN");
  EXPECT_EQ(found(on), "service_account env-project europe-west4");
  on.variables.erase("GOOGLE_CLOUD_PROJECT");
  EXPECT_EQ(found(on), "service_account key-project europe-west4");
  on.variables.erase("GOOGLE_APPLICATION_CREDENTIALS");
  on.variables.erase("GOOGLE_CLOUD_LOCATION");
  EXPECT_EQ(found(on), "user quota-project global");
  on.variables["CLOUDSDK_CONFIG"] = "/sdk";
  EXPECT_EQ(found(on), "service_account key-project global");
  on.files.clear();
  EXPECT_EQ(found(on), "metadata  global");
  on.variables["NO_GCE_CHECK"] = "true";
  EXPECT_TRUE(has(found(on), "there are no Google credentials: run `gcloud auth application-default login`"));
}

TEST(google_access, does_not_pass_over_what_is_broken) {
  machine on{.variables = {{"HOME", "/h"}, {"GOOGLE_APPLICATION_CREDENTIALS", "/no.json"}}};
  EXPECT_EQ(found(on), "fault: the file of GOOGLE_APPLICATION_CREDENTIALS does not exist");
  on.files["/no.json"] = "{";
  EXPECT_EQ(found(on), "fault: the Google credentials file is no JSON object");
  on.unreadable = "/no.json";
  EXPECT_EQ(found(on), "fault: the file of GOOGLE_APPLICATION_CREDENTIALS cannot be read: Permission denied");
  EXPECT_EQ(found(on, {.credentials_file = "/other"}), "fault: the file of `credentials_file` does not exist");
  EXPECT_TRUE(has(found(on, {.access_token = "TOPSECRET x"}), "more than one word"));
}

TEST(google_access, checks_project_and_location) {
  machine on{.files = {{"/e.json", external(R"({"file":"/token"})")}}};
  EXPECT_TRUE(has(found(on, {.credentials_file = "/e.json"}), "no Google Cloud project is set"));
  EXPECT_EQ(found(on, {.credentials_file = "/e.json", .project = "p"}), "external p global");
  for (auto const* bad : {"evil.example/", "US", "a b", "a@b", "a:b"}) {
    EXPECT_TRUE(has(found(on, {.project = "p", .location = bad}), "location may hold")) << bad;
  }
}

TEST(google_access, takes_the_metadata_server_from_the_environment) {
  struct row {
    std::string host, ip;
    std::string_view is;
  };
  for (auto const& [host, ip, is] :
       std::vector<row>{{"", "", "169.254.169.254"},
                        {"", "10.0.0.1", "10.0.0.1"},
                        {"metadata.google.internal", "10.0.0.1", "metadata.google.internal"},
                        {"127.0.0.1:8080", "", "127.0.0.1:8080"},
                        {"[fd20:ce::254]:80", "", "[fd20:ce::254]:80"},
                        {"evil.example/x", "", ""},
                        {"a@b", "", ""},
                        {"a:b", "", ""},
                        {"a b", "", ""}}) {
    machine const on{.variables = {{"GCE_METADATA_HOST", host}, {"GCE_METADATA_IP", ip}}};
    auto const access = find_google_access({}, on.inputs());
    auto const* server = access ? std::get_if<google_metadata_server>(&access->credentials.source) : nullptr;
    EXPECT_EQ(server ? server->host : "", is) << host;
  }
}

TEST(google_access, lets_the_environment_name_the_quota_project) {
  machine on{.variables = {{"GOOGLE_CLOUD_QUOTA_PROJECT", "q"}}, .files = {{"/u.json", std::string(user)}}};
  EXPECT_EQ(find_google_access({.credentials_file = "/u.json"}, on.inputs())->credentials.quota_project, "q");
  on.variables["GOOGLE_CLOUD_QUOTA_PROJECT"] = "q\r\nx: y";
  EXPECT_TRUE(has(found(on, {.credentials_file = "/u.json"}), "no project id"));
}

}  // namespace
}  // namespace recloser::providers
