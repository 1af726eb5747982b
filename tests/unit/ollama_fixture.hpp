#pragma once
// Golden conversations of tests/fixtures/ollama, and short ways through the two dialects.

#include <regex>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "anthropic_fixture.hpp"
#include "dialects/ollama_chat/api_chat.hpp"

namespace recloser::dialects::ollama_case {

inline std::filesystem::path folder() {
  return std::filesystem::path(RECLOSER_SOURCE_DIR) / "tests" / "fixtures" / "ollama";
}

inline std::vector<std::string> cases_with(std::string_view name) {
  std::vector<std::string> out;
  for (auto const& each : std::filesystem::directory_iterator(folder())) {
    if (std::filesystem::exists(each.path() / name)) out.push_back(each.path().filename());
  }
  EXPECT_FALSE(out.empty()) << name;
  return out;
}

inline written write(std::string_view request, std::string_view model) {
  padded const body(request);
  auto const members = json::scan_object(body.view());
  if (!members) return refused(members.error());
  auto const read = openai_chat::read_request(*members);
  if (!read) return refused(read.error());
  written out;
  auto const done = ollama_chat::write_request(*read, model, out.upstream, out.dropped);
  return done ? out : refused(done.error());
}

inline std::string value(std::string_view request, std::string_view model, std::string_view key) {
  auto const out = write(request, model);
  EXPECT_EQ(out.fault, "") << request;
  return member(out.upstream, key);
}

inline names dropped(std::string_view request, std::string_view model) {
  auto const out = write(request, model);
  EXPECT_EQ(out.fault, "") << request;
  return out.dropped;
}

/// Ids that were made, with a number for each: `call_MADE1`. The answer's own is one and the same throughout.
inline std::string with_made_ids_named(std::string text) {
  static std::regex const answer("chatcmpl-[A-Za-z0-9]{24}");
  static std::regex const call("call_[A-Za-z0-9]{24}");
  text = std::regex_replace(text, answer, "chatcmpl-MADE");
  std::smatch found;
  for (int i = 1; std::regex_search(text, found, call); ++i) {
    std::string const id = found.str();
    for (auto at = text.find(id); at != std::string::npos; at = text.find(id)) {
      text.replace(at, id.size(), "call_MADE" + std::to_string(i));
    }
  }
  return text;
}

}  // namespace recloser::dialects::ollama_case
