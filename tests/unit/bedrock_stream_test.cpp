// The event stream of Bedrock, cut at every place.

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "bedrock_fixture.hpp"
#include "dialects/translate.hpp"

namespace recloser::dialects::bedrock_tests {
namespace {

using bedrock_converse::converse;
using chat::event_kind;
using chat::fault_class;
using step = event_source::step;

/// The answer's id is made up anew in every run.
std::string with_known_id(std::string out) {
  std::string const key = "{\"id\":\"";
  auto const begin = out.find(key);
  if (begin == std::string::npos) return out;
  auto const from = begin + key.size();
  auto const id = out.substr(from, out.find('"', from) - from);
  for (auto at = out.find(id); at != std::string::npos; at = out.find(id)) out.replace(at, id.size(), "ID");
  return out;
}

std::string translate(std::vector<std::string_view> const& pieces) {
  auto const stream = translate_stream(converse, 1700000000, true);
  std::string out;
  for (auto const piece : pieces) {
    std::string const copy(piece);  // dies right after feed: nothing may point into it
    stream->feed(copy, out);
  }
  stream->finish(out);
  if (stream->status().broken) out += "broken: " + stream->status().broken->message;
  return with_known_id(out);
}

void expect_same_at_every_cut(std::string_view bytes, std::string const& expected) {
  EXPECT_EQ(translate({bytes}), expected);
  std::vector<std::string_view> single;
  for (std::size_t i = 0; i < bytes.size(); ++i) single.push_back(bytes.substr(i, 1));
  EXPECT_EQ(translate(single), expected);
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    ASSERT_EQ(translate({bytes.substr(0, cut), bytes.substr(cut)}), expected) << "cut at " << cut;
  }
}

TEST(bedrock_stream, golden_at_every_cut) {
  for (auto const& name : cases_with("stream.jsonl")) {
    SCOPED_TRACE(name);
    expect_same_at_every_cut(framed(lines(load(fixtures() / name / "stream.jsonl"))),
                             load(fixtures() / name / "client.sse"));
  }
}

TEST(bedrock_stream, its_media_type_tells_it_from_a_whole_answer) {
  EXPECT_EQ(converse.name, "bedrock");
  EXPECT_EQ(converse.stream_type, "application/vnd.amazon.eventstream");
}

// ---- events ----------------------------------------------------------------------------------------------------

struct reading {
  std::vector<std::string> events;
  chat::usage usage;
  chat::finish_reason finish = chat::finish_reason::none;
  chat::fault fault;
  bool whole = false;
};

std::string describe(chat::event const& event) {
  return fmt::format("{}/{}/{}{}{}", static_cast<int>(event.kind), event.index, event.id, event.name, event.text);
}

reading read(std::string_view bytes) {
  auto const reader = bedrock_converse::new_events();
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
  if (!out.whole) out.fault = reader->fault();
  return out;
}

std::string told(event_kind kind, std::string_view rest) { return fmt::format("{}/{}", static_cast<int>(kind), rest); }

std::string const start = framed(R"({"messageStart":{"role":"assistant"}})");
std::string const hello = framed(R"({"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"hello"}}})");
std::string const figures = framed(R"({"metadata":{"usage":{"inputTokens":3,"outputTokens":4}}})");

std::string stopped(std::string_view reason) {
  return framed(R"({"messageStop":{"stopReason":")" + std::string(reason) + R"("}})");
}
std::string begin_tool(int index, std::string_view name) {
  return framed(fmt::format(
      R"({{"contentBlockStart":{{"contentBlockIndex":{0},"start":{{"toolUse":{{"toolUseId":"t{0}","name":"{1}"}}}}}}}})",
      index, name));
}
std::string tool_piece(int index, std::string_view piece) {
  return framed(fmt::format(
      R"({{"contentBlockDelta":{{"contentBlockIndex":{},"delta":{{"toolUse":{{"input":"{}"}}}}}}}})", index, piece));
}
std::string stop_block(int index) {
  return framed(fmt::format(R"({{"contentBlockStop":{{"contentBlockIndex":{}}}}})", index));
}

