// What the dispatcher is told of a translated stream while it runs.

#include <string>

#include <gtest/gtest.h>

#include "anthropic_fixture.hpp"
#include "dialects/translate.hpp"

namespace recloser::dialects {
namespace {

std::string sse(std::string_view data) { return "data: " + std::string(data) + "\n\n"; }

std::string delta(std::string_view delta) {
  return sse(R"({"type":"content_block_delta","index":0,"delta":)" + std::string(delta) + "}");
}

struct fed {
  std::unique_ptr<reply_stream> stream = translate_stream(anthropic::messages, 1, false);
  std::string out;
  stream_status const& operator()(std::string_view bytes) {
    stream->feed(bytes, out);
    return stream->status();
  }
};

TEST(anthropic_to_openai, status_follows_the_stream) {
  fed feed;
  auto const& begun = feed(
      sse(R"({"type":"message_start","message":{"id":"i","model":"m","usage":{"input_tokens":5,"output_tokens":1}}})"));
  EXPECT_FALSE(begun.content_seen);
  EXPECT_EQ(begun.usage.in_uncached, 5) << "known from the start, in case the stream breaks";
  EXPECT_FALSE(feed(sse(R"({"type":"ping"})")).content_seen);
  EXPECT_FALSE(feed(delta(R"({"type":"text_delta","text":""})")).content_seen);
  EXPECT_TRUE(feed(delta(R"({"type":"text_delta","text":"a"})")).content_seen);
  auto const& finished =
      feed(sse(R"({"type":"message_delta","delta":{"stop_reason":"max_tokens"},"usage":{"output_tokens":9}})"));
  EXPECT_EQ(finished.finish, chat::finish_reason::length);
  EXPECT_FALSE(finished.complete);
  auto const& ended = feed(sse(R"({"type":"message_stop"})"));
  EXPECT_TRUE(ended.complete);
  EXPECT_EQ(ended.usage.completion(), 9);
  EXPECT_TRUE(feed.out.ends_with("data: [DONE]\n\n")) << "at once, not when the connection closes";
  feed.stream->finish(feed.out);
  EXPECT_FALSE(feed.stream->status().broken);
  EXPECT_EQ(feed.out.find("usage"), std::string::npos);
}

TEST(anthropic_to_openai, every_kind_of_content_counts) {
  for (auto const* start : {R"({"type":"thinking","thinking":"t"})", R"({"type":"redacted_thinking","data":"d"})",
                            R"({"type":"tool_use","id":"t","name":"f","input":{}})", R"({"type":"text","text":"t"})"}) {
    fed feed;
    EXPECT_TRUE(feed(sse(R"({"type":"content_block_start","index":0,"content_block":)" + std::string(start) + "}"))
                    .content_seen)
        << start;
  }
}

TEST(anthropic_to_openai, nothing_follows_done) {
  auto const stop = sse(R"({"type":"message_stop"})");
  auto const late =
      delta(R"({"type":"text_delta","text":"late"})") + sse(R"({"type":"error","error":{}})") + sse("garbage");
  fed at_once;
  EXPECT_FALSE(at_once(stop + late).broken);
  EXPECT_TRUE(at_once.out.ends_with("[DONE]\n\n"));
  fed feed;
  feed(stop);
  auto const size = feed.out.size();
  feed(late);
  feed.stream->finish(feed.out);
  EXPECT_EQ(feed.out.size(), size);
  EXPECT_TRUE(feed.stream->status().complete);
  EXPECT_FALSE(feed.stream->status().broken);
}

TEST(anthropic_to_openai, an_error_before_content_leaves_nothing_said) {
  fed feed;
  auto const& status = feed(sse(R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})"));
  ASSERT_TRUE(status.broken);
  EXPECT_FALSE(status.content_seen);
  EXPECT_EQ(feed.out, "");
}

TEST(anthropic_to_openai, usage_survives_a_break) {
  fed feed;
  feed(sse(R"({"type":"message_start","message":{"usage":{"input_tokens":5,"output_tokens":1}}})"));
  feed.stream->finish(feed.out);
  ASSERT_TRUE(feed.stream->status().broken);
  EXPECT_EQ(feed.stream->status().usage.total(), 6);
  EXPECT_TRUE(feed.stream->status().usage.known);
}

}  // namespace
}  // namespace recloser::dialects
