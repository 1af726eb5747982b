// `providers:` of the configuration, and the providers that the environment offers.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/config_fixture.hpp"

namespace recloser::config {
namespace {

using namespace testing;
using texts = std::vector<std::string>;

TEST(config_provider, every_key_is_read) {
  std::string const file = ::testing::TempDir() + "recloser_config_test_ca.pem";
  std::ofstream(file) << "pem";
  loaded const found = load(R"(
providers:
  p:
    type: openai
    base_urls: https://a.example/v1/, https://b.example, https://a.example/v1
    api_keys: k1, k2
    headers: {X-Team: blue, authorization: "Bearer x"}
    models: [m1, m2]
    api_version: "2024-01-01"
    deployments: {m1: d1}
    deployment: d
    insecure_skip_verify: true
    timeouts: {connect: 1s, tls: 2s, send: 3s, first_byte: 4m, idle: 5s, total: 10m}
    ca_file: )" + file + "\n");
  ASSERT_EQ(problems_of(found), "");
  std::filesystem::remove(file);
  provider const& p = *find_provider(found, "p");
  EXPECT_EQ(p.type, "openai");
  EXPECT_EQ(p.base_urls, (texts{"https://a.example/v1", "https://b.example"}));
  EXPECT_EQ(p.api_keys, (texts{"k1", "k2"}));
  EXPECT_EQ(p.headers, (request_defaults{{"X-Team", "blue"}, {"authorization", "Bearer x"}}));
  EXPECT_EQ(p.models, (texts{"m1", "m2"}));
  EXPECT_EQ(p.api_version, "2024-01-01");
  EXPECT_EQ(p.deployments, (std::map<std::string, std::string>{{"*", "d"}, {"m1", "d1"}}));
  EXPECT_TRUE(p.insecure_skip_verify);
  EXPECT_EQ(p.clocks.connect, milliseconds(1000));
  EXPECT_EQ(p.clocks.tls, milliseconds(2000));
  EXPECT_EQ(p.clocks.send, milliseconds(3000));
  EXPECT_EQ(p.clocks.first_byte, milliseconds(240'000));
  EXPECT_EQ(p.clocks.idle, milliseconds(5000));
  EXPECT_EQ(p.clocks.total, milliseconds(600'000));
  EXPECT_EQ(p.ca_file, file);
  EXPECT_FALSE(p.from_environment);
  EXPECT_EQ(load("providers: {ollama: }\n").value.providers.at(0).clocks, clocks{});
}

TEST(config_provider, problems) {
  struct {
    std::string_view text, problem;
  } const rows[] = {
      {"openai: {}", "line 2: `providers.openai` needs a key: set `OPENAI_API_KEY` or `providers.openai.api_key`"},
      {"groq:",
       "line 2: `providers.groq` needs a key: set `GROQ_API_KEY`, `GROQCLOUD_API_KEY` or "
       "`providers.groq.api_key`"},
      {"azure: {api_key: k}",
       "line 2: `providers.azure` needs an address: set `AZURE_OPENAI_ENDPOINT` or "
       "`providers.azure.base_url`"},
      {"opnai: {}", "line 2: unknown provider `opnai`; did you mean `openai`?"},
      {"x: {type: olama}", "line 2: unknown provider type `olama`; did you mean `ollama`?"},
      {"zzzzzz: {}",
       "line 2: unknown provider `zzzzzz`; `recloser providers` lists the known ones, and any server "
       "that speaks OpenAI's protocol can be added with `type: openai-compatible` and `base_url`"},
      {"a/b: {type: ollama}", "line 2: the provider name `a/b` may hold letters, digits, `-`, `_` and `.` only"},
      {"a@b: {type: ollama}", "line 2: the provider name `a@b` may hold letters, digits, `-`, `_` and `.` only"},
      {"ollama: {base_url: http://a, base_urls: http://b}",
       "line 2: `providers.ollama.base_urls` and `base_url` say the same thing; keep one of them"},
      {"openai: {api_key: a, api_key_env: B}",
       "line 2: `providers.openai.api_key_env` and `api_key` say the same thing; keep one of them"},
      {"openai: {api_key_env: B}",
       "line 2: `providers.openai.api_key_env` names the environment variable `B`, which is not set"},
      {"openai: {api_key_env: sk-abc}",
       "line 2: `providers.openai.api_key_env` must be the name of an environment "
       "variable, such as `OPENAI_API_KEY`"},
      {"ollama: {api_base_env: B}",
       "line 2: `providers.ollama.api_base_env` names the environment variable `B`, which is not set"},
      {"openai: {api_key: \"\"}", "line 2: `providers.openai.api_key` is empty"},
      {"openai: {api_key: }", "line 2: `providers.openai.api_key` must be a key or a list of keys, not empty"},
      {"openai: {api_keys: [a, a]}", "line 2: `providers.openai.api_keys[1]` repeats an earlier key"},
      {"ollama: {base_url: []}", "line 2: `providers.ollama.base_url` needs at least one URL"},
      {"ollama: {base_url: 127.0.0.1:1}", "line 2: `providers.ollama.base_url` must begin with http:// or https://"},
      {"ollama: {base_urls: [http://a, http://169.254.169.254.]}",
       "line 2: `providers.ollama.base_urls[1]` names a cloud metadata service, which hands out credentials; it is "
       "never called"},
      {"ollama: {headers: {a b: c}}", "line 2: `providers.ollama.headers.a b` is no valid header name"},
      {"ollama: {headers: {Content-Length: 5}}",
       "line 2: `providers.ollama.headers.Content-Length` is set by recloser itself"},
      {"ollama: {headers: {x-a: \"1\\r\\nx-b: 2\"}}",
       "line 2: `providers.ollama.headers.x-a` holds a line break or another control character"},
      {"ollama: {headers: {x-a: 1, X-A: 2}}",
       "line 2: `providers.ollama.headers.X-A` repeats a header in another spelling"},
      {"ollama: {headers: [a]}",
       "line 2: `providers.ollama.headers` must be a section (`key: value` lines), not a list"},
      {"ollama: {ca_file: /nowhere/ca}",
       "line 2: `providers.ollama.ca_file` names a file that cannot be read (`/nowhere/ca`: No such file or "
       "directory)"},
      {"ollama: {timeouts: {idle: 0}}", "line 2: `providers.ollama.timeouts.idle` must be more than 0"},
      {"ollama: {models: {a: b}}", "line 2: `providers.ollama.models` must be a text, not a section"},
      {"llamacpp: {}\n  llama-cpp: {}",
       "line 3: `providers.llama-cpp` and `providers.llamacpp` (line 2) are the same provider"},
  };
  for (auto const& row : rows) {
    EXPECT_EQ(problems_of("providers:\n  " + std::string(row.text) + "\n"), row.problem) << row.text;
  }
}

TEST(config_provider, takes_what_it_lacks_from_the_environment) {
  variables const set = {{"GROQCLOUD_API_KEY", " second \n"},
                         {"OLLAMA_HOST", "0.0.0.0"},
                         {"OLLAMA_ENDPOINTS", "http://unused:1"},
                         {"VICTOR_VLLM_HOST", "127.0.0.1:8000, gpu-box"},
                         {"MINE", "box:9"},
                         {"KEY", "k"}};
  loaded const found = load(
      "providers:\n  groq:\n  ollama:\n  vllm:\n  other: {type: openai-compatible, "
      "api_base_env: MINE, api_key_env: KEY}\n  far: {type: ollama, base_url: https://far/x}\n",
      set);
  ASSERT_EQ(problems_of(found), "");
  EXPECT_EQ(find_provider(found, "groq")->api_keys, texts{"second"});
  EXPECT_EQ(find_provider(found, "ollama")->base_urls, texts{"http://127.0.0.1:11434/v1"});
  EXPECT_EQ(find_provider(found, "vllm")->base_urls, (texts{"http://127.0.0.1:8000/v1", "http://gpu-box:8000/v1"}));
  EXPECT_EQ(find_provider(found, "other")->base_urls, texts{"http://box:9"});
  EXPECT_EQ(find_provider(found, "other")->api_keys, texts{"k"});
  EXPECT_EQ(find_provider(found, "far")->base_urls, texts{"https://far/x"});
}

TEST(config_provider, a_bad_variable_is_named) {
  EXPECT_EQ(problems_of("providers:\n  ollama:\n", {{"OLLAMA_HOST", "ftp://x"}}),
            "line 2: `OLLAMA_HOST` must begin with http:// or https://");
  EXPECT_EQ(problems_of("providers:\n  openai:\n", {{"OPENAI_API_KEY", "a\nb"}}),
            "line 2: the environment variable `OPENAI_API_KEY` holds a line break or another control character");
}

TEST(config_provider, can_refuse_the_key_of_the_environment) {
  loaded const found =
      load("providers:\n  openai: {api_keys: [], base_url: http://127.0.0.1:1}\n", {{"OPENAI_API_KEY", "k"}});
  ASSERT_EQ(problems_of(found), "");
  EXPECT_EQ(find_provider(found, "openai")->api_keys, texts{});
}

TEST(config_provider, a_built_in_one_is_only_named) {
  loaded const found = load("providers: {}\nroutes: {r: demo/echo}\nprofiles: {p: {provider: demo, model: echo}}\n");
  ASSERT_EQ(problems_of(found), "");
  EXPECT_EQ(targets_of(found, "r"), texts{"demo/echo"});
  EXPECT_EQ(targets_of(found, "p"), texts{"demo/echo"});
  EXPECT_TRUE(found.value.providers.empty());
  EXPECT_EQ(find_provider(detect(), "demo"), nullptr);
  EXPECT_EQ(problems_of("providers:\n  demo: {}\n"),
            "line 2: `providers.demo`: the provider `demo` is built in; take it out");
  EXPECT_EQ(problems_of("profiles:\n  p: {provider: demo, model: echo, api_key: k}\n"),
            "line 2: the provider `demo` is built in and takes no settings");
}

TEST(config_provider, aliases_become_catalog_names) {
  loaded const found = load(
      "providers:\n  llama-cpp: {}\n  second: {type: llama.cpp}\n"
      "routes: {r: {targets: [llamacpp/m, llama-cpp/m, llama.cpp/m, second/m]}}\n");
  ASSERT_EQ(problems_of(found), "");
  EXPECT_EQ(targets_of(found, "r"), (texts{"llamacpp/m", "llamacpp/m", "llamacpp/m", "second/m"}));
  EXPECT_EQ(find_provider(found, "second")->type, "llamacpp");
  EXPECT_EQ(found.value.providers.size(), 2U);
}

// ---- zero config -----------------------------------------------------------------------------------------------------

texts names_of(loaded const& what) {
  texts names;
  for (provider const& one : what.value.providers) names.push_back(one.name);
  return names;
}

TEST(config_zero, finds_what_the_environment_offers) {
  EXPECT_EQ(names_of(detect()), (texts{"llamacpp", "ollama", "vllm"}));
  loaded const found = detect({{"OPENAI_API_KEY", "k"},
                               {"ANTHROPIC_API_KEY", ""},
                               {"AZURE_API_KEY", "k"},
                               {"AZURE_OPENAI_ENDPOINT", "https://r.example"},
                               {"VLLM_API_KEY", "v"}});
  EXPECT_EQ(problems_of(found), "");
  EXPECT_EQ(warnings_of(found), "");
  EXPECT_EQ(names_of(found), (texts{"azure", "llamacpp", "ollama", "openai", "vllm"}));
  for (provider const& one : found.value.providers) EXPECT_TRUE(one.from_environment) << one.name;
  EXPECT_EQ(find_provider(found, "vllm")->api_keys, texts{"v"});
  EXPECT_EQ(found.value.server.listeners.size(), 2U);
}

TEST(config_zero, a_stale_variable_is_a_warning) {
  loaded const found = detect({{"OLLAMA_HOST", "ftp://x"}, {"AZURE_API_KEY", "k"}});
  EXPECT_EQ(problems_of(found), "");
  EXPECT_EQ(warnings_of(found),
            "`providers.azure` needs an address: set `AZURE_OPENAI_ENDPOINT` or `providers.azure.base_url`; azure is "
            "left out\n`OLLAMA_HOST` must begin with http:// or https://; ollama is left out");
  EXPECT_EQ(names_of(found), (texts{"llamacpp", "vllm"}));
}

TEST(config_zero, a_file_without_providers_finds_them_too) {
  loaded const found = load("routes: {r: {targets: [openai/m]}}\n", {{"OPENAI_API_KEY", "k"}, {"GROQ_API_KEY", "k"}});
  EXPECT_EQ(names_of(found), (texts{"openai", "groq", "llamacpp", "ollama", "vllm"}));
  EXPECT_FALSE(find_provider(found, "openai")->from_environment);
  EXPECT_TRUE(find_provider(found, "groq")->from_environment);
  EXPECT_EQ(names_of(load("providers: {}\n", {{"OPENAI_API_KEY", "k"}})), texts{});
}

}  // namespace
}  // namespace recloser::config
