#include "chat/fault.hpp"

#include <stdexcept>

namespace recloser::chat {

fault_effects effects_of(fault_class what) {
  switch (what) {
    case fault_class::client_fault: return {.counts_against_lane = false, .next_target = false, .client_status = 0};
    case fault_class::context_length: return {.counts_against_lane = false, .next_target = true, .client_status = 400};
    case fault_class::content_policy: return {.counts_against_lane = false, .next_target = false, .client_status = 400};
    case fault_class::model_missing: return {.counts_against_lane = false, .next_target = true, .client_status = 404};
    case fault_class::auth: return {.counts_against_lane = true, .next_target = true, .client_status = 502};
    case fault_class::billing: return {.counts_against_lane = true, .next_target = true, .client_status = 503};
    case fault_class::rate_limit: return {.counts_against_lane = false, .next_target = true, .client_status = 429};
    case fault_class::quota_day: return {.counts_against_lane = false, .next_target = true, .client_status = 429};
    case fault_class::overloaded: return {.counts_against_lane = true, .next_target = true, .client_status = 503};
    // Nothing is broken there: it will answer as soon as it has read its file.
    case fault_class::starting: return {.counts_against_lane = false, .next_target = true, .client_status = 503};
    case fault_class::server_error: return {.counts_against_lane = true, .next_target = true, .client_status = 502};
    case fault_class::timeout: return {.counts_against_lane = true, .next_target = true, .client_status = 504};
    case fault_class::network: return {.counts_against_lane = true, .next_target = true, .client_status = 502};
    case fault_class::bad_response: return {.counts_against_lane = true, .next_target = true, .client_status = 502};
    case fault_class::cancelled: return {.counts_against_lane = false, .next_target = false, .client_status = 499};
  }
  return {};
}

int client_status(fault const& what) {
  if (int const fixed = effects_of(what.what).client_status) return fixed;
  // LangChain retries a 422 seven times (clients.md §3.2); 408 and 409 are retried by every SDK.
  bool const retried = what.source == fault_source::upstream && (what.status == 422 || what.status == 408 || what.status == 409);
  return retried || what.status == 0 ? 400 : what.status;
}

std::string_view to_string(fault_class what) {
  switch (what) {
    case fault_class::client_fault: return "client_fault";
    case fault_class::context_length: return "context_length";
    case fault_class::content_policy: return "content_policy";
    case fault_class::model_missing: return "model_missing";
    case fault_class::auth: return "auth";
    case fault_class::billing: return "billing";
    case fault_class::rate_limit: return "rate_limit";
    case fault_class::quota_day: return "quota_day";
    case fault_class::overloaded: return "overloaded";
    case fault_class::starting: return "starting";
    case fault_class::server_error: return "server_error";
    case fault_class::timeout: return "timeout";
    case fault_class::network: return "network";
    case fault_class::bad_response: return "bad_response";
    case fault_class::cancelled: return "cancelled";
  }
  return "";
}

std::string_view to_string(fault_source source) {
  switch (source) {
    case fault_source::client: return "client";
    case fault_source::gateway: return "gateway";
    case fault_source::upstream: return "upstream";
  }
  return "";
}

void throw_exception_from_error(fault const& what, boost::source_location const&) {
  throw std::logic_error("a fault was read as a value: " + what.message);
}

}  // namespace recloser::chat
