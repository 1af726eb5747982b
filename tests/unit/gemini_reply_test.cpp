// Whole answers and errors of Gemini.

#include <chrono>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "dialects/gemini/grounding.hpp"
#include "dialects/gemini/logprobs.hpp"
#include "gemini_fixture.hpp"

namespace recloser::dialects::gemini {
namespace {

using chat::fault_class;
using namespace std::chrono_literals;

std::string translated(std::string_view reply) {
  padded const body(reply);
  auto const answer = read_reply(body.view());
  if (!answer) return "fault: " + answer.error().message;
  std::string out;
  openai_chat::write_reply(*answer, 1700000000, out);
  return out;
}

TEST(gemini_reply, golden) {
  for (auto const& name : golden_with("reply.json")) {
    SCOPED_TRACE(name);
    auto const out = translated(load(golden() / name / "reply.json"));
    EXPECT_EQ(compact(out), compact(load(golden() / name / "client.json")));
    EXPECT_TRUE(json::scan_object(padded(out).view())) << out;
  }
}

// ---- what it says ----------------------------------------------------------------------------------------------

struct reading {
  explicit reading(std::string text) : body(text), result(read_reply(body.view())) {}
  chat::reply const* operator->() const { return &*result; }

  padded body;
  chat::result<chat::reply> result;
};

std::string with_parts(std::string_view parts, std::string_view more = R"("finishReason":"STOP")") {
  return fmt::format(R"({{"candidates":[{{"content":{{"parts":[{}]}},{}}}]}})", parts, more);
}

TEST(gemini_reply, finish_reasons) {
  using enum chat::finish_reason;
  struct {
    char const* word;
    chat::finish_reason finish;
  } const cases[] = {
      {"STOP", stop},
      {"MAX_TOKENS", length},
      {"CONTINUATION", length},
      {"SAFETY", content_filter},
      {"RECITATION", content_filter},
      {"BLOCKLIST", content_filter},
      {"PROHIBITED_CONTENT", content_filter},
      {"SPII", content_filter},
      {"IMAGE_SAFETY", content_filter},
      {"LANGUAGE", content_filter},
      {"OTHER", stop},
      {"A_NEW_ONE", stop},
      {"MALFORMED_FUNCTION_CALL", stop},  // with words, it is an end
  };
  for (auto const& each : cases) {
    reading const out(with_parts(R"({"text":"a"})", fmt::format(R"("finishReason":"{}")", each.word)));
    ASSERT_TRUE(out.result) << each.word;
    EXPECT_EQ(out->finish, each.finish) << each.word;
  }
  // §7 row 18: Gemini has no word for calls.
  auto const call = R"({"functionCall":{"name":"f"}})";
  EXPECT_EQ(reading(with_parts(call))->finish, tool_calls);
  EXPECT_EQ(reading(with_parts(call, R"("finishReason":"MAX_TOKENS")"))->finish, length);
}

TEST(gemini_reply, a_call_that_nobody_can_read_is_the_providers_fault) {
  reading const out(
      R"x({"candidates":[{"content":{},"finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"Malformed function call: print(\"x\")"}]})x");
  ASSERT_FALSE(out.result);
  EXPECT_EQ(out.result.error().what, fault_class::bad_response);
  EXPECT_EQ(out.result.error().code, "malformed_function_call");
  EXPECT_EQ(out.result.error().message,
            "the model's answer could not be used: MALFORMED_FUNCTION_CALL: Malformed function call: print(\"x\")");
}

TEST(gemini_reply, content_may_be_missing) {
  for (auto const each : {R"({"candidates":[{"finishReason":"MAX_TOKENS"}]})",
                          R"({"candidates":[{"content":{"role":"model"},"finishReason":"MAX_TOKENS"}]})",
                          R"({"candidates":[{"content":null,"finishReason":"MAX_TOKENS"}]})"}) {
    reading const out(each);
    ASSERT_TRUE(out.result) << each;
    EXPECT_EQ(out->finish, chat::finish_reason::length);
    EXPECT_TRUE(out->parts.empty());
  }
  reading const refused(R"({"candidates":[{"finishReason":"SAFETY","finishMessage":"Because."}]})");
  ASSERT_EQ(refused->parts.size(), 1u);
  EXPECT_EQ(refused->parts[0].kind, chat::part_kind::refusal);
  EXPECT_EQ(refused->parts[0].text, "Because.");
}

