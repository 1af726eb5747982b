// The body of Converse and ConverseStream, which is one (providers-native.md §4.4).

#include <algorithm>
#include <iterator>

#include "dialects/anthropic/cache_marks.hpp"
#include "dialects/bedrock_converse/content_writer.hpp"
#include "dialects/bedrock_converse/converse.hpp"
#include "dialects/bedrock_converse/history.hpp"
#include "dialects/bedrock_converse/inference.hpp"
#include "dialects/bedrock_converse/models.hpp"
#include "dialects/bedrock_converse/tools.hpp"
#include "dialects/json_values.hpp"
#include "dialects/thinking_history.hpp"

namespace recloser::dialects::bedrock_converse {

namespace {

// ---- members of the client's body that Bedrock knows by the same name -------------------------------------------

constexpr std::string_view native_members[] = {"guardrailConfig", "performanceConfig", "requestMetadata"};

bool is_object(chat::unread_member const& member) { return json::kind_of(member.value) == json::kind::object; }

bool is_native(chat::unread_member const& member) {
  return is_object(member) && std::ranges::find(native_members, member.name) != std::end(native_members);
}

bool is_extra(chat::unread_member const& member, family const& model) {
  if (member.name == extra_fields) return is_object(member);
  return member.name == anthropic_beta && model.reasoning == reasoning_style::claude &&
         json::kind_of(member.value) == json::kind::array;
}

void report_unread(chat::request const& wanted, family const& model, loss_report& lost) {
  for (auto const& member : wanted.unread) {
    if (!is_native(member) && !is_extra(member, model)) lost.add(member.name);
  }
}

void write_native(json::writer& out, chat::request const& wanted) {
  for (auto const& member : wanted.unread) {
    if (is_native(member)) out.key(member.name).raw(member.value);
  }
}

/// What AWS takes as a value of `requestMetadata`. Who the user is does not change the answer, so others are let go.
bool is_metadata(chat::raw_text value) {
  constexpr std::size_t longest = 256;
  constexpr std::string_view marks = " :_@$#=/+,-.";
  auto const fits = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           marks.find(c) != std::string_view::npos;
  };
  return !value.empty() && value.size() <= longest && std::ranges::all_of(value, fits);
}

void write_user(json::writer& out, chat::request const& wanted) {
  bool const given =
      std::ranges::find(wanted.unread, "requestMetadata", &chat::unread_member::name) != wanted.unread.end();
  if (given || !is_metadata(wanted.user)) return;
  out.key("requestMetadata").open('{').key("user_id").text(wanted.user).close('}');
}

// ---- service tier ----------------------------------------------------------------------------------------------

struct tier_row {
  std::string_view asked;
  std::string_view sent;  ///< empty: nothing, the choice is Amazon's
};

constexpr tier_row tiers[] = {
    {"auto", ""},         {"default", "default"}, {"standard_only", "default"}, {"priority", "priority"},
    {"fast", "priority"}, {"flex", "flex"},       {"reserved", "reserved"},
};

void write_service_tier(json::writer& out, chat::request const& wanted, loss_report& lost) {
  if (wanted.service_tier.empty()) return;
  auto const row = std::ranges::find(tiers, wanted.service_tier, &tier_row::asked);
  if (row == std::end(tiers)) return lost.add("service_tier");
  if (!row->sent.empty()) out.key("serviceTier").open('{').key("type").text(row->sent).close('}');
}

// ---- the form of the answer ------------------------------------------------------------------------------------

/// For Claude it goes with the effort into the extra fields: both in one place cannot contradict each other.
void write_format(json::writer& out, tool_plan const& tools, family const& model) {
  if (tools.form != answer_form::native || model.reasoning == reasoning_style::claude) return;
  out.key("outputConfig").open('{').key("textFormat").open('{').key("type").text("json_schema");
  out.key("structure").open('{').key("jsonSchema").open('{').key("schema").string(tools.format);
  out.close('}').close('}').close('}').close('}');
}

// ---- cache points ----------------------------------------------------------------------------------------------

bool unmark(std::vector<block>& blocks) {
  bool any = false;
  for (auto& each : blocks) {
    any = any || !each.cache_control.empty();
    each.cache_control = {};
  }
  return any;
}

/// A cache point where a model takes none is a 400.
bool unmark_all(conversation& talk) {
  bool any = unmark(talk.system);
  for (auto& turn : talk.turns) any = unmark(turn.blocks) || any;
  return any;
}

bool unmark_tools(tool_plan& tools) {
  tools.marks_left_out = static_cast<int>(
      std::ranges::count_if(tools.tools, [](auto const* each) { return anthropic::is_marked(*each); }));
  return tools.marks_left_out > 0;
}

/// A marker on the whole request means the end of it.
void mark_end(conversation& talk, chat::raw_json cache_control) {
  auto& last = talk.turns.back().blocks.back();
  bool const thinking = last.kind == block_kind::thinking || last.kind == block_kind::redacted_thinking;
  if (last.cache_control.empty() && !thinking) last.cache_control = cache_control;
}

void settle_cache_points(chat::request const& wanted, conversation& talk, tool_plan& tools, family const& model,
                         loss_report& lost) {
  bool lose = model.cache != caching::everywhere && unmark_tools(tools);
  if (model.cache == caching::none) lose = unmark_all(talk) || !wanted.cache_control.empty() || lose;
  if (lose) lost.add("cache_control");
  if (model.cache == caching::none) return;
  anthropic::limit_cache_marks(wanted, talk, tools, lost);
  if (!wanted.cache_control.empty()) mark_end(talk, wanted.cache_control);
}

// ---- the whole -------------------------------------------------------------------------------------------------

void add_instructions(conversation& talk, tool_plan const& tools) {
  for (auto const& each : tools.instructions) talk.system.emplace_back().text = each;
}

/// About the bytes of the request to come, so that the buffer grows once.
std::size_t size_of(chat::request const& wanted) {
  std::size_t total = 1024;
  for (auto const& message : wanted.messages) {
    total += 64;
    for (auto const& part : message.parts) total += 96 + part.text.size() + part.data.size() + part.input.size();
  }
  for (auto const& tool : wanted.tools) total += 64 + tool.description.size() + tool.parameters.size();
  return total;
}

}  // namespace

