// Tool calls in the text (providers-openai-shaped.md §18), each grammar as its model's template writes it.

#include <algorithm>
#include <iterator>
#include <random>

#include "dialects/model_text/loose_json.hpp"
#include "model_text_fixture.hpp"

namespace recloser::dialects::model_text {
namespace {

struct call_case {
  char const* what;
  reading how;
  std::string text;
  std::string expected;
};

void check(std::vector<call_case> const& cases) {
  for (auto const& each : cases) {
    SCOPED_TRACE(each.what);
    expect_reading(each.text, each.how, each.expected);
  }
}

std::string const paris = "call: get_weather {\"city\": \"Paris\"}\n";
std::string const oslo = "call: get_weather {\"city\": \"Oslo\"}\n";
std::string const json_paris = R"({"name": "get_weather", "arguments": {"city": "Paris"}})";
std::string const json_oslo = R"({"name": "get_weather", "arguments": {"city": "Oslo"}})";

std::string as_text(std::string const& text) { return "text: " + text + '\n'; }

// ---- grammars --------------------------------------------------------------------------------------------------

TEST(model_text_calls, hermes) {
  std::string const call = "<tool_call>\n" + json_paris + "\n</tool_call>";
  check({
      {"one call", {"qwen"}, call, paris},
      {"text before", {"qwen"}, "I'll look.\n\n" + call, as_text("I'll look.") + paris},
      {"several calls", {"qwen"}, call + "\n<tool_call>\n" + json_oslo + "\n</tool_call>\n", paris + oslo},
      {"several in one block",
       {"qwen"},
       "<tool_call>\n" + json_paris + "\n" + json_oslo + "\n</tool_call>",
       paris + oslo},
      {"text on all sides",
       {"qwen"},
       "a\n" + call + "\n\nb\n" + call + "\nc\n",
       as_text("a") + paris + as_text("\nb") + paris + as_text("\nc\n")},
      {"closing tag forgotten", {"qwen"}, "<tool_call>" + json_paris, paris},
      {"closing tags forgotten", {"qwen"}, "<tool_call>" + json_paris + "\n<tool_call>" + json_oslo, paris + oslo},
      {"behind thinking", {"qwen"}, "<think>\nhm\n</think>\n\n" + call, "think: hm\n" + paris},
      {"parameters",
       {"qwen"},
       R"(<tool_call>{"name":"get_weather","parameters":{"city":"Paris"}}</tool_call>)",
       "call: get_weather {\"city\":\"Paris\"}\n"},
      {"arguments as a string",
       {"qwen"},
       R"(<tool_call>{"name":"get_weather","arguments":"{\"city\":\"P\\u00e9 \\\"x\\\"\"}"}</tool_call>)",
       "call: get_weather {\"city\":\"P\\u00e9 \\\"x\\\"\"}\n"},
      {"no arguments", {"qwen"}, R"(<tool_call>{"name":"now"}</tool_call>)", "call: now {}\n"},
      {"null arguments", {"qwen"}, R"(<tool_call>{"name":"now","arguments":null}</tool_call>)", "call: now {}\n"},
      {"OpenAI's nesting",
       {"qwen"},
       R"(<tool_call>{"type":"function","function":{"name":"now","arguments":"{}"}}</tool_call>)",
       "call: now {}\n"},
      {"the tag in the arguments",
       {"qwen"},
       R"(<tool_call>{"name":"write_file","arguments":{"path":"a","content":"</tool_call>}"}}</tool_call>)",
       "call: write_file {\"path\":\"a\",\"content\":\"</tool_call>}\"}\n"},
      {"unicode",
       {"qwen"},
       R"(<tool_call>{"name":"get_weather","arguments":{"city":"Zürich 😀"}}</tool_call>)",
       "call: get_weather {\"city\":\"Zürich 😀\"}\n"},
      {"namespace", {"qwen"}, R"(<tool_call>{"name":"functions.now","arguments":{}}</tool_call>)", "call: now {}\n"},
  });
}

