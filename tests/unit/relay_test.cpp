// Whole replies of OpenAI-shaped providers on their way to an OpenAI client.

#include "relay_fixture.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace recloser::dialects::openai_chat {
namespace {

using enum chat::fault_class;

std::string joined(relayed_reply const& reply) {
  std::string out;
  for (auto piece : reply.pieces) out += piece;
  return out;
}

std::string whole(std::string const& message, std::string const& finish = "\"stop\"", std::string const& more = {}) {
  return R"({"id":"c1","object":"chat.completion","created":7,"model":"m","choices":[{"index":0,"message":{)" +
         message + R"(},"finish_reason":)" + finish + "}]" + more + "}";
}
std::string const said = R"("role":"assistant","content":"hi")";

TEST(relay_reply, forwards_good_replies_as_they_are) {
  for (
      std::string const& body : {
          " " +
              whole(
                  said, "\"stop\"",
                  R"(, "usage" : {"prompt_tokens":1e1,"completion_tokens":4,"total_tokens":14} , "x":123456789012345678901234567890)") +
              "\n",
          std::string(
              R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":"AAAA"}],"model":"e","usage":{"prompt_tokens":5,"total_tokens":5}})"),
          std::string(
              R"({"id":"x","object":"text_completion","created":1,"model":"m","choices":[{"text":"a","index":0,"logprobs":null,"finish_reason":"length"}]})"),
      }) {
    for (auto const& options : {plain, mended}) {
      auto const reply = relay_reply(body, options);
      ASSERT_TRUE(reply) << reply.error().message;
      EXPECT_EQ(joined(*reply), body);
      EXPECT_EQ(reply->pieces.size(), 1u) << "one piece: nothing was copied";
      EXPECT_EQ(reply->pieces[0].data(), body.data());
    }
  }
}

TEST(relay_reply, tells_usage_and_finish) {
  auto const body = whole(said, "\"length\"", ",\"usage\":" + usage_object);
  auto const reply = relay_reply(body, plain);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->usage.prompt(), 9);
  EXPECT_EQ(reply->usage.completion(), 4);
  EXPECT_EQ(reply->finish, chat::finish_reason::length);
  auto const inside = R"({"choices":[{"index":0,"message":{},"finish_reason":"stop","usage":)" + usage_object + "}]}";
  EXPECT_EQ(relay_reply(inside, plain)->usage.completion(), 4);
}

TEST(relay_reply, mends_what_clients_cannot_read) {
  struct {
    reply_options options;
    std::string in;
    std::string out;
  } const cases[] = {
      {plain, whole(said, "\"stop\"", R"(,"error":null,"x":1)"), whole(said, "\"stop\"", R"(,"x":1)")},
      {renamed, whole(R"("role":"assistant","content":"hi","reasoning":"hm")"),
       whole(R"("role":"assistant","content":"hi","reasoning_content":"hm")")},
      {renamed, whole(R"("role":"assistant","reasoning_content":null,"content":"hi","reasoning":"hm")"),
       whole(R"("role":"assistant","content":"hi","reasoning_content":"hm")")},
      {mended, whole(said, "\"eos\""), whole(said)},
      {mended, whole(said, "null"), whole(said)},
      {mended, whole(R"("content":"hi")"), whole(R"("content":"hi","role":"assistant")")},
      {mended,
       whole(
           R"("role":"assistant","content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"hi"}])"),
       whole(R"("role":"assistant","content":"hi","reasoning_content":"hm")")},
      {mended,
       whole(
           R"("role":"assistant","content":"","tool_calls":[{"id":"a","function":{"name":"f","arguments":{"x":1}}},{"id":"b","type":"function","function":{"name":"g","arguments":""}}])"),
       whole(
           R"("role":"assistant","content":"","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{\"x\":1}"},"type":"function"},{"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}])",
           "\"tool_calls\"")},
      {mended,
       R"({"id":"c1","object":"chat.completion","created":7,"model":"m","choices":[{"message":{"role":"assistant","content":"hi"}}]})",
       R"({"id":"c1","object":"chat.completion","created":7,"model":"m","choices":[{"message":{"role":"assistant","content":"hi"},"index":0,"finish_reason":"stop"}]})"},
  };
  for (auto const& each : cases) {
    auto const reply = relay_reply(each.in, each.options);
    ASSERT_TRUE(reply) << each.in;
    EXPECT_EQ(joined(*reply), each.out);
  }
}

TEST(relay_reply, takes_a_failure_inside_a_200_for_one) {
  struct {
    std::string body;
    chat::fault_class fault;
  } const cases[] = {
      {R"({"error":{"message":"x","code":429}})", rate_limit},
      {R"({"error":"x"})", bad_response},
      {R"({"code":"The service is currently unavailable","error":"x"})", overloaded},
      {R"({"message":"x"})", bad_response},
      {R"({"id":"x","choices":[],"error":{"code":503,"message":"x"}})", overloaded},
      {whole(said, "\"error\""), server_error},
      {"{}", bad_response},
      {"[]", bad_response},
      {"", bad_response},
      {"<html>", bad_response},
      {whole(said).substr(0, 60), bad_response},
      {whole("\"content\":\"\xFF\""), bad_response},
  };
  for (auto const& each : cases) {
    auto const reply = relay_reply(each.body, plain);
    ASSERT_FALSE(reply) << each.body;
    EXPECT_EQ(reply.error().what, each.fault) << each.body << ": " << to_string(reply.error().what);
  }
}

}  // namespace
}  // namespace recloser::dialects::openai_chat
