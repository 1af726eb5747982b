#include "dialects/thinking_history.hpp"

#include <algorithm>

namespace recloser::dialects {

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

std::string_view without_date(std::string_view model) {
  constexpr std::string_view latest = "-latest";
  constexpr std::size_t date = 8;
  if (model.ends_with(latest)) return model.substr(0, model.size() - latest.size());
  if (model.size() <= date + 1 || !std::ranges::all_of(model.substr(model.size() - date), is_digit)) return model;
  char const before = model[model.size() - date - 1];
  return before == '-' || before == '@' ? model.substr(0, model.size() - date - 1) : model;
}

/// Bedrock's `-v1`, `-v1:0`.
std::string_view without_version(std::string_view model) {
  auto const end = model.find_last_not_of("0123456789:");
  bool const version = end != std::string_view::npos && end > 0 && end + 1 < model.size() && model[end] == 'v' &&
                       model[end - 1] == '-' && is_digit(model[end + 1]);
  return version ? model.substr(0, end - 1) : model;
}

/// Bedrock's ARNs, and where in the world a model runs: an inference profile may answer from anywhere.
std::string_view without_place(std::string_view model) {
  model.remove_prefix(model.find_last_of('/') + 1);
  for (std::string_view const place : {"us.", "eu.", "apac.", "jp.", "au.", "ca.", "us-gov.", "global."}) {
    if (model.starts_with(place)) return model.substr(place.size());
  }
  return model;
}

/// `claude-sonnet-4-5-20250929` and `claude-sonnet-4-5` are one model: answers name the first when asked for the second.
/// The vendor's name stays: whether a seal made on one platform holds on another is not promised.
std::string_view bare(std::string_view model) { return without_date(without_version(without_place(model))); }

bool answers_calls(turn const& what) {
  auto const head = what.blocks.front().kind;
  return !what.assistant && (head == block_kind::tool_result || head == block_kind::missing_result);
}

}  // namespace

void drop_foreign_thinking(conversation& talk, std::string_view model, loss_report& lost) {
  auto const own = bare(model);
  auto const is_foreign = [&](block const& what) {
    return is_thinking(what) && !what.part->producer.empty() && bare(what.part->producer) != own;
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

}  // namespace recloser::dialects
