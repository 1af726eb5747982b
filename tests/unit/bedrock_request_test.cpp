// What goes to Bedrock for what an OpenAI client asked.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "bedrock_fixture.hpp"

namespace recloser::dialects::bedrock_tests {
namespace {

TEST(bedrock_request, golden) {
  for (auto const& name : cases_with("request.json")) {
    SCOPED_TRACE(name);
    auto const request = load(fixtures() / name / "request.json");
    auto const model = std::string(json::text_of(json::find(request, "model"))).substr(std::string("bedrock/").size());
    auto const out = write(request, model);
    EXPECT_EQ(out.fault, "");
    EXPECT_EQ(compact(out.upstream), compact(load(fixtures() / name / "upstream.json")));
    EXPECT_EQ(out.dropped, lines(load(fixtures() / name / "dropped.txt")));
  }
}

// §8.1; §7 row 23 is the signer's half of it.
TEST(bedrock_request, a_model_is_one_segment_of_the_path) {
  auto const path = bedrock_converse::converse.path;
  EXPECT_EQ(path("anthropic.claude-haiku-4-5-20251001-v1:0", false),
            "/model/anthropic.claude-haiku-4-5-20251001-v1%3A0/converse");
  EXPECT_EQ(path("arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc123", true),
            "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A111122223333%3Aapplication-inference-profile%2Fabc123/"
            "converse-stream");
  EXPECT_EQ(path("a-_.~Z9", false), "/model/a-_.~Z9/converse");
  EXPECT_EQ(path("../x?a#b c%\xC3\xA9", false), "/model/..%2Fx%3Fa%23b%20c%25%C3%A9/converse");
}

// ---- media -----------------------------------------------------------------------------------------------------

TEST(bedrock_request, refuses_what_it_cannot_show) {
  char const* const wrong[] = {
      R"({"type":"image_url","image_url":{"url":"https://e.com/a.png"}})",
      R"({"type":"file","file":{"file_data":"https://e.com/a.pdf"}})",
      R"({"type":"file","file":{"file_id":"file-abc"}})",
      R"({"type":"image_url","image_url":{"url":"data:image/bmp;base64,AA"}})",
      R"({"type":"file","file":{"file_data":"data:application/zip;base64,AA"}})",
      R"({"type":"input_audio","input_audio":{"data":"AA","format":"wav"}})",
  };
  for (auto const* part : wrong) {
    auto const out = write(saying(user + R"(,{"role":"user","content":[)" + part + "]}"), sonnet_4_5);
    EXPECT_EQ(out.param, "messages[1].content") << part << out.upstream;
    EXPECT_EQ(out.code, "unsupported_value") << part;
  }
}

TEST(bedrock_request, knows_the_formats_of_documents) {
  struct {
    char const* media_type;
    char const* format;
  } const cases[] = {
      {"application/pdf", "pdf"},
      {"text/csv", "csv"},
      {"text/html", "html"},
      {"text/plain", "txt"},
      {"text/markdown", "md"},
      {"application/json", "txt"},
      {"application/msword", "doc"},
      {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"},
      {"application/vnd.ms-excel", "xls"},
      {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"},
  };
  for (auto const& each : cases) {
    auto const part =
        R"({"type":"file","file":{"file_data":"data:)" + std::string(each.media_type) + R"(;base64,AAAA"}})";
    EXPECT_EQ(messages(R"({"role":"user","content":[{"type":"text","text":"t"},)" + part + "]}"),
              R"([{"role":"user","content":[{"text":"t"},{"document":{"name":"document-1","format":")" +
                  std::string(each.format) + R"(","source":{"bytes":"AAAA"}}}]}])");
  }
}

TEST(bedrock_request, tool_results_may_show_things) {
  auto const said = user + "," + calls(call("x")) +
                    R"(,{"role":"tool","tool_call_id":"x","content":[{"type":"text","text":"t"},)"
                    R"({"type":"image_url","image_url":{"url":"data:image/gif;base64,R0lG"}}]})";
  auto const out = value(R"({"model":"m","messages":[)" + said + "]," + tools + "}", sonnet_4_5, "messages");
  EXPECT_NE(out.find(R"({"toolResult":{"toolUseId":"x","content":[{"text":"t"},)"
                     R"({"image":{"format":"gif","source":{"bytes":"R0lG"}}}]}})"),
            std::string::npos)
      << out;
}

