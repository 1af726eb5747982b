// Models whose vendors serve them first themselves: xAI, DeepSeek, Mistral, Moonshot, Amazon, Cohere. Most of them are
// open and run elsewhere too. Sources: providers-openai-shaped.md §6–8, §14, §19.2–19.7; AWS' Converse feature table.

#include "providers/capabilities/rows.hpp"

namespace recloser::providers::registry {

namespace {

constexpr capabilities grok = with(image_tools, parallel_tools, streaming_tools, json_mode, json_schema);
constexpr capabilities grok_thinker = with(grok, reasoning);
constexpr capabilities grok_text = without(grok, vision);

constexpr capabilities deepseek = with(text_thinker, parallel_tools, json_mode);
constexpr capabilities mistral = with(text_tools, parallel_tools, streaming_tools, json_mode, json_schema);
constexpr capabilities mistral_image = with(mistral, vision);
constexpr capabilities kimi = with(image_thinker, parallel_tools, streaming_tools, json_mode);
constexpr capabilities kimi_text = without(kimi, vision);
constexpr capabilities nova = unsure(with(image_tools, streaming_tools, documents), audio);

constexpr std::int64_t mebi = 1'048'576;

constexpr row rows[] = {
    // ---- xAI
    {"", "grok", unsure(grok, reasoning)},
    {"", "grok-4.7", sized(grok_thinker, 500 * k)},
    {"", "grok-4.6", sized(grok_thinker, 500 * k)},
    {"", "grok-4.5", sized(grok_thinker, 500 * k)},
    {"", "grok-4.3", sized(grok_thinker, 1000 * k)},
    {"", "grok-4.20", sized(grok_thinker, 1000 * k)},
    {"", "grok-4.20-non-reasoning", sized(grok, 1000 * k)},
    {"", "grok-4.20-0309-non-reasoning", sized(grok, 1000 * k)},
    {"", "grok-4.20-beta", sized(unsure(grok, reasoning), 2000 * k)},
    {"", "grok-build", sized(grok_thinker, 256 * k)},
    {"", "grok-4", sized(grok_thinker, 256 * k)},
    {"", "grok-4-fast", sized(grok_thinker, 2000 * k)},
    {"", "grok-4-fast-non-reasoning", sized(grok, 2000 * k)},
    {"", "grok-4-1-fast", sized(grok_thinker, 2000 * k)},
    {"", "grok-4-1-fast-non-reasoning", sized(grok, 2000 * k)},
    {"", "grok-code-fast", sized(with(grok_text, reasoning), 256 * k)},
    {"", "grok-3", sized(grok_text, 131'072)},
    {"", "grok-3-mini", sized(with(grok_text, reasoning), 131'072)},
    {"", "grok-2", sized(grok_text, 131'072)},
    {"", "grok-2-vision", sized(grok, 32'768)},
    {"", "grok-vision", sized(grok, 8192)},
    {"", "grok-beta", sized(grok_text, 131'072)},
    {"", "grok-imagine", no_chat},
    {"", "grok-tts", no_chat},
    {"", "grok-stt", no_chat},

    // ---- DeepSeek
    {"", "deepseek", unsure(text_only, vision, reasoning)},
    {"", "deepseek-flash", sized(with(deepseek, vision, streaming_tools), 1000 * k, 384 * k)},
    {"", "deepseek-v4.1-flash", sized(with(deepseek, vision), 1000 * k)},
    {"", "deepseek-v4-flash", sized(deepseek, 1000 * k)},
    {"", "deepseek-v4-flash-vision", sized(with(deepseek, vision), 1000 * k)},
    // The vendor answers that with `deepseek-flash`.
    {"deepseek", "deepseek-v4-flash", sized(with(deepseek, vision), 1000 * k, 384 * k)},
    {"", "deepseek-v4-pro", sized(deepseek, 1000 * k)},
    {"deepseek", "deepseek-v4", sized({}, 1000 * k, 384 * k)},
    {"", "deepseek-v3", sized(with(text_tools, json_mode), 163'840)},
    {"", "deepseek-v3.1", sized(deepseek, 163'840)},
    {"", "deepseek-v3.2", sized(deepseek, 163'840)},
    {"", "deepseek-chat", sized(with(text_tools, json_mode), 128 * k)},
    {"", "deepseek-reasoner", sized(unsure(deepseek, tools, parallel_tools), 128 * k)},  // none at first, later some
    {"", "deepseek-r1", sized(unsure(text_thinker, tools), 163'840)},
    {"", "deepseek-r1-distill", sized(unsure(text_thinker, tools), 131'072)},
    {"", "deepseek-coder-v2", sized(text_only, 163'840)},
    {"", "deepseek-coder", sized(text_only, 16'384)},
    {"", "deepseek-v2", sized(text_only, 163'840)},
    {"", "deepseek-llm", sized(text_only, 4096)},
    {"", "deepseek-vl", unsure(image_only, reasoning)},
    {"", "deepseek-ocr", unsure(image_only, reasoning)},

    // ---- Mistral
    {"", "mistral-large", unsure(mistral, vision, reasoning)},  // the names of many generations
    {"", "mistral-large-latest", sized(unsure(mistral_image, reasoning), 262'144)},
    {"", "mistral-large-4", sized(with(unsure(mistral, vision), reasoning), mebi)},
    {"", "mistral-large-3", sized(mistral_image, 262'144)},
    {"", "mistral-large-2512", sized(mistral_image, 262'144)},
    {"", "mistral-large-2411", sized(mistral, 131'072)},
    {"", "mistral-large-2407", sized(mistral, 131'072)},
    {"", "mistral-large-2402", sized(mistral, 32'768)},
    {"", "mistral-medium", unsure(mistral_image, reasoning)},
    {"", "mistral-medium-2505", sized(mistral_image, 131'072)},
    {"", "mistral-medium-2508", sized(mistral_image, 131'072)},
    {"", "mistral-medium-latest", sized(with(mistral_image, reasoning), 262'144)},
    {"", "mistral-medium-3.5", sized(with(mistral_image, reasoning), 262'144)},
    {"", "mistral-medium-2604", sized(with(mistral_image, reasoning), 262'144)},
    {"", "mistral-small", unsure(mistral, vision, reasoning)},
    {"", "mistral-small-latest", sized(with(mistral_image, reasoning), 256 * k)},
    {"", "mistral-small-2603", sized(with(mistral_image, reasoning), 256 * k)},
    {"", "mistral-small-2506", sized(mistral_image, 131'072)},
    {"", "mistral-small-2503", sized(mistral_image, 131'072)},
    {"", "mistral-small-3.1", sized(mistral_image, 131'072)},
    {"", "mistral-small-3.2", sized(mistral_image, 131'072)},
    {"", "mistral-small-2501", sized(mistral, 32'768)},
    {"", "mistral-small-2409", sized(mistral, 32'768)},
    {"", "magistral", unsure(with(mistral, reasoning), vision)},
    {"", "magistral-medium", sized(unsure(with(mistral, reasoning), vision), 131'072, 16 * k)},
    {"", "codestral", sized(unsure(mistral, tools), 256 * k)},
    {"", "codestral-22b", sized(text_only, 32'768)},
    {"", "devstral", unsure(mistral, vision)},
    {"", "devstral-2", sized(unsure(mistral, vision), 262'144)},
    {"", "devstral-2512", sized(mistral, 262'144)},
    {"", "devstral-small-2", sized(mistral_image, 262'144)},
    {"", "devstral-small-2512", sized(mistral_image, 256 * k)},
    {"", "ministral", unsure(mistral, vision)},
    {"", "ministral-3", sized(mistral_image, 262'144)},
    {"", "ministral-14b", sized(mistral_image, 262'144)},
    {"", "ministral-3b-2512", sized(mistral_image, 131'072)},
    {"", "ministral-8b-2512", sized(mistral_image, 262'144)},
    {"", "pixtral", sized(mistral_image, 131'072)},
    {"", "mistral-nemo", sized(mistral, 131'072)},
    {"", "mistral-saba", sized(text_only, 32'768)},
    {"", "mistral-7b", sized(unsure(text_only, tools), 32'768)},
    {"", "mistral", unsure(text_only, vision, reasoning)},
    {"", "mistral-openorca", sized(text_only, 8192)},
    {"", "mixtral", sized(unsure(text_only, tools), 32'768)},
    {"", "mixtral-8x22b", sized(unsure(mistral, json_mode, json_schema), 65'536)},
    {"", "voxtral", sized(with(unsure(text_only, tools), audio), 32'768)},
    {"", "mistral-ocr", no_chat},
    {"", "mistral-moderation", no_chat},
    {"", "mathstral", sized(text_only, 32'768)},

    // ---- Moonshot
    {"", "kimi", unsure(kimi, vision, reasoning)},
    {"", "kimi-k3.1", sized(kimi, mebi)},
    {"", "kimi-k3", sized(kimi, mebi)},
    {"", "kimi-k2", sized(without(kimi_text, reasoning), 262'144)},
    {"", "kimi-k2-0711", sized(without(kimi_text, reasoning), 131'072)},
    {"", "kimi-k2-thinking", sized(kimi_text, 262'144)},
    {"", "kimi-k2.5", sized(kimi, 262'144)},
    {"", "kimi-k2.6", sized(kimi, 262'144)},
    {"", "kimi-k2.7", sized(kimi, 262'144)},
    {"", "kimi-vl", unsure(image_only, reasoning)},
    {"", "moonshot-v1", sized(with(text_tools, json_mode), 131'072)},
    {"", "moonshot-v1-8k", sized(with(text_tools, json_mode), 8192)},
    {"", "moonshot-v1-32k", sized(with(text_tools, json_mode), 32'768)},
    {"", "moonshot-v1-128k", sized(with(text_tools, json_mode), 131'072)},
    {"", "moonshot-v1-8k-vision", sized(unsure(image_only, tools), 8192)},
    {"", "moonshot-v1-32k-vision", sized(unsure(image_only, tools), 32'768)},
    {"", "moonshot-v1-128k-vision", sized(unsure(image_only, tools), 131'072)},

    // ---- Amazon
    {"", "nova-micro", sized(without(nova, vision, documents, audio), 128 * k, 10 * k)},
    {"", "nova-lite", sized(nova, 300 * k, 10 * k)},
    {"", "nova-pro", sized(nova, 300 * k, 10 * k)},
    {"", "nova-premier", sized(nova, 1000 * k, 10 * k)},
    {"", "nova-2-lite", sized(with(nova, reasoning), 1000 * k, 65'535)},
    {"", "nova-sonic", no_chat},
    {"", "nova-canvas", no_chat},
    {"", "nova-reel", no_chat},
    {"", "titan-text", without(text_only, tools, parallel_tools, streaming_tools)},
    {"", "titan-image", no_chat},

    // ---- Cohere
    {"", "command-r", sized(text_tools, 131'072)},
    {"", "command-r-plus", sized(text_tools, 131'072)},
    {"", "command-r7b", sized(text_tools, 131'072)},
    {"", "command-a", sized(text_tools, 262'144)},
    {"", "command-a-vision", sized(unsure(image_only, tools), 131'072)},
    {"", "command-a-reasoning", sized(text_thinker, 262'144)},
    {"", "aya-vision", unsure(image_only, tools)},
    {"", "aya", text_only},
};

}  // namespace

constinit table const cloud_models{"2026-11", "providers-openai-shaped.md", rows};

}  // namespace recloser::providers::registry