TEST(model_text_calls, qwen_xml) {
  std::string const head = "<function=get_weather>\n";
  check({
      {"one call",
       {"qwen"},
       "<tool_call>\n" + head +
           "<parameter=city>\nNew\nYork \n</parameter>\n<parameter=days>\n3\n</parameter>\n"
           "<parameter=metric>\nTrue\n</parameter>\n</function>\n</tool_call>",
       "call: get_weather {\"city\":\"New\\nYork \",\"days\":3,\"metric\":true}\n"},
      {"without the outer tag",
       {"qwen"},
       head + "<parameter=city>Paris</parameter></function>\n",
       "call: get_weather {\"city\":\"Paris\"}\n"},
      {"outer tag closed only",
       {"qwen"},
       "ok\n" + head + "<parameter=city>\nParis\n</parameter>\n</function>\n</tool_call>",
       as_text("ok") + "call: get_weather {\"city\":\"Paris\"}\n"},
      {"two calls",
       {"qwen"},
       "<tool_call>\n<function=now>\n</function>\n</tool_call>\n<tool_call>\n" + head +
           "<parameter=days>\nmany\n</parameter>\n</function>\n</tool_call>",
       "call: now {}\ncall: get_weather {\"days\":\"many\"}\n"},
      {"two in one tag",
       {"qwen"},
       "<tool_call>\n<function=now>\n</function>\n<function=now></function></tool_call>",
       "call: now {}\ncall: now {}\n"},
      {"parameter not closed",
       {"qwen"},
       head + "<parameter=city>\nParis\n<parameter=days>\n2\n</function>",
       "call: get_weather {\"city\":\"Paris\",\"days\":2}\n"},
      {"markup in a value",
       {"qwen"},
       "<function=write_file>\n<parameter=path>\na.md\n</parameter>\n<parameter=content>\n\n<b>\"x\"</b> "
       "<parameter=other> "
       "\\n\n\n</parameter>\n</function>",
       "call: write_file {\"path\":\"a.md\",\"content\":\"\\n<b>\\\"x\\\"</b> <parameter=other> \\\\n\\n\"}\n"},
      {"values of many types",
       {"qwen"},
       head + "<parameter=tags>\n[\"a\", 'b']\n</parameter>\n<parameter=place>\n{\"lat\": 1.50}\n</parameter>\n"
              "<parameter=any>5</parameter>\n<parameter=zip>null</parameter>\n<parameter=more>{\"a\":1}</parameter>\n</"
              "function>",
       "call: get_weather "
       "{\"tags\":[\"a\",\"b\"],\"place\":{\"lat\":1.50},\"any\":\"5\",\"zip\":null,\"more\":{\"a\":1}}\n"},
      {"cut off at the end", {"qwen"}, head + "<parameter=city>\nPar", "call: get_weather {\"city\":\"Par\"}\n"},
      {"cut off by the limit",
       {"qwen", chat::finish_reason::length},
       head + "<parameter=city>\nPar",
       as_text(head + "<parameter=city>\nPar")},
  });
}

TEST(model_text_calls, glm) {
  check({
      {"one call",
       {"glm"},
       "<think>hm</think>\n<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>Paris</arg_value>\n"
       "<arg_key>days</arg_key>\n<arg_value>3</arg_value>\n</tool_call>",
       "think: hm\ncall: get_weather {\"city\":\"Paris\",\"days\":3}\n"},
      {"without line breaks",
       {"glm"},
       "<tool_call>get_weather<arg_key>city</arg_key><arg_value>a\n<b></arg_value></tool_call>",
       "call: get_weather {\"city\":\"a\\n<b>\"}\n"},
      {"no arguments",
       {"glm"},
       "<tool_call>now\n</tool_call>\n<tool_call>now</tool_call>",
       "call: now {}\ncall: now {}\n"},
      {"unknown", {"glm"}, "<tool_call>later\n</tool_call>", as_text("<tool_call>later\n</tool_call>")},
  });
}

