// `routes:` and `profiles:` of the configuration.

#include <gtest/gtest.h>

#include "tests/unit/config_fixture.hpp"

namespace recloser::config {
namespace {

using namespace testing;
using texts = std::vector<std::string>;

variables const keys = {{"OPENAI_API_KEY", "sk-o"}, {"ANTHROPIC_API_KEY", "sk-a"}};

TEST(config_route, every_key_is_read) {
  loaded const found = load(R"(
routes:
  full:
    targets: [{target: openai/gpt-4o, weight: 3}, "ollama/org/model:7b"]
    strategy: Weighted
    strict: true
    defaults: {max_tokens: 8192, temperature: .7, stop: ["a", 5], metadata: {x: "1"}}
  short: openai/gpt-4o
  list: [openai/a, openai/b]
  "openai/gpt-4": {targets: openai/gpt-4o}
)",
                            keys);
  ASSERT_EQ(problems_of(found), "");
  route const& full = *find_route(found, "full");
  EXPECT_EQ(targets_of(found, "full"), (texts{"openai/gpt-4o", "ollama/org/model:7b"}));
  EXPECT_EQ(full.targets[0].weight, 3U);
  EXPECT_EQ(full.targets[1].weight, 1U);
  EXPECT_EQ(full.targets[1].line, 4);
  EXPECT_EQ(full.strategy, strategy::weighted);
  EXPECT_TRUE(full.strict);
  EXPECT_EQ(full.line, 3);
  EXPECT_EQ(full.defaults,
            (request_defaults{
                {"max_tokens", "8192"}, {"temperature", "0.7"}, {"stop", R"(["a",5])"}, {"metadata", R"({"x":"1"})"}}));
  EXPECT_EQ(full.targets[0].defaults, full.defaults);
  EXPECT_EQ(targets_of(found, "short"), texts{"openai/gpt-4o"});
  EXPECT_EQ(find_route(found, "short")->strategy, strategy::order);
  EXPECT_EQ(targets_of(found, "list"), (texts{"openai/a", "openai/b"}));
  EXPECT_EQ(targets_of(found, "openai/gpt-4"), texts{"openai/gpt-4o"});
}

TEST(config_route, problems) {
  struct {
    std::string_view text, problem;
  } const rows[] = {
      {"r: {}", "line 2: `routes.r` needs `targets`, such as `[openai/gpt-4o]`"},
      {"r:", "line 2: `routes.r` needs `targets`, such as `[openai/gpt-4o]`"},
      {"r: {strategy: order}", "line 2: `routes.r` needs `targets`, such as `[openai/gpt-4o]`"},
      {"r: {targets: []}", "line 2: `routes.r.targets` needs at least one target, such as `openai/gpt-4o`"},
      {"r: {targets: [{weight: 2}]}", "line 2: `routes.r.targets[0]` needs `target`"},
      {"r: {targets: [gpt-4o]}", "line 2: `routes.r.targets[0]` must be `provider/model`, not `gpt-4o`"},
      {"r: {targets: [{target: gpt-4o}]}",
       "line 2: `routes.r.targets[0].target` must be `provider/model`, not `gpt-4o`"},
      {"r: {targets: [/gpt-4o]}", "line 2: `routes.r.targets[0]` must be `provider/model`, not `/gpt-4o`"},
      {"r: {targets: [openai/]}", "line 2: `routes.r.targets[0]` must be `provider/model`, not `openai/`"},
      {"r: {targets: [\"openai/a b\"]}", "line 2: `routes.r.targets[0]` must be `provider/model`, not `openai/a b`"},
      {"r: {targets: [[openai/a]]}", "line 2: `routes.r.targets[0]` must be `provider/model`, not a list"},
      {"r: {targets: [{target: openai/a, weight: 0}]}",
       "line 2: `routes.r.targets[0].weight` must be a number from 1 to 1000000, not `0`"},
      {"r: {targets: openai/a, strategy: wieghted}",
       "line 2: `routes.r.strategy` must be `order` or `weighted`, not `wieghted`; did you mean `weighted`?"},
      {"r: {targets: openai/a, strategy: random}",
       "line 2: `routes.r.strategy` must be `order` or `weighted`, not `random`"},
      {"r: {targets: openai/a, defaults: {model: x}}",
       "line 2: `routes.r.defaults.model` cannot have a default: it belongs to each request"},
      {"r: {targets: openai/a, defaults: {stream: true}}",
       "line 2: `routes.r.defaults.stream` cannot have a default: it belongs to each request"},
      {"r: {targets: openai/a, defaults: 5}",
       "line 2: `routes.r.defaults` must be a section (`key: value` lines), not `5`"},
      {"r: {targets: opnai/a}", "line 2: unknown provider `opnai`; did you mean `openai`?"},
      {"\"a b\": openai/a", "line 2: the name `a b` must be short and without blanks: clients send it as `model`"},
      {"r: openai/a\nprofiles:\n  r: {provider: openai, model: a}",
       "line 4: the profile `r` has the name of the route on line 2"},
  };
  for (auto const& row : rows) {
    EXPECT_EQ(problems_of("routes:\n  " + std::string(row.text) + "\n", keys), row.problem) << row.text;
  }
  EXPECT_EQ(problems_of("providers:\n  mine: {type: ollama}\nroutes:\n  r: mien/a\n"),
            "line 4: unknown provider `mien`; did you mean `mine`?");
  // The provider's own problem is enough.
  EXPECT_EQ(problems_of("providers:\n  mine: {type: olama}\nroutes:\n  r: mine/a\n"),
            "line 2: unknown provider type `olama`; did you mean `ollama`?");
}

TEST(config_route, a_target_without_its_key_is_skipped) {
  std::string const text = "providers: {}\nroutes:\n  r:\n    targets:\n    - anthropic/a\n    - openai/b\n";
  loaded const one = load(text, {{"OPENAI_API_KEY", "k"}});
  EXPECT_EQ(problems_of(one), "");
  EXPECT_EQ(warnings_of(one),
            "line 5: the target `anthropic/a` of route `r` is skipped: `providers.anthropic` needs a "
            "key: set `ANTHROPIC_API_KEY` or `providers.anthropic.api_key`");
  EXPECT_EQ(targets_of(one, "r"), texts{"openai/b"});
  EXPECT_EQ(find_provider(one, "anthropic"), nullptr);
  // With no target left the route is of no use.
  EXPECT_EQ(problems_of(text),
            "line 5: the target `anthropic/a` of route `r` is skipped: `providers.anthropic` needs a key: set "
            "`ANTHROPIC_API_KEY` or `providers.anthropic.api_key`\n"
            "line 6: the target `openai/b` of route `r` is skipped: `providers.openai` needs a key: set "
            "`OPENAI_API_KEY` or `providers.openai.api_key`");
}

// ---- profiles --------------------------------------------------------------------------------------------------------

TEST(config_profile, victor_s_examples_load) {
  loaded const found = load(R"(
profiles:
  local:
    provider: ollama
    model: qwen2.5-coder:7b
  lmstudio:
    provider: vllm
    base_url: http://127.0.0.1:1234/v1
    model: qwen2.5-coder-7b
  azure:
    provider: azure
    api_key_env: AZURE_OPENAI_API_KEY
    api_base_env: AZURE_OPENAI_ENDPOINT
    api_version: "2024-08-01-preview"
    deployment: gpt-4o
  resilient:
    provider: anthropic
    model: claude-sonnet-4-20250514
    temperature: 0.2
    max_tokens: 8192
    fallback:
      - provider: openai
        model: gpt-4o
        max_tokens: 4096
      - ollama/qwen2.5-coder:7b
    track_costs: true
)",
                            {{"OPENAI_API_KEY", "sk-o"},
                             {"ANTHROPIC_API_KEY", "sk-a"},
                             {"AZURE_OPENAI_API_KEY", "az"},
                             {"AZURE_OPENAI_ENDPOINT", "https://r.openai.azure.com/"}});
  ASSERT_EQ(problems_of(found), "");
  EXPECT_EQ(targets_of(found, "local"), texts{"ollama/qwen2.5-coder:7b"});
  EXPECT_EQ(targets_of(found, "lmstudio"), texts{"vllm@lmstudio/qwen2.5-coder-7b"});
  EXPECT_EQ(find_provider(found, "vllm@lmstudio")->base_urls, texts{"http://127.0.0.1:1234/v1"});
  EXPECT_EQ(find_provider(found, "vllm@lmstudio")->type, "vllm");
  EXPECT_EQ(targets_of(found, "azure"), texts{"azure@azure/gpt-4o"});
  provider const& azure = *find_provider(found, "azure@azure");
  EXPECT_EQ(azure.base_urls, texts{"https://r.openai.azure.com"});
  EXPECT_EQ(azure.api_keys, texts{"az"});
  EXPECT_EQ(azure.api_version, "2024-08-01-preview");
  EXPECT_EQ(azure.deployments, (std::map<std::string, std::string>{{"gpt-4o", "gpt-4o"}}));
  EXPECT_EQ(azure.line, 11);
  EXPECT_EQ(targets_of(found, "resilient"),
            (texts{"anthropic/claude-sonnet-4-20250514", "openai/gpt-4o", "ollama/qwen2.5-coder:7b"}));
  route const& resilient = *find_route(found, "resilient");
  EXPECT_TRUE(resilient.track_costs);
  EXPECT_EQ(resilient.defaults, (request_defaults{{"temperature", "0.2"}, {"max_tokens", "8192"}}));
  // A fallback's own settings stand before the profile's.
  EXPECT_EQ(resilient.targets[1].defaults, (request_defaults{{"max_tokens", "4096"}, {"temperature", "0.2"}}));
  EXPECT_EQ(resilient.targets[2].defaults, resilient.defaults);
}

