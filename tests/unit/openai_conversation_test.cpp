// The client's side of a translation: reading its requests, writing answers and chunks as clients.md §3 demands.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "anthropic_fixture.hpp"
#include "dialects/openai_chat/conversation.hpp"

namespace recloser::dialects::openai_chat {
namespace {

using chat::event;
using chat::event_kind;

// ---- reading ---------------------------------------------------------------------------------------------------

struct read {
  explicit read(std::string_view text) : body(text), result(read_body(body.view())) {}
  static chat::result<chat::request> read_body(std::string_view text) {
    auto const members = json::scan_object(text);
    return members ? read_request(*members) : chat::result<chat::request>(members.error());
  }
  chat::request const* operator->() const { return &*result; }

  padded body;
  chat::result<chat::request> result;
};

TEST(openai_request, reads_what_it_says) {
  read const request(
      R"({"model":"smart","stream":true,"stream_options":{"include_usage":true},"temperature":1e-7,"top_p":0.10,
    "max_tokens":8.0,"stop":["a","b"],"user":"u","parallel_tool_calls":false,"reasoning_effort":"high",
    "tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"},"strict":true},"cache_control":{"type":"ephemeral"}}],
    "tool_choice":{"type":"function","function":{"name":"f"}},
    "messages":[{"content":"a\nb","role":"user"}]})");
  ASSERT_TRUE(request.result);
  EXPECT_EQ(request->model, "smart");
  EXPECT_TRUE(request->stream);
  EXPECT_TRUE(request->include_usage);
  EXPECT_EQ(request->temperature, "1e-7");
  EXPECT_EQ(request->top_p, "0.10");
  EXPECT_EQ(request->max_tokens, 8);
  EXPECT_EQ(request->stop, (std::vector<chat::raw_text>{"a", "b"}));
  EXPECT_EQ(request->user, "u");
  EXPECT_EQ(request->parallel_tool_calls, false);
  EXPECT_EQ(request->reasoning_effort, "high");
  ASSERT_EQ(request->tools.size(), 1u);
  EXPECT_EQ(request->tools[0].name, "f");
  EXPECT_EQ(request->tools[0].description, "d");
  EXPECT_EQ(request->tools[0].parameters, R"({"type":"object"})");
  EXPECT_EQ(request->tools[0].strict, "true");
  EXPECT_EQ(request->tools[0].cache_control, R"({"type":"ephemeral"})");
  EXPECT_EQ(request->tool_choice, chat::tool_choice_kind::named);
  EXPECT_EQ(request->tool_choice_name, "f");
  ASSERT_EQ(request->messages.size(), 1u);
  EXPECT_EQ(request->messages[0].from, chat::role::user);
  EXPECT_EQ(request->messages[0].parts[0].text, R"(a\nb)");
  EXPECT_TRUE(request->unread.empty());
}

TEST(openai_request, text_is_never_touched) {
  constexpr std::string_view odd = R"(\u00e9\ud83d\/\"\\ é 日本)";
  read const request(R"({"messages":[{"role":"user","content":")" + std::string(odd) + R"("}]})");
  EXPECT_EQ(request->messages[0].parts[0].text, odd);
}

TEST(openai_request, calls_come_after_content) {
  read const request(R"({"messages":[{"tool_calls":[{"function":{"arguments":"{\"a\":1}","name":"f"},"id":"x"},
    {"type":"custom","id":"y","custom":{"name":"g","input":"raw \"text\""}}],
    "content":[{"type":"text","text":"t"},{"type":"refusal","refusal":"r"}],"role":"assistant"}]})");
  ASSERT_TRUE(request.result);
  auto const& parts = request->messages[0].parts;
  ASSERT_EQ(parts.size(), 4u);
  EXPECT_EQ(parts[0].text, "t");
  EXPECT_EQ(parts[1].kind, chat::part_kind::refusal);
  EXPECT_EQ(parts[2].name, "f");
  EXPECT_EQ(parts[2].input, R"({"a":1})");
  EXPECT_EQ(parts[3].id, "y");
  EXPECT_EQ(parts[3].input, R"({"input":"raw \"text\""})");
}

