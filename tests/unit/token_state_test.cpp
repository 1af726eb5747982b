// When a fetched credential is renewed, and the small parts that all credentials share: dates, encodings, URLs.

#include "providers/token_state.hpp"

#include <string>
#include <string_view>
#include <vector>

#include "credential_fixture.hpp"
#include "providers/encoding.hpp"
#include "providers/token_answer.hpp"

namespace recloser::providers {
namespace {

using std::chrono::seconds;
using step = token_state::step;

constexpr wall_time start{seconds(1'800'000'000)};

TEST(token_state, begins_with_a_fetch) { EXPECT_EQ(token_state().ask(start), step::fetch); }

TEST(token_state, renews_five_minutes_before_the_end_and_waits_in_the_last_half_minute) {
  token_state state;
  state.fetched(start + seconds(3600), start);
  struct row {
    int after;
    step is;
  };
  for (auto const& [after, is] : std::vector<row>{{0, step::use},
                                                  {3299, step::use},
                                                  {3300, step::refresh},
                                                  {3569, step::refresh},
                                                  {3570, step::fetch},
                                                  {3600, step::fetch},
                                                  {90'000, step::fetch}}) {
    EXPECT_EQ(state.ask(start + seconds(after)), is) << after;
  }
}

TEST(token_state, takes_smaller_margins_for_short_lives) {
  token_state state;
  state.fetched(start + seconds(300), start);  // what a metadata server gives out near the end
  EXPECT_EQ(state.ask(start + seconds(224)), step::use);
  EXPECT_EQ(state.ask(start + seconds(225)), step::refresh);
  EXPECT_EQ(state.ask(start + seconds(269)), step::refresh);
  EXPECT_EQ(state.ask(start + seconds(270)), step::fetch);
}

TEST(token_state, does_not_fetch_again_at_once_whatever_the_expiry_says) {
  for (auto const expires : {start, start - seconds(86'400), wall_time::min() + seconds(86'400), start + seconds(1)}) {
    token_state state;
    state.fetched(expires, start);
    EXPECT_EQ(state.ask(start), step::use);
    EXPECT_EQ(state.ask(start + seconds(9)), step::use);
    EXPECT_EQ(state.ask(start + seconds(10)), step::fetch);
  }
}

TEST(token_state, keeps_what_never_ends) {
  token_state state;
  state.fetched(wall_time::max(), start);
  EXPECT_EQ(state.ask(start + std::chrono::hours(1'000'000)), step::use);
}

TEST(token_state, backs_off_after_failures) {
  token_state state;
  auto now = start;
  for (int const wait : {1, 2, 4, 8, 16, 32, 60, 60, 60}) {
    EXPECT_EQ(state.ask(now), step::fetch);
    state.failed(now);
    EXPECT_EQ(state.retry_at(), now + seconds(wait));
    EXPECT_EQ(state.ask(now + seconds(wait - 1)), step::fail);
    now += seconds(wait);
  }
  state.fetched(now + seconds(3600), now);
  state.failed(now + seconds(3300));
  EXPECT_EQ(state.retry_at(), now + seconds(3301));  // success forgets the failures before it
}

TEST(token_state, uses_what_it_has_while_renewing_fails) {
  token_state state;
  state.fetched(start + seconds(3600), start);
  auto const now = start + seconds(3560);
  EXPECT_EQ(state.ask(now), step::refresh);
  state.failed(now);
  EXPECT_EQ(state.ask(now), step::use);
  EXPECT_EQ(state.ask(now + seconds(1)), step::refresh);
  state.failed(now + seconds(9));
  EXPECT_EQ(state.ask(now + seconds(10)), step::fail);
}

TEST(token_state, waits_as_long_as_the_server_wishes_but_not_for_ever) {
  struct row {
    long milliseconds;
    int wait;
  };
  for (auto const& [wish, wait] : std::vector<row>{{0, 1}, {-5, 1}, {1500, 2}, {20'000, 20}, {86'400'000, 300}}) {
    token_state state;
    state.failed(start, std::chrono::milliseconds(wish));
    EXPECT_EQ(state.retry_at(), start + seconds(wait)) << wish;
  }
}

TEST(token_state, drops_a_refused_token_once) {
  token_state state;
  EXPECT_TRUE(state.rejected(start));
  state.fetched(start + seconds(3600), start);
  EXPECT_FALSE(state.rejected(start + seconds(9)));  // late answers to its predecessor, or a credential that is no good
  EXPECT_EQ(state.ask(start + seconds(9)), step::use);
  EXPECT_TRUE(state.rejected(start + seconds(10)));
  EXPECT_EQ(state.ask(start + seconds(10)), step::fetch);
}

TEST(token_state, is_not_locked_out_by_a_clock_that_was_set_back) {
  token_state state;
  state.failed(start);
  EXPECT_EQ(state.ask(start - seconds(86'400)), step::fetch);
  state.fetched(start + seconds(3600), start);
  EXPECT_TRUE(state.rejected(start - seconds(86'400)));
}

// ---- dates -----------------------------------------------------------------------------------------------------

TEST(wall_time, reads_timestamps) {
  struct row {
    std::string_view text;
    std::string_view basic;  ///< empty: refused
  };
  for (auto const& [text, basic] : std::vector<row>{
           {"2015-08-30T12:36:00Z", "20150830T123600Z"},
           {"2015-08-30T12:36:00.123456789Z", "20150830T123600Z"},
           {"2015-08-30T14:36:00+02:00", "20150830T123600Z"},
           {"2015-08-30T07:06:00-05:30", "20150830T123600Z"},
           {"2024-02-29T00:00:00Z", "20240229T000000Z"},
           {"2026-12-31T23:59:60Z", "20270101T000000Z"},
           {"9999-12-31T23:59:59Z", "99991231T235959Z"},
           {"1970-01-01T00:00:00Z", "19700101T000000Z"},
           {"2023-02-29T00:00:00Z", ""},
           {"2023-13-01T00:00:00Z", ""},
           {"2023-00-10T00:00:00Z", ""},
           {"2015-08-30T24:00:00Z", ""},
           {"2015-08-30T12:60:00Z", ""},
           {"2015-08-30T12:36:61Z", ""},
           {"2015-08-30T12:36:00", ""},
           {"2015-08-30T12:36:00.Z", ""},
           {"2015-08-30T12:36:00.", ""},
           {"2015-08-30T12:36:00Zx", ""},
           {"2015-08-30T12:36:00+2:00", ""},
           {"2015-08-30 12:36:00Z", ""},
           {"+015-08-30T12:36:00Z", ""},
           {"2015-08", ""},
           {"", ""},
       }) {
    auto const time = parse_timestamp(text);
    EXPECT_EQ(time ? basic_timestamp(*time) : "", basic) << text;
  }
}

// ---- encodings -------------------------------------------------------------------------------------------------

TEST(encoding, writes_base64_in_both_alphabets) {  // RFC 4648 §10, and bytes for the last two letters
  struct row {
    std::string_view bytes, plain, url;
  };
  for (auto const& [bytes, plain, url] : std::vector<row>{{"", "", ""},
                                                          {"f", "Zg==", "Zg"},
                                                          {"fo", "Zm8=", "Zm8"},
                                                          {"foo", "Zm9v", "Zm9v"},
                                                          {"foob", "Zm9vYg==", "Zm9vYg"},
                                                          {"fooba", "Zm9vYmE=", "Zm9vYmE"},
                                                          {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
                                                          {"\xFB\xFF\xBE", "+/++", "-_--"}}) {
    EXPECT_EQ(base64(bytes), plain);
    EXPECT_EQ(base64url(bytes), url);
  }
}

TEST(encoding, writes_forms) {
  EXPECT_EQ(form_body({{"a", "x y"}, {"none", ""}, {"b", "+/=&%~\xC3\xA9"}}), "a=x%20y&b=%2B%2F%3D%26%25~%C3%A9");
  EXPECT_EQ(form_body({}), "");
}

// ---- URLs ------------------------------------------------------------------------------------------------------

TEST(token_url, must_not_send_credentials_in_the_clear) {
  struct row {
    std::string_view url;
    bool plain, metadata;  ///< accepted: always, where a metadata service is expected
  };
  for (auto const& [url, plain, metadata] : std::vector<row>{
           {"https://oauth2.googleapis.com/token", true, true},
           {"https://sts.us-east-1.amazonaws.com:8443/", true, true},
           {"http://127.0.0.1:8080/token", true, true},
           {"http://localhost:8080/token?a=b", true, true},
           {"http://[::1]/token", true, true},
           {"http://169.254.169.254/x", false, true},
           {"http://169.254.170.23/v1/credentials", false, true},
           {"http://[fd00:ec2::23]/v1/credentials", false, true},
           {"http://[fd00:ec2::254]", false, true},
           {"http://oauth2.googleapis.com/token", false, false},
           {"http://169.254.169.254.evil.example/x", false, false},
           {"http://127.0.0.1@evil.example/", false, false},
           {"https://user:pass@example.com/", false, false},
           {"http://localhost.evil.example/", false, false},
           {"http://127.0.0.1.evil.example/", false, false},
           {"http://127.evil.example/", false, false},
           {"http://metadata.google.internal.evil.example/", false, false},
           {"http://instance-data.evil.example/", false, false},
           {"http://10.0.0.1/", false, false},
           {"https://example.com/#x", false, false},
           {"https://example.com:port/", false, false},
           {"https://example.com/a b", false, false},
           {"https://example.com/\r\nx: y", false, false},
           {"https:///token", false, false},
           {"ftp://example.com/", false, false},
           {"file:///etc/passwd", false, false},
           {"example.com", false, false},
           {"", false, false},
       }) {
    EXPECT_EQ(token_url_fault(url).empty(), plain) << url << ": " << token_url_fault(url);
    EXPECT_EQ(token_url_fault(url, true).empty(), metadata) << url << ": " << token_url_fault(url, true);
  }
  EXPECT_TRUE(is_metadata_url("http://169.254.169.254/x"));
  EXPECT_FALSE(is_metadata_url("https://example.com/x"));
  EXPECT_FALSE(is_metadata_url("nonsense"));
}

// ---- inputs ----------------------------------------------------------------------------------------------------

TEST(credential_inputs, read_the_files_of_this_machine) {
  auto const in = process_credentials();
  auto const there = in.read_file(RECLOSER_SOURCE_DIR "/CMakeLists.txt");
  ASSERT_TRUE(there);
  EXPECT_TRUE(has(there->value(), "project(recloser"));
  auto const missing = in.read_file(RECLOSER_SOURCE_DIR "/no such file");
  ASSERT_TRUE(missing);
  EXPECT_FALSE(missing->has_value());
  EXPECT_FALSE(in.read_file(RECLOSER_SOURCE_DIR));
  EXPECT_FALSE(in.env("RECLOSER_NO_SUCH_VARIABLE"));
}

// ---- answers of token endpoints --------------------------------------------------------------------------------

TEST(token_answer, reads_how_long_a_token_lives) {
  struct row {
    std::string_view expires_in;
    long lives;
  };
  for (auto const& [expires_in, lives] : std::vector<row>{{"3599", 3599},
                                                          {"\"3599\"", 3599},
                                                          {"3599.0", 3599},
                                                          {"0", 0},
                                                          {"-1", 0},
                                                          {"1e300", 600},
                                                          {"99999999999999", 366L * 86'400},
                                                          {"null", 600},
                                                          {"\"soon\"", 600},
                                                          {"[1]", 600}}) {
    auto const body = R"({"access_token":"t","token_type":"bearer","expires_in":)" + std::string(expires_in) + "}";
    auto const read = read_token({.status = 200, .body = body}, start, {.whom = "X"});
    ASSERT_TRUE(read) << expires_in;
    EXPECT_EQ(read->value, "t");
    EXPECT_EQ((read->expires - start).count(), lives) << expires_in;
  }
}

TEST(token_answer, refuses_what_is_no_token) {
  std::vector<std::string> const bodies = {"",
                                           "[]",
                                           "null",
                                           "{",
                                           R"({"access_token":""})",
                                           R"({"access_token":7})",
                                           R"({"access_token":"a b"})",
                                           R"({"access_token":"a\r\nx: y"})",
                                           R"({"access_token":"t","token_type":"mac"})",
                                           R"({"token":"t"})",
                                           "\xFF\xFE",
                                           std::string(1u << 17, '[')};
  for (auto const& body : bodies) {
    auto const read = read_token({.status = 200, .body = body}, start, {.whom = "X"});
    ASSERT_FALSE(read) << body.substr(0, 80);
    EXPECT_EQ(read.error().what, chat::fault_class::bad_response);
  }
  std::string const huge = R"({"access_token":")" + std::string(300'000, 'a') + R"("})";
  EXPECT_TRUE(has(fault_of(read_token({.status = 200, .body = huge}, start, {.whom = "X"})), "too large"));
}

TEST(token_answer, classes_refusals) {
  using enum chat::fault_class;
  struct row {
    int status;
    std::string_view body;
    chat::fault_class what;
    std::string_view says;
  };
  for (auto const& [status, body, what, says] : std::vector<row>{
           {400, R"({"error":"invalid_grant","error_description":"Bad Request"})", auth,
            "X refused the credential: invalid_grant: Bad Request; do this"},
           {400, R"({"error":"invalid_grant","error_description":"reauth","error_subtype":"invalid_rapt"})", auth,
            "invalid_grant: reauth (invalid_rapt)"},
           {200, R"({"error":"invalid_grant"})", auth, "invalid_grant"},
           {401, R"({"error":"invalid_client"})", auth, "invalid_client"},
           {403, R"({"error":{"code":403,"message":"Permission denied","status":"PERMISSION_DENIED"}})", auth,
            "PERMISSION_DENIED: Permission denied"},
           {404, "not found", auth, "X refused the credential; do this"},
           {400, R"({"error":"temporarily_unavailable"})", overloaded, "X answered 400: temporarily_unavailable"},
           {400, R"({"error":"server_error"})", server_error, "server_error"},
           {408, "", timeout, "X answered 408"},
           {429, "", rate_limit, "X answered 429"},
           {500, "<html>", server_error, "X answered 500"},
           {503, "{}", overloaded, "X answered 503"},
           {302, "", bad_response, "X answered 302"},
           {400, R"({"error":["x"],"error_description":{"a":1}})", auth, "X refused the credential; do this"},
           {400, "{\"error\":\"a\\u0000b <script>\"}", auth, "X refused the credential; do this"},
       }) {
    auto const read = read_token({.status = status, .body = body}, start, {.whom = "X", .hint = "do this"});
    ASSERT_FALSE(read) << body;
    EXPECT_EQ(read.error().what, what) << body << read.error().message;
    EXPECT_EQ(read.error().source, chat::fault_source::upstream);
    EXPECT_TRUE(has(read.error().message, says)) << read.error().message;
  }
}

TEST(token_answer, does_not_repeat_the_secrets_that_a_server_repeats) {
  std::string const secrets[] = {"p+w/d~long", "1//refresh-me", ""};
  auto const fault = read_refusal(
      {.status = 400,
       .body =
           R"({"error":"1//refresh-me","error_description":"got p+w/d~long and p%2Bw%2Fd~long and 1//refresh-me, eyJhbGciOiJSUzI1NiJ9.e30.c2ln"})"},
      {.whom = "X", .secrets = secrets});
  EXPECT_EQ(fault.message, "X refused the credential: got *** and *** and ***, eyJ***");
}

}  // namespace
}  // namespace recloser::providers
