// What goes to Anthropic for what an OpenAI client asked.

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "anthropic_fixture.hpp"
#include "dialects/anthropic/models.hpp"

namespace recloser::dialects {
namespace {

using names = std::vector<std::string>;

constexpr std::string_view sonnet_4_5 = "claude-sonnet-4-5-20250929";
constexpr std::string_view sonnet_4_6 = "claude-sonnet-4-6";
constexpr std::string_view opus_4_1 = "claude-opus-4-1-20250805";
constexpr std::string_view opus_5_5 = "claude-opus-5-5";

std::string value(std::string_view request, std::string_view model, std::string_view key) {
  auto const out = write(request, model);
  EXPECT_EQ(out.fault, "") << request;
  return member(out.upstream, key);
}

std::string messages(std::string_view said, std::string_view model = sonnet_4_5) {
  return value(saying(said), model, "messages");
}

names dropped(std::string_view request, std::string_view model) {
  auto const out = write(request, model);
  EXPECT_EQ(out.fault, "") << request;
  return out.dropped;
}

// ---- golden ----------------------------------------------------------------------------------------------------

std::string after_slash(std::string name) { return name.substr(name.find('/') + 1); }

names lines(std::string const& text) {
  names out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

TEST(anthropic_request, golden) {
  for (auto const& name : cases_with("request.json")) {
    SCOPED_TRACE(name);
    auto const request = load(fixtures() / name / "request.json");
    auto const model = after_slash(std::string(json::text_of(json::find(request, "model"))));
    auto const out = write(request, model);
    EXPECT_EQ(out.fault, "");
    EXPECT_EQ(compact(out.upstream), compact(load(fixtures() / name / "upstream.json")));
    EXPECT_EQ(out.dropped, lines(load(fixtures() / name / "dropped.txt")));
    EXPECT_TRUE(json::scan_object(padded(out.upstream).view()));
  }
}

// ---- shape of the conversation (providers-native.md §1.5) --------------------------------------------------------

struct shape {
  char const* what;
  std::string said;
  std::string sent;
};

TEST(anthropic_request, shapes_turns) {
  std::vector<shape> const shapes = {
      {"same role twice", R"({"role":"user","content":"a"},{"role":"user","content":"b"})",
       R"([{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}])"},
      {"only a system message", R"({"role":"system","content":"a"})", R"([{"role":"user","content":"."}])"},
      {"assistant first", R"({"role":"assistant","content":"a"},{"role":"user","content":"b"})",
       R"([{"role":"user","content":"."},{"role":"assistant","content":"a"},{"role":"user","content":"b"}])"},
      {"later system", R"({"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"system","content":"c"})",
       R"([{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"}])"},
      {"blank assistant", R"({"role":"user","content":"a"},{"role":"assistant","content":" \n\t"},{"role":"user","content":"b"})",
       R"([{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}])"},
      {"blank user at the end is no prefill",
       R"({"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":""})",
       R"([{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"."}])"},
      {"refusal is text", R"({"role":"user","content":"a"},{"role":"assistant","content":null,"refusal":"no"},{"role":"user","content":"b"})",
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

std::string call(std::string_view id, std::string_view arguments = "{}") {
  return R"({"id":")" + std::string(id) + R"(","type":"function","function":{"name":"f","arguments":")" +
         std::string(arguments) + R"("}})";
}
std::string calls(std::string_view list) { return R"({"role":"assistant","tool_calls":[)" + std::string(list) + "]}"; }
std::string result(std::string_view id, std::string_view content) {
  return R"({"role":"tool","tool_call_id":")" + std::string(id) + R"(","content":")" + std::string(content) + R"("})";
}
std::string use(std::string_view id, std::string_view input = "{}") {
  return R"({"type":"tool_use","id":")" + std::string(id) + R"(","name":"f","input":)" + std::string(input) + "}";
}
std::string sent_result(std::string_view id, std::string_view content) {
  return R"({"type":"tool_result","tool_use_id":")" + std::string(id) + R"(","content":")" + std::string(content) + R"("})";
}
std::string no_result(std::string_view id) {
  return R"({"type":"tool_result","tool_use_id":")" + std::string(id) + R"j(","content":"(no result)","is_error":true})j";
}
std::string const user = R"({"role":"user","content":"a"})";

TEST(anthropic_request, answers_every_call) {
  // Left open at the end.
  EXPECT_EQ(messages(user + "," + calls(call("x"))),
            R"([{"role":"user","content":"a"},{"role":"assistant","content":[)" + use("x") + R"(]},{"role":"user","content":[)" +
                no_result("x") + "]}]");
  // Left open in the middle, answered too late: the answer is told as text.
  EXPECT_EQ(messages(user + "," + calls(call("x")) + "," + user + R"(,{"role":"assistant","content":"b"},)" + result("x", "r")),
            R"([{"role":"user","content":"a"},{"role":"assistant","content":[)" + use("x") + R"(]},{"role":"user","content":[)" +
                no_result("x") + R"(,{"type":"text","text":"a"}]},{"role":"assistant","content":"b"},)" +
                R"({"role":"user","content":[{"type":"text","text":"Result of an earlier tool call x:"},{"type":"text","text":"r"}]}])");
  // An empty result may stay empty.
  EXPECT_EQ(messages(user + "," + calls(call("x")) + "," + result("x", "")),
            R"([{"role":"user","content":"a"},{"role":"assistant","content":[)" + use("x") + R"(]},{"role":"user","content":[)" +
                sent_result("x", "") + "]}]");
}

