// Replies and streams of OpenAI-shaped providers on their way to an OpenAI client.

#include "dialects/openai_chat/relay.hpp"

#include <regex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace recloser::dialects::openai_chat {
namespace {

using enum chat::fault_class;

// ---- helpers ---------------------------------------------------------------------------------------------------

struct outcome {
  std::string out;
  stream_status status;
};

outcome relay(std::vector<std::string_view> const& pieces, reply_options const& options) {
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

std::string events(std::vector<std::string> const& data) {
  std::string out;
  for (auto const& each : data) out += "data: " + each + "\n\n";
  return out;
}

/// A chunk with these choices and whatever else.
std::string chunk(std::string const& choices, std::string const& more = {}) {
  return R"({"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","choices":[)" + choices + "]" + more + "}";
}
std::string delta(std::string const& inside, std::string const& finish = "null") {
  return R"({"index":0,"delta":{)" + inside + R"(},"finish_reason":)" + finish + "}";
}

constexpr char const* role_delta = R"({"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null})";
std::string const first = chunk(role_delta);
std::string const hello = chunk(delta(R"("content":"Hel\"lo \u00e9\n")"));
std::string const world = chunk(delta(R"("content":" wörld")"));
std::string const stop = chunk(delta("", "\"stop\""));
std::string const usage_object = R"({"prompt_tokens":9,"completion_tokens":4,"total_tokens":13})";
std::string const usage_chunk = chunk("", ",\"usage\":" + usage_object);
std::string const done = "[DONE]";

struct stream_case {
  char const* what;
  reply_options options;
  std::vector<std::string> in;
  std::vector<std::string> out;
};

reply_options const plain{};
reply_options const asked{.usage_wanted = true};
reply_options const mended{.repair = true};
reply_options const mended_asked{.repair = true, .usage_wanted = true};
reply_options const renamed{.reasoning_field = "reasoning", .repair = true};

std::string call(std::string const& inside) { return delta("\"tool_calls\":[" + inside + "]"); }

std::vector<stream_case> const& good_streams() {
  static std::vector<stream_case> const all = {
      {"byte for byte", plain, {first, hello, world, hello, stop, done}, {first, hello, world, hello, stop, done}},
      {"odd spacing and unknown members survive",
       plain,
       {first, R"({ "z" : 1e400,"choices" : [ {"delta":{"content" : "a" , "new":[1, 2]},"index":0,"finish_reason":null} ] , "x":{"error":1} })", stop, done},
       {first, R"({ "z" : 1e400,"choices" : [ {"delta":{"content" : "a" , "new":[1, 2]},"index":0,"finish_reason":null} ] , "x":{"error":1} })", stop, done}},
      {"the word error in a text is a text", plain, {first, chunk(delta(R"("content":"error")")), chunk(delta(R"("content":"\"error\":{}")")), stop, done},
       {first, chunk(delta(R"("content":"error")")), chunk(delta(R"("content":"\"error\":{}")")), stop, done}},
      {"DONE is added after a finish reason", plain, {first, hello, stop}, {first, hello, stop, done}},
      {"DONE with a blank", plain, {first, stop, "[DONE] "}, {first, stop, done}},
      {"DONE comes once and last", plain, {first, stop, done, done, hello}, {first, stop, done}},
      {"DONE without a finish reason", plain, {first, hello, done}, {first, hello, stop, done}},
      {"DONE without a finish reason after a tool call", plain,
       {first, chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}})")), done},
       {first, chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}})")), chunk(delta("", "\"tool_calls\"")), done}},
      {"legacy completions", plain,
       {R"({"id":"x","object":"text_completion","created":1,"model":"m","choices":[{"text":"a","index":0,"logprobs":null,"finish_reason":null}]})", done},
       {R"({"id":"x","object":"text_completion","created":1,"model":"m","choices":[{"text":"a","index":0,"logprobs":null,"finish_reason":null}]})",
        R"({"id":"x","object":"text_completion","created":1,"model":"m","choices":[{"index":0,"text":"","finish_reason":"stop"}]})", done}},
      {"what is no chunk is dropped", plain, {first, "", "{}", "null", R"({"type":"ping"})", hello, stop, done}, {first, hello, stop, done}},
      {"chunks with empty choices pass", plain, {chunk("", R"(,"prompt_filter_results":[])"), first, hello, stop, done},
       {chunk("", R"(,"prompt_filter_results":[])"), first, hello, stop, done}},
      {"error null is cut out", plain, {first, chunk(delta(R"("content":"a")"), R"(,"error":null)"), chunk(delta(R"("content":"b")"), R"(,"error":null)"), stop, done},
       {first, chunk(delta(R"("content":"a")")), chunk(delta(R"("content":"b")")), stop, done}},
      {"error null in front", plain, {first, R"({"error":null,)" + hello.substr(1), stop, done}, {first, hello, stop, done}},
      {"two choices", plain, {chunk(role_delta, ""), chunk(R"({"index":1,"delta":{"content":"b"},"finish_reason":"stop"})"), stop, done},
       {chunk(role_delta, ""), chunk(R"({"index":1,"delta":{"content":"b"},"finish_reason":"stop"})"), stop, done}},

      // usage
      {"usage not asked for is taken out", plain, {first, hello, stop, usage_chunk, done}, {first, hello, stop, done}},
      {"usage asked for", asked, {first, hello, stop, usage_chunk, done}, {first, hello, stop, usage_chunk, done}},
      {"usage null is left alone", asked, {chunk(role_delta, R"(,"usage":null)"), stop, usage_chunk, done}, {chunk(role_delta, R"(,"usage":null)"), stop, usage_chunk, done}},
      {"usage on the finish chunk, asked for", asked, {first, chunk(delta("", "\"stop\""), ",\"usage\":" + usage_object), done}, {first, stop, usage_chunk, done}},
      {"usage on the finish chunk, not asked for", plain, {first, chunk(delta("", "\"stop\""), ",\"usage\":" + usage_object), done}, {first, stop, done}},
      {"usage on every chunk: the last counts", asked,
       {chunk(role_delta, R"(,"usage":{"prompt_tokens":9,"completion_tokens":0,"total_tokens":9})"), chunk(delta("", "\"stop\""), R"(,"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11})"), usage_chunk, done},
       {first, stop, usage_chunk, done}},
      {"usage before the last text", asked, {first, usage_chunk, hello, stop, done}, {first, hello, stop, usage_chunk, done}},
      {"usage without DONE", asked, {first, stop, usage_chunk}, {first, stop, usage_chunk, done}},
      {"empty usage", asked, {chunk(role_delta, R"(,"usage":{})"), stop, done}, {first, stop, done}},
      {"usage of Groq", asked, {first, chunk(delta("", "\"stop\""), R"(,"x_groq":{"id":"r","usage":)" + usage_object + "}"), done},
       {first, chunk(delta("", "\"stop\""), R"(,"x_groq":{"id":"r","usage":)" + usage_object + "}"), usage_chunk, done}},
      {"usage of Groq twice", asked, {first, chunk(delta("", "\"stop\""), R"(,"x_groq":{"id":"r","usage":)" + usage_object + "}"), usage_chunk, done},
       {first, chunk(delta("", "\"stop\""), R"(,"x_groq":{"id":"r","usage":)" + usage_object + "}"), usage_chunk, done}},
      {"usage of Moonshot", asked, {first, chunk(R"({"index":0,"delta":{},"finish_reason":"stop","usage":)" + usage_object + "}"), done},
       {first, chunk(R"({"index":0,"delta":{},"finish_reason":"stop","usage":)" + usage_object + "}"), usage_chunk, done}},
      {"usage with choices null", asked, {first, stop, R"({"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","choices":null,"usage":)" + usage_object + "}", done},
       {first, stop, usage_chunk, done}},
      {"usage without choices", asked, {first, stop, R"({"id":"c1","usage":)" + usage_object + "}", done},
       {first, stop, R"({"id":"c1","usage":)" + usage_object + R"(,"choices":[]})", done}},

      // reasoning
      {"reasoning is renamed", renamed, {first, chunk(delta(R"("reasoning":"a")")), chunk(delta(R"("reasoning":"b\n")")), stop, done},
       {first, chunk(delta(R"("reasoning_content":"a")")), chunk(delta(R"("reasoning_content":"b\n")")), stop, done}},
      {"reasoning under two names", renamed,
       {first, chunk(delta(R"("reasoning":"a","reasoning_content":"a")")), chunk(delta(R"("reasoning_content":"","reasoning":"b")")), chunk(delta(R"("reasoning_content":null,"content":"c","reasoning":null)")), stop, done},
       {first, chunk(delta(R"("reasoning_content":"a")")), chunk(delta(R"("reasoning_content":"b")")), chunk(delta(R"("reasoning_content":null,"content":"c")")), stop, done}},
      {"reasoning of Mistral", mended,
       {first, chunk(delta(R"("content":[{"type":"thinking","thinking":[{"type":"text","text":"hm\n"},{"type":"text","text":"m"}]}])")),
        chunk(delta(R"("content":[{"type":"text","text":"a"},{"type":"reference","reference_ids":[1]},{"type":"text","text":"\"b"}])")), chunk(delta(R"("content":"c")")), stop, done},
       {first, chunk(delta(R"("content":null,"reasoning_content":"hm\nm")")), chunk(delta(R"("content":"a\"b")")), chunk(delta(R"("content":"c")")), stop, done}},

      // repairs
      {"nothing to repair", mended, {first, hello, world, stop, done}, {first, hello, world, stop, done}},
      {"role comes once", mended,
       {chunk(delta(R"("content":"a")")), chunk(delta(R"("role":"assistant","content":"b")")), chunk(delta(R"("role":"assistant","content":"c")")), chunk(delta(R"("role":"","content":"d")")), stop, done},
       {chunk(delta(R"("content":"a","role":"assistant")")), chunk(delta(R"("content":"b")")), chunk(delta(R"("content":"c")")), chunk(delta(R"("content":"d")")), stop, done}},
      {"empty role", mended, {chunk(delta(R"("role":"","content":"a")")), stop, done}, {chunk(delta(R"("role":"assistant","content":"a")")), stop, done}},
      {"index and delta missing", mended, {chunk(R"({"delta":{"role":"assistant"}})"), chunk(R"({"index":0,"delta":null,"finish_reason":null})"), chunk(R"({"finish_reason":"stop"})"), done},
       {chunk(R"({"delta":{"role":"assistant"},"index":0})"), chunk(R"({"index":0,"delta":{},"finish_reason":null})"), chunk(R"({"finish_reason":"stop","index":0,"delta":{}})"), done}},
      {"head missing", mended, {first, R"({"choices":[{"index":0,"delta":{"content":"a"}}]})", stop, done},
       {first, R"({"choices":[{"index":0,"delta":{"content":"a"}}],"id":"c1","object":"chat.completion.chunk","created":7,"model":"m"})", stop, done}},
      {"finish reasons", mended, {first, chunk(delta("", "\"eos\"")), done}, {first, stop, done}},
      {"finish reason model_length", mended, {first, chunk(delta("", "\"model_length\"")), done}, {first, chunk(delta("", "\"length\"")), done}},
      {"two finish reasons", mended, {first, stop, chunk(delta("", "\"stop\"")), done}, {first, stop, chunk(delta("")), done}},
      {"choices null", mended, {first, R"({"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","choices":null,"a":1})", stop, done},
       {first, R"({"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","choices":[],"a":1})", stop, done}},

      // tool calls
      {"tool call as it should be", mended,
       {first, chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}})")), chunk(call(R"({"index":0,"function":{"arguments":"{\"x\""}})")),
        chunk(call(R"({"index":0,"function":{"arguments":":1}"}})")), chunk(delta("", "\"tool_calls\"")), done},
       {first, chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}})")), chunk(call(R"({"index":0,"function":{"arguments":"{\"x\""}})")),
        chunk(call(R"({"index":0,"function":{"arguments":":1}"}})")), chunk(delta("", "\"tool_calls\"")), done}},
      {"id, type and name come once", mended,
       {first, chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{"}})")), chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"}"}})")), chunk(delta("", "\"tool_calls\"")), done},
       {first, chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{"}})")), chunk(call(R"({"index":0,"function":{"arguments":"}"}})")), chunk(delta("", "\"tool_calls\"")), done}},
      {"stop after tool calls", mended,
       {first, chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}})")), stop, done},
       {first, chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}})")), chunk(delta("", "\"tool_calls\"")), done}},
      {"type and index missing", mended,
       {first, chunk(call(R"({"id":"a","function":{"name":"f","arguments":"{}"}},{"id":"b","function":{"name":"g","arguments":"{}"}})")), chunk(delta("", "\"tool_calls\"")), done},
       {first, chunk(call(R"({"id":"a","function":{"name":"f","arguments":"{}"},"index":0,"type":"function"},{"id":"b","function":{"name":"g","arguments":"{}"},"index":1,"type":"function"})")), chunk(delta("", "\"tool_calls\"")), done}},
      {"every call has index 0", mended,
       {first, chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}})")), chunk(call(R"({"index":0,"id":"b","type":"function","function":{"name":"g","arguments":"{"}})")), chunk(call(R"({"index":0,"function":{"arguments":"}"}})")), stop, done},
       {first, chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}})")), chunk(call(R"({"index":1,"id":"b","type":"function","function":{"name":"g","arguments":"{"}})")), chunk(call(R"({"index":1,"function":{"arguments":"}"}})")), chunk(delta("", "\"tool_calls\"")), done}},
      {"indices from 1", mended,
       {first, chunk(call(R"({"index":1,"id":"a","type":"function","function":{"name":"f","arguments":"{"}})")), chunk(call(R"({"index":1,"function":{"arguments":"}"}})")), chunk(delta("", "\"tool_calls\"")), done},
       {first, chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{"}})")), chunk(call(R"({"index":0,"function":{"arguments":"}"}})")), chunk(delta("", "\"tool_calls\"")), done}},
      {"pieces without index and id", mended,
       {first, chunk(call(R"({"id":"a","type":"function","function":{"name":"f","arguments":"{}"}})")), chunk(call(R"({"id":"b","type":"function","function":{"name":"g","arguments":"{"}})")), chunk(call(R"({"function":{"arguments":"}"}})")), stop, done},
       {first, chunk(call(R"({"id":"a","type":"function","function":{"name":"f","arguments":"{}"},"index":0})")), chunk(call(R"({"id":"b","type":"function","function":{"name":"g","arguments":"{"},"index":1})")), chunk(call(R"({"function":{"arguments":"}"},"index":1})")), chunk(delta("", "\"tool_calls\"")), done}},
      {"text between the pieces of a call", mended,
       {first, chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{"}})")), chunk(delta(R"("content":"x")")), chunk(call(R"({"index":0,"id":"a","function":{"arguments":"}"}})")), stop, done},
       {first, chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{"}})")), chunk(delta(R"("content":"x")")), chunk(call(R"({"index":0,"function":{"arguments":"}"}})")), chunk(delta("", "\"tool_calls\"")), done}},
      {"arguments as an object", mended,
       {first, chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":{"x": "y\n"}}})")), stop, done},
       {first, chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\": \"y\\n\"}"}})")), chunk(delta("", "\"tool_calls\"")), done}},
      {"a call without arguments", mended,
       {first, chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}})")), chunk(delta("", "\"tool_calls\"")), done},
       {first, chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}})")),
        chunk(delta(R"("tool_calls":[{"index":0,"function":{"arguments":"{}"}}])", "\"tool_calls\"")), done}},
      {"a whole call without arguments in the last chunk", mended,
       {first, chunk(delta(R"("tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":null}}])", "\"tool_calls\"")), done},
       {first, chunk(delta(R"("tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}])", "\"tool_calls\"")), done}},
      {"legacy function call keeps its finish reason", mended, {first, chunk(delta(R"("function_call":{"name":"f","arguments":"{}"})")), chunk(delta("", "\"function_call\"")), done},
       {first, chunk(delta(R"("function_call":{"name":"f","arguments":"{}"})")), chunk(delta("", "\"function_call\"")), done}},
  };
  return all;
}

