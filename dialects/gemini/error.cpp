// Errors (providers-native.md §0.5, §2.8): `google.rpc.Status` with details that say more than its code.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include "dialects/error_text.hpp"
#include "dialects/gemini/answer.hpp"
#include "dialects/gemini/generate_content.hpp"
#include "dialects/json.hpp"
#include "dialects/json_scan.hpp"
#include "dialects/json_values.hpp"
#include "dialects/openai_chat/error_class.hpp"

namespace recloser::dialects::gemini {

using chat::fault_class;
using chat::raw_json;

namespace {

constexpr std::size_t longest_body = 256u << 10;  // resilience.md §1

struct verdict {
  fault_class what;
  std::string_view code = {};
};

constexpr verdict no_model = {fault_class::model_missing, "model_not_found"};
constexpr verdict bad_key = {fault_class::auth, "invalid_api_key"};
constexpr verdict no_money = {fault_class::billing, "insufficient_quota"};
constexpr verdict too_long = {fault_class::context_length, "context_length_exceeded"};
constexpr verdict unsafe = {fault_class::content_policy, "content_filter"};

// ---- what the words say ----------------------------------------------------------------------------------------

struct reason_row {
  std::string_view reason;  ///< of `ErrorInfo`
  verdict is;
};

constexpr reason_row reasons[] = {
    {"API_KEY_INVALID", bad_key},
    {"API_KEY_EXPIRED", bad_key},
    {"API_KEY_SERVICE_BLOCKED", bad_key},
    {"API_KEY_HTTP_REFERRER_BLOCKED", bad_key},
    {"API_KEY_IP_ADDRESS_BLOCKED", bad_key},
    {"ACCESS_TOKEN_EXPIRED", bad_key},
    {"ACCESS_TOKEN_TYPE_UNSUPPORTED", bad_key},
    {"CREDENTIALS_MISSING", bad_key},
    {"SERVICE_DISABLED", {fault_class::auth}},
    {"CONSUMER_INVALID", {fault_class::auth}},
    {"CONSUMER_SUSPENDED", {fault_class::auth}},
    {"BILLING_DISABLED", no_money},
};

struct text_row {
  std::string_view part;  ///< lower case
  verdict is;
};

/// Only for 4xx: a broken backend that says the same must not hide from its breaker (resilience.md §1).
constexpr text_row texts[] = {
    {"exceeds the maximum number of tokens", too_long},
    {"input token count", too_long},
    {"api key not valid", bad_key},
    {"api key expired", bad_key},
    {"reported as leaked", bad_key},
    {"location is not supported", {fault_class::auth, "unsupported_location"}},
    {"prepayment credits", no_money},
    {"enable billing", no_money},
    {"requires billing", no_money},
    {"responsible ai", unsafe},
    {"violates our policies", unsafe},
    {"usage guidelines", unsafe},
    {"unexpected model name", no_model},
    {"is not found for api version", no_model},
    {"publisher model", no_model},
};

struct status_row {
  std::string_view word;  ///< canonical code of google.rpc
  int status;
  verdict is;
};

/// The first row with the word counts, else the first with the status.
constexpr status_row statuses[] = {
    {"INVALID_ARGUMENT", 400, {fault_class::client_fault}},
    {"FAILED_PRECONDITION", 400, {fault_class::client_fault}},
    {"OUT_OF_RANGE", 400, {fault_class::client_fault}},
    {"UNAUTHENTICATED", 401, bad_key},
    {"PAYMENT_REQUIRED", 402, no_money},
    {"PERMISSION_DENIED", 403, {fault_class::auth, "permission_denied"}},
    {"NOT_FOUND", 404, {fault_class::client_fault}},
    {"TIMEOUT", 408, {fault_class::timeout}},
    {"ABORTED", 409, {fault_class::server_error}},
    {"ALREADY_EXISTS", 409, {fault_class::server_error}},
    {"TOO_LARGE", 413, {fault_class::client_fault, "request_too_large"}},
    {"RESOURCE_EXHAUSTED", 429, {fault_class::rate_limit, "rate_limit_exceeded"}},
    {"CANCELLED", 499, {fault_class::server_error}},  // not by us: then nobody reads it
    {"INTERNAL", 500, {fault_class::server_error}},
    {"UNKNOWN", 500, {fault_class::server_error}},
    {"DATA_LOSS", 500, {fault_class::server_error}},
    {"UNIMPLEMENTED", 501, {fault_class::client_fault}},
    {"UNAVAILABLE", 503, {fault_class::overloaded}},
    {"DEADLINE_EXCEEDED", 504, {fault_class::timeout}},
};

// ---- an error --------------------------------------------------------------------------------------------------

/// What is known of an error before it is judged.
struct account {
  int status = 0;
  std::string word;
  std::string message;
  std::string reason;
  bool daily = false;  ///< a quota of a day is used up
  std::optional<std::chrono::milliseconds> retry_after;
};

std::string plain(raw_json value) { return json::decode(json::text_of(value)); }

/// A protobuf duration in JSON: `"34.074824224s"`.
std::optional<std::chrono::milliseconds> duration_of(raw_json value) {
  auto text = json::text_of(value);
  if (!text.ends_with('s')) return std::nullopt;
  text.remove_suffix(1);
  auto const seconds = text.empty() || text.front() == '"' ? std::nullopt : json::number_of(text);
  constexpr double longest = 24 * 3600;
  if (!seconds || *seconds < 0) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil(std::min(*seconds, longest) * 1000)));
}

