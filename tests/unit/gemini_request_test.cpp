// What goes to Gemini for what an OpenAI client asked.

#include <string>

#include <gtest/gtest.h>

#include "dialects/gemini/models.hpp"
#include "gemini_fixture.hpp"

namespace recloser::dialects::gemini {
namespace {

TEST(gemini_request, golden) {
  for (auto const& name : golden_with("request.json")) {
    SCOPED_TRACE(name);
    auto const request = load(golden() / name / "request.json");
    auto const model = std::string(json::text_of(json::find(request, "model")));
    auto const out = sent(request, model.substr(model.find('/') + 1));
    EXPECT_EQ(out.fault, "");
    EXPECT_EQ(compact(out.upstream), compact(load(golden() / name / "upstream.json")));
    EXPECT_EQ(out.dropped, lines(load(golden() / name / "dropped.txt")));
  }
}

TEST(gemini_request, path) {
  struct {
    char const* model;
    bool stream;
    char const* path;
  } const cases[] = {
      {"gemini-2.5-flash", false, "/models/gemini-2.5-flash:generateContent"},
      {"gemini-2.5-flash", true, "/models/gemini-2.5-flash:streamGenerateContent?alt=sse"},
      {"models/gemini-2.5-flash", false, "/models/gemini-2.5-flash:generateContent"},
      {"tunedModels/my-model", true, "/tunedModels/my-model:streamGenerateContent?alt=sse"},
      {"a@001", false, "/models/a%40001:generateContent"},
      {"../../x?key=1#y", false, "/models/..%2F..%2Fx%3Fkey%3D1%23y:generateContent"},
      {"models/models/x", false, "/models/models%2Fx:generateContent"},
      {"a b\r\nHost: e\x80", false, "/models/a%20b%0D%0AHost%3A%20e%80:generateContent"},
      {"", false, "/models/:generateContent"},
  };
  for (auto const& each : cases) EXPECT_EQ(generate_content.path(each.model, each.stream), each.path) << each.model;
  EXPECT_EQ(generate_content.name, "gemini");
  EXPECT_EQ(generate_content.stream_type, "text/event-stream");
}

// ---- media -----------------------------------------------------------------------------------------------------

std::string part(std::string_view what) { return saying(R"({"role":"user","content":[)" + std::string(what) + "]}"); }

TEST(gemini_request, refuses_what_it_cannot_show) {
  for (auto const each : {
           R"({"type":"file","file":{"file_id":"file-abc"}})",
           R"({"type":"image_url","image_url":"data:;base64,AAAA"})",
           R"({"type":"image_url","image_url":"data:image/png;base64,"})",
           R"({"type":"thinking","thinking":"t","signature":"s"})",
       }) {
    auto const out = sent(part(each), flash_2_5);
    EXPECT_EQ(out.param, "messages[0].content") << each << out.upstream;
    EXPECT_EQ(out.code, "unsupported_value") << each;
  }
}

TEST(gemini_request, an_assistant_may_have_shown_an_image) {
  EXPECT_EQ(
      contents(user +
               R"(,{"role":"assistant","content":[{"type":"image_url","image_url":"data:image/png;base64,AA"}]})"),
      R"([{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[{"inlineData":{"mimeType":"image/png","data":"AA"}}]}])");
}

TEST(gemini_request, older_models_get_media_beside_the_response) {
  auto const said =
      user + "," + calls(call("x")) +
      R"(,{"role":"tool","tool_call_id":"x","content":[{"type":"image_url","image_url":"data:image/png;base64,AA"}]})";
  EXPECT_EQ(
      contents(said, flash_2_5),
      R"([{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[{"functionCall":{"id":"x","name":"f","args":{}}}]},)"
      R"({"role":"user","parts":[{"functionResponse":{"id":"x","name":"f","response":{"output":""}}},{"inlineData":{"mimeType":"image/png","data":"AA"}}]}])");
}

// ---- options ---------------------------------------------------------------------------------------------------

std::string safety(std::string_view threshold) {
  std::string out;
  for (auto const category : {"HARASSMENT", "HATE_SPEECH", "SEXUALLY_EXPLICIT", "DANGEROUS_CONTENT"}) {
    out.append(out.empty() ? "[" : ",").append(R"({"category":"HARM_CATEGORY_)").append(category);
    out.append(R"(","threshold":")").append(threshold).append(R"("})");
  }
  return out + "]";
}

TEST(gemini_request, safety) {
  struct {
    char const* asked;
    std::string sent;
  } const cases[] = {
      {R"("safety_level":"block_none")", safety("BLOCK_NONE")},
      {R"("safety_level":"block_few")", safety("BLOCK_ONLY_HIGH")},
      {R"("safety_level":"block_some")", safety("BLOCK_MEDIUM_AND_ABOVE")},
      {R"("safety_level":"block_most")", safety("BLOCK_LOW_AND_ABOVE")},
      {R"("safety_level":"OFF")", safety("OFF")},
      {R"("safety_level":"BLOCK_ONLY_HIGH")", safety("BLOCK_ONLY_HIGH")},
      {R"("safety_settings":[{"category":"X", "threshold":"Y"}],"safety_level":"off")",
       R"([{"category":"X", "threshold":"Y"}])"},
      {R"("seed":1)", ""},
  };
  for (auto const& each : cases) {
    EXPECT_EQ(sent_member(asking(each.asked), flash_2_5, "safetySettings"), each.sent) << each.asked;
    EXPECT_EQ(lost(asking(each.asked), flash_2_5), names{}) << each.asked;
  }
  EXPECT_EQ(sent(asking(R"("safety_level":"block_all")"), flash_2_5).param, "safety_level");
  EXPECT_EQ(sent(asking(R"("safety_level":3)"), flash_2_5).param, "safety_level");
  EXPECT_EQ(sent(asking(R"("safety_settings":"off")"), flash_2_5).param, "safety_settings");
}

TEST(gemini_request, names_every_loss) {
  EXPECT_EQ(
      lost(
          asking(
              R"("logit_bias":{"1":2},"verbosity":"low","min_p":0.1,"service_tier":"scale","cache_control":{"type":"ephemeral"},"seed":1.5,"zzz":{})"),
          flash_2_5),
      (names{"logit_bias", "verbosity", "min_p", "zzz", "cache_control", "seed", "service_tier"}));
  EXPECT_EQ(
      lost(saying(R"({"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}]})"),
           flash_2_5),
      names{"cache_control"});
}

