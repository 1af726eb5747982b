#include "providers/prepare.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "dialects/anthropic/messages.hpp"
#include "dialects/json_values.hpp"
#include "dialects/ollama_chat/api_chat.hpp"
#include "dialects/openai_chat/conversation.hpp"
#include "dialects/openai_chat/tool_reader.hpp"
#include "dialects/openai_responses/needs_responses.hpp"
#include "providers/encoding.hpp"
#include "providers/field_edits.hpp"
#include "providers/message_edits.hpp"
#include "providers/schema_edits.hpp"
#include "providers/system_messages.hpp"
#include "providers/truncate.hpp"

namespace recloser::providers {

namespace {

using json::kind;
using json::kind_of;
using json::member;

// ---- what a target can serve -----------------------------------------------------------------------------------

struct endpoint_row {
  providers::endpoint endpoint;
  std::string_view path;
  bool row::*offered;  ///< null: every provider has it
};

constexpr std::array<endpoint_row, 3> endpoints = {{
    {endpoint::chat, "/chat/completions", nullptr},
    {endpoint::completions, "/completions", &row::completions},
    {endpoint::embeddings, "/embeddings", &row::embeddings},
}};

endpoint_row const& row_of(endpoint which) { return endpoints[static_cast<std::size_t>(which)]; }

bool serves(row const& provider, endpoint_row const& wanted) { return !wanted.offered || provider.*wanted.offered; }

chat::fault not_served(row const& provider, endpoint_row const& wanted) {
  return chat::bad_request(fmt::format("{} has no {}", provider.title, wanted.path), "unsupported_endpoint");
}

// ---- relay -----------------------------------------------------------------------------------------------------

constexpr std::string_view include_usage = R"({"include_usage":true})";

/// The client's own options with the usage asked for.
void ask_in(member const& options, json::object_edits& top, json::edit_list& edits) {
  if (kind_of(options.value) != kind::object) return top.replace(options, include_usage);
  auto const asked = json::find(options.value, "include_usage");
  if (asked == "true") return;
  if (!asked.empty()) return edits.replace(asked, "true");
  std::vector<member> inside;
  json::members_of(options.value, inside);
  json::object_edits inner(edits, options.value, inside);
  inner.add("include_usage", "true");
  inner.finish();
}

/// Usage is always wanted, for the account; the client that did not ask for it does not see it.
void edit_stream_options(client_request const& request, stream_usage how, json::object_edits& top,
                         json::edit_list& edits) {
  auto const options = std::ranges::find(*request.members, "stream_options", &member::key);
  bool const sent = options != request.members->end();
  if (how == stream_usage::never) {
    if (sent) top.drop(*options);
  } else if (how == stream_usage::ask && request.stream) {
    sent ? ask_in(*options, top, edits) : top.add("stream_options", include_usage);
  }
}

void edit_model(member const& model, std::string_view wanted, json::object_edits& top, chat::store& kept) {
  auto quoted = '"' + json::escaped(wanted) + '"';
  if (model.value != quoted) top.replace(model, kept.keep(std::move(quoted)));
}

/// JSON mode and the schema in words, for who knows no JSON schema. They come with a schema or not at all.
void put_schema_in_words(client_request const& request, json::object_edits& top, json::edit_list& edits,
                         std::vector<std::string>& dropped) {
  auto const format = std::ranges::find(*request.members, "response_format", &member::key);
  auto const messages = std::ranges::find(*request.members, "messages", &member::key);
  if (format == request.members->end() || messages == request.members->end()) return;
  if (!json::is_string(json::find(format->value, "type"), "json_schema")) return;
  auto const schema = json::find(json::find(format->value, "json_schema"), "schema");
  bool const has_messages = kind_of(messages->value) == kind::array &&
                            messages->value.find('{') != chat::raw_json::npos;
  if (kind_of(schema) != kind::object || !has_messages) return;
  top.replace(*format, R"({"type":"json_object"})");
  std::string said = R"({"role":"system","content":"Answer with one JSON object that matches this JSON schema: )";
  json::escape(schema, said);
  said += "\"},";
  edits.insert(messages->value.data() + 1, edits.kept().keep(std::move(said)));
  dropped.emplace_back("response_format (instructed)");
}

bool sent(std::vector<member> const& members, std::string_view key) {
  return std::ranges::find(members, key, &member::key) != members.end();
}

/// What the provider calls the model: with deployments, the name of its own.
std::string_view name_at(preparation const& target) {
  if (!target.deployments) return target.model;
  auto const& names = *target.deployments;
  if (auto const own = names.find(std::string(target.model)); own != names.end()) return own->second;
  if (auto const any = names.find("*"); any != names.end()) return any->second;
  return target.model;
}

/// The client's own bytes but for what this target needs otherwise.
prepared relay(client_request const& request, preparation const& target) {
  row const& provider = *target.provider;
  prepared out;
  out.path = row_of(request.endpoint).path;
  if (!provider.relay_prefix.empty()) out.path = out.kept.keep(std::string(provider.relay_prefix) + std::string(out.path));
  auto const called = name_at(target);
  if (provider.deployments && !target.api_version.empty()) {
    out.path = out.kept.keep(
        fmt::format("/deployments/{}{}?api-version={}", percent_encode(called), out.path, target.api_version));
  }
  json::edit_list edits(request.body, out.kept);
  json::object_edits top(edits, request.body, *request.members);
  field_edits fields(target, *request.members, top, out.dropped);
  bool const is_chat = request.endpoint == endpoint::chat;
  for (auto const& each : *request.members) {
    if (each.key == "model") {
      edit_model(each, called, top, out.kept);
    } else if (is_chat && each.key == "messages") {
      edit_messages(each.value, provider.messages, edits, target.recall);
      if (provider.messages.schema_in_words) put_schema_in_words(request, top, edits, out.dropped);
    } else if (is_chat && each.key != "stream_options") {
      fields.apply(each);
      if (provider.schema_subset) edit_schemas(each, edits);
    }
  }
  if (request.endpoint != endpoint::embeddings) edit_stream_options(request, provider.usage, top, edits);
  if (is_chat && target.defaults) {
    for (auto const& [name, value] : *target.defaults) fields.add_default(name, value);
  }
  out.remember = is_chat && provider.messages.reasoning_required && sent(*request.members, "tools");
  top.finish();
  edits.pieces(out.body);
  return out;
}

// ---- translate -------------------------------------------------------------------------------------------------

std::vector<member> with_defaults(std::vector<member> const& members, preparation const& target) {
  auto all = members;
  if (!target.defaults) return all;
  auto const options = std::ranges::find(members, "options", &member::key);  // Ollama's, where it looks for the same
  for (auto const& [name, value] : *target.defaults) {
    bool const inside = options != members.end() && !json::find(options->value, name).empty();
    if (!inside && !sent(members, name) && !sent(members, synonym_of(name))) all.push_back({name, value});
  }
  return all;
}

/// Puts back what a client did not send of its assistant's turns. `kept` owns what the request then views.
void recall_turns(chat::request& wanted, chat::recall const& recall, std::vector<std::shared_ptr<chat::turn_memory const>>& kept) {
  using chat::part_kind;
  for (auto& message : wanted.messages) {
    auto const call = std::ranges::find(message.parts, part_kind::tool_call, &chat::part::kind);
    if (message.from != chat::role::assistant || call == message.parts.end()) continue;
    auto turn = recall(call->id);
    if (!turn) continue;
    for (auto& part : message.parts) {
      if (part.kind != part_kind::tool_call || !part.signature.empty()) continue;
      auto const own = std::ranges::find(turn->calls, part.id, &std::pair<std::string, std::string>::first);
      if (own == turn->calls.end() || own->second.empty()) continue;
      part.signature = own->second;
      part.producer = turn->model;
    }
    bool const has_thinking = std::ranges::any_of(message.parts, [](chat::part const& part) {
      return part.kind == part_kind::thinking || part.kind == part_kind::redacted_thinking;
    });
    std::vector<chat::part> thinking;
    for (auto const& block : turn->blocks) {
      chat::part part;
      part.kind = block.kind;
      part.text = block.text;
      part.signature = block.signature;
      part.data = block.data;
      part.producer = turn->model;
      if (!has_thinking) thinking.push_back(part);
    }
    message.parts.insert(message.parts.begin(), thinking.begin(), thinking.end());
    kept.push_back(std::move(turn));
  }
}

/// This version of Anthropic's API refuses sampling members for every model, whatever their value (providers-native.md §1).
constexpr std::string_view version_without_sampling = "2026-10-21";

void drop_sampling(chat::request& wanted, std::vector<std::string>& dropped) {
  struct {
    std::string_view name;
    chat::raw_json& value;
  } const members[] = {{"temperature", wanted.temperature}, {"top_p", wanted.top_p}, {"top_k", wanted.top_k}};
  for (auto const& each : members) {
    if (!each.value.empty()) dropped.emplace_back(each.name);
    each.value = {};
  }
}

chat::result<prepared> translate(client_request const& request, preparation const& target, model_api const& api) {
  auto wanted = dialects::openai_chat::read_request(with_defaults(*request.members, target));
  if (!wanted) return wanted.error();
  std::vector<std::shared_ptr<chat::turn_memory const>> recalled;
  if (target.recall) recall_turns(*wanted, *target.recall, recalled);
  prepared out;
  out.dialect = api.dialect;
  bool const anthropic = api.dialect == &dialects::anthropic::messages;
  if (anthropic && target.api_version == version_without_sampling) drop_sampling(*wanted, out.dropped);
  out.remember = !wanted->tools.empty();
  auto const called = name_at(target);
  out.path = out.kept.keep(std::string(api.prefix) + api.dialect->path(called, wanted->stream));
  std::string body;
  if (auto written = api.dialect->write_request(*wanted, called, body, out.dropped); !written) return written.error();
  out.body.push_back(out.kept.keep(std::move(body)));
  if (api.dialect == &dialects::ollama_chat::api_chat) {
    out.prompt_bytes = dialects::ollama_chat::prompt_bytes(*wanted);
  }
  return out;
}

}  // namespace