TEST(anthropic_request, makes_ids_legal_and_unique) {
  // The same id in two turns, twice in one turn, and one that becomes another's after cleaning.
  auto const said = user + "," + calls(call("c.1") + "," + call("c.1") + "," + call("c_1")) + "," + result("c.1", "A") + "," +
                    result("c_1", "C") + "," + result("c.1", "B") + "," + calls(call("c.1")) + "," + result("c.1", "D");
  EXPECT_EQ(messages(said),
            R"([{"role":"user","content":"a"},{"role":"assistant","content":[)" + use("c_1") + "," + use("c_1_2") + "," +
                use("c_1_3") + R"(]},{"role":"user","content":[)" + sent_result("c_1", "A") + "," + sent_result("c_1_3", "C") + "," +
                sent_result("c_1_2", "B") + R"(]},{"role":"assistant","content":[)" + use("c_1_4") +
                R"(]},{"role":"user","content":[)" + sent_result("c_1_4", "D") + "]}]");
}

TEST(anthropic_request, hashes_long_ids) {
  std::string const id(300, 'x');
  auto const sent = messages(user + "," + calls(call(id)) + "," + result(id, "r"));
  auto const begin = sent.find(R"("id":")") + 6;
  auto const made = sent.substr(begin, sent.find('"', begin) - begin);
  EXPECT_EQ(made.size(), 64u);
  EXPECT_NE(sent.find(sent_result(made, "r")), std::string::npos);
  EXPECT_EQ(sent, messages(user + "," + calls(call(id)) + "," + result(id, "r")));  // the same in every request
  EXPECT_NE(sent.find(made), messages(user + "," + calls(call(id + "y")) + "," + result(id + "y", "r")).find(made));
}

TEST(anthropic_request, answers_without_ids_go_by_order) {
  auto const said = user + "," + calls(call("x") + "," + call("y")) + R"(,{"role":"tool","content":"A"},)" + result("y", "B");
  EXPECT_NE(messages(said).find(sent_result("x", "A") + "," + sent_result("y", "B")), std::string::npos) << messages(said);
  auto const mixed = user + "," + calls(call("x") + "," + call("y")) + R"(,{"role":"tool","content":"A"},)" + result("x", "B");
  EXPECT_NE(messages(mixed).find(sent_result("x", "A") + "," + no_result("y")), std::string::npos) << messages(mixed);
}

TEST(anthropic_request, keeps_calls_behind_text_when_it_merges) {
  auto const said = user + "," + calls(call("x")) + R"(,{"role":"assistant","content":"b"},)" + result("x", "r");
  EXPECT_NE(messages(said).find(R"([{"type":"text","text":"b"},)" + use("x") + "]"), std::string::npos);
  auto const split = user + "," + calls(call("x")) + "," + calls(call("y")) + "," + result("x", "1") + "," + result("y", "2");
  EXPECT_NE(messages(split).find("[" + use("x") + "," + use("y") + "]"), std::string::npos);
}

TEST(anthropic_request, carries_arguments) {
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
  auto const sent = messages(user + R"(,{"role":"assistant","tool_calls":[{"id":"x","function":{"arguments":{"a":[1]},"name":"f"}}]})");
  EXPECT_NE(sent.find(R"("input":{"a":[1]})"), std::string::npos);
}

TEST(anthropic_request, finishes_what_it_cannot_prefill) {
  auto const said = user + R"(,{"role":"assistant","content":"So \\n it is \n\t "})";
  EXPECT_EQ(messages(said), R"([{"role":"user","content":"a"},{"role":"assistant","content":"So \\n it is"}])");
  EXPECT_EQ(messages(said, sonnet_4_6),
            R"([{"role":"user","content":"a"},{"role":"assistant","content":"So \\n it is \n\t "},{"role":"user","content":"Continue."}])");
  EXPECT_EQ(dropped(saying(said), sonnet_4_6), names{"messages (prefill)"});
  // An n that belongs to a backslash is a letter.
  EXPECT_EQ(messages(user + R"(,{"role":"assistant","content":"a\\n"})"),
            R"([{"role":"user","content":"a"},{"role":"assistant","content":"a\\n"}])");
  auto const thinking = R"({"messages":[)" + said + R"(],"reasoning_effort":"high"})";
  EXPECT_EQ(dropped(thinking, sonnet_4_5), names{"messages (prefill)"});
}

TEST(anthropic_request, replays_only_sealed_thinking) {
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
  EXPECT_EQ(assistant(R"("reasoning_content":"tu","thinking_blocks":[{"type":"thinking","signature":"s"},{"type":"thinking","signature":"r"}])"),
            R"("b")");
  // OpenRouter's form, of this vendor only.
  EXPECT_EQ(assistant(R"("reasoning_details":[{"type":"reasoning.text","text":"t","signature":"s","format":"anthropic-claude-v1"},)"
                      R"({"type":"reasoning.encrypted","data":"d","format":"anthropic-claude-v1"}])"),
            R"([{"type":"thinking","thinking":"t","signature":"s"},{"type":"redacted_thinking","data":"d"},{"type":"text","text":"b"}])");
  EXPECT_EQ(assistant(R"("reasoning_details":[{"type":"reasoning.encrypted","data":"d","format":"openai-responses-v1"}])"), R"("b")");
}

