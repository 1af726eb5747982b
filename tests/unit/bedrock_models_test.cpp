// Tools, thinking, sampling and the form of the answer, model family by model family (providers-native.md §4.4, §7).

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "bedrock_fixture.hpp"
#include "dialects/bedrock_converse/models.hpp"

namespace recloser::dialects::bedrock_tests {
namespace {

TEST(bedrock_models, families) {
  struct {
    std::string_view model;
    std::string_view family;
  } const cases[] = {
      {sonnet_4_5, "claude-sonnet-4-5"},
      {"arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-opus-4-5-20251101-v1:0", "claude-opus-4-5"},
      {"anthropic.claude-sonnet-4-20250514-v1:0", "claude-sonnet-4-2"},
      {"anthropic.claude-opus-4-20250514-v1:0", "claude-opus-4-2"},
      {"anthropic.claude-opus-5", "claude-"},
      {"anthropic.claude-v2:1", "claude-v2"},
      {haiku_3, "claude-3"},
      {"anthropic.claude-3-5-haiku-20241022-v1:0", "claude-3-5-haiku"},
      {nova_2, "nova-2"},
      {nova_pro, "amazon.nova"},
      {gpt_oss, "openai.gpt-oss"},
      {gpt_5, "openai."},
      {mistral_large, "mistral.mistral-large"},
      {"us.mistral.pixtral-large-2502-v1:0", "mistral."},
      {titan, "amazon.titan"},
      {"arn:aws:bedrock:us-east-1:1:application-inference-profile/abc", ""},
      {"", ""},
  };
  for (auto const& each : cases) EXPECT_EQ(bedrock_converse::family_of(each.model).id, each.family) << each.model;
}

// ---- tools -----------------------------------------------------------------------------------------------------

std::string tool_member(std::string_view request, std::string_view model, std::string_view key) {
  return member(value(request, model, "toolConfig"), key);
}

std::string choosing(std::string_view choice) { return asking(tools + R"(,"tool_choice":)" + std::string(choice)); }

constexpr std::string_view choose_g = R"({"type":"function","function":{"name":"g"}})";

// §7 row 10, and row 13 for forced choices at large.
TEST(bedrock_models, row_10_a_choice_is_forced_only_where_the_model_takes_it) {
  struct {
    std::string_view model;
    std::string_view asked;
    char const* choice;
    int tools;
    names lost;
  } const cases[] = {
      {sonnet_4_5, R"("auto")", R"({"auto":{}})", 2, {}},
      {sonnet_4_5, R"("required")", R"({"any":{}})", 2, {}},
      {sonnet_4_5, choose_g, R"({"tool":{"name":"g"}})", 2, {}},
      {nova_pro, choose_g, R"({"tool":{"name":"g"}})", 2, {}},
      {mistral_large, R"("required")", R"({"any":{}})", 2, {}},
      {mistral_large, choose_g, R"({"any":{}})", 1, {}},
      {llama, R"("auto")", "", 2, {}},
      {llama, R"("required")", "", 2, {"tool_choice (auto)"}},
      {llama, choose_g, "", 1, {"tool_choice (auto)"}},
      {opus_5_5, R"("required")", R"({"auto":{}})", 2, {"tool_choice (auto)"}},
  };
  for (auto const& each : cases) {
    SCOPED_TRACE(std::string(each.model) + " " + std::string(each.asked));
    EXPECT_EQ(tool_member(choosing(each.asked), each.model, "toolChoice"), each.choice);
    std::vector<chat::raw_json> sent;
    auto const list = tool_member(choosing(each.asked), each.model, "tools");
    json::elements_of(list, sent);
    EXPECT_EQ(static_cast<int>(sent.size()), each.tools);
    EXPECT_EQ(dropped(choosing(each.asked), each.model), each.lost);
  }
  EXPECT_EQ(write(choosing(R"({"type":"function","function":{"name":"h"}})"), sonnet_4_5).param, "tool_choice");
  EXPECT_EQ(tool_member(asking(tools), sonnet_4_5, "toolChoice"), "");
}

// §7 row 25.
TEST(bedrock_models, row_25_no_choice_without_tools) {
  auto const out = write(asking(R"("tool_choice":"required","tools":[])"), sonnet_4_5);
  EXPECT_EQ(member(out.upstream, "toolConfig"), "");
  EXPECT_EQ(out.dropped, names{"tool_choice"});
}

// §7 row 8.
TEST(bedrock_models, row_8_tool_history_without_tools_is_told_in_words) {
  auto const said = user + "," + calls(call("x", R"({\"a\":1})") + "," + call("y")) + "," + result("x", "42");
  auto const out = write(saying(said), sonnet_4_5);
  EXPECT_EQ(member(out.upstream, "toolConfig"), "");
  EXPECT_EQ(member(out.upstream, "messages"),
            R"([{"role":"user","content":[{"text":"a"}]},{"role":"assistant","content":[)"
            R"({"text":"[Called the tool f with {\"a\":1}]"},{"text":"[Called the tool f with {}]"}]},)"
            R"({"role":"user","content":[{"text":"[Result of the tool f:]"},{"text":"42"},)"
            R"({"text":"[The tool f gave no result]"}]}])");
  EXPECT_EQ(out.dropped, names{"messages (tool calls as text)"});
  auto const none = write(R"({"model":"m","messages":[)" + said + "]," + tools + R"(,"tool_choice":"none"})", llama);
  EXPECT_EQ(member(none.upstream, "toolConfig"), "");
  EXPECT_EQ(member(none.upstream, "messages"), member(out.upstream, "messages"));
  EXPECT_EQ(none.dropped, (names{"tool_choice (tools left out)", "messages (tool calls as text)"}));
}

