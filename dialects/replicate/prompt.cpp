#include "dialects/replicate/prompt.hpp"

#include <unordered_map>

#include <fmt/format.h>

#include "dialects/text_document.hpp"
#include "dialects/json.hpp"

namespace recloser::dialects::replicate {

using chat::part_kind;
using chat::role;

namespace {

constexpr std::string_view empty_line = "\\n\\n";

void add(std::string_view text, std::string& to) {
  if (text.empty()) return;
  if (!to.empty()) to += empty_line;
  to += text;
}

class script_writer {
 public:
  script_writer(script& out, loss_report& lost) : out_(out), lost_(lost) {}

  chat::result<void> write(chat::message const& message, std::size_t index) {
    index_ = index;
    std::string text;
    for (auto const& part : message.parts) {
      if (auto done = write_part(part, text); !done) return done;
    }
    if (message.from == role::system || message.from == role::developer) {
      add(text, out_.system);
    } else if (message.from == role::tool) {
      auto const called = names_.find(message.tool_call_id);
      auto const name = called == names_.end() ? std::string_view() : called->second;
      say(speaker::user, fmt::format("Result of tool{}{}: {}", name.empty() ? "" : " ", name, text));
    } else {
      say(message.from == role::assistant ? speaker::assistant : speaker::user, text);
    }
    return {};
  }

 private:
  void say(speaker who, std::string_view text) {
    if (out_.turns.empty() || out_.turns.back().who != who) out_.turns.push_back({who, {}});
    add(text, out_.turns.back().text);
  }

  chat::result<void> write_part(chat::part const& part, std::string& text) {
    switch (part.kind) {
      case part_kind::text:
      case part_kind::refusal: return add(part.text, text), chat::result<void>();
      case part_kind::image: return write_image(part), chat::result<void>();
      case part_kind::document: return write_document(part, text);
      case part_kind::audio: return refuse("Replicate's models are sent no audio");
      case part_kind::thinking:
      case part_kind::redacted_thinking: return lost_.add("thinking_blocks"), chat::result<void>();
      case part_kind::tool_call: return write_call(part, text), chat::result<void>();
    }
    return {};
  }

  void write_image(chat::part const& part) {
    out_.images.push_back(!part.url.empty() ? std::string(part.url)
                                            : fmt::format("data:{};base64,{}", part.media_type, part.data));
  }

  chat::result<void> write_document(chat::part const& part, std::string& text) {
    if (part.media_type.starts_with("image/") && !part.data.empty()) return write_image(part), chat::result<void>();
    if (!is_text_document(part) || part.data.empty()) {
      return refuse("Replicate's models are sent no files but text and images");
    }
    auto const words = text_of_base64(part.data);
    if (!words) return refuse("a text file must be UTF-8 in base64");
    add(*words, text);
    return {};
  }

  void write_call(chat::part const& part, std::string& text) {
    names_[part.id] = part.name;
    add(fmt::format("Called tool {} with {}", part.name, json::escaped(part.input)), text);
  }

  chat::fault refuse(std::string message) const {
    return chat::bad_request(std::move(message), "unsupported_value", fmt::format("messages[{}].content", index_));
  }

  script& out_;
  loss_report& lost_;
  std::unordered_map<chat::raw_text, chat::raw_text> names_;  // of tools, by the id of the call
  std::size_t index_ = 0;
};

}  // namespace

chat::result<script> write_script(chat::request const& wanted, loss_report& lost) {
  script out;
  script_writer writer(out, lost);
  for (std::size_t i = 0; i < wanted.messages.size(); ++i) {
    if (auto done = writer.write(wanted.messages[i], i); !done) return done.error();
  }
  if (out.turns.empty()) out.turns.emplace_back();
  return out;
}

std::string prompt_of(script const& said) {
  bool const only_user = said.turns.size() == 1 && said.turns[0].who == speaker::user;
  if (only_user) return said.turns[0].text;
  std::string out;
  for (auto const& each : said.turns) {
    if (!out.empty()) out += empty_line;
    out += each.who == speaker::user ? "User:" : "Assistant:";
    if (!each.text.empty()) out.append(" ").append(each.text);
  }
  if (said.turns.back().who == speaker::user) out.append(empty_line).append("Assistant:");
  return out;
}

}  // namespace recloser::dialects::replicate
