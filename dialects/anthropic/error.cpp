#include "dialects/anthropic/error.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "dialects/anthropic/messages.hpp"
#include "dialects/error_text.hpp"
#include "dialects/json.hpp"
#include "dialects/json_values.hpp"
#include "dialects/openai_chat/error_class.hpp"

namespace recloser::dialects::anthropic {

using chat::fault_class;
using chat::raw_json;

namespace {

constexpr std::size_t longest_body = 256u << 10;  // resilience.md §1

struct verdict {
  fault_class what;
  std::string_view code = {};
};

// ---- what the words say (providers-native.md §0.5, §1.8) -------------------------------------------------------

struct type_row {
  std::string_view type;
  int status;  ///< for an error without one, in a stream
  verdict is;
};

constexpr type_row types[] = {
    {"invalid_request_error", 400, {fault_class::client_fault}},
    {"authentication_error", 401, {fault_class::auth}},
    {"billing_error", 402, {fault_class::billing, "insufficient_quota"}},
    {"permission_error", 403, {fault_class::auth}},
    {"not_found_error", 404, {fault_class::client_fault}},
    {"conflict_error", 409, {fault_class::server_error}},
    {"request_too_large", 413, {fault_class::client_fault, "request_too_large"}},
    {"rate_limit_error", 429, {fault_class::rate_limit, "rate_limit_exceeded"}},
    {"api_error", 500, {fault_class::server_error}},
    {"timeout_error", 504, {fault_class::timeout}},
    {"overloaded_error", 529, {fault_class::overloaded}},
};

struct status_row {
  int first = 0;
  int last = 0;
  verdict is;
};

/// For answers without a type that we know. The first row that holds counts.
constexpr status_row statuses[] = {
    {401, 401, {fault_class::auth}},
    {402, 402, {fault_class::billing, "insufficient_quota"}},
    {403, 403, {fault_class::auth}},
    {408, 408, {fault_class::timeout}},
    {409, 409, {fault_class::server_error}},
    {413, 413, {fault_class::client_fault, "request_too_large"}},
    {429, 429, {fault_class::rate_limit, "rate_limit_exceeded"}},
    {400, 499, {fault_class::client_fault}},
    {503, 503, {fault_class::overloaded}},
    {504, 504, {fault_class::timeout}},
    {529, 529, {fault_class::overloaded}},
    {500, 599, {fault_class::server_error}},
};

struct code_row {
  std::string_view code;  ///< `error.details.error_code`
  verdict is;
};

constexpr code_row codes[] = {
    {"enforced_spend_limit_reached", {fault_class::billing, "insufficient_quota"}},
    {"contract_spend_limit_reached", {fault_class::billing, "insufficient_quota"}},
    {"organization_on_hold", {fault_class::billing, "insufficient_quota"}},
    {"ramp_limit_exceeded", {fault_class::rate_limit, "rate_limit_exceeded"}},
    {"image_dimensions_too_large", {fault_class::client_fault, "image_dimensions_too_large"}},
};

struct text_row {
  std::string_view part;
  verdict is;
};

/// Only for 4xx: a broken backend that says the same must not hide from its breaker (resilience.md §1).
constexpr text_row texts[] = {
    {"prompt is too long", {fault_class::context_length, "context_length_exceeded"}},
    {"exceed context limit", {fault_class::context_length, "context_length_exceeded"}},
    {"credit balance is too low", {fault_class::billing, "insufficient_quota"}},
    {"specified API usage limits", {fault_class::billing, "insufficient_quota"}},
    {"content filtering policy", {fault_class::content_policy, "content_filter"}},
};

constexpr verdict no_model = {fault_class::model_missing, "model_not_found"};

/// What is known of an error before it is judged.
struct account {
  int status;
  std::string type;
  std::string message;
  std::string code;
};

bool is_about_the_model(account const& said) {
  return said.status == 404 && said.message.find("model") != std::string::npos;
}

verdict judge(account const& said) {
  auto const code = std::ranges::find(codes, said.code, &code_row::code);
  if (code != std::end(codes)) return code->is;
  if (is_about_the_model(said)) return no_model;
  if (said.status >= 400 && said.status < 500) {
    for (auto const& row : texts) {
      if (said.message.find(row.part) != std::string::npos) return row.is;
    }
  }
  auto const type = std::ranges::find(types, said.type, &type_row::type);
  if (type != std::end(types)) return type->is;
  for (auto const& row : statuses) {
    if (said.status >= row.first && said.status <= row.last) return row.is;
  }
  return {fault_class::bad_response, "bad_upstream_response"};
}

int status_of(int status, std::string_view type) {
  if (status >= 300) return status;
  auto const row = std::ranges::find(types, type, &type_row::type);
  return row == std::end(types) ? 502 : row->status;
}

chat::fault make_fault(account const& said) {
  auto const is = judge(said);
  auto message = safe_message(said.message);
  if (message.empty()) message = fmt::format("the provider answered {} without a message", said.status);
  auto code = is.code.empty() ? openai_chat::code_for(is.what, said.code) : std::string(is.code);
  chat::fault out(is.what, chat::fault_source::upstream, said.status, std::move(message), std::move(code));
  out.type = safe_message(said.type);
  out.retry_after = retry_hint(out.message);
  return out;
}

std::string plain(raw_json value) { return json::decode(json::text_of(value)); }

}  // namespace

chat::fault read_error_object(int status, raw_json error) {
  account said{status, {}, {}, {}};
  if (json::kind_of(error) == json::kind::object) {
    said.type = plain(json::find(error, "type"));
    said.message = plain(json::find(error, "message"));
    said.code = plain(json::find(json::find(error, "details"), "error_code"));
  } else {
    said.message = plain(error);
  }
  said.status = status_of(status, said.type);
  return make_fault(said);
}

chat::fault read_error(int status, std::string_view body, std::string_view) {
  std::string padded(body.substr(0, longest_body));
  padded.reserve(padded.size() + json::padding);
  std::vector<json::member> members;
  if (!json::scan_object(padded, members)) return make_fault({status_of(status, {}), {}, padded, {}});
  auto const inner = json::unless_null(json::find(padded, "error"));
  // Without an inner object the whole may be one: `{"message":…}`, `{"detail":…}`.
  if (!inner.empty()) return read_error_object(status, inner);
  auto const detail = json::find(padded, "detail");
  return read_error_object(status, detail.empty() ? raw_json(padded) : detail);
}

}  // namespace recloser::dialects::anthropic
