// Errors: `{"error":"…"}` with a status, or as a line of a stream without one (providers-native.md §5.3).

#include <fmt/format.h>

#include "dialects/error_text.hpp"
#include "dialects/json.hpp"
#include "dialects/json_values.hpp"
#include "dialects/ollama_chat/answer.hpp"
#include "dialects/ollama_chat/api_chat.hpp"
#include "dialects/openai_chat/error_class.hpp"

namespace recloser::dialects::ollama_chat {

using chat::fault_class;
using chat::raw_json;

namespace {

constexpr std::size_t longest_body = 256u << 10;  // resilience.md §1

struct text_row {
  std::string_view part;  ///< lower case
  fault_class what;
  std::string_view code = {};
  bool also_5xx = false;
};

/// What Ollama's own words mean; the first row that fits counts, and what none knows is judged like everybody's.
constexpr text_row texts[] = {
    {"does not support", fault_class::client_fault, "unsupported_capability"},
    {"is not supported for this model", fault_class::client_fault, "unsupported_capability"},
    {"input length exceeds", fault_class::context_length, "context_length_exceeded"},
    {"exceeds maximum context", fault_class::context_length, "context_length_exceeded"},
    {"exceeded max context", fault_class::context_length, "context_length_exceeded"},
    {"requires a subscription", fault_class::billing, "insufficient_quota"},
    {"weekly usage limit", fault_class::quota_day, "rate_limit_exceeded"},
    {"usage limit", fault_class::rate_limit, "rate_limit_exceeded"},
    {"try pulling it", fault_class::model_missing, "model_not_found"},
    {"server busy", fault_class::overloaded, {}, true},
    {"maximum pending requests", fault_class::overloaded, {}, true},
    {"timed out waiting for", fault_class::timeout, {}, true},
    {"error loading model", fault_class::server_error, {}, true},
    {"unable to load model", fault_class::server_error, {}, true},
    {"more system memory", fault_class::server_error, {}, true},
    {"loading model", fault_class::starting, {}, true},
};

struct verdict {
  fault_class what;
  std::string code;
};

/// `model 'x' not found`
bool is_missing_model(std::string_view low) {
  return low.starts_with("model ") && low.find(" not found") != std::string_view::npos;
}

verdict judge(int status, std::string const& message) {
  auto const low = lower_ascii(message);
  if (status < 500 && is_missing_model(low)) return {fault_class::model_missing, "model_not_found"};
  for (auto const& row : texts) {
    bool const applies = status < 500 || row.also_5xx;
    if (applies && low.find(row.part) != std::string::npos) {
      return {row.what, row.code.empty() ? openai_chat::code_for(row.what, {}) : std::string(row.code)};
    }
  }
  auto const what = openai_chat::classify({.status = status, .message = message});
  return {what, openai_chat::code_for(what, {})};
}

/// Of an error inside a stream or a 200: what the class is answered with.
int status_of(int status, fault_class what) {
  if (status >= 300) return status;
  int const usual = chat::effects_of(what).client_status;
  return usual == 0 ? 400 : usual;
}

chat::fault make_fault(int status, std::string_view words) {
  auto message = safe_message(words);
  if (message.empty()) message = fmt::format("the provider answered {} without a message", status);
  auto is = judge(status, message);
  if (is.what == fault_class::model_missing && message.find("pull") == std::string::npos) {
    message += " (`ollama pull` fetches models)";
  }
  chat::fault out(is.what, chat::fault_source::upstream, status_of(status, is.what), std::move(message),
                  std::move(is.code));
  out.retry_after = retry_hint(out.message);
  return out;
}

std::string plain(raw_json value) {
  if (json::kind_of(value) == json::kind::string) return json::decode(json::text_of(value));
  auto const inner = json::unless_null(json::find(value, "message"));
  return inner.empty() ? std::string(value) : plain(inner);
}

}  // namespace

chat::fault read_error_value(int status, raw_json error) { return make_fault(status, plain(error)); }

chat::fault read_error(int status, std::string_view body, std::string_view) {
  auto const text = body.substr(0, longest_body);
  std::vector<json::member> members;
  if (!json::scan_object(text, members)) return make_fault(status, text);
  for (auto const* name : {"error", "message", "detail"}) {
    auto const value = json::unless_null(json::find(text, name));
    if (!value.empty()) return read_error_value(status, value);
  }
  return make_fault(status, text);
}

}  // namespace recloser::dialects::ollama_chat