// ---- streams ---------------------------------------------------------------------------------------------------

TEST(relay_stream, gives_clients_what_they_can_read) {
  for (auto const& each : good_streams()) {
    auto const result = relay({events(each.in)}, each.options);
    EXPECT_EQ(result.out, events(each.out)) << each.what;
    EXPECT_FALSE(result.status.broken) << each.what << ": " << result.status.broken->message;
    EXPECT_TRUE(result.status.complete) << each.what;
    EXPECT_TRUE(result.status.ended) << each.what;
    EXPECT_NE(result.status.finish, chat::finish_reason::none) << each.what;
  }
}

TEST(relay_stream, does_not_care_where_the_bytes_are_cut) {
  for (auto const& each : good_streams()) {
    std::string const all = events(each.in);
    std::string const expected = events(each.out);
    for (std::size_t i = 0; i <= all.size(); ++i) {
      ASSERT_EQ(relay({std::string_view(all).substr(0, i), std::string_view(all).substr(i)}, each.options).out, expected)
          << each.what << " cut at " << i;
    }
  }
}

TEST(relay_stream, reads_every_line_end_and_drops_what_is_not_data) {
  std::string const wild = "\xEF\xBB\xBF: OPENROUTER PROCESSING\r\n\r\nevent: chunk\r\nid: 7\r\nretry: 10\r\ndata: " + first +
                           "\r\n\r\n:keep-alive\n\ndata:" + hello + "\r\rdata: " + stop + "\n\n: x\n\ndata: [DONE]\n\n";
  EXPECT_EQ(relay({wild}, plain).out, events({first, hello, stop, done}));
}

