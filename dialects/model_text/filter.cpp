#include "dialects/model_text/filter.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "dialects/json.hpp"
#include "dialects/model_text/known_calls.hpp"
#include "dialects/model_text/text_reader.hpp"
#include "dialects/openai_chat/made_id.hpp"

namespace recloser::dialects::model_text {

using chat::event_kind;
using chat::finish_reason;

namespace {

std::string id_of(tool_call const& call) {
  return call.id.empty() ? openai_chat::made_id("call_") : json::escaped(call.id);
}

finish_reason finish_with_calls(finish_reason before) {
  return before == finish_reason::stop || before == finish_reason::none ? finish_reason::tool_calls : before;
}

// ---- a stream --------------------------------------------------------------------------------------------------

class filtered_events final : public event_source {
 public:
  filtered_events(std::unique_ptr<event_source> source, family const& of, std::vector<chat::tool> const& tools)
      : source_(std::move(source)), tools_(tools), reader_(of, of.thinking, tools_) {}

  void feed(std::string_view bytes) override { source_->feed(bytes); }
  void finish() override { source_->finish(); }
  chat::fault const& fault() const override { return source_->fault(); }

  step next(chat::event& out) override {
    while (true) {
      if (tell_found(out)) return step::event;
      if (postponed_) {
        postponed_ = false;
        out = last_;
        if (out.kind == event_kind::finish && found_calls_) out.finish = finish_with_calls(out.finish);
        return step::event;
      }
      auto const got = source_->next(last_);
      if (got == step::broken && !over_) {
        end_text(finish_reason::none);  // what was held back is not lost
        continue;
      }
      if (got != step::event) return got;
      read_event();
    }
  }

 private:
  void read_event() {
    switch (last_.kind) {
      case event_kind::text:
        if (over_) break;
        found_.clear();
        told_ = 0;
        reader_.feed(last_.text, found_);
        return;
      case event_kind::reasoning: reader_.reasoning_came(); break;
      case event_kind::tool_start:
        known_.begin(last_.index, last_.name);
        last_.index = place_of(last_.index);
        break;
      case event_kind::tool_arguments:
        known_.add_arguments(last_.index, last_.text);
        last_.index = place_of(last_.index);
        break;
      case event_kind::finish: end_text(last_.finish); break;
      case event_kind::end: end_text(finish_reason::stop); break;
      case event_kind::start:
      case event_kind::refusal:
      case event_kind::signature:
      case event_kind::redacted:
      case event_kind::annotations:
      case event_kind::logprobs: break;
    }
    postponed_ = true;
  }

  void end_text(finish_reason why) {
    if (std::exchange(over_, true)) return;
    found_.clear();
    told_ = 0;
    reader_.finish(why, found_);
  }

  /// Where a call of the source stands among all calls.
  int place_of(int index) {
    auto const found = std::ranges::find(places_, index, &std::pair<int, int>::first);
    if (found != places_.end()) return found->second;
    if (places_.size() == most_places) return places_.back().second;
    return places_.emplace_back(index, calls_++).second;
  }

  /// The next of what was found in the text.
  bool tell_found(chat::event& out) {
    if (arguments_follow_) {
      arguments_follow_ = false;
      out = {};
      out.kind = event_kind::tool_arguments;
      out.index = calls_ - 1;
      out.text = arguments_;
      return true;
    }
    while (told_ < found_.list().size()) {
      auto const& each = found_.list()[told_++];
      if (each.what == finding::kind::call) {
        if (tell_call(found_.call_of(each), out)) return true;
        continue;
      }
      out = {};
      out.kind = each.what == finding::kind::text ? event_kind::text : event_kind::reasoning;
      out.text = found_.text_of(each);
      return true;
    }
    return false;
  }

  bool tell_call(tool_call const& call, chat::event& out) {
    found_calls_ = true;
    if (known_.take(call.name, call.arguments)) return false;
    name_ = json::escaped(call.name);
    id_ = id_of(call);
    arguments_ = json::escaped(call.arguments);
    arguments_follow_ = true;
    out = {};
    out.kind = event_kind::tool_start;
    out.index = calls_++;
    out.id = id_;
    out.name = name_;
    return true;
  }

  static constexpr std::size_t most_places = 1024;

