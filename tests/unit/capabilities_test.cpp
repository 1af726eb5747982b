// What models can do: which row a name finds, what the rows say, and what goes over what.

#include "providers/capabilities.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "dialects/anthropic/models.hpp"
#include "providers/capabilities/rows.hpp"
#include "providers/row.hpp"

namespace recloser::providers {
namespace {

using enum support;

// ---- names -----------------------------------------------------------------------------------------------------

struct spelled {
  std::string_view provider;
  std::string_view model;
  std::string_view family;  ///< empty: nothing is known
};

constexpr spelled names[] = {
    // vendors' own, dated and not
    {"openai", "gpt-4o", "gpt-4o"},
    {"openai", "gpt-4o-2024-08-06", "gpt-4o"},
    {"openai", "gpt-4o-2024-05-13", "gpt-4o-2024-05-13"},
    {"openai", "ft:gpt-4o-mini-2024-07-18:org::AbC1", "gpt-4o"},
    {"openai", "ft:o4-mini-2025-04-16:org::x", "^o4"},
    {"openai", "gpt-4-0613", "gpt-4"},
    {"openai", "gpt-4-1106-preview", "gpt-4-1106"},
    {"openai", "gpt-4.1-mini", "gpt-4.1"},
    {"openai", "gpt-5.4-mini-2026-01-01", "gpt-5.4-mini"},
    {"openai", "gpt-5.1-codex-max", "gpt-5.1"},
    {"openai", "gpt-5-chat-latest", "gpt-5-chat"},
    {"openai", "gpt-6.1-terra", "gpt-6.1"},
    {"openai", "o3-mini", "^o3-mini"},
    {"openai", "o3-2025-04-16", "^o3"},
    {"openai", "text-embedding-3-small", "text-embedding-3"},
    {"openai", "whisper-1", "^whisper"},
    {"anthropic", "claude-opus-4-5-20251101", "claude-opus-4-5"},
    {"anthropic", "claude-sonnet-4-20250514", "claude-sonnet-4"},
    {"anthropic", "claude-sonnet-5-5", "claude-sonnet-5-5"},
    {"anthropic", "claude-3-5-haiku-20241022", "claude-3-5"},
    {"anthropic", "claude-opus-9", "claude"},
    {"gemini", "models/gemini-2.0-flash-exp", "gemini-2.0"},
    {"gemini", "gemini-2.0-flash-thinking-exp", "gemini-2.0-flash-thinking"},
    {"gemini", "gemini-3.1-pro-preview", "gemini-3.1"},
    {"gemini", "gemini-3-flash-preview", "gemini-3"},
    {"gemini", "gemini-4-argon", "gemini"},
    {"gemini", "gemini-embedding-001", "gemini-embedding"},
    {"deepseek", "deepseek-flash", "deepseek-flash"},
    {"deepseek", "deepseek-v4-pro", "deepseek-v4"},
    {"mistral", "mistral-large-latest", "mistral-large-latest"},
    {"mistral", "mistral-large-2407", "mistral-large-2407"},
    {"mistral", "mistral-small-2506", "mistral-small-2506"},
    {"mistral", "codestral-2508", "codestral"},
    {"mistral", "devstral-2512", "devstral-2512"},
    {"mistral", "ministral-3b-latest", "ministral"},
    {"xai", "grok-4.20-0309-non-reasoning", "grok-4.20-0309-non-reasoning"},
    {"xai", "grok-4.20-0309-reasoning", "grok-4.20"},
    {"xai", "grok-4-0709", "grok-4"},
    {"moonshot", "kimi-k2-0905-preview", "kimi-k2"},
    {"moonshot", "kimi-k2.7-code-highspeed", "kimi-k2.7"},
    {"moonshot", "moonshot-v1-8k-vision-preview", "moonshot-v1-8k-vision"},

    // resellers
    {"openrouter", "anthropic/claude-sonnet-4.5", "claude-sonnet-4-5"},
    {"openrouter", "anthropic/claude-3.7-sonnet:thinking", "claude-3-7"},
    {"openrouter", "~deepseek/deepseek-r1-0528:free", "deepseek-r1"},
    {"openrouter", "meta-llama/llama-3.3-70b-instruct", "llama-3.3"},
    {"groq", "llama-3.1-8b-instant", "llama-3.1-8b"},
    {"groq", "openai/gpt-oss-20b", "gpt-oss"},
    {"groq", "groq/compound-mini", "compound-mini"},
    {"cerebras", "qwen-3-235b-a22b-instruct-2507", "qwen-3-235b-a22b-instruct"},
    {"cerebras", "llama3.1-8b", "llama-3.1-8b"},
    {"together", "meta-llama/Llama-4-Scout-17B-16E-Instruct", "llama-4-scout"},
    {"together", "deepseek-ai/DeepSeek-V3-1", "deepseek-v3.1"},
    {"fireworks", "accounts/fireworks/models/kimi-k2p6", "kimi-k2.6"},
    {"fireworks", "accounts/fireworks/models/deepseek-v4p1-flash", "deepseek-v4.1-flash"},
    {"fireworks", "accounts/fireworks/models/llama-v3p1-70b-instruct", "llama-v3p1"},
    {"fireworks", "accounts/fireworks/routers/kimi-k3-fast", "kimi-k3"},
    {"fireworks", "accounts/fireworks/models/kimi-k3#accounts/me/deployments/x", "kimi-k3"},
    {"huggingface", "Qwen/Qwen2.5-Coder-7B-Instruct:together", "qwen2.5-coder"},
    {"huggingface", "zai-org/GLM-4.5V", "glm-4.5v"},
    {"replicate", "anthropic/claude-4-sonnet", "claude-4-sonnet"},
    {"replicate", "deepseek-ai/deepseek-r1:1b2c3d", "deepseek-r1"},
    {"azure", "gpt4o-prod", "gpt-4o"},
    {"azure", "gpt-35-turbo", "gpt-35-turbo"},
    {"azure", "our-deployment", ""},

    // Bedrock and Vertex
    {"bedrock", "anthropic.claude-3-5-sonnet-20241022-v2:0", "claude-3-5"},
    {"bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5"},
    {"bedrock", "anthropic.claude-opus-4-6-v1", "claude-opus-4-6"},
    {"bedrock", "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-opus-5", "claude-opus-5"},
    {"bedrock", "arn:aws:bedrock:us-east-1:1:application-inference-profile/ab12cd", ""},
    {"bedrock", "amazon.nova-lite-v1:0", "nova-lite"},
    {"bedrock", "global.amazon.nova-2-lite-v1:0", "nova-2-lite"},
    {"bedrock", "amazon.titan-embed-text-v2:0", "titan-embed"},
    {"bedrock", "mistral.mistral-large-2402-v1:0", "mistral-large-2402"},
    {"bedrock", "cohere.command-r-plus-v1:0", "command-r-plus"},
    {"bedrock", "deepseek.r1-v1:0", "deepseek-r1"},
    {"bedrock", "openai.gpt-oss-120b-1:0", "gpt-oss"},
    {"vertex", "claude-sonnet-4-5@20250929", "claude-sonnet-4-5"},
    {"vertex", "publishers/google/models/gemini-2.5-pro", "gemini-2.5"},
    {"vertex", "meta/llama-4-maverick-17b-128e-instruct-maas", "llama-4-maverick"},

    // Ollama
    {"ollama", "qwen2.5-coder:7b-instruct-q4_K_M", "qwen2.5-coder"},
    {"ollama", "qwen3:8b", "qwen3"},
    {"ollama", "qwen3:1.7b", "qwen3"},
    {"ollama", "qwen3:0.6b", "qwen3"},
    {"ollama", "qwen3.8:27b", "qwen3.8"},
    {"ollama", "qwen2.5:1.5b", "qwen2.5"},
    {"ollama", "llama3.2:3b", "llama-3.2"},
    {"ollama", "llama3.2-vision:11b", "llama-3.2-vision"},
    {"ollama", "llama3:8b", "llama-3"},
    {"ollama", "llama2", "llama-2"},
    {"ollama", "mistral:7b", "mistral-7b"},
    {"ollama", "mistral", "mistral"},
    {"ollama", "mistral-small3.2:24b", "mistral-small-3.2"},
    {"ollama", "deepseek-r1:8b", "deepseek-r1"},
    {"ollama", "deepseek-coder:6.7b", "deepseek-coder"},
    {"ollama", "gemma3:1b", "gemma-3-1b"},
    {"ollama", "gemma3:12b", "gemma-3"},
    {"ollama", "gemma3n:e4b", "gemma-3n"},
    {"ollama", "gemma:2b", "gemma-2b"},
    {"ollama", "gemma2:2b", "gemma-2"},
    {"ollama", "phi3:mini", "phi-3"},
    {"ollama", "phi4-mini", "phi-4-mini"},
    {"ollama", "gpt-oss:20b", "gpt-oss"},
    {"ollama", "granite3.1-dense:8b", "granite-3.1"},
    {"ollama", "granite4:micro-h", "granite-4"},
    {"ollama", "command-r7b", "command-r7b"},
    {"ollama", "nomic-embed-text:latest", "nomic-embed-text"},
    {"ollama", "mixtral:8x22b", "mixtral-8x22b"},
    {"ollama", "codellama:13b", "codellama"},
    {"ollama", "hf.co/bartowski/Llama-3.2-3B-Instruct-GGUF:Q4_K_M", "llama-3.2"},
    {"ollama", "marco-o1", ""},  // not OpenAI's

    // LM Studio, llama.cpp, vLLM
    {"lmstudio", "qwen/qwen3-8b", "qwen3"},
    {"lmstudio", "qwen3-1.7b", "qwen3"},
    {"lmstudio", "meta-llama-3.1-8b-instruct", "llama-3.1"},
    {"lmstudio", "qwen2.5-coder-7b-instruct@q4_k_m", "qwen2.5-coder"},
    {"lmstudio", "deepseek-r1-distill-qwen-7b", "deepseek-r1-distill"},
    {"lmstudio", "deepseek-r1-0528-qwen3-8b", "deepseek-r1"},
    {"lmstudio", "text-embedding-nomic-embed-text-v1.5", "nomic-embed-text"},
    {"lmstudio", "text-embedding-something-new", "text-embedding"},
    {"llamacpp", "../models/Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf", "llama-3.1"},
    {"llamacpp", "C:\\models\\phi-4-Q8_0.gguf", "phi-4"},
    {"llamacpp", "gemma-3-27b-it-Q4_0.gguf", "gemma-3"},
    {"vllm", "Qwen/Qwen2.5-VL-7B-Instruct", "qwen2.5-vl"},
    {"vllm", "mistralai/Codestral-22B-v0.1", "codestral-22b"},
    {"vllm", "mistralai/Mistral-7B-Instruct-v0.3", "mistral-7b"},
    {"vllm", "deepseek-ai/DeepSeek-Coder-V2-Lite", "deepseek-coder-v2"},
    {"vllm", "Snowflake/snowflake-arctic-embed-m-v2.0", "snowflake-arctic-embed-m-v2.0"},
    {"vllm", "BAAI/bge-m3", "bge-m3"},

    // a later version of a family is not yet known
    {"openai", "gpt-5.9", ""},
    {"anthropic", "claude-opus-4-9", "claude"},
    {"moonshot", "kimi-k2.9", "kimi"},
    {"ollama", "qwen3.9:8b", "qwen"},
    {"ollama", "llama3.7:8b", "llama"},

    // nothing to find
    {"openai", "", ""},
    {"openai", "/", ""},
    {"openai", "a/b/", ""},
    {"openai", "----", ""},
    {"openai", "philosopher", ""},
    {"openai", "xgpt-4o", ""},
    {"demo", "echo", ""},
};

TEST(capabilities, every_spelling_finds_its_family) {
  for (auto const& each : names) {
    EXPECT_EQ(find_registered(each.provider, each.model).family, each.family) << each.provider << " " << each.model;
  }
}

TEST(capabilities, hostile_names_are_only_unknown) {
  EXPECT_EQ(find_registered("openai", std::string(100'000, 'a')).family, "");
  EXPECT_EQ(find_registered("openai", std::string(100'000, '-')).family, "");
  std::string const long_path = std::string(50'000, '/') + "gpt-4o";
  EXPECT_EQ(find_registered("openai", long_path).family, "gpt-4o");
  std::string every_byte;
  for (int i = 0; i < 256; ++i) every_byte += static_cast<char>(i);
  EXPECT_EQ(find_registered("openai", every_byte).family, "");
}

// ---- facts -----------------------------------------------------------------------------------------------------

struct fact {
  std::string_view provider, model;
  support capabilities::*place;
  support expected;
};

constexpr fact facts[] = {
    {"openai", "gpt-4o", &capabilities::vision, yes},
    {"openai", "gpt-4o", &capabilities::audio, no},
    {"openai", "gpt-4o-audio-preview", &capabilities::audio, yes},
    {"openai", "gpt-4o", &capabilities::json_schema, yes},
    {"openai", "gpt-4", &capabilities::vision, no},
    {"openai", "o3", &capabilities::parallel_tools, no},
    {"openai", "o3", &capabilities::tools, yes},
    {"openai", "o1-mini", &capabilities::tools, no},
    {"openai", "gpt-6-sol", &capabilities::reasoning, yes},
    {"openai", "text-embedding-3-large", &capabilities::embeddings, yes},
    {"openai", "text-embedding-3-large", &capabilities::chat, no},
    {"anthropic", "claude-sonnet-4-5", &capabilities::prefill, yes},
    {"anthropic", "claude-sonnet-4-6", &capabilities::prefill, no},
    {"anthropic", "claude-opus-5", &capabilities::documents, yes},
    {"anthropic", "claude-opus-5", &capabilities::audio, no},
    {"gemini", "gemini-2.5-flash", &capabilities::audio, yes},
    {"gemini", "gemini-2.5-flash-image", &capabilities::tools, no},
    {"vertex", "claude-sonnet-4-5@20250929", &capabilities::vision, yes},
    {"deepseek", "deepseek-flash", &capabilities::vision, yes},
    {"deepseek", "deepseek-v4-pro", &capabilities::vision, no},
    {"deepseek", "deepseek-v4-pro", &capabilities::tools, yes},
    {"deepseek", "deepseek-v4-flash", &capabilities::vision, yes},
    {"together", "deepseek-ai/DeepSeek-V4-Flash-0731", &capabilities::vision, no},
    {"deepseek", "deepseek-flash", &capabilities::json_schema, no},
    {"mistral", "mistral-large-latest", &capabilities::vision, yes},
    {"mistral", "mistral-large-latest", &capabilities::prefill, yes},
    {"mistral", "mistral-embed", &capabilities::chat, no},
    {"mistral", "mistral-embed", &capabilities::json_schema, no},
    {"xai", "grok-4.7", &capabilities::vision, yes},
    {"xai", "grok-3-mini", &capabilities::vision, no},
    {"groq", "llama-3.3-70b-versatile", &capabilities::vision, no},
    {"groq", "llama-3.3-70b-versatile", &capabilities::tools, yes},
    {"groq", "groq/compound", &capabilities::tools, no},
    {"groq", "meta-llama/llama-4-scout-17b-16e-instruct", &capabilities::vision, yes},
    {"moonshot", "kimi-k2.6", &capabilities::vision, yes},
    {"moonshot", "kimi-k2-0905-preview", &capabilities::vision, no},
    {"bedrock", "amazon.nova-micro-v1:0", &capabilities::vision, no},
    {"bedrock", "amazon.nova-lite-v1:0", &capabilities::vision, yes},
    {"bedrock", "us.meta.llama3-2-11b-instruct-v1:0", &capabilities::vision, yes},
    {"bedrock", "us.meta.llama3-2-3b-instruct-v1:0", &capabilities::vision, no},
    {"bedrock", "us.meta.llama3-3-70b-instruct-v1:0", &capabilities::streaming_tools, no},
    {"replicate", "meta/llama-3.2-3b-instruct", &capabilities::tools, no},
    {"openrouter", "meta-llama/llama-3.3-70b-instruct", &capabilities::documents, yes},
    {"ollama", "llava:7b", &capabilities::vision, yes},
    {"ollama", "qwen2.5-coder:7b", &capabilities::vision, no},
    {"ollama", "qwen2.5-coder:7b", &capabilities::tools, yes},
    {"ollama", "qwen2.5-coder:7b", &capabilities::streaming_tools, no},
    {"ollama", "qwen3:8b", &capabilities::reasoning, yes},
    {"ollama", "gemma3:12b", &capabilities::vision, yes},
    {"ollama", "gemma3:1b", &capabilities::vision, no},
    {"ollama", "gemma3:12b", &capabilities::tools, unknown},
    {"ollama", "nomic-embed-text", &capabilities::embeddings, yes},
    {"lmstudio", "phi-3-mini-4k-instruct", &capabilities::tools, yes},
    {"lmstudio", "text-embedding-bge-small-en", &capabilities::tools, no},
    {"vllm", "microsoft/Phi-4-multimodal-instruct", &capabilities::audio, yes},
};

TEST(capabilities, rows_say_what_the_sources_say) {
  for (auto const& each : facts) {
    auto const what = capabilities_of(each.provider, each.model);
    auto const name = std::ranges::find(all_capabilities, each.place, &capability::place)->name;
    EXPECT_EQ(what.*each.place, each.expected) << each.provider << " " << each.model << " " << name;
  }
}

struct window {
  std::string_view provider, model;
  std::int64_t context, max_output;
};

constexpr window windows[] = {
    {"openai", "gpt-4o", 128'000, 16'384},
    {"openai", "gpt-4.1-mini", 1'047'576, 32'768},
    {"openai", "gpt-5.4-mini", 400'000, 128'000},
    {"openai", "gpt-6-sol", 1'050'000, 128'000},
    {"anthropic", "claude-sonnet-4-5", 1'000'000, 64'000},
    {"bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", 200'000, 64'000},
    {"anthropic", "claude-opus-4-1-20250805", 200'000, 32'000},
    {"gemini", "gemini-2.5-pro", 1'048'576, 65'536},
    {"gemini", "gemini-1.5-pro", 2'000'000, 8192},
    {"deepseek", "deepseek-flash", 1'000'000, 384'000},
    {"deepseek", "deepseek-v4-pro", 1'000'000, 384'000},
    {"xai", "grok-4.7", 500'000, 0},
    {"groq", "llama-3.3-70b-versatile", 131'072, 32'768},
    {"cerebras", "qwen-3.8-27b", 65'536, 32'768},
    {"huggingface", "Qwen/Qwen3.8-27B", 262'144, 0},
    {"moonshot", "kimi-k3", 1'048'576, 131'072},
    {"mistral", "mistral-large-4", 1'048'576, 0},
    {"ollama", "llama3.2:3b", 131'072, 0},
    {"bedrock", "amazon.nova-lite-v1:0", 300'000, 10'000},
};

TEST(capabilities, windows) {
  for (auto const& each : windows) {
    auto const what = capabilities_of(each.provider, each.model);
    EXPECT_EQ(what.context, each.context) << each.provider << " " << each.model;
    EXPECT_EQ(what.max_output, each.max_output) << each.provider << " " << each.model;
  }
}

TEST(capabilities, what_is_not_in_the_registry_is_unknown) {
  EXPECT_EQ(capabilities_of("openai-compatible", "my-model"), capabilities());
  EXPECT_EQ(capabilities_of("", ""), capabilities());
}

/// Two tables speak of Claude: this one for routes, the dialect's for what it may write.
TEST(capabilities, agree_with_the_anthropic_dialect) {
  for (std::string_view const model : {"claude-sonnet-5-5",         "claude-opus-5-5",
                                       "claude-haiku-5-5",          "claude-opus-5",
                                       "claude-sonnet-5",           "claude-fable-5",
                                       "claude-fable-5-1",          "claude-fable-5-2",
                                       "claude-mythos-5",           "claude-mythos-5-1",
                                       "claude-mythos-5-2",         "claude-opus-4-8",
                                       "claude-opus-4-7",           "claude-opus-4-6",
                                       "claude-sonnet-4-6",         "claude-opus-4-5",
                                       "claude-sonnet-4-5",         "claude-haiku-4-5",
                                       "claude-opus-4-1",           "claude-opus-4-20250514",
                                       "claude-sonnet-4-20250514",  "claude-3-7-sonnet-20250219",
                                       "claude-3-5-haiku-20241022", "claude-3-haiku-20240307"}) {
    auto const here = capabilities_of("anthropic", model);
    auto const& there = dialects::anthropic::abilities_of(model);
    EXPECT_EQ(here.max_output, there.max_output) << model;
    EXPECT_EQ(here.prefill, there.takes_prefill ? yes : no) << model;
    EXPECT_EQ(here.json_schema, there.takes_schema ? yes : no) << model;
    EXPECT_EQ(here.reasoning, there.thinking == dialects::anthropic::thinking_style::none ? no : yes) << model;
  }
}

TEST(capabilities, no_row_stands_in_the_way_of_another) {
  std::set<std::string> seen;
  for (auto const* table : registry::tables()) {
    EXPECT_EQ(table->as_of.size(), 7u);
    EXPECT_FALSE(table->source.empty());
    for (auto const& row : table->rows) {
      std::string const key = std::string(row.providers) + " " + std::string(row.spelled.text());
      EXPECT_TRUE(seen.insert(key).second) << "twice: " << key;
      if (row.family.empty() || !row.providers.empty()) continue;
      auto const family = row.family.substr(row.at_start ? 1 : 0);
      EXPECT_EQ(find_registered("", family).family, row.family) << "a row that its own name does not find";
    }
  }
}

TEST(capabilities, rows_name_known_providers) {
  std::set<std::string, std::less<>> const to_come{"azure", "bedrock", "gemini", "google", "vertex", "replicate"};
  for (auto const* table : registry::tables()) {
    for (auto const& row : table->rows) {
      if (row.providers.empty() || to_come.contains(row.providers)) continue;
      EXPECT_NE(find_row(row.providers), nullptr) << row.providers;
    }
  }
}

// ---- what goes over what ---------------------------------------------------------------------------------------

TEST(capabilities, merge_takes_what_is_known) {
  capabilities const base{.context = 8000, .max_output = 1000, .tools = yes, .vision = no};
  capabilities const over{.context = 4000, .vision = yes, .audio = no};
  capabilities const expected{.context = 4000, .max_output = 1000, .tools = yes, .vision = yes, .audio = no};
  EXPECT_EQ(merge(base, over), expected);
  EXPECT_EQ(merge(base, capabilities()), base);
  EXPECT_EQ(merge(capabilities(), base), base);
}

TEST(capabilities, the_operator_has_the_last_word) {
  std::vector<config::model_override> said(3);
  said[0] = {.pattern = "qwen2.5-coder*", .context = 32'768, .vision = true};
  said[1] = {.pattern = "*:7B", .max_output = 2048, .tools = false, .json_mode = true};
  said[2] = {.pattern = "qwen2.5-coder:7b", .vision = false};
  auto const base = capabilities_of("ollama", "qwen2.5-coder:7b");
  auto const what = merge(base, said, "qwen2.5-coder:7b");
  EXPECT_EQ(what.context, 32'768);
  EXPECT_EQ(what.max_output, 2048);
  EXPECT_EQ(what.tools, no);
  EXPECT_EQ(what.json_mode, yes);
  EXPECT_EQ(what.vision, no);
  EXPECT_EQ(what.reasoning, base.reasoning);
  EXPECT_EQ(merge(base, said, "llama3.2:3b"), base);
}

TEST(capabilities, patterns) {
  struct {
    std::string_view pattern, model;
    bool fits;
  } const rows[] = {
      {"a", "a", true},         {"a", "ab", false},     {"", "", true},         {"", "a", false},
      {"*", "", true},          {"*", "abc", true},     {"a*c", "abbbc", true}, {"a*c", "abbb", false},
      {"*b*b*", "abxb", true},  {"*b*b*", "ab", false}, {"A-1", "a-1", true},   {"a**", "a", true},
      {"org/*", "org/m", true}, {"org/*", "m", false},
  };
  for (auto const& row : rows) {
    std::vector<config::model_override> said(1);
    said[0] = {.pattern = std::string(row.pattern), .context = 7};
    EXPECT_EQ(merge(capabilities(), said, row.model).context == 7, row.fits) << row.pattern << " " << row.model;
  }
}

TEST(capabilities, every_member_can_be_said) {
  EXPECT_EQ(std::size(all_capabilities), 12u);
  for (auto const& each : all_capabilities) {
    config::model_override said;
    said.pattern = "*";
    said.*each.said = false;
    EXPECT_EQ(merge(capabilities(), std::span(&said, 1), "m").*each.place, no) << each.name;
  }
}

}  // namespace
}  // namespace recloser::providers
