#include "dialects/ollama_chat/models.hpp"

#include <algorithm>
#include <iterator>
#include <string>

#include "dialects/error_text.hpp"

namespace recloser::dialects::ollama_chat {

namespace {

using enum thinking_style;

struct row {
  std::string_view part;  ///< of the model's name in lower case; the first row that fits counts
  thinking_style thinking;
};

// Families of the library that have no `thinking` tag there, and what must stand before them. Names of other registries
// (`hf.co/…/gpt-oss-20b-GGUF:Q4_K_M`) hold the same words.
constexpr row rows[] = {
    {"gpt-oss", levels},      {"-thinking", on_off}, {"-reasoning", on_off},
    {"deepseek-r1", on_off},  {"magistral", on_off}, {"-instruct", none},
    {"qwen3-coder", none},    {"qwen2", none},       {"codeqwen", none},
    {"llama", none},          {"mistral", none},     {"mixtral", none},
    {"codestral", none},      {"devstral", none},    {"ministral", none},
    {"gemma2", none},         {"gemma3", none},      {"gemma:", none},
    {"codegemma", none},      {"phi3", none},        {"phi4", none},
    {"deepseek-coder", none}, {"deepseek-v2", none}, {"command-r", none},
    {"starcoder", none},      {"smollm", none},      {"llava", none},
    {"moondream", none},      {"minicpm-v", none},   {"", on_off},
};

}  // namespace

thinking_style thinking_style_of(std::string_view model) {
  auto const name = lower_ascii(model);
  return std::ranges::find_if(rows, [&](auto const& each) { return name.find(each.part) != std::string::npos; })
      ->thinking;
}

bool is_cloud_model(std::string_view model) { return model.ends_with(":cloud") || model.ends_with("-cloud"); }

}  // namespace recloser::dialects::ollama_chat
