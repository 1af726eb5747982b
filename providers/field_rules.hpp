#pragma once
// What the rows of the catalog say about request members: the fields that a provider takes and the rules for those that
// it wants otherwise. Sections in the comments are those of providers-openai-shaped.md. Lists begin with what most requests
// have: they are searched from the front.

#include <algorithm>
#include <array>
#include <string_view>

#include "providers/row.hpp"

namespace recloser::providers {

using enum field_action;

template <std::size_t size>
struct literal {
  char text[size];
  constexpr literal(char const (&from)[size]) : text{} { std::copy_n(from, size, text); }  // converts on purpose
};

/// `list<"a", "b">` is a constant array of names.
template <literal... words>
inline constexpr std::array<std::string_view, sizeof...(words)> list = {
    std::string_view(words.text, sizeof(words.text) - 1)...};

// ---- OpenAI (§3) -----------------------------------------------------------------------------------------------

inline constexpr auto openai_fields =
    list<"model", "messages", "stream", "temperature", "max_tokens", "max_completion_tokens", "tools", "tool_choice",
         "top_p", "user", "stop", "n", "seed", "response_format", "parallel_tool_calls", "reasoning_effort",
         "stream_options", "audio", "frequency_penalty", "function_call", "functions", "logit_bias", "logprobs",
         "metadata", "modalities", "moderation", "prediction", "presence_penalty", "prompt_cache_key",
         "prompt_cache_options", "prompt_cache_retention", "safety_identifier", "service_tier", "store", "top_logprobs",
         "verbosity", "web_search_options">;

/// Azure has what OpenAI has, and its own data sources (§5).
inline constexpr auto azure_fields =
    list<"model", "messages", "stream", "temperature", "max_tokens", "max_completion_tokens", "tools", "tool_choice",
         "top_p", "user", "stop", "n", "seed", "response_format", "parallel_tool_calls", "reasoning_effort",
         "stream_options", "audio", "frequency_penalty", "function_call", "functions", "logit_bias", "logprobs",
         "metadata", "modalities", "prediction", "presence_penalty", "prompt_cache_key", "store", "top_logprobs",
         "verbosity", "data_sources", "user_security_context">;

inline constexpr auto openai_message = list<"role", "content", "name", "refusal", "audio", "tool_calls",
                                            "tool_call_id", "function_call">;

/// `^o\d` and `^gpt-N` from 5 on, but for the chat variants (§3.3).
inline constexpr std::string_view reasoning_models = "o1|o3|o4|o5|gpt-5|gpt-6|gpt-7|gpt-8|gpt-9";
inline constexpr std::string_view chat_models = "gpt-5-chat|gpt-6-chat";
/// Sampling is allowed there while reasoning is off.
inline constexpr std::string_view unless_off = "reasoning_effort=none";
inline constexpr std::string_view o_series = "o1|o3|o4|o5";

inline constexpr field_rule openai_rules[] = {
    {.field = "tools", .action = drop_if_empty},
    {.field = "max_tokens", .action = rename, .to = "max_completion_tokens", .models = reasoning_models},
    {.field = "temperature", .action = keep, .models = chat_models},
    {.field = "temperature", .action = drop_silently, .from = "1", .models = reasoning_models},
    {.field = "temperature", .action = drop, .models = reasoning_models, .unless = unless_off},
    {.field = "top_p", .action = keep, .models = chat_models},
    {.field = "top_p", .action = drop_silently, .from = "1", .models = reasoning_models},
    {.field = "top_p", .action = drop, .models = reasoning_models, .unless = unless_off},
    {.field = "logprobs", .action = keep, .models = chat_models},
    {.field = "logprobs", .action = drop_silently, .from = "false", .models = reasoning_models},
    {.field = "logprobs", .action = drop, .models = reasoning_models, .unless = unless_off},
    {.field = "top_logprobs", .action = keep, .models = chat_models},
    {.field = "top_logprobs", .action = drop, .models = reasoning_models},
    {.field = "presence_penalty", .action = keep, .models = chat_models},
    {.field = "presence_penalty", .action = drop_silently, .from = "0", .models = reasoning_models},
    {.field = "presence_penalty", .action = drop, .models = reasoning_models},
    {.field = "frequency_penalty", .action = keep, .models = chat_models},
    {.field = "frequency_penalty", .action = drop_silently, .from = "0", .models = reasoning_models},
    {.field = "frequency_penalty", .action = drop, .models = reasoning_models},
    {.field = "logit_bias", .action = keep, .models = chat_models},
    {.field = "logit_bias", .action = drop, .models = reasoning_models},
    {.field = "stop", .action = keep, .models = "gpt-5-chat|gpt-6-chat|o1|o3-mini"},
    {.field = "stop", .action = drop, .models = reasoning_models},
    {.field = "parallel_tool_calls", .action = drop_silently, .from = "true", .models = o_series},
    {.field = "parallel_tool_calls", .action = drop, .models = o_series},
};

// ---- xAI (§6) --------------------------------------------------------------------------------------------------

inline constexpr std::string_view grok_with_effort = "grok-4.3|grok-4.5|grok-4.6|grok-4.7|grok-4.20-multi-agent";
inline constexpr std::string_view grok_reasoning = "grok-3-mini|grok-4|grok-build|grok-code";
inline constexpr std::string_view grok_plain = "grok-4.20-0309-non-reasoning";

inline constexpr field_rule xai_rules[] = {
    {.field = "reasoning_effort", .action = keep, .models = grok_with_effort},
    {.field = "reasoning_effort", .action = drop, .models = "grok-4|grok-build|grok-code"},
    {.field = "presence_penalty", .action = keep, .models = grok_plain},
    {.field = "presence_penalty", .action = drop_silently, .from = "0", .models = grok_reasoning},
    {.field = "presence_penalty", .action = drop, .models = grok_reasoning},
    {.field = "frequency_penalty", .action = keep, .models = grok_plain},
    {.field = "frequency_penalty", .action = drop_silently, .from = "0", .models = grok_reasoning},
    {.field = "frequency_penalty", .action = drop, .models = grok_reasoning},
    {.field = "stop", .action = keep, .models = grok_plain},
    {.field = "stop", .action = drop, .models = grok_reasoning},
    {.field = "search_parameters", .action = drop},
    {.field = "tools", .action = drop_if_empty},
};

// ---- DeepSeek (§7) ---------------------------------------------------------------------------------------------

inline constexpr field_rule deepseek_rules[] = {
    {.field = "max_completion_tokens", .action = rename, .to = "max_tokens"},
    {.field = "tools", .action = drop_if_empty},
    {.field = "seed", .action = drop},
    {.field = "logit_bias", .action = drop},
    {.field = "n", .action = drop_silently, .from = "1"},
    {.field = "n", .action = drop},
    // It thinks unless told not to, and then chooses for itself whether it calls a tool.
    {.field = "tool_choice", .action = drop, .from = R"("required")", .unless = "thinking=disabled"},
    {.field = "tool_choice", .action = replace_object, .to = R"("auto")", .unless = "thinking=disabled"},
};

// ---- Mistral (§8) ----------------------------------------------------------------------------------------------

inline constexpr auto mistral_fields =
    list<"model", "messages", "temperature", "top_p", "max_tokens", "stream", "stop", "random_seed", "metadata",
         "response_format", "tools", "tool_choice", "presence_penalty", "frequency_penalty", "n", "prediction",
         "parallel_tool_calls", "reasoning_effort", "prompt_mode", "guardrails", "prompt_cache_key", "service_tier",
         "safe_prompt", "document_image_limit", "document_page_limit">;

inline constexpr auto mistral_message = list<"role", "content", "name", "tool_calls", "tool_call_id", "prefix">;

inline constexpr field_rule mistral_rules[] = {
    {.field = "max_completion_tokens", .action = rename, .to = "max_tokens"},
    {.field = "seed", .action = rename, .to = "random_seed"},
    {.field = "tool_choice", .action = replace, .to = R"("any")", .from = R"("required")"},
    {.field = "tools", .action = drop_if_empty},
    {.field = "user", .action = drop_silently},
    {.field = "safety_identifier", .action = drop_silently},
    {.field = "store", .action = drop_silently},
    {.field = "logprobs", .action = drop_silently, .from = "false"},
    {.field = "service_tier", .action = drop_silently, .from = R"("auto")"},
    {.field = "service_tier", .action = replace, .to = R"("standard")", .from = R"("default")"},
};

// ---- Groq (§9) -------------------------------------------------------------------------------------------------

inline constexpr auto groq_fields =
    list<"model", "messages", "stream", "temperature", "max_tokens", "max_completion_tokens", "tools", "tool_choice",
         "top_p", "user", "stop", "function_call", "functions", "n", "parallel_tool_calls", "prompt_cache_key",
         "reasoning_effort", "reasoning_format", "include_reasoning", "response_format", "seed", "service_tier",
         "stream_options", "disable_tool_validation", "citation_options", "documents", "search_settings",
         "compound_custom">;

/// `name` was refused there for long.
inline constexpr auto groq_message = list<"role", "content", "reasoning", "tool_calls", "tool_call_id", "function_call">;

inline constexpr field_rule groq_rules[] = {
    {.field = "tools", .action = drop_if_empty},
    {.field = "store", .action = drop_silently},
    {.field = "metadata", .action = drop_silently},
    {.field = "safety_identifier", .action = drop_silently},
    {.field = "presence_penalty", .action = drop_silently, .from = "0"},
    {.field = "frequency_penalty", .action = drop_silently, .from = "0"},
    {.field = "logprobs", .action = drop_silently, .from = "false"},
    {.field = "service_tier", .action = replace, .to = R"("on_demand")", .from = R"("default")"},
};

// ---- Cerebras (§10) --------------------------------------------------------------------------------------------

inline constexpr auto cerebras_fields =
    list<"model", "messages", "max_completion_tokens", "max_tokens", "min_tokens", "temperature", "top_p", "seed",
         "stop", "stream", "stream_options", "tools", "tool_choice", "parallel_tool_calls", "response_format",
         "logprobs", "top_logprobs", "logit_bias", "prediction", "prompt_cache_key", "reasoning_effort",
         "reasoning_format", "disable_reasoning", "clear_thinking", "service_tier", "model_parameters", "user">;

inline constexpr auto cerebras_message = list<"role", "content", "name", "reasoning", "tool_calls", "tool_call_id">;

inline constexpr field_rule cerebras_rules[] = {
    {.field = "max_tokens", .action = rename, .to = "max_completion_tokens"},
    {.field = "tools", .action = drop_if_empty},
    {.field = "presence_penalty", .action = drop_silently, .from = "0"},  // they fail on some models
    {.field = "frequency_penalty", .action = drop_silently, .from = "0"},
    {.field = "store", .action = drop_silently},
    {.field = "metadata", .action = drop_silently},
    {.field = "safety_identifier", .action = drop_silently},
    {.field = "n", .action = drop_silently, .from = "1"},
};

// ---- Together, Fireworks, Moonshot (§11, 12, 14) ---------------------------------------------------------------

inline constexpr field_rule together_rules[] = {
    {.field = "max_completion_tokens", .action = rename, .to = "max_tokens"},
    {.field = "stop", .action = wrap},
    {.field = "logprobs", .action = replace, .to = "1", .from = "true"},  // a number there
    {.field = "logprobs", .action = drop_silently, .from = "false"},
    {.field = "tools", .action = drop_if_empty},
};

inline constexpr field_rule fireworks_rules[] = {
    {.field = "reasoning_effort", .action = replace, .to = R"("low")", .from = R"("minimal")"},
    {.field = "reasoning_effort", .action = replace, .to = R"("high")", .from = R"("xhigh")"},
    {.field = "tools", .action = drop_if_empty},
};

inline constexpr std::string_view kimi = "kimi-";
inline constexpr field_rule moonshot_rules[] = {
    {.field = "temperature", .action = drop_silently, .from = "1", .models = kimi},
    {.field = "temperature", .action = drop, .models = kimi},
    {.field = "top_p", .action = drop_silently, .from = "1", .models = kimi},
    {.field = "top_p", .action = drop, .models = kimi},
    {.field = "presence_penalty", .action = drop_silently, .from = "0", .models = kimi},
    {.field = "presence_penalty", .action = drop, .models = kimi},
    {.field = "frequency_penalty", .action = drop_silently, .from = "0", .models = kimi},
    {.field = "frequency_penalty", .action = drop, .models = kimi},
    {.field = "n", .action = drop_silently, .from = "1", .models = kimi},
    {.field = "n", .action = drop, .models = kimi},
    {.field = "seed", .action = drop},
    {.field = "top_k", .action = drop},
    {.field = "thinking", .action = drop, .models = "kimi-k3"},
    {.field = "reasoning_effort", .action = replace, .to = R"("low")", .from = R"("minimal")", .models = "kimi-k3"},
    {.field = "reasoning_effort", .action = replace, .to = R"("high")", .from = R"("medium")", .models = "kimi-k3"},
    {.field = "reasoning_effort", .action = replace, .to = R"("max")", .from = R"("xhigh")", .models = "kimi-k3"},
    {.field = "reasoning_effort", .action = drop, .from = R"("none")", .models = "kimi-k3"},
    {.field = "tool_choice", .action = drop, .from = R"("required")", .models = "kimi-k2.6|kimi-k2.7-code"},
    {.field = "tool_choice", .action = replace_object, .to = R"("required")", .models = "kimi-k3"},
    {.field = "tools", .action = drop_if_empty},
};

/// Their chat templates refuse a system message that is not the first, or a second one (§16.2).
inline constexpr std::string_view one_system_families = "qwen|Qwen|qwq|QwQ";

// ---- local servers (§16) ---------------------------------------------------------------------------------------

/// It refuses a named choice and JSON mode without a schema (§16.1).
inline constexpr field_rule lmstudio_rules[] = {
    {.field = "max_completion_tokens", .action = rename, .to = "max_tokens"},
    {.field = "tools", .action = drop_if_empty},
    {.field = "tool_choice", .action = replace_object, .to = R"("required")"},
    {.field = "response_format",
     .action = replace,
     .to = R"({"type":"json_schema","json_schema":{"name":"object","schema":{"type":"object"}}})",
     .from = R"({"type":"json_object"})"},
};

inline constexpr field_rule llamacpp_rules[] = {
    {.field = "max_completion_tokens", .action = rename, .to = "max_tokens"},
    {.field = "store", .action = drop_silently},
    {.field = "tools", .action = drop_if_empty},
};

inline constexpr field_rule tools_rules[] = {{.field = "tools", .action = drop_if_empty}};

}  // namespace recloser::providers
