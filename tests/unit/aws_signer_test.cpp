// Signature Version 4. The vectors are AWS's published ones (the signature test suite and the IAM example), those of
// providers-native.md §8.1, and for what these leave out, values that botocore's signer gave.

#include "providers/aws_signer.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "credential_fixture.hpp"
#include "providers/encoding.hpp"

namespace recloser::providers {
namespace {

using header = std::pair<std::string_view, std::string_view>;

constexpr std::string_view secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

std::string bytes_of(digest const& from) { return hex(from); }

struct vector {
  std::string name;
  std::string method;
  std::string path;
  std::string query;
  std::vector<header> headers;
  std::string body;
  std::string signed_headers;
  std::string signature;
  std::string service = "service";
  std::string host = "example.amazonaws.com";
  std::string time = "2015-08-30T12:36:00Z";
  std::string region = "us-east-1";
  std::string token = {};
};

std::string const sts_token =
    "AQoDYXdzEPT//////////"
    "wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx"
    "7mSEI/qkPpKPi/"
    "kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6"
    "d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

std::string const converse =
    R"({"messages":[{"role":"user","content":[{"text":"hi"}]}],"inferenceConfig":{"maxTokens":16}})";
constexpr std::string_view bedrock_host = "bedrock-runtime.us-east-1.amazonaws.com";
constexpr header json_type = {"Content-Type", "application/json"};

std::vector<vector> const vectors = {
    {"get-vanilla",
     "GET",
     "/",
     "",
     {},
     "",
     "host;x-amz-date",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-vanilla-query-order-key-case",
     "GET",
     "/",
     "Param2=value2&Param1=value1",
     {},
     "",
     "host;x-amz-date",
     "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
    {"get-vanilla-utf8-query",
     "GET",
     "/",
     "\xE1\x88\xB4=bar",
     {},
     "",
     "host;x-amz-date",
     "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
    {"the same, encoded",
     "GET",
     "/",
     "%e1%88%b4=bar",
     {},
     "",
     "host;x-amz-date",
     "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
    {"get-header-key-duplicate",
     "GET",
     "/",
     "",
     {{"My-Header1", "value2"}, {"My-Header1", "value2"}, {"my-header1", "value1"}},
     "",
     "host;my-header1;x-amz-date",
     "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
    {"get-header-value-trim",
     "GET",
     "/",
     "",
     {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}},
     "",
     "host;my-header1;my-header2;x-amz-date",
     "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
    {"get-slashes",
     "GET",
     "//example//",
     "",
     {},
     "",
     "host;x-amz-date",
     "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
    {"get-slash-pointless-dot",
     "GET",
     "/./example",
     "",
     {},
     "",
     "host;x-amz-date",
     "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"},
    {"get-relative-relative",
     "GET",
     "/example1/example2/../..",
     "",
     {},
     "",
     "host;x-amz-date",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"post-vanilla",
     "POST",
     "/",
     "",
     {},
     "",
     "host;x-amz-date",
     "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
    {"post-x-www-form-urlencoded",
     "POST",
     "/",
     "",
     {{"Content-Type", "application/x-www-form-urlencoded"}},
     "Param1=value1",
     "content-type;host;x-amz-date",
     "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
    {.name = "post-sts-header-before",
     .method = "POST",
     .path = "/",
     .signed_headers = "host;x-amz-date;x-amz-security-token",
     .signature = "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
     .token = sts_token},
    {.name = "IAM ListUsers, of the documentation",
     .method = "GET",
     .path = "/",
     .query = "Action=ListUsers&Version=2010-05-08",
     .headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}},
     .signed_headers = "content-type;host;x-amz-date",
     .signature = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
     .service = "iam",
     .host = "iam.amazonaws.com"},
    {.name = "a model id with a colon",
     .method = "POST",
     .path = "/model/anthropic.claude-haiku-4-5-20251001-v1%3A0/converse",
     .headers = {json_type},
     .body = converse,
     .signed_headers = "content-type;host;x-amz-date",
     .signature = "13c051ea277357259ee12f7a1a0aae31aaa1deca5a3dff3fb2d566fc464b5fd2",
     .service = "bedrock",
     .host = std::string(bedrock_host),
     .time = "2026-11-22T07:00:00Z"},
    {.name = "an ARN",
     .method = "POST",
     .path = "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A111122223333%3Aapplication-inference-profile%2Fabc123/converse",
     .headers = {json_type},
     .body = converse,
     .signed_headers = "content-type;host;x-amz-date",
     .signature = "90484d254786f4af19ae774ca74920ed62e97b1b819001699ab66ec8f460c417",
     .service = "bedrock",
     .host = std::string(bedrock_host),
     .time = "2026-11-22T07:00:00Z"},
    {.name = "a session token",
     .method = "POST",
     .path = "/model/anthropic.claude-haiku-4-5-20251001-v1%3A0/converse",
     .headers = {json_type},
     .body = converse,
     .signed_headers = "content-type;host;x-amz-date;x-amz-security-token",
     .signature = "d5dddbd9bfbf4f04198076e37255ce5692350e0dc4c4afaf53dfbf777af31532",
     .service = "bedrock",
     .host = std::string(bedrock_host),
     .time = "2026-11-22T07:00:00Z",
     .token = "session/token+value=="},
    {.name = "the last second of a year, a query with a space",
     .method = "GET",
     .path = "/foundation-models",
     .query = "byOutputModality=TEXT&byProvider=a%20b",
     .signed_headers = "host;x-amz-date",
     .signature = "d13913829214b545c88096729facc7b9d58310b1042d81a7012bb8b5604e8370",
     .service = "bedrock",
     .host = "bedrock.eu-west-1.amazonaws.com",
     .time = "2026-12-31T23:59:59Z",
     .region = "eu-west-1"},
    {.name = "a port",
     .method = "POST",
     .path = "/model/m/converse",
     .headers = {json_type},
     .body = converse,
     .signed_headers = "content-type;host;x-amz-date",
     .signature = "62d8c3f532270f19f993bd07c72c01859f43c4e112a20d2ed2d64b28edad48e2",
     .service = "bedrock",
     .host = "127.0.0.1:4566",
     .time = "2026-11-22T07:00:00Z"},
};

std::string value(header_list const& headers, std::string_view name) {
  for (auto const& [other, text] : headers) {
    if (other == name) return text;
  }
  return {};
}

TEST(aws_signer, gives_the_signatures_that_aws_gives) {
  for (auto const& one : vectors) {
    aws_signer signer({"AKIDEXAMPLE", std::string(secret), one.token}, one.region, one.service);
    std::string_view const pieces[] = {one.body};
    auto const now = at(one.time);
    auto const headers = signer.sign({.method = one.method,
                                      .host = one.host,
                                      .path = one.path,
                                      .query = one.query,
                                      .headers = one.headers,
                                      .body = pieces},
                                     now);
    auto const stamp = basic_timestamp(now);
    EXPECT_EQ(value(headers, "authorization"),
              "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/" + stamp.substr(0, 8) + "/" + one.region + "/" + one.service +
                  "/aws4_request, SignedHeaders=" + one.signed_headers + ", Signature=" + one.signature)
        << one.name;
    EXPECT_EQ(value(headers, "x-amz-date"), stamp);
    EXPECT_EQ(value(headers, "x-amz-security-token"), one.token);
    EXPECT_EQ(headers.size(), one.token.empty() ? 2u : 3u) << one.name;
  }
}

TEST(aws_signer, goes_through_the_steps_of_the_documentation) {
  EXPECT_EQ(bytes_of(signing_key(secret, "20150830", "us-east-1", "iam")),
            "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
  EXPECT_EQ(bytes_of(signing_key(secret, "20261122", "us-east-1", "bedrock")),
            "c2443b379186ea2aa895ac3ec635fed374bb393d56ae3cc9692baa1a107c2262");
  EXPECT_EQ(bytes_of(sha256(converse)), "5903c58ae9037766e41ea3e3ef4368cbac6b3f82d1c1f15a67ac4a7520b79d7f");
  header const headers[] = {json_type};
  header_list const added = {{"x-amz-date", "20261122T070000Z"}};
  for (auto const& [path, hash] : std::vector<std::pair<std::string, std::string>>{
           {"/model/anthropic.claude-haiku-4-5-20251001-v1%3A0/converse",
            "c5afe06038cc3b1b2ca813b99bab4b65c0da7cf2faaba6b320971636ae9d2292"},
           {"/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A111122223333%3Aapplication-inference-profile%2Fabc123/converse",
            "52063e83104ae3f500ab4f8213ada72a35f7d0c47f4da3bf9e5451a193438452"}}) {
    auto const canonical =
        make_canonical({.host = bedrock_host, .path = path, .headers = headers}, added, hex(sha256(converse)));
    EXPECT_EQ(bytes_of(sha256(canonical.text)), hash) << canonical.text;
  }
}

TEST(aws_signer, writes_paths_canonically) {
  struct row {
    std::string_view wire, canonical;
  };
  for (auto const& [wire, canonical] : std::vector<row>{
           {"/model/a%3A0/converse", "/model/a%253A0/converse"},
           {"/model/a:0/converse", "/model/a%3A0/converse"},
           {"/a-b_c.d~e", "/a-b_c.d~e"},
           {"", "/"},
           {"/", "/"},
           {"/a/", "/a/"},
           {"/a//b", "/a/b"},
           {"/../../a", "/a"},
           {"/a/..", "/"},
           {"/%2E%2E/a", "/%252E%252E/a"},
           {"/\xE1\x88\xB4", "/%E1%88%B4"},
       }) {
    EXPECT_EQ(canonical_path(wire), canonical) << wire;
  }
}

TEST(aws_signer, writes_queries_canonically) {
  struct row {
    std::string_view wire, canonical;
  };
  for (auto const& [wire, canonical] : std::vector<row>{
           {"", ""},
           {"b=2&a=1", "a=1&b=2"},
           {"a=2&a=1", "a=1&a=2"},
           {"flag", "flag="},
           {"flag=", "flag="},
           {"a=b=c", "a=b%3Dc"},
           {"&&a=1&", "a=1"},
           {"a=%zz%4", "a=%25zz%254"},
           {"a=%2f%7e", "a=%2F~"},
           {"B=1&a=1", "B=1&a=1"},
           {"a-=1&a=2", "a=2&a-=1"},
       }) {
    EXPECT_EQ(canonical_query(wire), canonical) << wire;
  }
}

TEST(aws_signer, signs_a_body_in_pieces_as_one) {
  auto const now = at("2026-11-22T07:00:00Z");
  header const headers[] = {json_type};
  aws_signer signer({"AKIDEXAMPLE", std::string(secret), ""}, "us-east-1", "bedrock");
  for (std::size_t cut = 0; cut <= converse.size(); ++cut) {
    std::string_view const pieces[] = {std::string_view(converse).substr(0, cut), "",
                                       std::string_view(converse).substr(cut)};
    auto const signed_with = signer.sign({.host = bedrock_host,
                                          .path = "/model/anthropic.claude-haiku-4-5-20251001-v1%3A0/converse",
                                          .headers = headers,
                                          .body = pieces},
                                         now);
    EXPECT_TRUE(value(signed_with, "authorization")
                    .ends_with("13c051ea277357259ee12f7a1a0aae31aaa1deca5a3dff3fb2d566fc464b5fd2"))
        << cut;
  }
}

TEST(aws_signer, takes_a_new_key_on_a_new_day) {
  aws_signer kept({"AKIDEXAMPLE", std::string(secret), ""}, "us-east-1", "bedrock");
  for (auto const* time : {"2026-11-22T23:59:59Z", "2026-11-23T00:00:00Z", "2026-11-22T23:59:59Z"}) {
    aws_signer fresh({"AKIDEXAMPLE", std::string(secret), ""}, "us-east-1", "bedrock");
    EXPECT_EQ(kept.sign({.host = bedrock_host}, at(time)), fresh.sign({.host = bedrock_host}, at(time)));
  }
}

TEST(aws_signer, leaves_out_what_proxies_change_and_what_it_adds_itself) {
  header const headers[] = {{"User-Agent", "x"},     {"Connection", "close"},  {"Authorization", "Bearer x"},
                            {"Proxy-Anything", "x"}, {"Sec-Fetch-Mode", "x"},  {"Host", "evil"},
                            {"X-Amz-Date", "never"}, {"X-Amzn-Trace-Id", "x"}, {"Expect", "100-continue"},
                            {"X-Amz-Custom", "kept"}};
  auto const canonical = make_canonical({.host = "h", .headers = headers}, {{"x-amz-date", "d"}}, "p");
  EXPECT_EQ(canonical.signed_headers, "host;x-amz-custom;x-amz-date");
  EXPECT_EQ(canonical.text, "POST\n/\n\nhost:h\nx-amz-custom:kept\nx-amz-date:d\n\nhost;x-amz-custom;x-amz-date\np");
}

TEST(aws_signer, sends_and_signs_the_hash_of_the_body_when_asked) {
  aws_signer signer({"AKIDEXAMPLE", std::string(secret), ""}, "us-east-1", "bedrock");
  auto const headers = signer.sign({.host = "h", .content_hash = true}, at("2026-11-22T07:00:00Z"));
  EXPECT_EQ(value(headers, "x-amz-content-sha256"), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_TRUE(has(value(headers, "authorization"), "SignedHeaders=host;x-amz-content-sha256;x-amz-date,"));
}

}  // namespace
}  // namespace recloser::providers
