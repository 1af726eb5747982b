// Tool calls in the text: damage, false alarms and bounds (providers-openai-shaped.md §18.4).

#include <algorithm>
#include <iterator>
#include <random>

#include "dialects/model_text/loose_json.hpp"
#include "model_text_fixture.hpp"

namespace recloser::dialects::model_text {
namespace {

// ---- repairs ---------------------------------------------------------------------------------------------------

TEST(model_text_repair, damage_that_is_mended) {
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

TEST(model_text_repair, damage_that_is_not) {
  auto const stays = [](char const* what, std::string const& text,
                        chat::finish_reason finish = chat::finish_reason::stop) {
    return text_case{what, {.finish = finish}, text, as_text(text)};
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

TEST(model_text_repair, false_alarms) {
  std::string const call = "<tool_call>" + json_paris + "</tool_call>";
  auto const stays = [](char const* what, std::string const& text) { return text_case{what, {}, text, as_text(text)}; };
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

TEST(model_text_repair, in_thoughts) {
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

TEST(model_text_repair, bounds) {
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

TEST(model_text_repair, a_long_call_in_small_pieces_is_cheap) {
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
TEST(model_text_repair, cuts_never_matter) {
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