TEST(model_text_calls, llama) {
  std::string const json = R"({"name": "get_weather", "parameters": {"city": "Paris"}})";
  std::string const other = R"({"type": "function", "name": "get_weather", "parameters": {"city": "Oslo"}})";
  check({
      {"bare", {"llama"}, json, paris},
      {"bare with white space and an end", {"llama"}, "\n" + json + "<|eom_id|>\n", paris},
      {"several bare", {"llama"}, json + "; " + other, paris + oslo},
      {"marked", {"llama"}, "<|python_tag|>" + json + "; " + other + "<|eom_id|>", paris + oslo},
      {"text before the mark", {"llama"}, "Sure. <|python_tag|>" + json, as_text("Sure.") + paris},
      {"built-in",
       {"llama"},
       "<|python_tag|>brave_search.call(query=\"a (b), c\")<|eom_id|>",
       "call: brave_search {\"query\":\"a (b), c\"}\n"},
      {"custom", {"llama"}, "<function=get_weather>{\"city\": \"Paris\"}</function>", paris},
      {"an answer in JSON", {"llama"}, R"({"city": "Paris"} is it)", as_text(R"({"city": "Paris"} is it)")},
      {"an answer that looks like a call", {"llama"}, json + " is what I call", as_text(json + " is what I call")},
      {"bare in another family", {"qwen"}, json, as_text(json)},
      {"bare without tools", {"llama", chat::finish_reason::stop, false}, json, as_text(json)},
      {"bare and broken", {"llama", chat::finish_reason::length}, json.substr(0, 40), as_text(json.substr(0, 40))},
      {"no call, and an end", {"llama"}, "Hello<|eot_id|>", as_text("Hello")},
  });
}

TEST(model_text_calls, pythonic) {
  std::string const list =
      "[get_weather(city=\"Paris\", days=2, metric=True, tags=['a', \"it's\"], place={'x': None}), now()]";
  std::string const calls =
      "call: get_weather "
      "{\"city\":\"Paris\",\"days\":2,\"metric\":true,\"tags\":[\"a\",\"it's\"],\"place\":{\"x\":null}}\n"
      "call: now {}\n";
  check({
      {"bare", {"llama"}, list, calls},
      {"marked", {"llama"}, "<|python_start|>" + list + "<|python_end|>", calls},
      {"text before", {"llama"}, "Look: <|python_start|>[now()]<|python_end|>", as_text("Look:") + "call: now {}\n"},
      {"JSON in a list", {"llama"}, "[" + json_paris + "]", paris},
      {"no call", {"llama"}, "[Note] that (x)", as_text("[Note] that (x)")},
      {"a link", {"llama"}, "[now](http://x)", as_text("[now](http://x)")},
      {"one unknown", {"llama"}, "[now(), later()]", as_text("[now(), later()]")},
      {"positional", {"llama"}, "[now(1)]", as_text("[now(1)]")},
      {"more behind", {"llama"}, "[now()] is it", as_text("[now()] is it")},
      {"not closed", {"llama"}, "[now(), ", as_text("[now(), ")},
  });
}

TEST(model_text_calls, mistral) {
  check({
      {"old", {"mistral"}, "[TOOL_CALLS] [" + json_paris + ", " + json_oslo + "]", paris + oslo},
      {"old with ids",
       {"mistral"},
       R"([TOOL_CALLS][{"name":"now","arguments":{},"id":"abcDEF123"}])",
       "call: now abcDEF123 {}\n"},
      {"new",
       {"mistral"},
       "[TOOL_CALLS]get_weather[ARGS]{\"city\": \"Paris\"}[TOOL_CALLS]now[CALL_ID]123456789[ARGS]{}",
       paris + "call: now 123456789 {}\n"},
      {"new without ARGS", {"mistral"}, "[TOOL_CALLS]get_weather{\"city\": \"Paris\"}", paris},
      {"text before", {"mistral"}, "Hm [1]. [TOOL_CALLS]now[ARGS]{}", as_text("Hm [1].") + "call: now {}\n"},
  });
}

TEST(model_text_calls, deepseek) {
  std::string const begin = "<｜tool▁calls▁begin｜>";
  std::string const end = "<｜tool▁calls▁end｜>";
  std::string const v3 =
      "<｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n```json\n{\"city\": \"Paris\"}\n```<｜tool▁call▁end｜>";
  std::string const v31 = "<｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{\"city\": \"Oslo\"}<｜tool▁call▁end｜>";
  check({
      {"V3", {"deepseek"}, "Ok.\n" + begin + v3 + "\n" + v3 + end, as_text("Ok.") + paris + paris},
      {"V3.1", {"deepseek"}, begin + v31 + v31 + end + "<｜end▁of▁sentence｜>", oslo + oslo},
      {"no beginning", {"deepseek"}, v31, oslo},
      {"no ends", {"deepseek"}, begin + "<｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{\"city\": \"Oslo\"}", oslo},
      {"control tokens", {"deepseek"}, "<｜Assistant｜>Hi ｜ you<｜end▁of▁sentence｜>", as_text("Hi ｜ you")},
      {"unknown tool",
       {"deepseek"},
       begin + "<｜tool▁call▁begin｜>nobody<｜tool▁sep｜>{}" + "<｜tool▁call▁end｜>" + end,
       as_text(begin + "<｜tool▁call▁begin｜>nobody{}")},
  });
}

