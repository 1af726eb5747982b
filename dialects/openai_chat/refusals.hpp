#pragma once
// The ways a request can be wrong, worded and coded as OpenAI does (providers-openai-shaped.md §3.5).

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "chat/fault.hpp"

namespace recloser::dialects::openai_chat {

/// As much of a client's own words as an error message repeats.
inline std::string_view quoted(std::string_view words) { return words.substr(0, 64); }

inline chat::fault wrong_type(std::string param, std::string_view expected) {
  auto message = fmt::format("'{}' must be {}", param, expected);
  return chat::bad_request(std::move(message), "invalid_type", std::move(param));
}

inline chat::fault missing(std::string param) {
  auto message = fmt::format("'{}' is missing", param);
  return chat::bad_request(std::move(message), "missing_required_parameter", std::move(param));
}

inline chat::fault wrong_value(std::string param, std::string_view value, std::string_view expected) {
  auto message = fmt::format("'{}' is \"{}\", but must be {}", param, quoted(value), expected);
  return chat::bad_request(std::move(message), "invalid_value", std::move(param));
}

inline chat::fault unsupported(std::string param, std::string message) {
  return chat::bad_request(std::move(message), "unsupported_value", std::move(param));
}

}  // namespace recloser::dialects::openai_chat
