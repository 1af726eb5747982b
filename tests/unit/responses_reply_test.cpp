// Whole responses, and errors.

#include <string>

#include <gtest/gtest.h>

#include "dialects/openai_responses/answer.hpp"
#include "dialects/openai_responses/usage.hpp"
#include "responses_fixture.hpp"

namespace recloser::dialects::openai_responses {
namespace {

using chat::fault_class;
using chat::finish_reason;

std::string translated(std::string_view reply) {
  padded const body(reply);
  auto const answer = read_reply(body.view());
  if (!answer) return "fault: " + answer.error().message;
  std::string out;
  openai_chat::write_reply(*answer, 1700000000, out);
  return out;
}

TEST(responses_reply, golden) {
  for (auto const& name : golden_with("reply.json")) {
    SCOPED_TRACE(name);
    auto const out = translated(load(golden() / name / "reply.json"));
    EXPECT_EQ(compact(out), compact(load(golden() / name / "client.json")));
    EXPECT_TRUE(json::scan_object(padded(out).view())) << out;
  }
}

// ---- figures ---------------------------------------------------------------------------------------------------

TEST(responses_reply, counts_tokens_once) {
  auto const all = read_usage(
      R"({"input_tokens":1000,"input_tokens_details":{"cached_tokens":600,"cache_write_tokens":300,
      "cache_write_tokens_details":{"ttl_30m_tokens":100,"ttl_12h_tokens":200}},"output_tokens":50,
      "output_tokens_details":{"reasoning_tokens":40},"total_tokens":1050})");
  EXPECT_EQ(all.in_uncached, 100);
  EXPECT_EQ(all.in_cache_read, 600);
  EXPECT_EQ(all.in_cache_write_5m, 100);
  EXPECT_EQ(all.in_cache_write_1h, 200);
  EXPECT_EQ(all.out_text, 10);
  EXPECT_EQ(all.out_reasoning, 40);
  EXPECT_EQ(all.total(), 1050);
  EXPECT_TRUE(all.known);

  auto const xai = read_usage(R"({"input_tokens":10,"input_tokens_details":{"cached_tokens":64},"output_tokens":7,
      "output_tokens_details":{"reasoning_tokens":5},"cost_in_usd_ticks":123,"num_sources_used":0})");
  EXPECT_EQ(xai.in_uncached, 10);
  EXPECT_EQ(xai.in_cache_read, 64);
  EXPECT_EQ(xai.completion(), 7);

  auto const old_names = read_usage(R"({"prompt_tokens":10,"completion_tokens":3,"total_tokens":13})");
  EXPECT_EQ(old_names.in_uncached, 10);
  EXPECT_EQ(old_names.out_text, 3);

  for (auto const* nothing : {"", "null", "{}", "7", R"({"input_tokens":null})", R"({"input_tokens":"5"})",
                              R"({"input_tokens":-1})", R"({"x":{"input_tokens":5}})"}) {
    EXPECT_FALSE(read_usage(nothing).known) << nothing;
    EXPECT_EQ(read_usage(nothing).total(), 0) << nothing;
  }
}

// ---- how it ended ----------------------------------------------------------------------------------------------

TEST(responses_reply, finish) {
  auto const call = R"({"type":"function_call","call_id":"c","name":"f","arguments":"{}"})";
  struct {
    std::string output;
    char const* status;
    char const* details;
    finish_reason finish;
  } const rows[] = {
      {"", "completed", "null", finish_reason::stop},
      {call, "completed", "null", finish_reason::tool_calls},
      {"", "incomplete", R"({"reason":"max_output_tokens"})", finish_reason::length},
      {call, "incomplete", R"({"reason":"max_output_tokens"})", finish_reason::length},
      {"", "incomplete", R"({"reason":"content_filter"})", finish_reason::content_filter},
      {"", "incomplete", R"({"reason":"max_messages"})", finish_reason::length},
      {"", "incomplete", R"({"reason":"steered"})", finish_reason::stop},
      {"", "incomplete", R"({"reason":"new"})", finish_reason::length},
      {"", "incomplete", "null", finish_reason::length},
      {"", "", "null", finish_reason::stop},
  };
  for (auto const& each : rows) {
    padded const body(R"({"output":[)" + each.output + R"(],"status":")" + each.status + R"(","incomplete_details":)" +
                      each.details + "}");
    auto const answer = read_reply(body.view());
    ASSERT_TRUE(answer) << body.view();
    EXPECT_EQ(answer->finish, each.finish) << body.view();
  }
}

