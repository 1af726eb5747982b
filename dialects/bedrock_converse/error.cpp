#include "dialects/bedrock_converse/error.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "dialects/bedrock_converse/converse.hpp"
#include "dialects/error_text.hpp"
#include "dialects/json.hpp"
#include "dialects/json_values.hpp"
#include "dialects/openai_chat/error_class.hpp"

namespace recloser::dialects::bedrock_converse {

using chat::fault_class;

namespace {

constexpr std::size_t longest_body = 256u << 10;  // resilience.md §1

struct verdict {
  fault_class what;
  std::string_view code = {};
};

constexpr verdict no_model = {fault_class::model_missing, "model_not_found"};
constexpr verdict too_long = {fault_class::context_length, "context_length_exceeded"};
constexpr verdict slow_down = {fault_class::rate_limit, "rate_limit_exceeded"};

// ---- names (providers-native.md §0.5, §4.8) --------------------------------------------------------------------

struct name_row {
  std::string_view name;  ///< lower case, without `exception` at its end
  int status;             ///< for one without a status, in a stream
  verdict is;
};

constexpr name_row names[] = {
    {"validation", 400, {fault_class::client_fault}},
    {"throttling", 429, slow_down},
    {"modelnotready", 429, slow_down},
    {"toomanyrequests", 429, slow_down},
    // It passes by waiting, though its status says that the request is wrong (resilience.md §4.2).
    {"servicequotaexceeded", 400, {fault_class::rate_limit, "insufficient_quota"}},
    {"accessdenied", 403, {fault_class::auth}},
    {"unrecognizedclient", 403, {fault_class::auth}},
    {"invalidsignature", 403, {fault_class::auth}},
    {"signaturedoesnotmatch", 403, {fault_class::auth}},
    {"incompletesignature", 403, {fault_class::auth}},
    {"expiredtoken", 403, {fault_class::auth}},
    {"requestexpired", 403, {fault_class::auth}},
    {"invalidclienttokenid", 403, {fault_class::auth}},
    {"missingauthenticationtoken", 403, {fault_class::auth}},
    {"missingauthentication", 403, {fault_class::auth}},
    {"optinrequired", 403, {fault_class::auth}},
    {"resourcenotfound", 404, no_model},
    {"modeltimeout", 408, {fault_class::timeout}},
    {"modelerror", 424, {fault_class::server_error}},
    {"modelstreamerror", 424, {fault_class::server_error}},
    {"internalserver", 500, {fault_class::server_error}},
    {"internalservererror", 500, {fault_class::server_error}},
    {"internalfailure", 500, {fault_class::server_error}},
    {"internalerror", 500, {fault_class::server_error}},
    {"serviceunavailable", 503, {fault_class::overloaded}},
};

/// `ns#ThrottlingException:http://…` -> `ThrottlingException`.
std::string_view bare(std::string_view name) {
  name = name.substr(0, name.find(':'));
  return name.substr(name.find_last_of('#') + 1);
}

name_row const* row_of(std::string_view name) {
  auto const low = lower_ascii(bare(name));
  std::string_view key = low;
  constexpr std::string_view end = "exception";
  if (key.ends_with(end)) key.remove_suffix(end.size());
  auto const row = std::ranges::find(names, key, &name_row::name);
  return row == std::end(names) ? nullptr : row;
}

// ---- words -----------------------------------------------------------------------------------------------------

struct text_row {
  int first_status;
  int last_status;
  std::string_view part;  ///< lower case
  verdict is;
};

/// Only for 4xx: a broken backend that says the same must not hide from its breaker (resilience.md §1).
constexpr text_row texts[] = {
    {429, 429, "per day", {fault_class::quota_day, "rate_limit_exceeded"}},
    {400, 413, "input is too long", too_long},
    {400, 413, "prompt is too long", too_long},
    {400, 413, "too many input tokens", too_long},
    {400, 413, "exceed context limit", too_long},
    {400, 413, "maximum context length", too_long},
    {400, 413, "exceeds the maximum number of tokens", too_long},
    {400, 404, "model identifier is invalid", no_model},
    {400, 404, "on-demand throughput isn", no_model},  // only a profile of it can be called; the message says so
    {400, 404, "don't have access to the model", no_model},
    {400, 404, "not authorized to invoke this model", no_model},
    {400, 403, "payment instrument", {fault_class::billing, "insufficient_quota"}},
    {400, 403, "content filter", {fault_class::content_policy, "content_filter"}},
    {400, 403, "content policy", {fault_class::content_policy, "content_filter"}},
    {400, 403, "security token included in the request is", {fault_class::auth}},
};

struct status_row {
  int first = 0;
  int last = 0;
  verdict is;
};

/// For answers without a name that we know. The first row that holds counts.
constexpr status_row statuses[] = {
    {401, 401, {fault_class::auth}},
    {402, 402, {fault_class::billing, "insufficient_quota"}},
    {403, 403, {fault_class::auth}},
    {408, 408, {fault_class::timeout}},
    {413, 413, {fault_class::client_fault, "request_too_large"}},
    {424, 424, {fault_class::server_error}},
    {429, 429, slow_down},
    {400, 499, {fault_class::client_fault}},
    {503, 503, {fault_class::overloaded}},
    {504, 504, {fault_class::timeout}},
    {500, 599, {fault_class::server_error}},
};

verdict judge(int status, name_row const* known, std::string_view message) {
  auto const low = lower_ascii(message.substr(0, max_error_message));
  for (auto const& row : texts) {
    bool const fits = status >= row.first_status && status <= row.last_status;
    if (fits && low.find(row.part) != std::string::npos) return row.is;
  }
  if (known) return known->is;
  for (auto const& row : statuses) {
    if (status >= row.first && status <= row.last) return row.is;
  }
  return {fault_class::bad_response, "bad_upstream_response"};
}

}  // namespace

chat::fault fault_of(int status, std::string_view name, std::string_view message) {
  auto const* const known = row_of(name);
  if (status < 300) status = known ? known->status : 502;
  auto const is = judge(status, known, message);
  auto words = safe_message(message);
  if (words.empty()) words = fmt::format("the provider answered {} without a message", status);
  auto code = is.code.empty() ? openai_chat::code_for(is.what, {}) : std::string(is.code);
  chat::fault out(is.what, chat::fault_source::upstream, status, std::move(words), std::move(code));
  out.type = safe_message(bare(name));
  out.retry_after = retry_hint(out.message);
  return out;
}

namespace {

std::string plain(chat::raw_json value) { return json::decode(json::text_of(value)); }

/// Services of Amazon's spell it either way.
std::string message_of(chat::raw_json object) {
  auto out = plain(json::find(object, "message"));
  return out.empty() ? plain(json::find(object, "Message")) : out;
}

}  // namespace

chat::fault fault_of_exception(std::string_view name, std::string_view payload) {
  auto message = message_of(payload);
  auto const original = plain(json::find(payload, "originalMessage"));
  if (!original.empty()) message.append(message.empty() ? "" : ": ").append(original);
  return fault_of(0, name, message);
}

/// The name stands in the header, in `__type`, or nowhere. Requests to a path that is none are answered with
/// `{"Output":{"__type":…}}`.
chat::fault read_error(int status, std::string_view body, std::string_view type) {
  std::string padded(body.substr(0, longest_body));
  padded.reserve(padded.size() + json::padding);
  std::vector<json::member> members;
  if (!json::scan_object(padded, members)) return fault_of(status, type, padded);
  auto const output = json::find(padded, "Output");
  chat::raw_json const said = json::kind_of(output) == json::kind::object ? output : chat::raw_json(padded);
  auto const name = type.empty() ? plain(json::find(said, "__type")) : std::string(type);
  return fault_of(status, name, message_of(said));
}

}  // namespace recloser::dialects::bedrock_converse
