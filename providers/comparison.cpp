#include "providers/comparison.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace recloser::providers {

namespace {

struct showcase {
  std::string_view provider;
  std::string_view title;
  std::string_view models;  ///< split by spaces
};

// Providers and models of the seed's guide (seed-provider-guide.md, "Provider Comparison Table") and what its vendors
// sell now (providers-openai-shaped.md §19, providers-native.md §1–6).
constexpr showcase showcases[] = {
    {"anthropic", "Anthropic", "claude-opus-5-5 claude-sonnet-5-5 claude-haiku-4-5 claude-sonnet-4-5"},
    {"azure", "Azure OpenAI", "gpt-6-sol gpt-5.6-sol gpt-4o"},
    {"bedrock", "AWS Bedrock",
     "us.anthropic.claude-sonnet-5 anthropic.claude-3-5-sonnet-20241022-v2:0 amazon.nova-pro-v1:0 "
     "us.meta.llama3-3-70b-instruct-v1:0 us.meta.llama3-2-90b-instruct-v1:0 mistral.mistral-large-3-675b-instruct"},
    {"cerebras", "Cerebras", "gpt-oss-120b zai-glm-4.7 gemma-4-31b qwen-3.8-27b"},
    {"deepseek", "DeepSeek", "deepseek-flash deepseek-v4-pro"},
    {"fireworks", "Fireworks AI",
     "accounts/fireworks/models/kimi-k3 accounts/fireworks/models/deepseek-v4p1-flash "
     "accounts/fireworks/models/glm-5p3 accounts/fireworks/models/gpt-oss-120b"},
    {"gemini", "Google Gemini",
     "gemini-3.8-flash gemini-3.1-pro-preview gemini-2.5-pro gemini-2.0-flash gemini-1.5-pro"},
    {"groq", "Groq",
     "llama-3.3-70b-versatile llama-3.1-8b-instant openai/gpt-oss-120b qwen/qwen3-32b qwen/qwen3.8-27b"},
    {"huggingface", "Hugging Face",
     "Qwen/Qwen2.5-Coder-7B-Instruct Qwen/Qwen3.8-27B deepseek-ai/DeepSeek-V4.1-Flash "
     "meta-llama/Llama-3.3-70B-Instruct"},
    {"llamacpp", "llama.cpp", "Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf Qwen2.5-Coder-7B-Instruct-Q4_K_M.gguf"},
    {"lmstudio", "LM Studio", "qwen2.5-coder-7b-instruct qwen/qwen3-8b google/gemma-3-12b"},
    {"mistral", "Mistral AI",
     "mistral-large-4 mistral-large-latest mistral-medium-latest mistral-small-latest codestral-latest"},
    {"moonshot", "Moonshot AI (Kimi)", "kimi-k3.1-pro kimi-k3 kimi-k2.6 kimi-k2-thinking"},
    {"ollama", "Ollama", "qwen2.5-coder:7b qwen3:32b llama3.2:3b mistral:7b deepseek-coder:6.7b llava:7b gemma3:12b"},
    {"openai", "OpenAI", "gpt-6.1-sol gpt-6-luna gpt-5.6-sol gpt-5.4-mini gpt-4.1 gpt-4o gpt-4o-mini o3"},
    {"openrouter", "OpenRouter",
     "anthropic/claude-sonnet-4.5 openai/gpt-4o google/gemini-2.5-pro deepseek/deepseek-v3.2 "
     "meta-llama/llama-3.3-70b-instruct"},
    {"replicate", "Replicate", "meta/llama-3.2-3b-instruct meta/meta-llama-3-70b-instruct"},
    {"together", "Together AI",
     "meta-llama/Llama-3.3-70B-Instruct-Turbo Qwen/Qwen3-Coder-Next-FP8 moonshotai/Kimi-K3 "
     "deepseek-ai/DeepSeek-V4.1-Flash"},
    {"vertex", "Google Vertex AI", "gemini-3.8-flash gemini-2.5-pro gemini-2.0-flash claude-sonnet-4-5@20250929"},
    {"vllm", "vLLM",
     "Qwen/Qwen2.5-Coder-7B-Instruct Qwen/Qwen2.5-Coder-14B-Instruct deepseek-ai/DeepSeek-Coder-V2-Lite "
     "mistralai/Codestral-22B-v0.1"},
    {"xai", "xAI", "grok-4.7 grok-4.3 grok-4.20-0309-non-reasoning grok-build-0.1"},
};

using models_view = std::span<compared_model const>;

/// The models of the first provider, and the others.
models_view take_provider(models_view& models) {
  auto const end = std::ranges::find_if(models, [&](auto const& m) { return m.provider != models.front().provider; });
  auto const taken = models.first(static_cast<std::size_t>(end - models.begin()));
  models = models.subspan(taken.size());
  return taken;
}

bool chats(compared_model const& model) { return model.what.chat != support::no; }

std::string cell_of(support value) { return value == support::unknown ? "-" : std::string(to_string(value)); }

/// One answer for all models of a provider. What is unknown of some does not speak against the others.
std::string common(models_view models, support capabilities::*place) {
  support result = support::unknown;
  for (auto const& each : models) {
    auto const its = each.what.*place;
    if (!chats(each) || its == support::unknown) continue;
    if (result != support::unknown && result != its) return "depends on the model";
    result = its;
  }
  return cell_of(result);
}

std::string tokens(std::int64_t count) { return count == 0 ? "-" : fmt::format("{}", count); }

comparison tool_calling(models_view models) {
  comparison result{"Tool calling", {"PROVIDER", "TOOLS", "PARALLEL", "STREAMED"}, {}};
  while (!models.empty()) {
    auto const its = take_provider(models);
    result.rows.push_back({its.front().title, common(its, &capabilities::tools),
                           common(its, &capabilities::parallel_tools), common(its, &capabilities::streaming_tools)});
  }
  return result;
}

comparison context_windows(models_view models) {
  comparison result{"Context windows", {"PROVIDER", "MODEL", "CONTEXT", "MAX OUTPUT"}, {}};
  while (!models.empty()) {
    auto const its = take_provider(models);
    std::vector<compared_model const*> known;
    for (auto const& each : its) {
      if (chats(each) && each.what.context > 0) known.push_back(&each);
    }
    std::ranges::stable_sort(known, std::greater(), [](auto const* each) { return each->what.context; });
    for (auto const* each : known) {
      result.rows.push_back({each->title, each->model, tokens(each->what.context), tokens(each->what.max_output)});
    }
  }
  return result;
}

comparison vision(models_view models) {
  comparison result{"Vision", {"PROVIDER", "SEE IMAGES", "DO NOT"}, {}};
  while (!models.empty()) {
    auto const its = take_provider(models);
    std::string seeing, blind;
    for (auto const& each : its) {
      if (!chats(each) || each.what.vision == support::unknown) continue;
      auto& names = each.what.vision == support::yes ? seeing : blind;
      if (!names.empty()) names += ", ";
      names += each.model;
    }
    result.rows.push_back({its.front().title, seeing.empty() ? "-" : seeing, blind.empty() ? "-" : blind});
  }
  return result;
}

}  // namespace

std::vector<compared_model> known_models() {
  std::vector<compared_model> result;
  for (auto const& each : showcases) {
    auto left = each.models;
    while (!left.empty()) {
      auto const name = left.substr(0, left.find(' '));
      result.push_back({std::string(each.provider), std::string(each.title), std::string(name),
                        capabilities_of(each.provider, name)});
      left.remove_prefix(std::min(left.size(), name.size() + 1));
    }
  }
  return result;
}

std::vector<comparison> compare(models_view models) {
  return {tool_calling(models), context_windows(models), vision(models)};
}

comparison compare_models(models_view models) {
  comparison result{"Models", {"PROVIDER", "MODEL", "CONTEXT", "MAX OUTPUT"}, {}};
  for (auto const& each : all_capabilities) result.columns.push_back(each.name);
  for (auto const& model : models) {
    std::vector<std::string> row{model.provider, model.model, tokens(model.what.context),
                                 tokens(model.what.max_output)};
    for (auto const& each : all_capabilities) row.push_back(cell_of(model.what.*each.place));
    result.rows.push_back(std::move(row));
  }
  return result;
}

}  // namespace recloser::providers
