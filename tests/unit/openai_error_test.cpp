// Errors of OpenAI-shaped providers: every shape, whose fault it is, and what the client gets to see.

#include <string>

#include <gtest/gtest.h>

#include "dialects/error_text.hpp"
#include "dialects/openai_chat/relay.hpp"

namespace recloser::dialects::openai_chat {
namespace {

using enum chat::fault_class;

struct error_case {
  int status;
  std::string body;
  chat::fault_class what;
  std::string code;
  std::string message;
};

void check(error_case const& each) {
  auto const error = read_error(each.status, each.body);
  EXPECT_EQ(error.what, each.what) << each.status << ' ' << each.body << " -> " << to_string(error.what);
  EXPECT_EQ(error.code, each.code) << each.status << ' ' << each.body;
  EXPECT_EQ(error.message, each.message) << each.status << ' ' << each.body;
  EXPECT_EQ(error.source, chat::fault_source::upstream);
}

TEST(read_error, reads_every_shape) {
  error_case const cases[] = {
      {400, R"({"error":{"message":"bad \"x\"","type":"invalid_request_error","param":"x","code":"invalid_value"}})",
       client_fault, "invalid_value", "bad \"x\""},
      {400, R"({"object":"error","message":"bad","type":"BadRequestError","param":null,"code":400})", client_fault, "",
       "bad"},
      {422, R"({"message":"bad","type":"t","param":"p","code":"wrong_api_format"})", client_fault, "wrong_api_format",
       "bad"},
      {500, R"({"error":"Internal error"})", server_error, "upstream_error", "Internal error"},
      {403, R"({"code":"Some sentence that is no code.","error":"no access"})", auth, "invalid_api_key", "no access"},
      {422,
       R"({"detail":[{"loc":["body","messages",0],"msg":"field required","type":"missing"},{"loc":["body"],"msg":"extra"}]})",
       client_fault, "", "body.messages.0: field required; body: extra"},
      {404, R"({"detail":"Not Found"})", client_fault, "", "Not Found"},
      {401, R"({"statusCode":401,"message":"Access denied"})", auth, "invalid_api_key", "Access denied"},
      {200, R"({"error":{"message":"slow","type":"x","code":"y"},"status_code":429})", rate_limit, "y", "slow"},
      {200, R"({"error":{"code":503,"message":"busy"}})", overloaded, "upstream_overloaded", "busy"},
      {429, R"([{"error":{"code":429,"message":"quota","status":"RESOURCE_EXHAUSTED"}}])", rate_limit,
       "rate_limit_exceeded", "quota"},
      {502,
       "<html>\r\n<head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad "
       "Gateway</h1></center></body></html>",
       server_error, "upstream_error", "the provider sent a page of HTML: 502 Bad Gateway"},
      {403, "<!DOCTYPE html><p>x", auth, "invalid_api_key", "the provider sent a page of HTML"},
      {503, "", overloaded, "upstream_overloaded", "the provider answered 503 without a message"},
      {500, " upstream connect error \n", server_error, "upstream_error", "upstream connect error"},
      {500, R"({"error":null})", server_error, "upstream_error", "the provider answered 500 without a message"},
      {500, R"({"error":{"message":{"a":1}}})", server_error, "upstream_error", R"({"a":1})"},
      {500, "{\"error\":", server_error, "upstream_error", "{\"error\":"},
      {500, "\xFF oops", server_error, "upstream_error", "? oops"},
      {200, R"({"error":{}})", bad_response, "bad_upstream_response",
       "the provider reported an error without a message"},
  };
  for (auto const& each : cases) check(each);
}

