#pragma once
// Golden conversations of tests/fixtures/anthropic, and short ways through the two dialects.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "dialects/anthropic/messages.hpp"
#include "dialects/json.hpp"
#include "dialects/openai_chat/conversation.hpp"

namespace recloser::dialects {

/// A body as the server holds it: exact size, so that the address sanitizer sees every read past `padding`.
class padded {
 public:
  explicit padded(std::string_view text) : bytes_(text.begin(), text.end()), size_(text.size()) {
    bytes_.insert(bytes_.end(), json::padding, '"');
  }
  std::string_view view() const { return {bytes_.data(), size_}; }

 private:
  std::vector<char> bytes_;
  std::size_t size_;
};

/// Without the white space between tokens; what stands in strings and how numbers are written stays.
inline std::string compact(std::string_view json) {
  std::string out;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    char const c = json[i];
    if (c == '"') in_string = !in_string;
    if (in_string && c == '\\') out += json[i++];
    bool const space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (in_string || !space) out += json[i];
  }
  return out;
}

/// A request on its way from an OpenAI client to Anthropic.
struct written {
  std::string upstream;  ///< empty when it was refused
  std::vector<std::string> dropped;
  std::string fault;  ///< message
  std::string param;
  std::string code;
};

inline written refused(chat::fault const& why) { return {{}, {}, why.message, why.param, why.code}; }

inline written write(std::string_view request, std::string_view model) {
  padded const body(request);
  auto const members = json::scan_object(body.view());
  if (!members) return refused(members.error());
  auto const read = openai_chat::read_request(*members);
  if (!read) return refused(read.error());
  written out;
  auto const done = anthropic::write_request(*read, model, out.upstream, out.dropped);
  return done ? out : refused(done.error());
}

/// A request of one user message with more members, for tests of those.
inline std::string asking(std::string_view members) {
  return R"({"model":"m","messages":[{"role":"user","content":"hi"}],)" + std::string(members) + "}";
}

/// One with these messages.
inline std::string saying(std::string_view messages) {
  return R"({"model":"m","messages":[)" + std::string(messages) + "]}";
}

inline std::string member(std::string_view object, std::string_view key) {
  return std::string(json::find(object, key));
}

// ---- what a test says, and what comes of it ---------------------------------------------------------------------

using names = std::vector<std::string>;

inline constexpr std::string_view sonnet_4_5 = "claude-sonnet-4-5-20250929";
inline constexpr std::string_view sonnet_4_6 = "claude-sonnet-4-6";
inline constexpr std::string_view opus_4_1 = "claude-opus-4-1-20250805";
inline constexpr std::string_view opus_5_5 = "claude-opus-5-5";

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

inline std::string call(std::string_view id, std::string_view arguments = "{}") {
  return R"({"id":")" + std::string(id) + R"(","type":"function","function":{"name":"f","arguments":")" +
         std::string(arguments) + R"("}})";
}
inline std::string calls(std::string_view list) {
  return R"({"role":"assistant","tool_calls":[)" + std::string(list) + "]}";
}
inline std::string result(std::string_view id, std::string_view content) {
  return R"({"role":"tool","tool_call_id":")" + std::string(id) + R"(","content":")" + std::string(content) + R"("})";
}
inline std::string use(std::string_view id, std::string_view input = "{}") {
  return R"({"type":"tool_use","id":")" + std::string(id) + R"(","name":"f","input":)" + std::string(input) + "}";
}
inline std::string sent_result(std::string_view id, std::string_view content) {
  return R"({"type":"tool_result","tool_use_id":")" + std::string(id) + R"(","content":")" + std::string(content) +
         R"("})";
}
inline std::string no_result(std::string_view id) {
  return R"({"type":"tool_result","tool_use_id":")" + std::string(id) +
         R"j(","content":"(no result)","is_error":true})j";
}
inline std::string const user = R"({"role":"user","content":"a"})";

inline std::string const tools =
    R"("tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}},{"type":"function","function":{"name":"g","parameters":{"type":"object"}}}])";

// ---- files -----------------------------------------------------------------------------------------------------

inline std::filesystem::path fixtures() {
  return std::filesystem::path(RECLOSER_SOURCE_DIR) / "tests" / "fixtures" / "anthropic";
}

inline std::string load(std::filesystem::path const& file) {
  std::ifstream in(file, std::ios::binary);
  EXPECT_TRUE(in) << file;
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The cases that have a file of this name.
inline std::vector<std::string> cases_with(std::string_view name) {
  std::vector<std::string> out;
  for (auto const& each : std::filesystem::directory_iterator(fixtures())) {
    if (std::filesystem::exists(each.path() / name)) out.push_back(each.path().filename());
  }
  EXPECT_FALSE(out.empty()) << name;
  return out;
}

}  // namespace recloser::dialects
