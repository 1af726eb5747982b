#include "providers/needs.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>

#include "dialects/json_scan.hpp"
#include "dialects/json_values.hpp"

namespace recloser::providers {

namespace {

using json::kind;
using json::kind_of;
using json::trusted_scanner;

// ---- the needs by name -----------------------------------------------------------------------------------------

struct need_row {
  std::string_view name;
  bool needs::*wanted;
  support capabilities::*has;
  bool essential;
  std::string_view what;  ///< after "cannot"
  std::string_view param;
};

constexpr std::array<need_row, 9> need_rows = {{
    {"chat", &needs::chat, &capabilities::chat, true, "chat", "model"},
    {"embeddings", &needs::embeddings, &capabilities::embeddings, true, "make embeddings", "model"},
    {"tools", &needs::tools, &capabilities::tools, true, "call tools", "tools"},
    {"vision", &needs::vision, &capabilities::vision, true, "see images", "messages"},
    {"documents", &needs::documents, &capabilities::documents, true, "read files", "messages"},
    {"audio", &needs::audio, &capabilities::audio, true, "hear audio", "messages"},
    {"json_mode", &needs::json_mode, &capabilities::json_mode, false, "be held to JSON", "response_format"},
    {"json_schema", &needs::json_schema, &capabilities::json_schema, false, "be held to a JSON schema",
     "response_format"},
    {"prefill", &needs::prefill, &capabilities::prefill, false, "go on from a message of its own", "messages"},
}};

constexpr std::string_view context = "context";
constexpr std::int64_t bytes_per_token = 4;

/// Bytes tell tokens only roughly: English with its JSON escapes has up to some 5 bytes to a token, indented code more.
/// So only what is half as long again as the window is called too long here; the provider knows the rest exactly.
bool is_too_long(std::int64_t prompt_tokens, std::int64_t window) {
  return window > 0 && prompt_tokens / 3 * 2 > window;
}

// ---- messages --------------------------------------------------------------------------------------------------

struct part_row {
  std::string_view type;
  bool needs::*wanted;
};

/// The parts of chat completions, and those of other APIs that clients send there.
constexpr part_row parts[] = {
    {"image_url", &needs::vision},     {"image", &needs::vision},       {"input_image", &needs::vision},
    {"input_audio", &needs::audio},    {"audio", &needs::audio},        {"file", &needs::documents},
    {"input_file", &needs::documents}, {"document", &needs::documents},
};

class message_scan {
 public:
  message_scan(chat::raw_json messages, needs& out) : scan_(messages), out_(out) {}

  /// Bytes of media found in the messages.
  std::size_t run() {
    scan_.walk_array([this] { return message(); });
    out_.prefill = last_is_assistant_;
    return media_;
  }

 private:
  bool message() {
    if (scan_.peek() != '{') return pass();
    last_is_assistant_ = false;
    return scan_.walk_object([this](std::string_view key) {
      if (key == "content" && scan_.peek() == '[') return scan_.walk_array([this] { return part(); });
      auto const value = scan_.value();
      if (key == "role") last_is_assistant_ = json::is_string(value, "assistant");
      return !value.empty();
    });
  }

  bool part() {
    if (scan_.peek() != '{') return pass();
    std::size_t longest = 0;
    bool needs::*wanted = nullptr;
    bool const whole = scan_.walk_object([&](std::string_view key) {
      auto const value = scan_.value();
      if (key == "type") {
        auto const row = std::ranges::find(parts, json::text_of(value), &part_row::type);
        wanted = row == std::end(parts) ? nullptr : row->wanted;
      }
      longest = std::max(longest, value.size());
      return !value.empty();
    });
    if (wanted) {
      out_.*wanted = true;
      media_ += longest;
    }
    return whole;
  }

  bool pass() { return !scan_.value().empty(); }

