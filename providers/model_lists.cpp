#include "providers/model_lists.hpp"

#include <algorithm>
#include <span>

#include "dialects/json.hpp"
#include "dialects/json_scan.hpp"
#include "dialects/json_values.hpp"

namespace recloser::providers {

namespace {

using json::kind;
using json::kind_of;
using enum support;

constexpr std::size_t max_models = 5000;

// ---- what the lists call things --------------------------------------------------------------------------------

/// How a value tells something.
enum class tells {
  number,     ///< how many tokens: for `size`
  flag,       ///< true is yes, false is no
  true_only,  ///< true is yes, false means little
  word,       ///< an array of words that has `word` is yes, without it no
  word_only,  ///< with it yes, without it nothing is known
  equals,     ///< the text `word` is `then`
};

/// A member of a list's entry and what it tells. `path` goes through objects by name, through all elements of an array by
/// `[]`, and to the first name that ends so by `*`.
struct told {
  std::string_view path;
  tells how;
  std::int64_t capabilities::*size = nullptr;
  support capabilities::*place = nullptr;
  std::string_view word = {};
  support then = yes;
};

constexpr told size_at(std::string_view path, std::int64_t capabilities::*size) { return {path, tells::number, size}; }
constexpr told flag_at(std::string_view path, support capabilities::*place, tells how = tells::flag) {
  return {path, how, nullptr, place};
}
constexpr told word_at(std::string_view path, std::string_view word, support capabilities::*place,
                       tells how = tells::word) {
  return {path, how, nullptr, place, word};
}
constexpr told text_at(std::string_view path, std::string_view word, support capabilities::*place, support then = yes) {
  return {path, tells::equals, nullptr, place, word, then};
}

constexpr auto context = &capabilities::context;
constexpr auto max_output = &capabilities::max_output;
constexpr auto chat = &capabilities::chat;
constexpr auto embeddings = &capabilities::embeddings;
constexpr auto tools = &capabilities::tools;
constexpr auto parallel_tools = &capabilities::parallel_tools;
constexpr auto vision = &capabilities::vision;
constexpr auto documents = &capabilities::documents;
constexpr auto audio = &capabilities::audio;
constexpr auto reasoning = &capabilities::reasoning;
constexpr auto json_mode = &capabilities::json_mode;
constexpr auto json_schema = &capabilities::json_schema;

// ---- the lists -------------------------------------------------------------------------------------------------
// Of several members that tell the same, the first that is there counts.

// providers-native.md §1.1
constexpr told anthropic[] = {
    size_at("max_input_tokens", context),
    size_at("max_tokens", max_output),
    flag_at("capabilities/image_input/supported", vision),
    flag_at("capabilities/pdf_input/supported", documents),
    flag_at("capabilities/structured_outputs/supported", json_schema),
    flag_at("capabilities/thinking/supported", reasoning),
    flag_at("capabilities/thinking/types/adaptive/supported", reasoning, tells::true_only),
    flag_at("capabilities/thinking/types/enabled/supported", reasoning, tells::true_only),
};

// AWS ListFoundationModels (providers-native.md §4.1)
constexpr told bedrock[] = {
    word_at("outputModalities", "TEXT", chat),
    word_at("outputModalities", "EMBEDDING", embeddings),
    word_at("inputModalities", "IMAGE", vision),
};

// The inference endpoint's own list; not verified, so only what it affirms counts.
constexpr told fireworks[] = {
    size_at("context_length", context),
    flag_at("supports_chat", chat, tells::true_only),
    flag_at("supports_image_input", vision, tells::true_only),
    flag_at("supports_tools", tools, tells::true_only),
};

// providers-native.md §2.1. Members that are zero or false are left out there.
constexpr told gemini[] = {
    size_at("inputTokenLimit", context),
    size_at("outputTokenLimit", max_output),
    word_at("supportedGenerationMethods", "generateContent", chat),
    word_at("supportedGenerationMethods", "embedContent", embeddings),
    flag_at("thinking", reasoning, tells::true_only),
};

// providers-openai-shaped.md §9
constexpr told groq[] = {
    size_at("context_window", context),
    size_at("max_completion_tokens", max_output),
};

// providers-openai-shaped.md §15. A model has what at least one of those who serve it has.
constexpr told huggingface[] = {
    size_at("providers/[]/context_length", context),
    flag_at("providers/[]/supports_tools", tools),
    flag_at("providers/[]/supports_structured_output", json_schema),
    word_at("architecture/input_modalities", "image", vision),
    word_at("architecture/input_modalities", "audio", audio),
};

// providers-openai-shaped.md §16.3: /v1/models and /props. A template without tools can still be given them.
constexpr told llamacpp[] = {
    size_at("meta/n_ctx", context),
    size_at("default_generation_settings/n_ctx", context),
    size_at("meta/n_ctx_train", context),
    word_at("architecture/input_modalities", "image", vision),
    word_at("architecture/input_modalities", "audio", audio),
    flag_at("modalities/vision", vision),
    flag_at("modalities/audio", audio),
    flag_at("chat_template_caps/supports_tool_calls", tools, tells::true_only),
    flag_at("chat_template_caps/supports_parallel_tool_calls", parallel_tools, tells::true_only),
};

// providers-openai-shaped.md §16.1: /api/v1/models, /api/v0/models. Tools work with any model, trained for it or not.
constexpr told lmstudio[] = {
    size_at("loaded_instances/[]/config/context_length", context),
    size_at("loaded_context_length", context),
    size_at("max_context_length", context),
    text_at("type", "embedding", embeddings),
    text_at("type", "embedding", chat, no),
    text_at("type", "embeddings", embeddings),
    text_at("type", "embeddings", chat, no),
    text_at("type", "llm", chat),
    text_at("type", "vlm", chat),
    text_at("type", "vlm", vision),
    flag_at("capabilities/vision", vision),
    flag_at("capabilities/trained_for_tool_use", tools, tells::true_only),
    word_at("capabilities", "tool_use", tools, tells::word_only),
};

// providers-openai-shaped.md §8
constexpr told mistral[] = {
    size_at("max_context_length", context),          flag_at("capabilities/completion_chat", chat),
    flag_at("capabilities/function_calling", tools), flag_at("capabilities/vision", vision),
    flag_at("capabilities/reasoning", reasoning),    flag_at("capabilities/audio", audio, tells::true_only),
};

// providers-openai-shaped.md §14
constexpr told moonshot[] = {
    size_at("context_length", context),
    flag_at("supports_image_in", vision),
    flag_at("supports_reasoning", reasoning),
};

// providers-native.md §5.3: /api/tags, /api/show
constexpr told ollama[] = {
    size_at("model_info/*.context_length", context), size_at("details/context_length", context),
    word_at("capabilities", "completion", chat),     word_at("capabilities", "embedding", embeddings),
    word_at("capabilities", "tools", tools),         word_at("capabilities", "vision", vision),
    word_at("capabilities", "thinking", reasoning),  word_at("capabilities", "audio", audio, tells::word_only),
};

// providers-openai-shaped.md §13. Files it reads for models that cannot.
constexpr told openrouter[] = {
    size_at("context_length", context),
    size_at("top_provider/context_length", context),
    size_at("top_provider/max_completion_tokens", max_output),
    word_at("architecture/input_modalities", "image", vision),
    word_at("architecture/input_modalities", "audio", audio),
    word_at("architecture/input_modalities", "file", documents, tells::word_only),
    word_at("supported_parameters", "tools", tools),
    word_at("supported_parameters", "parallel_tool_calls", parallel_tools, tells::word_only),
    word_at("supported_parameters", "reasoning", reasoning),
    word_at("supported_parameters", "response_format", json_mode),
    word_at("supported_parameters", "structured_outputs", json_schema),
};

// providers-openai-shaped.md §11
constexpr told together[] = {
    size_at("context_length", context),       text_at("type", "chat", chat),
    text_at("type", "embedding", embeddings), text_at("type", "embedding", chat, no),
    text_at("type", "image", chat, no),       text_at("type", "rerank", chat, no),
};

// providers-openai-shaped.md §16.2
constexpr told vllm[] = {size_at("max_model_len", context)};

// providers-openai-shaped.md §6: /v1/language-models
constexpr told xai[] = {
    size_at("context_length", context),
    word_at("input_modalities", "image", vision, tells::word_only),
};

/// For who speaks OpenAI's language and is not known: names that mean the same wherever they are seen.
constexpr told anyone[] = {
    size_at("max_model_len", context),
    size_at("context_length", context),
    size_at("context_window", context),
    size_at("max_context_length", context),
    size_at("meta/n_ctx", context),
    size_at("max_completion_tokens", max_output),
    size_at("max_output_tokens", max_output),
    word_at("architecture/input_modalities", "image", vision, tells::word_only),
    word_at("input_modalities", "image", vision, tells::word_only),
    word_at("supported_parameters", "tools", tools, tells::word_only),
};

struct list_row {
  std::string_view provider;
  std::span<told const> members;
};

constexpr list_row lists[] = {
    {"anthropic", anthropic},
    {"bedrock", bedrock},
    {"fireworks", fireworks},
    {"gemini", gemini},
    {"google", gemini},
    {"groq", groq},
    {"huggingface", huggingface},
    {"llamacpp", llamacpp},
    {"lmstudio", lmstudio},
    {"mistral", mistral},
    {"moonshot", moonshot},
    {"ollama", ollama},
    {"openrouter", openrouter},
    {"together", together},
    {"vllm", vllm},
    {"xai", xai},
};

std::span<told const> members_of(std::string_view provider) {
  auto const row = std::ranges::find(lists, provider, &list_row::provider);
  return row == std::end(lists) ? std::span<told const>(anyone) : row->members;
}

// ---- reading one entry -----------------------------------------------------------------------------------------

chat::raw_json first_ending(chat::raw_json object, std::string_view end) {
  chat::raw_json result;
  json::trusted_scanner scan(object);
  scan.object([&](std::string_view key, chat::raw_json value) {
    if (!key.ends_with(end)) return true;
    result = value;
    return false;
  });
  return result;
}

/// Calls `on_value` for everything that `path` leads to.
template <class OnValue>
void follow(chat::raw_json value, std::string_view path, OnValue const& on_value) {
  while (!path.empty()) {
    auto const slash = path.find('/');
    auto const step = path.substr(0, slash);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
    if (step == "[]") {
      json::trusted_scanner scan(value);
      scan.array([&](chat::raw_json element) {
        follow(element, path, on_value);
        return true;
      });
      return;
    }
    value = step.starts_with('*') ? first_ending(value, step.substr(1)) : json::find(value, step);
    if (json::unless_null(value).empty()) return;
  }
  on_value(value);
}

bool has_word(chat::raw_json array, std::string_view word) {
  bool result = false;
  json::trusted_scanner scan(array);
  scan.array([&](chat::raw_json element) {
    result = json::is_string(element, word);
    return !result;
  });
  return result;
}

support answer_in(chat::raw_json value, told const& what) {
  bool const is_flag = kind_of(value) == kind::boolean;
  bool const is_array = kind_of(value) == kind::array;
  switch (what.how) {
    case tells::number: return unknown;
    case tells::flag: return !is_flag ? unknown : value == "true" ? yes : no;
    case tells::true_only: return value == "true" ? yes : unknown;
    case tells::word: return !is_array ? unknown : has_word(value, what.word) ? yes : no;
    case tells::word_only: return is_array && has_word(value, what.word) ? yes : unknown;
    case tells::equals: return json::is_string(value, what.word) ? what.then : unknown;
  }
  return unknown;
}

/// Of several values the largest number and the best answer: one of them will do.
void read(chat::raw_json entry, told const& what, capabilities& out) {
  std::int64_t number = 0;
  support answer = unknown;
  follow(entry, what.path, [&](chat::raw_json value) {
    if (what.size) number = std::max(number, json::integer_of(value).value_or(0));
    answer = std::max(answer, answer_in(value, what));
  });
  if (what.size && out.*what.size == 0) out.*what.size = number;
  if (what.place && out.*what.place == unknown) out.*what.place = answer;
}

std::string name_of(chat::raw_json entry) {
  constexpr std::string_view googles = "models/";
  for (std::string_view const key : {"id", "name", "key", "modelId", "model_alias", "model_path"}) {
    auto const value = json::find(entry, key);
    if (kind_of(value) != kind::string || value.size() <= 2) continue;
    auto name = json::decode(json::text_of(value));
    return name.starts_with(googles) ? name.substr(googles.size()) : name;
  }
  return {};
}

reported_model read_entry(chat::raw_json entry, std::span<told const> members) {
  reported_model result;
  result.name = name_of(entry);
  result.created = json::integer_of(json::find(entry, "created")).value_or(0);
  for (auto const& each : members) read(entry, each, result.what);
  return result;
}

// ---- the list --------------------------------------------------------------------------------------------------

/// The whole text as one checked value, or empty.
chat::raw_json checked(std::string_view body) {
  json::checked_scanner scan(body);
  scan.skip_space();
  char const* const begin = scan.at;
  if (!scan.value()) return {};
  chat::raw_json const value(begin, static_cast<std::size_t>(scan.at - begin));
  scan.skip_space();
  return scan.at == scan.end && json::is_utf8(body) ? value : chat::raw_json();
}

chat::raw_json list_in(chat::raw_json body) {
  if (kind_of(body) == kind::array) return body;
  for (std::string_view const key : {"data", "models", "modelSummaries"}) {
    if (auto const list = json::find(body, key); kind_of(list) == kind::array) return list;
  }
  return {};
}

}  // namespace

std::vector<reported_model> read_model_list(std::string_view provider, std::string_view body) {
  std::vector<reported_model> result;
  auto const whole = checked(body);
  auto const members = members_of(provider);
  auto const list = list_in(whole);
  if (list.empty()) {
    if (kind_of(whole) != kind::object) return result;
    auto only = read_entry(whole, members);
    if (only.what != capabilities()) result.push_back(std::move(only));
    return result;
  }
  json::trusted_scanner scan(list);
  scan.array([&](chat::raw_json entry) {
    if (kind_of(entry) != kind::object) return true;
    if (auto model = read_entry(entry, members); !model.name.empty()) result.push_back(std::move(model));
    return result.size() < max_models;
  });
  return result;
}

}  // namespace recloser::providers
