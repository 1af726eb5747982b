// Thinking, tools, the form of the answer, sampling (providers-native.md §2.3, §2.5, §2.7).

#include <string>

#include <gtest/gtest.h>

#include "dialects/gemini/schema.hpp"
#include "gemini_fixture.hpp"

namespace recloser::dialects::gemini {
namespace {

std::string config(std::string_view asked, std::string_view model) {
  return sent_member(asking(asked), model, "generationConfig");
}

// ---- thinking --------------------------------------------------------------------------------------------------

std::string level(std::string_view name, bool thoughts = true) {
  return R"({"thinkingLevel":")" + std::string(name) + (thoughts ? R"(","includeThoughts":true})" : "\"}");
}
std::string budget(std::string_view tokens, bool thoughts = true) {
  return R"({"thinkingBudget":)" + std::string(tokens) + (thoughts ? R"(,"includeThoughts":true})" : "}");
}

// §7 row 11: no effort is passed on as it came.
TEST(gemini_settings, thinking) {
  struct {
    std::string_view model;
    char const* asked;
    std::string sent;
    names lost;
  } const cases[] = {
      {pro_3, R"("reasoning_effort":"low")", level("LOW"), {}},
      {pro_3, R"("reasoning_effort":"minimal")", level("LOW"), {"reasoning_effort (low)"}},
      {pro_3, R"("reasoning_effort":"none")", level("LOW", false), {"reasoning_effort (low)"}},
      {pro_3, R"("reasoning_effort":"medium")", level("HIGH"), {"reasoning_effort (high)"}},
      {pro_3, R"("reasoning_effort":"high")", level("HIGH"), {}},
      {pro_3, R"("reasoning_effort":"xhigh")", level("HIGH"), {"reasoning_effort (high)"}},
      {"gemini-3.1-pro-preview", R"("reasoning_effort":"medium")", level("MEDIUM"), {}},
      {flash_3, R"("reasoning_effort":"minimal")", level("MINIMAL"), {}},
      {flash_3, R"("reasoning_effort":"none")", level("MINIMAL", false), {"reasoning_effort (minimal)"}},
      {"gemini-3.8-flash", R"("reasoning_effort":"minimal")", level("LOW"), {"reasoning_effort (low)"}},
      {"gemini-4-hydrogen", R"("reasoning_effort":"max")", level("XHIGH"), {}},
      {"gemini-4-carbon", R"("reasoning_effort":"xhigh")", level("HIGH"), {"reasoning_effort (high)"}},
      {flash_2_5, R"("reasoning_effort":"none")", budget("0", false), {}},
      {flash_2_5, R"("reasoning_effort":"minimal")", budget("1024"), {}},
      {flash_2_5, R"("reasoning_effort":"medium")", budget("8192"), {}},
      {flash_2_5, R"("reasoning_effort":"max")", budget("24576"), {}},
      {pro_2_5, R"("reasoning_effort":"max")", budget("32768"), {}},
      {pro_2_5, R"("reasoning_effort":"none")", budget("128", false), {"reasoning_effort (low)"}},
      {"gemini-2.0-flash", R"("reasoning_effort":"high")", "", {"reasoning_effort"}},
      {"gemini-2.0-flash", R"("reasoning_effort":"none")", "", {}},
      {"gemma-3-27b-it", R"("thinking":{"type":"enabled","budget_tokens":1})", "", {"thinking"}},
      {flash_2_5, R"("thinking":{"type":"disabled"})", budget("0", false), {}},
      {pro_3, R"("thinking":{"type":"disabled"})", level("LOW", false), {"thinking (low)"}},
      {flash_2_5, R"("thinking":{"type":"enabled","budget_tokens":5000})", budget("5000"), {}},
      {pro_2_5, R"("thinking":{"type":"enabled","budget_tokens":5})", budget("128"), {"thinking (clamped)"}},
      {pro_2_5, R"("thinking":{"type":"enabled","budget_tokens":"x"})", R"({"includeThoughts":true})", {}},
      {pro_2_5, R"("thinking":{"type":"adaptive"})", R"({"includeThoughts":true})", {}},
      {flash_3, R"("thinking":{"type":"enabled","budget_tokens":8000})", level("MEDIUM"), {"thinking (medium)"}},
      {flash_3, R"("thinking":{"type":"enabled","budget_tokens":99999999})", level("HIGH"), {"thinking (high)"}},
      {pro_3, R"("temperature":1)", "", {}},
      // Thoughts count as output: they would use a short answer up.
      {flash_2_5, R"("max_tokens":5)", budget("0", false), {}},
      {pro_2_5, R"("max_tokens":5)", budget("128", false), {}},
      {pro_3, R"("max_tokens":5)", level("LOW", false), {}},
      {"gemini-2.0-flash", R"("max_tokens":5)", "", {}},
      {pro_3, R"("max_tokens":5000)", "", {}},
      {pro_3, R"("max_tokens":5,"reasoning_effort":"high")", level("HIGH"), {}},
  };
  for (auto const& each : cases) {
    SCOPED_TRACE(std::string(each.model) + " " + each.asked);
    auto const out = sent(asking(each.asked), each.model);
    EXPECT_EQ(out.fault, "");
    EXPECT_EQ(member(member(out.upstream, "generationConfig"), "thinkingConfig"), each.sent);
    EXPECT_EQ(out.dropped, each.lost);
  }
}

// ---- sampling and limits ---------------------------------------------------------------------------------------

TEST(gemini_settings, numbers) {
  struct {
    std::string_view model;
    char const* asked;
    char const* sent;
    names lost;
  } const cases[] = {
      {"gemini-2.0-flash",
       R"("temperature":0,"top_p":1e-1,"top_k":3)",
       R"({"temperature":0,"topP":1e-1,"topK":3})",
       {}},
      {"gemini-2.0-flash", R"("max_tokens":99999)", R"({"maxOutputTokens":8192})", {"max_tokens (clamped)"}},
      {pro_3, R"("max_tokens":65536)", R"({"maxOutputTokens":65536})", {}},
      {pro_3,
       R"("presence_penalty":-0.5,"frequency_penalty":2)",
       R"({"presencePenalty":-0.5,"frequencyPenalty":2})",
       {}},
      {flash_2_5, R"("presence_penalty":-0.5,"frequency_penalty":2)", "", {"presence_penalty", "frequency_penalty"}},
      {pro_3, R"("presence_penalty":"x")", "", {"presence_penalty"}},
      {pro_3, R"("seed":2147483647)", R"({"seed":2147483647})", {}},
      {pro_3, R"("seed":2147483648)", "", {"seed"}},
      {pro_3, R"("seed":"x")", "", {"seed"}},
      {pro_3, R"("stop":["",""])", "", {}},
      // §7 row 26
      {flash_2_5, R"("logprobs":true)", R"({"responseLogprobs":true})", {}},
      {flash_2_5, R"("logprobs":true,"top_logprobs":0)", R"({"responseLogprobs":true})", {}},
      {flash_2_5, R"("logprobs":true,"top_logprobs":3)", R"({"responseLogprobs":true,"logprobs":3})", {}},
      {flash_2_5,
       R"("logprobs":true,"top_logprobs":21)",
       R"({"responseLogprobs":true,"logprobs":20})",
       {"top_logprobs (clamped)"}},
      {flash_2_5, R"("top_logprobs":3)", "", {"top_logprobs"}},
      {pro_3, R"("logprobs":true,"top_logprobs":3)", "", {"logprobs", "top_logprobs"}},
  };
  for (auto const& each : cases) {
    SCOPED_TRACE(std::string(each.model) + " " + each.asked);
    EXPECT_EQ(config(each.asked, each.model), each.sent);
    EXPECT_EQ(lost(asking(each.asked), each.model), each.lost);
  }
}

// ---- tools -----------------------------------------------------------------------------------------------------

std::string mode(std::string_view name, std::string_view more = "") {
  return R"({"functionCallingConfig":{"mode":")" + std::string(name) + "\"" + std::string(more) + "}}";
}

