// Whole answers and errors of Anthropic.

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "anthropic_fixture.hpp"
#include "dialects/anthropic/words.hpp"

namespace recloser::dialects {
namespace {

using chat::fault_class;

std::string translated(std::string_view reply) {
  padded const body(reply);
  auto const answer = anthropic::read_reply(body.view());
  if (!answer) return "fault: " + answer.error().message;
  std::string out;
  openai_chat::write_reply(*answer, 1700000000, out);
  return out;
}

TEST(anthropic_reply, golden) {
  for (auto const& name : cases_with("reply.json")) {
    SCOPED_TRACE(name);
    auto const reply = load(fixtures() / name / "reply.json");
    // The arguments of a call are the provider's own bytes, so only the expected text is made compact.
    auto const out = translated(reply);
    EXPECT_EQ(compact(out), compact(load(fixtures() / name / "client.json")));
    EXPECT_TRUE(json::scan_object(padded(out).view())) << out;
  }
}

chat::usage usage_of(std::string_view usage) {
  std::string const text = R"({"content":[],"usage":)" + std::string(usage) + "}";
  padded const body(text);
  return anthropic::read_reply(body.view())->usage;
}

TEST(anthropic_reply, counts_tokens_once) {
  auto const all = usage_of(R"({"input_tokens":7,"cache_creation_input_tokens":30,"cache_read_input_tokens":100,
    "cache_creation":{"ephemeral_5m_input_tokens":10,"ephemeral_1h_input_tokens":20},"output_tokens":20,"output_tokens_details":{"thinking_tokens":12}})");
  EXPECT_EQ(all.in_uncached, 7);
  EXPECT_EQ(all.in_cache_read, 100);
  EXPECT_EQ(all.in_cache_write_5m, 10);
  EXPECT_EQ(all.in_cache_write_1h, 20);
  EXPECT_EQ(all.out_text, 8);
  EXPECT_EQ(all.out_reasoning, 12);
  EXPECT_TRUE(all.known);
  EXPECT_EQ(usage_of(R"({"input_tokens":1,"cache_creation_input_tokens":5,"output_tokens":2})").in_cache_write_5m, 5);
  EXPECT_FALSE(usage_of("{}").known);
  EXPECT_FALSE(usage_of("null").known);
  EXPECT_FALSE(usage_of(R"({"input_tokens":null,"output_tokens":"many"})").known);
}

TEST(anthropic_reply, stop_reasons) {
  struct {
    char const* reason;
    chat::finish_reason finish;
  } const cases[] = {
      {R"("end_turn")", chat::finish_reason::stop},
      {R"("stop_sequence")", chat::finish_reason::stop},
      {R"("pause_turn")", chat::finish_reason::stop},
      {R"("max_tokens")", chat::finish_reason::length},
      {R"("model_context_window_exceeded")", chat::finish_reason::length},
      {R"("refusal")", chat::finish_reason::content_filter},
      {R"("something_new")", chat::finish_reason::stop},
      {R"("tool_use")", chat::finish_reason::stop},  // without any call of the client's tools
      {"null", chat::finish_reason::none},
  };
  for (auto const& each : cases) {
    padded const body(R"({"content":[],"stop_reason":)" + std::string(each.reason) + "}");
    EXPECT_EQ(anthropic::read_reply(body.view())->finish, each.finish) << each.reason;
  }
}

TEST(anthropic_reply, calls_are_the_reason_when_there_are_some) {
  padded const body(R"({"content":[{"type":"tool_use","id":"t","name":"f","input":{}}],"stop_reason":"tool_use"})");
  EXPECT_EQ(anthropic::read_reply(body.view())->finish, chat::finish_reason::tool_calls);
}

TEST(anthropic_reply, counts_characters_as_clients_do) {
  EXPECT_EQ(count_characters(""), 0);
  EXPECT_EQ(count_characters("abc"), 3);
  EXPECT_EQ(count_characters("aé日😀"), 4);
  EXPECT_EQ(count_characters(R"(\n\"\u00e9\\)"), 4);
  EXPECT_EQ(count_characters(R"(\ud83d\uDE00)"), 1);
  EXPECT_EQ(count_characters(R"(\ud83dx)"), 2);
  EXPECT_EQ(count_characters(R"(\ud7ff\u0de0)"), 2);
}

TEST(anthropic_reply, thinking_without_a_seal_is_no_block) {
  auto const out = translated(R"({"content":[{"type":"thinking","thinking":"t","signature":""}]})");
  EXPECT_NE(out.find(R"("reasoning_content":"t")"), std::string::npos) << out;
  EXPECT_EQ(out.find("thinking_blocks"), std::string::npos) << out;
}

TEST(anthropic_reply, the_answer_tool_is_an_answer) {
  auto const out = translated(
      R"({"id":"i","model":"m","content":[{"type":"tool_use","id":"t","name":"recloser_json_answer","input":{"a": "\"é"}}],"stop_reason":"tool_use"})");
  EXPECT_NE(out.find(R"("content":"{\"a\": \"\\\"é\"}")"), std::string::npos) << out;
  EXPECT_NE(out.find(R"("finish_reason":"stop")"), std::string::npos) << out;
  EXPECT_EQ(out.find("tool_calls"), std::string::npos) << out;
}

TEST(anthropic_reply, unreadable_bodies_are_the_providers_fault) {
  for (auto const* body : {"", "{", "[]", "<html>", "{}", R"({"content":"x"})", R"({"content":null})", "\xff"}) {
    padded const text(body);
    auto const answer = anthropic::read_reply(text.view());
    ASSERT_FALSE(answer) << body;
    EXPECT_EQ(answer.error().what, fault_class::bad_response) << body;
    EXPECT_EQ(answer.error().source, chat::fault_source::upstream) << body;
    EXPECT_EQ(answer.error().code, "bad_upstream_response");
  }
}

TEST(anthropic_reply, an_error_inside_a_good_status) {
  padded const body(R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})");
  auto const answer = anthropic::read_reply(body.view());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().what, fault_class::overloaded);
  EXPECT_EQ(answer.error().status, 529);
}

