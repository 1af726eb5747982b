// The body of `generateContent`, member by member (providers-native.md §2.2, §2.3).

#include <algorithm>
#include <iterator>

#include "dialects/gemini/content_writer.hpp"
#include "dialects/gemini/generate_content.hpp"
#include "dialects/gemini/generation_config.hpp"
#include "dialects/gemini/models.hpp"
#include "dialects/gemini/options.hpp"
#include "dialects/gemini/signatures.hpp"
#include "dialects/gemini/tools.hpp"
#include "dialects/gemini/turns.hpp"
#include "dialects/json.hpp"
#include "dialects/loss.hpp"

namespace recloser::dialects::gemini {

namespace {

struct tier_row {
  std::string_view openai;
  std::string_view gemini;  ///< empty: say nothing
};

constexpr tier_row tiers[] = {
    {"auto", ""}, {"default", "standard"}, {"standard", "standard"}, {"flex", "flex"}, {"priority", "priority"},
};

/// Vertex AI takes the tier in headers, which are not written here; its default needs none.
void write_service_tier(json::writer& out, chat::request const& wanted, platform where, loss_report& lost) {
  if (wanted.service_tier.empty()) return;
  auto const row = std::ranges::find(tiers, wanted.service_tier, &tier_row::openai);
  bool const known = row != std::end(tiers);
  bool const usual = known && (row->gemini.empty() || row->gemini == "standard");
  if (!known || (where == platform::vertex && !usual)) return lost.add("service_tier");
  if (where == platform::developer && !row->gemini.empty()) out.key("serviceTier").text(row->gemini);
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

/// Caching is implicit here: markers say nothing to the API.
bool has_cache_marks(chat::request const& wanted) {
  auto const marked = [](auto const& each) { return !each.cache_control.empty(); };
  return marked(wanted) || std::ranges::any_of(wanted.tools, marked) ||
         std::ranges::any_of(wanted.messages, [&](auto const& message) {
           return marked(message) || std::ranges::any_of(message.parts, marked);
         });
}

}  // namespace

chat::result<void> write_request(platform where, chat::request const& wanted, std::string_view model, std::string& out,
                                 std::vector<std::string>& dropped) {
  loss_report lost(dropped);
  auto const more = read_options(wanted, lost);
  auto const& takes = abilities_of(model);
  if (has_cache_marks(wanted)) lost.add("cache_control");

  auto talk = take_turns(wanted, takes);
  if (!talk) return talk.error();
  auto const tools = plan_tools(wanted, takes, lost);
  if (!tools) return tools.error();
  for (auto const& each : tools->instructions) talk->system.push_back(each);
  place_system(*talk, takes);
  settle_signatures(*talk, model, takes, lost);

  out.reserve(out.size() + size_of(wanted));
  json::writer body(out);
  body.open('{');
  write_contents(body, *talk, where);
  write_tools(body, *tools, where, lost);
  if (auto done = write_safety(body, more); !done) return done.error();
  write_generation_config(body, {wanted, more, *tools, takes, where}, lost);
  write_service_tier(body, wanted, where, lost);
  body.close('}');
  return {};
}

namespace {

template <platform Where>
chat::result<void> write_request_for(chat::request const& wanted, std::string_view model, std::string& out,
                                     std::vector<std::string>& dropped) {
  return write_request(Where, wanted, model, out, dropped);
}

constexpr dialect spoken_on(decltype(dialect::write_request) write) {
  return {
      .name = "gemini",
      .path = path,
      .write_request = write,
      .read_reply = read_reply,
      .read_error = read_error,
      .new_events = new_events,
      .stream_type = "text/event-stream",
  };
}

}  // namespace

dialect const generate_content = spoken_on(write_request_for<platform::developer>);
dialect const generate_content_on_vertex = spoken_on(write_request_for<platform::vertex>);

}  // namespace recloser::dialects::gemini
