// Claude, wherever it is served. Sources: providers-native.md §1.3 and the vendor's model overview for windows. Output
// limits, JSON schema and prefill are those of dialects/anthropic/models.cpp; a test holds the two together.

#include "providers/capabilities/rows.hpp"

namespace recloser::providers::registry {

namespace {

/// JSON mode is an instruction there and no setting, so it stays open.
constexpr capabilities claude{.chat = yes,
                              .embeddings = no,
                              .tools = yes,
                              .parallel_tools = yes,
                              .streaming_tools = yes,
                              .vision = yes,
                              .documents = yes,
                              .audio = no,
                              .reasoning = yes,
                              .json_schema = yes,
                              .prefill = no};
constexpr capabilities claude_45 = with(claude, prefill);
constexpr capabilities claude_4 = without(claude_45, json_schema);
constexpr capabilities claude_3 = without(claude_4, reasoning);

constexpr row rows[] = {
    {"", "claude", unsure(claude, prefill)},  // not known yet
    {"", "claude-sonnet-5-5", sized(claude, 1000 * k, 128 * k)},
    {"", "claude-opus-5-5", sized(claude, 1000 * k, 128 * k)},
    {"", "claude-haiku-5-5", sized(claude, 0, 128 * k)},
    {"", "claude-fable-5-2", sized(claude, 1000 * k, 128 * k)},
    {"", "claude-fable-5-1", sized(claude, 1000 * k, 128 * k)},
    {"", "claude-mythos-5-2", sized(claude, 1000 * k, 128 * k)},
    {"", "claude-mythos-5-1", sized(claude, 1000 * k, 128 * k)},
    {"", "claude-sonnet-5", sized(claude, 1000 * k, 128 * k)},
    {"", "claude-opus-5", sized(claude, 1000 * k, 128 * k)},
    {"", "claude-fable-5", sized(claude, 1000 * k, 128 * k)},
    {"", "claude-mythos-5", sized(claude, 1000 * k, 128 * k)},
    {"", "claude-opus-4-8", sized(claude, 1000 * k, 128 * k)},
    {"", "claude-opus-4-7", sized(claude, 1000 * k, 128 * k)},
    {"", "claude-opus-4-6", sized(claude, 1000 * k, 128 * k)},
    {"", "claude-sonnet-4-6", sized(claude, 1000 * k, 128 * k)},
    {"", "claude-opus-4-5", sized(claude_45, 200 * k, 64 * k)},
    {"", "claude-sonnet-4-5", sized(claude_45, 200 * k, 64 * k)},
    {"anthropic", "claude-sonnet-4-5", sized(claude_45, 1000 * k, 64 * k)},
    {"", "claude-haiku-4-5", sized(claude_45, 200 * k, 64 * k)},
    {"", "claude-opus-4-1", sized(claude_45, 200 * k, 32 * k)},
    {"", "claude-opus-4", sized(claude_4, 200 * k, 32 * k)},
    {"", "claude-sonnet-4", sized(claude_4, 200 * k, 64 * k)},
    {"", "claude-3-7", sized(claude_4, 200 * k, 64 * k)},
    {"", "claude-3-5", sized(claude_3, 200 * k, 8192)},
    {"", "claude-3", sized(unsure(claude_3, documents), 200 * k, 4096)},
    // Replicate writes the number first.
    {"", "claude-4-sonnet", sized(claude_4, 200 * k, 64 * k)},
    {"", "claude-4-opus", sized(claude_4, 200 * k, 32 * k)},
    {"", "claude-4.5-sonnet", sized(claude_45, 200 * k, 64 * k)},
    {"", "claude-4.5-haiku", sized(claude_45, 200 * k, 64 * k)},
    // No chat with tools and images yet: gone everywhere but in old configurations.
    {"", "claude-2",
     sized(without(claude_3, tools, parallel_tools, streaming_tools, vision, documents), 200 * k, 4096)},
    {"", "claude-v2",
     sized(without(claude_3, tools, parallel_tools, streaming_tools, vision, documents), 200 * k, 4096)},
    {"", "claude-instant",
     sized(without(claude_3, tools, parallel_tools, streaming_tools, vision, documents), 100 * k, 4096)},
};

}  // namespace

constinit table const anthropic_models{"2026-11", "providers-native.md §1.3", rows};

}  // namespace recloser::providers::registry