TEST(anthropic_reply, odd_blocks_do_no_harm) {
  auto const out = translated(
      R"({"content":[7,null,"x",{"text":"no type"},{"type":"text"},{"type":"text","text":null},{"type":"new","text":"y"},
    {"type":"tool_use","id":"t","name":"f","input":null},{"type":"text","text":"z","citations":{}}],"stop_reason":"tool_use"})");
  EXPECT_NE(out.find(R"("content":"z")"), std::string::npos) << out;
  EXPECT_NE(out.find(R"("arguments":"{}")"), std::string::npos) << out;
}

// ---- errors ----------------------------------------------------------------------------------------------------

std::string error(std::string_view type, std::string_view message, std::string_view details = "") {
  return R"({"type":"error","error":{"type":")" + std::string(type) + R"(","message":")" + std::string(message) + "\"" +
         std::string(details) + R"(},"request_id":"req_1"})";
}

struct error_case {
  int status;
  std::string body;
  fault_class what;
  char const* code;
};

TEST(anthropic_error, says_whose_fault_it_is) {
  std::vector<error_case> const cases = {
      {400, error("invalid_request_error", "messages: at least one message is required"), fault_class::client_fault,
       ""},
      {400, error("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
       fault_class::context_length, "context_length_exceeded"},
      {413, error("request_too_large", "prompt is too long"), fault_class::context_length, "context_length_exceeded"},
      {400,
       error("invalid_request_error", "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000"),
       fault_class::context_length, "context_length_exceeded"},
      {400, error("invalid_request_error", "Your credit balance is too low to access the Anthropic API."),
       fault_class::billing, "insufficient_quota"},
      {400, error("invalid_request_error", "You have reached your specified API usage limits."), fault_class::billing,
       "insufficient_quota"},
      {400, error("invalid_request_error", "Output blocked by content filtering policy"), fault_class::content_policy,
       "content_filter"},
      {400,
       error("invalid_request_error", "x",
             R"(,"details":{"error_code":"image_dimensions_too_large","max_side_length_pixels":8000})"),
       fault_class::client_fault, "image_dimensions_too_large"},
      {401, error("authentication_error", "invalid x-api-key"), fault_class::auth, "invalid_api_key"},
      {402, error("billing_error", "pay"), fault_class::billing, "insufficient_quota"},
      {403, error("permission_error", "no"), fault_class::auth, "invalid_api_key"},
      {403, error("permission_error", "no", R"(,"details":{"error_code":"organization_on_hold"})"),
       fault_class::billing, "insufficient_quota"},
      {404, error("not_found_error", "model: claude-nope"), fault_class::model_missing, "model_not_found"},
      {404, error("not_found_error", "Not found"), fault_class::client_fault, ""},
      {409, error("conflict_error", "again"), fault_class::server_error, "upstream_error"},
      {413, error("request_too_large", "Request exceeds the maximum size"), fault_class::client_fault,
       "request_too_large"},
      {429, error("rate_limit_error", "slow down"), fault_class::rate_limit, "rate_limit_exceeded"},
      {429, error("rate_limit_error", "x", R"(,"details":{"error_code":"ramp_limit_exceeded"})"),
       fault_class::rate_limit, "rate_limit_exceeded"},
      {429, error("rate_limit_error", "x", R"(,"details":{"error_code":"enforced_spend_limit_reached"})"),
       fault_class::billing, "insufficient_quota"},
      {429, error("rate_limit_error", "x", R"(,"details":{"error_code":"contract_spend_limit_reached"})"),
       fault_class::billing, "insufficient_quota"},
      {500, error("api_error", "Internal server error"), fault_class::server_error, "upstream_error"},
      {500, error("api_error", "prompt is too long"), fault_class::server_error, "upstream_error"},
      {504, error("timeout_error", "late"), fault_class::timeout, "upstream_timeout"},
      {529, error("overloaded_error", "Overloaded"), fault_class::overloaded, "upstream_overloaded"},
      // without a type that we know
      {408, "", fault_class::timeout, "upstream_timeout"},
      {422, R"({"detail":"no"})", fault_class::client_fault, ""},
      {429, "slow", fault_class::rate_limit, "rate_limit_exceeded"},
      {502, "<html><body>Bad gateway</body></html>", fault_class::server_error, "upstream_error"},
      {503, "{}", fault_class::overloaded, "upstream_overloaded"},
      {529, "", fault_class::overloaded, "upstream_overloaded"},
      {520, "", fault_class::server_error, "upstream_error"},
      {404, R"({"error":"model not found"})", fault_class::model_missing, "model_not_found"},
      {302, "", fault_class::bad_response, "bad_upstream_response"},
  };
  for (auto const& each : cases) {
    auto const fault = anthropic::read_error(each.status, each.body);
    SCOPED_TRACE(std::to_string(each.status) + " " + each.body);
    EXPECT_EQ(to_string(fault.what), to_string(each.what));
    EXPECT_EQ(fault.code, each.code);
    EXPECT_EQ(fault.status, each.status);
    EXPECT_EQ(fault.source, chat::fault_source::upstream);
    EXPECT_NE(fault.message, "");
  }
}

TEST(anthropic_error, keeps_the_providers_words) {
  auto const fault = anthropic::read_error(400, error("invalid_request_error", R"(max_tokens: \"x\" is é \u00e9)"));
  EXPECT_EQ(fault.message, "max_tokens: \"x\" is é é");
  EXPECT_EQ(fault.type, "invalid_request_error");
  EXPECT_EQ(anthropic::read_error(500, R"({"error":"plain"})").message, "plain");
  EXPECT_EQ(anthropic::read_error(500, R"({"message":"flat"})").message, "flat");
  EXPECT_EQ(anthropic::read_error(422, R"({"detail":"fast"})").message, "fast");
  EXPECT_EQ(anthropic::read_error(500, "upstream connect error").message, "upstream connect error");
  EXPECT_EQ(anthropic::read_error(429, error("rate_limit_error", "Please try again in 3s.")).retry_after,
            std::chrono::seconds(3));
}

TEST(anthropic_error, never_shows_a_page_and_never_nothing) {
  EXPECT_EQ(anthropic::read_error(502, " \n<!DOCTYPE html><h1>Oops</h1>").message,
            "the provider sent a page of HTML: Oops");
  EXPECT_EQ(anthropic::read_error(502, " \n").message, "the provider answered 502 without a message");
  EXPECT_EQ(anthropic::read_error(502, R"({"type":"error"})").message, "the provider answered 502 without a message");
}

TEST(anthropic_error, shows_no_secret_and_no_more_than_2_kb) {
  EXPECT_EQ(anthropic::read_error(401, error("authentication_error", "bad key sk-ant-api03-abcdefghijkl")).message,
            "bad key sk-***");
  std::string many;
  for (int i = 0; i < 2000; ++i) many += "é";
  EXPECT_LE(anthropic::read_error(400, error("invalid_request_error", many)).message.size(), 2048u);
  EXPECT_LE(anthropic::read_error(400, many).message.size(), 2048u);
  EXPECT_LE(anthropic::read_error(400, error(many, "m")).type.size(), 2048u);
}

}  // namespace
}  // namespace recloser::dialects
