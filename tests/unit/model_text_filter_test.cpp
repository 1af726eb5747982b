// Streams and whole answers of OpenAI-shaped servers, read and filtered.

#include "dialects/model_text/filter.hpp"

#include "dialects/openai_chat/answer_reader.hpp"
#include "dialects/openai_chat/conversation.hpp"
#include "dialects/translate.hpp"
#include "model_text_fixture.hpp"
#include "relay_fixture.hpp"

namespace recloser::dialects::model_text {
namespace {

using chat::event_kind;
using openai_chat::chunk;
using openai_chat::delta;
using openai_chat::done;
using openai_chat::events;
using step = event_source::step;

std::string const call_text =
    R"(<tool_call>{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Paris\"}}</tool_call>)";

/// The events as lines. Made ids are `*`; pieces of one text are put together.
std::string tell(event_source& source) {
  std::string out;
  chat::event event;
  auto last = event_kind::start;
  int last_index = -1;
  auto found = source.next(event);
  for (; found == step::event; found = source.next(event)) {
    bool const goes_on = event.kind == last && event.index == last_index && !out.empty() &&
                         (event.kind == event_kind::text || event.kind == event_kind::reasoning ||
                          event.kind == event_kind::tool_arguments);
    if (goes_on) out.pop_back();
    switch (event.kind) {
      case event_kind::start: out += fmt::format("start {} {}", event.id, event.model); break;
      case event_kind::text: out += goes_on ? std::string(event.text) : fmt::format("text {}", event.text); break;
      case event_kind::reasoning: out += goes_on ? std::string(event.text) : fmt::format("think {}", event.text); break;
      case event_kind::tool_start: {
        bool const made = event.id.starts_with("call_") && event.id.size() == 29;
        out += fmt::format("call {} {} {}", event.index, made ? "*" : event.id, event.name);
        break;
      }
      case event_kind::tool_arguments:
        out += goes_on ? std::string(event.text) : fmt::format("arguments {} {}", event.index, event.text);
        break;
      case event_kind::refusal: out += fmt::format("refusal {}", event.text); break;
      case event_kind::annotations: out += fmt::format("annotations {} {}", event.index, event.text); break;
      case event_kind::finish: out += fmt::format("finish {}", static_cast<int>(event.finish)); break;
      case event_kind::end: out += fmt::format("end {}", event.usage.total()); break;
      case event_kind::signature:
      case event_kind::redacted: out += "?"; break;
    }
    out += '\n';
    last = event.kind;
    last_index = event.index;
  }
  if (found == step::broken) out += "broken: " + source.fault().message + '\n';
  return out;
}

std::unique_ptr<event_source> source_of(std::string_view family) {
  auto plain = openai_chat::new_events();
  if (family.empty()) return plain;
  return filter_events(std::move(plain), *find_family(family), tools());
}

std::string run(std::vector<std::string_view> const& pieces, std::string_view family) {
  auto const source = source_of(family);
  for (auto const piece : pieces) {
    std::string const copy(piece);
    source->feed(copy);
  }
  source->finish();
  return tell(*source);
}

struct stream_case {
  char const* what;
  std::string_view family;  // empty: not filtered
  std::vector<std::string> chunks;
  std::string expected;
};

void check(std::vector<stream_case> const& cases) {
  for (auto const& each : cases) {
    SCOPED_TRACE(each.what);
    std::string const all = events(each.chunks);
    EXPECT_EQ(run({all}, each.family), each.expected);
    EXPECT_EQ(run(one_by_one(all), each.family), each.expected);
    for (std::size_t cut = 1; cut < all.size(); ++cut) {
      std::string_view const bytes = all;
      ASSERT_EQ(run({bytes.substr(0, cut), bytes.substr(cut)}, each.family), each.expected) << "cut at " << cut;
    }
  }
}

std::string text(std::string const& inside) { return chunk(delta("\"content\":\"" + inside + '"')); }
std::string finish(std::string const& word) { return chunk(delta("", '"' + word + '"')); }
std::string tool(std::string const& inside) { return chunk(openai_chat::call(inside)); }

std::string const start = "start c1 m\n";
std::string const stop_number = fmt::format("finish {}\n", static_cast<int>(chat::finish_reason::stop));
std::string const length_number = fmt::format("finish {}\n", static_cast<int>(chat::finish_reason::length));
std::string const calls_number = fmt::format("finish {}\n", static_cast<int>(chat::finish_reason::tool_calls));
std::string const paris_arguments = R"({\"city\": \"Paris\"})";

// ---- OpenAI's stream as events ---------------------------------------------------------------------------------

TEST(openai_answer, stream) {
  check({
      {"text and usage",
       "",
       {openai_chat::first, openai_chat::hello, openai_chat::world, openai_chat::stop, openai_chat::usage_chunk, done},
       start + "text Hel\\\"lo \\u00e9\\n wörld\n" + stop_number + "end 13\n"},
      {"reasoning under its names",
       "",
       {chunk(delta(R"("reasoning":"a")")), chunk(delta(R"("reasoning_content":"b","content":null)")), text("c"),
        finish("eos"), done},
       start + "think ab\ntext c\n" + stop_number + "end 0\n"},
      {"calls without ids and indices",
       "",
       {tool(R"({"function":{"name":"f","arguments":{"x":1}}},{"function":{"name":"g"}})"), finish("stop"), done},
       start + "call 0 * f\narguments 0 {\\\"x\\\":1}\ncall 1 * g\narguments 1 {}\n" + calls_number + "end 0\n"},
      {"calls in pieces",
       "",
       {tool(R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}})"),
        tool(R"({"index":0,"function":{"arguments":"{\"x"}})"), tool(R"({"index":0,"function":{"arguments":"\":1}"}})"),
        finish("tool_calls"), done},
       start + "call 0 a f\narguments 0 {\\\"x\\\":1}\n" + calls_number + "end 0\n"},
      {"no finish reason, usage on every chunk",
       "",
       {chunk(delta(R"("content":"a")"), ",\"usage\":" + openai_chat::usage_object), done},
       start + "text a\n" + stop_number + "end 13\n"},
      {"no marker at the end", "", {text("a"), finish("stop")}, start + "text a\n" + stop_number + "end 0\n"},
      {"refusal and annotations",
       "",
       {chunk(delta(R"("refusal":"no")")), chunk(delta(R"("annotations":[{"a":1},{"b":2}])")),
        chunk(delta(R"("annotations":[{"c":3}])")), finish("content_filter"), done},
       start + "refusal no\nannotations 0 [{\"a\":1},{\"b\":2}]\nannotations 2 [{\"c\":3}]\n" +
           fmt::format("finish {}\n", static_cast<int>(chat::finish_reason::content_filter)) + "end 0\n"},
      {"only the first choice",
       "",
       {chunk(R"({"index":1,"delta":{"content":"no"}},{"index":0,"delta":{"content":"yes"}})"),
        chunk(R"({"index":0,"delta":{},"finish_reason":"stop"},{"index":1,"delta":{},"finish_reason":"length"})"),
        done},
       start + "text yes\n" + stop_number + "end 0\n"},
      {"an error in the stream",
       "",
       {text("a"), R"({"error":{"message":"out of memory","type":"server_error"}})", done},
       start + "text a\nbroken: out of memory\n"},
      {"cut off",
       "",
       {text("a")},
       start +
           "text a\nbroken: the provider's answer cannot be read: its stream ended before the answer was complete\n"},
  });
}

