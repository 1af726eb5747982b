#pragma once
// Golden conversations of tests/fixtures/openai_responses, and short ways through the two dialects.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "anthropic_fixture.hpp"
#include "dialects/openai_responses/responses.hpp"

namespace recloser::dialects::openai_responses {

/// A request on its way from an OpenAI client to `model`.
inline written send(std::string_view request, std::string_view model) {
  padded const body(request);
  auto const members = json::scan_object(body.view());
  if (!members) return refused(members.error());
  auto const read = openai_chat::read_request(*members);
  if (!read) return refused(read.error());
  written out;
  auto const done = write_request(*read, model, out.upstream, out.dropped);
  return done ? out : refused(done.error());
}

inline std::string sent(std::string_view request, std::string_view model, std::string_view key) {
  auto const out = send(request, model);
  EXPECT_EQ(out.fault, "") << request;
  return member(out.upstream, key);
}

inline std::string sent_input(std::string_view said, std::string_view model = "gpt-5.5") {
  return sent(saying(said), model, "input");
}

inline names lost(std::string_view request, std::string_view model) {
  auto const out = send(request, model);
  EXPECT_EQ(out.fault, "") << request;
  return out.dropped;
}

/// An item of `input`.
inline std::string message_item(std::string_view role, std::string_view text, std::string_view type = "input_text") {
  return R"({"type":"message","role":")" + std::string(role) + R"(","content":[{"type":")" + std::string(type) +
         R"(","text":")" + std::string(text) + R"("}]})";
}
inline std::string call_item(std::string_view id, std::string_view arguments = "{}") {
  return R"({"type":"function_call","call_id":")" + std::string(id) + R"(","name":"f","arguments":")" +
         std::string(arguments) + R"("})";
}
inline std::string output_item(std::string_view id, std::string_view output) {
  return R"({"type":"function_call_output","call_id":")" + std::string(id) + R"(","output":")" + std::string(output) +
         R"("})";
}
inline std::string reasoning_item(std::string_view encrypted) {
  return R"({"type":"reasoning","summary":[],"encrypted_content":")" + std::string(encrypted) + R"("})";
}

inline std::filesystem::path golden() {
  return std::filesystem::path(RECLOSER_SOURCE_DIR) / "tests" / "fixtures" / "openai_responses";
}

/// The golden cases that have a file of this name.
inline std::vector<std::string> golden_with(std::string_view name) {
  std::vector<std::string> out;
  for (auto const& each : std::filesystem::directory_iterator(golden())) {
    if (std::filesystem::exists(each.path() / name)) out.push_back(each.path().filename());
  }
  EXPECT_FALSE(out.empty()) << name;
  return out;
}

}  // namespace recloser::dialects::openai_responses