// providers-native.md §2.6: the form of Google's compatible endpoints, and who made the seal.
TEST(openai_request, calls_bring_their_seals) {
  auto const read_call = [](std::string_view extra) {
    read const request(R"({"messages":[{"role":"assistant","tool_calls":[{"extra_content":)" + std::string(extra) +
                       R"(,"id":"x","type":"function","function":{"name":"f","arguments":"{}"}}]}]})");
    EXPECT_TRUE(request.result) << extra;
    auto const& call = request->messages.at(0).parts.at(0);
    return std::string(call.id) + "/" + std::string(call.signature) + "/" + std::string(call.producer);
  };
  EXPECT_EQ(read_call(R"({"google":{"thought_signature":"S=="}})"), "x/S==/");
  EXPECT_EQ(read_call(R"({"vertex":{"thought_signature":"V"},"recloser":{"model":"m"}})"), "x/V/m");
  for (auto const odd : {"null", "7", "[]", "{}", R"({"google":7})", R"({"google":{"thought_signature":7}})"}) {
    EXPECT_EQ(read_call(odd), "x//") << odd;
  }
}

TEST(openai_request, views_survive_a_move) {
  read const request(
      R"({"messages":[{"role":"assistant","tool_calls":[{"id":"x","function":{"name":"f","arguments":"{\"a\":1}"}}]}]})");
  auto read_again = read::read_body(request.body.view());
  auto const moved = std::move(*read_again);
  EXPECT_EQ(moved.messages[0].parts[0].input, R"({"a":1})");
}

struct wrong {
  char const* members;
  char const* param;
  char const* code;
};

TEST(openai_request, names_what_is_wrong) {
  std::vector<wrong> const cases = {
      {R"("messages":[])", "messages", "invalid_value"},
      {R"("messages":"hi")", "messages", "invalid_type"},
      {R"("messages":null)", "messages", "missing_required_parameter"},
      {R"("model":"m")", "messages", "missing_required_parameter"},
      {R"("messages":[1])", "messages[0]", "invalid_type"},
      {R"("messages":[{"role":"assistant","tool_calls":"none"}])", "messages[0].tool_calls", "invalid_type"},
      {R"("messages":[{"content":"a"}])", "messages[0].role", "missing_required_parameter"},
      {R"("messages":[{"role":"user","content":"a"},{"role":"robot","content":"a"}])", "messages[1].role",
       "invalid_value"},
      {R"("messages":[{"role":"user"}])", "messages[0].content", "missing_required_parameter"},
      {R"("messages":[{"role":"user","content":null}])", "messages[0].content", "missing_required_parameter"},
      {R"("messages":[{"role":"user","content":7}])", "messages[0].content", "invalid_type"},
      {R"("messages":[{"role":"user","content":[{"type":"text"}]}])", "messages[0].content[0].text", "invalid_type"},
      {R"("messages":[{"role":"system","content":[{"type":"image_url","image_url":{"url":"https://e.com"}}]}])",
       "messages[0].content", "invalid_type"},
      {R"("messages":[{"role":"assistant","tool_calls":[7]}])", "messages[0].tool_calls", "invalid_type"},
      {R"("messages":[{"role":"assistant","tool_calls":[{"id":"x"}]}])", "messages[0].tool_calls[].function.name",
       "missing_required_parameter"},
      {R"("model":7)", "model", "invalid_type"},
      {R"("stream":"yes")", "stream", "invalid_type"},
      {R"("stream_options":{"include_usage":1})", "stream_options.include_usage", "invalid_type"},
      {R"("temperature":"warm")", "temperature", "invalid_type"},
      {R"("top_p":[])", "top_p", "invalid_type"},
      {R"("max_tokens":0)", "max_tokens", "invalid_value"},
      {R"("max_tokens":1.5)", "max_tokens", "invalid_type"},
      {R"("max_tokens":1e99)", "max_tokens", "invalid_type"},
      {R"("max_completion_tokens":-5)", "max_completion_tokens", "invalid_value"},
      {R"("stop":7)", "stop", "invalid_type"},
      {R"("stop":["a",7])", "stop", "invalid_type"},
      {R"("reasoning_effort":"very")", "reasoning_effort", "invalid_value"},
      {R"("reasoning":{"effort":7})", "reasoning.effort", "invalid_type"},
      {R"("response_format":"json")", "response_format", "invalid_type"},
      {R"("response_format":{"type":"xml"})", "response_format.type", "invalid_value"},
      {R"("response_format":{"type":"json_schema","json_schema":{"name":"x"}})", "response_format.json_schema.schema",
       "missing_required_parameter"},
      {R"("n":2)", "n", "unsupported_value"},
      {R"("n":"1")", "n", "invalid_type"},
      {R"("modalities":["text","audio"])", "modalities", "unsupported_value"},
      {R"("functions":[{"name":"f"}])", "functions", "unsupported_value"},
      {R"("tools":{})", "tools", "invalid_type"},
      {R"("tools":[7])", "tools[0]", "invalid_type"},
      {R"("tools":[{"type":"function","function":{"description":"x"}}])", "tools[0].function.name",
       "missing_required_parameter"},
      {R"("tools":[{"type":"function","function":{"name":"f","parameters":"x"}}])", "tools[0].function.parameters",
       "invalid_type"},
      {R"("tool_choice":"maybe")", "tool_choice", "invalid_value"},
      {R"("tool_choice":7)", "tool_choice", "invalid_type"},
      {R"("tool_choice":{"type":"function"})", "tool_choice.function.name", "missing_required_parameter"},
      {R"("tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto"}})", "tool_choice.allowed_tools.tools",
       "invalid_type"},
      {R"("tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"x","tools":[{"name":"f"}]}})", "tool_choice",
       "invalid_value"},
      {R"("thinking":true)", "thinking", "invalid_type"},
      {R"("user":7)", "user", "invalid_type"},
  };
  for (auto const& each : cases) {
    std::string const members = each.members;
    bool const own = members.starts_with(R"("messages")") || members == R"("model":"m")";
    read const request(own ? "{" + members + "}" : R"({"messages":[{"role":"user","content":"hi"}],)" + members + "}");
    ASSERT_FALSE(request.result) << members;
    auto const fault = request.result.error();
    EXPECT_EQ(fault.param, each.param) << members;
    EXPECT_EQ(fault.code, each.code) << members;
    EXPECT_EQ(fault.what, chat::fault_class::client_fault);
    EXPECT_EQ(fault.status, 400);
    EXPECT_NE(fault.message, "");
  }
}

