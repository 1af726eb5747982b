// Fetching AWS keys: the requests and the answers of STS, of container endpoints and of EC2's metadata service
// (providers-native.md §4.2).

#include "providers/aws_fetch.hpp"

#include <string>
#include <string_view>
#include <vector>

#include "credential_fixture.hpp"

namespace recloser::providers {
namespace {

wall_time const now = at("2026-11-22T07:00:00Z");

constexpr std::string_view keys_answer =
    R"({"Code":"Success","LastUpdated":"2026-11-22T06:00:00Z","Type":"AWS-HMAC","AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"s/+e=cret","Token":"to/ken==","Expiration":"2026-11-22T13:00:00Z"})";

void expect_keys(expiring<aws_keys> const& keys) {
  EXPECT_EQ(keys.value.access_key_id, "ASIAEXAMPLE");
  EXPECT_EQ(keys.value.secret_access_key, "s/+e=cret");
  EXPECT_EQ(keys.value.session_token, "to/ken==");
  EXPECT_EQ(keys.expires, at("2026-11-22T13:00:00Z"));
}

TEST(aws_fetch, gives_keys_at_hand_at_once) {
  aws_fetch fetch({.source = aws_source::keys, .region = "r", .keys = {"I", "S", "T"}});
  auto const keys = credential_of(fetch.start(machine().inputs()));
  EXPECT_EQ(keys.value.secret_access_key, "S");
  EXPECT_EQ(keys.expires, wall_time::max());
  EXPECT_FALSE(aws_fetch({.source = aws_source::api_key, .api_key = "k"}).start(machine().inputs()));
}

TEST(aws_fetch, asks_the_metadata_service_in_its_second_version) {
  aws_fetch fetch({.source = aws_source::instance, .region = "us-east-1", .url = "http://169.254.169.254"});
  for (int round = 0; round < 2; ++round) {  // the same machine fetches again
    auto const first = request_of(fetch.start(machine().inputs()));
    EXPECT_EQ(first.method, "PUT");
    EXPECT_EQ(first.url, "http://169.254.169.254/latest/api/token");
    EXPECT_EQ(header_of(first, "x-aws-ec2-metadata-token-ttl-seconds"), "21600");
    EXPECT_TRUE(first.metadata_service);
    auto const second = request_of(fetch.answered({.status = 200, .body = "AQAAtoken=="}, now));
    EXPECT_EQ(second.method, "GET");
    EXPECT_EQ(second.url, "http://169.254.169.254/latest/meta-data/iam/security-credentials/");
    EXPECT_EQ(header_of(second, "x-aws-ec2-metadata-token"), "AQAAtoken==");
    auto const third = request_of(fetch.answered({.status = 200, .body = "my-role\n"}, now));
    EXPECT_EQ(third.url, "http://169.254.169.254/latest/meta-data/iam/security-credentials/my-role");
    EXPECT_EQ(header_of(third, "x-aws-ec2-metadata-token"), "AQAAtoken==");
    expect_keys(credential_of(fetch.answered({.status = 200, .body = keys_answer}, now)));
    EXPECT_FALSE(fetch.answered({.status = 200, .body = keys_answer}, now));  // nothing more was asked
  }
}

TEST(aws_fetch, asks_the_instance_for_its_region_when_none_is_set) {
  aws_fetch fetch({.source = aws_source::instance, .url = "http://169.254.169.254"});
  request_of(fetch.start(machine().inputs()));
  auto const region = request_of(fetch.answered({.status = 200, .body = "token"}, now));
  EXPECT_EQ(region.url, "http://169.254.169.254/latest/meta-data/placement/region");
  auto const role = request_of(fetch.answered({.status = 200, .body = "eu-west-1"}, now));
  EXPECT_EQ(role.url, "http://169.254.169.254/latest/meta-data/iam/security-credentials/");
  EXPECT_EQ(fetch.region(), "eu-west-1");
}