// ---- turns -----------------------------------------------------------------------------------------------------

std::string said_user(std::string_view blocks) { return R"({"role":"user","content":[)" + std::string(blocks) + "]}"; }
std::string text(std::string_view words) { return R"({"text":")" + std::string(words) + R"("})"; }

TEST(bedrock_request, turns_alternate_and_the_first_is_the_users) {
  EXPECT_EQ(messages(R"({"role":"assistant","content":"b"},{"role":"assistant","content":"c"})", llama),
            "[" + said_user(text(".")) + R"(,{"role":"assistant","content":[{"text":"b"},{"text":"c"}]}])");
  EXPECT_EQ(
      messages(R"({"role":"user","content":""},{"role":"assistant","content":" "},{"role":"user","content":"x"})"),
      "[" + said_user(text("x")) + "]");
}

TEST(bedrock_request, the_end_of_an_unfinished_answer_has_no_white_space) {
  EXPECT_EQ(messages(user + R"(,{"role":"assistant","content":"so \n "})", llama),
            "[" + said_user(text("a")) + R"(,{"role":"assistant","content":[{"text":"so"}]}])");
  // Claude 4.6 and later take no prefill at all.
  EXPECT_EQ(messages(user + R"(,{"role":"assistant","content":"so"})", sonnet_4_6),
            "[" + said_user(text("a")) + R"(,{"role":"assistant","content":[{"text":"so"}]},)" +
                said_user(text("Continue.")) + "]");
}

TEST(bedrock_request, models_without_system_prompts_hear_it_from_the_user) {
  auto const out = write(saying(R"({"role":"system","content":"rule"},)" + user), titan);
  EXPECT_EQ(member(out.upstream, "system"), "");
  EXPECT_EQ(member(out.upstream, "messages"), "[" + said_user(text("rule") + "," + text("a")) + "]");
  EXPECT_EQ(out.dropped, names{"messages (system as user)"});
}

TEST(bedrock_request, orphan_results_become_words) {
  EXPECT_EQ(messages(user + "," + result("lost", "42")),
            "[" + said_user(text("a") + "," + text("Result of an earlier tool call lost:") + "," + text("42")) + "]");
}

// ---- losses and native members ---------------------------------------------------------------------------------

TEST(bedrock_request, names_every_loss) {
  EXPECT_EQ(dropped(asking(R"("seed":1,"logprobs":true,"logit_bias":{"1":2},"presence_penalty":0.5,"zzz":{},)"
                           R"("service_tier":"scale","guardrailConfig":"on","anthropic_beta":["x"],"top_k":3,)"
                           R"("cache_control":{"type":"ephemeral"},"thinking":{"type":"enabled"},)"
                           R"("reasoning_effort":"high","parallel_tool_calls":false,)" +
                           tools),
                    llama),
            (names{"seed", "logprobs", "logit_bias", "presence_penalty", "zzz", "guardrailConfig", "anthropic_beta",
                   "parallel_tool_calls", "thinking", "reasoning_effort", "top_k", "cache_control", "service_tier"}));
}

TEST(bedrock_request, service_tiers) {
  struct {
    char const* asked;
    char const* sent;
  } const cases[] = {
      {"auto", ""},
      {"default", R"({"type":"default"})"},
      {"priority", R"({"type":"priority"})"},
      {"flex", R"({"type":"flex"})"},
      {"reserved", R"({"type":"reserved"})"},
  };
  for (auto const& each : cases) {
    auto const request = asking(R"("service_tier":")" + std::string(each.asked) + "\"");
    EXPECT_EQ(value(request, llama, "serviceTier"), each.sent);
    EXPECT_EQ(dropped(request, llama), names{});
  }
}

