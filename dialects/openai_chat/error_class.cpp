#include "dialects/openai_chat/error_class.hpp"

#include <algorithm>
#include <array>

#include "dialects/error_text.hpp"

namespace recloser::dialects::openai_chat {

namespace {

using enum chat::fault_class;

/// One way to recognise a class. The first row that fits decides.
struct rule {
  chat::fault_class what;
  std::array<short, 4> statuses;  ///< any of them; all zero: every status; `unknown` is an error inside a 200
  std::string_view words = {};    ///< any of them, lower case, split by `|`; empty: the status is enough
};

constexpr short unknown = -1;

constexpr std::string_view context_words =
    "context_length_exceeded|context length|context window|context size|exceed_context_size|token_limit_exceeded|"
    "exceeded model token limit|prompt is too long|input is too long|too many tokens|reduce the length|"
    "request too large for model|maximum number of tokens|prompt too long";
constexpr std::string_view policy_words =
    "content_policy|content_filter|content policy|content management policy|responsibleaipolicyviolation|moderation|"
    "invalid_prompt|guardrail|flagged_input|usage policies|safety system";
constexpr std::string_view billing_words =
    "insufficient_quota|credit_balance|credit balance|billing_|exceeded_current_quota|exceeded your current quota|"
    "insufficient balance|insufficient_balance|insufficient credits|insufficient_credits|not enough credits|out of "
    "credits|"
    "included credits|payment_required|payment required|spending limit|account is suspended|account suspended";
constexpr std::string_view day_words = "per day|per-day|per_day|(rpd)|(tpd)|daily|requests-day|tokens-day";
constexpr std::string_view busy_words =
    "overloaded|queue_exceeded|capacity_exceeded|insufficient_system_resource|unavailable_error|service_unavailable|"
    "currently unavailable|temporarily unavailable|no available server|loading model|serviceunavailable|"
    "unreachable_backend";
/// llama.cpp and Ollama (§16.3).
constexpr std::string_view starting_words = "loading model|model is loading";
constexpr std::string_view rate_words = "rate_limit|rate limit|too_many_requests|too many requests|slow_down";
constexpr std::string_view model_words =
    "model_not_found|model_decommissioned|model_not_supported|model_not_available|invalid_model|invalid model|"
    "model not exist|not a valid model|unknown model|no such model|model not found";
constexpr std::string_view missing_words = "model|no endpoints found|notfounderror|deployment";
constexpr std::string_view auth_words =
    "invalid_api_key|incorrect api key|invalid api "
    "key|authentication|unauthorized|invalid_authentication|permission_denied";
constexpr std::string_view client_words =
    "invalid_request|invalid request|bad_request|badrequest|unsupported_|invalid_value";

constexpr rule rules[] = {
    // A context length in a 5xx stays a failure of the server, or a broken backend hides from the breaker.
    {context_length, {400, 413, 422, unknown}, context_words},
    {content_policy, {400, 403, 451, unknown}, policy_words},
    {rate_limit, {402}, "in_flight_budget"},  // OpenRouter: passes when running requests end
    {billing, {402}},
    {billing, {400, 403, 429, unknown}, billing_words},
    {billing, {412}, "suspended"},  // Fireworks
    {quota_day, {429}, day_words},
    {starting, {503, unknown}, starting_words},
    {quota_day, {403}, "quotaexceeded|out of call volume quota"},  // Azure
    {overloaded, {429, unknown}, busy_words},
    {rate_limit, {429}},
    {rate_limit, {unknown}, rate_words},
    {model_missing, {400, 403, 404, 410}, model_words},
    {model_missing, {422, unknown}, model_words},
    {model_missing, {404}, missing_words},
    {auth, {401, 403}},
    {auth, {400, unknown}, auth_words},
    {overloaded, {498, 503, 529}},
    {timeout, {408, 504}},
    {timeout, {unknown}, "timeout|timed out"},
    {client_fault, {unknown}, client_words},
    {server_error, {unknown}, "server_error|internal error|internal server|internalservererror"},
};

bool fits(std::array<short, 4> const& statuses, int status) {
  short const wanted = status == 0 ? unknown : static_cast<short>(status);
  return std::ranges::find(statuses, wanted) != statuses.end();
}

bool any_in(std::string_view words, std::string_view text) {
  if (words.empty()) return true;
  while (!words.empty()) {
    auto const end = std::min(words.find('|'), words.size());
    if (text.find(words.substr(0, end)) != std::string_view::npos) return true;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return false;
}

chat::fault_class by_status_alone(int status) {
  if (status == 0) return bad_response;  // a 2xx with an error object that says nothing
  if (status >= 500) return server_error;
  return status >= 400 ? client_fault : bad_response;
}

// ---- what clients see ------------------------------------------------------------------------------------------

struct client_words_of_class {
  chat::fault_class what;
  std::string_view code;  ///< when the provider's code is no word, or always
  bool always;            ///< clients act on this very code
  std::string_view type;
};

constexpr std::array<client_words_of_class, chat::fault_class_count> shown = {{
    {client_fault, "", false, "invalid_request_error"},
    {context_length, "context_length_exceeded", true, "invalid_request_error"},
    {content_policy, "content_filter", false, "invalid_request_error"},
    {model_missing, "model_not_found", true, "invalid_request_error"},
    {auth, "invalid_api_key", false, "authentication_error"},
    {billing, "insufficient_quota", true, "insufficient_quota"},
    {rate_limit, "rate_limit_exceeded", false, "rate_limit_error"},
    {quota_day, "rate_limit_exceeded", false, "rate_limit_error"},
    {overloaded, "upstream_overloaded", false, "service_unavailable_error"},
    {starting, "model_loading", true, "service_unavailable_error"},
    {server_error, "upstream_error", false, "upstream_error"},
    {timeout, "upstream_timeout", false, "upstream_error"},
    {network, "upstream_unreachable", false, "upstream_error"},
    {bad_response, "bad_upstream_response", false, "upstream_error"},
    {cancelled, "cancelled", false, "upstream_error"},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < shown.size(); ++i) {
    if (static_cast<std::size_t>(shown[i].what) != i) return false;
  }
  return true;
}
static_assert(in_order(), "one row for each class, in the order of the enum");

client_words_of_class const& shown_for(chat::fault_class what) { return shown[static_cast<std::size_t>(what)]; }

/// Some vendors put a number or a sentence where a word belongs.
bool is_word(std::string_view code) {
  constexpr std::size_t longest = 64;
  bool letter = false;
  for (char c : code) {
    bool const is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!is_letter && !(c >= '0' && c <= '9') && c != '_' && c != '-' && c != '.') return false;
    letter = letter || is_letter;
  }
  return letter && code.size() <= longest;
}

}  // namespace

chat::fault_class classify(error_words const& words) {
  std::string const text = lower_ascii(words.code + '\n' + words.type + '\n' + words.message + '\n' + words.more);
  for (auto const& each : rules) {
    if (fits(each.statuses, words.status) && any_in(each.words, text)) return each.what;
  }
  return by_status_alone(words.status);
}

std::string code_for(chat::fault_class what, std::string_view vendor_code) {
  auto const& row = shown_for(what);
  return std::string(row.always || !is_word(vendor_code) ? row.code : vendor_code);
}

std::string_view type_for(chat::fault_class what) { return shown_for(what).type; }

}  // namespace recloser::dialects::openai_chat