// §7 row 19.
TEST(bedrock_stream, row_19_the_figures_come_after_the_stop) {
  auto const out = read(start + hello + stopped("end_turn") + figures);
  EXPECT_EQ(out.events.back(), told(event_kind::end, "0/"));
  EXPECT_EQ(out.usage.total(), 7);
  auto const early = read(start + hello + figures + stopped("end_turn"));
  EXPECT_TRUE(early.whole);
  EXPECT_EQ(early.events.back(), told(event_kind::end, "0/"));
  EXPECT_EQ(early.usage.total(), 7);
}

TEST(bedrock_stream, figures_that_never_come_are_unknown) {
  for (auto const& tail : {std::string(), figures.substr(0, figures.size() - 1), std::string(30, 'x')}) {
    auto const out = read(start + hello + stopped("end_turn") + tail);
    EXPECT_TRUE(out.whole);
    EXPECT_EQ(out.events.back(), told(event_kind::end, "0/"));
    EXPECT_FALSE(out.usage.known);
  }
}

TEST(bedrock_stream, nothing_is_read_after_the_end) {
  auto const out = read(start + hello + stopped("end_turn") + figures + hello + "rubbish that is no message");
  EXPECT_TRUE(out.whole);
  EXPECT_EQ(out.events.size(), 4u);
}

TEST(bedrock_stream, stop_reasons) {
  using enum chat::finish_reason;
  struct {
    char const* reason;
    chat::finish_reason with_text;
    chat::finish_reason with_call;
  } const cases[] = {
      {"end_turn", stop, tool_calls},
      {"tool_use", stop, tool_calls},
      {"max_tokens", length, length},
      {"stop_sequence", stop, tool_calls},
      {"content_filtered", content_filter, content_filter},
      {"guardrail_intervened", content_filter, content_filter},
      {"malformed_tool_use", stop, stop},
      {"new_word", stop, tool_calls},
  };
  auto const a_call = begin_tool(1, "f") + stop_block(1);
  for (auto const& each : cases) {
    EXPECT_EQ(read(start + hello + stopped(each.reason) + figures).finish, each.with_text) << each.reason;
    EXPECT_EQ(read(start + a_call + stopped(each.reason) + figures).finish, each.with_call) << each.reason;
  }
  EXPECT_EQ(read(start + hello + framed(R"({"messageStop":{}})") + figures).finish, stop);
}

TEST(bedrock_stream, a_malformed_answer_of_nothing_is_a_failure) {
  auto const out = read(start + stopped("malformed_model_output") + figures);
  EXPECT_FALSE(out.whole);
  EXPECT_EQ(out.fault.what, fault_class::bad_response);
}

// §7 row 16.
TEST(bedrock_stream, row_16_calls_are_numbered_from_0) {
  auto const out =
      read(begin_tool(4, "f") + begin_tool(7, "g") + tool_piece(7, "p7") + tool_piece(4, "p4") + stop_block(4) +
           stop_block(7) + stop_block(9) + tool_piece(4, "late") + stopped("tool_use") + figures);
  EXPECT_EQ(out.events, (std::vector<std::string>{
                            told(event_kind::tool_start, "0/t4f"), told(event_kind::tool_start, "1/t7g"),
                            told(event_kind::tool_arguments, "1/p7"), told(event_kind::tool_arguments, "0/p4"),
                            told(event_kind::finish, "0/"), told(event_kind::end, "0/")}));
}

// §7 row 17.
TEST(bedrock_stream, row_17_no_arguments_are_an_empty_object) {
  auto const out = read(begin_tool(0, "f") + tool_piece(0, "") + stop_block(0) + stopped("tool_use") + figures);
  EXPECT_EQ(out.events[1], told(event_kind::tool_arguments, "0/{}"));
}

