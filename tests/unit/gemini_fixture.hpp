#pragma once
// Golden conversations of tests/fixtures/gemini, and short ways to Gemini and back.

#include <sstream>

#include "anthropic_fixture.hpp"
#include "dialects/gemini/generate_content.hpp"

namespace recloser::dialects::gemini {

inline constexpr std::string_view flash_2_5 = "gemini-2.5-flash";
inline constexpr std::string_view pro_2_5 = "gemini-2.5-pro";
inline constexpr std::string_view pro_3 = "gemini-3-pro-preview";
inline constexpr std::string_view flash_3 = "gemini-3-flash-preview";

/// A request on its way from an OpenAI client to Gemini.
inline written sent(std::string_view request, std::string_view model, platform where = platform::developer) {
  padded const body(request);
  auto const members = json::scan_object(body.view());
  if (!members) return refused(members.error());
  auto const read = openai_chat::read_request(*members);
  if (!read) return refused(read.error());
  written out;
  auto const done = write_request(where, *read, model, out.upstream, out.dropped);
  if (!done) return refused(done.error());
  EXPECT_TRUE(json::scan_object(padded(out.upstream).view())) << out.upstream;
  return out;
}

inline std::string sent_member(std::string_view request, std::string_view model, std::string_view key) {
  auto const out = sent(request, model);
  EXPECT_EQ(out.fault, "") << request;
  return member(out.upstream, key);
}

inline std::string contents(std::string_view messages, std::string_view model = flash_2_5) {
  return sent_member(saying(messages), model, "contents");
}

inline names lost(std::string_view request, std::string_view model) {
  auto const out = sent(request, model);
  EXPECT_EQ(out.fault, "") << request;
  return out.dropped;
}

// ---- files -----------------------------------------------------------------------------------------------------

inline std::filesystem::path golden() {
  return std::filesystem::path(RECLOSER_SOURCE_DIR) / "tests" / "fixtures" / "gemini";
}

inline std::vector<std::string> golden_with(std::string_view name) {
  std::vector<std::string> out;
  for (auto const& each : std::filesystem::directory_iterator(golden())) {
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

}  // namespace recloser::dialects::gemini
