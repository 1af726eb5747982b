#include "dialects/gemini/turns.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <string>

#include <fmt/format.h>

namespace recloser::dialects::gemini {

using chat::part_kind;
using chat::role;

namespace {

/// Stands where a user's content must be and nothing was said.
constexpr std::string_view filler = ".";

piece text_piece(chat::raw_text text) {
  piece out;
  out.text = text;
  return out;
}

bool is_thinking(chat::part const& part) {
  return part.kind == part_kind::thinking || part.kind == part_kind::redacted_thinking;
}
bool is_words(chat::part const& part) { return part.kind == part_kind::text || part.kind == part_kind::refusal; }

/// The calls of one model content, and the answers to them.
class open_calls {
 public:
  bool empty() const { return calls_.empty(); }

  void open(chat::part const& call) {
    by_id_.emplace(call.id, calls_.size());
    calls_.emplace_back();
    calls_.back().kind = piece_kind::missing_response;
    calls_.back().call = &call;
  }

  /// The response to the oldest call of that id that has none; without an id, to the oldest of all. Null: there is
  /// none.
  piece* answer(chat::raw_text id) {
    for (auto at = by_id_.lower_bound(id); at != by_id_.end() && at->first == id;) {
      auto& found = calls_[at->second];
      at = by_id_.erase(at);
      if (found.kind == piece_kind::missing_response) return &answered(found);
    }
    while (oldest_ < calls_.size() && calls_[oldest_].kind == piece_kind::response) ++oldest_;
    return id.empty() && oldest_ < calls_.size() ? &answered(calls_[oldest_]) : nullptr;
  }

  /// One for each call, in the order of the calls: where there are no ids, the order pairs them.
  std::vector<piece> close() {
    by_id_.clear();
    oldest_ = 0;
    return std::exchange(calls_, {});
  }

 private:
  static piece& answered(piece& call) {
    call.kind = piece_kind::response;
    return call;
  }

  std::vector<piece> calls_;
  std::multimap<chat::raw_text, std::size_t> by_id_;  // index into calls_; equal ids stay in order
  std::size_t oldest_ = 0;
};

class turn_builder {
 public:
  turn_builder(conversation& out, abilities const& model) : out_(out), model_(model) {}

  chat::result<void> add(chat::message const& message, std::size_t index) {
    index_ = index;
    bool const system = message.from == role::system || message.from == role::developer;
    if (system && at_ == side::nobody) return add_system(message), chat::result<void>();
    if (message.from == role::assistant) return add_model(message);
    if (message.from == role::tool) return add_response(message);
    enter_user();  // a later system message is said in the user's turn
    return add_parts(message, said_);
  }

  void finish() {
    if (at_ == side::model && !calls_.empty()) enter_user();
    close();
  }

 private:
  enum class side { nobody, user, model };

  void enter_user() {
    if (at_ == side::user) return;
    close();
    at_ = side::user;
  }

  void enter_model() {
    if (at_ == side::model) return;
    if (at_ == side::nobody) at_ = side::user;  // the first content must be the user's
    close();
    at_ = side::model;
  }

  void close() {
    if (at_ == side::user) close_user();
    if (at_ == side::model) out_.contents.push_back({true, std::exchange(said_, {})});
  }

  /// Responses are a content of their own: in the one that answers calls, the API counts.
  void close_user() {
    auto responses = calls_.close();
    bool const answers = !responses.empty();
    std::ranges::move(beside_, std::back_inserter(responses));
    beside_.clear();
    if (answers) out_.contents.push_back({false, std::move(responses)});
    if (said_.empty() && !answers) said_.push_back(text_piece(filler));
    if (!said_.empty()) out_.contents.push_back({false, std::exchange(said_, {})});
  }

  void add_system(chat::message const& message) {
    for (auto const& part : message.parts) {
      if (!part.text.empty()) out_.system.push_back(part.text);
    }
  }

  chat::result<void> add_model(chat::message const& message) {
    std::vector<piece> words;
    if (auto done = add_parts(message, words); !done) return done;
    if (words.empty()) return {};  // nothing to say: its neighbours become one turn
    enter_model();
    for (auto& each : words) {
      if (each.kind == piece_kind::call) calls_.open(*each.call);
      said_.push_back(std::move(each));
    }
    return {};
  }

