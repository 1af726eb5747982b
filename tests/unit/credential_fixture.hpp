#pragma once
// A machine made of maps, for tests of credentials.

#include <map>
#include <string>
#include <utility>
#include <variant>

#include <gtest/gtest.h>

#include "providers/credential_inputs.hpp"
#include "providers/token_request.hpp"

namespace recloser::providers {

struct machine {
  std::map<std::string, std::string> variables;
  std::map<std::string, std::string> files;
  std::string unreadable = {};  ///< a file that is there and cannot be read

  credential_inputs inputs() const {
    return {.env = [this](std::string const& name) -> std::optional<std::string> {
              auto const at = variables.find(name);
              return at == variables.end() ? std::nullopt : std::optional(at->second);
            },
            .read_file = [this](std::string const& path) -> chat::result<std::optional<std::string>> {
              if (path == unreadable) return credential_fault("Permission denied");
              auto const at = files.find(path);
              return at == files.end() ? std::nullopt : std::optional(at->second);
            }};
  }
};

inline wall_time at(std::string_view timestamp) { return parse_timestamp(timestamp).value(); }

/// The request of a step, or an empty one and a failure.
template <class Step>
token_request request_of(Step const& step) {
  if (!step) ADD_FAILURE() << step.error().message;
  if (!step || !std::holds_alternative<token_request>(*step)) {
    ADD_FAILURE() << "no request";
    return {};
  }
  return std::get<token_request>(*step);
}

/// The credential of a step, or an empty one and a failure.
template <class Secret>
expiring<Secret> credential_of(chat::result<fetch_step<Secret>> const& step) {
  if (!step) ADD_FAILURE() << step.error().message;
  if (!step || !std::holds_alternative<expiring<Secret>>(*step)) {
    ADD_FAILURE() << "no credential";
    return {};
  }
  return std::get<expiring<Secret>>(*step);
}

inline std::string header_of(token_request const& request, std::string_view name) {
  for (auto const& [other, value] : request.headers) {
    if (other == name) return value;
  }
  return {};
}

/// The message of a failure; a failure of the test when there is none.
template <class T>
std::string fault_of(chat::result<T> const& what) {
  if (what) ADD_FAILURE() << "no fault";
  return what ? std::string() : what.error().message;
}

inline bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace recloser::providers