TEST(openai_answer, whole) {
  auto const read = openai_chat::read_reply(
      R"({"id":"i","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"a\u00e9","reasoning":"hm","tool_calls":[{"function":{"name":"f","arguments":{"x":1}}},{"id":"b","type":"function","function":{"name":"g","arguments":"{\"y\": \"\\u00e9\"}"}},{"id":"c","type":"function","function":{"name":"h","arguments":"{\"cut"}}]},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->id, "i");
  EXPECT_EQ(read->model, "m");
  EXPECT_EQ(read->finish, chat::finish_reason::tool_calls);
  EXPECT_EQ(read->usage.total(), 7);
  ASSERT_EQ(read->parts.size(), 5u);
  EXPECT_EQ(read->parts[0].kind, chat::part_kind::thinking);
  EXPECT_EQ(read->parts[0].text, "hm");
  EXPECT_EQ(read->parts[1].text, "a\\u00e9");
  EXPECT_EQ(read->parts[2].id.size(), 29u);
  EXPECT_EQ(read->parts[2].input, "{\"x\":1}");
  EXPECT_EQ(read->parts[3].input, "{\"y\": \"\\u00e9\"}");
  EXPECT_EQ(read->parts[4].input, "\"{\\\"cut\"");
  std::string out;
  openai_chat::write_reply(*read, 7, out);
  EXPECT_NE(out.find(R"("name":"h","arguments":"{\"cut"})"), std::string::npos) << out;
}

