// Open models, by any of the names that Ollama, LM Studio, llama.cpp, vLLM, Hugging Face and the clouds give them. Sources:
// the model cards; providers-openai-shaped.md §19.4–19.6 and the price tables of 2026-09 for windows. A window here is the
// most that the model was made for: a local server often runs it with less, and says so itself (model_lists.hpp). Whether
// a small model calls tools depends on the server's template, so that stays open where it is not well known.

#include "providers/capabilities/rows.hpp"

namespace recloser::providers::registry {

namespace {

constexpr capabilities text_maybe = unsure(text_only, reasoning);

constexpr row rows[] = {
    // ---- Qwen
    {"", "qwen", unsure(text_maybe, vision, audio)},
    {"", "codeqwen", sized(text_only, 65'536)},
    {"", "qwen1.5", sized(text_only, 32'768)},
    {"", "qwen2", sized(text_only, 131'072)},
    {"", "qwen2-math", sized(text_only, 4096)},
    {"", "qwen2.5", sized(text_tools, 131'072)},
    {"", "qwen2.5-1m", sized(text_tools, 1'010 * k)},
    {"", "qwen2.5-math", sized(text_only, 4096)},
    {"", "qwen2.5-coder", sized(text_tools, 131'072)},
    {"", "qwen2.5-omni", unsure(with(image_only, audio), tools)},
    {"", "qwen-vl", unsure(image_only, reasoning)},
    {"", "qwen2-vl", sized(image_only, 32'768)},
    {"", "qwen2.5-vl", sized(image_only, 131'072)},
    {"", "qwen3", sized(text_thinker, 131'072)},
    {"", "qwen3-4b-instruct", sized(text_tools, 262'144)},
    {"", "qwen3-30b-a3b-instruct", sized(text_tools, 262'144)},
    {"", "qwen3-30b-a3b-thinking", sized(text_thinker, 262'144)},
    {"", "qwen3-235b-a22b-instruct", sized(text_tools, 262'144)},
    {"", "qwen3-235b-a22b-thinking", sized(text_thinker, 262'144)},
    {"", "qwen3-235b-a22b-2507", sized(text_tools, 262'144)},
    {"", "qwen3-coder", sized(text_tools, 262'144)},
    {"", "qwen3-next", sized(unsure(text_tools, reasoning), 262'144)},
    {"", "qwen3-vl", sized(unsure(image_tools, reasoning), 262'144)},
    {"", "qwen3-omni", unsure(with(image_tools, audio), reasoning)},
    {"", "qwen3-max", sized(unsure(text_tools, reasoning), 262'144)},
    {"", "qwen3.5", sized(unsure(image_thinker, audio), 262'144)},
    {"", "qwen3.6", sized(unsure(image_thinker, audio), 262'144)},
    {"", "qwen3.6-plus", sized(unsure(text_thinker, vision), 1000 * k)},
    {"", "qwen3.7", sized(unsure(text_thinker, vision), 1000 * k)},
    {"", "qwen3.8", sized(unsure(image_thinker, audio), 262'144)},
    {"", "qwen3.8-2.4t", sized(text_thinker, 1'010 * k)},
    {"", "qwen3.8-max", sized(unsure(image_thinker, vision, tools), 1000 * k)},
    {"", "qwq", sized(text_thinker, 131'072)},
    {"", "qvq", with(image_only, reasoning)},

    // ---- Llama and what was made of it
    {"", "llama", unsure(text_only, vision)},
    {"", "llama-2", sized(text_only, 4096)},
    {"", "llama-3", sized(text_only, 8192)},
    {"", "llama-3.1", sized(text_tools, 131'072)},
    {"", "llama-v3p1", sized(text_tools, 131'072)},  // Fireworks' spelling
    {"", "llama-3.2", sized(text_tools, 131'072)},
    {"", "llama-3.2-11b", sized(image_only, 131'072)},
    {"", "llama-3.2-90b", sized(image_only, 131'072)},
    {"", "llama-3.2-vision", sized(image_only, 131'072)},
    {"", "llama-v3p2", sized(unsure(text_only, vision), 131'072)},
    {"", "llama-3.3", sized(text_tools, 131'072)},
    {"", "llama-v3p3", sized(text_tools, 131'072)},
    {"", "llama-4", image_tools},
    {"", "llama-4-scout", sized(image_tools, 10'000 * k)},
    {"", "llama-4-maverick", sized(image_tools, 1000 * k)},
    {"", "llama-guard", without(unsure(text_only, vision), tools, parallel_tools, streaming_tools)},
    {"", "llama-prompt-guard", without(text_only, tools, parallel_tools, streaming_tools)},
    {"", "code-llama", sized(text_only, 16'384)},
    {"", "codellama", sized(text_only, 16'384)},
    {"", "tinyllama", sized(text_only, 2048)},
    {"", "vicuna", sized(text_only, 16'384)},
    {"", "wizardcoder", sized(text_only, 16'384)},
    {"", "wizardlm", text_only},
    {"", "nemotron", unsure(text_tools, vision, reasoning)},
    {"", "nemotron-3", sized(text_thinker, 1'048'576)},
    {"", "nemotron-nano-12b-v2", sized(unsure(image_thinker, tools), 131'072)},
    {"", "hermes", unsure(text_tools, vision, reasoning)},
    {"", "muse-glimmer", sized(image_thinker, 131'072)},

    // ---- Pictures with a small model
    {"", "llava", sized(image_only, 32'768)},
    {"", "bakllava", sized(image_only, 32'768)},
    {"", "llava-llama3", sized(image_only, 8192)},
    {"", "llava-phi3", sized(image_only, 4096)},
    {"", "moondream", sized(image_only, 2048)},
    {"", "minicpm-v", sized(image_only, 32'768)},
    {"", "minicpm-o", with(image_only, audio)},
    {"", "internvl", unsure(image_only, reasoning)},
    {"", "molmo", image_only},
    {"", "smolvlm", image_only},

    // ---- Phi
    {"", "phi", unsure(text_maybe, vision, audio)},
    {"", "phi-2", sized(text_only, 2048)},
    {"", "phi-3", sized(text_only, 131'072)},
    {"", "phi-3-vision", sized(image_only, 131'072)},
    {"", "phi-3.5", sized(text_only, 131'072)},
    {"", "phi-3.5-vision", sized(image_only, 131'072)},
    {"", "phi-4", sized(text_only, 16'384)},
    {"", "phi-4-mini", sized(text_tools, 131'072)},
    {"", "phi-4-reasoning", sized(with(text_only, reasoning), 32'768)},
    {"", "phi-4-mini-reasoning", sized(with(text_only, reasoning), 131'072)},
    {"", "phi-4-multimodal", sized(with(image_only, audio), 131'072)},

    // ---- Granite
    {"", "granite", unsure(text_maybe, vision)},
    {"", "granite-code", sized(text_only, 131'072)},
    {"", "granite-3", sized(text_tools, 131'072)},
    {"", "granite-3.1", sized(text_tools, 131'072)},
    {"", "granite-3.2", sized(text_tools, 131'072)},
    {"", "granite-3.3", sized(text_tools, 131'072)},
    {"", "granite3-dense", sized(text_tools, 4096)},
    {"", "granite-3.2-vision", sized(image_tools, 16'384)},
    {"", "granite-vision", image_only},
    {"", "granite-4", sized(text_tools, 131'072)},
    {"", "granite-4.0", sized(text_tools, 131'072)},
    {"", "granite-guardian", text_only},

    // ---- GLM, MiniMax and other large ones
    {"", "glm", unsure(text_maybe, vision)},
    {"", "glm-4", sized(unsure(text_only, reasoning), 131'072)},
    {"", "glm-4v", sized(image_only, 8192)},
    {"", "glm-4.5", sized(text_thinker, 131'072)},
    {"", "glm-4.5v", sized(image_thinker, 65'536)},
    {"", "glm-4.6", sized(text_thinker, 204'800)},
    {"", "glm-4.6v", sized(image_thinker, 131'072)},
    {"", "glm-4.7", sized(text_thinker, 204'800)},
    {"", "glm-5", sized(text_thinker, 204'800)},
    {"", "glm-5.1", sized(text_thinker, 204'800)},
    {"", "glm-5.2", sized(text_thinker, 1'048'576)},
    {"", "glm-5.3", sized(text_thinker, 1'048'576)},
    {"", "glm-5.3-flash", sized(image_thinker, 1'048'576)},
    {"", "minimax-m1", sized(text_thinker, 1000 * k)},
    {"", "minimax-m2", sized(text_thinker, 204'800)},
    {"", "minimax-m2.1", sized(text_thinker, 204'800)},
    {"", "minimax-m2.5", sized(text_thinker, 204'800)},
    {"", "minimax-m2.7", sized(text_thinker, 204'800)},
    {"", "minimax-m3", sized(unsure(image_thinker, vision), 524'288)},
    {"", "inkling", sized(unsure(image_thinker, audio), 1'048'576)},
    {"", "cogito", sized(unsure(text_thinker, vision), 131'072)},
    {"", "rnj-1", sized(text_tools, 32'768)},
    {"", "seed-oss", sized(text_thinker, 524'288)},
    {"", "hunyuan", unsure(text_maybe, vision)},
    {"", "palmyra-x4", sized(text_tools, 122'880)},
    {"", "palmyra-x5", sized(text_tools, 1'040 * k)},
    {"", "jamba", sized(text_tools, 262'144)},
    {"", "dbrx", sized(text_only, 32'768)},

    // ---- Small ones
    {"", "smollm2", sized(text_only, 8192)},
    {"", "smollm3", sized(text_thinker, 131'072)},
    {"", "olmo", unsure(text_maybe, vision)},
    {"", "exaone", unsure(text_maybe, vision)},
    {"", "falcon", text_only},
    {"", "falcon3", sized(text_only, 32'768)},
    {"", "yi", text_only},
    {"", "solar", text_only},
    {"", "starcoder", sized(text_only, 16'384)},
    {"", "starcoder2", sized(text_only, 16'384)},
    {"", "stablelm", sized(text_only, 4096)},
    {"", "orca-mini", text_only},
    {"", "openchat", sized(text_only, 8192)},
    {"", "zephyr", text_only},
    {"", "dolphin", unsure(text_only, vision, reasoning)},
    {"", "athene", sized(text_only, 131'072)},
    {"", "ernie", unsure(text_maybe, vision)},
};

}  // namespace

constinit table const open_models{"2026-09", "model cards", rows};

}  // namespace recloser::providers::registry