TEST(aws_fetch, refuses_odd_answers_of_the_metadata_service) {
  struct row {
    std::vector<token_answer> answers;
    std::string_view says;
  };
  std::string const long_token(5000, 'a');
  for (auto const& [answers, says] : std::vector<row>{
           {{{403, ""}}, "the EC2 metadata service refused the credential"},
           {{{200, ""}}, "holds no token"},
           {{{200, "a b"}}, "holds no token"},
           {{{200, "a\r\nx: y"}}, "holds no token"},
           {{{200, long_token}}, "holds no token"},
           {{{200, "t"}, {200, "evil.example/"}}, "holds no region"},
           {{{200, "t"}, {500, ""}}, "answered 500"},
           {{{200, "t"}, {200, "r-1"}, {404, ""}}, "this EC2 instance has no IAM role"},
           {{{200, "t"}, {200, "r-1"}, {200, ""}}, "holds no name of a role"},
           {{{200, "t"}, {200, "r-1"}, {200, "../../x"}}, "holds no name of a role"},
           {{{200, "t"}, {200, "r-1"}, {200, "<html>"}}, "holds no name of a role"},
           {{{200, "t"},
             {200, "r-1"},
             {200, "role"},
             {200, R"({"Code":"AssumeRoleUnauthorizedAccess","Message":"m"})"}},
            "refused the credential: AssumeRoleUnauthorizedAccess"},
           {{{200, "t"}, {200, "r-1"}, {200, "role"}, {401, ""}}, "refused the credential"},
       }) {
    aws_fetch fetch({.source = aws_source::instance, .url = "http://169.254.169.254"});
    auto step = fetch.start(machine().inputs());
    for (auto const& answer : answers) {
      ASSERT_TRUE(step) << says;
      step = fetch.answered(answer, now);
    }
    EXPECT_TRUE(has(fault_of(step), says)) << fault_of(step);
    EXPECT_FALSE(fetch.answered({.status = 200, .body = keys_answer}, now)) << "a fault ends the fetch";
  }
}

TEST(aws_fetch, asks_the_endpoint_beside_a_container) {
  aws_access const access{.source = aws_source::container,
                          .region = "r-1",
                          .url = "http://169.254.170.2/v2/credentials/x",
                          .authorization = "Basic abc"};
  aws_fetch fetch(access);
  auto const request = request_of(fetch.start(machine().inputs()));
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.url, access.url);
  EXPECT_EQ(header_of(request, "authorization"), "Basic abc");
  EXPECT_TRUE(request.metadata_service);
  expect_keys(credential_of(fetch.answered({.status = 200, .body = keys_answer}, now)));
}

