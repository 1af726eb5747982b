// OpenAI's models, also as Azure, Bedrock and resellers serve them. Sources: providers-openai-shaped.md §3.3 (tools and
// reasoning by family), §3.6 (shutdowns), §19.1 (windows); the vendor's model pages for what is gone from there.

#include "providers/capabilities/rows.hpp"

namespace recloser::providers::registry {

namespace {

constexpr capabilities gpt{.chat = yes,
                           .embeddings = no,
                           .tools = yes,
                           .parallel_tools = yes,
                           .streaming_tools = yes,
                           .vision = yes,
                           .documents = yes,
                           .audio = no,
                           .reasoning = no,
                           .json_mode = yes,
                           .json_schema = yes,
                           .prefill = no};
constexpr capabilities gpt_thinker = with(gpt, reasoning);
constexpr capabilities gpt_text = without(gpt, vision, documents);
constexpr capabilities o_series = without(gpt_thinker, parallel_tools);
constexpr capabilities o_without_tools =
    without(o_series, tools, parallel_tools, streaming_tools, vision, documents, json_schema);

constexpr std::int64_t million = 1'050'000;  // 922k of it input
constexpr std::int64_t gpt41_window = 1'047'576;

constexpr row rows[] = {
    {"", "gpt-6.1", sized(gpt_thinker, million, 128 * k)},
    {"", "gpt-6", sized(gpt_thinker, million, 128 * k)},
    {"", "gpt-5.6", sized(gpt_thinker, million, 128 * k)},
    {"", "gpt-5.6-cyber", sized(gpt_thinker, 400 * k, 128 * k)},
    {"", "gpt-5.5", sized(gpt_thinker, million, 128 * k)},
    {"", "gpt-5.4", sized(gpt_thinker, million, 128 * k)},
    {"", "gpt-5.4-mini", sized(gpt_thinker, 400 * k, 128 * k)},
    {"", "gpt-5.4-nano", sized(gpt_thinker, 400 * k, 128 * k)},
    {"", "gpt-5.3-codex-spark", sized(without(gpt_thinker, vision, documents), 128 * k, 32 * k)},
    {"", "gpt-5.3", sized(gpt_thinker, 400 * k, 128 * k)},
    {"", "gpt-5.2", sized(gpt_thinker, 400 * k, 128 * k)},
    {"", "gpt-5.1", sized(gpt_thinker, 400 * k, 128 * k)},
    {"", "gpt-5", sized(gpt_thinker, 400 * k, 128 * k)},
    {"", "gpt-5-pro", sized(gpt_thinker, 400 * k, 272 * k)},
    {"", "gpt-5-chat", sized(unsure(gpt, tools, parallel_tools, streaming_tools), 128 * k, 16'384)},
    {"", "gpt-5.1-chat", sized(gpt_thinker, 128 * k, 16'384)},
    {"", "gpt-5.2-chat", sized(gpt_thinker, 128 * k, 16'384)},
    {"", "gpt-5.3-chat", sized(gpt, 128 * k, 16'384)},
    {"", "gpt-chat", sized(gpt_thinker, 128 * k, 16'384)},
    {"", "gpt-oss", sized(text_thinker, 131'072)},

    {"", "gpt-4.1", sized(gpt, gpt41_window, 32'768)},
    {"", "gpt-4o", sized(gpt, 128 * k, 16'384)},
    {"", "gpt-4o-2024-05-13", sized(without(gpt, json_schema), 128 * k, 4096)},
    {"", "chatgpt-4o", sized(unsure(gpt, tools, parallel_tools, streaming_tools), 128 * k, 16'384)},
    {"", "gpt-audio", sized(without(with(gpt, audio), vision, documents, json_schema), 128 * k, 16'384)},
    {"", "gpt-4o-audio", sized(without(with(gpt, audio), vision, documents, json_schema), 128 * k, 16'384)},
    {"", "gpt-4o-mini-audio", sized(without(with(gpt, audio), vision, documents, json_schema), 128 * k, 16'384)},
    {"", "gpt-4-turbo", sized(without(gpt, documents, json_schema), 128 * k, 4096)},
    {"", "gpt-4-turbo-preview", sized(without(gpt_text, json_schema), 128 * k, 4096)},
    {"", "gpt-4-1106", sized(without(gpt_text, json_schema), 128 * k, 4096)},
    {"", "gpt-4-0125", sized(without(gpt_text, json_schema), 128 * k, 4096)},
    {"", "gpt-4-vision", sized(without(gpt, tools, documents, json_mode, json_schema), 128 * k, 4096)},
    {"", "gpt-4", sized(without(gpt_text, json_mode, json_schema), 8192, 8192)},
    {"", "gpt-4-32k", sized(without(gpt_text, json_mode, json_schema), 32'768, 32'768)},
    {"", "gpt-3.5-turbo", sized(without(gpt_text, json_schema), 16'385, 4096)},
    {"", "gpt-35-turbo", sized(without(gpt_text, json_schema), 16'385, 4096)},  // Azure's spelling
    {"", "gpt-3.5-turbo-instruct", sized(no_chat, 4096, 4096)},

    {"", "^o1", sized(o_series, 200 * k, 100 * k)},
    {"", "^o1-mini", sized(o_without_tools, 128 * k, 65'536)},
    {"", "^o1-preview", sized(o_without_tools, 128 * k, 32'768)},
    {"", "^o3", sized(o_series, 200 * k, 100 * k)},
    {"", "^o3-mini", sized(without(o_series, vision, documents), 200 * k, 100 * k)},
    {"", "^o4", sized(o_series, 200 * k, 100 * k)},
    {"", "codex-mini", sized(without(gpt_thinker, vision, documents), 200 * k, 100 * k)},

    {"", "gpt-image", no_chat},
    {"", "chatgpt-image", no_chat},
    {"", "gpt-realtime", no_chat},
    {"", "gpt-4o-transcribe", no_chat},
    {"", "gpt-4o-mini-transcribe", no_chat},
    {"", "gpt-4o-mini-tts", no_chat},
    {"", "^tts", no_chat},
    {"", "^whisper", no_chat},
    {"", "dall-e", no_chat},
    {"", "^sora", no_chat},
    {"", "omni-moderation", no_chat},
    {"", "text-moderation", no_chat},
    {"", "davinci-002", no_chat},
    {"", "babbage-002", no_chat},
};

}  // namespace

constinit table const openai_models{"2026-11", "providers-openai-shaped.md", rows};

}  // namespace recloser::providers::registry