// §7 row 17
TEST(gemini_reply, a_call_always_has_an_id_and_arguments) {
  reading const out(with_parts(
      R"({"functionCall":{"name":"a"}},{"functionCall":{"name":"b","args":null}},{"functionCall":{"name":"c","args":[1]}},{"functionCall":{}},{"functionCall":null})"));
  ASSERT_EQ(out->parts.size(), 3u);
  for (auto const& each : out->parts) {
    EXPECT_EQ(each.input, "{}");
    EXPECT_TRUE(each.id.starts_with("call_")) << each.id;
    EXPECT_EQ(each.id.size(), 29u);
  }
  EXPECT_NE(out->parts[0].id, out->parts[1].id);
}

// §7 row 15: by type, not by place.
TEST(gemini_reply, tells_thoughts_from_words_and_skips_the_rest) {
  reading const out(with_parts(
      R"({"thought":true,"text":"t"},{"inlineData":{"mimeType":"image/png","data":"AA"}},{"toolCall":{"id":"x"}},{"toolResponse":{}},7,null,[],{"text":7},{"text":"w"},{"new":{}})"));
  ASSERT_EQ(out->parts.size(), 2u);
  EXPECT_EQ(out->parts[0].kind, chat::part_kind::thinking);
  EXPECT_EQ(out->parts[1].text, "w");
}

TEST(gemini_reply, tells_code_as_text) {
  reading const out(with_parts(
      R"x({"executableCode":{"language":"PYTHON","code":"print(\"x\")"}},{"codeExecutionResult":{"outcome":"OUTCOME_OK","output":"x\n"}},{"codeExecutionResult":{"outcome":"OUTCOME_OK"}})x"));
  ASSERT_EQ(out->parts.size(), 2u);
  EXPECT_EQ(out->parts[0].text, R"(\n```python\nprint(\"x\")\n```\n)");
  EXPECT_EQ(out->parts[1].text, R"(\n```\nx\n```\n)");
}

TEST(gemini_reply, signatures) {
  reading const calls(with_parts(
      R"({"text":"w","thoughtSignature":"T="},{"functionCall":{"name":"a"},"thoughtSignature":"A="},{"functionCall":{"name":"b"}})"));
  ASSERT_EQ(calls->parts.size(), 3u) << "the seal of a text does not stand beside calls";
  EXPECT_EQ(calls->parts[1].signature, "A=");
  EXPECT_EQ(calls->parts[2].signature, "");
  reading const words(with_parts(R"({"text":"w"},{"text":"","thoughtSignature":"T="})"));
  ASSERT_EQ(words->parts.size(), 2u);
  EXPECT_EQ(words->parts[1].kind, chat::part_kind::thinking);
  EXPECT_EQ(words->parts[1].signature, "T=");
}

TEST(gemini_reply, the_first_candidate_counts) {
  reading const out(
      R"({"candidates":[{"index":1,"content":{"parts":[{"text":"b"}]},"finishReason":"MAX_TOKENS"},{"index":0,"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"},{"content":{"parts":[{"text":"c"}]}}]})");
  ASSERT_EQ(out->parts.size(), 1u);
  EXPECT_EQ(out->parts[0].text, "a");
  EXPECT_EQ(out->finish, chat::finish_reason::stop);
}

TEST(gemini_reply, unreadable_bodies_are_the_providers_fault) {
  for (auto const each : {"", "null", "[]", "7", "{", R"({"candidates":[]})", R"({"candidates":7})", "{}",
                          R"({"candidates":[7]})", R"({"candidates":[{"content":{"parts":[{"text":"a)",
                          R"({"promptFeedback":{"blockReason":"BLOCK_REASON_UNSPECIFIED"}})",
                          "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\xff\"}]}}]}"}) {
    reading const out(each);
    ASSERT_FALSE(out.result) << each;
    EXPECT_EQ(out.result.error().what, fault_class::bad_response) << each;
  }
  std::string deep = R"({"candidates":)";
  deep += std::string(200, '[') + std::string(200, ']') + "}";
  EXPECT_FALSE(reading(deep).result);
  reading const error(R"({"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}})");
  EXPECT_EQ(error.result.error().what, fault_class::overloaded);
  EXPECT_EQ(error.result.error().status, 503);
}

