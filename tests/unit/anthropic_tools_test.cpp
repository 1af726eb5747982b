// Tools, the choice among them, and the form of the answer (providers-native.md §1.2, §1.6).

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "anthropic_fixture.hpp"
#include "dialects/anthropic/schema.hpp"

namespace recloser::dialects {
namespace {

// ---- tools -----------------------------------------------------------------------------------------------------

TEST(anthropic_tools, chooses_tools) {
  struct {
    std::string_view model;
    char const* asked;
    char const* choice;
    std::size_t count;
    names lost;
  } const cases[] = {
      {sonnet_4_5, R"("tool_choice":"auto")", R"({"type":"auto"})", 2, {}},
      {sonnet_4_5, R"("tool_choice":"none")", R"({"type":"none"})", 2, {}},
      {sonnet_4_5, R"("tool_choice":"none","parallel_tool_calls":false)", R"({"type":"none"})", 2, {}},
      {sonnet_4_5, R"("tool_choice":"required")", R"({"type":"any"})", 2, {}},
      {sonnet_4_5,
       R"("tool_choice":{"type":"function","function":{"name":"g"}})",
       R"({"type":"tool","name":"g"})",
       2,
       {}},
      {sonnet_4_5, R"("parallel_tool_calls":false)", R"({"type":"auto","disable_parallel_tool_use":true})", 2, {}},
      {sonnet_4_5, R"("parallel_tool_calls":true)", "", 2, {}},
      {sonnet_4_5,
       R"("tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"g"}}]}})",
       R"({"type":"any"})",
       1,
       {}},
      {opus_5_5, R"("tool_choice":"required")", R"({"type":"auto"})", 2, {"tool_choice (auto)"}},
      {opus_5_5,
       R"("tool_choice":{"type":"function","function":{"name":"g"}})",
       R"({"type":"auto"})",
       1,
       {"tool_choice (auto)"}},
  };
  for (auto const& each : cases) {
    SCOPED_TRACE(each.asked);
    auto const out = write(asking(tools + "," + each.asked), each.model);
    EXPECT_EQ(member(out.upstream, "tool_choice"), each.choice);
    std::vector<chat::raw_json> sent;
    json::elements_of(json::find(out.upstream, "tools"), sent);
    EXPECT_EQ(sent.size(), each.count);
    EXPECT_EQ(out.dropped, each.lost);
    bool const asked = each.lost == names{"tool_choice (auto)"};
    EXPECT_EQ(member(out.upstream, "system"),
              asked ? R"("Call a tool in your next answer; do not answer in text alone.")" : "");
  }
  EXPECT_EQ(write(asking(tools + R"(,"tool_choice":{"type":"function","function":{"name":"h"}})"), sonnet_4_5).param,
            "tool_choice");
}

TEST(anthropic_tools, no_choice_without_tools) {
  auto const out = write(asking(R"("tool_choice":"required","parallel_tool_calls":false,"tools":[])"), sonnet_4_5);
  EXPECT_EQ(member(out.upstream, "tool_choice"), "");
  EXPECT_EQ(member(out.upstream, "tools"), "");
  EXPECT_EQ(out.dropped, names{"tool_choice"});
}

TEST(anthropic_tools, gives_tools_that_the_history_needs) {
  auto const out = write(saying(user + "," + calls(call("x")) + "," + result("x", "r")), sonnet_4_5);
  EXPECT_EQ(member(out.upstream, "tools"), R"([{"name":"f","input_schema":{"type":"object","properties":{}}}])");
  EXPECT_EQ(member(out.upstream, "tool_choice"), R"({"type":"none"})");
}

std::string tool(std::string_view function) {
  return asking(R"("tools":[{"type":"function","function":{"name":"f",)" + std::string(function) + "}}]");
}

