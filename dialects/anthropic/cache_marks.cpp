#include "dialects/anthropic/cache_marks.hpp"

#include <algorithm>

namespace recloser::dialects::anthropic {

namespace {

constexpr int most_marks = 4;

bool carries_mark(block const& what) { return !what.cache_control.empty(); }

int count(std::vector<block> const& blocks) { return static_cast<int>(std::ranges::count_if(blocks, carries_mark)); }

int count(tool_plan const& plan) {
  auto const marked = std::ranges::count_if(plan.tools, [](auto const* each) { return is_marked(*each); });
  return std::max(0, static_cast<int>(marked) - plan.marks_left_out);
}

/// Unmarks from the front until `surplus` is used up.
void unmark(std::vector<block>& blocks, int& surplus) {
  for (auto& each : blocks) {
    if (surplus <= 0) return;
    if (!carries_mark(each)) continue;
    each.cache_control = {};
    --surplus;
  }
}

}  // namespace

void limit_cache_marks(chat::request const& wanted, conversation& talk, tool_plan& tools, loss_report& lost) {
  int surplus = count(tools) + count(talk.system) + (wanted.cache_control.empty() ? 0 : 1) - most_marks;
  for (auto const& turn : talk.turns) surplus += count(turn.blocks);
  if (surplus <= 0) return;
  lost.add("cache_control");
  for (auto& turn : talk.turns) unmark(turn.blocks, surplus);
  unmark(talk.system, surplus);
  tools.marks_left_out += std::max(0, surplus);
}

}  // namespace recloser::dialects::anthropic
