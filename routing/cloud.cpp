#include "routing/cloud.hpp"

#include "providers/encoding.hpp"

namespace recloser::routing {

namespace {

using providers::auth_kind;
using providers::credential_inputs;
using setup = chat::result<cloud_setup>;

// ---- AWS (providers-native.md §4.1, 4.2) -----------------------------------------------------------------------

setup set_up_aws(config::provider const& section, credential_inputs const& in) {
  providers::aws_settings settings;
  if (!section.api_keys.empty()) settings.api_key = section.api_keys.front();
  settings.profile = section.cloud.profile;
  settings.region = section.cloud.region;
  auto access = providers::find_aws_access(settings, in);
  if (!access) return access.error();
  if (access->region.empty()) {
    return providers::credential_fault("The region is not known; set `region` or AWS_REGION.");
  }
  cloud_setup out;
  out.region = access->region;
  std::string own = providers::variable_or_empty(in, "AWS_ENDPOINT_URL_BEDROCK_RUNTIME");
  if (own.empty()) own = providers::variable_or_empty(in, "AWS_ENDPOINT_URL");
  out.base_urls.push_back(
      own.empty() ? "https://bedrock-runtime." + out.region + "." + std::string(providers::aws_domain(out.region)) : own);
  if (access->source == providers::aws_source::api_key) {
    out.secret = access->api_key;
  } else {
    out.credential = providers::aws_fetch(std::move(*access));
  }
  return out;
}

// ---- Google (§3.1, 3.4) ----------------------------------------------------------------------------------------

std::string vertex_host(std::string const& location, std::string const& universe) {
  if (location == "global") return "aiplatform." + universe;
  if (location == "us" || location == "eu") return "aiplatform." + location + ".rep." + universe;
  return location + "-aiplatform." + universe;
}

setup set_up_google(config::provider const& section, credential_inputs const& in) {
  providers::google_settings settings;
  if (!section.api_keys.empty()) settings.access_token = section.api_keys.front();
  settings.credentials_file = section.cloud.credentials_file;
  settings.project = section.cloud.project;
  settings.location = section.cloud.location;
  auto access = providers::find_google_access(settings, in);
  if (!access) return access.error();
  cloud_setup out;
  out.base_urls.push_back("https://" + vertex_host(access->location, access->credentials.universe));
  out.default_path = "/v1";
  std::string const project =
      access->project.empty() ? std::string(unknown_project) : providers::percent_encode(access->project);
  out.path = "/projects/" + project + "/locations/" + providers::percent_encode(access->location);
  if (!access->credentials.quota_project.empty()) {
    out.headers = "x-goog-user-project: " + access->credentials.quota_project + "\r\n";
  }
  if (auto const* const ready = std::get_if<providers::google_ready_token>(&access->credentials.source);
      ready && !access->credentials.impersonation) {
    out.secret = ready->value;
  } else {
    out.credential = providers::google_fetch(std::move(*access));
  }
  return out;
}

// ---- Azure (providers-openai-shaped.md §5) ---------------------------------------------------------------------

setup set_up_azure(config::provider const& section, credential_inputs const& in) {
  cloud_setup out;
  out.api_version = section.api_version;
  for (auto const* name : {"AZURE_OPENAI_API_VERSION", "OPENAI_API_VERSION"}) {
    if (out.api_version.empty()) out.api_version = providers::variable_or_empty(in, name);
  }
  // The v1 API takes no dated version; a dated one is for the older paths with the deployment in them.
  bool const v1 = out.api_version.empty() || out.api_version == "v1" || out.api_version == "preview";
  if (v1) out.api_version.clear();
  out.default_path = v1 ? "/openai/v1" : "/openai";
  if (!section.api_keys.empty()) return out;
  config::cloud const& cloud = section.cloud;
  auto client = providers::find_azure_client(
      {cloud.tenant_id, cloud.client_id, cloud.client_secret, cloud.token_url, {}}, in);
  if (!client) {
    chat::fault lacking = client.error();
    lacking.message = "there is no key (`api_key` or AZURE_OPENAI_API_KEY), and for Entra ID: " + lacking.message;
    return lacking;
  }
  out.credential = providers::azure_fetch(std::move(*client));
  return out;
}

}  // namespace

setup set_up_cloud(providers::row const& row, config::provider const& section, credential_inputs const& in) {
  switch (row.auth) {
    case auth_kind::aws: return set_up_aws(section, in);
    case auth_kind::google: return set_up_google(section, in);
    case auth_kind::azure: return set_up_azure(section, in);
    case auth_kind::none:
    case auth_kind::bearer:
    case auth_kind::x_api_key:
    case auth_kind::goog_api_key: return cloud_setup{};
  }
  return cloud_setup{};
}

}  // namespace recloser::routing