TEST(anthropic_request, gives_thinking_back_only_to_the_model_that_thought_it) {
  auto const block = [](std::string_view model) {
    return saying(R"({"role":"user","content":"a"},{"role":"assistant","content":"b","thinking_blocks":[{"type":"thinking","thinking":"t","signature":"s","model":")" +
                  std::string(model) + R"("},{"type":"redacted_thinking","data":"d","model":")" + std::string(model) + R"("}]},{"role":"user","content":"c"})");
  };
  for (auto const own : {"claude-opus-5-5", "claude-opus-5-5-20261001", "claude-opus-5-5-latest", "claude-opus-5-5@20261001", ""}) {
    EXPECT_EQ(dropped(block(own), opus_5_5), names{}) << own;
    EXPECT_NE(value(block(own), opus_5_5, "messages").find(R"("signature":"s"},{"type":"redacted_thinking","data":"d"})"), std::string::npos) << own;
  }
  for (auto const other : {"claude-opus-5", "claude-opus-5-51", "gpt-6", "20261001"}) {
    EXPECT_EQ(dropped(block(other), opus_5_5), names{"thinking_blocks"}) << other;
    EXPECT_EQ(value(block(other), opus_5_5, "messages").find("thinking"), std::string::npos) << other;
  }
}

TEST(anthropic_request, sends_no_thinking_into_a_request_that_does_not_think) {
  auto const loop = saying(user + R"(,{"role":"assistant","thinking_blocks":[{"type":"thinking","thinking":"t","signature":"s"}],"tool_calls":[)" +
                           call("x") + "]}," + result("x", "r") +
                           R"(,{"role":"assistant","thinking_blocks":[{"type":"redacted_thinking","data":"d"}]},)" + user);
  auto const sent = value(loop, sonnet_4_5, "messages");
  EXPECT_EQ(sent, R"([{"role":"user","content":"a"},{"role":"assistant","content":[)" + use("x") + R"(]},{"role":"user","content":[)" +
                      sent_result("x", "r") + R"(]},{"role":"assistant","content":"."},{"role":"user","content":"a"}])");
  EXPECT_EQ(dropped(loop, sonnet_4_5), names{"thinking_blocks"});
  EXPECT_EQ(dropped(loop, opus_5_5), names{});
}

// ---- media -----------------------------------------------------------------------------------------------------

std::string part(std::string_view what) { return saying(R"({"role":"user","content":[)" + std::string(what) + "]}"); }

