// What goes to /v1/responses for what a chat client asked.

#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "responses_fixture.hpp"

namespace recloser::dialects::openai_responses {
namespace {

// ---- golden ----------------------------------------------------------------------------------------------------

names lines(std::string const& text) {
  names out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

TEST(responses_request, golden) {
  for (auto const& name : golden_with("request.json")) {
    SCOPED_TRACE(name);
    auto const request = load(golden() / name / "request.json");
    auto const target = json::text_of(json::find(request, "model"));
    auto const out = send(request, target.substr(target.find('/') + 1));
    EXPECT_EQ(out.fault, "");
    EXPECT_EQ(compact(out.upstream), compact(load(golden() / name / "upstream.json")));
    EXPECT_EQ(out.dropped, lines(load(golden() / name / "dropped.txt")));
    EXPECT_TRUE(json::scan_object(padded(out.upstream).view()));
  }
}

// ---- one member each (§4.4) ------------------------------------------------------------------------------------

struct row {
  char const* members;  ///< of the client's request
  char const* model;
  char const* key;
  char const* value;  ///< what goes up under that key; empty: nothing
  names lost = {};
};

TEST(responses_request, members) {
  row const rows[] = {
      {R"("max_tokens":1)", "gpt-5", "max_output_tokens", "16", {"max_tokens (clamped)"}},
      {R"("max_tokens":16)", "gpt-5", "max_output_tokens", "16"},
      {R"("max_completion_tokens":100,"max_tokens":7)", "gpt-5", "max_output_tokens", "100"},
      {R"("stream":false)", "gpt-5", "stream", ""},
      {R"("store":true)", "gpt-5", "store", "false", {"store"}},
      {R"("store":false)", "gpt-5", "store", "false"},
      {R"("response_format":{"type":"json_object"})", "gpt-4o", "text", R"({"format":{"type":"json_object"}})"},
      {R"("response_format":{"type":"json_schema","json_schema":{"schema":{"type":"object"}}})", "gpt-4o", "text",
       R"({"format":{"type":"json_schema","name":"response","schema":{"type":"object"},"strict":false}})"},
      {R"("response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{},"strict":null}})", "gpt-4o",
       "text", R"({"format":{"type":"json_schema","name":"n","schema":{},"strict":false}})"},
      {R"("response_format":{"type":"text"})", "gpt-4o", "text", ""},
      {R"("verbosity":"high")", "gpt-5.5", "text", R"({"verbosity":"high"})"},
      {R"("verbosity":"high")", "o3", "text", "", {"verbosity"}},
      {R"("verbosity":"high")", "grok-4.5", "text", "", {"verbosity"}},
      {R"("user":"u","safety_identifier":"s")", "gpt-5", "safety_identifier", R"("s")"},
      {R"("user":"u","safety_identifier":"s")", "gpt-5", "user", R"("u")"},
      {R"("safety_identifier":"s")", "gpt-5", "user", ""},
      {R"("prediction":{"type":"content","content":"x"},"prompt_cache_retention":"24h")", "gpt-5", "prediction", ""},
      {R"("service_tier":"priority")", "gpt-5", "service_tier", R"("priority")"},
      {R"("top_k":5)", "gpt-4o", "top_k", "", {"top_k"}},
      {R"("stop":"x")", "gpt-4o", "stop", "", {"stop"}},
      {R"("n":1,"logprobs":false,"presence_penalty":0)", "gpt-4o", "n", ""},
  };
  for (auto const& each : rows) {
    SCOPED_TRACE(std::string(each.members) + " " + each.model);
    EXPECT_EQ(sent(asking(each.members), each.model, each.key), each.value);
    EXPECT_EQ(lost(asking(each.members), each.model), each.lost);
  }
  EXPECT_EQ(send(asking(R"("n":2)"), "gpt-5").param, "n");
  EXPECT_EQ(send(asking(R"("modalities":["text","audio"])"), "gpt-5").param, "modalities");
  auto const too_long = R"("safety_identifier":")" + std::string(129, 'a') + '"';
  EXPECT_EQ(sent(asking(too_long), "gpt-5", "safety_identifier"), "");
}

TEST(responses_request, names_every_loss) {
  EXPECT_EQ(lost(asking(R"("seed":1,"logprobs":true,"top_logprobs":2,"logit_bias":{"1":2},"presence_penalty":0.5,
                           "min_p":0.1,"moderation":{},"audio":{"format":"wav"},
                           "tools":[{"type":"custom","custom":{"name":"c"}}],"tool_choice":"required")"),
                 "gpt-5"),
            (names{"seed", "logprobs", "top_logprobs", "logit_bias", "presence_penalty", "min_p", "moderation", "audio",
                   "tools (custom)", "tool_choice"}));
}

// ---- tools -----------------------------------------------------------------------------------------------------

