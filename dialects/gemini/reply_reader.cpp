// A whole `GenerateContentResponse` (providers-native.md §2.8).

#include <utility>

#include "dialects/gemini/answer.hpp"
#include "dialects/gemini/generate_content.hpp"
#include "dialects/gemini/grounding.hpp"
#include "dialects/gemini/logprobs.hpp"
#include "dialects/gemini/usage.hpp"
#include "dialects/json.hpp"
#include "dialects/json_scan.hpp"
#include "dialects/json_values.hpp"
#include "dialects/openai_chat/made_id.hpp"

namespace recloser::dialects::gemini {

using chat::part_kind;
using chat::raw_json;

namespace {

class parts_reader {
 public:
  parts_reader(chat::reply& out, bool places_wanted) : out_(out), places_wanted_(places_wanted) {}

  void read(raw_json parts) {
    json::trusted_scanner(parts).array([&](raw_json each) {
      read_one(each);
      return true;
    });
    seal();
  }

  bool has_calls() const { return has_calls_; }
  text_positions const& places() const { return places_; }

 private:
  void read_one(raw_json raw) {
    std::string made;
    auto part = read_part(raw, made);
    if (!made.empty()) part.text = out_.store.keep(std::move(made));
    switch (part.type) {
      case part_type::other: return;
      case part_type::call: return add_call(part);
      case part_type::thought: add_words(part_kind::thinking, part); break;
      case part_type::text:
        add_words(part_kind::text, part);
        if (places_wanted_) places_.add(part.text);
        break;
    }
    if (!part.signature.empty()) signature_ = part.signature;
  }

  void add_words(part_kind kind, answer_part const& from) {
    if (from.text.empty()) return;
    auto& part = out_.parts.emplace_back();
    part.kind = kind;
    part.text = from.text;
  }

  void add_call(answer_part const& from) {
    has_calls_ = true;
    auto& part = out_.parts.emplace_back();
    part.kind = part_kind::tool_call;
    part.id = from.id.empty() ? chat::raw_text(out_.store.keep(openai_chat::made_id("call_"))) : from.id;
    part.name = from.name;
    part.input = from.arguments;
    part.signature = from.signature;
    part.producer = out_.model;
  }

  /// An answer without calls is sealed by one signature (§2.6). OpenAI's message is one text and has no place for it,
  /// so it goes with the thinking.
  void seal() {
    if (signature_.empty() || has_calls_) return;
    auto& part = out_.parts.emplace_back();
    part.kind = part_kind::thinking;
    part.signature = signature_;
    part.producer = out_.model;
  }

  chat::reply& out_;
  bool places_wanted_;
  text_positions places_;
  chat::raw_text signature_;
  bool has_calls_ = false;
};

void add_refusal(chat::raw_text words, chat::reply& out) {
  if (words.empty()) return;
  auto& part = out.parts.emplace_back();
  part.kind = part_kind::refusal;
  part.text = words;
}

}  // namespace

chat::result<chat::reply> read_reply(std::string_view body) {
  std::vector<json::member> members;
  if (auto scanned = json::scan_object(body, members); !scanned) return unreadable(scanned.error().message);
  auto const from = read_answer(members);
  if (!from.error.empty()) return read_error_object(200, from.error);
  bool const blocked = !from.has_candidate && !from.block_reason.empty();
  if (!from.has_candidate && !blocked) return unreadable("it has no candidate");

  chat::reply out;
  out.id = from.id;
  out.model = from.model;
  parts_reader reader(out, !from.grounding.empty());
  reader.read(from.parts);
  if (auto failed = fault_of_finish(from.finish_reason, from.finish_message, !out.parts.empty())) return *failed;
  out.finish = blocked ? chat::finish_reason::content_filter : finish_of(from.finish_reason, reader.has_calls());
  if (out.finish == chat::finish_reason::content_filter) {
    add_refusal(blocked ? from.block_message : from.finish_message, out);
  }
  if (auto found = annotations_of(from.grounding, reader.places(), false); !found.empty()) {
    out.annotations = out.store.keep(std::move(found));
  }
  if (auto found = logprobs_of(from.logprobs); !found.empty()) out.logprobs = out.store.keep(std::move(found));
  token_counts counts;
  counts.read(from.usage);
  out.usage = counts.buckets();
  return out;
}

}  // namespace recloser::dialects::gemini