TEST(openai_request, faults_stay_short) {
  read const request(R"({"messages":[{"role":")" + std::string(10000, 'x') + R"(","content":"a"}]})");
  EXPECT_LT(request.result.error().message.size(), 300u);
}

TEST(openai_request, null_is_as_good_as_nothing) {
  std::string all =
      R"({"messages":[{"role":"user","content":"hi","name":null,"tool_calls":null,"refusal":null,"audio":null}])";
  for (auto const name :
       {"temperature", "top_p", "max_tokens", "max_completion_tokens", "stop", "tools", "tool_choice", "n",
        "response_format", "reasoning_effort", "stream", "stream_options", "seed", "anything", "user", "functions"}) {
    all += std::string(",\"") + name + "\":null";
  }
  read const request(all + "}");
  ASSERT_TRUE(request.result) << request.result.error().message;
  EXPECT_TRUE(request->unread.empty());
}

// Quadratic reading of a hostile body would show here: this takes milliseconds when it is linear and minutes when not.
TEST(openai_request, hostile_bodies_cost_no_more_than_their_size) {
  std::string parts, calls, results;
  constexpr int many = 20'000;
  for (int i = 0; i < many; ++i) {
    parts += i ? R"(,{"type":"text","text":"x"})" : R"({"type":"text","text":"x"})";
    calls += (i ? "," : "") + std::string(R"({"id":"same","function":{"name":"f"}})");
    results += R"(,{"role":"tool","content":"r"})";
  }
  auto const body = R"({"messages":[{"role":"user","content":[)" + parts + R"(]},{"role":"assistant","tool_calls":[)" +
                    calls + "]}" + results + R"(,{"role":"tool","tool_call_id":"same","content":"r"}]})";
  auto const out = write(body, "claude-sonnet-4-5");
  EXPECT_EQ(out.fault, "");
  EXPECT_NE(out.upstream.find(R"("id":"same_20000")"), std::string::npos);
}

// ---- writing a whole answer ------------------------------------------------------------------------------------

std::string written_message(chat::reply const& answer) {
  std::string out;
  write_reply(answer, 1, out);
  std::vector<chat::raw_json> choices;
  json::elements_of(json::find(out, "choices"), choices);
  return std::string(json::find(choices.at(0), "message"));
}

chat::part text(std::string_view what, chat::part_kind kind = chat::part_kind::text) {
  chat::part out;
  out.kind = kind;
  out.text = what;
  return out;
}

