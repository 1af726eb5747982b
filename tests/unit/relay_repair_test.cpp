// What providers do differently, mended in their streams.

#include "relay_fixture.hpp"

#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <vector>

namespace recloser::dialects::openai_chat {
namespace {

TEST(relay_repair, gives_reasoning_one_name) {
  stream_case const cases[] = {
      {"reasoning is renamed",
       renamed,
       {first, chunk(delta(R"("reasoning":"a")")), chunk(delta(R"("reasoning":"b\n")")), stop, done},
       {first, chunk(delta(R"("reasoning_content":"a")")), chunk(delta(R"("reasoning_content":"b\n")")), stop, done}},
      {"reasoning under two names",
       renamed,
       {first, chunk(delta(R"("reasoning":"a","reasoning_content":"a")")),
        chunk(delta(R"("reasoning_content":"","reasoning":"b")")),
        chunk(delta(R"("reasoning_content":null,"reasoning":"b")")),
        chunk(delta(R"("reasoning_content":null,"reasoning":"")")),
        chunk(delta(R"("reasoning_content":null,"content":"c","reasoning":null)")), stop, done},
       {first, chunk(delta(R"("reasoning_content":"a")")), chunk(delta(R"("reasoning_content":"b")")),
        chunk(delta(R"("reasoning_content":"b")")), chunk(delta(R"("reasoning_content":null)")),
        chunk(delta(R"("reasoning_content":null,"content":"c")")), stop, done}},
      {"reasoning of Mistral",
       mended,
       {first,
        chunk(delta(
            R"("content":[{"type":"thinking","thinking":[{"type":"text","text":"hm\n"},{"type":"text","text":"m"}]}])")),
        chunk(delta(
            R"("content":[{"type":"text","text":"a"},{"type":"reference","reference_ids":[1]},{"type":"text","text":"\"b"}])")),
        chunk(delta(R"("content":"c")")), stop, done},
       {first, chunk(delta(R"("content":null,"reasoning_content":"hm\nm")")), chunk(delta(R"("content":"a\"b")")),
        chunk(delta(R"("content":"c")")), stop, done}},
  };
  for (auto const& each : cases) check(each);
}

TEST(relay_repair, mends_chunks) {
  stream_case const cases[] = {
      {"nothing to repair", mended, {first, hello, world, stop, done}, {first, hello, world, stop, done}},
      {"role comes once",
       mended,
       {chunk(delta(R"("content":"a")")), chunk(delta(R"("role":"assistant","content":"b")")),
        chunk(delta(R"("role":"assistant","content":"c")")), chunk(delta(R"("role":"","content":"d")")), stop, done},
       {chunk(delta(R"("content":"a","role":"assistant")")), chunk(delta(R"("content":"b")")),
        chunk(delta(R"("content":"c")")), chunk(delta(R"("content":"d")")), stop, done}},
      {"role comes once, also where no chunk has it",
       mended,
       {chunk(delta(R"("content":"a")")), chunk(delta(R"("content":"b")")), chunk(delta(R"("content":"c")")), stop,
        done},
       {chunk(delta(R"("content":"a","role":"assistant")")), chunk(delta(R"("content":"b")")),
        chunk(delta(R"("content":"c")")), stop, done}},
      {"empty role",
       mended,
       {chunk(delta(R"("role":"","content":"a")")), stop, done},
       {chunk(delta(R"("role":"assistant","content":"a")")), stop, done}},
      {"index and delta missing",
       mended,
       {chunk(R"({"delta":{"role":"assistant"}})"), chunk(R"({"index":0,"delta":null,"finish_reason":null})"),
        chunk(R"({"finish_reason":"stop"})"), done},
       {chunk(R"({"delta":{"role":"assistant"},"index":0})"), chunk(R"({"index":0,"delta":{},"finish_reason":null})"),
        chunk(R"({"finish_reason":"stop","index":0,"delta":{}})"), done}},
      {"head missing",
       mended,
       {first, R"({"choices":[{"index":0,"delta":{"content":"a"}}]})", stop, done},
       {first,
        R"({"choices":[{"index":0,"delta":{"content":"a"}}],"id":"c1","object":"chat.completion.chunk","created":7,"model":"m"})",
        stop, done}},
      {"finish reasons", mended, {first, chunk(delta("", "\"eos\"")), done}, {first, stop, done}},
      {"finish reason model_length",
       mended,
       {first, chunk(delta("", "\"model_length\"")), done},
       {first, chunk(delta("", "\"length\"")), done}},
      {"two finish reasons",
       mended,
       {first, stop, chunk(delta("", "\"stop\"")), done},
       {first, stop, chunk(delta("")), done}},
      {"choices null, and no usage either",
       mended,
       {first, R"({"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","choices":null,"a":1})", stop,
        done},
       {first, stop, done}},
      {"choices null beside usage",
       mended_asked,
       {first, stop, R"({"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","choices":null,"usage":)" +
                         usage_object + "}",
        done},
       {first, stop, R"({"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","choices":[],"usage":)" +
                         usage_object + "}",
        done}},
      {"cached tokens in a member of the provider's own, beside the end",
       mended_asked,
       {first, chunk(delta("", "\"stop\""), R"(,"usage":{"prompt_tokens":9,"num_cached_tokens":3})"), done},
       {first, stop,
        R"({"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","choices":[],"usage":{"prompt_tokens":9,"num_cached_tokens":3,"prompt_tokens_details":{"cached_tokens":3}}})",
        done}},
      {"cached tokens in a member of the provider's own, in a chunk of their own",
       mended_asked,
       {first, stop,
        R"({"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","choices":[],"usage":{"prompt_tokens":9,"cached_tokens":3}})",
        done},
       {first, stop,
        R"({"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","choices":[],"usage":{"prompt_tokens":9,"cached_tokens":3,"prompt_tokens_details":{"cached_tokens":3}}})",
        done}},
      {"verdict of Azure's filter, first and late",
       mended,
       {R"({"id":"","object":"","created":0,"model":"","choices":[],"prompt_filter_results":[{"prompt_index":0}]})",
        first, hello,
        R"({"id":"","object":"","created":0,"model":"","choices":[{"index":0,"content_filter_results":{}}]})", stop,
        done},
       {chunk(role_delta, R"(,"prompt_filter_results":[{"prompt_index":0}])"), hello,
        chunk(R"({"index":0,"content_filter_results":{},"delta":{}})"), stop, done}},
  };
  for (auto const& each : cases) check(each);
}

TEST(relay_repair, mends_tool_calls) {
  stream_case const cases[] = {
      {"tool call as it should be",
       mended,
       {first, chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}})")),
        chunk(call(R"({"index":0,"function":{"arguments":"{\"x\""}})")),
        chunk(call(R"({"index":0,"function":{"arguments":":1}"}})")), chunk(delta("", "\"tool_calls\"")), done},
       {first, chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}})")),
        chunk(call(R"({"index":0,"function":{"arguments":"{\"x\""}})")),
        chunk(call(R"({"index":0,"function":{"arguments":":1}"}})")), chunk(delta("", "\"tool_calls\"")), done}},
      {"id, type and name come once",
       mended,
       {first, chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{"}})")),
        chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"}"}})")),
        chunk(delta("", "\"tool_calls\"")), done},
       {first, chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{"}})")),
        chunk(call(R"({"index":0,"function":{"arguments":"}"}})")), chunk(delta("", "\"tool_calls\"")), done}},
      {"stop after tool calls",
       mended,
       {first, chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}})")), stop,
        done},
       {first, chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}})")),
        chunk(delta("", "\"tool_calls\"")), done}},
      {"type and index missing",
       mended,
       {first,
        chunk(call(
            R"({"id":"a","function":{"name":"f","arguments":"{}"}},{"id":"b","function":{"name":"g","arguments":"{}"}})")),
        chunk(delta("", "\"tool_calls\"")), done},
       {first,
        chunk(call(
            R"({"id":"a","function":{"name":"f","arguments":"{}"},"index":0,"type":"function"},{"id":"b","function":{"name":"g","arguments":"{}"},"index":1,"type":"function"})")),
        chunk(delta("", "\"tool_calls\"")), done}},
      {"every call has index 0",
       mended,
       {first, chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}})")),
        chunk(call(R"({"index":0,"id":"b","type":"function","function":{"name":"g","arguments":"{"}})")),
        chunk(call(R"({"index":0,"function":{"arguments":"}"}})")), stop, done},
       {first, chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}})")),
        chunk(call(R"({"index":1,"id":"b","type":"function","function":{"name":"g","arguments":"{"}})")),
        chunk(call(R"({"index":1,"function":{"arguments":"}"}})")), chunk(delta("", "\"tool_calls\"")), done}},
      {"indices from 1",
       mended,
       {first, chunk(call(R"({"index":1,"id":"a","type":"function","function":{"name":"f","arguments":"{"}})")),
        chunk(call(R"({"index":1,"function":{"arguments":"}"}})")), chunk(delta("", "\"tool_calls\"")), done},
       {first, chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{"}})")),
        chunk(call(R"({"index":0,"function":{"arguments":"}"}})")), chunk(delta("", "\"tool_calls\"")), done}},
      {"pieces without index and id",
       mended,
       {first, chunk(call(R"({"id":"a","type":"function","function":{"name":"f","arguments":"{}"}})")),
        chunk(call(R"({"id":"b","type":"function","function":{"name":"g","arguments":"{"}})")),
        chunk(call(R"({"function":{"arguments":"}"}})")), stop, done},
       {first, chunk(call(R"({"id":"a","type":"function","function":{"name":"f","arguments":"{}"},"index":0})")),
        chunk(call(R"({"id":"b","type":"function","function":{"name":"g","arguments":"{"},"index":1})")),
        chunk(call(R"({"function":{"arguments":"}"},"index":1})")), chunk(delta("", "\"tool_calls\"")), done}},
      {"text between the pieces of a call",
       mended,
       {first, chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{"}})")),
        chunk(delta(R"("content":"x")")), chunk(call(R"({"index":0,"id":"a","function":{"arguments":"}"}})")), stop,
        done},
       {first, chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{"}})")),
        chunk(delta(R"("content":"x")")), chunk(call(R"({"index":0,"function":{"arguments":"}"}})")),
        chunk(delta("", "\"tool_calls\"")), done}},
      {"arguments as an object",
       mended,
       {first,
        chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":{"x": "y\n"}}})")), stop,
        done},
       {first,
        chunk(
            call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\": \"y\\n\"}"}})")),
        chunk(delta("", "\"tool_calls\"")), done}},
      {"a call without arguments",
       mended,
       {first, chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}})")),
        chunk(delta("", "\"tool_calls\"")), done},
       {first, chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}})")),
        chunk(delta(R"("tool_calls":[{"index":0,"function":{"arguments":"{}"}}])", "\"tool_calls\"")), done}},
      {"a whole call without arguments in the last chunk",
       mended,
       {first,
        chunk(delta(R"("tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":null}}])",
                    "\"tool_calls\"")),
        done},
       {first,
        chunk(delta(R"("tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}])",
                    "\"tool_calls\"")),
        done}},
      {"legacy function call keeps its finish reason",
       mended,
       {first, chunk(delta(R"("function_call":{"name":"f","arguments":"{}"})")), chunk(delta("", "\"function_call\"")),
        done},
       {first, chunk(delta(R"("function_call":{"name":"f","arguments":"{}"})")), chunk(delta("", "\"function_call\"")),
        done}},
  };
  for (auto const& each : cases) check(each);
}