bool names_a_day(raw_json violation) {
  for (auto const member : {"quotaId", "quotaMetric", "subject", "description"}) {
    auto const words = lower_ascii(json::text_of(json::find(violation, member)));
    for (std::string_view const day : {"perday", "per_day", "per day"}) {
      if (words.find(day) != std::string::npos) return true;
    }
  }
  return false;
}

void read_detail(raw_json detail, account& out) {
  auto const type = json::text_of(json::find(detail, "@type"));
  if (type.ends_with("ErrorInfo")) out.reason = plain(json::find(detail, "reason"));
  if (type.ends_with("RetryInfo")) out.retry_after = duration_of(json::find(detail, "retryDelay"));
  if (!type.ends_with("QuotaFailure")) return;
  json::trusted_scanner(json::find(detail, "violations")).array([&](raw_json each) {
    out.daily = out.daily || names_a_day(each);
    return true;
  });
}

template <class Table, class Value, class Key>
verdict const* find_in(Table const& table, Value const& value, Key key) {
  auto const row = std::ranges::find(table, value, key);
  return row == std::end(table) ? nullptr : &row->is;
}

bool is_about_the_model(account const& said) {
  return said.status == 404 && lower_ascii(said.message).find("model") != std::string::npos;
}

verdict judge(account const& said) {
  if (said.status == 429 && said.daily) return {fault_class::quota_day, "rate_limit_exceeded"};
  if (auto const* known = find_in(reasons, said.reason, &reason_row::reason)) return *known;
  if (is_about_the_model(said)) return no_model;
  if (said.status >= 400 && said.status < 500) {
    auto const words = lower_ascii(said.message);
    for (auto const& row : texts) {
      if (words.find(row.part) != std::string::npos) return row.is;
    }
  }
  if (auto const* known = find_in(statuses, said.word, &status_row::word)) return *known;
  if (auto const* known = find_in(statuses, said.status, &status_row::status)) return *known;
  if (said.status >= 500) return {fault_class::server_error};
  if (said.status >= 400) return {fault_class::client_fault};
  return {fault_class::bad_response, "bad_upstream_response"};
}

/// An error inside an answer of 200 says its status itself.
int status_of(int status, std::string_view word, raw_json code) {
  if (status >= 300) return status;
  auto const own = json::integer_of(code);
  if (own && *own >= 400 && *own <= 599) return static_cast<int>(*own);
  auto const row = std::ranges::find(statuses, word, &status_row::word);
  return row == std::end(statuses) ? 502 : row->status;
}

chat::fault make_fault(account const& said) {
  auto const is = judge(said);
  auto message = safe_message(said.message);
  if (message.empty()) message = fmt::format("the provider answered {} without a message", said.status);
  auto const own = lower_ascii(said.reason.empty() ? said.word : said.reason);
  auto code = is.code.empty() ? openai_chat::code_for(is.what, own) : std::string(is.code);
  chat::fault out(is.what, chat::fault_source::upstream, said.status, std::move(message), std::move(code));
  out.retry_after = said.retry_after ? said.retry_after : retry_hint(out.message);
  // The hint is about the quota of a minute that is used up too.
  if (is.what == fault_class::quota_day) out.retry_after = std::nullopt;
  return out;
}

/// `[{"error":…}]` -> `{"error":…}`
std::string_view without_array(std::string_view body) {
  auto const first = body.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || body[first] != '[') return body;
  json::checked_scanner scan(body.substr(first + 1));
  scan.skip_space();
  auto const* const begin = scan.at;
  if (scan.at == scan.end || *scan.at != '{' || !scan.value()) return body;
  return {begin, static_cast<std::size_t>(scan.at - begin)};
}

}  // namespace

chat::fault read_error_object(int status, raw_json error) {
  account said;
  if (json::kind_of(error) == json::kind::object) {
    said.word = plain(json::find(error, "status"));
    said.message = plain(json::find(error, "message"));
    json::trusted_scanner(json::find(error, "details")).array([&](raw_json each) {
      read_detail(each, said);
      return true;
    });
    said.status = status_of(status, said.word, json::find(error, "code"));
  } else {
    said.message = plain(error);
    said.status = status_of(status, {}, {});
  }
  return make_fault(said);
}

chat::fault read_error(int status, std::string_view body, std::string_view) {
  auto const text = without_array(body.substr(0, longest_body));
  std::vector<json::member> members;
  if (!json::scan_object(text, members)) {
    account said;
    said.status = status_of(status, {}, {});
    said.message = text;
    return make_fault(said);
  }
  auto const inner = json::unless_null(json::find(text, "error"));
  // Without an inner object the whole may be one.
  return read_error_object(status, inner.empty() ? raw_json(text) : inner);
}

}  // namespace recloser::dialects::gemini
