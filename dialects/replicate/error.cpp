#include "dialects/replicate/error.hpp"

#include <string>
#include <vector>

#include <fmt/format.h>

#include "dialects/error_text.hpp"
#include "dialects/json.hpp"
#include "dialects/json_scan.hpp"
#include "dialects/json_values.hpp"
#include "dialects/openai_chat/error_class.hpp"
#include "dialects/replicate/predictions.hpp"

namespace recloser::dialects::replicate {

using chat::fault_class;
using chat::raw_json;

namespace {

constexpr std::size_t longest_body = 256u << 10;  // resilience.md §1

struct text_row {
  std::string_view part;  ///< lower case
  fault_class what;
};

/// Of predictions, streams and 4xx (§6.4). The first row that fits counts.
constexpr text_row texts[] = {
    {"flagged as sensitive", fault_class::content_policy},
    {"(e005)", fault_class::content_policy},
    {"(e004)", fault_class::overloaded},
    {"(e003)", fault_class::overloaded},
    {"temporarily unavailable", fault_class::overloaded},
    {"high demand", fault_class::overloaded},
    {"version does not exist", fault_class::model_missing},
    {"invalid version", fault_class::model_missing},
    {"insufficient credit", fault_class::billing},
};

/// Only of predictions and streams, which have no status.
constexpr text_row failures[] = {
    {"input validation", fault_class::client_fault},
    {"validation error", fault_class::client_fault},
    {"invalid input", fault_class::client_fault},
};

fault_class judge(int status, std::string_view low) {
  auto const found_in = [&](auto const& rows) -> fault_class const* {
    for (auto const& row : rows) {
      if (low.find(row.part) != std::string_view::npos) return &row.what;
    }
    return nullptr;
  };
  if (status < 500) {
    if (auto const* const what = found_in(texts)) return *what;
  }
  if (status == 0) {
    if (auto const* const what = found_in(failures)) return *what;
    // A prediction that ran and failed is the server's failure, whatever the words.
    auto const what = openai_chat::classify({.status = 0, .message = std::string(low)});
    return what == fault_class::bad_response ? fault_class::server_error : what;
  }
  if (status == 404) return fault_class::model_missing;  // the path of a create names nothing else
  return openai_chat::classify({.status = status, .message = std::string(low)});
}

int status_of(int status, fault_class what) {
  if (status >= 300) return status;
  int const usual = chat::effects_of(what).client_status;
  return usual == 0 ? 400 : usual;
}

/// "Your rate limit resets in ~30s."
std::optional<std::chrono::milliseconds> wait_in(std::string_view message) {
  constexpr std::string_view words = "resets in ";
  auto const found = message.find(words);
  if (found == std::string_view::npos) return retry_hint(message);
  auto rest = message.substr(found + words.size());
  if (rest.starts_with('~')) rest.remove_prefix(1);
  return retry_hint("retry in " + std::string(rest.substr(0, 32)));
}

std::string plain(raw_json value) {
  return json::kind_of(value) == json::kind::string ? json::decode(json::text_of(value)) : std::string(value);
}

void add(std::string text, std::string& to) {
  if (text.empty() || to.find(text) != std::string::npos) return;
  if (!to.empty()) to += to.ends_with('.') ? " " : ": ";
  to += text;
}

/// `[{"field":…,"description":…}]`, or `[{"loc":[…],"msg":…}]`.
std::string words_of_fields(raw_json fields) {
  constexpr std::size_t most = 8;
  std::size_t count = 0;
  std::string out;
  json::trusted_scanner(fields).array([&](raw_json each) {
    for (auto const* name : {"field", "description", "msg"}) {
      if (auto const value = json::find(each, name); !value.empty()) add(plain(value), out);
    }
    return ++count < most;
  });
  return out;
}

std::string words_of(raw_json body) {
  std::string out;
  for (auto const* name : {"title", "detail", "error", "message"}) {
    auto const value = json::unless_null(json::find(body, name));
    if (!value.empty()) add(json::kind_of(value) == json::kind::array ? words_of_fields(value) : plain(value), out);
  }
  add(words_of_fields(json::find(body, "invalid_fields")), out);
  return out;
}

}  // namespace

chat::fault make_fault(int status, std::string_view words) {
  auto message = safe_message(words);
  auto const what = judge(status, lower_ascii(message));
  auto const shown = status_of(status, what);
  if (message.empty()) {
    message = status == 0 ? "the provider's prediction failed without a message"
                          : fmt::format("the provider answered {} without a message", status);
  }
  chat::fault out(what, chat::fault_source::upstream, shown, std::move(message), openai_chat::code_for(what, {}));
  out.retry_after = wait_in(out.message);
  return out;
}

chat::fault unreadable(std::string_view why) {
  return {fault_class::bad_response, chat::fault_source::upstream, 200,
          fmt::format("the provider's answer cannot be read: {}", why), "bad_upstream_response"};
}

chat::fault interrupted(std::string message) {
  return {fault_class::bad_response, chat::fault_source::upstream, 200, std::move(message), "stream_interrupted"};
}

chat::fault read_error(int status, std::string_view body, std::string_view) {
  auto const text = body.substr(0, longest_body);
  std::vector<json::member> members;
  if (!json::scan_object(text, members)) return make_fault(status, text);
  auto const words = words_of(text);
  return make_fault(status, words.empty() ? std::string(text) : words);
}

}  // namespace recloser::dialects::replicate