TEST(bedrock_models, what_was_thought_about_untold_calls_is_not_sent) {
  auto const out =
      write(saying(user +
                   R"(,{"role":"assistant","thinking_blocks":[{"type":"thinking","thinking":"t","signature":"s"}],)"
                   R"("tool_calls":[)" +
                   call("x") + "]}," + result("x", "r")),
            sonnet_4_5);
  EXPECT_EQ(out.upstream.find("reasoningContent"), std::string::npos);
  EXPECT_EQ(out.dropped, (names{"messages (tool calls as text)", "thinking_blocks"}));
}

// §7 row 9.
TEST(bedrock_models, row_9_blank_descriptions_and_empty_names) {
  auto const with = [](std::string_view function) {
    return asking(R"("tools":[{"type":"function","function":{)" + std::string(function) + "}}]");
  };
  EXPECT_EQ(tool_member(with(R"("name":"f","description":" ")"), llama, "tools"),
            R"([{"toolSpec":{"name":"f","inputSchema":{"json":{"type":"object","properties":{}}}}}])");
  EXPECT_EQ(write(with(R"("name":"")"), llama).param, "tools[0].function.name");
  EXPECT_EQ(tool_member(with(R"("name":"f","parameters":{"properties":{"a":{}}})"), llama, "tools"),
            R"([{"toolSpec":{"name":"f","inputSchema":{"json":{"type":"object","properties":{"a":{}}}}}}])");
}

// §0.6; §7 row 7.
TEST(bedrock_models, row_7_ids_and_names_are_made_legal_and_stay_pairs) {
  std::string const longest(70, 'n');
  auto const talk = R"({"model":"m","messages":[)" + user + "," + calls(call("a.b:0") + "," + call(longest)) + "," +
                    result(longest, "1") + "," + result("a.b:0", "2") +
                    R"(],"tools":[{"type":"function","function":{"name":"no.dots"}}]})";
  auto const out = write(talk, sonnet_4_5);
  EXPECT_EQ(count_of(out.upstream, R"("toolUseId":"a_b_0")"), 2);
  EXPECT_EQ(out.upstream.find(longest), std::string::npos);
  auto const at = out.upstream.find(R"("toolUseId":"nnn)");
  ASSERT_NE(at, std::string::npos);
  auto const begin = at + std::string(R"("toolUseId":")").size();
  auto const id = out.upstream.substr(begin, out.upstream.find('"', begin) - begin);
  EXPECT_EQ(id.size(), 64u);
  EXPECT_EQ(count_of(out.upstream, id), 2);
  EXPECT_NE(out.upstream.find(R"("name":"no_dots")"), std::string::npos);
  EXPECT_EQ(out.dropped, names{"tools[].function.name (renamed)"});
  EXPECT_EQ(write(talk, sonnet_4_5).upstream, out.upstream);
}

