#pragma once
// The two ways in which a provider's answer is no answer, the same for every dialect.

#include <string>
#include <string_view>

#include "chat/fault.hpp"

namespace recloser::dialects {

/// A whole answer that cannot be read.
inline chat::fault unreadable(std::string_view why) {
  return {chat::fault_class::bad_response, chat::fault_source::upstream, 200,
          "the provider's answer cannot be read: " + std::string(why), "bad_upstream_response"};
}

/// A stream that broke off, or says what no stream says.
inline chat::fault interrupted(std::string message) {
  return {chat::fault_class::bad_response, chat::fault_source::upstream, 200, std::move(message), "stream_interrupted"};
}

}  // namespace recloser::dialects
