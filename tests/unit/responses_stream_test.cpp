// The event stream of Responses, cut at every place.

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "dialects/translate.hpp"
#include "responses_fixture.hpp"

namespace recloser::dialects::openai_responses {
namespace {

using chat::event_kind;
using chat::fault_class;
using step = event_source::step;

// ---- golden, at every split point ------------------------------------------------------------------------------

std::string translate(std::vector<std::string_view> const& pieces) {
  auto const stream = translate_stream(responses, 1700000000, true);
  std::string out;
  for (auto const piece : pieces) {
    std::string const copy(piece);  // dies right after feed: nothing may point into it
    stream->feed(copy, out);
  }
  stream->finish(out);
  if (stream->status().broken) out += "broken: " + stream->status().broken->message;
  return out;
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

std::string with_crlf(std::string_view text) {
  std::string out;
  for (char const c : text) out += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return out;
}

TEST(responses_stream, golden_at_every_cut) {
  for (auto const& name : golden_with("stream.sse")) {
    SCOPED_TRACE(name);
    auto const stream = load(golden() / name / "stream.sse");
    auto const expected = load(golden() / name / "client.sse");
    expect_same_at_every_cut(stream, expected);
    EXPECT_EQ(translate({with_crlf(stream)}), expected);
    EXPECT_EQ(translate({stream.substr(0, stream.size() - 1)}), expected) << "without the last blank line";
    EXPECT_EQ(translate({stream, "data: [DONE]\n\ndata: not json\n\n"}), expected) << "what comes after the end";
  }
}

TEST(responses_stream, names_on_event_lines_are_not_needed) {
  auto const stream = load(golden() / "plain" / "stream.sse");
  std::string unnamed;
  for (std::size_t at = 0; at < stream.size();) {
    auto const end = stream.find('\n', at) + 1;
    auto const line = stream.substr(at, end - at);
    if (!line.starts_with("event:")) unnamed += line;
    at = end;
  }
  EXPECT_EQ(translate({unnamed}), load(golden() / "plain" / "client.sse"));
}

/// Whatever one wrong byte makes of a stream: it ends properly or is broken, never both and never neither.
TEST(responses_stream, one_wrong_byte) {
  auto const good = load(golden() / "tool_loop" / "stream.sse");
  for (char const wrong : {'"', '{', '}', '\\', '\n', ',', '7', '\0'}) {
    for (std::size_t at = 0; at < good.size(); at += 3) {
      auto bytes = good;
      bytes[at] = wrong;
      auto const out = translate({bytes});
      bool const whole = out.ends_with("data: [DONE]\n\n");
      ASSERT_NE(whole, out.find("broken: ") != std::string::npos) << at << " " << wrong;
    }
  }
}

// ---- events ----------------------------------------------------------------------------------------------------

std::string sse(std::string_view data) { return "data: " + std::string(data) + "\n\n"; }

std::string event(std::string_view type, std::string_view rest = "") {
  return sse(fmt::format(R"({{"type":"{}"{}{}}})", type, rest.empty() ? "" : ",", rest));
}

struct reading {
  std::vector<std::string> events;
  chat::usage usage;
  chat::finish_reason finish = chat::finish_reason::none;
  bool whole = false;
  chat::fault fault;
};

constexpr std::string_view kind_names[] = {"start",     "text",     "reasoning",   "tool",   "arguments", "refusal",
                                           "signature", "redacted", "annotations", "logprobs", "finish", "end"};

reading read(std::string_view bytes) {
  auto const reader = new_events();
  reader->feed(bytes);
  reader->finish();
  reading out;
  chat::event told;
  auto found = reader->next(told);
  for (; found == step::event; found = reader->next(told)) {
    out.events.push_back(fmt::format("{} {} {}{}{}{}", kind_names[static_cast<std::size_t>(told.kind)], told.index,
                                     told.id, told.model, told.name, told.text));
    if (told.usage.known) out.usage = told.usage;
    if (told.kind == event_kind::finish) out.finish = told.finish;
  }
  out.whole = found != step::broken;
  if (!out.whole) out.fault = reader->fault();
  return out;
}

using told = std::vector<std::string>;

std::string const created = event("response.created", R"("response":{"id":"r","model":"m","status":"in_progress"})");
std::string const completed = event("response.completed", R"("response":{"status":"completed"})");

std::string added(int index, std::string_view item) {
  return event("response.output_item.added", fmt::format(R"("output_index":{},"item":{})", index, item));
}
std::string done(int index, std::string_view item) {
  return event("response.output_item.done", fmt::format(R"("output_index":{},"item":{})", index, item));
}
std::string function(std::string_view id, std::string_view arguments) {
  return fmt::format(R"({{"type":"function_call","id":"fc_{}","call_id":"{}","name":"f","arguments":"{}"}})", id, id,
                     arguments);
}
std::string piece(int index, std::string_view text) {
  return event("response.function_call_arguments.delta", fmt::format(R"("output_index":{},"delta":"{}")", index, text));
}

std::vector<std::string> with_end(told events) {
  events.push_back("finish 0 ");
  events.push_back("end 0 ");
  return events;
}

TEST(responses_stream, arguments_come_once) {
  auto const whole = R"({\"a\":1})";
  auto const arguments_done =
      event("response.function_call_arguments.done", R"("output_index":0,"arguments":"{\"a\":1}")");
  struct {
    char const* what;
    std::string bytes;
    told arguments;
  } const rows[] = {
      {"in pieces",
       added(0, function("c", "")) + piece(0, R"({\"a\")") + piece(0, ":1}") + arguments_done +
           done(0, function("c", whole)),
       {R"(arguments 0 {\"a\")", "arguments 0 :1}"}},
      {"by arguments.done",
       added(0, function("c", "")) + arguments_done + done(0, function("c", whole)),
       {R"(arguments 0 {\"a\":1})"}},
      {"by item.done", added(0, function("c", "")) + done(0, function("c", whole)), {R"(arguments 0 {\"a\":1})"}},
      {"with the beginning", added(0, function("c", whole)) + done(0, function("c", "")), {R"(arguments 0 {\"a\":1})"}},
      {"with the beginning, in a piece and at the end (xAI)",
       added(0, function("c", whole)) + piece(0, whole) + arguments_done + done(0, function("c", whole)),
       {R"(arguments 0 {\"a\":1})"}},
      {"never done", added(0, function("c", whole)), {R"(arguments 0 {\"a\":1})"}},
      {"none at all", added(0, function("c", "")) + piece(0, "") + done(0, function("c", "")), {"arguments 0 {}"}},
      {"only done", done(0, function("c", whole)), {R"(arguments 0 {\"a\":1})"}},
      {"an object",
       done(0, R"({"type":"function_call","call_id":"c","name":"f","arguments":{"a":"\n"}})"),
       {R"(arguments 0 {\"a\":\"\\n\"})"}},
      {"the name comes late",
       added(0, R"({"type":"function_call","call_id":"c","arguments":""})") + piece(0, "lost") +
           done(0, function("c", whole)),
       {R"(arguments 0 {\"a\":1})"}},
  };
  for (auto const& each : rows) {
    SCOPED_TRACE(each.what);
    told expected = {"start 0 rm", "tool 0 cf"};
    expected.insert(expected.end(), each.arguments.begin(), each.arguments.end());
    auto const bytes = created + each.bytes + completed;
    auto const out = read(bytes);
    EXPECT_EQ(out.events, with_end(expected));
    EXPECT_EQ(out.finish, chat::finish_reason::tool_calls);
    expect_same_at_every_cut(bytes, translate({bytes}));
  }
}

TEST(responses_stream, calls_are_counted_not_items) {
  auto const out = read(created + added(0, R"({"type":"reasoning","id":"x"})") + added(3, function("a", "")) +
                        added(5, function("b", "")) + piece(5, "pb") + piece(3, "pa") + piece(9, "nobody's") +
                        done(5, function("b", "")) + done(3, function("a", "")) + piece(3, "late") + completed);
  EXPECT_EQ(out.events, with_end({"start 0 rm", "tool 0 af", "tool 1 bf", "arguments 1 pb", "arguments 0 pa"}));
}

TEST(responses_stream, items_by_id_or_by_being_the_youngest) {
  auto const by_id =
      read(event("response.output_item.added", R"("item":)" + function("a", "")) +
           event("response.output_item.added", R"("item":)" + function("b", "")) +
           event("response.function_call_arguments.delta", R"("item_id":"fc_a","delta":"pa")") +
           event("response.function_call_arguments.delta", R"("item_id":"fc_b","delta":"pb")") + completed);
  EXPECT_EQ(by_id.events,
            (told{"tool 0 af", "tool 1 bf", "arguments 0 pa", "arguments 1 pb", "start 0 ", "finish 0 ", "end 0 "}));
  auto const youngest = read(
      event("response.output_item.added", R"("item":{"type":"function_call","call_id":"a","name":"f"})") +
      event("response.function_call_arguments.delta", R"("delta":"pa")") +
      event("response.output_item.done", R"("item":{"type":"function_call","call_id":"a","name":"f"})") + completed);
  EXPECT_EQ(youngest.events, (told{"tool 0 af", "arguments 0 pa", "start 0 ", "finish 0 ", "end 0 "}));
}

TEST(responses_stream, open_items_are_bounded) {
  std::string many;
  for (int i = 0; i <= 64; ++i) many += added(i, function("c", ""));
  auto const out = read(many + piece(0, "forgotten") + piece(1, "known") + completed);
  EXPECT_EQ(out.events[65], "arguments 1 known");
}

TEST(responses_stream, what_waits_is_bounded) {
  std::string const big(2u << 20, 'A');
  auto const item = R"({"type":"reasoning","id":"x","summary":[],"encrypted_content":")" + big + R"("})";
  auto const sealed = read(created + done(0, item) + added(1, R"({"type":"message","id":"m"})") + completed);
  EXPECT_EQ(sealed.events, with_end({"start 0 rm"}));
  auto const early = read(created + added(0, function("c", big)) + done(0, function("c", "")) + completed);
  EXPECT_EQ(early.events, with_end({"start 0 rm", "tool 0 cf", "arguments 0 {}"}));
  std::string parts;
  for (int i = 0; i < 1000; ++i) parts += R"({"type":"output_text","text":"a"},)";
  auto const many = read(created + done(0, R"({"type":"message","id":"m","content":[)" + parts + "{}]}") + completed);
  EXPECT_EQ(many.events.size(), 256u + 3);
}

TEST(responses_stream, reasoning_seals_wait_for_what_they_lead_to) {
  auto const thought = [](int index, std::string_view encrypted) {
    auto const item =
        fmt::format(R"({{"type":"reasoning","id":"rs{}","summary":[],"encrypted_content":"{}"}})", index, encrypted);
    return added(index, item) + done(index, item);
  };
  auto const message = added(9, R"({"type":"message","id":"m"})");
  struct {
    char const* what;
    std::string bytes;
    told events;
  } const rows[] = {
      {"a call", thought(0, "A") + added(1, function("c", "")), {"redacted 0 rs0:c:A", "tool 0 cf", "arguments 0 {}"}},
      {"words", thought(0, "A") + message, {"redacted 0 rs0::A"}},
      {"two for one", thought(0, "A") + thought(1, "B") + message, {"redacted 0 rs0::A", "redacted 1 rs1::B"}},
      {"a provider's tool", thought(0, "A") + added(1, R"({"type":"web_search_call"})") + message, {}},
      {"nothing", thought(0, "A"), {}},
      {"nothing encrypted", thought(0, "") + message, {}},
  };
  for (auto const& each : rows) {
    SCOPED_TRACE(each.what);
    told expected = {"start 0 rm"};
    expected.insert(expected.end(), each.events.begin(), each.events.end());
    EXPECT_EQ(read(created + each.bytes + completed).events, with_end(expected));
  }
}

TEST(responses_stream, one_voice_of_reasoning) {
  auto const summary = [](int part, std::string_view text) {
    return event("response.reasoning_summary_text.delta",
                 fmt::format(R"("output_index":0,"summary_index":{},"delta":"{}")", part, text));
  };
  auto const open = [](std::string_view text) {
    return event("response.reasoning_text.delta",
                 fmt::format(R"("output_index":0,"content_index":0,"delta":"{}")", text));
  };
  auto const begin = created + added(0, R"({"type":"reasoning","id":"x"})");
  EXPECT_EQ(read(begin + summary(0, "a") + open("z") + summary(1, "b") + summary(1, "c") + completed).events,
            with_end({"start 0 rm", "reasoning 0 a", R"(reasoning 0 \n\n)", "reasoning 0 b", "reasoning 0 c"}));
  EXPECT_EQ(read(begin + open("a") + summary(0, "z") + open("b") + completed).events,
            with_end({"start 0 rm", "reasoning 0 a", "reasoning 0 b"}));
  // Who sends no deltas sends it whole.
  EXPECT_EQ(
      read(begin +
           done(0, R"({"type":"reasoning","id":"x","summary":[{"text":"a"},{"text":"b"}],"content":[{"text":"z"}]})") +
           completed)
          .events,
      with_end({"start 0 rm", "reasoning 0 a", R"(reasoning 0 \n\n)", "reasoning 0 b"}));
}

TEST(responses_stream, whole_messages_without_deltas) {
  auto const out = read(
      created +
      done(
          0,
          R"({"type":"message","id":"m","content":[{"type":"output_text","text":"a"},{"type":"refusal","refusal":"no"}]})") +
      completed);
  EXPECT_EQ(out.events, with_end({"start 0 rm", "text 0 a", "refusal 0 no"}));
}

// ---- ends ------------------------------------------------------------------------------------------------------

TEST(responses_stream, terminal_events) {
  struct {
    std::string bytes;
    chat::finish_reason finish;
  } const rows[] = {
      {completed, chat::finish_reason::stop},
      {event("response.completed", R"("response":{"status":"in_progress"})"), chat::finish_reason::stop},
      {event("response.completed",
             R"("response":{"status":"incomplete","incomplete_details":{"reason":"content_filter"}})"),
       chat::finish_reason::content_filter},
      {event("response.incomplete", R"("response":{"incomplete_details":{"reason":"max_output_tokens"}})"),
       chat::finish_reason::length},
      {event("response.incomplete",
             R"("response":{"status":"incomplete","incomplete_details":{"reason":"content_filter"}})"),
       chat::finish_reason::content_filter},
      {event("response.done", R"("response":{"status":"completed"})"), chat::finish_reason::stop},
      {event("response.completed"), chat::finish_reason::stop},
  };
  for (auto const& each : rows) {
    auto const out = read(created + each.bytes);
    EXPECT_TRUE(out.whole) << each.bytes;
    EXPECT_EQ(out.finish, each.finish) << each.bytes;
    EXPECT_EQ(out.events, with_end({"start 0 rm"})) << each.bytes;
  }
}

TEST(responses_stream, unknown_events_are_passed_over) {
  auto const out =
      read(":keepalive\n\n" + event("keepalive") + created + event("response.new.thing", R"("delta":"x")") +
           event("response.image_generation_call.partial_image", R"("partial_image_b64":"AAAA")") +
           event("response.output_text.done", R"("text":"x")") + sse("{}") + sse(R"({"type":7})") + sse("[DONE]") +
           event("response.output_text.delta", R"("delta":null)") +
           event("response.output_text.delta", R"("delta":{"x":1})") + event("response.output_item.added") +
           event("response.output_item.done", R"("item":[])") + event("response.content_part.added") +
           event("response.output_text.annotation.added") + completed);
  EXPECT_EQ(out.events, with_end({"start 0 rm"}));
  EXPECT_TRUE(out.whole);
}

struct broken_case {
  char const* what;
  std::string bytes;
  fault_class is;
  char const* code;
};

TEST(responses_stream, broken_ones) {
  auto const text = event("response.output_text.delta", R"("output_index":0,"delta":"a")");
  auto const failed = [](std::string_view error) {
    return event("response.failed", fmt::format(R"("response":{{"status":"failed","error":{}}})", error));
  };
  std::vector<broken_case> const cases = {
      {"nothing", "", fault_class::bad_response, "stream_interrupted"},
      {"no end", text, fault_class::bad_response, "stream_interrupted"},
      {"[DONE] is no end", text + "data: [DONE]\n\n", fault_class::bad_response, "stream_interrupted"},
      {"cut in an event", text + R"(data: {"type":"response.comp)", fault_class::bad_response, "stream_interrupted"},
      {"not JSON", text + "data: oops\n\n" + completed, fault_class::bad_response, "stream_interrupted"},
      {"not UTF-8", text + sse("{\"type\":\"x\",\"y\":\"\xff\"}") + completed, fault_class::bad_response,
       "stream_interrupted"},
      {"too deep", text + sse(std::string(200, '[') + std::string(200, ']')) + completed, fault_class::bad_response,
       "stream_interrupted"},
      {"failed", text + failed(R"({"code":"server_error","message":"m"})") + completed, fault_class::server_error,
       "server_error"},
      {"rate limit", failed(R"({"code":"rate_limit_exceeded","message":"m"})"), fault_class::rate_limit,
       "rate_limit_exceeded"},
      {"failed, without why", failed("null"), fault_class::server_error, "upstream_error"},
      {"cancelled", event("response.cancelled", R"("response":{"status":"cancelled"})"), fault_class::server_error,
       "upstream_error"},
      {"failed under another name",
       event("response.completed", R"("response":{"status":"failed","error":{"code":"server_error","message":"m"}})"),
       fault_class::server_error, "server_error"},
      {"error, flat",
       text + event("error", R"("code":"context_length_exceeded","message":"too long","param":"input")") + completed,
       fault_class::context_length, "context_length_exceeded"},
      {"error, nested", event("error", R"("error":{"type":"x","code":"insufficient_quota","message":"m"})"),
       fault_class::billing, "insufficient_quota"},
      {"error without a type", sse(R"({"error":{"message":"x","code":"server_is_overloaded"}})") + completed,
       fault_class::overloaded, "server_is_overloaded"},
      {"xAI's", sse(R"({"code":"The service is currently unavailable","error":"busy"})"), fault_class::overloaded,
       "upstream_overloaded"},
      {"error of nothing", event("error"), fault_class::server_error, "upstream_error"},
  };
  for (auto const& each : cases) {
    SCOPED_TRACE(each.what);
    auto const bytes = created + each.bytes;
    auto const stream = translate_stream(responses, 1, false);
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

TEST(responses_stream, the_message_of_an_error) {
  EXPECT_EQ(read(event("error", R"("code":"x","message":"too \"long\"","param":"input")")).fault.message,
            R"(too "long")");
  EXPECT_EQ(read(event("error", R"("code":"x","message":"m","param":"input")")).fault.param, "input");
  EXPECT_EQ(read(sse(R"({"code":"busy now","error":"come later"})")).fault.message, "come later");
}

TEST(responses_stream, usage) {
  auto const out = read(
      created +
      event(
          "response.completed",
          R"("response":{"status":"completed","usage":{"input_tokens":9,"input_tokens_details":{"cached_tokens":4},"output_tokens":5,"output_tokens_details":{"reasoning_tokens":2}}})"));
  EXPECT_EQ(out.usage.in_uncached, 5);
  EXPECT_EQ(out.usage.in_cache_read, 4);
  EXPECT_EQ(out.usage.out_text, 3);
  EXPECT_EQ(out.usage.out_reasoning, 2);
  EXPECT_FALSE(read(created + completed).usage.known);
}

}  // namespace
}  // namespace recloser::dialects::openai_responses