TEST(model_text_calls, dsml) {
  auto const dsml = [](std::string const& bar, std::string const& name) {
    std::string const d = bar + "DSML" + bar;
    return "<" + d + name + ">\n<" + d + "invoke name=\"get_weather\">\n<" + d +
           "parameter name=\"city\" string=\"true\">3\n</" + d + "parameter>\n<" + d +
           "parameter name=\"days\" string=\"false\">3</" + d + "parameter>\n</" + d + "invoke>\n<" + d +
           "invoke name=\"now\">\n</" + d + "invoke>\n</" + d + name + ">";
  };
  std::string const calls = "call: get_weather {\"city\":\"3\\n\",\"days\":3}\ncall: now {}\n";
  check({
      {"tool_calls", {"deepseek"}, dsml("｜", "tool_calls"), calls},
      {"function_calls", {"deepseek"}, dsml("｜", "function_calls"), calls},
      {"ASCII bars", {"deepseek"}, "a " + dsml("|", "tool_calls"), as_text("a") + calls},
  });
}

TEST(model_text_calls, invoke) {
  std::string const invoke =
      "<invoke name=\"get_weather\">\n<parameter name=\"city\">San\nJosé</parameter>\n<parameter "
      "name=\"tags\">[\"x\"]</parameter>\n</invoke>\n";
  std::string const call = "call: get_weather {\"city\":\"San\\nJosé\",\"tags\":[\"x\"]}\n";
  check({
      {"MiniMax", {"minimax"}, "<minimax:tool_call>\n" + invoke + invoke + "</minimax:tool_call>", call + call},
      {"plain", {"deepseek"}, "Go.\n" + invoke, as_text("Go.") + call},
      {"function_calls",
       {"generic"},
       "<function_calls>\n" + invoke + "</function_calls>\nDone.",
       call + as_text("Done.")},
  });
}

TEST(model_text_calls, kimi) {
  std::string const call =
      "<|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>{\"city\": \"Paris\"}<|tool_call_end|>";
  std::string const second = "<|tool_call_begin|> functions.now:1 <|tool_call_argument_begin|> {} <|tool_call_end|>";
  std::string const calls =
      "call: get_weather functions.get_weather:0 {\"city\": \"Paris\"}\ncall: now functions.now:1 {}\n";
  check({
      {"section",
       {"kimi"},
       "Ok<|tool_calls_section_begin|>" + call + second + "<|tool_calls_section_end|>",
       as_text("Ok") + calls},
      {"singular", {"kimi"}, "<|tool_call_section_begin|>" + call + second + "<|tool_call_section_end|>", calls},
      {"no section", {"kimi"}, call + second, calls},
  });
}

TEST(model_text_calls, harmony) {
  check({
      {"commentary",
       {"gpt-oss"},
       "<|channel|>analysis<|message|>Need it.<|end|><|start|>assistant<|channel|>commentary to=functions.get_weather "
       "<|constrain|>json<|message|>{\"city\": \"Paris\"}<|call|>",
       "think: Need it.\n" + paris},
      {"recipient in the role",
       {"gpt-oss"},
       "<|start|>assistant to=functions.get_weather<|channel|>commentary json<|message|>{\"city\": \"Paris\"}",
       paris},
      {"to something else",
       {"gpt-oss"},
       "<|channel|>commentary to=python<|message|>{}",
       as_text("<|channel|>commentary to=python<|message|>{}")},
  });
}

