// Models that turn text into vectors and answer nothing else. Sources: the model cards; providers-openai-shaped.md §3.6.

#include "providers/capabilities/rows.hpp"

namespace recloser::providers::registry {

namespace {

constexpr row rows[] = {
    {"", "text-embedding", embedder},  // also LM Studio's mark in front of every such model
    {"", "embedding", embedder},
    {"", "embeddings", embedder},
    {"", "embed", embedder},
    {"", "text-embedding-3", sized(embedder, 8192)},
    {"", "text-embedding-ada-002", sized(embedder, 8192)},
    {"", "nomic-embed-text", sized(embedder, 8192)},
    {"", "nomic-embed-code", sized(embedder, 32'768)},
    {"", "mxbai-embed", sized(embedder, 512)},
    {"", "snowflake-arctic-embed", sized(embedder, 512)},
    {"", "snowflake-arctic-embed2", sized(embedder, 8192)},
    {"", "snowflake-arctic-embed-m-v2.0", sized(embedder, 8192)},
    {"", "snowflake-arctic-embed-l-v2.0", sized(embedder, 8192)},
    {"", "all-minilm", sized(embedder, 512)},
    {"", "paraphrase-multilingual", sized(embedder, 512)},
    {"", "bge", sized(embedder, 512)},
    {"", "bge-m3", sized(embedder, 8192)},
    {"", "e5", sized(embedder, 512)},
    {"", "multilingual-e5", sized(embedder, 512)},
    {"", "gte", embedder},
    {"", "jina-embeddings", sized(embedder, 8192)},
    {"", "embeddinggemma", sized(embedder, 2048)},
    {"", "qwen3-embedding", sized(embedder, 32'768)},
    {"", "granite-embedding", sized(embedder, 512)},
    {"", "mistral-embed", sized(embedder, 8192)},
    {"", "codestral-embed", sized(embedder, 8192)},
    {"", "titan-embed", sized(embedder, 8192)},
    {"", "nova-multimodal-embeddings", unsure(embedder, vision, audio, documents)},
    {"", "cohere-embed", sized(embedder, 512)},
    {"", "embed-v4", sized(unsure(embedder, vision), 131'072)},
    {"", "voyage", embedder},
    {"", "reranker", no_chat},
    {"", "bge-reranker", no_chat},
    {"", "qwen3-reranker", no_chat},
    {"", "rerank", no_chat},
};

}  // namespace

constinit table const embedding_models{"2026-09", "model cards", rows};

}  // namespace recloser::providers::registry