// ---- usage (§0.3) ----------------------------------------------------------------------------------------------

chat::usage usage_of(std::string_view usage) {
  return reading(fmt::format(R"({{"candidates":[{{}}],"usageMetadata":{}}})", usage))->usage;
}

TEST(gemini_reply, counts_tokens_once) {
  auto const all = usage_of(
      R"({"promptTokenCount":100,"cachedContentTokenCount":40,"toolUsePromptTokenCount":7,"candidatesTokenCount":20,"thoughtsTokenCount":30,"totalTokenCount":157,
      "promptTokensDetails":[{"modality":"TEXT","tokenCount":70},{"modality":"AUDIO","tokenCount":30}],"cacheTokensDetails":[{"modality":"AUDIO","tokenCount":10}],
      "candidatesTokensDetails":[{"modality":"AUDIO","tokenCount":5}]})");
  EXPECT_EQ(all.in_cache_read, 40);
  EXPECT_EQ(all.in_audio, 20);
  EXPECT_EQ(all.in_uncached, 47);
  EXPECT_EQ(all.out_text, 15);
  EXPECT_EQ(all.out_audio, 5);
  EXPECT_EQ(all.out_reasoning, 30);
  EXPECT_EQ(all.prompt(), 107);
  EXPECT_EQ(all.completion(), 50);
  EXPECT_EQ(all.total(), 157);
  EXPECT_TRUE(all.known);
  EXPECT_FALSE(usage_of("{}").known);
  EXPECT_FALSE(usage_of("null").known);
  EXPECT_FALSE(usage_of(R"({"promptTokenCount":"7","candidatesTokenCount":-1})").known);
  auto const odd = usage_of(R"({"promptTokenCount":5,"cachedContentTokenCount":9223372036854775807})");
  EXPECT_EQ(odd.in_cache_read + odd.in_uncached, 5);
  EXPECT_EQ(usage_of(R"({"promptTokenCount":5,"cachedContentTokenCount":9})").in_uncached, 0);
}

// ---- sources ---------------------------------------------------------------------------------------------------

TEST(gemini_grounding, bytes_are_not_characters) {
  text_positions places;
  places.add("a\\u00e9\\ud83d\\ude00\\n");
  places.add("é😀z");
  EXPECT_EQ(places.characters(), 7);
  struct {
    int byte;
    int character;
  } const cases[] = {{0, 0}, {1, 1}, {3, 2}, {7, 3}, {8, 4}, {10, 5}, {14, 6}, {15, 7}, {99, 7}, {-5, 0}};
  for (auto const& each : cases) EXPECT_EQ(places.character_at(each.byte), each.character) << each.byte;
  text_positions cut;  // must not read past its end
  for (auto const each : {"\\", "\\u", "\\u12", "\\ud83d", "\xc3", "\xf0\x9f"}) cut.add(each);
  EXPECT_GT(cut.characters(), 0);
}

TEST(gemini_grounding, sources_that_nothing_ties_to_words_are_about_all_of_them) {
  text_positions places;
  places.add("four");
  EXPECT_EQ(
      annotations_of(
          R"({"groundingChunks":[{"web":{"uri":"u"}},{"retrievedContext":{"uri":"v","title":"t"}},{"web":{}},7]})",
          places, false),
      R"([{"type":"url_citation","url_citation":{"start_index":0,"end_index":4,"url":"u","title":""}},)"
      R"({"type":"url_citation","url_citation":{"start_index":0,"end_index":4,"url":"v","title":"t"}}])");
  for (auto const each :
       {"", "7", "{}", R"({"groundingChunks":[]})", R"({"groundingChunks":7,"groundingSupports":7})",
        R"({"groundingChunks":[{"web":{"uri":"u"}}],"groundingSupports":[{"groundingChunkIndices":[-1,1,"x"]},7]})"}) {
    EXPECT_EQ(annotations_of(each, places, false), "") << each;
  }
}

