// Errors: read in every shape that OpenAI-shaped providers use, written in the one that OpenAI's SDKs read.

#include <fmt/format.h>

#include "dialects/error_text.hpp"
#include "dialects/json_values.hpp"
#include "dialects/openai_chat/error_class.hpp"
#include "dialects/openai_chat/relay.hpp"

namespace recloser::dialects::openai_chat {

namespace {

using json::kind;
using json::kind_of;

constexpr std::size_t longest_body = 256u << 10;  // resilience.md §1: bounded and re-enveloped

/// The plain text of a string, or the JSON of anything else that is not null.
std::string plain(chat::raw_json value) {
  if (kind_of(value) == kind::string) return json::decode(json::text_of(value));
  return std::string(json::unless_null(value));
}

/// The first of `names` that is there and not null.
chat::raw_json first_of(chat::raw_json object, std::initializer_list<std::string_view> names) {
  for (auto name : names) {
    if (auto const value = json::unless_null(json::find(object, name)); !value.empty()) return value;
  }
  return {};
}

bool is_error_status(std::optional<std::int64_t> number) { return number && *number >= 400 && *number <= 599; }

/// FastAPI: `[{"loc":["body","messages"],"msg":"field required","type":"…"}]` -> `body.messages: field required`.
void read_details(chat::raw_json details, error_words& out) {
  std::vector<chat::raw_json> items;
  std::vector<chat::raw_json> path;
  json::elements_of(details, items);
  for (auto item : items) {
    std::string place;
    json::elements_of(json::find(item, "loc"), path);
    for (auto step : path) place += (place.empty() ? "" : ".") + plain(step);
    if (!out.message.empty()) out.message += "; ";
    out.message += place + (place.empty() ? "" : ": ") + plain(json::find(item, "msg"));
    if (out.param.empty()) out.param = place;
  }
}

/// OpenRouter tells the real cause in `metadata`: the upstream provider's own words, or why a 402 passes.
void read_metadata(chat::raw_json metadata, error_words& out) {
  if (kind_of(metadata) != kind::object) return;
  out.more.append(metadata);
  auto const raw = plain(json::find(metadata, "raw"));
  if (out.message == "Provider returned error" && !raw.empty()) out.message += ": " + raw;
}

/// The object that holds `message`, `type`, `param` and `code`, nested or flat.
void read_fields(chat::raw_json object, error_words& out) {
  auto const message = first_of(object, {"message", "msg", "detail", "error", "title"});
  if (kind_of(message) == kind::array) {
    read_details(message, out);
  } else {
    out.message = plain(message);
  }
  out.code = plain(first_of(object, {"code", "error_code"}));
  out.type = plain(json::find(object, "type"));
  if (auto const param = json::find(object, "param"); kind_of(param) == kind::string) out.param = plain(param);
  read_metadata(json::find(object, "metadata"), out);
  out.more.append(json::find(object, "innererror"));
  for (auto name : {"status_code", "statusCode", "status", "code"}) {
    auto const number = json::integer_of(json::find(object, name));
    if (out.status == 0 && is_error_status(number)) out.status = static_cast<int>(*number);
  }
}

/// `object` is a checked error body.
void read_object(chat::raw_json object, error_words& out) {
  auto const inner = json::unless_null(json::find(object, "error"));
  bool const nested = kind_of(inner) == kind::object;
  read_fields(nested ? inner : object, out);
  if (kind_of(inner) == kind::string) {  // `{"error":"text"}`, at xAI with a sentence in `code`
    out.message = plain(inner);
    out.more.append(out.code);
  }
  if (auto const number = json::integer_of(json::find(object, "status_code"));
      nested && out.status == 0 && is_error_status(number)) {
    out.status = static_cast<int>(*number);
  }
}

/// False when the body is not JSON.
bool read_body(std::string_view body, error_words& out) {
  std::vector<json::member> members;
  if (json::scan_object(body, members)) {
    read_object(body, out);
    return true;
  }
  // Google's proxies answer with an array of errors.
  std::string const wrapped = fmt::format("{{\"list\":{}}}", body);
  std::vector<chat::raw_json> list;
  if (!json::scan_object(wrapped, members) || !json::elements_of(members.front().value, list) || list.empty())
    return false;
  read_object(list.front(), out);
  return true;
}

std::string message_without_words(int status) {
  return status == 0 ? "the provider reported an error without a message"
                     : fmt::format("the provider answered {} without a message", status);
}

/// vLLM refuses tools that it was not started for; most clients offer them without a thought (§16.2).
constexpr std::string_view vllm_flags = "--enable-auto-tool-choice";

/// What the operator has to change, where the provider's own words do not say who that is.
std::string_view hint_for(std::string_view message) {
  if (message.find(vllm_flags) == std::string_view::npos) return {};
  return " (for the operator of the server: start vLLM with `--enable-auto-tool-choice --tool-call-parser ...`, such as "
         "`hermes` for Qwen)";
}

void write_error_object(chat::fault const& what, std::string& out) {
  json::writer w(out);
  auto const text_or_null = [&](std::string_view key, std::string_view value) {
    w.key(key);
    value.empty() ? w.null() : w.string(value);
  };
  w.open('{').key("error").open('{').key("message").string(what.message);
  w.key("type").string(what.type.empty() ? type_for(what.what) : what.type);
  text_or_null("param", what.param);
  text_or_null("code", what.code);
  w.close('}').close('}');
}

}  // namespace

chat::fault read_error(int status, std::string_view body) {
  error_words words;
  words.status = status >= 200 && status < 300 ? 0 : status;
  body = body.substr(0, longest_body);
  if (!read_body(body, words)) words.message = std::string(body);
  std::string message = safe_message(words.message);
  if (message.empty()) message = message_without_words(words.status);
  message += hint_for(message);

  auto const what = classify(words);
  chat::fault error(what, chat::fault_source::upstream, words.status, std::move(message), code_for(what, words.code));
  error.type = safe_message(words.type);
  error.param = safe_message(words.param);
  error.retry_after = retry_hint(error.message);
  return error;
}

std::string write_error(chat::fault const& what) {
  std::string out;
  write_error_object(what, out);
  return out;
}

std::string write_stream_error(chat::fault const& what) {
  std::string out = "data: ";
  write_error_object(what, out);
  return out += "\n\n";
}

}  // namespace recloser::dialects::openai_chat
