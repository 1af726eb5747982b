// Where AWS credentials and the region come from.

#include "providers/aws_credentials.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "credential_fixture.hpp"
#include "providers/aws_profiles.hpp"

namespace recloser::providers {
namespace {

using files = std::map<std::string, std::string>;

// ---- shared files ----------------------------------------------------------------------------------------------

std::string show(chat::result<aws_profiles> const& profiles) {
  if (!profiles) return profiles.error().message;
  std::string out;
  for (auto const& [name, values] : *profiles) {
    out += "[" + name + "]";
    for (auto const& [key, text] : values) out += key + "=" + text + ";";
  }
  return out;
}

TEST(aws_profiles, reads_the_credentials_file) {
  struct row {
    std::string_view text, profiles;
  };
  for (auto const& [text, profiles] : std::vector<row>{
           {"", ""},
           {"[default]\naws_access_key_id = A\naws_secret_access_key=S/+=\n\n[work]\nregion=eu-west-1\n",
            "[default]aws_access_key_id=A;aws_secret_access_key=S/+=;[work]region=eu-west-1;"},
           {"\xEF\xBB\xBF[ default ]\r\nAWS_Access_Key_ID=A\r\n", "[default]aws_access_key_id=A;"},
           {"# c\n; c\n[a] # c\nk = v # c\nl = v#c\nm = v ; c\n", "[a]k=v;l=v#c;m=v;"},
           {"[a]\n  k = 1\n  l = 2\n", "[a]k=1;l=2;"},
           {"[a]\ns3 =\n  k = 1\n  l = 2\nm = 3\n", "[a]m=3;s3=;"},
           {"[a]\n  region =\n  k = 1\n", "[a]k=1;region=;"},
           {"[a]\nk = 1\n  goes on\nl = 2\n", "[a]k=1;l=2;"},
           {"[a]\nk=1\n[b]\nk=2\n[a]\nl=3\nk=4", "[a]k=4;l=3;[b]k=2;"},
           {"[profile a]\nk=1\n", "[profile a]k=1;"},
           {"k=1\n", "line 1 of the AWS credentials file is neither `[section]` nor `name = value`"},
           {"[a]\nsecretsecret\n", "line 2 of the AWS credentials file is neither `[section]` nor `name = value`"},
           {"[a\nk=1\n", "line 1 of the AWS credentials file is neither `[section]` nor `name = value`"},
       }) {
    EXPECT_EQ(show(read_aws_profiles(text, aws_file::credentials)), profiles) << text;
  }
}

TEST(aws_profiles, reads_the_config_file) {
  std::string_view const text =
      "[default]\nregion=us-east-1\n[profile work]\nregion=eu-west-1\n[profile \"two words\"]\nregion=a\n"
      "[profile\ttab]\nregion=b\n[sso-session s]\nsso_region=x\n[services local]\nbedrock_runtime =\n  endpoint_url = "
      "y\n"
      "[work2]\nregion=c\n[profiles]\nregion=d\n";
  EXPECT_EQ(show(read_aws_profiles(text, aws_file::config)),
            "[default]region=us-east-1;[tab]region=b;[two words]region=a;[work]region=eu-west-1;");
}

TEST(aws_profiles, takes_any_bytes) {
  EXPECT_TRUE(has(show(read_aws_profiles(std::string(300'000, '\n'), aws_file::config)), "too large"));
  EXPECT_TRUE(read_aws_profiles(std::string(200'000, '\n'), aws_file::config));
  for (std::string_view const text :
       {std::string_view("\0\0\n[\0]=", 7), std::string_view("[]\n=\n"), std::string_view("[]]=["),
        std::string_view("\xFF\xFE[\n"), std::string_view("[profile ]\n=x")}) {
    for (std::size_t size = 0; size <= text.size(); ++size) {
      (void)read_aws_profiles(text.substr(0, size), aws_file::config);
      (void)read_aws_profiles(text.substr(0, size), aws_file::credentials);
    }
  }
}

// ---- the order of the sources ----------------------------------------------------------------------------------

constexpr char const* credentials_file = "/h/.aws/credentials";
constexpr char const* config_file = "/h/.aws/config";

std::string const shared_keys =
    "[default]\naws_access_key_id=FILEID\naws_secret_access_key=file-secret\naws_session_token=file-token\n"
    "[work]\naws_access_key_id=WORKID\naws_secret_access_key=work-secret\nregion=eu-central-1\n";

machine home(std::map<std::string, std::string> variables, files with = {}) {
  variables.try_emplace("HOME", "/h");
  return {.variables = std::move(variables), .files = std::move(with)};
}

std::string show(chat::result<aws_access> const& access) {
  if (!access) return "fault: " + access.error().message;
  auto const& [source, region, api_key, keys, url, role_arn, session, token_file, authorization] = *access;
  std::string const words[] = {"api_key", "keys", "web_identity", "container", "instance"};
  std::string out = words[static_cast<int>(source)];
  for (auto const& part : {region, api_key, keys.access_key_id, keys.secret_access_key, keys.session_token, url,
                           role_arn, session, token_file, authorization}) {
    if (!part.empty()) out += " " + part;
  }
  return out;
}

std::string found(machine const& on, aws_settings const& settings = {}) {
  return show(find_aws_access(settings, on.inputs()));
}

TEST(aws_access, takes_the_first_source_that_has_something) {
  // Every source at once; then the first is taken away, and so on.
  machine on = home({{"AWS_REGION", "us-east-1"},
                     {"AWS_BEARER_TOKEN_BEDROCK", "bedrock-key"},
                     {"AWS_ACCESS_KEY_ID", "ENVID"},
                     {"AWS_SECRET_ACCESS_KEY", "env-secret"},
                     {"AWS_SESSION_TOKEN", "env-token"},
                     {"AWS_WEB_IDENTITY_TOKEN_FILE", "/token"},
                     {"AWS_ROLE_ARN", "arn:aws:iam::1:role/r"},
                     {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/x"},
                     {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/credentials"},
                     {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "container-token"},
                     {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/container-token"}},
                    {{credentials_file, shared_keys}});
  aws_settings settings{.api_key = "set-key",
                        .access_key_id = "SETID",
                        .secret_access_key = "set-secret",
                        .profile = "work",
                        .region = "us-west-2"};
  EXPECT_EQ(found(on, settings), "api_key us-west-2 set-key");
  settings.api_key.clear();
  EXPECT_EQ(found(on, settings), "keys us-west-2 SETID set-secret");
  settings.access_key_id.clear();
  settings.secret_access_key.clear();
  EXPECT_EQ(found(on, settings), "keys us-west-2 WORKID work-secret");
  settings.profile.clear();
  EXPECT_EQ(found(on, settings), "api_key us-west-2 bedrock-key");
  settings.region.clear();
  on.variables.erase("AWS_BEARER_TOKEN_BEDROCK");
  EXPECT_EQ(found(on, settings), "keys us-east-1 ENVID env-secret env-token");
  on.variables["AWS_ACCESS_KEY_ID"] = " ";  // compose files set empty ones
  on.variables["AWS_SECRET_ACCESS_KEY"] = "";
  EXPECT_EQ(found(on), "keys us-east-1 FILEID file-secret file-token");
  on.variables["AWS_PROFILE"] = "work";
  EXPECT_EQ(found(on), "keys us-east-1 WORKID work-secret");
  on.variables.erase("AWS_PROFILE");
  on.files.clear();
  EXPECT_EQ(found(on),
            "web_identity us-east-1 https://sts.us-east-1.amazonaws.com/ arn:aws:iam::1:role/r recloser /token");
  on.variables.erase("AWS_WEB_IDENTITY_TOKEN_FILE");
  EXPECT_EQ(found(on), "container us-east-1 http://169.254.170.2/v2/credentials/x /container-token");
  on.variables.erase("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  on.variables.erase("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  EXPECT_EQ(found(on), "container us-east-1 http://169.254.170.23/v1/credentials container-token");
  on.variables.erase("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  EXPECT_EQ(found(on), "instance us-east-1 http://169.254.169.254");
  on.variables["AWS_EC2_METADATA_DISABLED"] = "true";
  EXPECT_TRUE(found(on).starts_with("fault: there are no AWS credentials: set AWS_BEARER_TOKEN_BEDROCK"));
}

TEST(aws_access, finds_the_region) {
  files const both = {{credentials_file, shared_keys}, {config_file, "[default]\nregion=ap-south-1\n"}};
  EXPECT_EQ(found(home({}, both)), "keys ap-south-1 FILEID file-secret file-token");
  EXPECT_EQ(found(home({{"AWS_DEFAULT_REGION", "us-east-2"}}, both)), "keys us-east-2 FILEID file-secret file-token");
  EXPECT_EQ(found(home({{"AWS_DEFAULT_REGION", "us-east-2"}, {"AWS_REGION", "us-east-1"}}, both)),
            "keys us-east-1 FILEID file-secret file-token");
  EXPECT_EQ(found(home({}, both), {.region = "cn-north-1"}), "keys cn-north-1 FILEID file-secret file-token");
  EXPECT_EQ(found(home({})), "instance http://169.254.169.254");  // it says its region itself
  EXPECT_TRUE(found(home({{"AWS_BEARER_TOKEN_BEDROCK", "k"}})).starts_with("fault: no AWS region is set"));
  for (auto const* bad : {"us-east-1.evil.example/", "US-EAST-1", "us east", "-a", "a-", "a@b"}) {
    EXPECT_TRUE(found(home({{"AWS_REGION", bad}, {"AWS_BEARER_TOKEN_BEDROCK", "k"}}))
                    .starts_with("fault: the AWS region may hold"))
        << bad;
  }
  EXPECT_EQ(aws_domain("cn-north-1"), "amazonaws.com.cn");
  EXPECT_EQ(aws_domain("us-gov-west-1"), "amazonaws.com");
}

TEST(aws_access, merges_the_two_files) {
  std::string const with_region =
      "[profile work]\nregion=eu-west-3\naws_access_key_id=CONFID\naws_secret_access_key=c\n"
      "aws_session_token=stray\n";
  // Keys of one file are never mixed with the token of the other.
  EXPECT_EQ(found(home({{"AWS_PROFILE", "work"}}, {{credentials_file, shared_keys}, {config_file, with_region}})),
            "keys eu-central-1 WORKID work-secret");
  EXPECT_EQ(found(home({{"AWS_PROFILE", "work"}}, {{config_file, with_region}})), "keys eu-west-3 CONFID c stray");
  EXPECT_EQ(found(home({{"AWS_SHARED_CREDENTIALS_FILE", "/c"}, {"AWS_CONFIG_FILE", "/d"}, {"AWS_PROFILE", "x"}},
                       {{"/c", "[x]\naws_access_key_id=I\naws_secret_access_key=S\n"},
                        {"/d", "[profile x]\nregion=r-1\n"},
                        {credentials_file, shared_keys}})),
            "keys r-1 I S");
}

TEST(aws_access, reads_a_web_identity_of_a_profile) {
  EXPECT_EQ(found(home({{"AWS_ENDPOINT_URL", "https://vpce.example"}},
                       {{config_file,
                         "[default]\nregion=r-1\nrole_arn=arn:x\nweb_identity_token_file=/t\n"
                         "role_session_name=me\n"}})),
            "web_identity r-1 https://vpce.example/ arn:x me /t");
  EXPECT_TRUE(has(found(home({{"AWS_WEB_IDENTITY_TOKEN_FILE", "/t"}, {"AWS_REGION", "r-1"}})), "AWS_ROLE_ARN is not"));
  EXPECT_TRUE(has(found(home({{"AWS_WEB_IDENTITY_TOKEN_FILE", "/t"},
                              {"AWS_ROLE_ARN", "a"},
                              {"AWS_REGION", "r-1"},
                              {"AWS_ENDPOINT_URL_STS", "http://sts.example"}})),
                  "must begin with https://"));
}

TEST(aws_access, says_what_it_does_not_do_and_what_to_do) {
  struct row {
    std::string_view profile, says;
  };
  for (auto const& [profile, says] : std::vector<row>{
           {"credential_process = /bin/secret-tool\n", "gets its keys from a program (`credential_process`)"},
           {"sso_session = s\nsso_account_id = 1\n", "IAM Identity Center (`sso_session`)"},
           {"sso_start_url = https://x\n", "IAM Identity Center (`sso_start_url`)"},
           {"login_session = arn:x\n", "`aws login`"},
           {"role_arn = arn:x\nsource_profile = y\n", "assumes a role"},
           {"role_arn = arn:x\ncredential_source = Environment\naws_access_key_id=I\naws_secret_access_key=S\n",
            "assumes a role"},
       }) {
    auto const shown = found(home({}, {{config_file, "[default]\nregion=r-1\n" + std::string(profile)}}));
    EXPECT_TRUE(has(shown, says)) << shown;
    EXPECT_TRUE(has(shown, "the AWS profile `default`")) << shown;
    EXPECT_TRUE(has(shown, "aws configure export-credentials")) << shown;
    EXPECT_FALSE(has(shown, "secret-tool")) << shown;
  }
}

TEST(aws_access, refuses_what_is_half_there_or_broken) {
  struct row {
    machine on;
    std::string_view says;
  };
  std::string const id_only = "[default]\naws_access_key_id=TOPSECRET\nregion=r-1\n";
  for (auto const& [on, says] : std::vector<row>{
           {home({{"AWS_ACCESS_KEY_ID", "TOPSECRET"}}), "the environment has an AWS access key id without"},
           {home({{"AWS_SECRET_ACCESS_KEY", "TOPSECRET"}}), "the environment has an AWS secret access key without"},
           {home({{"AWS_ACCESS_KEY_ID", "A"}, {"AWS_SECRET_ACCESS_KEY", "TOPSECRET x"}}), "with blanks"},
           {home({{"AWS_BEARER_TOKEN_BEDROCK", "TOPSECRET\nx"}}), "AWS_BEARER_TOKEN_BEDROCK is no Bedrock API key"},
           {home({}, {{credentials_file, id_only}}), "the AWS profile `default` has an AWS access key id without"},
           {home({{"AWS_PROFILE", "no"}}, {{credentials_file, shared_keys}}),
            "there is no AWS profile `no`; there are `default` and `work`"},
           {home({{"AWS_PROFILE", "no"}}), "there is no AWS profile `no`"},
           {home({}, {{credentials_file, "[default]\nTOPSECRET"}}), "line 2 of the AWS credentials file"},
           {home({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://evil.example/TOPSECRET"}}),
            "must begin with https://"},
           {home({{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "@evil.example/TOPSECRET"}}), "does not begin with `/`"},
           {home({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "https://x/"},
                  {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "TOPSECRET x"}}),
            "no header value"},
           {home({{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://evil.example"}}),
            "AWS_EC2_METADATA_SERVICE_ENDPOINT must"},
       }) {
    auto const shown = found(on);
    EXPECT_TRUE(shown.starts_with("fault: ")) << shown;
    EXPECT_TRUE(has(shown, says)) << shown;
    EXPECT_FALSE(has(shown, "TOPSECRET")) << shown;
  }
  machine locked = home({}, {});
  locked.unreadable = credentials_file;
  EXPECT_EQ(found(locked), "fault: ~/.aws/credentials cannot be read: Permission denied");
  auto const fault = find_aws_access({}, locked.inputs()).error();
  EXPECT_EQ(fault.what, chat::fault_class::auth);
  EXPECT_EQ(fault.source, chat::fault_source::gateway);
}

TEST(aws_access, does_not_mind_broken_files_that_it_does_not_need) {
  std::map<std::string, std::string> const keys = {
      {"AWS_ACCESS_KEY_ID", "I"}, {"AWS_SECRET_ACCESS_KEY", "S"}, {"AWS_REGION", "r-1"}, {"AWS_PROFILE", "no"}};
  EXPECT_EQ(found(home(keys, {{credentials_file, "nonsense"}})), "keys r-1 I S");
  EXPECT_TRUE(has(found(home(keys, {}), {.profile = "other"}), "there is no AWS profile `other`"));
  EXPECT_TRUE(
      has(found(home(keys, {{config_file, "[profile other]\nregion=x\n"}}), {.profile = "other"}), "has no keys"));
}

TEST(aws_access, chooses_the_address_of_the_metadata_service) {
  EXPECT_EQ(found(home({{"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6"}})), "instance http://[fd00:ec2::254]");
  EXPECT_EQ(found(home({{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1338/"}})),
            "instance http://127.0.0.1:1338");
  EXPECT_EQ(found(home({{"AWS_EC2_METADATA_DISABLED", "false"}})), "instance http://169.254.169.254");
}

}  // namespace
}  // namespace recloser::providers