TEST(model_text_calls, others) {
  check({
      {"LM Studio", {"generic"}, "[TOOL_REQUEST]" + json_paris + "[END_TOOL_REQUEST]", paris},
      {"Granite", {"granite"}, "<|tool_call|>[" + json_paris + "," + json_oslo + "]", paris + oslo},
      {"Cohere",
       {"cohere"},
       "<|START_ACTION|>[\n    {\"tool_call_id\": \"0\", \"tool_name\": \"now\", \"parameters\": {}}\n]<|END_ACTION|>",
       "call: now {}\n"},
      {"Jamba", {"jamba"}, "<tool_calls>[" + json_paris + "]</tool_calls>", paris},
      {"Nemotron", {"nemotron"}, "<TOOLCALL>[" + json_paris + "]</TOOLCALL>", paris},
      {"InternLM",
       {"internlm"},
       "Ok<|action_start|><|plugin|>\n" + json_paris + "<|action_end|>",
       as_text("Ok") + paris},
      {"Gemma",
       {"gemma"},
       "<|tool_call>call:get_weather{city:<|\"|>Pa\"r}is<|\"|>,days:3,metric:true,tags:[<|\"|>a<|\"|>]}<tool_call|><"
       "turn|>",
       "call: get_weather {\"city\":\"Pa\\\"r}is\",\"days\":3,\"metric\":true,\"tags\":[\"a\"]}\n"},
      {"Functionary", {"functionary"}, "Ok\n>>>get_weather\n{\"city\": \"Paris\"}", as_text("Ok") + paris},
      {"Functionary, inside a line", {"functionary"}, "a >>>now\n{}", as_text("a >>>now\n{}")},
  });
}

// ---- repairs ---------------------------------------------------------------------------------------------------

TEST(model_text_calls, damage_that_is_mended) {
  auto const in_tag = [](std::string const& json) { return "<tool_call>" + json + "</tool_call>"; };
  check({
      {"fences", {}, in_tag("\n```json\n" + json_paris + "\n```\n"), paris},
      {"commas",
       {},
       in_tag(R"({"name":"get_weather","arguments":{"city":"Paris",},})"),
       "call: get_weather {\"city\":\"Paris\"}\n"},
      {"line breaks in strings",
       {},
       in_tag("{\"name\":\"get_weather\",\"arguments\":{\"city\":\"Pa\nris\tx\"}}"),
       "call: get_weather {\"city\":\"Pa\\nris\\tx\"}\n"},
      {"Python",
       {},
       in_tag("{'name': 'get_weather', 'arguments': {'city': \"it's\", 'metric': True, 'tags': None}}"),
       "call: get_weather {\"city\":\"it's\",\"metric\":true,\"tags\":null}\n"},
      {"Python escapes",
       {},
       in_tag(R"({'name': 'get_weather', 'arguments': {'city': 'it\'s \x41 \d "q"'}})"),
       "call: get_weather {\"city\":\"it's \\u0041 \\\\d \\\"q\\\"\"}\n"},
      {"a bracket is missing",
       {},
       in_tag(R"({"name":"get_weather","arguments":{"city":"Paris"})"),
       "call: get_weather {\"city\":\"Paris\"}\n"},
      {"open at the end",
       {},
       R"(<tool_call>{"name":"get_weather","arguments":{"city":"Par)",
       "call: get_weather {\"city\":\"Par\"}\n"},
      {"numbers stay",
       {},
       in_tag(R"({'name':'get_weather','arguments':{"days":1.50e2}})"),
       "call: get_weather {\"days\":1.50e2}\n"},
  });
}

TEST(model_text_calls, damage_that_is_not) {
  auto const stays = [](char const* what, std::string const& text,
                        chat::finish_reason finish = chat::finish_reason::stop) {
    return call_case{what, {.finish = finish}, text, as_text(text)};
  };
  check({
      stays("open after the limit", R"(<tool_call>{"name":"get_weather","arguments":{"city":"Par)",
            chat::finish_reason::length),
      stays("no name", R"(<tool_call>{"arguments":{"city":"Paris"}}</tool_call>)"),
      stays("name is no string", R"(<tool_call>{"name":7,"arguments":{}}</tool_call>)"),
      stays("unknown name", R"(<tool_call>{"name":"nobody","arguments":{}}</tool_call>)"),
      stays("arguments are a list", R"(<tool_call>{"name":"now","arguments":[1]}</tool_call>)"),
      stays("arguments are no JSON", R"(<tool_call>{"name":"now","arguments":"x"}</tool_call>)"),
      stays("quotes inside", R"(<tool_call>{"name":"now","arguments":{"a":"say "hi" now"}}</tool_call>)"),
      stays("a key without a value", R"(<tool_call>{"name":"now","arguments":{"a"</tool_call>)"),
      stays("bad number", R"(<tool_call>{"name":"now","arguments":{"a":01}}</tool_call>)"),
      stays("one of two is unknown", "[TOOL_CALLS][" + json_paris + R"(,{"name":"nobody","arguments":{}}])"),
      stays("too deep", "<tool_call>{\"name\":\"now\",\"arguments\":{\"a\":" + std::string(70, '[') +
                            std::string(70, ']') + "}}</tool_call>"),
  });
}

