#include "providers/token_answer.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include "dialects/error_text.hpp"
#include "dialects/json.hpp"
#include "dialects/json_values.hpp"
#include "providers/credential_inputs.hpp"
#include "providers/encoding.hpp"
#include "providers/token_state.hpp"

namespace recloser::providers {

using chat::fault_class;
using chat::raw_json;

namespace {

// ---- errors ----------------------------------------------------------------------------------------------------

struct error_row {
  std::string_view error;
  fault_class what;
};

/// Errors that are not about the credential, whatever their status (RFC 6749 §4.1.2.1, and Google's own).
constexpr error_row passing[] = {
    {"temporarily_unavailable", fault_class::overloaded},
    {"server_error", fault_class::server_error},
    {"internal_failure", fault_class::server_error},
    {"UNAVAILABLE", fault_class::overloaded},
    {"INTERNAL", fault_class::server_error},
    {"RESOURCE_EXHAUSTED", fault_class::rate_limit},
};

fault_class class_of(int status, std::string_view error) {
  auto const row = std::ranges::find(passing, error, &error_row::error);
  if (row != std::end(passing)) return row->what;
  if (status == 408) return fault_class::timeout;
  if (status == 429) return fault_class::rate_limit;
  if (status == 503) return fault_class::overloaded;
  if (status >= 500) return fault_class::server_error;
  return status >= 400 ? fault_class::auth : fault_class::bad_response;
}

/// An error's name, when it has the form of one.
std::string error_name(std::string name) {
  constexpr std::size_t longest = 64;
  auto const is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return name.size() <= longest && std::ranges::all_of(name, is_word) ? std::move(name) : std::string();
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

/// A server that repeats what it was sent must not make us repeat it.
std::string without(std::string text, std::span<std::string const> secrets) {
  for (auto const& secret : secrets) {
    if (secret.empty()) continue;
    replace_all(text, secret, "***");
    replace_all(text, percent_encode(secret), "***");
  }
  return text;
}

struct refusal {
  std::string error;
  std::string words;
};

refusal read_words(raw_json body) {
  raw_json const error = json::find(body, "error");
  if (json::kind_of(error) == json::kind::object) {
    return {error_name(text_member(error, "status")), text_member(error, "message")};
  }
  // `invalid_grant` has a subtype when Google wants the user to log in again: `invalid_rapt`.
  auto name = error_name(text_member(body, "error"));
  auto const subtype = error_name(text_member(body, "error_subtype"));
  auto words = text_member(body, "error_description");
  if (!subtype.empty()) words = words.empty() ? subtype : fmt::format("{} ({})", words, subtype);
  return {std::move(name), std::move(words)};
}

// ---- the token -------------------------------------------------------------------------------------------------

/// A number, or a number in quotes as some servers write it.
std::optional<std::int64_t> whole_seconds(raw_json value) {
  if (json::kind_of(value) != json::kind::string) return json::integer_of(value);
  auto const text = json::text_of(value);
  std::int64_t number = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::chrono::seconds lifetime_of(raw_json expires_in) {
  constexpr std::int64_t longest = 366 * 86'400;
  auto const seconds = whole_seconds(expires_in);
  return seconds ? std::chrono::seconds(std::clamp(*seconds, std::int64_t{0}, longest)) : unknown_lifetime;
}

}  // namespace

chat::fault unreadable(token_answer const& answer, answer_context const& of, std::string_view why) {
  return {fault_class::bad_response, chat::fault_source::upstream, answer.status,
          fmt::format("{} sent an answer that {}", of.whom, why), "bad_credential_answer"};
}

chat::result<std::string> read_object(token_answer const& answer, answer_context const& of) {
  if (answer.body.size() > largest_credential) return unreadable(answer, of, "is too large");
  std::string body;
  body.reserve(answer.body.size() + json::padding);
  body = answer.body;
  if (!json::scan_object(body)) return unreadable(answer, of, "is no JSON object");
  return body;
}

chat::fault read_refusal(token_answer const& answer, answer_context const& of) {
  auto const body = read_object(answer, of);
  refusal const said = body ? read_words(*body) : refusal{};
  auto const what = class_of(answer.status, said.error);
  auto message = what == fault_class::auth ? fmt::format("{} refused the credential", of.whom)
                                           : fmt::format("{} answered {}", of.whom, answer.status);
  auto const words = dialects::safe_message(without(said.words, of.secrets));
  if (!said.error.empty()) message += ": " + without(said.error, of.secrets);
  if (!words.empty()) message += ": " + words;
  if (what == fault_class::auth && !of.hint.empty()) message.append("; ").append(of.hint);
  return {what, chat::fault_source::upstream, answer.status, std::move(message), "credential_refused"};
}

chat::result<token> read_token(token_answer const& answer, wall_time now, answer_context const& of) {
  if (answer.status != 200) return read_refusal(answer, of);
  auto const body = read_object(answer, of);
  if (!body) return body.error();
  if (!json::unless_null(json::find(*body, "error")).empty()) return read_refusal({400, answer.body, {}}, of);
  auto value = text_member(*body, "access_token");
  if (!is_visible_ascii(value)) return unreadable(answer, of, "holds no access_token");
  auto const type = text_member(*body, "token_type");
  if (!type.empty() && dialects::lower_ascii(type) != "bearer") return unreadable(answer, of, "holds no Bearer token");
  return token{std::move(value), now + lifetime_of(json::find(*body, "expires_in"))};
}

}  // namespace recloser::providers
