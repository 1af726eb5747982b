// How much, how thoughtful, how random: what each model family takes (providers-native.md §1.3, §1.4).

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "anthropic_fixture.hpp"
#include "dialects/anthropic/models.hpp"

namespace recloser::dialects {
namespace {

// ---- settings --------------------------------------------------------------------------------------------------

TEST(anthropic_settings, has_a_limit_for_every_model) {
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

TEST(anthropic_settings, samples_as_the_model_may) {
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

TEST(anthropic_settings, thinks_as_hard_as_asked) {
  std::vector<effort_case> const cases = {
      // budget models (§1.4): the budget comes on top of the answer
      {sonnet_4_5,
       R"("reasoning_effort":"low","max_tokens":2000)",
       R"({"type":"enabled","budget_tokens":1024})",
       "",
       "3024",
       {}},
      {sonnet_4_5,
       R"("reasoning_effort":"high","max_tokens":2000)",
       R"({"type":"enabled","budget_tokens":16384})",
       "",
       "18384",
       {}},
      {sonnet_4_5,
       R"("reasoning_effort":"max","max_tokens":2000)",
       R"({"type":"enabled","budget_tokens":32768})",
       "",
       "34768",
       {}},
      {sonnet_4_5, R"("reasoning_effort":"none","max_tokens":2000)", "", "", "2000", {}},
      {sonnet_4_5, R"("reasoning_effort":"high","max_tokens":1024)", "", "", "1024", {"reasoning_effort"}},
      {sonnet_4_5,
       R"("reasoning_effort":"max","max_tokens":60000)",
       R"({"type":"enabled","budget_tokens":32000})",
       "",
       "64000",
       {}},
      {opus_4_1, R"("reasoning_effort":"high")", R"({"type":"enabled","budget_tokens":16000})", "", "32000", {}},
      {sonnet_4_5,
       R"("reasoning":{"effort":"low"},"max_tokens":2000)",
       R"({"type":"enabled","budget_tokens":1024})",
       "",
       "3024",
       {}},
      {"claude-3-5-haiku-20241022", R"("reasoning_effort":"high")", "", "", "8192", {"reasoning_effort"}},
      // adaptive models
      {sonnet_4_6,
       R"("reasoning_effort":"minimal")",
       R"({"type":"adaptive","display":"summarized"})",
       R"({"effort":"low"})",
       "32000",
       {}},
      {sonnet_4_6,
       R"("reasoning_effort":"xhigh")",
       R"({"type":"adaptive","display":"summarized"})",
       R"({"effort":"high"})",
       "32000",
       {"reasoning_effort (high)"}},
      {opus_5_5,
       R"("reasoning_effort":"xhigh")",
       R"({"type":"adaptive","display":"summarized"})",
       R"({"effort":"xhigh"})",
       "32000",
       {}},
      {opus_5_5,
       R"("reasoning_effort":"max")",
       R"({"type":"adaptive","display":"summarized"})",
       R"({"effort":"max"})",
       "32000",
       {}},
      {sonnet_4_6, R"("reasoning_effort":"none")", R"({"type":"disabled"})", "", "32000", {}},
      {"claude-sonnet-5-5", R"("reasoning_effort":"none")", R"({"type":"between_tools"})", "", "32000", {}},
      {opus_5_5, R"("reasoning_effort":"none")", "", R"({"effort":"low"})", "32000", {"reasoning_effort (low)"}},
      // models that think unasked must have something left for the answer
      {"claude-haiku-5-5", R"("max_tokens":16)", R"({"type":"disabled"})", "", "16", {}},
      {opus_5_5, R"("max_tokens":16)", "", R"({"effort":"low"})", "16", {}},
      {opus_5_5, R"("max_tokens":4000)", "", "", "4000", {}},
      {sonnet_4_6, R"("max_tokens":16)", "", "", "16", {}},
      // the client's own member
      {sonnet_4_5,
       R"("thinking":{"type":"enabled","budget_tokens":2048},"max_tokens":4000)",
       R"({"type":"enabled","budget_tokens":2048})",
       "",
       "4000",
       {}},
      {sonnet_4_5,
       R"("thinking":{"type":"enabled","budget_tokens":4096},"max_tokens":4000)",
       R"({"type":"enabled","budget_tokens":4096})",
       "",
       "8096",
       {}},
      {opus_5_5,
       R"("thinking":{"type":"enabled","budget_tokens":4000})",
       R"({"type":"adaptive","display":"summarized"})",
       R"({"effort":"medium"})",
       "32000",
       {"thinking (adaptive)"}},
      {opus_5_5,
       R"("thinking":{"type":"adaptive","display":"omitted"},"reasoning_effort":"low")",
       R"({"type":"adaptive","display":"omitted"})",
       R"({"effort":"low"})",
       "32000",
       {}},
      {sonnet_4_5,
       R"("thinking":{"type":"adaptive"},"max_tokens":2000)",
       R"({"type":"enabled","budget_tokens":4096})",
       "",
       "6096",
       {"thinking (budget)"}},
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

TEST(anthropic_settings, thinking_on_a_budget_yields) {
  auto const forced = asking(tools + R"(,"tool_choice":"required","reasoning_effort":"low")");
  EXPECT_EQ(value(forced, sonnet_4_5, "thinking"), "");
  EXPECT_EQ(dropped(forced, sonnet_4_5), names{"reasoning_effort"});
  // Models that think anyway may do both; of the others nobody says so.
  EXPECT_EQ(value(forced, sonnet_4_6, "thinking"), "");
  EXPECT_EQ(value(forced, sonnet_4_6, "output_config"), R"({"effort":"low"})");
  EXPECT_EQ(dropped(forced, sonnet_4_6), names{"reasoning_effort (no thinking)"});
  EXPECT_EQ(value(forced, "claude-haiku-5-5", "thinking"), R"({"type":"adaptive","display":"summarized"})");
  // A running tool loop whose thinking did not come back is refused while thinking is on.
  auto const loop = R"({"reasoning_effort":"low","messages":[)" + user + "," + calls(call("x")) + "," +
                    result("x", "r") + "]," + tools + "}";
  EXPECT_EQ(value(loop, sonnet_4_5, "thinking"), "");
  EXPECT_EQ(dropped(loop, sonnet_4_5), names{"reasoning_effort"});
  EXPECT_EQ(value(loop, sonnet_4_6, "thinking"), R"({"type":"adaptive","display":"summarized"})");
  // A finished one is not.
  auto const after = R"({"reasoning_effort":"low","messages":[)" + user + "," + calls(call("x")) + "," +
                     result("x", "r") + R"(,{"role":"assistant","content":"b"},)" + user + "]," + tools + "}";
  EXPECT_EQ(value(after, sonnet_4_5, "thinking"), R"({"type":"enabled","budget_tokens":1024})");
  // Without interleaving only the first turn of a loop has thinking.
  auto const second =
      R"({"reasoning_effort":"low","messages":[)" + user +
      R"(,{"role":"assistant","thinking_blocks":[{"type":"thinking","thinking":"t","signature":"s"}],"tool_calls":[)" +
      call("x") + "]}," + result("x", "r") + "," + calls(call("y")) + "," + result("y", "r") + "]," + tools + "}";
  EXPECT_EQ(value(second, sonnet_4_5, "thinking"), R"({"type":"enabled","budget_tokens":1024})");
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