TEST(openai_reply, content_is_null_only_beside_calls_or_a_refusal) {
  chat::reply answer;
  EXPECT_EQ(written_message(answer), R"({"role":"assistant","content":"","refusal":null})");
  answer.parts = {text("a"), text(R"(\n)"), text("b")};
  EXPECT_EQ(written_message(answer), R"({"role":"assistant","content":"a\nb","refusal":null})");
  answer.parts = {text("no", chat::part_kind::refusal)};
  EXPECT_EQ(written_message(answer), R"({"role":"assistant","content":null,"refusal":"no"})");
  chat::part call;
  call.kind = chat::part_kind::tool_call;
  call.id = "x";
  call.name = "f";
  call.input = R"({"q": "\u0022"})";
  answer.parts = {call};
  EXPECT_EQ(written_message(answer),
            R"({"role":"assistant","content":null,"refusal":null,"tool_calls":[{"id":"x","type":"function","function":)"
            R"({"name":"f","arguments":"{\"q\": \"\\u0022\"}"}}]})");
}

TEST(openai_reply, a_call_carries_its_seal) {
  chat::reply answer;
  auto& call = answer.parts.emplace_back();
  call.kind = chat::part_kind::tool_call;
  call.id = "x";
  call.name = "f";
  call.signature = "S=";
  EXPECT_TRUE(written_message(answer).ends_with(
      R"("arguments":"{}"},"extra_content":{"google":{"thought_signature":"S="}}}]})"))
      << written_message(answer);
  answer.model = "m";
  EXPECT_TRUE(written_message(answer).ends_with(
      R"("extra_content":{"google":{"thought_signature":"S="},"recloser":{"model":"m"}}}]})"))
      << written_message(answer);
}

TEST(openai_reply, finish_reasons) {
  struct {
    chat::finish_reason finish;
    bool calls;
    char const* word;
  } const cases[] = {
      {chat::finish_reason::none, false, "stop"},      {chat::finish_reason::stop, false, "stop"},
      {chat::finish_reason::stop, true, "tool_calls"}, {chat::finish_reason::tool_calls, true, "tool_calls"},
      {chat::finish_reason::length, true, "length"},   {chat::finish_reason::content_filter, false, "content_filter"},
  };
  for (auto const& each : cases) {
    chat::reply answer;
    answer.finish = each.finish;
    if (each.calls) answer.parts.emplace_back().kind = chat::part_kind::tool_call;
    std::string out;
    write_reply(answer, 1, out);
    EXPECT_NE(out.find(std::string(R"("finish_reason":")") + each.word + "\""), std::string::npos) << out;
  }
}