TEST(relay_stream, joins_the_lines_of_a_chunk) {
  auto const wild = "data: {\"id\":\"c\",\ndata: \"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\ndata: \"finish_reason\":\"stop\"}]}\n\n";
  EXPECT_EQ(relay({wild}, plain).out, events({R"({"id":"c", "choices":[{"index":0,"delta":{"content":"a"}, "finish_reason":"stop"}]})", done}));
}

TEST(relay_stream, accepts_a_last_event_without_its_blank_line) {
  EXPECT_EQ(relay({events({first, stop}) + "data: [DONE]"}, plain).out, events({first, stop, done}));
  EXPECT_EQ(relay({events({first, stop}) + "data: " + usage_chunk + "\n"}, asked).out, events({first, stop, usage_chunk, done}));
}

TEST(relay_stream, does_not_miss_a_change_of_shape) {
  // The same chunk but for one byte, at every place: what was learned from the chunk before must not be trusted too far.
  std::string const learned = chunk(delta(R"("content":"a")"));
  std::string const next = chunk(delta(R"("content":"bb")"));
  for (std::size_t i = 1; i + 1 < next.size(); ++i) {
    for (char c : {'"', '\\', 'x', '}', '\x01', '\x80'}) {
      std::string changed = next;
      if (changed[i] == c) continue;
      changed[i] = c;
      auto const fresh = relay({events({first, changed})}, plain);
      auto const after = relay({events({first, learned, changed})}, plain);
      EXPECT_EQ(static_cast<bool>(fresh.status.broken), static_cast<bool>(after.status.broken)) << changed;
      EXPECT_EQ(after.out, events({first, learned}) + fresh.out.substr(events({first}).size())) << changed;
    }
  }
}