TEST(config_profile, settings_of_its_own_make_a_provider) {
  loaded const found = load(R"(
providers:
  openai: {api_key: base, headers: {x-a: "1"}, timeouts: {idle: 7s}}
profiles:
  same:  {provider: openai, model: m, api_key_env: BASE}
  other: {provider: openai, model: m, base_url: "https://proxy.example/v1/"}
  again: {provider: openai, model: m, base_url: "https://PROXY.example/v1"}
  keyed: {provider: openai, model: m, api_key: second, deployment: d,
          fallback: [{provider: openai, model: m, api_key: third}, {provider: openai, model: m, api_key: fourth}]}
)",
                            {{"BASE", "base"}});
  ASSERT_EQ(problems_of(found), "");
  EXPECT_EQ(targets_of(found, "same"), texts{"openai/m"});
  EXPECT_EQ(targets_of(found, "other"), texts{"openai@other/m"});
  EXPECT_EQ(targets_of(found, "again"), texts{"openai@other/m"});
  EXPECT_EQ(targets_of(found, "keyed"), (texts{"openai@keyed/m", "openai@keyed.2/m", "openai@keyed.3/m"}));
  provider const& other = *find_provider(found, "openai@other");
  EXPECT_EQ(other.base_urls, texts{"https://proxy.example/v1"});
  EXPECT_EQ(other.api_keys, texts{"base"});
  EXPECT_EQ(other.headers, (request_defaults{{"x-a", "1"}}));
  EXPECT_EQ(other.clocks.idle, milliseconds(7000));
  provider const& keyed = *find_provider(found, "openai@keyed");
  EXPECT_EQ(keyed.api_keys, texts{"second"});
  EXPECT_EQ(keyed.deployments.at("m"), "d");
  EXPECT_EQ(find_provider(found, "openai")->api_keys, texts{"base"});
  EXPECT_TRUE(find_provider(found, "openai")->deployments.empty());
}

