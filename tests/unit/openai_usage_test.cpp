// The usage objects of the providers, turned into buckets that never overlap.

#include <gtest/gtest.h>

#include "dialects/openai_chat/relay.hpp"

namespace recloser::dialects::openai_chat {
namespace {

struct expected {
  std::int64_t uncached = 0, cached = 0, written = 0, audio_in = 0, text = 0, reasoning = 0, audio_out = 0;
};

struct usage_case {
  char const* provider;
  char const* object;
  expected buckets;
};

TEST(read_usage, takes_overlapping_figures_apart) {
  usage_case const cases[] = {
      {"plain", R"({"prompt_tokens":9,"completion_tokens":4,"total_tokens":13})", {.uncached = 9, .text = 4}},
      {"OpenAI",
       R"({"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"prompt_tokens_details":{"cached_tokens":60,"cache_write_tokens":10,"audio_tokens":5},"completion_tokens_details":{"reasoning_tokens":30,"audio_tokens":8,"accepted_prediction_tokens":0}})",
       {.uncached = 25, .cached = 60, .written = 10, .audio_in = 5, .text = 12, .reasoning = 30, .audio_out = 8}},
      {"xAI, reasoning apart",
       R"({"prompt_tokens":10,"completion_tokens":5,"total_tokens":35,"completion_tokens_details":{"reasoning_tokens":20}})",
       {.uncached = 10, .text = 5, .reasoning = 20}},
      {"xAI, reasoning apart and shorter than the answer",
       R"({"prompt_tokens":10,"completion_tokens":30,"total_tokens":60,"completion_tokens_details":{"reasoning_tokens":20}})",
       {.uncached = 10, .text = 30, .reasoning = 20}},
      {"reasoning inside",
       R"({"prompt_tokens":10,"completion_tokens":25,"total_tokens":35,"completion_tokens_details":{"reasoning_tokens":20}})",
       {.uncached = 10, .text = 5, .reasoning = 20}},
      {"xAI, more cached than prompt",
       R"({"prompt_tokens":10,"completion_tokens":1,"total_tokens":11,"prompt_tokens_details":{"cached_tokens":90}})",
       {.uncached = 10, .cached = 90, .text = 1}},
      {"DeepSeek",
       R"({"prompt_tokens":30,"completion_tokens":4,"total_tokens":34,"prompt_cache_hit_tokens":20,"prompt_cache_miss_tokens":10,"prompt_tokens_details":{"cached_tokens":20}})",
       {.uncached = 10, .cached = 20, .text = 4}},
      {"Moonshot",
       R"({"prompt_tokens":30,"completion_tokens":4,"total_tokens":34,"cached_tokens":12})",
       {.uncached = 18, .cached = 12, .text = 4}},
      {"Mistral",
       R"({"prompt_tokens":30,"completion_tokens":4,"total_tokens":34,"prompt_token_details":{"cached_tokens":12},"num_cached_tokens":12})",
       {.uncached = 18, .cached = 12, .text = 4}},
      {"cached audio",
       R"({"prompt_tokens":30,"completion_tokens":0,"total_tokens":30,"prompt_tokens_details":{"cached_tokens":25,"audio_tokens":20}})",
       {.uncached = 0, .cached = 25, .audio_in = 5}},
      {"embeddings", R"({"prompt_tokens":5,"total_tokens":5})", {.uncached = 5}},
      {"nulls",
       R"({"prompt_tokens":5,"completion_tokens":null,"total_tokens":5,"prompt_tokens_details":null,"completion_tokens_details":null})",
       {.uncached = 5}},
      {"floats", R"({"prompt_tokens":5.0,"completion_tokens":1e1,"total_tokens":15})", {.uncached = 5, .text = 10}},
  };
  for (auto const& each : cases) {
    auto const got = read_usage(each.object);
    EXPECT_TRUE(got.known) << each.provider;
    EXPECT_EQ(got.in_uncached, each.buckets.uncached) << each.provider;
    EXPECT_EQ(got.in_cache_read, each.buckets.cached) << each.provider;
    EXPECT_EQ(got.in_cache_write_5m, each.buckets.written) << each.provider;
    EXPECT_EQ(got.in_audio, each.buckets.audio_in) << each.provider;
    EXPECT_EQ(got.out_text, each.buckets.text) << each.provider;
    EXPECT_EQ(got.out_reasoning, each.buckets.reasoning) << each.provider;
    EXPECT_EQ(got.out_audio, each.buckets.audio_out) << each.provider;
  }
}

TEST(read_usage, says_when_it_knows_nothing) {
  for (char const* object : {"{}", "null", "", "[]", R"({"cost":1})", R"({"prompt_tokens":"many"})"}) {
    auto const got = read_usage(object);
    EXPECT_FALSE(got.known) << object;
    EXPECT_EQ(got.total(), 0) << object;
  }
}

TEST(read_usage, never_counts_below_zero) {
  auto const got = read_usage(
      R"({"prompt_tokens":-5,"completion_tokens":3,"total_tokens":-2,"completion_tokens_details":{"audio_tokens":9}})");
  EXPECT_EQ(got.prompt(), 0);
  EXPECT_EQ(got.out_text, 0);
}

TEST(missing_cache_details, are_said_the_way_of_openai_when_only_another_member_has_them) {
  auto const missing = [](std::string_view object) { return missing_cache_details(object, read_usage(object)); };
  EXPECT_EQ(missing(R"({"prompt_tokens":9,"num_cached_tokens":3})"), R"(,"prompt_tokens_details":{"cached_tokens":3})");
  EXPECT_EQ(missing(R"({"prompt_tokens":9,"prompt_cache_hit_tokens":3,"prompt_tokens_details":{"cached_tokens":3}})"), "");
  EXPECT_EQ(missing(R"({"prompt_tokens":9,"num_cached_tokens":0})"), "");
}

}  // namespace
}  // namespace recloser::dialects::openai_chat