TEST(anthropic_request, refuses_what_it_cannot_show) {
  struct {
    char const* part;
    char const* param;
  } const wrong[] = {
      {R"({"type":"input_audio","input_audio":{"data":"AA","format":"wav"}})", "messages[0].content"},
      {R"({"type":"image_url","image_url":{"url":"data:image/bmp;base64,AA"}})", "messages[0].content"},
      {R"({"type":"file","file":{"file_id":"file-abc"}})", "messages[0].content"},
      {R"({"type":"file","file":{"file_data":"data:application/zip;base64,AA"}})", "messages[0].content"},
      {R"({"type":"file","file":{"file_data":"data:text/plain;base64,/w=="}})", "messages[0].content"},
      {R"({"type":"file","file":{"file_data":"data:text/plain;base64,???"}})", "messages[0].content"},
      {R"({"type":"image_url","image_url":{"url":"file:///etc/passwd"}})", "messages[0].content[0].image_url.url"},
      {R"({"type":"image_url","image_url":{"url":"data:image/png,AA"}})", "messages[0].content[0].image_url.url"},
      {R"({"type":"image_url","image_url":{}})", "messages[0].content[0].image_url.url"},
      {R"({"type":"file","file":{}})", "messages[0].content[0].file.file_data"},
      {R"({"type":"video_url","video_url":{}})", "messages[0].content[0].type"},
      {R"({"text":"x"})", "messages[0].content[0].type"},
      {R"("x")", "messages[0].content[0]"},
  };
  for (auto const& each : wrong) {
    auto const out = write(part(each.part), sonnet_4_5);
    EXPECT_EQ(out.param, each.param) << each.part << out.upstream;
    EXPECT_NE(out.fault, "") << each.part;
  }
  EXPECT_EQ(write(saying(user + R"(,{"role":"assistant","content":[{"type":"image_url","image_url":{"url":"https://e.com"}}]})"), sonnet_4_5).param,
            "messages[1].content");
}

// ---- settings --------------------------------------------------------------------------------------------------

TEST(anthropic_request, has_a_limit_for_every_model) {
  EXPECT_EQ(value(saying(user), sonnet_4_5, "max_tokens"), "32000");
  EXPECT_EQ(value(saying(user), "claude-3-haiku-20240307", "max_tokens"), "4096");
  EXPECT_EQ(value(saying(user), "kimi-k2", "max_tokens"), "4096");
  EXPECT_EQ(value(saying(user), "claude-something-new", "max_tokens"), "32000");
  EXPECT_EQ(value(asking(R"("max_tokens":100000)"), sonnet_4_5, "max_tokens"), "64000");
  EXPECT_EQ(dropped(asking(R"("max_tokens":100000)"), sonnet_4_5), names{"max_tokens (clamped)"});
  EXPECT_EQ(value(asking(R"("max_tokens":100000)"), "kimi-k2", "max_tokens"), "100000");
  EXPECT_EQ(value(asking(R"("max_tokens":7,"max_completion_tokens":9)"), sonnet_4_5, "max_tokens"), "9");
  EXPECT_EQ(value(asking(R"("max_completion_tokens":9,"max_tokens":7)"), sonnet_4_5, "max_tokens"), "9");
  EXPECT_EQ(value(asking(R"("max_tokens":null)"), sonnet_4_5, "max_tokens"), "32000");
}

TEST(anthropic_request, samples_as_the_model_may) {
  struct {
    char const* asked;
    std::string_view model;
    char const* temperature;
    char const* top_p;
    names lost;
  } const cases[] = {
      {R"("temperature":0.25)", sonnet_4_5, "0.25", "", {}},
      {R"("temperature":1.7)", sonnet_4_5, "1", "", {"temperature (clamped)"}},
      {R"("temperature":-1)", sonnet_4_5, "0", "", {"temperature (clamped)"}},
      {R"("temperature":1e0)", sonnet_4_5, "", "", {}},
      {R"("top_p":0.9)", sonnet_4_5, "", "0.9", {}},
      {R"("temperature":1.0,"top_p":0.9)", sonnet_4_5, "", "0.9", {}},
      {R"("temperature":0.5,"top_p":0.9)", sonnet_4_5, "0.5", "", {"top_p"}},
      {R"("temperature":0.5,"top_p":1)", sonnet_4_5, "0.5", "", {}},
      {R"("temperature":0.5,"top_p":0.9,"top_k":5)", opus_5_5, "", "", {"temperature", "top_p", "top_k"}},
      {R"("temperature":1,"top_p":1)", opus_5_5, "", "", {}},
      {R"("temperature":0.5,"reasoning_effort":"low","max_tokens":3000)", sonnet_4_5, "", "", {"temperature"}},
  };
  for (auto const& each : cases) {
    SCOPED_TRACE(each.asked);
    auto const out = write(asking(each.asked), each.model);
    EXPECT_EQ(member(out.upstream, "temperature"), each.temperature);
    EXPECT_EQ(member(out.upstream, "top_p"), each.top_p);
    EXPECT_EQ(out.dropped, each.lost);
  }
  EXPECT_EQ(value(asking(R"("top_k":40)"), sonnet_4_5, "top_k"), "40");
}

struct effort_case {
  std::string_view model;
  char const* asked;
  char const* thinking;
  char const* config;
  char const* limit;
  names lost;
};

TEST(anthropic_request, thinks_as_hard_as_asked) {
  std::vector<effort_case> const cases = {
      // budget models (§1.4): the budget comes on top of the answer
      {sonnet_4_5, R"("reasoning_effort":"low","max_tokens":2000)", R"({"type":"enabled","budget_tokens":1024})", "", "3024", {}},
      {sonnet_4_5, R"("reasoning_effort":"high","max_tokens":2000)", R"({"type":"enabled","budget_tokens":16384})", "", "18384", {}},
      {sonnet_4_5, R"("reasoning_effort":"max","max_tokens":2000)", R"({"type":"enabled","budget_tokens":32768})", "", "34768", {}},
      {sonnet_4_5, R"("reasoning_effort":"none","max_tokens":2000)", "", "", "2000", {}},
      {sonnet_4_5, R"("reasoning_effort":"high","max_tokens":1024)", "", "", "1024", {"reasoning_effort"}},
      {sonnet_4_5, R"("reasoning_effort":"max","max_tokens":60000)", R"({"type":"enabled","budget_tokens":32000})", "", "64000", {}},
      {opus_4_1, R"("reasoning_effort":"high")", R"({"type":"enabled","budget_tokens":16000})", "", "32000", {}},
      {sonnet_4_5, R"("reasoning":{"effort":"low"},"max_tokens":2000)", R"({"type":"enabled","budget_tokens":1024})", "", "3024", {}},
      {"claude-3-5-haiku-20241022", R"("reasoning_effort":"high")", "", "", "8192", {"reasoning_effort"}},
      // adaptive models
      {sonnet_4_6, R"("reasoning_effort":"minimal")", R"({"type":"adaptive","display":"summarized"})", R"({"effort":"low"})", "32000", {}},
      {sonnet_4_6, R"("reasoning_effort":"xhigh")", R"({"type":"adaptive","display":"summarized"})", R"({"effort":"high"})", "32000", {"reasoning_effort (high)"}},
      {opus_5_5, R"("reasoning_effort":"xhigh")", R"({"type":"adaptive","display":"summarized"})", R"({"effort":"xhigh"})", "32000", {}},
      {opus_5_5, R"("reasoning_effort":"max")", R"({"type":"adaptive","display":"summarized"})", R"({"effort":"max"})", "32000", {}},
      {sonnet_4_6, R"("reasoning_effort":"none")", R"({"type":"disabled"})", "", "32000", {}},
      {"claude-sonnet-5-5", R"("reasoning_effort":"none")", R"({"type":"between_tools"})", "", "32000", {}},
      {opus_5_5, R"("reasoning_effort":"none")", "", R"({"effort":"low"})", "32000", {"reasoning_effort (low)"}},
      // models that think unasked must have something left for the answer
      {"claude-haiku-5-5", R"("max_tokens":16)", R"({"type":"disabled"})", "", "16", {}},
      {opus_5_5, R"("max_tokens":16)", "", R"({"effort":"low"})", "16", {}},
      {opus_5_5, R"("max_tokens":4000)", "", "", "4000", {}},
      {sonnet_4_6, R"("max_tokens":16)", "", "", "16", {}},
      // the client's own member
      {sonnet_4_5, R"("thinking":{"type":"enabled","budget_tokens":2048},"max_tokens":4000)", R"({"type":"enabled","budget_tokens":2048})", "", "4000", {}},
      {sonnet_4_5, R"("thinking":{"type":"enabled","budget_tokens":4096},"max_tokens":4000)", R"({"type":"enabled","budget_tokens":4096})", "", "8096", {}},
      {opus_5_5, R"("thinking":{"type":"enabled","budget_tokens":4000})", R"({"type":"adaptive","display":"summarized"})", R"({"effort":"medium"})", "32000", {"thinking (adaptive)"}},
      {opus_5_5, R"("thinking":{"type":"adaptive","display":"omitted"},"reasoning_effort":"low")", R"({"type":"adaptive","display":"omitted"})", R"({"effort":"low"})", "32000", {}},
      {sonnet_4_5, R"("thinking":{"type":"adaptive"},"max_tokens":2000)", R"({"type":"enabled","budget_tokens":4096})", "", "6096", {"thinking (budget)"}},
      {opus_5_5, R"("thinking":{"type":"disabled"})", "", R"({"effort":"low"})", "32000", {"thinking (low effort)"}},
      {sonnet_4_5, R"("thinking":{"type":"disabled"})", R"({"type":"disabled"})", "", "32000", {}},
  };
  for (auto const& each : cases) {
    SCOPED_TRACE(std::string(each.model) + " " + each.asked);
    auto const out = write(asking(each.asked), each.model);
    EXPECT_EQ(out.fault, "");
    EXPECT_EQ(member(out.upstream, "thinking"), each.thinking);
    EXPECT_EQ(member(out.upstream, "output_config"), each.config);
    EXPECT_EQ(member(out.upstream, "max_tokens"), each.limit);
    EXPECT_EQ(out.dropped, each.lost);
  }
}

std::string const tools = R"("tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}},{"type":"function","function":{"name":"g","parameters":{"type":"object"}}}])";