namespace {

/// OpenAI takes some requests on its newer API only. An older Azure path has no such API.
bool wants_responses(client_request const& request, preparation const& target) {
  if (!target.provider->responses || !target.api_version.empty()) return false;
  if (target.api != config::chat_api::automatic) return target.api == config::chat_api::responses;
  return dialects::openai_responses::needs_responses(target.model,
                                                     dialects::openai_responses::wishes_of(*request.members));
}

/// What of an answer's text has to be read, if anything.
std::shared_ptr<text_reading const> reading_of(client_request const& request, preparation const& target) {
  namespace model_text = dialects::model_text;
  reading const when = target.provider->text_calls;
  if (when == reading::never || request.endpoint != endpoint::chat) return nullptr;
  // Most requests have no tools, and finding the family of a model costs more than looking.
  if (when == reading::with_tools && !sent(*request.members, "tools")) return nullptr;
  auto const* const family = model_text::choose_family(target.text_calls, target.model);
  // A model that is not known is relayed as it is, unless the operator says otherwise.
  bool const unknown = family == &model_text::families().back() && target.text_calls == "auto";
  if (!family || unknown) return nullptr;
  auto out = std::make_shared<text_reading>();
  out->family = family;
  chat::request& offered = out->offered;
  bool several = false;
  auto const own = [&](chat::raw_json value) {
    auto const kept = offered.store.keep(std::string(value) + std::string(json::padding, ' '));
    return kept.substr(0, value.size());
  };
  for (auto const& each : *request.members) {
    // What cannot be read is not ours to refuse: the provider will say what is wrong.
    if (each.key == "tools" && kind_of(each.value) == kind::array) {
      if (!dialects::openai_chat::read_tools(own(each.value), offered)) return nullptr;
    } else if (each.key == "tool_choice" && kind_of(each.value) != kind::null) {
      if (!dialects::openai_chat::read_tool_choice(own(each.value), offered)) return nullptr;
    } else if (each.key == "n") {
      several = each.value != "1" && each.value != "null";
    }
  }
  if (offered.tool_choice == chat::tool_choice_kind::none) offered.tools.clear();
  if (!offered.allowed_tools.empty()) {
    std::erase_if(offered.tools, [&](chat::tool const& tool) {
      return std::ranges::find(offered.allowed_tools, tool.name) == offered.allowed_tools.end();
    });
  }
  // Of several choices only the first could be told.
  if (several || (when == reading::with_tools && offered.tools.empty())) return nullptr;
  if (!model_text::needs_reading(*family, !offered.tools.empty())) return nullptr;
  return out;
}

/// What speaks with this model; a null dialect: OpenAI's own, relayed.
model_api api_of(client_request const& request, preparation const& target) {
  row const& provider = *target.provider;
  if (request.endpoint != endpoint::chat) return {};
  for (auto const& other : provider.others) {
    if (in_families(family_part(target.model), other.models)) return other;
  }
  if (wants_responses(request, target)) return {{}, provider.responses};
  return {{}, provider.dialect, provider.prefix};
}

}  // namespace

