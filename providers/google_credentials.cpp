#include "providers/google_credentials.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "config/host.hpp"
#include "config/text.hpp"
#include "dialects/json.hpp"
#include "dialects/json_values.hpp"
#include "providers/encoding.hpp"
#include "providers/jwt.hpp"

namespace recloser::providers {

using chat::raw_json;

namespace {

constexpr std::string_view default_universe = "googleapis.com";
constexpr std::string_view oauth_url = "https://oauth2.googleapis.com/token";
constexpr std::string_view sts_url = "https://sts.googleapis.com/v1/token";

// ---- members of a file -----------------------------------------------------------------------------------------

chat::fault lacks(std::string_view member) {
  return credential_fault(fmt::format("the Google credentials file has no `{}`, or it is empty or no text", member));
}

std::string text_or(raw_json object, std::string_view member, std::string_view fallback) {
  auto text = text_member(object, member);
  return text.empty() ? std::string(fallback) : text;
}

struct needed_row {
  std::string_view member;
  std::string* into;
};

chat::result<void> read_needed(raw_json object, std::initializer_list<needed_row> rows) {
  for (auto const& row : rows) {
    *row.into = text_member(object, row.member);
    if (row.into->empty()) return lacks(row.member);
  }
  return {};
}

chat::result<void> check_url(std::string_view member, std::string_view url, bool metadata = false) {
  auto const fault = token_url_fault(url, metadata);
  if (fault.empty()) return {};
  return credential_fault(fmt::format("`{}` of the Google credentials file {}", member, fault));
}

// ---- kinds of files --------------------------------------------------------------------------------------------

chat::result<google_source> read_service_account(raw_json file) {
  google_service_account out{.key_id = text_member(file, "private_key_id"),
                             .token_url = text_or(file, "token_uri", oauth_url)};
  auto const read = read_needed(file, {{"client_email", &out.email}, {"private_key", &out.private_key}});
  if (!read) return read.error();
  if (auto const good = check_url("token_uri", out.token_url); !good) return good.error();
  if (auto const fault = private_key_fault(out.private_key); !fault.empty()) {
    return credential_fault("`private_key` of the Google credentials file " + fault);
  }
  // Google's libraries then send a JWT of their own instead of a token; which of its hosts take one is not documented.
  if (text_or(file, "universe_domain", default_universe) != default_universe) {
    return credential_fault("service accounts of another `universe_domain` than googleapis.com are not supported");
  }
  return google_source(std::move(out));
}

chat::result<google_source> read_user(raw_json file) {
  google_user out{.token_url = text_or(file, "token_uri", oauth_url)};
  auto const read = read_needed(
      file,
      {{"client_id", &out.client_id}, {"client_secret", &out.client_secret}, {"refresh_token", &out.refresh_token}});
  if (!read) return read.error();
  if (auto const good = check_url("token_uri", out.token_url); !good) return good.error();
  return google_source(std::move(out));
}

struct foreign_row {
  std::string_view member;
  std::string_view words;
};

/// Sources of subject tokens that need more than a file or a URL.
constexpr foreign_row foreign_sources[] = {
    {"executable", "runs a program for its token, and recloser starts none"},
    {"environment_id", "federates AWS credentials, which recloser does not do"},
    {"certificate", "federates a client certificate, which recloser does not do"},
};

chat::result<void> read_headers(raw_json headers, header_list& into) {
  std::vector<json::member> members;
  if (!headers.empty() && !json::members_of(headers, members)) return lacks("credential_source.headers");
  for (auto const& [key, raw] : members) {
    auto name = config::lower(json::decode(key));
    auto value = json::decode(json::text_of(raw));
    bool const good = is_visible_ascii(name) && name.find(':') == std::string::npos &&
                      std::ranges::all_of(value, [](char c) { return c >= ' ' && c < '\x7F'; });
    if (!good) return credential_fault("`credential_source.headers` of the Google credentials file holds no headers");
    into.emplace_back(std::move(name), std::move(value));
  }
  return {};
}

chat::result<void> read_subject_source(raw_json source, google_external_account& into) {
  for (auto const& row : foreign_sources) {
    if (json::find(source, row.member).empty()) continue;
    return credential_fault(
        fmt::format("the Google credentials file {}; use a file or a URL as its source", row.words));
  }
  into.file = text_member(source, "file");
  into.url = text_member(source, "url");
  if (into.file.empty() == into.url.empty()) return lacks("credential_source.file` or `credential_source.url");
  auto const format = json::find(source, "format");
  if (text_or(format, "type", "text") == "json") {
    into.token_member = text_member(format, "subject_token_field_name");
    if (into.token_member.empty()) return lacks("credential_source.format.subject_token_field_name");
  }
  if (into.url.empty()) return {};
  if (auto const good = check_url("credential_source.url", into.url, true); !good) return good.error();
  return read_headers(json::unless_null(json::find(source, "headers")), into.headers);
}

chat::result<google_source> read_external_account(raw_json file) {
  google_external_account out{.token_url = text_or(file, "token_url", sts_url),
                              .client_id = text_member(file, "client_id"),
                              .client_secret = text_member(file, "client_secret"),
                              .user_project = text_member(file, "workforce_pool_user_project")};
  auto const read = read_needed(file, {{"audience", &out.audience}, {"subject_token_type", &out.subject_token_type}});
  if (!read) return read.error();
  if (auto const good = check_url("token_url", out.token_url); !good) return good.error();
  if (auto const good = read_subject_source(json::find(file, "credential_source"), out); !good) return good.error();
  return google_source(std::move(out));
}

// ---- impersonation ---------------------------------------------------------------------------------------------

constexpr std::string_view impersonation_member = "service_account_impersonation_url";

chat::result<google_impersonation> read_impersonation(raw_json file) {
  google_impersonation out{.url = text_member(file, impersonation_member)};
  if (out.url.empty()) return lacks(impersonation_member);
  if (auto const good = check_url(impersonation_member, out.url); !good) return good.error();
  std::vector<raw_json> delegates;
  json::elements_of(json::find(file, "delegates"), delegates);
  for (auto const raw : delegates) out.delegates.push_back(json::decode(json::text_of(raw)));
  auto const options = json::find(file, "service_account_impersonation");
  constexpr std::int64_t shortest = 600, longest = 43'200;  // what Google takes
  if (auto const lifetime = json::integer_of(json::find(options, "token_lifetime_seconds"))) {
    out.lifetime = static_cast<int>(std::clamp(*lifetime, shortest, longest));
  }
  return out;
}

// ---- the whole file --------------------------------------------------------------------------------------------

struct kind_row {
  std::string_view type;
  chat::result<google_source> (*read)(raw_json file);
  bool impersonates = false;  ///< may be the source of an impersonated service account
};

constexpr kind_row kinds[] = {
    {"service_account", read_service_account, true},
    {"authorized_user", read_user, true},
    {"external_account", read_external_account},
};
constexpr std::string_view impersonated = "impersonated_service_account";

chat::fault unknown_type(std::string const& type) {
  if (type.empty()) return lacks("type");
  return credential_fault(
      fmt::format("Google credentials of type {} are not supported here; service_account, "
                  "authorized_user, external_account and impersonated_service_account are",
                  config::quote(type)));
}

chat::result<google_source> read_source(raw_json file, bool to_impersonate) {
  auto const type = text_member(file, "type");
  auto const row = std::ranges::find(kinds, type, &kind_row::type);
  if (row == std::end(kinds) || (to_impersonate && !row->impersonates)) return unknown_type(type);
  return row->read(file);
}

}  // namespace

chat::result<google_credentials> read_google_credentials(std::string_view text) {
  if (text.size() > largest_credential) return credential_fault("the Google credentials file is too large");
  std::string file;
  file.reserve(text.size() + json::padding);
  file = text;
  if (!json::scan_object(file)) return credential_fault("the Google credentials file is no JSON object");
  google_credentials out;
  bool const for_another = text_member(file, "type") == impersonated;
  auto source = for_another ? read_source(json::find(file, "source_credentials"), true) : read_source(file, false);
  if (!source) return source.error();
  out.source = *std::move(source);
  if (for_another || !text_member(file, impersonation_member).empty()) {
    auto impersonation = read_impersonation(file);
    if (!impersonation) return impersonation.error();
    out.impersonation = *std::move(impersonation);
  }
  out.project = text_member(file, "project_id");
  out.quota_project = text_member(file, "quota_project_id");
  out.universe = text_or(file, "universe_domain", default_universe);
  return out;
}

// ---- where they are --------------------------------------------------------------------------------------------

namespace {

using found = chat::result<std::optional<google_credentials>>;

found read_text(chat::result<std::string> const& text) {
  if (!text) return text.error();
  auto credentials = read_google_credentials(*text);
  if (!credentials) return credentials.error();
  return std::optional(*std::move(credentials));
}

found ready_token(std::string const& token) {
  if (token.empty()) return std::optional<google_credentials>();
  if (!is_visible_ascii(token)) return credential_fault("the Google access token holds more than one word of ASCII");
  return std::optional(google_credentials{.source = google_ready_token{token}});
}

found settings_token(google_settings const& settings, credential_inputs const&) {
  return ready_token(settings.access_token);
}

found settings_file(google_settings const& settings, credential_inputs const& in) {
  if (settings.credentials_file.empty()) return std::optional<google_credentials>();
  return read_text(read_needed_file(in, settings.credentials_file, "the file of `credentials_file`"));
}

found env_token(google_settings const&, credential_inputs const& in) {
  return ready_token(variable_or_empty(in, "VERTEX_ACCESS_TOKEN"));
}

found env_file(google_settings const&, credential_inputs const& in) {
  auto const path = variable_or_empty(in, "GOOGLE_APPLICATION_CREDENTIALS");
  if (path.empty()) return std::optional<google_credentials>();
  return read_text(read_needed_file(in, path, "the file of GOOGLE_APPLICATION_CREDENTIALS"));
}

found gcloud_file(google_settings const&, credential_inputs const& in) {
  constexpr std::string_view name = "application_default_credentials.json";
  auto const folder = variable_or_empty(in, "CLOUDSDK_CONFIG");
  auto const path =
      folder.empty() ? home_path(in, fmt::format(".config/gcloud/{}", name)) : fmt::format("{}/{}", folder, name);
  if (path.empty()) return std::optional<google_credentials>();
  auto text = in.read_file(path);
  if (!text) return credential_fault("gcloud's credentials file cannot be read: " + text.error().message);
  if (!*text) return std::optional<google_credentials>();
  return read_text(*std::move(*text));
}

bool is_authority(std::string_view text) {
  auto const [host, port] = config::split_port(text);
  bool const digits = !port || (!port->empty() && port->find_first_not_of("0123456789") == std::string_view::npos);
  return digits && config::canonical_host(host).value.has_value();
}

found metadata_server(google_settings const&, credential_inputs const& in) {
  if (variable_or_empty(in, "NO_GCE_CHECK") == "true") return std::optional<google_credentials>();
  std::string host = "169.254.169.254";
  for (auto const* name : {"GCE_METADATA_IP", "GCE_METADATA_HOST"}) {
    if (auto const written = variable_or_empty(in, name); !written.empty()) host = written;
  }
  if (!is_authority(host)) return credential_fault("GCE_METADATA_HOST must be a host, with `:port` if need be");
  return std::optional(google_credentials{.source = google_metadata_server{std::move(host)}});
}

constexpr found (*places[])(google_settings const&, credential_inputs const&) = {
    settings_token, settings_file, env_token, env_file, gcloud_file, metadata_server,
};

std::string first_variable(credential_inputs const& in, std::initializer_list<char const*> names) {
  for (auto const* name : names) {
    if (auto value = variable_or_empty(in, name); !value.empty()) return value;
  }
  return {};
}

std::string find_project(google_settings const& settings, credential_inputs const& in, google_credentials const& of) {
  for (auto const& project : {settings.project, first_variable(in, {"GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT"}),
                              of.project, of.quota_project}) {
    if (!project.empty()) return project;
  }
  return {};
}

/// It becomes part of a host name.
bool is_location(std::string_view text) {
  constexpr std::size_t longest = 63;
  return text.size() <= longest &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

chat::result<google_access> completed(google_credentials credentials, google_settings const& settings,
                                      credential_inputs const& in) {
  google_access out{.credentials = std::move(credentials), .location = settings.location};
  auto const quota = variable_or_empty(in, "GOOGLE_CLOUD_QUOTA_PROJECT");
  if (!quota.empty()) out.credentials.quota_project = quota;
  if (!out.credentials.quota_project.empty() && !is_visible_ascii(out.credentials.quota_project)) {
    return credential_fault("the quota project of the Google credentials is no project id");
  }
  out.project = find_project(settings, in, out.credentials);
  bool const can_ask = std::holds_alternative<google_metadata_server>(out.credentials.source);
  if (out.project.empty() && !can_ask) {
    return credential_fault(
        "no Google Cloud project is set: give the provider a `project`, or set GOOGLE_CLOUD_PROJECT");
  }
  if (out.location.empty()) out.location = first_variable(in, {"GOOGLE_CLOUD_LOCATION", "CLOUD_ML_REGION"});
  if (out.location.empty()) out.location = "global";
  if (!is_location(out.location)) {
    return credential_fault("the Google Cloud location may hold lower-case letters, digits and `-` only");
  }
  return out;
}

}  // namespace

chat::result<google_access> find_google_access(google_settings const& settings, credential_inputs const& in) {
  for (auto const place : places) {
    auto credentials = place(settings, in);
    if (!credentials) return credentials.error();
    if (*credentials) return completed(*std::move(*credentials), settings, in);
  }
  return credential_fault(
      "there are no Google credentials: run `gcloud auth application-default login`, or set "
      "GOOGLE_APPLICATION_CREDENTIALS to the file of a service account");
}

}  // namespace recloser::providers
