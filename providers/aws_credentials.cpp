#include "providers/aws_credentials.hpp"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "config/text.hpp"
#include "providers/aws_profiles.hpp"
#include "providers/encoding.hpp"

namespace recloser::providers {

namespace {

template <class T>
using found = chat::result<std::optional<T>>;

// ---- keys ------------------------------------------------------------------------------------------------------

/// `where` in faults: "the environment", "the profile `x`".
chat::result<aws_keys> checked(aws_keys keys, std::string_view where) {
  if (keys.access_key_id.empty())
    return credential_fault(fmt::format("{} has an AWS secret access key without its id", where));
  if (keys.secret_access_key.empty()) {
    return credential_fault(fmt::format("{} has an AWS access key id without its secret access key", where));
  }
  for (auto const* part : {&keys.access_key_id, &keys.secret_access_key, &keys.session_token}) {
    if (!part->empty() && !is_visible_ascii(*part)) {
      return credential_fault(fmt::format("{} has an AWS key with blanks or other characters that no key has", where));
    }
  }
  return keys;
}

bool any(aws_keys const& keys) { return !keys.access_key_id.empty() || !keys.secret_access_key.empty(); }

// ---- profiles --------------------------------------------------------------------------------------------------

struct profile {
  std::string name;
  aws_profile values;  ///< of both files; those of `credentials` win
  aws_keys keys;       ///< all three of one file
};

std::string_view value_of(aws_profile const& values, std::string_view name) {
  auto const at = values.find(name);
  return at == values.end() ? std::string_view() : std::string_view(at->second);
}

aws_keys keys_of(aws_profile const& values) {
  return {std::string(value_of(values, "aws_access_key_id")), std::string(value_of(values, "aws_secret_access_key")),
          std::string(value_of(values, "aws_session_token"))};
}

struct file_row {
  aws_file kind;
  std::string variable;
  std::string usual;
};

/// No file is an empty one, unless a variable names it.
chat::result<aws_profiles> read_file(file_row const& row, credential_inputs const& in) {
  auto path = variable_or_empty(in, row.variable);
  bool const named = !path.empty();
  if (!named) path = home_path(in, row.usual);
  if (path.empty()) return aws_profiles{};
  auto const text = in.read_file(path);
  auto const what = named ? fmt::format("the file of {}", row.variable) : fmt::format("~/{}", row.usual);
  if (!text) return credential_fault(fmt::format("{} cannot be read: {}", what, text.error().message));
  if (!*text) return aws_profiles{};
  return read_aws_profiles(**text, row.kind);
}

std::string missing_profile(std::string const& name, std::vector<std::string> const& others) {
  auto message = fmt::format("there is no AWS profile {}", config::quote(name));
  return others.empty() ? message : message + "; there are " + config::list_of(others, "and");
}

std::vector<std::string> names_in(std::initializer_list<aws_profiles const*> files) {
  constexpr std::size_t most_shown = 10;
  std::vector<std::string> names;
  for (auto const* file : files) {
    for (auto const& [name, ignored] : *file) {
      bool const is_new = std::ranges::find(names, name) == names.end();
      if (is_new && names.size() < most_shown) names.push_back(name);
    }
  }
  return names;
}

/// The profile that counts. One that was named must be there; `default` need not.
found<profile> read_profile(aws_settings const& settings, credential_inputs const& in) {
  auto name = settings.profile;
  if (name.empty()) name = variable_or_empty(in, "AWS_PROFILE");
  bool const named = !name.empty();
  if (!named) name = "default";
  auto const credentials = read_file({aws_file::credentials, "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"}, in);
  if (!credentials) return credentials.error();
  auto const config_file = read_file({aws_file::config, "AWS_CONFIG_FILE", ".aws/config"}, in);
  if (!config_file) return config_file.error();
  profile out{.name = name};
  bool exists = false;
  for (auto const* file : {&*credentials, &*config_file}) {
    auto const at = file->find(name);
    if (at == file->end()) continue;
    exists = true;
    if (!any(out.keys)) out.keys = keys_of(at->second);
    out.values.insert(at->second.begin(), at->second.end());
  }
  if (exists) return std::optional(std::move(out));
  if (named) return credential_fault(missing_profile(name, names_in({&*credentials, &*config_file})));
  return std::optional<profile>();
}

struct unsupported_row {
  std::string_view key;
  std::string_view words;
};

constexpr std::string_view instead =
    "or give recloser the keys of `aws configure export-credentials` in its environment";

/// Ways to a credential that recloser does not go, in the order in which AWS looks at them.
constexpr unsupported_row unsupported[] = {
    {"credential_process", "gets its keys from a program (`credential_process`), and recloser starts none"},
    {"sso_session", "signs in with IAM Identity Center (`sso_session`), which recloser does not do"},
    {"sso_start_url", "signs in with IAM Identity Center (`sso_start_url`), which recloser does not do"},
    {"login_session", "signs in with `aws login`, which recloser does not do"},
};

chat::fault unsupported_profile(profile const& from, std::string_view words) {
  return credential_fault(
      fmt::format("the AWS profile {} {}; name a profile with keys, {}", config::quote(from.name), words, instead));
}

aws_access web_identity(std::string_view role, std::string_view session, std::string_view file) {
  aws_access out{.source = aws_source::web_identity};
  out.role_arn = role;
  out.role_session_name = session.empty() ? "recloser" : session;
  out.token_file = file;
  return out;
}

found<aws_access> access_of(profile const& from) {
  auto const role = value_of(from.values, "role_arn");
  bool const assumed =
      !value_of(from.values, "source_profile").empty() || !value_of(from.values, "credential_source").empty();
  if (!role.empty() && assumed) {
    return unsupported_profile(from, "assumes a role with another profile's keys, which recloser does not do");
  }
  if (any(from.keys)) {
    auto keys = checked(from.keys, fmt::format("the AWS profile {}", config::quote(from.name)));
    if (!keys) return keys.error();
    return std::optional(aws_access{.source = aws_source::keys, .keys = *std::move(keys)});
  }
  auto const token_file = value_of(from.values, "web_identity_token_file");
  if (!role.empty() && !token_file.empty()) {
    return std::optional(web_identity(role, value_of(from.values, "role_session_name"), token_file));
  }
  for (auto const& row : unsupported) {
    if (!value_of(from.values, row.key).empty()) return unsupported_profile(from, row.words);
  }
  return std::optional<aws_access>();
}

// ---- sources, in the order in which they count -----------------------------------------------------------------

/// What every source may look at.
struct search {
  aws_settings const& settings;
  credential_inputs const& in;
  found<profile> const& read;  ///< its fault counts only where the profile is needed

