#include "dialects/anthropic/tools.hpp"

#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>

#include "dialects/json_values.hpp"

namespace recloser::dialects::anthropic {

using chat::tool_choice_kind;

namespace {

// ---- which tools -----------------------------------------------------------------------------------------------

void keep_only(tool_plan& plan, std::vector<chat::raw_text> const& names) {
  std::unordered_set<chat::raw_text> const kept(names.begin(), names.end());
  std::erase_if(plan.tools, [&](auto const* each) { return !kept.contains(each->name); });
}

/// A history with tool blocks needs their tools, even when the client gives none any more (a summary, a fallback).
std::vector<chat::raw_text> called_tools(conversation const& talk) {
  std::vector<chat::raw_text> names;
  std::unordered_set<chat::raw_text> seen;
  for (auto const& turn : talk.turns) {
    for (auto const& block : turn.blocks) {
      if (block.kind == block_kind::tool_use && seen.insert(block.part->name).second) names.push_back(block.part->name);
    }
  }
  return names;
}

bool is_given(tool_plan const& plan, chat::raw_text name) {
  return std::ranges::find(plan.tools, name, &chat::tool::name) != plan.tools.end();
}

// ---- must it call ----------------------------------------------------------------------------------------------

/// Models that refuse a forced choice are asked instead (§1.3).
void ask_for_a_call(tool_plan& plan, loss_report& lost) {
  lost.add("tool_choice (auto)");
  if (plan.choice == tool_choice_kind::named) keep_only(plan, {plan.choice_name});
  plan.choice = tool_choice_kind::automatic;
  plan.instructions.emplace_back("Call a tool in your next answer; do not answer in text alone.");
}

chat::result<void> plan_choice(chat::request const& wanted, abilities const& model, tool_plan& plan,
                               loss_report& lost) {
  plan.choice = wanted.tool_choice;
  plan.choice_name = wanted.tool_choice_name;
  if (plan.choice == tool_choice_kind::named && !is_given(plan, plan.choice_name)) {
    return chat::bad_request(
        fmt::format("'tool_choice' names '{}', which is not among 'tools'", plan.choice_name.substr(0, 64)),
        "invalid_value", "tool_choice");
  }
  if (plan.forces_a_call() && !model.takes_forced_choice) ask_for_a_call(plan, lost);
  plan.one_at_a_time = wanted.parallel_tool_calls == false && plan.choice != tool_choice_kind::none;
  return {};
}

// ---- in what form ----------------------------------------------------------------------------------------------

/// A forced call would keep the model from its own tools and, with a budget, from thinking.
bool may_answer_by_tool(chat::request const& wanted, tool_plan const& plan, abilities const& model) {
  bool const plain = plan.tools.empty() && plan.stubs.empty() && !plan.web_search;
  bool const thinks = !wanted.thinking.empty() || !wanted.reasoning_effort.empty() || model.thinks_unasked;
  return plain && !thinks && model.takes_forced_choice && json::is_string(json::find(wanted.schema, "type"), "object");
}

void plan_form(chat::request const& wanted, abilities const& model, schema_budget& budget, tool_plan& plan,
               loss_report& lost) {
  if (wanted.format == chat::format_kind::text) return;
  if (wanted.format == chat::format_kind::json_object) {
    plan.form = answer_form::instructed;
    plan.instructions.emplace_back("Answer with one JSON object and nothing else: no code fence, no words around it.");
    return;
  }
  if (model.takes_schema && budget.lower(wanted.schema, plan.format)) {
    plan.form = answer_form::native;
  } else if (may_answer_by_tool(wanted, plan, model)) {
    plan.form = answer_form::answer_tool;
    plan.choice = tool_choice_kind::named;
    plan.choice_name = answer_tool;
  } else {
    lost.add("response_format (instructed)");
    plan.form = answer_form::instructed;
    plan.instructions.push_back(
        "Answer with one JSON value that fits the JSON schema below and nothing else: no code "
        "fence, no words around it.\\n" +
        json::escaped(wanted.schema));
  }
}

}  // namespace

chat::result<tool_plan> plan_tools(chat::request const& wanted, conversation const& talk, abilities const& model,
                                   schema_budget& budget, loss_report& lost) {
  tool_plan plan;
  for (auto const& each : wanted.tools) plan.tools.push_back(&each);
  if (!wanted.allowed_tools.empty()) keep_only(plan, wanted.allowed_tools);
  plan.web_search = !wanted.web_search.empty();
  if (plan.tools.empty()) {
    bool const forced =
        wanted.tool_choice == tool_choice_kind::required || wanted.tool_choice == tool_choice_kind::named;
    if (forced) lost.add("tool_choice");  // without tools it is a 400 (§7 row 25)
    if (talk.has_tools) plan.stubs = called_tools(talk);
    if (!plan.stubs.empty() && !plan.web_search) plan.choice = tool_choice_kind::none;
  } else if (auto done = plan_choice(wanted, model, plan, lost); !done) {
    return done.error();
  }
  plan_form(wanted, model, budget, plan, lost);
  return plan;
}

bool is_marked(chat::tool const& tool) { return json::kind_of(tool.cache_control) == json::kind::object; }

// ---- writing ---------------------------------------------------------------------------------------------------

namespace {

struct tool_writer {
  json::writer& out;
  abilities const& model;
  schema_budget& budget;
  loss_report& lost;
  int marks_left_out;

