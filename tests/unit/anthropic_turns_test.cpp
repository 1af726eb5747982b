// The shape of a conversation as Anthropic wants it (providers-native.md §1.5).

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "anthropic_fixture.hpp"

namespace recloser::dialects {
namespace {

// ---- shape of the conversation (providers-native.md §1.5) --------------------------------------------------------

struct shape {
  char const* what;
  std::string said;
  std::string sent;
};

TEST(anthropic_turns, shapes_turns) {
  std::vector<shape> const shapes = {
      {"same role twice", R"({"role":"user","content":"a"},{"role":"user","content":"b"})",
       R"([{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}])"},
      {"only a system message", R"({"role":"system","content":"a"})", R"([{"role":"user","content":"."}])"},
      {"assistant first", R"({"role":"assistant","content":"a"},{"role":"user","content":"b"})",
       R"([{"role":"user","content":"."},{"role":"assistant","content":"a"},{"role":"user","content":"b"}])"},
      {"later system",
       R"({"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"system","content":"c"})",
       R"([{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"}])"},
      {"blank assistant",
       R"({"role":"user","content":"a"},{"role":"assistant","content":" \n\t"},{"role":"user","content":"b"})",
       R"([{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}])"},
      {"blank user at the end is no prefill",
       R"({"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":""})",
       R"([{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"."}])"},
      {"refusal is text",
       R"({"role":"user","content":"a"},{"role":"assistant","content":null,"refusal":"no"},{"role":"user","content":"b"})",
       R"([{"role":"user","content":"a"},{"role":"assistant","content":"no"},{"role":"user","content":"b"}])"},
      {"old function form",
       R"({"role":"user","content":"a"},{"role":"assistant","function_call":{"name":"f","arguments":"{}"}},{"role":"function","name":"f","content":"r"})",
       R"([{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"tool_use","id":"call","name":"f","input":{}}]},)"
       R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"call","content":"r"}]}])"},
      {"orphan at the start", R"({"role":"tool","tool_call_id":"x","content":"r"})",
       R"([{"role":"user","content":[{"type":"text","text":"Result of an earlier tool call x:"},{"type":"text","text":"r"}]}])"},
  };
  for (auto const& each : shapes) {
    SCOPED_TRACE(each.what);
    EXPECT_EQ(messages(each.said), each.sent);
  }
}

TEST(anthropic_turns, answers_every_call) {
  // Left open at the end.
  EXPECT_EQ(messages(user + "," + calls(call("x"))),
            R"([{"role":"user","content":"a"},{"role":"assistant","content":[)" + use("x") +
                R"(]},{"role":"user","content":[)" + no_result("x") + "]}]");
  // Left open in the middle, answered too late: the answer is told as text.
  EXPECT_EQ(
      messages(user + "," + calls(call("x")) + "," + user + R"(,{"role":"assistant","content":"b"},)" +
               result("x", "r")),
      R"([{"role":"user","content":"a"},{"role":"assistant","content":[)" + use("x") +
          R"(]},{"role":"user","content":[)" + no_result("x") +
          R"(,{"type":"text","text":"a"}]},{"role":"assistant","content":"b"},)" +
          R"({"role":"user","content":[{"type":"text","text":"Result of an earlier tool call x:"},{"type":"text","text":"r"}]}])");
  // An empty result may stay empty.
  EXPECT_EQ(messages(user + "," + calls(call("x")) + "," + result("x", "")),
            R"([{"role":"user","content":"a"},{"role":"assistant","content":[)" + use("x") +
                R"(]},{"role":"user","content":[)" + sent_result("x", "") + "]}]");
}

TEST(anthropic_turns, makes_ids_legal_and_unique) {
  // The same id in two turns, twice in one turn, and one that becomes another's after cleaning.
  auto const said = user + "," + calls(call("c.1") + "," + call("c.1") + "," + call("c_1")) + "," + result("c.1", "A") +
                    "," + result("c_1", "C") + "," + result("c.1", "B") + "," + calls(call("c.1")) + "," +
                    result("c.1", "D");
  EXPECT_EQ(messages(said), R"([{"role":"user","content":"a"},{"role":"assistant","content":[)" + use("c_1") + "," +
                                use("c_1_2") + "," + use("c_1_3") + R"(]},{"role":"user","content":[)" +
                                sent_result("c_1", "A") + "," + sent_result("c_1_3", "C") + "," +
                                sent_result("c_1_2", "B") + R"(]},{"role":"assistant","content":[)" + use("c_1_4") +
                                R"(]},{"role":"user","content":[)" + sent_result("c_1_4", "D") + "]}]");
}