TEST(gemini_tools, choice) {
  auto const strict =
      R"("tools":[{"type":"function","function":{"name":"f","strict":true,"parameters":{"type":"object"}}}])";
  struct {
    std::string asked;
    std::string sent;
    names lost;
  } const cases[] = {
      {tools, "", {}},
      {tools + R"(,"tool_choice":"auto")", mode("AUTO"), {}},
      {tools + R"(,"tool_choice":"none")", mode("NONE"), {}},
      {tools + R"(,"tool_choice":"required")", mode("ANY"), {}},
      {tools + R"(,"tool_choice":{"type":"function","function":{"name":"g"}})",
       mode("ANY", R"(,"allowedFunctionNames":["g"])"),
       {}},
      {tools +
           R"(,"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"f"}}]}})",
       mode("ANY", R"(,"allowedFunctionNames":["f"])"),
       {}},
      {tools +
           R"(,"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"f"}}]}})",
       mode("VALIDATED", R"(,"allowedFunctionNames":["f"])"),
       {}},
      {strict, mode("VALIDATED"), {}},
      {strict + std::string(R"(,"tool_choice":"required")"), mode("ANY"), {}},
      {tools + R"(,"parallel_tool_calls":false)", "", {"parallel_tool_calls"}},
      {tools + R"(,"parallel_tool_calls":true)", "", {}},
      {R"("tool_choice":"required")", "", {"tool_choice"}},  // §7 row 25
      {R"("tool_choice":"auto","parallel_tool_calls":false)", "", {}},
  };
  for (auto const& each : cases) {
    EXPECT_EQ(sent_member(asking(each.asked), pro_3, "toolConfig"), each.sent) << each.asked;
    EXPECT_EQ(lost(asking(each.asked), pro_3), each.lost) << each.asked;
  }
  auto const unknown = sent(asking(tools + R"(,"tool_choice":{"type":"function","function":{"name":"zz"}})"), pro_3);
  EXPECT_EQ(unknown.param, "tool_choice");
  EXPECT_NE(unknown.fault.find("zz"), std::string::npos);
}