// §7 row 29.
TEST(bedrock_stream, row_29_pieces_of_arguments_are_not_read) {
  auto const out = read(begin_tool(0, "f") + tool_piece(0, R"({\"a\":\"\\u00)") + tool_piece(0, R"(e9\"}}}})"));
  EXPECT_EQ(out.events[1], told(event_kind::tool_arguments, R"(0/{\"a\":\"\\u00)"));
  EXPECT_EQ(out.events[2], told(event_kind::tool_arguments, R"(0/e9\"}}}})"));
}

TEST(bedrock_stream, the_answer_tool_is_an_answer) {
  auto const out = read(begin_tool(0, "recloser_json_answer") + tool_piece(0, R"({\"a\":)") + tool_piece(0, "1}") +
                        stop_block(0) + stopped("tool_use") + figures);
  EXPECT_EQ(out.events,
            (std::vector<std::string>{told(event_kind::text, R"(0/{\"a\":)"), told(event_kind::text, "0/1}"),
                                      told(event_kind::finish, "0/"), told(event_kind::end, "0/")}));
  EXPECT_EQ(out.finish, chat::finish_reason::stop);
}

TEST(bedrock_stream, open_blocks_are_bounded) {
  std::string many = begin_tool(0, "f");
  for (int i = 1; i <= 64; ++i) many += begin_tool(i, "f");
  auto const out = read(many + tool_piece(0, "forgotten") + tool_piece(1, "known"));
  ASSERT_EQ(out.events.size(), 66u);
  EXPECT_EQ(out.events[65], told(event_kind::tool_arguments, "1/known"));
}

TEST(bedrock_stream, takes_odd_members) {
  auto const out =
      read(framed(R"({"newEvent":{"a":1}})") + event_stream::event("contentBlockStart", R"({"start":7})") +
           framed(R"({"contentBlockDelta":{"delta":null}})") +
           framed(R"({"contentBlockDelta":{"delta":{"new":1,"text":"a"}}})") +
           framed(R"({"contentBlockDelta":{"contentBlockIndex":"x","delta":{"text":7}}})") +
           framed(R"({"contentBlockDelta":{"contentBlockIndex":3,"delta":{"reasoningContent":null}}})") +
           framed(R"({"contentBlockDelta":{"contentBlockIndex":3,"delta":{"toolUse":{"input":"never begun"}}}})") +
           event_stream::frame("", "{}") + stopped("end_turn") + stopped("max_tokens") +
           framed(R"({"metadata":{"usage":7}})"));
  EXPECT_EQ(out.events, (std::vector<std::string>{told(event_kind::text, "0/a"), told(event_kind::finish, "0/"),
                                                  told(event_kind::end, "0/")}));
  EXPECT_TRUE(out.whole);
  EXPECT_FALSE(out.usage.known);
}

TEST(bedrock_stream, survives_every_changed_byte_of_a_payload) {
  int whole = 0;
  int broken = 0;
  for (auto const& name : cases_with("stream.jsonl")) {
    for (auto const& line : lines(load(fixtures() / name / "stream.jsonl"))) {
      std::vector<json::member> members;
      json::members_of(line, members);
      for (std::size_t i = 0; i < members[0].value.size(); ++i) {
        for (char const c : {'"', '{', '\\', '9', '\0'}) {
          std::string payload(members[0].value);
          payload[i] = c;
          auto const out = read(start + event_stream::event(members[0].key, payload) + stopped("end_turn") + figures);
          (out.whole ? whole : broken)++;
          ASSERT_TRUE(out.whole || out.fault.what == fault_class::bad_response);
        }
      }
    }
  }
  EXPECT_GT(whole, 1000);
  EXPECT_GT(broken, 1000);
}

// ---- streams that break ----------------------------------------------------------------------------------------

struct broken_case {
  char const* what;
  std::string bytes;
  fault_class is;
  char const* code;
  int status;
};

