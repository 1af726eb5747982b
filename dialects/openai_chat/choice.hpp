#pragma once
// One element of `choices`, of a whole reply or of a chunk: what it tells, and what must be mended in it before an OpenAI
// client may see it (providers-openai-shaped.md §2.6–2.8, clients.md §3.4). Mending is edits, never a new text.

#include <cstdint>
#include <string>
#include <vector>

#include "dialects/edits.hpp"
#include "dialects/openai_chat/relay.hpp"

namespace recloser::dialects::openai_chat {

enum class form { whole, chunk };

/// A tool call of a stream as far as it has come.
struct call_state {
  std::int64_t wire_index = 0;  ///< as the provider counts
  std::string id;               ///< as the provider named it; may be empty
  bool has_arguments = false;
};

/// What must be known of a choice between two chunks.
struct choice_state {
  std::int64_t index = 0;
  bool role_sent = false;
  bool finished = false;
  bool calls_tools = false;
  std::vector<call_state> calls;
};

/// What a choice tells.
struct choice_tap {
  bool content = false;   ///< text, reasoning or a tool call
  chat::raw_text text;    ///< the one string that holds the new text; empty when there is none or more than one
  bool steady = true;     ///< the next chunk of this shape is to be treated in the same way
  chat::raw_text finish;  ///< the finish reason as it stands
  chat::raw_json usage;   ///< older Moonshot models put it here
};

class choice_reader {
 public:
  choice_reader(reply_options const& options, form what)
      : reasoning_field_(options.reasoning_field),
        repair_(options.repair || !options.reasoning_field.empty()),
        form_(what) {}

  /// The index of a choice; its place in the array when it has none.
  static std::int64_t index_of(chat::raw_json choice, std::size_t place);

  /// Reads `choice`, a part of the checked text of `edits`.
  choice_tap read(chat::raw_json choice, choice_state& state, json::edit_list& edits);

 private:
  using member = json::member;

  void tap_body(choice_state& state);
  void tap_text(chat::raw_json value);
  void tap_calls(chat::raw_json calls);

  void repair(chat::raw_json choice, member const* body, choice_state& state, json::edit_list& edits);
  void repair_body(chat::raw_json body, choice_state& state, json::edit_list& edits);
  void repair_role(json::object_edits& body, choice_state& state);
  void repair_reasoning(json::object_edits& body, json::edit_list& edits);
  void flatten_content(json::object_edits& body, member const& content, json::edit_list& edits);
  void repair_finish(json::object_edits& choice, choice_state& state);
  void close_calls(json::object_edits& body, choice_state& state, json::edit_list& edits);

  void repair_calls(chat::raw_json calls, choice_state& state, json::edit_list& edits);
  void repair_call(chat::raw_json call, std::size_t place, choice_state& state, json::edit_list& edits);
  void repair_first_delta(json::object_edits& call, json::edit_list& edits);
  void repair_function(chat::raw_json function, bool first, call_state& state, json::edit_list& edits);

  member const* in_choice(std::string_view key) const { return find(choice_, key); }
  member const* in_body(std::string_view key) const { return find(body_, key); }
  member const* in_call(std::string_view key) const { return find(call_, key); }
  static member const* find(std::vector<member> const& members, std::string_view key);

  std::string_view reasoning_field_;
  bool repair_;
  form form_;

  choice_tap tap_;
  // Kept between calls only for their memory.
  std::vector<member> choice_;
  std::vector<member> body_;
  std::vector<member> call_;
  std::vector<member> function_;
  std::vector<chat::raw_json> calls_;
};

}  // namespace recloser::dialects::openai_chat