TEST(aws_fetch, reads_the_token_file_of_a_container_every_time) {
  machine on{.files = {{"/token", "first\n"}}};
  aws_fetch fetch(
      {.source = aws_source::container, .region = "r-1", .url = "https://x.example/c", .token_file = "/token"});
  auto const request = request_of(fetch.start(on.inputs()));
  EXPECT_EQ(header_of(request, "authorization"), "first");
  EXPECT_FALSE(request.metadata_service);
  on.files["/token"] = "second";
  EXPECT_EQ(header_of(request_of(fetch.start(on.inputs())), "authorization"), "second");
  for (auto const* bad : {"", " \n", "TOPSECRET\nx: y", "TOPSECRET \xC3\xA9"}) {
    on.files["/token"] = bad;
    auto const fault = fault_of(fetch.start(on.inputs()));
    EXPECT_TRUE(has(fault, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")) << fault;
    EXPECT_FALSE(has(fault, "TOPSECRET")) << fault;
  }
  on.files.clear();
  EXPECT_TRUE(has(fault_of(fetch.start(on.inputs())), "does not exist"));
}

TEST(aws_fetch, reads_keys_strictly) {
  struct row {
    token_answer answer;
    std::string_view says;
  };
  for (auto const& [answer, says] : std::vector<row>{
           {{200, ""}, "is no JSON object"},
           {{200, "[]"}, "is no JSON object"},
           {{200, "{}"}, "holds no keys"},
           {{200, R"({"AccessKeyId":"I"})"}, "holds no keys"},
           {{200, R"({"AccessKeyId":1,"SecretAccessKey":"S"})"}, "holds no keys"},
           {{200, R"({"AccessKeyId":"I","SecretAccessKey":"TOPSECRET x"})"}, "holds no keys"},
           {{200, R"({"AccessKeyId":"I","SecretAccessKey":"TOPSECRET","Token":"\n"})"}, "holds no keys"},
           {{200, R"({"AccessKeyId":"I","SecretAccessKey":"TOPSECRET","Expiration":"soon"})"}, "an expiry date"},
           {{403, R"({"code":"AccessDenied","message":"TOPSECRET"})"}, "W refused the credential: AccessDenied"},
           {{400, R"({"code":"no TOPSECRET code"})"}, "W refused the credential"},
           {{500, "TOPSECRET"}, "W answered 500"},
       }) {
    auto const fault = fault_of(read_aws_keys(answer, now, "W"));
    EXPECT_TRUE(has(fault, says)) << fault;
    EXPECT_FALSE(has(fault, "TOPSECRET")) << fault;
  }
  auto const endless = read_aws_keys({200, R"({"AccessKeyId":"I","SecretAccessKey":"S"})"}, now, "W");
  ASSERT_TRUE(endless);
  EXPECT_EQ(endless->expires, now + std::chrono::minutes(10));
  for (std::size_t size = 0; size < keys_answer.size(); ++size) {
    EXPECT_FALSE(read_aws_keys({200, keys_answer.substr(0, size)}, now, "W")) << size;
  }
}

// ---- STS -------------------------------------------------------------------------------------------------------

constexpr std::string_view sts_answer =
    R"(<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult>
    <SubjectFromWebIdentityToken>system:serviceaccount:a:b</SubjectFromWebIdentityToken>
    <Credentials>
      <SessionToken>to/ken==</SessionToken>
      <SecretAccessKey>s/+e=cret</SecretAccessKey>
      <Expiration>2026-11-22T13:00:00Z</Expiration>
      <AccessKeyId>ASIAEXAMPLE</AccessKeyId>
    </Credentials>
  </AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>)";

TEST(aws_fetch, shows_sts_the_web_identity) {
  machine const on{.files = {{"/token", "head.er+/=.sig\n"}}};
  aws_fetch fetch({.source = aws_source::web_identity,
                   .region = "us-east-1",
                   .url = "https://sts.us-east-1.amazonaws.com/",
                   .role_arn = "arn:aws:iam::111122223333:role/x",
                   .role_session_name = "recloser",
                   .token_file = "/token"});
  auto const request = request_of(fetch.start(on.inputs()));
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://sts.us-east-1.amazonaws.com/");
  EXPECT_EQ(header_of(request, "content-type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(request.body,
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fx"
            "&RoleSessionName=recloser&WebIdentityToken=head.er%2B%2F%3D.sig");
  EXPECT_FALSE(request.metadata_service);
  expect_keys(credential_of(fetch.answered({.status = 200, .body = sts_answer}, now)));
}

TEST(aws_fetch, reads_the_xml_of_sts_strictly) {
  for (std::size_t size = 0; size < sts_answer.find("</AccessKeyId>") + 14; ++size) {
    EXPECT_FALSE(read_sts_keys({200, sts_answer.substr(0, size)}, now)) << size;
  }
  EXPECT_TRUE(has(fault_of(read_sts_keys({400,
                                          "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidIdentityToken</Code>"
                                          "<Message>TOPSECRET</Message></Error></ErrorResponse>"},
                                         now)),
                  "AWS STS refused the credential: InvalidIdentityToken"));
  EXPECT_FALSE(read_sts_keys({200, "<AccessKeyId><b>I</b></AccessKeyId><SecretAccessKey>S</SecretAccessKey>"}, now));
  EXPECT_FALSE(read_sts_keys({200, "<AccessKeyId>I&amp;</AccessKeyId><SecretAccessKey>S</SecretAccessKey>"}, now));
  EXPECT_FALSE(read_sts_keys({200, "<AccessKeyId>I</Access>"}, now));
}

}  // namespace
}  // namespace recloser::providers
