// The event stream of Anthropic, cut at every place.

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "anthropic_fixture.hpp"
#include "dialects/translate.hpp"

namespace recloser::dialects {
namespace {

using chat::event_kind;
using step = event_source::step;

// ---- golden, at every split point ------------------------------------------------------------------------------

std::string translate(std::vector<std::string_view> const& pieces) {
  auto const stream = translate_stream(anthropic::messages, 1700000000, true);
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

TEST(anthropic_stream, golden_at_every_cut) {
  for (auto const& name : cases_with("stream.sse")) {
    SCOPED_TRACE(name);
    auto const stream = load(fixtures() / name / "stream.sse");
    auto const expected = load(fixtures() / name / "client.sse");
    expect_same_at_every_cut(stream, expected);
    expect_same_at_every_cut(with_crlf(stream), expected);
    EXPECT_EQ(translate({stream.substr(0, stream.size() - 1)}), expected) << "without the last blank line";
  }
}

// ---- events ----------------------------------------------------------------------------------------------------

std::string sse(std::string_view data) { return "data: " + std::string(data) + "\n\n"; }

std::string describe(chat::event const& event) {
  return fmt::format("{}/{}/{}{}{}", static_cast<int>(event.kind), event.index, event.id, event.name, event.text);
}

struct reading {
  std::vector<std::string> events;
  chat::usage usage;
  chat::finish_reason finish = chat::finish_reason::none;
  bool whole = false;
  std::string fault;
};

reading read(std::string_view bytes) {
  auto const reader = anthropic::new_events();
  reader->feed(bytes);
  reader->finish();
  reading out;
  chat::event event;
  auto found = reader->next(event);
  for (; found == step::event; found = reader->next(event)) {
    out.events.push_back(describe(event));
    if (event.usage.known) out.usage = event.usage;
    if (event.kind == event_kind::finish) out.finish = event.finish;
  }
  out.whole = found != step::broken;
  if (!out.whole) out.fault = reader->fault().message;
  return out;
}

std::string const message_stop = sse(R"({"type":"message_stop"})");

std::string event_text(event_kind kind, std::string_view rest) {
  return fmt::format("{}/{}", static_cast<int>(kind), rest);
}

// §7 rows 1 and 2: running totals replace each other, null says nothing.
TEST(anthropic_stream, usage_is_the_last_word) {
  auto const once = read(
      sse(R"({"type":"message_start","message":{"usage":{"input_tokens":107,"cache_read_input_tokens":0,"output_tokens":1}}})") +
      sse(R"({"type":"message_delta","delta":{"stop_reason":null},"usage":{"output_tokens":10}})") +
      sse(R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":7,"cache_read_input_tokens":100,"cache_creation_input_tokens":null,"output_tokens":20}})") +
      message_stop);
  EXPECT_EQ(once.usage.in_uncached, 7);
  EXPECT_EQ(once.usage.in_cache_read, 100);
  EXPECT_EQ(once.usage.cache_write(), 0);
  EXPECT_EQ(once.usage.completion(), 20);
  EXPECT_EQ(once.usage.total(), 127);
  auto const kept = read(
      sse(R"({"type":"message_start","message":{"usage":{"input_tokens":7,"cache_creation_input_tokens":30,"cache_creation":{"ephemeral_1h_input_tokens":20},"output_tokens":1}}})") +
      sse(R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":null,"output_tokens":2}})") +
      message_stop);
  EXPECT_EQ(kept.usage.in_uncached, 7);
  EXPECT_EQ(kept.usage.in_cache_write_1h, 20);
  EXPECT_EQ(kept.usage.in_cache_write_5m, 10);
}

TEST(anthropic_stream, one_finish) {
  auto const out = read(sse(R"({"type":"message_delta","delta":{"stop_reason":"max_tokens"}})") +
                        sse(R"({"type":"message_delta","delta":{"stop_reason":"end_turn"}})") + message_stop);
  EXPECT_EQ(out.events,
            (std::vector<std::string>{event_text(event_kind::finish, "0/"), event_text(event_kind::end, "0/")}));
}

std::string begin_tool(int index, std::string_view name, std::string_view input = "{}") {
  return sse(fmt::format(
      R"({{"type":"content_block_start","index":{},"content_block":{{"type":"tool_use","id":"t{}","name":"{}","input":{}}}}})",
      index, index, name, input));
}
std::string tool_piece(int index, std::string_view piece) {
  return sse(fmt::format(
      R"({{"type":"content_block_delta","index":{},"delta":{{"type":"input_json_delta","partial_json":"{}"}}}})", index,
      piece));
}
std::string stop_block(int index) { return sse(fmt::format(R"({{"type":"content_block_stop","index":{}}})", index)); }
std::string const stopped_for_tools = sse(R"({"type":"message_delta","delta":{"stop_reason":"tool_use"}})");

TEST(anthropic_stream, the_answer_tool_is_an_answer) {
  auto const out =
      read(begin_tool(0, "recloser_json_answer") + tool_piece(0, R"({\"a\":)") + tool_piece(0, "1}") + stop_block(0) +
           begin_tool(1, "recloser_json_answer", R"({"b":2})") + stop_block(1) + stopped_for_tools + message_stop);
  EXPECT_EQ(out.events, (std::vector<std::string>{
                            event_text(event_kind::text, R"(0/{\"a\":)"), event_text(event_kind::text, "0/1}"),
                            event_text(event_kind::text, R"(0/{\"b\":2})"), event_text(event_kind::finish, "0/"),
                            event_text(event_kind::end, "0/")}));
  EXPECT_EQ(out.finish, chat::finish_reason::stop);
  EXPECT_EQ(read(begin_tool(0, "f") + stop_block(0) + stopped_for_tools + message_stop).finish,
            chat::finish_reason::tool_calls);
}

TEST(anthropic_stream, interleaved_blocks_keep_apart) {
  auto const out = read(begin_tool(4, "f") + begin_tool(7, "f") + tool_piece(7, "p7") + tool_piece(4, "p4") +
                        stop_block(4) + stop_block(7) + stop_block(9) + tool_piece(4, "late") + message_stop);
  EXPECT_EQ(out.events, (std::vector<std::string>{
                            event_text(event_kind::tool_start, "0/t4f"), event_text(event_kind::tool_start, "1/t7f"),
                            event_text(event_kind::tool_arguments, "1/p7"),
                            event_text(event_kind::tool_arguments, "0/p4"), event_text(event_kind::end, "0/")}));
}

TEST(anthropic_stream, a_block_that_begins_again_is_a_new_one) {
  auto const out = read(begin_tool(0, "f") + begin_tool(0, "g") + tool_piece(0, "p") + message_stop);
  EXPECT_EQ(out.events, (std::vector<std::string>{
                            event_text(event_kind::tool_start, "0/t0f"), event_text(event_kind::tool_start, "1/t0g"),
                            event_text(event_kind::tool_arguments, "1/p"), event_text(event_kind::end, "0/")}));
}

TEST(anthropic_stream, open_blocks_are_bounded) {
  std::string many = begin_tool(0, "f");
  for (int i = 1; i <= 64; ++i) many += begin_tool(i, "f");
  auto const out = read(many + tool_piece(0, "forgotten") + tool_piece(1, "known") + message_stop);
  ASSERT_EQ(out.events.size(), 67u);
  EXPECT_EQ(out.events[65], event_text(event_kind::tool_arguments, "1/known"));
}

TEST(anthropic_stream, takes_look_alikes) {
  // Names on the event lines only, [DONE] at the end, odd members everywhere.
  auto const out = read(
      "event: message_start\ndata: {\"message\":{\"id\":\"i\",\"usage\":7}}\n\n"
      "event: content_block_delta\ndata: {\"index\":\"x\",\"delta\":{\"type\":\"text_delta\",\"text\":\"a\"}}\n\n"
      "event: content_block_delta\ndata: {\"delta\":null}\n\n"
      "event: content_block_start\ndata: {\"content_block\":[]}\n\n"
      "data: [DONE]\n\n"
      "event: ping\ndata: {}\n\n"
      "data: {\"type\":\"message_stop\"}\n\n"
      "data: [DONE]\n\ndata: not json\n\n");
  EXPECT_EQ(out.events,
            (std::vector<std::string>{event_text(event_kind::start, "0/i"), event_text(event_kind::text, "0/a"),
                                      event_text(event_kind::end, "0/")}));
  EXPECT_TRUE(out.whole);
}

// ---- streams that break ----------------------------------------------------------------------------------------

struct broken_case {
  char const* what;
  std::string bytes;
  chat::fault_class is;
  char const* code;
};

TEST(anthropic_stream, broken_ones) {
  auto const text = sse(R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}})");
  auto const finish = sse(R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}})");
  std::vector<broken_case> const cases = {
      {"nothing", "", chat::fault_class::bad_response, "stream_interrupted"},
      {"no message_stop", text + finish, chat::fault_class::bad_response, "stream_interrupted"},
      {"cut in an event", text + R"(data: {"type":"message_st)", chat::fault_class::bad_response, "stream_interrupted"},
      {"not JSON", text + "data: oops\n\n" + message_stop, chat::fault_class::bad_response, "stream_interrupted"},
      {"not UTF-8", sse("{\"type\":\"ping\",\"x\":\"\xff\"}") + message_stop, chat::fault_class::bad_response,
       "stream_interrupted"},
      {"bad escape", sse(R"({"type":"content_block_delta","delta":{"type":"text_delta","text":"\q"}})") + message_stop,
       chat::fault_class::bad_response, "stream_interrupted"},
      {"a JSON body", R"({"type":"message","content":[]})", chat::fault_class::bad_response, "stream_interrupted"},
      {"overloaded",
       text + sse(R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})") + message_stop,
       chat::fault_class::overloaded, "upstream_overloaded"},
      {"error without a type", sse(R"({"error":{"message":"x","type":"rate_limit_error"}})") + message_stop,
       chat::fault_class::rate_limit, "rate_limit_exceeded"},
      {"unknown error", sse(R"({"type":"error","error":{"type":"odd_error"}})") + message_stop,
       chat::fault_class::server_error, "upstream_error"},
  };
  for (auto const& each : cases) {
    SCOPED_TRACE(each.what);
    auto const bytes = sse(R"({"type":"message_start","message":{"id":"i","model":"m"}})") + each.bytes;
    auto const stream = translate_stream(anthropic::messages, 1, false);
    std::string out;
    stream->feed(bytes, out);
    stream->finish(out);
    auto const& status = stream->status();
    ASSERT_TRUE(status.broken);
    EXPECT_EQ(to_string(status.broken->what), to_string(each.is));
    EXPECT_EQ(status.broken->code, each.code);
    EXPECT_EQ(status.broken->source, chat::fault_source::upstream);
    EXPECT_FALSE(status.complete);
    EXPECT_EQ(out.find("[DONE]"), std::string::npos);
    auto const before = out;
    stream->feed(text, out);  // nothing more is taken
    EXPECT_EQ(out, before);
    expect_same_at_every_cut(bytes, translate({bytes}));
  }
}

}  // namespace
}  // namespace recloser::dialects
