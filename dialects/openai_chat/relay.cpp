// A whole reply on its way down. The stream is in relay_stream.cpp.

#include "dialects/openai_chat/relay.hpp"

#include "dialects/json_values.hpp"
#include "dialects/openai_chat/choice.hpp"
#include "dialects/openai_chat/envelope.hpp"
#include "dialects/openai_chat/finish_words.hpp"
#include "dialects/openai_chat/made_id.hpp"

namespace recloser::dialects::openai_chat {

namespace {

/// What clients insist on at the top of an answer (clients.md §3.1) and a provider may have left out.
void complete_top(envelope const& top, json::object_edits& edit, chat::store& kept) {
  if (!top.id) edit.add("id", kept.keep('"' + made_id("chatcmpl-") + '"'));
  if (!top.object) edit.add("object", "\"chat.completion\"");
  if (!top.created) edit.add("created", "0");
  if (!top.model) edit.add("model", "\"\"");
}

chat::finish_reason finish_of(chat::raw_text word, choice_state const& state) {
  auto const* const known = find_finish_word(word);
  if (!known) return word.empty() ? chat::finish_reason::none : chat::finish_reason::stop;
  return known->reason == chat::finish_reason::stop && state.calls_tools ? chat::finish_reason::tool_calls
                                                                         : known->reason;
}

/// Taps and mends the choices. A fault when one of them says that the provider failed.
std::optional<chat::fault> relay_choices(envelope const& top, reply_options const& options, json::edit_list& edits,
                                         relayed_reply& out) {
  choice_reader reader(options, form::whole);
  std::vector<chat::raw_json> choices;
  choices_inside(top, choices);
  for (std::size_t i = 0; i < choices.size(); ++i) {
    choice_state state{.index = choice_reader::index_of(choices[i], i)};
    auto const tap = reader.read(choices[i], state, edits);
    if (auto failed = fault_of_finish(tap.finish)) return failed;
    if (i == 0) out.finish = finish_of(tap.finish, state);
    if (!out.usage.known && !tap.usage.empty()) out.usage = read_usage(tap.usage);
  }
  return std::nullopt;
}

}  // namespace

chat::result<relayed_reply> relay_reply(std::string_view body, reply_options const& options) {
  thread_local std::vector<json::member> members;  // for its memory
  if (auto scanned = json::scan_object(body, members); !scanned) return unreadable(scanned.error().message);
  auto const top = read_envelope(members);
  if (auto failed = fault_inside(top, body)) return *std::move(failed);
  if (!top.choices && !top.data) return unreadable("it has neither choices nor data");

  relayed_reply out;
  if (auto const usage = usage_inside(top); !usage.empty()) out.usage = read_usage(usage);
  json::edit_list edits(body, out.kept);
  if (auto const usage = usage_inside(top); options.repair && !usage.empty()) {
    if (auto more = missing_cache_details(usage, out.usage); !more.empty()) {
      edits.insert(usage.data() + usage.size() - 1, out.kept.keep(std::move(more)));
    }
  }
  if (auto failed = relay_choices(top, options, edits, out)) return *std::move(failed);

  json::object_edits edit(edits, body, members);
  if (top.error) edit.drop(*top.error);  // `"error":null`: the SDKs of Go, Java and Ruby take the key for a failure
  if (options.repair && top.choices) complete_top(top, edit, out.kept);
  edit.finish();
  edits.pieces(out.pieces);
  return out;
}

}  // namespace recloser::dialects::openai_chat
