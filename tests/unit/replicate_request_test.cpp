// What goes to Replicate for what an OpenAI client asked, and to which path.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "anthropic_fixture.hpp"
#include "dialects/replicate/predictions.hpp"

namespace recloser::dialects::replicate_case {
namespace {

constexpr std::string_view llama = "meta/meta-llama-3-8b-instruct";
constexpr std::string_view unknown = "someone/new-model";
std::string const version(64, 'a');

written write(std::string_view request, std::string_view model, replicate::input_names const* inputs = nullptr) {
  padded const body(request);
  auto const members = json::scan_object(body.view());
  if (!members) return refused(members.error());
  auto const read = openai_chat::read_request(*members);
  if (!read) return refused(read.error());
  written out;
  auto const done = inputs ? replicate::write_request(*read, model, *inputs, out.upstream, out.dropped)
                           : replicate::predictions.write_request(*read, model, out.upstream, out.dropped);
  if (!done) return refused(done.error());
  EXPECT_TRUE(json::scan_object(padded(out.upstream).view())) << out.upstream;
  return out;
}

std::string input(std::string_view request, std::string_view model) {
  auto const out = write(request, model);
  EXPECT_EQ(out.fault, "") << request;
  return member(out.upstream, "input");
}

names dropped(std::string_view request, std::string_view model) {
  auto const out = write(request, model);
  EXPECT_EQ(out.fault, "") << request;
  return out.dropped;
}

// ---- models ----------------------------------------------------------------------------------------------------

TEST(replicate_request, the_name_of_a_model_chooses_the_path) {
  struct {
    std::string model;
    char const* path;
    std::string version;  // in the body
  } const rows[] = {
      {"meta/llama-3.2-3b-instruct", "/models/meta/llama-3.2-3b-instruct/predictions", ""},
      {"owner/name:" + version, "/predictions", version},
      {"owner/name:" + version.substr(0, 40), "/predictions", version.substr(0, 40)},
      {version, "/predictions", version},
      {"deployments/acme/my_app", "/deployments/acme/my_app/predictions", ""},
  };
  for (auto const& row : rows) {
    EXPECT_EQ(replicate::create_path(row.model), row.path) << row.model;
    EXPECT_EQ(replicate::predictions.path(row.model, true), row.path) << row.model;
    auto const out = write(asking(R"("user":"u")"), row.model);
    EXPECT_EQ(out.fault, "") << row.model;
    EXPECT_EQ(json::text_of(json::find(out.upstream, "version")), row.version) << row.model;
  }
}

TEST(replicate_request, no_model_leads_to_another_path) {
  for (auto const* model : {"",
                            "name",
                            "/",
                            "a/",
                            "/b",
                            "a/b/c",
                            "../predictions",
                            "a/..",
                            "a/.hidden",
                            "a/b?x=1",
                            "a/b#c",
                            "a b/c",
                            "a/b%2F",
                            "a/b:",
                            "a/b:../x",
                            "a/b:x/y",
                            "deployments/a",
                            "deployments//a",
                            "deployments/a/b/c",
                            "http://evil/x",
                            "a/b\r\nX: y"}) {
    auto const out = write(asking(R"("user":"u")"), model);
    EXPECT_EQ(out.param, "model") << model;
    EXPECT_EQ(replicate::create_path(model), "/predictions") << model;
  }
  EXPECT_EQ(write(asking(R"("user":"u")"), std::string(200, 'a') + "/b").param, "model");
}

// ---- the conversation as one text ------------------------------------------------------------------------------

TEST(replicate_request, a_single_question_is_the_prompt) {
  EXPECT_EQ(input(saying(R"({"role":"user","content":"Say \u00e9 \"x\""})"), llama),
            R"({"prompt":"Say \u00e9 \"x\""})");
  EXPECT_EQ(input(saying(R"({"role":"system","content":"Be brief."},{"role":"developer","content":"In French."},
                            {"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},{"role":"user","content":"c"})"),
                  llama),
            R"({"prompt":"a\n\nb\n\nc","system_prompt":"Be brief.\n\nIn French."})");
  EXPECT_EQ(input(saying(R"({"role":"system","content":"Be brief."},{"role":"user","content":"a"})"), unknown),
            R"({"prompt":"Be brief.\n\na"})");
  EXPECT_EQ(input(saying(R"({"role":"system","content":"Be brief."},{"role":"user","content":"a"})"),
                  "google/gemini-2.5-flash"),
            R"({"prompt":"a","system_instruction":"Be brief."})");
}

std::string const talk =
    R"({"role":"system","content":"S"},{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"})";