TEST(anthropic_turns, hashes_long_ids) {
  std::string const id(300, 'x');
  auto const sent = messages(user + "," + calls(call(id)) + "," + result(id, "r"));
  auto const begin = sent.find(R"("id":")") + 6;
  auto const made = sent.substr(begin, sent.find('"', begin) - begin);
  EXPECT_EQ(made.size(), 64u);
  EXPECT_NE(sent.find(sent_result(made, "r")), std::string::npos);
  EXPECT_EQ(sent, messages(user + "," + calls(call(id)) + "," + result(id, "r")));  // the same in every request
  EXPECT_NE(sent.find(made), messages(user + "," + calls(call(id + "y")) + "," + result(id + "y", "r")).find(made));
}

TEST(anthropic_turns, answers_without_ids_go_by_order) {
  auto const said =
      user + "," + calls(call("x") + "," + call("y")) + R"(,{"role":"tool","content":"A"},)" + result("y", "B");
  EXPECT_NE(messages(said).find(sent_result("x", "A") + "," + sent_result("y", "B")), std::string::npos)
      << messages(said);
  auto const mixed =
      user + "," + calls(call("x") + "," + call("y")) + R"(,{"role":"tool","content":"A"},)" + result("x", "B");
  EXPECT_NE(messages(mixed).find(sent_result("x", "A") + "," + no_result("y")), std::string::npos) << messages(mixed);
}

TEST(anthropic_turns, keeps_calls_behind_text_when_it_merges) {
  auto const said = user + "," + calls(call("x")) + R"(,{"role":"assistant","content":"b"},)" + result("x", "r");
  EXPECT_NE(messages(said).find(R"([{"type":"text","text":"b"},)" + use("x") + "]"), std::string::npos);
  auto const split =
      user + "," + calls(call("x")) + "," + calls(call("y")) + "," + result("x", "1") + "," + result("y", "2");
  EXPECT_NE(messages(split).find("[" + use("x") + "," + use("y") + "]"), std::string::npos);
}

TEST(anthropic_turns, carries_arguments) {
  auto const input = [](std::string_view arguments) {
    auto const sent = messages(user + "," + calls(call("x", arguments)));
    auto const begin = sent.find(R"("input":)") + 8;
    return sent.substr(begin, sent.find("}]},{\"role\":\"user\"", begin) - begin);
  };
  EXPECT_EQ(input(""), "{}");
  EXPECT_EQ(input(R"( \n)"), "{}");
  EXPECT_EQ(input(R"({\"n\": 9007199254740993, \"z\":1e-7})"), R"({"n": 9007199254740993, "z":1e-7})");
  EXPECT_EQ(input(R"({\"caf\\u00e9\":\"\\ud83d\"})"), R"({"caf\u00e9":"\ud83d"})");
  EXPECT_EQ(input(R"([1])"), R"({"_raw":"[1]"})");
  EXPECT_EQ(input(R"({\"cut\":\"o)"), R"({"_raw":"{\"cut\":\"o"})");
  EXPECT_EQ(input(R"({} {})"), R"({"_raw":"{} {}"})");
  EXPECT_EQ(input(R"(null)"), R"({"_raw":"null"})");
  // As an object, which some clients send.
  auto const sent = messages(
      user + R"(,{"role":"assistant","tool_calls":[{"id":"x","function":{"arguments":{"a":[1]},"name":"f"}}]})");
  EXPECT_NE(sent.find(R"("input":{"a":[1]})"), std::string::npos);
}

TEST(anthropic_turns, finishes_what_it_cannot_prefill) {
  auto const said = user + R"(,{"role":"assistant","content":"So \\n it is \n\t "})";
  EXPECT_EQ(messages(said), R"([{"role":"user","content":"a"},{"role":"assistant","content":"So \\n it is"}])");
  EXPECT_EQ(
      messages(said, sonnet_4_6),
      R"([{"role":"user","content":"a"},{"role":"assistant","content":"So \\n it is \n\t "},{"role":"user","content":"Continue."}])");
  EXPECT_EQ(dropped(saying(said), sonnet_4_6), names{"messages (prefill)"});
  // An n that belongs to a backslash is a letter.
  EXPECT_EQ(messages(user + R"(,{"role":"assistant","content":"a\\n"})"),
            R"([{"role":"user","content":"a"},{"role":"assistant","content":"a\\n"}])");
  auto const thinking = R"({"messages":[)" + said + R"(],"reasoning_effort":"high"})";
  EXPECT_EQ(dropped(thinking, sonnet_4_5), names{"messages (prefill)"});
}

