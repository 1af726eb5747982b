// What a provider changes: what its interface cannot carry for any model, and where its plan for a model is smaller or
// larger than the model. Sources: providers-openai-shaped.md §7–16 and §19.4–19.5; providers-native.md §2, §4–6; the
// streaming column of seed-provider-guide.md.

#include "providers/capabilities/rows.hpp"

namespace recloser::providers::registry {

namespace {

constexpr row rows[] = {
    // ---- for every model of a provider
    {"anthropic", "", {.audio = no}},
    {"azure", "", {.prefill = no}},
    {"cerebras", "", {.parallel_tools = yes, .documents = no, .audio = no}},
    {"deepseek", "", {.audio = no, .json_schema = no}},  // prefill only at another address (§7)
    {"fireworks", "", {.json_mode = yes, .json_schema = yes}},
    {"groq", "", {.documents = no, .audio = no, .json_mode = yes}},
    {"llamacpp", "", {.streaming_tools = yes, .documents = no, .json_mode = yes, .json_schema = yes}},
    {"lmstudio",
     "",
     {.tools = yes, .parallel_tools = yes, .streaming_tools = no, .documents = no, .audio = no, .json_schema = yes}},
    {"mistral", "", {.json_mode = yes, .json_schema = yes, .prefill = yes}},
    {"moonshot", "", {.audio = no, .prefill = yes}},
    {"ollama", "", {.streaming_tools = no, .documents = no, .json_mode = yes, .json_schema = yes}},
    {"openai", "", {.prefill = no}},
    {"openrouter", "", {.documents = yes}},  // it reads files itself for models that cannot
    {"replicate",
     "",
     {.tools = no,
      .parallel_tools = no,
      .streaming_tools = no,
      .documents = no,
      .audio = no,
      .json_mode = no,
      .json_schema = no}},
    {"together", "", {.json_mode = yes, .json_schema = yes}},
    {"vllm",
     "",
     {.parallel_tools = yes, .streaming_tools = yes, .documents = no, .json_mode = yes, .json_schema = yes}},

    // ---- Groq (§19.5)
    {"groq", "gpt-oss", sized({.parallel_tools = no, .streaming_tools = yes, .json_schema = yes}, 131'072, 65'536)},
    {"groq", "llama-3.3-70b", sized({.parallel_tools = yes, .streaming_tools = yes}, 131'072, 32'768)},
    {"groq", "llama-3.1-8b", sized({.parallel_tools = yes, .streaming_tools = yes}, 131'072, 131'072)},
    {"groq", "llama-4-scout",
     sized({.parallel_tools = yes, .streaming_tools = yes, .json_schema = yes}, 131'072, 8192)},
    {"groq", "llama-4-maverick",
     sized({.parallel_tools = yes, .streaming_tools = yes, .json_schema = yes}, 131'072, 8192)},
    {"groq", "qwen3-32b", sized({.parallel_tools = yes, .streaming_tools = yes}, 131'072, 40'960)},
    {"groq", "qwen3.6-27b", sized({.parallel_tools = yes, .streaming_tools = yes}, 131'072, 16'384)},
    {"groq", "qwen3.8-27b", sized({.parallel_tools = yes, .streaming_tools = yes}, 131'072, 16'384)},
    {"groq", "kimi-k2", sized({.parallel_tools = yes, .streaming_tools = yes, .json_schema = yes}, 262'144, 16'384)},
    // Takes its own tools, not the client's.
    {"groq", "compound",
     sized(without(with(text_only, reasoning), tools, parallel_tools, streaming_tools), 131'072, 8192)},
    {"groq", "compound-mini",
     sized(without(with(text_only, reasoning), tools, parallel_tools, streaming_tools), 131'072, 8192)},
    {"groq", "playai-tts", no_chat},
    {"groq", "orpheus", no_chat},

    // ---- Cerebras (§19.5)
    {"cerebras", "gpt-oss-120b", sized({.streaming_tools = yes, .json_schema = yes}, 131'072, 40'960)},
    {"cerebras", "gemma-4-31b", sized({.streaming_tools = yes, .json_schema = yes}, 131'072, 40'960)},
    {"cerebras", "qwen-3.8-27b", sized({.streaming_tools = yes, .json_schema = yes}, 65'536, 32'768)},
    {"cerebras", "zai-glm-4.7", sized({.streaming_tools = yes, .json_schema = yes}, 131'072, 40'960)},
    {"cerebras", "qwen-3-235b-a22b-instruct", sized({.streaming_tools = yes, .json_schema = yes}, 131'072, 32'768)},
    {"cerebras", "llama-3.1-8b", sized({.streaming_tools = yes, .json_schema = yes}, 32'768, 8192)},
    {"cerebras", "llama-3.3-70b", sized({.streaming_tools = yes, .json_schema = yes}, 131'072)},

    // ---- Mistral hosts one of another vendor (§19.4)
    {"mistral", "zai-glm", sized({.parallel_tools = yes, .streaming_tools = yes}, 1'000 * k, 131'072)},
    {"mistral", "codestral", sized({.tools = yes}, 256 * k, 4 * k)},

    // ---- Moonshot (§19.7)
    {"moonshot", "kimi-k3", sized({}, 1'048'576, 131'072)},
    {"moonshot", "kimi-k3.1-pro", sized({}, 1'048'576)},

    // ---- Bedrock: Converse calls tools of these models whole, not piece by piece
    {"bedrock", "llama", {.streaming_tools = no}},
    {"bedrock", "mistral-7b", {.tools = no}},
};

}  // namespace

constinit table const hosts{"2026-11", "providers-openai-shaped.md §7–16, §19", rows};

}  // namespace recloser::providers::registry