  profile const* from() const { return read && *read ? &**read : nullptr; }
};

std::string env(search const& s, char const* name) { return variable_or_empty(s.in, name); }

found<aws_access> with_api_key(std::string key, std::string_view where) {
  if (key.empty()) return std::optional<aws_access>();
  if (!is_visible_ascii(key)) return credential_fault(fmt::format("{} is no Bedrock API key", where));
  return std::optional(aws_access{.source = aws_source::api_key, .api_key = std::move(key)});
}

found<aws_access> with_keys(aws_keys const& keys, std::string_view where) {
  if (!any(keys)) return std::optional<aws_access>();
  auto good = checked(keys, where);
  if (!good) return good.error();
  return std::optional(aws_access{.source = aws_source::keys, .keys = *std::move(good)});
}

found<aws_access> settings_api_key(search const& s) {
  return with_api_key(s.settings.api_key, "the API key of the configuration");
}

found<aws_access> settings_keys(search const& s) {
  return with_keys({s.settings.access_key_id, s.settings.secret_access_key, s.settings.session_token},
                   "the configuration");
}

found<aws_access> shared_files(search const& s) {
  if (!s.read) return s.read.error();
  return s.from() ? access_of(*s.from()) : std::optional<aws_access>();
}

found<aws_access> settings_profile(search const& s) {
  if (s.settings.profile.empty()) return std::optional<aws_access>();
  auto access = shared_files(s);
  if (!access || *access) return access;
  return credential_fault(fmt::format("the AWS profile {} has no keys", config::quote(s.settings.profile)));
}

found<aws_access> env_api_key(search const& s) {
  return with_api_key(env(s, "AWS_BEARER_TOKEN_BEDROCK"), "AWS_BEARER_TOKEN_BEDROCK");
}

found<aws_access> env_keys(search const& s) {
  return with_keys({env(s, "AWS_ACCESS_KEY_ID"), env(s, "AWS_SECRET_ACCESS_KEY"), env(s, "AWS_SESSION_TOKEN")},
                   "the environment");
}

found<aws_access> env_web_identity(search const& s) {
  auto const file = env(s, "AWS_WEB_IDENTITY_TOKEN_FILE");
  auto const role = env(s, "AWS_ROLE_ARN");
  if (file.empty()) return std::optional<aws_access>();
  if (role.empty()) return credential_fault("AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not");
  return std::optional(web_identity(role, env(s, "AWS_ROLE_SESSION_NAME"), file));
}

found<aws_access> container(search const& s) {
  aws_access out{.source = aws_source::container};
  auto const relative = env(s, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  out.url = env(s, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (relative.empty() && out.url.empty()) return std::optional<aws_access>();
  if (!relative.empty()) out.url = "http://169.254.170.2" + relative;
  if (!relative.empty() && relative.front() != '/') {
    return credential_fault("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI does not begin with `/`");
  }
  if (auto const fault = token_url_fault(out.url, true); !fault.empty()) {
    return credential_fault("the URL of AWS_CONTAINER_CREDENTIALS_FULL_URI " + fault);
  }
  out.token_file = env(s, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  if (out.token_file.empty()) out.authorization = env(s, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
  if (!out.authorization.empty() && !is_visible_ascii(out.authorization)) {
    return credential_fault("AWS_CONTAINER_AUTHORIZATION_TOKEN is no header value");
  }
  return std::optional(std::move(out));
}

found<aws_access> instance(search const& s) {
  auto const disabled = config::lower(env(s, "AWS_EC2_METADATA_DISABLED"));
  if (!disabled.empty() && disabled != "false") return std::optional<aws_access>();
  aws_access out{.source = aws_source::instance, .url = env(s, "AWS_EC2_METADATA_SERVICE_ENDPOINT")};
  bool const ipv6 = config::lower(env(s, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")) == "ipv6";
  if (out.url.empty()) out.url = ipv6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
  while (out.url.ends_with('/')) out.url.pop_back();
  if (auto const fault = token_url_fault(out.url, true); !fault.empty()) {
    return credential_fault("AWS_EC2_METADATA_SERVICE_ENDPOINT " + fault);
  }
  return std::optional(std::move(out));
}

constexpr found<aws_access> (*sources[])(search const&) = {
    settings_api_key, settings_keys,    settings_profile, env_api_key, env_keys,
    shared_files,     env_web_identity, container,        instance,
};

// ---- region ----------------------------------------------------------------------------------------------------

std::string find_region(search const& s) {
  for (auto const& region : {s.settings.region, env(s, "AWS_REGION"), env(s, "AWS_DEFAULT_REGION")}) {
    if (!region.empty()) return region;
  }
  return s.from() ? std::string(value_of(s.from()->values, "region")) : std::string();
}

std::string sts_url(search const& s, std::string_view region) {
  for (auto const* name : {"AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"}) {
    if (auto url = env(s, name); !url.empty()) return url.ends_with('/') ? url : url + '/';
  }
  return fmt::format("https://sts.{}.{}/", region, aws_domain(region));
}

chat::result<aws_access> completed(aws_access access, search const& s) {
  access.region = find_region(s);
  if (access.region.empty() && access.source != aws_source::instance) {
    return credential_fault("no AWS region is set: give the provider a `region`, or set AWS_REGION");
  }
  if (!access.region.empty() && !is_aws_region(access.region)) {
    return credential_fault("the AWS region may hold lower-case letters, digits and `-` only, such as `us-east-1`");
  }
  if (access.source == aws_source::web_identity) {
    access.url = sts_url(s, access.region);
    if (auto const fault = token_url_fault(access.url); !fault.empty()) {
      return credential_fault("AWS_ENDPOINT_URL_STS or AWS_ENDPOINT_URL " + fault);
    }
  }
  return access;
}

}  // namespace

chat::result<aws_access> find_aws_access(aws_settings const& settings, credential_inputs const& in) {
  auto const read = read_profile(settings, in);
  search const s{settings, in, read};
  for (auto const source : sources) {
    auto access = source(s);
    if (!access) return access.error();
    if (*access) return completed(*std::move(*access), s);
  }
  return credential_fault(
      "there are no AWS credentials: set AWS_BEARER_TOKEN_BEDROCK, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
      "add a profile to ~/.aws/credentials");
}

bool is_aws_region(std::string_view text) {
  constexpr std::size_t longest = 63;
  return !text.empty() && text.size() <= longest && text.front() != '-' && text.back() != '-' &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

std::string_view aws_domain(std::string_view region) {
  return region.starts_with("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
}

}  // namespace recloser::providers