TEST(relay_stream, does_not_confuse_texts_that_look_like_json) {
  std::vector<std::string> all = {first};
  for (char const* text : {"a", R"(\"},\"finish_reason\":\"stop\"}]})", R"(\\)", R"(\\\")", R"(b)", R"(\u0022)"}) {
    all.push_back(chunk(delta("\"content\":\"" + std::string(text) + "\"")));
  }
  all.insert(all.end(), {stop, done});
  auto const result = relay({events(all)}, plain);
  EXPECT_EQ(result.out, events(all));
}

TEST(relay_stream, forwards_obfuscated_chunks_as_they_are) {
  std::vector<std::string> all = {first};
  for (char const* padding : {"abc", "d", "efghij"}) all.push_back(chunk(delta(R"("content":"x")"), R"(,"obfuscation":")" + std::string(padding) + '"'));
  all.insert(all.end(), {stop, done});
  EXPECT_EQ(relay({events(all)}, plain).out, events(all));
}

TEST(relay_stream, knows_when_content_came) {
  struct {
    std::string data;
    bool content;
  } const cases[] = {
      {first, false},
      {chunk(delta("")), false},
      {chunk(delta(R"("content":null,"tool_calls":[ ],"reasoning_content":"")")), false},
      {chunk("", R"(,"usage":null)"), false},
      {hello, true},
      {chunk(delta(R"("reasoning_content":"x")")), true},
      {chunk(delta(R"("reasoning":"x")")), true},
      {chunk(delta(R"("refusal":"x")")), true},
      {chunk(delta(R"("content":[{"type":"text","text":"x"}])")), true},
      {chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}})")), true},
      {R"({"id":"x","object":"text_completion","choices":[{"text":"a","index":0}]})", true},
  };
  for (auto const& options : {plain, mended}) {
    for (auto const& each : cases) {
      auto const stream = new_relay_stream(options);
      std::string out;
      stream->feed(events({each.data}), out);
      EXPECT_EQ(stream->status().content_seen, each.content) << each.data;
      EXPECT_FALSE(stream->status().complete);
    }
  }
}

