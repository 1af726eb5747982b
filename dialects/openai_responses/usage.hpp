#pragma once

#include "chat/text.hpp"
#include "chat/usage.hpp"

namespace recloser::dialects::openai_responses {

/// The `usage` object of a response (providers-openai-shaped.md §4.2); null and what is no object say nothing.
chat::usage read_usage(chat::raw_json usage);

}  // namespace recloser::dialects::openai_responses