// ---- false alarms ----------------------------------------------------------------------------------------------

TEST(model_text_calls, false_alarms) {
  std::string const call = "<tool_call>" + json_paris + "</tool_call>";
  auto const stays = [](char const* what, std::string const& text) { return call_case{what, {}, text, as_text(text)}; };
  check({
      stays("in a code block", "Like this:\n```xml\n" + call + "\n```\nGot it?"),
      stays("in a longer code block", "````\n```\n" + call + "\n```\n````\n"),
      stays("in a code block of tildes", "~~~\n" + call + "\n~~~"),
      stays("in an open code block", "```\n" + call),
      stays("in inline code", "Write `" + call + "` here, or ``" + call + "``."),
      stays("in triple inline code", "```" + call + "``` is it"),
      stays("only the tag", "The tag <tool_call> begins it."),
      stays("begun at the end", "see <tool_ca"),
      stays("begun block at the end", "see <tool_call>\n"),
      stays("other tags", "<tool> <tools> <function> <b>[TOOL] <|x|> <｜"),
      stays("half a marker twice", "<tool_<tool_ca [TOOL_[TOOL_C"),
  });
  check({
      {"behind a code block", {}, "```\nx\n```\n" + call, as_text("```\nx\n```") + paris},
      {"behind inline code", {}, "`x` " + call, as_text("`x`") + paris},
      {"behind one stray backtick", {}, "it`s\n" + call, as_text("it`s") + paris},
      {"behind a false one", {}, "<tool_call> is the tag. " + call, as_text("<tool_call> is the tag.") + paris},
      {"inside a false one",
       {},
       "<tool_call>{\"name\": <tool_call>" + json_paris + "</tool_call>",
       as_text("<tool_call>{\"name\":") + paris},
      {"without tools", {.with_tools = false}, call, as_text(call)},
  });
}

TEST(model_text_calls, in_thoughts) {
  std::string const call = "<tool_call>" + json_paris + "</tool_call>";
  check({
      {"is a thought",
       {"qwen"},
       "<think>maybe " + call + " or not</think>b",
       "think: maybe " + call + " or not\ntext: b\n"},
      {"is a thought at its end too",
       {"qwen"},
       "<think>maybe " + call + "\n</think>\nb",
       "think: maybe " + call + "\ntext: b\n"},
      {"thinking not closed", {"qwen"}, "<think>I call.\n" + call + "\n" + call, "think: I call.\n" + paris + paris},
      {"it never began", {"deepseek-r1"}, call, paris},
      {"a thought, and then a call", {"qwen"}, "<think>" + call + "</think>" + call, "think: " + call + "\n" + paris},
  });
}

// ---- bounds ----------------------------------------------------------------------------------------------------

TEST(model_text_calls, bounds) {
  std::string many;
  for (int i = 0; i < 130; ++i) many += "<tool_call>{\"name\":\"now\"}</tool_call>";
  auto const found = read({json::escaped(many)}, {});
  auto const calls = std::ranges::count(found.list(), finding::kind::call, &finding::what);
  EXPECT_EQ(calls, 128);

  auto const text_of = [](std::string const& plain) {
    auto const escaped = json::escaped(plain);
    std::vector<std::string_view> pieces;
    for (std::size_t i = 0; i < escaped.size(); i += 4096) pieces.push_back(std::string_view(escaped).substr(i, 4096));
    auto const out = read(pieces, {});
    std::string text;
    for (auto const& each : out.list()) text += json::decode(out.text_of(each));
    return text;
  };
  std::string const endless = "<tool_call>{\"name\":\"now\",\"arguments\":{\"a\":\"" + std::string(3u << 20, 'x');
  EXPECT_EQ(text_of(endless), endless);
  std::string nested;  // every marker would hold back all that follows it
  while (nested.size() < (3u << 20)) nested += "<tool_call>{\"";
  EXPECT_EQ(text_of(nested), nested);
  std::string const blanks = "a" + std::string(1u << 20, ' ') + "b";
  EXPECT_EQ(text_of(blanks), blanks);
}