TEST(anthropic_tools, fits_tool_schemas) {
  auto const sent = [](std::string_view function) { return value(tool(function), sonnet_4_5, "tools"); };
  EXPECT_EQ(sent(R"("parameters":null)"), R"([{"name":"f","input_schema":{"type":"object","properties":{}}}])");
  EXPECT_EQ(sent(R"("description":" ","parameters":{})"),
            R"([{"name":"f","input_schema":{"type":"object","properties":{}}}])");
  EXPECT_EQ(sent(R"("parameters":{"properties":{"n":{"maximum":9007199254740993}}})"),
            R"([{"name":"f","input_schema":{"type":"object","properties":{"n":{"maximum":9007199254740993}}}}])");
  auto const either =
      R"("parameters":{"type":"object","properties":{"a":{},"b":{}},"anyOf":[{"required":["a"]},{"required":["b"]}]})";
  EXPECT_EQ(sent(either), R"([{"name":"f","input_schema":{"type":"object","properties":{"a":{},"b":{}}}}])");
  EXPECT_EQ(dropped(tool(either), sonnet_4_5), names{"tools[].function.parameters (simplified)"});
  EXPECT_EQ(
      sent(
          R"("parameters":{"oneOf":[{"type":"object","properties":{"a":{"type":"string"}}},{"properties":{"b":{}}}]})"),
      R"([{"name":"f","input_schema":{"type":"object","properties":{"a":{"type":"string"},"b":{}}}}])");
  EXPECT_EQ(dropped(asking(R"("tools":[{"type":"custom","custom":{"name":"x"}}])"), sonnet_4_5),
            names{"tools (custom)"});
}

TEST(anthropic_tools, promises_strict_only_what_compiles) {
  auto const strict =
      R"("strict":true,"parameters":{"type":"object","properties":{"a":{"type":"string","maxLength":3}},"required":["a"]})";
  EXPECT_EQ(
      value(tool(strict), sonnet_4_5, "tools"),
      R"j([{"name":"f","input_schema":{"type":"object","properties":{"a":{"type":"string","description":"(maxLength: 3)"}},)j"
      R"("required":["a"],"additionalProperties":false},"strict":true}])");
  auto const open = R"("strict":true,"parameters":{"type":"object","additionalProperties":{"type":"string"}})";
  EXPECT_EQ(value(tool(open), sonnet_4_5, "tools"),
            R"([{"name":"f","input_schema":{"type":"object","additionalProperties":{"type":"string"}}}])");
  EXPECT_EQ(dropped(tool(open), sonnet_4_5), names{"tools[].function.strict"});
  EXPECT_EQ(dropped(tool(strict), "claude-sonnet-4-20250514"), names{"tools[].function.strict"});
  EXPECT_EQ(dropped(tool(R"("strict":false,"parameters":{"type":"object"})"), sonnet_4_5), names{});
}

// ---- form of the answer ----------------------------------------------------------------------------------------

std::string schema(std::string_view schema, std::string_view more = "") {
  return asking(R"("response_format":{"type":"json_schema","json_schema":{"name":"n","schema":)" + std::string(schema) +
                "}}" + std::string(more));
}

bool is_native(std::string_view text) { return value(schema(text), sonnet_4_5, "output_config") != ""; }

