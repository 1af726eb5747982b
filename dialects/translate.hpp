#pragma once
// Translation between the client's dialect and the provider's, put together from their readers and writers.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "dialects/dialect.hpp"
#include "dialects/stream.hpp"

namespace recloser::dialects {

/// A provider's stream as OpenAI chunks. `created`: seconds since 1970.
std::unique_ptr<reply_stream> translate_stream(dialect const& from, std::int64_t created, bool usage_wanted);

/// The same for events that come from elsewhere (a filtered source). `model`: escaped; named in the answer when the
/// provider does not say who answers.
std::unique_ptr<reply_stream> translate_stream(std::unique_ptr<event_source> from, std::int64_t created,
                                               bool usage_wanted, std::string model = {});

}  // namespace recloser::dialects