TEST(model_text_calls, a_long_call_in_small_pieces_is_cheap) {
  std::string const call = "<tool_call><function=write_file>\n<parameter=path>a</parameter><parameter=content>" +
                           std::string(500u << 10, 'x') + "</parameter></function></tool_call>";
  std::vector<std::string_view> pieces;
  for (std::size_t i = 0; i < call.size(); i += 3) pieces.push_back(std::string_view(call).substr(i, 3));
  auto const found = read(pieces, {"qwen"});
  ASSERT_EQ(found.list().size(), 1u);
  EXPECT_EQ(found.call_of(found.list()[0]).arguments.size(), (500u << 10) + 25);
}

/// Texts put together from pieces of markup at random: however they are cut, the result is the same; without tools and
/// thinking they stay as they are.
TEST(model_text_calls, cuts_never_matter) {
  std::string_view const scraps[] = {
      "<tool_call>",
      "</tool_call>",
      "<think>",
      "</think>",
      "{",
      "}",
      "\"name\":",
      "\"now\"",
      ",\"arguments\":{}",
      "\n",
      " ",
      "`",
      "```",
      "<function=now>",
      "</function>",
      "<parameter=a>",
      "</parameter>",
      "x",
      "é",
      "😀",
      "[TOOL_CALLS]",
      "now",
      "[ARGS]",
      "{}",
      "[now()]",
      "<｜tool▁calls▁begin｜>",
      "<｜tool▁call▁begin｜>",
      "<｜tool▁sep｜>",
      "[",
      "]",
      ";",
      "<|channel|>",
      "commentary to=functions.now",
      "<|message|>",
      "<|end|>",
      "<|start|>assistant",
      "analysis",
      "<|tool_call_begin|>",
      "functions.now:0",
      "<|tool_call_argument_begin|>",
      "<|tool_call_end|>",
      "◁think▷",
      "◁/think▷",
      "<|python_tag|>",
      "<|tool_call>call:now{a:<|\"|>b<|\"|>}",
      "<tool_call|>",
      "now\n",
      "<arg_key>a</arg_key>",
      "<arg_value>1</arg_value>",
      "'",
      "\\",
      "<invoke name=\"now\">",
      "</invoke>",
      ">>>now\n",
      "<",
      "<|",
      "\"",
      "~~~",
  };
  std::mt19937 random{20261125};
  auto const pick = [&](std::size_t count) { return std::uniform_int_distribution<std::size_t>(0, count - 1)(random); };
  for (int round = 0; round < 4000; ++round) {
    std::string plain;
    for (std::size_t left = 1 + pick(14); left > 0; --left) plain += scraps[pick(std::size(scraps))];
    auto const text = pick(4) == 0 ? spelt_out(plain) : json::escaped(plain);
    reading const how{families()[pick(families().size())].name,
                      pick(3) == 0 ? chat::finish_reason::length : chat::finish_reason::stop, pick(4) != 0};
    auto const whole = describe(read({text}, how));
    ASSERT_EQ(describe(read(one_by_one(text), how)), whole) << how.family << ": " << plain;
    auto const cut = pick(text.size());
    std::string_view const all = text;
    ASSERT_EQ(describe(read({all.substr(0, cut), all.substr(cut)}, how)), whole) << how.family << ": " << plain;
    if (plain.find("think") != std::string::npos || plain.find("<|channel|>") != std::string::npos) continue;
    ASSERT_EQ(describe(read({text}, {.with_tools = false})), as_text(plain));
  }
}

TEST(loose_json, too_far_from_json) {
  for (auto const* const text :
       {"", "{", "[1", "{a}", "{\"a\":}", "[1 2]", "tru", "\"\\x\"", "{\"a\":1}}", "'a", "-", "[,]", "nan"}) {
    EXPECT_FALSE(loose_json(text, false)) << text;
  }
  EXPECT_EQ(loose_json(" [1, 2,] ", false), "[1,2]");
  EXPECT_EQ(loose_json("{a: 'b', \"c\": [True", true), "{\"a\":\"b\",\"c\":[true]}");
  EXPECT_EQ(loose_json("\"a\\", true), "\"a\"");
  EXPECT_FALSE(loose_json(std::string(100, '['), true));
}

}  // namespace
}  // namespace recloser::dialects::model_text