TEST(relay_stream, counts_usage_even_when_nobody_asked) {
  auto const result = relay({events({first, hello, stop, usage_chunk, done})}, plain);
  EXPECT_TRUE(result.status.usage.known);
  EXPECT_EQ(result.status.usage.prompt(), 9);
  EXPECT_EQ(result.status.usage.completion(), 4);
}

TEST(relay_stream, tells_the_finish_reason) {
  auto const finish = [](std::string const& word) { return relay({events({first, chunk(delta("", word)), done})}, plain).status.finish; };
  EXPECT_EQ(finish("\"stop\""), chat::finish_reason::stop);
  EXPECT_EQ(finish("\"length\""), chat::finish_reason::length);
  EXPECT_EQ(finish("\"content_filter\""), chat::finish_reason::content_filter);
  EXPECT_EQ(finish("\"tool_calls\""), chat::finish_reason::tool_calls);
  EXPECT_EQ(finish("\"something\""), chat::finish_reason::stop);
}

TEST(relay_stream, is_complete_when_every_choice_is) {
  auto const stream = new_relay_stream(plain);
  std::string out;
  stream->feed(events({chunk(role_delta), chunk(R"({"index":1,"delta":{"content":"b"},"finish_reason":null})"), stop}), out);
  EXPECT_FALSE(stream->status().complete);
  stream->feed(events({chunk(R"({"index":1,"delta":{},"finish_reason":"stop"})")}), out);
  EXPECT_TRUE(stream->status().complete);
  EXPECT_FALSE(stream->status().ended);
}