TEST(read_error, knows_whose_fault_it_is) {
  struct {
    int status;
    std::string body;
    chat::fault_class what;
    std::string code;
  } const cases[] = {
      // context length: only where the request may be at fault
      {400,
       R"({"error":{"message":"This model's maximum context length is 8192 tokens.","code":"context_length_exceeded"}})",
       context_length, "context_length_exceeded"},
      {400,
       R"({"object":"error","message":"This model's maximum context length is 4096 tokens. However, you requested 5000.","type":"BadRequestError","code":400})",
       context_length, "context_length_exceeded"},
      {400,
       R"x({"error":{"message":"Your request exceeded model token limit: 8192 (requested: 9000)","type":"invalid_request_error"}})x",
       context_length, "context_length_exceeded"},
      {400,
       R"({"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error","n_ctx":4096}})",
       context_length, "context_length_exceeded"},
      {413,
       R"({"error":{"message":"Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 9000","type":"tokens","code":"rate_limit_exceeded"}})",
       context_length, "context_length_exceeded"},
      {413, R"({"error":{"message":"Request Entity Too Large"}})", client_fault, ""},
      {500, R"({"error":{"message":"maximum context length exceeded while sharding"}})", server_error,
       "upstream_error"},
      // content policy
      {400, R"({"error":{"message":"no","code":"content_policy_violation"}})", content_policy,
       "content_policy_violation"},
      {400,
       R"({"error":{"message":"no","code":"content_filter","innererror":{"code":"ResponsibleAIPolicyViolation"}}})",
       content_policy, "content_filter"},
      {403,
       R"({"error":{"code":403,"message":"Input flagged","metadata":{"reasons":["violence"],"flagged_input":"…"}}})",
       content_policy, "content_filter"},
      // money
      {402, R"({"error":{"message":"Insufficient Balance"}})", billing, "insufficient_quota"},
      {402, R"({"error":"You have exceeded your monthly included credits"})", billing, "insufficient_quota"},
      {402, R"({"error":{"code":402,"message":"wait","metadata":{"limit_source":"openrouter_in_flight_budget"}}})",
       rate_limit, "rate_limit_exceeded"},
      {429,
       R"({"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}})",
       billing, "insufficient_quota"},
      {429, R"({"error":{"message":"Your account is out","type":"exceeded_current_quota_error"}})", billing,
       "insufficient_quota"},
      {400, R"({"error":{"message":"Your credit balance is too low"}})", billing, "insufficient_quota"},
      // limits
      {429, R"({"error":{"message":"Rate limit reached for requests","type":"requests","code":"rate_limit_exceeded"}})",
       rate_limit, "rate_limit_exceeded"},
      {429, R"({"error":{"message":"growth","type":"rate_limit_error","code":"slow_down"}})", rate_limit, "slow_down"},
      {429, R"({"error":{"message":"Rate limit reached on requests per day (RPD): Limit 1000"}})", quota_day,
       "rate_limit_exceeded"},
      {429, R"({"error":{"message":"Rate limit exceeded: free-models-per-day"}})", quota_day, "rate_limit_exceeded"},
      {429, R"({"error":{"message":"The engine is currently overloaded","type":"engine_overloaded_error"}})",
       overloaded, "upstream_overloaded"},
      {429, R"({"message":"high traffic","type":"too_many_requests_error","code":"queue_exceeded"})", overloaded,
       "queue_exceeded"},
      {429, "", rate_limit, "rate_limit_exceeded"},
      // models
      {404,
       R"({"error":{"message":"The model `x` does not exist or you do not have access to it.","type":"invalid_request_error","code":"model_not_found"}})",
       model_missing, "model_not_found"},
      {403, R"({"error":{"message":"Project does not have access to model","code":"model_not_found"}})", model_missing,
       "model_not_found"},
      {404, R"({"error":{"message":"model \"x\" not found, try pulling it first","type":"api_error"}})", model_missing,
       "model_not_found"},
      {404, R"({"object":"error","message":"The model `x` does not exist.","type":"NotFoundError","code":404})",
       model_missing, "model_not_found"},
      {404, R"({"error":{"message":"No endpoints found for x/y.","code":404}})", model_missing, "model_not_found"},
      {400, R"({"error":{"message":"Model Not Exist","type":"invalid_request_error"}})", model_missing,
       "model_not_found"},
      {400, R"({"object":"error","message":"Invalid model: x","type":"invalid_model","code":"1500"})", model_missing,
       "model_not_found"},
      {400, R"({"error":{"message":"gone","code":"model_decommissioned"}})", model_missing, "model_not_found"},
      {404, "404 page not found", client_fault, ""},
      // credentials
      {401, R"({"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}})", auth, "invalid_api_key"},
      {401, R"({"error":"Unauthorized"})", auth, "invalid_api_key"},
      {403, R"({"error":{"message":"Country not supported","code":"unsupported_country_region_territory"}})", auth,
       "unsupported_country_region_territory"},
      {400, R"({"code":"Client specified an invalid argument","error":"Incorrect API key provided: xai-***"})", auth,
       "invalid_api_key"},
      // the provider
      {503, R"({"error":{"code":503,"message":"Loading model","type":"unavailable_error"}})", starting, "model_loading"},
      {500, R"({"error":{"code":500,"message":"error loading model","type":"server_error"}})", server_error,
       "upstream_error"},
      {529, R"({"error":{"message":"x"}})", overloaded, "upstream_overloaded"},
      {498, R"({"error":{"message":"flex","code":"capacity_exceeded"}})", overloaded, "capacity_exceeded"},
      {500, R"({"error":{"message":"x","type":"server_error"}})", server_error, "upstream_error"},
      {502, "", server_error, "upstream_error"},
      {522, "", server_error, "upstream_error"},
      {504, "", timeout, "upstream_timeout"},
      {408, "", timeout, "upstream_timeout"},
      // the request
      {400,
       R"({"error":{"message":"Unknown parameter: 'x'.","type":"invalid_request_error","code":"unknown_parameter"}})",
       client_fault, "unknown_parameter"},
      {400, R"({"error":{"message":"x","code":"tool_use_failed","failed_generation":"…"}})", client_fault,
       "tool_use_failed"},
      {405, "", client_fault, ""},
      {415, "", client_fault, ""},
      {409, "", client_fault, ""},
      // inside a 200
      {200, R"({"error":{"message":"x","type":"rate_limit_error"}})", rate_limit, "rate_limit_exceeded"},
      {200, R"({"error":{"message":"x","type":"overloaded_error"}})", overloaded, "upstream_overloaded"},
      {200, R"({"error":{"message":"maximum context length is 5"}})", context_length, "context_length_exceeded"},
      {200, R"({"error":{"message":"x","type":"invalid_request_error"}})", client_fault, ""},
      {200, R"({"error":{"message":"x","type":"server_error"}})", server_error, "upstream_error"},
      {200, R"({"error":{"message":"x"}})", bad_response, "bad_upstream_response"},
  };
  for (auto const& each : cases) {
    auto const error = read_error(each.status, each.body);
    EXPECT_EQ(error.what, each.what) << each.status << ' ' << each.body << " -> " << to_string(error.what);
    EXPECT_EQ(error.code, each.code) << each.status << ' ' << each.body;
    EXPECT_FALSE(error.message.empty());
  }
}

