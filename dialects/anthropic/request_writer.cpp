// `POST /v1/messages`, member by member (providers-native.md §1.2).

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "dialects/anthropic/cache_marks.hpp"
#include "dialects/anthropic/content_writer.hpp"
#include "dialects/anthropic/messages.hpp"
#include "dialects/anthropic/models.hpp"
#include "dialects/anthropic/settings.hpp"
#include "dialects/anthropic/tools.hpp"
#include "dialects/json.hpp"
#include "dialects/loss.hpp"
#include "dialects/thinking_history.hpp"
#include "dialects/turns.hpp"

namespace recloser::dialects::anthropic {

namespace {

// ---- media -----------------------------------------------------------------------------------------------------

/// Media types and ids that the API takes.
std::string media_problem(chat::part const& part) {
  if (!part.url.empty()) return {};
  if (!part.file_id.empty()) {
    bool const own = part.file_id.starts_with("file_");
    return own ? "" : "this file id is another provider's; send the file as 'file_data'";
  }
  static constexpr std::string_view image_types[] = {"image/jpeg", "image/jpg", "image/png", "image/gif", "image/webp"};
  if (std::ranges::find(image_types, part.media_type) != std::end(image_types)) return {};
  bool const document = part.media_type == "application/pdf" || part.media_type.starts_with("text/");
  if (part.kind == chat::part_kind::document && document) return {};
  return fmt::format("this model takes no '{}'; send JPEG, PNG, GIF, WebP, PDF or text", part.media_type.substr(0, 64));
}

// ---- small members ---------------------------------------------------------------------------------------------

struct tier_row {
  std::string_view openai;
  std::string_view anthropic;
};

/// `flex` and `scale` have no like.
constexpr tier_row tiers[] = {
    {"auto", "auto"}, {"default", "standard_only"},       {"priority", "auto"},
    {"fast", "auto"}, {"standard_only", "standard_only"},
};

void write_service_tier(json::writer& out, chat::request const& wanted, loss_report& lost) {
  if (wanted.service_tier.empty()) return;
  auto const row = std::ranges::find(tiers, wanted.service_tier, &tier_row::openai);
  if (row == std::end(tiers)) return lost.add("service_tier");
  out.key("service_tier").text(row->anthropic);
}

/// Longer ids are refused; who the user is does not change the answer.
constexpr std::size_t longest_user = 256;

void write_metadata(json::writer& out, chat::request const& wanted) {
  if (wanted.user.empty() || wanted.user.size() > longest_user) return;
  out.key("metadata").open('{').key("user_id").text(wanted.user).close('}');
}

/// White space alone as a stop sequence is a 400.
void write_stop(json::writer& out, chat::request const& wanted, loss_report& lost) {
  auto const blank = std::ranges::count_if(wanted.stop, json::is_blank);
  if (blank > 0) lost.add("stop (blank)");
  if (static_cast<std::size_t>(blank) == wanted.stop.size()) return;
  out.key("stop_sequences").open('[');
  for (auto const each : wanted.stop) {
    if (!json::is_blank(each)) out.text(each);
  }
  out.close(']');
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

chat::result<void> write_request(platform where, chat::request const& wanted, std::string_view model,
                                 std::string& out, std::vector<std::string>& dropped) {
  loss_report lost(dropped);
  for (auto const& member : wanted.unread) lost.add(member.name);
  auto const& takes = abilities_of(model);
  schema_budget budget;

  auto talk = take_turns(wanted, {.media_problem = media_problem, .text_files_as_words = true});
  if (!talk) return talk.error();
  drop_foreign_thinking(*talk, model, lost);
  auto tools = plan_tools(wanted, *talk, takes, budget, lost);
  if (!tools) return tools.error();
  auto const how = settle(wanted, takes, {tools->forces_a_call(), lacks_thinking(*talk)}, lost);
  bool const thinks = how.thinks || (takes.thinks_unasked && how.thinking != thinking_mode::disabled);
  if (!thinks) drop_thinking(*talk, lost);
  settle_prefill(*talk, takes.takes_prefill && !how.thinks && tools->form != answer_form::native, lost);
  limit_cache_marks(wanted, *talk, *tools, lost);

  out.reserve(out.size() + size_of(wanted));
  json::writer body(out);
  body.open('{');
  if (where == platform::vertex) {
    body.key("anthropic_version").text("vertex-2023-10-16");
  } else {
    body.key("model").string(model);
  }
  write_settings(body, how);
  if (wanted.stream) body.key("stream").boolean(true);
  write_system(body, *talk, tools->instructions);
  write_messages(body, *talk);
  write_tools(body, wanted, *tools, takes, budget, lost);
  write_output_config(body, how.effort, *tools);
  write_stop(body, wanted, lost);
  write_metadata(body, wanted);
  if (where == platform::anthropic) write_service_tier(body, wanted, lost);
  if (!wanted.cache_control.empty()) body.key("cache_control").raw(wanted.cache_control);
  body.close('}');
  return {};
}

}  // namespace recloser::dialects::anthropic