// ---- Vertex AI (§3.2) ------------------------------------------------------------------------------------------

TEST(gemini_request, vertex_knows_no_ids_and_no_tier) {
  auto const request = R"({"messages":[)" + user + "," + calls(call("x")) + "," + result("x", "r") +
                       R"(],"service_tier":"flex","presence_penalty":1})";
  auto const out = sent(request, flash_2_5, platform::vertex);
  EXPECT_EQ(out.upstream.find("\"id\""), std::string::npos) << out.upstream;
  EXPECT_EQ(member(out.upstream, "serviceTier"), "");
  EXPECT_EQ(member(out.upstream, "generationConfig"), R"({"presencePenalty":1})");
  EXPECT_EQ(out.dropped, names{"service_tier"});
  EXPECT_EQ(sent(asking(R"("service_tier":"default")"), flash_2_5, platform::vertex).dropped, names{});
  auto const joined = sent(asking(R"("web_search_options":{},)" + tools), pro_3, platform::vertex);
  EXPECT_EQ(member(joined.upstream, "toolConfig"), R"({"functionCallingConfig":{"mode":"VALIDATED"}})");
}

TEST(gemini_request, service_tier) {
  EXPECT_EQ(sent_member(asking(R"("service_tier":"default")"), flash_2_5, "serviceTier"), R"("standard")");
  EXPECT_EQ(sent_member(asking(R"("service_tier":"priority")"), flash_2_5, "serviceTier"), R"("priority")");
  EXPECT_EQ(sent_member(asking(R"("service_tier":"auto")"), flash_2_5, "serviceTier"), "");
}

// ---- models ----------------------------------------------------------------------------------------------------

TEST(gemini_models, first_row_that_fits) {
  struct {
    std::string_view model;
    std::string_view row;
  } const cases[] = {
      {"gemini-4-hydrogen", "hydrogen"},
      {"gemini-4-argon", "gemini-"},
      {"gemini-3-pro-image-preview", "gemini-3-pro-image"},
      {"gemini-3-pro-preview", "gemini-3-pro"},
      {"gemini-3.1-pro-preview", "gemini-3"},
      {"gemini-3-flash-preview", "gemini-3"},
      {"models/gemini-2.5-flash-lite-preview-09-2025", "gemini-2.5-flash-lite"},
      {"gemini-2.5-flash-image", "gemini-2.5-flash-image"},
      {"gemini-2.5-pro", "gemini-2.5-pro"},
      {"gemini-2.5-computer-use-preview", "gemini-2.5"},
      {"gemini-2.0-flash-thinking-exp", "gemini-2."},
      {"gemini-1.5-pro-002", "gemini-1."},
      {"gemma-3-27b-it", "gemma"},
      {"gemini-flash-latest", "gemini-flash-latest"},
      {"4242424242", ""},
      {"", ""},
  };
  for (auto const& each : cases) EXPECT_EQ(abilities_of(each.model).id, each.row) << each.model;
  EXPECT_EQ(abilities_of("gemini-3.5-flash").lowest, "MINIMAL");
  EXPECT_EQ(abilities_of("gemini-3.1-pro").lowest, "LOW");
}

}  // namespace
}  // namespace recloser::dialects::gemini
