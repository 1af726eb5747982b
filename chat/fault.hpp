#pragma once
// Whose fault a failure is, and what follows from that. The enum is closed and `effects_of` switches over it without a
// default, so a new class does not compile until every effect is decided (resilience.md §1).

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <boost/system/result.hpp>

namespace recloser::chat {

enum class fault_class {
  client_fault,    ///< the request itself is wrong; no other target would take it
  context_length,  ///< the prompt does not fit this model's window
  content_policy,  ///< a moderation refused it
  model_missing,   ///< the provider does not have this model
  auth,            ///< the provider refuses our credential
  billing,         ///< no credit, hard spending limit
  rate_limit,      ///< 429 that passes by waiting
  quota_day,       ///< 429 that passes only at the end of a day
  overloaded,      ///< the provider says that it is too busy
  starting,        ///< the server still loads its model
  server_error,    ///< the provider failed
  timeout,         ///< one of our clocks ran out, or the provider's did
  network,         ///< refused, reset, DNS, TLS
  bad_response,    ///< an answer that cannot be read
  cancelled,       ///< the client went away
};
inline constexpr int fault_class_count = static_cast<int>(fault_class::cancelled) + 1;

/// What a class of failure does. The one place that decides it.
struct fault_effects {
  bool counts_against_lane;  ///< the lane's health record gets worse
  bool next_target;          ///< another target of the route may be tried
  int client_status;         ///< what the client sees when every target failed; 0: the upstream's own status
};

fault_effects effects_of(fault_class what);
std::string_view to_string(fault_class what);

struct fault;
/// The HTTP status that the client sees for a failure.
int client_status(fault const& what);

enum class fault_source { client, gateway, upstream };
std::string_view to_string(fault_source source);

/// A failure as data. `message` is plain text (not escaped), safe to show to the client and free of secrets.
struct fault {
  fault() = default;  ///< boost's `result::error()` wants one
  fault(fault_class what, fault_source source, int status, std::string message, std::string code = {})
      : what(what), source(source), status(status), message(std::move(message)), code(std::move(code)) {}

  fault_class what = fault_class::server_error;
  fault_source source = fault_source::gateway;
  int status = 0;           ///< upstream's HTTP status, or the one we answer for our own refusals; 0 without one
  std::string message;
  std::string code;     ///< machine-readable, e.g. `context_length_exceeded`; empty: none
  std::string type;     ///< the vendor's error type when it gave one
  std::string param;    ///< the offending request member; empty: none
  std::optional<std::chrono::milliseconds> retry_after;  ///< the server's wish
};

/// A refusal of our own: the request is wrong.
inline fault bad_request(std::string message, std::string code = {}, std::string param = {}) {
  fault refused(fault_class::client_fault, fault_source::client, 400, std::move(message), std::move(code));
  refused.param = std::move(param);
  return refused;
}

template <class T>
using result = boost::system::result<T, fault>;

[[noreturn]] void throw_exception_from_error(fault const& what, boost::source_location const& where);

}  // namespace recloser::chat
