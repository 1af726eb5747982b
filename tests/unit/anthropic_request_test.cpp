// What goes to Anthropic for what an OpenAI client asked.

#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "anthropic_fixture.hpp"

namespace recloser::dialects {
namespace {

// ---- golden ----------------------------------------------------------------------------------------------------

std::string after_slash(std::string name) { return name.substr(name.find('/') + 1); }

names lines(std::string const& text) {
  names out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

TEST(anthropic_request, golden) {
  for (auto const& name : cases_with("request.json")) {
    SCOPED_TRACE(name);
    auto const request = load(fixtures() / name / "request.json");
    auto const model = after_slash(std::string(json::text_of(json::find(request, "model"))));
    auto const out = write(request, model);
    EXPECT_EQ(out.fault, "");
    EXPECT_EQ(compact(out.upstream), compact(load(fixtures() / name / "upstream.json")));
    EXPECT_EQ(out.dropped, lines(load(fixtures() / name / "dropped.txt")));
    EXPECT_TRUE(json::scan_object(padded(out.upstream).view()));
  }
}

// ---- media -----------------------------------------------------------------------------------------------------

std::string part(std::string_view what) { return saying(R"({"role":"user","content":[)" + std::string(what) + "]}"); }

TEST(anthropic_request, refuses_what_it_cannot_show) {
  struct {
    char const* part;
    char const* param;
  } const wrong[] = {
      {R"({"type":"input_audio","input_audio":{"data":"AA","format":"wav"}})", "messages[0].content"},
      {R"({"type":"image_url","image_url":{"url":"data:image/bmp;base64,AA"}})", "messages[0].content"},
      {R"({"type":"file","file":{"file_id":"file-abc"}})", "messages[0].content"},
      {R"({"type":"file","file":{"file_data":"data:application/zip;base64,AA"}})", "messages[0].content"},
      {R"({"type":"file","file":{"file_data":"data:text/plain;base64,/w=="}})", "messages[0].content"},
      {R"({"type":"file","file":{"file_data":"data:text/plain;base64,???"}})", "messages[0].content"},
      {R"({"type":"image_url","image_url":{"url":"file:///etc/passwd"}})", "messages[0].content[0].image_url.url"},
      {R"({"type":"image_url","image_url":{"url":"data:image/png,AA"}})", "messages[0].content[0].image_url.url"},
      {R"({"type":"image_url","image_url":{}})", "messages[0].content[0].image_url.url"},
      {R"({"type":"file","file":{}})", "messages[0].content[0].file.file_data"},
      {R"({"type":"video_url","video_url":{}})", "messages[0].content[0].type"},
      {R"({"text":"x"})", "messages[0].content[0].type"},
      {R"("x")", "messages[0].content[0]"},
  };
  for (auto const& each : wrong) {
    auto const out = write(part(each.part), sonnet_4_5);
    EXPECT_EQ(out.param, each.param) << each.part << out.upstream;
    EXPECT_NE(out.fault, "") << each.part;
  }
  EXPECT_EQ(
      write(saying(user +
                   R"(,{"role":"assistant","content":[{"type":"image_url","image_url":{"url":"https://e.com"}}]})"),
            sonnet_4_5)
          .param,
      "messages[1].content");
}

// ---- loss ------------------------------------------------------------------------------------------------------

TEST(anthropic_request, names_every_loss) {
  EXPECT_EQ(
      dropped(
          asking(
              R"("seed":1,"logprobs":true,"top_logprobs":2,"logit_bias":{"1":2},"presence_penalty":0.5,"frequency_penalty":-1,"verbosity":"low","min_p":0.1,"zzz":{}, "service_tier":"flex")"),
          sonnet_4_5),
      (names{"seed", "logprobs", "top_logprobs", "logit_bias", "presence_penalty", "frequency_penalty", "verbosity",
             "min_p", "zzz", "service_tier"}));
  EXPECT_EQ(
      dropped(
          asking(
              R"("logprobs":false,"top_logprobs":0,"logit_bias":{},"presence_penalty":0.0,"frequency_penalty":0,"seed":null)"),
          sonnet_4_5),
      names{});
  EXPECT_EQ(
      dropped(
          asking(
              R"("store":true,"user":"u","metadata":{},"prediction":{},"stream_options":{},"prompt_cache_key":"k","safety_identifier":"s")"),
          sonnet_4_5),
      names{});
  EXPECT_EQ(dropped(saying(R"({"role":"user","name":"ann","content":"a"},{"role":"user","name":"bob","content":"b"})"),
                    sonnet_4_5),
            names{"messages[].name"});
}

TEST(anthropic_request, loss_fits_a_header) {
  std::string many = "\"a,b\xc3\xa9;c\":1";
  for (int i = 0; i < 100; ++i) many += ",\"x" + std::to_string(i) + "\":1";
  many += ",\"" + std::string(1000, 'y') + "\":1";
  auto const lost = dropped(asking(many), sonnet_4_5);
  EXPECT_EQ(lost.size(), 33u);
  EXPECT_EQ(lost.front(), "a_b___c");
  EXPECT_EQ(lost.back(), "(more)");
  EXPECT_EQ(dropped(asking("\"" + std::string(1000, 'y') + "\":1"), sonnet_4_5).front().size(), 64u);
}

TEST(anthropic_request, carries_the_rest) {
  EXPECT_EQ(value(asking(R"("service_tier":"priority")"), sonnet_4_5, "service_tier"), R"("auto")");
  EXPECT_EQ(value(asking(R"("cache_control":{"type":"ephemeral"})"), sonnet_4_5, "cache_control"),
            R"({"type":"ephemeral"})");
  EXPECT_EQ(value(asking(R"("prompt_cache_options":{"mode":"implicit"})"), sonnet_4_5, "cache_control"),
            R"({"type":"ephemeral"})");
  EXPECT_EQ(value(asking(R"("prompt_cache_options":{"mode":"explicit"})"), sonnet_4_5, "cache_control"), "");
  EXPECT_EQ(value(asking(R"("safety_identifier":"s")"), sonnet_4_5, "metadata"), R"({"user_id":"s"})");
  EXPECT_EQ(value(asking(R"("user":")" + std::string(257, 'u') + "\""), sonnet_4_5, "metadata"), "");
  EXPECT_EQ(value(asking(R"("stop":"x\ny")"), sonnet_4_5, "stop_sequences"), R"(["x\ny"])");
  EXPECT_EQ(value(asking(R"("stop":[" ","\n"])"), sonnet_4_5, "stop_sequences"), "");
  EXPECT_EQ(value(asking(R"("stream":true)"), sonnet_4_5, "stream"), "true");
  EXPECT_EQ(value(asking(R"("stream":false)"), sonnet_4_5, "stream"), "");
}

TEST(anthropic_request, the_automatic_marker_is_one_of_four) {
  std::string many;
  for (int i = 0; i < 4; ++i)
    many += (i ? "," : "") + std::string(R"({"type":"text","text":"t","cache_control":{"type":"ephemeral"}})");
  auto const request = R"({"messages":[{"role":"user","content":[)" + many + "]}]";
  EXPECT_EQ(dropped(request + "}", sonnet_4_5), names{});
  EXPECT_EQ(dropped(request + R"(,"cache_control":{"type":"ephemeral"}})", sonnet_4_5), names{"cache_control"});
}

TEST(anthropic_request, reads_text_files) {
  auto const sent = [](std::string_view data) {
    return messages(R"({"role":"user","content":[{"type":"file","file":{"file_data":"data:text/markdown;base64,)" +
                    std::string(data) + R"("}}]})");
  };
  auto const file = [](std::string_view words) {
    return R"([{"role":"user","content":[{"type":"document","source":{"type":"text","media_type":"text/plain","data":")" +
           std::string(words) + R"("}}]}])";
  };
  EXPECT_EQ(sent("SGk="), file("Hi"));
  EXPECT_EQ(sent("SA=="), file("H"));
  EXPECT_EQ(sent("SGk"), file("Hi"));
  EXPECT_EQ(sent(R"(SG\nk=)"), file("Hi"));
  EXPECT_EQ(sent(R"(Pz8\/)"), file("???")) << "an escaped slash is a digit";
}

TEST(anthropic_request, unmarks_the_oldest_tools_last) {
  std::string many;
  for (int i = 0; i < 6; ++i) {
    many += (i ? "," : "") + std::string(R"({"type":"function","function":{"name":"f)") + std::to_string(i) +
            R"("},"cache_control":{"type":"ephemeral"}})";
  }
  auto const out = write(
      R"({"messages":[{"role":"user","content":"u","cache_control":{"type":"ephemeral"}}],"tools":[)" + many + "]}",
      sonnet_4_5);
  EXPECT_EQ(member(out.upstream, "messages"), R"([{"role":"user","content":"u"}])");
  std::vector<chat::raw_json> sent;
  json::elements_of(json::find(out.upstream, "tools"), sent);
  ASSERT_EQ(sent.size(), 6u);
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(json::find(sent[i], "cache_control").empty(), i < 2) << i;
  EXPECT_EQ(out.dropped, names{"cache_control"});
}

}  // namespace
}  // namespace recloser::dialects
