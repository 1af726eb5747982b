// The event stream of Gemini, cut at every place.

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "dialects/translate.hpp"
#include "gemini_fixture.hpp"

namespace recloser::dialects::gemini {
namespace {

using chat::event_kind;
using chat::fault_class;
using step = event_source::step;

// ---- golden, at every split point ------------------------------------------------------------------------------

std::string translate(std::vector<std::string_view> const& pieces) {
  auto const stream = translate_stream(generate_content, 1700000000, true);
  std::string out;
  for (auto const piece : pieces) {
    std::string const copy(piece);  // dies right after feed: nothing may point into it
    stream->feed(copy, out);
  }
  stream->finish(out);
  if (stream->status().broken) out += "broken: " + stream->status().broken->message;
  return out;
}

std::vector<std::string_view> one_by_one(std::string_view bytes) {
  std::vector<std::string_view> out;
  for (std::size_t i = 0; i < bytes.size(); ++i) out.push_back(bytes.substr(i, 1));
  return out;
}

void expect_same_at_every_cut(std::string_view bytes, std::string const& expected) {
  EXPECT_EQ(translate({bytes}), expected);
  EXPECT_EQ(translate(one_by_one(bytes)), expected);
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    ASSERT_EQ(translate({bytes.substr(0, cut), bytes.substr(cut)}), expected) << "cut at " << cut;
  }
}

std::string with_crlf(std::string_view text) {
  std::string out;
  for (char const c : text) out += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return out;
}

TEST(gemini_stream, golden_at_every_cut) {
  for (auto const& name : golden_with("stream.sse")) {
    SCOPED_TRACE(name);
    auto const stream = load(golden() / name / "stream.sse");
    auto const expected = load(golden() / name / "client.sse");
    expect_same_at_every_cut(stream, expected);
    expect_same_at_every_cut(with_crlf(stream), expected);
    EXPECT_EQ(translate({stream.substr(0, stream.size() - 1)}), expected) << "without the last blank line";
  }
}

// ---- events ----------------------------------------------------------------------------------------------------

std::string sse(std::string_view data) { return "data: " + std::string(data) + "\n\n"; }

std::string chunk(std::string_view parts, std::string_view more = "") {
  return sse(fmt::format(R"({{"candidates":[{{"content":{{"parts":[{}]}}{}}}],"modelVersion":"m","responseId":"i"}})",
                         parts, more));
}
std::string text(std::string_view words, std::string_view more = "") {
  return chunk(fmt::format(R"({{"text":"{}"}})", words), more);
}
std::string const stop = R"(,"finishReason":"STOP")";

struct reading {
  std::vector<std::string> events;
  chat::usage usage;
  chat::finish_reason finish = chat::finish_reason::none;
  bool whole = false;
  chat::fault fault;
};

std::string describe(event_kind kind, std::string_view rest) {
  return fmt::format("{}/{}", static_cast<int>(kind), rest);
}

reading read(std::string_view bytes) {
  auto const reader = new_events();
  reader->feed(bytes);
  reader->finish();
  reading out;
  chat::event event;
  auto found = reader->next(event);
  for (; found == step::event; found = reader->next(event)) {
    auto const words = fmt::format("{}/{}{}{}{}", event.index, event.id, event.name, event.text, event.signature);
    out.events.push_back(describe(event.kind, words));
    if (event.usage.known) out.usage = event.usage;
    if (event.kind == event_kind::finish) out.finish = event.finish;
  }
  out.whole = found != step::broken;
  if (!out.whole) out.fault = reader->fault();
  EXPECT_EQ(reader->next(event), found) << "it stays as it is";
  return out;
}

std::string const started = describe(event_kind::start, "0/i");
std::string const finished = describe(event_kind::finish, "0/");
std::string const ended = describe(event_kind::end, "0/");

TEST(gemini_stream, the_last_word_counts) {
  // Some models end every chunk with STOP; and words may come behind the reason.
  auto const out = read(text("a", stop) + text("b", R"(,"finishReason":"MAX_TOKENS")") + text("c"));
  EXPECT_EQ(out.events, (names{started, describe(event_kind::text, "0/a"), describe(event_kind::text, "0/b"),
                               describe(event_kind::text, "0/c"), finished, ended}));
  EXPECT_EQ(out.finish, chat::finish_reason::length);
  EXPECT_TRUE(out.whole);
}

TEST(gemini_stream, usage_is_the_last_word) {
  auto const with_usage = [](std::string_view usage, std::string_view more) {
    return sse(fmt::format(R"({{"candidates":[{{{}}}],"usageMetadata":{}}})", more, usage));
  };
  auto const out =
      read(with_usage(R"({"promptTokenCount":100})", "") +
           with_usage(R"({"promptTokenCount":100,"candidatesTokenCount":5,"thoughtsTokenCount":9})",
                      R"("finishReason":"STOP")") +
           with_usage(R"({"promptTokenCount":100,"candidatesTokenCount":7,"cachedContentTokenCount":60})", ""));
  EXPECT_EQ(out.usage.in_uncached, 40);
  EXPECT_EQ(out.usage.in_cache_read, 60);
  EXPECT_EQ(out.usage.out_text, 7);
  EXPECT_EQ(out.usage.out_reasoning, 9);
}

TEST(gemini_stream, calls_are_numbered_as_they_come) {
  auto const out =
      read(chunk(R"({"functionCall":{"id":"x","name":"f","args":{"a": "\u00e9"}},"thoughtSignature":"S="})") +
           text("w") + chunk(R"({"functionCall":{"id":"y","name":"g"}})", stop));
  EXPECT_EQ(out.events, (names{started, describe(event_kind::tool_start, "0/xfS="),
                               describe(event_kind::tool_arguments, R"(0/{\"a\": \"\\u00e9\"})"),
                               describe(event_kind::text, "0/w"), describe(event_kind::tool_start, "1/yg"),
                               describe(event_kind::tool_arguments, "1/{}"), finished, ended}));
  EXPECT_EQ(out.finish, chat::finish_reason::tool_calls);
}

TEST(gemini_stream, ids_are_made_where_there_are_none) {
  auto const out = read(chunk(R"({"functionCall":{"name":"f"}},{"functionCall":{"name":"f"}})", stop));
  ASSERT_EQ(out.events.size(), 7u);
  EXPECT_TRUE(out.events[1].starts_with(describe(event_kind::tool_start, "0/call_"))) << out.events[1];
  EXPECT_TRUE(out.events[3].starts_with(describe(event_kind::tool_start, "1/call_"))) << out.events[3];
  EXPECT_NE(out.events[1].substr(out.events[1].find("call_")), out.events[3].substr(out.events[3].find("call_")));
}

TEST(gemini_stream, a_refused_answer_says_why) {
  auto const out = read(text("a") + sse(R"({"candidates":[{"finishReason":"SAFETY","finishMessage":"Because."}]})"));
  EXPECT_EQ(out.events, (names{started, describe(event_kind::text, "0/a"), describe(event_kind::refusal, "0/Because."),
                               finished, ended}));
  EXPECT_EQ(out.finish, chat::finish_reason::content_filter);
}

TEST(gemini_stream, tells_code_and_logprobs) {
  auto const out =
      read(chunk(R"({"executableCode":{"language":"PYTHON","code":"1"}},{"codeExecutionResult":{"output":"2"}})",
                 R"(,"logprobsResult":{"chosenCandidates":[{"token":"t","logProbability":-1}]})" + stop));
  EXPECT_EQ(
      out.events,
      (names{started,
             describe(event_kind::logprobs,
                      R"(0/{"content":[{"token":"t","logprob":-1,"bytes":null,"top_logprobs":[]}],"refusal":null})"),
             describe(event_kind::text, R"(0/\n```python\n1\n```\n)"),
             describe(event_kind::text, R"(0/\n```\n2\n```\n)"), finished, ended}));
}

TEST(gemini_stream, other_candidates_are_not_ours) {
  auto const out = read(
      sse(R"({"candidates":[{"index":1,"content":{"parts":[{"text":"b"}]},"finishReason":"STOP"}],"responseId":"i"})") +
      text("a", stop));
  EXPECT_EQ(out.events, (names{started, describe(event_kind::text, "0/a"), finished, ended}));
}

TEST(gemini_stream, takes_odd_chunks) {
  auto const out =
      read("event: x\ndata: {\"candidates\":7}\n\n" + sse(R"({"candidates":[{"content":{"parts":7}}]})") +
           sse(R"({"candidates":[{"content":{"parts":[7,{"text":7},null]}}],"error":null})") + sse("[DONE]") +
           sse(R"({"candidates":[{"finishReason":"FINISH_REASON_UNSPECIFIED"}]})") + text("a", stop) + sse("[DONE]"));
  EXPECT_EQ(out.events, (names{describe(event_kind::start, "0/"), describe(event_kind::text, "0/a"), finished, ended}));
}

// ---- streams that break ----------------------------------------------------------------------------------------

TEST(gemini_stream, broken_ones) {
  auto const overloaded =
      std::string(R"({"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}})");
  struct {
    char const* what;
    std::string bytes;
    fault_class is;
    char const* code;
  } const cases[] = {
      {"nothing", "", fault_class::bad_response, "stream_interrupted"},
      {"no finish reason", text("a"), fault_class::bad_response, "stream_interrupted"},  // §7 row 20
      {"cut in an event", text("a") + R"(data: {"candidates":[{"fin)", fault_class::bad_response, "stream_interrupted"},
      {"not JSON", text("a") + "data: oops\n\n" + text("b", stop), fault_class::bad_response, "stream_interrupted"},
      {"not UTF-8", text("\xff", stop), fault_class::bad_response, "stream_interrupted"},
      {"an error in a chunk", text("a") + sse(overloaded) + text("b", stop), fault_class::overloaded, "unavailable"},
      {"an error without data:", text("a") + overloaded + "\n", fault_class::overloaded, "unavailable"},
      {"an error over several lines",
       text("a") + "[{\n  \"error\": {\n    \"code\": 429,\n    \"message\": \"slow\",\n    \"status\": "
                   "\"RESOURCE_EXHAUSTED\"\n  }\n}\n]\n",
       fault_class::rate_limit, "rate_limit_exceeded"},
      {"other JSON without data:", R"({"candidates":[]})", fault_class::bad_response, "stream_interrupted"},
      {"a call that nobody can read",
       sse(R"({"candidates":[{"content":{},"finishReason":"MALFORMED_FUNCTION_CALL"}],"responseId":"i"})"),
       fault_class::bad_response, "malformed_function_call"},
  };
  for (auto const& each : cases) {
    SCOPED_TRACE(each.what);
    auto const stream = translate_stream(generate_content, 1, false);
    std::string out;
    stream->feed(each.bytes, out);
    stream->finish(out);
    auto const& status = stream->status();
    ASSERT_TRUE(status.broken);
    EXPECT_EQ(to_string(status.broken->what), to_string(each.is)) << status.broken->message;
    EXPECT_EQ(status.broken->code, each.code);
    EXPECT_EQ(status.broken->source, chat::fault_source::upstream);
    EXPECT_FALSE(status.complete);
    EXPECT_EQ(out.find("[DONE]"), std::string::npos);
    auto const before = out;
    stream->feed(text("late", stop), out);  // nothing more is taken
    EXPECT_EQ(out, before);
    expect_same_at_every_cut(each.bytes, translate({each.bytes}));
  }
}

TEST(gemini_stream, an_end_that_nobody_can_read_after_words_is_an_end) {
  auto const out = read(text("a", R"(,"finishReason":"MALFORMED_FUNCTION_CALL")"));
  EXPECT_TRUE(out.whole);
  EXPECT_EQ(out.finish, chat::finish_reason::stop);
}

TEST(gemini_stream, what_it_keeps_is_bounded) {
  auto const reader = new_events();
  reader->feed("{\"error\":\"");
  std::string const much(1u << 20, 'x');
  for (int i = 0; i < 20; ++i) reader->feed(much);
  chat::event event;
  EXPECT_EQ(reader->next(event), step::broken);
  EXPECT_EQ(reader->fault().what, fault_class::bad_response);
}

}  // namespace
}  // namespace recloser::dialects::gemini
