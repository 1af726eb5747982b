#include "routing/vault.hpp"

namespace recloser::routing {

namespace {

std::string key_of(std::string_view owner, std::string_view target, chat::raw_text id) {
  std::string key(owner);
  key.append("\n").append(target).append("\n").append(id);
  return key;
}

std::size_t size_of(chat::turn_memory const& turn) {
  std::size_t size = 128;
  for (auto const& each : turn.blocks) size += 96 + each.text.size() + each.signature.size() + each.data.size();
  for (auto const& [id, seal] : turn.calls) size += 96 + id.size() + seal.size();
  return size;
}

bool is_worth_keeping(chat::turn_memory const& turn) {
  if (turn.calls.empty()) return false;
  for (auto const& [id, seal] : turn.calls) {
    if (!seal.empty()) return true;
  }
  return !turn.blocks.empty();
}

}  // namespace

void vault::keep(std::string_view owner, std::string_view target, chat::turn_memory turn, clock::time_point now) {
  std::size_t const size = size_of(turn);
  if (!is_worth_keeping(turn) || size > max_turn) return;
  auto const shared = std::make_shared<chat::turn_memory const>(std::move(turn));
  std::lock_guard const lock(mutex_);
  for (auto const& [id, seal] : shared->calls) {
    std::string key = key_of(owner, target, id);
    if (auto const old = by_key_.find(key); old != by_key_.end()) drop(old->second);
    entries_.push_back({key, shared, size, now});
    by_key_.emplace(std::move(key), std::prev(entries_.end()));
    bytes_ += size;
  }
  while (bytes_ > max_bytes || (!entries_.empty() && now - entries_.front().kept_at > max_age)) drop(entries_.begin());
}

std::shared_ptr<chat::turn_memory const> vault::find(std::string_view owner, std::string_view target, chat::raw_text id,
                                                     clock::time_point now) {
  std::lock_guard const lock(mutex_);
  auto const found = by_key_.find(key_of(owner, target, id));
  if (found == by_key_.end() || now - found->second->kept_at > max_age) return nullptr;
  return found->second->turn;
}

std::size_t vault::bytes() const {
  std::lock_guard const lock(mutex_);
  return bytes_;
}

void vault::drop(std::list<entry>::iterator which) {
  bytes_ -= which->size;
  by_key_.erase(which->key);
  entries_.erase(which);
}

chat::turn_memory memory_of(chat::reply const& answer) {
  chat::turn_memory turn;
  turn.model = answer.model;
  for (chat::part const& part : answer.parts) {
    if (part.kind == chat::part_kind::thinking || part.kind == chat::part_kind::redacted_thinking) {
      turn.blocks.push_back({part.kind, std::string(part.text), std::string(part.signature), std::string(part.data)});
    } else if (part.kind == chat::part_kind::tool_call) {
      turn.calls.emplace_back(part.id, part.signature);
    }
  }
  return turn;
}

namespace {

class remembering final : public dialects::event_source {
 public:
  remembering(std::unique_ptr<dialects::event_source> source, std::function<void(chat::turn_memory)> keep)
      : source_(std::move(source)), keep_(std::move(keep)) {}

  void feed(std::string_view bytes) override { source_->feed(bytes); }
  void finish() override { source_->finish(); }
  chat::fault const& fault() const override { return source_->fault(); }

  step next(chat::event& out) override {
    step const found = source_->next(out);
    if (found == step::event && keep_) note(out);
    return found;
  }

 private:
  void note(chat::event const& event) {
    switch (event.kind) {
      case chat::event_kind::start: turn_.model = event.model; break;
      case chat::event_kind::reasoning:
        if (thinking_.size() < vault::max_turn) thinking_ += event.text;
        break;
      case chat::event_kind::signature: close_block(event.text); break;
      case chat::event_kind::redacted:
        turn_.blocks.push_back({chat::part_kind::redacted_thinking, {}, {}, std::string(event.text)});
        break;
      case chat::event_kind::tool_start: turn_.calls.emplace_back(event.id, event.signature); break;
      case chat::event_kind::end:
        if (!thinking_.empty()) close_block({});
        std::exchange(keep_, nullptr)(std::move(turn_));
        break;
      case chat::event_kind::text:
      case chat::event_kind::tool_arguments:
      case chat::event_kind::refusal:
      case chat::event_kind::annotations:
      case chat::event_kind::logprobs:
      case chat::event_kind::finish: break;
    }
  }

  void close_block(chat::raw_text seal) {
    turn_.blocks.push_back({chat::part_kind::thinking, std::exchange(thinking_, {}), std::string(seal), {}});
  }

  std::unique_ptr<dialects::event_source> source_;
  std::function<void(chat::turn_memory)> keep_;
  chat::turn_memory turn_;
  std::string thinking_;
};

}  // namespace

std::unique_ptr<dialects::event_source> remember(std::unique_ptr<dialects::event_source> source,
                                                 std::function<void(chat::turn_memory)> keep) {
  return std::make_unique<remembering>(std::move(source), std::move(keep));
}

}  // namespace recloser::routing
