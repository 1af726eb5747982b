#include "dialects/bedrock_converse/models.hpp"

#include <algorithm>
#include <iterator>

namespace recloser::dialects::bedrock_converse {

namespace {

/// On Claude 4.5 and later cache points may last an hour (AWS, "Prompt caching").
constexpr family claude(std::string_view id, caching cache, bool ttl, bool schema) {
  return {.id = id,
          .reasoning = reasoning_style::claude,
          .choice = choice_style::named,
          .cache = cache,
          .top_k = top_k_place::flat,
          .takes_cache_ttl = ttl,
          .takes_schema = schema,
          .takes_status = true,
          .takes_thinking = true};
}

constexpr family nova(std::string_view id, reasoning_style reasoning, bool searches) {
  return {.id = id,
          .reasoning = reasoning,
          .choice = choice_style::named,
          .cache = caching::prompt,
          .top_k = top_k_place::inner,
          .takes_status = true,
          .searches = searches};
}

constexpr family mistral(std::string_view id, choice_style choice, bool schema, bool system) {
  return {.id = id, .choice = choice, .ids = id_form::nine, .takes_schema = schema, .takes_system = system};
}

constexpr auto everywhere = caching::everywhere;

// Structured output: AWS names the models ("Get validated JSON results from models"). Of the Claudes it names, Haiku 4.5
// proved unreliable, as did Sonnet 4.6, and everything from Opus 4.7 on refuses the member (§4.4).
constexpr family rows[] = {
    {.id = "claude-v2", .top_k = top_k_place::flat},
    {.id = "claude-instant", .top_k = top_k_place::flat},
    claude("claude-3-5-haiku", everywhere, false, false),
    claude("claude-3-7", everywhere, false, false),
    claude("claude-3", caching::none, false, false),
    claude("claude-sonnet-4-5", everywhere, true, true),
    claude("claude-opus-4-5", everywhere, true, true),
    claude("claude-opus-4-6", everywhere, true, true),
    claude("claude-opus-4-1", everywhere, false, false),
    claude("claude-sonnet-4-2", everywhere, false, false),  // with the date of 2025
    claude("claude-opus-4-2", everywhere, false, false),
    claude("claude-", everywhere, true, false),
    nova("nova-2", reasoning_style::nova, true),
    nova("nova-premier", reasoning_style::none, true),
    nova("amazon.nova", reasoning_style::none, false),
    {.id = "openai.gpt-oss", .reasoning = reasoning_style::effort, .takes_schema = true, .takes_stop = false},
    {.id = "openai.",
     .reasoning = reasoning_style::nested_effort,
     .takes_schema = true,
     .takes_sampling = false,
     .takes_stop = false,
     .takes_thinking = true},
    mistral("mistral.mistral-7b", choice_style::automatic, false, false),
    mistral("mistral.mixtral", choice_style::automatic, false, false),
    mistral("mistral.mistral-large-3", choice_style::any, true, true),
    mistral("mistral.mistral-large", choice_style::any, false, true),
    mistral("mistral.ministral", choice_style::automatic, true, true),
    mistral("mistral.magistral", choice_style::automatic, true, true),
    mistral("mistral.", choice_style::automatic, false, true),
    {.id = "amazon.titan", .takes_system = false},
    {.id = "cohere.command-text", .takes_system = false},
    {.id = "cohere.command-light", .takes_system = false},
    {.id = "ai21.j2", .takes_system = false},
    {.id = "deepseek.v3", .takes_schema = true},
    {.id = "qwen.", .takes_schema = true},
    {.id = "google.gemma", .takes_schema = true},
    {.id = "nvidia.", .takes_schema = true},
    {.id = "minimax.", .takes_schema = true},
    {.id = "moonshot", .takes_schema = true},
    {.id = ""},
};

}  // namespace

family const& family_of(std::string_view model) {
  return *std::ranges::find_if(rows, [&](auto const& row) { return model.find(row.id) != std::string_view::npos; });
}

anthropic::abilities abilities_of(family const& of, std::string_view model) {
  anthropic::abilities out{.id = of.id, .thinking = anthropic::thinking_style::none, .takes_prefill = true};
  if (of.reasoning == reasoning_style::claude) out = anthropic::abilities_of(model);
  out.takes_schema = of.takes_schema;
  out.takes_forced_choice = out.takes_forced_choice && of.choice != choice_style::automatic;
  return out;
}

}  // namespace recloser::dialects::bedrock_converse
