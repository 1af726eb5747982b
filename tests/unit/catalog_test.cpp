// The catalog as data: every row is whole and can be found.

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "providers/row.hpp"

namespace recloser::providers {
namespace {

TEST(catalog, has_every_provider) {
  std::vector<std::string_view> names;
  for (auto const& each : catalog()) names.push_back(each.name);
  EXPECT_EQ(names,
            (std::vector<std::string_view>{
                       "anthropic", "azure",    "bedrock",  "cerebras", "deepseek", "fireworks",         "gemini",
                       "groq",      "huggingface", "llamacpp", "lmstudio", "mistral", "moonshot",        "ollama",
                       "openai",    "openai-compatible", "openrouter", "replicate", "together", "vertex", "vllm",
                       "xai"}));
}

TEST(catalog, finds_by_name_and_alias) {
  struct {
    std::string_view word, name;
  } const cases[] = {{"openai", "openai"},      {"groqcloud", "groq"},     {"hf", "huggingface"},
                     {"llama-cpp", "llamacpp"}, {"llama.cpp", "llamacpp"}, {"kimi", "moonshot"},
                     {"grok", "xai"},           {"claude", "anthropic"},   {"lm-studio", "lmstudio"}};
  for (auto const& each : cases) {
    auto const* const found = find_row(each.word);
    ASSERT_TRUE(found) << each.word;
    EXPECT_EQ(found->name, each.name);
  }
  EXPECT_EQ(find_row("nobody"), nullptr);
  EXPECT_EQ(find_row(""), nullptr);
}

TEST(catalog, knows_the_environment_variables_of_old_setups) {
  auto const has = [](std::string_view provider, std::string_view variable) {
    auto const& row = *find_row(provider);
    return std::ranges::count(row.key_variables, variable) + std::ranges::count(row.url_variables, variable) == 1;
  };
  EXPECT_TRUE(has("groq", "GROQCLOUD_API_KEY"));
  EXPECT_TRUE(has("huggingface", "HF_API_KEY"));
  EXPECT_TRUE(has("ollama", "OLLAMA_HOST"));
  EXPECT_TRUE(has("ollama", "OLLAMA_ENDPOINTS"));
  EXPECT_TRUE(has("lmstudio", "LMSTUDIO_ENDPOINTS"));
  EXPECT_TRUE(has("lmstudio", "VICTOR_LM_STUDIO_HOST"));
  EXPECT_TRUE(has("vllm", "VICTOR_VLLM_HOST"));
  EXPECT_TRUE(has("llamacpp", "VICTOR_LLAMACPP_HOST"));
  EXPECT_TRUE(has("openai", "OPENAI_BASE_URL"));
  EXPECT_TRUE(has("together", "TOGETHERAI_API_KEY"));
}

TEST(catalog, rows_are_whole) {
  for (auto const& each : catalog()) {
    EXPECT_FALSE(each.title.empty()) << each.name;
    bool const generic = each.name == "openai-compatible";
    bool const cloud = each.auth == auth_kind::aws || each.auth == auth_kind::google || each.auth == auth_kind::azure;
    EXPECT_EQ(each.base_urls.empty(), generic || cloud) << each.name;
    if (!generic) EXPECT_FALSE(each.key_variables.empty()) << each.name;
    if (!generic) EXPECT_FALSE(each.url_variables.empty()) << each.name;
    EXPECT_EQ(each.allowed.empty(), each.unknown == unknown_fields::pass) << each.name;
    for (auto url : each.base_urls) {
      EXPECT_TRUE(url.starts_with(each.local ? "http://127.0.0.1:" : "https://")) << url;
      EXPECT_FALSE(url.ends_with('/')) << url;
      EXPECT_EQ(url.ends_with("/v1"), !each.dialect || each.name == "replicate") << url;
    }
    EXPECT_EQ(each.default_port != 0, each.local) << each.name;
    if (each.local)
      EXPECT_TRUE(each.base_urls.front().ends_with(":" + std::to_string(each.default_port) + (each.dialect ? "" : "/v1"))) << each.name;
    if (each.local)
      EXPECT_GE(each.first_byte, std::chrono::seconds(600)) << each.name << ": a model may have to be loaded";
  }
}

TEST(catalog, rules_make_sense) {
  for (auto const& each : catalog()) {
    for (auto const& rule : each.rules) {
      EXPECT_FALSE(rule.field.empty()) << each.name;
      bool const needs_to = rule.action == field_action::rename || rule.action == field_action::replace ||
                            rule.action == field_action::replace_object;
      EXPECT_EQ(!rule.to.empty(), needs_to) << each.name << ' ' << rule.field;
      if (rule.action == field_action::replace) EXPECT_FALSE(rule.from.empty()) << each.name << ' ' << rule.field;
      EXPECT_NE(rule.field, "model");
      EXPECT_NE(rule.field, "messages");
      EXPECT_NE(rule.field, "stream");
      EXPECT_NE(rule.field, "stream_options") << "that is what `usage` is for";
    }
    for (auto field : {"model", "messages", "stream"}) {
      if (!each.allowed.empty()) EXPECT_EQ(std::ranges::count(each.allowed, field), 1) << each.name << ' ' << field;
    }
  }
}

}  // namespace
}  // namespace recloser::providers