TEST(replicate_request, a_conversation_is_a_transcript) {
  EXPECT_EQ(input(saying(talk), llama),
            R"({"prompt":"User: a\n\nAssistant: b\n\nUser: c\n\nAssistant:","system_prompt":"S"})");
  EXPECT_EQ(input(saying(R"({"role":"user","content":"a"},{"role":"assistant","content":"It is"})"), llama),
            R"({"prompt":"User: a\n\nAssistant: It is"})")
      << "the model goes on";
  EXPECT_EQ(input(saying(R"({"role":"assistant","content":"b"},{"role":"user","content":""})"), llama),
            R"({"prompt":"Assistant: b\n\nUser:\n\nAssistant:"})");
  EXPECT_EQ(input(saying(R"({"role":"system","content":"S"})"), llama), R"({"prompt":"","system_prompt":"S"})");
}

TEST(replicate_request, models_with_messages_get_the_conversation_as_it_is) {
  EXPECT_EQ(
      input(saying(talk), "openai/gpt-5"),
      R"({"messages":[{"role":"system","content":"S"},{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"}]})");
  EXPECT_EQ(input(saying(user), "openai/gpt-5"), R"({"prompt":"a"})");
}

TEST(replicate_request, calls_and_results_are_told_in_words) {
  EXPECT_EQ(
      input(saying(user + "," + calls(call("c1", R"({\"a\":1})")) + "," + result("c1", "rain") + "," +
                   result("x", "lost")),
            llama),
      R"({"prompt":"User: a\n\nAssistant: Called tool f with {\"a\":1}\n\nUser: Result of tool f: rain\n\nResult of tool: lost\n\nAssistant:"})");
}

TEST(replicate_request, thinking_does_not_go_back) {
  auto const thought = saying(
      user +
      R"(,{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"},{"type":"text","text":"b"}]})");
  EXPECT_EQ(input(thought, llama), R"({"prompt":"User: a\n\nAssistant: b"})");
  EXPECT_EQ(dropped(thought, llama), names{"thinking_blocks"});
}

// ---- media -----------------------------------------------------------------------------------------------------

std::string showing(std::string_view parts) {
  return saying(R"({"role":"user","content":[{"type":"text","text":"see"},)" + std::string(parts) + "]}");
}
std::string const web = R"({"type":"image_url","image_url":{"url":"https://example.com/a.png"}})";
std::string const data = R"({"type":"image_url","image_url":{"url":"data:image/png;base64,QUJD"}})";

