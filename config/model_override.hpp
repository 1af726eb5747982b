#pragma once
// What the operator says of models (`models:` in the file), over what recloser knows and what providers report:
//   models: {"qwen2.5-coder*": {context: 32768, vision: false}}

#include <cstdint>
#include <optional>
#include <string>

namespace recloser::config {

/// What is unset stays as it is known. The names are those of `providers::capabilities`.
struct model_override {
  std::string pattern;  ///< a model's name as requests give it; `*` stands for any part of it
  std::optional<std::int64_t> context, max_output;
  std::optional<bool> chat, embeddings, tools, parallel_tools, streaming_tools, vision, documents, audio, reasoning,
      json_mode, json_schema, prefill;
  int line = 0;
  bool operator==(model_override const&) const = default;
};

}  // namespace recloser::config
