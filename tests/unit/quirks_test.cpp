// What single providers want otherwise in messages and schemas.

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "dialects/json.hpp"
#include "providers/prepare.hpp"
#include "providers/schema_edits.hpp"
#include "providers/system_messages.hpp"

namespace recloser::providers {
namespace {

TEST(system_messages, are_one_and_in_front) {
  struct {
    std::string_view in, out;  ///< the messages; no `out`: nothing changes
  } const cases[] = {
      {R"([{"role":"system","content":"a"},{"role":"user","content":"u"}])", ""},
      {R"([{"role":"user","content":"u"}])", ""},
      {"[]", ""},
      {"null", ""},
      {R"([{"role":"system","content":"a"}, {"role":"developer","content":"b"}, {"role":"user","content":"u"}])",
       R"([{"role":"system","content":"a\n\nb"},{"role":"user","content":"u"}])"},
      {R"([{"role":"user","content":"u"},{"role":"system","content":"a\"é"} ,{"role":"user","content":"v"}])",
       R"([{"role":"system","content":"a\"é"},{"role":"user","content":"u"},{"role":"user","content":"v"}])"},
      {R"([{"role":"user","content":"u"},{"role":"system","content":"a"},{"role":"system","content":""}])",
       R"([{"role":"system","content":"a"},{"role":"user","content":"u"}])"},
      {R"([{"role":"system","content":"a"},{"role":"system","content":"b"}])", R"([{"role":"system","content":"a\n\nb"}])"},
      {R"([{"role":"user","content":"u"},{"role":"system","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}])",
       R"([{"role":"system","content":"a\n\nb"},{"role":"user","content":"u"}])"},
      {R"([{"role":"user","content":"u"},{"role":"system","content":[{"type":"image_url"}]}])", ""},
      {R"([{"role":"user","content":"u"},{"role":"system"}])", ""},
  };
  for (auto const& each : cases) {
    auto const body = [](std::string_view messages) {
      return R"({"model":"m","messages":)" + std::string(messages) + R"(,"seed":1})";
    };
    auto const out = with_one_system_message(body(each.in));
    EXPECT_EQ(out.has_value(), !each.out.empty()) << each.in;
    if (out) EXPECT_EQ(*out, body(each.out));
  }
}

TEST(schema_edits, make_moonshots_subset) {
  struct {
    std::string_view in, out;
  } const cases[] = {
      {R"({"type":"object","properties":{"a":{"type":"string"}}})", R"({"type":"object","properties":{"a":{"type":"string"}}})"},
      {R"({"$schema":"x","type":"object"})", R"({"type":"object"})"},
      {R"({"$schema":"x"})", R"({"type":"object"})"},
      {R"({})", R"({"type":"object"})"},
      {R"({"properties":{"items":{"type":"string"}}})", R"({"properties":{"items":{"type":"string"}},"type":"object"})"},
      {R"({"type":"object","properties":{"a":{"type":"array","items":[{"type":"string"},{"$schema":"x","type":"number"}]}}})",
       R"({"type":"object","properties":{"a":{"type":"array","prefixItems":[{"type":"string"},{"type":"number"}]}}})"},
      {R"({"type":"object","properties":{"a":{"type":"string","anyOf":[{"minLength":1},{"type":"null"},{},{"$ref":"#/$defs/b"}]}}})",
       R"({"type":"object","properties":{"a":{"anyOf":[{"minLength":1,"type":"string"},{"type":"null"},{"type":"string"},{"$ref":"#/$defs/b"}]}}})"},
      {R"({"type":"object","anyOf":[{"required":["a"]},{"anyOf":[{"required":["b"]}]}]})",
       R"({"anyOf":[{"required":["a"],"type":"object"},{"anyOf":[{"required":["b"],"type":"object"}]}]})"},
      {R"({"type":"object","properties":{"a":{"items":{"$schema":"x","type":"string"}}}})",
       R"({"type":"object","properties":{"a":{"items":{"type":"string"}}}})"},
  };
  for (auto const& each : cases) {
    std::string const text(each.in);
    chat::store kept;
    json::edit_list edits(text, kept);
    edit_schema(text, edits);
    std::string out;
    edits.append_to(out);
    EXPECT_EQ(out, each.out);
    EXPECT_TRUE(json::scan_object(out)) << out;
  }
}

TEST(schema_edits, reach_tools_and_the_answers_format) {
  std::string const text =
      R"({"tools":[{"type":"function","function":{"name":"f","parameters":{"$schema":"x","type":"object"}}},{"type":"function"}],"response_format":{"type":"json_schema","json_schema":{"schema":{"$schema":"x","type":"object"}}},"x":{"$schema":"x"}})";
  std::vector<json::member> members;
  ASSERT_TRUE(json::scan_object(text, members));
  chat::store kept;
  json::edit_list edits(text, kept);
  for (auto const& each : members) edit_schemas(each, edits);
  std::string out;
  edits.append_to(out);
  EXPECT_EQ(
      out,
      R"({"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}},{"type":"function"}],"response_format":{"type":"json_schema","json_schema":{"schema":{"type":"object"}}},"x":{"$schema":"x"}})");
}

TEST(anthropic_version, of_october_2026_has_no_sampling) {
  std::string const body =
      R"({"model":"x","messages":[{"role":"user","content":"u"}],"temperature":1,"top_p":0.5,"max_tokens":9})";
  std::vector<json::member> members;
  ASSERT_TRUE(json::scan_object(body, members));
  client_request const request{.body = body, .members = &members};
  for (std::string_view version : {"", "2023-06-01", "2026-10-21"}) {
    preparation const target{.provider = find_row("anthropic"), .model = "claude-3-haiku-20240307", .api_version = version};
    auto const sent = prepare(request, target);
    ASSERT_TRUE(sent);
    std::string text;
    for (auto piece : sent->body) text += piece;
    bool const without = version == "2026-10-21";
    EXPECT_EQ(text.find("top_p") == std::string::npos, without) << text;
    if (!without) continue;
    EXPECT_EQ(text.find("temperature"), std::string::npos) << text;
    EXPECT_EQ(sent->dropped, (std::vector<std::string>{"temperature", "top_p"}));
  }
}

}  // namespace
}  // namespace recloser::providers