TEST(bedrock_request, members_of_its_own_go_as_they_are) {
  auto const request = asking(R"("requestMetadata":{"team": "a"},"user":"u","anthropic_beta":["b-1"],)"
                              R"("additionalModelRequestFields":{"top_k": 9, "x":{"y":1.50}},"top_k":5)");
  auto const out = write(request, sonnet_4_5);
  EXPECT_EQ(member(out.upstream, "requestMetadata"), R"({"team": "a"})");
  EXPECT_EQ(member(out.upstream, "additionalModelRequestFields"),
            R"({"anthropic_beta":["b-1"],"top_k":5,"x":{"y":1.50}})");
  EXPECT_EQ(out.dropped, names{"additionalModelRequestFields.top_k"});
}

TEST(bedrock_request, only_plain_user_names_become_metadata) {
  EXPECT_EQ(value(asking(R"("user":"a@b.c/1")"), llama, "requestMetadata"), R"({"user_id":"a@b.c/1"})");
  EXPECT_EQ(value(asking(R"("user":"h\u00e9")"), llama, "requestMetadata"), "");
  EXPECT_EQ(value(asking(R"("user":"{\"session_id\":\"x\"}")"), llama, "requestMetadata"), "");
  EXPECT_EQ(value(asking("\"user\":\"" + std::string(257, 'x') + "\""), llama, "requestMetadata"), "");
}

TEST(bedrock_request, survives_every_changed_byte) {
  int written_ones = 0;
  for (auto const& name : cases_with("request.json")) {
    auto const whole = compact(load(fixtures() / name / "request.json"));
    for (std::size_t i = 0; i < whole.size(); ++i) {
      for (char const c : {'"', '{', '\\', '9', 'x'}) {
        auto changed = whole;
        changed[i] = c;
        for (auto const model : {sonnet_4_5, mistral_large}) {
          if (!write(changed, model).upstream.empty()) ++written_ones;  // and is JSON: see `write`
        }
      }
    }
  }
  EXPECT_GT(written_ones, 1000);
}

// ---- cache points ----------------------------------------------------------------------------------------------

std::string const marked_talk =
    R"({"model":"m","messages":[{"role":"system","content":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}]},)"
    R"({"role":"user","content":[{"type":"text","text":"u","cache_control":{"type":"ephemeral","ttl":"1h"}}]}],)"
    R"("tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}},"cache_control":{"type":"ephemeral"}}]})";

TEST(bedrock_request, cache_points_only_where_the_model_takes_them) {
  auto const none = write(marked_talk, llama);
  EXPECT_EQ(count_of(none.upstream, "cachePoint"), 0);
  EXPECT_EQ(none.dropped, names{"cache_control"});
  auto const prompt = write(marked_talk, nova_pro);
  EXPECT_EQ(count_of(member(prompt.upstream, "toolConfig"), "cachePoint"), 0);
  EXPECT_EQ(count_of(prompt.upstream, R"({"cachePoint":{"type":"default"}})"), 2);
  EXPECT_EQ(prompt.dropped, (names{"cache_control", "cache_control.ttl"}));
  auto const all = write(marked_talk, sonnet_4_5);
  EXPECT_EQ(count_of(all.upstream, "cachePoint"), 3);
  EXPECT_EQ(count_of(all.upstream, R"({"cachePoint":{"type":"default","ttl":"1h"}})"), 1);
  EXPECT_EQ(all.dropped, names{});
  EXPECT_EQ(count_of(write(marked_talk, haiku_3).upstream, "cachePoint"), 0);
}

TEST(bedrock_request, at_most_four_cache_points) {
  std::string talk = R"({"model":"m","cache_control":{"type":"ephemeral"},"messages":[)";
  for (int i = 0; i < 6; ++i) {
    talk += R"({"role":"user","content":[{"type":"text","text":"u","cache_control":{"type":"ephemeral"}}]},)";
  }
  talk += R"({"role":"user","content":"end"}]})";
  auto const out = write(talk, sonnet_4_5);
  EXPECT_EQ(count_of(out.upstream, "cachePoint"), 4);
  EXPECT_TRUE(out.upstream.find(R"({"text":"end"},{"cachePoint":{"type":"default"}}])") != std::string::npos);
  EXPECT_EQ(out.dropped, names{"cache_control"});
}

}  // namespace
}  // namespace recloser::dialects::bedrock_tests