TEST(gemini_logprobs, in_openais_shape) {
  EXPECT_EQ(
      logprobs_of(
          R"({"chosenCandidates":[{"token":"Hi","tokenId":1,"logProbability":-0.10},{"token":"!"}],"topCandidates":[{"candidates":[{"token":"Hi","logProbability":-0.10},{"token":"Yo","logProbability":-2e0}]}]})"),
      R"({"content":[{"token":"Hi","logprob":-0.10,"bytes":null,"top_logprobs":[{"token":"Hi","logprob":-0.10,"bytes":null},{"token":"Yo","logprob":-2e0,"bytes":null}]},)"
      R"({"token":"!","logprob":0,"bytes":null,"top_logprobs":[]}],"refusal":null})");
  for (auto const each : {"", "{}", R"({"chosenCandidates":[]})", "7"}) EXPECT_EQ(logprobs_of(each), "");
  auto const told = translated(
      with_parts(R"({"text":"Hi"})", R"("logprobsResult":{"chosenCandidates":[{"token":"Hi","logProbability":-1}]})"));
  EXPECT_NE(
      told.find(
          R"("logprobs":{"content":[{"token":"Hi","logprob":-1,"bytes":null,"top_logprobs":[]}],"refusal":null},"finish_reason")"),
      std::string::npos)
      << told;
}

// ---- errors (§0.5) ---------------------------------------------------------------------------------------------

std::string error(int code, std::string_view status, std::string_view message, std::string_view details = "") {
  return fmt::format(R"({{"error":{{"code":{},"message":"{}","status":"{}","details":[{}]}}}})", code, message, status,
                     details);
}
std::string reason(std::string_view word) {
  return fmt::format(
      R"({{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"{}","domain":"googleapis.com"}})", word);
}
std::string quota(std::string_view id) {
  return fmt::format(
      R"({{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{{"quotaMetric":"m","quotaId":"{}"}}]}})",
      id);
}
std::string retry(std::string_view delay) {
  return fmt::format(R"({{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"{}"}})", delay);
}