TEST(bedrock_models, a_chosen_tool_is_called_by_its_legal_name) {
  auto const request = asking(
      R"("tools":[{"type":"function","function":{"name":"a.b"}}],"tool_choice":{"type":"function","function":{"name":"a.b"}})");
  EXPECT_EQ(tool_member(request, sonnet_4_5, "toolChoice"), R"({"tool":{"name":"a_b"}})");
}

TEST(bedrock_models, mistral_wants_nine_letters_and_digits) {
  auto const talk = R"({"model":"m","messages":[)" + user + "," + calls(call("call_1") + "," + call("abcDEF123")) +
                    "," + result("call_1", "1") + "," + result("abcDEF123", "2") + "," + calls(call("call_1")) + "," +
                    result("call_1", "3") + "]," + tools + "}";
  auto const out = write(talk, mistral_large).upstream;
  EXPECT_EQ(count_of(out, R"("toolUseId":"abcDEF123")"), 2);
  std::vector<std::string> ids;
  std::string const key = R"("toolUseId":")";
  for (auto at = out.find(key); at != std::string::npos; at = out.find(key, at + 1)) {
    auto const begin = at + key.size();
    ids.push_back(out.substr(begin, out.find('"', begin) - begin));
  }
  ASSERT_EQ(ids.size(), 6u);
  for (auto const& id : ids) {
    EXPECT_EQ(id.size(), 9u);
    EXPECT_EQ(id.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
              std::string::npos);
  }
  EXPECT_EQ(ids[0], ids[2]);  // call and answer
  EXPECT_EQ(ids[1], ids[3]);
  EXPECT_EQ(ids[4], ids[5]);
  EXPECT_NE(ids[0], ids[4]);  // the same id again is another call
}

TEST(bedrock_models, the_status_of_a_result_is_for_those_who_know_it) {
  auto const talk = R"({"model":"m","messages":[)" + user + "," + calls(call("x")) + "]," + tools + "}";
  EXPECT_NE(write(talk, nova_pro).upstream.find(R"j([{"text":"(no result)"}],"status":"error"})j"), std::string::npos);
  EXPECT_EQ(write(talk, llama).upstream.find("status"), std::string::npos);
}

TEST(bedrock_models, one_call_at_a_time) {
  auto const request = [](std::string_view choice) {
    return asking(tools + R"(,"parallel_tool_calls":false)" + std::string(choice));
  };
  EXPECT_EQ(extra(request(""), sonnet_4_5), R"({"tool_choice":{"type":"auto","disable_parallel_tool_use":true}})");
  EXPECT_EQ(extra(request(R"(,"tool_choice":"required")"), sonnet_4_5),
            R"({"tool_choice":{"type":"any","disable_parallel_tool_use":true}})");
  EXPECT_EQ(extra(request(R"(,"tool_choice":)" + std::string(choose_g)), sonnet_4_5),
            R"({"tool_choice":{"type":"tool","name":"g","disable_parallel_tool_use":true}})");
  EXPECT_EQ(tool_member(request(R"(,"tool_choice":"required")"), sonnet_4_5, "toolChoice"), "");  // beside it: 400
  EXPECT_EQ(dropped(request(""), nova_pro), names{"parallel_tool_calls"});
  EXPECT_EQ(extra(request(""), nova_pro), "");
  EXPECT_EQ(extra(asking(R"("parallel_tool_calls":false)"), sonnet_4_5), "");
}

TEST(bedrock_models, web_search_is_novas) {
  EXPECT_EQ(tool_member(asking(R"("web_search_options":{})"), nova_2, "tools"),
            R"([{"systemTool":{"name":"nova_grounding"}}])");
  EXPECT_EQ(write(asking(R"("web_search_options":{})"), sonnet_4_5).param, "web_search_options");
  EXPECT_EQ(write(asking(R"("web_search_options":{})"), nova_pro).param, "web_search_options");
}

// ---- thinking and sampling -------------------------------------------------------------------------------------

std::string effort(std::string_view word) { return asking(R"("reasoning_effort":")" + std::string(word) + "\""); }

