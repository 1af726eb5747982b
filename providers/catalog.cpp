// The catalog: one row per provider, sorted by name. What a row says comes from providers-openai-shaped.md §1, 3, 6–16
// and providers-native.md §1.

#include <algorithm>
#include <iterator>
#include <utility>

#include "dialects/anthropic/messages.hpp"
#include "dialects/bedrock_converse/converse.hpp"
#include "dialects/gemini/generate_content.hpp"
#include "dialects/ollama_chat/api_chat.hpp"
#include "dialects/openai_responses/responses.hpp"
#include "dialects/replicate/predictions.hpp"
#include "providers/field_rules.hpp"
#include "providers/row.hpp"

namespace recloser::providers {

namespace {

using namespace std::chrono_literals;

using header = std::pair<std::string_view, std::string_view>;

// ---- the rows --------------------------------------------------------------------------------------------------

constexpr header anthropic_headers[] = {{"anthropic-version", "2023-06-01"}};

/// Who asks, for OpenRouter's statistics (§13). `headers` in the configuration win.
constexpr header openrouter_headers[] = {{"HTTP-Referer", "https://github.com/recloser/recloser"},
                                         {"X-OpenRouter-Title", "recloser"},
                                         {"X-Title", "recloser"}};

constexpr model_api vertex_others[] = {{"claude", &dialects::anthropic::messages_on_vertex, "/publishers/anthropic"}};

constexpr auto local_first_byte = 600s;  // a model may have to be loaded first

constexpr row rows[] = {
    {.name = "anthropic",
     .title = "Anthropic",
     .dialect = &dialects::anthropic::messages,
     .base_urls = list<"https://api.anthropic.com">,
     .key_variables = list<"ANTHROPIC_API_KEY">,
     .url_variables = list<"ANTHROPIC_BASE_URL">,
     .aliases = list<"claude">,
     .model_prefixes = list<"claude-">,
     .auth = auth_kind::x_api_key,
     .usage = stream_usage::automatic,
     .probe = {.path = "/v1/models"},
     .headers = anthropic_headers,
     .first_byte = 300s},
    {.name = "azure",
     .title = "Azure OpenAI",
     .responses = &dialects::openai_responses::responses,
     .key_variables = list<"AZURE_OPENAI_API_KEY", "AZURE_API_KEY">,
     .url_variables = list<"AZURE_OPENAI_ENDPOINT">,
     .aliases = list<"azure-openai", "azure_openai">,
     .auth = auth_kind::azure,
     .settings = list<"api", "client_id", "client_secret", "tenant_id", "token_url">,
     .deployments = true,
     .unknown = unknown_fields::drop,
     .allowed = azure_fields,
     .rules = openai_rules,
     .reply = {.repair = true},
     .messages = {.allowed = openai_message, .reasoning_history = "-"},
     .probe = {.path = ""},
     .first_byte = 300s,
     .completions = true,
     .embeddings = true},
    {.name = "bedrock",
     .title = "AWS Bedrock",
     .dialect = &dialects::bedrock_converse::converse,
     .key_variables = list<"AWS_BEARER_TOKEN_BEDROCK">,
     .url_variables = list<"BEDROCK_BASE_URL">,
     .aliases = list<"aws", "aws-bedrock", "amazon-bedrock">,
     .auth = auth_kind::aws,
     .settings = list<"profile", "region">,
     .enabling_variables = list<"AWS_ACCESS_KEY_ID", "AWS_PROFILE">,
     .usage = stream_usage::automatic,
     .probe = {.path = ""},
     .first_byte = 300s},
    {.name = "cerebras",
     .title = "Cerebras",
     .base_urls = list<"https://api.cerebras.ai/v1">,
     .key_variables = list<"CEREBRAS_API_KEY">,
     .url_variables = list<"CEREBRAS_BASE_URL">,
     .unknown = unknown_fields::drop,
     .allowed = cerebras_fields,
     .rules = cerebras_rules,
     .reply = {.reasoning_field = "reasoning", .repair = true},
     .messages = {.allowed = cerebras_message, .reasoning_history = "reasoning"},
     .completions = true},
    {.name = "deepseek",
     .title = "DeepSeek",
     .base_urls = list<"https://api.deepseek.com/v1">,
     .key_variables = list<"DEEPSEEK_API_KEY">,
     .url_variables = list<"DEEPSEEK_BASE_URL">,
     .model_prefixes = list<"deepseek-">,
     .rules = deepseek_rules,
     .reply = {.repair = true},
     .messages = {.developer_as_system = true, .reasoning_required = true, .schema_in_words = true},
     .first_byte = 600s},
    {.name = "fireworks",
     .title = "Fireworks AI",
     .base_urls = list<"https://api.fireworks.ai/inference/v1">,
     .key_variables = list<"FIREWORKS_API_KEY", "FIREWORKS_AI_API_KEY">,
     .url_variables = list<"FIREWORKS_BASE_URL">,
     .aliases = list<"fireworks-ai", "fireworks_ai">,
     .model_prefixes = list<"accounts/">,
     .settings = list<"text_calls">,
     .text_calls = reading::always,
     .rules = fireworks_rules,
     .reply = {.repair = true},
     .messages = {.developer_as_system = true},
     .usage = stream_usage::automatic,
     .completions = true,
     .embeddings = true},
    {.name = "gemini",
     .title = "Google Gemini",
     .dialect = &dialects::gemini::generate_content,
     .base_urls = list<"https://generativelanguage.googleapis.com/v1beta">,
     .key_variables = list<"GEMINI_API_KEY", "GOOGLE_API_KEY">,
     .url_variables = list<"GOOGLE_GEMINI_BASE_URL", "GEMINI_BASE_URL">,
     .aliases = list<"google">,
     .model_prefixes = list<"gemini-", "gemma-">,
     .auth = auth_kind::goog_api_key,
     .settings = list<"safety_level", "safety_settings">,
     .usage = stream_usage::automatic,
     .first_byte = 300s},
    {.name = "groq",
     .title = "Groq",
     .base_urls = list<"https://api.groq.com/openai/v1">,
     .key_variables = list<"GROQ_API_KEY", "GROQCLOUD_API_KEY">,
     .url_variables = list<"GROQ_BASE_URL">,
     .aliases = list<"groqcloud">,
     .settings = list<"on_oversize">,
     .body_limit = 4u << 20,
     .unknown = unknown_fields::drop,
     .allowed = groq_fields,
     .rules = groq_rules,
     .reply = {.reasoning_field = "reasoning", .failed_calls = true, .repair = true},
     .messages = {.allowed = groq_message, .developer_as_system = true, .reasoning_history = "reasoning"},
     .usage = stream_usage::automatic},
    {.name = "huggingface",
     .title = "Hugging Face",
     .base_urls = list<"https://router.huggingface.co/v1">,
     .key_variables = list<"HF_TOKEN", "HUGGINGFACE_HUB_TOKEN", "HUGGINGFACE_API_KEY", "HF_API_KEY">,
     .url_variables = list<"HF_BASE_URL">,
     .aliases = list<"hf">,
     .settings = list<"text_calls">,
     .text_calls = reading::always,
     .rules = tools_rules,
     .reply = {.reasoning_field = "reasoning", .repair = true},
     .messages = {.developer_as_system = true},
     .first_byte = 300s},
    {.name = "llamacpp",
     .title = "llama.cpp",
     .local = true,
     .base_urls = list<"http://127.0.0.1:8080/v1", "http://127.0.0.1:9931/v1">,
     .key_variables = list<"LLAMA_CPP_API_KEY", "LLAMA_API_KEY">,
     .url_variables = list<"VICTOR_LLAMACPP_HOST", "LLAMACPP_BASE_URL">,
     .aliases = list<"llama-cpp", "llama.cpp">,
     .settings = list<"text_calls">,
     .text_calls = reading::always,
     .rules = llamacpp_rules,
     .reply = {.repair = true},
     .messages = {.developer_as_system = true, .one_system = one_system_families},
     .first_byte = local_first_byte,
     .default_port = 8080,
     .completions = true,
     .embeddings = true},
    {.name = "lmstudio",
     .title = "LM Studio",
     .local = true,
     .base_urls = list<"http://127.0.0.1:1234/v1">,
     .key_variables = list<"LM_STUDIO_API_KEY", "LM_API_TOKEN">,
     .url_variables = list<"LMSTUDIO_ENDPOINTS", "VICTOR_LM_STUDIO_HOST", "LMSTUDIO_BASE_URL", "LM_STUDIO_BASE_URL">,
     .aliases = list<"lm-studio", "lm_studio">,
     .settings = list<"text_calls">,
     .text_calls = reading::always,
     .rules = lmstudio_rules,
     .reply = {.reasoning_field = "reasoning", .repair = true},
     .messages = {.developer_as_system = true, .one_system = one_system_families},
     .first_byte = local_first_byte,
     .default_port = 1234,
     .completions = true,
     .embeddings = true},
    {.name = "mistral",
     .title = "Mistral AI",
     .base_urls = list<"https://api.mistral.ai/v1">,
     .key_variables = list<"MISTRAL_API_KEY">,
     .url_variables = list<"MISTRAL_BASE_URL">,
     .model_prefixes = list<"mistral-", "magistral-", "codestral", "devstral-", "ministral-", "pixtral-">,
     .unknown = unknown_fields::drop,
     .allowed = mistral_fields,
     .rules = mistral_rules,
     .reply = {.repair = true},
     .messages = {.allowed = mistral_message,
                  .developer_as_system = true,
                  .reasoning_history = "-",
                  .short_tool_ids = true,
                  .reply_after_tool = true,
                  .prefill = "prefix"},
     .usage = stream_usage::never,
     .embeddings = true},
    {.name = "moonshot",
     .title = "Moonshot AI (Kimi)",
     .base_urls = list<"https://api.moonshot.ai/v1">,
     .key_variables = list<"MOONSHOT_API_KEY", "KIMI_API_KEY">,
     .url_variables = list<"MOONSHOT_BASE_URL">,
     .aliases = list<"kimi", "moonshotai">,
     .model_prefixes = list<"kimi-", "moonshot-">,
     .rules = moonshot_rules,
     .schema_subset = true,
     .reply = {.repair = true},
     .messages = {.developer_as_system = true, .prefill = "partial"},
     .first_byte = 300s},
    {.name = "ollama",
     .title = "Ollama",
     .dialect = &dialects::ollama_chat::api_chat,
     .relay_prefix = "/v1",
     .local = true,
     .base_urls = list<"http://127.0.0.1:11434">,
     .key_variables = list<"OLLAMA_API_KEY">,
     .url_variables = list<"OLLAMA_ENDPOINTS", "OLLAMA_HOST">,
     .settings = list<"keep_alive", "num_ctx", "options", "text_calls">,
     .text_calls = reading::always,
     .reply = {.repair = true},
     .probe = {.path = "/api/tags"},
     .first_byte = local_first_byte,
     .default_port = 11434,
     .completions = true,
     .embeddings = true},
    {.name = "openai",
     .title = "OpenAI",
     .responses = &dialects::openai_responses::responses,
     .base_urls = list<"https://api.openai.com/v1">,
     .key_variables = list<"OPENAI_API_KEY">,
     .url_variables = list<"OPENAI_BASE_URL", "OPENAI_API_BASE">,
     .model_prefixes = list<"gpt-", "o1", "o3", "o4", "chatgpt-", "ft:", "text-embedding-", "davinci-", "babbage-">,
     .settings = list<"api">,
     .unknown = unknown_fields::drop,
     .allowed = openai_fields,
     .rules = openai_rules,
     .messages = {.allowed = openai_message, .reasoning_history = "-"},
     .first_byte = 300s,
     .completions = true,
     .embeddings = true},
    {.name = "openai-compatible",
     .title = "any OpenAI-compatible server",
     .settings = list<"text_calls">,
     .text_calls = reading::with_tools,
     .reply = {.repair = true},
     .first_byte = 300s,
     .completions = true,
     .embeddings = true},
    {.name = "openrouter",
     .title = "OpenRouter",
     .base_urls = list<"https://openrouter.ai/api/v1">,
     .key_variables = list<"OPENROUTER_API_KEY">,
     .url_variables = list<"OPENROUTER_BASE_URL">,
     .rules = tools_rules,
     .reply = {.reasoning_field = "reasoning", .repair = true},
     .messages = {.reasoning_history = "reasoning"},
     .usage = stream_usage::automatic,
     .headers = openrouter_headers,
     .first_byte = 300s,
     .completions = true,
     .embeddings = true},
    {.name = "replicate",
     .title = "Replicate",
     .dialect = &dialects::replicate::predictions,
     .base_urls = list<"https://api.replicate.com/v1">,
     .key_variables = list<"REPLICATE_API_TOKEN", "REPLICATE_API_KEY">,
     .url_variables = list<"REPLICATE_BASE_URL">,
     .usage = stream_usage::automatic,
     .probe = {.path = ""},
     .first_byte = 300s},
    {.name = "together",
     .title = "Together AI",
     .base_urls = list<"https://api.together.ai/v1">,
     .key_variables = list<"TOGETHER_API_KEY", "TOGETHER_AI_API_KEY", "TOGETHERAI_API_KEY">,
     .url_variables = list<"TOGETHER_BASE_URL">,
     .aliases = list<"togetherai", "together_ai">,
     .settings = list<"text_calls">,
     .text_calls = reading::always,
     .rules = together_rules,
     .reply = {.reasoning_field = "reasoning", .repair = true},
     .messages = {.developer_as_system = true},
     .completions = true,
     .embeddings = true},
    {.name = "vertex",
     .title = "Google Vertex AI",
     .dialect = &dialects::gemini::generate_content_on_vertex,
     .prefix = "/publishers/google",
     .others = vertex_others,
     .key_variables = list<"VERTEX_ACCESS_TOKEN">,
     .url_variables = list<"VERTEX_BASE_URL", "GOOGLE_VERTEX_BASE_URL">,
     .aliases = list<"vertex-ai", "vertex_ai", "vertexai">,
     .auth = auth_kind::google,
     .settings = list<"credentials_file", "location", "project", "safety_level", "safety_settings">,
     .enabling_variables = list<"GOOGLE_APPLICATION_CREDENTIALS">,
     .usage = stream_usage::automatic,
     .probe = {.path = ""},
     .first_byte = 300s},
    {.name = "vllm",
     .title = "vLLM",
     .local = true,
     .base_urls = list<"http://127.0.0.1:8000/v1">,
     .key_variables = list<"VLLM_API_KEY">,
     .url_variables = list<"VICTOR_VLLM_HOST", "VLLM_BASE_URL">,
     .settings = list<"text_calls">,
     .text_calls = reading::always,
     .rules = tools_rules,
     .reply = {.reasoning_field = "reasoning", .repair = true},
     .messages = {.developer_as_system = true, .reasoning_history = "reasoning", .one_system = one_system_families},
     .first_byte = local_first_byte,
     .default_port = 8000,
     .completions = true,
     .embeddings = true},
    {.name = "xai",
     .title = "xAI",
     .responses = &dialects::openai_responses::responses,
     .base_urls = list<"https://api.x.ai/v1">,
     .key_variables = list<"XAI_API_KEY", "GROK_API_KEY">,
     .url_variables = list<"XAI_BASE_URL">,
     .aliases = list<"grok">,
     .model_prefixes = list<"grok-">,
     .settings = list<"api">,
     .rules = xai_rules,
     .reply = {.repair = true},
     .first_byte = 300s},
};

constexpr bool sorted_and_unique() {
  for (std::size_t i = 1; i < std::size(rows); ++i) {
    if (rows[i - 1].name >= rows[i].name) return false;
  }
  return true;
}
static_assert(sorted_and_unique(), "the rows are sorted by name and no name comes twice");

constexpr int rows_called(std::string_view name) {
  int count = 0;
  for (auto const& each : rows) {
    count += each.name == name ? 1 : 0;
    count += static_cast<int>(std::ranges::count(each.aliases, name));
  }
  return count;
}
constexpr bool aliases_are_unique() {
  return std::ranges::all_of(rows, [](row const& each) {
    return std::ranges::all_of(each.aliases, [](std::string_view alias) { return rows_called(alias) == 1; });
  });
}
static_assert(aliases_are_unique(), "every name and alias means one provider");

}  // namespace

std::span<row const> catalog() { return rows; }

row const* find_row(std::string_view name) {
  auto const* const found = std::ranges::find_if(rows, [&](row const& each) {
    return each.name == name || std::ranges::find(each.aliases, name) != each.aliases.end();
  });
  return found == std::end(rows) ? nullptr : found;
}

}  // namespace recloser::providers