TEST(anthropic_request, thinking_on_a_budget_yields) {
  auto const forced = asking(tools + R"(,"tool_choice":"required","reasoning_effort":"low")");
  EXPECT_EQ(value(forced, sonnet_4_5, "thinking"), "");
  EXPECT_EQ(dropped(forced, sonnet_4_5), names{"reasoning_effort"});
  // Models that think anyway may do both; of the others nobody says so.
  EXPECT_EQ(value(forced, sonnet_4_6, "thinking"), "");
  EXPECT_EQ(value(forced, sonnet_4_6, "output_config"), R"({"effort":"low"})");
  EXPECT_EQ(dropped(forced, sonnet_4_6), names{"reasoning_effort (no thinking)"});
  EXPECT_EQ(value(forced, "claude-haiku-5-5", "thinking"), R"({"type":"adaptive","display":"summarized"})");
  // A running tool loop whose thinking did not come back is refused while thinking is on.
  auto const loop = R"({"reasoning_effort":"low","messages":[)" + user + "," + calls(call("x")) + "," + result("x", "r") + "]," + tools + "}";
  EXPECT_EQ(value(loop, sonnet_4_5, "thinking"), "");
  EXPECT_EQ(dropped(loop, sonnet_4_5), names{"reasoning_effort"});
  EXPECT_EQ(value(loop, sonnet_4_6, "thinking"), R"({"type":"adaptive","display":"summarized"})");
  // A finished one is not.
  auto const after = R"({"reasoning_effort":"low","messages":[)" + user + "," + calls(call("x")) + "," + result("x", "r") +
                     R"(,{"role":"assistant","content":"b"},)" + user + "]," + tools + "}";
  EXPECT_EQ(value(after, sonnet_4_5, "thinking"), R"({"type":"enabled","budget_tokens":1024})");
  // Without interleaving only the first turn of a loop has thinking.
  auto const second = R"({"reasoning_effort":"low","messages":[)" + user +
                      R"(,{"role":"assistant","thinking_blocks":[{"type":"thinking","thinking":"t","signature":"s"}],"tool_calls":[)" +
                      call("x") + "]}," + result("x", "r") + "," + calls(call("y")) + "," + result("y", "r") + "]," + tools + "}";
  EXPECT_EQ(value(second, sonnet_4_5, "thinking"), R"({"type":"enabled","budget_tokens":1024})");
}

// ---- tools -----------------------------------------------------------------------------------------------------

