#include "dialects/openai_chat/message_reader.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "dialects/json_scan.hpp"
#include "dialects/json_values.hpp"
#include "dialects/openai_chat/arguments.hpp"
#include "dialects/openai_chat/extra_content.hpp"
#include "dialects/openai_chat/part_reader.hpp"
#include "dialects/openai_chat/refusals.hpp"
#include "dialects/openai_chat/thinking_reader.hpp"

namespace recloser::dialects::openai_chat {

using chat::raw_json;
using json::kind;
using json::kind_of;

namespace {

struct role_row {
  std::string_view name;
  chat::role role;
};

constexpr role_row roles[] = {
    {"user", chat::role::user},     {"assistant", chat::role::assistant}, {"tool", chat::role::tool},
    {"system", chat::role::system}, {"developer", chat::role::developer}, {"function", chat::role::tool},
};

/// The members of a message that wait until all of them are known.
struct raw_message {
  raw_json role, content, refusal, tool_call_id, function_call, thinking_blocks, reasoning_details, reasoning_content,
      cache_control, audio, name;
};

struct member_row {
  std::string_view name;
  raw_json raw_message::*place;
};

constexpr member_row members[] = {
    {"role", &raw_message::role},
    {"content", &raw_message::content},
    {"refusal", &raw_message::refusal},
    {"tool_call_id", &raw_message::tool_call_id},
    {"function_call", &raw_message::function_call},
    {"thinking_blocks", &raw_message::thinking_blocks},
    {"reasoning_details", &raw_message::reasoning_details},
    {"reasoning_content", &raw_message::reasoning_content},
    {"cache_control", &raw_message::cache_control},
    {"audio", &raw_message::audio},
    {"name", &raw_message::name},
};

class message_reader {
 public:
  message_reader(raw_json messages, chat::request& out) : scan_(messages), out_(out) {}

  chat::result<void> read_all() {
    bool const whole = scan_.walk_array([&] { return read_message(); });
    if (problem_) return *problem_;
    if (has_names_) out_.unread.push_back({"messages[].name"});
    if (has_audio_) out_.unread.push_back({"messages[].audio"});
    return whole ? chat::result<void>() : wrong_type("messages", "an array of objects");
  }

 private:
  bool fail(chat::fault problem) {
    problem_.emplace(std::move(problem));
    return false;
  }

  std::string path(std::string_view member) const { return fmt::format("messages[{}].{}", index_, member); }

  bool read_message() {
    index_ = out_.messages.size();
    raw_ = {};
    has_parts_ = false;
    calls_.clear();
    message_ = &out_.messages.emplace_back();
    if (scan_.peek() != '{') return fail(wrong_type(fmt::format("messages[{}]", index_), "an object"));
    if (!scan_.walk_object([&](std::string_view key) { return read_member(key); })) return false;
    return read_role() && read_content() && read_other_members();
  }

  bool read_member(std::string_view key) {
    if (key == "content" && scan_.peek() == '[') return read_parts();
    if (key == "tool_calls" && scan_.peek() == '[') return read_tool_calls();
    if (key == "tool_calls" && scan_.peek() != 'n') return fail(wrong_type(path("tool_calls"), "an array of objects"));
    auto const value = json::unless_null(scan_.value());
    auto const row = std::ranges::find(members, key, &member_row::name);
    if (row != std::end(members)) raw_.*row->place = value;
    return true;
  }

  bool read_role() {
    if (kind_of(raw_.role) != kind::string) return fail(missing(path("role")));
    auto const name = json::text_of(raw_.role);
    auto const row = std::ranges::find(roles, name, &role_row::name);
    if (row == std::end(roles)) {
      return fail(wrong_value(path("role"), name, "one of system, developer, user, assistant, tool"));
    }
    message_->from = row->role;
    return true;
  }

  // ---- content -------------------------------------------------------------------------------------------------

  bool read_parts() {
    has_parts_ = true;
    std::size_t number = 0;
    return scan_.walk_array([&] {
      auto part = read_part(scan_, {index_, number++}, out_.store);
      if (!part) return fail(part.error());
      message_->parts.push_back(*part);
      return true;
    });
  }

  bool read_content() {
    if (kind_of(raw_.content) == kind::string) {
      chat::part text;
      text.text = json::text_of(raw_.content);
      message_->parts.push_back(text);
      return true;
    }
    if (!raw_.content.empty()) return fail(wrong_type(path("content"), "a string or an array of parts"));
    bool const needed = message_->from != chat::role::assistant && message_->from != chat::role::tool;
    if (needed && !has_parts_) return fail(missing(path("content")));
    return is_text_only() || fail(wrong_type(path("content"), "text in a system or developer message"));
  }