TEST(gemini_tools, names_come_once) {
  auto const twice = asking(
      R"("tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"f","description":"d"}}])");
  EXPECT_EQ(sent_member(twice, pro_3, "tools"), R"([{"functionDeclarations":[{"name":"f"}]}])");
  EXPECT_EQ(lost(twice, pro_3), names{"tools (same name)"});
}

TEST(gemini_tools, search) {
  auto const search = std::string(R"("web_search_options":{})");
  EXPECT_EQ(sent_member(asking(search), flash_2_5, "tools"), R"([{"googleSearch":{}}])");
  EXPECT_EQ(sent_member(asking(search), flash_2_5, "toolConfig"), "");
  auto const older = sent(asking(search + "," + tools), flash_2_5);
  EXPECT_EQ(older.upstream.find("googleSearch"), std::string::npos);
  EXPECT_EQ(older.dropped, names{"web_search_options"});
  EXPECT_EQ(sent_member(asking(search + "," + tools + R"(,"tool_choice":"required")"), pro_3, "toolConfig"),
            R"({"functionCallingConfig":{"mode":"ANY"},"includeServerSideToolInvocations":true})");
}

// ---- the form of the answer ------------------------------------------------------------------------------------

TEST(gemini_form, json) {
  auto const object = std::string(R"("response_format":{"type":"json_object"})");
  auto const schema = std::string(
      R"("response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object","properties":{"a":{"type":"string"}}}}})");
  auto const native = std::string(R"({"responseMimeType":"application/json"})");
  EXPECT_EQ(config(object, flash_2_5), native);
  EXPECT_EQ(
      config(schema, flash_2_5),
      R"({"responseMimeType":"application/json","responseJsonSchema":{"type":"object","properties":{"a":{"type":"string"}}}})");
  // Beside functions only newer models answer in JSON, and only while they are free to call.
  EXPECT_EQ(config(object + "," + tools, pro_3), native);
  auto const instructed = [](std::string const& asked, std::string_view model) {
    auto const out = sent(asking(asked), model);
    EXPECT_EQ(member(out.upstream, "generationConfig"), "") << asked;
    EXPECT_NE(member(out.upstream, "systemInstruction").find("JSON"), std::string::npos) << asked;
    EXPECT_EQ(out.dropped, names{"response_format (instructed)"}) << asked;
  };
  instructed(object + "," + tools, flash_2_5);
  instructed(schema + "," + tools, flash_2_5);
  instructed(object + "," + tools + R"(,"tool_choice":"required")", pro_3);
  instructed(object + R"(,"web_search_options":{})", flash_2_5);
  // Functions that may not be called only stand in the way.
  for (auto const model : {flash_2_5, pro_3}) {
    auto const out = sent(asking(object + "," + tools + R"(,"tool_choice":"none")"), model);
    EXPECT_EQ(member(out.upstream, "generationConfig"), native);
    EXPECT_EQ(member(out.upstream, "tools") + member(out.upstream, "toolConfig"), "");
  }
  auto const strict = asking(object + R"(,"tools":[{"type":"function","function":{"name":"f","strict":true}}])");
  EXPECT_EQ(sent_member(strict, pro_3, "toolConfig"), mode("AUTO"));
  EXPECT_EQ(lost(strict, pro_3), names{"tools[].function.strict"});
  // Gemma hears instructions from the user.
  auto const gemma = sent(asking(object + "," + tools), "gemma-3-27b-it");
  EXPECT_EQ(member(gemma.upstream, "systemInstruction"), "");
  EXPECT_NE(member(gemma.upstream, "contents").find("JSON"), std::string::npos);
}