TEST(responses_request, tool_choice) {
  row const rows[] = {
      {R"("tool_choice":"auto")", "gpt-5", "tool_choice", R"("auto")"},
      {R"("tool_choice":"none")", "gpt-5", "tool_choice", R"("none")"},
      {R"("tool_choice":"required")", "gpt-5", "tool_choice", R"("required")"},
      {R"("tool_choice":"any")", "gpt-5", "tool_choice", R"("required")"},
      {R"("tool_choice":{"type":"function","function":{"name":"g"}})", "gpt-5", "tool_choice",
       R"({"type":"function","name":"g"})"},
      {R"("tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"g"}}]}})",
       "gpt-5", "tool_choice", R"({"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"g"}]})"},
      // Who does not know the form gets only those tools (§6).
      {R"("tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"g"}}]}})",
       "grok-4.5", "tool_choice", R"("required")"},
      {R"("temperature":1)", "gpt-5", "tool_choice", ""},
      {R"("parallel_tool_calls":false)", "gpt-5", "parallel_tool_calls", "false"},
      {R"("parallel_tool_calls":true)", "o3", "parallel_tool_calls", ""},
      {R"("parallel_tool_calls":false)", "o3", "parallel_tool_calls", "", {"parallel_tool_calls"}},
  };
  for (auto const& each : rows) {
    SCOPED_TRACE(std::string(each.members) + " " + each.model);
    auto const request = asking(tools + "," + each.members);
    EXPECT_EQ(sent(request, each.model, each.key), each.value);
    EXPECT_EQ(lost(request, each.model), each.lost);
  }
  auto const only_g = sent(asking(tools + "," + rows[6].members), "grok-4.5", "tools");
  EXPECT_EQ(only_g, R"([{"type":"function","name":"g","parameters":{"type":"object"},"strict":false}])");
}

TEST(responses_request, a_choice_without_its_tool) {
  auto const named = R"("tool_choice":{"type":"function","function":{"name":"zz"}})";
  EXPECT_EQ(send(asking(tools + "," + named), "gpt-5").param, "tool_choice");
  EXPECT_EQ(send(asking(tools + "," + named), "gpt-5").upstream, "");
  EXPECT_EQ(lost(asking(named), "gpt-5"), names{"tool_choice"});
  EXPECT_EQ(sent(asking(R"("tools":[],"tool_choice":"auto","parallel_tool_calls":true)"), "gpt-5", "tools"), "");
  EXPECT_EQ(sent(asking(R"("tools":[],"tool_choice":"auto","parallel_tool_calls":true)"), "gpt-5", "tool_choice"), "");
}

TEST(responses_request, strict_is_always_said) {
  auto const strict = [](std::string_view value) {
    auto const request = asking(R"("tools":[{"type":"function","function":{"name":"f","parameters":{},"strict":)" +
                                std::string(value) + "}}]");
    return sent(request, "gpt-5", "tools");
  };
  EXPECT_EQ(strict("true"), R"([{"type":"function","name":"f","parameters":{},"strict":true}])");
  EXPECT_EQ(strict("false"), R"([{"type":"function","name":"f","parameters":{},"strict":false}])");
  EXPECT_EQ(strict("null"), R"([{"type":"function","name":"f","parameters":{},"strict":false}])");
}

// ---- what cannot be said ---------------------------------------------------------------------------------------

TEST(responses_request, refuses_what_has_no_form) {
  struct {
    std::string messages;
    char const* param;
  } const wrong[] = {
      {R"({"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AA","format":"wav"}}]})",
       "messages[0].content"},
      {user + R"(,{"role":"assistant","content":[{"type":"image_url","image_url":{"url":"https://e.com"}}]})",
       "messages[1].content"},
      {R"({"role":"user","content":[{"type":"thinking","thinking":"a","signature":"b"}]})", "messages[0].content"},
      {user + "," + calls(call("c")) + R"(,{"role":"tool","tool_call_id":"c","content":[{"type":"thinking"}]})",
       "messages[2].content"},
  };
  for (auto const& each : wrong) {
    auto const out = send(saying(each.messages), "gpt-5");
    EXPECT_EQ(out.param, each.param) << each.messages;
    EXPECT_EQ(out.code, "unsupported_value");
    EXPECT_EQ(out.upstream, "");
  }
}

TEST(responses_request, a_refused_request_leaves_the_buffer_as_it_was) {
  padded const body(
      saying(R"({"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AA","format":"wav"}}]})"));
  auto const read = openai_chat::read_request(*json::scan_object(body.view()));
  std::string out = "before";
  names dropped;
  EXPECT_FALSE(write_request(*read, "gpt-5", out, dropped));
  EXPECT_EQ(out, "before");
}

TEST(responses_request, path) {
  EXPECT_EQ(responses.path("gpt-5", true), "/responses");
  EXPECT_EQ(responses.name, "openai-responses");
  EXPECT_EQ(responses.stream_type, "text/event-stream");
}

}  // namespace
}  // namespace recloser::dialects::openai_responses