struct broken_case {
  char const* what;
  std::string bytes;
  std::string out;
  chat::fault_class fault;
  std::string message;
};

TEST(relay_stream, breaks_visibly) {
  std::string const before = events({first, hello});
  broken_case const cases[] = {
      {"error object", before + events({R"({"error":{"message":"Rate limit","type":"requests","code":"rate_limit_exceeded"}})", done}), before, rate_limit, "Rate limit"},
      {"error text", before + events({R"({"error":"overloaded, sorry"})"}), before, overloaded, "overloaded, sorry"},
      {"error of xAI", before + events({R"({"code":"The service is currently unavailable","error":"try later"})"}), before, overloaded, "try later"},
      {"bare code and message", before + events({R"({"code":500,"message":"boom"})"}), before, server_error, "boom"},
      {"error of Cerebras", before + events({R"({"error":{"message":"slow","code":"x"},"status_code":429})"}), before, rate_limit, "slow"},
      {"error of OpenRouter with choices", before + events({R"({"id":"x","choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}],"error":{"code":502,"message":"upstream"}})"}), before, server_error, "upstream"},
      {"error of Groq", before + events({chunk(delta("", "null"), R"(,"x_groq":{"error":"over capacity"})")}), before, bad_response, "over capacity"},
      {"error with event name", before + "event: error\ndata: {\"error\":{\"message\":\"no\",\"type\":\"server_error\"}}\n\n", before, server_error, "no"},
      {"finish reason of DeepSeek", before + events({chunk(delta("", "\"insufficient_system_resource\""))}), before, overloaded, "the provider ran out of resources in the answer"},
      {"finish reason error", before + events({chunk(delta("", "\"error\"")), done}), before, server_error, "the provider ended the answer with an error"},
      {"no JSON", before + events({"oops"}), before, bad_response, "the provider's answer cannot be read: the body is not valid JSON: a value is missing at byte 0"},
      {"no UTF-8", before + events({chunk(delta("\"content\":\"\x80\""))}), before, bad_response, "the provider's answer cannot be read: the body is not valid JSON: it is not UTF-8"},
      {"cut between events", before, before, bad_response, "the provider's answer cannot be read: its stream ended before the answer was complete"},
      {"cut in an event", before + "data: {\"id", before, bad_response, "the provider's answer cannot be read: its stream ended before the answer was complete"},
      {"nothing but DONE", events({done}), "", bad_response, "the provider's answer cannot be read: its stream ended without an answer"},
      {"nothing", "", "", bad_response, "the provider's answer cannot be read: its stream ended before the answer was complete"},
  };
  for (auto const& each : cases) {
    for (auto const& options : {plain, asked, mended_asked}) {
      auto const result = relay({each.bytes + (each.bytes.ends_with("\n\n") ? events({hello}).substr(0, 0) : "")}, options);
      EXPECT_EQ(result.out, each.out) << each.what;
      ASSERT_TRUE(result.status.broken) << each.what;
      EXPECT_EQ(result.status.broken->what, each.fault) << each.what << ": " << to_string(result.status.broken->what);
      EXPECT_EQ(result.status.broken->message, each.message) << each.what;
      EXPECT_EQ(result.status.broken->source, chat::fault_source::upstream);
      EXPECT_FALSE(result.status.ended) << each.what;
    }
  }
}