TEST(responses_reply, messages_are_one_text) {
  auto const out = translated(
      R"({"output":[{"type":"message","phase":"commentary","content":[{"type":"output_text","text":"First I look."}]},
      {"type":"message","content":[{"type":"output_text","text":""}]},
      {"content":[{"type":"output_text","text":"Done"},{"type":"output_text","text":"."}]}],"status":"completed"})");
  EXPECT_NE(out.find(R"("content":"First I look.\n\nDone.")"), std::string::npos) << out;
}

TEST(responses_reply, open_reasoning) {
  auto const out = translated(
      R"({"output":[{"type":"reasoning","id":"r","summary":[],"content":[{"type":"reasoning_text","text":"hm"}]},
      {"type":"reasoning","summary":null,"content":[{"type":"reasoning_text","text":"so"}]},
      {"type":"message","content":[{"type":"output_text","text":"a"}]}],"status":"completed"})");
  EXPECT_NE(out.find(R"("reasoning_content":"hm\n\nso")"), std::string::npos) << out;
  EXPECT_EQ(out.find("thinking_blocks"), std::string::npos) << out;
}

TEST(responses_reply, arguments) {
  struct {
    char const* arguments;
    char const* shown;
  } const rows[] = {
      {R"("{\"a\": 1.50}")", R"("{\"a\": 1.50}")"},
      {R"("")", R"("{}")"},
      {"null", R"("{}")"},
      {R"({"a":1})", R"("{\"a\":1}")"},
      {R"("{\"a\":")", R"("{\"_raw\":\"{\\\"a\\\":\"}")"},
  };
  for (auto const& each : rows) {
    auto const out = translated(R"({"output":[{"type":"function_call","id":"fc_1","name":"f","arguments":)" +
                                std::string(each.arguments) + R"(}],"status":"completed"})");
    EXPECT_NE(out.find(R"("id":"fc_1")"), std::string::npos) << out;
    EXPECT_NE(out.find(R"("arguments":)" + std::string(each.shown)), std::string::npos) << out;
  }
}

TEST(responses_reply, reasoning_without_a_consequence_is_not_kept) {
  for (auto const* next :
       {R"({"type":"web_search_call"},{"type":"message","content":[]})", R"({"type":"new_thing"})"}) {
    auto const out = translated(R"({"output":[{"type":"reasoning","id":"rs","summary":[],"encrypted_content":"AAA"},)" +
                                std::string(next) + R"(],"status":"completed"})");
    EXPECT_EQ(out.find("AAA"), std::string::npos) << out;
  }
}

TEST(responses_reply, odd_items_do_no_harm) {
  auto const out = translated(
      R"({"output":[7,null,"x",{},{"type":"message"},{"type":"message","content":"x"},{"type":"message","content":[1,{}]},
      {"type":"reasoning","summary":7},{"type":"reasoning"},{"type":7},
      {"type":"message","content":[{"type":"output_text","text":"z","annotations":{}},{"type":"output_text","text":null}]}],
      "usage":[],"incomplete_details":7,"status":null})");
  EXPECT_NE(out.find(R"("content":"z")"), std::string::npos) << out;
}

// ---- failures --------------------------------------------------------------------------------------------------

TEST(responses_reply, unreadable_bodies_are_the_providers_fault) {
  for (auto const* body : {"", "{", "[]", "<html>", "{}", R"({"output":"x"})", R"({"output":null})", "\xff",
                           R"({"status":"completed"})"}) {
    padded const text(body);
    auto const answer = read_reply(text.view());
    ASSERT_FALSE(answer) << body;
    EXPECT_EQ(answer.error().what, fault_class::bad_response) << body;
    EXPECT_EQ(answer.error().code, "bad_upstream_response") << body;
  }
}

TEST(responses_reply, half_a_body_is_no_answer) {
  auto const whole = load(golden() / "tool_loop" / "reply.json");
  auto const end = whole.rfind('}');
  for (std::size_t size = 0; size <= end; ++size) {
    padded const half(whole.substr(0, size));
    auto const answer = read_reply(half.view());
    ASSERT_FALSE(answer) << size;
    ASSERT_EQ(answer.error().what, fault_class::bad_response) << size;
  }
}

struct failure_row {
  char const* error;
  fault_class what;
  int client_status;
  char const* code;
};

// §4.2, §4.4: what `response.error.code` means.
constexpr failure_row failures[] = {
    {R"({"code":"server_error","message":"m"})", fault_class::server_error, 502, "server_error"},
    {R"({"code":"rate_limit_exceeded","message":"m"})", fault_class::rate_limit, 429, "rate_limit_exceeded"},
    {R"({"code":"invalid_prompt","message":"m"})", fault_class::content_policy, 400, "invalid_prompt"},
    {R"({"code":"bio_policy","message":"m"})", fault_class::content_policy, 400, "bio_policy"},
    {R"({"code":"misalignment_policy_violation","message":"m"})", fault_class::content_policy, 400,
     "misalignment_policy_violation"},
    {R"({"code":"data_residency_mismatch","message":"m"})", fault_class::client_fault, 400, "data_residency_mismatch"},
    {R"({"code":"vector_store_timeout","message":"m"})", fault_class::timeout, 504, "vector_store_timeout"},
    {R"({"code":"invalid_image","message":"m"})", fault_class::client_fault, 400, "invalid_image"},
    {R"({"code":"image_too_large","message":"m"})", fault_class::client_fault, 400, "image_too_large"},
    {R"({"code":"failed_to_download_image","message":"m"})", fault_class::client_fault, 400,
     "failed_to_download_image"},
    {R"({"code":"invalid_encrypted_content","message":"m"})", fault_class::client_fault, 400,
     "invalid_encrypted_content"},
    {R"({"code":"server_is_overloaded","message":"m"})", fault_class::overloaded, 503, "server_is_overloaded"},
    {R"({"code":"context_length_exceeded","message":"m"})", fault_class::context_length, 400,
     "context_length_exceeded"},
    {R"({"code":"insufficient_quota","message":"m"})", fault_class::billing, 503, "insufficient_quota"},
    {R"({"code":"something_new","message":"m"})", fault_class::server_error, 502, "something_new"},
    {R"({"message":"m"})", fault_class::server_error, 502, "upstream_error"},
};

TEST(responses_reply, failed_responses) {
  for (auto const& each : failures) {
    SCOPED_TRACE(each.error);
    padded const body(R"({"id":"r","object":"response","status":"failed","output":[],"error":)" +
                      std::string(each.error) + "}");
    auto const answer = read_reply(body.view());
    ASSERT_FALSE(answer);
    EXPECT_EQ(to_string(answer.error().what), to_string(each.what));
    EXPECT_EQ(client_status(answer.error()), each.client_status);
    EXPECT_EQ(answer.error().code, each.code);
    EXPECT_EQ(answer.error().message, "m");
    EXPECT_EQ(answer.error().source, chat::fault_source::upstream);
  }
}

TEST(responses_reply, a_status_without_an_answer) {
  for (auto const* status : {"failed", "cancelled", "queued", "in_progress"}) {
    padded const body(R"({"status":")" + std::string(status) + R"(","output":[],"error":null})");
    auto const answer = read_reply(body.view());
    ASSERT_FALSE(answer) << status;
    EXPECT_EQ(answer.error().what, fault_class::server_error);
    EXPECT_NE(answer.error().message.find(status), std::string::npos);
  }
}

TEST(responses_reply, errors) {
  auto const refused = responses.read_error(
      400,
      R"({"error":{"message":"Encrypted content is not supported with this model.","type":"invalid_request_error","param":"include","code":null}})",
      {});
  EXPECT_EQ(refused.what, fault_class::client_fault);
  EXPECT_EQ(refused.param, "include");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(responses.read_error(429, R"({"error":{"code":"insufficient_quota"}})", {}).what, fault_class::billing);
  EXPECT_EQ(responses.read_error(503, "<html><title>busy</title>", {}).what, fault_class::overloaded);
  // xAI's inside a 200 (§6).
  padded const inside(R"({"code":"The service is currently unavailable","error":"busy"})");
  auto const answer = read_reply(inside.view());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().what, fault_class::overloaded);
  EXPECT_EQ(answer.error().message, "busy");
}

}  // namespace
}  // namespace recloser::dialects::openai_responses
