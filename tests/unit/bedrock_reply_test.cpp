// Whole answers and errors of Bedrock.

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "bedrock_fixture.hpp"

namespace recloser::dialects::bedrock_tests {
namespace {

using bedrock_converse::read_error;
using bedrock_converse::read_reply;
using chat::fault_class;
using chat::finish_reason;

std::string translated(std::string_view reply) {
  padded const body(reply);
  auto answer = read_reply(body.view());
  if (!answer) return "fault: " + answer.error().message;
  EXPECT_EQ(answer->id, "");
  EXPECT_EQ(answer->model, "");
  answer->id = "ID";
  answer->model = "MODEL";
  std::string out;
  openai_chat::write_reply(*answer, 1700000000, out);
  return out;
}

TEST(bedrock_reply, golden) {
  for (auto const& name : cases_with("reply.json")) {
    SCOPED_TRACE(name);
    auto const out = translated(load(fixtures() / name / "reply.json"));
    // The arguments of a call are the provider's own bytes, so only the expected text is made compact.
    EXPECT_EQ(compact(out), compact(load(fixtures() / name / "client.json")));
    EXPECT_TRUE(json::scan_object(padded(out).view())) << out;
  }
}

std::string answer(std::string_view blocks, std::string_view rest = R"("stopReason":"end_turn")") {
  return R"({"output":{"message":{"role":"assistant","content":[)" + std::string(blocks) + "]}}," + std::string(rest) +
         "}";
}

constexpr std::string_view a_call = R"({"toolUse":{"toolUseId":"t","name":"f","input":{}}})";
constexpr std::string_view a_text = R"({"text":"x"})";

finish_reason finish_of(std::string_view blocks, std::string_view reason) {
  auto const text = answer(blocks, R"("stopReason":)" + std::string(reason));
  padded const body(text);
  auto const read = read_reply(body.view());
  EXPECT_TRUE(read) << reason;
  return read ? read->finish : finish_reason::none;
}

TEST(bedrock_reply, stop_reasons) {
  struct {
    char const* reason;
    finish_reason with_text;
    finish_reason with_call;
  } const cases[] = {
      {R"("end_turn")", finish_reason::stop, finish_reason::tool_calls},  // some models say so after calls (§4.5)
      {R"("stop_sequence")", finish_reason::stop, finish_reason::tool_calls},
      {R"("tool_use")", finish_reason::stop, finish_reason::tool_calls},
      {R"("max_tokens")", finish_reason::length, finish_reason::length},
      {R"("model_context_window_exceeded")", finish_reason::length, finish_reason::length},
      {R"("content_filtered")", finish_reason::content_filter, finish_reason::content_filter},
      {R"("guardrail_intervened")", finish_reason::content_filter, finish_reason::content_filter},
      {R"("malformed_model_output")", finish_reason::stop, finish_reason::stop},
      {R"("malformed_tool_use")", finish_reason::stop, finish_reason::stop},
      {R"("something_new")", finish_reason::stop, finish_reason::tool_calls},
      {"null", finish_reason::none, finish_reason::none},
      {"7", finish_reason::none, finish_reason::none},
  };
  for (auto const& each : cases) {
    EXPECT_EQ(finish_of(a_text, each.reason), each.with_text) << each.reason;
    EXPECT_EQ(finish_of(a_call, each.reason), each.with_call) << each.reason;
  }
}

TEST(bedrock_reply, a_malformed_answer_of_nothing_is_a_failure) {
  auto const text = answer("", R"("stopReason":"malformed_tool_use")");
  padded const body(text);
  auto const read = read_reply(body.view());
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().what, fault_class::bad_response);
}

TEST(bedrock_reply, the_answer_tool_is_an_answer) {
  auto const text = answer(R"({"toolUse":{"toolUseId":"t","name":"recloser_json_answer","input":{"a":"\u00e9"}}})",
                           R"("stopReason":"tool_use")");
  padded const body(text);
  auto const read = read_reply(body.view());
  ASSERT_TRUE(read);
  ASSERT_EQ(read->parts.size(), 1u);
  EXPECT_EQ(read->parts[0].kind, chat::part_kind::text);
  EXPECT_EQ(read->parts[0].text, R"({\"a\":\"\\u00e9\"})");
  EXPECT_EQ(read->finish, finish_reason::stop);
}

TEST(bedrock_reply, row_15_blocks_are_told_by_their_kind) {
  auto const text = answer(R"({"image":{"format":"png","source":{"bytes":"AA"}}},{"new":{"text":"no"}},)"
                           R"({"reasoningContent":{"reasoningText":{"text":"hm"}}},7,{"text":"yes"},{})");
  padded const body(text);
  auto const read = read_reply(body.view());
  ASSERT_TRUE(read);
  ASSERT_EQ(read->parts.size(), 2u);
  EXPECT_EQ(read->parts[0].kind, chat::part_kind::thinking);
  EXPECT_EQ(read->parts[1].text, "yes");
}

chat::usage usage_of(std::string_view usage) {
  auto const text = answer("", R"("stopReason":"end_turn","usage":)" + std::string(usage));
  padded const body(text);
  return read_reply(body.view())->usage;
}

// §7 rows 3 and 4: the vendor's fields apart, each counted once.
TEST(bedrock_reply, rows_3_and_4_tokens_are_counted_once) {
  auto const all = usage_of(
      R"({"inputTokens":7,"outputTokens":20,"totalTokens":9999,"cacheReadInputTokens":100,)"
      R"("cacheWriteInputTokens":30,"cacheDetails":[{"ttl":"1h","inputTokens":20},{"ttl":"5m","inputTokens":10}]})");
  EXPECT_EQ(all.in_uncached, 7);
  EXPECT_EQ(all.in_cache_read, 100);
  EXPECT_EQ(all.in_cache_write_1h, 20);
  EXPECT_EQ(all.in_cache_write_5m, 10);
  EXPECT_EQ(all.completion(), 20);
  EXPECT_EQ(all.total(), 157);
  EXPECT_TRUE(all.known);
  EXPECT_EQ(usage_of(R"({"inputTokens":1,"outputTokens":1,"cacheWriteInputTokens":5})").in_cache_write_5m, 5);
  EXPECT_EQ(usage_of(R"({"inputTokens":1,"cacheWriteInputTokens":5,"cacheDetails":[{"ttl":"1h","inputTokens":9}]})")
                .cache_write(),
            5);
  EXPECT_EQ(usage_of(R"({"inputTokens":1,"cacheWriteInputTokens":5,"cacheDetails":[7,{"ttl":"1h","inputTokens":-9}]})")
                .in_cache_write_1h,
            0);
  EXPECT_FALSE(usage_of("{}").known);
  EXPECT_FALSE(usage_of("null").known);
  EXPECT_FALSE(usage_of(R"({"inputTokens":null,"outputTokens":"many"})").known);
}

TEST(bedrock_reply, takes_no_nonsense_for_an_answer) {
  char const* const wrong[] = {"",
                               "null",
                               "[]",
                               "{",
                               "{}",
                               R"({"output":null})",
                               R"({"output":{}})",
                               R"({"output":{"message":{"content":{}}}})",
                               R"({"output":7})",

                               R"({"output":{"message":{"content":[{"text":"x"}]}})",
                               "{\"output\":{\"message\":{\"content\":[{\"text\":\"\xFF\"}]}}}"};
  for (auto const* text : wrong) {
    padded const body(text);
    auto const read = read_reply(body.view());
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(to_string(read.error().what), to_string(fault_class::bad_response)) << text;
  }
  std::string deep = R"({"output":{"message":{"content":)" + std::string(200, '[') + std::string(200, ']') + "}}}";
  EXPECT_FALSE(read_reply(padded(deep).view()));
}

TEST(bedrock_reply, an_error_may_come_with_200) {
  padded const body(R"({"Output":{"__type":"com.amazon.coral.service#ThrottlingException"},"Version":"1.0"})");
  EXPECT_EQ(read_reply(body.view()).error().what, fault_class::rate_limit);
  padded const unknown(R"({"message":"no"})");
  EXPECT_EQ(read_reply(unknown.view()).error().what, fault_class::server_error);
  EXPECT_EQ(read_reply(unknown.view()).error().message, "no");
}

TEST(bedrock_reply, every_truncation_is_refused) {
  auto const whole = compact(load(fixtures() / "tool_loop" / "reply.json"));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    padded const body(std::string_view(whole).substr(0, size));
    ASSERT_FALSE(read_reply(body.view())) << size;
  }
}

TEST(bedrock_reply, survives_every_changed_byte) {
  int read = 0;
  for (auto const& name : cases_with("reply.json")) {
    auto const whole = compact(load(fixtures() / name / "reply.json"));
    for (std::size_t i = 0; i < whole.size(); ++i) {
      for (char const c : {'"', '{', ']', '\\', '9', '\0'}) {
        auto changed = whole;
        changed[i] = c;
        padded const body(changed);
        if (read_reply(body.view())) ++read;
      }
    }
  }
  EXPECT_GT(read, 100);
}

// ---- errors ----------------------------------------------------------------------------------------------------

struct error_case {
  int status;
  char const* type;
  char const* message;
  fault_class what;
  char const* code;
};

TEST(bedrock_reply, errors) {
  error_case const cases[] = {
      {429, "ThrottlingException", "Too many requests, please wait before trying again.", fault_class::rate_limit,
       "rate_limit_exceeded"},
      {429, "ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/", "Too many tokens, please wait.",
       fault_class::rate_limit, "rate_limit_exceeded"},
      {429, "ThrottlingException", "Too many tokens per day, please wait before trying again.", fault_class::quota_day,
       "rate_limit_exceeded"},
      {429, "ModelNotReadyException", "The model is not ready.", fault_class::rate_limit, "rate_limit_exceeded"},
      {400, "ServiceQuotaExceededException", "exceeds the service quota for your account", fault_class::rate_limit,
       "insufficient_quota"},
      {400, "ValidationException", "Malformed input request, please reformat your input and try again.",
       fault_class::client_fault, ""},
      {400, "ValidationException", "Too many tools.", fault_class::client_fault, ""},
      {400, "ValidationException", "Input is too long for requested model.", fault_class::context_length,
       "context_length_exceeded"},
      {400, "ValidationException",
       "The model returned the following errors: prompt is too long: 250000 tokens > 200000 maximum",
       fault_class::context_length, "context_length_exceeded"},
      {400, "ValidationException", "input length and `max_tokens` exceed context limit: 1 + 2 > 3",
       fault_class::context_length, "context_length_exceeded"},
      {400, "ValidationException", "The provided model identifier is invalid.", fault_class::model_missing,
       "model_not_found"},
      {400, "ValidationException",
       "Invocation of model ID x with on-demand throughput isn\u2019t supported. Retry with an inference profile.",
       fault_class::model_missing, "model_not_found"},
      {403, "AccessDeniedException", "You don't have access to the model with the specified model ID.",
       fault_class::model_missing, "model_not_found"},
      {403, "AccessDeniedException", "User: arn:aws:iam::1:user/x is not authorized to perform: bedrock:InvokeModel",
       fault_class::auth, "invalid_api_key"},
      {403, "AccessDeniedException",
       "Model access is denied due to INVALID_PAYMENT_INSTRUMENT: A valid payment instrument must be provided.",
       fault_class::billing, "insufficient_quota"},
      {403, "UnrecognizedClientException", "The security token included in the request is invalid.", fault_class::auth,
       "invalid_api_key"},
      {403, "InvalidSignatureException", "The request signature we calculated does not match", fault_class::auth,
       "invalid_api_key"},
      {403, "ExpiredTokenException", "The security token included in the request is expired", fault_class::auth,
       "invalid_api_key"},
      {403, "MissingAuthenticationTokenException", "Missing Authentication Token", fault_class::auth,
       "invalid_api_key"},
      {404, "ResourceNotFoundException", "Could not resolve the foundation model", fault_class::model_missing,
       "model_not_found"},
      {404, "UnknownOperationException", "", fault_class::client_fault, ""},
      {408, "ModelTimeoutException", "Model has timed out in processing the request.", fault_class::timeout,
       "upstream_timeout"},
      {424, "ModelErrorException", "The system encountered an unexpected error during processing.",
       fault_class::server_error, "upstream_error"},
      {500, "InternalServerException", "Input is too long", fault_class::server_error,
       "upstream_error"},  // never from a 5xx
      {503, "ServiceUnavailableException", "Bedrock is unable to process your request.", fault_class::overloaded,
       "upstream_overloaded"},
      {400, "com.amazon.coral.service#ValidationException", "x", fault_class::client_fault, ""},
      {418, "", "x", fault_class::client_fault, ""},
      {403, "", "x", fault_class::auth, "invalid_api_key"},
      {424, "", "x", fault_class::server_error, "upstream_error"},
      {429, "NewException", "x", fault_class::rate_limit, "rate_limit_exceeded"},
      {502, "", "", fault_class::server_error, "upstream_error"},
      {503, "", "", fault_class::overloaded, "upstream_overloaded"},
      {504, "", "", fault_class::timeout, "upstream_timeout"},
      {302, "", "", fault_class::bad_response, "bad_upstream_response"},
  };
  for (auto const& each : cases) {
    SCOPED_TRACE(std::string(each.type) + ": " + each.message);
    auto const fault = read_error(each.status, R"({"message":")" + json::escaped(each.message) + R"("})", each.type);
    EXPECT_EQ(to_string(fault.what), to_string(each.what));
    EXPECT_EQ(fault.code, each.code);
    EXPECT_EQ(fault.status, each.status);
    EXPECT_EQ(fault.source, chat::fault_source::upstream);
    if (*each.message != 0) {
      EXPECT_EQ(fault.message, each.message);
    }
    EXPECT_EQ(fault.type.find_first_of(":#"), std::string::npos);
  }
}

TEST(bedrock_reply, errors_in_other_words) {
  EXPECT_EQ(read_error(400, R"({"__type":"ns#ValidationException","Message":"m"})", "").type, "ValidationException");
  EXPECT_EQ(read_error(400, R"({"__type":"ns#ValidationException","Message":"m"})", "").message, "m");
  EXPECT_EQ(
      read_error(404, R"({"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"})",
                 "")
          .type,
      "UnknownOperationException");
  EXPECT_EQ(read_error(503, "upstream connect error", "").message, "upstream connect error");
  EXPECT_EQ(read_error(502, "<html><title>Bad Gateway</title>", "").message,
            "the provider sent a page of HTML: Bad Gateway");
  EXPECT_EQ(read_error(500, "", "").message, "the provider answered 500 without a message");
  EXPECT_EQ(read_error(400, R"({"message":7})", "ValidationException").message,
            "the provider answered 400 without a message");
  EXPECT_EQ(read_error(429, R"({"message":"Please try again in 3s."})", "ThrottlingException").retry_after,
            std::chrono::milliseconds(3000));
  EXPECT_EQ(read_error(429, R"({"message":"m"})", "ThrottlingException").retry_after, std::nullopt);
  std::string const many(1u << 20, 'x');
  EXPECT_LE(read_error(400, many, many).message.size(), 2048u);
  EXPECT_LE(read_error(400, many, many).type.size(), 2048u);
}

}  // namespace
}  // namespace recloser::dialects::bedrock_tests
