#include "dialects/bedrock_converse/tools.hpp"

#include <algorithm>

#include "dialects/bedrock_converse/history.hpp"
#include "dialects/json_values.hpp"
#include "dialects/thinking_history.hpp"

namespace recloser::dialects::bedrock_converse {

using chat::tool_choice_kind;

namespace {

/// Converse knows no choice `none`: then the model gets no tools, and what it called before is told in words.
void leave_out_tools(tool_plan& plan, conversation& talk, loss_report& lost) {
  if (plan.choice == tool_choice_kind::none && !plan.tools.empty()) {
    lost.add("tool_choice (tools left out)");
    plan.tools.clear();
  }
  if (!plan.tools.empty()) return;
  plan.stubs.clear();
  plan.one_at_a_time = false;
  if (plan.form != answer_form::answer_tool) plan.choice = tool_choice_kind::unset;
  if (!talk.has_tools) return;
  tell_tools_in_words(talk, lost);
  drop_thinking(talk, lost);  // its seal covers the calls
}

/// A model that can be made to call but not to call this one gets no other.
void narrow_choice(tool_plan& plan, family const& model) {
  if (plan.choice != tool_choice_kind::named || model.choice == choice_style::named) return;
  std::erase_if(plan.tools, [&](auto const* each) { return each->name != plan.choice_name; });
  plan.choice = tool_choice_kind::required;
}

chat::result<void> plan_web_search(chat::request const& wanted, family const& model, loss_report& lost) {
  if (wanted.web_search.empty()) return {};
  if (!model.searches) {
    return chat::bad_request("this model has no web search of its own; leave out 'web_search_options'",
                             "unsupported_parameter", "web_search_options");
  }
  if (!json::unless_null(json::find(wanted.web_search, "user_location")).empty()) {
    lost.add("web_search_options.user_location");
  }
  return {};
}

}  // namespace

chat::result<tool_plan> plan_tools(chat::request const& wanted, conversation& talk, family const& model,
                                   anthropic::abilities const& takes, loss_report& lost) {
  if (auto done = plan_web_search(wanted, model, lost); !done) return done.error();
  anthropic::schema_budget budget;
  auto plan = anthropic::plan_tools(wanted, talk, takes, budget, lost);
  if (!plan) return plan.error();
  leave_out_tools(*plan, talk, lost);
  narrow_choice(*plan, model);
  if (plan->one_at_a_time && model.reasoning != reasoning_style::claude) {
    lost.add("parallel_tool_calls");
    plan->one_at_a_time = false;
  }
  if (plan->choice == tool_choice_kind::named) plan->choice_name = talk.store.keep(legal_word(plan->choice_name));
  return plan;
}

bool chooses_in_extra_fields(tool_plan const& plan, family const& model) {
  return plan.one_at_a_time && model.reasoning == reasoning_style::claude;
}

// ---- writing ---------------------------------------------------------------------------------------------------

namespace {

class tool_writer {
 public:
  tool_writer(json::writer& out, tool_plan const& plan, content_writer& content, loss_report& lost)
      : out_(out), marks_left_out_(plan.marks_left_out), content_(content), lost_(lost) {}

  /// `strict` is a 400 on the newest Claudes and unknown to most others (§4.4), so it never goes.
  void write(chat::tool const& tool) {
    if (tool.strict == "true") lost_.add("tools[].function.strict");
    if (!is_legal_word(tool.name)) lost_.add("tools[].function.name (renamed)");
    write(legal_word(tool.name), tool.description, tool.parameters);
    if (anthropic::is_marked(tool) && marks_left_out_-- <= 0) content_.write_cache_point(tool.cache_control);
  }

  void write(std::string_view name, chat::raw_text description, chat::raw_json schema) {
    out_.open('{').key("toolSpec").open('{').key("name").text(name);
    if (!json::is_blank(description)) out_.key("description").text(description);
    out_.key("inputSchema").open('{').key("json");
    if (anthropic::write_tool_schema(out_, schema) == anthropic::tool_schema::simplified) {
      lost_.add("tools[].function.parameters (simplified)");
    }
    out_.close('}').close('}').close('}');
  }

 private:
  json::writer& out_;
  int marks_left_out_;
  content_writer& content_;
  loss_report& lost_;
};

/// `auto` is what models do unasked, and some know no other word for it than none.
void write_choice(json::writer& out, tool_plan const& plan, family const& model) {
  bool const automatic = plan.choice == tool_choice_kind::automatic && model.choice != choice_style::automatic;
  if (automatic) out.key("toolChoice").raw(R"({"auto":{}})");
  if (plan.choice == tool_choice_kind::required) out.key("toolChoice").raw(R"({"any":{}})");
  if (plan.choice != tool_choice_kind::named) return;
  out.key("toolChoice").open('{').key("tool").open('{').key("name").text(plan.choice_name).close('}').close('}');
}

}  // namespace

void write_tools(json::writer& out, chat::request const& wanted, tool_plan const& plan, family const& model,
                 content_writer& content, loss_report& lost) {
  bool const by_tool = plan.form == answer_form::answer_tool;
  if (plan.tools.empty() && !plan.web_search && !by_tool) return;
  tool_writer writer(out, plan, content, lost);
  out.key("toolConfig").open('{').key("tools").open('[');
  for (auto const* each : plan.tools) writer.write(*each);
  if (plan.web_search) out.raw(R"({"systemTool":{"name":"nova_grounding"}})");
  if (by_tool) {
    writer.write(anthropic::answer_tool, "Gives the answer. Call it once, with the whole answer.", wanted.schema);
  }
  out.close(']');
  if (!chooses_in_extra_fields(plan, model)) write_choice(out, plan, model);
  out.close('}');
}

}  // namespace recloser::dialects::bedrock_converse