chat::result<void> write_request(chat::request const& wanted, std::string_view model, std::string& out,
                                 std::vector<std::string>& dropped) {
  loss_report lost(dropped);
  auto const& known = family_of(model);
  auto const takes = abilities_of(known, model);
  report_unread(wanted, known, lost);

  auto talk = take_history(wanted, known);
  if (!talk) return talk.error();
  drop_foreign_thinking(*talk, model, lost);
  if (!known.takes_thinking) drop_thinking(*talk, lost);
  auto tools = plan_tools(wanted, *talk, known, takes, lost);
  if (!tools) return tools.error();
  auto const how = plan_inference(wanted, known, takes, *tools, *talk, lost);
  if (known.reasoning == reasoning_style::claude && !how.thinks) drop_thinking(*talk, lost);
  settle_prefill(*talk, takes.takes_prefill && !how.claude.thinks && tools->form != answer_form::native, lost);
  settle_cache_points(wanted, *talk, *tools, known, lost);
  add_instructions(*talk, *tools);
  if (!known.takes_system) fold_system(*talk, lost);
  put_words_beside_documents(*talk);

  out.reserve(out.size() + size_of(wanted));
  json::writer body(out);
  content_writer content(body, known, lost);
  body.open('{');
  content.write_system(*talk);
  content.write_messages(*talk);
  write_inference(body, wanted, how, known, lost);
  write_tools(body, wanted, *tools, known, content, lost);
  write_format(body, *tools, known);
  write_extra_fields(body, wanted, how, *tools, known, lost);
  write_service_tier(body, wanted, lost);
  write_native(body, wanted);
  write_user(body, wanted);
  body.close('}');
  return {};
}

}  // namespace recloser::dialects::bedrock_converse
