// Tool calls in the text (providers-openai-shaped.md §18), each grammar as its model's template writes it.

#include "model_text_fixture.hpp"

namespace recloser::dialects::model_text {
namespace {

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

}  // namespace
}  // namespace recloser::dialects::model_text
