#include "dialects/ollama_chat/settings.hpp"

#include <algorithm>
#include <iterator>

#include "dialects/json_scan.hpp"
#include "dialects/json_values.hpp"
#include "dialects/ollama_chat/models.hpp"

namespace recloser::dialects::ollama_chat {

using chat::raw_json;
using json::kind;
using json::kind_of;

namespace {

// ---- thinking --------------------------------------------------------------------------------------------------

struct effort_row {
  std::string_view name;  ///< OpenAI's
  raw_json level;         ///< of models with levels
  std::string_view loss;  ///< what that changes; empty: nothing
};

constexpr effort_row efforts[] = {
    {"none", R"("low")", "reasoning_effort (low)"},
    {"minimal", R"("low")", {}},
    {"low", R"("low")", {}},
    {"medium", R"("medium")", {}},
    {"high", R"("high")", {}},
    {"xhigh", R"("high")", "reasoning_effort (high)"},
    {"max", R"("high")", "reasoning_effort (high)"},
};

raw_json think_by_effort(std::string_view effort, thinking_style style, loss_report& lost) {
  auto const row = std::ranges::find(efforts, effort, &effort_row::name);
  if (row == std::end(efforts)) return {};
  bool const off = effort == "none";
  switch (style) {
    case thinking_style::none:
      if (!off) lost.add("reasoning_effort");
      return {};
    case thinking_style::on_off:
      if (!off) lost.add("reasoning_effort (on)");
      return off ? "false" : "true";
    case thinking_style::levels:
      if (!row->loss.empty()) lost.add(row->loss);
      return row->level;
  }
  return {};
}

/// Anthropic's member: the budget has no like, so it becomes a level.
raw_json think_by_budget(raw_json thinking, thinking_style style, loss_report& lost) {
  constexpr std::int64_t low = 2048;
  constexpr std::int64_t medium = 8192;
  bool const off = json::is_string(json::find(thinking, "type"), "disabled");
  if (style == thinking_style::none) {
    if (!off) lost.add("thinking");
    return {};
  }
  if (style == thinking_style::on_off) {
    if (!off) lost.add("thinking (on)");
    return off ? "false" : "true";
  }
  lost.add("thinking (level)");
  auto const budget = json::integer_of(json::find(thinking, "budget_tokens")).value_or(medium);
  if (off || budget <= low) return R"("low")";
  return budget <= medium ? R"("medium")" : R"("high")";
}

// ---- members of the request that only Ollama has -----------------------------------------------------------------

enum class place { option, top_level, think, format, options };

struct member_row {
  std::string_view name;
  place where;
  std::string_view sent_as = {};  ///< empty: under the same name
};

constexpr member_row rows[] = {
    {"options", place::options},
    {"think", place::think},
    {"format", place::format},
    {"keep_alive", place::top_level},
    {"truncate", place::top_level},
    {"shift", place::top_level},
    {"num_ctx", place::option},
    {"num_predict", place::option},
    {"num_keep", place::option},
    {"num_batch", place::option},
    {"num_gpu", place::option},
    {"num_thread", place::option},
    {"main_gpu", place::option},
    {"use_mmap", place::option},
    {"use_mlock", place::option},
    {"low_vram", place::option},
    {"numa", place::option},
    {"draft_num_predict", place::option},
    {"seed", place::option},
    {"min_p", place::option},
    {"typical_p", place::option},
    {"tfs_z", place::option},
    {"repeat_penalty", place::option},
    {"repetition_penalty", place::option, "repeat_penalty"},  // vLLM's and OpenRouter's name
    {"repeat_last_n", place::option},
    {"presence_penalty", place::option},
    {"frequency_penalty", place::option},
    {"penalize_newline", place::option},
    {"mirostat", place::option},
    {"mirostat_eta", place::option},
    {"mirostat_tau", place::option},
};

/// The server refuses an option of the wrong type, with words that name no request member.
bool may_be_option(raw_json value) { return kind_of(value) == kind::number || kind_of(value) == kind::boolean; }

class planner {
 public:
  planner(chat::request const& wanted, std::string_view model, settings& out, loss_report& lost)
      : wanted_(wanted), model_(model), out_(out), lost_(lost) {}

  /// The request's own members come first: they win against those of `options`.
  void plan() {
    plan_format();
    add_option("temperature", wanted_.temperature);
    add_option("top_p", wanted_.top_p);
    add_option("top_k", wanted_.top_k);
    for (auto const& each : wanted_.unread) read(each);
    if (out_.think.empty()) plan_think();
    std::vector<json::member> inside;
    json::members_of(options_, inside);
    for (auto const& each : inside) add_option(each.key, each.value);
  }

 private:
  void add_option(std::string_view name, raw_json value) {
    if (value.empty() || is_set(name)) return;
    out_.options.push_back({name, value});
  }

  bool is_set(std::string_view name) const {
    if (name == "stop" && !wanted_.stop.empty()) return true;
    if (name == "num_predict" && wanted_.max_tokens) return true;
    return std::ranges::find(out_.options, name, &json::member::key) != out_.options.end();
  }

  void read(chat::unread_member const& each) {
    auto const row = std::ranges::find(rows, each.name, &member_row::name);
    if (row == std::end(rows) || !take(*row, each.value)) lost_.add(each.name);
  }

  bool take(member_row const& row, raw_json value) {
    switch (row.where) {
      case place::option:
        if (!may_be_option(value)) return false;
        add_option(row.sent_as.empty() ? row.name : row.sent_as, value);
        return true;
      case place::top_level: out_.top_level.push_back({row.name, value}); return true;
      case place::think:
        if (kind_of(value) != kind::boolean && kind_of(value) != kind::string) return false;
        out_.think = value;
        return true;
      case place::format:
        if (!out_.format.empty()) return false;
        out_.format = value;
        return true;
      case place::options:
        if (kind_of(value) != kind::object) return false;
        options_ = value;
        return true;
    }
    return false;
  }

  void plan_think() {
    auto const style = thinking_style_of(model_);
    if (!wanted_.reasoning_effort.empty()) {
      out_.think = think_by_effort(wanted_.reasoning_effort, style, lost_);
    } else if (!wanted_.thinking.empty()) {
      out_.think = think_by_budget(wanted_.thinking, style, lost_);
    }
  }

  void plan_format() {
    if (wanted_.format == chat::format_kind::text) return;
    out_.format = wanted_.format == chat::format_kind::json_object ? raw_json(R"("json")") : wanted_.schema;
    if (is_cloud_model(model_)) lost_.add("response_format");
  }

  chat::request const& wanted_;
  std::string_view model_;
  settings& out_;
  loss_report& lost_;
  raw_json options_;
};

}  // namespace

settings settle(chat::request const& wanted, std::string_view model, loss_report& lost) {
  settings out;
  planner(wanted, model, out, lost).plan();
  return out;
}

void write_settings(json::writer& out, settings const& what, chat::request const& wanted) {
  if (!what.format.empty()) out.key("format").raw(what.format);
  if (!what.think.empty()) out.key("think").raw(what.think);
  if (wanted.max_tokens || !wanted.stop.empty() || !what.options.empty()) {
    out.key("options").open('{');
    if (wanted.max_tokens) out.key("num_predict").number(*wanted.max_tokens);
    for (auto const& each : what.options) out.key(each.key).raw(each.value);
    if (!wanted.stop.empty()) {
      out.key("stop").open('[');
      for (auto const each : wanted.stop) out.text(each);
      out.close(']');
    }
    out.close('}');
  }
  for (auto const& each : what.top_level) out.key(each.key).raw(each.value);
}

}  // namespace recloser::dialects::ollama_chat
