#include "dialects/gemini/answer.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "dialects/error_text.hpp"
#include "dialects/json_scan.hpp"
#include "dialects/json_values.hpp"

namespace recloser::dialects::gemini {

using chat::finish_reason;
using chat::raw_json;
using chat::raw_text;

namespace {

raw_text text_in(raw_json object, std::string_view key) { return json::text_of(json::find(object, key)); }

void read_candidate(raw_json candidate, answer& out) {
  out.has_candidate = true;
  json::trusted_scanner(candidate).object([&](std::string_view key, raw_json value) {
    if (key == "content") out.parts = json::find(value, "parts");
    if (key == "finishReason") out.finish_reason = json::text_of(value);
    if (key == "finishMessage") out.finish_message = json::text_of(value);
    if (key == "groundingMetadata") out.grounding = json::unless_null(value);
    if (key == "logprobsResult") out.logprobs = json::unless_null(value);
    return true;
  });
}

/// `index` is left out when it is 0.
void read_candidates(raw_json candidates, answer& out) {
  json::trusted_scanner(candidates).array([&](raw_json each) {
    bool const first = json::integer_of(json::find(each, "index")).value_or(0) == 0;
    if (first && json::kind_of(each) == json::kind::object) read_candidate(each, out);
    return !out.has_candidate;
  });
}

raw_text without_collection(raw_text model) {
  constexpr std::string_view collection = "models/";
  return model.starts_with(collection) ? model.substr(collection.size()) : model;
}

}  // namespace

answer read_answer(std::vector<json::member> const& members) {
  answer out;
  for (auto const& [key, value] : members) {
    if (key == "responseId") out.id = json::text_of(value);
    if (key == "modelVersion") out.model = without_collection(json::text_of(value));
    if (key == "error") out.error = json::unless_null(value);
    if (key == "usageMetadata") out.usage = json::unless_null(value);
    if (key == "candidates") read_candidates(value, out);
    if (key == "promptFeedback") {
      out.block_reason = text_in(value, "blockReason");
      out.block_message = text_in(value, "blockReasonMessage");
    }
  }
  if (out.block_reason == "BLOCK_REASON_UNSPECIFIED") out.block_reason = {};
  return out;
}

// ---- parts -----------------------------------------------------------------------------------------------------

namespace {

void read_call(raw_json call, answer_part& out) {
  out.name = text_in(call, "name");
  if (out.name.empty()) return;  // the end of a call told in pieces, which nobody asks for
  out.type = part_type::call;
  out.id = text_in(call, "id");
  auto const arguments = json::find(call, "args");
  out.arguments = json::kind_of(arguments) == json::kind::object ? arguments : raw_json("{}");
}

void tell_code(raw_text language, raw_text code, std::string& made, answer_part& out) {
  if (code.empty()) return;
  made.assign("\\n```").append(language).append("\\n").append(code);
  made.append(code.ends_with("\\n") ? "```\\n" : "\\n```\\n");
  out.type = part_type::text;
  out.text = made;
}

}  // namespace

answer_part read_part(raw_json part, std::string& made) {
  answer_part out;
  bool thought = false;
  json::trusted_scanner(part).object([&](std::string_view key, raw_json value) {
    if (key == "text" && json::kind_of(value) == json::kind::string) {
      out.text = json::text_of(value);
      out.type = part_type::text;
    }
    if (key == "thought") thought = value == "true";
    if (key == "thoughtSignature") out.signature = json::text_of(value);
    if (key == "functionCall") read_call(value, out);
    if (key == "executableCode") {
      bool const python = json::is_string(json::find(value, "language"), "PYTHON");
      tell_code(python ? "python" : "", text_in(value, "code"), made, out);
    }
    if (key == "codeExecutionResult") tell_code({}, text_in(value, "output"), made, out);
    return true;
  });
  if (thought && out.type == part_type::text) out.type = part_type::thought;
  return out;
}

// ---- the end ---------------------------------------------------------------------------------------------------

namespace {

struct finish_row {
  std::string_view word;
  finish_reason finish;
};

constexpr finish_row finishes[] = {
    {"STOP", finish_reason::stop},
    {"MAX_TOKENS", finish_reason::length},
    {"CONTINUATION", finish_reason::length},
    {"SAFETY", finish_reason::content_filter},
    {"RECITATION", finish_reason::content_filter},
    {"BLOCKLIST", finish_reason::content_filter},
    {"PROHIBITED_CONTENT", finish_reason::content_filter},
    {"SPII", finish_reason::content_filter},
    {"LANGUAGE", finish_reason::content_filter},
    {"MODEL_ARMOR", finish_reason::content_filter},
    {"IMAGE_SAFETY", finish_reason::content_filter},
    {"IMAGE_PROHIBITED_CONTENT", finish_reason::content_filter},
    {"IMAGE_RECITATION", finish_reason::content_filter},
};

constexpr std::string_view failures[] = {"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS",
                                         "MALFORMED_RESPONSE", "MISSING_THOUGHT_SIGNATURE"};

}  // namespace

bool is_finish(raw_text reason) { return !reason.empty() && reason != "FINISH_REASON_UNSPECIFIED"; }

finish_reason finish_of(raw_text reason, bool has_calls) {
  auto const row = std::ranges::find(finishes, reason, &finish_row::word);
  auto const finish = row == std::end(finishes) ? finish_reason::stop : row->finish;
  return finish == finish_reason::stop && has_calls ? finish_reason::tool_calls : finish;  // no word of its own
}

std::optional<chat::fault> fault_of_finish(raw_text reason, raw_text message, bool has_content) {
  if (has_content || std::ranges::find(failures, reason) == std::end(failures)) return std::nullopt;
  auto words = fmt::format("the model's answer could not be used: {}", reason);
  if (!message.empty()) words.append(": ").append(json::decode(message));
  return chat::fault(chat::fault_class::bad_response, chat::fault_source::upstream, 200, safe_message(words),
                     lower_ascii(reason));
}

chat::fault unreadable(std::string_view why) {
  return {chat::fault_class::bad_response, chat::fault_source::upstream, 200,
          fmt::format("the provider's answer cannot be read: {}", why), "bad_upstream_response"};
}

}  // namespace recloser::dialects::gemini