  void write(chat::tool const& tool) {
    out.open('{').key("name").text(tool.name);
    if (!json::is_blank(tool.description)) out.key("description").text(tool.description);
    write_schema(tool);
    if (is_marked(tool) && marks_left_out-- <= 0) out.key("cache_control").raw(tool.cache_control);
    out.close('}');
  }

  /// `strict` is a promise of the grammar, so it goes only with a schema that compiles; else it would be a 400.
  void write_schema(chat::tool const& tool) {
    if (tool.strict == "true") {
      std::string lowered;
      if (model.takes_schema && !tool.parameters.empty() && budget.lower(tool.parameters, lowered)) {
        out.key("input_schema").raw(lowered).key("strict").boolean(true);
        return;
      }
      lost.add("tools[].function.strict");
    }
    out.key("input_schema");
    if (write_tool_schema(out, tool.parameters) == tool_schema::simplified) {
      lost.add("tools[].function.parameters (simplified)");
    }
  }

  void write_stub(chat::raw_text name) {
    out.open('{').key("name").text(name).key("input_schema");
    write_tool_schema(out, {});
    out.close('}');
  }

  void write_answer_tool(chat::raw_json schema) {
    out.open('{')
        .key("name")
        .text(answer_tool)
        .key("description")
        .text("Gives the answer. Call it once, with the whole answer.");
    out.key("input_schema");
    write_tool_schema(out, schema);
    out.close('}');
  }

  /// The id of 2025: newer ones want code execution beside them. OpenAI's location is one level deeper.
  void write_web_search(chat::raw_json options) {
    out.open('{').key("type").text("web_search_20250305").key("name").text("web_search");
    auto const place = json::find(json::find(options, "user_location"), "approximate");
    if (json::kind_of(place) == json::kind::object) {
      out.key("user_location").open('{').key("type").text("approximate");
      for (auto const name : {"city", "region", "country", "timezone"}) {
        if (auto const value = json::unless_null(json::find(place, name)); !value.empty()) out.key(name).raw(value);
      }
      out.close('}');
    }
    out.close('}');
  }
};

std::string_view choice_word(tool_choice_kind choice) {
  switch (choice) {
    case tool_choice_kind::unset:
    case tool_choice_kind::automatic: return "auto";
    case tool_choice_kind::none: return "none";
    case tool_choice_kind::required: return "any";
    case tool_choice_kind::named: return "tool";
  }
  return "auto";
}

}  // namespace

void write_tool_choice(json::writer& out, tool_plan const& plan) {
  if (plan.choice == tool_choice_kind::unset && !plan.one_at_a_time) return;
  out.key("tool_choice").open('{').key("type").text(choice_word(plan.choice));
  if (plan.choice == tool_choice_kind::named) out.key("name").text(plan.choice_name);
  if (plan.one_at_a_time) out.key("disable_parallel_tool_use").boolean(true);
  out.close('}');
}

void write_output_config(json::writer& out, std::string_view effort, tool_plan const& plan) {
  bool const format = plan.form == answer_form::native;
  if (effort.empty() && !format) return;
  out.key("output_config").open('{');
  if (!effort.empty()) out.key("effort").text(effort);
  if (format) out.key("format").open('{').key("type").text("json_schema").key("schema").raw(plan.format).close('}');
  out.close('}');
}

void write_tools(json::writer& out, chat::request const& wanted, tool_plan const& plan, abilities const& model,
                 schema_budget& budget, loss_report& lost) {
  bool const by_tool = plan.form == answer_form::answer_tool;
  if (plan.tools.empty() && plan.stubs.empty() && !plan.web_search && !by_tool) return;
  tool_writer writer{out, model, budget, lost, plan.marks_left_out};
  out.key("tools").open('[');
  for (auto const* each : plan.tools) writer.write(*each);
  for (auto const name : plan.stubs) writer.write_stub(name);
  if (plan.web_search) writer.write_web_search(wanted.web_search);
  if (by_tool) writer.write_answer_tool(wanted.schema);
  out.close(']');
  write_tool_choice(out, plan);
}

}  // namespace recloser::dialects::anthropic