TEST(bedrock_models, efforts) {
  struct {
    std::string_view model;
    char const* asked;
    char const* extra;
    names lost;
  } const cases[] = {
      {sonnet_4_6,
       "high",
       R"({"thinking":{"type":"adaptive","display":"summarized"},"output_config":{"effort":"high"}})",
       {}},
      {sonnet_4_6, "none", R"({"thinking":{"type":"disabled"}})", {}},
      {sonnet_4_5, "medium", R"({"thinking":{"type":"enabled","budget_tokens":4096}})", {}},
      {sonnet_4_5, "none", "", {}},
      {haiku_3, "high", "", {"reasoning_effort"}},
      {gpt_oss, "high", R"({"reasoning_effort":"high"})", {}},
      {gpt_oss, "none", R"({"reasoning_effort":"low"})", {"reasoning_effort (low)"}},
      {gpt_oss, "max", R"({"reasoning_effort":"high"})", {"reasoning_effort (high)"}},
      {gpt_5, "xhigh", R"({"reasoning":{"effort":"xhigh"}})", {}},
      {gpt_5, "none", R"({"reasoning":{"effort":"none"}})", {}},
      {nova_2, "minimal", R"({"reasoningConfig":{"type":"enabled","maxReasoningEffort":"low"}})", {}},
      {nova_2, "none", "", {}},
      {nova_pro, "low", "", {"reasoning_effort"}},
      {llama, "low", "", {"reasoning_effort"}},
  };
  for (auto const& each : cases) {
    EXPECT_EQ(extra(effort(each.asked), each.model), each.extra) << each.model << ' ' << each.asked;
    EXPECT_EQ(dropped(effort(each.asked), each.model), each.lost) << each.model << ' ' << each.asked;
  }
}

TEST(bedrock_models, no_limit_is_asked_for_that_the_client_did_not_name) {
  EXPECT_EQ(value(asking(R"("stream":true)"), sonnet_4_5, "inferenceConfig"),
            "");  // nor does `stream` go into the body
  EXPECT_EQ(value(asking(R"("stream":true)"), sonnet_4_5, "stream"), "");
  EXPECT_EQ(value(effort("medium"), sonnet_4_5, "inferenceConfig"), R"({"maxTokens":12288})");  // a budget needs one
  EXPECT_EQ(value(asking(R"("thinking":{"type":"enabled","budget_tokens":2000})"), sonnet_4_5, "inferenceConfig"),
            R"({"maxTokens":8192})");
  EXPECT_EQ(value(effort("high"), sonnet_4_6, "inferenceConfig"), "");
  EXPECT_EQ(value(asking(R"("max_tokens":7)"), llama, "inferenceConfig"), R"({"maxTokens":7})");
  EXPECT_EQ(value(asking(R"("max_tokens":999999)"), sonnet_4_5, "inferenceConfig"), R"({"maxTokens":64000})");
}

// §7 row 12.
TEST(bedrock_models, row_12_no_sampling_for_models_without_it) {
  auto const request = asking(R"("temperature":0.5,"top_p":0.5,"top_k":4)");
  EXPECT_EQ(value(request, opus_4_7, "inferenceConfig"), "");
  EXPECT_EQ(extra(request, opus_4_7), "");
  EXPECT_EQ(dropped(request, opus_4_7), (names{"temperature", "top_p", "top_k"}));
  EXPECT_EQ(extra(asking(R"("thinking":{"type":"enabled","budget_tokens":4096})"), opus_4_7),
            R"({"thinking":{"type":"adaptive","display":"summarized"},"output_config":{"effort":"medium"}})");
  EXPECT_EQ(dropped(asking(R"("temperature":0.5,"top_p":0.5,"stop":"x")"), gpt_5),
            (names{"temperature", "top_p", "stop"}));
  EXPECT_EQ(dropped(asking(R"("temperature":0.5,"stop":"x")"), gpt_oss), names{"stop"});
}

TEST(bedrock_models, sampling) {
  EXPECT_EQ(value(asking(R"("temperature":0.50,"top_p":0.9)"), llama, "inferenceConfig"),
            R"({"temperature":0.50,"topP":0.9})");
  EXPECT_EQ(value(asking(R"("temperature":2)"), nova_pro, "inferenceConfig"), R"({"temperature":1})");
  EXPECT_EQ(dropped(asking(R"("temperature":2)"), nova_pro), names{"temperature (clamped)"});
  EXPECT_EQ(extra(asking(R"("top_k":40)"), sonnet_4_5), R"({"top_k":40})");
  EXPECT_EQ(extra(asking(R"("top_k":40)"), nova_pro), R"({"inferenceConfig":{"topK":40}})");
  EXPECT_EQ(dropped(asking(R"("top_k":40)"), llama), names{"top_k"});
}