TEST(anthropic_turns, replays_only_sealed_thinking) {
  auto const said = [](std::string_view members) {
    return user + R"(,{"role":"assistant","content":"b",)" + std::string(members) + "}," + user;
  };
  auto const assistant = [&](std::string_view members) {
    auto const sent = messages(said(members), opus_5_5);
    auto const begin = sent.find(R"("assistant","content":)") + 22;
    return sent.substr(begin, sent.find(R"(},{"role":"user","content":"a"}])", begin) - begin);
  };
  EXPECT_EQ(assistant(R"("reasoning_content":"t")"), R"("b")");
  EXPECT_EQ(assistant(R"("thinking_blocks":[{"type":"thinking","thinking":"t"}])"), R"("b")");
  EXPECT_EQ(assistant(R"("thinking_blocks":[{"type":"thinking","thinking":"t","signature":"s"}])"),
            R"([{"type":"thinking","thinking":"t","signature":"s"},{"type":"text","text":"b"}])");
  // As our own chunks leave it in a client: text here, seal there.
  EXPECT_EQ(assistant(R"("reasoning_content":"t","thinking_blocks":[{"index":0,"type":"thinking","signature":"s"}])"),
            R"([{"type":"thinking","thinking":"t","signature":"s"},{"type":"text","text":"b"}])");
  EXPECT_EQ(
      assistant(
          R"("reasoning_content":"tu","thinking_blocks":[{"type":"thinking","signature":"s"},{"type":"thinking","signature":"r"}])"),
      R"("b")");
  // OpenRouter's form, of this vendor only.
  EXPECT_EQ(
      assistant(
          R"("reasoning_details":[{"type":"reasoning.text","text":"t","signature":"s","format":"anthropic-claude-v1"},)"
          R"({"type":"reasoning.encrypted","data":"d","format":"anthropic-claude-v1"}])"),
      R"([{"type":"thinking","thinking":"t","signature":"s"},{"type":"redacted_thinking","data":"d"},{"type":"text","text":"b"}])");
  EXPECT_EQ(
      assistant(R"("reasoning_details":[{"type":"reasoning.encrypted","data":"d","format":"openai-responses-v1"}])"),
      R"("b")");
}

TEST(anthropic_turns, thinking_may_stand_in_the_content) {
  auto const said = [](std::string_view part) {
    return user + R"(,{"role":"assistant","content":[)" + std::string(part) + R"(,{"type":"text","text":"b"}]},)" +
           user;
  };
  EXPECT_NE(
      messages(said(R"({"type":"thinking","thinking":"t","signature":"s"})"), opus_5_5).find(R"("signature":"s")"),
      std::string::npos);
  EXPECT_EQ(messages(said(R"({"type":"thinking","thinking":"t"})"), opus_5_5).find("thinking"), std::string::npos);
}

TEST(anthropic_turns, gives_thinking_back_only_to_the_model_that_thought_it) {
  auto const block = [](std::string_view model) {
    return saying(
        R"({"role":"user","content":"a"},{"role":"assistant","content":"b","thinking_blocks":[{"type":"thinking","thinking":"t","signature":"s","model":")" +
        std::string(model) + R"("},{"type":"redacted_thinking","data":"d","model":")" + std::string(model) +
        R"("}]},{"role":"user","content":"c"})");
  };
  for (auto const own :
       {"claude-opus-5-5", "claude-opus-5-5-20261001", "claude-opus-5-5-latest", "claude-opus-5-5@20261001", ""}) {
    EXPECT_EQ(dropped(block(own), opus_5_5), names{}) << own;
    EXPECT_NE(
        value(block(own), opus_5_5, "messages").find(R"("signature":"s"},{"type":"redacted_thinking","data":"d"})"),
        std::string::npos)
        << own;
  }
  for (auto const other : {"claude-opus-5", "claude-opus-5-51", "gpt-6", "20261001"}) {
    EXPECT_EQ(dropped(block(other), opus_5_5), names{"thinking_blocks"}) << other;
    EXPECT_EQ(value(block(other), opus_5_5, "messages").find("thinking"), std::string::npos) << other;
  }
}

TEST(anthropic_turns, sends_no_thinking_into_a_request_that_does_not_think) {
  auto const loop = saying(
      user +
      R"(,{"role":"assistant","thinking_blocks":[{"type":"thinking","thinking":"t","signature":"s"}],"tool_calls":[)" +
      call("x") + "]}," + result("x", "r") +
      R"(,{"role":"assistant","thinking_blocks":[{"type":"redacted_thinking","data":"d"}]},)" + user);
  auto const sent = value(loop, sonnet_4_5, "messages");
  EXPECT_EQ(sent, R"([{"role":"user","content":"a"},{"role":"assistant","content":[)" + use("x") +
                      R"(]},{"role":"user","content":[)" + sent_result("x", "r") +
                      R"(]},{"role":"assistant","content":"."},{"role":"user","content":"a"}])");
  EXPECT_EQ(dropped(loop, sonnet_4_5), names{"thinking_blocks"});
  EXPECT_EQ(dropped(loop, opus_5_5), names{});
}

}  // namespace
}  // namespace recloser::dialects
