#pragma once
// Translation between the client's dialect and the provider's, put together from their readers and writers.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "dialects/stream.hpp"

namespace recloser::dialects {

/// An Anthropic stream as OpenAI chunks.
std::unique_ptr<reply_stream> anthropic_to_openai_stream(std::int64_t created, bool usage_wanted);

}  // namespace recloser::dialects
