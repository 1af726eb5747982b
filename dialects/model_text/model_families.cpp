#include "dialects/model_text/model_families.hpp"

#include <algorithm>
#include <string>

#include "dialects/model_text/grammars.hpp"

namespace recloser::dialects::model_text {

namespace {

constexpr std::string_view deepseek_leaks[] = {
    "<｜begin▁of▁sentence｜>",
    "<｜end▁of▁sentence｜>",
    "<｜User｜>",
    "<｜Assistant｜>",
    "<｜EOT｜>",
    "<｜tool▁outputs▁begin｜>",
    "<｜tool▁outputs▁end｜>",
    "<｜tool▁output▁begin｜>",
    "<｜tool▁output▁end｜>",
    "<｜tool▁calls▁end｜>",
    "<｜tool▁call▁end｜>",
    "<｜tool▁sep｜>",
    "</｜DSML｜tool_calls>",
    "</｜DSML｜function_calls>",
};

constexpr std::string_view harmony_leaks[] = {
    "<|start|>assistant<|channel|>final<|message|>",
    "<|start|>assistant<|channel|>commentary<|message|>",
    "<|channel|>final<|message|>",
    "<|channel|>final <|constrain|>json<|message|>",
    "<|channel|>commentary<|message|>",
    "<|return|>",
    "<|end|>",
    "<|call|>",
};

constexpr std::string_view llama_leaks[] = {"<|eom_id|>", "<|eot_id|>", "<|python_end|>", "<|eot|>"};
constexpr std::string_view cohere_leaks[] = {"<|START_RESPONSE|>", "<|END_RESPONSE|>", "<|START_TEXT|>",
                                             "<|END_TEXT|>"};
constexpr std::string_view gemma_leaks[] = {"<turn|>"};

/// What fine-tunes and servers use with any model.
constexpr unsigned common = hermes_calls | lm_studio_calls;

using enum reopening;

/// providers-openai-shaped.md §17 and §18; state of 2026-11. The first row that fits a name counts.
constexpr family rows[] = {
    {.name = "gpt-oss",
     .models = "gptoss",
     .thinking = {.tags = tag::harmony | tag::think, .reopens = anywhere},
     .thinks = true,
     .grammars = harmony_calls | common,
     .leaks = harmony_leaks},
    {.name = "deepseek-r1",
     .models = "deepseekr1|r1distill|r11776",
     .thinking = {.tags = tag::think, .starts_inside = true},
     .thinks = true,
     .grammars = deepseek_calls | invoke_calls | common,
     .leaks = deepseek_leaks},
    {.name = "deepseek",
     .models = "deepseek",
     .thinking = {.tags = tag::think},
     .thinks = true,
     .grammars = deepseek_calls | invoke_calls | common,
     .leaks = deepseek_leaks},
    {.name = "qwen-thinking",
     .models = "qwq|qwen3+thinking",
     .thinking = {.tags = tag::think, .starts_inside = true},
     .thinks = true,
     .grammars = qwen_xml_calls | common},
    {.name = "nemotron",
     .models = "nemotron",
     .thinking = {.tags = tag::think},
     .thinks = true,
     .grammars = nemotron_calls | qwen_xml_calls | llama_calls | common},
    {.name = "hermes",
     .models = "hermes",
     .thinking = {.tags = tag::think | tag::thinking},
     .thinks = true,
     .grammars = common},
    {.name = "functionary",
     .models = "functionary",
     .thinking = {.tags = tag::think},
     .grammars = functionary_calls | llama_calls | common},
    {.name = "qwen",
     .models = "qwen",
     .thinking = {.tags = tag::think},
     .thinks = true,
     .grammars = qwen_xml_calls | common},
    {.name = "glm",
     .models = "glm4|glm5|glm6|glmz|chatglm",
     .thinking = {.tags = tag::think},
     .thinks = true,
     .grammars = glm_calls | common},
    {.name = "kimi",
     .models = "kimi|moonlight",
     .thinking = {.tags = tag::think | tag::triangle, .reopens = at_line_start},
     .thinks = true,
     .grammars = kimi_calls | common},
    {.name = "minimax-m2",
     .models = "minimaxm2|minimaxm3",
     .thinking = {.tags = tag::think | tag::thinking, .starts_inside = true, .reopens = at_line_start},
     .thinks = true,
     .grammars = invoke_calls | common},
    {.name = "minimax",
     .models = "minimax",
     .thinking = {.tags = tag::think | tag::thinking, .reopens = at_line_start},
     .thinks = true,
     .grammars = invoke_calls | common},
    {.name = "magistral",
     .models = "magistral|ministral+reasoning",
     .thinking = {.tags = tag::square | tag::think},
     .thinks = true,
     .grammars = mistral_calls | common},
    {.name = "mistral",
     .models = "mistral|mixtral|ministral|devstral|codestral|pixtral",
     .thinking = {.tags = tag::square},
     .grammars = mistral_calls | common},
    {.name = "llama",
     .models = "llama3.|llama4|llamav3p|llama3|llama31|llama32|llama33",
     .thinking = {.tags = tag::think | tag::thinking},
     .grammars = llama_calls | pythonic_calls | common,
     .unmarked = true,
     .leaks = llama_leaks},
    {.name = "granite", .models = "granite", .thinking = {.tags = tag::think}, .grammars = granite_calls | common},
    {.name = "cohere",
     .models = "commanda|commandr|c4ai|northmini",
     .thinking = {.tags = tag::cohere},
     .thinks = true,
     .grammars = cohere_calls | common,
     .leaks = cohere_leaks},
    {.name = "jamba", .models = "jamba", .thinking = {.tags = tag::think}, .grammars = jamba_calls | common},
    {.name = "internlm",
     .models = "internlm|interns1",
     .thinking = {.tags = tag::think},
     .grammars = internlm_calls | common},
    {.name = "gemma",
     .models = "gemma",
     .thinking = {.tags = tag::gemma | tag::think | tag::old},
     .grammars = gemma_calls | common,
     .leaks = gemma_leaks},
    {.name = "seed-oss",
     .models = "seedoss",
     .thinking = {.tags = tag::seed},
     .thinks = true,
     .grammars = qwen_xml_calls | common},
    {.name = "hunyuan", .models = "hunyuan", .thinking = {.tags = tag::think}, .thinks = true, .grammars = common},
    {.name = "generic", .models = "", .thinking = {.tags = tag::usual}, .grammars = all_marked_calls},
};

/// `Qwen/Qwen3-8B_Q4` -> `qwen/qwen38bq4`
std::string plain_name(std::string_view model) {
  std::string out;
  out.reserve(model.size());
  for (char const c : model) {
    if (c == '-' || c == '_' || c == ' ') continue;
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  }
  return out;
}

std::string_view take_up_to(std::string_view& text, char separator) {
  auto const end = std::min(text.find(separator), text.size());
  auto const out = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return out;
}

bool has_all(std::string_view model, std::string_view parts) {
  while (!parts.empty()) {
    if (model.find(take_up_to(parts, '+')) == std::string_view::npos) return false;
  }
  return true;
}

bool fits(std::string_view model, family const& of) {
  for (auto models = of.models; !models.empty();) {
    if (has_all(model, take_up_to(models, '|'))) return true;
  }
  return false;
}

}  // namespace

std::span<family const> families() { return rows; }

family const* find_family(std::string_view name) {
  auto const* const found = std::ranges::find(rows, name, &family::name);
  return found == std::end(rows) ? nullptr : found;
}

family const& family_of(std::string_view model) {
  auto const name = plain_name(model);
  auto const* const found = std::ranges::find_if(rows, [&](auto const& each) { return fits(name, each); });
  return found == std::end(rows) ? std::end(rows)[-1] : *found;
}

family const* choose_family(std::string_view setting, std::string_view model) {
  if (setting == "off") return nullptr;
  return setting == "auto" ? &family_of(model) : find_family(setting);
}

bool needs_reading(family const& of, bool has_tools) { return of.thinks || has_tools; }

}  // namespace recloser::dialects::model_text
