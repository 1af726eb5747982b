// Calls that a server's own parser gave up on.

#include "dialects/model_text/failed_call.hpp"

#include <string>

#include <gtest/gtest.h>

#include "dialects/openai_chat/conversation.hpp"
#include "model_text_fixture.hpp"

namespace recloser::dialects::model_text {
namespace {

std::string refusal(std::string_view words, std::string_view code = "tool_use_failed") {
  return R"({"error":{"message":"Failed to call a function.","type":"invalid_request_error","code":")" +
         std::string(code) + R"(","failed_generation":")" + json::escaped(words) + "\"}}";
}

TEST(failed_call, is_read_when_it_names_a_tool_that_was_offered) {
  struct {
    std::string_view model, words, arguments;  ///< no arguments: there is no such call
  } const cases[] = {
      {"llama-3.3-70b", R"(<function=get_weather>{"city": "Zürich"}</function>)", R"({"city": "Zürich"})"},
      {"llama-3.3-70b", R"(<function=get_weather>{"city": "Zürich"</function>)", R"({"city":"Zürich"})"},
      {"qwen3-32b", "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"a\\\"b\"}}\n</tool_call>",
       R"({"city": "a\"b"})"},
      {"llama-3.3-70b", R"(<function=launch>{"city": "x"}</function>)", ""},
      {"llama-3.3-70b", "I cannot do that.", ""},
      {"llama-3.3-70b", "", ""},
  };
  for (auto const& each : cases) {
    auto const answer = read_failed_call(refusal(each.words), family_of(each.model), tools());
    ASSERT_EQ(answer.has_value(), !each.arguments.empty()) << each.words;
    if (!answer) continue;
    ASSERT_EQ(answer->parts.size(), 1u);
    EXPECT_EQ(answer->parts[0].name, "get_weather");
    EXPECT_EQ(answer->parts[0].input, each.arguments);
    EXPECT_FALSE(answer->parts[0].id.empty());
    EXPECT_EQ(answer->finish, chat::finish_reason::tool_calls);
  }
}

TEST(failed_call, is_not_looked_for_in_other_errors) {
  std::string const words = R"(<function=get_weather>{"city": "x"}</function>)";
  auto const& of = family_of("llama-3.3-70b");
  EXPECT_FALSE(read_failed_call(refusal(words, "json_validate_failed"), of, tools()));
  EXPECT_FALSE(read_failed_call(refusal(words), of, {}));
  for (std::string_view body : {"", "<html>", "[]", "{}", R"({"error":"x"})", R"({"error":{"code":"tool_use_failed"}})",
                                R"({"error":{"code":"tool_use_failed","failed_generation":null}})"}) {
    EXPECT_FALSE(read_failed_call(body, of, tools())) << body;
  }
}

TEST(failed_call, goes_to_a_client_that_wants_a_stream_in_chunks) {
  auto const answer = read_failed_call(refusal("Let me look. <function=get_weather>{\"city\": \"x\"}</function>"),
                                       family_of("llama-3.3-70b"), tools());
  ASSERT_TRUE(answer);
  std::string out;
  openai_chat::write_chunks(*answer, 7, false, out);
  for (std::string_view part : {R"("content":"Let me look.)", R"("name":"get_weather","arguments":"")",
                                R"("arguments":"{\"city\": \"x\"}")", R"("finish_reason":"tool_calls")"}) {
    EXPECT_NE(out.find(part), std::string::npos) << out;
  }
  EXPECT_TRUE(out.ends_with("data: [DONE]\n\n"));
}

}  // namespace
}  // namespace recloser::dialects::model_text