TEST(openai_reply, always_has_an_id) {
  std::string out;
  write_reply({}, 17, out);
  EXPECT_TRUE(out.starts_with(R"({"id":"chatcmpl-)")) << out;
  EXPECT_NE(out.find(R"(","object":"chat.completion","created":17,)"), std::string::npos) << out;
}

// ---- writing chunks --------------------------------------------------------------------------------------------

std::string chunks(std::vector<event> const& events, bool usage_wanted = false) {
  chunk_writer writer(7, usage_wanted);
  std::string out;
  for (auto const& each : events) writer.put(each, out);
  return out;
}

event make(event_kind kind, std::string_view text = {}) {
  event out;
  out.kind = kind;
  out.text = text;
  return out;
}

event start() {
  auto out = make(event_kind::start);
  out.id = "i";
  out.model = "m";
  return out;
}

constexpr std::string_view head =
    R"(data: {"id":"i","object":"chat.completion.chunk","created":7,"model":"m","choices":[)";

std::string chunk(std::string_view delta, std::string_view finish = "null") {
  return std::string(head) + R"({"index":0,"delta":)" + std::string(delta) + R"(,"finish_reason":)" +
         std::string(finish) + "}]}\n\n";
}

TEST(openai_chunks, role_first_and_once) {
  EXPECT_EQ(chunks({start(), start(), make(event_kind::text, "a")}),
            chunk(R"({"role":"assistant","content":""})") + chunk(R"({"content":"a"})"));
}

TEST(openai_chunks, begin_without_a_start) {
  auto const out = chunks({make(event_kind::text, "a")});
  EXPECT_TRUE(out.starts_with(R"(data: {"id":"chatcmpl-)")) << out;
  EXPECT_NE(out.find(R"("role":"assistant")"), std::string::npos);
}

TEST(openai_chunks, one_finish_and_done_last) {
  auto finish = make(event_kind::finish);
  finish.finish = chat::finish_reason::length;
  EXPECT_EQ(
      chunks({start(), finish, finish, make(event_kind::end), make(event_kind::text, "late"), make(event_kind::end)}),
      chunk(R"({"role":"assistant","content":""})") + chunk("{}", "\"length\"") + "data: [DONE]\n\n");
  EXPECT_EQ(chunks({start(), make(event_kind::end)}),
            chunk(R"({"role":"assistant","content":""})") + chunk("{}", "\"stop\"") + "data: [DONE]\n\n")
      << "an end without a reason still has one";
}

TEST(openai_chunks, finish_is_tool_calls_when_there_were_calls) {
  auto call = make(event_kind::tool_start);
  call.id = "x";
  call.name = "f";
  auto finish = make(event_kind::finish);
  finish.finish = chat::finish_reason::stop;
  EXPECT_TRUE(chunks({start(), call, finish}).ends_with(chunk("{}", "\"tool_calls\"")));
}

TEST(openai_chunks, id_type_and_name_only_in_the_first_delta_of_a_call) {
  auto call = make(event_kind::tool_start);
  call.id = "x";
  call.name = "f";
  call.index = 12;
  auto arguments = make(event_kind::tool_arguments, R"({\"a\":1})");
  arguments.index = 12;
  EXPECT_EQ(
      chunks({start(), call, arguments}),
      chunk(R"({"role":"assistant","content":""})") +
          chunk(R"({"tool_calls":[{"index":12,"id":"x","type":"function","function":{"name":"f","arguments":""}}]})") +
          chunk(R"({"tool_calls":[{"index":12,"function":{"arguments":"{\"a\":1}"}}]})"));
}

TEST(openai_chunks, a_call_carries_its_seal) {
  auto call = make(event_kind::tool_start);
  call.id = "x";
  call.name = "f";
  call.signature = "S=";
  EXPECT_TRUE(chunks({start(), call})
                  .ends_with(chunk(
                      R"({"tool_calls":[{"index":0,"id":"x","type":"function","function":{"name":"f","arguments":""},)"
                      R"("extra_content":{"google":{"thought_signature":"S="},"recloser":{"model":"m"}}}]})")));
}

TEST(openai_chunks, logprobs_stand_beside_the_delta) {
  EXPECT_TRUE(chunks({start(), make(event_kind::logprobs, R"({"content":[]})")})
                  .ends_with(std::string(head) +
                             R"({"index":0,"delta":{},"logprobs":{"content":[]},"finish_reason":null}]})"
                             "\n\n"));
}

TEST(openai_chunks, usage_only_when_asked_in_a_chunk_without_choices) {
  auto end = make(event_kind::end);
  end.usage.in_uncached = 3;
  end.usage.in_cache_read = 4;
  end.usage.in_cache_write_1h = 5;
  end.usage.out_text = 6;
  end.usage.out_reasoning = 7;
  EXPECT_EQ(chunks({start(), end}).find("usage"), std::string::npos);
  EXPECT_TRUE(
      chunks({start(), end}, true)
          .ends_with(
              std::string(head) +
              R"(],"usage":{"prompt_tokens":12,"completion_tokens":13,"total_tokens":25,"prompt_tokens_details":)"
              R"({"cached_tokens":4,"cache_write_tokens":5},"completion_tokens_details":{"reasoning_tokens":7}}})"
              "\n\ndata: [DONE]\n\n"));
}

TEST(openai_chunks, have_no_key_that_clients_take_for_an_error) {
  std::vector<event> all = {start()};
  for (auto const kind :
       {event_kind::text, event_kind::reasoning, event_kind::refusal, event_kind::tool_start,
        event_kind::tool_arguments, event_kind::signature, event_kind::redacted, event_kind::finish, event_kind::end}) {
    all.push_back(make(kind, "t"));
  }
  auto rest = chunks(all, true);
  EXPECT_EQ(rest.find("\"error\""), std::string::npos);
  EXPECT_EQ(rest.find('\r'), std::string::npos);
  int count = 0;
  for (std::size_t end; (end = rest.find("\n\n")) != std::string::npos; rest.erase(0, end + 2), ++count) {
    auto const line = rest.substr(0, end);
    ASSERT_TRUE(line.starts_with("data: ")) << line;
    if (line == "data: [DONE]") continue;
    auto const object = line.substr(6);
    EXPECT_TRUE(json::scan_object(padded(object).view())) << object;
    EXPECT_EQ(json::find(object, "choices").front(), '[');
  }
  EXPECT_EQ(count, 11);
  EXPECT_EQ(rest, "");
}

}  // namespace
}  // namespace recloser::dialects::openai_chat
