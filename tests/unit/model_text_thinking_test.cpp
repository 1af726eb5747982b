// Reasoning between tags (providers-openai-shaped.md §17).

#include "model_text_fixture.hpp"

namespace recloser::dialects::model_text {
namespace {

TEST(model_text_thinking, every_pair_of_tags) {
  check({
      {"think", {}, "<think>\nhm, ü\n</think>\n\nYes.", "think: hm, ü\ntext: Yes.\n"},
      {"thinking", {}, "<thinking>a</thinking>b", "think: a\ntext: b\n"},
      {"Mistral", {"magistral"}, "[THINK]a[b][/THINK]c", "think: a[b]\ntext: c\n"},
      {"Seed", {"seed-oss"}, "<seed:think>a</seed:think>b", "think: a\ntext: b\n"},
      {"Kimi", {"kimi"}, "◁think▷a ◁b◁/think▷c", "think: a ◁b\ntext: c\n"},
      {"Cohere",
       {"cohere"},
       "<|START_THINKING|>a<|END_THINKING|><|START_RESPONSE|>b<|END_RESPONSE|>",
       "think: a\ntext: b\n"},
      {"gpt-oss",
       {"gpt-oss"},
       "<|channel|>analysis<|message|>User asks.<|end|><|start|>assistant<|channel|>final<|message|>Hello "
       "<b>!<|return|>",
       "think: User asks.\ntext: Hello <b>!\n"},
      {"gpt-oss without an end",
       {"gpt-oss"},
       "<|channel|>analysis<|message|>a<|start|>assistant<|channel|>final<|message|>b",
       "think: a\ntext: b\n"},
      {"gpt-oss with a preamble",
       {"gpt-oss"},
       "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>commentary<|message|>I "
       "look.<|end|><|start|>assistant<|channel|>analysis<|message|>b<|end|><|start|>assistant<|channel|>final<|"
       "message|"
       ">c",
       "think: a\ntext: I look.\nthink: b\ntext: c\n"},
      {"Gemma", {"gemma"}, "<|channel>thought\na<channel|>b", "think: a\ntext: b\n"},
      {"older ones where they are known", {"gemma"}, "<thought>a</thought>b", "think: a\ntext: b\n"},
      {"older ones elsewhere", {}, "<thought>a</thought>b", "text: <thought>a</thought>b\n"},
      {"not this family's", {"mistral"}, "<think>a</think>b", "text: <think>a</think>b\n"},
  });
}

TEST(model_text_thinking, white_space_around) {
  check({
      {"before", {}, "\n <think>a</think>b", "think: a\ntext: b\n"},
      {"inside", {}, "<think> \n a\n\nb \n</think>\t\nc \n", "think: a\n\nb\ntext: c \n\n"},
      {"an empty block is none", {}, "<think>\n\n</think>\n\nb", "text: b\n"},
      {"a text that only begins with white space", {}, "\n\n b", "text: \n\n b\n"},
      {"only white space", {}, " \n ", "text:  \n \n"},
      {"nothing behind", {}, "<think>a</think>\n\n", "think: a\n"},
  });
}

TEST(model_text_thinking, models_that_begin_inside) {
  check({
      {"closing tag only", {"deepseek-r1"}, "\nhm\n</think>\n\nb", "think: hm\ntext: b\n"},
      {"opening tag all the same", {"deepseek-r1"}, "<think>\nhm</think>b", "think: hm\ntext: b\n"},
      {"cut off in its thoughts", {"deepseek-r1", chat::finish_reason::length}, "hm\nso", "think: hm\nso\n"},
      {"it did not think", {"deepseek-r1"}, "Hello.", "think: Hello.\ntext: Hello.\n"},
      {"the server told the reasoning apart",
       {"deepseek-r1", chat::finish_reason::stop, true, true},
       "Hello.",
       "text: Hello.\n"},
  });
}

TEST(model_text_thinking, a_closing_tag_alone) {
  check({
      {"is dropped", {}, "hm</think>b", "text: hmb\n"},
      {"once", {}, "a</think>b</think>c", "text: ab</think>c\n"},
      {"not in code", {}, "write `</think>` b", "text: write `</think>` b\n"},
      {"not when the opening one was quoted", {}, "say <think>x</think>!", "text: say <think>x</think>!\n"},
      {"not behind a block", {}, "<think>a</think>b</think>c", "think: a\ntext: b</think>c\n"},
  });
  auto const* const of = find_family("generic");
  offered_tools const none({});
  text_reader reader(*of, of->thinking, none);
  findings out;
  reader.feed("hm</think>b", out);
  EXPECT_TRUE(reader.tags().closed_unopened());
}

TEST(model_text_thinking, tags_as_words) {
  check({
      {"later ones", {}, "Use <think> and </think>.", "text: Use <think> and </think>.\n"},
      {"inside each other", {}, "<think>a<think>b</think>c</think>d", "think: a<think>b\ntext: c</think>d\n"},
      {"other tags inside", {}, "<think>a</thinking>b[/THINK]</think>c", "think: a</thinking>b[/THINK]\ntext: c\n"},
      {"begun ones", {}, "<thin ice> <", "text: <thin ice> <\n"},
      {"begun at the end", {}, "<thi", "text: <thi\n"},
      {"begun closing at the end", {}, "<think>a</thin", "think: a</thin\n"},
      {"upper case", {}, "<THINK>a</THINK>", "text: <THINK>a</THINK>\n"},
  });
}

TEST(model_text_thinking, never_closed) {
  check({
      {"cut off", {.finish = chat::finish_reason::length}, "<think>hm \"x\" ü😀 ", "think: hm \"x\" ü😀 \n"},
      {"stopped", {}, "<think>hm", "think: hm\n"},
  });
}

TEST(model_text_thinking, once_more) {
  check({
      {"not where the family does not",
       {"qwen"},
       "<think>a</think>b\n<think>c</think>d",
       "think: a\ntext: b\n<think>c</think>d\n"},
      {"at the start of a line",
       {"minimax"},
       "<think>a</think>b\n<think>c</think>d",
       "think: a\ntext: b\nthink: c\ntext: \nd\n"},
      {"not in the middle of one",
       {"minimax"},
       "<think>a</think>b <think>c</think>d",
       "think: a\ntext: b <think>c</think>d\n"},
      {"not in code", {"minimax"}, "b\n```\n<think>c</think>\n```\n", "text: b\n```\n<think>c</think>\n```\n\n"},
  });
}

TEST(model_text_thinking, the_server_told_it_as_well) {
  check({
      {"the block is dropped", {"qwen", chat::finish_reason::stop, true, true}, "<think>a</think>\nb", "text: b\n"},
      {"a text without one stays", {"qwen", chat::finish_reason::stop, true, true}, "\n\nb", "text: \n\nb\n"},
  });
}

// ---- the text itself -------------------------------------------------------------------------------------------

std::string joined(findings const& found) {
  std::string out;
  for (auto const& each : found.list()) out += found.text_of(each);
  return out;
}

/// Without markers what comes out is what went in, byte for byte in its own spelling.
TEST(model_text_thinking, other_text_stays_as_it_is) {
  std::string_view const texts[] = {
      R"(plain)",
      R"(  \n\t lead and trail \r\n  )",
      R"(a \"quoted\" \\ back\\\\slash \/ \b\f \u0041 \u00e9 \ud83d\ude00 é😀)",
      R"(lone \ud83d and \ude00 halves \ud83d\ud83d\ude00 \ud83d)",
      R"(if (a < b && c > d) [x] { "k": <v> } <p>html</p> [1] << 2)",
      R"(```python\nprint('<tool_call>')\n```\n~~~\n[TOOL_CALLS]\n~~~ and `<function=x>`)",
      R"(\\u003cthink> \\n <\\tool_call>)",
      R"([\"a\", {\"name\": 1}])",
      R"({\"name\": \"nobody\", \"parameters\": {}})",
      R"(◁ ｜ ▁ ◁thin)",
      R"(    \n\n\n    )",
  };
  for (auto const& of : families()) {
    if (of.thinking.starts_inside) continue;
    for (auto const text : texts) {
      reading const how{of.name};
      EXPECT_EQ(joined(read({text}, how)), text) << of.name;
      EXPECT_EQ(joined(read(one_by_one(text), how)), text) << of.name;
      for (std::size_t cut = 1; cut < text.size(); ++cut) {
        ASSERT_EQ(joined(read({text.substr(0, cut), text.substr(cut)}, how)), text) << of.name << " cut at " << cut;
      }
    }
  }
}

/// What is told at once can be put between quotes: no escape and no sequence is cut.
TEST(model_text_thinking, pieces_are_whole) {
  std::string_view const text = R"(<think>a\u00e9\ud83d\ude00\n\n é😀</think>\n\n\"b\" \\<\u003c é😀 \\\\n <x)";
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    auto const* const of = find_family("generic");
    offered_tools const offered(tools());
    text_reader reader(*of, of->thinking, offered);
    findings out;
    reader.feed(text.substr(0, cut), out);
    for (auto const& each : out.list()) {
      std::string const object = fmt::format(R"({{"a":"{}"}})", out.text_of(each));
      EXPECT_TRUE(json::scan_object(object)) << object << " cut at " << cut;
      EXPECT_FALSE(object.ends_with("\\ud83d\"}")) << "half a pair, cut at " << cut;
    }
  }
}

// ---- families --------------------------------------------------------------------------------------------------

TEST(model_families, by_model_name) {
  struct name_case {
    std::string_view model;
    std::string_view family;
  };
  constexpr name_case cases[] = {
      {"gpt-oss:20b", "gpt-oss"},
      {"deepseek-r1:14b", "deepseek-r1"},
      {"hf.co/bartowski/DeepSeek-R1-Distill-Qwen-7B-GGUF", "deepseek-r1"},
      {"deepseek-ai/DeepSeek-V3.1", "deepseek"},
      {"qwq:32b", "qwen-thinking"},
      {"Qwen/Qwen3-235B-A22B-Thinking-2507", "qwen-thinking"},
      {"qwen2.5-coder:7b", "qwen"},
      {"qwen/qwen3-8b", "qwen"},
      {"zai-org/GLM-4.5-Air", "glm"},
      {"moonshotai/Kimi-K2-Thinking", "kimi"},
      {"MiniMaxAI/MiniMax-M2", "minimax-m2"},
      {"MiniMax-M1-80k", "minimax"},
      {"magistral-small-2506", "magistral"},
      {"mistral-nemo", "mistral"},
      {"Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf", "llama"},
      {"llama3.2:1b", "llama"},
      {"Llama-4-Scout-17B", "llama"},
      {"NousResearch/Hermes-3-Llama-3.1-8B", "hermes"},
      {"nvidia/Llama-3_3-Nemotron-Super-49B", "nemotron"},
      {"ibm/granite-3.3-8b", "granite"},
      {"gemma3:4b", "gemma"},
      {"phi4", "generic"},
      {"", "generic"},
  };
  for (auto const& each : cases) EXPECT_EQ(family_of(each.model).name, each.family) << each.model;
}

TEST(model_families, setting) {
  EXPECT_EQ(choose_family("off", "qwen3"), nullptr);
  EXPECT_EQ(choose_family("auto", "qwen3")->name, "qwen");
  EXPECT_EQ(choose_family("kimi", "qwen3")->name, "kimi");
  EXPECT_EQ(choose_family("nothing", "qwen3"), nullptr);
  EXPECT_TRUE(needs_reading(*find_family("qwen"), false));
  EXPECT_FALSE(needs_reading(*find_family("generic"), false));
  EXPECT_TRUE(needs_reading(*find_family("generic"), true));
  EXPECT_EQ(families().back().name, "generic");
}

}  // namespace
}  // namespace recloser::dialects::model_text