  std::unique_ptr<event_source> source_;
  offered_tools const tools_;
  text_reader reader_;
  known_calls known_;
  findings found_;
  std::size_t told_ = 0;    // of found_
  chat::event last_;        // of the source
  bool postponed_ = false;  // it is told after what was found
  bool over_ = false;       // the text has ended
  bool found_calls_ = false;
  bool arguments_follow_ = false;
  int calls_ = 0;
  std::vector<std::pair<int, int>> places_;
  std::string id_;
  std::string name_;
  std::string arguments_;
};

// ---- a whole answer --------------------------------------------------------------------------------------------

/// Reads all text parts as one text.
void read_parts(chat::reply const& answer, text_reader& reader, findings& out) {
  for (auto const& each : answer.parts) {
    if (each.kind == chat::part_kind::thinking && !each.text.empty()) reader.reasoning_came();
  }
  for (auto const& each : answer.parts) {
    if (each.kind == chat::part_kind::text) reader.feed(each.text, out);
  }
  reader.finish(answer.finish == finish_reason::none ? finish_reason::stop : answer.finish, out);
}

/// With the whole text at hand it can be told whether the model began inside its thinking (§17.3).
findings read_text(chat::reply const& answer, family const& of, offered_tools const& tools) {
  auto rules = of.thinking;
  findings out;
  text_reader first(of, rules, tools);
  read_parts(answer, first, out);
  bool const inside = first.tags().closed_unopened();
  if (!inside && first.tags().unopened().empty()) return out;
  bool const by_itself = answer.finish != finish_reason::length && answer.finish != finish_reason::content_filter;
  if (!inside && !by_itself) return out;
  rules.starts_inside = inside;
  out.clear();
  text_reader second(of, rules, tools);
  read_parts(answer, second, out);
  return out;
}

chat::part part_of(finding const& what, findings const& all, chat::reply& answer) {
  chat::part out;
  if (what.what != finding::kind::call) {
    out.kind = what.what == finding::kind::text ? chat::part_kind::text : chat::part_kind::thinking;
    out.text = answer.store.keep(std::string(all.text_of(what)));
    return out;
  }
  auto const& call = all.call_of(what);
  out.kind = chat::part_kind::tool_call;
  out.id = answer.store.keep(id_of(call));
  out.name = answer.store.keep(json::escaped(call.name));
  out.input = answer.store.keep(call.arguments);
  return out;
}

}  // namespace

std::unique_ptr<event_source> filter_events(std::unique_ptr<event_source> source, family const& of,
                                            std::vector<chat::tool> const& tools) {
  return std::make_unique<filtered_events>(std::move(source), of, tools);
}

void filter_reply(chat::reply& answer, family const& of, std::vector<chat::tool> const& tools) {
  offered_tools const offered(tools);
  auto const found = read_text(answer, of, offered);
  known_calls known;
  std::vector<chat::part> others;
  for (auto const& each : answer.parts) {
    if (each.kind == chat::part_kind::text) continue;
    others.push_back(each);
    if (each.kind != chat::part_kind::tool_call) continue;
    auto const index = static_cast<int>(others.size());
    known.begin(index, each.name);
    known.add_arguments(index, answer.store.keep(json::escaped(each.input)));
  }
  // What the server told apart stands before the text, but for its calls: those come after it.
  auto const calls =
      std::ranges::stable_partition(others, [](auto const& part) { return part.kind != chat::part_kind::tool_call; });
  std::vector<chat::part> parts(others.begin(), calls.begin());
  std::vector<chat::part> new_calls;
  bool found_calls = false;
  for (auto const& each : found.list()) {
    if (each.what != finding::kind::call) {
      parts.push_back(part_of(each, found, answer));
      continue;
    }
    found_calls = true;
    auto const& call = found.call_of(each);
    if (!known.take(call.name, call.arguments)) new_calls.push_back(part_of(each, found, answer));
  }
  parts.insert(parts.end(), calls.begin(), calls.end());
  parts.insert(parts.end(), new_calls.begin(), new_calls.end());
  answer.parts = std::move(parts);
  if (found_calls) answer.finish = finish_with_calls(answer.finish);
}

}  // namespace recloser::dialects::model_text
