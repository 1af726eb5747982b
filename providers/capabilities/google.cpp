// Gemini on both of Google's interfaces, and Gemma, which is open. Sources: providers-native.md §2; the vendor's model
// pages and the price tables of 2026-09 for windows. Gemini's window is what a prompt may have; the answer comes on top.

#include "providers/capabilities/rows.hpp"

namespace recloser::providers::registry {

namespace {

constexpr capabilities gemini{.chat = yes,
                              .embeddings = no,
                              .tools = yes,
                              .parallel_tools = yes,
                              .streaming_tools = yes,
                              .vision = yes,
                              .documents = yes,
                              .audio = yes,
                              .reasoning = yes,
                              .json_mode = yes,
                              .json_schema = yes};
constexpr capabilities gemini_plain = without(gemini, reasoning);
/// Draws; takes pictures, calls nothing.
constexpr capabilities gemini_image = unsure(without(gemini, tools, parallel_tools, streaming_tools), documents, audio,
                                             reasoning, json_mode, json_schema);

constexpr std::int64_t mebi = 1'048'576;

constexpr row rows[] = {
    {"", "gemini", gemini},
    {"", "gemini-3.8", sized(gemini, mebi, 65'536)},
    {"", "gemini-3.7", sized(gemini, mebi, 65'536)},
    {"", "gemini-3.6", sized(gemini, mebi, 65'536)},
    {"", "gemini-3.5", sized(gemini, mebi, 65'536)},
    {"", "gemini-3.1", sized(gemini, mebi, 65'536)},
    {"", "gemini-3", sized(gemini, mebi, 65'536)},
    {"", "gemini-flash-latest", sized(gemini, mebi, 65'536)},
    {"", "gemini-flash-lite-latest", sized(gemini, mebi, 65'536)},
    {"", "gemini-pro-latest", sized(gemini, mebi, 65'536)},
    {"", "gemini-2.5", sized(gemini, mebi, 65'536)},
    {"", "gemini-2.0", sized(gemini_plain, mebi, 8192)},
    {"", "gemini-2.0-flash-thinking", sized(gemini, mebi, 65'536)},
    {"", "gemini-1.5-pro", sized(gemini_plain, 2'000 * k, 8192)},
    {"", "gemini-1.5-flash", sized(gemini_plain, 1'000 * k, 8192)},
    {"", "gemini-2.5-flash-image", sized(gemini_image, 32'768, 32'768)},
    {"", "gemini-3-pro-image", sized(gemini_image, 65'536, 32'768)},
    {"", "gemini-3.1-flash-image", sized(gemini_image, 65'536)},
    {"", "gemini-3.1-flash-lite-image", sized(gemini_image, 65'536)},
    {"", "gemini-live", no_chat},  // its own socket interface
    {"", "gemini-3.1-flash-live", no_chat},
    {"", "gemini-embedding", sized(embedder, 2048)},
    {"", "gemini-embedding-2", sized(unsure(embedder, vision, audio, documents), 8192)},
    {"", "imagen", no_chat},
    {"", "^veo", no_chat},

    // Only the smallest of Gemma 4 hear, which sellers' names do not always tell.
    {"", "gemma-4", sized(unsure(image_thinker, audio), 262'144)},
    {"", "gemma-4-e2b", sized(unsure(image_thinker, audio), 131'072)},
    {"", "gemma-4-e4b", sized(unsure(image_thinker, audio), 131'072)},
    {"", "gemma-3n", sized(unsure(text_only, vision, audio), 32'768)},
    {"", "gemma-3", sized(image_only, 131'072)},
    {"", "gemma-3-1b", sized(text_only, 32'768)},
    {"", "gemma-3-270m", sized(text_only, 32'768)},
    {"", "gemma-2", sized(text_only, 8192)},
    {"", "gemma-7b", sized(text_only, 8192)},
    {"", "gemma-2b", sized(text_only, 8192)},
    {"", "gemma", unsure(text_only, vision, audio, reasoning)},
    {"", "codegemma", sized(text_only, 8192)},
    {"", "medgemma", unsure(image_only, reasoning)},
    {"", "shieldgemma", unsure(text_only, vision)},
    {"", "paligemma", unsure(image_only, chat)},
};

}  // namespace

constinit table const google_models{"2026-09", "providers-native.md §2", rows};

}  // namespace recloser::providers::registry