TEST(anthropic_request, chooses_tools) {
  struct {
    std::string_view model;
    char const* asked;
    char const* choice;
    std::size_t count;
    names lost;
  } const cases[] = {
      {sonnet_4_5, R"("tool_choice":"auto")", R"({"type":"auto"})", 2, {}},
      {sonnet_4_5, R"("tool_choice":"none")", R"({"type":"none"})", 2, {}},
      {sonnet_4_5, R"("tool_choice":"none","parallel_tool_calls":false)", R"({"type":"none"})", 2, {}},
      {sonnet_4_5, R"("tool_choice":"required")", R"({"type":"any"})", 2, {}},
      {sonnet_4_5, R"("tool_choice":{"type":"function","function":{"name":"g"}})", R"({"type":"tool","name":"g"})", 2, {}},
      {sonnet_4_5, R"("parallel_tool_calls":false)", R"({"type":"auto","disable_parallel_tool_use":true})", 2, {}},
      {sonnet_4_5, R"("parallel_tool_calls":true)", "", 2, {}},
      {sonnet_4_5, R"("tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"g"}}]}})", R"({"type":"any"})", 1, {}},
      {opus_5_5, R"("tool_choice":"required")", R"({"type":"auto"})", 2, {"tool_choice (auto)"}},
      {opus_5_5, R"("tool_choice":{"type":"function","function":{"name":"g"}})", R"({"type":"auto"})", 1, {"tool_choice (auto)"}},
  };
  for (auto const& each : cases) {
    SCOPED_TRACE(each.asked);
    auto const out = write(asking(tools + "," + each.asked), each.model);
    EXPECT_EQ(member(out.upstream, "tool_choice"), each.choice);
    std::vector<chat::raw_json> sent;
    json::elements_of(json::find(out.upstream, "tools"), sent);
    EXPECT_EQ(sent.size(), each.count);
    EXPECT_EQ(out.dropped, each.lost);
    bool const asked = each.lost == names{"tool_choice (auto)"};
    EXPECT_EQ(member(out.upstream, "system"), asked ? R"("Call a tool in your next answer; do not answer in text alone.")" : "");
  }
  EXPECT_EQ(write(asking(tools + R"(,"tool_choice":{"type":"function","function":{"name":"h"}})"), sonnet_4_5).param, "tool_choice");
}

TEST(anthropic_request, no_choice_without_tools) {
  auto const out = write(asking(R"("tool_choice":"required","parallel_tool_calls":false,"tools":[])"), sonnet_4_5);
  EXPECT_EQ(member(out.upstream, "tool_choice"), "");
  EXPECT_EQ(member(out.upstream, "tools"), "");
  EXPECT_EQ(out.dropped, names{"tool_choice"});
}

TEST(anthropic_request, gives_tools_that_the_history_needs) {
  auto const out = write(saying(user + "," + calls(call("x")) + "," + result("x", "r")), sonnet_4_5);
  EXPECT_EQ(member(out.upstream, "tools"), R"([{"name":"f","input_schema":{"type":"object","properties":{}}}])");
  EXPECT_EQ(member(out.upstream, "tool_choice"), R"({"type":"none"})");
}

std::string tool(std::string_view function) {
  return asking(R"("tools":[{"type":"function","function":{"name":"f",)" + std::string(function) + "}}]");
}

TEST(anthropic_request, fits_tool_schemas) {
  auto const sent = [](std::string_view function) { return value(tool(function), sonnet_4_5, "tools"); };
  EXPECT_EQ(sent(R"("parameters":null)"), R"([{"name":"f","input_schema":{"type":"object","properties":{}}}])");
  EXPECT_EQ(sent(R"("description":" ","parameters":{})"), R"([{"name":"f","input_schema":{"type":"object","properties":{}}}])");
  EXPECT_EQ(sent(R"("parameters":{"properties":{"n":{"maximum":9007199254740993}}})"),
            R"([{"name":"f","input_schema":{"type":"object","properties":{"n":{"maximum":9007199254740993}}}}])");
  auto const either = R"("parameters":{"type":"object","properties":{"a":{},"b":{}},"anyOf":[{"required":["a"]},{"required":["b"]}]})";
  EXPECT_EQ(sent(either), R"([{"name":"f","input_schema":{"type":"object","properties":{"a":{},"b":{}}}}])");
  EXPECT_EQ(dropped(tool(either), sonnet_4_5), names{"tools[].function.parameters (simplified)"});
  EXPECT_EQ(sent(R"("parameters":{"oneOf":[{"type":"object","properties":{"a":{"type":"string"}}},{"properties":{"b":{}}}]})"),
            R"([{"name":"f","input_schema":{"type":"object","properties":{"a":{"type":"string"},"b":{}}}}])");
  EXPECT_EQ(dropped(asking(R"("tools":[{"type":"custom","custom":{"name":"x"}}])"), sonnet_4_5), names{"tools (custom)"});
}

