// `POST /v1/responses`, member by member (providers-openai-shaped.md §4.1).

#include <algorithm>

#include "dialects/json_values.hpp"
#include "dialects/loss.hpp"
#include "dialects/openai_responses/input.hpp"
#include "dialects/openai_responses/models.hpp"
#include "dialects/openai_responses/responses.hpp"
#include "dialects/openai_responses/settings.hpp"
#include "dialects/openai_responses/tools.hpp"

namespace recloser::dialects::openai_responses {

namespace {

// ---- what is lost ----------------------------------------------------------------------------------------------

/// Those that `write_text` decides on are not among them.
void report_unread(chat::request const& wanted, loss_report& lost) {
  for (auto const& member : wanted.unread) {
    if (member.name != "verbosity") lost.add(member.name);
  }
  if (!wanted.stop.empty()) lost.add("stop");
  if (!wanted.top_k.empty()) lost.add("top_k");
}

// ---- hints -----------------------------------------------------------------------------------------------------

chat::raw_json hint(chat::request const& wanted, std::string_view name) {
  auto const found = std::ranges::find(wanted.hints, name, &chat::unread_member::name);
  return found == wanted.hints.end() ? chat::raw_json() : found->value;
}

/// Longer ones are refused (§3.1); who the user is does not change the answer.
constexpr std::size_t longest_identifier = 128;

void write_identity(json::writer& out, chat::request const& wanted) {
  auto const identifier = json::text_of(hint(wanted, "safety_identifier"));
  bool const known = !identifier.empty() && identifier.size() <= longest_identifier;
  if (known) out.key("safety_identifier").text(identifier);
  if (!wanted.user.empty() && wanted.user != identifier) out.key("user").text(wanted.user);
}

void write_hints(json::writer& out, chat::request const& wanted) {
  for (auto const name : {"metadata", "prompt_cache_key", "prompt_cache_options"}) {
    if (auto const value = hint(wanted, name); !value.empty()) out.key(name).raw(value);
  }
  write_identity(out, wanted);
}

/// About the bytes of the request to come, so that the buffer grows once.
std::size_t size_of(chat::request const& wanted) {
  std::size_t total = 1024;
  for (auto const& message : wanted.messages) {
    total += 96;
    for (auto const& part : message.parts)
      total += 128 + part.text.size() + part.data.size() + part.input.size() * 9 / 8;
  }
  for (auto const& tool : wanted.tools) total += 96 + tool.description.size() + tool.parameters.size();
  return total;
}

chat::result<void> write_body(chat::request const& wanted, std::string_view model, std::string& out,
                              loss_report& lost) {
  auto const& takes = abilities_of(model);
  json::writer body(out);
  body.open('{').key("model").string(model);
  if (auto written = write_input(body, wanted, model, takes, lost); !written) return written;
  if (auto written = write_tools(body, wanted, takes, lost); !written) return written;
  write_settings(body, wanted, takes, lost);
  write_text(body, wanted, takes, lost);
  if (wanted.stream) body.key("stream").boolean(true);
  // Nothing is kept at the provider, so the reasoning must come along, encrypted (§4.1).
  body.key("store").boolean(false);
  if (hint(wanted, "store") == "true") lost.add("store");
  if (takes.encrypts) body.key("include").raw(R"(["reasoning.encrypted_content"])");
  if (!wanted.service_tier.empty()) body.key("service_tier").text(wanted.service_tier);
  write_hints(body, wanted);
  body.close('}');
  return {};
}

}  // namespace

chat::result<void> write_request(chat::request const& wanted, std::string_view model, std::string& out,
                                 std::vector<std::string>& dropped) {
  loss_report lost(dropped);
  report_unread(wanted, lost);
  auto const before = out.size();
  out.reserve(before + size_of(wanted));
  auto written = write_body(wanted, model, out, lost);
  if (!written) out.resize(before);
  return written;
}

}  // namespace recloser::dialects::openai_responses
