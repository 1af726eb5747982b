#include "dialects/openai_responses/input.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "dialects/tool_ids.hpp"
#include "dialects/json_values.hpp"
#include "dialects/openai_responses/part_writer.hpp"
#include "dialects/openai_responses/seal.hpp"

namespace recloser::dialects::openai_responses {

using chat::part_kind;
using chat::role;

namespace {

using done = chat::result<void>;

constexpr std::string_view no_result = "(no result)";

bool is_thinking(chat::part const& part) {
  return part.kind == part_kind::thinking || part.kind == part_kind::redacted_thinking;
}

bool is_said(chat::part const& part) { return !is_thinking(part) && part.kind != part_kind::tool_call; }

/// The client sets the breakpoints of the prompt cache itself.
bool places_breakpoints(chat::request const& wanted) {
  return std::ranges::any_of(wanted.hints, [](auto const& each) {
    return each.name == "prompt_cache_options" && json::is_string(json::find(each.value, "mode"), "explicit");
  });
}

class input_writer {
 public:
  input_writer(json::writer& out, chat::request const& wanted, std::string_view model, abilities const& takes,
               loss_report& lost)
      : out_(out), model_(model), takes_(takes), lost_(lost), marks_(places_breakpoints(wanted)), ids_(made_) {}

  done add(chat::message const& message, std::size_t index) {
    index_ = index;
    switch (message.from) {
      case role::assistant: return add_assistant(message);
      case role::tool: return add_result(message);
      case role::system:
      case role::developer: return add_message(takes_.instructor, message);
      case role::user: close_calls(); return add_message("user", message);
    }
    return {};
  }

  /// Answers the calls that nobody answered.
  void close_calls() {
    for (auto const id : ids_.close()) write_output(id, no_result);
  }

 private:
  // ---- messages ------------------------------------------------------------------------------------------------

  /// Foundry's project endpoint wants the `type`, the others take it (§5).
  void open_message(std::string_view who) {
    out_.open('{').key("type").text("message").key("role").text(who).key("content").open('[');
  }

  done write_parts(chat::message const& message) {
    for (auto const& part : message.parts) {
      if (auto written = write_input_part(out_, part, marks_, index_); !written) return written;
    }
    return {};
  }

  done add_message(std::string_view who, chat::message const& message) {
    if (message.parts.empty()) return {};
    open_message(who);
    if (auto written = write_parts(message); !written) return written;
    out_.close(']').close('}');
    return {};
  }

  // ---- the assistant -------------------------------------------------------------------------------------------

  done add_assistant(chat::message const& message) {
    read_seals(message);
    if (auto written = add_words(message); !written) return written;
    for (auto const& part : message.parts) {
      if (part.kind == part_kind::tool_call) write_call(part);
    }
    if (!seals_.empty()) lost_.add("thinking_blocks");  // what they led to is gone, and alone they are refused
    return {};
  }

  void read_seals(chat::message const& message) {
    seals_.clear();
    for (auto const& part : message.parts) {
      if (!is_thinking(part)) continue;
      auto const found = read_seal(part, model_);
      found ? seals_.push_back(*found) : lost_.add("thinking_blocks");
    }
  }

  void write_reasoning_for(chat::raw_text call_id) {
    std::erase_if(seals_, [&](seal const& each) {
      if (each.call_id != call_id) return false;
      write_reasoning(each);
      return true;
    });
  }

  /// OpenAI looks a given id up although nothing is stored, or finds that it does not fit; xAI wants it.
  void write_reasoning(seal const& what) {
    out_.open('{').key("type").text("reasoning");
    if (takes_.wants_reasoning_ids && !what.item_id.empty()) out_.key("id").text(what.item_id);
    out_.key("summary").open('[').close(']').key("encrypted_content").text(what.encrypted).close('}');
  }

  done add_words(chat::message const& message) {
    auto const is_words = [](chat::part const& part) {
      bool const text = part.kind == part_kind::text || part.kind == part_kind::refusal;
      return is_said(part) && !(text && part.text.empty());
    };
    if (std::ranges::none_of(message.parts, is_words)) return {};
    write_reasoning_for({});
    open_message("assistant");
    for (auto const& part : message.parts) {
      if (!is_words(part)) continue;
      if (auto written = write_output_part(out_, part, index_); !written) return written;
    }
    out_.close(']').close('}');
    return {};
  }

  void write_call(chat::part const& part) {
    if (!part.id.empty()) write_reasoning_for(part.id);
    out_.open('{').key("type").text("function_call").key("call_id").text(ids_.open(part.id));
    out_.key("name").text(part.name).key("arguments").string(part.input.empty() ? "{}" : part.input).close('}');
  }

  // ---- results -------------------------------------------------------------------------------------------------

  done add_result(chat::message const& message) {
    auto const id = ids_.answer(message.tool_call_id);
    if (id.empty()) return add_orphan(message);
    bool const text_only = std::ranges::all_of(message.parts, [](auto const& part) {
      return part.kind == part_kind::text || part.kind == part_kind::refusal;
    });
    if (text_only) return write_text_output(id, message), done();
    open_output(id).open('[');
    if (auto written = write_parts(message); !written) return written;
    out_.close(']').close('}');
    return {};
  }

  json::writer& open_output(chat::raw_text id) {
    return out_.open('{').key("type").text("function_call_output").key("call_id").text(id).key("output");
  }

  void write_output(chat::raw_text id, chat::raw_text text) { open_output(id).text(text).close('}'); }

  /// One string, which every server takes; not all take parts.
  void write_text_output(chat::raw_text id, chat::message const& message) {
    open_output(id).text({});
    auto& bytes = out_.out();
    bytes.pop_back();
    for (auto const& part : message.parts) {
      if (&part != &message.parts.front()) bytes.append("\\n");
      bytes.append(part.text);
    }
    bytes += '"';
    out_.close('}');
  }

  /// A result whose call is not there is refused upstream; what it says may still matter.
  done add_orphan(chat::message const& message) {
    open_message("user");
    out_.open('{')
        .key("type")
        .text("input_text")
        .key("text")
        .text(fmt::format("Result of an earlier tool call{}{}:", message.tool_call_id.empty() ? "" : " ",
                          message.tool_call_id));
    out_.close('}');
    if (auto written = write_parts(message); !written) return written;
    out_.close(']').close('}');
    return {};
  }

  json::writer& out_;
  std::string_view model_;
  abilities const& takes_;
  loss_report& lost_;
  bool marks_;
  chat::store made_;
  tool_ids ids_;
  std::vector<seal> seals_;  // of the message that is being written
  std::size_t index_ = 0;
};

}  // namespace

done write_input(json::writer& out, chat::request const& wanted, std::string_view model, abilities const& takes,
                 loss_report& lost) {
  input_writer writer(out, wanted, model, takes, lost);
  out.key("input").open('[');
  for (std::size_t i = 0; i < wanted.messages.size(); ++i) {
    if (auto written = writer.add(wanted.messages[i], i); !written) return written;
  }
  writer.close_calls();
  out.close(']');
  return {};
}

}  // namespace recloser::dialects::openai_responses