TEST(anthropic_tools, compiles_only_the_subset) {
  EXPECT_TRUE(is_native(R"({"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]})"));
  EXPECT_TRUE(is_native(
      R"({"type":"object","properties":{"a":{"allOf":[{"$ref":"#/$defs/b"}]}},"$defs":{"b":{"type":"string"}}})"));
  EXPECT_TRUE(is_native(R"({"type":"object","additionalProperties":false})"));
  EXPECT_FALSE(is_native(R"({"type":"object"})")) << "an open map can only become {}";
  EXPECT_FALSE(
      is_native(R"({"type":"object","properties":{"a":{"type":"object","additionalProperties":{"type":"string"}}}})"));
  EXPECT_FALSE(is_native(R"({"type":"object","properties":{"a":{"$ref":"#"}}})")) << "recursion";
  EXPECT_FALSE(is_native(
      R"({"type":"object","properties":{"a":{"$ref":"#/$defs/b"}},"$defs":{"b":{"type":"array","items":{"$ref":"#/$defs/c"}},"c":{"anyOf":[{"$ref":"#/$defs/b"}]}}})"));
  EXPECT_FALSE(is_native(R"({"type":"object","properties":{"a":{"$ref":"other.json"}}})"));
  EXPECT_FALSE(
      is_native(R"({"allOf":[{"type":"object","properties":{"a":{}}},{"type":"object","properties":{"b":{}}}]})"));
  EXPECT_FALSE(is_native(R"({"type":"object","properties":{"a":true}})"));
  std::string many;
  for (int i = 0; i < 13; ++i) many += (i ? ",\"p" : "\"p") + std::to_string(i) + "\":{\"type\":\"string\"}";
  EXPECT_FALSE(is_native(R"({"type":"object","properties":{)" + many + "}}")) << "13 optional ones";
  EXPECT_TRUE(is_native(R"({"type":"object","properties":{)" + many + R"(},"required":["p0"]})"));
}

TEST(anthropic_tools, a_schema_that_does_not_fit_costs_nothing) {
  anthropic::schema_budget budget;
  std::string out = "before";
  EXPECT_FALSE(budget.lower(R"({"type":"object","properties":{"a":{"type":"string"},"b":true}})", out));
  EXPECT_EQ(out, "before");
  std::string twelve;
  for (int i = 0; i < 12; ++i) twelve += (i ? ",\"p" : "\"p") + std::to_string(i) + "\":{\"type\":\"string\"}";
  EXPECT_TRUE(budget.lower(R"({"type":"object","properties":{)" + twelve + "}}", out));
  EXPECT_FALSE(budget.lower(R"({"type":"object","properties":{"a":{}}})", out)) << "the budget is one for all";
  EXPECT_TRUE(budget.lower(R"({"type":"object","properties":{"a":{}},"required":["a"]})", out));
}

TEST(anthropic_tools, falls_back_from_schemas) {
  constexpr std::string_view person = R"({"type":"object","properties":{"a":{"type":"string"}}})";
  constexpr std::string_view sonnet_4 = "claude-sonnet-4-20250514";
  auto const by_tool = write(schema(person), sonnet_4);
  EXPECT_EQ(member(by_tool.upstream, "tool_choice"), R"({"type":"tool","name":"recloser_json_answer"})");
  EXPECT_EQ(member(json::find(by_tool.upstream, "tools").substr(1), "input_schema"), person);
  EXPECT_EQ(by_tool.dropped, names{});
  // With tools of the client's, or thinking, the model is only told.
  for (auto const& more : {"," + tools, std::string(R"(,"reasoning_effort":"low")")}) {
    auto const told = write(schema(person, more), sonnet_4);
    EXPECT_EQ(member(told.upstream, "tool_choice"), "");
    EXPECT_NE(told.upstream.find(R"({\"type\":\"object\",\"properties\":{\"a\")"), std::string::npos);
    EXPECT_EQ(told.dropped, names{"response_format (instructed)"});
  }
  EXPECT_EQ(member(write(schema(R"({"type":"object"})"), opus_5_5).upstream, "tool_choice"), "")
      << "refuses a forced choice";
  auto const object = write(asking(R"("response_format":{"type":"json_object"})"), sonnet_4_5);
  EXPECT_NE(member(object.upstream, "system").find("JSON object"), std::string::npos);
  EXPECT_EQ(object.dropped, names{});
  EXPECT_EQ(value(asking(R"("response_format":{"type":"text"})"), sonnet_4_5, "system"), "");
}

TEST(anthropic_tools, adds_instructions_behind_the_system_text) {
  auto const out = write(
      R"({"messages":[{"role":"system","content":"s"},{"role":"user","content":"u"}],"response_format":{"type":"json_object"}})",
      sonnet_4_5);
  EXPECT_TRUE(member(out.upstream, "system")
                  .starts_with(R"([{"type":"text","text":"s"},{"type":"text","text":"Answer with one JSON object)"));
}

}  // namespace
}  // namespace recloser::dialects