TEST(anthropic_request, promises_strict_only_what_compiles) {
  auto const strict = R"("strict":true,"parameters":{"type":"object","properties":{"a":{"type":"string","maxLength":3}},"required":["a"]})";
  EXPECT_EQ(value(tool(strict), sonnet_4_5, "tools"),
            R"j([{"name":"f","input_schema":{"type":"object","properties":{"a":{"type":"string","description":"(maxLength: 3)"}},)j"
            R"("required":["a"],"additionalProperties":false},"strict":true}])");
  auto const open = R"("strict":true,"parameters":{"type":"object","additionalProperties":{"type":"string"}})";
  EXPECT_EQ(value(tool(open), sonnet_4_5, "tools"),
            R"([{"name":"f","input_schema":{"type":"object","additionalProperties":{"type":"string"}}}])");
  EXPECT_EQ(dropped(tool(open), sonnet_4_5), names{"tools[].function.strict"});
  EXPECT_EQ(dropped(tool(strict), "claude-sonnet-4-20250514"), names{"tools[].function.strict"});
  EXPECT_EQ(dropped(tool(R"("strict":false,"parameters":{"type":"object"})"), sonnet_4_5), names{});
}

// ---- form of the answer ----------------------------------------------------------------------------------------

std::string schema(std::string_view schema, std::string_view more = "") {
  return asking(R"("response_format":{"type":"json_schema","json_schema":{"name":"n","schema":)" + std::string(schema) + "}}" +
                std::string(more));
}

bool is_native(std::string_view text) {
  return value(schema(text), sonnet_4_5, "output_config") != "";
}