TEST(relay_repair, makes_up_ids_that_are_missing) {
  auto const result = relay(
      {events(
          {R"({"choices":[{"index":0,"delta":{"tool_calls":[{"function":{"name":"f","arguments":"{}"}},{"id":"null","type":null,"function":{"name":"g","arguments":"{}"}}]}}]})",
           R"({"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]})", done})},
      mended);
  std::smatch found;
  ASSERT_TRUE(std::regex_match(result.out, found,
                               std::regex("data: \\{\"choices\":\\[\\{\"index\":0,\"delta\":\\{\"tool_calls\":\\["
                                          "\\{\"function\":\\{\"name\":\"f\",\"arguments\":\"\\{\\}\"\\},\"index\":0,"
                                          "\"id\":\"(call_[A-Za-z0-9]{24})\",\"type\":\"function\"\\},"
                                          "\\{\"id\":\"(call_[A-Za-z0-9]{24})\",\"type\":\"function\",\"function\":\\{"
                                          "\"name\":\"g\",\"arguments\":\"\\{\\}\"\\},\"index\":1\\}"
                                          "\\],\"role\":\"assistant\"\\}\\}\\],\"id\":\"(chatcmpl-[A-Za-z0-9]{24})\","
                                          "\"object\":\"chat.completion.chunk\",\"created\":0,\"model\":\"\"\\}\n\n"
                                          "data: "
                                          "\\{\"choices\":\\[\\{\"index\":0,\"delta\":\\{\\},\"finish_reason\":\"tool_"
                                          "calls\"\\}\\],\"id\":\"(chatcmpl-[A-Za-z0-9]{24})\",.*\n\n"
                                          "data: \\[DONE\\]\n\n")))
      << result.out;
  EXPECT_NE(found[1], found[2]);
  EXPECT_EQ(found[3], found[4]);
}

}  // namespace
}  // namespace recloser::dialects::openai_chat