TEST(config_profile, saying_what_is_so_anyway_makes_no_provider) {
  loaded const found = load("profiles:\n  p: {provider: openai, model: m, api_key_env: OPENAI_API_KEY}\n", keys);
  ASSERT_EQ(problems_of(found), "");
  EXPECT_EQ(targets_of(found, "p"), texts{"openai/m"});
}

TEST(config_profile, problems) {
  struct {
    std::string_view text, problem;
  } const rows[] = {
      {"p: {}", "line 2: `profiles.p` needs `provider`"},
      {"p: {provider: openai}", "line 2: `profiles.p` needs `model`"},
      {"p: {model: m}", "line 2: `profiles.p` needs `provider`"},
      {"p: {provider: openai, model: [m]}", "line 2: `profiles.p.model` must be a text, not a list"},
      {"p: {provider: opnai, model: m}", "line 2: unknown provider `opnai`; did you mean `openai`?"},
      {"p: {provider: opnai, model: m, api_key: k}", "line 2: unknown provider `opnai`; did you mean `openai`?"},
      {"p: {provider: openai, model: m, max_token: 5}",
       "line 2: unknown key `max_token` in profiles.p; did you mean `max_tokens`?"},
      {"p: {provider: openai, model: m, api_key_env: NOPE}",
       "line 2: `profiles.p.api_key_env` names the environment variable `NOPE`, which is not set"},
      {"p: {provider: openai, model: m, base_url: \"http://0xA9FEA9FE\"}",
       "line 2: `profiles.p.base_url` names a cloud metadata service, which hands out credentials; it is never called"},
      {"p: {provider: groq, model: m, base_url: \"http://a.example\"}",
       "line 2: `profiles.p` needs a key: set `GROQ_API_KEY`, `GROQCLOUD_API_KEY` or `profiles.p.api_key`"},
      {"p: {provider: openai, model: m, fallback: [gpt-4o]}",
       "line 2: `profiles.p.fallback[0]` must be `provider/model`, not `gpt-4o`"},
      {"p: {provider: openai, model: m, fallback: [{provider: ollama}]}",
       "line 2: `profiles.p.fallback[0]` needs `model`"},
      {"p: {provider: openai, model: m, fallback: [{provider: ollama, model: m, fallback: []}]}",
       "line 2: unknown key `fallback` in profiles.p.fallback[0]; known here: `provider`, `model`, `base_url`, "
       "`base_urls`, `api_base_env`, `api_key`, `api_keys`, `api_key_env`, `api_version`, `deployment`, "
       "`deployments`, `max_tokens`, `max_completion_tokens`, `temperature`, `top_p`, `top_k`, `frequency_penalty`, "
       "`presence_penalty`, `seed`, `stop`, `reasoning_effort` and `defaults`"},
      {"p: {provider: openai, model: m, max_tokens: 1, defaults: {max_tokens: 2}}",
       "line 2: `profiles.p.defaults.max_tokens` has a default already"},
      {"p: {provider: openai, model: m, track_costs: perhaps}",
       "line 2: `profiles.p.track_costs` must be true or false, not `perhaps`"},
      {"p: openai/m", "line 2: `profiles.p` must be a section (`key: value` lines), not `openai/m`"},
  };
  for (auto const& row : rows) {
    EXPECT_EQ(problems_of("profiles:\n  " + std::string(row.text) + "\n", keys), row.problem) << row.text;
  }
}

TEST(config_profile, aliases_and_anchors_keep_profiles_short) {
  loaded const found = load(
      "profiles:\n  a: &base {provider: openai, model: m, temperature: 0.5}\n"
      "  b: {<<: *base, temperature: 1}\n",
      keys);
  ASSERT_EQ(problems_of(found), "");
  EXPECT_EQ(find_route(found, "b")->defaults, (request_defaults{{"temperature", "1"}}));
  EXPECT_EQ(targets_of(found, "b"), texts{"openai/m"});
}

}  // namespace
}  // namespace recloser::config