// §7 row 14.
TEST(bedrock_models, row_14_thinking_goes_back_only_to_its_producer) {
  auto const talk = [](std::string_view producer) {
    return R"({"model":"m","reasoning_effort":"high","messages":[)" + user +
           R"(,{"role":"assistant","content":"b","thinking_blocks":[{"type":"thinking","thinking":"t","signature":"s","model":")" +
           std::string(producer) + R"("}]},)" + user + "]}";
  };
  auto const kept = [&](std::string_view producer, std::string_view model) {
    return write(talk(producer), model).upstream.find("reasoningContent") != std::string::npos;
  };
  EXPECT_TRUE(kept(opus_5_5, opus_5_5));
  EXPECT_TRUE(kept("eu.anthropic.claude-opus-5-5", opus_5_5));
  EXPECT_TRUE(kept("arn:aws:bedrock:us-east-1:1:inference-profile/global.anthropic.claude-opus-5-5-v1", opus_5_5));
  EXPECT_TRUE(kept("", opus_5_5));  // unknown
  EXPECT_FALSE(kept("anthropic.claude-opus-5", opus_5_5));
  EXPECT_FALSE(kept("claude-opus-5-5", opus_5_5));
  EXPECT_FALSE(kept("", nova_2));
  EXPECT_FALSE(kept(llama, llama));
  EXPECT_TRUE(kept(gpt_5, gpt_5));
}

// ---- the form of the answer ------------------------------------------------------------------------------------

std::string const schema =
    R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false})";
std::string const formed =
    asking(R"("response_format":{"type":"json_schema","json_schema":{"name":"n","schema":)" + schema + "}}");
std::string const answer_tool =
    R"({"tools":[{"toolSpec":{"name":"recloser_json_answer","description":"Gives the answer. Call it once, with the whole answer.","inputSchema":{"json":)" +
    schema + R"(}}}],"toolChoice":{"tool":{"name":"recloser_json_answer"}}})";

TEST(bedrock_models, structured_output) {
  EXPECT_EQ(extra(formed, sonnet_4_5),
            R"({"output_config":{"format":{"type":"json_schema","schema":)" + schema + "}}}");
  EXPECT_EQ(value(formed, sonnet_4_5, "outputConfig"), "");
  EXPECT_NE(value(formed, gpt_oss, "outputConfig"), "");
  // Where it is unreliable or refused, by a forced call …
  for (auto const model :
       {sonnet_4_6, opus_4_7, nova_pro, std::string_view("anthropic.claude-haiku-4-5-20251001-v1:0")}) {
    EXPECT_EQ(value(formed, model, "toolConfig"), answer_tool) << model;
    EXPECT_EQ(extra(formed, model), "") << model;
  }
}

// §7 row 13.
TEST(bedrock_models, row_13_no_forced_tool_where_it_is_refused) {
  // … and in words where that is refused too.
  for (auto const model : {opus_5_5, llama, std::string_view("anthropic.claude-fable-5-1")}) {
    auto const out = write(formed, model);
    EXPECT_EQ(member(out.upstream, "toolConfig"), "") << model;
    EXPECT_EQ(member(out.upstream, "outputConfig"), "") << model;
    EXPECT_NE(member(out.upstream, "system").find(R"(\"additionalProperties\":false})"), std::string::npos) << model;
    EXPECT_EQ(out.dropped, names{"response_format (instructed)"}) << model;
  }
  EXPECT_NE(value(asking(R"("response_format":{"type":"json_object"})"), llama, "system"), "");
}

// §7 row 28.
TEST(bedrock_models, row_28_numbers_and_key_order_survive) {
  auto const out =
      messages(user + "," + calls(call("x", R"({\"z\":12345678901234567890,\"a\":1.0e5})")) + "," + result("x", "r"));
  EXPECT_NE(out.find(R"({\"z\":12345678901234567890,\"a\":1.0e5})"), std::string::npos) << out;
  auto const sent = value(R"({"model":"m","messages":[)" + user + "," +
                              calls(call("x", R"({\"z\":12345678901234567890,\"a\":1.0e5})")) + "," + result("x", "r") +
                              "]," + tools + "}",
                          sonnet_4_5, "messages");
  EXPECT_NE(sent.find(R"("input":{"z":12345678901234567890,"a":1.0e5})"), std::string::npos) << sent;
}

}  // namespace
}  // namespace recloser::dialects::bedrock_tests
