#include "dialects/gemini/thinking.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

#include "dialects/json_values.hpp"

namespace recloser::dialects::gemini {

namespace {

constexpr std::int64_t small_answer = 1024;  // `maxOutputTokens` includes thoughts

struct effort_row {
  std::string_view name;  ///< OpenAI's
  std::string_view level;
  std::int64_t budget;
};

/// Ordered by budget. A level that a model lacks is replaced by its nearest.
constexpr effort_row efforts[] = {
    {"none", "MINIMAL", 0},   {"minimal", "MINIMAL", 1024}, {"low", "LOW", 1024},     {"medium", "MEDIUM", 8192},
    {"high", "HIGH", 24'576}, {"xhigh", "XHIGH", 32'768},   {"max", "XHIGH", 32'768},
};
constexpr effort_row const& no_effort = efforts[0];

class planner {
 public:
  planner(json::writer& out, chat::request const& wanted, abilities const& model, loss_report& lost)
      : out_(out), wanted_(wanted), model_(model), lost_(lost) {}

  void write() {
    if (!wanted_.reasoning_effort.empty()) {
      auto const row = std::ranges::find(efforts, wanted_.reasoning_effort, &effort_row::name);
      return row == std::end(efforts) ? lost_.add("reasoning_effort") : effort(*row);
    }
    if (!wanted_.thinking.empty()) return own();
    if (wanted_.max_tokens && *wanted_.max_tokens <= small_answer) little();
  }

 private:
  void effort(effort_row const& row) {
    bool const off = &row == &no_effort;
    switch (model_.thinking) {
      case thinking_style::none:
        if (!off) lost_.add("reasoning_effort");
        return;
      case thinking_style::level: return level(row, "reasoning_effort");
      case thinking_style::budget: return budget(row.budget, "reasoning_effort");
    }
  }

  std::string_view level_of(effort_row const& row) const {
    if (row.level == "MINIMAL") return model_.lowest;
    if (row.level == "MEDIUM") return model_.medium;
    if (row.level == "XHIGH") return model_.highest;
    return row.level;
  }

  void level(effort_row const& row, std::string_view member) {
    auto const level = level_of(row);
    bool const off = &row == &no_effort;
    if (off || level != row.level) report(member, level);
    write_level(level, !off);
  }

  /// `reasoning_effort (high)`: what it became.
  void report(std::string_view member, std::string_view level) {
    std::string name(member);
    name.append(" (");
    for (char const c : level) name += static_cast<char>(c - 'A' + 'a');
    lost_.add(name.append(")"));
  }

  void budget(std::int64_t wanted, std::string_view member) {
    bool const off = wanted == 0;
    if (off && model_.can_switch_off) return write_budget(0, false);
    auto const taken = std::clamp(wanted, model_.least_budget, model_.most_budget);
    if (off) report(member, "LOW");
    write_budget(taken, !off);
  }

  // ---- Anthropic's member --------------------------------------------------------------------------------------

  void own() {
    auto const type = json::find(wanted_.thinking, "type");
    bool const off = json::is_string(type, "disabled");
    if (model_.thinking == thinking_style::none) {
      if (!off) lost_.add("thinking");
      return;
    }
    if (off) return model_.thinking == thinking_style::level ? level(no_effort, "thinking") : budget(0, "thinking");
    auto const tokens = json::integer_of(json::find(wanted_.thinking, "budget_tokens"));
    if (!tokens || *tokens < 1) return write_thoughts();
    if (model_.thinking == thinking_style::budget) {
      auto const taken = std::clamp(*tokens, model_.least_budget, model_.most_budget);
      if (taken != *tokens) lost_.add("thinking (clamped)");
      return write_budget(taken, true);
    }
    auto const row = std::ranges::find_if(efforts, [&](auto const& each) { return *tokens <= each.budget; });
    auto const name = level_of(row == std::end(efforts) ? *std::prev(std::end(efforts)) : *row);
    report("thinking", name);
    write_level(name, true);
  }

  void little() {
    if (model_.thinking == thinking_style::level) write_level(model_.lowest, false);
    if (model_.thinking == thinking_style::budget) {
      write_budget(model_.can_switch_off ? 0 : model_.least_budget, false);
    }
  }

  // ---- writing -------------------------------------------------------------------------------------------------

  void write_level(std::string_view name, bool thoughts) {
    out_.key("thinkingConfig").open('{').key("thinkingLevel").text(name);
    end(thoughts);
  }

  void write_budget(std::int64_t tokens, bool thoughts) {
    out_.key("thinkingConfig").open('{').key("thinkingBudget").number(tokens);
    end(thoughts);
  }

  void write_thoughts() {
    out_.key("thinkingConfig").open('{');
    end(true);
  }

  void end(bool thoughts) {
    if (thoughts) out_.key("includeThoughts").boolean(true);
    out_.close('}');
  }

  json::writer& out_;
  chat::request const& wanted_;
  abilities const& model_;
  loss_report& lost_;
};

}  // namespace

void write_thinking(json::writer& out, chat::request const& wanted, abilities const& model, loss_report& lost) {
  planner(out, wanted, model, lost).write();
}

}  // namespace recloser::dialects::gemini