TEST(read_error, keeps_type_param_and_status) {
  auto const error = read_error(
      400, R"({"error":{"message":"m","type":"invalid_request_error","param":"messages[0].role","code":null}})");
  EXPECT_EQ(error.type, "invalid_request_error");
  EXPECT_EQ(error.param, "messages[0].role");
  EXPECT_EQ(error.status, 400);
  EXPECT_EQ(read_error(200, R"({"error":{"code":429,"message":"x"}})").status, 429);
  EXPECT_EQ(read_error(200, R"({"error":{"message":"x"}})").status, 0);
}

TEST(read_error, tells_the_cause_behind_openrouter) {
  auto const error = read_error(
      400,
      R"({"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"error\":\"prompt is too long\"}","provider_name":"X"}}})");
  EXPECT_EQ(error.what, context_length);
  EXPECT_EQ(error.message, R"(Provider returned error: {"error":"prompt is too long"})");
}

TEST(read_error, tells_the_operator_what_vllm_wants) {
  auto const error = read_error(
      400, R"({"error":{"message":"\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set","type":"BadRequestError","param":null,"code":400}})");
  EXPECT_EQ(error.what, client_fault);
  EXPECT_NE(error.message.find("start vLLM with"), std::string::npos) << error.message;
}

TEST(read_error, masks_secrets) {
  auto const message = [](std::string const& text) {
    return read_error(401, R"({"error":{"message":")" + text + "\"}}").message;
  };
  EXPECT_EQ(message("Incorrect API key provided: sk-proj-abcDEF123_456-789."), "Incorrect API key provided: sk-***");
  EXPECT_EQ(message("key 'gsk_abcdef123456' and hf_abcdefghijk, xai-abcdefgh!"), "key 'gsk_***' and hf_***, xai-***!");
  EXPECT_EQ(message("header Bearer abcdef.ghi-jkl= refused"), "header Bearer *** refused");
  EXPECT_EQ(message("sk-abcdef123456 sk-abcdef654321"), "sk-*** sk-***");
  EXPECT_EQ(message("the task-scheduler12345 and disk-123456789 stay, sk-1 too"),
            "the task-scheduler12345 and disk-123456789 stay, sk-1 too");
}