TEST(gemini_error, classes) {
  using enum fault_class;
  struct {
    int status;
    std::string body;
    fault_class is;
    char const* code;
  } const cases[] = {
      {400, error(400, "INVALID_ARGUMENT", "Invalid JSON payload received. Unknown name"), client_fault,
       "invalid_argument"},
      {400, error(400, "INVALID_ARGUMENT", "Function call is missing a thought_signature in functionCall parts."),
       client_fault, "invalid_argument"},
      {400,
       error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", reason("API_KEY_INVALID")),
       auth, "invalid_api_key"},
      {400, error(400, "INVALID_ARGUMENT", "API key expired. Please renew the API key."), auth, "invalid_api_key"},
      {400,
       error(400, "INVALID_ARGUMENT",
             "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."),
       context_length, "context_length_exceeded"},
      {400, error(400, "FAILED_PRECONDITION", "User location is not supported for the API use."), auth,
       "unsupported_location"},
      {400,
       error(400, "FAILED_PRECONDITION",
             "Gemini API free tier is not available in your country. Please enable billing"),
       billing, "insufficient_quota"},
      {401, error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials."), auth, "invalid_api_key"},
      {403, error(403, "PERMISSION_DENIED", "Your API key was reported as leaked."), auth, "invalid_api_key"},
      {403, error(403, "PERMISSION_DENIED", "Permission 'aiplatform.endpoints.predict' denied"), auth,
       "permission_denied"},
      {403, error(403, "PERMISSION_DENIED", "Enable it", reason("SERVICE_DISABLED")), auth, "service_disabled"},
      {403, error(403, "PERMISSION_DENIED", "x", reason("BILLING_DISABLED")), billing, "insufficient_quota"},
      {404, error(404, "NOT_FOUND", "models/x is not found for API version v1beta, or is not supported"), model_missing,
       "model_not_found"},
      {404, error(404, "NOT_FOUND", "Publisher Model `projects/p/x` was not found"), model_missing, "model_not_found"},
      {404, error(404, "NOT_FOUND", "Requested entity was not found."), client_fault, "not_found"},
      {400, error(400, "INVALID_ARGUMENT", "* GenerateContentRequest.model: unexpected model name format"),
       model_missing, "model_not_found"},
      {429, error(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."), rate_limit,
       "rate_limit_exceeded"},
      {429,
       error(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota, please check your plan and billing details.",
             quota("GenerateRequestsPerMinutePerProjectPerModel-FreeTier") + "," + retry("34s")),
       rate_limit, "rate_limit_exceeded"},
      {429,
       error(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota",
             quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier") + "," + retry("34s")),
       quota_day, "rate_limit_exceeded"},
      {429, error(429, "RESOURCE_EXHAUSTED", "Your prepayment credits are depleted."), billing, "insufficient_quota"},
      {499, error(499, "CANCELLED", "The operation was cancelled."), server_error, "cancelled"},
      {500, error(500, "INTERNAL", "An internal error has occurred."), server_error, "internal"},
      {500, error(500, "INTERNAL", "exceeds the maximum number of tokens allowed"), server_error, "internal"},
      {503, error(503, "UNAVAILABLE", "The model is overloaded. Please try again later."), overloaded, "unavailable"},
      {504, error(504, "DEADLINE_EXCEEDED", "Deadline expired"), timeout, "deadline_exceeded"},
      {413, "<html><title>413 Request Entity Too Large</title></html>", client_fault, "request_too_large"},
      {502, "<html><title>Error 502 (Server Error)!!1</title></html>", server_error, "upstream_error"},
      {404, "<!DOCTYPE html><title>Error 404 (Not Found)!!1</title>", client_fault, ""},
      {400, R"({"error":"odd"})", client_fault, ""},
      {418, "", client_fault, ""},
      {599, "{", server_error, "upstream_error"},
      {200, R"({"error":{"status":"RESOURCE_EXHAUSTED"}})", rate_limit, "rate_limit_exceeded"},
      {200, R"({"error":{"code":503}})", overloaded, "upstream_overloaded"},
      {200, R"({"error":{}})", server_error, "upstream_error"},
  };
  for (auto const& each : cases) {
    SCOPED_TRACE(each.body);
    for (auto const& body : {each.body, "[" + each.body + "\n]\n"}) {  // some of Google's servers wrap it
      if (body.front() == '[' && each.body.front() != '{') continue;
      if (body.front() == '[' && each.body == "{") continue;
      auto const out = read_error(each.status, body);
      EXPECT_EQ(to_string(out.what), to_string(each.is));
      EXPECT_EQ(out.source, chat::fault_source::upstream);
      EXPECT_FALSE(out.message.empty());
    }
    auto const out = read_error(each.status, each.body);
    if (each.code[0] != '\0') EXPECT_EQ(out.code, each.code);
  }
}

// §7 row 22
TEST(gemini_error, waits) {
  auto const wait = [](std::string_view details, std::string_view message = "m") {
    return read_error(429, error(429, "RESOURCE_EXHAUSTED", message, details)).retry_after;
  };
  EXPECT_EQ(wait(retry("34s")), 34s);
  EXPECT_EQ(wait(retry("34.074824224s")), 34075ms);
  EXPECT_EQ(wait(retry("0s")), 0ms);
  EXPECT_EQ(wait(retry("9e30s")), 24h);
  EXPECT_EQ(wait(quota("a-PerMinute") + "," + retry("7s")), 7s);
  EXPECT_EQ(wait(quota("a-PerDay-b") + "," + retry("7s")), std::nullopt) << "tomorrow, not in 7 s";
  EXPECT_EQ(wait("", "Please retry in 41.3s."), 41300ms);
  for (auto const each : {"", "s", "-1s", "1m", "xs", "\\\"s"}) EXPECT_EQ(wait(retry(each)), std::nullopt) << each;
  EXPECT_EQ(wait(R"(7,null,[],{"@type":7},{"@type":"x/google.rpc.QuotaFailure","violations":7})"), std::nullopt);
}

TEST(gemini_error, secrets_stay_secret) {
  auto const out = read_error(400, error(400, "INVALID_ARGUMENT", "key AIzaSyD-1234567890abcdef is bad"));
  EXPECT_EQ(out.message.find("1234567890"), std::string::npos) << out.message;
}

}  // namespace
}  // namespace recloser::dialects::gemini