namespace {

std::size_t size_of(std::vector<std::string_view> const& pieces) {
  std::size_t size = 0;
  for (auto piece : pieces) size += piece.size();
  return size;
}

chat::fault too_large(row const& provider, std::size_t size, bool truncate) {
  auto const advice = truncate ? "that is too much even without the older turns of the conversation"
                               : "with `on_oversize: truncate` recloser leaves out the oldest turns";
  auto refused = chat::bad_request(fmt::format("{} takes requests of at most {} bytes and this one has {}; {}",
                                               provider.title, provider.body_limit, size, advice),
                                   "request_too_large");
  refused.status = 413;
  return refused;
}

std::string whole_of(prepared const& made) {
  std::string whole;
  whole.reserve(size_of(made.body));
  for (auto piece : made.body) whole += piece;
  return whole;
}

void gather_system_messages(prepared& made, client_request const& request, preparation const& target) {
  auto const families = target.provider->messages.one_system;
  bool const relayed_chat = request.endpoint == endpoint::chat && !made.dialect;
  if (families.empty() || !relayed_chat || !in_families(family_part(target.model), families)) return;
  auto const messages = std::ranges::find(*request.members, "messages", &member::key);
  if (messages == request.members->end() || !has_late_system_message(messages->value)) return;
  if (auto gathered = with_one_system_message(whole_of(made))) made.body = {made.kept.keep(std::move(*gathered))};
}

/// Keeps the body within what the provider takes.
chat::result<void> fit(prepared& made, preparation const& target) {
  row const& provider = *target.provider;
  auto const size = size_of(made.body);
  if (provider.body_limit == 0 || size <= provider.body_limit) return {};
  if (!target.truncate) return too_large(provider, size, false);
  auto fitting = leave_out_oldest_turns(whole_of(made), provider.body_limit);
  if (!fitting) return too_large(provider, size, true);
  made.body = {made.kept.keep(std::move(fitting->body))};
  made.dropped.push_back(fmt::format("messages (oldest {} left out)", fitting->left_out));
  return {};
}

}  // namespace

chat::result<prepared> prepare(client_request const& request, preparation const& target) {
  row const& provider = *target.provider;
  auto const& wanted = row_of(request.endpoint);
  if (!serves(provider, wanted)) return not_served(provider, wanted);
  model_api const api = api_of(request, target);
  chat::result<prepared> made = api.dialect ? translate(request, target, api) : relay(request, target);
  if (!made) return made;
  gather_system_messages(*made, request, target);
  if (auto fits = fit(*made, target); !fits) return fits.error();
  made->text = reading_of(request, target);
  return made;
}

}  // namespace recloser::providers
