#pragma once
// Golden conversations of tests/fixtures/bedrock, and short ways through the two dialects.

#include <filesystem>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "anthropic_fixture.hpp"
#include "aws_event_stream_fixture.hpp"
#include "dialects/bedrock_converse/converse.hpp"

namespace recloser::dialects::bedrock_tests {

// What is written here hides what the fixture for Anthropic calls the same.

inline constexpr std::string_view sonnet_4_5 = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
inline constexpr std::string_view sonnet_4_6 = "us.anthropic.claude-sonnet-4-6";
inline constexpr std::string_view opus_4_7 = "anthropic.claude-opus-4-7";
inline constexpr std::string_view opus_5_5 = "global.anthropic.claude-opus-5-5";
inline constexpr std::string_view haiku_3 = "anthropic.claude-3-haiku-20240307-v1:0";
inline constexpr std::string_view nova_pro = "us.amazon.nova-pro-v1:0";
inline constexpr std::string_view nova_2 = "us.amazon.nova-2-lite-v1:0";
inline constexpr std::string_view llama = "us.meta.llama3-3-70b-instruct-v1:0";
inline constexpr std::string_view mistral_large = "mistral.mistral-large-2402-v1:0";
inline constexpr std::string_view gpt_oss = "openai.gpt-oss-120b-1:0";
inline constexpr std::string_view gpt_5 = "us.openai.gpt-5.6";
inline constexpr std::string_view titan = "amazon.titan-text-express-v1";

inline written write(std::string_view request, std::string_view model) {
  padded const body(request);
  auto const members = json::scan_object(body.view());
  if (!members) return refused(members.error());
  auto const read = openai_chat::read_request(*members);
  if (!read) return refused(read.error());
  written out;
  auto const done = bedrock_converse::write_request(*read, model, out.upstream, out.dropped);
  EXPECT_TRUE(!done || json::scan_object(padded(out.upstream).view())) << out.upstream;
  return done ? out : refused(done.error());
}

inline std::string value(std::string_view request, std::string_view model, std::string_view key) {
  auto const out = write(request, model);
  EXPECT_EQ(out.fault, "") << request;
  return member(out.upstream, key);
}

inline std::string messages(std::string_view said, std::string_view model = sonnet_4_5) {
  return value(saying(said), model, "messages");
}

inline names dropped(std::string_view request, std::string_view model) {
  auto const out = write(request, model);
  EXPECT_EQ(out.fault, "") << request;
  return out.dropped;
}

inline std::string extra(std::string_view request, std::string_view model) {
  return value(request, model, "additionalModelRequestFields");
}

inline int count_of(std::string_view in, std::string_view what) {
  int count = 0;
  for (auto at = in.find(what); at != std::string_view::npos; at = in.find(what, at + 1)) ++count;
  return count;
}

inline std::filesystem::path fixtures() {
  return std::filesystem::path(RECLOSER_SOURCE_DIR) / "tests" / "fixtures" / "bedrock";
}

inline std::vector<std::string> cases_with(std::string_view name) {
  std::vector<std::string> out;
  for (auto const& each : std::filesystem::directory_iterator(fixtures())) {
    if (std::filesystem::exists(each.path() / name)) out.push_back(each.path().filename());
  }
  EXPECT_FALSE(out.empty()) << name;
  return out;
}

inline names lines(std::string const& text) {
  names out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

/// `{"messageStop":{…}}` as a message of the event stream.
inline std::string framed(std::string_view line) {
  std::vector<json::member> members;
  EXPECT_TRUE(json::members_of(line, members) && members.size() == 1) << line;
  return event_stream::event(members[0].key, members[0].value);
}

inline std::string framed(names const& events) {
  std::string out;
  for (auto const& each : events) out += framed(each);
  return out;
}

}  // namespace recloser::dialects::bedrock_tests
