// What each model family takes, and which requests must go to Responses.

#include <string>

#include <gtest/gtest.h>

#include "dialects/openai_responses/models.hpp"
#include "dialects/openai_responses/needs_responses.hpp"
#include "responses_fixture.hpp"

namespace recloser::dialects::openai_responses {
namespace {

// ---- effort (§3.3) ---------------------------------------------------------------------------------------------

TEST(responses_models, effort) {
  struct {
    char const* model;
    char const* wish;
    char const* effort;  ///< empty: not sent
    names lost = {};
  } const rows[] = {
      {"o3", "low", "low"},
      {"o3", "none", "low", {"reasoning_effort (low)"}},
      {"o3", "xhigh", "high", {"reasoning_effort (high)"}},
      {"gpt-5", "minimal", "minimal"},
      {"gpt-5-mini-2025-08-07", "none", "minimal", {"reasoning_effort (minimal)"}},
      {"gpt-5", "max", "high", {"reasoning_effort (high)"}},
      {"gpt-5.1", "none", "none"},
      {"gpt-5.1", "minimal", "low", {"reasoning_effort (low)"}},
      {"gpt-5.1", "xhigh", "high", {"reasoning_effort (high)"}},
      {"gpt-5.2", "xhigh", "xhigh"},
      {"gpt-5.4", "max", "xhigh", {"reasoning_effort (xhigh)"}},
      {"gpt-5.6-luna", "max", "max"},
      {"gpt-6-astra", "none", "low", {"reasoning_effort (low)"}},
      {"gpt-6.1-sol", "minimal", "low", {"reasoning_effort (low)"}},
      {"gpt-6.1-terra", "none", "none"},
      {"gpt-5-pro", "low", "high", {"reasoning_effort (high)"}},
      {"gpt-5.4-pro", "low", "medium", {"reasoning_effort (medium)"}},
      {"gpt-5.1-codex", "none", "low", {"reasoning_effort (low)"}},
      {"gpt-5.1-codex-max", "xhigh", "xhigh"},
      {"gpt-5.3-codex", "xhigh", "xhigh"},
      {"gpt-5.1-chat-latest", "high", "medium", {"reasoning_effort (medium)"}},
      {"gpt-5-chat-latest", "high", "", {"reasoning_effort"}},
      {"gpt-4o", "high", "", {"reasoning_effort"}},
      {"gpt-4o", "none", ""},
      {"grok-4.6", "xhigh", "xhigh"},
      {"grok-4.3", "xhigh", "high", {"reasoning_effort (high)"}},
      {"grok-4.20-0309-reasoning", "low", "", {"reasoning_effort"}},
      {"grok-4", "low", "", {"reasoning_effort"}},
      {"some-model", "max", "max"},
  };
  for (auto const& each : rows) {
    SCOPED_TRACE(std::string(each.model) + " " + each.wish);
    auto const request = asking(R"("reasoning_effort":")" + std::string(each.wish) + '"');
    auto const effort = std::string(each.effort);
    EXPECT_EQ(sent(request, each.model, "reasoning"), effort.empty() ? "" : R"({"effort":")" + effort + R"("})");
    EXPECT_EQ(lost(request, each.model), each.lost);
  }
}

TEST(responses_models, summary_only_for_who_asks) {
  EXPECT_EQ(sent(asking(R"("reasoning":{"summary":"detailed"})"), "gpt-5.5", "reasoning"), R"({"summary":"detailed"})");
  EXPECT_EQ(sent(asking(R"("reasoning":{"effort":"low","summary":"auto"})"), "gpt-5.5", "reasoning"),
            R"({"effort":"low","summary":"auto"})");
  EXPECT_EQ(lost(asking(R"("reasoning":{"effort":"low","summary":"auto"})"), "grok-4.5"), names{"reasoning.summary"});
  EXPECT_EQ(lost(asking(R"("reasoning":{"max_tokens":100})"), "gpt-5.5"), names{"reasoning"});
}

TEST(responses_models, anthropics_thinking) {
  struct {
    char const* thinking;
    char const* reasoning;
    names lost = {};
  } const rows[] = {
      {R"({"type":"disabled"})", R"({"effort":"none"})"},
      {R"({"type":"enabled","budget_tokens":1024})", R"({"effort":"low"})", {"thinking (reasoning_effort)"}},
      {R"({"type":"enabled","budget_tokens":8000})", R"({"effort":"high"})", {"thinking (reasoning_effort)"}},
      {R"({"type":"enabled","budget_tokens":99999})",
       R"({"effort":"xhigh"})",
       {"thinking (reasoning_effort)", "reasoning_effort (xhigh)"}},
      {R"({"type":"adaptive"})", "", {"thinking"}},
  };
  for (auto const& each : rows) {
    auto const request = asking(R"("thinking":)" + std::string(each.thinking));
    EXPECT_EQ(sent(request, "gpt-5.4", "reasoning"), each.reasoning) << each.thinking;
    EXPECT_EQ(lost(request, "gpt-5.4"), each.lost) << each.thinking;
  }
}

// ---- sampling (§3.3) -------------------------------------------------------------------------------------------

TEST(responses_models, sampling) {
  struct {
    char const* model;
    char const* members;
    char const* temperature;
    names lost = {};
  } const rows[] = {
      {"gpt-4.1", R"("temperature":0.2)", "0.2"},
      {"gpt-5", R"("temperature":0.2,"top_p":0.5)", "", {"temperature", "top_p"}},
      {"gpt-5", R"("temperature":1,"top_p":1.0)", ""},
      {"o3", R"("temperature":0)", "", {"temperature"}},
      {"gpt-5.1", R"("temperature":0.2)", "0.2"},
      {"gpt-5.1", R"("temperature":0.2,"reasoning_effort":"low")", "", {"temperature"}},
      {"gpt-5.4", R"("temperature":0.2)", "", {"temperature"}},
      {"gpt-5.4", R"("temperature":0.2,"reasoning_effort":"none")", "0.2"},
      {"gpt-6-astra", R"("temperature":0.2,"reasoning_effort":"none")", "", {"reasoning_effort (low)", "temperature"}},
      {"gpt-5-chat-latest", R"("temperature":0.2)", "0.2"},
      {"grok-4.5", R"("temperature":0.2)", "0.2"},
      {"my-llama", R"("temperature":0.20)", "0.20"},
  };
  for (auto const& each : rows) {
    SCOPED_TRACE(std::string(each.model) + " " + each.members);
    EXPECT_EQ(sent(asking(each.members), each.model, "temperature"), each.temperature);
    EXPECT_EQ(lost(asking(each.members), each.model), each.lost);
  }
}

TEST(responses_models, encrypted_reasoning_only_from_who_reasons) {
  for (auto const* model : {"gpt-5.5", "o3", "openai/gpt-5", "my-gpt-5.4-eu", "grok-4.5", "gpt-6-luna"}) {
    EXPECT_EQ(sent(asking(R"("n":1)"), model, "include"), R"(["reasoning.encrypted_content"])") << model;
  }
  for (auto const* model : {"gpt-4o", "gpt-4.1-mini", "gpt-5-chat-latest", "gpt-35-turbo", "my-deployment", ""}) {
    EXPECT_EQ(sent(asking(R"("n":1)"), model, "include"), "") << model;
  }
}

// ---- names -----------------------------------------------------------------------------------------------------

TEST(responses_models, names) {
  EXPECT_EQ(abilities_of("gpt-5.10").id, "gpt-5.");
  EXPECT_EQ(abilities_of("gpt-5.1").id, "gpt-5.1");
  EXPECT_EQ(abilities_of("gpt-5.1-2025-11-13").id, "gpt-5.1");
  EXPECT_EQ(abilities_of("gpt-5-2025-08-07").id, "gpt-5");
  EXPECT_EQ(abilities_of("azure/my-gpt-5.4").id, "gpt-5.4");
  EXPECT_EQ(abilities_of("minigpt-5.4").id, "");
  EXPECT_EQ(abilities_of("o1").id, "o1");
  EXPECT_EQ(abilities_of("o10").id, "");
  EXPECT_EQ(abilities_of("gpt-").id, "");
}

TEST(responses_models, same_model) {
  struct {
    char const* one;
    char const* other;
    bool same;
  } const rows[] = {
      {"gpt-5.5", "gpt-5.5", true},
      {"gpt-5.5", "gpt-5.5-2026-04-23", true},
      {"openai/gpt-5.5", "gpt-5.5", true},
      {"gpt-5.6", "gpt-5.6-sol-2026-07-09", true},
      {"grok-4", "grok-4-0709", true},
      {"gpt-5-mini-latest", "gpt-5-mini", true},
      {"gpt-5", "gpt-5-mini", false},
      {"gpt-5", "gpt-5.5", false},
      {"gpt-5.4", "gpt-5.5", false},
      {"gpt-5.6-sol", "gpt-5.6-luna", false},
      {"", "gpt-5", false},
      {"", "-1", false},
      {"gpt-5", "gpt-5-", false},
  };
  for (auto const& each : rows) {
    EXPECT_EQ(is_same_model(each.one, each.other), each.same) << each.one << " " << each.other;
    EXPECT_EQ(is_same_model(each.other, each.one), each.same) << each.one << " " << each.other;
  }
}

// ---- where to ---------------------------------------------------------------------------------------------------

TEST(responses_models, needs_responses) {
  struct {
    char const* model;
    bool tools;
    char const* effort;  ///< empty: not sent
    bool needed;
  } const rows[] = {
      {"gpt-4o", true, "", false},
      {"gpt-4.1", true, "", false},
      {"o3", true, "high", false},
      {"gpt-5", true, "high", false},
      {"gpt-5.1", true, "high", false},
      {"gpt-5.2", true, "xhigh", false},
      {"gpt-5.3", true, "xhigh", false},
      {"gpt-5.4", false, "high", false},
      {"gpt-5.4", true, "", false},
      {"gpt-5.4", true, "none", false},
      {"gpt-5.4", true, "low", true},
      {"gpt-5.4-mini", true, "low", true},
      {"gpt-5.5", true, "", true},
      {"gpt-5.5", true, "none", false},
      {"gpt-5.5", false, "", false},
      {"gpt-5.6", true, "", true},
      {"gpt-5.6-terra", true, "low", true},
      {"gpt-5.6-luna", true, "none", false},
      {"gpt-5.6-sol", false, "max", true},
      {"gpt-5.6-sol", false, "high", false},
      {"gpt-6-sol", true, "", true},
      {"gpt-6-luna", true, "none", false},
      {"gpt-6.1-terra", true, "medium", true},
      {"gpt-6-astra", true, "none", true},
      {"gpt-6-astra", false, "", false},
      {"gpt-6.1-sol", true, "", true},
      {"gpt-5-pro", false, "", true},
      {"gpt-5.4-pro-2026-03-05", false, "none", true},
      {"o3-pro", false, "", true},
      {"o1-pro", false, "", true},
      {"gpt-5-codex", false, "", true},
      {"gpt-5.1-codex-mini", false, "", true},
      {"gpt-5.3-codex", false, "", true},
      {"codex-mini-latest", false, "", true},
      {"o3-deep-research", false, "", true},
      {"gpt-5-chat-latest", true, "", false},
      {"openai/gpt-5.6", true, "", true},
      {"my-gpt-5.6-eu", true, "", true},
      {"my-deployment", true, "max", false},
      {"grok-4.7", true, "high", false},
      {"", true, "high", false},
  };
  for (auto const& each : rows) {
    EXPECT_EQ(needs_responses(each.model, {each.tools, each.effort}), each.needed)
        << each.model << " tools " << each.tools << " effort " << each.effort;
  }
}

TEST(responses_models, wishes) {
  auto const wishes = [](std::string_view members) {
    padded const body("{" + std::string(members) + "}");
    auto const found = wishes_of(*json::scan_object(body.view()));
    return (found.tools ? "tools " : "") + std::string(found.effort);
  };
  EXPECT_EQ(wishes(""), "");
  EXPECT_EQ(wishes(R"("tools":[ ],"reasoning_effort":null)"), "");
  EXPECT_EQ(wishes(R"("tools":null)"), "");
  EXPECT_EQ(wishes(R"("tools":{})"), "");
  EXPECT_EQ(wishes(R"("reasoning_effort":"low","tools":[{}])"), "tools low");
}

}  // namespace
}  // namespace recloser::dialects::openai_responses