TEST(openai_answer, bad_bodies) {
  for (auto const* const body : {"", "[]", "{}", "{\"choices\":[]}", "{\"choices\":null}", "{\"choices\":[7]",
                                 "{\"object\":\"list\",\"data\":[]}", "{\"error\":{\"message\":\"no\"}}"}) {
    EXPECT_FALSE(openai_chat::read_reply(body)) << body;
  }
  auto const odd = openai_chat::read_reply(R"({"choices":[{"message":{"content":7,"tool_calls":{"a":1}}}]})");
  ASSERT_TRUE(odd);
  EXPECT_TRUE(odd->parts.empty());
}

// ---- filtered --------------------------------------------------------------------------------------------------

TEST(model_text_filter, stream) {
  check({
      {"thinking and a call",
       "qwen",
       {openai_chat::first, text("<thi"), text("nk>\\nhm"), text("\\n</think>\\n\\nLet me see.\\n"),
        text(call_text.substr(0, 30)), text(call_text.substr(30)), finish("stop"), openai_chat::usage_chunk, done},
       start + "think hm\ntext Let me see.\ncall 0 * get_weather\narguments 0 " + paris_arguments + '\n' +
           calls_number + "end 13\n"},
      {"no marker",
       "qwen",
       {text("Hel"), text("lo \\ud83d\\ude00 "), finish("stop"), done},
       start + "text Hello \\ud83d\\ude00 \n" + stop_number + "end 0\n"},
      {"two calls",
       "kimi",
       {text(
            R"(<|tool_calls_section_begin|><|tool_call_begin|>functions.now:0<|tool_call_argument_begin|>{}<|tool_call_end|>)"),
        text(
            R"(<|tool_call_begin|>functions.now:1<|tool_call_argument_begin|>{}<|tool_call_end|><|tool_calls_section_end|>)"),
        finish("stop"), done},
       start + "call 0 functions.now:0 now\narguments 0 {}\ncall 1 functions.now:1 now\narguments 1 {}\n" +
           calls_number + "end 0\n"},
      {"the limit cut a call off",
       "qwen",
       {text("<tool_call>{\\\"name\\\": \\\"now"), finish("length"), done},
       start + "text <tool_call>{\\\"name\\\": \\\"now\n" + length_number + "end 0\n"},
      {"a call before the limit stays one",
       "qwen",
       {text(call_text), finish("length"), done},
       start + "call 0 * get_weather\narguments 0 " + paris_arguments + '\n' + length_number + "end 0\n"},
      {"calls of the server come first",
       "qwen",
       {tool(R"({"index":0,"id":"a","type":"function","function":{"name":"now","arguments":"{}"}})"), text(call_text),
        finish("tool_calls"), done},
       start + "call 0 a now\narguments 0 {}\ncall 1 * get_weather\narguments 1 " + paris_arguments + '\n' +
           calls_number + "end 0\n"},
      {"calls of the server come last",
       "qwen",
       {text(call_text + "\\n"),
        tool(R"({"index":0,"id":"a","type":"function","function":{"name":"now","arguments":"{}"}})"),
        tool(R"({"index":1,"id":"b","type":"function","function":{"name":"now","arguments":"{"}})"),
        tool(R"({"index":1,"function":{"arguments":"}"}})"), finish("tool_calls"), done},
       start + "call 0 * get_weather\narguments 0 " + paris_arguments +
           "\ncall 1 a now\narguments 1 {}\ncall 2 b now\narguments 2 {}\n" + calls_number + "end 0\n"},
      {"the same call twice",
       "qwen",
       {tool(
            R"({"index":0,"id":"a","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"\\u0050aris\"}"}})"),
        text("ok " + call_text), finish("tool_calls"), done},
       start + "call 0 a get_weather\narguments 0 {\\\"city\\\":\\\"\\\\u0050aris\\\"}\ntext ok\n" + calls_number +
           "end 0\n"},
      {"the server told the reasoning",
       "qwen",
       {chunk(delta(R"("reasoning_content":"hm")")), text("<think>hm</think>a"), finish("stop"), done},
       start + "think hm\ntext a\n" + stop_number + "end 0\n"},
      {"it broke in the middle of a marker",
       "qwen",
       {text("a <tool"), R"({"error":{"message":"gone"}})", done},
       start + "text a <tool\nbroken: gone\n"},
      {"one call in the thoughts, at the end",
       "qwen",
       {text("<think>hm " + call_text), finish("stop"), done},
       start + "think hm\ncall 0 * get_weather\narguments 0 " + paris_arguments + '\n' + calls_number + "end 0\n"},
  });
}