TEST(read_error, bounds_the_message) {
  std::string long_text;
  for (int i = 0; i < 5'000; ++i) long_text += "é";
  auto const error = read_error(500, "{\"error\":\"" + long_text + "\"}");
  EXPECT_LE(error.message.size(), max_error_message);
  EXPECT_GT(error.message.size(), max_error_message - 8);
  EXPECT_TRUE(error.message.ends_with("é…"));
  // A secret that the end of the message would cut in half is masked all the same.
  auto const secret =
      read_error(500, "{\"error\":\"" + std::string(max_error_message - 12, 'x') + " sk-abcdefghijklmnopqrstuvwxyz\"}");
  EXPECT_EQ(secret.message.find("abc"), std::string::npos);
  EXPECT_EQ(read_error(500, std::string(1u << 20, 'x')).message.size(), max_error_message);
}

TEST(read_error, hears_how_long_to_wait) {
  using std::chrono::milliseconds;
  auto const wait = [](std::string const& text) {
    return read_error(429, R"({"error":{"message":")" + text + "\"}}").retry_after;
  };
  EXPECT_EQ(wait("Rate limit. Please try again in 1.2s. Visit"), milliseconds(1'200));
  EXPECT_EQ(wait("Please try again in 6m0s."), milliseconds(360'000));
  EXPECT_EQ(wait("Try again in 1h2m3.5s"), milliseconds(3'723'500));
  EXPECT_EQ(wait("try again in 12ms"), milliseconds(12));
  EXPECT_EQ(wait("try again in 20 seconds"), milliseconds(20'000));
  EXPECT_EQ(wait("Please retry after 1 minute."), milliseconds(60'000));
  EXPECT_EQ(wait("try again in 900h"), milliseconds(24 * 3'600'000));
  EXPECT_EQ(wait("please try again in a while"), std::nullopt);
  EXPECT_EQ(wait("try again in -5s"), std::nullopt);
  EXPECT_EQ(wait("try again in 5 apples"), std::nullopt);
  EXPECT_EQ(wait("slow down"), std::nullopt);
}

// ---- writing ---------------------------------------------------------------------------------------------------

TEST(write_error, has_openais_shape) {
  chat::fault what(client_fault, chat::fault_source::client, 400, "no \"x\"\n", "invalid_value");
  what.type = "invalid_request_error";
  what.param = "x";
  EXPECT_EQ(write_error(what),
            R"({"error":{"message":"no \"x\"\n","type":"invalid_request_error","param":"x","code":"invalid_value"}})");
  chat::fault const bare(network, chat::fault_source::upstream, 0, "gone");
  EXPECT_EQ(write_error(bare), R"({"error":{"message":"gone","type":"upstream_error","param":null,"code":null}})");
}

TEST(write_error, ends_a_stream) {
  chat::fault const what(rate_limit, chat::fault_source::upstream, 429, "slow", "rate_limit_exceeded");
  EXPECT_EQ(write_stream_error(what),
            "data: "
            "{\"error\":{\"message\":\"slow\",\"type\":\"rate_limit_error\",\"param\":null,\"code\":\"rate_limit_"
            "exceeded\"}}\n\n");
}

}  // namespace
}  // namespace recloser::dialects::openai_chat