  chat::result<void> add_response(chat::message const& message) {
    if (at_ == side::nobody) return add_orphan(message);
    enter_user();
    auto* const answer = calls_.answer(message.tool_call_id);
    if (answer == nullptr) return add_orphan(message);
    std::vector<piece> inner;
    if (auto done = add_parts(message, inner); !done) return done;
    std::string joined;
    std::size_t texts = 0;
    for (auto& each : inner) {
      if (each.kind == piece_kind::file) {
        add_response_file(*answer, std::move(each));
      } else if (texts++ == 0) {
        answer->text = each.text;
      } else {
        if (joined.empty()) joined = answer->text;
        joined.append("\\n").append(each.text);
      }
    }
    if (texts > 1) answer->text = out_.store.keep(std::move(joined));
    return {};
  }

  /// Older models and URIs: beside the response, in the same content (§2.4).
  void add_response_file(piece& answer, piece file) {
    bool const inside = model_.third_generation && file.files[0].uri.empty();
    if (inside) {
      answer.files.push_back(file.files[0]);
    } else {
      beside_.push_back(std::move(file));
    }
  }

  /// A response to a call that is not there is refused upstream; what it says may still matter.
  chat::result<void> add_orphan(chat::message const& message) {
    enter_user();
    auto const label = fmt::format("Result of an earlier tool call{}{}:", message.tool_call_id.empty() ? "" : " ",
                                   message.tool_call_id);
    said_.push_back(text_piece(out_.store.keep(label)));
    return add_parts(message, said_);
  }

  chat::result<void> add_parts(chat::message const& message, std::vector<piece>& to) {
    bool const model = message.from == role::assistant;
    piece seal;
    bool calls = false;
    for (auto const& part : message.parts) {
      if (is_words(part)) {
        if (!part.text.empty()) to.push_back(text_piece(part.text));
      } else if (!model && (is_thinking(part) || part.kind == part_kind::tool_call)) {
        return refuse("only an assistant message may hold this part");
      } else if (is_thinking(part)) {
        seal.kind = piece_kind::seal;
        seal.signature = part.signature;
        seal.producer = part.producer;
      } else if (part.kind == part_kind::tool_call) {
        calls = true;
        to.push_back(call_piece(part));
      } else if (auto done = add_file(part, to); !done) {
        return done;
      }
    }
    // The seal of an answer with calls stands on the call itself.
    if (seal.kind == piece_kind::seal && !calls && !to.empty()) to.push_back(std::move(seal));
    return {};
  }

  static piece call_piece(chat::part const& part) {
    piece out;
    out.kind = piece_kind::call;
    out.call = &part;
    out.signature = part.signature;
    out.producer = part.producer;
    return out;
  }

  chat::result<void> add_file(chat::part const& part, std::vector<piece>& to) {
    auto const found = media_of(part, out_.store);
    if (!found) return refuse(found.error().message);
    piece out;
    out.kind = piece_kind::file;
    out.files.push_back(*found);
    to.push_back(std::move(out));
    return {};
  }

  chat::fault refuse(std::string message) const {
    return chat::bad_request(std::move(message), "unsupported_value", fmt::format("messages[{}].content", index_));
  }

  conversation& out_;
  abilities const& model_;
  open_calls calls_;
  side at_ = side::nobody;
  std::size_t index_ = 0;
  std::vector<piece> said_;    // of the content that is under way
  std::vector<piece> beside_;  // files of responses that must stand beside them
};

}  // namespace

chat::result<conversation> take_turns(chat::request const& wanted, abilities const& model) {
  conversation out;
  turn_builder builder(out, model);
  for (std::size_t i = 0; i < wanted.messages.size(); ++i) {
    if (auto done = builder.add(wanted.messages[i], i); !done) return done.error();
  }
  builder.finish();
  return out;
}

void place_system(conversation& talk, abilities const& model) {
  bool const alone = talk.contents.empty();
  if (!alone && (model.takes_system || talk.system.empty())) return;
  std::vector<piece> first;
  for (auto const text : talk.system) first.push_back(text_piece(text));
  if (first.empty()) first.push_back(text_piece(filler));
  talk.system.clear();
  if (alone) return talk.contents.push_back({false, std::move(first)});
  auto& pieces = talk.contents.front().pieces;
  pieces.insert(pieces.begin(), std::make_move_iterator(first.begin()), std::make_move_iterator(first.end()));
}

}  // namespace recloser::dialects::gemini
