// Microsoft Entra tokens (providers-openai-shaped.md §5).

#include "providers/azure_token.hpp"

#include <string>
#include <string_view>
#include <vector>

#include "credential_fixture.hpp"

namespace recloser::providers {
namespace {

wall_time const now = at("2026-11-22T07:00:00Z");

azure_settings const written{.tenant_id = "contoso.example", .client_id = "app", .client_secret = "se~cr+et"};

TEST(azure_token, asks_with_a_client_secret) {
  machine const on;
  auto const client = find_azure_client(written, on.inputs());
  ASSERT_TRUE(client) << client.error().message;
  azure_fetch fetch(*client);
  auto const request = request_of(fetch.start(on.inputs()));
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token");
  EXPECT_EQ(header_of(request, "content-type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(request.body,
            "client_id=app&client_secret=se~cr%2Bet&grant_type=client_credentials"
            "&scope=https%3A%2F%2Fcognitiveservices.azure.com%2F.default");
  auto const token =
      credential_of(fetch.answered({200, R"({"token_type":"Bearer","expires_in":3599,"access_token":"ey.a.b"})"}, now));
  EXPECT_EQ(token.value, "ey.a.b");
  EXPECT_EQ(token.expires, now + std::chrono::seconds(3599));
}

TEST(azure_token, takes_what_is_not_written_from_the_environment) {
  machine on{.variables = {{"AZURE_TENANT_ID", "11111111-2222-3333-4444-555555555555"},
                           {"AZURE_CLIENT_ID", "env-app"},
                           {"AZURE_CLIENT_SECRET", "env-secret"},
                           {"AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us/"}}};
  auto const from_env = find_azure_client({}, on.inputs());
  ASSERT_TRUE(from_env);
  EXPECT_EQ(from_env->token_url,
            "https://login.microsoftonline.us/11111111-2222-3333-4444-555555555555/oauth2/v2.0/token");
  EXPECT_EQ(from_env->client_id, "env-app");
  EXPECT_EQ(from_env->client_secret, "env-secret");
  auto settings = written;
  settings.token_url = "http://127.0.0.1:9/token";
  settings.scope = "https://ai.azure.com/.default";
  auto const from_settings = find_azure_client(settings, on.inputs());
  ASSERT_TRUE(from_settings);
  EXPECT_EQ(from_settings->token_url, "http://127.0.0.1:9/token");
  EXPECT_EQ(from_settings->client_id, "app");
  EXPECT_EQ(from_settings->scope, "https://ai.azure.com/.default");
}

TEST(azure_token, asks_with_the_token_of_a_service_account) {
  machine on{.variables = {{"AZURE_FEDERATED_TOKEN_FILE", "/token"}}, .files = {{"/token", "a.b.c\n"}}};
  auto settings = written;
  settings.client_secret.clear();
  auto const client = find_azure_client(settings, on.inputs());
  ASSERT_TRUE(client);
  azure_fetch fetch(*client);
  EXPECT_EQ(request_of(fetch.start(on.inputs())).body,
            "client_id=app&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
            "&client_assertion=a.b.c&grant_type=client_credentials"
            "&scope=https%3A%2F%2Fcognitiveservices.azure.com%2F.default");
  auto const fault =
      fault_of(fetch.answered({400, R"({"error":"invalid_client","error_description":"got a.b.c"})"}, now));
  EXPECT_EQ(fault, "Microsoft Entra refused the credential: invalid_client: got ***");
  on.files.clear();
  EXPECT_TRUE(has(fault_of(fetch.start(on.inputs())), "AZURE_FEDERATED_TOKEN_FILE does not exist"));
}

TEST(azure_token, says_what_is_missing) {
  struct row {
    azure_settings settings;
    std::string_view says;
  };
  for (auto const& [settings, says] : std::vector<row>{
           {{}, "no Azure client is set"},
           {{.client_id = "a"}, "the Azure client has no secret"},
           {{.client_id = "a", .client_secret = "s"}, "no Azure tenant is set"},
           {{.tenant_id = "a/b", .client_id = "a", .client_secret = "s"},
            "the Azure tenant must be a GUID or a domain"},
           {{.tenant_id = "..", .client_id = "a", .client_secret = "s"}, "the Azure tenant must be a GUID or a domain"},
           {{.client_id = "a", .client_secret = "s", .token_url = "http://login.example/"},
            "Azure's token URL must begin"},
       }) {
    auto const fault = fault_of(find_azure_client(settings, machine().inputs()));
    EXPECT_TRUE(has(fault, says)) << fault;
  }
}

TEST(azure_token, shows_the_errors_of_entra_without_the_secret) {
  azure_fetch fetch(*find_azure_client(written, machine().inputs()));
  (void)fetch.start(machine().inputs());
  auto const step = fetch.answered(
      {401,
       R"({"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided: se~cr+et","error_codes":[7000215],"correlation_id":"x"})"},
      now);
  EXPECT_EQ(
      fault_of(step),
      "Microsoft Entra refused the credential: invalid_client: AADSTS7000215: Invalid client secret provided: ***");
  EXPECT_EQ(step.error().what, chat::fault_class::auth);
  EXPECT_EQ(step.error().status, 401);
}

}  // namespace
}  // namespace recloser::providers
