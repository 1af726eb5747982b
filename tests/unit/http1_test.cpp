// The rules of resilience.md §10.1, row by row: what a Beast parser lets through must be refused here.

#include "net/http1.hpp"

#include <gtest/gtest.h>

#include <string>

namespace recloser::net {
namespace {

struct head_case {
  char const* name;
  std::string bytes;
  int status;  // 0: accepted
};

std::string with(std::string const& lines) { return "POST /v1/x HTTP/1.1\r\nHost: localhost\r\n" + lines + "\r\n"; }

class RequestHeads : public testing::TestWithParam<head_case> {};

TEST_P(RequestHeads, AreAcceptedOrRefusedByTheTable) {
  request_head head;
  parsed const result = parse_request_head(GetParam().bytes, head_limits{}, head);
  EXPECT_EQ(result.refusal.status, GetParam().status) << result.refusal.reason;
  if (GetParam().status == 0) EXPECT_EQ(result.size, GetParam().bytes.size());
}

INSTANTIATE_TEST_SUITE_P(
    Table, RequestHeads,
    testing::Values(
        head_case{"plain", with("Content-Length: 5\r\n"), 0},
        head_case{"chunked", with("Transfer-Encoding: chunked\r\n"), 0},
        head_case{"chunked_any_case", with("Transfer-Encoding: Chunked\r\n"), 0},
        head_case{"leading_crlf", "\r\n" + with(""), 0},
        head_case{"no_host", "GET / HTTP/1.1\r\n\r\n", 400},
        head_case{"two_hosts", with("Host: localhost\r\n"), 400},
        head_case{"empty_host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
        head_case{"host_with_space", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
        head_case{"host_with_userinfo", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
        head_case{"host_with_path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
        head_case{"host_with_word_as_port", "GET / HTTP/1.1\r\nHost: localhost:port\r\n\r\n", 400},
        head_case{"host_with_two_ports", "GET / HTTP/1.1\r\nHost: localhost:1:2\r\n\r\n", 400},
        head_case{"host_v6", "GET / HTTP/1.1\r\nHost: [::1]:4100\r\n\r\n", 0},
        head_case{"host_v6_open", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400},
        head_case{"te_xchunked", with("Transfer-Encoding: xchunked\r\n"), 400},
        head_case{"te_empty", with("Transfer-Encoding:\r\n"), 400},
        head_case{"te_identity", with("Transfer-Encoding: identity\r\n"), 400},
        head_case{"te_not_final", with("Transfer-Encoding: chunked, gzip\r\n"), 400},
        head_case{"te_repeated", with("Transfer-Encoding: chunked, chunked\r\n"), 400},
        head_case{"te_gzip_first", with("Transfer-Encoding: gzip, chunked\r\n"), 501},
        head_case{"te_parameter", with("Transfer-Encoding: chunked;q=1\r\n"), 400},
        head_case{"te_twice", with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
        head_case{"te_http10", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        head_case{"cl_and_te", with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400},
        head_case{"te_and_cl", with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400},
        head_case{"cl_list", with("Content-Length: 5, 5\r\n"), 400},
        head_case{"cl_repeated", with("Content-Length: 5\r\nContent-Length: 5\r\n"), 400},
        head_case{"cl_differs", with("Content-Length: 5\r\nContent-Length: 6\r\n"), 400},
        head_case{"cl_signed", with("Content-Length: +5\r\n"), 400},
        head_case{"cl_hex", with("Content-Length: 0x5\r\n"), 400},
        head_case{"cl_empty", with("Content-Length:\r\n"), 400},
        head_case{"cl_overflow", with("Content-Length: 99999999999999999999\r\n"), 400},
        head_case{"obs_fold", with("X: a\r\n b\r\n"), 400},
        head_case{"obs_fold_in_te", with("Transfer-Encoding:\r\n chunked\r\n"), 400},
        head_case{"space_before_colon", with("X : a\r\n"), 400},
        head_case{"no_colon", with("X\r\n"), 400},
        head_case{"bare_cr", with("X: a\rb\r\n"), 400},
        head_case{"bare_lf", "GET / HTTP/1.1\nHost: a\n\n", 400},
        head_case{"nul_in_value", with(std::string("X: a\0b\r\n", 8)), 400},
        head_case{"high_bytes_in_value", with("X: \xc3\xa4\r\n"), 0},
        head_case{"high_bytes_in_target", "GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        head_case{"two_spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        head_case{"http09", "GET /\r\nHost: a\r\n\r\n", 400},
        head_case{"http2_preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        head_case{"http12", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
        head_case{"lower_case_version", "GET / http/1.1\r\nHost: a\r\n\r\n", 400},
        head_case{"absolute_form", "GET http://localhost/x HTTP/1.1\r\nHost: localhost\r\n\r\n", 0},
        head_case{"absolute_form_of_another", "GET http://evil/x HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
        head_case{"options_star", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 0},
        head_case{"get_star", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        head_case{"expect", with("Expect: 100-Continue\r\n"), 0},
        head_case{"other_expectation", with("Expect: cake\r\n"), 417},
        head_case{"long_target", "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
        head_case{"large_head", with("X: " + std::string(40000, 'a') + "\r\n"), 431},
        head_case{"many_fields", with([] { std::string s; for (int i = 0; i < 101; ++i) s += "X: a\r\n"; return s; }()), 431}),
    [](auto const& info) { return std::string(info.param.name); });

TEST(RequestHead, NeedsMoreUntilTheBlankLineAndNeverGuesses) {
  std::string const bytes = with("Content-Length: 5\r\n");
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    request_head head;
    parsed const result = parse_request_head(std::string_view(bytes).substr(0, n), head_limits{}, head);
    EXPECT_EQ(result.size, 0u) << n;
    EXPECT_EQ(result.refusal.status, 0) << n;
  }
}

TEST(RequestHead, ReducesAbsoluteFormToItsPath) {
  request_head head;
  parse_request_head("GET http://localhost:4100/v1/models?x HTTP/1.1\r\nHost: localhost:4100\r\n\r\n", head_limits{}, head);
  EXPECT_EQ(head.target, "/v1/models?x");
}

TEST(RequestHead, KeepsTheConnectionAsItsVersionSays) {
  request_head head;
  parse_request_head(with(""), head_limits{}, head);
  EXPECT_TRUE(head.keep_alive);
  parse_request_head(with("Connection: Close\r\n"), head_limits{}, head);
  EXPECT_FALSE(head.keep_alive);
  parse_request_head("GET / HTTP/1.0\r\nHost: a\r\n\r\n", head_limits{}, head);
  EXPECT_FALSE(head.keep_alive);
  parse_request_head("GET / HTTP/1.0\r\nHost: a\r\nConnection: x, keep-alive\r\n\r\n", head_limits{}, head);
  EXPECT_TRUE(head.keep_alive);
}

TEST(RequestHead, LeavesPipelinedBytesAlone) {
  request_head head;
  std::string const first = with("");
  EXPECT_EQ(parse_request_head(first + "GET /", head_limits{}, head).size, first.size());
}

// ---- bodies ----------------------------------------------------------------------------------------------------

struct body_result {
  std::string payload;
  std::string rest;
  bool done = false;
  bool failed = false;
};

/// Decodes `bytes` in pieces of `piece` bytes.
body_result decode(std::string const& bytes, std::size_t piece) {
  body_decoder decoder(framing{body_kind::chunked, 0});
  body_result result;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    std::string part = bytes.substr(at, piece);
    auto const step = decoder.decode(part.data(), part.size());
    result.payload.append(part.data(), step.produced);
    result.rest += part.substr(step.consumed);
    if (decoder.failed()) break;
  }
  result.done = decoder.done();
  result.failed = decoder.failed();
  return result;
}

TEST(ChunkedBody, IsDecodedTheSameHoweverItIsCut) {
  std::string const bytes = "5;name=\"v\"\r\nhello\r\n1A\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\nX-Trailer: y\r\n\r\nNEXT";
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    body_result const result = decode(bytes, piece);
    EXPECT_TRUE(result.done) << piece;
    EXPECT_EQ(result.payload, "helloabcdefghijklmnopqrstuvwxyz") << piece;
    EXPECT_EQ(result.rest, "NEXT") << piece;
  }
}

class BadChunks : public testing::TestWithParam<std::string> {};

TEST_P(BadChunks, AreRefused) { EXPECT_TRUE(decode(GetParam(), 1).failed); }

std::string many(std::string const& what, int count) {
  std::string result;
  for (int i = 0; i < count; ++i) result += what;
  return result;
}

INSTANTIATE_TEST_SUITE_P(Table, BadChunks,
                         testing::Values("x\r\n", "\r\n", "-1\r\n", "5\nhello\r\n", "5\r\nhelloX\r\n", "5\r\nhello\nX",
                                         "fffffffffffffffff\r\n", "5;" + std::string(5000, 'a') + "\r\n",
                                         many("1;" + std::string(400, 'a') + "\r\nx\r\n", 12),
                                         "0\r\n" + many("X: y\r\n", 17) + "\r\n", "0\r\nX: " + std::string(5000, 'a') + "\r\n",
                                         "0\r\nX: a\nb\r\n\r\n", "5 \r\nhello\r\n", "0\r\nno colon\r\n\r\n",
                                         "0\r\n folded: x\r\n\r\n", "0\r\nnocolon\r\n\r\n"));

TEST(SizedBody, TakesItsBytesAndNoMore) {
  body_decoder decoder(framing{body_kind::length, 5});
  std::string bytes = "helloNEXT";
  auto const step = decoder.decode(bytes.data(), bytes.size());
  EXPECT_EQ(step.consumed, 5u);
  EXPECT_EQ(step.produced, 5u);
  EXPECT_TRUE(decoder.done());
}

// ---- answers ---------------------------------------------------------------------------------------------------

TEST(ResponseHead, ReadsFramingAndReuse) {
  response_head head;
  EXPECT_GT(parse_response_head("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", 1000, head).size, 0u);
  EXPECT_EQ(head.framing.kind, body_kind::length);
  EXPECT_TRUE(head.keep_alive);
  parse_response_head("HTTP/1.1 200\r\n\r\n", 1000, head);
  EXPECT_EQ(head.framing.kind, body_kind::until_close);
  EXPECT_FALSE(head.keep_alive);
  parse_response_head("HTTP/1.1 204 No Content\r\n\r\n", 1000, head);
  EXPECT_EQ(head.framing.kind, body_kind::none);
  parse_response_head("HTTP/1.1 100 Continue\r\n\r\n", 1000, head);
  EXPECT_EQ(head.status, 100);
  EXPECT_EQ(head.framing.kind, body_kind::none);
}

TEST(ResponseHead, RefusesGarbageAtItsFirstBytes) {
  response_head head;
  EXPECT_NE(parse_response_head("SSH-2.0-OpenSSH", 1000, head).refusal.status, 0);
  EXPECT_NE(parse_response_head("HTTP/1.1 2000 OK\r\n\r\n", 1000, head).refusal.status, 0);
  EXPECT_NE(parse_response_head("HTTP/1.1 20x OK\r\n\r\n", 1000, head).refusal.status, 0);
  EXPECT_NE(parse_response_head("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 1000, head).refusal.status, 0);
  EXPECT_NE(parse_response_head("HTTP/1.1 200 OK\r\nX: " + std::string(2000, 'a'), 1000, head).refusal.status, 0);
  EXPECT_EQ(parse_response_head("HTT", 1000, head).refusal.status, 0);
}

}  // namespace
}  // namespace recloser::net
