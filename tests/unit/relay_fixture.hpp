#pragma once
// What the tests of relay share: chunks as providers send them, and streams run at every cut.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dialects/openai_chat/relay.hpp"

namespace recloser::dialects::openai_chat {

struct outcome {
  std::string out;
  stream_status status;
};

inline outcome relay(std::vector<std::string_view> const& pieces, reply_options const& options) {
  auto const stream = new_relay_stream(options);
  outcome result;
  for (auto piece : pieces) {
    std::string const copy(piece);  // dies right after feed
    stream->feed(copy, result.out);
  }
  stream->finish(result.out);
  result.status = stream->status();
  return result;
}

inline std::string events(std::vector<std::string> const& data) {
  std::string out;
  for (auto const& each : data) out += "data: " + each + "\n\n";
  return out;
}

/// A chunk with these choices and whatever else.
inline std::string chunk(std::string const& choices, std::string const& more = {}) {
  return R"({"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","choices":[)" + choices + "]" + more +
         "}";
}
inline std::string delta(std::string const& inside, std::string const& finish = "null") {
  return R"({"index":0,"delta":{)" + inside + R"(},"finish_reason":)" + finish + "}";
}

inline constexpr char const* role_delta =
    R"({"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null})";
inline std::string const first = chunk(role_delta);
inline std::string const hello = chunk(delta(R"("content":"Hel\"lo \u00e9\n")"));
inline std::string const world = chunk(delta(R"("content":" wörld")"));
inline std::string const stop = chunk(delta("", "\"stop\""));
inline std::string const usage_object = R"({"prompt_tokens":9,"completion_tokens":4,"total_tokens":13})";
inline std::string const usage_chunk = chunk("", ",\"usage\":" + usage_object);
inline std::string const done = "[DONE]";

struct stream_case {
  char const* what;
  reply_options options;
  std::vector<std::string> in;
  std::vector<std::string> out;
};

inline reply_options const plain{};
inline reply_options const asked{.usage_wanted = true};
inline reply_options const mended{.repair = true};
inline reply_options const mended_asked{.repair = true, .usage_wanted = true};
inline reply_options const renamed{.reasoning_field = "reasoning", .repair = true};

inline std::string call(std::string const& inside) { return delta("\"tool_calls\":[" + inside + "]"); }

/// The stream whole, and cut at every place.
inline void check(stream_case const& each) {
  std::string const all = events(each.in);
  std::string const expected = events(each.out);
  auto const result = relay({all}, each.options);
  EXPECT_EQ(result.out, expected) << each.what;
  EXPECT_FALSE(result.status.broken) << each.what << ": " << result.status.broken->message;
  EXPECT_TRUE(result.status.complete) << each.what;
  EXPECT_TRUE(result.status.ended) << each.what;
  EXPECT_NE(result.status.finish, chat::finish_reason::none) << each.what;
  for (std::size_t i = 0; i <= all.size(); ++i) {
    ASSERT_EQ(relay({std::string_view(all).substr(0, i), std::string_view(all).substr(i)}, each.options).out, expected)
        << each.what << " cut at " << i;
  }
}

}  // namespace recloser::dialects::openai_chat
