#include "dialects/anthropic/settings.hpp"

#include <algorithm>
#include <optional>

#include "dialects/json_values.hpp"

namespace recloser::dialects::anthropic {

namespace {

// ---- how much --------------------------------------------------------------------------------------------------

constexpr std::int64_t default_cap = 32'000;  // of models that could say more; a choice, not the vendor's
constexpr std::int64_t default_for_unknown = 4096;
constexpr std::int64_t least_budget = 1024;  // the API's minimum
constexpr std::int64_t small_answer = 1024;  // so few tokens may all go into thinking, with no text left

std::int64_t most(abilities const& model) { return model.max_output > 0 ? model.max_output : INT32_MAX; }

std::int64_t unasked_limit(abilities const& model, circumstances const& around) {
  if (around.unasked_limit > 0) return std::min(around.unasked_limit, most(model));
  return model.max_output > 0 ? std::min(model.max_output, default_cap) : default_for_unknown;
}

std::int64_t answer_limit(chat::request const& wanted, abilities const& model, circumstances const& around,
                          loss_report& lost) {
  if (!wanted.max_tokens) return unasked_limit(model, around);
  if (*wanted.max_tokens <= most(model)) return *wanted.max_tokens;
  lost.add("max_tokens (clamped)");
  return most(model);
}

// ---- thinking --------------------------------------------------------------------------------------------------

struct effort_row {
  std::string_view name;    ///< OpenAI's
  std::string_view effort;  ///< adaptive models
  std::int64_t budget;      ///< budget models
};

constexpr effort_row efforts[] = {
    {"minimal", "low", 1024}, {"low", "low", 1024},       {"medium", "medium", 4096},
    {"high", "high", 16'384}, {"xhigh", "xhigh", 32'768}, {"max", "max", 32'768},
};
constexpr effort_row const& medium = efforts[2];

effort_row const* effort_of(chat::raw_text name) {
  auto const row = std::ranges::find(efforts, name, &effort_row::name);
  return row == std::end(efforts) ? nullptr : row;
}

class thinking_planner {
 public:
  thinking_planner(chat::request const& wanted, abilities const& model, circumstances const& around, settings& out,
                   loss_report& lost)
      : wanted_(wanted), model_(model), around_(around), out_(out), lost_(lost) {}

  void plan() {
    if (!wanted_.thinking.empty()) return plan_own();
    if (wanted_.reasoning_effort == "none") return switch_off("reasoning_effort (low)");
    if (auto const* row = effort_of(wanted_.reasoning_effort)) return plan_effort(*row);
    if (model_.thinks_unasked && wanted_.max_tokens && *wanted_.max_tokens <= small_answer) switch_off({});
  }

 private:
  void plan_effort(effort_row const& row) {
    switch (model_.thinking) {
      case thinking_style::none: return lost_.add("reasoning_effort");
      case thinking_style::budget: return think_on_budget(row.budget, "reasoning_effort");
      case thinking_style::adaptive: return think_adaptively(row);
    }
  }

  void think_adaptively(effort_row const& row) {
    set_effort(row);
    if (!may_think()) return lost_.add("reasoning_effort (no thinking)");
    out_.thinking = thinking_mode::adaptive;
    out_.thinks = true;
  }

  /// Models that think unasked and take a forced choice take both together; for the others nobody says so (§1.3).
  bool may_think() const { return !around_.forced_choice || model_.thinks_unasked; }

  void set_effort(effort_row const& row) {
    bool const lower = row.effort == "xhigh" && !model_.takes_xhigh;
    if (lower) lost_.add("reasoning_effort (high)");
    out_.effort = lower ? "high" : row.effort;
  }

  /// The budget comes on top of the answer, as far as the model goes; a small or full answer shares half and half.
  void think_on_budget(std::int64_t budget, std::string_view member) {
    bool const too_small = wanted_.max_tokens && *wanted_.max_tokens <= small_answer;
    auto const total = std::min(most(model_), out_.max_tokens + budget);
    budget = std::min(budget, std::max(total - out_.max_tokens, total / 2));
    if (too_small || budget < least_budget || !may_think_on_budget()) return lost_.add(member);
    out_.thinking = thinking_mode::budget;
    out_.thinks = true;
    out_.budget = budget;
    out_.max_tokens = total;
  }

  bool may_think_on_budget() const { return !around_.forced_choice && !around_.lacks_thinking; }

  void switch_off(std::string_view loss) {
    if (model_.thinking != thinking_style::adaptive) return;  // off unless asked for
    if (model_.takes_disabled) {
      out_.thinking = thinking_mode::disabled;
    } else if (model_.takes_between_tools) {
      out_.thinking = thinking_mode::between_tools;
    } else {
      out_.effort = "low";
      if (!loss.empty()) lost_.add(loss);
    }
  }

  // ---- the client's own `thinking` -----------------------------------------------------------------------------

  void plan_own() {
    auto const type = json::find(wanted_.thinking, "type");
    if (json::is_string(type, "enabled")) return plan_own_budget();
    if (json::is_string(type, "adaptive")) return plan_own_adaptive();
    bool const disabled = json::is_string(type, "disabled");
    bool const between = json::is_string(type, "between_tools");
    bool const taken = disabled ? model_.takes_disabled : !between || model_.takes_between_tools;
    if (taken) return pass_own();
    switch_off("thinking (low effort)");
  }

  void pass_own() {
    out_.thinking = thinking_mode::verbatim;
    out_.own_thinking = wanted_.thinking;
  }

  void plan_own_adaptive() {
    auto const* row = effort_of(wanted_.reasoning_effort);
    if (model_.thinking != thinking_style::adaptive) {
      if (model_.thinking == thinking_style::none) return lost_.add("thinking");
      lost_.add("thinking (budget)");
      return think_on_budget((row ? *row : medium).budget, "thinking");
    }
    if (row) set_effort(*row);
    if (!may_think()) return lost_.add("thinking");
    pass_own();
    out_.thinks = true;
  }

  void plan_own_budget() {
    if (model_.thinking == thinking_style::none) return lost_.add("thinking");
    auto const budget = json::integer_of(json::find(wanted_.thinking, "budget_tokens")).value_or(medium.budget);
    if (!model_.takes_budget) {
      lost_.add("thinking (adaptive)");
      return think_adaptively(row_for(budget));
    }
    bool const fits = budget >= least_budget && budget < out_.max_tokens;
    if (!fits) return think_on_budget(std::max(budget, least_budget), "thinking");
    if (!may_think_on_budget()) return lost_.add("thinking");
    pass_own();
    out_.thinks = true;
  }

  static effort_row const& row_for(std::int64_t budget) {
    auto const row = std::ranges::find_if(efforts, [&](auto const& each) { return budget <= each.budget; });
    return row == std::end(efforts) ? *std::prev(std::end(efforts)) : *row;
  }

  chat::request const& wanted_;
  abilities const& model_;
  circumstances const& around_;
  settings& out_;
  loss_report& lost_;
};

// ---- sampling --------------------------------------------------------------------------------------------------

bool is_default(chat::raw_json value) { return value.empty() || json::number_of(value) == 1.0; }

void drop_sampling(chat::request const& wanted, loss_report& lost) {
  if (!is_default(wanted.temperature)) lost.add("temperature");
  if (!is_default(wanted.top_p)) lost.add("top_p");
  if (!wanted.top_k.empty()) lost.add("top_k");
}

/// From 4.5 on the API takes one of temperature and top_p; their defaults need not be sent.
void settle_sampling(chat::request const& wanted, abilities const& model, settings& out, loss_report& lost) {
  if (!model.takes_sampling || out.thinks) return drop_sampling(wanted, lost);
  out.top_k = wanted.top_k;
  if (!is_default(wanted.temperature)) {
    out.temperature = clamped_temperature(wanted.temperature, lost);
    if (!is_default(wanted.top_p)) lost.add("top_p");
  } else if (!is_default(wanted.top_p)) {
    out.top_p = wanted.top_p;
  }
}

}  // namespace

chat::raw_json clamped_temperature(chat::raw_json temperature, loss_report& lost) {
  auto const value = json::number_of(temperature).value_or(1.0);
  if (value >= 0.0 && value <= 1.0) return temperature;
  lost.add("temperature (clamped)");
  return value < 0.0 ? "0" : "1";
}

settings settle(chat::request const& wanted, abilities const& model, circumstances const& around, loss_report& lost) {
  settings out;
  out.max_tokens = answer_limit(wanted, model, around, lost);
  thinking_planner(wanted, model, around, out, lost).plan();
  settle_sampling(wanted, model, out, lost);
  return out;
}

// ---- writing ---------------------------------------------------------------------------------------------------

void write_thinking(json::writer& out, settings const& what) {
  switch (what.thinking) {
    case thinking_mode::unset: return;
    case thinking_mode::verbatim: out.key("thinking").raw(what.own_thinking); return;
    case thinking_mode::disabled: out.key("thinking").raw(R"({"type":"disabled"})"); return;
    case thinking_mode::between_tools: out.key("thinking").raw(R"({"type":"between_tools"})"); return;
    // Without `display` newer models send no words, only the signature (§1.4).
    case thinking_mode::adaptive: out.key("thinking").raw(R"({"type":"adaptive","display":"summarized"})"); return;
    case thinking_mode::budget:
      out.key("thinking").open('{').key("type").text("enabled").key("budget_tokens").number(what.budget).close('}');
      return;
  }
}

namespace {

void write_number(json::writer& out, std::string_view name, chat::raw_json value) {
  if (!value.empty()) out.key(name).raw(value);
}

}  // namespace

void write_settings(json::writer& out, settings const& what) {
  out.key("max_tokens").number(what.max_tokens);
  write_thinking(out, what);
  write_number(out, "temperature", what.temperature);
  write_number(out, "top_p", what.top_p);
  write_number(out, "top_k", what.top_k);
}

}  // namespace recloser::dialects::anthropic
