#include "dialects/ollama_chat/message_writer.hpp"

#include <algorithm>
#include <deque>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>

#include "dialects/text_document.hpp"
#include "dialects/json_values.hpp"

namespace recloser::dialects::ollama_chat {

using chat::part_kind;
using chat::raw_text;
using chat::role;

namespace {

std::string_view role_word(role from) {
  switch (from) {
    case role::system:
    case role::developer: return "system";
    case role::user: return "user";
    case role::assistant: return "assistant";
    case role::tool: return "tool";
  }
  return "user";
}

/// Which tool a result is of: Ollama's templates name it, OpenAI's messages only say the call.
class called_tools {
 public:
  void add(chat::part const& call) {
    if (call.id.empty()) {
      nameless_.push_back(call.name);
    } else {
      names_[call.id] = call.name;
    }
  }

  /// Empty when there was no such call.
  raw_text name_of(raw_text id) {
    if (!id.empty()) {
      auto const found = names_.find(id);
      return found == names_.end() ? raw_text() : found->second;
    }
    if (nameless_.empty()) return {};
    auto const name = nameless_.front();
    nameless_.pop_front();
    return name;
  }

 private:
  std::unordered_map<raw_text, raw_text> names_;
  std::deque<raw_text> nameless_;  // calls without an id are answered in their order
};

/// A URL as it may be shown: signed ones carry their secret in the query.
std::string shown(raw_text url) {
  constexpr std::size_t longest = 96;
  return std::string(url.substr(0, std::min(url.find_first_of("?#"), longest)));
}

class message_writer {
 public:
  message_writer(json::writer& out, std::string_view model, loss_report& lost)
      : out_(out), model_(model), lost_(lost) {}

  chat::result<void> write(chat::message const& message, std::size_t index) {
    index_ = index;
    texts_.clear();
    media_.clear();
    thinking_.clear();
    calls_.clear();
    for (auto const& part : message.parts) {
      if (auto done = sort(part); !done) return done;
    }
    out_.open('{').key("role").text(role_word(message.from)).key("content");
    write_joined(texts_);
    if (!thinking_.empty()) {
      out_.key("thinking");
      write_joined(thinking_);
    }
    write_media();
    write_calls();
    if (message.from == role::tool) write_call_of(message.tool_call_id);
    out_.close('}');
    return {};
  }

 private:
  chat::result<void> sort(chat::part const& part) {
    switch (part.kind) {
      case part_kind::text:
      case part_kind::refusal:
        if (!part.text.empty()) texts_.push_back(part.text);
        return {};
      case part_kind::image: return add_image(part);
      case part_kind::audio: media_.push_back(part.data); return {};  // models that hear take it among the images
      case part_kind::document: return add_document(part);
      case part_kind::thinking: return add_thinking(part), chat::result<void>();
      case part_kind::redacted_thinking: return lost_.add("thinking_blocks"), chat::result<void>();
      case part_kind::tool_call: calls_.push_back(&part); return {};
    }
    return {};
  }

  chat::result<void> add_image(chat::part const& part) {
    if (part.url.empty()) return media_.push_back(part.data), chat::result<void>();
    return refuse(fmt::format("Ollama does not fetch images; send '{}' as a data: URL in base64", shown(part.url)));
  }

  chat::result<void> add_document(chat::part const& part) {
    if (part.media_type.starts_with("image/") && !part.data.empty()) return add_image(part);
    if (!is_text_document(part) || part.data.empty())
      return refuse("Ollama takes no files but text and images");
    auto text = text_of_base64(part.data);
    if (!text) return refuse("a text file must be UTF-8 in base64");
    texts_.push_back(kept_.keep(std::move(*text)));
    return {};
  }

  /// What another model thought means nothing to this one.
  void add_thinking(chat::part const& part) {
    if (part.text.empty()) return;
    if (!part.producer.empty() && part.producer != model_) return lost_.add("thinking_blocks");
    thinking_.push_back(part.text);
  }

  chat::fault refuse(std::string message) const {
    return chat::bad_request(std::move(message), "unsupported_value", fmt::format("messages[{}].content", index_));
  }

  /// One string of all of them, a line break between two.
  void write_joined(std::vector<raw_text> const& texts) {
    out_.text({});
    auto& bytes = out_.out();
    bytes.pop_back();
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (i > 0) bytes += "\\n";
      bytes.append(texts[i]);
    }
    bytes += '"';
  }

  void write_media() {
    if (media_.empty()) return;
    out_.key("images").open('[');
    for (auto const each : media_) out_.text(each);
    out_.close(']');
  }

  void write_calls() {
    if (calls_.empty()) return;
    out_.key("tool_calls").open('[');
    for (auto const* each : calls_) {
      called_.add(*each);
      out_.open('{');
      if (!each->id.empty()) out_.key("id").text(each->id);
      out_.key("function").open('{').key("name").text(each->name).key("arguments");
      write_arguments(each->input);
      out_.close('}').close('}');
    }
    out_.close(']');
  }

  /// The server decodes them into an object and refuses everything else.
  void write_arguments(chat::raw_json input) {
    if (json::kind_of(input) == json::kind::object) {
      out_.raw(input);
    } else if (json::unless_null(input).empty()) {
      out_.raw("{}");
    } else {
      out_.open('{').key("_raw").raw(input).close('}');
    }
  }

  void write_call_of(raw_text id) {
    if (auto const name = called_.name_of(id); !name.empty()) out_.key("tool_name").text(name);
    if (!id.empty()) out_.key("tool_call_id").text(id);
  }

  json::writer& out_;
  std::string_view model_;
  loss_report& lost_;
  called_tools called_;
  chat::store kept_;
  std::size_t index_ = 0;
  std::vector<raw_text> texts_;  // of the message under way, as the next three
  std::vector<raw_text> media_;
  std::vector<raw_text> thinking_;
  std::vector<chat::part const*> calls_;
};

}  // namespace

chat::result<void> write_messages(json::writer& out, chat::request const& wanted, std::string_view model,
                                  loss_report& lost) {
  message_writer writer(out, model, lost);
  out.key("messages").open('[');
  for (std::size_t i = 0; i < wanted.messages.size(); ++i) {
    if (auto done = writer.write(wanted.messages[i], i); !done) return done;
  }
  out.close(']');
  return {};
}

}  // namespace recloser::dialects::ollama_chat