  bool is_text_only() const {
    if (message_->from != chat::role::system && message_->from != chat::role::developer) return true;
    return std::ranges::all_of(message_->parts, [](auto const& each) { return each.kind == chat::part_kind::text; });
  }

  // ---- tool calls ----------------------------------------------------------------------------------------------

  bool read_tool_calls() {
    return scan_.walk_array([&] {
      if (scan_.peek() != '{') return fail(wrong_type(path("tool_calls"), "an array of objects"));
      return read_tool_call();
    });
  }

  bool read_tool_call() {
    chat::part call;
    call.kind = chat::part_kind::tool_call;
    call.input = "{}";
    bool const whole = scan_.walk_object([&](std::string_view key) {
      if (key == "id") return call.id = json::text_of(scan_.value()), true;
      if (key == "extra_content") return read_extra_content(scan_.value(), call), true;
      bool const callee = (key == "function" || key == "custom") && scan_.peek() == '{';
      if (callee) return read_callee(call);
      scan_.value();
      return true;
    });
    if (!whole) return false;
    if (call.name.empty()) return fail(missing(path("tool_calls[].function.name")));
    calls_.push_back(call);
    return true;
  }

  /// `{"name":…,"arguments":…}`; a custom tool has a free text `input`, which becomes `{"input":…}`.
  bool read_callee(chat::part& call) {
    return scan_.walk_object([&](std::string_view key) {
      auto const value = scan_.value();
      if (key == "name") call.name = json::text_of(value);
      if (key == "arguments") call.input = arguments_of(value, out_.store);
      if (key == "input") call.input = out_.store.keep(fmt::format(R"({{"input":{}}})", value));
      return true;
    });
  }

  /// The form before `tool_calls`, without an id: its answer is the next `function` message.
  void read_function_call() {
    if (kind_of(raw_.function_call) != kind::object) return;
    chat::part call;
    call.kind = chat::part_kind::tool_call;
    call.name = json::text_of(json::find(raw_.function_call, "name"));
    call.input = arguments_of(json::find(raw_.function_call, "arguments"), out_.store);
    calls_.push_back(call);
  }

  // ---- the rest ------------------------------------------------------------------------------------------------

  bool read_other_members() {
    message_->tool_call_id = json::text_of(raw_.tool_call_id);
    if (kind_of(raw_.cache_control) == kind::object) message_->cache_control = raw_.cache_control;
    has_names_ = has_names_ || (!json::text_of(raw_.name).empty() && message_->from != chat::role::tool);
    has_audio_ = has_audio_ || !raw_.audio.empty();
    if (message_->from != chat::role::assistant) return true;
    read_refusal();
    read_thinking();
    read_function_call();
    message_->parts.insert(message_->parts.end(), calls_.begin(), calls_.end());
    return true;
  }

  void read_refusal() {
    auto const words = json::text_of(raw_.refusal);
    if (words.empty()) return;
    chat::part refusal;
    refusal.kind = chat::part_kind::refusal;
    refusal.text = words;
    message_->parts.push_back(refusal);
  }

  void read_thinking() {
    auto const& parts = message_->parts;
    if (std::ranges::find(parts, chat::part_kind::thinking, &chat::part::kind) != parts.end()) return;
    auto const blocks = read_thinking_blocks(raw_.thinking_blocks, raw_.reasoning_details, raw_.reasoning_content);
    message_->parts.insert(message_->parts.begin(), blocks.begin(), blocks.end());
  }

  json::trusted_scanner scan_;
  chat::request& out_;
  chat::message* message_ = nullptr;  // the one being read
  raw_message raw_;
  std::vector<chat::part> calls_;  // of message_: they come after its content, whichever the client wrote first
  std::size_t index_ = 0;
  bool has_names_ = false;
  bool has_audio_ = false;
  bool has_parts_ = false;
  std::optional<chat::fault> problem_;
};

}  // namespace

chat::result<void> read_messages(raw_json messages, chat::request& out) {
  if (kind_of(messages) != kind::array) return wrong_type("messages", "an array");
  if (auto done = message_reader(messages, out).read_all(); !done) return done;
  if (out.messages.empty()) return chat::bad_request("'messages' is empty", "invalid_value", "messages");
  return {};
}

}  // namespace recloser::dialects::openai_chat
