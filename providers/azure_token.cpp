#include "providers/azure_token.hpp"

#include <utility>

#include <fmt/format.h>

#include "providers/encoding.hpp"
#include "providers/token_answer.hpp"

namespace recloser::providers {

namespace {

constexpr std::string_view usual_authority = "https://login.microsoftonline.com";
constexpr std::string_view usual_scope = "https://cognitiveservices.azure.com/.default";

/// A GUID or a domain: it becomes part of a path.
bool is_tenant(std::string_view text) {
  return text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") ==
             std::string_view::npos &&
         text.find_first_not_of('.') != std::string_view::npos;
}

std::string first_of(std::string const& written, credential_inputs const& in, std::string const& name) {
  return written.empty() ? variable_or_empty(in, name) : written;
}

chat::result<std::string> find_token_url(azure_settings const& settings, credential_inputs const& in) {
  auto url = settings.token_url;
  if (url.empty()) {
    auto const tenant = first_of(settings.tenant_id, in, "AZURE_TENANT_ID");
    if (tenant.empty()) return credential_fault("no Azure tenant is set: give `tenant_id`, or set AZURE_TENANT_ID");
    if (!is_tenant(tenant)) return credential_fault("the Azure tenant must be a GUID or a domain");
    auto authority = variable_or_empty(in, "AZURE_AUTHORITY_HOST");
    if (authority.empty()) authority = usual_authority;
    while (authority.ends_with('/')) authority.pop_back();
    url = fmt::format("{}/{}/oauth2/v2.0/token", authority, tenant);
  }
  auto const fault = token_url_fault(url);
  if (!fault.empty()) return credential_fault("Azure's token URL " + fault);
  return url;
}

}  // namespace

chat::result<azure_client> find_azure_client(azure_settings const& settings, credential_inputs const& in) {
  azure_client out{.client_id = first_of(settings.client_id, in, "AZURE_CLIENT_ID"),
                   .client_secret = first_of(settings.client_secret, in, "AZURE_CLIENT_SECRET"),
                   .scope = settings.scope.empty() ? std::string(usual_scope) : settings.scope};
  if (out.client_id.empty())
    return credential_fault("no Azure client is set: give `client_id`, or set AZURE_CLIENT_ID");
  if (out.client_secret.empty()) out.assertion_file = variable_or_empty(in, "AZURE_FEDERATED_TOKEN_FILE");
  if (out.client_secret.empty() && out.assertion_file.empty()) {
    return credential_fault("the Azure client has no secret: give `client_secret`, or set AZURE_CLIENT_SECRET");
  }
  auto url = find_token_url(settings, in);
  if (!url) return url.error();
  out.token_url = *std::move(url);
  return out;
}

chat::result<azure_fetch::step> azure_fetch::start(credential_inputs const& in) {
  assertion_.clear();
  std::string_view assertion_type;
  if (client_.client_secret.empty()) {
    auto assertion = read_secret_file(in, client_.assertion_file, "the file of AZURE_FEDERATED_TOKEN_FILE");
    if (!assertion) return assertion.error();
    assertion_ = *std::move(assertion);
    assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
  }
  return step(
      token_request{.url = client_.token_url,
                    .headers = {{"accept", "application/json"}, {"content-type", "application/x-www-form-urlencoded"}},
                    .body = form_body({{"client_id", client_.client_id},
                                       {"client_secret", client_.client_secret},
                                       {"client_assertion_type", assertion_type},
                                       {"client_assertion", assertion_},
                                       {"grant_type", "client_credentials"},
                                       {"scope", client_.scope}})});
}

chat::result<azure_fetch::step> azure_fetch::answered(token_answer const& answer, wall_time now) {
  std::string const secrets[] = {client_.client_secret, assertion_};
  auto read = read_token(answer, now, {.whom = "Microsoft Entra", .secrets = secrets});
  if (!read) return read.error();
  return step(*std::move(read));
}

}  // namespace recloser::providers
