// Streams of OpenAI-shaped providers on their way to an OpenAI client.

#include "relay_fixture.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace recloser::dialects::openai_chat {
namespace {

using enum chat::fault_class;

TEST(relay_stream, gives_clients_what_they_can_read) {
  stream_case const cases[] = {
      {"byte for byte", plain, {first, hello, world, hello, stop, done}, {first, hello, world, hello, stop, done}},
      {"odd spacing and unknown members survive",
       plain,
       {first,
        R"({ "z" : 1e400,"choices" : [ {"delta":{"content" : "a" , "new":[1, 2]},"index":0,"finish_reason":null} ] , "x":{"error":1} })",
        stop, done},
       {first,
        R"({ "z" : 1e400,"choices" : [ {"delta":{"content" : "a" , "new":[1, 2]},"index":0,"finish_reason":null} ] , "x":{"error":1} })",
        stop, done}},
      {"the word error in a text is a text",
       plain,
       {first, chunk(delta(R"("content":"error")")), chunk(delta(R"("content":"\"error\":{}")")), stop, done},
       {first, chunk(delta(R"("content":"error")")), chunk(delta(R"("content":"\"error\":{}")")), stop, done}},
      {"DONE is added after a finish reason", plain, {first, hello, stop}, {first, hello, stop, done}},
      {"DONE with a blank", plain, {first, stop, "[DONE] "}, {first, stop, done}},
      {"DONE comes once and last", plain, {first, stop, done, done, hello}, {first, stop, done}},
      {"DONE without a finish reason", plain, {first, hello, done}, {first, hello, stop, done}},
      {"DONE without a finish reason after a tool call",
       plain,
       {first, chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}})")), done},
       {first, chunk(call(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}})")),
        chunk(delta("", "\"tool_calls\"")), done}},
      {"legacy completions",
       plain,
       {R"({"id":"x","object":"text_completion","created":1,"model":"m","choices":[{"text":"a","index":0,"logprobs":null,"finish_reason":null}]})",
        done},
       {R"({"id":"x","object":"text_completion","created":1,"model":"m","choices":[{"text":"a","index":0,"logprobs":null,"finish_reason":null}]})",
        R"({"id":"x","object":"text_completion","created":1,"model":"m","choices":[{"index":0,"text":"","finish_reason":"stop"}]})",
        done}},
      {"what is no chunk is dropped",
       plain,
       {first, "", "{}", "null", R"({"type":"ping"})", hello, stop, done},
       {first, hello, stop, done}},
      {"chunks with empty choices pass",
       plain,
       {chunk("", R"(,"prompt_filter_results":[])"), first, hello, stop, done},
       {chunk("", R"(,"prompt_filter_results":[])"), first, hello, stop, done}},
      {"error null is cut out",
       plain,
       {first, chunk(delta(R"("content":"a")"), R"(,"error":null)"),
        chunk(delta(R"("content":"b")"), R"(,"error":null)"), stop, done},
       {first, chunk(delta(R"("content":"a")")), chunk(delta(R"("content":"b")")), stop, done}},
      {"error null in front",
       plain,
       {first, R"({"error":null,)" + hello.substr(1), stop, done},
       {first, hello, stop, done}},
      {"two choices",
       plain,
       {chunk(role_delta, ""), chunk(R"({"index":1,"delta":{"content":"b"},"finish_reason":"stop"})"), stop, done},
       {chunk(role_delta, ""), chunk(R"({"index":1,"delta":{"content":"b"},"finish_reason":"stop"})"), stop, done}},
  };
  for (auto const& each : cases) check(each);
}

TEST(relay_stream, puts_usage_beside_an_empty_delta_into_its_own_chunk) {
  std::string const late = chunk(delta(R"("content":"")"), R"(,"usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13,"cost":0.5})");
  auto const own = chunk("", R"(,"usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13,"cost":0.5})");
  check({"asked", mended_asked, {first, hello, stop, late, done}, {first, hello, stop, own, done}});
  check({"not asked", mended, {first, hello, stop, late, done}, {first, hello, stop, done}});
}

TEST(relay_stream, gives_usage_once_and_only_when_asked) {
  stream_case const cases[] = {
      {"usage not asked for is taken out", plain, {first, hello, stop, usage_chunk, done}, {first, hello, stop, done}},
      {"usage asked for", asked, {first, hello, stop, usage_chunk, done}, {first, hello, stop, usage_chunk, done}},
      {"usage null is left alone",
       asked,
       {chunk(role_delta, R"(,"usage":null)"), stop, usage_chunk, done},
       {chunk(role_delta, R"(,"usage":null)"), stop, usage_chunk, done}},
      {"usage on the finish chunk, asked for",
       asked,
       {first, chunk(delta("", "\"stop\""), ",\"usage\":" + usage_object), done},
       {first, stop, usage_chunk, done}},
      {"usage on the finish chunk, not asked for",
       plain,
       {first, chunk(delta("", "\"stop\""), ",\"usage\":" + usage_object), done},
       {first, stop, done}},
      {"usage on every chunk: the last counts",
       asked,
       {chunk(role_delta, R"(,"usage":{"prompt_tokens":9,"completion_tokens":0,"total_tokens":9})"),
        chunk(delta("", "\"stop\""), R"(,"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11})"),
        usage_chunk, done},
       {first, stop, usage_chunk, done}},
      {"usage before the last text",
       asked,
       {first, usage_chunk, hello, stop, done},
       {first, hello, stop, usage_chunk, done}},
      {"usage without DONE", asked, {first, stop, usage_chunk}, {first, stop, usage_chunk, done}},
      {"empty usage", asked, {chunk(role_delta, R"(,"usage":{})"), stop, done}, {first, stop, done}},
      {"usage of Groq",
       asked,
       {first, chunk(delta("", "\"stop\""), R"(,"x_groq":{"id":"r","usage":)" + usage_object + "}"), done},
       {first, chunk(delta("", "\"stop\""), R"(,"x_groq":{"id":"r","usage":)" + usage_object + "}"), usage_chunk,
        done}},
      {"usage of Groq twice",
       asked,
       {first, chunk(delta("", "\"stop\""), R"(,"x_groq":{"id":"r","usage":)" + usage_object + "}"), usage_chunk, done},
       {first, chunk(delta("", "\"stop\""), R"(,"x_groq":{"id":"r","usage":)" + usage_object + "}"), usage_chunk,
        done}},
      {"usage of Moonshot",
       asked,
       {first, chunk(R"({"index":0,"delta":{},"finish_reason":"stop","usage":)" + usage_object + "}"), done},
       {first, chunk(R"({"index":0,"delta":{},"finish_reason":"stop","usage":)" + usage_object + "}"), usage_chunk,
        done}},
      {"usage with choices null",
       asked,
       {first, stop,
        R"({"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","choices":null,"usage":)" +
            usage_object + "}",
        done},
       {first, stop, usage_chunk, done}},
      {"usage without choices",
       asked,
       {first, stop, R"({"id":"c1","usage":)" + usage_object + "}", done},
       {first, stop, R"({"id":"c1","usage":)" + usage_object + R"(,"choices":[]})", done}},
  };
  for (auto const& each : cases) check(each);
}

