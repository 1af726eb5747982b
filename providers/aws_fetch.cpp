#include "providers/aws_fetch.hpp"

#include <utility>

#include <fmt/format.h>

#include "config/text.hpp"
#include "dialects/json.hpp"
#include "providers/encoding.hpp"
#include "providers/token_answer.hpp"
#include "providers/token_state.hpp"

namespace recloser::providers {

namespace {

constexpr std::string_view sts = "AWS STS";
constexpr std::string_view container_endpoint = "the container's credential endpoint";
constexpr std::string_view metadata_service = "the EC2 metadata service";

constexpr std::string_view roles = "/latest/meta-data/iam/security-credentials/";

/// An error's code, when it has the form of one: the only words of a refusal that are shown.
std::string_view code_or_nothing(std::string_view code) {
  constexpr std::size_t longest = 64;
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return code.size() <= longest && code.find_first_not_of(allowed) == std::string_view::npos ? code
                                                                                             : std::string_view();
}

chat::fault refused(token_answer const& answer, std::string_view whom, std::string_view code) {
  token_answer const bare{.status = answer.status};
  auto fault = read_refusal(bare, {.whom = whom});
  if (auto const shown = code_or_nothing(code); !shown.empty()) fault.message.append(": ").append(shown);
  return fault;
}

chat::result<expiring<aws_keys>> checked(aws_keys keys, std::string_view expiration, token_answer const& answer,
                                         wall_time now, std::string_view whom) {
  bool const good = is_visible_ascii(keys.access_key_id) && is_visible_ascii(keys.secret_access_key) &&
                    (keys.session_token.empty() || is_visible_ascii(keys.session_token));
  if (!good) return unreadable(answer, {.whom = whom}, "holds no keys");
  if (expiration.empty()) return expiring<aws_keys>{std::move(keys), now + unknown_lifetime};
  auto const expires = parse_timestamp(expiration);
  if (!expires) return unreadable(answer, {.whom = whom}, "holds an expiry date that cannot be read");
  return expiring<aws_keys>{std::move(keys), *expires};
}

/// A plain text answer of the metadata service, without blanks around it; empty when it is none.
std::string_view word_of(token_answer const& answer) {
  constexpr std::size_t longest = 4096;
  auto const word = config::trim(answer.body.substr(0, longest + 1));
  return word.size() <= longest && is_visible_ascii(word) ? word : std::string_view();
}

/// The text of the first `<name>`; empty when there is none, or when it holds anything but text.
std::string_view element(std::string_view xml, std::string_view name) {
  auto const open = fmt::format("<{}>", name);
  auto const begin = xml.find(open);
  if (begin == std::string_view::npos) return {};
  auto const text = xml.substr(begin + open.size());
  auto const end = text.find('<');
  if (end == std::string_view::npos || !text.substr(end).starts_with(fmt::format("</{}>", name))) return {};
  auto const value = config::trim(text.substr(0, end));
  return value.find('&') == std::string_view::npos ? value : std::string_view();
}

template <class T>
chat::result<aws_fetch::step> as_step(chat::result<T> from) {
  if (!from) return from.error();
  return aws_fetch::step(*std::move(from));
}

}  // namespace

chat::result<expiring<aws_keys>> read_aws_keys(token_answer const& answer, wall_time now, std::string_view whom) {
  auto const body = read_object(answer, {.whom = whom});
  std::string code = body ? text_member(*body, "Code") : std::string();
  if (body && code.empty()) code = text_member(*body, "code");
  if (answer.status != 200) return refused(answer, whom, code);
  if (!body) return body.error();
  // The metadata service says 200 also when the role does not trust the machine.
  if (!code.empty() && code != "Success") return refused({.status = 403}, whom, code);
  return checked(
      {text_member(*body, "AccessKeyId"), text_member(*body, "SecretAccessKey"), text_member(*body, "Token")},
      text_member(*body, "Expiration"), answer, now, whom);
}

chat::result<expiring<aws_keys>> read_sts_keys(token_answer const& answer, wall_time now) {
  auto const xml = answer.body.substr(0, largest_credential);
  if (answer.status != 200) return refused(answer, sts, element(xml, "Code"));
  return checked({std::string(element(xml, "AccessKeyId")), std::string(element(xml, "SecretAccessKey")),
                  std::string(element(xml, "SessionToken"))},
                 element(xml, "Expiration"), answer, now, sts);
}

// ---- requests --------------------------------------------------------------------------------------------------

chat::result<aws_fetch::step> aws_fetch::start(credential_inputs const& in) {
  switch (from_.source) {
    case aws_source::api_key: return credential_fault("a Bedrock API key signs no requests");
    case aws_source::keys: return step(expiring<aws_keys>{from_.keys});
    case aws_source::web_identity: return ask_sts(in);
    case aws_source::container: return ask_container(in);
    case aws_source::instance: {
      asked_ = asked::instance_token;
      return step(token_request{.method = "PUT",
                                .url = from_.url + "/latest/api/token",
                                .headers = {{"x-aws-ec2-metadata-token-ttl-seconds", "21600"}},
                                .metadata_service = true});
    }
  }
  return credential_fault("there are no AWS credentials");
}

chat::result<aws_fetch::step> aws_fetch::ask_sts(credential_inputs const& in) {
  auto const identity = read_secret_file(in, from_.token_file, "the web identity token file");
  if (!identity) return identity.error();
  asked_ = asked::sts;
  return step(token_request{.url = from_.url,
                            .headers = {{"content-type", "application/x-www-form-urlencoded"}},
                            .body = form_body({{"Action", "AssumeRoleWithWebIdentity"},
                                               {"Version", "2011-06-15"},
                                               {"RoleArn", from_.role_arn},
                                               {"RoleSessionName", from_.role_session_name},
                                               {"WebIdentityToken", *identity}})});
}

chat::result<aws_fetch::step> aws_fetch::ask_container(credential_inputs const& in) {
  auto authorization = from_.authorization;
  if (!from_.token_file.empty()) {
    auto token = read_secret_file(in, from_.token_file, "the file of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    if (!token) return token.error();
    authorization = *std::move(token);
  }
  token_request request{.method = "GET",
                        .url = from_.url,
                        .headers = {{"accept", "application/json"}},
                        .metadata_service = is_metadata_url(from_.url)};
  if (!authorization.empty()) request.headers.emplace_back("authorization", std::move(authorization));
  asked_ = asked::container;
  return step(std::move(request));
}

aws_fetch::step aws_fetch::ask_instance(asked what, std::string_view path) {
  asked_ = what;
  return token_request{.method = "GET",
                       .url = fmt::format("{}{}", from_.url, path),
                       .headers = {{"x-aws-ec2-metadata-token", instance_token_}},
                       .metadata_service = true};
}

// ---- answers ---------------------------------------------------------------------------------------------------

chat::result<aws_fetch::step> aws_fetch::answered(token_answer const& answer, wall_time now) {
  switch (std::exchange(asked_, asked::nothing)) {
    case asked::nothing: return credential_fault("an answer came to no request");
    case asked::sts: return as_step(read_sts_keys(answer, now));
    case asked::container: return as_step(read_aws_keys(answer, now, container_endpoint));
    case asked::instance_token: return read_instance_token(answer);
    case asked::instance_region: return read_instance_region(answer);
    case asked::instance_role: return read_instance_role(answer);
    case asked::instance_keys: return as_step(read_aws_keys(answer, now, metadata_service));
  }
  return credential_fault("an answer came to no request");
}

chat::result<aws_fetch::step> aws_fetch::read_instance_token(token_answer const& answer) {
  if (answer.status != 200) return refused(answer, metadata_service, {});
  instance_token_ = word_of(answer);
  if (instance_token_.empty()) return unreadable(answer, {.whom = metadata_service}, "holds no token");
  if (!region_.empty()) return ask_instance(asked::instance_role, roles);
  return ask_instance(asked::instance_region, "/latest/meta-data/placement/region");
}

chat::result<aws_fetch::step> aws_fetch::read_instance_region(token_answer const& answer) {
  if (answer.status != 200) return refused(answer, metadata_service, {});
  region_ = word_of(answer);
  if (is_aws_region(region_)) return ask_instance(asked::instance_role, roles);
  region_.clear();
  return unreadable(answer, {.whom = metadata_service}, "holds no region");
}

chat::result<aws_fetch::step> aws_fetch::read_instance_role(token_answer const& answer) {
  if (answer.status == 404) return credential_fault("this EC2 instance has no IAM role");
  if (answer.status != 200) return refused(answer, metadata_service, {});
  auto const role = config::trim(answer.body.substr(0, answer.body.find('\n')));
  constexpr std::string_view allowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+=,.@-";  // IAM: names of roles
  constexpr std::size_t longest = 64;
  if (role.empty() || role.size() > longest || role.find_first_not_of(allowed) != std::string_view::npos) {
    return unreadable(answer, {.whom = metadata_service}, "holds no name of a role");
  }
  return ask_instance(asked::instance_keys, fmt::format("{}{}", roles, role));
}

}  // namespace recloser::providers