TEST(relay_stream, says_nothing_after_it_broke) {
  auto const stream = new_relay_stream(plain);
  std::string out;
  stream->feed(events({first, R"({"error":"x"})", hello, stop, done}), out);
  stream->feed(events({hello, stop, done}), out);
  stream->finish(out);
  EXPECT_EQ(out, events({first}));
}

TEST(relay_stream, a_cut_usage_chunk_does_not_spoil_a_whole_answer) {
  auto const result = relay({events({first, hello, stop}) + "data: " + usage_chunk.substr(0, 40)}, asked);
  EXPECT_EQ(result.out, events({first, hello, stop, done}));
  EXPECT_FALSE(result.status.broken);
}

TEST(relay_stream, stops_at_an_endless_event) {
  auto const stream = new_relay_stream(plain);
  std::string out;
  std::string const piece(1u << 20, 'x');
  stream->feed("data: ", out);
  for (int i = 0; i < 10; ++i) stream->feed(piece, out);
  ASSERT_TRUE(stream->status().broken);
  EXPECT_EQ(stream->status().broken->what, bad_response);
  EXPECT_EQ(out, "");
}

TEST(relay_stream, makes_up_ids_that_are_missing) {
  auto const result = relay({events({R"({"choices":[{"index":0,"delta":{"tool_calls":[{"function":{"name":"f","arguments":"{}"}},{"id":"null","type":null,"function":{"name":"g","arguments":"{}"}}]}}]})",
                                     R"({"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]})", done})},
                             mended);
  std::smatch found;
  ASSERT_TRUE(std::regex_match(
      result.out, found,
      std::regex("data: \\{\"choices\":\\[\\{\"index\":0,\"delta\":\\{\"tool_calls\":\\["
                 "\\{\"function\":\\{\"name\":\"f\",\"arguments\":\"\\{\\}\"\\},\"index\":0,\"id\":\"(call_[A-Za-z0-9]{24})\",\"type\":\"function\"\\},"
                 "\\{\"id\":\"(call_[A-Za-z0-9]{24})\",\"type\":\"function\",\"function\":\\{\"name\":\"g\",\"arguments\":\"\\{\\}\"\\},\"index\":1\\}"
                 "\\],\"role\":\"assistant\"\\}\\}\\],\"id\":\"(chatcmpl-[A-Za-z0-9]{24})\",\"object\":\"chat.completion.chunk\",\"created\":0,\"model\":\"\"\\}\n\n"
                 "data: \\{\"choices\":\\[\\{\"index\":0,\"delta\":\\{\\},\"finish_reason\":\"tool_calls\"\\}\\],\"id\":\"(chatcmpl-[A-Za-z0-9]{24})\",.*\n\n"
                 "data: \\[DONE\\]\n\n")))
      << result.out;
  EXPECT_NE(found[1], found[2]);
  EXPECT_EQ(found[3], found[4]);
}