TEST(anthropic_request, compiles_only_the_subset) {
  EXPECT_TRUE(is_native(R"({"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]})"));
  EXPECT_TRUE(is_native(R"({"type":"object","properties":{"a":{"allOf":[{"$ref":"#/$defs/b"}]}},"$defs":{"b":{"type":"string"}}})"));
  EXPECT_TRUE(is_native(R"({"type":"object","additionalProperties":false})"));
  EXPECT_FALSE(is_native(R"({"type":"object"})")) << "an open map can only become {}";
  EXPECT_FALSE(is_native(R"({"type":"object","properties":{"a":{"type":"object","additionalProperties":{"type":"string"}}}})"));
  EXPECT_FALSE(is_native(R"({"type":"object","properties":{"a":{"$ref":"#"}}})")) << "recursion";
  EXPECT_FALSE(is_native(R"({"type":"object","properties":{"a":{"$ref":"#/$defs/b"}},"$defs":{"b":{"type":"array","items":{"$ref":"#/$defs/c"}},"c":{"anyOf":[{"$ref":"#/$defs/b"}]}}})"));
  EXPECT_FALSE(is_native(R"({"type":"object","properties":{"a":{"$ref":"other.json"}}})"));
  EXPECT_FALSE(is_native(R"({"allOf":[{"type":"object","properties":{"a":{}}},{"type":"object","properties":{"b":{}}}]})"));
  EXPECT_FALSE(is_native(R"({"type":"object","properties":{"a":true}})"));
  std::string many;
  for (int i = 0; i < 13; ++i) many += (i ? ",\"p" : "\"p") + std::to_string(i) + "\":{\"type\":\"string\"}";
  EXPECT_FALSE(is_native(R"({"type":"object","properties":{)" + many + "}}")) << "13 optional ones";
  EXPECT_TRUE(is_native(R"({"type":"object","properties":{)" + many + R"(},"required":["p0"]})"));
}

TEST(anthropic_request, falls_back_from_schemas) {
  constexpr std::string_view person = R"({"type":"object","properties":{"a":{"type":"string"}}})";
  constexpr std::string_view sonnet_4 = "claude-sonnet-4-20250514";
  auto const by_tool = write(schema(person), sonnet_4);
  EXPECT_EQ(member(by_tool.upstream, "tool_choice"), R"({"type":"tool","name":"recloser_json_answer"})");
  EXPECT_EQ(member(json::find(by_tool.upstream, "tools").substr(1), "input_schema"), person);
  EXPECT_EQ(by_tool.dropped, names{});
  // With tools of the client's, or thinking, the model is only told.
  for (auto const& more : {"," + tools, std::string(R"(,"reasoning_effort":"low")")}) {
    auto const told = write(schema(person, more), sonnet_4);
    EXPECT_EQ(member(told.upstream, "tool_choice"), "");
    EXPECT_NE(told.upstream.find(R"({\"type\":\"object\",\"properties\":{\"a\")"), std::string::npos);
    EXPECT_EQ(told.dropped, names{"response_format (instructed)"});
  }
  EXPECT_EQ(member(write(schema(R"({"type":"object"})"), opus_5_5).upstream, "tool_choice"), "") << "refuses a forced choice";
  auto const object = write(asking(R"("response_format":{"type":"json_object"})"), sonnet_4_5);
  EXPECT_NE(member(object.upstream, "system").find("JSON object"), std::string::npos);
  EXPECT_EQ(object.dropped, names{});
  EXPECT_EQ(value(asking(R"("response_format":{"type":"text"})"), sonnet_4_5, "system"), "");
}

TEST(anthropic_request, adds_instructions_behind_the_system_text) {
  auto const out = write(R"({"messages":[{"role":"system","content":"s"},{"role":"user","content":"u"}],"response_format":{"type":"json_object"}})", sonnet_4_5);
  EXPECT_TRUE(member(out.upstream, "system").starts_with(R"([{"type":"text","text":"s"},{"type":"text","text":"Answer with one JSON object)"));
}

// ---- loss ------------------------------------------------------------------------------------------------------

TEST(anthropic_request, names_every_loss) {
  EXPECT_EQ(dropped(asking(R"("seed":1,"logprobs":true,"top_logprobs":2,"logit_bias":{"1":2},"presence_penalty":0.5,"frequency_penalty":-1,"verbosity":"low","min_p":0.1,"zzz":{}, "service_tier":"flex")"), sonnet_4_5),
            (names{"seed", "logprobs", "top_logprobs", "logit_bias", "presence_penalty", "frequency_penalty", "verbosity", "min_p", "zzz", "service_tier"}));
  EXPECT_EQ(dropped(asking(R"("logprobs":false,"top_logprobs":0,"logit_bias":{},"presence_penalty":0.0,"frequency_penalty":0,"seed":null)"), sonnet_4_5), names{});
  EXPECT_EQ(dropped(asking(R"("store":true,"user":"u","metadata":{},"prediction":{},"stream_options":{},"prompt_cache_key":"k","safety_identifier":"s")"), sonnet_4_5), names{});
  EXPECT_EQ(dropped(saying(R"({"role":"user","name":"ann","content":"a"},{"role":"user","name":"bob","content":"b"})"), sonnet_4_5), names{"messages[].name"});
}

TEST(anthropic_request, loss_fits_a_header) {
  std::string many = "\"a,b\xc3\xa9;c\":1";
  for (int i = 0; i < 100; ++i) many += ",\"x" + std::to_string(i) + "\":1";
  many += ",\"" + std::string(1000, 'y') + "\":1";
  auto const lost = dropped(asking(many), sonnet_4_5);
  EXPECT_EQ(lost.size(), 33u);
  EXPECT_EQ(lost.front(), "a_b___c");
  EXPECT_EQ(lost.back(), "(more)");
  EXPECT_EQ(dropped(asking("\"" + std::string(1000, 'y') + "\":1"), sonnet_4_5).front().size(), 64u);
}

TEST(anthropic_request, carries_the_rest) {
  EXPECT_EQ(value(asking(R"("service_tier":"priority")"), sonnet_4_5, "service_tier"), R"("auto")");
  EXPECT_EQ(value(asking(R"("cache_control":{"type":"ephemeral"})"), sonnet_4_5, "cache_control"), R"({"type":"ephemeral"})");
  EXPECT_EQ(value(asking(R"("prompt_cache_options":{"mode":"implicit"})"), sonnet_4_5, "cache_control"), R"({"type":"ephemeral"})");
  EXPECT_EQ(value(asking(R"("prompt_cache_options":{"mode":"explicit"})"), sonnet_4_5, "cache_control"), "");
  EXPECT_EQ(value(asking(R"("safety_identifier":"s")"), sonnet_4_5, "metadata"), R"({"user_id":"s"})");
  EXPECT_EQ(value(asking(R"("user":")" + std::string(257, 'u') + "\""), sonnet_4_5, "metadata"), "");
  EXPECT_EQ(value(asking(R"("stop":"x\ny")"), sonnet_4_5, "stop_sequences"), R"(["x\ny"])");
  EXPECT_EQ(value(asking(R"("stop":[" ","\n"])"), sonnet_4_5, "stop_sequences"), "");
  EXPECT_EQ(value(asking(R"("stream":true)"), sonnet_4_5, "stream"), "true");
  EXPECT_EQ(value(asking(R"("stream":false)"), sonnet_4_5, "stream"), "");
}

TEST(anthropic_request, unmarks_the_oldest_tools_last) {
  std::string many;
  for (int i = 0; i < 6; ++i) {
    many += (i ? "," : "") + std::string(R"({"type":"function","function":{"name":"f)") + std::to_string(i) +
            R"("},"cache_control":{"type":"ephemeral"}})";
  }
  auto const out = write(R"({"messages":[{"role":"user","content":"u","cache_control":{"type":"ephemeral"}}],"tools":[)" + many + "]}", sonnet_4_5);
  EXPECT_EQ(member(out.upstream, "messages"), R"([{"role":"user","content":"u"}])");
  std::vector<chat::raw_json> sent;
  json::elements_of(json::find(out.upstream, "tools"), sent);
  ASSERT_EQ(sent.size(), 6u);
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(json::find(sent[i], "cache_control").empty(), i < 2) << i;
  EXPECT_EQ(out.dropped, names{"cache_control"});
}

// ---- models ----------------------------------------------------------------------------------------------------

TEST(anthropic_models, first_row_that_fits) {
  struct {
    std::string_view model;
    std::string_view row;
  } const cases[] = {
      {"claude-opus-5-5-20261001", "claude-opus-5-5"},
      {"claude-opus-5", "claude-opus-5"},
      {"anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5"},
      {"anthropic/claude-sonnet-4.5", "claude-sonnet-4-5"},
      {"claude-sonnet-4-20250514", "claude-sonnet-4"},
      {"claude-sonnet-4@20250514", "claude-sonnet-4"},
      {"claude-sonnet-5", "claude-sonnet-5"},
      {"claude-3-7-sonnet-latest", "claude-3-7"},
      {"claude-3-opus-20240229", "claude-3"},
      {"claude-poet-9", "claude-"},
      {"kimi-k2", ""},
      {"", ""},
  };
  for (auto const& each : cases) EXPECT_EQ(anthropic::abilities_of(each.model).id, each.row) << each.model;
}

}  // namespace
}  // namespace recloser::dialects