// ---- schemas ---------------------------------------------------------------------------------------------------

std::string lowered(std::string_view schema, schema_fit expected) {
  std::string out;
  EXPECT_EQ(lower_schema(schema, out), expected) << schema;
  EXPECT_TRUE(json::scan_object(padded(out).view())) << out;
  return out;
}

TEST(gemini_schema, lowers) {
  using enum schema_fit;
  struct {
    char const* schema;
    char const* lowered;
    schema_fit fit;
  } const cases[] = {
      {"{}", "{}", whole},
      {"true", "{}", whole},
      {"false", "{}", simplified},
      {R"({"type":"string","enum":["a",null,1]})", R"({"type":"string","enum":["a",null,1]})", whole},
      {R"({"const":{"a": 1}})", R"({"enum":[{"a": 1}]})", whole},
      {R"({"type":"string","nullable":true})", R"({"type":["string","null"]})", whole},
      {R"({"nullable":false,"type":"string"})", R"({"type":"string"})", whole},
      {R"({"type":"array"})", R"({"type":"array"})", whole},
      {R"({"type":"array","items":[{"type":"string"},true]})",
       R"({"type":"array","prefixItems":[{"type":"string"},{}]})", whole},
      {R"({"additionalProperties":{"type":"number","minLength":3}})",
       R"x({"additionalProperties":{"type":"number","description":"(minLength: 3)"}})x", whole},
      {R"({"oneOf":[{"type":"null"}]})", R"({"anyOf":[{"type":"null"}]})", whole},
      {R"({"oneOf":[{}],"anyOf":[{}]})", R"({"anyOf":[{}]})", simplified},
      {R"({"type":"string","default":"x","examples":["y"],"$comment":"z"})",
       R"x({"type":"string","description":"(default: \"x\")"})x", whole},
      {R"({"default":[1],"type":"array"})", R"({"type":"array"})", whole},
      {R"({"patternProperties":{"a":{}}})", "{}", simplified},
      {R"({"not":{"type":"null"}})", "{}", simplified},
      {R"({"type":"integer","format":"int64"})", R"({"type":"integer","format":"int64"})", whole},
      {R"({"allOf":[{"$ref":"#/$defs/a"},{"properties":{"y":{"type":"string"},"x":{}},"required":["y","z"]}],"required":["x"],"$defs":{"a":{"type":"object","properties":{"x":{"type":"number"}}}}})",
       R"({"required":["x","y"],"$defs":{"a":{"type":"object","properties":{"x":{"type":"number"}}}},"type":"object","properties":{"x":{"type":"number"},"y":{"type":"string"}}})",
       whole},
      {R"({"properties":{"h":{"type":"object"},"l":{"type":"array","items":{"$ref":"#/properties/h"}}}})",
       R"({"properties":{"h":{"type":"object"},"l":{"type":"array","items":{"type":"object"}}}})", whole},
      {R"({"properties":{"l":{"$ref":"#/nowhere"}}})", R"({"properties":{"l":{}}})", simplified},
      {R"({"properties":{"l":{"$ref":"#"}}})", R"({"properties":{"l":{}}})", simplified},
      {R"({"$ref":"#/definitions/a","title":"t","definitions":{"a":{"type":"null"}}})",
       R"({"$ref":"#/$defs/a","$defs":{"a":{"type":"null"}}})", whole},
      {R"({"anyOf":7,"properties":[],"required":{"a":1},"items":3})", R"({"properties":{},"required":[],"items":{}})",
       simplified},
  };
  for (auto const& each : cases) EXPECT_EQ(lowered(each.schema, each.fit), each.lowered) << each.schema;
}

TEST(gemini_schema, never_runs_away) {
  // Pointers that lead back to where they stand, alone and by the dozen.
  std::string out;
  lower_schema(R"({"properties":{"a":{"$ref":"#/properties/a"}}})", out);
  EXPECT_LT(out.size(), 200u);
  std::string wide = R"({"properties":{"a":{"anyOf":[)";
  for (int i = 0; i < 100; ++i) wide += std::string(i ? "," : "") + R"({"$ref":"#/properties/a"})";
  wide += "]}}}";
  out.clear();
  lower_schema(wide, out);
  EXPECT_LT(out.size(), 100'000u);
  std::string const merged =
      R"({"allOf":[{"$ref":"#/x/a"},{"$ref":"#/x/a"}],"x":{"a":{"allOf":[{"$ref":"#/x/a"},{"$ref":"#/x/a"}]}}})";
  out.clear();
  EXPECT_EQ(lower_schema(merged, out), schema_fit::simplified);
  EXPECT_LT(out.size(), 1000u);
  // As deep as a body may be.
  std::string deep;
  for (int i = 0; i < 120; ++i) deep += R"({"items":)";
  deep += "{}" + std::string(120, '}');
  out.clear();
  EXPECT_EQ(lower_schema(deep, out), schema_fit::whole);
  EXPECT_EQ(out, deep);
}

TEST(gemini_schema, parameters_are_an_object_or_nothing) {
  auto const parameters = [](std::string_view schema) {
    std::string out;
    lower_parameters(schema, out);
    return out;
  };
  for (auto const each : {"", "{}", R"({"type":"object"})",
                          R"({"type":"object","properties":{},"required":[],"additionalProperties":false})"}) {
    EXPECT_EQ(parameters(each), "") << each;
  }
  EXPECT_EQ(parameters(R"({"properties":{"a":{}}})"), R"({"type":"object","properties":{"a":{}}})");
  EXPECT_EQ(parameters(R"({"type":"object","additionalProperties":true})"),
            R"({"type":"object","additionalProperties":true})");
  EXPECT_EQ(parameters(R"({"anyOf":[{"type":"object"}]})"), R"({"type":"object","anyOf":[{"type":"object"}]})");
}

}  // namespace
}  // namespace recloser::dialects::gemini