TEST(replicate_request, images) {
  EXPECT_EQ(input(showing(web), "yorickvp/llava-13b:" + version),
            R"({"prompt":"see","image":"https://example.com/a.png"})");
  EXPECT_EQ(input(showing(data), "anthropic/claude-4-sonnet"),
            R"({"prompt":"see","image":"data:image/png;base64,QUJD"})");
  EXPECT_EQ(input(showing(web + "," + data), "openai/gpt-4o"),
            R"({"prompt":"see","image_input":["https://example.com/a.png","data:image/png;base64,QUJD"]})");
  EXPECT_EQ(input(showing(data), "google/gemini-2.5-flash"),
            R"({"prompt":"see","images":["data:image/png;base64,QUJD"]})");
  EXPECT_EQ(write(showing(data), llama).fault, "this model takes no images");
  EXPECT_EQ(write(showing(web + "," + data), "anthropic/claude-4-sonnet").fault, "this model takes one image");
}

TEST(replicate_request, files) {
  EXPECT_EQ(input(showing(R"({"type":"file","file":{"file_data":"data:text/plain;base64,aGk="}})"), llama),
            R"({"prompt":"see\n\nhi"})");
  for (auto const* part : {R"({"type":"file","file":{"file_data":"data:application/pdf;base64,QUJD"}})",
                           R"({"type":"file","file":{"file_id":"file-abc"}})",
                           R"({"type":"file","file":{"file_data":"data:text/plain;base64,/w=="}})",
                           R"({"type":"input_audio","input_audio":{"data":"AA","format":"wav"}})"}) {
    EXPECT_EQ(write(showing(part), llama).param, "messages[0].content") << part;
  }
}

// ---- settings --------------------------------------------------------------------------------------------------

std::string const all_settings =
    R"("max_tokens":100,"temperature":0.70,"top_p":0.9,"top_k":5,"seed":7,"presence_penalty":1.15,"frequency_penalty":0.2,"stop":["END","a,b","\n"],"reasoning_effort":"high")";

TEST(replicate_request, settings_under_the_models_own_names) {
  struct {
    std::string_view model;
    char const* input;
    names lost;
  } const rows[] = {
      {llama,
       R"({"prompt":"hi","max_tokens":100,"temperature":0.70,"top_p":0.9,"top_k":5,"presence_penalty":1.15,"frequency_penalty":0.2,"stop_sequences":"END,\n"})",
       {"seed", "stop", "reasoning_effort"}},
      {"meta/llama-2-70b-chat",
       R"({"prompt":"hi","max_new_tokens":100,"temperature":0.70,"top_p":0.9,"top_k":5,"seed":7,"stop_sequences":"END,\n"})",
       {"presence_penalty", "frequency_penalty", "stop", "reasoning_effort"}},
      {"openai/o4-mini",
       R"({"prompt":"hi","max_completion_tokens":100,"reasoning_effort":"high"})",
       {"temperature", "top_p", "top_k", "seed", "presence_penalty", "frequency_penalty", "stop"}},
      {"openai/gpt-4.1",
       R"({"prompt":"hi","max_completion_tokens":100,"temperature":0.70,"top_p":0.9,"presence_penalty":1.15,"frequency_penalty":0.2})",
       {"top_k", "seed", "stop", "reasoning_effort"}},
      {"anthropic/claude-4-sonnet",
       R"({"prompt":"hi","max_tokens":100})",
       {"temperature", "top_p", "top_k", "seed", "presence_penalty", "frequency_penalty", "stop", "reasoning_effort"}},
      {unknown,
       R"({"prompt":"hi","max_tokens":100,"temperature":0.70,"top_p":0.9})",
       {"top_k", "seed", "presence_penalty", "frequency_penalty", "stop", "reasoning_effort"}},
  };
  for (auto const& row : rows) {
    EXPECT_EQ(input(asking(all_settings), row.model), row.input) << row.model;
    EXPECT_EQ(dropped(asking(all_settings), row.model), row.lost) << row.model;
  }
}

TEST(replicate_request, efforts) {
  struct {
    char const* effort;
    char const* sent;
    names lost;
  } const rows[] = {
      {"none", R"("low")", {"reasoning_effort (low)"}},
      {"minimal", R"("low")", {"reasoning_effort (low)"}},
      {"low", R"("low")", {}},
      {"medium", R"("medium")", {}},
      {"high", R"("high")", {}},
      {"max", R"("high")", {"reasoning_effort (high)"}},
  };
  for (auto const& row : rows) {
    auto const request = asking(R"("reasoning_effort":")" + std::string(row.effort) + '"');
    EXPECT_EQ(member(input(request, "openai/o1"), "reasoning_effort"), row.sent) << row.effort;
    EXPECT_EQ(dropped(request, "openai/o1"), row.lost) << row.effort;
  }
}

TEST(replicate_request, its_own_input_wins) {
  auto const own = asking(
      R"("temperature":1,"max_tokens":5,"input":{"temperature":0.5,"prompt_template":"{prompt}","system_prompt":"S","extra":[1,2.50]})");
  EXPECT_EQ(
      input(own, llama),
      R"({"prompt":"hi","max_tokens":5,"temperature":0.5,"prompt_template":"{prompt}","system_prompt":"S","extra":[1,2.50]})");
  EXPECT_EQ(dropped(own, llama), names{});
  EXPECT_EQ(input(asking(R"("input":{"prompt":"mine"})"), llama), R"({"prompt":"mine"})");
  EXPECT_EQ(dropped(asking(R"("input":[1])"), llama), names{"input"});
}

TEST(replicate_request, a_form_is_asked_for_in_words) {
  auto const object = asking(R"("response_format":{"type":"json_object"})");
  EXPECT_NE(member(input(object, llama), "system_prompt").find("one JSON object"), std::string::npos);
  EXPECT_EQ(dropped(object, llama), names{"response_format (instructed)"});
  auto const schema =
      asking(R"("response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{"type":"object"}}})");
  EXPECT_NE(member(input(schema, llama), "system_prompt").find(R"(\n{\"type\":\"object\"}")"), std::string::npos);
  EXPECT_EQ(dropped(schema, llama), names{"response_format (instructed)"});
}

TEST(replicate_request, refuses_what_would_change_the_meaning) {
  EXPECT_EQ(write(asking(tools), llama).param, "tools");
  EXPECT_EQ(write(asking(tools + R"(,"tool_choice":"none")"), llama).fault, "");
  EXPECT_EQ(write(asking(R"("web_search_options":{})"), llama).param, "web_search_options");
}

TEST(replicate_request, reports_what_it_cannot_carry) {
  EXPECT_EQ(
      dropped(asking(R"("logprobs":true,"surprise":1,"thinking":{"type":"enabled"},"service_tier":"flex")"), llama),
      (names{"thinking", "service_tier", "logprobs", "surprise"}));
}

TEST(replicate_request, asks_for_a_stream) {
  EXPECT_EQ(member(write(asking(R"("stream":true)"), llama).upstream, "stream"), "true");
  EXPECT_EQ(member(write(asking(R"("stream":false)"), llama).upstream, "stream"), "");
}

// ---- names from a schema ---------------------------------------------------------------------------------------

std::string model_page(std::string_view properties) {
  return R"({"owner":"o","name":"n","latest_version":{"id":"v","openapi_schema":{"components":{"schemas":{"Input":{"type":"object","title":"Input","properties":)" +
         std::string(properties) + R"(},"Output":{"type":"array"}}}}}})";
}

TEST(replicate_inputs, from_a_schema) {
  auto const page = model_page(
      R"({"prompt":{"type":"string"},"system_prompt":{"type":"string"},"stop":{"type":"array"},"max_new_tokens":{"type":"integer"},
    "max_tokens":{"type":"integer"},"image_input":{"type":"array"},"seed":{"type":"integer"},"reasoning_effort":{"allOf":[]}})");
  padded const body(page);
  auto const names_of = replicate::read_inputs(body.view());
  ASSERT_TRUE(names_of);
  auto const out = write(
      saying(R"({"role":"system","content":"S"},{"role":"user","content":[{"type":"text","text":"a"},)" + web + "]}"),
      unknown, &*names_of);
  EXPECT_EQ(member(out.upstream, "input"),
            R"({"prompt":"a","system_prompt":"S","image_input":["https://example.com/a.png"]})");
  auto const settings = write(asking(all_settings), unknown, &*names_of);
  EXPECT_EQ(member(settings.upstream, "input"),
            R"({"prompt":"hi","max_new_tokens":100,"seed":7,"stop":["END","a,b","\n"],"reasoning_effort":"high"})");
  EXPECT_EQ(settings.dropped, (names{"temperature", "top_p", "top_k", "presence_penalty", "frequency_penalty"}));
}

TEST(replicate_inputs, from_the_schema_of_a_version) {
  padded const body(
      R"({"id":"v","openapi_schema":{"components":{"schemas":{"Input":{"properties":{"stop_sequences":{"type":"string"}}}}}}})");
  auto const found = replicate::read_inputs(body.view());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->stop, "stop_sequences");
  EXPECT_TRUE(found->stop_is_text);
  EXPECT_EQ(found->max_tokens, "");
}

TEST(replicate_inputs, a_page_without_a_schema_is_the_providers_fault) {
  for (auto const* body :
       {"", "{}", "[]", "{", R"({"latest_version":null})", R"({"latest_version":{"openapi_schema":[]}})"}) {
    auto const found = replicate::read_inputs(padded(body).view());
    ASSERT_FALSE(found) << body;
    EXPECT_EQ(found.error().what, chat::fault_class::bad_response) << body;
  }
}

}  // namespace
}  // namespace recloser::dialects::replicate_case
