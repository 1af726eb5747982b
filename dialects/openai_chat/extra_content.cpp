#include "dialects/openai_chat/extra_content.hpp"

namespace recloser::dialects::openai_chat {

namespace {

/// Google's compatible endpoints, of its own API and of Vertex AI.
constexpr std::string_view vendors[] = {"google", "vertex"};

/// Ours: the vendors do not say which model sealed a call.
constexpr std::string_view own = "recloser";

}  // namespace

void write_extra_content(json::writer& out, chat::raw_text signature, chat::raw_text model) {
  out.key("extra_content").open('{').key(vendors[0]).open('{').key("thought_signature").text(signature).close('}');
  if (!model.empty()) out.key(own).open('{').key("model").text(model).close('}');
  out.close('}');
}

void put_extra_content(std::string& out, chat::raw_text signature, chat::raw_text model) {
  out += ',';
  json::writer member(out);
  write_extra_content(member, signature, model);
}

void read_extra_content(chat::raw_json value, chat::part& call) {
  for (auto const vendor : vendors) {
    if (!call.signature.empty()) break;
    call.signature = json::text_of(json::find(json::find(value, vendor), "thought_signature"));
  }
  call.producer = json::text_of(json::find(json::find(value, own), "model"));
}

}  // namespace recloser::dialects::openai_chat