TEST(bedrock_stream, broken_ones) {
  auto const flipped = [](std::string bytes) {
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    return bytes;
  };
  using event_stream::error;
  using event_stream::exception;
  std::vector<broken_case> const cases = {
      // §7 row 20
      {"row 20: nothing more", "", fault_class::bad_response, "stream_interrupted", 200},
      {"cut in a message", hello.substr(0, 40), fault_class::bad_response, "stream_interrupted", 200},
      {"corrupt", flipped(hello) + hello + stopped("end_turn"), fault_class::bad_response, "stream_interrupted", 200},
      {"not JSON", event_stream::event("contentBlockDelta", "oops"), fault_class::bad_response, "stream_interrupted",
       200},
      {"not UTF-8", event_stream::event("messageStop", "{\"x\":\"\xff\"}"), fault_class::bad_response,
       "stream_interrupted", 200},
      {"a JSON body", R"({"message":"not a stream at all"})", fault_class::bad_response, "stream_interrupted", 200},
      {"throttled", exception("throttlingException", R"({"message":"slow down"})"), fault_class::rate_limit,
       "rate_limit_exceeded", 429},
      {"internal", exception("internalServerException", R"({"message":"x"})"), fault_class::server_error,
       "upstream_error", 500},
      {"unavailable", exception("serviceUnavailableException", R"({"message":"x"})"), fault_class::overloaded,
       "upstream_overloaded", 503},
      {"model",
       exception("modelStreamErrorException",
                 R"({"message":"Model Stream Error","originalStatusCode":500,"originalMessage":"failed."})"),
       fault_class::server_error, "upstream_error", 424},
      {"invalid", exception("validationException", R"({"message":"x"})"), fault_class::client_fault, "", 400},
      {"too long", exception("validationException", R"({"message":"Input is too long."})"), fault_class::context_length,
       "context_length_exceeded", 400},
      {"timeout", exception("modelTimeoutException", R"({"message":"x"})"), fault_class::timeout, "upstream_timeout",
       408},
      {"unknown", exception("newException", R"({"message":"x"})"), fault_class::server_error, "upstream_error", 502},
      {"without JSON", exception("throttlingException", "oops"), fault_class::rate_limit, "rate_limit_exceeded", 429},
      {"error frame", error("InternalError", "oops"), fault_class::server_error, "upstream_error", 500},
      {"error frame of an exception", error("ThrottlingException", "oops"), fault_class::rate_limit,
       "rate_limit_exceeded", 429},
  };
  for (auto const& each : cases) {
    SCOPED_TRACE(each.what);
    auto const bytes = start + hello + each.bytes;
    auto const stream = translate_stream(converse, 1, false);
    std::string out;
    stream->feed(bytes, out);
    stream->finish(out);
    auto const& status = stream->status();
    ASSERT_TRUE(status.broken);
    EXPECT_EQ(to_string(status.broken->what), to_string(each.is));
    EXPECT_EQ(status.broken->code, each.code);
    EXPECT_EQ(status.broken->status, each.status);
    EXPECT_EQ(status.broken->source, chat::fault_source::upstream);
    EXPECT_FALSE(status.complete);
    EXPECT_EQ(out.find("[DONE]"), std::string::npos);
    auto const before = out;
    stream->feed(hello, out);  // nothing more is taken
    EXPECT_EQ(out, before);
    expect_same_at_every_cut(bytes, translate({bytes}));
  }
}

TEST(bedrock_stream, an_exception_says_what_the_model_said) {
  auto const out = read(event_stream::exception(
      "modelStreamErrorException",
      R"({"message":"Model Stream Error","originalStatusCode":500,"originalMessage":"The model stream failed."})"));
  EXPECT_EQ(out.fault.message, "Model Stream Error: The model stream failed.");
  EXPECT_EQ(out.fault.type, "modelStreamErrorException");
}

}  // namespace
}  // namespace recloser::dialects::bedrock_tests
