#include "dialects/anthropic/thinking_history.hpp"

#include <algorithm>

namespace recloser::dialects::anthropic {

namespace {

bool is_thinking(block const& what) {
  return what.kind == block_kind::thinking || what.kind == block_kind::redacted_thinking;
}

/// An assistant's turn must say something.
constexpr std::string_view nothing_said = ".";

template <class Predicate>
void drop_if(conversation& talk, Predicate drop, loss_report& lost) {
  for (auto& turn : talk.turns) {
    if (std::erase_if(turn.blocks, drop) == 0) continue;
    lost.add("thinking_blocks");
    if (turn.blocks.empty()) turn.blocks.emplace_back().text = nothing_said;
  }
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// `claude-sonnet-4-5-20250929` and `claude-sonnet-4-5` are one model: answers name the first when asked for the second.
std::string_view without_date(std::string_view model) {
  constexpr std::string_view latest = "-latest";
  constexpr std::size_t date = 8;
  if (model.ends_with(latest)) return model.substr(0, model.size() - latest.size());
  if (model.size() <= date + 1 || !std::ranges::all_of(model.substr(model.size() - date), is_digit)) return model;
  char const before = model[model.size() - date - 1];
  return before == '-' || before == '@' ? model.substr(0, model.size() - date - 1) : model;
}

bool answers_calls(turn const& what) {
  auto const head = what.blocks.front().kind;
  return !what.assistant && (head == block_kind::tool_result || head == block_kind::missing_result);
}

}  // namespace

void drop_foreign_thinking(conversation& talk, std::string_view model, loss_report& lost) {
  auto const own = without_date(model);
  auto const is_foreign = [&](block const& what) {
    return is_thinking(what) && !what.part->producer.empty() && without_date(what.part->producer) != own;
  };
  drop_if(talk, is_foreign, lost);
}

void drop_thinking(conversation& talk, loss_report& lost) { drop_if(talk, is_thinking, lost); }

bool lacks_thinking(conversation const& talk) {
  if (!answers_calls(talk.turns.back())) return false;
  // Only the first turn of a loop need begin with thinking: without interleaving the later ones have none.
  auto at = talk.turns.size() - 1;
  while (at >= 2 && answers_calls(talk.turns[at - 2])) at -= 2;
  return !is_thinking(talk.turns[at - 1].blocks.front());
}

}  // namespace recloser::dialects::anthropic
