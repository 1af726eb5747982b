#include "server/guard.hpp"

#include <gtest/gtest.h>

#include "server/endpoints.hpp"

namespace recloser::server {
namespace {

net::fields headers(std::initializer_list<std::pair<char const*, char const*>> list) {
  net::fields result;
  for (auto const& [name, value] : list) result.add(name, value);
  return result;
}

TEST(Host, OnALoopbackListenerOnlyLoopbackNamesPass) {
  config::config settings;
  for (char const* good : {"localhost", "LOCALHOST:4100", "localhost.", "127.0.0.1:4100", "127.1.2.3", "[::1]:4100"}) {
    EXPECT_TRUE(host_is_allowed(good, true, settings)) << good;
  }
  for (char const* bad : {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "127.evil.a.b", "0.0.0.0",
                          "192.168.1.1", "[::2]"}) {
    EXPECT_FALSE(host_is_allowed(bad, true, settings)) << bad;
  }
  settings.server.allowed_hosts = {"gateway.lan"};
  EXPECT_TRUE(host_is_allowed("Gateway.LAN:4100", true, settings));
  EXPECT_FALSE(host_is_allowed("other.lan", true, settings));
}

TEST(Host, BeyondLoopbackKeysProtectUnlessHostsAreListed) {
  config::config settings;
  EXPECT_FALSE(host_is_allowed("gateway.lan", false, settings)) << "no keys";
  settings.keys.push_back({"team", "secret"});
  EXPECT_TRUE(host_is_allowed("gateway.lan", false, settings));
  settings.server.allowed_hosts = {"other.lan"};
  EXPECT_FALSE(host_is_allowed("gateway.lan", false, settings));
}

TEST(Origin, PagesAreRefusedUnlessListedOrOurOwn) {
  config::server settings;
  auto check = [&](net::fields const& h) { return check_origin(h, "localhost:4100", settings); };
  EXPECT_EQ(check(headers({})), origin_verdict::none);
  EXPECT_EQ(check(headers({{"Origin", "https://evil.example"}})), origin_verdict::refused);
  EXPECT_EQ(check(headers({{"Origin", "null"}})), origin_verdict::refused);
  EXPECT_EQ(check(headers({{"Origin", "http://localhost:4100"}})), origin_verdict::none);
  EXPECT_EQ(check(headers({{"Origin", "http://localhost:3000"}})), origin_verdict::refused);
  EXPECT_EQ(check(headers({{"Sec-Fetch-Site", "cross-site"}})), origin_verdict::refused);
  EXPECT_EQ(check(headers({{"Sec-Fetch-Site", "same-origin"}})), origin_verdict::none);
  settings.allowed_origins = {"http://localhost:3000"};
  EXPECT_EQ(check(headers({{"Origin", "http://localhost:3000"}})), origin_verdict::allowed);
}

TEST(ContentType, OnlyJsonAndCurlsDefaultPass) {
  EXPECT_FALSE(check_content_type(headers({})));
  EXPECT_FALSE(check_content_type(headers({{"Content-Type", "application/json"}})));
  EXPECT_FALSE(check_content_type(headers({{"Content-Type", "application/JSON ; charset=utf-8"}})));
  EXPECT_FALSE(check_content_type(headers({{"Content-Type", "application/vnd.x+json"}})));
  EXPECT_FALSE(check_content_type(headers({{"Content-Type", "application/x-www-form-urlencoded"}})));
  EXPECT_TRUE(check_content_type(
      headers({{"Content-Type", "application/x-www-form-urlencoded"}, {"Origin", "http://localhost:4100"}})));
  EXPECT_TRUE(check_content_type(headers({{"Content-Type", "text/plain"}})));
  EXPECT_TRUE(check_content_type(headers({{"Content-Encoding", "gzip"}})));
}

TEST(Keys, AreTakenFromEveryHeaderThatSdksUse) {
  EXPECT_EQ(shown_key(headers({{"Authorization", "Bearer abc"}})), "abc");
  EXPECT_EQ(shown_key(headers({{"authorization", "bearer  abc"}})), "abc");
  EXPECT_EQ(shown_key(headers({{"x-api-key", "abc"}})), "abc");
  EXPECT_EQ(shown_key(headers({{"api-key", "abc"}})), "abc");
  EXPECT_EQ(shown_key(headers({{"Authorization", "Basic abc"}})), "");
  config::config settings;
  settings.keys = {{"one", "abc"}, {"two", "abcd"}};
  EXPECT_EQ(find_key("abcd", settings)->name, "two");
  EXPECT_EQ(find_key("ab", settings), nullptr);
  EXPECT_EQ(find_key("", settings), nullptr);
}

TEST(Paths, AreWrittenInManyWays) {
  for (char const* path : {"/v1/chat/completions", "/chat/completions", "/v1/v1/chat/completions", "//v1//chat/completions/",
                           "/v1/chat/completions?api-version=1"}) {
    EXPECT_EQ(normal_path(path), "/chat/completions") << path;
  }
  EXPECT_EQ(normal_path("/"), "/");
  EXPECT_EQ(normal_path("/v1"), "/");
  EXPECT_EQ(normal_path("/v1x"), "/v1x");
}

TEST(Endpoints, AreFoundByMethodAndPath) {
  std::string allow;
  EXPECT_NE(find_endpoint("POST", "/chat/completions", allow), nullptr);
  EXPECT_NE(find_endpoint("HEAD", "/healthz", allow), nullptr);
  EXPECT_NE(find_endpoint("GET", "/models/a/b", allow), nullptr);
  EXPECT_EQ(find_endpoint("GET", "/chat/completions", allow), nullptr);
  EXPECT_EQ(allow, "POST, OPTIONS");
  allow.clear();
  EXPECT_EQ(find_endpoint("GET", "/nothing", allow), nullptr);
  EXPECT_EQ(allow, "");
  EXPECT_EQ(find_endpoint("get", "/healthz", allow), nullptr);
}

}  // namespace
}  // namespace recloser::server