  trusted_scanner scan_;
  needs& out_;
  std::size_t media_ = 0;
  bool last_is_assistant_ = false;
};

// ---- the other members -----------------------------------------------------------------------------------------

bool is_filled_array(chat::raw_json value) {
  return kind_of(value) == kind::array && trusted_scanner(value.substr(1)).peek() != ']';
}

void read_format(chat::raw_json value, needs& out) {
  auto const type = json::text_of(json::find(value, "type"));
  out.json_mode = type == "json_object";
  out.json_schema = type == "json_schema";
}

std::int64_t count_of(chat::raw_json value) { return std::max<std::int64_t>(json::integer_of(value).value_or(0), 0); }

}  // namespace

needs needs_of(std::vector<json::member> const& members) {
  needs result;
  result.chat = true;
  std::size_t bytes = 0;
  std::int64_t old_limit = 0;
  for (auto const& [key, value] : members) {
    if (key == "messages") {
      bytes += value.size();
      bytes -= message_scan(value, result).run();
    } else if (key == "tools" || key == "functions") {
      bytes += value.size();
      result.tools = result.tools || is_filled_array(value);
    } else if (key == "response_format") {
      read_format(value, result);
    } else if (key == "max_completion_tokens") {
      result.max_output = count_of(value);
    } else if (key == "max_tokens") {
      old_limit = count_of(value);
    }
  }
  if (result.max_output == 0) result.max_output = old_limit;
  result.prompt_tokens = static_cast<std::int64_t>(bytes) / bytes_per_token;
  return result;
}

needs needs_of(chat::request const& request) {
  needs result;
  result.chat = true;
  result.tools = !request.tools.empty();
  result.json_mode = request.format == chat::format_kind::json_object;
  result.json_schema = request.format == chat::format_kind::json_schema;
  result.prefill = !request.messages.empty() && request.messages.back().from == chat::role::assistant;
  result.max_output = std::max<std::int64_t>(request.max_tokens.value_or(0), 0);
  std::size_t bytes = 0;
  for (auto const& message : request.messages) {
    for (auto const& part : message.parts) {
      result.vision = result.vision || part.kind == chat::part_kind::image;
      result.documents = result.documents || part.kind == chat::part_kind::document;
      result.audio = result.audio || part.kind == chat::part_kind::audio;
      bytes += part.text.size() + part.input.size();
    }
  }
  for (auto const& tool : request.tools) bytes += tool.description.size() + tool.parameters.size();
  result.prompt_tokens = static_cast<std::int64_t>(bytes) / bytes_per_token;
  return result;
}

needs needs_of_embeddings() { return {.embeddings = true}; }

std::vector<gap> missing(needs const& wanted, capabilities const& has) {
  std::vector<gap> result;
  for (auto const& each : need_rows) {
    if (wanted.*each.wanted && has.*each.has == support::no) result.push_back({each.name, each.essential});
  }
  if (is_too_long(wanted.prompt_tokens, has.context)) result.push_back({context, true});
  return result;
}

bool may_lack(capabilities const& has, std::size_t body_size) {
  if (is_too_long(static_cast<std::int64_t>(body_size) / bytes_per_token, has.context)) return true;
  return std::ranges::any_of(need_rows, [&](need_row const& each) {
    bool const of_chat = each.wanted != &needs::embeddings;  // those are asked at another endpoint, without a scan
    return each.essential && of_chat && has.*each.has == support::no;
  });
}

bool asks_too_much(needs const& wanted, capabilities const& has) {
  return has.max_output > 0 && wanted.max_output > has.max_output;
}

chat::fault refusal(std::vector<gap> const& gaps, std::string_view target, capabilities const& has) {
  auto const essential = std::ranges::find(gaps, true, &gap::essential);
  auto const& first = essential == gaps.end() ? gaps.front() : *essential;
  if (first.name == context) {
    chat::fault refused =
        chat::bad_request(fmt::format("the prompt is longer than the context of {} ({} tokens)", target, has.context),
                          "context_length_exceeded", "messages");
    refused.what = chat::fault_class::context_length;
    return refused;
  }
  auto const row = std::ranges::find(need_rows, first.name, &need_row::name);
  std::string names;
  for (auto const& each : gaps) {
    if (each.essential != first.essential || each.name == context) continue;
    if (!names.empty()) names += ", ";
    names += each.name;
  }
  return chat::bad_request(
      fmt::format("{} cannot {}, which this request needs (capability: {})", target, row->what, names),
      "unsupported_capability", std::string(row->param));
}

}  // namespace recloser::providers