/// What the client gets.
TEST(model_text_filter, stream_as_chunks) {
  auto const stream = translate_stream(source_of("qwen"), 7, false);
  std::string out;
  stream->feed(events({text("<think>hm</think>"), text(call_text), finish("stop"), done}), out);
  EXPECT_NE(out.find(R"("reasoning_content":"hm")"), std::string::npos) << out;
  EXPECT_NE(out.find(R"("function":{"arguments":"{\"city\": \"Paris\"}"})"), std::string::npos) << out;
  EXPECT_NE(out.find(R"("finish_reason":"tool_calls")"), std::string::npos) << out;
  EXPECT_TRUE(out.ends_with("data: [DONE]\n\n"));
  EXPECT_TRUE(stream->status().complete);
  EXPECT_EQ(stream->status().finish, chat::finish_reason::tool_calls);
}

std::string filtered(std::string_view family, std::string const& content, std::string const& more = {},
                     std::string const& why = "stop") {
  std::string const body = R"({"id":"i","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":")" +
                           content + '"' + more + "},\"finish_reason\":\"" + why + "\"}]}";
  auto reply = openai_chat::read_reply(body);
  EXPECT_TRUE(reply) << body;
  filter_reply(*reply, *find_family(family), tools());
  std::string out;
  for (auto const& each : reply->parts) {
    switch (each.kind) {
      case chat::part_kind::text: out += fmt::format("text {}\n", each.text); break;
      case chat::part_kind::thinking: out += fmt::format("think {}\n", each.text); break;
      case chat::part_kind::tool_call:
        out += fmt::format("call {} {} {}\n", each.id.starts_with("call_") ? "*" : each.id, each.name, each.input);
        break;
      default: out += "?\n";
    }
  }
  return out + fmt::format("finish {}\n", static_cast<int>(reply->finish));
}

TEST(model_text_filter, whole) {
  std::string const paris = "call * get_weather {\"city\": \"Paris\"}\n";
  EXPECT_EQ(filtered("qwen", "<think>hm</think>\\n\\nLook:\\n" + call_text),
            "think hm\ntext Look:\n" + paris + calls_number);
  EXPECT_EQ(filtered("qwen", "a \\ud83d\\ude00\\n"), "text a \\ud83d\\ude00\\n\n" + stop_number);
  EXPECT_EQ(filtered("qwen", "<think>hm", {}, "length"), "think hm\n" + length_number);
  // With all of it at hand, nothing has to be guessed.
  EXPECT_EQ(filtered("qwen", "hm\\n</think>\\na"), "think hm\ntext a\n" + stop_number);
  EXPECT_EQ(filtered("deepseek-r1", "hm</think>a"), "think hm\ntext a\n" + stop_number);
  EXPECT_EQ(filtered("deepseek-r1", "Hello."), "text Hello.\n" + stop_number);
  EXPECT_EQ(filtered("deepseek-r1", "hm", {}, "length"), "think hm\n" + length_number);
  EXPECT_EQ(filtered("qwen", call_text,
                     R"(,"tool_calls":[{"id":"a","type":"function","function":{"name":"now","arguments":"{}"}}])"),
            "call a now {}\n" + paris + calls_number);
  EXPECT_EQ(
      filtered(
          "qwen", call_text,
          R"(,"tool_calls":[{"id":"a","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"Paris\"}"}}])"),
      "call a get_weather {\"city\":\"Paris\"}\n" + calls_number);
}

}  // namespace
}  // namespace recloser::dialects::model_text