// ---- whole replies ---------------------------------------------------------------------------------------------

std::string joined(relayed_reply const& reply) {
  std::string out;
  for (auto piece : reply.pieces) out += piece;
  return out;
}

std::string whole(std::string const& message, std::string const& finish = "\"stop\"", std::string const& more = {}) {
  return R"({"id":"c1","object":"chat.completion","created":7,"model":"m","choices":[{"index":0,"message":{)" + message + R"(},"finish_reason":)" + finish + "}]" + more + "}";
}
std::string const said = R"("role":"assistant","content":"hi")";

TEST(relay_reply, forwards_good_replies_as_they_are) {
  for (std::string const& body : {
           " " + whole(said, "\"stop\"", R"(, "usage" : {"prompt_tokens":1e1,"completion_tokens":4,"total_tokens":14} , "x":123456789012345678901234567890)") + "\n",
           std::string(R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":"AAAA"}],"model":"e","usage":{"prompt_tokens":5,"total_tokens":5}})"),
           std::string(R"({"id":"x","object":"text_completion","created":1,"model":"m","choices":[{"text":"a","index":0,"logprobs":null,"finish_reason":"length"}]})"),
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
      {renamed, whole(R"("role":"assistant","content":"hi","reasoning":"hm")"), whole(R"("role":"assistant","content":"hi","reasoning_content":"hm")")},
      {renamed, whole(R"("role":"assistant","reasoning_content":null,"content":"hi","reasoning":"hm")"), whole(R"("role":"assistant","content":"hi","reasoning_content":"hm")")},
      {mended, whole(said, "\"eos\""), whole(said)},
      {mended, whole(said, "null"), whole(said)},
      {mended, whole(R"("content":"hi")"), whole(R"("content":"hi","role":"assistant")")},
      {mended, whole(R"("role":"assistant","content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"hi"}])"),
       whole(R"("role":"assistant","content":"hi","reasoning_content":"hm")")},
      {mended, whole(R"("role":"assistant","content":"","tool_calls":[{"id":"a","function":{"name":"f","arguments":{"x":1}}},{"id":"b","type":"function","function":{"name":"g","arguments":""}}])"),
       whole(R"("role":"assistant","content":"","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{\"x\":1}"},"type":"function"},{"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}])", "\"tool_calls\"")},
      {mended, R"({"id":"c1","object":"chat.completion","created":7,"model":"m","choices":[{"message":{"role":"assistant","content":"hi"}}]})",
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