TEST(relay_stream, reads_every_line_end_and_drops_what_is_not_data) {
  std::string const wild =
      "\xEF\xBB\xBF: OPENROUTER PROCESSING\r\n\r\nevent: chunk\r\nid: 7\r\nretry: 10\r\ndata: " + first +
      "\r\n\r\n:keep-alive\n\ndata:" + hello + "\r\rdata: " + stop + "\n\n: x\n\ndata: [DONE]\n\n";
  EXPECT_EQ(relay({wild}, plain).out, events({first, hello, stop, done}));
}

TEST(relay_stream, joins_the_lines_of_a_chunk) {
  auto const wild =
      "data: {\"id\":\"c\",\ndata: \"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\ndata: "
      "\"finish_reason\":\"stop\"}]}\n\n";
  EXPECT_EQ(relay({wild}, plain).out,
            events({R"({"id":"c", "choices":[{"index":0,"delta":{"content":"a"}, "finish_reason":"stop"}]})", done}));
}

TEST(relay_stream, accepts_a_last_event_without_its_blank_line) {
  EXPECT_EQ(relay({events({first, stop}) + "data: [DONE]"}, plain).out, events({first, stop, done}));
  EXPECT_EQ(relay({events({first, stop}) + "data: " + usage_chunk + "\n"}, asked).out,
            events({first, stop, usage_chunk, done}));
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
  for (char const* padding : {"abc", "d", "efghij"})
    all.push_back(chunk(delta(R"("content":"x")"), R"(,"obfuscation":")" + std::string(padding) + '"'));
  all.insert(all.end(), {stop, done});
  EXPECT_EQ(relay({events(all)}, plain).out, events(all));
}

TEST(relay_stream, edits_obfuscated_chunks_too) {
  for (bool padding_last : {false, true}) {
    std::vector<std::string> in = {first};
    std::vector<std::string> out = {first};
    for (std::string const text : {"abc", "d", "efghij"}) {
      std::string const padding = "\"obfuscation\":\"" + text + text + "\"";
      std::string const whole = chunk(delta("\"content\":\"" + text + "\""));
      std::string const rest = whole.substr(1, whole.size() - 2);
      std::string const members = padding_last ? rest + "," + padding : padding + "," + rest;
      in.push_back("{\"error\":null," + members + "}");
      out.push_back("{" + members + "}");
    }
    for (auto* stream : {&in, &out}) stream->insert(stream->end(), {stop, done});
    EXPECT_EQ(relay({events(in)}, plain).out, events(out)) << padding_last;
  }
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
  auto const finish = [](std::string const& word) {
    return relay({events({first, chunk(delta("", word)), done})}, plain).status.finish;
  };
  EXPECT_EQ(finish("\"stop\""), chat::finish_reason::stop);
  EXPECT_EQ(finish("\"length\""), chat::finish_reason::length);
  EXPECT_EQ(finish("\"content_filter\""), chat::finish_reason::content_filter);
  EXPECT_EQ(finish("\"tool_calls\""), chat::finish_reason::tool_calls);
  EXPECT_EQ(finish("\"something\""), chat::finish_reason::stop);
}

TEST(relay_stream, is_complete_when_every_choice_is) {
  auto const stream = new_relay_stream(plain);
  std::string out;
  stream->feed(events({chunk(role_delta), chunk(R"({"index":1,"delta":{"content":"b"},"finish_reason":null})"), stop}),
               out);
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
      {"error object",
       before + events({R"({"error":{"message":"Rate limit","type":"requests","code":"rate_limit_exceeded"}})", done}),
       before, rate_limit, "Rate limit"},
      {"error text", before + events({R"({"error":"overloaded, sorry"})"}), before, overloaded, "overloaded, sorry"},
      {"error of xAI", before + events({R"({"code":"The service is currently unavailable","error":"try later"})"}),
       before, overloaded, "try later"},
      {"bare code and message", before + events({R"({"code":500,"message":"boom"})"}), before, server_error, "boom"},
      {"error of Cerebras", before + events({R"({"error":{"message":"slow","code":"x"},"status_code":429})"}), before,
       rate_limit, "slow"},
      {"error of OpenRouter with choices",
       before +
           events(
               {R"({"id":"x","choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}],"error":{"code":502,"message":"upstream"}})"}),
       before, server_error, "upstream"},
      {"error of Groq", before + events({chunk(delta("", "null"), R"(,"x_groq":{"error":"over capacity"})")}), before,
       bad_response, "over capacity"},
      {"error with event name",
       before + "event: error\ndata: {\"error\":{\"message\":\"no\",\"type\":\"server_error\"}}\n\n", before,
       server_error, "no"},
      {"finish reason of DeepSeek", before + events({chunk(delta("", "\"insufficient_system_resource\""))}), before,
       overloaded, "the provider ran out of resources in the answer"},
      {"finish reason error", before + events({chunk(delta("", "\"error\"")), done}), before, server_error,
       "the provider ended the answer with an error"},
      {"no JSON", before + events({"oops"}), before, bad_response,
       "the provider's answer cannot be read: the body is not valid JSON: a value is missing at byte 0"},
      {"no UTF-8", before + events({chunk(delta("\"content\":\"\x80\""))}), before, bad_response,
       "the provider's answer cannot be read: the body is not valid JSON: it is not UTF-8"},
      {"cut between events", before, before, bad_response,
       "the provider's answer cannot be read: its stream ended before the answer was complete"},
      {"cut in an event", before + "data: {\"id", before, bad_response,
       "the provider's answer cannot be read: its stream ended before the answer was complete"},
      {"nothing but DONE", events({done}), "", bad_response,
       "the provider's answer cannot be read: its stream ended without an answer"},
      {"nothing", "", "", bad_response,
       "the provider's answer cannot be read: its stream ended before the answer was complete"},
  };
  for (auto const& each : cases) {
    for (auto const& options : {plain, asked, mended_asked}) {
      auto const result =
          relay({each.bytes + (each.bytes.ends_with("\n\n") ? events({hello}).substr(0, 0) : "")}, options);
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

}  // namespace
}  // namespace recloser::dialects::openai_chat
